/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Theory. The guest writes its RAM file through mappings of its own. Each pass compares a 128-bit hash of each page with that of what was last sent; 16 bytes a
 * page instead of a second copy of the memory. Reading runs at several gigabytes a second, and a page is sent again only if its contents differ, not when it was
 * merely written. Where guest and host keep a log of what was written (ram_log.c), later passes look at those pages only, else at all that the file holds.
 *
 * The file is read by calls, not mapped: each page of a mapping costs a fault, and its end, which would come while the VM begins to run elsewhere, has to undo
 * all of them.
 *
 * Holes in the file are zero pages that nobody has to read. A page that became a hole differs like any other if something else was sent before.
 *
 * While the guest runs, a page may change between being found and being sent, so what is noted is the hash of the copy that is sent
 * (page_table_note). The target keeps the same table of what it got; at the end both digests must agree. The hash is seeded with a
 * number drawn for this migration: a guest cannot prepare two pages that collide.
 */
#define _GNU_SOURCE
#include "migration_ram.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define SCAN_THREADS_MAX 8

static void hash_page(const struct page_table *table, const uint8_t *bytes, uint8_t hash[MIGRATION_HASH_SIZE])
{
	XXH128_hash_t value = XXH3_128bits_withSeed(bytes, MIGRATION_PAGE, table->seed);

	memcpy(hash, &value, MIGRATION_HASH_SIZE);
}

int page_table_open(struct page_table *table, uint64_t pages, uint64_t seed)
{
	static const uint8_t zeros[MIGRATION_PAGE];

	*table = (struct page_table){ .pages = pages, .seed = seed };
	table->hashes = malloc(pages * MIGRATION_HASH_SIZE);
	if (!table->hashes)
		return -1;
	hash_page(table, zeros, table->zero);
	for (uint64_t i = 0; i < pages; i++)
		page_table_note_zero(table, i);
	return 0;
}

void page_table_close(struct page_table *table)
{
	free(table->hashes);
	*table = (struct page_table){ 0 };
}

bool page_table_note(struct page_table *table, uint64_t page, const uint8_t *bytes)
{
	uint8_t *hash = table->hashes + page * MIGRATION_HASH_SIZE;

	hash_page(table, bytes, hash);
	return !memcmp(hash, table->zero, MIGRATION_HASH_SIZE);
}

bool page_table_renew(struct page_table *table, uint64_t page, const uint8_t *bytes, bool *zero)
{
	uint8_t *noted = table->hashes + page * MIGRATION_HASH_SIZE, hash[MIGRATION_HASH_SIZE];

	hash_page(table, bytes, hash);
	if (!memcmp(noted, hash, MIGRATION_HASH_SIZE))
		return false;
	memcpy(noted, hash, MIGRATION_HASH_SIZE);
	*zero = !memcmp(hash, table->zero, MIGRATION_HASH_SIZE);
	return true;
}

void page_table_note_zero(struct page_table *table, uint64_t page)
{
	memcpy(table->hashes + page * MIGRATION_HASH_SIZE, table->zero, MIGRATION_HASH_SIZE);
}

void page_table_digest(const struct page_table *table, uint8_t digest[MIGRATION_HASH_SIZE])
{
	XXH128_hash_t value = XXH3_128bits_withSeed(table->hashes, table->pages * MIGRATION_HASH_SIZE, table->seed);

	memcpy(digest, &value, MIGRATION_HASH_SIZE);
}

int ram_scan_open(struct ram_scan *scan, int fd, uint64_t size, uint64_t seed, struct fail *fail)
{
	uint64_t pages = size / MIGRATION_PAGE;

	/* A descriptor of our own: the VM may end and close its one while a pass goes on. */
	*scan = (struct ram_scan){ .fd = fcntl(fd, F_DUPFD_CLOEXEC, 0), .size = size };
	if (scan->fd < 0)
		return fail_set(fail, "no-memory", "The VM's memory could not be opened (%s). The VM goes on where it is.", strerror(errno));
	scan->changed = calloc((pages + 63) / 64, 8);
	if (scan->changed && !page_table_open(&scan->sent, pages, seed))
		return 0;
	fail_set(fail, "no-memory", "Copying the VM needs %llu MiB for its tables, which this host does not have. The VM goes on where it is.",
		 (unsigned long long)(pages * MIGRATION_HASH_SIZE >> 20));
	ram_scan_close(scan);
	return -1;
}

