/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An image that is still on its way is a sparse file, images/<sha256>.<pieces>.part, and a map beside it, <...>.there (backend/kernel/um_disk.h): for each block of 4096
 * bytes whether it is there, and whether a guest waits for it. Guests' kernels, their supervisors and whoever fetches the image share the map's memory, and wake each other by its
 * futexes. Guests may only read it, as it is that of all guests of the image: they tell their supervisors what they wait for. Wishes stay in the map until they are met, whoever ends in between.
 *
 * `pieces` is the SHA-256 of the list of hashes by which pieces are verified (pieces.h). A VM's configuration names the list that its desktop vouches for, and the VM
 * reads from the part that was made by this list, from no other. So a list that somebody made up reaches nobody but those who trust it.
 *
 * A bit of the map is set after the data went to the file, which is enough for readers of this host, but not for a host that loses power: then the map may say more
 * than the file holds. So it names the boot in which it holds; in a later one nobody uses it until all that is in the file was verified again. It also names the file, as the two
 * can't be made at once.
 */
#define _GNU_SOURCE
#include "part.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "process.h"

#define BLOCK UM_DISK_BLOCK_SIZE
#define FILE_SUFFIX ".part"
#define MAP_SUFFIX ".there"
#define COPY_SIZE (256 * 1024)

static uint64_t blocks_of(uint64_t bytes)
{
	return (bytes + BLOCK - 1) / BLOCK;
}

static uint64_t map_size_of(uint64_t bytes)
{
	return UM_DISK_MAP_HEADER + 2 * UM_DISK_BITMAP_BYTES(blocks_of(bytes));
}

static void file_name(char name[PART_NAME_SIZE + 8], const char *part, const char *suffix)
{
	snprintf(name, PART_NAME_SIZE + 8, "%s%s", part, suffix);
}

/* Whether the map is one of that file, whatever boot it is of. */
static bool map_is_of(const struct part_map *map, uint64_t map_size, const struct stat *file)
{
	return map->there.magic == UM_DISK_THERE_MAGIC && map->there.version == UM_DISK_THERE_VERSION && map->there.block_size == BLOCK &&
	       map->bytes == (uint64_t)file->st_size && map->inode == (uint64_t)file->st_ino && map->there.blocks == blocks_of(map->bytes) &&
	       map->there.there_offset == UM_DISK_MAP_HEADER && map->wanted_offset == UM_DISK_MAP_HEADER + UM_DISK_BITMAP_BYTES(map->there.blocks) &&
	       map_size == map_size_of(map->bytes);
}

static bool map_is_current(const struct part_map *map)
{
	char boot[40];

	process_boot_id(boot);
	return boot[0] && !strncmp(boot, map->boot, sizeof(map->boot));
}

