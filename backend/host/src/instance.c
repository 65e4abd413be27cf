/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "instance.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "disk.h"
#include "image.h"
#include "limits.h"
#include "params.h"
#include "provision.h"
#include "ram.h"
#include "supervisor.h"
#include "vm.h"

#define DISK_MAX_MIB (1024 * 1024)
#define BUILD_PREFIX ".new-"
#define SWEEP_AGE_SECONDS 10
#define DEPARTED "departed"
#define DEPARTED_SECONDS (30 * 86400)
#define ENVIRONMENT_MAX 3000 /* bytes; has to fit the frame that starts the script */

static bool mac_valid(const char *mac)
{
	for (int i = 0; i < 17; i++)
		if (i % 3 == 2 ? mac[i] != ':' : !mac[i] || !strchr("0123456789abcdef", mac[i]))
			return false;
	/* A group address cannot be a NIC's own. */
	return !mac[17] && !(strchr("13579bdf", mac[1]));
}

static int check_disks(const struct store *store, const json_t *config, struct fail *fail)
{
	json_t *disks, *disk;
	size_t index;

	if (params_array(config, "disks", false, VM_DISKS_MAX, &disks, fail) < 0)
		return -1;
	json_array_foreach(disks, index, disk) {
		const char *image = NULL, *pieces = NULL;
		json_int_t size;
		int fd, there_fd;

		if (params_integer(disk, "sizeMiB", false, 1, DISK_MAX_MIB, &size, fail) < 0 ||
		    (json_object_get(disk, "image") && params_hash(disk, "image", &image, fail) < 0) ||
		    (json_object_get(disk, "pieces") && params_hash(disk, "pieces", &pieces, fail) < 0))
			return -1;
		if (!image)
			continue;
		fd = image_open(store, image, pieces, &there_fd, fail);
		if (fd < 0)
			return -1;
		close(fd);
		if (there_fd >= 0)
			close(there_fd);
	}
	return 0;
}

static int check_nics(const json_t *config, struct fail *fail)
{
	json_t *nics, *nic;
	size_t index;

	if (params_array(config, "nics", true, device_kind_of(config) == DEVICE_NONE ? VM_NICS_MAX : DEVICE_PORTS_MAX, &nics, fail) < 0)
		return -1;
	json_array_foreach(nics, index, nic) {
		const char *mac;
		bool offload;

		if (params_string(nic, "mac", false, 17, &mac, fail) < 0 || params_boolean(nic, "offload", true, &offload, fail) < 0)
			return -1;
		if (!mac_valid(mac))
			return fail_set(fail, "bad-config", "NIC %zu: %s is not the address of a NIC (like 02:00:00:00:00:01, in lower case, not a group's).", index, mac);
	}
	return 0;
}

static int check_environment(const json_t *config, struct fail *fail)
{
	json_t *env, *value;
	const char *name;
	size_t total = 0;

	if (params_object(config, "env", true, &env, fail) < 0)
		return -1;
	json_object_foreach(env, name, value) {
		if (!json_is_string(value) || !*name || strchr(name, '='))
			return fail_set(fail, "bad-config", "The environment variable \"%.100s\" needs a name without = and a text as value.", name);
		total += strlen(name) + json_string_length(value) + 8;
	}
	if (total > ENVIRONMENT_MAX)
		return fail_set(fail, "bad-config", "The environment has %zu bytes; at most %d are allowed. Put the data into the start-up script.", total, ENVIRONMENT_MAX);
	return 0;
}

static int check_machine(const struct store *store, const json_t *config, struct fail *fail)
{
	json_int_t memory;
	const char *text;

	if (params_hash(config, "kernel", &text, fail) < 0 ||
	    params_integer(config, "memoryMiB", false, VM_MEMORY_MIN_MIB, VM_MEMORY_MAX_MIB, &memory, fail) < 0 ||
	    params_string(config, "setup", true, INSTANCE_SCRIPT_MAX, &text, fail) < 0 ||
	    params_string(config, "startup", true, INSTANCE_SCRIPT_MAX, &text, fail) < 0 || params_string(config, "mode", true, 16, &text, fail) < 0)
		return -1;
	if (text && strcmp(text, "seccomp") && strcmp(text, "ptrace") && strcmp(text, "auto"))
		return fail_set(fail, "bad-config", "\"mode\" must be seccomp, ptrace or auto.");
	return check_disks(store, config, fail) < 0 || check_environment(config, fail) < 0 ? -1 : 0;
}

