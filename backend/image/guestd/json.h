/* SPDX-License-Identifier: Apache-2.0 */
/* A strict reader of small JSON texts: pull style, no allocation. Theory in json.c. */
#ifndef GUESTD_JSON_H
#define GUESTD_JSON_H

#include <stdbool.h>
#include <stddef.h>

struct json {
	const char *at;
	const char *end;
	char *strings; /* where decoded strings go; as long as the text suffices */
	bool failed;
	bool first; /* no element of the innermost object or array was read yet */
};

void json_init(struct json *json, const void *text, size_t length, char *strings);

/* Enters an object or an array. */
void json_enter(struct json *json, char bracket);

/* Is there another element before the closing bracket (which is consumed)? False after an error, too. */
bool json_next(struct json *json, char closing);

/* Reads the key of an object's next member with its colon. */
char *json_key(struct json *json);

/* Reads a string; decoded, UTF-8, without NUL bytes inside; NULL after an error. */
char *json_string(struct json *json);

bool json_bool(struct json *json);

/* Reads a whole number between 0 and `max`. */
unsigned int json_number(struct json *json, unsigned int max);

/* Reads over a value of any kind. */
void json_skip(struct json *json);

/* Was the whole text read, without an error? */
bool json_done(struct json *json);

/* Writes `text` as a JSON string with quotes, cut to fit `size` with its end. Returns the length written. */
size_t json_quote(char *to, size_t size, const char *text);

#endif
