/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command channel against the real guestd (its path is the argument), which runs on a pseudo terminal. A thread carries bytes between that and the guest's end
 * of the channel, as the guest kernel does.
 */
#define _GNU_SOURCE
#include "../../src/guest.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "check.h"

#define BIG (3 * 1000 * 1000)
#define MANY 60

struct bridge {
	int pty, channel;
	atomic_bool end;
};

static void carry(int from, int to)
{
	char bytes[4096];
	ssize_t count = read(from, bytes, sizeof(bytes));

	for (ssize_t at = 0; at < count;) {
		ssize_t written = write(to, bytes + at, (size_t)(count - at));

		if (written > 0)
			at += written;
		else if (errno == EAGAIN)
			poll(&(struct pollfd){ .fd = to, .events = POLLOUT }, 1, 100);
		else
			return;
	}
}

static void bridge_run(struct bridge *bridge, int from, int to)
{
	while (!bridge->end)
		if (poll(&(struct pollfd){ .fd = from, .events = POLLIN }, 1, 100) > 0)
			carry(from, to);
}

static void *bridge_in(void *arg)
{
	struct bridge *bridge = arg;

	bridge_run(bridge, bridge->channel, bridge->pty);
	return NULL;
}

static void *bridge_out(void *arg)
{
	struct bridge *bridge = arg;

	bridge_run(bridge, bridge->pty, bridge->channel);
	return NULL;
}

struct scene {
	struct loop *loop;
	struct guest *guest;
	unsigned hellos, ended, written;
	char boot_id[64];
};

struct run {
	struct scene *scene;
	struct session *session;
	char *out;
	size_t out_size, err_size;
	char err[200];
	int status; /* -1: did not end by itself */
	bool ended;
	bool hold; /* takes no output */
};

static void scene_hello(void *arg, const char *boot_id)
{
	struct scene *scene = arg;

	scene->hellos++;
	snprintf(scene->boot_id, sizeof(scene->boot_id), "%s", boot_id);
	loop_stop(scene->loop);
}

static void run_changed(void *arg)
{
	struct run *run = arg;
	const uint8_t *data;
	uint8_t channel;
	size_t size;

	while (!run->hold && (size = session_peek(run->session, &channel, &data))) {
		if (channel == GUEST_STDOUT) {
			run->out = realloc(run->out, run->out_size + size);
			memcpy(run->out + run->out_size, data, size);
			run->out_size += size;
		} else if (run->err_size + size < sizeof(run->err)) {
			memcpy(run->err + run->err_size, data, size);
			run->err_size += size;
		}
		session_take(run->session, size);
	}
	if (session_result(run->session) && !run->hold && !run->ended) {
		const json_t *status = json_object_get(session_result(run->session), "status");

		run->status = status ? (int)json_integer_value(status) : -1;
		run->ended = true;
		run->scene->ended++;
		loop_stop(run->scene->loop);
	}
}

static void run_written(void *arg)
{
	((struct run *)arg)->scene->written++;
}

static void run_start(struct run *run, struct scene *scene, const char *script)
{
	json_t *start = json_pack("{s[sss]}", "argv", "/bin/sh", "-c", script);
	const struct session_hooks hooks = { .changed = run_changed, .written = run_written, .arg = run };
	struct fail fail;

	*run = (struct run){ .scene = scene, .status = -2 };
	run->session = session_start(scene->guest, start, &hooks, &fail);
	json_decref(start);
	CHECK(run->session);
}

static void run_finish(struct run *run)
{
	while (!run->ended)
		CHECK_EQUAL(0, loop_run(run->scene->loop));
}

static void run_free(struct run *run)
{
	session_free(run->session);
	free(run->out);
}

static void statusAndBothOutputsComeBack(struct scene *scene)
{
	struct run run;

	run_start(&run, scene, "echo out; echo err >&2; exit 3");
	run_finish(&run);
	CHECK_EQUAL(3, run.status);
	CHECK(run.out_size == 4 && !memcmp(run.out, "out\n", 4));
	CHECK(run.err_size == 4 && !memcmp(run.err, "err\n", 4));
	run_free(&run);
}

static void megabytesSurviveTheRoundTrip(struct scene *scene)
{
	unsigned char *data = malloc(BIG);
	unsigned seed = 1, before = scene->written;
	struct run run;
	struct fail fail;

	for (size_t i = 0; i < BIG; i++)
		data[i] = (unsigned char)((seed = seed * 1103515245 + 12345) >> 16);
	run_start(&run, scene, "cat");
	for (size_t at = 0; at < BIG;) {
		size_t part = BIG - at < 500000 ? BIG - at : 500000;
		unsigned done = scene->written;

		CHECK_EQUAL(0, session_write(run.session, data + at, part, &fail));
		at += part;
		while (scene->written == done) {
			/* `written` does not stop the loop: a timer looks. */
			struct loop_timer timer;

			loop_timer_init(&timer, (void (*)(void *))loop_stop, scene->loop);
			loop_timer_set(scene->loop, &timer, loop_now(scene->loop) + 1000);
			CHECK_EQUAL(0, loop_run(scene->loop));
			loop_timer_cancel(scene->loop, &timer);
		}
	}
	CHECK(scene->written > before);
	session_eof(run.session);
	run_finish(&run);
	CHECK_EQUAL(0, run.status);
	CHECK_EQUAL(BIG, run.out_size);
	CHECK(!memcmp(data, run.out, BIG));
	run_free(&run);
	free(data);
}

