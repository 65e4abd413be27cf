/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Theory. A part may lean on an earlier one of the same VM: then its files hold only the pages that differ, `own_ram` and `own<n>` tell which those are, and its head names the
 * earlier one (`base`). Chains are straight: a part is made to lean on the latest one. A part is whole when it is made; what equals the base is punched out of it afterwards, before its
 * head is written. Before a part is removed, those that lean on it take over what they have from it, and lean on what it leaned on.
 *
 *   pages of the base that are not its own come from its own base, and so on; the first part of a chain owns all
 *
 * `snapshots.lock` of the host folder is locked (flock) while a part is made to lean on another, and while one is removed. Each step leaves every part readable: pages first, then
 * the map that says they are there, then the head.
 */
#define _GNU_SOURCE
#include "shadow.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "migration_pages.h"
#include "params.h"

#define LOCK "snapshots.lock"
#define PAGE MIGRATION_PAGE

static bool has(const uint64_t *bits, uint64_t page)
{
	return bits[page / 64] >> (page % 64) & 1;
}

static void set(uint64_t *bits, uint64_t page)
{
	bits[page / 64] |= 1ULL << (page % 64);
}

static int fail_io(struct fail *fail, int error)
{
	return fail_set(fail, error == ENOSPC || error == EDQUOT ? "no-space" : "io", "The snapshots of the VM could not be changed: %s.", strerror(error));
}

int shadow_chain_lock(const struct store *store)
{
	return store_lock(store->fd, LOCK, true);
}

/* A region of a part: PAGES_RAM or PAGES_DISK + n. */
static int region_fd(const struct shadow *shadow, unsigned region)
{
	return region == PAGES_RAM ? shadow->ram_fd : shadow->disks[region - PAGES_DISK].fd;
}

static uint64_t *region_own(const struct shadow *shadow, unsigned region)
{
	return region == PAGES_RAM ? shadow->own_ram : shadow->disks[region - PAGES_DISK].own;
}

static uint64_t region_pages(const struct shadow *shadow, unsigned region)
{
	return region == PAGES_RAM ? shadow->ram_size / PAGE : shadow->disks[region - PAGES_DISK].blocks;
}

static void own_name(unsigned region, char name[32])
{
	if (region == PAGES_RAM)
		snprintf(name, 32, "own_ram");
	else
		snprintf(name, 32, "own%u", region - PAGES_DISK);
}

int shadow_read(const struct shadow *shadow, unsigned region, uint64_t page, uint8_t *bytes, struct fail *fail)
{
	ssize_t count;

	while (shadow->base && !has(region_own(shadow, region), page))
		shadow = shadow->base;
	count = pread(region_fd(shadow, region), bytes, PAGE, (off_t)(page * PAGE));
	return count == PAGE ? 0 : fail_io(fail, count < 0 ? errno : EIO);
}

int shadow_open_base(struct shadow *shadow, const struct store *store, const char *instance, unsigned depth, struct fail *fail)
{
	const char *id = json_string_value(json_object_get(shadow->head, "base"));
	unsigned depth_left = depth ? depth - 1 : 0;

	if (!id)
		return 0;
	if (!depth || !params_is_hex(id, 16))
		return fail_set(fail, "damaged", "The snapshot leans on one that makes no sense.");
	for (unsigned region = PAGES_RAM; region < PAGES_DISK + shadow->disk_count; region++) {
		size_t size = 0, wanted = UM_DISK_BITMAP_BYTES(region_pages(shadow, region));
		char name[32];
		uint64_t *own;

		own_name(region, name);
		own = (uint64_t *)(void *)store_read(shadow->folder, name, (size_t)1 << 30, &size);
		if (region == PAGES_RAM)
			shadow->own_ram = own;
		else
			shadow->disks[region - PAGES_DISK].own = own;
		if (!own || size != wanted)
			return fail_set(fail, "damaged", "The snapshot does not tell which pages are its own.");
	}
	shadow->base = calloc(1, sizeof(*shadow->base));
	if (!shadow->base)
		return fail_set(fail, "no-memory", "The host has no memory to read the snapshot.");
	return shadow_open_deep(shadow->base, store, id, instance, depth_left, fail);
}

