/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connections to supervisors, one for each instance that was asked for something.
 *
 * A remote is LAUNCHING (its supervisor was started and has not told yet that it listens) or CONNECTED. Calls made before are kept and sent then. When a
 * connection ends, calls without an answer are answered with an error, so that each call is answered exactly once.
 *
 * Two desktops may launch a supervisor for the same instance at the same time: one of the two finds the lock taken, says "already-supervised" and
 * ends; its launcher then connects to the other one, trying for a short while as that may not listen yet.
 */
#define _GNU_SOURCE
#include "remote.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lines.h"
#include "supervisor.h"

#define REMOTE_BUFFER (8 * 1024 * 1024)
#define CONNECT_TRIES 100
#define CONNECT_PAUSE_US 20000ULL
#define LAUNCH_US (20 * 1000000ULL)

struct call {
	struct call *next;
	struct remote *remote;
	json_int_t id;
	json_t *message; /* not sent yet; NULL: sent */
	remote_answer *answer;
	void *arg;
	struct loop_timer timer;
};

struct remote {
	struct remotes *remotes;
	struct remote *next;
	char instance[17];
	struct lines *lines; /* NULL: launching */
	int ready_fd;
	pid_t helper;
	struct loop_watch *ready_watch;
	char ready_text[2048];
	size_t ready_size;
	unsigned tries;
	struct loop_timer timer;
	struct call *calls, **calls_end;
	json_int_t last_id;
};

struct remotes {
	struct loop *loop;
	struct store *store;
	struct remotes_hooks hooks;
	struct remote *list;
	unsigned watch_ms; /* 0: no */
	bool paused;
};

static void call_free(struct call *call)
{
	struct call **link = &call->remote->calls;

	while (*link != call)
		link = &(*link)->next;
	*link = call->next;
	if (!*link)
		call->remote->calls_end = link;
	loop_timer_cancel(call->remote->remotes->loop, &call->timer);
	json_decref(call->message);
	free(call);
}

static void call_answer(struct call *call, json_t *answer)
{
	remote_answer *fn = call->answer;
	void *arg = call->arg;

	call_free(call);
	fn(arg, answer);
}

static void call_fail(struct call *call, const char *code, const char *message)
{
	json_t *answer = json_pack("{s{ss ss}}", "error", "code", code, "message", message);

	call_answer(call, answer);
	json_decref(answer);
}

static void call_expired(void *arg)
{
	call_fail(arg, "timeout", "The VM's supervisor did not answer in time.");
}

static void remote_destroy(struct remote *remote, const char *code, const char *message)
{
	struct remotes *remotes = remote->remotes;
	struct remote **link = &remotes->list;
	bool connected = remote->lines;

	while (*link != remote)
		link = &(*link)->next;
	*link = remote->next;
	lines_destroy(remote->lines);
	remote->lines = NULL;
	loop_timer_cancel(remotes->loop, &remote->timer);
	loop_unwatch(remote->ready_watch);
	if (remote->ready_fd >= 0)
		close(remote->ready_fd);
	if (remote->helper > 0)
		waitpid(remote->helper, NULL, 0);
	while (remote->calls)
		call_fail(remote->calls, code, message);
	if (connected)
		remotes->hooks.gone(remotes->hooks.arg, remote->instance);
	free(remote);
}

static void remote_object(void *arg, json_t *object)
{
	struct remote *remote = arg;
	const json_t *id = json_object_get(object, "id");

	if (json_object_get(object, "event")) {
		remote->remotes->hooks.event(remote->remotes->hooks.arg, remote->instance, object);
		return;
	}
	for (struct call *call = remote->calls; call && json_is_integer(id); call = call->next) {
		if (call->id == json_integer_value(id)) {
			call_answer(call, object);
			return;
		}
	}
}

static void remote_invalid(void *arg, const char *sentence)
{
	(void)sentence;
	remote_destroy(arg, "supervisor-lost", "The VM's supervisor sent something that is not of its protocol. It may be of another version.");
}