void ram_scan_close(struct ram_scan *scan)
{
	if (scan->fd >= 0)
		close(scan->fd);
	page_table_close(&scan->sent);
	free(scan->changed);
	free(scan->extents);
	*scan = (struct ram_scan){ .fd = -1 };
}

int64_t ram_scan_begin(struct ram_scan *scan, struct fail *fail)
{
	size_t room = 0;
	int64_t total = 0;
	off_t at = 0;

	free(scan->extents);
	scan->extents = NULL;
	scan->extent_count = 0;
	while ((uint64_t)at < scan->size) {
		off_t data = lseek(scan->fd, at, SEEK_DATA), hole;

		if (data < 0 && errno == ENXIO)
			break;
		hole = data < 0 ? -1 : lseek(scan->fd, data, SEEK_HOLE);
		if (hole < 0)
			return fail_set(fail, "io", "The VM's memory file could not be read (%s). The VM goes on where it is.", strerror(errno));
		if ((uint64_t)data >= scan->size)
			break;
		if (scan->extent_count == room) {
			struct ram_extent *extents;

			room = room ? 2 * room : 64;
			extents = realloc(scan->extents, room * sizeof(*extents));
			if (!extents)
				return fail_set(fail, "no-memory", "The host has no memory left to copy the VM with. The VM goes on where it is.");
			scan->extents = extents;
		}
		if ((uint64_t)hole > scan->size)
			hole = (off_t)scan->size;
		scan->extents[scan->extent_count++] =
			(struct ram_extent){ (uint64_t)data / MIGRATION_PAGE, ((uint64_t)hole + MIGRATION_PAGE - 1) / MIGRATION_PAGE };
		total += hole - data;
		at = hole;
	}
	return total;
}

static void mark(struct ram_scan *scan, uint64_t page)
{
	scan->changed[page / 64] |= 1ULL << (page % 64);
}

uint64_t ram_next_set(const uint64_t *bitmap, uint64_t page, uint64_t last)
{
	while (page < last) {
		uint64_t word = bitmap[page / 64] >> (page % 64);

		if (word) {
			page += (uint64_t)__builtin_ctzll(word);
			return page < last ? page : last;
		}
		page = (page / 64 + 1) * 64;
	}
	return last;
}

static bool was_sent_as(const struct ram_scan *scan, uint64_t page, const uint8_t hash[MIGRATION_HASH_SIZE])
{
	return !memcmp(scan->sent.hashes + page * MIGRATION_HASH_SIZE, hash, MIGRATION_HASH_SIZE);
}

static uint64_t find_in_hole(struct ram_scan *scan, uint64_t first, uint64_t last)
{
	uint64_t count = 0;

	for (uint64_t page = first; page < last; page++) {
		if (!was_sent_as(scan, page, scan->sent.zero)) {
			mark(scan, page);
			count++;
		}
	}
	return count;
}

