/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Theory (docs/protocols.md, section 9). The stream is a stranger's. Its order is fixed and its pages ascend, so that it cannot make us write more than the VM is large; what it
 * says of the VM must fit the configuration that the desktop gives, since the guest in it was booted with that memory, those disks and NICs; and only when its digest agrees, the
 * memory holds a frozen guest and nothing follows, the instance appears, by rename.
 *
 *   CONFIG, magic, HEAD   what can be refused by them is refused before anything is made
 *   PAGES                 into a new RAM file in tmpfs and new overlays
 *   DEVICES               kept as files until the start (vm_saved.c)
 *   DIGEST, END
 */
#define _GNU_SOURCE
#include "state_put.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "instance.h"
#include "kernel_id.h"
#include "link.h"
#include "migration_check.h"
#include "migration_devices.h"
#include "migration_image.h"
#include "migration_pages.h"
#include "params.h"
#include "ram.h"
#include "state_stream.h"
#include "vm.h"

#define RAM_EXTRA (64ull << 20) /* the kernel's own data, beyond mem= */
#define MEBIBYTE (1ull << 20)

struct putting {
	const struct store *store;
	const char *instance;
	struct state_reader *reader;
	struct pages_reader *pages;
	json_t *config; /* of the new VM */
	bool keep_clock;
	json_t *head;
	bool is_device; /* a switch or gateway: no memory, no disks */
	uint64_t ram_size, mark_offset, seed, ram_pages, disk_blocks;
	bool seccomp;
	char ram[512];
	int ram_fd;
	struct disk disks[COPY_DISKS_MAX];
	unsigned disk_count;
	struct image_copy image;
	struct migration_devices devices;
	/* how far the pages have come */
	uint8_t region;
	uint64_t next, got_pages, got_blocks;
	uint64_t ram_bytes, overlay_bytes;
};

static int fail_damaged(struct fail *fail, const char *what)
{
	return fail_set(fail, "damaged", "The saved state is damaged: %s. Nothing was made of it; get it once more.", what);
}

static int fail_misfit(struct fail *fail, const char *what)
{
	return fail_set(fail, "bad-config", "The saved state does not fit the VM that it shall become: %s. Nothing was made of it.", what);
}

/* CONFIG and HEAD */

static json_t *read_json(struct putting *putting, enum state_type type, struct fail *fail)
{
	struct wire_message message;
	json_t *json;

	if (state_read(putting->reader, &message, fail) < 0)
		return NULL;
	json = (unsigned)message.type == type ? json_loadb((const char *)message.bytes, message.size, 0, NULL) : NULL;
	if (!json_is_object(json)) {
		json_decref(json);
		fail_damaged(fail, type == STATE_CONFIG ? "it does not begin with a configuration" : "it has no description");
		return NULL;
	}
	return json;
}

static int read_config(struct putting *putting, struct fail *fail)
{
	json_t *message = read_json(putting, STATE_CONFIG, fail), *config;
	const char *clock, *instance;
	int result = -1;

	if (!message || params_object(message, "config", false, &config, fail) < 0 || params_string(message, "clock", true, 16, &clock, fail) < 0)
		goto out;
	if (clock && strcmp(clock, "follow") && strcmp(clock, "keep")) {
		fail_set(fail, "bad-request", "\"clock\" must be follow or keep.");
		goto out;
	}
	instance = json_string_value(json_object_get(config, "instance"));
	if (instance && strcmp(instance, putting->instance)) {
		fail_misfit(fail, "its configuration names another instance");
		goto out;
	}
	putting->keep_clock = clock && !strcmp(clock, "keep");
	putting->is_device = device_kind_of(config) != DEVICE_NONE;
	putting->config = json_incref(config);
	json_object_set_new(config, "instance", json_string(putting->instance));
	result = 0;
out:
	json_decref(message);
	return result;
}

