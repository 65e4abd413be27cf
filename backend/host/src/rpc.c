/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `mobihost rpc` speaks JSON lines on standard input and output (docs/protocols.md, section 5). It keeps nothing: all it knows lies in the host folder
 * or with the supervisors, so it may be killed at any time, and many may run at once.
 *
 * A request is answered here when it concerns the folder, and passed on when it concerns a VM that has a supervisor (remote.c). Stream numbers are chosen here, so that
 * they are unique on this connection; the supervisor uses them as they are, and its events go out unchanged.
 *
 * Watching: every supervisor is told to send events; the folder is looked through at the same interval for VMs that came, went or have no
 * supervisor, and their changes become events of the same form.
 *
 * Flow: when the desktop does not read, supervisors and requests are not read any more either; nothing grows.
 */
#define _GNU_SOURCE
#include "rpc.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "facts.h"
#include "image.h"
#include "instance.h"
#include "limits.h"
#include "lines.h"
#include "migration_check.h"
#include "params.h"
#include "record.h"
#include "relay.h"
#include "relay_pairs.h"
#include "remote.h"
#include "shadow.h"
#include "tidy.h"

#define RPC_VERSION 1
#define OUTPUT_BUFFER (16 * 1024 * 1024)
#define OUTPUT_BUSY (4 * 1024 * 1024)
#define OUTPUT_EASY (1024 * 1024)
#define STATUS_TIMEOUT_MS 3000
#define LOG_TAIL_MAX 262144
#define DRAIN_CHECK_US 5000ULL

struct rpc {
	struct loop *loop;
	struct store *store;
	struct lines *lines;
	struct remotes *remotes;
	json_t *streams; /* number as text -> instance */
	json_int_t last_stream;
	unsigned open_requests;
	bool input_ended, paused;
	uint64_t watch_us; /* 0: not watching */
	json_t *told;      /* instance -> status of VMs without supervisor, as told last */
	struct loop_timer scan_timer, drain_timer;
};

/* A request of the desktop on its way. */
struct question {
	struct rpc *rpc;
	json_t *id, *params;
	const char *method; /* of the table */
	bool opens;         /* a stream, whose number is in params */
};

/* Output. */

static void rpc_check_end(struct rpc *rpc)
{
	if (lines_broken(rpc->lines) || (rpc->input_ended && !rpc->open_requests && !lines_pending(rpc->lines)))
		loop_stop(rpc->loop);
	else if (rpc->input_ended && !rpc->open_requests)
		loop_timer_set(rpc->loop, &rpc->drain_timer, loop_now(rpc->loop) + DRAIN_CHECK_US);
}

static void rpc_flow(struct rpc *rpc)
{
	size_t pending = lines_pending(rpc->lines);
	bool pause = rpc->paused ? pending > OUTPUT_EASY : pending > OUTPUT_BUSY;

	if (pause != rpc->paused) {
		rpc->paused = pause;
		remotes_pause(rpc->remotes, pause);
		lines_pause(rpc->lines, pause);
	}
	if (rpc->paused)
		loop_timer_set(rpc->loop, &rpc->drain_timer, loop_now(rpc->loop) + DRAIN_CHECK_US);
}

static void rpc_drain(void *arg)
{
	rpc_flow(arg);
	rpc_check_end(arg);
}

static void rpc_send(struct rpc *rpc, const json_t *object)
{
	/* Cannot be full before rpc_flow has stopped all sources; a broken pipe ends us. */
	if (!lines_send(rpc->lines, object))
		loop_stop(rpc->loop);
	else if (lines_pending(rpc->lines) > OUTPUT_BUSY)
		loop_timer_set(rpc->loop, &rpc->drain_timer, loop_now(rpc->loop));
}

static void question_free(struct question *question)
{
	struct rpc *rpc = question->rpc;

	json_decref(question->id);
	json_decref(question->params);
	free(question);
	rpc->open_requests--;
	rpc_check_end(rpc);
}

static void stream_key(json_int_t number, char key[24])
{
	snprintf(key, 24, "%" JSON_INTEGER_FORMAT, number);
}

/* Takes over the object, which has "result" or "error". */
static void question_reply(struct question *question, json_t *answer)
{
	if (question->opens && json_object_get(answer, "error")) {
		char key[24];

		stream_key(json_integer_value(json_object_get(question->params, "stream")), key);
		json_object_del(question->rpc->streams, key);
	}
	json_object_set(answer, "id", question->id);
	rpc_send(question->rpc, answer);
	json_decref(answer);
	question_free(question);
}

static void question_answer(struct question *question, json_t *result)
{
	question_reply(question, json_pack("{so}", "result", result ? result : json_object()));
}

