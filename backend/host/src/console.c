/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The console is a stream socket pair: the guest kernel inherits one end. We keep that end open too, so that a reboot of the guest changes nothing for those
 * who watch, and so that what a frozen guest has not read can be taken out and carried to another host.
 *
 * What the guest writes goes into a ring of CONSOLE_SCROLLBACK bytes, always at once: the guest never waits for a reader. Each reader has a
 * position in the endless stream; one that is too slow finds the ring overwritten and learns how much it lost.
 *
 * What is typed waits in a queue (the guest may read slowly, or be frozen), in the order of the calls.
 */
#define _GNU_SOURCE
#include "console.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "encoding.h"

#define CONSOLE_READ_SIZE 16384
#define CONSOLE_READS_A_ROUND 4

struct typed {
	struct typed *next;
	void (*done)(void *arg);
	void *arg;
	size_t size, at;
	char data[];
};

struct console {
	struct loop *loop;
	int fd, guest_fd;
	struct loop_watch *watch;
	struct console_reader *readers;
	struct typed *queue, **queue_end;
	size_t queued;
	uint64_t total; /* bytes the guest ever wrote; the ring holds the last ones */
	char ring[CONSOLE_SCROLLBACK];
};

static void ring_add(struct console *console, const char *data, size_t size)
{
	while (size) {
		size_t at = console->total % CONSOLE_SCROLLBACK;
		size_t part = CONSOLE_SCROLLBACK - at < size ? CONSOLE_SCROLLBACK - at : size;

		memcpy(console->ring + at, data, part);
		console->total += part;
		data += part;
		size -= part;
	}
}

static uint64_t ring_oldest(const struct console *console)
{
	return console->total > CONSOLE_SCROLLBACK ? console->total - CONSOLE_SCROLLBACK : 0;
}

/* Takes what the guest has written; true when there was something. */
static bool console_fill(struct console *console)
{
	char data[CONSOLE_READ_SIZE];
	bool any = false;

	for (int i = 0; i < CONSOLE_READS_A_ROUND; i++) {
		ssize_t count = recv(console->fd, data, sizeof(data), MSG_DONTWAIT);

		if (count <= 0)
			break;
		ring_add(console, data, (size_t)count);
		any = true;
	}
	return any;
}

static void console_flush(struct console *console)
{
	while (console->queue) {
		struct typed *typed = console->queue;

		while (typed->at < typed->size) {
			ssize_t sent = send(console->fd, typed->data + typed->at, typed->size - typed->at, MSG_DONTWAIT | MSG_NOSIGNAL);

			if (sent < 0 && errno == EINTR)
				continue;
			if (sent < 0) {
				loop_watch_events(console->watch, EPOLLIN | EPOLLOUT);
				return;
			}
			typed->at += (size_t)sent;
		}
		console->queue = typed->next;
		if (!console->queue)
			console->queue_end = &console->queue;
		console->queued -= typed->size;
		if (typed->done)
			typed->done(typed->arg);
		free(typed);
	}
	loop_watch_events(console->watch, EPOLLIN);
}

static void console_ready(void *arg, uint32_t events)
{
	struct console *console = arg;

	if (events & EPOLLOUT)
		console_flush(console);
	if ((events & EPOLLIN) && console_fill(console)) {
		struct console_reader *next;

		/* `more` may detach its own reader. */
		for (struct console_reader *reader = console->readers; reader; reader = next) {
			next = reader->next;
			reader->more(reader->arg);
		}
	}
}

struct console *console_create(struct loop *loop, struct fail *fail)
{
	struct console *console = calloc(1, sizeof(*console));
	int pair[2] = { -1, -1 };

	if (!console)
		goto failed;
	console->loop = loop;
	console->queue_end = &console->queue;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		goto failed;
	console->fd = pair[0];
	console->guest_fd = pair[1];
	console->watch = loop_watch_fd(loop, console->fd, EPOLLIN, console_ready, console);
	if (console->watch)
		return console;
	close(pair[0]);
	close(pair[1]);
failed:
	fail_set(fail, "no-memory", "The VM's console could not be made: %s.", strerror(errno));
	free(console);
	return NULL;
}

static void queue_clear(struct console *console)
{
	while (console->queue) {
		struct typed *typed = console->queue;

		console->queue = typed->next;
		if (typed->done)
			typed->done(typed->arg);
		free(typed);
	}
	console->queue_end = &console->queue;
	console->queued = 0;
}

void console_destroy(struct console *console)
{
	if (!console)
		return;
	loop_unwatch(console->watch);
	queue_clear(console);
	close(console->fd);
	close(console->guest_fd);
	free(console);
}

int console_guest_fd(const struct console *console)
{
	return console->guest_fd;
}

