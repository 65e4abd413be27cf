/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The supervisor of one VM: `mobihost vm <instance>`.
 *
 * It is started by `mobihost rpc` as a daemon, with the VM's folder as current directory, and ends when its VM has. Whoever holds `lock` in that folder is
 * the supervisor; there is never a second one. It listens on `sock` there (mode 0600, peers of another user are refused): JSON lines as in
 * docs/protocols.md section 5, for the methods that concern one VM. `instance` needs no check here: the socket belongs to one.
 *
 * Clients come and go, several at once; none can hold it up. What is sent to a client waits in a bounded buffer. When that is full, events of the kind that
 * comes again (`links`, `vm`) are left out and streams stand still; a client whose buffer cannot even take an answer is disconnected.
 *
 * SIGTERM parks the VM: the guest is frozen, its memory file is kept, and a later vm.start lets it go on.
 */
#define _GNU_SOURCE
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "capture.h"
#include "clock.h"
#include "instance.h"
#include "lines.h"
#include "link.h"
#include "migration.h"
#include "migration_states.h"
#include "params.h"
#include "request.h"
#include "snapshot.h"
#include "stream.h"
#include "vm.h"

#define CLIENTS_MAX 32
#define REQUESTS_MAX 256
#define CLIENT_BUFFER (4 * 1024 * 1024)
#define EVENT_BUFFER (512 * 1024) /* events are left out while more than this waits */
#define LINGER_US 300000ULL       /* from the VM's end to ours: answers get out */
#define IDLE_US (30 * 1000000ULL) /* a supervisor that has had nothing to run for so long ends */
#define PARK_RETRY_US 50000ULL
#define SCRIPT_MAX (512 * 1024)
#define GRACE_MAX_MS (10 * 60 * 1000)

struct client {
	struct supervisor *supervisor;
	struct client *next;
	struct lines *lines;
	struct streams *streams;
	struct request *requests;
	unsigned request_count;
	bool watching;
	uint64_t interval; /* microseconds */
	struct loop_timer timer;
	struct loop_timer doom_timer; /* destroys it, away from whoever uses it now */
	json_t *told; /* the status it got last */
};

struct request {
	struct supervisor *supervisor;
	struct client *client; /* NULL: gone */
	struct request *next;
	json_t *message;
	const char *method;
	json_t *params;
};

struct supervisor {
	struct loop *loop;
	struct store *store;
	struct vm *vm;
	struct migration *migration;
	struct captures *captures;
	struct snapshot *snapshot;
	struct client *clients;
	unsigned client_count;
	int lock_fd, listen_fd, signal_fd;
	struct loop_watch *listen_watch, *signal_watch;
	bool changed; /* something that clients have not been told yet */
	struct loop_timer changed_timer, idle_timer, linger_timer, park_timer, halt_timer;
	struct request *stops[CLIENTS_MAX], *halts[CLIENTS_MAX]; /* vm.stop that wait for the VM's end, or for a migration's before that */
	unsigned stop_count, halt_count;
	bool over; /* the VM has ended; so do we soon */
};

/* Requests. */

const char *request_method(const struct request *request)
{
	return request->method;
}

const json_t *request_params(const struct request *request)
{
	return request->params;
}

struct supervisor *request_supervisor(struct request *request)
{
	return request->supervisor;
}

struct vm *request_vm(struct request *request)
{
	return request->supervisor->vm;
}

const void *request_client(const struct request *request)
{
	return request->client;
}

bool supervisor_migrates(const struct supervisor *supervisor)
{
	return migration_is_under_way(supervisor->migration);
}

bool supervisor_saves(const struct supervisor *supervisor)
{
	return snapshot_is_under_way(supervisor->snapshot);
}

static void client_destroy(struct client *client);

static void client_doom(struct client *client)
{
	loop_timer_set(client->supervisor->loop, &client->doom_timer, loop_now(client->supervisor->loop));
}

