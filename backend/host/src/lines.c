/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON lines over a pair of descriptors.
 *
 * Reading collects bytes until a newline and hands out one object at a time. A line may have LINES_MAX_LINE bytes; of a longer one everything up
 * to its newline is thrown away and reported once, so that a faulty peer costs a bounded amount of memory and the connection can go on.
 *
 * Writing never blocks. What the peer does not take waits in a buffer with a limit; beyond it lines_send refuses, and the caller decides what
 * that means (an event is dropped, a client is disconnected). A peer that is gone turns the connection broken: sends are refused from then on.
 *
 * Regular files and the like cannot be waited for. They are always ready: reads run from a timer, writes happen at once.
 *
 * A handler may destroy the connection. The structure is then freed when the outermost function of this file returns (`depth`).
 */
#define _GNU_SOURCE
#include "lines.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define LINES_READ_SIZE 65536
#define LINES_READS_A_ROUND 4

struct bytes {
	char *data;
	size_t start, end, size;
};

struct lines {
	struct loop *loop;
	int in_fd, out_fd;
	struct loop_watch *in_watch, *out_watch; /* the same one when the descriptors are the same */
	struct loop_timer in_timer;              /* for what cannot be waited for */
	bool in_waits, out_waits;                /* the descriptor can be waited for */
	struct lines_handler handler;
	void *arg;
	struct bytes in, out;
	size_t scanned; /* bytes of `in` known to hold no newline */
	size_t limit;
	bool skipping; /* inside a line that is too long */
	bool paused, ended, broken, full, destroyed;
	int depth;
};

static bool bytes_reserve(struct bytes *bytes, size_t more)
{
	size_t used = bytes->end - bytes->start;

	if (bytes->start) {
		memmove(bytes->data, bytes->data + bytes->start, used);
		bytes->start = 0;
		bytes->end = used;
	}
	if (bytes->size - used < more) {
		size_t size = bytes->size ? bytes->size : 4096;
		char *data;

		while (size - used < more)
			size *= 2;
		data = realloc(bytes->data, size);
		if (!data)
			return false;
		bytes->data = data;
		bytes->size = size;
	}
	return true;
}

/* Gives memory back after a burst. */
static void bytes_relax(struct bytes *bytes)
{
	if (bytes->start == bytes->end) {
		bytes->start = bytes->end = 0;
		if (bytes->size > LINES_READ_SIZE) {
			free(bytes->data);
			bytes->data = NULL;
			bytes->size = 0;
		}
	}
}

static void lines_free(struct lines *lines)
{
	free(lines->in.data);
	free(lines->out.data);
	free(lines);
}

static void lines_leave(struct lines *lines)
{
	if (--lines->depth == 0 && lines->destroyed)
		lines_free(lines);
}

/* Waits for what matters now. */
static void lines_rewatch(struct lines *lines)
{
	uint32_t in = !lines->paused && !lines->ended ? EPOLLIN : 0;
	uint32_t out = lines->out.end > lines->out.start && !lines->broken ? EPOLLOUT : 0;

	if (lines->destroyed)
		return;
	if (lines->in_waits && lines->in_fd == lines->out_fd) {
		loop_watch_events(lines->in_watch, in | out);
	} else {
		if (lines->in_waits)
			loop_watch_events(lines->in_watch, in);
		if (lines->out_waits)
			loop_watch_events(lines->out_watch, out);
	}
	if (!lines->in_waits && in)
		loop_timer_set(lines->loop, &lines->in_timer, loop_now(lines->loop));
	/* A descriptor with a pending hang-up reports it whatever one waits for. */
	if (lines->in_waits && lines->ended && (lines->broken || lines->in_fd != lines->out_fd)) {
		loop_unwatch(lines->in_watch);
		lines->in_watch = NULL;
		lines->in_waits = false;
		if (lines->in_fd == lines->out_fd)
			lines->out_waits = false;
	}
	if (lines->out_waits && lines->broken && lines->in_fd != lines->out_fd) {
		loop_unwatch(lines->out_watch);
		lines->out_watch = NULL;
		lines->out_waits = false;
	}
}

