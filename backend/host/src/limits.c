/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The owner of an account, with `limits.set`, and the administrator of the host, in LIMITS_HOST, may say how much memory and disk the VMs of a host folder take; the smaller number counts.
 *
 * Memory counts by what VMs that run, are parked or saved were given, disk by what disks may grow to, and by what images and snapshots take. So whatever guests do later, the limit
 * holds, and it is asked for only when a VM is made, started, received or saved. All of these look at facts_collect or at limits_left.
 *
 * A lower limit ends nothing that is there; nothing more is let in until there is room.
 */
#define _GNU_SOURCE
#include "limits.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "params.h"
#include "record.h"

#define LIMITS_FILE "limits.json"
#define LIMITS_HOST_FOLDER "/etc/mobitopolo"
#define LIMIT_MIB_MAX ((json_int_t)1 << 40)
#define MEBIBYTE ((uint64_t)1 << 20)

struct taken {
	uint64_t memory, disk;
};

static void limit_apply(uint64_t *limit, const json_t *value)
{
	json_int_t mebibytes = json_integer_value(value);

	if (json_is_integer(value) && mebibytes >= 0 && mebibytes <= LIMIT_MIB_MAX && (uint64_t)mebibytes * MEBIBYTE < *limit)
		*limit = (uint64_t)mebibytes * MEBIBYTE;
}

static void limits_apply(struct limits *limits, int folder)
{
	struct fail unused;
	json_t *said = store_read_json(folder, LIMITS_FILE, &unused);

	limit_apply(&limits->memory, json_object_get(said, "memoryMiB"));
	limit_apply(&limits->disk, json_object_get(said, "diskMiB"));
	json_decref(said);
}

struct limits limits_read(const struct store *store)
{
	struct limits limits = { UINT64_MAX, UINT64_MAX };
	int host = open(LIMITS_HOST_FOLDER, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	limits_apply(&limits, store->fd);
	if (host >= 0) {
		limits_apply(&limits, host);
		close(host);
	}
	return limits;
}

static bool holds_memory(enum vm_state state)
{
	return state != VM_CREATED && state != VM_STOPPED && state != VM_CRASHED && state != VM_HANDED_OVER;
}

static uint64_t disks_of(const json_t *config)
{
	uint64_t bytes = 0;
	json_t *disk;
	size_t index;

	json_array_foreach(json_object_get(config, "disks"), index, disk)
		bytes += (uint64_t)json_integer_value(json_object_get(disk, "sizeMiB")) * MEBIBYTE;
	return bytes;
}

static int count_instance(void *arg, int vms, const char *name)
{
	struct taken *taken = arg;
	struct record record;
	struct fail unused;
	json_t *config;
	int folder;

	if (!params_is_hex(name, 16))
		return 0;
	folder = openat(vms, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (folder < 0)
		return 0;
	config = store_read_json(folder, "config.json", &unused);
	taken->disk += disks_of(config);
	record_init(&record);
	if (record_load(folder, &record, &unused) == 0 && holds_memory(record.state))
		taken->memory += (uint64_t)json_integer_value(json_object_get(config, "memoryMiB")) * MEBIBYTE;
	record_clear(&record);
	json_decref(config);
	close(folder);
	return 0;
}

/* Files below a folder, as deep as snapshots are. */
static int count_file(void *arg, int folder, const char *name)
{
	struct taken *taken = arg;
	struct stat info;
	int below;

	if (fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	taken->disk += (uint64_t)info.st_blocks * 512;
	below = S_ISDIR(info.st_mode) ? openat(folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW) : -1;
	if (below >= 0) {
		store_each(below, count_file, taken);
		close(below);
	}
	return 0;
}

static struct taken count(const struct store *store)
{
	static const struct {
		const char *folder;
		int (*fn)(void *arg, int folder, const char *name);
	} parts[] = { { "vms", count_instance }, { "images", count_file }, { "snapshots", count_file } };
	struct taken taken = { 0, 0 };

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		int folder = openat(store->fd, parts[i].folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (folder >= 0) {
			store_each(folder, parts[i].fn, &taken);
			close(folder);
		}
	}
	return taken;
}

static uint64_t rest(uint64_t limit, uint64_t taken)
{
	if (limit == UINT64_MAX)
		return limit;
	return limit > taken ? limit - taken : 0;
}

struct limits limits_left(const struct store *store)
{
	struct limits limits = limits_read(store);
	struct taken taken;

	/* Most hosts have none, and then nothing has to be counted. */
	if (limits.memory == UINT64_MAX && limits.disk == UINT64_MAX)
		return limits;
	taken = count(store);
	return (struct limits){ rest(limits.memory, taken.memory), rest(limits.disk, taken.disk) };
}

json_t *limits_tell(const struct store *store)
{
	struct limits limits = limits_read(store);
	struct taken taken = count(store);
	json_t *told = json_pack("{sI sI}", "memoryTaken", (json_int_t)taken.memory, "diskTaken", (json_int_t)taken.disk);

	if (limits.memory != UINT64_MAX)
		json_object_set_new(told, "memory", json_integer((json_int_t)limits.memory));
	if (limits.disk != UINT64_MAX)
		json_object_set_new(told, "disk", json_integer((json_int_t)limits.disk));
	return told;
}

int limits_set(const struct store *store, const json_t *params, struct fail *fail)
{
	static const char *const names[] = { "memoryMiB", "diskMiB" };
	json_t *limits = json_object();
	int status = 0;

	for (size_t i = 0; i < 2 && status == 0; i++) {
		json_int_t mebibytes = -1;

		status = params_integer(params, names[i], true, 0, LIMIT_MIB_MAX, &mebibytes, fail);
		if (mebibytes >= 0)
			json_object_set_new(limits, names[i], json_integer(mebibytes));
	}
	if (status == 0)
		status = store_write_json(store->fd, LIMITS_FILE, limits, false, fail);
	json_decref(limits);
	return status;
}

int limits_allow_disks(const struct store *store, const json_t *config, struct fail *fail)
{
	uint64_t wanted = disks_of(config), left = limits_left(store).disk;

	if (wanted <= left)
		return 0;
	return fail_set(fail, "no-space", "The VM's disks may grow to %llu MiB; of what VMs may take of this host's disk, %llu MiB are left. Delete VMs, snapshots or images there, or raise the limit.",
			(unsigned long long)(wanted / MEBIBYTE), (unsigned long long)(left / MEBIBYTE));
}