static void question_fail(struct question *question, const struct fail *fail)
{
	question_reply(question, json_pack("{s{ss ss}}", "error", "code", fail->code, "message", fail->message));
}

static void rpc_event(struct rpc *rpc, json_t *event)
{
	rpc_send(rpc, event);
	json_decref(event);
}

/* Methods that the folder answers. */

static void ask_hello(struct question *question)
{
	char self[STORE_PATH_MAX] = "", *slash;
	struct utsname system;
	json_int_t version;
	struct fail fail;
	const char *user = getenv("USER");
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char number[16];

	if (params_integer(question->params, "version", false, 0, INT32_MAX, &version, &fail) < 0) {
		question_fail(question, &fail);
		return;
	}
	if (version != RPC_VERSION) {
		fail_set(&fail, "version", "The desktop speaks version %d of the agent's protocol, this agent version %d. Use the agent that belongs to the desktop.", (int)version,
			 RPC_VERSION);
		question_fail(question, &fail);
		return;
	}
	/* agent/<hash>/mobihost */
	self[length > 0 ? length : 0] = 0;
	slash = strrchr(self, '/');
	if (slash)
		*slash = 0;
	slash = strrchr(self, '/');
	snprintf(number, sizeof(number), "%u", (unsigned)geteuid());
	uname(&system);
	question_answer(question, json_pack("{si ss ss ss ss}", "version", RPC_VERSION, "agent", slash ? slash + 1 : "", "hostname", system.nodename, "user",
					    user && *user ? user : number, "folder", question->rpc->store->path));
}

static int list_instances(void *arg, int folder, const char *name)
{
	(void)folder;
	if (params_is_hex(name, 16))
		json_array_append_new(arg, json_string(name));
	return 0;
}

static json_t *rpc_instances(struct rpc *rpc)
{
	json_t *names = json_array();
	int vms = store_folder(rpc->store, "vms");

	if (vms >= 0) {
		store_each(vms, list_instances, names);
		close(vms);
	}
	return names;
}

/* What has not arrived yet by a migration, or has left, is at the other end: a VM counts once. */
static bool is_here(int folder)
{
	struct record record;
	struct fail ignored;
	bool here = true;

	if (!record_load(folder, &record, &ignored)) {
		here = record.state != VM_INCOMING && record.state != VM_HANDED_OVER;
		record_clear(&record);
	}
	return here;
}

static int count_vm(void *arg, int folder, const char *name)
{
	int instance = params_is_hex(name, 16) ? openat(folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW) : -1;

	if (instance < 0)
		return 0;
	*(json_int_t *)arg += is_here(instance);
	close(instance);
	return 0;
}

static void ask_facts(struct question *question)
{
	json_t *facts = facts_collect(question->rpc->store);
	int vms = store_folder(question->rpc->store, "vms");
	json_int_t count = 0;

	if (vms >= 0) {
		store_each(vms, count_vm, &count);
		close(vms);
	}
	json_object_set_new(facts, "vms", json_integer(count));
	question_answer(question, facts);
}

static void ask_limits(struct question *question)
{
	question_answer(question, limits_tell(question->rpc->store));
}

static void ask_limits_set(struct question *question)
{
	struct fail fail;

	if (limits_set(question->rpc->store, question->params, &fail) < 0)
		question_fail(question, &fail);
	else
		ask_limits(question);
}

static void ask_tidy(struct question *question)
{
	struct fail fail;
	bool try = false;
	json_t *answer = NULL;

	if (params_boolean(question->params, "try", true, &try, &fail) == 0)
		answer = tidy(question->rpc->store, try, &fail);
	if (answer)
		question_answer(question, answer);
	else
		question_fail(question, &fail);
}

static void ask_image_list(struct question *question)
{
	question_answer(question, json_pack("{so}", "images", image_list(question->rpc->store)));
}

static void ask_image_missing(struct question *question)
{
	json_t *hashes, *hash, *missing;
	struct fail fail;
	size_t index;

	if (params_array(question->params, "sha256", false, 1000, &hashes, &fail) < 0) {
		question_fail(question, &fail);
		return;
	}
	missing = json_array();
	json_array_foreach(hashes, index, hash)
		if (!json_is_string(hash) || !params_is_hex(json_string_value(hash), 64) || !image_present(question->rpc->store, json_string_value(hash)))
			json_array_append(missing, hash);
	question_answer(question, json_pack("{so}", "missing", missing));
}

static void lab_file(const char *lab, char name[80])
{
	snprintf(name, 80, "%.64s.json", lab);
}