static void request_free(struct request *request)
{
	if (request->client) {
		struct request **link = &request->client->requests;

		while (*link != request)
			link = &(*link)->next;
		*link = request->next;
		request->client->request_count--;
	}
	json_decref(request->message);
	free(request);
}

static void tell_changes(void *arg);

/* Takes over the answer. Whoever gets it knows of all changes before. */
static void request_reply(struct request *request, json_t *answer)
{
	struct client *client = request->client;

	if (request->supervisor->changed)
		tell_changes(request->supervisor);
	if (client && json_object_get(request->message, "id"))
		json_object_set(answer, "id", json_object_get(request->message, "id"));
	request_free(request);
	if (client && !lines_send(client->lines, answer))
		client_doom(client);
	json_decref(answer);
}

void request_answer(struct request *request, json_t *result)
{
	request_reply(request, json_pack("{so}", "result", result ? result : json_object()));
}

void request_fail(struct request *request, const struct fail *fail)
{
	request_reply(request, json_pack("{s{ss ss}}", "error", "code", fail->code, "message", fail->message));
}

/* Events. */

static bool client_event(struct client *client, const json_t *event)
{
	return lines_pending(client->lines) < EVENT_BUFFER && lines_send(client->lines, event);
}

void supervisor_event(struct supervisor *supervisor, json_t *event)
{
	for (struct client *client = supervisor->clients; client; client = client->next)
		if (client->watching)
			client_event(client, event);
	json_decref(event);
}

static json_t *status_now(const struct supervisor *supervisor)
{
	json_t *status = vm_status(supervisor->vm);

	if (status)
		migration_tell(supervisor->migration, status);
	return status;
}

static void client_tell_status(struct client *client)
{
	json_t *status = client->watching ? status_now(client->supervisor) : NULL, *event;

	if (!status)
		return;
	if (json_equal(status, client->told)) {
		json_decref(status);
		return;
	}
	event = json_copy(status);
	json_object_set_new(event, "event", json_string("vm"));
	if (client_event(client, event)) {
		json_decref(client->told);
		client->told = json_incref(status);
	}
	json_decref(event);
	json_decref(status);
}

static void client_tick(void *arg)
{
	struct client *client = arg;
	json_t *links = links_counters(vm_links(client->supervisor->vm));
	json_t *event = json_pack("{ss ss sI so*}", "event", "links", "instance", vm_instance(client->supervisor->vm), "atUs", (json_int_t)clock_wall_us(), "links", links);

	if (event)
		client_event(client, event);
	json_decref(event);
	client_tell_status(client);
	loop_timer_set(client->supervisor->loop, &client->timer, loop_now(client->supervisor->loop) + client->interval);
}

/* Several changes in one round of the loop make one event. */
static void tell_changes(void *arg)
{
	struct supervisor *supervisor = arg;

	supervisor->changed = false;
	loop_timer_cancel(supervisor->loop, &supervisor->changed_timer);
	for (struct client *client = supervisor->clients; client; client = client->next)
		client_tell_status(client);
}

/* While a VM is handed over it needs the processors of this host more than those need to know at once, who may be here as well. */
static void vm_has_changed(void *arg)
{
	struct supervisor *supervisor = arg;
	bool later = migration_hands_over(supervisor->migration);

	if (later && supervisor->changed)
		return;
	supervisor->changed = true;
	loop_timer_set(supervisor->loop, &supervisor->changed_timer, loop_now(supervisor->loop) + (later ? MIGRATION_HUSH_US : 0));
}

static void linger(struct supervisor *supervisor)
{
	loop_timer_set(supervisor->loop, &supervisor->linger_timer, loop_now(supervisor->loop) + LINGER_US);
}

static void linger_expired(void *arg)
{
	loop_stop(((struct supervisor *)arg)->loop);
}

