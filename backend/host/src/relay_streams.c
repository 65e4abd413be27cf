/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Theory. Who connects greets (relay_format.h), within GREETING_US and before anything else; a greeting that does not hold ends the connection without a word. Then he waits for
 * the other end of his pair, WAIT_US at most. When both are there, side a, a migration's source, hears
 * RELAY_GO, and from then on all bytes go through, both ways, as fast as both take them.
 *
 * Piped, the other end is behind standard input and output, where another such process does the same for the other side; the RELAY_GO of side b's goes through to side a.
 *
 * All is bounded: connections that have not greeted yet (the oldest has to go), those that wait, those that are joined, and what each holds.
 */
#define _GNU_SOURCE
#include "relay_streams.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define STRANGERS_MAX 32
#define CONNECTIONS_MAX 128
#define BUFFER (128u << 10)
#define GREETING_US 5000000ull
#define WAIT_US 60000000ull

/* One direction: from a descriptor to a descriptor. */
struct flow {
	uint8_t *bytes;
	size_t start, end;
	bool over; /* nothing more comes */
};

enum stage { GREETS, WAITS, JOINED };

struct connection {
	struct relay_streams *streams;
	struct connection *next, *peer;
	enum stage stage;
	int in, out; /* equal: a socket */
	struct loop_watch *in_watch, *out_watch; /* equal for a socket */
	struct loop_timer timer;
	uint8_t greeting[RELAY_GREETING_SIZE];
	size_t greeted;
	uint32_t pair;
	unsigned side;
	struct flow inward; /* what came from it, for the peer */
};

struct relay_streams {
	struct loop *loop;
	struct relay_table *table;
	int listener;
	struct loop_watch *watch;
	struct connection *list; /* newest first */
	unsigned count, strangers;
	/* piped */
	uint32_t pair;
	unsigned side;
	struct connection *pipe;
	void (*ended)(void *arg);
	void *arg;
};

static void unwatch(struct connection *connection)
{
	if (connection->out_watch != connection->in_watch)
		loop_unwatch(connection->out_watch);
	loop_unwatch(connection->in_watch);
	connection->in_watch = connection->out_watch = NULL;
}

static void drop(struct connection *connection)
{
	struct relay_streams *streams = connection->streams;
	struct connection **at = &streams->list;

	while (*at != connection)
		at = &(*at)->next;
	*at = connection->next;
	streams->count--;
	if (connection->stage == GREETS)
		streams->strangers--;
	if (connection == streams->pipe)
		streams->pipe = NULL;
	loop_timer_cancel(streams->loop, &connection->timer);
	unwatch(connection);
	close(connection->in);
	if (connection->out != connection->in)
		close(connection->out);
	free(connection->inward.bytes);
	if (connection->peer)
		connection->peer->peer = NULL;
	free(connection);
}

static void end(struct connection *connection)
{
	struct relay_streams *streams = connection->streams;
	struct connection *peer = connection->peer;
	bool over = streams->ended && (connection == streams->pipe || connection->stage != GREETS);

	drop(connection);
	if (peer)
		drop(peer);
	if (over)
		streams->ended(streams->arg);
}

static void expired(void *arg)
{
	end(arg);
}

static void listen_to(struct connection *connection, bool in, bool out)
{
	uint32_t events = (in ? EPOLLIN : 0) | (out ? EPOLLOUT : 0);

	if (!connection->in_watch)
		return;
	if (connection->in == connection->out) {
		loop_watch_events(connection->in_watch, events);
		return;
	}
	loop_watch_events(connection->in_watch, in ? EPOLLIN : 0);
	loop_watch_events(connection->out_watch, out ? EPOLLOUT : 0);
}

/* What is waited for follows from what the buffers hold. */
static void settle(struct connection *connection)
{
	struct flow *inward = &connection->inward, *outward = &connection->peer->inward;

	listen_to(connection, !inward->over && inward->end < BUFFER, outward->end > outward->start);
}

/* False: the connection is broken. */
static bool take(struct connection *connection)
{
	struct flow *flow = &connection->inward;
	ssize_t count;

	if (flow->over || flow->end == BUFFER)
		return true;
	count = read(connection->in, flow->bytes + flow->end, BUFFER - flow->end);
	if (count < 0)
		return errno == EAGAIN || errno == EINTR;
	flow->over = !count;
	flow->end += (size_t)count;
	return true;
}