static void ask_lab_put(struct question *question)
{
	int labs = store_folder(question->rpc->store, "labs"), status = -1;
	const char *lab;
	json_t *topology;
	struct fail fail;
	char name[80];

	if (params_lab(question->params, "lab", false, &lab, &fail) == 0 && params_object(question->params, "topology", false, &topology, &fail) == 0) {
		lab_file(lab, name);
		status = store_write_json(labs, name, topology, false, &fail);
	}
	if (labs >= 0)
		close(labs);
	if (status < 0)
		question_fail(question, &fail);
	else
		question_answer(question, NULL);
}

static int list_lab(void *arg, int folder, const char *name)
{
	size_t length = strlen(name);
	json_t *topology;
	struct fail unused;

	if (length <= 5 || name[0] == '.' || strcmp(name + length - 5, ".json"))
		return 0;
	topology = store_read_json(folder, name, &unused);
	if (topology)
		json_array_append_new(arg, json_pack("{ss% so}", "lab", name, length - 5, "topology", topology));
	return 0;
}

static void ask_lab_list(struct question *question)
{
	int labs = store_folder(question->rpc->store, "labs");
	json_t *list = json_array();

	if (labs >= 0) {
		store_each(labs, list_lab, list);
		close(labs);
	}
	question_answer(question, json_pack("{so}", "labs", list));
}

static void ask_lab_delete(struct question *question)
{
	int labs = store_folder(question->rpc->store, "labs"), status;
	const char *lab;
	struct fail fail;
	char name[80];

	if (params_lab(question->params, "lab", false, &lab, &fail) < 0) {
		question_fail(question, &fail);
	} else {
		lab_file(lab, name);
		status = store_remove(labs, name);
		if (status < 0 && status != -ENOENT) {
			fail_set(&fail, "io", "The lab %s could not be deleted: %s.", lab, strerror(-status));
			question_fail(question, &fail);
		} else {
			question_answer(question, NULL);
		}
	}
	if (labs >= 0)
		close(labs);
}

static void ask_create(struct question *question)
{
	json_t *config;
	char instance[17];
	struct fail fail;

	if (params_object(question->params, "config", false, &config, &fail) < 0 ||
	    instance_create(question->rpc->store, config, VM_CREATED, instance, &fail) < 0)
		question_fail(question, &fail);
	else
		question_answer(question, json_pack("{ss}", "instance", instance));
}

static void ask_configure(struct question *question)
{
	const char *instance;
	json_t *config;
	struct fail fail;

	if (params_instance(question->params, "instance", &instance, &fail) < 0 || params_object(question->params, "config", false, &config, &fail) < 0 ||
	    instance_configure(question->rpc->store, instance, config, &fail) < 0)
		question_fail(question, &fail);
	else
		question_answer(question, NULL);
}

static void ask_delete(struct question *question)
{
	const char *instance;
	struct fail fail;

	if (params_instance(question->params, "instance", &instance, &fail) < 0 || instance_delete(question->rpc->store, instance, &fail) < 0)
		question_fail(question, &fail);
	else
		question_answer(question, NULL);
}

static void ask_log(struct question *question)
{
	json_int_t tail = 65536;
	const char *instance, *which;
	struct fail fail;
	json_t *text;

	if (params_instance(question->params, "instance", &instance, &fail) < 0 || params_string(question->params, "which", false, 16, &which, &fail) < 0 ||
	    params_integer(question->params, "tail", true, 0, LOG_TAIL_MAX, &tail, &fail) < 0)
		goto failed;
	if (strcmp(which, "kernel") && strcmp(which, "startup")) {
		fail_set(&fail, "bad-request", "\"which\" must be kernel or startup.");
		goto failed;
	}
	text = instance_log(question->rpc->store, instance, !strcmp(which, "startup"), (size_t)tail, &fail);
	if (!text)
		goto failed;
	question_answer(question, json_pack("{so}", "text", text));
	return;
failed:
	question_fail(question, &fail);
}

/* Statuses: of the supervisor where there is one, else of the record. */

struct gathering {
	struct question *question;
	json_t *statuses;
	char *lab;      /* NULL: all */
	bool one;       /* the answer is the status itself */
	unsigned waiting;
};

struct asked {
	struct gathering *gathering;
	char instance[17];
};

static void gathering_add(struct gathering *gathering, json_t *status)
{
	const char *lab = json_string_value(json_object_get(status, "lab"));

	if (!gathering->lab || (lab && !strcmp(lab, gathering->lab)))
		json_array_append(gathering->statuses, status);
}

