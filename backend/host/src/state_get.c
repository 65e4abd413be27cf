/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Theory. The part's files are walked twice: once to count what will come, which the head says first, and once to write it. Of RAM only extents with data are read, and pages
 * that are zero are left out; of a disk exactly the present blocks come. With a base, what equals it is left out, and RAM pages that became zero are told.
 */
#define _GNU_SOURCE
#include "state_get.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "little.h"
#include "migration_devices.h"
#include "migration_pages.h"
#include "shadow.h"
#include "state_stream.h"

#define BATCH 64
#define RUN_SIZE 12
#define HEADER 4

/* A PAGES message that grows. */
struct batch {
	uint8_t region;
	bool zero;
	unsigned runs, pages;
	uint64_t first[BATCH];
	uint32_t count[BATCH];
	uint8_t bytes[BATCH * MIGRATION_PAGE];
};

struct getting {
	struct shadow now, base;
	bool has_base;
	struct state_writer *writer; /* NULL: only counts */
	struct batch batch;
	uint64_t ram_pages, disk_blocks;
};

static int batch_write(struct getting *getting, struct fail *fail)
{
	struct batch *batch = &getting->batch;
	size_t head = HEADER + (size_t)batch->runs * RUN_SIZE, size = batch->zero ? 0 : (size_t)batch->pages * MIGRATION_PAGE;
	uint8_t *room;

	if (!batch->pages)
		return 0;
	room = state_room(getting->writer);
	room[0] = batch->region;
	room[1] = batch->zero ? 0 : 1;
	little_put(room + 2, batch->runs, 2);
	for (unsigned i = 0; i < batch->runs; i++) {
		little_put(room + HEADER + i * RUN_SIZE, batch->first[i], 8);
		little_put(room + HEADER + i * RUN_SIZE + 8, batch->count[i], 4);
	}
	memcpy(room + head, batch->bytes, size);
	batch->runs = batch->pages = 0;
	return state_write(getting->writer, STATE_PAGES, head + size, fail);
}

/* bytes: NULL when zero. */
static int batch_add(struct getting *getting, uint8_t region, uint64_t page, const uint8_t *bytes, struct fail *fail)
{
	struct batch *batch = &getting->batch;
	unsigned last = batch->runs ? batch->runs - 1 : 0;

	if (region == PAGES_RAM)
		getting->ram_pages += bytes != NULL;
	else
		getting->disk_blocks++;
	if (!getting->writer)
		return 0;
	if (batch->pages && (batch->region != region || batch->zero != !bytes || batch->pages == BATCH) && batch_write(getting, fail) < 0)
		return -1;
	batch->region = region;
	batch->zero = !bytes;
	if (bytes)
		memcpy(batch->bytes + (size_t)batch->pages * MIGRATION_PAGE, bytes, MIGRATION_PAGE);
	if (batch->pages && batch->first[last] + batch->count[last] == page) {
		batch->count[last]++;
	} else {
		batch->first[batch->runs] = page;
		batch->count[batch->runs++] = 1;
	}
	batch->pages++;
	return 0;
}

static bool is_zero(const uint8_t *bytes)
{
	return !bytes[0] && !memcmp(bytes, bytes + 1, MIGRATION_PAGE - 1);
}

/* The next page at or after this one that lies in data; `pages` when there is none. What leans on another is read page by page. */
static uint64_t next_data(const struct shadow *shadow, uint64_t page, uint64_t pages)
{
	off_t data = shadow->base ? (off_t)(page * MIGRATION_PAGE) : lseek(shadow->ram_fd, (off_t)(page * MIGRATION_PAGE), SEEK_DATA);

	return data < 0 ? pages : (uint64_t)data / MIGRATION_PAGE < pages ? (uint64_t)data / MIGRATION_PAGE : pages;
}

static uint64_t end_of_data(const struct shadow *shadow, uint64_t page, uint64_t pages)
{
	off_t hole = shadow->base ? -1 : lseek(shadow->ram_fd, (off_t)(page * MIGRATION_PAGE), SEEK_HOLE);
	uint64_t end = hole < 0 ? pages : ((uint64_t)hole + MIGRATION_PAGE - 1) / MIGRATION_PAGE;

	return end < pages ? end : pages;
}

static int one_ram_page(struct getting *getting, uint64_t page, struct fail *fail)
{
	uint8_t bytes[MIGRATION_PAGE], old[MIGRATION_PAGE];
	bool zero;

	if (shadow_read(&getting->now, PAGES_RAM, page, bytes, fail) < 0 || (getting->has_base && shadow_read(&getting->base, PAGES_RAM, page, old, fail) < 0))
		return -1;
	zero = is_zero(bytes);
	if (getting->has_base ? !memcmp(bytes, old, MIGRATION_PAGE) : zero)
		return 0;
	return batch_add(getting, PAGES_RAM, page, zero ? NULL : bytes, fail);
}

static int walk_ram(struct getting *getting, struct fail *fail)
{
	uint64_t pages = getting->now.ram_size / MIGRATION_PAGE, page = 0;

	while (page < pages) {
		uint64_t here = next_data(&getting->now, page, pages), there = getting->has_base ? next_data(&getting->base, page, pages) : pages;
		uint64_t end;

		page = here < there ? here : there;
		if (page == pages)
			break;
		end = here == page ? end_of_data(&getting->now, page, pages) : end_of_data(&getting->base, page, pages);
		for (; page < end; page++)
			if (one_ram_page(getting, page, fail) < 0)
				return -1;
	}
	return 0;
}

static bool is_present(const struct shadow_disk *disk, uint64_t block)
{
	return disk->present[block / 64] >> (block % 64) & 1;
}

