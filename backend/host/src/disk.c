/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Overlay and map of a disk (backend/kernel/um_disk.h). Both are made here, all zero but the map's header; the guest kernel fills them. An existing
 * map is checked as strictly as the kernel does it: a map that does not fit its overlay would show the guest a torn disk.
 */
#define _GNU_SOURCE
#include "disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image.h"

#define MEBIBYTE ((uint64_t)1 << 20)

static bool map_valid(const struct disk *disk)
{
	const struct um_disk_map *map = disk->map;

	return map->magic == UM_DISK_MAP_MAGIC && map->version == UM_DISK_MAP_VERSION && map->block_size == UM_DISK_BLOCK_SIZE &&
	       map->blocks == disk->blocks && map->present_offset == UM_DISK_MAP_HEADER &&
	       map->dirty_offset == UM_DISK_MAP_HEADER + UM_DISK_BITMAP_BYTES(disk->blocks) && map->flags == 0;
}

int disk_open(struct disk *disk, unsigned index, const struct store *store, const json_t *config, struct fail *fail)
{
	const char *image = json_string_value(json_object_get(config, "image")), *pieces = json_string_value(json_object_get(config, "pieces"));
	uint64_t bytes = (uint64_t)json_integer_value(json_object_get(config, "sizeMiB")) * MEBIBYTE;
	char overlay[16], map[16], again[32];
	struct stat info;
	bool fresh;

	*disk = (struct disk){ .base_fd = -1, .there_fd = -1, .told_fd = -1, .overlay_fd = -1, .map_fd = -1, .blocks = bytes / UM_DISK_BLOCK_SIZE };
	disk->map_size = UM_DISK_MAP_HEADER + 2 * UM_DISK_BITMAP_BYTES(disk->blocks);
	snprintf(overlay, sizeof(overlay), "overlay%u", index);
	snprintf(map, sizeof(map), "map%u", index);
	if (image) {
		disk->base_fd = image_open(store, image, pieces, &disk->there_fd, fail);
		if (disk->base_fd < 0)
			goto failed;
		snprintf(again, sizeof(again), "/proc/self/fd/%d", disk->there_fd);
		if (disk->there_fd >= 0)
			disk->told_fd = open(again, O_RDONLY | O_CLOEXEC);
		if ((disk->there_fd >= 0 && disk->told_fd < 0) || fstat(disk->base_fd, &info) < 0)
			goto failed_errno;
		if ((uint64_t)info.st_size > bytes) {
			fail_set(fail, "bad-config", "Disk %u has %llu MiB, less than its base image (%llu MiB). Make the disk larger.", index,
				 (unsigned long long)(bytes >> 20), (unsigned long long)(((uint64_t)info.st_size + (1 << 20) - 1) >> 20));
			goto failed;
		}
	}
	disk->overlay_fd = open(overlay, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	disk->map_fd = open(map, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (disk->overlay_fd < 0 || disk->map_fd < 0 || fstat(disk->map_fd, &info) < 0)
		goto failed_errno;
	fresh = info.st_size == 0;
	if (fresh && (ftruncate(disk->map_fd, (off_t)disk->map_size) < 0 || ftruncate(disk->overlay_fd, (off_t)bytes) < 0))
		goto failed_errno;
	if (!fresh && (uint64_t)info.st_size != disk->map_size)
		goto failed_map;
	disk->map = mmap(NULL, disk->map_size, PROT_READ | PROT_WRITE, MAP_SHARED, disk->map_fd, 0);
	if (disk->map == MAP_FAILED) {
		disk->map = NULL;
		goto failed_errno;
	}
	if (fresh)
		*disk->map = (struct um_disk_map){
			.magic = UM_DISK_MAP_MAGIC,
			.version = UM_DISK_MAP_VERSION,
			.block_size = UM_DISK_BLOCK_SIZE,
			.blocks = disk->blocks,
			.present_offset = UM_DISK_MAP_HEADER,
			.dirty_offset = UM_DISK_MAP_HEADER + UM_DISK_BITMAP_BYTES(disk->blocks),
		};
	if (!map_valid(disk) || fstat(disk->overlay_fd, &info) < 0 || (uint64_t)info.st_size != bytes)
		goto failed_map;
	disk->present = (uint64_t *)((char *)disk->map + disk->map->present_offset);
	disk->dirty = (uint64_t *)((char *)disk->map + disk->map->dirty_offset);
	return 0;
failed_map:
	fail_set(fail, "damaged", "%s does not fit disk %u of %llu MiB, so the disk's changes cannot be told from its image. Delete the VM and create it anew.",
		 map, index, (unsigned long long)(bytes >> 20));
	goto failed;
failed_errno:
	fail_set(fail, "io", "The files of disk %u could not be made: %s. Free space in the host folder and start again.", index, strerror(errno));
failed:
	disk_close(disk);
	return -1;
}

void disk_close(struct disk *disk)
{
	const int fds[] = { disk->base_fd, disk->there_fd, disk->told_fd, disk->overlay_fd, disk->map_fd };

	if (disk->map)
		munmap(disk->map, disk->map_size);
	for (unsigned i = 0; i < 5; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	*disk = (struct disk){ .base_fd = -1, .there_fd = -1, .told_fd = -1, .overlay_fd = -1, .map_fd = -1 };
}

bool disks_same(const json_t *a, const json_t *b)
{
	static const char *const members[] = { "image", "sizeMiB" };

	if (json_array_size(a) != json_array_size(b))
		return false;
	for (size_t i = 0; i < json_array_size(a); i++)
		for (size_t j = 0; j < sizeof(members) / sizeof(*members); j++) {
			const json_t *one = json_object_get(json_array_get(a, i), members[j]), *other = json_object_get(json_array_get(b, i), members[j]);

			if (one != other && !json_equal(one, other))
				return false;
		}
	return true;
}

uint64_t disk_overlay_bytes(const struct disk *disk)
{
	struct stat info;

	return disk->overlay_fd >= 0 && fstat(disk->overlay_fd, &info) == 0 ? (uint64_t)info.st_blocks * 512 : 0;
}
