/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The record says who may run a VM. Its supervisor replaces it (write, rename; fsync where a migration's promise hangs on it) before it acts on
 * a new state, so whoever reads it later knows at least as much as was ever done.
 *
 * A record that is to be on disk the moment it is acted on, with a guest standing still meanwhile, is drafted: written beside the record, flushed, and
 * later put in its place by a rename, which takes no time. The two change places, as file systems take a fraction of a millisecond to give up a file that another one replaces, and flush
 * a new one then. After a power failure either the old or the new one is found. So the draft of having handed a guest over counts as acted on when the host was
 * restarted since: who drafted it may have. While the host runs, only the rename counts, as all processes see it at once. Records of other states remove drafts.
 *
 * The supervisor's death. A supervisor holds `lock` in the VM's folder. When nobody does and the record still speaks of a running guest, its supervisor
 * was killed. The kernel process then found the end of its control channel, froze itself and ended; its RAM file says so (um_checkpoint_mark). Such a VM is
 * parked: starting it continues it. If the file is gone or was not frozen, the guest is lost and the VM counts as crashed.
 */
#define _GNU_SOURCE
#include "record.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "ram.h"
#include "store.h"

#define RECORD_VERSION 1

static const char *const draft_names[DRAFTS] = {
	[DRAFT_HANDED_OVER] = "state.draft.json", [DRAFT_READY] = "state.ready.json", [DRAFT_ARRIVED] = "state.arrived.json",
};

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
	*record = (struct record){ .state = VM_CREATED, .since = clock_wall_us(), .cpu = -1, .seccomp = -1 };
}

void record_clear(struct record *record)
{
	json_decref(record->exit);
	json_decref(record->migration);
	json_decref(record->draft);
	record->exit = record->migration = record->draft = NULL;
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

static void load_group(const json_t *json, struct process_group *group)
{
	json = json_object_get(json, "group");
	group->leader = (pid_t)load_integer(json, "leader", 0);
	group->started = (uint64_t)load_integer(json, "started", 0);
	load_text(json, "boot", group->boot, sizeof(group->boot));
}

/* The draft of a supervisor that let this very guest go, if there is one. */
static json_t *load_draft(int folder, const struct record *record)
{
	struct process_group group;
	struct fail ignored;
	char state[20];
	json_t *draft;

	if (faccessat(folder, draft_names[DRAFT_HANDED_OVER], R_OK, 0) < 0)
		return NULL;
	draft = store_read_json(folder, draft_names[DRAFT_HANDED_OVER], &ignored);
	load_group(draft, &group);
	/* Where it was taken, its file holds the record before it. */
	load_text(draft, "state", state, sizeof(state));
	if (vm_state_parse(state) == VM_HANDED_OVER && group.leader && group.leader == record->group.leader && group.started == record->group.started && !strcmp(group.boot, record->group.boot))
		return draft;
	json_decref(draft);
	return NULL;
}

int record_load(int folder, struct record *record, struct fail *fail)
{
	json_t *json = store_read_json(folder, RECORD_FILE, fail);
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
	load_group(json, &record->group);
	record->cpu = (int)load_integer(json, "cpu", -1);
	record->seccomp = (int)load_integer(json, "seccomp", -1);
	load_text(json, "ram", record->ram, sizeof(record->ram));
	record->mark_offset = (uint64_t)load_integer(json, "markOffset", 0);
	record->keep_clock_us = (uint64_t)load_integer(json, "keepClock", 0);
	load_text(json, "setupBoot", record->setup_boot, sizeof(record->setup_boot));
	load_text(json, "error", record->error, sizeof(record->error));
	load_text(json, "arrived", record->arrived, sizeof(record->arrived));
	record->exit = json_incref(json_object_get(json, "exit"));
	record->migration = json_incref(json_object_get(json, "migration"));
	record->draft = load_draft(folder, record);
	json_decref(json);
	return 0;
}

json_t *record_json(const struct record *record)
{
	return json_pack("{si ss sI si s{si sI ss} si si ss sI sI ss ss ss sO* sO*}", "version", RECORD_VERSION, "state", vm_state_name(record->state), "since",
			 (json_int_t)record->since, "supervisor", (int)record->supervisor, "group", "leader", (int)record->group.leader, "started",
			 (json_int_t)record->group.started, "boot", record->group.boot, "cpu", record->cpu, "seccomp", record->seccomp, "ram", record->ram, "markOffset",
			 (json_int_t)record->mark_offset, "keepClock", (json_int_t)record->keep_clock_us, "setupBoot", record->setup_boot, "error", record->error, "arrived", record->arrived, "exit",
			 record->exit, "migration", record->migration);
}

int record_store(int folder, const struct record *record, bool sync, struct fail *fail)
{
	json_t *json = record_json(record);
	int status;

	if (!json)
		return fail_set(fail, "internal", "The VM's record could not be put together.");
	status = store_write_json(folder, RECORD_FILE, json, sync, fail);
	json_decref(json);
	if (!status && record->state != VM_SENDING && record->state != VM_FROZEN && record->state != VM_INCOMING)
		for (unsigned i = 0; i < DRAFTS; i++)
			unlinkat(folder, draft_names[i], 0);
	return status;
}

int record_draft_write(int folder, enum record_draft which, const json_t *draft, struct fail *fail)
{
	return store_write_json(folder, draft_names[which], draft, true, fail);
}

int record_draft_take(int folder, enum record_draft which, struct fail *fail)
{
	const char *name = draft_names[which];

	/* Not every file system can exchange two. */
	if (renameat2(folder, name, folder, RECORD_FILE, RENAME_EXCHANGE) < 0 && renameat(folder, name, folder, RECORD_FILE) < 0)
		return fail_set(fail, "io", "The VM's record could not be replaced: %s. The old one holds.", strerror(errno));
	return 0;
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
	case VM_INCOMING:
	case VM_HANDED_OVER:
		/* Whoever decides must know whether the guest could still go on here. */
		if (record->migration)
			json_object_set_new(record->migration, "memory", json_boolean(ram_is_frozen(record->ram, record->mark_offset)));
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
	if (record->draft && strcmp(boot, record->group.boot)) {
		const char *state = json_string_value(json_object_get(record->draft, "state"));

		record->state = state ? vm_state_parse(state) : VM_STATES;
		if (record->state != VM_STATES) {
			json_decref(record->migration);
			record->migration = json_incref(json_object_get(record->draft, "migration"));
			if (record->migration)
				json_object_set_new(record->migration, "memory", json_false());
			return;
		}
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
	static const char *const copied[] = { "kind", "lab", "labName", "node", "name", "region", "memoryMiB", "kernel", "disks" };
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
