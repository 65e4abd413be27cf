/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes of guestd on the command channel, while two sessions are open; then the state is exported and imported, as in a migration. */
#define _GNU_SOURCE
#include "../../src/guest.h"
#include "fuzz.h"

#include <time.h>

static struct loop *loop;

static void stop(void *arg)
{
	(void)arg;
	loop_stop(loop);
}

static void hello(void *arg, const char *boot_id)
{
	(void)arg;
	MUST(strlen(boot_id) < 1000);
}

static void nothing(void *arg)
{
	(void)arg;
}

/* All that is ready now. */
static void run(void)
{
	struct loop_timer timer;

	loop_timer_init(&timer, stop, NULL);
	loop_timer_set(loop, &timer, 1);
	loop_run(loop);
	loop_timer_cancel(loop, &timer);
}

static void drain(struct session *session)
{
	const uint8_t *bytes;
	uint8_t channel;
	size_t size;

	while ((size = session_peek(session, &channel, &bytes))) {
		MUST(channel == GUEST_STDOUT || channel == GUEST_STDERR);
		session_take(session, size);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct guest_hooks hooks = { .hello = hello };
	static const struct session_hooks session_hooks = { .changed = nothing, .written = nothing };
	json_t *start = json_pack("{s:[s]}", "argv", "true"), *state;
	struct session *sessions[2];
	struct guest *guest;
	struct fail fail;
	uint8_t waste[4096];

	if (!loop)
		loop = loop_create();
	guest = guest_create(loop, &hooks, &fail);
	MUST(guest && start);
	/* guestd is there, so that commands can be started. */
	{
		static const char said[] = "{\"version\":1,\"fresh\":true,\"bootId\":\"b\",\"image\":\"i\"}";
		uint8_t frame[12 + sizeof(said) - 1] = { 0x4d, 0x42, 65, 0, 0, 0, 0, 0, sizeof(said) - 1 };

		memcpy(frame + 12, said, sizeof(said) - 1);
		MUST(send(guest_guest_fd(guest), frame, sizeof(frame), 0) == (ssize_t)sizeof(frame));
		run();
	}
	for (int i = 0; i < 2; i++)
		sessions[i] = session_start(guest, start, &session_hooks, &fail);
	while (size) {
		size_t part = size < 4096 ? size : 4096;

		if (send(guest_guest_fd(guest), data, part, MSG_DONTWAIT) != (ssize_t)part)
			break;
		data += part;
		size -= part;
		run();
		for (int i = 0; i < 2; i++)
			if (sessions[i])
				drain(sessions[i]);
		while (recv(guest_guest_fd(guest), waste, sizeof(waste), MSG_DONTWAIT) > 0)
			;
	}
	state = guest_export(guest);
	MUST(state);
	MUST(guest_import(guest, state, &fail) == 0);
	json_decref(state);
	for (int i = 0; i < 2; i++)
		if (sessions[i])
			session_free(sessions[i]);
	json_decref(start);
	guest_destroy(guest);
	return 0;
}
