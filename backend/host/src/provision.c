/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A script is fed to a shell through standard input and kept in the guest as /run/mobitopolo/<name>, so that its length is not limited by a
 * command line and a user can look at it and run it again. Setup runs first; only a set-up that ended with status 0 is followed by the start-up script,
 * which in an imported image waits until that image's own init has started all services (backend/image/init), as far as it does within BOOT_SECONDS.
 *
 * The output of both goes to startup.log in the VM's folder. A start-up script may be a server that talks for days: the log is cut to its newer
 * half whenever it has grown to LOG_MAX.
 */
#define _GNU_SOURCE
#include "provision.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store.h"

#define LOG_MAX (1024 * 1024)
#define LAST_LINE_MAX 200
#define BOOT_SECONDS "120"

enum stage { STAGE_SETUP, STAGE_STARTUP, STAGES };

static const char *const stage_file[STAGES] = { "setup", "startup" };
static const char *const stage_title[STAGES] = { "set-up", "start-up" };

/* For a shell. */
static const char wait_until_booted[] =
	"{ i=0; while [ -p /run/mobitopolo.booting ] && [ $i -lt " BOOT_SECONDS " ]; do i=$((i + 1)); sleep 1; done; "
	"if [ -p /run/mobitopolo.booting ]; then echo 'The services of this VM have not all started within " BOOT_SECONDS " s; the start-up script runs all the same.'; fi; } && ";

struct script {
	struct provision *provision;
	enum stage stage;
	struct session *session; /* NULL: does not run */
	char last_line[LAST_LINE_MAX + 1]; /* of its output, for the error */
	size_t last_length;
	bool line_ended;
};

struct provision {
	struct guest *guest;
	int folder, log_fd;
	uint64_t log_size;
	struct provision_hooks hooks;
	struct script scripts[STAGES];
	char *startup; /* runs after the set-up; NULL: does not */
	json_t *env;
};

static void log_open(struct provision *provision, bool fresh)
{
	struct stat info;

	if (provision->log_fd >= 0)
		close(provision->log_fd);
	provision->log_fd = openat(provision->folder, PROVISION_LOG, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | (fresh ? O_TRUNC : 0), 0600);
	provision->log_size = provision->log_fd >= 0 && fstat(provision->log_fd, &info) == 0 ? (uint64_t)info.st_size : 0;
}

static void log_add(struct provision *provision, const void *data, size_t size)
{
	if (provision->log_fd < 0 || store_write_all(provision->log_fd, data, size) < 0)
		return;
	provision->log_size += size;
	if (provision->log_size > LOG_MAX) {
		size_t total;
		char *text = store_read(provision->folder, PROVISION_LOG, 2 * LOG_MAX, &total);

		if (text)
			store_write(provision->folder, PROVISION_LOG, text + total / 2, total - total / 2, false);
		free(text);
		log_open(provision, !text);
	}
}

static void last_line_add(struct script *script, const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (data[i] == '\n') {
			script->line_ended = true;
			continue;
		}
		if (script->line_ended)
			script->last_length = 0;
		script->line_ended = false;
		if (script->last_length < LAST_LINE_MAX && data[i] >= ' ' && data[i] < 0x7f)
			script->last_line[script->last_length++] = (char)data[i];
	}
	script->last_line[script->last_length] = 0;
}

static int script_start(struct script *script, const char *text, const json_t *env, struct fail *fail);

static void script_ended(struct script *script)
{
	struct provision *provision = script->provision;
	const json_t *result = session_result(script->session);
	const json_t *status = json_object_get(result, "status"), *signal = json_object_get(result, "signal");
	const char *text = json_string_value(json_object_get(result, "error"));
	char error[LAST_LINE_MAX + 400] = "", how[300];
	struct fail fail;

	if (text)
		snprintf(how, sizeof(how), "failed: %.250s", text);
	else if (signal)
		snprintf(how, sizeof(how), "was ended by signal %d", (int)json_integer_value(signal));
	else
		snprintf(how, sizeof(how), "ended with status %d", (int)json_integer_value(status));
	if (!json_is_integer(status) || json_integer_value(status))
		snprintf(error, sizeof(error), "The %s script %s%s%s%s. Its whole output is in the start-up log.", stage_title[script->stage], how,
			 script->last_length ? " (last line: " : "", script->last_line, script->last_length ? ")" : "");
	session_free(script->session);
	script->session = NULL;
	if (script->stage == STAGE_STARTUP) {
		if (error[0])
			provision->hooks.startup_failed(provision->hooks.arg, error);
		return;
	}
	provision->hooks.setup_ended(provision->hooks.arg, error[0] ? error : NULL);
	if (!error[0] && provision->startup && provision->startup[0] &&
	    script_start(&provision->scripts[STAGE_STARTUP], provision->startup, provision->env, &fail) < 0)
		provision->hooks.startup_failed(provision->hooks.arg, fail.message);
}