static void remote_ended(void *arg)
{
	remote_destroy(arg, "supervisor-lost", "The VM's supervisor has ended meanwhile. List the VMs to see what became of it.");
}

static void watch_answered(void *arg, json_t *answer)
{
	(void)arg;
	(void)answer;
}

static void remote_watch(struct remote *remote)
{
	json_t *params = json_pack("{si}", "intervalMs", (int)remote->remotes->watch_ms);

	remote_call(remote, "watch", params, 0, watch_answered, NULL);
	json_decref(params);
}

static bool remote_send(struct remote *remote, const json_t *message)
{
	return lines_send(remote->lines, message);
}

/* Tries to connect; true when it is. */
static bool remote_connect(struct remote *remote)
{
	static const struct lines_handler handler = { .object = remote_object, .invalid = remote_invalid, .ended = remote_ended };
	struct fail unused;
	int folder = store_instance(remote->remotes->store, remote->instance, &unused), fd;
	struct call *next;

	if (folder < 0)
		return false;
	fd = supervisor_connect(folder);
	close(folder);
	if (fd < 0)
		return false;
	remote->lines = lines_create(remote->remotes->loop, fd, fd, REMOTE_BUFFER, &handler, remote);
	if (!remote->lines) {
		close(fd);
		return false;
	}
	lines_pause(remote->lines, remote->remotes->paused);
	loop_timer_cancel(remote->remotes->loop, &remote->timer);
	for (struct call *call = remote->calls; call; call = next) {
		next = call->next;
		remote_send(remote, call->message);
		json_decref(call->message);
		call->message = NULL;
	}
	if (remote->remotes->watch_ms)
		remote_watch(remote);
	return true;
}

static void remote_retry(void *arg)
{
	struct remote *remote = arg;

	if (remote->ready_fd >= 0) {
		remote_destroy(remote, "supervisor-lost", "The VM's supervisor did not start in time. The VM's log may tell why.");
		return;
	}
	if (remote_connect(remote))
		return;
	if (++remote->tries > CONNECT_TRIES)
		remote_destroy(remote, "supervisor-lost", "The VM's supervisor does not take connections. Try again.");
	else
		loop_timer_set(remote->remotes->loop, &remote->timer, loop_now(remote->remotes->loop) + CONNECT_PAUSE_US);
}

