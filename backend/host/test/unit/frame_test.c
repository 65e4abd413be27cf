/* SPDX-License-Identifier: Apache-2.0 */
#include "../../src/frame.h"

#include <string.h>

#include "check.h"

#define PAYLOAD 5000
#define MSS 1448

static void put16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static unsigned get16(const uint8_t *at)
{
	return (unsigned)(at[0] << 8 | at[1]);
}

static unsigned long get32(const uint8_t *at)
{
	return (unsigned long)get16(at) << 16 | get16(at + 2);
}

/* The receiver's way to check, written apart from the code under test: big-endian words, a correct sum gives 0xffff. */
static unsigned sum(const uint8_t *bytes, size_t size, unsigned long start)
{
	for (size_t i = 0; i < size; i++)
		start += i % 2 ? bytes[i] : (unsigned)bytes[i] << 8;
	while (start >> 16)
		start = (start & 0xffff) + (start >> 16);
	return (unsigned)start;
}

/* An Ethernet frame with `vlan` tag or without, IPv4 or IPv6, a TCP header with options and PAYLOAD bytes. */
static size_t make_tcp(uint8_t *frame, struct frame_vnet *vnet, bool v6, bool vlan)
{
	size_t ip = vlan ? 18 : 14, tcp = ip + (v6 ? 40 : 20), size = tcp + 32 + PAYLOAD;

	memset(frame, 0, size);
	if (vlan)
		put16(frame + 12, 0x8100);
	put16(frame + ip - 2, v6 ? 0x86dd : 0x0800);
	if (v6) {
		frame[ip] = 0x60;
		put16(frame + ip + 4, (unsigned)(size - tcp));
		frame[ip + 6] = 6;
		for (unsigned i = 0; i < 32; i++)
			frame[ip + 8 + i] = (uint8_t)(i * 7);
	} else {
		frame[ip] = 0x45;
		put16(frame + ip + 2, (unsigned)(size - ip));
		put16(frame + ip + 4, 0xfffe); /* identification wraps */
		frame[ip + 8] = 64;
		frame[ip + 9] = 6;
		for (unsigned i = 0; i < 8; i++)
			frame[ip + 12 + i] = (uint8_t)(10 + i);
	}
	put16(frame + tcp + 4, 0xffff); /* sequence number wraps */
	put16(frame + tcp + 6, 0xf000);
	frame[tcp + 12] = 8 << 4;
	frame[tcp + 13] = 0x10 | 0x08 | 0x01 | 0x80; /* ACK PSH FIN CWR */
	for (unsigned i = 0; i < PAYLOAD; i++)
		frame[tcp + 32 + i] = (uint8_t)(i * 31 + i / 256);
	*vnet = (struct frame_vnet){ .flags = FRAME_VNET_NEEDS_CSUM, .gso_type = v6 ? FRAME_GSO_TCPV6 : FRAME_GSO_TCPV4,
				     .hdr_len = (uint16_t)(tcp + 32), .gso_size = MSS, .csum_start = (uint16_t)tcp, .csum_offset = 16 };
	return size;
}

static void check_segments(bool v6, bool vlan)
{
	static uint8_t frame[FRAME_MAX], out[FRAME_MAX];
	struct frame_vnet vnet;
	struct frame_walk walk;
	size_t size = make_tcp(frame, &vnet, v6, vlan), ip = vlan ? 18 : 14, tcp = vnet.csum_start, part, done = 0;
	unsigned count = 0;

	CHECK(frame_walk_start(&walk, &vnet, frame, size));
	while ((part = frame_walk_size(&walk))) {
		size_t data = part - tcp - 32;
		bool last = done + data == PAYLOAD;
		unsigned long pseudo = 6 + part - tcp;

		memset(out, 0xaa, sizeof(out));
		frame_walk_next(&walk, out);
		CHECK_EQUAL(last ? PAYLOAD - 3 * MSS : MSS, data);
		CHECK(!memcmp(out + tcp + 32, frame + tcp + 32 + done, data));
		CHECK_EQUAL(0xaa, out[part]);
		CHECK_EQUAL((0xfffff000ul + done) & 0xffffffff, get32(out + tcp + 4));
		CHECK_EQUAL(last, out[tcp + 13] >> 3 & 1);
		CHECK_EQUAL(last, out[tcp + 13] & 1);
		CHECK_EQUAL(count == 0, out[tcp + 13] >> 7);
		if (v6) {
			CHECK_EQUAL(part - tcp, get16(out + ip + 4));
			CHECK_EQUAL(0xffff, sum(out + tcp, part - tcp, sum(out + ip + 8, 32, pseudo)));
		} else {
			CHECK_EQUAL(part - ip, get16(out + ip + 2));
			CHECK_EQUAL((0xfffe + count) & 0xffff, get16(out + ip + 4));
			CHECK_EQUAL(0xffff, sum(out + ip, 20, 0));
			CHECK_EQUAL(0xffff, sum(out + tcp, part - tcp, sum(out + ip + 12, 8, pseudo)));
		}
		done += data;
		count++;
	}
	CHECK_EQUAL(4, count);
	CHECK_EQUAL(PAYLOAD, done);
}