static void lines_break(struct lines *lines)
{
	lines->broken = true;
	lines->out.start = lines->out.end = 0;
}

static void lines_flush(struct lines *lines)
{
	struct bytes *out = &lines->out;

	while (!lines->broken && out->end > out->start) {
		ssize_t sent = write(lines->out_fd, out->data + out->start, out->end - out->start);

		if (sent >= 0)
			out->start += (size_t)sent;
		else if (errno == EAGAIN)
			break;
		else if (errno != EINTR)
			lines_break(lines);
	}
	bytes_relax(out);
}

bool lines_send(struct lines *lines, const json_t *object)
{
	size_t size = json_dumpb(object, NULL, 0, JSON_COMPACT);
	size_t used = lines->out.end - lines->out.start;

	if (lines->broken || lines->destroyed || !size)
		return false;
	if (used && used + size + 1 > lines->limit) {
		lines->full = true;
		return false;
	}
	if (!bytes_reserve(&lines->out, size + 1)) {
		lines->full = true;
		return false;
	}
	json_dumpb(object, lines->out.data + lines->out.end, size, JSON_COMPACT);
	lines->out.data[lines->out.end + size] = '\n';
	lines->out.end += size + 1;
	lines_flush(lines);
	lines_rewatch(lines);
	return true;
}

/* One line without its newline. */
static void lines_line(struct lines *lines, const char *text, size_t size)
{
	json_error_t error;
	json_t *object;

	if (size && text[size - 1] == '\r')
		size--;
	if (!size)
		return;
	object = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
	if (json_is_object(object)) {
		lines->handler.object(lines->arg, object);
	} else {
		char sentence[JSON_ERROR_TEXT_LENGTH + 100];

		snprintf(sentence, sizeof(sentence), "A line is not a JSON object: %s.", object ? "it is another value" : error.text);
		lines->handler.invalid(lines->arg, sentence);
	}
	json_decref(object);
}

/* Hands out the whole lines that were read. */
static void lines_deliver(struct lines *lines)
{
	struct bytes *in = &lines->in;

	while (!lines->destroyed && !lines->paused && in->end > in->start + lines->scanned) {
		char *from = in->data + in->start;
		char *newline = memchr(from + lines->scanned, '\n', in->end - in->start - lines->scanned);
		size_t size;

		if (!newline) {
			lines->scanned = in->end - in->start;
			if (lines->scanned > LINES_MAX_LINE) {
				in->start = in->end = 0;
				lines->scanned = 0;
				if (!lines->skipping)
					lines->handler.invalid(lines->arg, "A line is longer than 1 MiB.");
				lines->skipping = true;
			}
			return;
		}
		size = (size_t)(newline - from);
		in->start += size + 1;
		lines->scanned = 0;
		if (lines->skipping)
			lines->skipping = false;
		else
			lines_line(lines, from, size);
	}
}

static void lines_read(struct lines *lines)
{
	for (int i = 0; i < LINES_READS_A_ROUND && !lines->destroyed && !lines->paused && !lines->ended; i++) {
		ssize_t count;

		if (!bytes_reserve(&lines->in, LINES_READ_SIZE)) {
			count = 0;
		} else {
			count = read(lines->in_fd, lines->in.data + lines->in.end, LINES_READ_SIZE);
			if (count < 0 && (errno == EINTR || errno == EAGAIN))
				return;
		}
		if (count > 0) {
			lines->in.end += (size_t)count;
			lines_deliver(lines);
		} else {
			lines->ended = true;
			lines->handler.ended(lines->arg);
		}
	}
	if (!lines->destroyed)
		bytes_relax(&lines->in);
}

