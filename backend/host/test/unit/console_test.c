/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "../../src/console.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"

struct scene {
	struct loop *loop;
	struct console *console;
	unsigned more, done;
};

static void scene_more(void *arg)
{
	((struct scene *)arg)->more++;
}

static void scene_done(void *arg)
{
	((struct scene *)arg)->done++;
}

static void turn(struct scene *scene)
{
	struct loop_timer timer;

	loop_timer_init(&timer, (void (*)(void *))loop_stop, scene->loop);
	loop_timer_set(scene->loop, &timer, loop_now(scene->loop) + 2000);
	CHECK_EQUAL(0, loop_run(scene->loop));
	loop_timer_cancel(scene->loop, &timer);
}

static void guest_writes(struct scene *scene, const void *data, size_t size)
{
	const char *at = data;

	while (size) {
		size_t part = size < 50000 ? size : 50000;

		CHECK_EQUAL(part, write(console_guest_fd(scene->console), at, part));
		at += part;
		size -= part;
		turn(scene);
	}
}

static void scene_open(struct scene *scene)
{
	struct fail fail;

	*scene = (struct scene){ .loop = loop_create() };
	scene->console = console_create(scene->loop, &fail);
	CHECK(scene->console);
}

static void scene_close(struct scene *scene)
{
	console_destroy(scene->console);
	loop_destroy(scene->loop);
}

static void aReaderGetsTheTailAndWhatFollows(void)
{
	struct scene scene;
	struct console_reader reader = { .more = scene_more, .arg = &scene };
	const char *data;
	uint64_t lost;

	scene_open(&scene);
	guest_writes(&scene, "0123456789", 10);
	console_attach(scene.console, &reader, 4);
	CHECK_EQUAL(4, console_peek(scene.console, &reader, &data, &lost));
	CHECK(!memcmp(data, "6789", 4));
	CHECK_EQUAL(0, lost);
	console_skip(&reader, 4);
	guest_writes(&scene, "ab", 2);
	CHECK_EQUAL(1, scene.more);
	CHECK_EQUAL(2, console_peek(scene.console, &reader, &data, &lost));
	CHECK(!memcmp(data, "ab", 2));
	console_detach(&reader);
	console_detach(&reader);
	guest_writes(&scene, "cd", 2);
	CHECK_EQUAL(1, scene.more);
	scene_close(&scene);
}

static void aSlowReaderLearnsWhatItLost(void)
{
	const size_t size = CONSOLE_SCROLLBACK + 1000;
	unsigned char *data = malloc(size);
	struct scene scene;
	struct console_reader reader = { .more = scene_more, .arg = &scene };
	const char *piece;
	uint64_t lost, total_lost = 0;
	size_t count, at = 1000;

	for (size_t i = 0; i < size; i++)
		data[i] = (unsigned char)(i * 7 >> 3);
	scene_open(&scene);
	console_attach(scene.console, &reader, 0);
	guest_writes(&scene, data, size);
	while ((count = console_peek(scene.console, &reader, &piece, &lost))) {
		total_lost += lost;
		CHECK(!memcmp(piece, data + at, count));
		at += count;
		console_skip(&reader, count);
	}
	CHECK_EQUAL(1000, total_lost);
	CHECK_EQUAL(size, at);
	console_detach(&reader);
	scene_close(&scene);
	free(data);
}

static void typingWaitsForTheGuestAndHasALimit(void)
{
	char *data = calloc(1, CONSOLE_QUEUE_MAX);
	struct scene scene;
	struct fail fail;
	size_t read_count = 0;

	scene_open(&scene);
	CHECK_EQUAL(0, console_write(scene.console, data, CONSOLE_QUEUE_MAX, scene_done, &scene, &fail));
	CHECK_EQUAL(-1, console_write(scene.console, data, CONSOLE_QUEUE_MAX, scene_done, &scene, &fail));
	CHECK(!strcmp(fail.code, "busy"));
	turn(&scene);
	CHECK_EQUAL(0, scene.done);
	while (read_count < CONSOLE_QUEUE_MAX) {
		ssize_t count = recv(console_guest_fd(scene.console), data, CONSOLE_QUEUE_MAX, MSG_DONTWAIT);

		if (count > 0)
			read_count += (size_t)count;
		turn(&scene);
	}
	CHECK_EQUAL(1, scene.done);
	scene_close(&scene);
	free(data);
}

static void exportMovesScrollbackAndWhatNobodyReadYet(void)
{
	struct scene here, there;
	struct console_reader reader = { .more = scene_more, .arg = &there };
	struct fail fail;
	const char *data;
	char typed[64];
	uint64_t lost;
	json_t *state;

	scene_open(&here);
	scene_open(&there);
	guest_writes(&here, "seen ", 5);
	CHECK_EQUAL(0, console_write(here.console, "typed", 5, NULL, NULL, &fail));
	turn(&here);
	/* Still in the socket when the guest was frozen. */
	CHECK_EQUAL(6, write(console_guest_fd(here.console), "unseen", 6));
	state = console_export(here.console);
	CHECK_EQUAL(0, console_import(there.console, state, &fail));
	console_attach(there.console, &reader, CONSOLE_SCROLLBACK);
	CHECK_EQUAL(11, console_peek(there.console, &reader, &data, &lost));
	CHECK(!memcmp(data, "seen unseen", 11));
	turn(&there);
	CHECK_EQUAL(5, recv(console_guest_fd(there.console), typed, sizeof(typed), MSG_DONTWAIT));
	CHECK(!memcmp(typed, "typed", 5));
	/* The migration failed: the source takes its state back and has nothing twice. */
	CHECK_EQUAL(0, console_import(here.console, state, &fail));
	turn(&here);
	CHECK_EQUAL(5, recv(console_guest_fd(here.console), typed, sizeof(typed), MSG_DONTWAIT));
	CHECK_EQUAL(-1, recv(console_guest_fd(here.console), typed, sizeof(typed), MSG_DONTWAIT));
	console_detach(&reader);
	json_decref(state);
	state = json_pack("{s[s] ss}", "scrollback", "not base64!", "unread", "");
	scene_close(&there);
	scene_open(&there);
	CHECK_EQUAL(-1, console_import(there.console, state, &fail));
	json_decref(state);
	scene_close(&here);
	scene_close(&there);
}

int main(void)
{
	alarm(60);
	aReaderGetsTheTailAndWhatFollows();
	aSlowReaderLearnsWhatItLost();
	typingWaitsForTheGuestAndHasALimit();
	exportMovesScrollbackAndWhatNobodyReadYet();
	return 0;
}
