/* SPDX-License-Identifier: Apache-2.0 */
/*
 * START's JSON becomes argument and environment vectors that execve can take. The environment is a base that every command needs, in which the
 * members of "env" replace or add variables. Members of the JSON that are not known are read over: a newer host may say more.
 */
#include "command.h"

#include <string.h>

#include "json.h"

static const char *base_environment[COMMAND_BASE_MAX] = {
	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "USER=root", "LOGNAME=root", "SHELL=/bin/sh",
};
static size_t base_count = 5;

static size_t name_length(const char *assignment)
{
	return strcspn(assignment, "=");
}

static void env_set(struct command *command, size_t *count, char *assignment)
{
	const size_t length = name_length(assignment);

	for (size_t i = 0; i < *count; i++) {
		if (name_length(command->env[i]) == length && memcmp(command->env[i], assignment, length) == 0) {
			command->env[i] = assignment;
			return;
		}
	}
	command->env[(*count)++] = assignment;
}

void command_inherit(char **environment)
{
	for (; *environment; environment++) {
		const size_t length = name_length(*environment);
		size_t i = 0;

		while (i < base_count && (name_length(base_environment[i]) != length || memcmp(base_environment[i], *environment, length) != 0))
			i++;
		if (i == COMMAND_BASE_MAX)
			return;
		base_environment[i] = *environment;
		if (i == base_count)
			base_count++;
	}
}

/* Reads {"name":"value", ..}; key and value lie next to each other in the reader's strings, so the NUL between them becomes the equals sign. */
static void read_env(struct command *command, struct json *json, size_t *count)
{
	json_enter(json, '{');
	while (json_next(json, '}')) {
		char *name = json_key(json);
		char *value = json_string(json);

		if (!name || !value)
			return;
		if (*name == '\0' || strchr(name, '=')) {
			json->failed = true;
			return;
		}
		value[-1] = '=';
		env_set(command, count, name);
	}
}

static size_t read_argv(struct command *command, struct json *json)
{
	size_t count = 0;

	json_enter(json, '[');
	while (json_next(json, ']')) {
		char *word = json_string(json);

		if (!word)
			return 0;
		command->argv[count++] = word;
	}
	return count;
}

const char *command_parse(struct command *command, const void *payload, size_t length)
{
	struct json json;
	size_t argc = 0;
	size_t env_count = 0;
	bool seen_argv = false;
	bool seen_env = false;

	command->cwd = "/";
	command->tty = false;
	command->rows = 24;
	command->columns = 80;
	for (; env_count < base_count; env_count++)
		command->env[env_count] = (char *)base_environment[env_count];

	json_init(&json, payload, length, command->strings);
	json_enter(&json, '{');
	while (json_next(&json, '}')) {
		const char *key = json_key(&json);

		if (!key)
			break;
		if (strcmp(key, "argv") == 0 && !seen_argv) {
			argc = read_argv(command, &json);
			seen_argv = true;
		} else if (strcmp(key, "env") == 0 && !seen_env) {
			read_env(command, &json, &env_count);
			seen_env = true;
		} else if (strcmp(key, "cwd") == 0) {
			command->cwd = json_string(&json);
		} else if (strcmp(key, "tty") == 0) {
			command->tty = json_bool(&json);
		} else if (strcmp(key, "rows") == 0) {
			command->rows = (unsigned short)json_number(&json, 0xffff);
		} else if (strcmp(key, "cols") == 0) {
			command->columns = (unsigned short)json_number(&json, 0xffff);
		} else {
			json_skip(&json);
		}
	}
	if (!json_done(&json))
		return "START is not the JSON object that the protocol describes";
	if (argc == 0 || command->argv[0][0] == '\0')
		return "START names no command: argv is empty";
	command->argv[argc] = NULL;
	if (command->tty) {
		size_t i = 0;

		while (i < env_count && strncmp(command->env[i], "TERM=", 5) != 0)
			i++;
		if (i == env_count)
			command->env[env_count++] = (char *)"TERM=xterm-256color";
	}
	command->env[env_count] = NULL;
	return NULL;
}