static void lines_written(struct lines *lines)
{
	bool was_broken = lines->broken;

	lines_flush(lines);
	if ((lines->full && lines->out.end - lines->out.start < lines->limit / 2) || lines->broken != was_broken) {
		lines->full = false;
		if (lines->handler.drained)
			lines->handler.drained(lines->arg);
	}
}

static void lines_ready(void *arg, uint32_t events)
{
	struct lines *lines = arg;

	lines->depth++;
	if (events & (EPOLLOUT | EPOLLERR | EPOLLHUP))
		lines_written(lines);
	if (!lines->destroyed && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
		lines_read(lines);
	/* Nobody reads any more at the other end: whatever is sent goes nowhere. */
	if (!lines->destroyed && (events & (EPOLLHUP | EPOLLERR)) && lines->in_fd == lines->out_fd && lines->ended)
		lines_break(lines);
	/* Paused, nobody would take the hang-up away: after the pause the timer finds it. */
	if (!lines->destroyed && (events & (EPOLLHUP | EPOLLERR)) && lines->paused && lines->in_waits) {
		loop_unwatch(lines->in_watch);
		lines->in_watch = NULL;
		lines->in_waits = false;
		if (lines->in_fd == lines->out_fd) {
			lines->out_waits = false;
			lines_break(lines);
		}
	}
	lines_rewatch(lines);
	lines_leave(lines);
}

static void lines_out_ready(void *arg, uint32_t events)
{
	struct lines *lines = arg;

	lines->depth++;
	if (events & EPOLLERR)
		lines_break(lines);
	lines_written(lines);
	lines_rewatch(lines);
	lines_leave(lines);
}

static void lines_in_timer(void *arg)
{
	lines_ready(arg, EPOLLIN);
}

void lines_pause(struct lines *lines, bool pause)
{
	if (lines->paused == pause)
		return;
	lines->paused = pause;
	lines->depth++;
	if (!pause)
		lines_deliver(lines);
	lines_rewatch(lines);
	lines_leave(lines);
}

size_t lines_pending(const struct lines *lines)
{
	return lines->out.end - lines->out.start;
}

bool lines_broken(const struct lines *lines)
{
	return lines->broken;
}

struct lines *lines_create(struct loop *loop, int in_fd, int out_fd, size_t limit, const struct lines_handler *handler, void *arg)
{
	struct lines *lines = calloc(1, sizeof(*lines));

	if (!lines)
		return NULL;
	*lines = (struct lines){ .loop = loop, .in_fd = in_fd, .out_fd = out_fd, .limit = limit, .handler = *handler, .arg = arg };
	loop_timer_init(&lines->in_timer, lines_in_timer, lines);
	if (fcntl(in_fd, F_SETFL, fcntl(in_fd, F_GETFL) | O_NONBLOCK) < 0 || fcntl(out_fd, F_SETFL, fcntl(out_fd, F_GETFL) | O_NONBLOCK) < 0)
		goto fail;
	lines->in_watch = loop_watch_fd(loop, in_fd, EPOLLIN, lines_ready, lines);
	lines->in_waits = lines->in_watch;
	if (!lines->in_watch && errno != EPERM)
		goto fail;
	if (in_fd == out_fd) {
		lines->out_waits = lines->in_waits;
	} else {
		lines->out_watch = loop_watch_fd(loop, out_fd, 0, lines_out_ready, lines);
		lines->out_waits = lines->out_watch;
		if (!lines->out_watch && errno != EPERM)
			goto fail;
	}
	lines_rewatch(lines);
	return lines;
fail:
	loop_unwatch(lines->in_watch);
	free(lines);
	return NULL;
}

void lines_destroy(struct lines *lines)
{
	if (!lines || lines->destroyed)
		return;
	lines->destroyed = true;
	loop_unwatch(lines->in_watch);
	loop_unwatch(lines->out_watch);
	loop_timer_cancel(lines->loop, &lines->in_timer);
	close(lines->in_fd);
	if (lines->out_fd != lines->in_fd)
		close(lines->out_fd);
	if (!lines->depth)
		lines_free(lines);
}
