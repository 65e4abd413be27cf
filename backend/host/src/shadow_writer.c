/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Theory. Pages gather in memory and are written in runs. In the cut, when the guest stands still, they stay in memory (deferred) and are written when it runs again: how long
 * it stands still must not depend on the disk. Only what is more than DEFERRED_MAX is written at once.
 *
 * A page of the RAM that becomes zero is punched out. Of a disk, zero blocks are present but holes.
 */
#define _GNU_SOURCE
#include "shadow.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "limits.h"
#include "migration_pages.h"

#define GATHERED_MAX 256    /* pages */
#define DEFERRED_MAX 16384
#define RESERVE (64ull << 20)

struct entry {
	uint64_t page;
	uint8_t region;
	bool zero;
};

struct shadow_writer {
	const struct store *store;
	char snapshot[17], instance[17];
	int folder, lock_fd;
	int fds[1 + COPY_DISKS_MAX]; /* by region */
	struct shadow_disk disks[COPY_DISKS_MAX];
	unsigned disk_count;
	bool deferred, complete;
	struct entry *entries;
	size_t count, room;
	uint8_t *bytes; /* of the pages that are not zero, in order */
	size_t data, data_room; /* pages */
	struct entry pending;
	int (*pace)(void *arg, uint64_t bytes, struct fail *fail);
	void *arg;
};

static int fail_write(struct fail *fail, int error)
{
	return fail_set(fail, error == ENOSPC || error == EDQUOT ? "no-space" : "io",
			"The snapshot could not be written to the host folder (%s). Nothing of it is kept and the VM goes on; free space there and try again.", strerror(error));
}

static int check_space(const struct shadow_writer *writer, uint64_t bytes, struct fail *fail)
{
	struct statvfs space;
	uint64_t available, left;

	if (fstatvfs(writer->folder, &space) < 0)
		return fail_write(fail, errno);
	available = (uint64_t)space.f_bavail * space.f_frsize;
	left = limits_left(writer->store).disk;
	if (left < available)
		available = left;
	if (available >= bytes + RESERVE)
		return 0;
	return fail_set(fail, "no-space", "A snapshot of VM %s needs %llu MiB in the host folder, which has %llu MiB free. The VM goes on; delete old snapshots or free space there.",
			writer->instance, (unsigned long long)((bytes + RESERVE) >> 20), (unsigned long long)(available >> 20));
}

