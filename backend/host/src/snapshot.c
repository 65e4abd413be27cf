/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The supervisor's side of the methods snapshot.*: this file answers their requests and sends their events; snapshot_take.c makes the part and knows nothing of
 * clients. A snapshot belongs to the client that prepared it, so that a desktop that dies leaves nothing behind.
 */
#define _GNU_SOURCE
#include "snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "migration.h"
#include "params.h"
#include "shadow.h"
#include "snapshot_take.h"
#include "vm.h"

struct snapshot {
	struct supervisor *supervisor;
	struct vm *vm;
	const struct store *store;
	struct snapshot_take *take; /* NULL: none is under way */
	const void *client;
	struct request *waiting; /* prepare, cut or finish, whichever goes on */
	char given_up[17]; /* a snapshot that failed while nobody waited for a step of it, and why */
	struct fail why;
	struct request *cancels[8];
	unsigned cancel_count;
	struct loop_timer over_timer; /* destroys the take, away from whoever calls from inside it */
};

static void over(void *arg)
{
	struct snapshot *snapshot = arg;
	unsigned count = snapshot->cancel_count;

	snapshot_take_destroy(snapshot->take);
	snapshot->take = NULL;
	snapshot->client = NULL;
	snapshot->cancel_count = 0;
	for (unsigned i = 0; i < count; i++)
		request_answer(snapshot->cancels[i], NULL);
}

struct snapshot *snapshot_create(struct supervisor *supervisor, struct vm *vm, const struct store *store)
{
	struct snapshot *snapshot = calloc(1, sizeof(*snapshot));

	if (!snapshot)
		return NULL;
	*snapshot = (struct snapshot){ .supervisor = supervisor, .vm = vm, .store = store };
	loop_timer_init(&snapshot->over_timer, over, snapshot);
	shadow_sweep(store, vm_instance(vm));
	return snapshot;
}

void snapshot_destroy(struct snapshot *snapshot)
{
	struct fail fail;

	if (!snapshot)
		return;
	loop_timer_cancel(vm_loop(snapshot->vm), &snapshot->over_timer);
	over(snapshot);
	if (snapshot->waiting) {
		fail_set(&fail, "ended", "The snapshot was given up because the VM's supervisor ended. Nothing of it is kept.");
		request_fail(snapshot->waiting, &fail);
	}
	free(snapshot);
}

bool snapshot_is_under_way(const struct snapshot *snapshot)
{
	return snapshot->take;
}

void snapshot_abandon(struct snapshot *snapshot)
{
	if (snapshot->take)
		snapshot_take_cancel(snapshot->take);
}

void snapshot_client_gone(struct snapshot *snapshot, const void *client)
{
	if (snapshot && snapshot->take && snapshot->client == client)
		snapshot_take_cancel(snapshot->take);
}

/* What the take wants */

static void take_event(void *arg, json_t *event)
{
	supervisor_event(((struct snapshot *)arg)->supervisor, event);
}

static void take_step(void *arg, json_t *result)
{
	struct snapshot *snapshot = arg;
	struct request *request = snapshot->waiting;

	snapshot->waiting = NULL;
	if (request)
		request_answer(request, result);
	else
		json_decref(result);
}

static void take_over(struct snapshot *snapshot)
{
	struct loop *loop = vm_loop(snapshot->vm);

	loop_timer_set(loop, &snapshot->over_timer, loop_now(loop));
}

static void take_complete(void *arg, json_t *result)
{
	take_step(arg, result);
	take_over(arg);
}

static void take_failed(void *arg, const struct fail *fail)
{
	struct snapshot *snapshot = arg;
	struct request *request = snapshot->waiting;

	snapshot->waiting = NULL;
	if (request) {
		request_fail(request, fail);
	} else {
		strcpy(snapshot->given_up, snapshot_take_id(snapshot->take));
		snapshot->why = *fail;
	}
	take_over(snapshot);
}

/* Methods */

static void prepare(struct snapshot *snapshot, struct request *request)
{
	const struct snapshot_take_hooks hooks = { .event = take_event, .ready = take_step, .cut = take_step, .complete = take_complete, .failed = take_failed, .arg = snapshot };
	struct fail fail;

	if (snapshot->take || supervisor_migrates(snapshot->supervisor)) {
		fail_set(&fail, "busy", snapshot->take ? "The VM is part of another snapshot that is being made. Wait for its end, or cancel it." :
							 "The VM is being migrated. Wait until that has ended.");
		request_fail(request, &fail);
		return;
	}
	snapshot->take = snapshot_take_start(snapshot->vm, snapshot->store, request_params(request), &hooks, &fail);
	if (!snapshot->take) {
		request_fail(request, &fail);
		return;
	}
	snapshot->waiting = request;
	snapshot->client = request_client(request);
}

/* Is it the one that is under way, and does nobody wait for it? */
static int check_step(const struct snapshot *snapshot, const struct request *request, struct fail *fail)
{
	const char *id;

	if (params_instance(request_params(request), "snapshot", &id, fail) < 0)
		return -1;
	if (!strcmp(snapshot->given_up, id)) {
		*fail = snapshot->why;
		return -1;
	}
	if (!snapshot->take || strcmp(snapshot_take_id(snapshot->take), id))
		return fail_set(fail, "no-such-snapshot", "No snapshot %s is being made of this VM; it may have been given up.", id);
	if (snapshot->waiting)
		return fail_set(fail, "busy", "The snapshot's last step has not ended yet.");
	return 0;
}

static void step(struct snapshot *snapshot, struct request *request, int (*fn)(struct snapshot_take *take, struct fail *fail))
{
	struct fail fail;

	if (check_step(snapshot, request, &fail) < 0) {
		request_fail(request, &fail);
		return;
	}
	snapshot->waiting = request;
	if (fn(snapshot->take, &fail) < 0) {
		snapshot->waiting = NULL;
		request_fail(request, &fail);
	}
}

static void cut(struct snapshot *snapshot, struct request *request)
{
	step(snapshot, request, snapshot_take_cut);
}

static void finish(struct snapshot *snapshot, struct request *request)
{
	step(snapshot, request, snapshot_take_finish);
}

static void cancel(struct snapshot *snapshot, struct request *request)
{
	const char *id;
	struct fail fail;

	if (params_instance(request_params(request), "snapshot", &id, &fail) < 0) {
		request_fail(request, &fail);
	} else if (snapshot->take && !strcmp(snapshot_take_id(snapshot->take), id)) {
		snapshot_take_cancel(snapshot->take);
		if (snapshot->cancel_count < sizeof(snapshot->cancels) / sizeof(*snapshot->cancels))
			snapshot->cancels[snapshot->cancel_count++] = request;
		else
			request_answer(request, NULL);
	} else if (shadow_remove(snapshot->store, id, vm_instance(snapshot->vm), &fail) < 0) {
		request_fail(request, &fail);
	} else {
		request_answer(request, NULL);
	}
}

static const struct {
	const char *name;
	void (*fn)(struct snapshot *snapshot, struct request *request);
} methods[] = {
	{ "snapshot.prepare", prepare },
	{ "snapshot.cut", cut },
	{ "snapshot.finish", finish },
	{ "snapshot.cancel", cancel },
};

bool snapshot_request(struct snapshot *snapshot, struct request *request)
{
	for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++) {
		if (!strcmp(request_method(request), methods[i].name)) {
			methods[i].fn(snapshot, request);
			return true;
		}
	}
	return false;
}
