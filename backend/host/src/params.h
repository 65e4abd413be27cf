/* SPDX-License-Identifier: Apache-2.0 */
/* Checked access to the members of a peer's JSON object. Each returns 0, or -1 with *fail ("bad-request", naming the member). */
#ifndef MOBIHOST_PARAMS_H
#define MOBIHOST_PARAMS_H

#include <jansson.h>
#include <stdbool.h>

#include "fail.h"
#include "seal.h"

/* *value: borrowed, at most `max` bytes, no zero byte inside; NULL when it is optional and missing. */
int params_string(const json_t *params, const char *name, bool optional, size_t max, const char **value, struct fail *fail);
/* Missing and optional: *value stays as it is. */
int params_integer(const json_t *params, const char *name, bool optional, json_int_t minimum, json_int_t maximum,
		   json_int_t *value, struct fail *fail);
int params_boolean(const json_t *params, const char *name, bool optional, bool *value, struct fail *fail);
/* An array of at most `max` elements, or an object; NULL when it is optional and missing. */
int params_array(const json_t *params, const char *name, bool optional, size_t max, json_t **value, struct fail *fail);
int params_object(const json_t *params, const char *name, bool optional, json_t **value, struct fail *fail);

/* Instance: 16 hexadecimal digits; content hash: 64; lab: 1 to 64 of [A-Za-z0-9_-]. All are safe as file names. */
int params_instance(const json_t *params, const char *name, const char **value, struct fail *fail);
int params_hash(const json_t *params, const char *name, const char **value, struct fail *fail);
int params_lab(const json_t *params, const char *name, bool optional, const char **value, struct fail *fail);
/* The base64 text of a key. */
int params_key(const json_t *params, const char *name, uint8_t key[SEAL_KEY_SIZE], struct fail *fail);
bool params_is_hex(const char *text, size_t digits);

#endif