static void vm_has_ended(void *arg)
{
	struct supervisor *supervisor = arg;
	unsigned count = supervisor->stop_count;
	bool again = supervisor->over;
	struct fail ignored;

	supervisor->over = true;
	migration_abandon(supervisor->migration, &ignored);
	snapshot_abandon(supervisor->snapshot);
	supervisor->stop_count = 0;
	for (unsigned i = 0; i < count; i++)
		request_answer(supervisor->stops[i], NULL);
	tell_changes(supervisor);
	/* Who is told to end again and again ends no later. */
	if (!again)
		linger(supervisor);
}

/* Nothing runs, and nothing is under way. */
static bool is_idle(const struct supervisor *supervisor)
{
	enum vm_state state = vm_state(supervisor->vm);

	if (state == VM_INCOMING || state == VM_HANDED_OVER)
		return !migration_is_under_way(supervisor->migration);
	return vm_is_off(supervisor->vm) || state == VM_PARKED || (state == VM_SAVED && !vm_is_prepared(supervisor->vm));
}

static void idle_expired(void *arg)
{
	struct supervisor *supervisor = arg;

	if (is_idle(supervisor)) {
		loop_stop(supervisor->loop);
		return;
	}
	loop_timer_set(supervisor->loop, &supervisor->idle_timer, loop_now(supervisor->loop) + IDLE_US);
}

static void vm_has_moved(void *arg, const char *target)
{
	struct supervisor *supervisor = arg;

	for (struct client *client = supervisor->clients; client; client = client->next)
		streams_moved(client->streams, target);
	captures_end(supervisor->captures);
}

/* Methods. */

static int links_apply(struct vm *vm, const json_t *params, struct fail *fail)
{
	json_int_t nic = 0;
	json_t *link;
	char error[400] = "";
	int result;

	if (params_integer(params, "nic", false, 0, DEVICE_PORTS_MAX - 1, &nic, fail) < 0 || params_object(params, "link", false, &link, fail) < 0)
		return -1;
	result = links_set(vm_links(vm), (unsigned)nic, link, error, sizeof(error));
	return result < 0 ? fail_set(fail, result == -ESTALE ? "stale-key" : "bad-link", "NIC %d: %s", (int)nic, error) : 0;
}

static void method_start(struct request *request)
{
	struct supervisor *supervisor = request->supervisor;
	json_t *links, *link;
	struct fail fail;
	size_t index;

	if (migration_leaves_nothing(supervisor->migration)) {
		fail_set(&fail, "busy", "The VM's folder is about to be removed, for the VM is not here any more. List the VMs again.");
		request_fail(request, &fail);
		return;
	}
	/* Just ended: instead of following it, we start it anew. */
	supervisor->over = false;
	loop_timer_cancel(supervisor->loop, &supervisor->linger_timer);
	if (params_array(request->params, "links", true, DEVICE_PORTS_MAX, &links, &fail) < 0)
		goto failed;
	json_array_foreach(links, index, link)
		if (links_apply(supervisor->vm, link, &fail) < 0)
			goto failed;
	if (vm_start(supervisor->vm, &fail) < 0)
		goto failed;
	request_answer(request, json_pack("{si}", "pid", (int)vm_pid(supervisor->vm)));
	return;
failed:
	request_fail(request, &fail);
	if (is_idle(supervisor))
		linger(supervisor);
}

static void prepared(void *arg, const struct fail *fail)
{
	struct request *request = arg;

	if (fail)
		request_fail(request, fail);
	else
		request_answer(request, json_pack("{so}", "udp", links_endpoints(vm_links(request->supervisor->vm))));
}

static void method_prepare(struct request *request)
{
	struct supervisor *supervisor = request->supervisor;
	struct fail fail;

	supervisor->over = false;
	loop_timer_cancel(supervisor->loop, &supervisor->linger_timer);
	if (vm_prepare(supervisor->vm, prepared, request, &fail) == 0)
		return;
	request_fail(request, &fail);
	if (is_idle(supervisor))
		linger(supervisor);
}

static void method_status(struct request *request)
{
	request_answer(request, status_now(request->supervisor));
}

static void stop_vm(struct request *request);