static void manySessionsDoNotDisturbEachOther(struct scene *scene)
{
	struct run runs[MANY];
	char script[100];

	for (int i = 0; i < MANY; i++) {
		snprintf(script, sizeof(script), "yes %d | head -c 100000; exit %d", i % 10, i);
		run_start(&runs[i], scene, script);
	}
	for (int i = 0; i < MANY; i++) {
		run_finish(&runs[i]);
		CHECK_EQUAL(i, runs[i].status);
		CHECK_EQUAL(100000, runs[i].out_size);
		for (size_t at = 0; at < runs[i].out_size; at += 2)
			CHECK_EQUAL('0' + i % 10, runs[i].out[at]);
		run_free(&runs[i]);
	}
}

static void aReaderThatWaitsStopsOnlyItsOwnCommand(struct scene *scene)
{
	struct run held, other;

	run_start(&held, scene, "head -c 1000000 /dev/zero");
	held.hold = true;
	run_start(&other, scene, "head -c 1000000 /dev/zero");
	run_finish(&other);
	CHECK_EQUAL(1000000, other.out_size);
	CHECK(!session_result(held.session));
	held.hold = false;
	run_changed(&held);
	run_finish(&held);
	CHECK_EQUAL(1000000, held.out_size);
	run_free(&held);
	run_free(&other);
}

static void aSignalEndsACommand(struct scene *scene)
{
	struct run run;

	run_start(&run, scene, "sleep 100");
	session_signal(run.session, SIGTERM);
	run_finish(&run);
	CHECK_EQUAL(-1, run.status);
	CHECK_EQUAL(SIGTERM, json_integer_value(json_object_get(session_result(run.session), "signal")));
	run_free(&run);
}

static void aCommandThatDoesNotExistSaysSo(struct scene *scene)
{
	json_t *start = json_pack("{s[s]}", "argv", "/no/such/command");
	struct run run = { .scene = scene };
	const struct session_hooks hooks = { .changed = run_changed, .arg = &run };
	struct fail fail;

	run.session = session_start(scene->guest, start, &hooks, &fail);
	json_decref(start);
	run_finish(&run);
	CHECK(json_object_get(session_result(run.session), "error"));
	run_free(&run);
}

static void anOrphanIsAdoptedWithItsOutput(struct scene *scene)
{
	struct run run;
	const struct session_hooks hooks = { .changed = run_changed, .arg = &run };
	uint32_t number;

	run_start(&run, scene, "echo kept; sleep 0.1; exit 6");
	number = session_number(run.session);
	session_orphan(run.session);
	CHECK(!session_adopt(scene->guest, number + 1, &hooks));
	run.session = session_adopt(scene->guest, number, &hooks);
	CHECK(run.session);
	CHECK(!session_adopt(scene->guest, number, &hooks));
	run_changed(&run);
	run_finish(&run);
	CHECK_EQUAL(6, run.status);
	CHECK(run.out_size == 5 && !memcmp(run.out, "kept\n", 5));
	run_free(&run);
}

static void resetEndsAllSessionsAndFindsTheSameBoot(struct scene *scene)
{
	char boot_id[64];
	struct run run;

	snprintf(boot_id, sizeof(boot_id), "%s", scene->boot_id);
	run_start(&run, scene, "sleep 100");
	guest_reset(scene->guest);
	CHECK(!guest_present(scene->guest));
	run_finish(&run);
	CHECK(json_object_get(session_result(run.session), "error"));
	while (!guest_present(scene->guest))
		CHECK_EQUAL(0, loop_run(scene->loop));
	CHECK(!strcmp(boot_id, scene->boot_id));
	run_free(&run);
}

int main(int argc, char **argv)
{
	int pty = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct scene scene = { 0 };
	const struct guest_hooks hooks = { .hello = scene_hello, .arg = &scene };
	struct bridge bridge;
	struct termios raw;
	struct fail fail;
	pthread_t in, out;
	pid_t guestd;
	int slave;

	CHECK_EQUAL(2, argc);
	alarm(120);
	CHECK(pty >= 0 && grantpt(pty) == 0 && unlockpt(pty) == 0);
	slave = open(ptsname(pty), O_RDWR | O_NOCTTY | O_CLOEXEC);
	CHECK(slave >= 0 && tcgetattr(slave, &raw) == 0);
	cfmakeraw(&raw);
	CHECK_EQUAL(0, tcsetattr(slave, TCSANOW, &raw));
	scene.loop = loop_create();
	scene.guest = guest_create(scene.loop, &hooks, &fail);
	CHECK(scene.guest);
	bridge.pty = pty;
	bridge.channel = guest_guest_fd(scene.guest);
	bridge.end = false;
	guestd = fork();
	if (!guestd) {
		execl(argv[1], argv[1], ptsname(pty), (char *)NULL);
		_exit(127);
	}
	CHECK_EQUAL(0, pthread_create(&in, NULL, bridge_in, &bridge));
	CHECK_EQUAL(0, pthread_create(&out, NULL, bridge_out, &bridge));
	CHECK_EQUAL(0, loop_run(scene.loop));
	CHECK_EQUAL(1, scene.hellos);
	statusAndBothOutputsComeBack(&scene);
	megabytesSurviveTheRoundTrip(&scene);
	manySessionsDoNotDisturbEachOther(&scene);
	aReaderThatWaitsStopsOnlyItsOwnCommand(&scene);
	aSignalEndsACommand(&scene);
	aCommandThatDoesNotExistSaysSo(&scene);
	anOrphanIsAdoptedWithItsOutput(&scene);
	resetEndsAllSessionsAndFindsTheSameBoot(&scene);
	kill(guestd, SIGTERM);
	CHECK_EQUAL(guestd, waitpid(guestd, NULL, 0));
	close(slave);
	bridge.end = true;
	pthread_join(in, NULL);
	pthread_join(out, NULL);
	guest_destroy(scene.guest);
	loop_destroy(scene.loop);
	return 0;
}
