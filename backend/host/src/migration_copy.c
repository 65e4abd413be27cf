/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Theory. The first pass sends every page that is not zero and every block that is in an overlay. Each later one sends what differs by then: pages by
 * their hash (migration_ram.c), blocks by the map's `dirty` bits, which are fetched and cleared before the blocks are read, so that a write that comes
 * in between sets its bit again and is found next time.
 *
 * Where a log can be kept of what changes (ram_log.c), pages are compared only if they are in it. It is kept from before the first pass on, so it has all that may differ
 * from what that one read. A log that fails on the way is given up: then all pages are compared, which needs nothing of it.
 *
 * The first pass goes through RAM in small steps, reading and sending in turn. Later ones without a log read everything first: there is little to send, it
 * shall be as fresh as can be, and the progress then knows what remains. The last pass runs on the frozen guest and is the one that counts as
 * downtime: without a log several threads read, each its part.
 */
#define _GNU_SOURCE
#include "migration_copy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "clock.h"

#define PROGRESS_PAGES 1024

int copy_open(struct copy *copy, const struct copy_sink *sink, int ram_fd, uint64_t ram_size, uint64_t seed, struct disk *const disks[], unsigned disk_count,
	      struct fail *fail)
{
	copy->sink = *sink;
	copy->disk_count = disk_count;
	for (unsigned i = 0; i < disk_count; i++) {
		copy->disks[i].disk = disks[i];
		copy->disks[i].todo = calloc(1, UM_DISK_BITMAP_BYTES(disks[i]->blocks));
		if (!copy->disks[i].todo)
			return fail_set(fail, "no-memory", "The host has no memory left to copy the VM with. The VM goes on where it is.");
	}
	return ram_scan_open(&copy->ram, ram_fd, ram_size, seed, fail);
}

bool copy_keep_log(struct copy *copy, struct vm *vm, struct crossing *crossing, struct fail *why)
{
	uint64_t pages = copy->ram.sent.pages;

	copy->logged = calloc((pages + 63) / 64, 8);
	if (copy->logged && ram_log_begin(&copy->log, vm, crossing, &copy->ram, why))
		return true;
	if (!copy->logged)
		fail_set(why, "no-memory", "The host has no memory left for a log of changing pages.");
	free(copy->logged);
	copy->logged = NULL;
	return false;
}

void copy_close(struct copy *copy, bool guest_stays)
{
	ram_log_end(&copy->log, guest_stays);
	free(copy->logged);
	copy->logged = NULL;
	ram_scan_close(&copy->ram);
	for (unsigned i = 0; i < copy->disk_count; i++)
		free(copy->disks[i].todo);
	copy->disk_count = 0;
}

static void count_sent(struct copy *copy)
{
	copy->sent += MIGRATION_PAGE;
	if (copy->remaining >= MIGRATION_PAGE)
		copy->remaining -= MIGRATION_PAGE;
	if (copy->sent / MIGRATION_PAGE % PROGRESS_PAGES == 0)
		copy->progress(copy->arg);
}

static bool is_zero(const uint8_t *bytes)
{
	return !bytes[0] && !memcmp(bytes, bytes + 1, MIGRATION_PAGE - 1);
}

/* What `room` holds now goes out as the page. */
static int send_room(struct copy *copy, uint64_t page, const uint8_t *room, struct fail *fail)
{
	if (!page_table_note(&copy->ram.sent, page, room))
		copy->sink.keep(copy->sink.arg);
	else if (copy->sink.zero(copy->sink.arg, PAGES_RAM, page, fail) < 0)
		return -1;
	count_sent(copy);
	return 0;
}

static int send_changed(struct copy *copy, struct fail *fail)
{
	uint64_t last = copy->ram.sent.pages;

	for (uint64_t page = ram_scan_next(&copy->ram, 0, last); page < last; page = ram_scan_next(&copy->ram, page + 1, last)) {
		uint8_t *room = copy->sink.room(copy->sink.arg, PAGES_RAM, page, fail);

		if (!room || ram_scan_read(&copy->ram, page * MIGRATION_PAGE, MIGRATION_PAGE, room, fail) < 0 || send_room(copy, page, room, fail) < 0)
			return -1;
	}
	return 0;
}

/* All of [first, last) but the pages that are zero, as the target's are. */
static int send_extent(struct copy *copy, uint64_t first, uint64_t last, struct fail *fail)
{
	uint8_t bytes[RAM_READ_PAGES * MIGRATION_PAGE];

	for (uint64_t at = first; at < last; at += RAM_READ_PAGES) {
		uint64_t pages = last - at < RAM_READ_PAGES ? last - at : RAM_READ_PAGES, zeros = 0;
		double start = clock_seconds();

		if (ram_scan_read(&copy->ram, at * MIGRATION_PAGE, pages * MIGRATION_PAGE, bytes, fail) < 0)
			return -1;
		copy->scan_seconds += clock_seconds() - start;
		for (uint64_t i = 0; i < pages; i++) {
			const uint8_t *page = bytes + i * MIGRATION_PAGE;
			uint8_t *room;

			if (is_zero(page)) {
				zeros++;
				continue;
			}
			room = copy->sink.room(copy->sink.arg, PAGES_RAM, at + i, fail);
			if (!room)
				return -1;
			memcpy(room, page, MIGRATION_PAGE);
			if (send_room(copy, at + i, room, fail) < 0)
				return -1;
		}
		copy->remaining -= copy->remaining < zeros * MIGRATION_PAGE ? copy->remaining : zeros * MIGRATION_PAGE;
	}
	return 0;
}