/* Stops that wait for the end of a migration, which was cancelled for them. */
static void halt(void *arg)
{
	struct supervisor *supervisor = arg;
	unsigned count = supervisor->halt_count;
	struct request *halts[CLIENTS_MAX];

	if (supervisor_migrates(supervisor)) {
		loop_timer_set(supervisor->loop, &supervisor->halt_timer, loop_now(supervisor->loop) + PARK_RETRY_US);
		return;
	}
	memcpy(halts, supervisor->halts, sizeof(halts));
	supervisor->halt_count = 0;
	for (unsigned i = 0; i < count; i++)
		stop_vm(halts[i]);
}

static void method_stop(struct request *request)
{
	struct supervisor *supervisor = request->supervisor;
	struct fail fail;

	if (!supervisor_migrates(supervisor)) {
		stop_vm(request);
	} else if (supervisor->halt_count == CLIENTS_MAX) {
		fail_set(&fail, "busy", "%d requests to stop this VM wait already.", CLIENTS_MAX);
		request_fail(request, &fail);
	} else if (migration_abandon(supervisor->migration, &fail) < 0) {
		request_fail(request, &fail);
	} else {
		supervisor->halts[supervisor->halt_count++] = request;
		halt(supervisor);
	}
}

static void stop_vm(struct request *request)
{
	struct supervisor *supervisor = request->supervisor;
	json_int_t grace = 0;
	struct fail fail;

	if (params_integer(request->params, "graceMs", true, 0, GRACE_MAX_MS, &grace, &fail) < 0)
		goto failed;
	/* A target that was given up: it ends by itself. */
	if (migration_leaves_nothing(supervisor->migration)) {
		if (supervisor->over)
			request_answer(request, NULL);
		else
			supervisor->stops[supervisor->stop_count++] = request;
		return;
	}
	/* A start that failed: nothing runs, and nothing will. */
	if (vm_is_off(supervisor->vm)) {
		request_answer(request, NULL);
		return;
	}
	if (supervisor->stop_count == CLIENTS_MAX) {
		fail_set(&fail, "busy", "%d requests to stop this VM wait already.", CLIENTS_MAX);
		goto failed;
	}
	/* A guest that a failed migration left frozen must not be there for ever. */
	if (vm_state(supervisor->vm) == VM_FROZEN && !migration_is_under_way(supervisor->migration))
		vm_finish(supervisor->vm, VM_STOPPED, NULL);
	else if (vm_stop(supervisor->vm, (unsigned)grace, &fail) < 0)
		goto failed;
	supervisor->stops[supervisor->stop_count++] = request;
	return;
failed:
	request_fail(request, &fail);
}

static void method_setup(struct request *request)
{
	const char *setup, *startup;
	bool run = false;
	struct fail fail;

	if (params_string(request->params, "setup", true, SCRIPT_MAX, &setup, &fail) < 0 ||
	    params_string(request->params, "startup", true, SCRIPT_MAX, &startup, &fail) < 0 || params_boolean(request->params, "run", true, &run, &fail) < 0 ||
	    vm_set_scripts(request->supervisor->vm, setup, startup, run, &fail) < 0)
		request_fail(request, &fail);
	else
		request_answer(request, NULL);
}

static void method_link_set(struct request *request)
{
	struct fail fail;

	if (links_apply(request->supervisor->vm, request->params, &fail) < 0) {
		request_fail(request, &fail);
		return;
	}
	vm_has_changed(request->supervisor);
	request_answer(request, NULL);
}

static void method_link_clear(struct request *request)
{
	json_int_t nic;
	struct fail fail;

	if (params_integer(request->params, "nic", false, 0, DEVICE_PORTS_MAX - 1, &nic, &fail) < 0) {
		request_fail(request, &fail);
	} else if (links_clear(vm_links(request->supervisor->vm), (unsigned)nic) < 0) {
		fail_set(&fail, "bad-link", "The VM has no NIC %d.", (int)nic);
		request_fail(request, &fail);
	} else {
		vm_has_changed(request->supervisor);
		request_answer(request, NULL);
	}
}