static unsigned chain_length(const struct shadow *shadow)
{
	unsigned length = 0;

	for (; shadow; shadow = shadow->base)
		length++;
	return length;
}

/* Looking for parts of an instance */

struct search {
	const struct store *store;
	const char *instance, *base; /* base: only those that lean on it */
	json_int_t cut;
	char latest[17];
	struct fail *fail;
};

static json_t *part_head(const struct search *search, const char *snapshot)
{
	int folder = params_is_hex(snapshot, 16) ? shadow_folder(search->store, snapshot, search->instance, false) : -1;
	struct fail unread;
	json_t *head;

	if (folder < 0)
		return NULL;
	head = store_read_json(folder, SHADOW_HEAD, &unread);
	close(folder);
	return head;
}

static int compare_latest(void *arg, int folder, const char *snapshot)
{
	struct search *search = arg;
	json_t *head = part_head(search, snapshot);
	json_int_t cut = json_integer_value(json_object_get(head, "cutUs"));

	(void)folder;
	if (head && cut > search->cut) {
		search->cut = cut;
		snprintf(search->latest, sizeof(search->latest), "%s", snapshot);
	}
	json_decref(head);
	return 0;
}

static int search_all(struct search *search, int (*fn)(void *arg, int folder, const char *snapshot))
{
	int all = store_folder(search->store, "snapshots"), result;

	if (all < 0)
		return 0;
	result = store_each(all, fn, search);
	close(all);
	return result;
}

bool shadow_latest(const struct store *store, const char *instance, char snapshot[17])
{
	struct search search = { .store = store, .instance = instance };

	search_all(&search, compare_latest);
	memcpy(snapshot, search.latest, sizeof(search.latest));
	return search.latest[0];
}

/* Making a new part lean on the base */

static bool same_sizes(const struct shadow *base, const struct shadow_thin *part)
{
	bool same = base->ram_size == part->ram_size && base->disk_count == part->disk_count;

	for (unsigned i = 0; same && i < part->disk_count; i++)
		same = base->disks[i].blocks == part->disks[i].blocks;
	return same;
}

static int punch(int fd, uint64_t first, uint64_t end, struct fail *fail)
{
	if (end > first && fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)(first * PAGE), (off_t)((end - first) * PAGE)) < 0)
		return fail_io(fail, errno);
	return 0;
}

static int thin_region(const struct shadow_thin *part, const struct shadow *base, unsigned region, struct fail *fail)
{
	uint64_t pages = region_pages(base, region), first = 0;
	uint64_t *own = calloc(1, UM_DISK_BITMAP_BYTES(pages));
	const struct shadow_disk *disk = region == PAGES_RAM ? NULL : &part->disks[region - PAGES_DISK], *base_disk = disk ? &base->disks[region - PAGES_DISK] : NULL;
	uint8_t mine[PAGE], its[PAGE];
	char name[32];
	int result = own ? 0 : fail_set(fail, "no-memory", "The host has no memory to compare snapshots.");

	for (uint64_t page = 0; !result && page < pages; page++) {
		bool equal = disk && !has(disk->present, page); /* of a block that is not there nobody asks */

		if (!equal && (!disk || has(base_disk->present, page))) {
			if (pread(part->fds[region], mine, PAGE, (off_t)(page * PAGE)) != PAGE)
				result = fail_io(fail, errno);
			else
				result = shadow_read(base, region, page, its, fail);
			equal = !result && !memcmp(mine, its, PAGE);
		}
		if (equal || result)
			continue;
		set(own, page);
		result = punch(part->fds[region], first, page, fail);
		first = page + 1;
	}
	if (!result)
		result = punch(part->fds[region], first, pages, fail);
	own_name(region, name);
	if (!result) {
		int error = store_write(part->folder, name, own, UM_DISK_BITMAP_BYTES(pages), true);

		result = error ? fail_io(fail, -error) : 0;
	}
	free(own);
	return result;
}

