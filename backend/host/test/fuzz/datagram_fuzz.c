/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Datagrams of a link. The input is a list of `u8 what | u16 size | bytes`: sealed as the peer would have (so that everything behind the seal is reached), with some of
 * the header and of the ciphertext changed, or just as they are.
 */
#define _GNU_SOURCE
#include "../../src/link_receive.c"
#include "fuzz.h"

#define KEY "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

static struct links *links;
static struct seal_key peer;
static int guest;
/* Frames stay where they came until they are given to the guest. */
static uint8_t arena[2 << 20];
static size_t arena_used;

static void set_up(void)
{
	static const bool offload = false;
	static struct loop *loop;
	json_t *json = json_pack("{s:s,s:s,s:s,s:s,s:[s]}", "link", "l", "key", KEY, "side", "a", "cipher", "chacha20", "peers", "127.0.0.1:9");
	uint8_t secret[SEAL_KEY_SIZE], key[SEAL_KEY_SIZE];
	char error[300];
	int pair[2];

	loop = loop_create();
	MUST(loop && !socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, pair));
	guest = pair[1];
	links = links_create(loop, 1, &pair[0], &offload, error, sizeof(error));
	MUST(links && json && !links_set(links, 0, json, error, sizeof(error)));
	json_decref(json);
	for (unsigned i = 0; i < sizeof(secret); i++)
		secret[i] = (uint8_t)i;
	seal_derive(key, secret, "datab");
	seal_key_set(&peer, SEAL_CHACHA20, key);
}

static void feed(uint8_t what, const uint8_t *bytes, size_t size)
{
	static uint64_t counter = 1;
	struct udp_address from;
	uint8_t *datagram = arena + arena_used, ad[HEADER_SIZE - 1];
	size_t length = size;

	udp_address_parse(what & 1 ? "127.0.0.1:9" : "127.0.0.2:10", &from);
	if (what & 2) {
		memcpy(datagram, bytes, size);
	} else {
		datagram[0] = what & 4 ? KIND_DATA : what & 8 ? KIND_KEEPALIVE : what;
		datagram[1] = what & 16 ? FLAG_PASSED_ON : 0;
		little_put(datagram + 2, what & 32 ? what : 0, 2);
		little_put(datagram + 4, links->links[0].number_here, 4);
		/* Gaps and steps back as well: fragments of one frame are told by their counters. */
		counter += what & 64 ? 300 : 1;
		little_put(datagram + 8, what & 128 ? counter - 5 : counter, 8);
		header_ad(datagram, ad);
		seal_encrypt(&peer, little_get(datagram + 8, 8), ad, sizeof(ad), bytes, size, datagram + HEADER_SIZE);
		length = HEADER_SIZE + size + SEAL_TAG_SIZE;
	}
	arena_used += length;
	receive_datagram(links, &from, datagram, length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t frame[CARRIED_MAX];

	if (!links)
		set_up();
	arena_used = 0;
	while (size > 3 && arena_used < sizeof(arena) - 70000) {
		uint8_t what = (uint8_t)fuzz_number(&data, &size, 1);
		size_t part = fuzz_number(&data, &size, 2);

		part = part < size ? part : size;
		feed(what, data, part);
		data += part;
		size -= part;
	}
	links_flush_to_guest(links);
	links_settle(links);
	/* What comes out are frames that a NIC without offload may get. */
	for (ssize_t got; (got = recv(guest, frame, sizeof(frame), MSG_DONTWAIT)) >= 0;)
		MUST(got >= FRAME_MIN && got <= FRAME_MAX);
	return 0;
}
