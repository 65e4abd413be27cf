/* SPDX-License-Identifier: Apache-2.0 */
#include "params.h"

#include <string.h>

#define PARAMS_CODE "bad-request"
#define KEY_TEXT_MAX 64

static int missing(const char *name, struct fail *fail)
{
	return fail_set(fail, PARAMS_CODE, "The request lacks \"%s\".", name);
}

int params_string(const json_t *params, const char *name, bool optional, size_t max, const char **value, struct fail *fail)
{
	const json_t *member = json_object_get(params, name);

	*value = NULL;
	if (!member || json_is_null(member))
		return optional ? 0 : missing(name, fail);
	if (!json_is_string(member))
		return fail_set(fail, PARAMS_CODE, "\"%s\" must be a text.", name);
	if (json_string_length(member) > max)
		return fail_set(fail, PARAMS_CODE, "\"%s\" is %zu bytes long; at most %zu are allowed.", name,
				json_string_length(member), max);
	if (strlen(json_string_value(member)) != json_string_length(member))
		return fail_set(fail, PARAMS_CODE, "\"%s\" holds a zero byte.", name);
	*value = json_string_value(member);
	return 0;
}

int params_integer(const json_t *params, const char *name, bool optional, json_int_t minimum, json_int_t maximum,
		   json_int_t *value, struct fail *fail)
{
	const json_t *member = json_object_get(params, name);

	if (!member || json_is_null(member))
		return optional ? 0 : missing(name, fail);
	if (!json_is_integer(member) || json_integer_value(member) < minimum || json_integer_value(member) > maximum)
		return fail_set(fail, PARAMS_CODE, "\"%s\" must be a whole number from %" JSON_INTEGER_FORMAT " to %" JSON_INTEGER_FORMAT ".",
				name, minimum, maximum);
	*value = json_integer_value(member);
	return 0;
}

int params_boolean(const json_t *params, const char *name, bool optional, bool *value, struct fail *fail)
{
	const json_t *member = json_object_get(params, name);

	if (!member || json_is_null(member))
		return optional ? 0 : missing(name, fail);
	if (!json_is_boolean(member))
		return fail_set(fail, PARAMS_CODE, "\"%s\" must be true or false.", name);
	*value = json_is_true(member);
	return 0;
}

int params_array(const json_t *params, const char *name, bool optional, size_t max, json_t **value, struct fail *fail)
{
	json_t *member = json_object_get(params, name);

	*value = NULL;
	if (!member || json_is_null(member))
		return optional ? 0 : missing(name, fail);
	if (!json_is_array(member) || json_array_size(member) > max)
		return fail_set(fail, PARAMS_CODE, "\"%s\" must be a list of at most %zu elements.", name, max);
	*value = member;
	return 0;
}

int params_object(const json_t *params, const char *name, bool optional, json_t **value, struct fail *fail)
{
	json_t *member = json_object_get(params, name);

	*value = NULL;
	if (!member || json_is_null(member))
		return optional ? 0 : missing(name, fail);
	if (!json_is_object(member))
		return fail_set(fail, PARAMS_CODE, "\"%s\" must be an object.", name);
	*value = member;
	return 0;
}

bool params_is_hex(const char *text, size_t digits)
{
	return strlen(text) == digits && strspn(text, "0123456789abcdef") == digits;
}

int params_instance(const json_t *params, const char *name, const char **value, struct fail *fail)
{
	if (params_string(params, name, false, 16, value, fail) < 0)
		return -1;
	if (!params_is_hex(*value, 16))
		return fail_set(fail, PARAMS_CODE, "\"%s\" must be 16 hexadecimal digits in lower case.", name);
	return 0;
}

int params_hash(const json_t *params, const char *name, const char **value, struct fail *fail)
{
	if (params_string(params, name, false, 64, value, fail) < 0)
		return -1;
	if (!params_is_hex(*value, 64))
		return fail_set(fail, PARAMS_CODE, "\"%s\" must be a SHA-256 hash: 64 hexadecimal digits in lower case.", name);
	return 0;
}

int params_lab(const json_t *params, const char *name, bool optional, const char **value, struct fail *fail)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

	if (params_string(params, name, optional, 64, value, fail) < 0)
		return -1;
	if (*value && (!**value || strspn(*value, allowed) != strlen(*value)))
		return fail_set(fail, PARAMS_CODE, "\"%s\" must be 1 to 64 letters, digits, - and _.", name);
	return 0;
}

int params_key(const json_t *params, const char *name, uint8_t key[SEAL_KEY_SIZE], struct fail *fail)
{
	const char *text = json_string_value(json_object_get(params, name));
	size_t size = 0;

	if (!text || strlen(text) > KEY_TEXT_MAX ||
	    sodium_base642bin(key, SEAL_KEY_SIZE, text, strlen(text), NULL, &size, NULL, sodium_base64_VARIANT_ORIGINAL) < 0 || size != SEAL_KEY_SIZE)
		return fail_set(fail, "bad-request", "\"%s\" must be the base64 text of %d bytes.", name, SEAL_KEY_SIZE);
	return 0;
}
