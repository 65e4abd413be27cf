/* SPDX-License-Identifier: Apache-2.0 */
/* What START asks for. */
#ifndef GUESTD_COMMAND_H
#define GUESTD_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "guest_protocol.h"

/* The shortest element of a JSON array of strings is `"",`, so no frame has more. */
#define COMMAND_STRINGS_MAX (GUEST_PAYLOAD_MAX / 3 + 1)

/* Variables that commands get without being asked for. */
#define COMMAND_BASE_MAX 300

struct command {
	char *argv[COMMAND_STRINGS_MAX + 1];
	char *env[COMMAND_STRINGS_MAX + COMMAND_BASE_MAX + 1];
	const char *cwd;
	bool tty;
	unsigned short rows;
	unsigned short columns;
	char strings[GUEST_PAYLOAD_MAX];
};

/* From now on commands get these variables as well, which replace the usual ones; at most COMMAND_BASE_MAX. They stay the caller's. */
void command_inherit(char **environment);

/* Reads START's payload. Returns NULL, or what is wrong with it as a sentence. */
const char *command_parse(struct command *command, const void *payload, size_t length);

#endif