static void method_watch(struct request *request)
{
	struct client *client = request->client;
	json_int_t interval = 1000;
	struct fail fail;

	if (params_integer(request->params, "intervalMs", true, 100, 3600000, &interval, &fail) < 0) {
		request_fail(request, &fail);
		return;
	}
	client->watching = true;
	client->interval = (uint64_t)interval * 1000;
	json_decref(client->told);
	client->told = NULL;
	loop_timer_set(client->supervisor->loop, &client->timer, loop_now(client->supervisor->loop) + client->interval);
	request_answer(request, NULL);
	client_tell_status(client);
}

static const struct {
	const char *name;
	void (*fn)(struct request *request);
} methods[] = {
	{ "vm.prepare", method_prepare },
	{ "vm.start", method_start },       { "vm.status", method_status },       { "vm.stop", method_stop }, { "vm.setup", method_setup },
	{ "link.set", method_link_set },    { "link.clear", method_link_clear },  { "watch", method_watch },
};

/* Clients. */

static void client_object(void *arg, json_t *object)
{
	struct client *client = arg;
	const char *method = json_string_value(json_object_get(object, "method"));
	struct request *request = calloc(1, sizeof(*request));
	struct fail fail;

	if (!request || client->request_count >= REQUESTS_MAX) {
		free(request);
		client_destroy(client);
		return;
	}
	*request = (struct request){ .supervisor = client->supervisor, .client = client, .next = client->requests, .message = json_incref(object) };
	client->requests = request;
	client->request_count++;
	request->params = json_object_get(object, "params");
	if (!request->params)
		json_object_set_new(object, "params", request->params = json_object());
	request->method = method ? method : "";
	if (!json_is_object(request->params)) {
		fail_set(&fail, "bad-request", "\"params\" must be an object.");
		request_fail(request, &fail);
		return;
	}
	if (streams_request(client->streams, request) || migration_request(client->supervisor->migration, request) ||
	    snapshot_request(client->supervisor->snapshot, request))
		return;
	for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++) {
		if (!strcmp(request->method, methods[i].name)) {
			methods[i].fn(request);
			return;
		}
	}
	fail_set(&fail, "no-such-method", "The supervisor knows no method %.60s.", request->method);
	request_fail(request, &fail);
}

static void client_invalid(void *arg, const char *sentence)
{
	struct client *client = arg;
	json_t *answer = json_pack("{sn s{ss ss}}", "id", "error", "code", "bad-request", "message", sentence);

	if (!lines_send(client->lines, answer))
		client_destroy(client);
	json_decref(answer);
}

static void client_ended(void *arg)
{
	client_destroy(arg);
}

static void client_doomed(void *arg)
{
	client_destroy(arg);
}

static void client_drained(void *arg)
{
	struct client *client = arg;

	if (lines_broken(client->lines))
		client_destroy(client);
	else
		streams_drained(client->streams);
}

/* A stream's event; it waits where it is while the client's buffer is busy. */
static bool client_stream_event(void *arg, json_t *event)
{
	struct client *client = arg;
	bool sent = lines_send(client->lines, event);

	json_decref(event);
	return sent;
}

static void client_destroy(struct client *client)
{
	struct supervisor *supervisor = client->supervisor;
	struct client **link = &supervisor->clients;

	while (*link && *link != client)
		link = &(*link)->next;
	if (!*link)
		return;
	*link = client->next;
	supervisor->client_count--;
	snapshot_client_gone(supervisor->snapshot, client);
	for (struct request *request = client->requests; request; request = request->next)
		request->client = NULL;
	client->requests = NULL;
	loop_timer_cancel(supervisor->loop, &client->timer);
	loop_timer_cancel(supervisor->loop, &client->doom_timer);
	streams_destroy(client->streams);
	lines_destroy(client->lines);
	json_decref(client->told);
	free(client);
}

