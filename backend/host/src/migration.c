/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The supervisor's side of the methods migration.*: migration.send makes a source, migration.receive a target, and this file answers their
 * requests, sends their events and lets the VM end when it has left or never came. Source and target themselves know nothing of clients.
 */
#define _GNU_SOURCE
#include "migration.h"

#include <stdlib.h>
#include <string.h>

#include "migration_source.h"
#include "migration_target.h"
#include "params.h"
#include "vm.h"

struct migration {
	struct supervisor *supervisor;
	struct vm *vm;
	struct migration_source *source;
	struct migration_target *target;
	struct request *send; /* waits for the source's end */
	bool leaves_nothing;
};

struct migration *migration_create(struct supervisor *supervisor, struct vm *vm)
{
	struct migration *migration = calloc(1, sizeof(*migration));

	if (migration)
		*migration = (struct migration){ .supervisor = supervisor, .vm = vm };
	return migration;
}

void migration_destroy(struct migration *migration)
{
	struct fail fail;

	if (!migration)
		return;
	migration_source_destroy(migration->source);
	migration_target_destroy(migration->target);
	if (migration->send) {
		fail_set(&fail, "ended", "The migration ended because the VM's supervisor did. Look at the VM's status on both hosts.");
		request_fail(migration->send, &fail);
	}
	free(migration);
}

bool migration_leaves_nothing(const struct migration *migration)
{
	return migration->leaves_nothing;
}

bool migration_is_under_way(const struct migration *migration)
{
	return (migration->source && !migration_source_over(migration->source)) || (migration->target && !migration_target_over(migration->target));
}

bool migration_hands_over(const struct migration *migration)
{
	enum migration_state source = migration->source ? migration_source_state(migration->source) : SOURCE_OVER;

	return (source >= SOURCE_FREEZES && source <= SOURCE_LETS_GO) || (migration->target && migration_target_state(migration->target) == TARGET_RESUMES);
}

int migration_abandon(struct migration *migration, struct fail *fail)
{
	if (migration->source && !migration_source_over(migration->source))
		return migration_source_cancel(migration->source, fail);
	if (migration->target && !migration_target_over(migration->target))
		return migration_target_cancel(migration->target, fail);
	return 0;
}

void migration_tell(const struct migration *migration, json_t *status)
{
	json_t *more;
	const char *state;

	if (!migration_is_under_way(migration))
		return;
	state = migration_state_name(migration->source ? migration_source_state(migration->source) : migration_target_state(migration->target));
	more = json_copy(json_object_get(status, "migration"));
	json_object_set_new(status, "migration", more ? more : (more = json_object()));
	json_object_set_new(more, "state", json_string(state));
}

/* What the source wants */

static void source_event(void *arg, json_t *event)
{
	struct migration *migration = arg;

	supervisor_event(migration->supervisor, event);
}

static void source_ended(void *arg, json_t *result, const struct fail *fail)
{
	struct migration *migration = arg;
	struct request *request = migration->send;

	migration->send = NULL;
	/* Whatever ends this supervisor from now on. */
	migration->leaves_nothing = result != NULL;
	if (result)
		request_answer(request, result);
	else
		request_fail(request, fail);
}

static void source_left(void *arg)
{
	struct migration *migration = arg;

	migration->leaves_nothing = true;
	vm_finish(migration->vm, VM_HANDED_OVER, NULL);
}

/* What the target wants */

static void target_ended(void *arg, const struct fail *fail, bool told_to_run)
{
	struct migration *migration = arg;

	if (!fail)
		return;
	migration->leaves_nothing = !told_to_run;
	vm_finish(migration->vm, told_to_run ? VM_INCOMING : VM_STOPPED, fail->message);
}

/* Methods */

/* What is over makes room. */
static int make_room(struct migration *migration, struct fail *fail)
{
	if (migration->source && migration_source_over(migration->source)) {
		migration_source_destroy(migration->source);
		migration->source = NULL;
	}
	if (migration->target && migration_target_over(migration->target)) {
		migration_target_destroy(migration->target);
		migration->target = NULL;
	}
	if (migration->source || migration->target)
		return fail_set(fail, "busy", "The VM is being migrated already. Wait until that has ended, or cancel it.");
	return 0;
}

static void send_vm(struct migration *migration, struct request *request)
{
	const struct migration_source_hooks hooks = { .event = source_event, .ended = source_ended, .left = source_left, .arg = migration };
	struct fail fail;

	if (supervisor_saves(migration->supervisor)) {
		fail_set(&fail, "busy", "The VM is just being saved for a snapshot. Wait until that has ended.");
		request_fail(request, &fail);
		return;
	}
	if (make_room(migration, &fail) < 0 ||
	    !(migration->source = migration_source_start(migration->vm, request_params(request), &hooks, &fail)))
		request_fail(request, &fail);
	else
		migration->send = request;
}

