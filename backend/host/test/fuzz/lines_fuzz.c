/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of JSON from a client, all at once. Each object must be one, each complaint a sentence, and the end must be told once. */
#define _GNU_SOURCE
#include "../../src/lines.h"
#include "fuzz.h"

static struct loop *loop;
static unsigned ends;

static void object(void *arg, json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT);

	(void)arg;
	MUST(json_is_object(value));
	free(text);
}

static void invalid(void *arg, const char *sentence)
{
	(void)arg;
	MUST(strlen(sentence) > 10);
}

static void ended(void *arg)
{
	(void)arg;
	ends++;
	loop_stop(loop);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct lines_handler handler = { .object = object, .invalid = invalid, .ended = ended };
	struct lines *lines;
	int pair[2], room = 4 << 20;

	if (!loop)
		loop = loop_create();
	MUST(loop && !socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	setsockopt(pair[1], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	lines = lines_create(loop, pair[0], pair[0], 65536, &handler, NULL);
	MUST(lines);
	if (size)
		MUST(send(pair[1], data, size, MSG_NOSIGNAL) == (ssize_t)size);
	close(pair[1]);
	ends = 0;
	loop_run(loop);
	MUST(ends == 1);
	lines_destroy(lines);
	return 0;
}