int shadow_thin(const struct store *store, const char *snapshot, const char *instance, const struct shadow_thin *part, struct fail *fail)
{
	struct shadow base;
	struct fail unusable;
	int result = 0;

	if (shadow_open(&base, store, snapshot, instance, &unusable) == 0 && same_sizes(&base, part) && chain_length(&base) < SHADOW_CHAIN_MAX) {
		for (unsigned region = PAGES_RAM; !result && region < PAGES_DISK + base.disk_count; region++)
			result = thin_region(part, &base, region, fail);
		if (!result)
			result = 1;
	}
	shadow_close(&base);
	return result;
}

/* Letting a part lean no more on one that goes */

static int take_over_region(struct shadow *part, unsigned region, struct fail *fail)
{
	const struct shadow *base = part->base;
	uint64_t pages = region_pages(part, region), *own = region_own(part, region);
	const uint64_t *its = base->base ? region_own(base, region) : NULL;
	char path[32], name[32];
	uint8_t bytes[PAGE];
	int fd, result = 0, error;

	if (region == PAGES_RAM)
		snprintf(path, sizeof(path), "ram");
	else
		snprintf(path, sizeof(path), "overlay%u", region - PAGES_DISK);
	fd = openat(part->folder, path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return fail_io(fail, errno);
	for (uint64_t page = 0; !result && page < pages; page++) {
		/* Of a block that is not there nobody asks. */
		if (has(own, page) || (its && !has(its, page)) || (region != PAGES_RAM && !has(part->disks[region - PAGES_DISK].present, page)))
			continue;
		result = pread(region_fd(base, region), bytes, PAGE, (off_t)(page * PAGE)) == PAGE ? 0 : fail_io(fail, errno);
		/* Its file has a hole here, which reads as zero. */
		if (!result && (bytes[0] || memcmp(bytes, bytes + 1, PAGE - 1)) && pwrite(fd, bytes, PAGE, (off_t)(page * PAGE)) != PAGE)
			result = fail_io(fail, errno);
		set(own, page);
	}
	if (!result && fdatasync(fd) < 0)
		result = fail_io(fail, errno);
	close(fd);
	own_name(region, name);
	if (!result && (error = store_write(part->folder, name, own, UM_DISK_BITMAP_BYTES(pages), true)))
		result = fail_io(fail, -error);
	return result;
}

static int take_over(void *arg, int folder, const char *snapshot)
{
	struct search *search = arg;
	json_t *head = part_head(search, snapshot);
	const char *base = json_string_value(json_object_get(head, "base"));
	struct shadow part;
	int result = 0;

	(void)folder;
	if (base && !strcmp(base, search->base)) {
		result = shadow_open(&part, search->store, snapshot, search->instance, search->fail);
		for (unsigned region = PAGES_RAM; !result && region < PAGES_DISK + part.disk_count; region++)
			result = take_over_region(&part, region, search->fail);
		if (!result) {
			json_t *next = json_object_get(part.base->head, "base");

			if (next)
				json_object_set(part.head, "base", next);
			else
				json_object_del(part.head, "base");
			result = store_write_json(part.folder, SHADOW_HEAD, part.head, true, search->fail);
		}
		shadow_close(&part);
	}
	json_decref(head);
	return result;
}

int shadow_release(const struct store *store, const char *snapshot, const char *instance, struct fail *fail)
{
	struct search search = { .store = store, .instance = instance, .base = snapshot, .fail = fail };

	return search_all(&search, take_over) == -1 ? -1 : 0;
}
