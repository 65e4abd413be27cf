/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Theory. The switch takes the place of a guest: its ports are the guest's ends of the supervisor's NIC sockets, so links, impairments, counters and
 * captures know no difference. Frames come in batches from one port, each goes to the port where its destination was seen last, or to all others.
 *
 * VLANs (IEEE 802.1Q). A port is an access port of one VLAN: what enters has no tag (or the priority tag 0) and belongs to that VLAN, what leaves has none; or
 * it is a trunk: tagged frames belong to the VLAN of their tag, untagged ones to VLAN 1, and leave likewise. Addresses are learned a VLAN, so that one address may
 * live in several. Only the outermost tag counts; all below passes as it is. A tag is taken off or put on by moving the two addresses within the room before
 * the frame; the offsets in a virtio_net_hdr move along.
 *
 * Learning. The table is a hash of 4096 places; an address has a window of 8 of them. A new address takes a free place in its window, or one that has not been heard for the
 * ageing time, or else the one that was heard longest ago, so a flood of false addresses costs memory nobody has to give: it only makes others flooded
 * for a while. A place that has aged counts as unknown. Group addresses are never learned, and frames to them are flooded.
 *
 * There is no spanning tree. A ring of switches would let flooded frames go round for ever, so each port may have only FLOODS_A_SECOND of them
 * flooded; the rest is dropped and counted. Frames to known addresses are not limited. Pause and spanning tree frames of the link-local range
 * (01:80:c2:00:00:00 to 0f) concern one link and are not passed on.
 *
 * A receiver that takes too little loses frames, as with any switch; nobody is held up.
 */
#define _GNU_SOURCE
#include "bridge.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>

#include "frame.h"
#include "nic.h"

#define PLACES 4096u
#define WINDOW 8u
#define FLOODS_A_SECOND 20000u
#define FLOODS_BURST 2000u
#define TAG_SIZE 4u
#define TYPE_VLAN 0x8100
#define TRUNK_VLAN 1
#define FLOOD UINT8_MAX

struct place {
	uint8_t mac[6];
	uint16_t vlan; /* 0: free */
	uint8_t port;
	uint64_t heard;
};

struct port {
	struct bridge *bridge;
	struct nic nic;
	struct loop_watch *watch;
	uint16_t vlan;
	double floods; /* that it may still have flooded */
	uint64_t floods_at;
};

struct bridge {
	struct loop *loop;
	unsigned count;
	bool offload;
	uint64_t ageing, salt, dropped;
	struct nic_reader *reader;
	struct nic_writer *writer;
	struct place *places;
	struct port ports[BRIDGE_PORTS_MAX];
};

/* A frame of the batch: its VLAN, and whether it has a tag now. */
struct transit {
	struct frame_vnet vnet;
	uint8_t *bytes;
	size_t size;
	uint16_t vlan, priority; /* of the tag: its upper four bits */
	bool tagged;
};

/* The salt keeps guests from choosing addresses that fall into one window. */
static unsigned window_of(const struct bridge *bridge, const uint8_t mac[6], uint16_t vlan)
{
	uint64_t value = bridge->salt ^ vlan;

	for (unsigned i = 0; i < 6; i++)
		value = (value ^ mac[i]) * 0x100000001b3ULL;
	value ^= value >> 29;
	value *= 0xbf58476d1ce4e5b9ULL;
	return (unsigned)(value >> 40) % (PLACES / WINDOW) * WINDOW;
}

static bool place_aged(const struct bridge *bridge, const struct place *place)
{
	return loop_now(bridge->loop) - place->heard >= bridge->ageing;
}

static void learn(struct bridge *bridge, const uint8_t mac[6], uint16_t vlan, unsigned port)
{
	struct place *window = bridge->places + window_of(bridge, mac, vlan), *best = window;

	if (mac[0] & 1)
		return;
	for (struct place *place = window; place < window + WINDOW; place++) {
		if (place->vlan == vlan && !memcmp(place->mac, mac, 6)) {
			best = place;
			break;
		}
		if (best->vlan && (!place->vlan || place->heard < best->heard))
			best = place;
	}
	memcpy(best->mac, mac, 6);
	best->vlan = vlan;
	best->port = (uint8_t)port;
	best->heard = loop_now(bridge->loop);
}

