/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Theory. One direction of a link is a serialiser followed by a wire.
 *
 * The serialiser sends `rate` bits a second. It needs no queue of its own: `busy` is the time at which it will have sent
 * everything that was accepted, so a frame departs at max(now, busy) + size / rate, and the bytes that wait are
 * (busy - now) * rate. A frame that would make them more than the queue's limit is dropped (tail drop). That is a token bucket
 * of one frame's depth, exact in the long run because nothing is rounded from frame to frame.
 *
 * The wire then loses (a two-state Gilbert model when losses come in bursts: every frame of the bad state is lost; with mean loss p and
 * mean burst B the chance to leave the bad state is 1/B and that to enter it p / (B (1 - p))), duplicates, flips one
 * bit, and delays by `delay` plus a random deviation. As with netem, deviations may reorder frames. Pareto deviations have shape 3, shifted
 * and scaled to mean 0 and standard deviation 1: rare, but long. A reordered frame skips the delay and so overtakes.
 *
 * All frames on the wire lie in one binary heap by time, ties in order of arrival. Their bytes lie in cells of one size taken from slabs,
 * so the path of a packet allocates nothing once a rate is reached; only frames larger than a cell (jumbo MTU) are allocated singly.
 * Sizes are those of the Ethernet frames without preamble and check sequence, as elsewhere in Linux.
 */
#define _GNU_SOURCE
#include "impairment.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define CELL_SIZE 2048
#define SLAB_CELLS 64
#define SLABS_KEPT 4
#define QUEUE_MIN (64u << 10)
#define QUEUE_MS 250

struct cell {
	struct cell *next; /* in the free list */
	uint32_t size;
	uint32_t footprint; /* bytes of memory: CELL_SIZE, or more when it was allocated singly */
	uint8_t bytes[]; /* headroom, frame, headroom */
};

#define CELL_FRAME_MAX (CELL_SIZE - sizeof(struct cell) - 2 * IMPAIRMENT_HEADROOM)

struct slab {
	struct slab *next;
	_Alignas(16) uint8_t cells[SLAB_CELLS][CELL_SIZE];
};

struct entry {
	uint64_t due; /* nanoseconds */
	uint64_t order;
	struct cell *cell;
};

struct impairment {
	struct impairment_config config;
	bool active;
	bool bad; /* state of the Gilbert model */
	uint64_t busy; /* nanoseconds; the serialiser is done with what it has */
	uint64_t random[4];
	struct entry *heap;
	size_t count, room;
	uint64_t order;
	size_t held; /* bytes of memory in use by frames */
	struct slab *slabs;
	unsigned slab_count, cells_used;
	struct cell *free_cells;
	struct cell *reserved, *taken;
	struct impairment_drops drops;
};

/* xoshiro256**, Blackman and Vigna. */
static uint64_t random_next(struct impairment *impairment)
{
	uint64_t *s = impairment->random, product = s[1] * 5, result = (product << 7 | product >> 57) * 9, shifted = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= shifted;
	s[3] = s[3] << 45 | s[3] >> 19;
	return result;
}

/* In [0, 1). */
static double random_unit(struct impairment *impairment)
{
	return (double)(random_next(impairment) >> 11) * 0x1p-53;
}

static bool random_chance(struct impairment *impairment, double probability)
{
	return probability > 0 && random_unit(impairment) < probability;
}

static double random_deviation(struct impairment *impairment)
{
	double u = 1.0 - random_unit(impairment); /* (0, 1] */

	switch (impairment->config.distribution) {
	case IMPAIRMENT_UNIFORM:
		return 2 * u - 1;
	case IMPAIRMENT_PARETO:
		return (1 / cbrt(u) - 1.5) / sqrt(0.75);
	case IMPAIRMENT_NORMAL:
		break;
	}
	return sqrt(-2 * log(u)) * cos(6.283185307179586 * random_unit(impairment));
}

struct impairment *impairment_create(void)
{
	struct impairment *impairment = calloc(1, sizeof(*impairment));

	if (!impairment)
		return NULL;
	if (getrandom(impairment->random, sizeof(impairment->random), 0) != (ssize_t)sizeof(impairment->random)) {
		free(impairment);
		return NULL;
	}
	impairment->random[0] |= 1; /* never all zero */
	return impairment;
}

static struct cell *cell_get(struct impairment *impairment, size_t size)
{
	struct cell *cell;

