/* SPDX-License-Identifier: Apache-2.0 */
/* The links of a migrated VM: `JSON | zero byte | frames on their way`. Whatever was taken over can be used, and exported again. */
#define _GNU_SOURCE
#include "../../src/link.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const bool offload[2] = { true, false };
	static struct loop *loop;
	static int nics[2], guests[2];
	const uint8_t *end = memchr(data, 0, size);
	size_t text = end ? (size_t)(end - data) : size, blob_size;
	json_t *state = json_loadb((const char *)data, text, JSON_DECODE_ANY, NULL), *again;
	uint8_t waste[8], *blob;
	struct links *links;
	char error[400];

	if (!state)
		return 0;
	if (!loop) {
		loop = loop_create();
		for (int i = 0; i < 2; i++) {
			int pair[2];

			MUST(!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, pair));
			nics[i] = pair[0];
			guests[i] = pair[1];
		}
	}
	links = links_create(loop, 2, nics, offload, error, sizeof(error));
	MUST(links);
	links_pause(links);
	if (links_import(links, state, end ? end + 1 : NULL, end ? size - text - 1 : 0, error, sizeof(error)) == 0)
		links_resume(links);
	links_pause(links);
	again = links_export(links, guests, &blob, &blob_size);
	MUST(again);
	json_decref(again);
	free(blob);
	json_decref(state);
	links_destroy(links);
	for (int i = 0; i < 2; i++)
		while (recv(guests[i], waste, sizeof(waste), MSG_DONTWAIT) >= 0)
			;
	return 0;
}
