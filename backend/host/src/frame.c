/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Theory. A guest's NIC with offload hands over frames whose TCP or UDP checksum
 * holds just the pseudo header's sum (NEEDS_CSUM), and TCP frames of up to 64 KiB
 * that stand for many segments (gso). Between two such guests they travel as
 * they are, which saves both guests most of the work. Where the other side has
 * no offload, or an impairment must see single segments, this file does what a
 * network card would: RFC 1071 sums, and for each segment the IPv4 length,
 * identification and header sum or the IPv6 length, the TCP sequence number,
 * flags (FIN and PSH on the last one only, CWR on the first only) and sum.
 *
 * All offsets come from the guest, so each is checked against the frame's size
 * before use. A guest that lies spoils its own frames only.
 */
#include "frame.h"

#include <string.h>

#define ETH_HEADER 14
#define ETHERTYPE_VLAN 0x8100
#define ETHERTYPE_QINQ 0x88a8
#define ETHERTYPE_IPV4 0x0800
#define ETHERTYPE_IPV6 0x86dd
#define IPPROTO_TCP_NUMBER 6
#define SEGMENT_MIN 48 /* no real MSS is smaller; fewer bytes would turn one frame into thousands */
#define TCP_CSUM 16
#define TCP_FLAGS 13
#define TCP_FIN 0x01
#define TCP_PSH 0x08
#define TCP_CWR 0x80

static uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

static void put16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void put32(uint8_t *p, uint32_t v)
{
	put16(p, (uint16_t)(v >> 16));
	put16(p + 2, (uint16_t)v);
}

/* Sum of 16-bit words in the host's byte order: RFC 1071 allows that, the result is swapped once. */
static uint64_t sum_words(const uint8_t *p, size_t size)
{
	uint64_t sum = 0;

	for (; size >= 4; p += 4, size -= 4) {
		uint32_t w;

		memcpy(&w, p, 4);
		sum += w;
	}
	if (size >= 2) {
		uint16_t w;

		memcpy(&w, p, 2);
		sum += w;
		p += 2;
		size -= 2;
	}
	if (size) {
		uint16_t w = 0;

		memcpy(&w, p, 1);
		sum += w;
	}
	return sum;
}

