/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The caller knows what it expects and asks for it in order: enter an object, then key and value while there is another. The first thing that is
 * not as asked sets `failed`; from then on every call fails, so one look at the end (json_done) is enough.
 *
 * Decoded strings go one after the other to a buffer of the caller's, each with a NUL behind it. A string takes two quotes in the text, and an escape
 * is never shorter than what it stands for, so a buffer of the text's length can't overflow. NUL characters are refused: what is read becomes
 * arguments and environment, where they would cut. Bytes have to be UTF-8, for they go back to the peer in error messages.
 */
#include "json.h"

#include <string.h>

#define DEPTH_MAX 16

void json_init(struct json *json, const void *text, size_t length, char *strings)
{
	*json = (struct json){ .at = text, .end = (const char *)text + length, .strings = strings, .first = true };
}

static void skip_space(struct json *json)
{
	while (json->at < json->end && memchr(" \t\r\n", *json->at, 4))
		json->at++;
}

static char peek(struct json *json)
{
	skip_space(json);
	return json->at < json->end ? *json->at : '\0';
}

static bool take(struct json *json, char wanted)
{
	if (json->failed || wanted == '\0' || peek(json) != wanted) {
		json->failed = true;
		return false;
	}
	json->at++;
	return true;
}

static bool take_word(struct json *json, const char *word)
{
	const size_t length = strlen(word);

	skip_space(json);
	if (json->failed || (size_t)(json->end - json->at) < length || memcmp(json->at, word, length) != 0)
		return false;
	json->at += length;
	return true;
}

void json_enter(struct json *json, char bracket)
{
	take(json, bracket);
	json->first = true;
}

bool json_next(struct json *json, char closing)
{
	if (json->failed)
		return false;
	if (peek(json) == closing) {
		json->at++;
		json->first = false;
		return false;
	}
	if (!json->first && !take(json, ','))
		return false;
	json->first = false;
	return true;
}

static int hex_digits(struct json *json)
{
	int value = 0;

	if (json->end - json->at < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		const char c = *json->at++;

		value <<= 4;
		if (c >= '0' && c <= '9')
			value |= c - '0';
		else if (c >= 'a' && c <= 'f')
			value |= c - 'a' + 10;
		else if (c >= 'A' && c <= 'F')
			value |= c - 'A' + 10;
		else
			return -1;
	}
	return value;
}

static char *put_utf8(char *to, unsigned int c)
{
	if (c < 0x80) {
		*to++ = (char)c;
	} else if (c < 0x800) {
		*to++ = (char)(0xc0 | c >> 6);
		*to++ = (char)(0x80 | (c & 0x3f));
	} else if (c < 0x10000) {
		*to++ = (char)(0xe0 | c >> 12);
		*to++ = (char)(0x80 | (c >> 6 & 0x3f));
		*to++ = (char)(0x80 | (c & 0x3f));
	} else {
		*to++ = (char)(0xf0 | c >> 18);
		*to++ = (char)(0x80 | (c >> 12 & 0x3f));
		*to++ = (char)(0x80 | (c >> 6 & 0x3f));
		*to++ = (char)(0x80 | (c & 0x3f));
	}
	return to;
}

/* Decodes the escape after a backslash; returns NULL when it is none. */
static char *put_escape(struct json *json, char *to)
{
	static const char from[] = "\"\\/bfnrt";
	static const char into[] = "\"\\/\b\f\n\r\t";

	if (json->at == json->end)
		return NULL;

	const char kind = *json->at++;

	if (kind != 'u') {
		const char *found = kind == '\0' ? NULL : strchr(from, kind);

		if (!found)
			return NULL;
		*to++ = into[found - from];
		return to;
	}

	int c = hex_digits(json);

	if (c >= 0xd800 && c < 0xdc00) {
		if (json->end - json->at < 2 || json->at[0] != '\\' || json->at[1] != 'u')
			return NULL;
		json->at += 2;

		const int low = hex_digits(json);

		if (low < 0xdc00 || low > 0xdfff)
			return NULL;
		c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
	} else if (c <= 0 || (c >= 0xdc00 && c <= 0xdfff)) {
		return NULL;
	}
	return put_utf8(to, (unsigned int)c);
}