/* Reads what the guest has not; a buffer to free. */
static char *unread_take(struct console *console, size_t *size)
{
	char *data = NULL;

	*size = 0;
	for (;;) {
		char *grown = realloc(data, *size + CONSOLE_READ_SIZE);
		ssize_t count;

		if (!grown)
			return data;
		data = grown;
		count = recv(console->guest_fd, data + *size, CONSOLE_READ_SIZE, MSG_DONTWAIT);
		if (count <= 0)
			return data;
		*size += (size_t)count;
	}
}

void console_restart(struct console *console)
{
	size_t size;

	free(unread_take(console, &size));
}

void console_attach(struct console *console, struct console_reader *reader, size_t tail)
{
	console_attach_at(console, reader, console->total > tail ? console->total - tail : 0);
}

void console_attach_at(struct console *console, struct console_reader *reader, uint64_t position)
{
	uint64_t oldest = ring_oldest(console);

	reader->position = position < oldest ? oldest : position < console->total ? position : console->total;
	reader->next = console->readers;
	reader->link = &console->readers;
	if (reader->next)
		reader->next->link = &reader->next;
	console->readers = reader;
}

void console_detach(struct console_reader *reader)
{
	if (!reader->link)
		return;
	*reader->link = reader->next;
	if (reader->next)
		reader->next->link = reader->link;
	reader->link = NULL;
}

size_t console_peek(struct console *console, struct console_reader *reader, const char **data, uint64_t *lost)
{
	uint64_t oldest = ring_oldest(console), left;
	size_t at;

	*lost = 0;
	if (reader->position < oldest) {
		*lost = oldest - reader->position;
		reader->position = oldest;
	}
	left = console->total - reader->position;
	at = reader->position % CONSOLE_SCROLLBACK;
	*data = console->ring + at;
	return left < CONSOLE_SCROLLBACK - at ? (size_t)left : CONSOLE_SCROLLBACK - at;
}

void console_skip(struct console_reader *reader, size_t count)
{
	reader->position += count;
}

static int queue_add(struct console *console, const void *data, size_t size, void (*done)(void *arg), void *arg, struct fail *fail)
{
	struct typed *typed;

	typed = malloc(sizeof(*typed) + size);
	if (!typed)
		return fail_set(fail, "no-memory", "The host has no memory for %zu bytes of console input.", size);
	*typed = (struct typed){ .done = done, .arg = arg, .size = size };
	memcpy(typed->data, data, size);
	*console->queue_end = typed;
	console->queue_end = &typed->next;
	console->queued += size;
	loop_watch_events(console->watch, EPOLLIN | EPOLLOUT);
	return 0;
}

int console_write(struct console *console, const void *data, size_t size, void (*done)(void *arg), void *arg, struct fail *fail)
{
	if (console->queued + size > CONSOLE_QUEUE_MAX)
		return fail_set(fail, "busy", "The guest does not read its console; %zu bytes wait already. Nothing of this was typed.", console->queued);
	return queue_add(console, data, size, done, arg, fail);
}

json_t *console_export(struct console *console)
{
	struct console_reader whole = { .position = 0 };
	json_t *scrollback = json_array(), *state;
	size_t unread_size;
	char *unread;
	const char *data;
	uint64_t lost;
	size_t count;

	while (console_fill(console))
		;
	unread = unread_take(console, &unread_size);
	while ((count = console_peek(console, &whole, &data, &lost))) {
		json_array_append_new(scrollback, encoding_base64(data, count));
		console_skip(&whole, count);
	}
	for (struct typed *typed = console->queue; typed; typed = typed->next) {
		char *grown = realloc(unread, unread_size + typed->size - typed->at);

		if (!grown)
			break;
		unread = grown;
		memcpy(unread + unread_size, typed->data + typed->at, typed->size - typed->at);
		unread_size += typed->size - typed->at;
	}
	queue_clear(console);
	state = json_pack("{so so}", "scrollback", scrollback, "unread", encoding_base64(unread, unread_size));
	free(unread);
	return state;
}

int console_import(struct console *console, const json_t *state, struct fail *fail)
{
	const json_t *scrollback = json_object_get(state, "scrollback");
	const json_t *part;
	unsigned char *unread;
	size_t index, size;
	int status = 0;

	/* A source that takes its own state back still has its scrollback. */
	json_array_foreach((json_t *)(console->total ? NULL : scrollback), index, part) {
		size_t count;
		unsigned char *data = encoding_bytes(part, &count);

		if (!data)
			return fail_set(fail, "bad-stream", "The console's scrollback in the stream is damaged.");
		ring_add(console, (char *)data, count);
		free(data);
	}
	unread = encoding_bytes(json_object_get(state, "unread"), &size);
	if (!unread)
		return fail_set(fail, "bad-stream", "The console's input in the stream is damaged.");
	/* What both the socket and a full queue held may be more than may be queued anew. */
	if (size)
		status = queue_add(console, unread, size, NULL, NULL, fail);
	free(unread);
	return status;
}