static int make_file(struct shadow_writer *writer, unsigned region, const char *name, uint64_t size, struct fail *fail)
{
	writer->fds[region] = openat(writer->folder, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	return writer->fds[region] < 0 || ftruncate(writer->fds[region], (off_t)size) < 0 ? fail_write(fail, errno) : 0;
}

static int make_files(struct shadow_writer *writer, uint64_t ram_size, struct disk *const disks[], unsigned disk_count, struct fail *fail)
{
	char name[16];

	if (make_file(writer, PAGES_RAM, "ram", ram_size, fail) < 0)
		return -1;
	for (unsigned i = 0; i < disk_count; i++) {
		struct shadow_disk *disk = &writer->disks[i];

		snprintf(name, sizeof(name), "overlay%u", i);
		disk->blocks = disks[i]->blocks;
		disk->present = calloc(1, UM_DISK_BITMAP_BYTES(disk->blocks));
		writer->disk_count++;
		if (!disk->present)
			return fail_set(fail, "no-memory", "The host has no memory left to copy the VM with. The VM goes on.");
		if (make_file(writer, PAGES_DISK + i, name, disk->blocks * UM_DISK_BLOCK_SIZE, fail) < 0)
			return -1;
	}
	return 0;
}

struct shadow_writer *shadow_writer_create(const struct store *store, const char *snapshot, const char *instance, uint64_t ram_size, struct disk *const disks[], unsigned disk_count,
					   uint64_t bytes, int (*pace)(void *arg, uint64_t bytes, struct fail *fail), void *arg, struct fail *fail)
{
	struct shadow_writer *writer = calloc(1, sizeof(*writer));

	if (!writer) {
		fail_set(fail, "no-memory", "The host has no memory left to copy the VM with. The VM goes on.");
		return NULL;
	}
	*writer = (struct shadow_writer){ .store = store, .lock_fd = -1, .fds = { -1, -1, -1 }, .pace = pace, .arg = arg };
	strcpy(writer->snapshot, snapshot);
	strcpy(writer->instance, instance);
	writer->folder = shadow_folder(store, snapshot, instance, true);
	if (writer->folder < 0) {
		if (errno == EEXIST)
			fail_set(fail, "exists", "VM %s is part of a snapshot %s already. Choose another name.", instance, snapshot);
		else
			fail_write(fail, errno);
		free(writer);
		return NULL;
	}
	writer->lock_fd = store_lock(writer->folder, SHADOW_LOCK, true);
	if (writer->lock_fd < 0) {
		fail_write(fail, errno);
		goto failed;
	}
	if (check_space(writer, bytes, fail) == 0 && make_files(writer, ram_size, disks, disk_count, fail) == 0)
		return writer;
failed:
	shadow_writer_destroy(writer);
	return NULL;
}

void shadow_writer_destroy(struct shadow_writer *writer)
{
	if (!writer)
		return;
	if (!writer->complete)
		shadow_remove_part(writer->store, writer->snapshot, writer->instance);
	for (unsigned i = 0; i < 1 + COPY_DISKS_MAX; i++)
		if (writer->fds[i] >= 0)
			close(writer->fds[i]);
	for (unsigned i = 0; i < writer->disk_count; i++)
		free(writer->disks[i].present);
	if (writer->lock_fd >= 0)
		close(writer->lock_fd);
	close(writer->folder);
	free(writer->entries);
	free(writer->bytes);
	free(writer);
}

static int write_run(struct shadow_writer *writer, uint8_t region, uint64_t page, const uint8_t *bytes, size_t pages, struct fail *fail)
{
	uint64_t offset = page * MIGRATION_PAGE, size = pages * MIGRATION_PAGE, done = 0;

	if (!bytes)
		return fallocate(writer->fds[region], FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)offset, (off_t)size) < 0 ? fail_write(fail, errno) : 0;
	while (done < size) {
		ssize_t count = pwrite(writer->fds[region], bytes + done, size - done, (off_t)(offset + done));

		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
			return fail_write(fail, count < 0 ? errno : EIO);
		done += (uint64_t)count;
	}
	return writer->pace ? writer->pace(writer->arg, size, fail) : 0;
}

int shadow_writer_write(struct shadow_writer *writer, struct fail *fail)
{
	const uint8_t *bytes = writer->bytes;

	for (size_t i = 0; i < writer->count;) {
		const struct entry *first = &writer->entries[i];
		size_t run = 1;

		while (i + run < writer->count && first[run].region == first->region && first[run].zero == first->zero && first[run].page == first->page + run)
			run++;
		if (write_run(writer, first->region, first->page, first->zero ? NULL : bytes, run, fail) < 0)
			return -1;
		if (!first->zero)
			bytes += run * MIGRATION_PAGE;
		i += run;
	}
	writer->count = writer->data = 0;
	return 0;
}

void shadow_writer_defer(struct shadow_writer *writer)
{
	writer->deferred = true;
}

/* Room for one more entry and one more page. */
static int make_room(struct shadow_writer *writer, struct fail *fail)
{
	if (writer->count >= (writer->deferred ? DEFERRED_MAX : GATHERED_MAX) && shadow_writer_write(writer, fail) < 0)
		return -1;
	if (writer->count == writer->room) {
		size_t room = writer->room ? 2 * writer->room : GATHERED_MAX;
		struct entry *entries = realloc(writer->entries, room * sizeof(*entries));

		if (!entries)
			return fail_set(fail, "no-memory", "The host has no memory left to copy the VM with. The VM goes on.");
		writer->entries = entries;
		writer->room = room;
	}
	if (writer->data == writer->data_room) {
		size_t room = writer->data_room ? 2 * writer->data_room : GATHERED_MAX;
		uint8_t *bytes = realloc(writer->bytes, room * MIGRATION_PAGE);

		if (!bytes)
			return fail_set(fail, "no-memory", "The host has no memory left to copy the VM with. The VM goes on.");
		writer->bytes = bytes;
		writer->data_room = room;
	}
	return 0;
}

