/* SPDX-License-Identifier: Apache-2.0 */
/* The way out of a guest: frames from its NICs through impairments into sealed datagrams, and keepalives. Theory in link.c. */
#define _GNU_SOURCE
#include "link_internal.h"

#include <string.h>
#include <sys/epoll.h>

#include "clock.h"
#include "little.h"

#define FRAGMENTS_MAX 255

static void seal_datagram(struct link *link, uint16_t epoch, uint8_t kind, const uint8_t *in, size_t size, uint8_t *out)
{
	uint8_t ad[HEADER_SIZE - 1];

	out[0] = kind;
	out[1] = 0;
	little_put(out + 2, epoch, 2);
	little_put(out + 4, link->number_there, 4);
	little_put(out + 8, link->counter, 8);
	header_ad(out, ad);
	seal_encrypt(&link->seal, link->counter++, ad, sizeof(ad), in, size, out + HEADER_SIZE);
}

/* `bytes` has FRAGMENT_SIZE bytes before it that may be overwritten. False: the UDP socket is full, nothing was done. */
static bool send_frame(struct links *links, struct link *link, uint8_t *bytes, size_t size, uint8_t form)
{
	size_t fragments, each;

	if (!link->has_peer) {
		link->counters.peer++;
		return true;
	}
	fragments = (size + link->payload - 1) / link->payload;
	if (fragments > FRAGMENTS_MAX) {
		link->counters.malformed++;
		return true;
	}
	each = (size + fragments - 1) / fragments;
	if (!udp_prepare(links->udp, (unsigned)fragments, size + fragments * OVERHEAD))
		return false;
	for (size_t i = 0; i < fragments; i++) {
		size_t part = size - i * each < each ? size - i * each : each;
		uint8_t *fragment = bytes + i * each - FRAGMENT_SIZE;

		fragment[0] = (uint8_t)i;
		fragment[1] = (uint8_t)fragments;
		fragment[2] = form;
		fragment[3] = 0;
		seal_datagram(link, links->epoch, KIND_DATA, fragment, FRAGMENT_SIZE + part, udp_reserve(links->udp, &link->peer, OVERHEAD + part));
	}
	return true;
}

void links_impair(struct link *link, const struct frame_vnet *vnet, const uint8_t *bytes, size_t size, uint64_t now)
{
	struct frame_walk walk;
	size_t part;

	if (!frame_walk_start(&walk, vnet, bytes, size)) {
		link->counters.malformed++;
		return;
	}
	while ((part = frame_walk_size(&walk))) {
		uint8_t *room = impairment_reserve(link->impairment, part);

		if (!room)
			return;
		frame_walk_next(&walk, room);
		impairment_commit(link->impairment, now);
	}
}

/* A frame of the guest. False: the UDP socket is full, come again with the same frame. */
static bool take_frame(struct links *links, struct link *link, const struct frame_vnet *vnet, uint8_t *bytes, size_t size)
{
	uint8_t form = FORM_PLAIN;
	size_t carried = size;

	if (link->set ? !link->config.up : !link->gate)
		return true;
	if (link->gate || impairment_active(link->impairment)) {
		links_impair(link, vnet, bytes, size, nic_written_at(links->reader, links->batch_next));
	} else {
		uint8_t *start = bytes;

		if (frame_vnet_needed(vnet)) {
			form = FORM_VNET;
			start = bytes - FRAME_VNET_SIZE;
			memcpy(start, vnet, FRAME_VNET_SIZE);
			carried += FRAME_VNET_SIZE;
		}
		if (!send_frame(links, link, start, carried, form))
			return false;
	}
	link->counters.tx_frames++;
	link->counters.tx_bytes += size;
	return true;
}

/* Goes on with the reader's batch; false: the UDP socket is full. */
bool links_take_batch(struct links *links)
{
	struct link *link = &links->links[links->batch_nic];

	for (; links->batch_next < links->batch_count; links->batch_next++) {
		struct frame_vnet vnet;
		uint8_t *bytes;
		size_t size;

		if (!nic_frame(links->reader, links->batch_next, &vnet, &bytes, &size)) {
			link->counters.malformed++;
			continue;
		}
		/* Before it is sealed, and once only: after a full socket the same frame comes again. */
		if (links->batch_next >= links->batch_tapped)
			links_tell_tap(links, links->batch_nic, true, &vnet, bytes, size);
		links->batch_tapped = links->batch_next + 1;
		if (!take_frame(links, link, &vnet, bytes, size))
			return false;
	}
	return true;
}

/* Frames whose time has come; false: the UDP socket is full. */
static bool take_due(struct links *links, uint64_t now)
{
	for (unsigned i = 0; i < links->count; i++) {
		struct link *link = &links->links[i];

		while (!link->gate && impairment_due(link->impairment) <= now) {
			uint8_t *bytes;
			size_t size;

			/* Room first: a frame that was taken cannot be put back. */
			if (!udp_prepare(links->udp, FRAGMENTS_MAX, CARRIED_MAX + (size_t)FRAGMENTS_MAX * OVERHEAD))
				return false;
			bytes = impairment_take(link->impairment, now, &size);
			send_frame(links, link, bytes, size, FORM_PLAIN);
		}
	}
	return true;
}

void links_schedule_due(struct links *links)
{
	uint64_t due = IMPAIRMENT_NEVER;

	for (unsigned i = 0; i < links->count; i++) {
		uint64_t next = links->links[i].gate ? IMPAIRMENT_NEVER : impairment_due(links->links[i].impairment);

		if (next < due)
			due = next;
	}
	if (due == IMPAIRMENT_NEVER || links->blocked || links->paused || links->forwarding)
		loop_timer_cancel(links->loop, &links->impairment_timer);
	else if (!links->impairment_timer.set || links->impairment_timer.when != due)
		loop_timer_set(links->loop, &links->impairment_timer, due);
}

