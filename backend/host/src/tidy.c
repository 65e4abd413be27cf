/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each version of the program brings an agent and guest kernel of its own, and VMs stay with the kernel they were started with, as their memory fits no other. So several versions lie side by
 * side, and a folder of agent/ may go when no VM and no snapshot names it, its files are not this agent's, and nobody has used it of late; likewise an image that no VM and no snapshot names, or what came of one. Desktops put agents and images
 * before they make VMs of them: what is younger than a day stays.
 */
#define _GNU_SOURCE
#include "tidy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "params.h"

#define YOUNG_SECONDS (24 * 3600)

struct tidying {
	json_t *used;     /* names of agents and images -> true */
	json_t *removed;  /* names */
	uint64_t bytes;
	bool try, damaged;
};

static void note_config(struct tidying *tidying, const json_t *config)
{
	json_t *disk;
	size_t index;

	if (json_is_string(json_object_get(config, "kernel")))
		json_object_set_new(tidying->used, json_string_value(json_object_get(config, "kernel")), json_true());
	json_array_foreach(json_object_get(config, "disks"), index, disk)
		if (json_is_string(json_object_get(disk, "image")))
			json_object_set_new(tidying->used, json_string_value(json_object_get(disk, "image")), json_true());
}

/* vms/<instance>, snapshots/<snapshot>/<instance>: `file` tells what it was made of. */
static void note_folder(struct tidying *tidying, int parent, const char *name, const char *file)
{
	int folder = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	struct fail unused;
	json_t *said;

	if (folder < 0)
		return;
	said = store_read_json(folder, file, &unused);
	/* Who can't be asked may use anything. */
	if (!said && faccessat(folder, file, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		tidying->damaged = true;
	note_config(tidying, json_object_get(said, "config") ? json_object_get(said, "config") : said);
	json_decref(said);
	close(folder);
}

static int note_instance(void *arg, int vms, const char *name)
{
	note_folder(arg, vms, name, "config.json");
	return 0;
}

static int note_part(void *arg, int snapshot, const char *name)
{
	note_folder(arg, snapshot, name, "head.json");
	return 0;
}

static int note_snapshot(void *arg, int snapshots, const char *name)
{
	int folder = openat(snapshots, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

	if (folder >= 0) {
		store_each(folder, note_part, arg);
		close(folder);
	}
	return 0;
}

static int add_size(void *arg, int folder, const char *name)
{
	uint64_t *bytes = arg;
	struct stat info;

	if (fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) == 0)
		*bytes += (uint64_t)info.st_blocks * 512;
	return 0;
}

/* The agent or image that a name is about, which may be that of a part of an image (part.h); false: of none. */
static bool subject(const char *name, char subject[65])
{
	snprintf(subject, 65, "%s", name);
	return params_is_hex(subject, 64) && (!name[64] || name[64] == '.');
}

static int remove_unused(void *arg, int parent, const char *name)
{
	struct tidying *tidying = arg;
	uint64_t bytes = 0;
	char about[65];
	struct stat info;
	int folder;

	if (!subject(name, about) || json_object_get(tidying->used, about) || fstatat(parent, name, &info, AT_SYMLINK_NOFOLLOW) < 0 ||
	    info.st_mtime > time(NULL) - YOUNG_SECONDS)
		return 0;
	bytes = (uint64_t)info.st_blocks * 512;
	folder = S_ISDIR(info.st_mode) ? openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW) : -1;
	if (folder >= 0) {
		store_each(folder, add_size, &bytes);
		close(folder);
	}
	if (!tidying->try && store_remove(parent, name) < 0)
		return 0;
	tidying->bytes += bytes;
	json_array_append_new(tidying->removed, json_string(name));
	return 0;
}

static void each(const struct store *store, const char *name, int (*fn)(void *arg, int folder, const char *name), void *arg)
{
	int folder = openat(store->fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (folder >= 0) {
		store_each(folder, fn, arg);
		close(folder);
	}
}

json_t *tidy(const struct store *store, bool try, struct fail *fail)
{
	struct tidying tidying = { .used = json_object(), .removed = json_array(), .try = try };
	char self[STORE_PATH_MAX] = "";
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
	json_t *agents, *answer = NULL;
	char *slash;

	/* agent/<hash>/mobihost */
	self[length > 0 ? length : 0] = 0;
	slash = strrchr(self, '/');
	if (slash) {
		*slash = 0;
		slash = strrchr(self, '/');
		json_object_set_new(tidying.used, slash ? slash + 1 : self, json_true());
	}
	each(store, "vms", note_instance, &tidying);
	each(store, "snapshots", note_snapshot, &tidying);
	if (tidying.damaged) {
		fail_set(fail, "damaged", "Something in the host folder can't be read, so nothing was removed: it may need what seems to be of no use. Delete the damaged VM or snapshot first.");
		goto out;
	}
	each(store, "agent", remove_unused, &tidying);
	agents = tidying.removed;
	tidying.removed = json_array();
	each(store, "images", remove_unused, &tidying);
	answer = json_pack("{so sO sI}", "agents", agents, "images", tidying.removed, "bytes", (json_int_t)tidying.bytes);
out:
	json_decref(tidying.used);
	json_decref(tidying.removed);
	return answer;
}