static void gathering_record(struct gathering *gathering, const char *instance)
{
	struct fail fail;
	json_t *status = instance_status(gathering->question->rpc->store, instance, &fail);

	/* Gone since the folder was read: left out. A damaged one must show, or it could not be deleted. */
	if (!status && strcmp(fail.code, "no-such-instance"))
		status = json_pack("{ss ss ss}", "instance", instance, "state", vm_state_name(VM_CRASHED), "error", fail.message);
	if (status)
		gathering_add(gathering, status);
	json_decref(status);
}

static void gathering_done(struct gathering *gathering)
{
	struct question *question = gathering->question;
	struct fail fail;

	if (--gathering->waiting)
		return;
	if (!gathering->one)
		question_answer(question, json_pack("{sO}", "vms", gathering->statuses));
	else if (json_array_size(gathering->statuses))
		question_answer(question, json_incref(json_array_get(gathering->statuses, 0)));
	else {
		fail_set(&fail, "no-such-instance", "There is no VM %s on this host. It may have been deleted or have moved; list the VMs again.",
			 json_string_value(json_object_get(question->params, "instance")));
		question_fail(question, &fail);
	}
	json_decref(gathering->statuses);
	free(gathering->lab);
	free(gathering);
}

static void status_answered(void *arg, json_t *answer)
{
	struct asked *asked = arg;
	json_t *status = json_object_get(answer, "result");

	if (json_is_object(status))
		gathering_add(asked->gathering, status);
	else
		gathering_record(asked->gathering, asked->instance);
	gathering_done(asked->gathering);
	free(asked);
}

static void gather(struct question *question, const json_t *instances, const char *lab, bool one)
{
	struct gathering *gathering = calloc(1, sizeof(*gathering));
	const json_t *instance;
	size_t index;

	if (!gathering) {
		question_answer(question, NULL);
		return;
	}
	*gathering = (struct gathering){ .question = question, .statuses = json_array(), .lab = lab ? strdup(lab) : NULL, .one = one, .waiting = 1 };
	json_array_foreach((json_t *)instances, index, instance) {
		const char *name = json_string_value(instance);
		struct remote *remote = remotes_find(question->rpc->remotes, name);
		struct asked *asked = remote ? calloc(1, sizeof(*asked)) : NULL;

		if (!asked) {
			gathering_record(gathering, name);
			continue;
		}
		asked->gathering = gathering;
		snprintf(asked->instance, sizeof(asked->instance), "%s", name);
		gathering->waiting++;
		remote_call(remote, "vm.status", NULL, STATUS_TIMEOUT_MS, status_answered, asked);
	}
	gathering_done(gathering);
}

static void ask_list(struct question *question)
{
	const char *lab;
	struct fail fail;
	json_t *instances;

	if (params_lab(question->params, "lab", true, &lab, &fail) < 0) {
		question_fail(question, &fail);
		return;
	}
	instances = rpc_instances(question->rpc);
	gather(question, instances, lab, false);
	json_decref(instances);
}

static void ask_status(struct question *question)
{
	const char *instance;
	struct fail fail;
	json_t *instances;

	if (params_instance(question->params, "instance", &instance, &fail) < 0) {
		question_fail(question, &fail);
		return;
	}
	instances = json_pack("[s]", instance);
	gather(question, instances, NULL, true);
	json_decref(instances);
}

/* Requests that are passed on. */

static void passed_answered(void *arg, json_t *answer)
{
	struct question *question = arg;
	json_t *copy = json_copy(answer);

	question_reply(question, copy);
}

/* launch: starts a supervisor when there is none. */
static void pass_on(struct question *question, const char *instance, bool launch)
{
	struct rpc *rpc = question->rpc;
	struct fail fail;
	struct remote *remote = launch ? remotes_get(rpc->remotes, instance, &fail) : remotes_find(rpc->remotes, instance);

	if (!remote && !launch) {
		json_t *status = instance_status(rpc->store, instance, &fail);
		const char *state = json_string_value(json_object_get(status, "state"));

		if (status)
			fail_set(&fail, "not-running", "VM %s is %s; this needs a VM that runs. Start it first.", instance, state);
		json_decref(status);
	}
	if (!remote)
		question_fail(question, &fail);
	else
		remote_call(remote, question->method, question->params, 0, passed_answered, question);
}

static void ask_running(struct question *question)
{
	const char *instance;
	struct fail fail;

	if (params_instance(question->params, "instance", &instance, &fail) < 0)
		question_fail(question, &fail);
	else
		pass_on(question, instance, false);
}

static void ask_launched(struct question *question)
{
	const char *instance;
	struct fail fail;

	if (params_instance(question->params, "instance", &instance, &fail) < 0)
		question_fail(question, &fail);
	else
		pass_on(question, instance, true);
}

