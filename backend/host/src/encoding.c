/* SPDX-License-Identifier: Apache-2.0 */
#include "encoding.h"

#include <sodium.h>
#include <stdlib.h>

json_t *encoding_base64(const void *data, size_t size)
{
	size_t length = sodium_base64_encoded_len(size, sodium_base64_VARIANT_ORIGINAL);
	char *text = malloc(length);
	json_t *json;

	if (!text)
		return NULL;
	sodium_bin2base64(text, length, data, size, sodium_base64_VARIANT_ORIGINAL);
	json = json_stringn_nocheck(text, length - 1);
	free(text);
	return json;
}

unsigned char *encoding_bytes(const json_t *text, size_t *size)
{
	size_t length = json_string_length(text);
	unsigned char *data;

	if (!json_is_string(text))
		return NULL;
	data = malloc(length / 4 * 3 + 4);
	if (data && sodium_base642bin(data, length / 4 * 3 + 3, json_string_value(text), length, NULL, size, NULL, sodium_base64_VARIANT_ORIGINAL)) {
		free(data);
		data = NULL;
	}
	return data;
}