int ram_scan_read(const struct ram_scan *scan, uint64_t offset, size_t size, void *bytes, struct fail *fail)
{
	while (size) {
		ssize_t got = pread(scan->fd, bytes, size, (off_t)offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return fail_set(fail, "io", "The VM's memory file could not be read (%s). The VM goes on where it is.", got < 0 ? strerror(errno) : "it is shorter than it was");
		bytes = (uint8_t *)bytes + got;
		offset += (uint64_t)got;
		size -= (size_t)got;
	}
	return 0;
}

/* Pages that cannot be read count as changed: sending them tells why. */
static uint64_t find_in_data(struct ram_scan *scan, uint64_t first, uint64_t last)
{
	uint8_t bytes[RAM_READ_PAGES * MIGRATION_PAGE], hash[MIGRATION_HASH_SIZE];
	uint64_t count = 0;

	for (uint64_t at = first; at < last; at += RAM_READ_PAGES) {
		uint64_t pages = last - at < RAM_READ_PAGES ? last - at : RAM_READ_PAGES;
		struct fail ignored;
		bool read = !ram_scan_read(scan, at * MIGRATION_PAGE, pages * MIGRATION_PAGE, bytes, &ignored);

		for (uint64_t i = 0; i < pages; i++) {
			if (read)
				hash_page(&scan->sent, bytes + i * MIGRATION_PAGE, hash);
			if (!read || !was_sent_as(scan, at + i, hash)) {
				mark(scan, at + i);
				count++;
			}
		}
	}
	return count;
}

/* `first` and `last` are multiples of 64 (or the end), so that threads never share a word of the bitmap. */
static uint64_t find_range(struct ram_scan *scan, uint64_t first, uint64_t last)
{
	uint64_t at = first, count = 0;

	memset(scan->changed + first / 64, 0, ((last + 63) / 64 - first / 64) * 8);
	for (size_t i = 0; i < scan->extent_count && at < last; i++) {
		uint64_t from = scan->extents[i].first, to = scan->extents[i].last;

		if (to <= at)
			continue;
		if (from >= last)
			break;
		from = from < at ? at : from;
		to = to > last ? last : to;
		count += find_in_hole(scan, at, from);
		count += find_in_data(scan, from, to);
		at = to;
	}
	return count + find_in_hole(scan, at, last);
}

struct part {
	struct ram_scan *scan;
	uint64_t first, last, count;
	pthread_t thread;
	bool threaded;
};

static void *find_part(void *arg)
{
	struct part *part = arg;

	part->count = find_range(part->scan, part->first, part->last);
	return NULL;
}

/* Parts with equal amounts of data: holes cost almost nothing. */
static uint64_t page_after_data(const struct ram_scan *scan, uint64_t pages)
{
	for (size_t i = 0; i < scan->extent_count; i++) {
		uint64_t size = scan->extents[i].last - scan->extents[i].first;

		if (pages < size)
			return (scan->extents[i].first + pages) / 64 * 64;
		pages -= size;
	}
	return scan->sent.pages;
}

uint64_t ram_scan_find(struct ram_scan *scan, uint64_t first, uint64_t last, unsigned threads)
{
	struct part parts[SCAN_THREADS_MAX];
	uint64_t data = 0, count = 0, at = first;

	if (threads <= 1)
		return find_range(scan, first, last);
	if (threads > SCAN_THREADS_MAX)
		threads = SCAN_THREADS_MAX;
	for (size_t i = 0; i < scan->extent_count; i++)
		data += scan->extents[i].last - scan->extents[i].first;
	for (unsigned i = 0; i < threads; i++) {
		uint64_t end = i + 1 < threads ? page_after_data(scan, data * (i + 1) / threads) : last;

		end = end < at ? at : end > last ? last : end;
		parts[i] = (struct part){ .scan = scan, .first = at, .last = end };
		at = end;
		/* The last part is this thread's own; one that cannot be started is done here, too. */
		parts[i].threaded = i + 1 < threads && !pthread_create(&parts[i].thread, NULL, find_part, &parts[i]);
		if (!parts[i].threaded)
			find_part(&parts[i]);
	}
	for (unsigned i = 0; i < threads; i++) {
		if (parts[i].threaded)
			pthread_join(parts[i].thread, NULL);
		count += parts[i].count;
	}
	return count;
}

uint64_t ram_scan_next(const struct ram_scan *scan, uint64_t page, uint64_t last)
{
	return ram_next_set(scan->changed, page, last);
}