static void client_accept(void *arg, uint32_t events)
{
	static const struct lines_handler handler = { .object = client_object, .invalid = client_invalid, .ended = client_ended, .drained = client_drained };
	struct supervisor *supervisor = arg;
	struct ucred peer;
	socklen_t length = sizeof(peer);
	int fd = accept4(supervisor->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct client *client;

	(void)events;
	if (fd < 0)
		return;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0 || (peer.uid != geteuid() && peer.uid != 0) ||
	    supervisor->client_count >= CLIENTS_MAX || !(client = calloc(1, sizeof(*client)))) {
		close(fd);
		return;
	}
	client->supervisor = supervisor;
	loop_timer_init(&client->timer, client_tick, client);
	loop_timer_init(&client->doom_timer, client_doomed, client);
	client->streams = streams_create(supervisor->vm, client_stream_event, client);
	client->lines = client->streams ? lines_create(supervisor->loop, fd, fd, CLIENT_BUFFER, &handler, client) : NULL;
	if (!client->lines) {
		streams_destroy(client->streams);
		free(client);
		close(fd);
		return;
	}
	client->next = supervisor->clients;
	supervisor->clients = client;
	supervisor->client_count++;
}

/* Coming and going. */

/* A migration is cancelled first. One that waits for a verdict cannot be: then we stay, for what we hold may be the only copy. */
static void park(void *arg)
{
	struct supervisor *supervisor = arg;
	struct fail fail;

	if (supervisor->over)
		return;
	if (migration_leaves_nothing(supervisor->migration)) {
		loop_stop(supervisor->loop);
	} else if (supervisor_migrates(supervisor) || supervisor_saves(supervisor)) {
		migration_abandon(supervisor->migration, &fail);
		snapshot_abandon(supervisor->snapshot);
		loop_timer_set(supervisor->loop, &supervisor->park_timer, loop_now(supervisor->loop) + PARK_RETRY_US);
	} else if (vm_park(supervisor->vm, &fail) < 0) {
		fprintf(stderr, "supervisor: %s\n", fail.message);
	}
}