static bool give(struct connection *connection)
{
	struct flow *flow = &connection->peer->inward;

	while (flow->start < flow->end) {
		/* A pipe's reader that has gone is no reason to die: SIGPIPE is ignored. */
		ssize_t count = write(connection->out, flow->bytes + flow->start, flow->end - flow->start);

		if (count < 0)
			return errno == EAGAIN || errno == EINTR;
		flow->start += (size_t)count;
	}
	flow->start = flow->end = 0;
	return true;
}

/* Either side ended and its last bytes were given on: it is over for both. */
static bool is_over(const struct connection *connection)
{
	return connection->inward.over && connection->inward.start == connection->inward.end;
}

static void move(struct connection *connection)
{
	struct connection *peer = connection->peer;

	if (!take(connection) || !take(peer) || !give(connection) || !give(peer) || is_over(connection) || is_over(peer)) {
		end(connection);
		return;
	}
	settle(connection);
	settle(peer);
}

static bool join(struct connection *a, struct connection *b)
{
	struct connection *both[] = { a, b };

	for (unsigned i = 0; i < 2; i++) {
		both[i]->stage = JOINED;
		both[i]->peer = both[!i];
		loop_timer_cancel(both[i]->streams->loop, &both[i]->timer);
		both[i]->inward.bytes = malloc(BUFFER);
	}
	return a->inward.bytes && b->inward.bytes;
}

/* Side a is to hear that side b is there: as the first byte that comes from it. */
static void begin(struct connection *connection, struct connection *other)
{
	struct relay_streams *streams = connection->streams;

	if (!join(connection, other)) {
		end(connection);
		return;
	}
	if (!streams->pipe || connection->side == 1) {
		struct connection *b = connection->side == 1 ? connection : other;

		b->inward.bytes[b->inward.end++] = RELAY_GO;
	}
	move(connection);
}

static struct connection *waiting(struct relay_streams *streams, uint32_t pair, unsigned side)
{
	for (struct connection *each = streams->list; each; each = each->next) {
		if (each->stage == WAITS && each->pair == pair && each->side == side)
			return each;
	}
	return NULL;
}

static void admitted(struct connection *connection)
{
	struct relay_streams *streams = connection->streams;
	struct connection *older = waiting(streams, connection->pair, connection->side), *other;

	connection->stage = WAITS;
	streams->strangers--;
	if (older)
		drop(older);
	other = streams->pipe ? streams->pipe : waiting(streams, connection->pair, !connection->side);
	if (other) {
		begin(connection, other);
		return;
	}
	/* What it says meanwhile waits in the socket. That it went away is found out when it is to be used. */
	listen_to(connection, false, false);
	loop_timer_set(streams->loop, &connection->timer, loop_now(streams->loop) + WAIT_US);
}

/* A pipe is for one connection. */
static bool is_expected(const struct connection *connection)
{
	const struct relay_streams *streams = connection->streams;

	return !streams->ended || (streams->pipe && !streams->pipe->peer && connection->pair == streams->pair && connection->side == streams->side);
}