static void ready_readable(void *arg, uint32_t events)
{
	struct remote *remote = arg;
	ssize_t count = read(remote->ready_fd, remote->ready_text + remote->ready_size, sizeof(remote->ready_text) - 1 - remote->ready_size);
	json_t *error;
	const char *code, *message;

	(void)events;
	if (count < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (count > 0) {
		remote->ready_size += (size_t)count;
		return;
	}
	loop_unwatch(remote->ready_watch);
	remote->ready_watch = NULL;
	close(remote->ready_fd);
	remote->ready_fd = -1;
	waitpid(remote->helper, NULL, 0);
	remote->helper = 0;
	remote->ready_text[remote->ready_size] = 0;
	if (!strcmp(remote->ready_text, "ok\n")) {
		remote_retry(remote);
		return;
	}
	error = json_loads(remote->ready_text, 0, NULL);
	code = json_string_value(json_object_get(error, "code"));
	message = json_string_value(json_object_get(error, "message"));
	if (code && !strcmp(code, "already-supervised"))
		remote_retry(remote);
	else
		remote_destroy(remote, code ? code : "supervisor-lost", message ? message : "The VM's supervisor ended as soon as it started. The VM's log may tell why.");
	json_decref(error);
}

static struct remote *remote_create(struct remotes *remotes, const char *instance)
{
	struct remote *remote = calloc(1, sizeof(*remote));

	if (!remote)
		return NULL;
	*remote = (struct remote){ .remotes = remotes, .next = remotes->list, .ready_fd = -1 };
	snprintf(remote->instance, sizeof(remote->instance), "%s", instance);
	remote->calls_end = &remote->calls;
	loop_timer_init(&remote->timer, remote_retry, remote);
	remotes->list = remote;
	return remote;
}

static struct remote *remotes_known(struct remotes *remotes, const char *instance)
{
	struct remote *remote = remotes->list;

	while (remote && strcmp(remote->instance, instance))
		remote = remote->next;
	return remote;
}

struct remote *remotes_find(struct remotes *remotes, const char *instance)
{
	struct remote *remote = remotes_known(remotes, instance);

	if (remote)
		return remote;
	remote = remote_create(remotes, instance);
	if (remote && remote_connect(remote))
		return remote;
	if (remote)
		remote_destroy(remote, "", "");
	return NULL;
}

struct remote *remotes_get(struct remotes *remotes, const char *instance, struct fail *fail)
{
	struct remote *remote = remotes_find(remotes, instance);

	if (remote)
		return remote;
	remote = remote_create(remotes, instance);
	if (!remote) {
		fail_set(fail, "no-memory", "The host has no memory for another connection.");
		return NULL;
	}
	remote->ready_fd = supervisor_launch(remotes->store, instance, &remote->helper, fail);
	if (remote->ready_fd >= 0)
		remote->ready_watch = loop_watch_fd(remotes->loop, remote->ready_fd, EPOLLIN, ready_readable, remote);
	if (!remote->ready_watch) {
		if (remote->ready_fd >= 0)
			fail_set(fail, "no-memory", "The supervisor's start could not be watched.");
		remote_destroy(remote, "", "");
		return NULL;
	}
	loop_timer_set(remotes->loop, &remote->timer, loop_now(remotes->loop) + LAUNCH_US);
	return remote;
}

void remote_call(struct remote *remote, const char *method, json_t *params, unsigned timeout_ms, remote_answer *answer, void *arg)
{
	struct call *call = calloc(1, sizeof(*call));
	json_t *message;

	if (!call) {
		message = json_pack("{s{ss ss}}", "error", "code", "no-memory", "message", "The host has no memory for another request.");
		answer(arg, message);
		json_decref(message);
		return;
	}
	*call = (struct call){ .remote = remote, .id = ++remote->last_id, .answer = answer, .arg = arg };
	loop_timer_init(&call->timer, call_expired, call);
	*remote->calls_end = call;
	remote->calls_end = &call->next;
	if (timeout_ms)
		loop_timer_set(remote->remotes->loop, &call->timer, loop_now(remote->remotes->loop) + (uint64_t)timeout_ms * 1000);
	message = json_pack("{sI ss sO*}", "id", call->id, "method", method, "params", params);
	if (!remote->lines) {
		call->message = message;
		return;
	}
	if (!remote_send(remote, message))
		call_fail(call, "busy", "The VM's supervisor does not take requests. Try again.");
	json_decref(message);
}

void remotes_watch(struct remotes *remotes, unsigned interval_ms)
{
	remotes->watch_ms = interval_ms;
	for (struct remote *remote = remotes->list; remote; remote = remote->next)
		if (remote->lines)
			remote_watch(remote);
}

void remotes_pause(struct remotes *remotes, bool pause)
{
	struct remote *next;

	if (remotes->paused == pause)
		return;
	remotes->paused = pause;
	for (struct remote *remote = remotes->list; remote; remote = next) {
		next = remote->next;
		if (remote->lines)
			lines_pause(remote->lines, pause);
	}
}

struct remotes *remotes_create(struct loop *loop, struct store *store, const struct remotes_hooks *hooks)
{
	struct remotes *remotes = calloc(1, sizeof(*remotes));

	if (remotes)
		*remotes = (struct remotes){ .loop = loop, .store = store, .hooks = *hooks };
	return remotes;
}

void remotes_destroy(struct remotes *remotes)
{
	if (!remotes)
		return;
	while (remotes->list)
		remote_destroy(remotes->list, "ended", "The connection to the host is being closed.");
	free(remotes);
}
