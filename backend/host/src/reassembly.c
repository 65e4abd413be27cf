/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Theory. A frame that does not fit a datagram is sent as fragments of equal size; only the last one may be shorter. So fragment i
 * lies at i times that size, whatever order they come in; the last one waits at the buffer's end until another fragment has told the size.
 *
 * A fixed pool of slots holds frames that are not complete; when it is full the one that began first is given up (its missing fragments
 * are lost: fragments of a frame leave back to back). All fragments were authenticated before they come here and no counter comes twice, but
 * their contents are still the peer's: sizes are checked against the slot.
 */
#include "reassembly.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS 32

enum slot_state { SLOT_FREE, SLOT_FILLING, SLOT_COMPLETE };

struct slot {
	enum slot_state state;
	unsigned owner;
	uint64_t frame, age;
	uint8_t count, form;
	unsigned got;
	uint64_t have[4]; /* bit: fragment index */
	size_t stride; /* 0: only the last fragment has come so far */
	size_t last_size;
	uint8_t *bytes;
};

struct reassembly {
	struct slot slots[SLOTS];
	unsigned complete;
	size_t size_max;
	uint64_t clock;
	uint64_t incomplete[REASSEMBLY_OWNERS];
	uint8_t *memory;
};

struct reassembly *reassembly_create(size_t size_max)
{
	struct reassembly *reassembly = calloc(1, sizeof(*reassembly));

	if (!reassembly)
		return NULL;
	reassembly->size_max = size_max;
	reassembly->memory = malloc(SLOTS * 2 * size_max);
	if (!reassembly->memory) {
		free(reassembly);
		return NULL;
	}
	for (unsigned i = 0; i < SLOTS; i++)
		reassembly->slots[i].bytes = reassembly->memory + i * 2 * size_max;
	return reassembly;
}

void reassembly_destroy(struct reassembly *reassembly)
{
	if (!reassembly)
		return;
	free(reassembly->memory);
	free(reassembly);
}

static void slot_each(const struct slot *slot, size_t size_max, void (*fn)(void *arg, const struct reassembly_fragment *fragment), void *arg)
{
	for (unsigned i = 0; i < slot->count; i++) {
		bool last = i + 1u == slot->count;
		const struct reassembly_fragment fragment = { .owner = slot->owner, .frame = slot->frame, .index = (uint8_t)i, .count = slot->count, .form = slot->form,
							      .bytes = last ? slot->bytes + size_max : slot->bytes + i * slot->stride,
							      .size = last ? slot->last_size : slot->stride };

		if (slot->have[i / 64] >> (i % 64) & 1)
			fn(arg, &fragment);
	}
}

void reassembly_each(const struct reassembly *reassembly, void (*fn)(void *arg, const struct reassembly_fragment *fragment), void *arg)
{
	for (unsigned i = 0; i < SLOTS; i++)
		if (reassembly->slots[i].state == SLOT_FILLING)
			slot_each(&reassembly->slots[i], reassembly->size_max, fn, arg);
}

bool reassembly_full(const struct reassembly *reassembly)
{
	return reassembly->complete == SLOTS;
}

void reassembly_release(struct reassembly *reassembly)
{
	if (!reassembly->complete)
		return;
	for (unsigned i = 0; i < SLOTS; i++) {
		if (reassembly->slots[i].state == SLOT_COMPLETE)
			reassembly->slots[i].state = SLOT_FREE;
	}
	reassembly->complete = 0;
}

uint64_t reassembly_incomplete(const struct reassembly *reassembly, unsigned owner)
{
	return reassembly->incomplete[owner];
}

static struct slot *slot_find(struct reassembly *reassembly, const struct reassembly_fragment *fragment)
{
	struct slot *best = NULL;

	for (unsigned i = 0; i < SLOTS; i++) {
		struct slot *slot = &reassembly->slots[i];

		if (slot->state == SLOT_FILLING && slot->owner == fragment->owner && slot->frame == fragment->frame)
			return slot;
		if (slot->state == SLOT_FREE && (!best || best->state != SLOT_FREE))
			best = slot;
		if (slot->state == SLOT_FILLING && (!best || (best->state == SLOT_FILLING && slot->age < best->age)))
			best = slot;
	}
	if (!best)
		return NULL;
	if (best->state == SLOT_FILLING)
		reassembly->incomplete[best->owner]++;
	best->state = SLOT_FILLING;
	best->owner = fragment->owner;
	best->frame = fragment->frame;
	best->age = reassembly->clock++;
	best->count = fragment->count;
	best->form = fragment->form;
	best->got = 0;
	memset(best->have, 0, sizeof(best->have));
	best->stride = 0;
	best->last_size = 0;
	return best;
}

static bool slot_add(struct slot *slot, const struct reassembly_fragment *fragment, size_t size_max)
{
	bool last = fragment->index == slot->count - 1;

	if (fragment->count != slot->count || fragment->form != slot->form || fragment->index >= slot->count || !fragment->size ||
	    fragment->size > size_max || (slot->have[fragment->index / 64] >> (fragment->index % 64) & 1))
		return false;
	if (!last) {
		if (slot->stride && fragment->size != slot->stride)
			return false;
		if ((size_t)(slot->count - 1) * fragment->size + slot->last_size > size_max || slot->last_size > fragment->size)
			return false;
		slot->stride = fragment->size;
		memcpy(slot->bytes + fragment->index * slot->stride, fragment->bytes, fragment->size);
	} else {
		if (slot->stride && (fragment->size > slot->stride ||
				     (size_t)(slot->count - 1) * slot->stride + fragment->size > size_max))
			return false;
		slot->last_size = fragment->size;
		memcpy(slot->bytes + size_max, fragment->bytes, fragment->size);
	}
	slot->have[fragment->index / 64] |= 1ULL << (fragment->index % 64);
	slot->got++;
	return true;
}

enum reassembly_result reassembly_add(struct reassembly *reassembly, const struct reassembly_fragment *fragment, uint8_t **bytes,
				      size_t *size)
{
	struct slot *slot;
	size_t before;

	if (fragment->count < 2 || fragment->owner >= REASSEMBLY_OWNERS)
		return REASSEMBLY_MALFORMED;
	slot = slot_find(reassembly, fragment);
	if (!slot)
		return REASSEMBLY_MALFORMED;
	if (!slot_add(slot, fragment, reassembly->size_max)) {
		slot->state = SLOT_FREE;
		return REASSEMBLY_MALFORMED;
	}
	if (slot->got < slot->count)
		return REASSEMBLY_WAITS;
	before = (size_t)(slot->count - 1) * slot->stride;
	memcpy(slot->bytes + before, slot->bytes + reassembly->size_max, slot->last_size);
	*bytes = slot->bytes;
	*size = before + slot->last_size;
	slot->state = SLOT_COMPLETE;
	reassembly->complete++;
	return REASSEMBLY_COMPLETE;
}
