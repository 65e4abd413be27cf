/* SPDX-License-Identifier: Apache-2.0 */
/* Frames into a switch whose ports are a trunk and access ports: `u8 port | u16 size | header and frame` after each other. */
#include "../../src/bridge.c"
#include "fuzz.h"

#include "../../src/frame.h"

#define PORTS 4

static struct bridge *fuzzed;
static int guests[PORTS];

static void set_up(void)
{
	static const uint16_t vlans[PORTS] = { 0, 0, 1, 10 };
	struct loop *loop = loop_create();
	int ours[PORTS];

	for (unsigned i = 0; i < PORTS; i++) {
		int pair[2];

		MUST(!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, pair));
		ours[i] = pair[0];
		guests[i] = pair[1];
	}
	fuzzed = bridge_create(loop, PORTS, ours, vlans, true, 1000);
	MUST(fuzzed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t message[FRAME_VNET_SIZE + FRAME_MAX];

	if (!fuzzed)
		set_up();
	while (size > 3) {
		unsigned port = (unsigned)fuzz_number(&data, &size, 1) % PORTS;
		size_t part = fuzz_number(&data, &size, 2);

		part = part < size ? part : size;
		if (part && send(guests[port], data, part, MSG_DONTWAIT) == (ssize_t)part)
			port_ready(&fuzzed->ports[port], 0);
		data += part;
		size -= part;
	}
	for (unsigned i = 0; i < PORTS; i++)
		for (ssize_t got; (got = recv(guests[i], message, sizeof(message), MSG_DONTWAIT)) >= 0;)
			MUST(got >= (ssize_t)(FRAME_VNET_SIZE + FRAME_MIN));
	return 0;
}