static uint16_t fold(uint64_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

/* Stores the complement of a sum in host byte order, as it lies in memory. */
static void put_sum(uint8_t *p, uint64_t sum)
{
	uint16_t value = (uint16_t)~fold(sum);

	memcpy(p, &value, 2);
}

static bool find_ip(const uint8_t *frame, size_t size, size_t *ip, uint16_t *type)
{
	size_t at = ETH_HEADER - 2;

	for (unsigned tags = 0; tags < 3; tags++) {
		if (at + 2 > size)
			return false;
		*type = get16(frame + at);
		if (*type != ETHERTYPE_VLAN && *type != ETHERTYPE_QINQ) {
			*ip = at + 2;
			return true;
		}
		at += 4;
	}
	return false;
}

static bool start_segmenting(struct frame_walk *walk)
{
	const uint8_t *frame = walk->frame;
	unsigned gso = walk->vnet.gso_type & (unsigned)~FRAME_GSO_ECN;
	size_t tcp = walk->vnet.csum_start, tcp_size;
	uint16_t type;

	if (!(walk->vnet.flags & FRAME_VNET_NEEDS_CSUM) || walk->vnet.csum_offset != TCP_CSUM)
		return false;
	if (walk->vnet.gso_size < SEGMENT_MIN || (gso != FRAME_GSO_TCPV4 && gso != FRAME_GSO_TCPV6))
		return false;
	walk->v6 = gso == FRAME_GSO_TCPV6;
	if (!find_ip(frame, walk->size, &walk->ip, &type))
		return false;
	if (type != (walk->v6 ? ETHERTYPE_IPV6 : ETHERTYPE_IPV4))
		return false;
	if (tcp < walk->ip + (walk->v6 ? 40 : 20) || tcp + 20 > walk->size)
		return false;
	if (!walk->v6) {
		size_t ihl = (size_t)(frame[walk->ip] & 15) * 4;

		if (frame[walk->ip] >> 4 != 4 || walk->ip + ihl != tcp ||
		    frame[walk->ip + 9] != IPPROTO_TCP_NUMBER)
			return false;
	} else if (frame[walk->ip] >> 4 != 6) {
		return false;
	}
	tcp_size = (size_t)(frame[tcp + 12] >> 4) * 4;
	if (tcp_size < 20 || tcp + tcp_size > walk->size)
		return false;
	walk->headers = tcp + tcp_size;
	walk->segmenting = true;
	return true;
}

bool frame_walk_start(struct frame_walk *walk, const struct frame_vnet *vnet, const uint8_t *frame,
		      size_t size)
{
	memset(walk, 0, sizeof(*walk));
	walk->frame = frame;
	walk->size = size;
	walk->vnet = *vnet;
	if (size < FRAME_MIN || size > FRAME_MAX)
		return false;
	if (vnet->gso_type != FRAME_GSO_NONE)
		return start_segmenting(walk);
	if (vnet->flags & FRAME_VNET_NEEDS_CSUM)
		return vnet->csum_start >= ETH_HEADER &&
		       (size_t)vnet->csum_start + vnet->csum_offset + 2 <= size;
	return true;
}

size_t frame_walk_size(const struct frame_walk *walk)
{
	size_t payload;

	if (walk->done)
		return 0;
	if (!walk->segmenting)
		return walk->size;
	payload = walk->size - walk->headers - walk->next;
	return walk->headers + (payload < walk->vnet.gso_size ? payload : walk->vnet.gso_size);
}

/* A finished UDP sum of 0 would mean "none": it is sent as its equal 0xffff (RFC 768). */
static void finish_whole(struct frame_walk *walk, uint8_t *out)
{
	size_t start = walk->vnet.csum_start, at = start + walk->vnet.csum_offset;

	memcpy(out, walk->frame, walk->size);
	if (walk->vnet.flags & FRAME_VNET_NEEDS_CSUM) {
		put_sum(out + at, sum_words(out + start, walk->size - start));
		if (walk->vnet.csum_offset == 6 && !out[at] && !out[at + 1])
			memset(out + at, 0xff, 2);
	}
	walk->done = true;
}

static void finish_segment(struct frame_walk *walk, uint8_t *out, size_t size)
{
	size_t tcp = walk->vnet.csum_start, length = size - tcp;
	uint8_t *ip = out + walk->ip, pseudo[4] = { 0, IPPROTO_TCP_NUMBER, 0, 0 };
	bool last = walk->headers + walk->next + (size - walk->headers) == walk->size;
	uint64_t sum;

	memcpy(out, walk->frame, walk->headers);
	memcpy(out + walk->headers, walk->frame + walk->headers + walk->next, size - walk->headers);
	put32(out + tcp + 4, get32(out + tcp + 4) + (uint32_t)walk->next);
	if (!last)
		out[tcp + TCP_FLAGS] &= (uint8_t)~(TCP_FIN | TCP_PSH);
	if (walk->index)
		out[tcp + TCP_FLAGS] &= (uint8_t)~TCP_CWR;
	if (walk->v6) {
		put16(ip + 4, (uint16_t)(size - walk->ip - 40));
		sum = sum_words(ip + 8, 32);
	} else {
		put16(ip + 2, (uint16_t)(size - walk->ip));
		put16(ip + 4, (uint16_t)(get16(ip + 4) + walk->index));
		memset(ip + 10, 0, 2);
		put_sum(ip + 10, sum_words(ip, tcp - walk->ip));
		sum = sum_words(ip + 12, 8);
	}
	put16(pseudo + 2, (uint16_t)length);
	memset(out + tcp + TCP_CSUM, 0, 2);
	put_sum(out + tcp + TCP_CSUM, sum + sum_words(pseudo, 4) + sum_words(out + tcp, length));
	walk->next += size - walk->headers;
	walk->index++;
	walk->done = last;
}

void frame_walk_next(struct frame_walk *walk, uint8_t *out)
{
	if (walk->segmenting)
		finish_segment(walk, out, frame_walk_size(walk));
	else
		finish_whole(walk, out);
}
