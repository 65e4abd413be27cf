/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lines of a migrated VM, as its source or a snapshot tells them: JSON with the states of console, command channel and scripts; after a zero byte what guestd says then. Whatever was taken over can
 * be used, exported, and taken over again.
 */
#define _GNU_SOURCE
#include "../../src/console.h"
#include "../../src/provision.h"
#include "fuzz.h"

#include <fcntl.h>
#include <sys/stat.h>

struct vm_lines {
	struct console *console;
	struct guest *guest;
	struct provision *provision;
};

static struct loop *loop;
static int folder = -1;

static void stop(void *arg)
{
	(void)arg;
	loop_stop(loop);
}

static void hello(void *arg, const char *boot_id)
{
	(void)arg;
	MUST(boot_id);
}

static void ended(void *arg, const char *error)
{
	(void)arg;
	MUST(!error || strlen(error) < 10000);
}

static void set_up(void)
{
	const char *parent = getenv("TMPDIR");
	char name[500];

	snprintf(name, sizeof(name), "%s/lines-fuzz-XXXXXX", parent ? parent : "/tmp");
	loop = loop_create();
	MUST(loop && mkdtemp(name) && (folder = open(name, O_RDONLY | O_DIRECTORY)) >= 0);
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

static void open_lines(struct vm_lines *lines)
{
	static const struct guest_hooks guest_hooks = { .hello = hello };
	static const struct provision_hooks hooks = { .setup_ended = ended, .startup_failed = ended };
	struct fail fail;

	lines->console = console_create(loop, &fail);
	lines->guest = guest_create(loop, &guest_hooks, &fail);
	MUST(lines->console && lines->guest);
	lines->provision = provision_create(lines->guest, folder, &hooks);
	MUST(lines->provision);
}

static void close_lines(struct vm_lines *lines)
{
	provision_destroy(lines->provision);
	guest_destroy(lines->guest);
	console_destroy(lines->console);
}

/* As vm_import does. */
static int import(struct vm_lines *lines, const json_t *state)
{
	struct fail fail = { .message = "" };

	if (console_import(lines->console, json_object_get(state, "console"), &fail) < 0 || guest_import(lines->guest, json_object_get(state, "guest"), &fail) < 0) {
		MUST(strlen(fail.message) > 10);
		return -1;
	}
	provision_import(lines->provision, json_object_get(state, "provision"));
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = memchr(data, 0, size);
	size_t text = end ? (size_t)(end - data) : size;
	json_t *state = json_loadb((const char *)data, text, 0, NULL), *again;
	struct vm_lines lines, next;

	if (!state)
		return 0;
	if (!loop)
		set_up();
	open_lines(&lines);
	if (import(&lines, state) == 0) {
		/* The arguments are made in this order in vm_export, too. */
		json_t *console = console_export(lines.console), *guest = guest_export(lines.guest);

		again = json_pack("{so so so}", "console", console, "guest", guest, "provision", provision_export(lines.provision));
		MUST(again);
		open_lines(&next);
		MUST(import(&next, again) == 0);
		if (end && send(guest_guest_fd(next.guest), end + 1, size - text - 1, MSG_DONTWAIT) >= 0)
			run();
		close_lines(&next);
		json_decref(again);
	}
	close_lines(&lines);
	json_decref(state);
	return 0;
}
