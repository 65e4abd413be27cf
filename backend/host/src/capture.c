/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Theory. A supervisor listens on `capture` in its folder (mode 0600, peers of another user are refused). A client names a NIC; from then on it gets a copy of
 * every frame that the guest of this NIC sends (before the link's impairment) and gets (after it), as a network analyser on the guest itself would see them: large
 * TCP frames whole, with what the guest left to be done in `vnet`. The client finishes them (capture_file.c), so the packet path only copies.
 *
 * Nothing waits for a client. Records gather in a buffer of fixed size, which is written once a round of the loop; what has no room is counted, and
 * the count goes with the next record. So a reader that is slow or stands still costs BUFFER_SIZE bytes and frames of its own, never the guest's. A record with the
 * counts alone goes once a second. Times are the host's real time, so captures of several hosts can be merged.
 *
 * Whoever connects must name its NIC within a few seconds, and at most CLIENTS_MAX may be connected.
 */
#define _GNU_SOURCE
#include "capture.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "clock.h"

#define CLIENTS_MAX 16
#define BUFFER_SIZE (2u << 20)
#define COUNTS_EVERY_US 1000000
#define REQUEST_US 5000000
#define BACKLOG 8

struct client {
	struct captures *captures;
	int fd; /* -1: free */
	struct loop_watch *watch;
	struct capture_request request;
	size_t request_got;
	bool running; /* its request is complete */
	uint64_t seen, lost, begun;
	uint8_t *buffer;
	size_t used;
};

struct captures {
	struct loop *loop;
	struct links *links;
	int listen_fd;
	struct loop_watch *listen_watch;
	struct loop_timer flush_timer, counts_timer;
	unsigned count;
	struct client clients[CLIENTS_MAX];
};

/* The links copy only what somebody wants to see. */
static void update_tap(struct captures *captures);

static void client_close(struct client *client)
{
	struct captures *captures = client->captures;

	loop_unwatch(client->watch);
	close(client->fd);
	free(client->buffer);
	*client = (struct client){ .captures = captures, .fd = -1 };
	captures->count--;
	update_tap(captures);
}

/* False: it is closed. */
static bool client_flush(struct client *client)
{
	size_t sent = 0;

	while (sent < client->used) {
		ssize_t count = send(client->fd, client->buffer + sent, client->used - sent, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0 && errno != EAGAIN) {
			client_close(client);
			return false;
		}
		if (count <= 0)
			break;
		sent += (size_t)count;
	}
	memmove(client->buffer, client->buffer + sent, client->used - sent);
	client->used -= sent;
	loop_watch_events(client->watch, client->used ? EPOLLIN | EPOLLOUT : EPOLLIN);
	return true;
}

/* False: no room. */
static bool client_add(struct client *client, enum capture_kind kind, const struct frame_vnet *vnet, const void *bytes, size_t size, size_t original)
{
	struct capture_record record = { .size = (uint32_t)size, .original = (uint32_t)original, .time = clock_wall_ns(), .seen = client->seen, .lost = client->lost,
					 .kind = (uint8_t)kind };

	if (client->used + sizeof(record) + size > BUFFER_SIZE)
		return false;
	if (vnet)
		record.vnet = *vnet;
	memcpy(client->buffer + client->used, &record, sizeof(record));
	if (size)
		memcpy(client->buffer + client->used + sizeof(record), bytes, size);
	client->used += sizeof(record) + size;
	return true;
}

static void frame_passed(void *arg, unsigned nic, bool sent, const struct frame_vnet *vnet, const uint8_t *bytes, size_t size)
{
	struct captures *captures = arg;

	for (unsigned i = 0; i < CLIENTS_MAX; i++) {
		struct client *client = &captures->clients[i];
		size_t part = size < client->request.snap ? size : client->request.snap;

		if (!client->running || client->request.nic != nic)
			continue;
		client->seen++;
		if (!client_add(client, sent ? CAPTURE_SENT : CAPTURE_RECEIVED, vnet, bytes, part, size))
			client->lost++;
	}
	if (!captures->flush_timer.set)
		loop_timer_set(captures->loop, &captures->flush_timer, loop_now(captures->loop));
}

static void update_tap(struct captures *captures)
{
	uint64_t nics = 0;

	for (unsigned i = 0; i < CLIENTS_MAX; i++)
		if (captures->clients[i].running)
			nics |= 1ULL << captures->clients[i].request.nic;
	links_tap(captures->links, nics, frame_passed, captures);
}

static void flush_now(void *arg)
{
	struct captures *captures = arg;

	for (unsigned i = 0; i < CLIENTS_MAX; i++)
		if (captures->clients[i].running)
			client_flush(&captures->clients[i]);
}

static void counts_now(void *arg)
{
	struct captures *captures = arg;

	for (unsigned i = 0; i < CLIENTS_MAX; i++) {
		struct client *client = &captures->clients[i];

		if (client->fd < 0)
			continue;
		if (client->running) {
			client_add(client, CAPTURE_COUNTS, NULL, NULL, 0, 0);
			client_flush(client);
		} else if (loop_now(captures->loop) - client->begun > REQUEST_US) {
			client_close(client);
		}
	}
	if (captures->count)
		loop_timer_set(captures->loop, &captures->counts_timer, loop_now(captures->loop) + COUNTS_EVERY_US);
}

/* False: it is closed. */
static bool client_begin(struct client *client)
{
	ssize_t count = recv(client->fd, (uint8_t *)&client->request + client->request_got, sizeof(client->request) - client->request_got, MSG_DONTWAIT);

	if (count > 0)
		client->request_got += (size_t)count;
	if (client->request_got < sizeof(client->request)) {
		if (count > 0 || (count < 0 && (errno == EAGAIN || errno == EINTR)))
			return true;
		client_close(client);
		return false;
	}
	if (client->request.magic != CAPTURE_MAGIC || client->request.nic >= links_count(client->captures->links) || !client->request.snap) {
		client_close(client);
		return false;
	}
	client->buffer = malloc(BUFFER_SIZE);
	if (!client->buffer) {
		client_close(client);
		return false;
	}
	client->running = true;
	update_tap(client->captures);
	/* Tells the client that it was taken. */
	client_add(client, CAPTURE_COUNTS, NULL, NULL, 0, 0);
	return client_flush(client);
}

static void client_ready(void *arg, uint32_t events)
{
	struct client *client = arg;
	char waste[256];

	if (!client->running) {
		client_begin(client);
		return;
	}
	/* It has nothing more to say: what comes is its end, or nonsense. */
	if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) && recv(client->fd, waste, sizeof(waste), MSG_DONTWAIT) >= 0) {
		client_close(client);
		return;
	}
	client_flush(client);
}