static int check_kind(const struct store *store, const json_t *config, struct fail *fail)
{
	const char *text;

	if (params_string(config, "kind", true, 16, &text, fail) < 0)
		return -1;
	switch (device_kind_of(config)) {
	case DEVICE_NONE:
		return check_machine(store, config, fail);
	case DEVICE_SWITCH:
	case DEVICE_GATEWAY:
		return device_check(config, fail);
	default:
		return fail_set(fail, "bad-config", "\"kind\" must be vm, switch or gateway.");
	}
}

/* The members we know, checked, as a new object. */
static json_t *config_check(const struct store *store, const json_t *config, struct fail *fail)
{
	static const char *const texts[] = { "labName", "node", "name", "region" };
	static const char *const known[] = { "instance", "lab",   "labName", "node", "name",  "region", "kernel",
					     "memoryMiB", "mode", "disks",   "nics", "setup", "startup", "env",
					     "kind",     "address", "hostLoopback" };
	const char *text;
	json_t *clean;

	if (params_lab(config, "lab", false, &text, fail) < 0)
		return NULL;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (params_string(config, texts[i], true, 256, &text, fail) < 0)
			return NULL;
	if (check_kind(store, config, fail) < 0 || check_nics(config, fail) < 0)
		return NULL;
	clean = json_object();
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (json_object_get(config, known[i]))
			json_object_set(clean, known[i], json_object_get(config, known[i]));
	return clean;
}

int instance_create(const struct store *store, const json_t *config, enum vm_state state, char instance[17], struct fail *fail)
{
	return instance_build(store, config, state, NULL, NULL, instance, fail);
}