static int send_block(struct copy *copy, unsigned index, uint64_t block, struct fail *fail)
{
	const struct disk *disk = copy->disks[index].disk;
	uint8_t region = (uint8_t)(PAGES_DISK + index), *room = copy->sink.room(copy->sink.arg, region, block, fail);
	ssize_t got;

	if (!room)
		return -1;
	got = pread(disk->overlay_fd, room, UM_DISK_BLOCK_SIZE, (off_t)(block * UM_DISK_BLOCK_SIZE));
	if (got != UM_DISK_BLOCK_SIZE)
		return fail_set(fail, "io", "The VM's disk %u could not be read (%s). The VM goes on where it is.", index,
				got < 0 ? strerror(errno) : "it is shorter than its map says");
	if (is_zero(room)) {
		if (copy->sink.zero(copy->sink.arg, region, block, fail) < 0)
			return -1;
	} else {
		copy->sink.keep(copy->sink.arg);
	}
	count_sent(copy);
	return 0;
}

static int send_disk(struct copy *copy, unsigned index, struct fail *fail)
{
	const struct copy_disk *disk = &copy->disks[index];
	uint64_t words = UM_DISK_BITMAP_BYTES(disk->disk->blocks) / 8;

	for (uint64_t i = 0; i < words; i++) {
		for (uint64_t word = disk->todo[i]; word; word &= word - 1) {
			uint64_t block = i * 64 + (uint64_t)__builtin_ctzll(word);

			if (block < disk->disk->blocks && send_block(copy, index, block, fail) < 0)
				return -1;
		}
	}
	return 0;
}

static void find_blocks(struct copy_disk *disk, bool first)
{
	uint64_t words = UM_DISK_BITMAP_BYTES(disk->disk->blocks) / 8;

	disk->count = 0;
	for (uint64_t i = 0; i < words; i++) {
		uint64_t dirty = __atomic_exchange_n(&disk->disk->dirty[i], 0, __ATOMIC_ACQ_REL);

		disk->todo[i] = first ? __atomic_load_n(&disk->disk->present[i], __ATOMIC_ACQUIRE) : dirty;
		disk->count += (uint64_t)__builtin_popcountll(disk->todo[i]);
	}
}

static int send_all_disks(struct copy *copy, struct fail *fail)
{
	for (unsigned i = 0; i < copy->disk_count; i++) {
		if (send_disk(copy, i, fail) < 0)
			return -1;
	}
	return 0;
}

static int first_pass(struct copy *copy, uint64_t data, struct fail *fail)
{
	copy->remaining += data;
	copy->total = copy->remaining;
	if (send_all_disks(copy, fail) < 0)
		return -1;
	for (size_t i = 0; i < copy->ram.extent_count; i++)
		if (send_extent(copy, copy->ram.extents[i].first, copy->ram.extents[i].last, fail) < 0)
			return -1;
	copy->remaining = 0;
	return 0;
}

/* Finds what has changed; -1 with *fail. */
static int64_t find_in_all(struct copy *copy, unsigned threads, struct fail *fail)
{
	if (ram_scan_begin(&copy->ram, fail) < 0)
		return -1;
	return (int64_t)ram_scan_find(&copy->ram, 0, copy->ram.sent.pages, threads);
}

static int check_log(struct copy *copy, unsigned threads, struct fail *fail)
{
	if (find_in_all(copy, threads, fail) < 0)
		return -1;
	for (uint64_t page = ram_scan_next(&copy->ram, 0, copy->ram.sent.pages); page < copy->ram.sent.pages;
	     page = ram_scan_next(&copy->ram, page + 1, copy->ram.sent.pages)) {
		if (!(copy->logged[page / 64] >> (page % 64) & 1))
			return fail_set(fail, "log-missed", "Page %llu of the VM's memory had changed and was not in the log. The VM goes on where it was; please report this.",
					(unsigned long long)page);
	}
	return 0;
}

/* Fills copy->logged; false: from now on there is no log. */
static bool read_log(struct copy *copy, enum copy_kind kind)
{
	struct fail why;

	if (!copy->logged)
		return false;
	memset(copy->logged, 0, (copy->ram.sent.pages + 63) / 64 * 8);
	if (!(kind == COPY_LAST ? ram_log_last : ram_log_next)(&copy->log, copy->logged, &why)) {
		copy->log_seconds = kind == COPY_LAST ? 0 : copy->log.turn_seconds;
		return true;
	}
	free(copy->logged);
	copy->logged = NULL;
	return false;
}