static uint8_t look_up(const struct bridge *bridge, const uint8_t mac[6], uint16_t vlan)
{
	const struct place *window = bridge->places + window_of(bridge, mac, vlan);

	if (mac[0] & 1)
		return FLOOD;
	for (const struct place *place = window; place < window + WINDOW; place++)
		if (place->vlan == vlan && !memcmp(place->mac, mac, 6))
			return place_aged(bridge, place) ? FLOOD : place->port;
	return FLOOD;
}

static bool link_local(const uint8_t *mac)
{
	static const uint8_t range[5] = { 0x01, 0x80, 0xc2, 0x00, 0x00 };

	return !memcmp(mac, range, 5) && mac[5] < 0x10;
}

static bool may_flood(struct port *port)
{
	uint64_t now = loop_now(port->bridge->loop);

	port->floods += (double)(now - port->floods_at) * FLOODS_A_SECOND / 1e6;
	port->floods_at = now;
	if (port->floods > FLOODS_BURST)
		port->floods = FLOODS_BURST;
	if (port->floods < 1)
		return false;
	port->floods -= 1;
	return true;
}

/* False: the port does not take it. */
static bool enter(struct port *port, struct transit *transit)
{
	uint8_t *bytes = transit->bytes;
	uint16_t tag;

	transit->tagged = (bytes[12] << 8 | bytes[13]) == TYPE_VLAN;
	transit->vlan = port->vlan ? port->vlan : TRUNK_VLAN;
	transit->priority = 0;
	if (!transit->tagged)
		return true;
	if (transit->size < FRAME_MIN + TAG_SIZE)
		return false;
	tag = (uint16_t)(bytes[14] << 8 | bytes[15]);
	transit->priority = tag & 0xf000;
	tag &= 0xfff;
	if (tag == 0) {
		/* A priority alone; where the tag stays, it names the VLAN from here on. */
		bytes[14] = (uint8_t)((transit->priority | transit->vlan) >> 8);
		bytes[15] = (uint8_t)transit->vlan;
		return true;
	}
	transit->vlan = tag;
	return tag <= BRIDGE_VLAN_MAX && !port->vlan;
}

/* The offsets of a header that asks for something; a frame that lies is found out by whoever finishes it. */
static void shift_offsets(struct frame_vnet *vnet, int by)
{
	if (vnet->flags & FRAME_VNET_NEEDS_CSUM)
		vnet->csum_start = (uint16_t)(vnet->csum_start + by);
	if (vnet->gso_type != FRAME_GSO_NONE)
		vnet->hdr_len = (uint16_t)(vnet->hdr_len + by);
}

static void tag_remove(struct transit *transit)
{
	memmove(transit->bytes + TAG_SIZE, transit->bytes, 12);
	transit->bytes += TAG_SIZE;
	transit->size -= TAG_SIZE;
	shift_offsets(&transit->vnet, -(int)TAG_SIZE);
	transit->tagged = false;
}

static void tag_add(struct transit *transit)
{
	transit->bytes -= TAG_SIZE;
	transit->size += TAG_SIZE;
	memmove(transit->bytes, transit->bytes + TAG_SIZE, 12);
	transit->bytes[12] = TYPE_VLAN >> 8;
	transit->bytes[13] = TYPE_VLAN & 0xff;
	transit->bytes[14] = (uint8_t)((transit->priority | transit->vlan) >> 8);
	transit->bytes[15] = (uint8_t)transit->vlan;
	shift_offsets(&transit->vnet, TAG_SIZE);
	transit->tagged = true;
}

static bool port_takes(const struct port *port, uint16_t vlan)
{
	return !port->vlan || port->vlan == vlan;
}

static bool port_tags(const struct port *port, uint16_t vlan)
{
	return !port->vlan && vlan != TRUNK_VLAN;
}

static void send_to(struct bridge *bridge, unsigned to, const struct transit *transit)
{
	nic_write(bridge->writer, &bridge->ports[to].nic, &transit->vnet, transit->bytes, transit->size);
}

/* False: it would be too large with a tag. */
static bool change_form(struct transit *transit)
{
	if (transit->tagged) {
		tag_remove(transit);
		return true;
	}
	if (transit->size + TAG_SIZE > FRAME_MAX)
		return false;
	tag_add(transit);
	return true;
}

static void send_one(struct bridge *bridge, unsigned from, unsigned to, struct transit *transit)
{
	struct port *port = &bridge->ports[to];

	if (to == from)
		return; /* the receiver is on the side that the frame comes from */
	if (!port_takes(port, transit->vlan) || (port_tags(port, transit->vlan) != transit->tagged && !change_form(transit)))
		bridge->dropped++;
	else
		send_to(bridge, to, transit);
}