/* Without a supervisor only a parked or saved VM has something to be stopped. */
static void ask_stop(struct question *question)
{
	const char *instance, *state;
	struct fail fail;
	json_t *status;
	bool kept;

	if (params_instance(question->params, "instance", &instance, &fail) < 0) {
		question_fail(question, &fail);
		return;
	}
	if (remotes_find(question->rpc->remotes, instance)) {
		pass_on(question, instance, false);
		return;
	}
	status = instance_status(question->rpc->store, instance, &fail);
	state = json_string_value(json_object_get(status, "state"));
	kept = state && (!strcmp(state, vm_state_name(VM_PARKED)) || !strcmp(state, vm_state_name(VM_SAVED)));
	if (!status)
		question_fail(question, &fail);
	else if (kept)
		pass_on(question, instance, true);
	else
		question_answer(question, NULL);
	json_decref(status);
}

static void ask_setup(struct question *question)
{
	const char *instance, *setup, *startup;
	struct fail fail;

	if (params_instance(question->params, "instance", &instance, &fail) < 0 ||
	    params_string(question->params, "setup", true, INSTANCE_SCRIPT_MAX, &setup, &fail) < 0 ||
	    params_string(question->params, "startup", true, INSTANCE_SCRIPT_MAX, &startup, &fail) < 0)
		question_fail(question, &fail);
	else if (remotes_find(question->rpc->remotes, instance) || json_is_true(json_object_get(question->params, "run")))
		pass_on(question, instance, false);
	else if (instance_set_scripts(question->rpc->store, instance, setup, startup, &fail) < 0)
		question_fail(question, &fail);
	else
		question_answer(question, NULL);
}

static void ask_open(struct question *question)
{
	struct rpc *rpc = question->rpc;
	const char *instance;
	struct fail fail;
	json_t *params;
	char key[24];

	if (params_instance(question->params, "instance", &instance, &fail) < 0) {
		question_fail(question, &fail);
		return;
	}
	stream_key(++rpc->last_stream, key);
	json_object_set_new(rpc->streams, key, json_string(instance));
	params = json_copy(question->params);
	json_object_set_new(params, "stream", json_integer(rpc->last_stream));
	json_decref(question->params);
	question->params = params;
	question->opens = true;
	instance = json_string_value(json_object_get(params, "instance"));
	pass_on(question, instance, false);
}

static void ask_stream(struct question *question)
{
	json_int_t number;
	const char *instance;
	struct fail fail;
	char key[24];

	if (params_integer(question->params, "stream", false, 1, INT32_MAX, &number, &fail) < 0) {
		question_fail(question, &fail);
		return;
	}
	stream_key(number, key);
	instance = json_string_value(json_object_get(question->rpc->streams, key));
	if (instance) {
		pass_on(question, instance, false);
		return;
	}
	fail_set(&fail, "no-such-stream", "There is no stream %d; it may have ended.", (int)number);
	question_fail(question, &fail);
}

/* Migration: the instance that is to receive one is made here, since only its supervisor can go on. */

struct receiving {
	struct question *question;
	char instance[17];
};

static void receive_answered(void *arg, json_t *answer)
{
	struct receiving *receiving = arg;
	struct fail ignored;

	/* A supervisor that refused removes the instance itself when it ends; one that never came cannot. */
	if (json_object_get(answer, "error"))
		instance_delete(receiving->question->rpc->store, receiving->instance, &ignored);
	passed_answered(receiving->question, answer);
	free(receiving);
}

static void ask_receive(struct question *question)
{
	static const struct check_words words = { .done = "migrated", .holds = "It goes on where it was." };
	struct rpc *rpc = question->rpc;
	struct receiving *receiving = calloc(1, sizeof(*receiving));
	json_t *config, *requires;
	struct remote *remote;
	struct fail fail, ignored;

	if (!receiving) {
		fail_set(&fail, "no-memory", "The host has no memory for this request.");
		question_fail(question, &fail);
		return;
	}
	receiving->question = question;
	if (params_object(question->params, "config", false, &config, &fail) < 0 || params_object(question->params, "requires", true, &requires, &fail) < 0 ||
	    migration_check(rpc->store, config, requires, &words, &fail) < 0)
		goto failed;
	if (instance_create(rpc->store, config, VM_INCOMING, receiving->instance, &fail) < 0)
		goto failed;
	json_object_set_new(question->params, "instance", json_string(receiving->instance));
	remote = remotes_get(rpc->remotes, receiving->instance, &fail);
	if (!remote) {
		instance_delete(rpc->store, receiving->instance, &ignored);
		goto failed;
	}
	remote_call(remote, question->method, question->params, 0, receive_answered, receiving);
	return;
failed:
	question_fail(question, &fail);
	free(receiving);
}