static void signal_ready(void *arg, uint32_t events)
{
	struct supervisor *supervisor = arg;
	struct signalfd_siginfo info;

	(void)events;
	while (read(supervisor->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
		park(supervisor);
}

static int supervisor_listen(struct supervisor *supervisor, struct fail *fail)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = SUPERVISOR_SOCKET };

	unlink(SUPERVISOR_SOCKET);
	supervisor->listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (supervisor->listen_fd < 0 || bind(supervisor->listen_fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    chmod(SUPERVISOR_SOCKET, 0600) < 0 || listen(supervisor->listen_fd, CLIENTS_MAX) < 0)
		return fail_set(fail, "io", "The supervisor's socket could not be made in the VM's folder: %s.", strerror(errno));
	supervisor->listen_watch = loop_watch_fd(supervisor->loop, supervisor->listen_fd, EPOLLIN, client_accept, supervisor);
	return supervisor->listen_watch ? 0 : fail_set(fail, "no-memory", "The supervisor's socket could not be watched.");
}

static int signals_take(struct supervisor *supervisor, struct fail *fail)
{
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	supervisor->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	supervisor->signal_watch =
		supervisor->signal_fd < 0 ? NULL : loop_watch_fd(supervisor->loop, supervisor->signal_fd, EPOLLIN, signal_ready, supervisor);
	return supervisor->signal_watch ? 0 : fail_set(fail, "no-memory", "The supervisor cannot take signals: %s.", strerror(errno));
}

static int supervisor_open(struct supervisor *supervisor, const char *instance, struct fail *fail)
{
	const struct vm_hooks hooks = { .changed = vm_has_changed, .moved = vm_has_moved, .ended = vm_has_ended, .arg = supervisor };
	int folder = store_instance(supervisor->store, instance, fail);

	if (folder < 0)
		return -1;
	if (fchdir(folder) < 0) {
		fail_set(fail, "io", "The VM's folder cannot be entered: %s.", strerror(errno));
		close(folder);
		return -1;
	}
	supervisor->lock_fd = store_lock(folder, SUPERVISOR_LOCK, false);
	close(folder);
	if (supervisor->lock_fd < 0) {
		if (errno == EWOULDBLOCK)
			return fail_set(fail, "already-supervised", "VM %s has a supervisor already.", instance);
		return fail_set(fail, "io", "The VM's lock file could not be made: %s.", strerror(errno));
	}
	supervisor->loop = loop_create();
	if (!supervisor->loop)
		return fail_set(fail, "no-memory", "The supervisor's event loop could not be made: %s.", strerror(errno));
	loop_timer_init(&supervisor->changed_timer, tell_changes, supervisor);
	loop_timer_init(&supervisor->idle_timer, idle_expired, supervisor);
	loop_timer_init(&supervisor->linger_timer, linger_expired, supervisor);
	loop_timer_init(&supervisor->park_timer, park, supervisor);
	loop_timer_init(&supervisor->halt_timer, halt, supervisor);
	if (signals_take(supervisor, fail) < 0)
		return -1;
	supervisor->vm = vm_open(supervisor->loop, supervisor->store, instance, &hooks, fail);
	if (!supervisor->vm)
		return -1;
	supervisor->captures = captures_create(supervisor->loop, vm_links(supervisor->vm), fail);
	if (!supervisor->captures)
		return -1;
	supervisor->migration = migration_create(supervisor, supervisor->vm);
	supervisor->snapshot = snapshot_create(supervisor, supervisor->vm, supervisor->store);
	if (!supervisor->migration || !supervisor->snapshot)
		return fail_set(fail, "no-memory", "The host has no memory for a supervisor.");
	loop_timer_set(supervisor->loop, &supervisor->idle_timer, loop_now(supervisor->loop) + IDLE_US);
	return supervisor_listen(supervisor, fail);
}

static void supervisor_close(struct supervisor *supervisor)
{
	/* First: their workers use the VM, their requests a client. */
	migration_destroy(supervisor->migration);
	snapshot_destroy(supervisor->snapshot);
	supervisor->snapshot = NULL;
	while (supervisor->clients)
		client_destroy(supervisor->clients);
	captures_destroy(supervisor->captures);
	if (supervisor->listen_fd >= 0)
		unlink(SUPERVISOR_SOCKET);
	if (supervisor->vm)
		vm_close(supervisor->vm);
	loop_destroy(supervisor->loop);
	if (supervisor->listen_fd >= 0)
		close(supervisor->listen_fd);
	if (supervisor->signal_fd >= 0)
		close(supervisor->signal_fd);
	if (supervisor->lock_fd >= 0)
		close(supervisor->lock_fd);
}

/* Tells whoever started us; the descriptor is closed. */
static void ready_tell(int fd, const struct fail *fail)
{
	json_t *error = fail ? json_pack("{ss ss}", "code", fail->code, "message", fail->message) : NULL;
	char *text = error ? json_dumps(error, JSON_COMPACT) : NULL;

	if (fd >= 0) {
		const char *line = fail ? (text ? text : "{}") : "ok";

		if (store_write_all(fd, line, strlen(line)) == 0)
			store_write_all(fd, "\n", 1);
		close(fd);
	}
	free(text);
	json_decref(error);
}

int supervisor_main(struct store *store, const char *instance, int ready_fd)
{
	struct supervisor supervisor = { .store = store, .lock_fd = -1, .listen_fd = -1, .signal_fd = -1 };
	bool remove = false;
	struct fail fail;
	int status = 1;

	umask(077);
	if (supervisor_open(&supervisor, instance, &fail) < 0) {
		if (ready_fd < 0)
			fprintf(stderr, "mobihost: %s\n", fail.message);
		ready_tell(ready_fd, &fail);
	} else {
		ready_tell(ready_fd, NULL);
		status = loop_run(supervisor.loop) < 0;
		remove = migration_leaves_nothing(supervisor.migration);
	}
	supervisor_close(&supervisor);
	if (remove && instance_delete(store, instance, &fail) < 0)
		fprintf(stderr, "mobihost: %s\n", fail.message);
	return status;
}
