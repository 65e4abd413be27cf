/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The record says who may run a VM. Its supervisor replaces it (write, rename; fsync where a migration's promise hangs on it) before it acts on
 * a new state, so whoever reads it later knows at least as much as was ever done.
 *
 * The supervisor's death. A supervisor holds `lock` in the VM's folder. When nobody does and the record still speaks of a running guest, its supervisor
 * was killed. The kernel process then found the end of its control channel, froze itself and ended; its RAM file says so (um_checkpoint_mark). Such a VM is
 * parked: starting it continues it. If the file is gone or was not frozen, the guest is lost and the VM counts as crashed.
 */
#define _GNU_SOURCE
#include "record.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ram.h"
#include "store.h"

#define RECORD_FILE "state.json"
#define RECORD_VERSION 1

static const char *const state_names[VM_STATES] = {
	[VM_CREATED] = "created",   [VM_BOOTING] = "booting",   [VM_RUNNING] = "running", [VM_STOPPING] = "stopping",
	[VM_STOPPED] = "stopped",   [VM_CRASHED] = "crashed",   [VM_PARKED] = "parked",   [VM_INCOMING] = "incoming",
	[VM_SENDING] = "sending",   [VM_FROZEN] = "frozen",     [VM_HANDED_OVER] = "handed-over",
	[VM_SAVED] = "saved",
};

const char *vm_state_name(enum vm_state state)
{
	return state_names[state];
}

enum vm_state vm_state_parse(const char *name)
{
	enum vm_state state = 0;

	while (state < VM_STATES && strcmp(name, state_names[state]))
		state++;
	return state;
}

void record_init(struct record *record)
{
	*record = (struct record){ .state = VM_CREATED, .since = store_time(), .cpu = -1, .seccomp = -1 };
}

void record_clear(struct record *record)
{
	json_decref(record->exit);
	json_decref(record->migration);
	record->exit = record->migration = NULL;
}

static void load_text(const json_t *object, const char *name, char *text, size_t size)
{
	const char *value = json_string_value(json_object_get(object, name));

	snprintf(text, size, "%s", value ? value : "");
}

static json_int_t load_integer(const json_t *object, const char *name, json_int_t otherwise)
{
	const json_t *value = json_object_get(object, name);

	return json_is_integer(value) ? json_integer_value(value) : otherwise;
}

int record_load(int folder, struct record *record, struct fail *fail)
{
	json_t *json = store_read_json(folder, RECORD_FILE, fail), *group;
	const char *state = json_string_value(json_object_get(json, "state"));

	record_init(record);
	if (!json)
		return -1;
	record->state = state ? vm_state_parse(state) : VM_STATES;
	if (load_integer(json, "version", 0) != RECORD_VERSION || record->state == VM_STATES) {
		json_decref(json);
		record->state = VM_CRASHED;
		return fail_set(fail, "damaged", "The VM's record " RECORD_FILE " is of another version. Use the agent that made it, or delete the VM.");
	}
	record->since = (uint64_t)load_integer(json, "since", 0);
	record->supervisor = (pid_t)load_integer(json, "supervisor", 0);
	group = json_object_get(json, "group");
	record->group.leader = (pid_t)load_integer(group, "leader", 0);
	record->group.started = (uint64_t)load_integer(group, "started", 0);
	load_text(group, "boot", record->group.boot, sizeof(record->group.boot));
	record->cpu = (int)load_integer(json, "cpu", -1);
	record->seccomp = (int)load_integer(json, "seccomp", -1);
	load_text(json, "ram", record->ram, sizeof(record->ram));
	record->mark_offset = (uint64_t)load_integer(json, "markOffset", 0);
	record->keep_clock_us = (uint64_t)load_integer(json, "keepClock", 0);
	load_text(json, "setupBoot", record->setup_boot, sizeof(record->setup_boot));
	load_text(json, "error", record->error, sizeof(record->error));
	record->exit = json_incref(json_object_get(json, "exit"));
	record->migration = json_incref(json_object_get(json, "migration"));
	json_decref(json);
	return 0;
}

int record_store(int folder, const struct record *record, bool sync, struct fail *fail)
{
	json_t *json = json_pack("{si ss sI si s{si sI ss} si si ss sI sI ss ss sO* sO*}", "version", RECORD_VERSION, "state", vm_state_name(record->state),
				 "since", (json_int_t)record->since, "supervisor", (int)record->supervisor, "group", "leader", (int)record->group.leader,
				 "started", (json_int_t)record->group.started, "boot", record->group.boot, "cpu",
				 record->cpu, "seccomp", record->seccomp, "ram", record->ram, "markOffset", (json_int_t)record->mark_offset, "keepClock", (json_int_t)record->keep_clock_us, "setupBoot",
				 record->setup_boot, "error", record->error, "exit", record->exit, "migration", record->migration);
	int status;

	if (!json)
		return fail_set(fail, "internal", "The VM's record could not be put together.");
	status = store_write_json(folder, RECORD_FILE, json, sync, fail);
	json_decref(json);
	return status;
}

void record_settle(struct record *record)
{
	char boot[40];

	switch (record->state) {
	case VM_SAVED:
		/* A switch or gateway has no memory. */
		if (!record->ram[0] || ram_is_frozen(record->ram, record->mark_offset))
			return;
		record->state = VM_CRASHED;
		snprintf(record->error, sizeof(record->error),
			 "The memory that was put here is lost, as the host was restarted meanwhile. Restore the VM again, or start it to boot it from its disk.");
		return;
	case VM_BOOTING:
	case VM_RUNNING:
	case VM_STOPPING:
	case VM_SENDING:
	case VM_FROZEN:
	case VM_PARKED:
		break;
	default:
		return;
	}
	process_boot_id(boot);
	if (process_group_lives(&record->group) || ram_is_frozen(record->ram, record->mark_offset)) {
		record->state = VM_PARKED;
		snprintf(record->error, sizeof(record->error), "The VM's supervisor was ended. The guest froze itself and its memory is kept: start the VM to let it go on.");
		return;
	}
	record->state = VM_CRASHED;
	if (!record->group.leader && !record->ram[0]) {
		/* A switch or gateway: it has neither. */
		snprintf(record->error, sizeof(record->error), "Its supervisor was ended from outside. Start it again.");
		return;
	}
	if (record->group.leader && strcmp(boot, record->group.boot))
		snprintf(record->error, sizeof(record->error), "The host was restarted while the VM ran, so its memory is lost. Its disk is kept: start the VM to boot it.");
	else
		snprintf(record->error, sizeof(record->error),
			 "The VM's processes were ended from outside and its memory is lost. Its disk is kept: start the VM to boot it.");
}

json_t *record_status(const char *instance, const json_t *config, const struct record *record)
{
	static const char *const copied[] = { "kind", "lab", "labName", "node", "name", "region", "memoryMiB", "kernel" };
	json_t *status = json_pack("{ss ss sI}", "instance", instance, "state", vm_state_name(record->state), "since", (json_int_t)record->since);

	if (!status)
		return NULL;
	for (size_t i = 0; i < sizeof(copied) / sizeof(*copied); i++) {
		json_t *value = json_object_get(config, copied[i]);

		if (value)
			json_object_set(status, copied[i], value);
	}
	if (record->cpu >= 0)
		json_object_set_new(status, "cpu", json_integer(record->cpu));
	if (record->seccomp >= 0)
		json_object_set_new(status, "mode", json_string(record->seccomp ? "seccomp" : "ptrace"));
	if (record->error[0])
		json_object_set_new(status, "error", json_string(record->error));
	if (record->exit)
		json_object_set(status, "exit", record->exit);
	if (record->migration)
		json_object_set(status, "migration", record->migration);
	return status;
}