	if (size > CELL_FRAME_MAX) {
		size_t footprint = sizeof(*cell) + size + 2 * IMPAIRMENT_HEADROOM;

		cell = malloc(footprint);
		if (!cell)
			return NULL;
		cell->footprint = (uint32_t)footprint;
		cell->size = (uint32_t)size;
		return cell;
	}
	if (!impairment->free_cells) {
		struct slab *slab = malloc(sizeof(*slab));

		if (!slab)
			return NULL;
		slab->next = impairment->slabs;
		impairment->slabs = slab;
		impairment->slab_count++;
		for (unsigned i = 0; i < SLAB_CELLS; i++) {
			cell = (struct cell *)(void *)slab->cells[i];
			cell->next = impairment->free_cells;
			impairment->free_cells = cell;
		}
	}
	cell = impairment->free_cells;
	impairment->free_cells = cell->next;
	impairment->cells_used++;
	cell->footprint = CELL_SIZE;
	cell->size = (uint32_t)size;
	return cell;
}

static void cell_put(struct impairment *impairment, struct cell *cell)
{
	if (!cell)
		return;
	if (cell->footprint != CELL_SIZE) {
		free(cell);
		return;
	}
	cell->next = impairment->free_cells;
	impairment->free_cells = cell;
	impairment->cells_used--;
}

static void slabs_free(struct impairment *impairment)
{
	while (impairment->slabs) {
		struct slab *slab = impairment->slabs;

		impairment->slabs = slab->next;
		free(slab);
	}
	impairment->slab_count = 0;
	impairment->free_cells = NULL;
}

void impairment_clear(struct impairment *impairment)
{
	for (size_t i = 0; i < impairment->count; i++)
		cell_put(impairment, impairment->heap[i].cell);
	cell_put(impairment, impairment->reserved);
	cell_put(impairment, impairment->taken);
	impairment->reserved = impairment->taken = NULL;
	impairment->count = 0;
	impairment->held = 0;
	impairment->busy = 0;
}

void impairment_destroy(struct impairment *impairment)
{
	if (!impairment)
		return;
	impairment_clear(impairment);
	slabs_free(impairment);
	free(impairment->heap);
	free(impairment);
}

void impairment_trim(struct impairment *impairment)
{
	if (!impairment->cells_used && impairment->slab_count > SLABS_KEPT)
		slabs_free(impairment);
}

void impairment_configure(struct impairment *impairment, const struct impairment_config *config)
{
	impairment->config = *config;
	impairment->active = config->delay_us || config->jitter_us || config->loss > 0 || config->duplicate > 0 ||
			     config->corrupt > 0 || config->rate_bps;
	if (!config->rate_bps)
		impairment->busy = 0;
}

bool impairment_active(const struct impairment *impairment)
{
	return impairment->active;
}

static bool entry_before(const struct entry *a, const struct entry *b)
{
	return a->due != b->due ? a->due < b->due : a->order < b->order;
}

