/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Theory. A relay passes datagrams and streams on between the two ends of a pair, each of which has proved to hold the pair's secret (relay_table.c, relay_streams.c). What passes is sealed from
 * end to end with keys that no relay knows.
 *
 * The pairs of all relays of a host folder lie in its folder `relay`, one file each (relay_pairs.c): rpc writes and removes them, relays watch the folder, so relays can end and be started
 * anew at any time. Those files admit to relays only; they are no secrets of links or migrations.
 *
 *   serve    for others: on all addresses. It holds the lock of the folder and tells its ports in state.json. A pair that nobody used for IDLE_US is removed, and without pairs it ends: so
 *            it outlives the desktop that asked for it as long as links need it.
 *   pipe     for the supervisors of this host, whose peers are on a host that nobody else can reach: each datagram goes to standard output, `u16 length | datagram`, from where the desktop takes
 *            it to the other host's. When the desktop does not take them, datagrams are dropped, so that those which come through are not old.
 *   stream   the same for the one stream of a migration.
 *
 * A relay touches the files of pairs that are in use now and then; rpc removes those that nobody touched for an hour.
 *
 * The last two end with their standard input.
 */
#define _GNU_SOURCE
#include "relay.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "launch.h"
#include "little.h"
#include "loop.h"
#include "params.h"
#include "relay_pairs.h"
#include "relay_streams.h"
#include "relay_table.h"
#include "udp.h"

#define STATE "state.json"
#define LOCK "lock"
#define LOCK_TRIES 300
#define CHECK_US 60000000ull
#define IDLE_US 900000000ull
#define EMPTY_CHECKS 2
#define PIPE_QUEUE (64u << 10)
#define LENGTH_SIZE 2

struct relay {
	const struct store *store;
	struct loop *loop;
	struct relay_table *table;
	struct relay_pairs *pairs;
	struct relay_streams *streams;
	struct udp *udp;
	struct loop_watch *udp_watch;
	struct loop_timer check_timer;
	unsigned empty; /* checks that found nothing to do */
	unsigned udp_port, tcp_port;
	/* pipe */
	bool piped;
	struct loop_watch *in_watch, *out_watch;
	uint8_t in[LENGTH_SIZE + UINT16_MAX];
	size_t in_size;
	uint8_t out[PIPE_QUEUE];
	size_t out_size;
};

static void pipe_flush(struct relay *relay)
{
	ssize_t count = relay->out_size ? write(STDOUT_FILENO, relay->out, relay->out_size) : 0;

	if (count < 0 && errno != EAGAIN && errno != EINTR) {
		loop_stop(relay->loop);
		return;
	}
	if (count > 0) {
		relay->out_size -= (size_t)count;
		memmove(relay->out, relay->out + count, relay->out_size);
	}
	loop_watch_events(relay->out_watch, relay->out_size ? EPOLLOUT : 0);
}

static void pipe_put(struct relay *relay, const uint8_t *bytes, size_t size)
{
	if (size > UINT16_MAX || relay->out_size + LENGTH_SIZE + size > PIPE_QUEUE)
		return;
	little_put(relay->out + relay->out_size, size, LENGTH_SIZE);
	memcpy(relay->out + relay->out_size + LENGTH_SIZE, bytes, size);
	relay->out_size += LENGTH_SIZE + size;
}

/* A datagram from an address, or from the pipe (NULL). */
static void take(struct relay *relay, const struct udp_address *from, const uint8_t *bytes, size_t size)
{
	struct relay_outcome outcome;

	relay_table_datagram(relay->table, from, bytes, size, loop_now(relay->loop), &outcome);
	if (outcome.verdict == RELAY_PIPE)
		pipe_put(relay, outcome.bytes, outcome.size);
	else if (outcome.verdict == RELAY_SEND && udp_prepare(relay->udp, 1, outcome.size))
		memcpy(udp_reserve(relay->udp, &outcome.to, outcome.size), outcome.bytes, outcome.size);
}