/* To all ports that are to have the form it is in; how many are to have the other one? */
static unsigned send_all(struct bridge *bridge, unsigned from, const struct transit *transit)
{
	unsigned others = 0;

	for (unsigned i = 0; i < bridge->count; i++) {
		const struct port *port = &bridge->ports[i];

		if (i == from || !port_takes(port, transit->vlan))
			continue;
		if (port_tags(port, transit->vlan) == transit->tagged)
			send_to(bridge, i, transit);
		else
			others++;
	}
	return others;
}

static void flood(struct bridge *bridge, unsigned from, struct transit *transit)
{
	if (!send_all(bridge, from, transit))
		return;
	/* The other form is made in place: what was written in this one has to be sent before. */
	nic_flush(bridge->writer);
	if (change_form(transit))
		send_all(bridge, from, transit);
	else
		bridge->dropped++;
}

static void pass(struct bridge *bridge, unsigned from, struct transit *transit)
{
	uint8_t to;

	if (link_local(transit->bytes) || !enter(&bridge->ports[from], transit)) {
		bridge->dropped++;
		return;
	}
	learn(bridge, transit->bytes + 6, transit->vlan, from);
	to = look_up(bridge, transit->bytes, transit->vlan);
	if (to != FLOOD)
		send_one(bridge, from, to, transit);
	else if (may_flood(&bridge->ports[from]))
		flood(bridge, from, transit);
	else
		bridge->dropped++;
}

static void port_ready(void *arg, uint32_t events)
{
	struct port *port = arg;
	struct bridge *bridge = port->bridge;
	int count = nic_read(bridge->reader, &port->nic);

	(void)events;
	if (count < 0) {
		loop_unwatch(port->watch);
		port->watch = NULL;
		return;
	}
	for (int i = 0; i < count; i++) {
		struct transit transit = { 0 };

		if (nic_frame(bridge->reader, (unsigned)i, &transit.vnet, &transit.bytes, &transit.size))
			pass(bridge, port->nic.index, &transit);
		else
			bridge->dropped++;
	}
	nic_flush(bridge->writer);
}

struct bridge *bridge_create(struct loop *loop, unsigned ports, const int fds[], const uint16_t vlans[], bool offload, uint64_t ageing_us)
{
	struct bridge *bridge = calloc(1, sizeof(*bridge));

	if (!bridge || ports > BRIDGE_PORTS_MAX)
		goto failed;
	bridge->loop = loop;
	bridge->ageing = ageing_us;
	bridge->reader = nic_reader_create();
	bridge->writer = nic_writer_create();
	bridge->places = calloc(PLACES, sizeof(*bridge->places));
	if (!bridge->reader || !bridge->writer || !bridge->places ||
	    getrandom(&bridge->salt, sizeof(bridge->salt), 0) != (ssize_t)sizeof(bridge->salt))
		goto failed;
	for (; bridge->count < ports; bridge->count++) {
		struct port *port = &bridge->ports[bridge->count];

		*port = (struct port){ .bridge = bridge, .vlan = vlans[bridge->count], .floods = FLOODS_BURST, .floods_at = loop_now(loop),
				       .nic = { .fd = fds[bridge->count], .offload = offload, .index = bridge->count } };
		port->watch = loop_watch_fd(loop, port->nic.fd, EPOLLIN, port_ready, port);
		if (!port->watch)
			goto failed;
	}
	return bridge;
failed:
	bridge_destroy(bridge);
	return NULL;
}

void bridge_destroy(struct bridge *bridge)
{
	if (!bridge)
		return;
	for (unsigned i = 0; i < bridge->count; i++)
		loop_unwatch(bridge->ports[i].watch);
	nic_reader_destroy(bridge->reader);
	nic_writer_destroy(bridge->writer);
	free(bridge->places);
	free(bridge);
}

unsigned bridge_learned(const struct bridge *bridge)
{
	unsigned count = 0;

	for (unsigned i = 0; i < PLACES; i++)
		count += bridge->places[i].vlan && !place_aged(bridge, &bridge->places[i]);
	return count;
}

uint64_t bridge_dropped(const struct bridge *bridge)
{
	uint64_t dropped = bridge->dropped;

	for (unsigned i = 0; i < bridge->count; i++)
		dropped += bridge->ports[i].nic.full;
	return dropped;
}