static void script_changed(void *arg)
{
	struct script *script = arg;
	const uint8_t *data;
	uint8_t channel;
	size_t size;

	while ((size = session_peek(script->session, &channel, &data))) {
		last_line_add(script, data, size);
		log_add(script->provision, data, size);
		session_take(script->session, size);
	}
	if (session_result(script->session))
		script_ended(script);
}

static int script_start(struct script *script, const char *text, const json_t *env, struct fail *fail)
{
	const struct session_hooks hooks = { .changed = script_changed, .arg = script };
	const char *name = stage_file[script->stage];
	char command[600];
	json_t *start;

	snprintf(command, sizeof(command), "mkdir -p /run/mobitopolo && cat >/run/mobitopolo/%s && %sexec sh /run/mobitopolo/%s </dev/null", name,
		 script->stage == STAGE_STARTUP ? wait_until_booted : "", name);
	start = json_pack("{s[sss] sO*}", "argv", "/bin/sh", "-c", command, "env", env);
	if (script->session)
		session_free(script->session);
	script->last_length = 0;
	script->last_line[0] = 0;
	script->session = session_start(script->provision->guest, start, &hooks, fail);
	json_decref(start);
	if (!script->session)
		return -1;
	if (session_write(script->session, text, strlen(text), fail) < 0) {
		session_free(script->session);
		script->session = NULL;
		return -1;
	}
	session_eof(script->session);
	return 0;
}

struct provision *provision_create(struct guest *guest, int folder, const struct provision_hooks *hooks)
{
	struct provision *provision = calloc(1, sizeof(*provision));

	if (!provision)
		return NULL;
	*provision = (struct provision){ .guest = guest, .folder = folder, .log_fd = -1, .hooks = *hooks };
	for (int stage = 0; stage < STAGES; stage++)
		provision->scripts[stage] = (struct script){ .provision = provision, .stage = (enum stage)stage };
	return provision;
}

void provision_destroy(struct provision *provision)
{
	if (!provision)
		return;
	for (int stage = 0; stage < STAGES; stage++)
		if (provision->scripts[stage].session)
			session_free(provision->scripts[stage].session);
	if (provision->log_fd >= 0)
		close(provision->log_fd);
	free(provision->startup);
	json_decref(provision->env);
	free(provision);
}

int provision_run(struct provision *provision, const char *setup, const char *startup, const json_t *env, bool fresh_log, struct fail *fail)
{
	log_open(provision, fresh_log);
	free(provision->startup);
	provision->startup = startup ? strdup(startup) : NULL;
	json_decref(provision->env);
	provision->env = json_deep_copy(env);
	/* An empty set-up script runs too: one way for all, and proof that the guest takes commands. */
	return script_start(&provision->scripts[STAGE_SETUP], setup ? setup : "", NULL, fail);
}

json_t *provision_export(const struct provision *provision)
{
	json_t *state = json_pack("{ss* sO*}", "startup", provision->startup, "env", provision->env);

	for (int stage = 0; stage < STAGES; stage++)
		if (provision->scripts[stage].session)
			json_object_set_new(state, stage_file[stage], json_integer(session_number(provision->scripts[stage].session)));
	return state;
}

void provision_import(struct provision *provision, const json_t *state)
{
	const char *startup = json_string_value(json_object_get(state, "startup"));

	log_open(provision, false);
	free(provision->startup);
	provision->startup = startup ? strdup(startup) : NULL;
	json_decref(provision->env);
	provision->env = json_deep_copy(json_object_get(state, "env"));
	for (int stage = 0; stage < STAGES; stage++) {
		struct script *script = &provision->scripts[stage];
		const struct session_hooks hooks = { .changed = script_changed, .arg = script };
		const json_t *number = json_object_get(state, stage_file[stage]);

		if (script->session || !json_is_integer(number))
			continue;
		script->session = session_adopt(provision->guest, (uint32_t)json_integer_value(number), &hooks);
		/* What came before the switch waits in the session. */
		if (script->session)
			script_changed(script);
	}
}