static int one_block(struct getting *getting, unsigned index, uint64_t block, struct fail *fail)
{
	const struct shadow_disk *old_disk = getting->has_base ? &getting->base.disks[index] : NULL;
	uint8_t bytes[MIGRATION_PAGE], old[MIGRATION_PAGE];

	if (shadow_read(&getting->now, PAGES_DISK + index, block, bytes, fail) < 0)
		return -1;
	if (old_disk && is_present(old_disk, block)) {
		if (shadow_read(&getting->base, PAGES_DISK + index, block, old, fail) < 0)
			return -1;
		if (!memcmp(bytes, old, MIGRATION_PAGE))
			return 0;
	}
	return batch_add(getting, (uint8_t)(PAGES_DISK + index), block, is_zero(bytes) ? NULL : bytes, fail);
}

static int walk_disk(struct getting *getting, unsigned index, struct fail *fail)
{
	const struct shadow_disk *disk = &getting->now.disks[index];

	for (uint64_t word = 0; word * 64 < disk->blocks; word++) {
		for (uint64_t bits = disk->present[word]; bits; bits &= bits - 1) {
			uint64_t block = word * 64 + (uint64_t)__builtin_ctzll(bits);

			if (block < disk->blocks && one_block(getting, index, block, fail) < 0)
				return -1;
		}
	}
	return 0;
}

static int walk(struct getting *getting, struct fail *fail)
{
	getting->ram_pages = getting->disk_blocks = 0;
	if (walk_ram(getting, fail) < 0)
		return -1;
	for (unsigned i = 0; i < getting->now.disk_count; i++)
		if (walk_disk(getting, i, fail) < 0)
			return -1;
	return getting->writer ? batch_write(getting, fail) : 0;
}

static int write_head(struct getting *getting, const char *base, struct fail *fail)
{
	json_t *head = json_copy(getting->now.head);
	char *text;
	int result;

	json_object_del(head, "digest");
	json_object_del(head, "base"); /* how the host keeps it is nobody else's business */
	json_object_set_new(head, "ramPages", json_integer((json_int_t)getting->ram_pages));
	json_object_set_new(head, "diskBlocks", json_integer((json_int_t)getting->disk_blocks));
	if (base)
		json_object_set_new(head, "base", json_string(base));
	text = json_dumps(head, JSON_COMPACT);
	json_decref(head);
	if (!text || strlen(text) > WIRE_PAYLOAD_MAX) {
		free(text);
		return fail_set(fail, "too-large", "The VM's configuration is too large for a snapshot. Make its scripts shorter.");
	}
	memcpy(state_room(getting->writer), text, strlen(text));
	result = state_write(getting->writer, STATE_HEAD, strlen(text), fail);
	free(text);
	return result;
}

static int write_part(void *arg, uint8_t which, const uint8_t *bytes, size_t size, struct fail *fail)
{
	struct getting *getting = arg;
	uint8_t *room = state_room(getting->writer);

	room[0] = which;
	memcpy(room + 1, bytes, size);
	return state_write(getting->writer, STATE_DEVICES, 1 + size, fail);
}

static int write_devices(struct getting *getting, struct fail *fail)
{
	struct migration_devices devices = { 0 };
	int result = migration_devices_load(&devices, getting->now.folder, fail);

	if (!result)
		result = migration_devices_send(&devices, write_part, getting, fail);
	migration_devices_clear(&devices);
	return result;
}

static int write_digest(struct getting *getting, struct fail *fail)
{
	const char *text = json_string_value(json_object_get(getting->now.head, "digest"));
	size_t size = 0;

	if (!text || sodium_hex2bin(state_room(getting->writer), COPY_DIGEST_MAX, text, strlen(text), NULL, &size, NULL) < 0)
		return fail_set(fail, "damaged", "The snapshot's description lacks its digest. Delete the snapshot and make another.");
	return state_write(getting->writer, STATE_DIGEST, size, fail);
}

static int check_base(const struct getting *getting, struct fail *fail)
{
	bool same = getting->now.ram_size == getting->base.ram_size && getting->now.disk_count == getting->base.disk_count;

	for (unsigned i = 0; same && i < getting->now.disk_count; i++)
		same = getting->now.disks[i].blocks == getting->base.disks[i].blocks;
	return same ? 0 : fail_set(fail, "bad-request", "The earlier snapshot is of a VM of another size, so no difference can be told. Get the whole snapshot.");
}

int state_get(const struct store *store, const char *snapshot, const char *instance, const char *base, int fd, struct fail *fail)
{
	struct getting *getting = calloc(1, sizeof(*getting));
	struct state_writer *writer = state_writer_create(fd);
	int result = -1;

	if (!getting || !writer) {
		fail_set(fail, "no-memory", "The host has no memory to read the snapshot.");
		goto out;
	}
	getting->now.folder = getting->base.folder = getting->now.ram_fd = getting->base.ram_fd = -1;
	getting->has_base = base;
	if (shadow_open(&getting->now, store, snapshot, instance, fail) < 0 ||
	    (base && (shadow_open(&getting->base, store, base, instance, fail) < 0 || check_base(getting, fail) < 0)) || walk(getting, fail) < 0)
		goto close;
	getting->writer = writer;
	if (state_write_magic(writer, fail) < 0 || write_head(getting, base, fail) < 0 || walk(getting, fail) < 0 || write_devices(getting, fail) < 0 ||
	    write_digest(getting, fail) < 0 || state_write(writer, STATE_END, 0, fail) < 0 || state_write_end(writer, fail) < 0)
		goto close;
	result = 0;
close:
	shadow_close(&getting->now);
	shadow_close(&getting->base);
out:
	state_writer_destroy(writer);
	free(getting);
	return result;
}
