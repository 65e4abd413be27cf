/* SPDX-License-Identifier: Apache-2.0 */
#include "conf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* In place; returns false on a stray backslash. */
static bool unescape(char *text)
{
	char *to = text;

	for (const char *from = text; *from; from++) {
		if (*from != '\\') {
			*to++ = *from;
			continue;
		}
		from++;
		if (*from == 'n')
			*to++ = '\n';
		else if (*from == '\\')
			*to++ = '\\';
		else
			return false;
	}
	*to = '\0';
	return true;
}

static bool copy(char *to, size_t size, const char *from)
{
	return snprintf(to, size, "%s", from) < (int)size;
}

static bool append(char **list, size_t *count, const char *text)
{
	if (*count >= CONF_ENTRIES)
		return false;
	list[*count] = strdup(text);
	if (!list[*count])
		return false;
	(*count)++;
	return true;
}

static bool take_line(struct conf *conf, const char *word, const char *text)
{
	unsigned uid, gid;

	if (!strcmp(word, "name"))
		return copy(conf->name, sizeof(conf->name), text);
	if (!strcmp(word, "init"))
		return copy(conf->init, sizeof(conf->init), text);
	if (!strcmp(word, "tells") && !strcmp(text, "booted"))
		return conf->tells_booted = true;
	if (!strcmp(word, "cwd"))
		return copy(conf->cwd, sizeof(conf->cwd), text);
	if (!strcmp(word, "env"))
		return strchr(text, '=') && append(conf->env, &conf->env_count, text);
	if (!strcmp(word, "arg"))
		return append(conf->argv, &conf->argc, text);
	if (!strcmp(word, "user") && sscanf(text, "%u %u", &uid, &gid) == 2) {
		conf->uid = uid;
		conf->gid = gid;
		return true;
	}
	return false;
}

bool conf_read(struct conf *conf, const char *path)
{
	static char line[CONF_LINE];
	FILE *file = fopen(path, "re");
	bool good = true;

	memset(conf, 0, sizeof(*conf));
	strcpy(conf->name, "unknown");
	strcpy(conf->cwd, "/");
	if (!file)
		return false;
	while (fgets(line, sizeof(line), file)) {
		char *space;

		line[strcspn(line, "\n")] = '\0';
		space = strchr(line, ' ');
		if (!space) {
			good = false;
			continue;
		}
		*space++ = '\0';
		if (!unescape(space) || !take_line(conf, line, space))
			good = false;
	}
	fclose(file);
	return good;
}

bool conf_env(const struct conf *conf, const char *name)
{
	const size_t length = strlen(name);

	for (size_t i = 0; i < conf->env_count; i++) {
		if (!strncmp(conf->env[i], name, length) && conf->env[i][length] == '=')
			return true;
	}
	return false;
}