/* The length of the UTF-8 sequence at the front, 0 when it is none (also too long forms, surrogates and beyond U+10FFFF). */
static size_t utf8_length(const unsigned char *at, size_t count)
{
	const unsigned char first = at[0];
	const size_t length = first < 0x80 ? 1 : first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3 :
			      first >= 0xf0 && first < 0xf5 ? 4 : 0;

	if (length == 0 || length > count)
		return 0;
	for (size_t i = 1; i < length; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	}
	if ((first == 0xe0 && at[1] < 0xa0) || (first == 0xed && at[1] >= 0xa0) || (first == 0xf0 && at[1] < 0x90) ||
	    (first == 0xf4 && at[1] >= 0x90))
		return 0;
	return length;
}

char *json_string(struct json *json)
{
	char *const start = json->strings;
	char *to = start;

	if (!take(json, '"'))
		return NULL;
	while (json->at < json->end) {
		const unsigned char c = (unsigned char)*json->at;

		if (c == '"') {
			json->at++;
			*to++ = '\0';
			json->strings = to;
			return start;
		}
		if (c < 0x20)
			break;
		if (c == '\\') {
			json->at++;
			to = put_escape(json, to);
			if (!to)
				break;
			continue;
		}

		const size_t length = utf8_length((const unsigned char *)json->at, (size_t)(json->end - json->at));

		if (length == 0)
			break;
		memcpy(to, json->at, length);
		to += length;
		json->at += length;
	}
	json->failed = true;
	return NULL;
}

char *json_key(struct json *json)
{
	char *key = json_string(json);

	return key && take(json, ':') ? key : NULL;
}

bool json_bool(struct json *json)
{
	if (take_word(json, "true"))
		return true;
	if (!take_word(json, "false"))
		json->failed = true;
	return false;
}

unsigned int json_number(struct json *json, unsigned int max)
{
	unsigned long value = 0;
	bool any = false;

	skip_space(json);
	while (!json->failed && json->at < json->end && *json->at >= '0' && *json->at <= '9' && value <= max) {
		value = value * 10 + (unsigned long)(*json->at++ - '0');
		any = true;
	}
	if (!any || value > max)
		json->failed = true;
	return json->failed ? 0 : (unsigned int)value;
}

static void skip_value(struct json *json, int depth)
{
	const char c = peek(json);

	if (depth > DEPTH_MAX) {
		json->failed = true;
	} else if (c == '"') {
		char *const strings = json->strings;

		json_string(json);
		json->strings = strings;
	} else if (c == '{' || c == '[') {
		const char closing = c == '{' ? '}' : ']';

		json_enter(json, c);
		while (json_next(json, closing)) {
			if (c == '{')
				json_key(json);
			skip_value(json, depth + 1);
		}
	} else if (!take_word(json, "true") && !take_word(json, "false") && !take_word(json, "null")) {
		const char *const start = json->at;

		while (json->at < json->end && memchr("+-.eE0123456789", *json->at, 15))
			json->at++;
		if (json->at == start)
			json->failed = true;
	}
}

void json_skip(struct json *json)
{
	skip_value(json, 0);
}

bool json_done(struct json *json)
{
	skip_space(json);
	return !json->failed && json->at == json->end;
}

size_t json_quote(char *to, size_t size, const char *text)
{
	static const char hex[] = "0123456789abcdef";
	size_t used = 0;

	if (size < 3)
		return 0;
	to[used++] = '"';
	while (*text != '\0') {
		const unsigned char c = (unsigned char)*text;
		const size_t length = utf8_length((const unsigned char *)text, strlen(text));

		/* 6: the longest escape; 2: quote and NUL behind it */
		if (used + 6 + 2 > size)
			break;
		if (c == '"' || c == '\\') {
			to[used++] = '\\';
			to[used++] = (char)c;
			text++;
		} else if (c < 0x20 || length == 0) {
			memcpy(to + used, "\\u00", 4);
			to[used + 4] = hex[c >> 4];
			to[used + 5] = hex[c & 15];
			used += 6;
			text++;
		} else {
			memcpy(to + used, text, length);
			used += length;
			text += length;
		}
	}
	to[used++] = '"';
	to[used] = '\0';
	return used;
}