/* What became of a VM that was handed over to this host, whose instance may be gone. */
static void ask_outcome(struct question *question)
{
	const char *instance;
	struct fail fail;

	if (params_instance(question->params, "instance", &instance, &fail) < 0)
		question_fail(question, &fail);
	else
		question_answer(question, json_pack("{sb sb}", "arrived", instance_arrived(question->rpc->store, instance), "present", instance_present(question->rpc->store, instance)));
}

/* Snapshots: what no supervisor is busy with is a matter of files. */

static void ask_snapshot_remove(struct question *question, const char *instance)
{
	const char *snapshot;
	struct fail fail;

	if (params_instance(question->params, "snapshot", &snapshot, &fail) < 0 || shadow_remove(question->rpc->store, snapshot, instance, &fail) < 0)
		question_fail(question, &fail);
	else
		question_answer(question, NULL);
}

static void ask_snapshot_cancel(struct question *question)
{
	const char *instance;
	struct fail fail;

	if (params_instance(question->params, "instance", &instance, &fail) < 0)
		question_fail(question, &fail);
	else if (remotes_find(question->rpc->remotes, instance))
		pass_on(question, instance, false);
	else
		ask_snapshot_remove(question, instance);
}

static void ask_snapshot_delete(struct question *question)
{
	ask_snapshot_remove(question, NULL);
}

static void ask_snapshot_list(struct question *question)
{
	question_answer(question, json_pack("{so}", "snapshots", shadow_list(question->rpc->store)));
}

static void ask_snapshot_note(struct question *question)
{
	const char *snapshot;
	json_t *note;
	struct fail fail;

	if (params_instance(question->params, "snapshot", &snapshot, &fail) < 0 || params_object(question->params, "note", false, &note, &fail) < 0 ||
	    shadow_note(question->rpc->store, snapshot, note, &fail) < 0)
		question_fail(question, &fail);
	else
		question_answer(question, NULL);
}

static void ask_snapshot_noted(struct question *question)
{
	const char *snapshot;
	struct fail fail;
	json_t *note = NULL;

	if (params_instance(question->params, "snapshot", &snapshot, &fail) == 0)
		note = shadow_noted(question->rpc->store, snapshot, &fail);
	if (note)
		question_answer(question, json_pack("{so}", "note", note));
	else
		question_fail(question, &fail);
}

/* Relays: a pair is a file, and whoever serves this folder's pairs is found or started. */

struct opening {
	struct question *question;
	int ready_fd;
	pid_t helper;
	struct loop_watch *watch;
};

static void opened(struct question *question)
{
	json_t *endpoints = relay_endpoints(question->rpc->store);
	struct fail fail;

	if (endpoints) {
		question_answer(question, endpoints);
		return;
	}
	fail_set(&fail, "busy", "No relay serves this host just now; the file relay/log in the host folder may tell why. Try again.");
	question_fail(question, &fail);
}

static void opening_ready(void *arg, uint32_t events)
{
	struct opening *opening = arg;

	(void)events;
	loop_unwatch(opening->watch);
	close(opening->ready_fd);
	waitpid(opening->helper, NULL, 0);
	opened(opening->question);
	free(opening);
}

static void open_relay(struct question *question)
{
	json_t *endpoints = relay_endpoints(question->rpc->store);
	struct opening *opening;
	struct fail fail;

	if (endpoints) {
		question_answer(question, endpoints);
		return;
	}
	opening = calloc(1, sizeof(*opening));
	if (!opening) {
		fail_set(&fail, "no-memory", "The host has no memory for this request.");
		question_fail(question, &fail);
		return;
	}
	opening->question = question;
	opening->ready_fd = relay_launch(question->rpc->store, &opening->helper, &fail);
	opening->watch = opening->ready_fd < 0 ? NULL : loop_watch_fd(question->rpc->loop, opening->ready_fd, EPOLLIN, opening_ready, opening);
	if (opening->watch)
		return;
	if (opening->ready_fd >= 0) {
		fail_set(&fail, "no-memory", "The relay's start could not be watched.");
		close(opening->ready_fd);
		waitpid(opening->helper, NULL, 0);
	}
	free(opening);
	question_fail(question, &fail);
}