static void client_accept(void *arg, uint32_t events)
{
	struct captures *captures = arg;
	struct client *client = captures->clients;
	struct ucred peer;
	socklen_t length = sizeof(peer);
	int fd = accept4(captures->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)events;
	if (fd < 0)
		return;
	while (client < captures->clients + CLIENTS_MAX && client->fd >= 0)
		client++;
	if (client == captures->clients + CLIENTS_MAX || getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0 || (peer.uid != geteuid() && peer.uid != 0)) {
		close(fd);
		return;
	}
	*client = (struct client){ .captures = captures, .fd = fd, .begun = loop_now(captures->loop) };
	captures->count++;
	client->watch = loop_watch_fd(captures->loop, fd, EPOLLIN, client_ready, client);
	if (!client->watch)
		client_close(client);
	else if (!captures->counts_timer.set)
		loop_timer_set(captures->loop, &captures->counts_timer, loop_now(captures->loop) + COUNTS_EVERY_US);
}

struct captures *captures_create(struct loop *loop, struct links *links, struct fail *fail)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = CAPTURE_SOCKET };
	struct captures *captures = calloc(1, sizeof(*captures));

	if (!captures) {
		fail_set(fail, "no-memory", "The host has no memory for a supervisor.");
		return NULL;
	}
	captures->loop = loop;
	captures->links = links;
	loop_timer_init(&captures->flush_timer, flush_now, captures);
	loop_timer_init(&captures->counts_timer, counts_now, captures);
	for (unsigned i = 0; i < CLIENTS_MAX; i++)
		captures->clients[i] = (struct client){ .captures = captures, .fd = -1 };
	unlink(CAPTURE_SOCKET);
	captures->listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (captures->listen_fd >= 0 && bind(captures->listen_fd, (struct sockaddr *)&address, sizeof(address)) == 0 && chmod(CAPTURE_SOCKET, 0600) == 0 &&
	    listen(captures->listen_fd, BACKLOG) == 0)
		captures->listen_watch = loop_watch_fd(loop, captures->listen_fd, EPOLLIN, client_accept, captures);
	if (captures->listen_watch)
		return captures;
	fail_set(fail, "io", "The supervisor's socket for captures could not be made in the VM's folder: %s.", strerror(errno));
	captures_destroy(captures);
	return NULL;
}

void captures_end(struct captures *captures)
{
	for (unsigned i = 0; i < CLIENTS_MAX; i++) {
		struct client *client = &captures->clients[i];

		if (client->running) {
			client_add(client, CAPTURE_COUNTS, NULL, NULL, 0, 0);
			/* What is in the socket still reaches the client; what is in a full buffer is not worth waiting for. */
			if (!client_flush(client))
				continue;
		}
		if (client->fd >= 0)
			client_close(client);
	}
}

void captures_destroy(struct captures *captures)
{
	if (!captures)
		return;
	captures_end(captures);
	loop_timer_cancel(captures->loop, &captures->flush_timer);
	loop_timer_cancel(captures->loop, &captures->counts_timer);
	loop_unwatch(captures->listen_watch);
	if (captures->listen_fd >= 0) {
		unlink(CAPTURE_SOCKET);
		close(captures->listen_fd);
	}
	free(captures);
}
