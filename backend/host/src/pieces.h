/* SPDX-License-Identifier: Apache-2.0 */
/* Images in pieces: the list by which they are verified, and how they travel (docs/protocols.md, section 5). */
#ifndef MOBIHOST_PIECES_H
#define MOBIHOST_PIECES_H

#include <stddef.h>
#include <stdint.h>

#include "store.h"

#define PIECE_SIZE 65536
#define PIECE_HASH 32 /* SHA-256 */
#define PIECE_PACKED_MAX (PIECE_SIZE + 1024) /* zstd adds less to what it cannot pack */
#define PIECES_HEAD 24
#define PIECES_IMAGE_MAX ((uint64_t)1 << 36) /* its list takes 32 MiB */

struct pieces {
	uint64_t bytes; /* of the image */
	uint32_t count;
	uint8_t *list;       /* the whole of it: PIECES_HEAD bytes and the hashes */
	char name[65];       /* SHA-256 of that */
	uint8_t zero[PIECE_HASH]; /* hash of a piece of zeros */
};

/* Reads a list from fd. 0, or -1 with *fail. */
int pieces_read(struct pieces *pieces, int fd, struct fail *fail);
void pieces_free(struct pieces *pieces);
const uint8_t *pieces_hash(const struct pieces *pieces, uint32_t piece);
/* Of that piece: all but the last have PIECE_SIZE bytes. */
size_t pieces_length(const struct pieces *pieces, uint32_t piece);

/* Exactly so many bytes: 1; 0: the end of the file before the first one; else negative errno, EPIPE for an end in between. */
int pieces_read_exactly(int fd, void *data, size_t size);

/*
 * Writes the list of an image of this host to `out`, then each piece that is asked for on `in` by a line "want <number>", until that ends. 0, or -1 with *fail.
 */
int pieces_get(const struct store *store, const char *sha256, int in, int out, struct fail *fail);

#endif