static uint64_t count_set(const uint64_t *bitmap, uint64_t pages)
{
	uint64_t count = 0;

	for (uint64_t i = 0; i < (pages + 63) / 64; i++)
		count += (uint64_t)__builtin_popcountll(bitmap[i]);
	return count;
}

/* What the sink does not have of pages that lie one behind the other. */
static int send_looked_at(struct copy *copy, uint64_t first, uint64_t pages, const uint8_t *bytes, struct fail *fail)
{
	for (uint64_t page = first; page < first + pages; page++, bytes += MIGRATION_PAGE) {
		uint8_t *room;
		bool zero;

		if (!page_table_renew(&copy->ram.sent, page, bytes, &zero)) {
			copy->remaining -= MIGRATION_PAGE;
			continue;
		}
		if (zero) {
			if (copy->sink.zero(copy->sink.arg, PAGES_RAM, page, fail) < 0)
				return -1;
		} else {
			room = copy->sink.room(copy->sink.arg, PAGES_RAM, page, fail);
			if (!room)
				return -1;
			memcpy(room, bytes, MIGRATION_PAGE);
			copy->sink.keep(copy->sink.arg);
		}
		count_sent(copy);
	}
	return 0;
}

static int send_logged(struct copy *copy, struct fail *fail)
{
	uint8_t bytes[RAM_READ_PAGES * MIGRATION_PAGE];
	uint64_t last = copy->ram.sent.pages, end;

	for (uint64_t page = ram_next_set(copy->logged, 0, last); page < last; page = ram_next_set(copy->logged, end, last)) {
		for (end = page + 1; end < last && end < page + RAM_READ_PAGES && copy->logged[end / 64] >> (end % 64) & 1;)
			end++;
		if (ram_scan_read(&copy->ram, page * MIGRATION_PAGE, (end - page) * MIGRATION_PAGE, bytes, fail) < 0 || send_looked_at(copy, page, end - page, bytes, fail) < 0)
			return -1;
	}
	return 0;
}

static int later_pass(struct copy *copy, enum copy_kind kind, unsigned threads, struct fail *fail)
{
	double start = clock_seconds();
	bool logged = read_log(copy, kind);
	int64_t pages;

	if (logged && copy->check && kind == COPY_LAST && check_log(copy, threads, fail) < 0)
		return -1;
	pages = logged ? (int64_t)count_set(copy->logged, copy->ram.sent.pages) : find_in_all(copy, threads, fail);
	if (pages < 0)
		return -1;
	copy->remaining += (uint64_t)pages * MIGRATION_PAGE;
	copy->scan_seconds = clock_seconds() - start - copy->log_seconds;
	if (send_all_disks(copy, fail) < 0)
		return -1;
	return logged ? send_logged(copy, fail) : send_changed(copy, fail);
}

int copy_pass(struct copy *copy, enum copy_kind kind, unsigned threads, struct fail *fail)
{
	double start = clock_seconds();
	int64_t data = kind == COPY_FIRST ? ram_scan_begin(&copy->ram, fail) : 0;
	int result;

	if (data < 0)
		return -1;
	copy->sent = copy->remaining = 0;
	copy->log_seconds = copy->scan_seconds = 0;
	for (unsigned i = 0; i < copy->disk_count; i++) {
		find_blocks(&copy->disks[i], kind == COPY_FIRST);
		copy->remaining += copy->disks[i].count * UM_DISK_BLOCK_SIZE;
	}
	result = kind == COPY_FIRST ? first_pass(copy, (uint64_t)data, fail) : later_pass(copy, kind, threads, fail);
	if (!result)
		result = copy->sink.flush(copy->sink.arg, fail);
	copy->send_seconds = clock_seconds() - start - copy->log_seconds - copy->scan_seconds;
	return result;
}

void copy_map_digest(const struct disk *disk, uint64_t seed, uint8_t digest[MIGRATION_HASH_SIZE])
{
	XXH128_hash_t value = XXH3_128bits_withSeed(disk->present, UM_DISK_BITMAP_BYTES(disk->blocks), seed);

	memcpy(digest, &value, MIGRATION_HASH_SIZE);
}

size_t copy_digest(const struct copy *copy, uint8_t digest[COPY_DIGEST_MAX])
{
	page_table_digest(&copy->ram.sent, digest);
	for (unsigned i = 0; i < copy->disk_count; i++)
		copy_map_digest(copy->disks[i].disk, copy->ram.sent.seed, digest + (size_t)(1 + i) * MIGRATION_HASH_SIZE);
	return (size_t)(1 + copy->disk_count) * MIGRATION_HASH_SIZE;
}