static void large_tcp_frames_become_correct_segments(void)
{
	check_segments(false, false);
	check_segments(true, false);
	check_segments(false, true);
	check_segments(true, true);
}

static void a_partial_checksum_is_completed(void)
{
	/* UDP over IPv4: the sum field holds the pseudo header's sum, as a kernel leaves it; odd length. */
	uint8_t frame[14 + 20 + 8 + 5] = { 0 }, out[sizeof(frame)];
	struct frame_vnet vnet = { .flags = FRAME_VNET_NEEDS_CSUM, .csum_start = 34, .csum_offset = 6 };
	struct frame_walk walk;

	memset(frame + 26, 7, 8);
	put16(frame + 38, 13);
	memcpy(frame + 42, "abcde", 5);
	put16(frame + 40, sum(frame + 26, 8, 17 + 13));
	CHECK(frame_walk_start(&walk, &vnet, frame, sizeof(frame)));
	CHECK_EQUAL(sizeof(frame), frame_walk_size(&walk));
	frame_walk_next(&walk, out);
	CHECK_EQUAL(0, frame_walk_size(&walk));
	CHECK_EQUAL(0xffff, sum(out + 34, 13, sum(out + 26, 8, 17 + 13)));
}

static void a_plain_frame_stays_as_it_is(void)
{
	uint8_t frame[60] = { 1, 2, 3 }, out[60];
	struct frame_vnet vnet = { 0 };
	struct frame_walk walk;

	CHECK(frame_walk_start(&walk, &vnet, frame, sizeof(frame)));
	CHECK_EQUAL(60, frame_walk_size(&walk));
	frame_walk_next(&walk, out);
	CHECK(!memcmp(frame, out, sizeof(frame)));
	CHECK_EQUAL(0, frame_walk_size(&walk));
}

/* A guest may write anything into headers: whatever is accepted must be walked within bounds (the sanitizers watch) and end. */
static void hostile_headers_are_refused_or_harmless(void)
{
	uint32_t random = 1;
	unsigned accepted = 0;

	for (unsigned round = 0; round < 200000; round++) {
		struct frame_vnet vnet;
		struct frame_walk walk;
		uint8_t *frame = malloc(FRAME_MAX), *exact;
		size_t size = make_tcp(frame, &vnet, round & 1, round >> 1 & 1), part;
		unsigned changes = 1 + round % 4;

		while (changes--) {
			random = random * 1664525 + 1013904223;
			if (random >> 30 == 0)
				((uint8_t *)&vnet)[random >> 8 & 7] = (uint8_t)(random >> 20);
			else if (random >> 30 == 1)
				size = (random >> 8) % 5100;
			else
				frame[(random >> 8) % 90] = (uint8_t)(random >> 20);
		}
		exact = malloc(size ? size : 1);
		memcpy(exact, frame, size);
		free(frame);
		if (frame_walk_start(&walk, &vnet, exact, size)) {
			unsigned count = 0;

			accepted++;
			while ((part = frame_walk_size(&walk))) {
				uint8_t *out = malloc(part);

				frame_walk_next(&walk, out);
				free(out);
				CHECK(++count < 2000);
			}
		}
		free(exact);
		if (round > 20000 && accepted > 5000)
			break;
	}
	CHECK(accepted > 1000);
}

int main(void)
{
	RUN(large_tcp_frames_become_correct_segments);
	RUN(a_partial_checksum_is_completed);
	RUN(a_plain_frame_stays_as_it_is);
	RUN(hostile_headers_are_refused_or_harmless);
	return 0;
}
