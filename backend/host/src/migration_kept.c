/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Theory. A cache of 16384 pages (64 MiB), eight places to choose from for each page. A page that is sent again takes its old place. Another one takes a free place, else that
 * of the page which was not sent for the longest time; but never of one that was sent in the same pass, so that a pass over more memory than fits keeps some pages
 * instead of pushing all of them out before they come again. The memory is the kernel's to give when a place is first used.
 */
#define _GNU_SOURCE
#include "migration_kept.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "migration_ram.h"

#define PLACES 16384
#define CHOICE 8
#define BYTES ((size_t)PLACES * MIGRATION_PAGE)

struct place {
	uint64_t key; /* 0: free */
	uint32_t pass;
};

struct kept_pages {
	struct place places[PLACES];
	uint8_t *bytes;
	uint32_t pass;
};

struct kept_pages *kept_create(void)
{
	struct kept_pages *kept = calloc(1, sizeof(*kept));

	if (!kept)
		return NULL;
	kept->bytes = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (kept->bytes == MAP_FAILED) {
		free(kept);
		return NULL;
	}
	kept->pass = 1;
	return kept;
}

void kept_destroy(struct kept_pages *kept)
{
	if (!kept)
		return;
	munmap(kept->bytes, BYTES);
	free(kept);
}

static uint64_t key_of(uint8_t region, uint64_t page)
{
	return (page << 8 | region) + 1;
}

/* The first of the places that the page may have. */
static size_t choice_of(uint64_t key)
{
	return (size_t)(key * 0x9e3779b97f4a7c15 >> 32) % (PLACES / CHOICE) * CHOICE;
}

static size_t place_of(const struct kept_pages *kept, uint64_t key)
{
	size_t first = choice_of(key);

	for (size_t i = first; i < first + CHOICE; i++) {
		if (kept->places[i].key == key)
			return i;
	}
	return PLACES;
}

const uint8_t *kept_find(const struct kept_pages *kept, uint8_t region, uint64_t page)
{
	size_t place = place_of(kept, key_of(region, page));

	return place < PLACES ? kept->bytes + place * MIGRATION_PAGE : NULL;
}

void kept_put(struct kept_pages *kept, uint8_t region, uint64_t page, const uint8_t *bytes)
{
	uint64_t key = key_of(region, page);
	size_t first = choice_of(key), place = place_of(kept, key);

	if (place == PLACES) {
		place = first;
		for (size_t i = first + 1; i < first + CHOICE; i++) {
			if (kept->places[i].pass < kept->places[place].pass)
				place = i;
		}
		if (kept->places[place].pass == kept->pass)
			return;
	}
	kept->places[place] = (struct place){ .key = key, .pass = kept->pass };
	memcpy(kept->bytes + place * MIGRATION_PAGE, bytes, MIGRATION_PAGE);
}

void kept_forget(struct kept_pages *kept, uint8_t region, uint64_t page)
{
	size_t place = place_of(kept, key_of(region, page));

	if (place < PLACES)
		kept->places[place] = (struct place){ 0 };
}

void kept_next_pass(struct kept_pages *kept)
{
	kept->pass++;
}