static void receive_vm(struct migration *migration, struct request *request)
{
	const struct migration_target_hooks hooks = { .ended = target_ended, .arg = migration };
	struct fail fail;

	if (make_room(migration, &fail) < 0) {
		request_fail(request, &fail);
		return;
	}
	migration->target = migration_target_start(migration->vm, request_params(request), &hooks, &fail);
	if (migration->target) {
		request_answer(request, migration_target_answer(migration->target));
		return;
	}
	request_fail(request, &fail);
	/* An instance made for a migration that cannot begin is good for nothing. */
	if (vm_state(migration->vm) == VM_INCOMING)
		target_ended(migration, &fail, false);
}

static void cancel(struct migration *migration, struct request *request)
{
	const char *id;
	struct fail fail;
	int result;

	if (params_string(request_params(request), "migration", false, 64, &id, &fail) < 0) {
		request_fail(request, &fail);
		return;
	}
	if (migration->source && !strcmp(migration_source_id(migration->source), id))
		result = migration_source_cancel(migration->source, &fail);
	else if (migration->target && !strcmp(migration_target_id(migration->target), id))
		result = migration_target_cancel(migration->target, &fail);
	else
		result = fail_set(&fail, "no-such-migration", "The VM is in no migration of that name; it may have ended.");
	if (result < 0)
		request_fail(request, &fail);
	else
		request_answer(request, NULL);
}

static int decide_later(struct migration *migration, bool keep, struct fail *fail)
{
	enum vm_state state = vm_state(migration->vm);

	if (keep && vm_claim_image(migration->vm, fail) < 0) {
		/* The target never ran it, and here its memory is gone as well: what is left is the disk. */
		if (state != VM_HANDED_OVER || strcmp(fail->code, "no-memory-file"))
			return -1;
		vm_finish(migration->vm, VM_CRASHED, "The VM was on its way to another host, and its memory was lost on both, as hosts were restarted. Its disk is kept: start the VM to boot it.");
		return 0;
	}
	if (keep)
		return vm_start(migration->vm, fail);
	if (state != VM_HANDED_OVER && state != VM_INCOMING)
		return fail_set(fail, "not-open", "There is nothing to decide: the VM is %s.", vm_state_name(state));
	migration->leaves_nothing = true;
	vm_finish(migration->vm, state, NULL);
	return 0;
}

static int decide(struct migration *migration, const char *verdict, struct fail *fail)
{
	bool run = !strcmp(verdict, "run"), thaw = !strcmp(verdict, "thaw");

	if (!run && !thaw && strcmp(verdict, "discard"))
		return fail_set(fail, "bad-request", "\"verdict\" must be run, discard or thaw.");
	if (migration->source && !run)
		return migration_source_resolve(migration->source, thaw, fail);
	if (migration->target && !thaw)
		return migration_target_resolve(migration->target, run, fail);
	/* The supervisor that took part is gone; what it received or handed over may still be here. */
	if (!migration->source && !migration->target)
		return decide_later(migration, run || thaw, fail);
	return fail_set(fail, "bad-request", "A target may be told run or discard, a source thaw or discard; this VM is %s.", vm_state_name(vm_state(migration->vm)));
}

static void resolve(struct migration *migration, struct request *request)
{
	const char *verdict;
	struct fail fail;

	if (params_string(request_params(request), "verdict", false, 16, &verdict, &fail) < 0 || decide(migration, verdict, &fail) < 0)
		request_fail(request, &fail);
	else
		request_answer(request, NULL);
}

static const struct {
	const char *name;
	void (*fn)(struct migration *migration, struct request *request);
} methods[] = {
	{ "migration.send", send_vm },
	{ "migration.receive", receive_vm },
	{ "migration.cancel", cancel },
	{ "migration.resolve", resolve },
};

static void device_refuse(struct migration *migration, struct request *request)
{
	struct fail fail;

	fail_set(&fail, "wrong-state", "A %s keeps nothing, so it does not migrate. Make one where it is to be, set its links to that, and delete this one.",
		 device_kind_name(vm_kind(migration->vm)));
	request_fail(request, &fail);
}

bool migration_request(struct migration *migration, struct request *request)
{
	for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++) {
		if (!strcmp(request_method(request), methods[i].name)) {
			if (vm_kind(migration->vm) == DEVICE_NONE)
				methods[i].fn(migration, request);
			else
				device_refuse(migration, request);
			return true;
		}
	}
	return false;
}