static void greet(struct connection *connection)
{
	struct relay_streams *streams = connection->streams;
	ssize_t count = read(connection->in, connection->greeting + connection->greeted, RELAY_GREETING_SIZE - connection->greeted);

	if (count < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (count <= 0) {
		end(connection);
		return;
	}
	connection->greeted += (size_t)count;
	if (connection->greeted < RELAY_GREETING_SIZE)
		return;
	if (relay_table_greeting(streams->table, connection->greeting, loop_now(streams->loop), &connection->pair, &connection->side) && is_expected(connection))
		admitted(connection);
	else
		end(connection);
}

static void ready(void *arg, uint32_t events)
{
	struct connection *connection = arg;

	if (connection->stage == GREETS) {
		greet(connection);
	} else if (connection->stage == WAITS) {
		if (events & (EPOLLHUP | EPOLLERR))
			end(connection);
	} else {
		/* Told again and again, though the peer may be slow: what it left is read whenever the peer has taken something. */
		if (events & (EPOLLHUP | EPOLLERR))
			unwatch(connection);
		move(connection);
	}
}

static struct connection *add(struct relay_streams *streams, int in, int out)
{
	struct connection *connection = calloc(1, sizeof(*connection));

	if (!connection)
		return NULL;
	*connection = (struct connection){ .streams = streams, .in = in, .out = out };
	loop_timer_init(&connection->timer, expired, connection);
	connection->in_watch = loop_watch_fd(streams->loop, in, EPOLLIN, ready, connection);
	connection->out_watch = in == out ? connection->in_watch : loop_watch_fd(streams->loop, out, 0, ready, connection);
	if (!connection->in_watch || !connection->out_watch) {
		loop_unwatch(connection->in_watch);
		free(connection);
		return NULL;
	}
	connection->next = streams->list;
	streams->list = connection;
	streams->count++;
	streams->strangers++;
	return connection;
}

static void drop_oldest_stranger(struct relay_streams *streams)
{
	struct connection *oldest = NULL;

	for (struct connection *each = streams->list; each; each = each->next) {
		if (each->stage == GREETS)
			oldest = each;
	}
	drop(oldest);
}

static void accepted(void *arg, uint32_t events)
{
	struct relay_streams *streams = arg;
	int fd = accept4(streams->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC), on = 1;
	struct connection *connection;

	(void)events;
	if (fd < 0)
		return;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	if (streams->strangers >= STRANGERS_MAX)
		drop_oldest_stranger(streams);
	connection = streams->count < CONNECTIONS_MAX ? add(streams, fd, fd) : NULL;
	if (connection)
		loop_timer_set(streams->loop, &connection->timer, loop_now(streams->loop) + GREETING_US);
	else
		close(fd);
}

static int open_listener(bool local, unsigned *port)
{
	struct sockaddr_in6 address = { .sin6_family = AF_INET6 };
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(local ? INADDR_LOOPBACK : INADDR_ANY) };
	struct sockaddr *any = (struct sockaddr *)&address;
	socklen_t size = sizeof(address);
	int fd = local ? -1 : socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), off = 0;

	if (fd >= 0 && (setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)) < 0 || bind(fd, any, size) < 0)) {
		close(fd);
		fd = -1;
	}
	if (fd < 0) {
		any = (struct sockaddr *)&v4;
		size = sizeof(v4);
		fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		if (fd < 0 || bind(fd, any, size) < 0)
			goto failed;
	}
	if (listen(fd, STRANGERS_MAX) < 0 || getsockname(fd, any, &size) < 0)
		goto failed;
	*port = ntohs(any->sa_family == AF_INET6 ? address.sin6_port : v4.sin_port);
	return fd;
failed:
	if (fd >= 0)
		close(fd);
	return -1;
}

static struct relay_streams *create(struct loop *loop, struct relay_table *table, bool local, unsigned *port)
{
	struct relay_streams *streams = calloc(1, sizeof(*streams));

	if (!streams)
		return NULL;
	*streams = (struct relay_streams){ .loop = loop, .table = table, .listener = open_listener(local, port) };
	streams->watch = streams->listener < 0 ? NULL : loop_watch_fd(loop, streams->listener, EPOLLIN, accepted, streams);
	if (streams->watch)
		return streams;
	relay_streams_destroy(streams);
	return NULL;
}

struct relay_streams *relay_streams_create(struct loop *loop, struct relay_table *table, unsigned *port)
{
	return create(loop, table, false, port);
}

static bool open_pipe(struct relay_streams *streams, int in, int out)
{
	if (fcntl(in, F_SETFL, fcntl(in, F_GETFL) | O_NONBLOCK) < 0 || fcntl(out, F_SETFL, fcntl(out, F_GETFL) | O_NONBLOCK) < 0)
		return false;
	streams->pipe = add(streams, in, out);
	if (!streams->pipe)
		return false;
	streams->pipe->stage = WAITS;
	streams->pipe->pair = streams->pair;
	streams->pipe->side = !streams->side;
	streams->strangers--;
	/* A pipe that ends before anybody came is only found out by its timer; the process ends with its owner in any case. */
	listen_to(streams->pipe, false, false);
	loop_timer_set(streams->loop, &streams->pipe->timer, loop_now(streams->loop) + WAIT_US);
	return true;
}

struct relay_streams *relay_streams_piped(struct loop *loop, struct relay_table *table, uint32_t pair, unsigned side, int in, int out, void (*ended)(void *arg), void *arg,
					  unsigned *port)
{
	struct relay_streams *streams = create(loop, table, true, port);

	if (!streams)
		return NULL;
	streams->pair = pair;
	streams->side = side;
	streams->ended = ended;
	streams->arg = arg;
	if (open_pipe(streams, in, out))
		return streams;
	relay_streams_destroy(streams);
	return NULL;
}

void relay_streams_destroy(struct relay_streams *streams)
{
	if (!streams)
		return;
	while (streams->list)
		drop(streams->list);
	loop_unwatch(streams->watch);
	if (streams->listener >= 0)
		close(streams->listener);
	free(streams);
}

unsigned relay_streams_count(const struct relay_streams *streams)
{
	return streams->count;
}
