/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Theory. A part is made while its VM runs: passes write pages where they belong in `ram` and `overlay<n>`, sparse files of full size. `present<n>` tells
 * which blocks the overlay holds, `devices` and `frames` are as migration_devices.c has them. head.json comes last, by rename: a part that has one is complete and never
 * changes again. What is said about the snapshot as a whole is in `note.json` beside its parts, on each host. `lock` is held (flock) by whoever makes the part; a part without a head that nobody locks is what a dead supervisor left, and is removed.
 */
#define _GNU_SOURCE
#include "shadow.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "params.h"

#define MAP_MAX ((size_t)1 << 30)
#define NOTE "note.json"
#define NOTE_MAX (768u << 10)

/* Folders */

static int snapshots_folder(const struct store *store)
{
	return store_folder(store, "snapshots");
}

int shadow_folder(const struct store *store, const char *snapshot, const char *instance, bool make)
{
	int parent = snapshots_folder(store), folder = -1;

	if (parent < 0)
		return -1;
	if (!make || mkdirat(parent, snapshot, 0700) == 0 || errno == EEXIST)
		folder = openat(parent, snapshot, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	close(parent);
	if (folder < 0 || !instance)
		return folder;
	parent = folder;
	folder = make && mkdirat(parent, instance, 0700) < 0 ? -1 : openat(parent, instance, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	close(parent);
	return folder;
}

/* Reading */

static int open_file(const struct shadow *shadow, const char *name, off_t size)
{
	int fd = openat(shadow->folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct stat info;

	if (fd >= 0 && (fstat(fd, &info) < 0 || !S_ISREG(info.st_mode) || info.st_size != size)) {
		close(fd);
		return -1;
	}
	return fd;
}

static int open_disk(struct shadow *shadow, unsigned index, uint64_t blocks)
{
	struct shadow_disk *disk = &shadow->disks[index];
	char name[32];
	size_t size = 0;

	disk->blocks = blocks;
	snprintf(name, sizeof(name), "overlay%u", index);
	disk->fd = open_file(shadow, name, (off_t)(blocks * UM_DISK_BLOCK_SIZE));
	snprintf(name, sizeof(name), "present%u", index);
	disk->present = (uint64_t *)(void *)store_read(shadow->folder, name, MAP_MAX, &size);
	shadow->disk_count = index + 1;
	return disk->fd < 0 || !disk->present || size != UM_DISK_BITMAP_BYTES(blocks) ? -1 : 0;
}

int shadow_open(struct shadow *shadow, const struct store *store, const char *snapshot, const char *instance, struct fail *fail)
{
	return shadow_open_deep(shadow, store, snapshot, instance, SHADOW_CHAIN_MAX, fail);
}

int shadow_open_deep(struct shadow *shadow, const struct store *store, const char *snapshot, const char *instance, unsigned depth, struct fail *fail)
{
	const json_t *disks, *disk;
	struct fail unread;
	size_t index;

	*shadow = (struct shadow){ .ram_fd = -1 };
	shadow->folder = shadow_folder(store, snapshot, instance, false);
	if (shadow->folder >= 0)
		shadow->head = store_read_json(shadow->folder, SHADOW_HEAD, &unread);
	if (!shadow->head)
		return fail_set(fail, "no-such-snapshot", "There is no complete snapshot %s of VM %s on this host. List the snapshots again.", snapshot, instance);
	shadow->ram_size = (uint64_t)json_integer_value(json_object_get(shadow->head, "ramSize"));
	shadow->ram_fd = open_file(shadow, "ram", (off_t)shadow->ram_size);
	if (shadow->ram_fd < 0)
		goto damaged;
	disks = json_object_get(shadow->head, "disks");
	json_array_foreach(disks, index, disk) {
		json_int_t blocks = json_integer_value(json_object_get(disk, "blocks"));

		if (index >= COPY_DISKS_MAX || blocks <= 0 || open_disk(shadow, (unsigned)index, (uint64_t)blocks) < 0)
			goto damaged;
	}
	return shadow_open_base(shadow, store, instance, depth, fail);
damaged:
	return fail_set(fail, "damaged", "The files of snapshot %s of VM %s do not fit its description. Delete the snapshot and make another.", snapshot, instance);
}

void shadow_close(struct shadow *shadow)
{
	for (unsigned i = 0; i < shadow->disk_count; i++) {
		if (shadow->disks[i].fd >= 0)
			close(shadow->disks[i].fd);
		free(shadow->disks[i].present);
		free(shadow->disks[i].own);
	}
	if (shadow->base)
		shadow_close(shadow->base);
	free(shadow->base);
	free(shadow->own_ram);
	if (shadow->ram_fd >= 0)
		close(shadow->ram_fd);
	if (shadow->folder >= 0)
		close(shadow->folder);
	json_decref(shadow->head);
}

/* Looking and removing */

static int is_part(void *arg, int folder, const char *name)
{
	(void)arg;
	(void)folder;
	return params_is_hex(name, 16);
}

/* With its last part a snapshot goes, and the note with it. */
static void remove_if_empty(int all, const char *snapshot)
{
	int folder = openat(all, snapshot, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (folder < 0)
		return;
	if (store_each(folder, is_part, NULL) == 0) {
		unlinkat(folder, NOTE, 0);
		unlinkat(all, snapshot, AT_REMOVEDIR);
	}
	close(folder);
}

void shadow_remove_part(const struct store *store, const char *snapshot, const char *instance)
{
	int all = snapshots_folder(store), parent = shadow_folder(store, snapshot, NULL, false);

	if (parent >= 0) {
		store_remove(parent, instance);
		close(parent);
	}
	if (all >= 0) {
		remove_if_empty(all, snapshot);
		close(all);
	}
}

struct walk {
	const struct store *store;
	const char *snapshot, *instance; /* NULL: any */
	json_t *list, *note;
	bool sweep;
	struct fail *fail;
};

static bool is_made(int part)
{
	int lock = store_lock(part, SHADOW_LOCK, false);

	if (lock < 0)
		return errno == EWOULDBLOCK;
	close(lock);
	return false;
}

static uint64_t part_bytes(int part)
{
	static const char *const files[] = { "ram", "overlay0", "overlay1", "devices", "frames" };
	uint64_t bytes = 0;
	struct stat info;

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		if (fstatat(part, files[i], &info, AT_SYMLINK_NOFOLLOW) == 0)
			bytes += (uint64_t)info.st_blocks * 512;
	return bytes;
}

static void list_part(struct walk *walk, int part, const char *snapshot, const char *instance)
{
	struct fail unread;
	json_t *head = store_read_json(part, SHADOW_HEAD, &unread), *config = json_object_get(head, "config");

	json_array_append_new(walk->list, json_pack("{ss ss sO* sO* sO* sO* sO* sO* sb sb sO* sI}", "snapshot", snapshot, "instance", instance, "lab", json_object_get(config, "lab"), "node",
						    json_object_get(config, "node"), "name", json_object_get(config, "name"), "label", json_object_get(walk->note, "label"),
						    "automatic", json_object_get(walk->note, "automatic"), "base", json_object_get(head, "base"), "complete", head != NULL, "making", is_made(part),
						    "cutUs", json_object_get(head, "cutUs"), "bytes", (json_int_t)part_bytes(part)));
	json_decref(head);
}

static int each_part(void *arg, int folder, const char *instance)
{
	struct walk *walk = arg;
	int part, result = 0;

	if (!params_is_hex(instance, 16) || (walk->instance && strcmp(walk->instance, instance)))
		return 0;
	part = openat(folder, instance, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (part < 0)
		return 0;
	if (walk->list) {
		list_part(walk, part, walk->snapshot, instance);
	} else if (is_made(part)) {
		result = walk->sweep ? 0 : fail_set(walk->fail, "busy", "VM %s is just being saved for snapshot %s. Cancel that, or wait for its end.", instance, walk->snapshot);
	} else if (!walk->sweep || faccessat(part, SHADOW_HEAD, F_OK, AT_SYMLINK_NOFOLLOW) < 0) {
		result = walk->sweep ? 0 : shadow_release(walk->store, walk->snapshot, instance, walk->fail);
		if (!result)
			store_remove(folder, instance);
	}
	close(part);
	return result;
}

static int each_snapshot(void *arg, int folder, const char *snapshot)
{
	struct walk *walk = arg, one = *walk;
	struct fail unread;
	int parts, result;

	if (!params_is_hex(snapshot, 16) || (walk->snapshot && strcmp(walk->snapshot, snapshot)))
		return 0;
	parts = openat(folder, snapshot, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (parts < 0)
		return 0;
	one.snapshot = snapshot;
	one.note = walk->list ? store_read_json(parts, NOTE, &unread) : NULL;
	result = store_each(parts, each_part, &one);
	json_decref(one.note);
	close(parts);
	if (!walk->list)
		remove_if_empty(folder, snapshot);
	return result;
}

static int each(struct walk *walk)
{
	int all = snapshots_folder(walk->store), result;

	if (all < 0)
		return 0;
	result = store_each(all, each_snapshot, walk);
	close(all);
	return result;
}

json_t *shadow_list(const struct store *store)
{
	struct walk walk = { .store = store, .list = json_array() };

	each(&walk);
	return walk.list;
}

int shadow_remove(const struct store *store, const char *snapshot, const char *instance, struct fail *fail)
{
	struct walk walk = { .store = store, .snapshot = snapshot, .instance = instance, .fail = fail };
	int lock = shadow_chain_lock(store), result = each(&walk);

	if (lock >= 0)
		close(lock);
	return result == -1 ? -1 : 0;
}

void shadow_sweep(const struct store *store, const char *instance)
{
	struct walk walk = { .store = store, .instance = instance, .sweep = true };

	each(&walk);
}

/* Notes */

static int open_noted(const struct store *store, const char *snapshot, struct fail *fail)
{
	int folder = shadow_folder(store, snapshot, NULL, false);

	if (folder < 0)
		fail_set(fail, "no-such-snapshot", "There is no snapshot %s on this host. List the snapshots again.", snapshot);
	return folder;
}

int shadow_note(const struct store *store, const char *snapshot, const json_t *note, struct fail *fail)
{
	int folder = open_noted(store, snapshot, fail), result = -1;

	if (folder < 0)
		return -1;
	if (json_dumpb(note, NULL, 0, JSON_COMPACT) > NOTE_MAX)
		fail_set(fail, "too-large", "What is to be noted of the snapshot has more than %u KiB. Leave the picture out.", NOTE_MAX >> 10);
	else
		result = store_write_json(folder, NOTE, note, true, fail);
	close(folder);
	return result;
}

json_t *shadow_noted(const struct store *store, const char *snapshot, struct fail *fail)
{
	int folder = open_noted(store, snapshot, fail);
	struct fail unread;
	json_t *note;

	if (folder < 0)
		return NULL;
	note = store_read_json(folder, NOTE, &unread);
	close(folder);
	return note ? note : json_object();
}