/* The guest has found these when it booted. */
static int check_hardware(const struct putting *putting, const json_t *saved, struct fail *fail)
{
	const json_t *nics = json_object_get(putting->config, "nics"), *saved_nics = json_object_get(saved, "nics");

	if (device_kind_of(putting->config) != device_kind_of(saved))
		return fail_misfit(fail, "it is of another kind");
	if (!putting->is_device && !json_equal(json_object_get(putting->config, "memoryMiB"), json_object_get(saved, "memoryMiB")))
		return fail_misfit(fail, "the memory has another size");
	if (!putting->is_device && !disks_same(json_object_get(putting->config, "disks"), json_object_get(saved, "disks")))
		return fail_misfit(fail, "the disks have other images or sizes");
	if (json_array_size(nics) != json_array_size(saved_nics))
		return fail_misfit(fail, "it has another number of NICs");
	for (size_t i = 0; i < json_array_size(nics); i++)
		if (json_is_true(json_object_get(json_array_get(nics, i), "offload")) != json_is_true(json_object_get(json_array_get(saved_nics, i), "offload")))
			return fail_misfit(fail, "a NIC has offloads that the other has not");
	return 0;
}

static int check_kernel(const struct putting *putting, struct fail *fail)
{
	const char *wanted, *agent;
	char id[KERNEL_ID_TEXT], other[65];

	if (params_string(putting->head, "buildId", false, KERNEL_ID_TEXT, &wanted, fail) < 0 || params_hash(putting->config, "kernel", &agent, fail) < 0)
		return -1;
	if (!kernel_id(putting->store, agent, id))
		return fail_set(fail, "no-kernel", "The VM was not restored: there is no guest kernel of the version %.12s on this host. Connect it with that version of Mobitopolo.", agent);
	if (!strcmp(id, wanted))
		return 0;
	if (kernel_find(putting->store, wanted, other))
		return fail_set(fail, "other-kernel", "The VM was not restored: its state belongs to the guest kernel of the version %s, which is on this host. Restore it with that one.", other);
	return fail_set(fail, "other-kernel", "The VM was not restored: its state belongs to a guest kernel (build %.12s) that is not on this host. Connect the host with the version of Mobitopolo "
			"that saved it.", wanted);
}

static int check_host(const struct putting *putting, struct fail *fail)
{
	static const struct check_words words = { .done = "restored", .holds = "Nothing was made of it." };
	json_t *requires = json_pack("{sO* sO* ss sI}", "cpuFeatures", json_object_get(putting->head, "cpuFeatures"), "xfeatures", json_object_get(putting->head, "xfeatures"),
				     "mode", putting->seccomp ? "seccomp" : "ptrace", "overlayBytes",
				     (json_int_t)(putting->disk_blocks * MIGRATION_PAGE));
	int result = migration_check(putting->store, putting->config, requires, &words, fail);

	json_decref(requires);
	return result;
}

static int read_head(struct putting *putting, struct fail *fail)
{
	json_int_t version, memory = 0, ram, mark, seed, page, pages, blocks, cut, offset;
	const json_t *head;
	json_t *saved;

	putting->head = read_json(putting, STATE_HEAD, fail);
	head = putting->head;
	if (!head)
		return -1;
	if (params_integer(head, "version", false, 1, INT32_MAX, &version, fail) < 0)
		return -1;
	if (version != STATE_VERSION)
		return fail_set(fail, "version", "The saved state has version %d of its format, this agent knows %d. Use the version of Mobitopolo that saved it.", (int)version, STATE_VERSION);
	if (json_object_get(head, "base"))
		return fail_set(fail, "bad-request", "The saved state holds only what differs from an earlier snapshot. Put both together before.");
	if (params_object(head, "config", false, &saved, fail) < 0 ||
	    params_integer(putting->config, "memoryMiB", putting->is_device, VM_MEMORY_MIN_MIB, VM_MEMORY_MAX_MIB, &memory, fail) < 0 ||
	    check_hardware(putting, saved, fail) < 0 ||
	    params_integer(head, "pageSize", false, MIGRATION_PAGE, MIGRATION_PAGE, &page, fail) < 0 ||
	    params_integer(head, "ramSize", false, putting->is_device ? 0 : MIGRATION_PAGE, putting->is_device ? 0 : memory * (json_int_t)MEBIBYTE + (json_int_t)RAM_EXTRA, &ram, fail) < 0 ||
	    params_integer(head, "markOffset", false, 0, putting->is_device ? 0 : ram - MIGRATION_PAGE, &mark, fail) < 0 || params_integer(head, "seed", false, 0, INT64_MAX, &seed, fail) < 0 ||
	    params_integer(head, "ramPages", false, 0, ram / MIGRATION_PAGE, &pages, fail) < 0 ||
	    params_integer(head, "diskBlocks", false, 0, INT64_MAX / MIGRATION_PAGE, &blocks, fail) < 0 || params_integer(head, "cutUs", false, 1, INT64_MAX / 1000, &cut, fail) < 0 ||
	    params_integer(head, "realDeltaNs", false, INT64_MIN, INT64_MAX, &offset, fail) < 0 || params_boolean(head, "seccomp", false, &putting->seccomp, fail) < 0)
		return -1;
	if (ram % MIGRATION_PAGE)
		return fail_damaged(fail, "its memory has an odd size");
	putting->ram_size = (uint64_t)ram;
	putting->mark_offset = (uint64_t)mark;
	putting->seed = (uint64_t)seed;
	putting->ram_pages = (uint64_t)pages;
	putting->disk_blocks = (uint64_t)blocks;
	if (putting->is_device)
		return 0;
	return check_kernel(putting, fail) < 0 || check_host(putting, fail) < 0 ? -1 : 0;
}

