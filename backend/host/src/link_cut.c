/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Theory. The links' part in a consistent cut over all VMs of a lab (docs/protocols.md, section 9).
 *
 * All VMs of a snapshot get one new number, the epoch. A VM sends it from its cut on. So a receiver knows of each frame whether it was sent before or after the
 * sender's cut: one sent after it must not reach a guest that is still before its own cut, and waits here (`held`); one sent before it that arrives after
 * the own cut was on its way when the cut was made: the guest gets it, and a copy is kept (`recorded`) for the snapshot.
 *
 * When has everything come that was on its way? Datagrams of a link are numbered. Each side tells in its keepalives the number it had come to at its cut,
 * and the first keepalive goes out right after it. The receiver counts the datagrams of other epochs since the snapshot began; as soon as it has as
 * many as numbers were used, the channel is complete. A datagram that was lost leaves the count short, and a peer that takes no part says nothing: two round trips and
 * PATIENCE_US after the own desktop asks for the end, what has not come never will.
 *
 * Frames in the own delay queue at the cut belong to the own part. They leave with the new epoch, so that no receiver takes them for frames on their way.
 */
#define _GNU_SOURCE
#include "link_internal.h"

#include <stdlib.h>
#include <string.h>

#define HELD_MAX (32u << 20)
#define HELD_US 10000000
#define RECORDED_MAX (64u << 20)
#define PATIENCE_US 200000
#define GATE_US 10000000

struct held {
	struct held *next;
	unsigned index;
	uint8_t form;
	size_t size;
	uint8_t bytes[];
};

struct cut {
	uint16_t epoch;
	bool done; /* the own cut */
	struct held *held, **held_end;
	size_t held_bytes;
	uint64_t lost; /* frames there was no room for */
	struct blob recorded;
	uint64_t deadline; /* of the channels; 0: nobody waits yet */
	struct loop_timer overdue_timer;
	void (*overdue)(void *arg);
	void *arg;
};

static void overdue(void *arg)
{
	struct links *links = arg;
	struct cut *cut = links->cut;

	links_cut_release(links);
	cut->overdue(cut->arg);
}

int links_cut_begin(struct links *links, uint16_t epoch, void (*on_overdue)(void *arg), void *arg)
{
	struct cut *cut = calloc(1, sizeof(*cut));

	if (!cut)
		return -1;
	cut->epoch = epoch;
	cut->held_end = &cut->held;
	cut->overdue = on_overdue;
	cut->arg = arg;
	loop_timer_init(&cut->overdue_timer, overdue, links);
	for (unsigned i = 0; i < links->count; i++) {
		struct link *link = &links->links[i];

		link->channel = (struct channel){ .cut_counter = link->channel.cut_counter, .known = link->window.top, .top = link->window.top };
	}
	links->cut = cut;
	return 0;
}

uint16_t links_epoch(const struct links *links)
{
	return links->epoch;
}

void cut_datagram(struct links *links, struct link *link, uint16_t epoch, uint64_t counter)
{
	struct channel *channel = &link->channel;

	if (epoch == links->cut->epoch)
		return;
	if (!channel->known) {
		channel->known = true;
		channel->top = counter - 1;
	}
	channel->received += counter > channel->top;
}

void cut_peer(struct links *links, struct link *link, uint16_t epoch, uint64_t counter)
{
	if (!links->cut || epoch != links->cut->epoch)
		return;
	link->channel.peer_cut = true;
	link->channel.peer_counter = counter;
}

bool cut_holds(struct links *links, unsigned index, uint16_t epoch, const uint8_t *bytes, size_t size, uint8_t form)
{
	struct cut *cut = links->cut;
	struct held *held;

	if (cut->done || epoch != cut->epoch)
		return false;
	held = cut->held_bytes + size <= HELD_MAX ? malloc(sizeof(*held) + size) : NULL;
	if (!held) {
		cut->lost++;
		return true;
	}
	*held = (struct held){ .index = index, .form = form, .size = size };
	memcpy(held->bytes, bytes, size);
	*cut->held_end = held;
	cut->held_end = &held->next;
	cut->held_bytes += size;
	if (!cut->overdue_timer.set)
		loop_timer_set(links->loop, &cut->overdue_timer, loop_now(links->loop) + HELD_US);
	return true;
}