static void add(struct shadow_writer *writer, struct entry entry)
{
	writer->entries[writer->count++] = entry;
	writer->data += !entry.zero;
	if (entry.region >= PAGES_DISK)
		writer->disks[entry.region - PAGES_DISK].present[entry.page / 64] |= 1ULL << (entry.page % 64);
}

static uint8_t *sink_room(void *arg, uint8_t region, uint64_t page, struct fail *fail)
{
	struct shadow_writer *writer = arg;

	if (make_room(writer, fail) < 0)
		return NULL;
	writer->pending = (struct entry){ .page = page, .region = region };
	return writer->bytes + writer->data * MIGRATION_PAGE;
}

static void sink_keep(void *arg)
{
	struct shadow_writer *writer = arg;

	add(writer, writer->pending);
}

static int sink_zero(void *arg, uint8_t region, uint64_t page, struct fail *fail)
{
	struct shadow_writer *writer = arg;

	if (make_room(writer, fail) < 0)
		return -1;
	add(writer, (struct entry){ .page = page, .region = region, .zero = true });
	return 0;
}

static int sink_flush(void *arg, struct fail *fail)
{
	struct shadow_writer *writer = arg;

	return writer->deferred ? 0 : shadow_writer_write(writer, fail);
}

struct copy_sink shadow_writer_sink(struct shadow_writer *writer)
{
	return (struct copy_sink){ .room = sink_room, .keep = sink_keep, .zero = sink_zero, .flush = sink_flush, .arg = writer };
}

int shadow_writer_folder(const struct shadow_writer *writer)
{
	return writer->folder;
}

uint64_t shadow_writer_bytes(const struct shadow_writer *writer)
{
	uint64_t bytes = 0;
	struct stat info;

	for (unsigned i = 0; i < 1 + COPY_DISKS_MAX; i++)
		if (writer->fds[i] >= 0 && fstat(writer->fds[i], &info) == 0)
			bytes += (uint64_t)info.st_blocks * 512;
	return bytes;
}

/* What equals the latest earlier part is punched out, and the head written, before anybody can remove that one. */
static int lean_and_write_head(struct shadow_writer *writer, json_t *head, struct fail *fail)
{
	const struct shadow_thin part = { .folder = writer->folder, .fds = writer->fds, .ram_size = (uint64_t)json_integer_value(json_object_get(head, "ramSize")),
					  .disks = writer->disks, .disk_count = writer->disk_count };
	int lock = shadow_chain_lock(writer->store), result = 0;
	char base[17];

	if (lock < 0)
		return fail_write(fail, errno);
	if (part.ram_size && shadow_latest(writer->store, writer->instance, base))
		result = shadow_thin(writer->store, base, writer->instance, &part, fail);
	if (result > 0)
		json_object_set_new(head, "base", json_string(base));
	if (result >= 0)
		result = store_write_json(writer->folder, SHADOW_HEAD, head, true, fail);
	close(lock);
	return result;
}

int shadow_writer_complete(struct shadow_writer *writer, json_t *head, bool incremental, struct fail *fail)
{
	char name[32];

	for (unsigned i = 0; i < writer->disk_count; i++) {
		int error;

		snprintf(name, sizeof(name), "present%u", i);
		error = store_write(writer->folder, name, writer->disks[i].present, UM_DISK_BITMAP_BYTES(writer->disks[i].blocks), true);
		if (error)
			return fail_write(fail, -error);
	}
	for (unsigned i = 0; i < 1 + COPY_DISKS_MAX; i++)
		if (writer->fds[i] >= 0 && fdatasync(writer->fds[i]) < 0)
			return fail_write(fail, errno);
	if ((incremental ? lean_and_write_head(writer, head, fail) : store_write_json(writer->folder, SHADOW_HEAD, head, true, fail)) < 0)
		return -1;
	writer->complete = true;
	return 0;
}