int part_open(const struct store *store, const char *sha256, const char *pieces, int *there_fd)
{
	int images = store_folder(store, "images"), fd = -1, map_fd = -1;
	char part[PART_NAME_SIZE], name[PART_NAME_SIZE + 8];
	struct stat file, info;
	struct part_map map;

	snprintf(part, sizeof(part), "%.64s.%.64s", sha256, pieces);
	if (images >= 0) {
		file_name(name, part, MAP_SUFFIX);
		map_fd = openat(images, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
		file_name(name, part, FILE_SUFFIX);
		fd = map_fd < 0 ? -1 : openat(images, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
		close(images);
	}
	if (fd >= 0 && fstat(fd, &file) == 0 && fstat(map_fd, &info) == 0 && pread(map_fd, &map, sizeof(map), 0) == sizeof(map) &&
	    map_is_of(&map, (uint64_t)info.st_size, &file) && map_is_current(&map)) {
		*there_fd = map_fd;
		return fd;
	}
	if (fd >= 0)
		close(fd);
	if (map_fd >= 0)
		close(map_fd);
	errno = ENOENT;
	return -1;
}

int part_count(int there_fd, uint64_t *bytes, uint64_t *missing, bool *wanted)
{
	uint64_t there[512], wishes[512];
	struct part_map map;

	if (pread(there_fd, &map, sizeof(map), 0) != sizeof(map))
		return -1;
	*bytes = map.bytes;
	*missing = 0;
	*wanted = false;
	for (uint64_t block = 0; block < map.there.blocks; block += sizeof(there) * 8) {
		off_t at = (off_t)(block / 8);

		if (pread(there_fd, there, sizeof(there), (off_t)map.there.there_offset + at) != sizeof(there) ||
		    pread(there_fd, wishes, sizeof(wishes), (off_t)map.wanted_offset + at) != sizeof(wishes))
			return -1;
		for (unsigned i = 0; i < 512 && block + 64 * i < map.there.blocks; i++) {
			uint64_t left = map.there.blocks - (block + 64 * i), absent = ~there[i];

			if (left < 64)
				absent &= ((uint64_t)1 << left) - 1;
			*missing += (uint64_t)__builtin_popcountll(absent) * BLOCK;
			*wanted = *wanted || (absent & wishes[i]);
		}
	}
	if (*missing > *bytes)
		*missing = *bytes;
	return 0;
}

bool part_fetched(int there_fd)
{
	if (flock(there_fd, LOCK_SH | LOCK_NB) < 0)
		return errno == EWOULDBLOCK;
	flock(there_fd, LOCK_UN);
	return false;
}

static int map_memory(struct part *part)
{
	void *map = mmap(NULL, part->map_size, PROT_READ | PROT_WRITE, MAP_SHARED, part->map_fd, 0);

	if (map == MAP_FAILED)
		return -1;
	part->map = map;
	part->there = (uint64_t *)((char *)map + UM_DISK_MAP_HEADER);
	part->wanted = (uint64_t *)((char *)map + UM_DISK_MAP_HEADER + UM_DISK_BITMAP_BYTES(blocks_of(part->bytes)));
	return 0;
}

/* The map's file, locked, and still the one of that name. 1, 0: another one holds it, -1 with errno. */
static int lock_map(struct part *part)
{
	char name[PART_NAME_SIZE + 8];
	struct stat held, named;

	file_name(name, part->name, MAP_SUFFIX);
	for (;;) {
		part->map_fd = openat(part->images, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (part->map_fd < 0)
			return -1;
		if (flock(part->map_fd, LOCK_EX | LOCK_NB) < 0)
			return errno == EWOULDBLOCK ? 0 : -1;
		if (fstat(part->map_fd, &held) < 0)
			return -1;
		if (fstatat(part->images, name, &named, AT_SYMLINK_NOFOLLOW) == 0 && named.st_ino == held.st_ino)
			return 1;
		close(part->map_fd);
	}
}

/* Makes map and file of a part that is new, or of which one was lost. */
static int make_files(struct part *part, struct stat *file)
{
	/* A guest may still have an old map: that one is left alone. */
	char name[PART_NAME_SIZE + 8];
	int old = part->map_fd;

	file_name(name, part->name, MAP_SUFFIX);
	unlinkat(part->images, name, 0);
	if (lock_map(part) <= 0)
		return -1;
	close(old);
	if (ftruncate(part->map_fd, (off_t)part->map_size) < 0 || ftruncate(part->fd, (off_t)part->bytes) < 0 || fstat(part->fd, file) < 0 || map_memory(part) < 0)
		return -1;
	*part->map = (struct part_map){
		.wanted_offset = UM_DISK_MAP_HEADER + UM_DISK_BITMAP_BYTES(blocks_of(part->bytes)),
		.bytes = part->bytes,
		.inode = (uint64_t)file->st_ino,
	};
	part->map->there = (struct um_disk_there){
		.magic = UM_DISK_THERE_MAGIC,
		.version = UM_DISK_THERE_VERSION,
		.block_size = BLOCK,
		.blocks = blocks_of(part->bytes),
		.there_offset = UM_DISK_MAP_HEADER,
	};
	return 0;
}

int part_hold(struct part *part, const struct store *store, const char *sha256, const char *pieces, uint64_t bytes, bool *valid, struct fail *fail)
{
	char name[PART_NAME_SIZE + 8];
	struct stat file, info;
	int held;

	*part = (struct part){ .images = store_folder(store, "images"), .fd = -1, .map_fd = -1, .bytes = bytes, .map_size = map_size_of(bytes) };
	snprintf(part->name, sizeof(part->name), "%.64s.%.64s", sha256, pieces);
	file_name(name, part->name, FILE_SUFFIX);
	held = part->images < 0 ? -1 : lock_map(part);
	if (!held) {
		part_close(part);
		return 0;
	}
	part->fd = held < 0 ? -1 : openat(part->images, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (part->fd < 0 || fstat(part->fd, &file) < 0 || fstat(part->map_fd, &info) < 0)
		goto failed;
	*valid = false;
	if ((uint64_t)info.st_size == part->map_size && (uint64_t)file.st_size == bytes && map_memory(part) == 0) {
		if (map_is_of(part->map, part->map_size, &file)) {
			*valid = map_is_current(part->map);
			/* Of another boot: nobody uses it now. */
			if (!*valid)
				memset(part->there, 0, part->map_size - UM_DISK_MAP_HEADER);
			return 1;
		}
		munmap(part->map, part->map_size);
		part->map = NULL;
	}
	if (make_files(part, &file) == 0)
		return 1;
failed:
	fail_set(fail, "no-space", "The image %.64s could not be prepared on this host: %s. Free space in the host folder.", sha256, strerror(errno));
	part_close(part);
	return -1;
}

void part_begin(struct part *part)
{
	char boot[40] = "";

	process_boot_id(boot);
	memcpy(part->map->boot, boot, sizeof(part->map->boot));
}

static void futex(uint32_t *word, int operation, uint32_t value, const struct timespec *limit)
{
	syscall(SYS_futex, word, operation, value, limit, NULL, 0);
}

static void set_bit(uint64_t *bits, uint64_t block)
{
	__atomic_fetch_or(&bits[block / 64], (uint64_t)1 << block % 64, __ATOMIC_SEQ_CST);
}

/* Adds 1, and wakes those who wait for that. */
static void change(uint32_t *word)
{
	__atomic_fetch_add(word, 1, __ATOMIC_SEQ_CST);
	futex(word, FUTEX_WAKE, INT_MAX, NULL);
}

void part_wish(int there_fd, uint64_t first, uint64_t count)
{
	struct stat info;
	struct part_map *map = fstat(there_fd, &info) < 0 ? MAP_FAILED : mmap(NULL, (size_t)info.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, there_fd, 0);

	if (map == MAP_FAILED)
		return;
	if (first < map->there.blocks && count <= map->there.blocks - first) {
		for (uint64_t block = first; block < first + count; block++)
			set_bit((uint64_t *)((char *)map + map->wanted_offset), block);
		change(&map->asked);
	}
	munmap(map, (size_t)info.st_size);
}

void part_came(struct part *part, uint64_t first, uint64_t count)
{
	for (uint64_t block = first; block < first + count && block < part->map->there.blocks; block++)
		set_bit(part->there, block);
	change(&part->map->there.came);
}

static bool bit(const uint64_t *bits, uint64_t block)
{
	return __atomic_load_n(&bits[block / 64], __ATOMIC_ACQUIRE) >> block % 64 & 1;
}

bool part_has(const struct part *part, uint64_t block)
{
	return bit(part->there, block);
}

bool part_wants(const struct part *part, uint64_t block)
{
	return bit(part->wanted, block);
}

uint32_t part_asked(const struct part *part)
{
	return __atomic_load_n(&part->map->asked, __ATOMIC_SEQ_CST);
}

void part_wait_asked(const struct part *part, uint32_t asked)
{
	const struct timespec limit = { .tv_sec = 1 };

	futex(&part->map->asked, FUTEX_WAIT, asked, &limit);
}

void part_wake_asked(struct part *part)
{
	change(&part->map->asked);
}

int part_install(struct part *part, const char *sha256)
{
	char name[PART_NAME_SIZE + 8];

	file_name(name, part->name, FILE_SUFFIX);
	if (fchmod(part->fd, 0400) < 0 || fsync(part->fd) < 0 || renameat(part->images, name, part->images, sha256) < 0)
		return -errno;
	file_name(name, part->name, MAP_SUFFIX);
	unlinkat(part->images, name, 0);
	return 0;
}

void part_remove(struct part *part)
{
	char name[PART_NAME_SIZE + 8];

	file_name(name, part->name, FILE_SUFFIX);
	unlinkat(part->images, name, 0);
	file_name(name, part->name, MAP_SUFFIX);
	unlinkat(part->images, name, 0);
}

void part_close(struct part *part)
{
	const int fds[] = { part->images, part->fd, part->map_fd };

	if (part->map)
		munmap(part->map, part->map_size);
	for (unsigned i = 0; i < 3; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	*part = (struct part){ .images = -1, .fd = -1, .map_fd = -1 };
}

/* Blocks [first, end) of the whole image, which no one has to verify any more. */
static int copy_blocks(struct part *part, int whole, uint64_t first, uint64_t end, char *buffer)
{
	uint64_t at = first * BLOCK, limit = end * BLOCK < part->bytes ? end * BLOCK : part->bytes;

	while (at < limit) {
		ssize_t got = pread(whole, buffer, limit - at < COPY_SIZE ? limit - at : COPY_SIZE, (off_t)at);
		ssize_t put = got > 0 ? pwrite(part->fd, buffer, (size_t)got, (off_t)at) : got;

		if (put <= 0 && errno != EINTR)
			return got ? -errno : -EIO;
		at += put > 0 ? (uint64_t)put : 0;
	}
	part_came(part, first, end - first);
	return 0;
}

int part_fill(struct part *part, const char *sha256)
{
	int whole = openat(part->images, sha256, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), status = 0;
	uint64_t blocks = part->map->there.blocks;
	char *buffer = malloc(COPY_SIZE);
	struct stat info;

	if (whole < 0 || !buffer || fstat(whole, &info) < 0)
		status = -errno;
	else if ((uint64_t)info.st_size != part->bytes)
		status = -EINVAL;
	for (uint64_t block = 0; !status && block < blocks;) {
		uint64_t end = block;

		while (end < blocks && end - block < COPY_SIZE / BLOCK && !part_has(part, end))
			end++;
		if (end > block)
			status = copy_blocks(part, whole, block, end, buffer);
		block = end > block ? end : block + 1;
	}
	if (!status)
		part_remove(part);
	if (whole >= 0)
		close(whole);
	free(buffer);
	return status;
}

struct filling {
	const struct store *store;
	const char *sha256;
};

static int fill_one(void *arg, int images, const char *name)
{
	const struct filling *filling = arg;
	const char *suffix = name + PART_NAME_SIZE - 7; /* behind two times 64 digits and a dot */
	struct part part;
	struct fail ignored;
	struct stat info;
	char pieces[65];
	bool valid;

	if (strlen(name) != PART_NAME_SIZE - 7 + strlen(FILE_SUFFIX) || strcmp(suffix, FILE_SUFFIX) || strncmp(name, filling->sha256, 64))
		return 0;
	snprintf(pieces, sizeof(pieces), "%s", name + 65);
	if (fstatat(images, name, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
	    part_hold(&part, filling->store, filling->sha256, pieces, (uint64_t)info.st_size, &valid, &ignored) > 0) {
		if (valid)
			part_fill(&part, filling->sha256);
		else
			part_remove(&part);
		part_close(&part);
	}
	return 0;
}

void part_fill_all(const struct store *store, const char *sha256)
{
	struct filling filling = { store, sha256 };
	int images = store_folder(store, "images");

	if (images >= 0) {
		store_each(images, fill_one, &filling);
		close(images);
	}
}