static void settle(struct relay *relay)
{
	udp_flush(relay->udp);
	loop_watch_events(relay->udp_watch, EPOLLIN | (udp_blocked(relay->udp) ? EPOLLOUT : 0));
	if (relay->piped)
		pipe_flush(relay);
}

static void udp_ready(void *arg, uint32_t events)
{
	struct relay *relay = arg;
	unsigned count = events & EPOLLIN ? udp_receive(relay->udp) : 0;
	struct udp_message message;

	for (unsigned i = 0; i < count; i++) {
		if (!udp_message(relay->udp, i, &message))
			continue;
		for (size_t at = 0; at < message.size; at += message.segment)
			take(relay, &message.from, message.bytes + at, message.size - at < message.segment ? message.size - at : message.segment);
	}
	settle(relay);
}

static void pipe_readable(void *arg, uint32_t events)
{
	struct relay *relay = arg;
	ssize_t count = read(STDIN_FILENO, relay->in + relay->in_size, sizeof(relay->in) - relay->in_size);
	size_t at = 0, size;

	(void)events;
	if (count < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (count <= 0) {
		loop_stop(relay->loop);
		return;
	}
	relay->in_size += (size_t)count;
	while (relay->in_size - at >= LENGTH_SIZE && (size = little_get(relay->in + at, LENGTH_SIZE)) <= relay->in_size - at - LENGTH_SIZE) {
		take(relay, NULL, relay->in + at + LENGTH_SIZE, size);
		at += LENGTH_SIZE + size;
	}
	relay->in_size -= at;
	memmove(relay->in, relay->in + at, relay->in_size);
	settle(relay);
}

static void pipe_writable(void *arg, uint32_t events)
{
	(void)events;
	pipe_flush(arg);
}

static void confine(void)
{
	signal(SIGPIPE, SIG_IGN);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

static int no_memory(struct fail *fail)
{
	return fail_set(fail, "no-memory", "The relay could not be set up on this host: %s.", strerror(errno));
}

/* All relays: the table and who is in it. */
static int open_table(struct relay *relay, const struct store *store, struct fail *fail)
{
	confine();
	relay->store = store;
	relay->loop = loop_create();
	relay->table = relay_table_create(relay->piped);
	if (!relay->loop || !relay->table)
		return no_memory(fail);
	relay->pairs = relay_pairs_watch(store, relay->loop, relay->table, fail);
	return relay->pairs ? 0 : -1;
}

static int open_udp(struct relay *relay, struct fail *fail)
{
	relay->udp = relay->piped ? udp_create_local() : udp_create();
	relay->udp_watch = relay->udp ? loop_watch_fd(relay->loop, udp_fd(relay->udp), EPOLLIN, udp_ready, relay) : NULL;
	if (!relay->udp_watch)
		return no_memory(fail);
	relay->udp_port = udp_port(relay->udp);
	return 0;
}

static int finish(struct relay *relay, int status, const struct fail *fail)
{
	if (status)
		fprintf(stderr, "mobihost: %s\n", fail->message);
	relay_streams_destroy(relay->streams);
	relay_pairs_destroy(relay->pairs);
	relay_table_destroy(relay->table);
	udp_destroy(relay->udp);
	loop_destroy(relay->loop);
	free(relay);
	return status ? 1 : 0;
}

/* serve */

static int write_state(struct relay *relay, struct fail *fail)
{
	int folder = store_folder(relay->store, "relay"), result;
	json_t *state = json_pack("{si si}", "udp", (int)relay->udp_port, "tcp", (int)relay->tcp_port);

	result = folder < 0 ? fail_set(fail, "io", "The relay's folder can't be opened: %s.", strerror(errno)) : store_write_json(folder, STATE, state, false, fail);
	json_decref(state);
	if (folder >= 0)
		close(folder);
	return result;
}

static void remove_state(struct relay *relay)
{
	int folder = store_folder(relay->store, "relay");

	if (folder >= 0) {
		store_remove(folder, STATE);
		close(folder);
	}
}

/* A pair may come at this very moment: who brings it finds our state, or else starts another relay. So the state goes first, and then it is looked once more. */
static void check_empty(struct relay *relay)
{
	struct fail fail;

	if (relay_table_count(relay->table) || relay_streams_count(relay->streams)) {
		relay->empty = 0;
		return;
	}
	if (++relay->empty < EMPTY_CHECKS)
		return;
	remove_state(relay);
	relay_pairs_destroy(relay->pairs);
	relay->pairs = relay_pairs_watch(relay->store, relay->loop, relay->table, &fail);
	if (!relay->pairs || !relay_table_count(relay->table) || write_state(relay, &fail) < 0)
		loop_stop(relay->loop);
}

static void check(void *arg)
{
	struct relay *relay = arg;
	uint64_t now = loop_now(relay->loop);
	unsigned at = 0;
	uint32_t used, idle;

	while ((used = relay_table_used(relay->table, &at, now - CHECK_US)))
		relay_pairs_touch(relay->pairs, used);
	while (!relay->piped && (idle = relay_table_idle(relay->table, now, IDLE_US))) {
		relay_pairs_drop(relay->store, idle);
		relay_table_remove(relay->table, idle);
	}
	if (!relay->piped)
		check_empty(relay);
	loop_timer_set(relay->loop, &relay->check_timer, now + CHECK_US);
}

/* Who looks whether there is a relay holds the lock for a moment. -1: another relay has it. */
static int take_lock(int folder)
{
	const struct timespec pause = { 0, 10000000 };
	int lock = store_lock(folder, LOCK, false);

	for (unsigned tries = 0; lock < 0 && errno == EWOULDBLOCK && tries < LOCK_TRIES; tries++) {
		if (faccessat(folder, STATE, F_OK, 0) == 0)
			return -1;
		nanosleep(&pause, NULL);
		lock = store_lock(folder, LOCK, false);
	}
	return lock;
}

static int serve(struct relay *relay, const struct store *store, int ready_fd, struct fail *fail)
{
	int folder = store_folder(store, "relay"), lock = folder < 0 ? -1 : take_lock(folder), result;

	/* It must not keep the folder of whoever started it busy. */
	if (lock >= 0 && fchdir(folder) < 0)
		return fail_set(fail, "io", "The relay's folder can't be entered: %s.", strerror(errno));
	if (folder >= 0)
		close(folder);
	if (lock < 0)
		return fail_set(fail, "busy", "Another relay serves this host folder, or its lock can't be taken: %s.", strerror(errno));
	if (open_table(relay, store, fail) < 0 || open_udp(relay, fail) < 0)
		return -1;
	relay->streams = relay_streams_create(relay->loop, relay->table, &relay->tcp_port);
	if (!relay->streams)
		return no_memory(fail);
	if (write_state(relay, fail) < 0)
		return -1;
	loop_timer_init(&relay->check_timer, check, relay);
	check(relay);
	if (ready_fd >= 0)
		close(ready_fd);
	result = loop_run(relay->loop);
	remove_state(relay);
	close(lock);
	return result < 0 ? fail_set(fail, "io", "The relay's loop failed: %s.", strerror(-result)) : 0;
}

int relay_serve_main(const struct store *store, int ready_fd)
{
	struct relay *relay = calloc(1, sizeof(*relay));
	struct fail fail;

	if (!relay)
		return 1;
	return finish(relay, serve(relay, store, ready_fd, &fail), &fail);
}

/* pipe */

static int say_port(const char *name, unsigned port, struct fail *fail)
{
	if (printf("{\"%s\":%u}\n", name, port) < 0 || fflush(stdout) == EOF)
		return fail_set(fail, "io", "The relay's port could not be told: %s.", strerror(errno));
	return 0;
}

static int serve_pipe(struct relay *relay, const struct store *store, struct fail *fail)
{
	relay->piped = true;
	if (open_table(relay, store, fail) < 0 || open_udp(relay, fail) < 0 || say_port("udp", relay->udp_port, fail) < 0)
		return -1;
	if (fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK) < 0 || fcntl(STDOUT_FILENO, F_SETFL, O_NONBLOCK) < 0)
		return no_memory(fail);
	loop_timer_init(&relay->check_timer, check, relay);
	check(relay);
	relay->in_watch = loop_watch_fd(relay->loop, STDIN_FILENO, EPOLLIN, pipe_readable, relay);
	relay->out_watch = loop_watch_fd(relay->loop, STDOUT_FILENO, 0, pipe_writable, relay);
	if (!relay->in_watch || !relay->out_watch)
		return no_memory(fail);
	return loop_run(relay->loop) < 0 ? no_memory(fail) : 0;
}

int relay_pipe_main(const struct store *store)
{
	struct relay *relay = calloc(1, sizeof(*relay));
	struct fail fail;

	if (!relay)
		return 1;
	return finish(relay, serve_pipe(relay, store, &fail), &fail);
}

/* stream */

static void stream_ended(void *arg)
{
	struct relay *relay = arg;

	loop_stop(relay->loop);
}

static int serve_stream(struct relay *relay, const struct store *store, uint32_t pair, unsigned side, struct fail *fail)
{
	if (open_table(relay, store, fail) < 0)
		return -1;
	relay->streams = relay_streams_piped(relay->loop, relay->table, pair, side, STDIN_FILENO, STDOUT_FILENO, stream_ended, relay, &relay->tcp_port);
	if (!relay->streams)
		return no_memory(fail);
	if (say_port("tcp", relay->tcp_port, fail) < 0)
		return -1;
	return loop_run(relay->loop) < 0 ? no_memory(fail) : 0;
}

int relay_stream_main(const struct store *store, const char *pair, const char *side)
{
	struct relay *relay;
	struct fail fail;

	if (!params_is_hex(pair, 8) || (strcmp(side, "a") && strcmp(side, "b"))) {
		fputs("mobihost: a pair is named by 8 hexadecimal digits, its sides by a and b.\n", stderr);
		return 2;
	}
	relay = calloc(1, sizeof(*relay));
	if (!relay)
		return 1;
	return finish(relay, serve_stream(relay, store, (uint32_t)strtoul(pair, NULL, 16), side[0] == 'b', &fail), &fail);
}

/* rpc */

json_t *relay_endpoints(const struct store *store)
{
	int folder = store_folder(store, "relay"), lock;
	json_t *state = NULL, *answer = NULL;
	struct fail unused;

	if (folder < 0)
		return NULL;
	lock = store_lock(folder, LOCK, false);
	if (lock >= 0) {
		/* What one that was killed has left. */
		store_remove(folder, STATE);
		close(lock);
	} else {
		state = store_read_json(folder, STATE, &unused);
	}
	if (state)
		answer = json_pack("{so so}", "udp", udp_local_endpoints((unsigned)json_integer_value(json_object_get(state, "udp"))), "tcp",
				   udp_local_endpoints((unsigned)json_integer_value(json_object_get(state, "tcp"))));
	json_decref(state);
	close(folder);
	return answer;
}

int relay_launch(const struct store *store, pid_t *helper, struct fail *fail)
{
	char *const argv[] = { "mobihost", "relay", "--folder", (char *)store->path, "--ready", LAUNCH_READY_TEXT, "serve", NULL };
	int folder = store_folder(store, "relay"), log = folder < 0 ? -1 : openat(folder, "log", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600), ready = -1;

	if (log >= 0)
		ready = launch(argv, log, helper);
	if (ready < 0)
		fail_set(fail, "no-process", "A relay could not be started on this host: %s.", strerror(errno));
	if (log >= 0)
		close(log);
	if (folder >= 0)
		close(folder);
	return ready;
}