/* As the guest's socket will have it: with a virtio_net_hdr for a NIC with offload, else finished. */
static void record(struct links *links, unsigned index, const struct frame_vnet *vnet, const uint8_t *bytes, size_t size)
{
	struct blob *blob = &links->cut->recorded;
	uint8_t *room;

	if (links->nics[index].offload) {
		room = blob_add(blob, FRAME_TO_GUEST, index, FRAME_VNET_SIZE + size, 0);
		if (!room)
			return;
		memset(room, 0, FRAME_VNET_SIZE);
		if (vnet)
			memcpy(room, vnet, FRAME_VNET_SIZE);
		memcpy(room + FRAME_VNET_SIZE, bytes, size);
	} else if (!vnet) {
		room = blob_add(blob, FRAME_TO_GUEST, index, size, 0);
		if (room)
			memcpy(room, bytes, size);
	} else {
		struct frame_walk walk;
		size_t part;

		if (!frame_walk_start(&walk, vnet, bytes, size))
			return;
		while ((part = frame_walk_size(&walk)) && (room = blob_add(blob, FRAME_TO_GUEST, index, part, 0)))
			frame_walk_next(&walk, room);
	}
}

void cut_given(struct links *links, unsigned index, uint16_t epoch, const struct frame_vnet *vnet, const uint8_t *bytes, size_t size)
{
	struct cut *cut = links->cut;

	if (!cut->done || epoch == cut->epoch)
		return;
	if (cut->recorded.size + size > RECORDED_MAX) {
		cut->recorded.failed = true;
		return;
	}
	links->links[index].channel.frames++;
	record(links, index, vnet, bytes, size);
}

void links_cut(struct links *links)
{
	links->epoch = links->cut->epoch;
	links->cut->done = true;
	for (unsigned i = 0; i < links->count; i++)
		links->links[i].channel.cut_counter = links->links[i].counter;
}

void links_cut_release(struct links *links)
{
	struct cut *cut = links->cut;

	loop_timer_cancel(links->loop, &cut->overdue_timer);
	if (cut->held)
		links_be_patient(links);
	while (cut->held) {
		struct held *held = cut->held;
		bool done = cut->done;

		cut->held = held->next;
		/* It was judged before. */
		cut->done = true;
		links_give(links, held->index, cut->epoch, held->bytes, held->size, held->form);
		cut->done = done;
		links_flush_to_guest(links);
		free(held);
	}
	cut->held_end = &cut->held;
	cut->held_bytes = 0;
	if (!links->paused)
		links_update_watches(links);
}

static bool channel_complete(const struct link *link)
{
	const struct channel *channel = &link->channel;

	return channel->peer_cut && (channel->known ? channel->received >= channel->peer_counter - (channel->top + 1) : true);
}

bool links_cut_complete(struct links *links)
{
	struct cut *cut = links->cut;
	bool complete = true;
	uint64_t rtt = 0;

	for (unsigned i = 0; i < links->count; i++) {
		const struct link *link = &links->links[i];

		if (!link->set)
			continue;
		complete &= channel_complete(link);
		rtt = link->rtt > rtt ? link->rtt : rtt;
	}
	if (!cut->deadline)
		cut->deadline = loop_now(links->loop) + 2 * rtt + PATIENCE_US;
	return complete || loop_now(links->loop) >= cut->deadline;
}

json_t *links_cut_take(struct links *links, uint8_t **frames, size_t *size, uint64_t *lost)
{
	json_t *list = links->cut && !links->cut->recorded.failed ? json_array() : NULL;

	if (!list)
		return NULL;
	for (unsigned i = 0; i < links->count; i++) {
		const struct link *link = &links->links[i];

		if (link->set)
			json_array_append_new(list, json_pack("{s:i,s:s,s:b,s:I}", "nic", (int)i, "link", link->config.id, "complete",
							      (int)channel_complete(link), "frames", (json_int_t)link->channel.frames));
	}
	*frames = links->cut->recorded.bytes;
	*size = links->cut->recorded.size;
	*lost = links->cut->lost;
	links->cut->recorded = (struct blob){ 0 };
	return list;
}

void links_cut_end(struct links *links)
{
	if (!links->cut)
		return;
	links_cut_release(links);
	free(links->cut->recorded.bytes);
	free(links->cut);
	links->cut = NULL;
}

void links_gate(struct links *links)
{
	for (unsigned i = 0; i < links->count; i++) {
		if (!links->links[i].has_peer)
			links->links[i].gate = loop_now(links->loop) + GATE_US;
	}
}
