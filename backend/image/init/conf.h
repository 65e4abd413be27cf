/* SPDX-License-Identifier: Apache-2.0 */
/*
 * image.conf tells init what the image is. A line is a word, a space and a text, in which \n and \\ stand for a new line and a backslash:
 *
 *     name router        its name, which guestd tells
 *     init /lib/...      the image's own init
 *     tells booted       which was given something that tells when it has started all services
 *     env NAME=value     the environment of all that runs, any number of times
 *     cwd /srv           the rest is the image's command: its folder,
 *     user 101 101       user and group,
 *     arg nginx          program and arguments, each a line
 *
 * The desktop writes it (Java class GuestBoot).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define CONF_LINE 16384
#define CONF_ENTRIES 256

struct conf {
	char name[256];
	char init[1024];
	bool tells_booted;
	char cwd[1024];
	uid_t uid;
	gid_t gid;
	size_t env_count;
	size_t argc;
	char *env[CONF_ENTRIES];
	/* the last one is NULL */
	char *argv[CONF_ENTRIES + 1];
};

/* False when something of it could not be understood; the rest counts. */
bool conf_read(struct conf *conf, const char *path);

/* Has it a variable of that name? */
bool conf_env(const struct conf *conf, const char *name);
