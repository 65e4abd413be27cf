/* SPDX-License-Identifier: Apache-2.0 */
/* Puts the fragments of frames together again. Theory in reassembly.c. */
#ifndef MOBIHOST_REASSEMBLY_H
#define MOBIHOST_REASSEMBLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reassembly;

/* Of frames of at most `size_max` bytes. NULL: out of memory. */
struct reassembly *reassembly_create(size_t size_max);
void reassembly_destroy(struct reassembly *reassembly);

struct reassembly_fragment {
	unsigned owner; /* fragments of different owners never mix */
	uint64_t frame; /* the counter of the frame's first fragment */
	uint8_t index, count;
	uint8_t form; /* as in the datagram: the same in all fragments of a frame */
	const uint8_t *bytes;
	size_t size;
};

enum reassembly_result { REASSEMBLY_WAITS, REASSEMBLY_COMPLETE, REASSEMBLY_MALFORMED };

/* COMPLETE: the whole frame lies in `bytes`, until reassembly_release. */
enum reassembly_result reassembly_add(struct reassembly *reassembly, const struct reassembly_fragment *fragment, uint8_t **bytes,
				      size_t *size);
/* Every fragment of the frames that are not complete, for taking them elsewhere. */
void reassembly_each(const struct reassembly *reassembly, void (*fn)(void *arg, const struct reassembly_fragment *fragment), void *arg);
/* Must be called before reassembly_add when all room is taken by complete frames. */
bool reassembly_full(const struct reassembly *reassembly);
/* The complete frames are not needed any more. */
void reassembly_release(struct reassembly *reassembly);

/* Frames of that owner given up because fragments never came. */
uint64_t reassembly_incomplete(const struct reassembly *reassembly, unsigned owner);

#define REASSEMBLY_OWNERS 64

#endif