int instance_build(const struct store *store, const json_t *config, enum vm_state state, instance_fill *fill, void *arg, char instance[17], struct fail *fail)
{
	int vms = store_folder(store, "vms"), folder = -1, lock = -1, status = -1;
	const char *wanted = NULL;
	struct record record;
	char temporary[32];
	json_t *clean = NULL;

	record_init(&record);
	record.state = state;
	if (vms < 0)
		return fail_set(fail, "io", "The folder vms of the host folder could not be opened: %s.", strerror(errno));
	if (json_object_get(config, "instance") && params_instance(config, "instance", &wanted, fail) < 0)
		goto out;
	if (wanted)
		snprintf(instance, 17, "%s", wanted);
	else
		store_random_instance(instance);
	clean = config_check(store, config, fail);
	if (!clean)
		goto out;
	if (limits_allow_disks(store, clean, fail) < 0)
		goto out;
	json_object_set_new(clean, "instance", json_string(instance));
	snprintf(temporary, sizeof(temporary), BUILD_PREFIX "%s", instance);
	if (faccessat(vms, instance, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
		fail_set(fail, "exists", "There is a VM %s on this host already.", instance);
		goto out;
	}
	store_remove(vms, temporary);
	if (mkdirat(vms, temporary, 0700) < 0 || (folder = openat(vms, temporary, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0 ||
	    (lock = store_lock(folder, SUPERVISOR_LOCK, true)) < 0) {
		fail_set(fail, "io", "The VM's folder could not be made: %s.", strerror(errno));
		goto out;
	}
	if (store_write_json(folder, "config.json", clean, false, fail) < 0 || (fill && fill(arg, folder, &record, fail) < 0) ||
	    record_store(folder, &record, false, fail) < 0) {
		ram_remove_of(folder, instance);
		store_remove(vms, temporary);
		goto out;
	}
	if (renameat2(vms, temporary, vms, instance, RENAME_NOREPLACE) < 0 && (errno == EEXIST || renameat(vms, temporary, vms, instance) < 0)) {
		fail_set(fail, "io", "The VM's folder could not be put in place: %s.", strerror(errno));
		ram_remove_of(folder, instance);
		store_remove(vms, temporary);
		goto out;
	}
	status = 0;
out:
	json_decref(clean);
	if (lock >= 0)
		close(lock);
	if (folder >= 0)
		close(folder);
	close(vms);
	return status;
}

static int sweep_one(void *arg, int vms, const char *name)
{
	const char *instance = name + strlen(BUILD_PREFIX);
	int folder, lock;
	struct stat info;

	(void)arg;
	if (strncmp(name, BUILD_PREFIX, strlen(BUILD_PREFIX)) || !params_is_hex(instance, 16))
		return 0;
	folder = openat(vms, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (folder < 0)
		return 0;
	/* One that is younger may not be locked yet. */
	if (fstat(folder, &info) == 0 && time(NULL) - info.st_mtime > SWEEP_AGE_SECONDS && (lock = store_lock(folder, SUPERVISOR_LOCK, false)) >= 0) {
		ram_remove_of(folder, instance);
		store_remove(vms, name);
		close(lock);
	}
	close(folder);
	return 0;
}

static int departed_forget(void *arg, int folder, const char *name)
{
	struct stat info;

	(void)arg;
	if (params_is_hex(name, 16) && fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) == 0 && time(NULL) - info.st_mtime > DEPARTED_SECONDS)
		unlinkat(folder, name, 0);
	return 0;
}

void instance_sweep(const struct store *store)
{
	int vms = store_folder(store, "vms"), departed;

	if (vms < 0)
		return;
	store_each(vms, sweep_one, NULL);
	close(vms);
	departed = store_folder(store, DEPARTED);
	if (departed >= 0) {
		store_each(departed, departed_forget, NULL);
		close(departed);
	}
}

/* Becomes the holder; -1 with *fail when a supervisor is. */
static int instance_hold(int folder, const char *instance, struct fail *fail)
{
	int lock = store_lock(folder, SUPERVISOR_LOCK, false);

	if (lock >= 0)
		return lock;
	if (errno == EWOULDBLOCK)
		return fail_set(fail, "busy", "VM %s runs, or its supervisor is about to end. Stop the VM first.", instance);
	return fail_set(fail, "io", "The lock of VM %s could not be taken: %s.", instance, strerror(errno));
}

json_t *instance_status(const struct store *store, const char *instance, struct fail *fail)
{
	int folder = store_instance(store, instance, fail), lock;
	json_t *config, *status = NULL;
	struct record record;
	struct stat info;

	if (folder < 0)
		return NULL;
	config = store_read_json(folder, "config.json", fail);
	if (config && record_load(folder, &record, fail) == 0) {
		lock = store_lock(folder, SUPERVISOR_LOCK, false);
		if (lock >= 0) {
			record_settle(&record);
			close(lock);
		}
		status = record_status(instance, config, &record);
		if (status && fstatat(folder, "overlay0", &info, AT_SYMLINK_NOFOLLOW) == 0)
			json_object_set_new(status, "overlayBytes", json_integer((json_int_t)info.st_blocks * 512));
		record_clear(&record);
	}
	json_decref(config);
	close(folder);
	return status;
}

int instance_set_scripts(const struct store *store, const char *instance, const char *setup, const char *startup, struct fail *fail)
{
	int folder = store_instance(store, instance, fail), lock, status = -1;
	json_t *config = NULL;

	if (folder < 0)
		return -1;
	lock = instance_hold(folder, instance, fail);
	if (lock >= 0)
		config = store_read_json(folder, "config.json", fail);
	if (config) {
		if (setup)
			json_object_set_new(config, "setup", json_string(setup));
		if (startup)
			json_object_set_new(config, "startup", json_string(startup));
		status = store_write_json(folder, "config.json", config, false, fail);
	}
	json_decref(config);
	if (lock >= 0)
		close(lock);
	close(folder);
	return status;
}

int instance_configure(const struct store *store, const char *instance, const json_t *config, struct fail *fail)
{
	int folder = store_instance(store, instance, fail), lock, status = -1;
	json_t *old = NULL, *clean = NULL;
	struct record record = { 0 };

	if (folder < 0)
		return -1;
	lock = instance_hold(folder, instance, fail);
	if (lock < 0 || record_load(folder, &record, fail) < 0)
		goto out;
	record_settle(&record);
	if (record.state != VM_CREATED && record.state != VM_STOPPED && record.state != VM_CRASHED) {
		fail_set(fail, "busy", "VM %s is %s; only one that is off can be changed. Stop it first.", instance, vm_state_name(record.state));
		goto out;
	}
	old = store_read_json(folder, "config.json", fail);
	clean = old ? config_check(store, config, fail) : NULL;
	if (!clean)
		goto out;
	if (!disks_same(json_object_get(old, "disks"), json_object_get(clean, "disks"))) {
		fail_set(fail, "bad-config", "The disks of VM %s cannot be exchanged: what the guest wrote belongs to its image. Delete the VM and create it anew.", instance);
		goto out;
	}
	json_object_set_new(clean, "instance", json_string(instance));
	status = store_write_json(folder, "config.json", clean, false, fail);
out:
	json_decref(old);
	json_decref(clean);
	record_clear(&record);
	if (lock >= 0)
		close(lock);
	close(folder);
	return status;
}

/* So that a source which never heard that its VM ran here does not let its own copy go on once this one is gone. */
static void departed_note(const struct store *store, const char *instance)
{
	int folder = store_folder(store, DEPARTED), fd = folder < 0 ? -1 : openat(folder, instance, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd >= 0)
		close(fd);
	if (folder >= 0)
		close(folder);
}

bool instance_present(const struct store *store, const char *instance)
{
	struct fail ignored;
	int folder = store_instance(store, instance, &ignored);

	if (folder >= 0)
		close(folder);
	return folder >= 0;
}

bool instance_arrived(const struct store *store, const char *instance)
{
	int folder = store_folder(store, DEPARTED);
	bool arrived = folder >= 0 && faccessat(folder, instance, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
	struct record record = { 0 };
	struct fail ignored;

	if (folder >= 0)
		close(folder);
	folder = arrived ? -1 : store_instance(store, instance, &ignored);
	if (folder >= 0) {
		arrived = record_load(folder, &record, &ignored) == 0 && record.arrived[0];
		record_clear(&record);
		close(folder);
	}
	return arrived;
}

int instance_delete(const struct store *store, const char *instance, struct fail *fail)
{
	int folder = store_instance(store, instance, fail), vms = -1, lock, status = -1;
	struct record record = { 0 };
	struct fail unreadable;
	char gone[32];

	if (folder < 0)
		return -1;
	lock = instance_hold(folder, instance, fail);
	if (lock < 0)
		goto out;
	/* A damaged record must not keep a VM from being deleted. */
	if (record_load(folder, &record, &unreadable) == 0) {
		if (process_group_end(&record.group, 5000, fail) < 0)
			goto out;
		if (record.ram[0])
			unlink(record.ram);
	}
	if (record.arrived[0])
		departed_note(store, instance);
	vms = store_folder(store, "vms");
	snprintf(gone, sizeof(gone), ".gone-%s", instance);
	store_remove(vms, gone);
	if (renameat(vms, instance, vms, gone) < 0) {
		fail_set(fail, "io", "The folder of VM %s could not be removed: %s.", instance, strerror(errno));
		goto out;
	}
	store_remove(vms, gone);
	status = 0;
out:
	record_clear(&record);
	if (vms >= 0)
		close(vms);
	if (lock >= 0)
		close(lock);
	close(folder);
	return status;
}

/* Bytes that are not UTF-8 become '?': logs may hold anything, JSON texts must not. */
static json_t *text_from_bytes(char *text, size_t size)
{
	for (size_t at = 0; at < size;) {
		unsigned char first = (unsigned char)text[at];
		size_t length = first < 0x80 ? 1 : first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xf0 && first < 0xf5 ? 4 : 0;
		json_t *piece = length && at + length <= size ? json_stringn(text + at, length) : NULL;

		if (piece && first) {
			at += length;
		} else {
			text[at++] = '?';
		}
		json_decref(piece);
	}
	return json_stringn(text, size);
}

json_t *instance_log(const struct store *store, const char *instance, bool startup, size_t tail, struct fail *fail)
{
	int folder = store_instance(store, instance, fail), fd;
	char *text = NULL;
	json_t *result = NULL;
	struct stat info;
	ssize_t count = 0;

	if (folder < 0)
		return NULL;
	fd = openat(folder, startup ? PROVISION_LOG : "log", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	text = malloc(tail + 1);
	if (text && fd >= 0 && fstat(fd, &info) == 0)
		count = pread(fd, text, tail, info.st_size > (off_t)tail ? info.st_size - (off_t)tail : 0);
	if (text && count >= 0)
		result = text_from_bytes(text, (size_t)count);
	if (!result)
		fail_set(fail, "io", "The log of VM %s could not be read.", instance);
	free(text);
	if (fd >= 0)
		close(fd);
	close(folder);
	return result;
}