static bool heap_push(struct impairment *impairment, uint64_t due, struct cell *cell)
{
	struct entry entry = { .due = due, .order = impairment->order++, .cell = cell };
	size_t at = impairment->count;

	if (impairment->count == impairment->room) {
		size_t room = impairment->room ? 2 * impairment->room : 64;
		struct entry *heap = realloc(impairment->heap, room * sizeof(*heap));

		if (!heap)
			return false;
		impairment->heap = heap;
		impairment->room = room;
	}
	impairment->count++;
	while (at && entry_before(&entry, &impairment->heap[(at - 1) / 2])) {
		impairment->heap[at] = impairment->heap[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	impairment->heap[at] = entry;
	impairment->held += cell->footprint;
	return true;
}

static struct cell *heap_pop(struct impairment *impairment)
{
	struct cell *cell = impairment->heap[0].cell;
	struct entry last = impairment->heap[--impairment->count];
	size_t at = 0, child;

	while ((child = 2 * at + 1) < impairment->count) {
		if (child + 1 < impairment->count && entry_before(&impairment->heap[child + 1], &impairment->heap[child]))
			child++;
		if (!entry_before(&impairment->heap[child], &last))
			break;
		impairment->heap[at] = impairment->heap[child];
		at = child;
	}
	if (impairment->count)
		impairment->heap[at] = last;
	impairment->held -= cell->footprint;
	return cell;
}

uint8_t *impairment_reserve(struct impairment *impairment, size_t size)
{
	if (impairment->reserved) {
		cell_put(impairment, impairment->reserved);
		impairment->reserved = NULL;
	}
	if (impairment->held + size + CELL_SIZE <= IMPAIRMENT_BYTES_MAX)
		impairment->reserved = cell_get(impairment, size);
	if (!impairment->reserved) {
		impairment->drops.queue++;
		return NULL;
	}
	return impairment->reserved->bytes + IMPAIRMENT_HEADROOM;
}

/* When the frame has left the serialiser, in nanoseconds; IMPAIRMENT_NEVER: its queue is full. */
static uint64_t serialise(struct impairment *impairment, uint64_t now, size_t size)
{
	uint64_t rate = impairment->config.rate_bps, limit = impairment->config.queue_bytes;
	double start = impairment->busy > now ? (double)(impairment->busy - now) : 0;

	if (!rate)
		return now;
	if (!limit) {
		limit = rate / 8 * QUEUE_MS / 1000;
		if (limit < QUEUE_MIN)
			limit = QUEUE_MIN;
	}
	/* One frame is always taken, however small the limit: it is the one being sent. */
	if (start > 0 && start * (double)rate / 8e9 + (double)size > (double)limit)
		return IMPAIRMENT_NEVER;
	impairment->busy = now + (uint64_t)(start + (double)size * 8e9 / (double)rate);
	return impairment->busy;
}

static bool wire_loses(struct impairment *impairment)
{
	double loss = impairment->config.loss, burst = impairment->config.loss_burst;

	if (loss <= 0)
		return false;
	if (burst <= 1 || loss >= 1)
		return random_chance(impairment, loss);
	if (impairment->bad)
		impairment->bad = !random_chance(impairment, 1 / burst);
	else
		impairment->bad = random_chance(impairment, loss / (burst * (1 - loss)));
	return impairment->bad;
}

static uint64_t wire_delay(struct impairment *impairment)
{
	double delay = (double)impairment->config.delay_us;

	if (random_chance(impairment, impairment->config.reorder))
		return 0;
	if (impairment->config.jitter_us)
		delay += (double)impairment->config.jitter_us * random_deviation(impairment);
	return delay > 0 ? (uint64_t)(delay * 1000) : 0;
}

static void put_on_wire(struct impairment *impairment, struct cell *cell, uint64_t departure)
{
	if (random_chance(impairment, impairment->config.corrupt)) {
		uint64_t bit = random_next(impairment) % ((uint64_t)cell->size * 8);

		cell->bytes[IMPAIRMENT_HEADROOM + bit / 8] ^= (uint8_t)(1u << (bit % 8));
	}
	if (!heap_push(impairment, departure + wire_delay(impairment), cell)) {
		impairment->drops.queue++;
		cell_put(impairment, cell);
	}
}

void impairment_commit(struct impairment *impairment, uint64_t now)
{
	struct cell *cell = impairment->reserved, *copy;
	uint64_t departure = serialise(impairment, now * 1000, cell->size);

	impairment->reserved = NULL;
	if (departure == IMPAIRMENT_NEVER) {
		impairment->drops.queue++;
		cell_put(impairment, cell);
		return;
	}
	if (wire_loses(impairment)) {
		impairment->drops.loss++;
		cell_put(impairment, cell);
		return;
	}
	if (random_chance(impairment, impairment->config.duplicate)) {
		copy = cell_get(impairment, cell->size);
		if (copy) {
			memcpy(copy->bytes + IMPAIRMENT_HEADROOM, cell->bytes + IMPAIRMENT_HEADROOM, cell->size);
			put_on_wire(impairment, copy, departure);
		} else {
			impairment->drops.queue++;
		}
	}
	put_on_wire(impairment, cell, departure);
}

void impairment_commit_at(struct impairment *impairment, uint64_t due)
{
	struct cell *cell = impairment->reserved;

	impairment->reserved = NULL;
	if (!heap_push(impairment, due * 1000, cell)) {
		impairment->drops.queue++;
		cell_put(impairment, cell);
	}
}

uint64_t impairment_due(const struct impairment *impairment)
{
	return impairment->count ? (impairment->heap[0].due + 999) / 1000 : IMPAIRMENT_NEVER;
}

uint8_t *impairment_take(struct impairment *impairment, uint64_t now, size_t *size)
{
	cell_put(impairment, impairment->taken);
	impairment->taken = NULL;
	if (impairment_due(impairment) > now)
		return NULL;
	impairment->taken = heap_pop(impairment);
	*size = impairment->taken->size;
	return impairment->taken->bytes + IMPAIRMENT_HEADROOM;
}

static int entry_compare(const void *a, const void *b)
{
	return entry_before(a, b) ? -1 : 1;
}

/* A sorted array is a heap, too. */
size_t impairment_list(struct impairment *impairment)
{
	if (impairment->count)
		qsort(impairment->heap, impairment->count, sizeof(*impairment->heap), entry_compare);
	return impairment->count;
}

const uint8_t *impairment_peek(const struct impairment *impairment, size_t index, size_t *size, uint64_t *due)
{
	const struct entry *entry = &impairment->heap[index];

	*size = entry->cell->size;
	*due = entry->due / 1000;
	return entry->cell->bytes + IMPAIRMENT_HEADROOM;
}

struct impairment_drops impairment_drops(const struct impairment *impairment)
{
	return impairment->drops;
}