/* What is listened to follows from the state alone. */
void links_update_watches(struct links *links)
{
	uint32_t nics = links->paused || links->blocked || links->forwarding ? 0 : EPOLLIN;
	uint32_t udp = links_spool_full(links) ? 0 : EPOLLIN;

	if (links->blocked && !links->paused)
		udp |= EPOLLOUT;
	for (unsigned i = 0; i < links->count; i++) {
		if (links->nic_watches[i])
			loop_watch_events(links->nic_watches[i], nics | (links->nics[i].waiting && !links->paused ? EPOLLOUT : 0));
	}
	loop_watch_events(links->udp_watch, udp);
}

static bool any_waits(const struct links *links)
{
	for (unsigned i = 0; i < links->count; i++)
		if (links->nics[i].waiting)
			return true;
	return false;
}

/* Ends each round: sends all there is to send, as far as the socket takes it. Of a guest that left nothing more is sent. */
void links_settle(struct links *links)
{
	bool blocked = !links_unspool(links) || (!links->forwarding && (!links_take_batch(links) || !take_due(links, loop_now(links->loop)))) || !udp_flush(links->udp);
	bool waits = any_waits(links);

	if (blocked != links->blocked || waits || links->waits) {
		links->blocked = blocked;
		links->waits = waits;
		links_update_watches(links);
	}
	links_schedule_due(links);
}

void links_nic_ready(void *arg, uint32_t events)
{
	struct nic *nic = arg;
	struct links *links = nic->owner;
	int count;

	if (events & EPOLLOUT) {
		nic_catch_up(nic);
		links_settle(links);
	}
	/* A batch that waits for the socket must not be overwritten; the watch may still have been ready in this round. */
	if (!(events & ~(uint32_t)EPOLLOUT) || links->blocked || links->paused || links->forwarding)
		return;
	count = nic_read(links->reader, nic);
	if (count < 0) {
		loop_unwatch(links->nic_watches[nic->index]);
		links->nic_watches[nic->index] = NULL;
		return;
	}
	links->batch_nic = nic->index;
	links->batch_next = links->batch_tapped = 0;
	links->batch_count = (unsigned)count;
	links_settle(links);
}

void links_patience_ends(void *arg)
{
	struct links *links = arg;

	for (unsigned i = 0; i < links->count; i++)
		links->nics[i].patient = false;
}

void links_be_patient(struct links *links)
{
	for (unsigned i = 0; i < links->count; i++)
		links->nics[i].patient = true;
	loop_timer_set(links->loop, &links->patience_timer, loop_now(links->loop) + PATIENT_US);
}

void links_impairment_ready(void *arg)
{
	struct links *links = arg;

	if (!links->paused && !links->forwarding)
		links_settle(links);
}

/* Keepalives */

static bool heard_directly(const struct links *links, const struct link *link)
{
	return link->heard_directly && loop_now(links->loop) - link->heard_directly < PEER_SILENT;
}

void links_send_keepalive_to(struct links *links, struct link *link, const struct udp_address *to)
{
	uint8_t body[KEEPALIVE_SIZE];
	uint64_t now = clock_us(), waited = now - link->peer_clock_at;

	if (!udp_prepare(links->udp, 1, HEADER_SIZE + KEEPALIVE_SIZE + SEAL_TAG_SIZE))
		return;
	little_put(body, now, 8);
	little_put(body + 8, link->peer_clock, 8);
	little_put(body + 16, waited < UINT32_MAX ? waited : UINT32_MAX, 4);
	little_put(body + 20, links->epoch, 4);
	little_put(body + 24, link->channel.cut_counter, 8);
	link->sent_clocks[link->sent_next++ % ECHOES] = now;
	seal_datagram(link, links->epoch, link->config.relay.set && !heard_directly(links, link) ? KIND_UNHEARD : KIND_KEEPALIVE, body, sizeof(body), udp_reserve(links->udp, to, HEADER_SIZE + KEEPALIVE_SIZE + SEAL_TAG_SIZE));
}

void links_send_keepalive(struct links *links, struct link *link, bool everywhere)
{
	if (!link->set)
		return;
	if (link->has_peer)
		links_send_keepalive_to(links, link, &link->peer);
	link_relay_admit(links, link);
	if (!everywhere && heard_directly(links, link))
		return;
	for (unsigned i = 0; i < link->config.peer_count; i++) {
		if (!link->has_peer || !udp_address_equal(&link->config.peers[i], &link->peer))
			links_send_keepalive_to(links, link, &link->config.peers[i]);
	}
	for (unsigned i = 0; i < link->config.relay.endpoint_count; i++) {
		if (link_relay_uses(links, link, i) && !(link->has_peer && udp_address_equal(&link->config.relay.endpoints[i], &link->peer)))
			links_send_keepalive_to(links, link, &link->config.relay.endpoints[i]);
	}
	if (link->relay.other.port && !(link->has_peer && udp_address_equal(&link->relay.other, &link->peer)))
		links_send_keepalive_to(links, link, &link->relay.other);
}

void links_keepalive_ready(void *arg)
{
	struct links *links = arg;

	if (!links->paused && !links->forwarding) {
		for (unsigned i = 0; i < links->count; i++) {
			if (links->links[i].gate <= loop_now(links->loop))
				links->links[i].gate = 0;
			links_send_keepalive(links, &links->links[i], false);
			impairment_trim(links->links[i].impairment);
		}
		links_settle(links);
	}
	loop_timer_set(links->loop, &links->keepalive_timer, loop_now(links->loop) + KEEPALIVE_EVERY);
}
