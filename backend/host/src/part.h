/* SPDX-License-Identifier: Apache-2.0 */
/* An image that is still on its way: what is there of it, and who waits for what. Theory in part.c. */
#ifndef MOBIHOST_PART_H
#define MOBIHOST_PART_H

#include <stdbool.h>
#include <stdint.h>

#include "../../kernel/um_disk.h"
#include "store.h"

#define PART_NAME_SIZE 136 /* <sha256>.<pieces> with 64 digits each, and a zero byte */

/* The map's file begins with it; it takes UM_DISK_MAP_HEADER bytes. */
struct part_map {
	struct um_disk_there there; /* what guest kernels know of it */
	uint64_t wanted_offset;     /* of another such bitmap: a guest waits for the block */
	uint32_t asked;             /* changes after bits of that were set: a futex */
	uint32_t reserved;
	uint64_t bytes;             /* of the image */
	uint64_t inode;             /* of the file that the bits are about */
	char boot[40];              /* boot of the host in which they hold */
};

/* As whoever fetches the image has it. */
struct part {
	char name[PART_NAME_SIZE];
	int images;  /* the folder */
	int fd;      /* the image's file */
	int map_fd;  /* held (flock) by the one who fetches */
	uint64_t bytes;
	struct part_map *map;
	uint64_t map_size;
	uint64_t *there, *wanted; /* bitmaps of blocks; access words atomically */
};

/*
 * For reading. `pieces` names the list of pieces that the reader trusts. The image's descriptor, and *there_fd that of the map; -1 with errno: ENOENT when no part
 * of it may be used in this boot of the host.
 */
int part_open(const struct store *store, const char *sha256, const char *pieces, int *there_fd);
/* Bytes of the image, those of them that miss, and whether a guest waits for one; of a map that part_open gave. 0 or -1. */
int part_count(int there_fd, uint64_t *bytes, uint64_t *missing, bool *wanted);
/* Whether somebody fetches it. */
bool part_fetched(int there_fd);

/* A guest waits for these blocks. */
void part_wish(int there_fd, uint64_t first, uint64_t count);

/*
 * To fetch: makes what is not there yet, and holds the part until part_close. 1, or 0 when another one holds it, or -1 with *fail. *valid: the bits hold in this boot; if
 * not they are all clear, and part_begin says when they do.
 */
int part_hold(struct part *part, const struct store *store, const char *sha256, const char *pieces, uint64_t bytes, bool *valid, struct fail *fail);
void part_begin(struct part *part);
/* Blocks from `first` on are in the file: says so to all guests. */
void part_came(struct part *part, uint64_t first, uint64_t count);
bool part_has(const struct part *part, uint64_t block);
bool part_wants(const struct part *part, uint64_t block);
/* Waits until blocks were asked for after *asked was looked at, a second at most. */
void part_wait_asked(const struct part *part, uint32_t asked);
uint32_t part_asked(const struct part *part);
/* Ends somebody's part_wait_asked. */
void part_wake_asked(struct part *part);
/* The file is complete and verified: it becomes the image. 0 or negative errno. */
int part_install(struct part *part, const char *sha256);
/* It holds what nobody may use. */
void part_remove(struct part *part);
void part_close(struct part *part);

/* The whole image has come another way: gives it to the guests that wait for parts of it, unless these are being fetched. */
void part_fill_all(const struct store *store, const char *sha256);
/* The same for one part that the caller holds. 0, or negative errno; then some of it may still miss. */
int part_fill(struct part *part, const char *sha256);

#endif
