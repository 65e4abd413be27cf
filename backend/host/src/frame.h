/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ethernet frames with a virtio_net_hdr: finishing checksums and cutting large
 * TCP frames into segments, for receivers that can't, and for impairments, which
 * act on what would be on a wire.
 */
#ifndef MOBIHOST_FRAME_H
#define MOBIHOST_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* struct virtio_net_hdr as it stands before each frame of a vnet NIC. */
struct frame_vnet {
	uint8_t flags;
	uint8_t gso_type;
	uint16_t hdr_len;
	uint16_t gso_size;
	uint16_t csum_start;
	uint16_t csum_offset;
};

#define FRAME_VNET_SIZE 10
_Static_assert(sizeof(struct frame_vnet) == FRAME_VNET_SIZE, "no padding");

#define FRAME_VNET_NEEDS_CSUM 1
#define FRAME_GSO_NONE 0
#define FRAME_GSO_TCPV4 1
#define FRAME_GSO_TCPV6 4
#define FRAME_GSO_ECN 0x80

/* Largest frame: IP's 64 KiB, Ethernet and two VLAN headers; without the virtio_net_hdr. */
#define FRAME_MAX 65560
#define FRAME_MIN 14

/* Does the header ask for anything? If not, it may be left out. */
static inline bool frame_vnet_needed(const struct frame_vnet *vnet)
{
	return (vnet->flags & FRAME_VNET_NEEDS_CSUM) || vnet->gso_type != FRAME_GSO_NONE;
}

/*
 * Walks over the finished plain frames which a frame stands for: itself with
 * its checksum completed, or its TCP segments.
 */
struct frame_walk {
	const uint8_t *frame;
	size_t size;
	struct frame_vnet vnet;
	size_t ip;		/* offset of the IP header; segmenting only */
	size_t headers;		/* bytes of all headers; segmenting only */
	size_t next;		/* payload offset of the next segment */
	unsigned index;
	bool segmenting, v6, done;
};

/*
 * Starts; false if the header and frame contradict each other: the frame must be
 * dropped then. `frame` stays untouched and must stay until the walk is over.
 */
bool frame_walk_start(struct frame_walk *walk, const struct frame_vnet *vnet, const uint8_t *frame,
		      size_t size);

/* Size of the next finished frame, 0 when there is none. */
size_t frame_walk_size(const struct frame_walk *walk);

/* Writes the next finished frame of frame_walk_size() bytes to `out`. */
void frame_walk_next(struct frame_walk *walk, uint8_t *out);

#endif