static void ask_relay_open(struct question *question)
{
	uint8_t secret[SEAL_KEY_SIZE];
	bool serve = false;
	json_int_t pair;
	struct fail fail;
	int status;

	if (params_integer(question->params, "pair", false, 1, UINT32_MAX, &pair, &fail) < 0 || params_key(question->params, "key", secret, &fail) < 0 ||
	    params_boolean(question->params, "serve", true, &serve, &fail) < 0) {
		question_fail(question, &fail);
		return;
	}
	relay_pairs_sweep(question->rpc->store);
	status = relay_pairs_put(question->rpc->store, (uint32_t)pair, secret, &fail);
	sodium_memzero(secret, sizeof(secret));
	if (status < 0)
		question_fail(question, &fail);
	else if (serve)
		open_relay(question);
	else
		question_answer(question, NULL);
}

static void ask_relay_close(struct question *question)
{
	json_int_t pair;
	struct fail fail;

	if (params_integer(question->params, "pair", false, 1, UINT32_MAX, &pair, &fail) < 0) {
		question_fail(question, &fail);
		return;
	}
	relay_pairs_drop(question->rpc->store, (uint32_t)pair);
	question_answer(question, NULL);
}

/* Watching. */

static void tell_status(struct rpc *rpc, const char *instance)
{
	struct fail fail;
	json_t *status = instance_status(rpc->store, instance, &fail), *event;

	if (!status || json_equal(status, json_object_get(rpc->told, instance))) {
		json_decref(status);
		return;
	}
	event = json_copy(status);
	json_object_set_new(event, "event", json_string("vm"));
	json_object_set_new(rpc->told, instance, status);
	rpc_event(rpc, event);
}

static void tell_deleted(struct rpc *rpc, const json_t *instances)
{
	json_t *present = json_object(), *value;
	const char *name;
	size_t index;
	void *next;

	json_array_foreach((json_t *)instances, index, value)
		json_object_set_new(present, json_string_value(value), json_true());
	json_object_foreach_safe(rpc->told, next, name, value) {
		if (!json_object_get(present, name)) {
			rpc_event(rpc, json_pack("{ss ss ss}", "event", "vm", "instance", name, "state", "deleted"));
			json_object_del(rpc->told, name);
		}
	}
	json_decref(present);
}

static void scan(void *arg)
{
	struct rpc *rpc = arg;
	json_t *instances = rpc_instances(rpc), *instance;
	size_t index;

	json_array_foreach(instances, index, instance) {
		const char *name = json_string_value(instance);

		if (!remotes_find(rpc->remotes, name))
			tell_status(rpc, name);
		else if (!json_object_get(rpc->told, name))
			json_object_set_new(rpc->told, name, json_null());
	}
	tell_deleted(rpc, instances);
	json_decref(instances);
	loop_timer_set(rpc->loop, &rpc->scan_timer, loop_now(rpc->loop) + rpc->watch_us);
}

static void ask_watch(struct question *question)
{
	struct rpc *rpc = question->rpc;
	json_int_t interval = 1000;
	struct fail fail;

	if (params_integer(question->params, "intervalMs", true, 100, 3600000, &interval, &fail) < 0) {
		question_fail(question, &fail);
		return;
	}
	rpc->watch_us = (uint64_t)interval * 1000;
	question_answer(question, NULL);
	json_object_clear(rpc->told);
	remotes_watch(rpc->remotes, (unsigned)interval);
	scan(rpc);
}

static void remote_event(void *arg, const char *instance, json_t *event)
{
	struct rpc *rpc = arg;
	const json_t *stream = json_object_get(event, "stream");

	(void)instance;
	if (stream && json_object_get(event, "closed")) {
		char key[24];

		stream_key(json_integer_value(stream), key);
		json_object_del(rpc->streams, key);
	}
	rpc_send(rpc, event);
	rpc_flow(rpc);
}

static void remote_gone(void *arg, const char *instance)
{
	struct rpc *rpc = arg;
	json_t *of;
	const char *key;
	void *next;

	json_object_foreach_safe(rpc->streams, next, key, of) {
		if (strcmp(json_string_value(of), instance))
			continue;
		rpc_event(rpc, json_pack("{ss sI ss}", "event", "stream", "stream", (json_int_t)strtoll(key, NULL, 10), "closed", "ended"));
		json_object_del(rpc->streams, key);
	}
	if (rpc->watch_us)
		tell_status(rpc, instance);
}

/* Input. */

