/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Theory. Pages go into the RAM file by pwrite, not through a mapping: a full tmpfs then is an error and not a signal. Zero pages become holes. The page table kept of
 * what was written makes the final digest cheap. Blocks of a disk are marked present once they are in the overlay.
 */
#define _GNU_SOURCE
#include "migration_image.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "migration_pages.h"

int image_copy_open(struct image_copy *image, int ram_fd, uint64_t ram_size, uint64_t seed, struct disk *const disks[], unsigned disk_count, struct fail *fail)
{
	struct stat info;

	*image = (struct image_copy){ .ram_fd = ram_fd, .disk_count = disk_count };
	for (unsigned i = 0; i < disk_count; i++)
		image->disks[i] = disks[i];
	if (ram_size && (fstat(ram_fd, &info) < 0 || ((uint64_t)info.st_size < ram_size && ftruncate(ram_fd, (off_t)ram_size) < 0)))
		return fail_set(fail, "no-memory", "The VM's memory file could not be sized (%s).", strerror(errno));
	if (page_table_open(&image->table, ram_size / MIGRATION_PAGE, seed) < 0)
		return fail_set(fail, "no-memory", "The host ran out of memory while it took the VM's pages.");
	return 0;
}

void image_copy_close(struct image_copy *image)
{
	page_table_close(&image->table);
}

static int write_all_at(int fd, const uint8_t *bytes, size_t size, uint64_t offset, struct fail *fail)
{
	while (size) {
		ssize_t done = pwrite(fd, bytes, size, (off_t)offset);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return fail_set(fail, errno == ENOSPC ? "no-space" : "io", "The VM's state could not be written (%s). Free space on that host and try again.", strerror(errno));
		bytes += done;
		size -= (size_t)done;
		offset += (uint64_t)done;
	}
	return 0;
}

static int write_run(int fd, uint64_t first, uint32_t count, const uint8_t *bytes, struct fail *fail)
{
	uint64_t offset = first * MIGRATION_PAGE, size = (uint64_t)count * MIGRATION_PAGE;

	if (bytes)
		return write_all_at(fd, bytes, size, offset, fail);
	if (fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)offset, (off_t)size) < 0) {
		static const uint8_t zeros[MIGRATION_PAGE];

		for (uint32_t i = 0; i < count; i++) {
			if (write_all_at(fd, zeros, sizeof(zeros), offset + (uint64_t)i * MIGRATION_PAGE, fail) < 0)
				return -1;
		}
	}
	return 0;
}

static int take_ram(struct image_copy *image, uint64_t first, uint32_t count, const uint8_t *bytes, struct fail *fail)
{
	for (uint32_t i = 0; i < count; i++) {
		if (bytes)
			page_table_note(&image->table, first + i, bytes + (size_t)i * MIGRATION_PAGE);
		else
			page_table_note_zero(&image->table, first + i);
	}
	return write_run(image->ram_fd, first, count, bytes, fail);
}

static int take_blocks(struct disk *disk, uint64_t first, uint32_t count, const uint8_t *bytes, struct fail *fail)
{
	if (write_run(disk->overlay_fd, first, count, bytes, fail) < 0)
		return -1;
	for (uint64_t block = first; block < first + count; block++)
		__atomic_fetch_or(&disk->present[block / 64], 1ULL << (block % 64), __ATOMIC_RELEASE);
	return 0;
}

/* The disk of a region, NULL for RAM; -1 if the run does not lie within the VM's. */
static int find_run(const struct image_copy *image, uint8_t region, uint64_t first, uint32_t count, struct disk **disk, struct fail *fail)
{
	uint64_t pages;

	*disk = region > PAGES_RAM && region - PAGES_DISK < (int)image->disk_count ? image->disks[region - PAGES_DISK] : NULL;
	pages = region == PAGES_RAM ? image->table.pages : *disk ? (*disk)->blocks : 0;
	if (!count || first >= pages || count > pages - first)
		return fail_set(fail, "bad-stream", "The stream has pages outside of the VM's memory or disks.");
	return 0;
}

int image_copy_run(void *arg, uint8_t region, uint64_t first, uint32_t count, const uint8_t *bytes, struct fail *fail)
{
	struct image_copy *image = arg;
	struct disk *disk;

	image->digested = false;
	if (find_run(image, region, first, count, &disk, fail) < 0)
		return -1;
	return disk ? take_blocks(disk, first, count, bytes, fail) : take_ram(image, first, count, bytes, fail);
}

int image_copy_old(void *arg, uint8_t region, uint64_t first, uint32_t count, uint8_t *bytes, struct fail *fail)
{
	struct image_copy *image = arg;
	size_t size = (size_t)count * MIGRATION_PAGE;
	struct disk *disk;
	ssize_t got;

	if (find_run(image, region, first, count, &disk, fail) < 0)
		return -1;
	got = pread(disk ? disk->overlay_fd : image->ram_fd, bytes, size, (off_t)(first * MIGRATION_PAGE));
	if (got != (ssize_t)size)
		return fail_set(fail, "io", "What had come of the VM could not be read again (%s).", got < 0 ? strerror(errno) : "it ends too early");
	return 0;
}

void image_copy_digest(struct image_copy *image)
{
	if (image->digested)
		return;
	page_table_digest(&image->table, image->digest);
	for (unsigned i = 0; i < image->disk_count; i++)
		copy_map_digest(image->disks[i], image->table.seed, image->digest + (size_t)(1 + i) * MIGRATION_HASH_SIZE);
	image->digested = true;
}

bool image_copy_agrees(struct image_copy *image, const uint8_t *digest, size_t size)
{
	image_copy_digest(image);
	return size == (size_t)(1 + image->disk_count) * MIGRATION_HASH_SIZE && !memcmp(digest, image->digest, size);
}
