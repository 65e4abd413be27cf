/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "../../src/lines.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"

struct end {
	struct loop *loop;
	struct lines *lines;
	unsigned objects, invalid, ended, drained;
	unsigned stop_after; /* objects and invalid lines; 0: at the end only */
	json_int_t last;
	bool destroy; /* in `object` */
};

static void count(struct end *end)
{
	if (end->stop_after && end->objects + end->invalid == end->stop_after)
		loop_stop(end->loop);
}

static void end_object(void *arg, json_t *object)
{
	struct end *end = arg;

	end->objects++;
	end->last = json_integer_value(json_object_get(object, "n"));
	if (end->destroy) {
		lines_destroy(end->lines);
		loop_stop(end->loop);
	}
	count(end);
}

static void end_invalid(void *arg, const char *sentence)
{
	struct end *end = arg;

	CHECK(*sentence);
	end->invalid++;
	count(end);
}

static void end_ended(void *arg)
{
	struct end *end = arg;

	end->ended++;
	loop_stop(end->loop);
}

static void end_drained(void *arg)
{
	struct end *end = arg;

	end->drained++;
	loop_stop(end->loop);
}

static const struct lines_handler handler = { .object = end_object, .invalid = end_invalid, .ended = end_ended, .drained = end_drained };

/* *peer: the other end of the connection. */
static void end_open(struct end *end, int *peer, size_t limit)
{
	int pair[2];

	*end = (struct end){ .loop = loop_create() };
	CHECK_EQUAL(0, socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	end->lines = lines_create(end->loop, pair[0], pair[0], limit, &handler, end);
	CHECK(end->lines);
	*peer = pair[1];
}

static void end_close(struct end *end, int peer)
{
	lines_destroy(end->lines);
	loop_destroy(end->loop);
	close(peer);
}

static void send_text(int fd, const char *text)
{
	CHECK_EQUAL(strlen(text), write(fd, text, strlen(text)));
}

static void objectsComeWholeHoweverTheyAreCut(void)
{
	static const char text[] = "{\"n\":1}\n\n{\"n\":2}\r\n{\"n\":3}\n";
	struct end end;
	int peer;

	end_open(&end, &peer, 1000);
	for (size_t i = 0; i < sizeof(text) - 1; i++) {
		struct loop_timer timer;

		CHECK_EQUAL(1, write(peer, text + i, 1));
		loop_timer_init(&timer, (void (*)(void *))loop_stop, end.loop);
		loop_timer_set(end.loop, &timer, loop_now(end.loop) + 100);
		CHECK_EQUAL(0, loop_run(end.loop));
		loop_timer_cancel(end.loop, &timer);
	}
	CHECK_EQUAL(3, end.objects);
	CHECK_EQUAL(3, end.last);
	CHECK_EQUAL(0, end.invalid);
	end_close(&end, peer);
}

static void nonsenseIsReportedAndTheConnectionGoesOn(void)
{
	struct end end;
	int peer;

	end_open(&end, &peer, 1000);
	send_text(peer, "nonsense\n[1,2]\n\"text\"\n{\"a\":1,\"a\":2}\n{\"n\":\n\xff\xfe\n{\"n\":9}\n");
	end.stop_after = 7;
	CHECK_EQUAL(0, loop_run(end.loop));
	CHECK_EQUAL(6, end.invalid);
	CHECK_EQUAL(1, end.objects);
	CHECK_EQUAL(9, end.last);
	end_close(&end, peer);
}

static void aLineThatIsTooLongIsReportedOnceAndSkipped(void)
{
	struct end end;
	int peer, size = 8 * 1024 * 1024;
	char *text = malloc(3 * LINES_MAX_LINE);
	pid_t child;

	end_open(&end, &peer, 1000);
	setsockopt(peer, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	memset(text, 'x', 3 * LINES_MAX_LINE);
	child = fork();
	if (!child) {
		for (size_t at = 0; at < 3 * LINES_MAX_LINE;) {
			ssize_t written = write(peer, text + at, 3 * LINES_MAX_LINE - at);

			if (written < 0)
				_exit(1);
			at += (size_t)written;
		}
		_exit(write(peer, "\n{\"n\":5}\n", 9) != 9);
	}
	end.stop_after = 2;
	CHECK_EQUAL(0, loop_run(end.loop));
	CHECK_EQUAL(1, end.invalid);
	CHECK_EQUAL(1, end.objects);
	CHECK_EQUAL(5, end.last);
	free(text);
	end_close(&end, peer);
}

static void aPeerThatDoesNotReadFillsTheBufferAndIsToldWhenItDrains(void)
{
	json_t *object = json_pack("{ss}", "text", "a text of some length, so that it takes room in the buffer");
	unsigned sent = 0, bytes = 0;
	struct end end;
	char waste[65536];
	int peer;

	end_open(&end, &peer, 100000);
	while (lines_send(end.lines, object))
		CHECK(++sent < 100000);
	CHECK_BETWEEN(99000, 100000, lines_pending(end.lines));
	while (!end.drained) {
		bytes += (unsigned)read(peer, waste, sizeof(waste));
		struct loop_timer timer;

		loop_timer_init(&timer, (void (*)(void *))loop_stop, end.loop);
		loop_timer_set(end.loop, &timer, loop_now(end.loop) + 100);
		CHECK_EQUAL(0, loop_run(end.loop));
		loop_timer_cancel(end.loop, &timer);
	}
	CHECK(lines_pending(end.lines) < 50000);
	CHECK(bytes > 0);
	json_decref(object);
	end_close(&end, peer);
}

static void aPausedConnectionWhosePeerIsGoneDoesNotSpin(void)
{
	struct end end;
	struct loop_timer timer;
	int peer;

	end_open(&end, &peer, 1000);
	lines_pause(end.lines, true);
	send_text(peer, "{\"n\":4}\n");
	close(peer);
	loop_timer_init(&timer, (void (*)(void *))loop_stop, end.loop);
	loop_timer_set(end.loop, &timer, loop_now(end.loop) + 20000);
	CHECK_EQUAL(0, loop_run(end.loop));
	CHECK_EQUAL(0, end.objects);
	lines_pause(end.lines, false);
	CHECK_EQUAL(0, loop_run(end.loop));
	CHECK_EQUAL(1, end.objects);
	CHECK_EQUAL(1, end.ended);
	CHECK(!lines_send(end.lines, json_null()));
	lines_destroy(end.lines);
	loop_destroy(end.loop);
}

static void itMayBeDestroyedInsideItsHandler(void)
{
	struct end end;
	int peer;

	end_open(&end, &peer, 1000);
	end.destroy = true;
	send_text(peer, "{\"n\":1}\n{\"n\":2}\n");
	CHECK_EQUAL(0, loop_run(end.loop));
	CHECK_EQUAL(1, end.objects);
	loop_destroy(end.loop);
	close(peer);
}

int main(void)
{
	alarm(60);
	objectsComeWholeHoweverTheyAreCut();
	nonsenseIsReportedAndTheConnectionGoesOn();
	aLineThatIsTooLongIsReportedOnceAndSkipped();
	aPeerThatDoesNotReadFillsTheBufferAndIsToldWhenItDrains();
	aPausedConnectionWhosePeerIsGoneDoesNotSpin();
	itMayBeDestroyedInsideItsHandler();
	return 0;
}