/* In the new folder */

static int open_ram(struct putting *putting, struct fail *fail)
{
	putting->ram_fd = ram_create(putting->instance, putting->ram_size, putting->ram, sizeof(putting->ram), fail);
	if (putting->ram_fd < 0)
		return -1;
	if (!putting->ram[0])
		return fail_set(fail, "no-memory", "The VM was not restored: no folder in this host's memory (/dev/shm) has %llu MiB free. Nothing was made of it; stop VMs there or use another host.",
				(unsigned long long)(putting->ram_size / MEBIBYTE));
	return 0;
}

static int open_disks(struct putting *putting, struct fail *fail)
{
	const json_t *disks = json_object_get(putting->config, "disks"), *told = json_object_get(putting->head, "disks"), *disk;
	size_t index;

	json_array_foreach((json_t *)disks, index, disk) {
		if (index >= COPY_DISKS_MAX)
			return fail_misfit(fail, "it has too many disks");
		if (disk_open(&putting->disks[index], (unsigned)index, putting->store, disk, fail) < 0)
			return -1;
		putting->disk_count++;
		if ((uint64_t)json_integer_value(json_object_get(json_array_get(told, index), "blocks")) != putting->disks[index].blocks)
			return fail_misfit(fail, "a disk has another size");
	}
	return 0;
}

/* Regions and pages ascend: nothing comes twice. */
static int take_run(void *arg, uint8_t region, uint64_t first, uint32_t count, const uint8_t *bytes, struct fail *fail)
{
	struct putting *putting = arg;

	if (region < putting->region || (region == putting->region && first < putting->next))
		return fail_damaged(fail, "its pages are out of order");
	if (image_copy_run(&putting->image, region, first, count, bytes, fail) < 0)
		return -1;
	putting->region = region;
	putting->next = first + count;
	if (region != PAGES_RAM)
		putting->got_blocks += count;
	else if (bytes)
		putting->got_pages += count;
	return 0;
}

static int check_devices(const struct putting *putting, struct fail *fail)
{
	json_t *json = putting->devices.json ? json_loadb(putting->devices.json, putting->devices.json_size, 0, NULL) : NULL;
	bool whole = json_is_object(json_object_get(json, "lines")) && json_is_array(json_object_get(json, "links"));

	json_decref(json);
	if (!whole || links_frames_count(putting->devices.frames, putting->devices.frames_size, (unsigned)json_array_size(json_object_get(putting->config, "nics"))) < 0)
		return fail_damaged(fail, "its device state makes no sense");
	return 0;
}

static int check_whole(struct putting *putting, const struct wire_message *digest, struct fail *fail)
{
	int64_t offset;

	if (putting->got_pages != putting->ram_pages || putting->got_blocks != putting->disk_blocks)
		return fail_damaged(fail, "pages are missing");
	if (!image_copy_agrees(&putting->image, digest->bytes, digest->size))
		return fail_set(fail, "digest", "The saved state is damaged: what came differs from what was saved. Nothing was made of it; get it once more.");
	if (putting->is_device)
		return check_devices(putting, fail);
	if (!ram_is_frozen(putting->ram, putting->mark_offset))
		return fail_damaged(fail, "its memory holds no frozen guest");
	if (putting->keep_clock && (ram_clock_offset(putting->ram_fd, putting->mark_offset, &offset, fail) < 0 ||
				    offset != json_integer_value(json_object_get(putting->head, "realDeltaNs"))))
		return fail_set(fail, "other-kernel", "The guest's clock cannot be kept, as its kernel keeps it elsewhere. Restore the VM with a clock that follows the host's.");
	return check_devices(putting, fail);
}

