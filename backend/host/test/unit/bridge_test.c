/* SPDX-License-Identifier: Apache-2.0 */
/* A switch between real sockets: what goes in at one end and comes out at which others. */
#define _GNU_SOURCE
#include "../../src/bridge.h"

#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "../../src/frame.h"
#include "check.h"

#define PORTS 4
#define AGEING_US 300000

static const uint8_t everyone[6] = { 255, 255, 255, 255, 255, 255 };

struct net {
	struct loop *loop;
	struct bridge *bridge;
	int ours[PORTS], theirs[PORTS];
	bool offload;
};

static void stop(void *arg)
{
	loop_stop(arg);
}

static void run_ms(struct net *net, unsigned ms)
{
	/* The rounds at the end let through what had come while a busy host held us up. */
	for (unsigned round = 0; round < 3; round++) {
		struct loop_timer timer;
		struct timespec now;

		clock_gettime(CLOCK_MONOTONIC, &now);
		loop_timer_init(&timer, stop, net->loop);
		loop_timer_set(net->loop, &timer, (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000 + (round ? 1000u : ms * 1000u));
		CHECK(!loop_run(net->loop));
		loop_timer_cancel(net->loop, &timer);
	}
}

static void open_net(struct net *net, const uint16_t vlans[PORTS], bool offload)
{
	net->loop = loop_create();
	net->offload = offload;
	CHECK(net->loop);
	for (int i = 0; i < PORTS; i++) {
		int pair[2], size = 4 << 20;

		CHECK(!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair));
		setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
		setsockopt(pair[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
		net->ours[i] = pair[0];
		net->theirs[i] = pair[1];
	}
	net->bridge = bridge_create(net->loop, PORTS, net->ours, vlans, offload, AGEING_US);
	CHECK(net->bridge);
}

static void close_net(struct net *net)
{
	bridge_destroy(net->bridge);
	loop_destroy(net->loop);
	for (int i = 0; i < PORTS; i++) {
		close(net->ours[i]);
		close(net->theirs[i]);
	}
}

static void address(uint8_t mac[6], uint8_t last)
{
	const uint8_t made[6] = { 2, 0, 0, 0, 0, last };

	memcpy(mac, made, 6);
}

/* vlan 0: no tag. Returns the size. */
static size_t make(uint8_t *frame, const uint8_t to[6], uint8_t from, uint16_t tag, size_t payload)
{
	size_t at = 12;

	memcpy(frame, to, 6);
	address(frame + 6, from);
	if (tag) {
		frame[at++] = 0x81;
		frame[at++] = 0;
		frame[at++] = (uint8_t)(tag >> 8);
		frame[at++] = (uint8_t)tag;
	}
	frame[at++] = 0x88;
	frame[at++] = 0xb5;
	for (size_t i = 0; i < payload; i++)
		frame[at++] = (uint8_t)(i * 3 + from);
	return at;
}

static void put(struct net *net, int port, const uint8_t *frame, size_t size)
{
	static uint8_t message[FRAME_VNET_SIZE + FRAME_MAX];
	size_t header = net->offload ? FRAME_VNET_SIZE : 0;

	memset(message, 0, header);
	memcpy(message + header, frame, size);
	CHECK_EQUAL(header + size, send(net->theirs[port], message, header + size, 0));
}

/* Size of the frame that came out there, 0: none. */
static size_t get(struct net *net, int port, uint8_t *frame)
{
	static uint8_t message[FRAME_VNET_SIZE + FRAME_MAX];
	size_t header = net->offload ? FRAME_VNET_SIZE : 0;
	ssize_t size = recv(net->theirs[port], message, sizeof(message), 0);

	if (size < 0)
		return 0;
	memcpy(frame, message + header, (size_t)size - header);
	return (size_t)size - header;
}

/* Sends at `port`; the frame must come out, as `wanted`, at exactly the ports of the mask. */
static void expect(struct net *net, int port, const uint8_t *frame, size_t size, unsigned mask, const uint8_t *wanted, size_t wanted_size)
{
	static uint8_t got[FRAME_MAX];

	put(net, port, frame, size);
	run_ms(net, 3);
	for (int i = 0; i < PORTS; i++) {
		size_t came = get(net, i, got);

		CHECK_EQUAL(mask >> i & 1 ? wanted_size : 0, came);
		CHECK(!came || !memcmp(got, wanted, came));
		CHECK_EQUAL(0, get(net, i, got));
	}
}

static void addresses_are_learned_and_age(void)
{
	static const uint16_t trunks[PORTS];
	uint8_t frame[200], a[6], b[6];
	struct net net;
	size_t size;

	address(a, 1);
	address(b, 2);
	open_net(&net, trunks, false);
	size = make(frame, b, 1, 0, 60);
	expect(&net, 0, frame, size, 0xe, frame, size); /* nobody knows where b is */
	size = make(frame, a, 2, 0, 60);
	expect(&net, 1, frame, size, 0x1, frame, size);
	size = make(frame, b, 1, 0, 60);
	expect(&net, 0, frame, size, 0x2, frame, size);
	size = make(frame, everyone, 1, 0, 60);
	expect(&net, 0, frame, size, 0xe, frame, size);
	CHECK_EQUAL(2, bridge_learned(net.bridge));
	/* b moves to another port and is found there with its first frame. */
	size = make(frame, a, 2, 0, 60);
	expect(&net, 3, frame, size, 0x1, frame, size);
	size = make(frame, b, 1, 0, 60);
	expect(&net, 0, frame, size, 0x8, frame, size);
	/* A frame to somebody on the same side goes nowhere. */
	size = make(frame, a, 9, 0, 60);
	expect(&net, 0, frame, size, 0x0, frame, size);
	CHECK_EQUAL(3, bridge_learned(net.bridge));
	run_ms(&net, AGEING_US / 1000 + 20);
	CHECK_EQUAL(0, bridge_learned(net.bridge));
	size = make(frame, b, 1, 0, 60);
	expect(&net, 0, frame, size, 0xe, frame, size);
	close_net(&net);
}

/* Ports 0 and 1 in VLAN 10, port 2 in VLAN 20, port 3 a trunk. */
static void vlans_are_kept_apart(bool offload)
{
	static const uint16_t vlans[PORTS] = { 10, 10, 20, 0 };
	uint8_t plain[200], tagged[200], a[6], b[6];
	size_t plain_size, tagged_size;
	struct net net;

	address(a, 1);
	address(b, 2);
	open_net(&net, vlans, offload);
	/* To all of VLAN 10, and with a tag to the trunk. */
	plain_size = make(plain, everyone, 1, 0, 60);
	tagged_size = make(tagged, everyone, 1, 10, 60);
	put(&net, 0, plain, plain_size);
	run_ms(&net, 3);
	CHECK_EQUAL(plain_size, get(&net, 1, plain));
	CHECK_EQUAL(0, get(&net, 2, plain));
	CHECK_EQUAL(tagged_size, get(&net, 3, plain));
	CHECK(!memcmp(plain, tagged, tagged_size));
	/* Back from the trunk: the tag is taken off; its priority is kept the other way only. */
	plain_size = make(plain, a, 2, 0, 60);
	tagged_size = make(tagged, a, 2, 10 | 0xe000, 60);
	expect(&net, 3, tagged, tagged_size, 0x1, plain, plain_size);
	/* The same address in VLAN 20 is another one. */
	plain_size = make(plain, b, 1, 0, 60);
	tagged_size = make(tagged, b, 1, 20, 60);
	expect(&net, 2, plain, plain_size, 0x8, tagged, tagged_size);
	plain_size = make(plain, b, 1, 0, 60);
	tagged_size = make(tagged, b, 1, 10, 60);
	expect(&net, 0, plain, plain_size, 0x8, tagged, tagged_size);
	/* No tags at access ports but the priority tag; VLANs that nobody is in; nonsense. */
	tagged_size = make(tagged, everyone, 1, 10, 60);
	expect(&net, 0, tagged, tagged_size, 0x0, tagged, tagged_size);
	plain_size = make(plain, everyone, 1, 0, 60);
	tagged_size = make(tagged, everyone, 1, 0xe000, 60);
	put(&net, 0, tagged, tagged_size);
	run_ms(&net, 3);
	CHECK_EQUAL(plain_size, get(&net, 1, tagged));
	CHECK(!memcmp(plain, tagged, plain_size));
	CHECK_EQUAL(tagged_size = plain_size + 4, get(&net, 3, tagged));
	CHECK_EQUAL(0xe0, tagged[14]);
	CHECK_EQUAL(10, tagged[15]);
	tagged_size = make(tagged, everyone, 1, 30, 60);
	expect(&net, 3, tagged, tagged_size, 0x0, tagged, tagged_size);
	tagged_size = make(tagged, everyone, 1, 4095, 60);
	expect(&net, 3, tagged, tagged_size, 0x0, tagged, tagged_size);
	expect(&net, 3, tagged, 16, 0x0, tagged, 16);
	/* Without a tag the trunk is in VLAN 1, where nobody else is. */
	plain_size = make(plain, everyone, 1, 0, 60);
	expect(&net, 3, plain, plain_size, 0x0, plain, plain_size);
	close_net(&net);
}

static void vlans_are_kept_apart_with_and_without_offload(void)
{
	vlans_are_kept_apart(false);
	vlans_are_kept_apart(true);
}

/* What the header asks for still lies where it says when a tag was put before it. */
static void offsets_move_with_the_tag(void)
{
	static const uint16_t vlans[PORTS] = { 10, 0, 20, 20 };
	static uint8_t message[FRAME_VNET_SIZE + 5000], got[FRAME_VNET_SIZE + 6000];
	struct frame_vnet vnet = { .flags = FRAME_VNET_NEEDS_CSUM, .gso_type = FRAME_GSO_TCPV4, .hdr_len = 54, .gso_size = 1460, .csum_start = 34, .csum_offset = 16 };
	struct net net;
	size_t size = make(message + FRAME_VNET_SIZE, everyone, 1, 0, 4000) + FRAME_VNET_SIZE;

	open_net(&net, vlans, true);
	memcpy(message, &vnet, sizeof(vnet));
	CHECK_EQUAL(size, send(net.theirs[0], message, size, 0));
	run_ms(&net, 3);
	CHECK_EQUAL(size + 4, recv(net.theirs[1], got, sizeof(got), 0));
	memcpy(&vnet, got, sizeof(vnet));
	CHECK_EQUAL(38, vnet.csum_start);
	CHECK_EQUAL(58, vnet.hdr_len);
	CHECK_EQUAL(16, vnet.csum_offset);
	CHECK(!memcmp(got + FRAME_VNET_SIZE + 16, message + FRAME_VNET_SIZE + 12, size - FRAME_VNET_SIZE - 12));
	close_net(&net);
}

static void frames_of_one_link_are_not_passed_on(void)
{
	static const uint16_t trunks[PORTS];
	const uint8_t bridges[6] = { 1, 0x80, 0xc2, 0, 0, 0 };
	uint8_t frame[200];
	struct net net;
	size_t size = make(frame, bridges, 1, 0, 60);

	open_net(&net, trunks, false);
	expect(&net, 0, frame, size, 0x0, frame, size);
	CHECK_EQUAL(1, bridge_dropped(net.bridge));
	close_net(&net);
}

static void a_flood_of_false_addresses_leaves_the_switch_working(void)
{
	static const uint16_t trunks[PORTS];
	uint8_t frame[200], a[6];
	struct net net;
	size_t size;

	address(a, 1);
	open_net(&net, trunks, false);
	for (unsigned i = 0; i < 20000; i++) {
		uint8_t waste[200];

		size = make(frame, a, 7, 0, 60);
		for (unsigned k = 7; k < 12; k++)
			frame[k] = (uint8_t)(i * 2654435761u >> (k - 6) * 4);
		put(&net, 1, frame, size);
		if (i % 60 == 59) {
			run_ms(&net, 1);
			for (int port = 0; port < PORTS; port++)
				while (get(&net, port, waste))
					;
		}
	}
	CHECK(bridge_learned(net.bridge) <= 4096);
	/* Two who talk to each other find each other. */
	size = make(frame, everyone, 1, 0, 60);
	put(&net, 0, frame, size);
	run_ms(&net, 3);
	for (int port = 0; port < PORTS; port++)
		while (get(&net, port, frame))
			;
	size = make(frame, a, 2, 0, 60);
	expect(&net, 2, frame, size, 0x1, frame, size);
	close_net(&net);
}

/* Two ports of the switch are joined outside it, as a ring of switches would: what is flooded goes round, but not faster than it may. */
static void flooding_is_limited(void)
{
	static const uint16_t trunks[PORTS];
	uint8_t frame[200], got[200];
	struct net net;
	size_t size = make(frame, everyone, 1, 0, 60);
	unsigned sent = 0, came = 0;
	struct timespec begun, now;

	open_net(&net, trunks, false);
	clock_gettime(CLOCK_MONOTONIC, &begun);
	for (unsigned round = 0; round < 300; round++) {
		for (unsigned i = 0; i < 200; i++, sent++)
			put(&net, 0, frame, size);
		run_ms(&net, 1);
		while (get(&net, 1, got))
			came++;
		while (get(&net, 2, got) || get(&net, 3, got))
			;
	}
	clock_gettime(CLOCK_MONOTONIC, &now);
	/* 2000 at once and 20000 a second. */
	CHECK_BETWEEN(2000, 2000 + 20000 * ((double)(now.tv_sec - begun.tv_sec) + (double)(now.tv_nsec - begun.tv_nsec) / 1e9), came);
	CHECK(came == sent || bridge_dropped(net.bridge) > 0);
	close_net(&net);
}

int main(void)
{
	RUN(addresses_are_learned_and_age);
	RUN(vlans_are_kept_apart_with_and_without_offload);
	RUN(offsets_move_with_the_tag);
	RUN(frames_of_one_link_are_not_passed_on);
	RUN(a_flood_of_false_addresses_leaves_the_switch_working);
	RUN(flooding_is_limited);
	return 0;
}