static const struct {
	const char *name;
	void (*fn)(struct question *question);
} methods[] = {
	{ "hello", ask_hello },
	{ "facts", ask_facts },
	{ "limits", ask_limits },
	{ "limits.set", ask_limits_set },
	{ "tidy", ask_tidy },
	{ "image.list", ask_image_list },
	{ "image.missing", ask_image_missing },
	{ "lab.put", ask_lab_put },
	{ "lab.list", ask_lab_list },
	{ "lab.delete", ask_lab_delete },
	{ "vm.create", ask_create },
	{ "vm.configure", ask_configure },
	{ "vm.start", ask_launched },
	{ "vm.prepare", ask_launched },
	{ "vm.list", ask_list },
	{ "vm.status", ask_status },
	{ "vm.stop", ask_stop },
	{ "vm.delete", ask_delete },
	{ "vm.log", ask_log },
	{ "vm.setup", ask_setup },
	{ "link.set", ask_running },
	{ "link.clear", ask_running },
	{ "watch", ask_watch },
	{ "console.open", ask_open },
	{ "exec.start", ask_open },
	{ "exec.attach", ask_open },
	{ "stream.write", ask_stream },
	{ "stream.eof", ask_stream },
	{ "stream.close", ask_stream },
	{ "stream.resize", ask_stream },
	{ "stream.signal", ask_stream },
	{ "stream.credit", ask_stream },
	{ "migration.receive", ask_receive },
	{ "migration.send", ask_running },
	{ "migration.cancel", ask_running },
	{ "migration.resolve", ask_launched },
	{ "migration.outcome", ask_outcome },
	{ "relay.open", ask_relay_open },
	{ "relay.close", ask_relay_close },
	{ "snapshot.prepare", ask_running },
	{ "snapshot.cut", ask_running },
	{ "snapshot.finish", ask_running },
	{ "snapshot.cancel", ask_snapshot_cancel },
	{ "snapshot.delete", ask_snapshot_delete },
	{ "snapshot.list", ask_snapshot_list },
	{ "snapshot.note", ask_snapshot_note },
	{ "snapshot.noted", ask_snapshot_noted },
};

static void input_object(void *arg, json_t *object)
{
	struct rpc *rpc = arg;
	const char *name = json_string_value(json_object_get(object, "method"));
	json_t *id = json_object_get(object, "id"), *params = json_object_get(object, "params");
	struct question *question = calloc(1, sizeof(*question));
	struct fail fail;

	if (!question) {
		loop_stop(rpc->loop);
		return;
	}
	*question = (struct question){ .rpc = rpc, .id = id ? json_incref(id) : json_null(), .params = params ? json_incref(params) : json_object() };
	rpc->open_requests++;
	if (!json_is_object(question->params)) {
		fail_set(&fail, "bad-request", "\"params\" must be an object.");
		question_fail(question, &fail);
		return;
	}
	for (size_t i = 0; name && i < sizeof(methods) / sizeof(*methods); i++) {
		if (!strcmp(name, methods[i].name)) {
			question->method = methods[i].name;
			methods[i].fn(question);
			return;
		}
	}
	fail_set(&fail, "no-such-method", "The agent knows no method %.60s.", name ? name : "(none)");
	question_fail(question, &fail);
}

static void input_invalid(void *arg, const char *sentence)
{
	struct rpc *rpc = arg;

	rpc_event(rpc, json_pack("{sn s{ss ss}}", "id", "error", "code", "bad-request", "message", sentence));
}

static void input_ended(void *arg)
{
	struct rpc *rpc = arg;

	rpc->input_ended = true;
	rpc_check_end(rpc);
}

static void output_drained(void *arg)
{
	rpc_drain(arg);
}

int rpc_main(struct store *store)
{
	static const struct lines_handler handler = { .object = input_object, .invalid = input_invalid, .ended = input_ended, .drained = output_drained };
	struct rpc rpc = { .store = store };
	const struct remotes_hooks hooks = { .event = remote_event, .gone = remote_gone, .arg = &rpc };
	int status = 1;

	signal(SIGPIPE, SIG_IGN);
	umask(077);
	instance_sweep(store);
	rpc.loop = loop_create();
	if (!rpc.loop)
		goto out;
	loop_timer_init(&rpc.scan_timer, scan, &rpc);
	loop_timer_init(&rpc.drain_timer, rpc_drain, &rpc);
	rpc.streams = json_object();
	rpc.told = json_object();
	rpc.remotes = remotes_create(rpc.loop, store, &hooks);
	rpc.lines = rpc.remotes ? lines_create(rpc.loop, STDIN_FILENO, STDOUT_FILENO, OUTPUT_BUFFER, &handler, &rpc) : NULL;
	if (rpc.lines)
		status = loop_run(rpc.loop) < 0;
	else
		fprintf(stderr, "mobihost: standard input and output cannot be used: %s.\n", strerror(errno));
	rpc.watch_us = 0;
	json_object_clear(rpc.streams);
out:
	/* Answers to what is still open go nowhere, but each frees its request. */
	remotes_destroy(rpc.remotes);
	lines_destroy(rpc.lines);
	json_decref(rpc.streams);
	json_decref(rpc.told);
	loop_destroy(rpc.loop);
	return status;
}