static int read_body(struct putting *putting, struct fail *fail)
{
	struct wire_message message;

	for (;;) {
		int result;

		if (state_read(putting->reader, &message, fail) < 0)
			return -1;
		switch ((unsigned)message.type) {
		case STATE_PAGES:
			result = pages_read(putting->pages, &message, take_run, NULL, putting, fail);
			break;
		case STATE_DEVICES:
			result = migration_devices_receive(&putting->devices, &message, fail);
			break;
		case STATE_DIGEST:
			if (check_whole(putting, &message, fail) < 0 || state_read(putting->reader, &message, fail) < 0)
				return -1;
			if ((unsigned)message.type != STATE_END || message.size)
				return fail_damaged(fail, "its end is missing");
			return state_read_end(putting->reader, fail);
		default:
			result = fail_damaged(fail, "it has a message that makes no sense");
		}
		if (result < 0)
			return -1;
	}
}

static void count_bytes(struct putting *putting)
{
	struct stat info;

	if (fstat(putting->ram_fd, &info) == 0)
		putting->ram_bytes = (uint64_t)info.st_blocks * 512;
	for (unsigned i = 0; i < putting->disk_count; i++)
		putting->overlay_bytes += disk_overlay_bytes(&putting->disks[i]);
}

static int fill(void *arg, int folder, struct record *record, struct fail *fail)
{
	struct putting *putting = arg;
	struct disk *disks[COPY_DISKS_MAX];

	if (fchdir(folder) < 0)
		return fail_set(fail, "io", "The VM's folder cannot be entered: %s.", strerror(errno));
	if (!putting->is_device && (open_ram(putting, fail) < 0 || open_disks(putting, fail) < 0))
		return -1;
	for (unsigned i = 0; i < putting->disk_count; i++)
		disks[i] = &putting->disks[i];
	if (image_copy_open(&putting->image, putting->ram_fd, putting->ram_size, putting->seed, disks, putting->disk_count, fail) < 0 || read_body(putting, fail) < 0 ||
	    migration_devices_store(&putting->devices, folder, fail) < 0)
		return -1;
	count_bytes(putting);
	snprintf(record->ram, sizeof(record->ram), "%s", putting->ram);
	record->mark_offset = putting->mark_offset;
	record->seccomp = putting->seccomp;
	if (putting->keep_clock)
		record->keep_clock_us = (uint64_t)json_integer_value(json_object_get(putting->head, "cutUs"));
	return 0;
}

static void putting_close(struct putting *putting)
{
	image_copy_close(&putting->image);
	for (unsigned i = 0; i < putting->disk_count; i++)
		disk_close(&putting->disks[i]);
	if (putting->ram_fd >= 0)
		close(putting->ram_fd);
	migration_devices_clear(&putting->devices);
	pages_reader_destroy(putting->pages);
	state_reader_destroy(putting->reader);
	json_decref(putting->config);
	json_decref(putting->head);
}

json_t *state_put(const struct store *store, const char *instance, int fd, struct fail *fail)
{
	struct putting putting = { .store = store, .instance = instance, .ram_fd = -1 };
	char name[17];
	json_t *result = NULL;

	instance_sweep(store);
	putting.reader = state_reader_create(fd);
	putting.pages = pages_reader_create();
	if (!putting.reader || !putting.pages)
		fail_set(fail, "no-memory", "The host has no memory to take a saved state.");
	else if (read_config(&putting, fail) == 0 && state_read_magic(putting.reader, fail) == 0 && read_head(&putting, fail) == 0 &&
		 instance_build(store, putting.config, VM_SAVED, fill, &putting, name, fail) == 0)
		result = json_pack("{ss sI sI}", "instance", instance, "ramBytes", (json_int_t)putting.ram_bytes, "overlayBytes", (json_int_t)putting.overlay_bytes);
	putting_close(&putting);
	return result;
}
