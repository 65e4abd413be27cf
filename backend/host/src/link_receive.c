/* SPDX-License-Identifier: Apache-2.0 */
/* The way to a guest: datagrams are opened, tell where the peer is, and become frames; or are passed on when the guest has left. Theory in link.c. */
#define _GNU_SOURCE
#include "link_internal.h"

#include <string.h>
#include <sys/epoll.h>

#include "clock.h"
#include "little.h"

void link_set_peer(struct link *link, const struct udp_address *peer)
{
	link->peer = *peer;
	link->has_peer = true;
	link->gate = 0;
	link->payload = udp_path_payload(peer, link->config.mtu) - OVERHEAD;
	/* Behind a relay on this host the way is as narrow as any. */
	if (link_relay_is(link, peer) && link->payload > link->config.mtu - UDP_IPV6_HEADERS - OVERHEAD)
		link->payload = link->config.mtu - UDP_IPV6_HEADERS - OVERHEAD;
}

static void receive_keepalive(struct links *links, struct link *link, const uint8_t *body, size_t size, bool answer)
{
	uint64_t now = clock_us(), echo, waited;

	if (size != KEEPALIVE_SIZE) {
		link->counters.malformed++;
		return;
	}
	link->peer_clock = little_get(body, 8);
	link->peer_clock_at = now;
	echo = little_get(body + 8, 8);
	waited = little_get(body + 16, 4);
	for (unsigned i = 0; i < ECHOES; i++) {
		if (echo && link->sent_clocks[i] == echo && now - echo >= waited) {
			uint64_t rtt = now - echo - waited;

			link->rtt = link->rtt ? (3 * link->rtt + rtt) / 4 : rtt;
			break;
		}
	}
	cut_peer(links, link, (uint16_t)little_get(body + 20, 4), little_get(body + 24, 8));
	/* A peer just found hears at once that we are here; that is not repeated, so two sides don't answer each other for ever. */
	if (answer)
		links_send_keepalive_to(links, link, &link->peer);
}

void links_flush_to_guest(struct links *links)
{
	nic_flush(links->writer);
	reassembly_release(links->reassembly);
	links->scratch_used = 0;
}

/* For a NIC without offload: what the sender's NIC would have left to the hardware is done here. */
static bool finish_to_guest(struct links *links, struct nic *nic, const struct frame_vnet *vnet, const uint8_t *bytes, size_t size)
{
	struct frame_walk walk;
	size_t part;

	if (!frame_walk_start(&walk, vnet, bytes, size))
		return false;
	while ((part = frame_walk_size(&walk))) {
		if (links->scratch_used + part > SCRATCH_SIZE) {
			/* The frame being walked stays where it is: only sent ones are given up. */
			nic_flush(links->writer);
			links->scratch_used = 0;
		}
		frame_walk_next(&walk, links->scratch + links->scratch_used);
		nic_write(links->writer, nic, NULL, links->scratch + links->scratch_used, part);
		links->scratch_used += part;
	}
	return true;
}

void links_give(struct links *links, unsigned index, uint16_t epoch, const uint8_t *bytes, size_t size, uint8_t form)
{
	struct link *link = &links->links[index];
	struct nic *nic = &links->nics[index];
	struct frame_vnet vnet;

	if (!link->config.up || (links->cut && cut_holds(links, index, epoch, bytes, size, form)))
		return;
	if (form == FORM_VNET && size >= FRAME_VNET_SIZE) {
		memcpy(&vnet, bytes, FRAME_VNET_SIZE);
		bytes += FRAME_VNET_SIZE;
		size -= FRAME_VNET_SIZE;
	} else if (form != FORM_PLAIN) {
		link->counters.malformed++;
		return;
	}
	if (size < FRAME_MIN || size > FRAME_MAX) {
		link->counters.malformed++;
		return;
	}
	if (form == FORM_PLAIN) {
		nic_write(links->writer, nic, NULL, bytes, size);
	} else if (nic->offload) {
		nic_write(links->writer, nic, &vnet, bytes, size);
	} else if (!finish_to_guest(links, nic, &vnet, bytes, size)) {
		link->counters.malformed++;
		return;
	}
	links_tell_tap(links, index, false, form == FORM_VNET ? &vnet : NULL, bytes, size);
	link->counters.rx_frames++;
	link->counters.rx_bytes += size;
	if (links->cut)
		cut_given(links, index, epoch, form == FORM_VNET ? &vnet : NULL, bytes, size);
}

void links_take_fragment(struct links *links, uint16_t epoch, const struct reassembly_fragment *fragment)
{
	uint8_t *whole;
	size_t size;

	if (reassembly_full(links->reassembly))
		links_flush_to_guest(links);
	switch (reassembly_add(links->reassembly, fragment, &whole, &size)) {
	case REASSEMBLY_COMPLETE:
		links_give(links, fragment->owner, epoch, whole, size, fragment->form);
		break;
	case REASSEMBLY_MALFORMED:
		links->links[fragment->owner].counters.malformed++;
		break;
	case REASSEMBLY_WAITS:
		break;
	}
}

static void receive_data(struct links *links, unsigned index, uint16_t epoch, uint64_t counter, const uint8_t *plain, size_t size)
{
	struct link *link = &links->links[index];
	struct reassembly_fragment fragment;

	if (size <= FRAGMENT_SIZE || plain[0] >= plain[1]) {
		link->counters.malformed++;
		return;
	}
	if (plain[1] == 1) {
		links_give(links, index, epoch, plain + FRAGMENT_SIZE, size - FRAGMENT_SIZE, plain[2]);
		return;
	}
	fragment = (struct reassembly_fragment){ .owner = index, .frame = counter - plain[0], .index = plain[0], .count = plain[1],
						 .form = plain[2], .bytes = plain + FRAGMENT_SIZE, .size = size - FRAGMENT_SIZE };
	links_take_fragment(links, epoch, &fragment);
}

static struct link *find_link(struct links *links, uint32_t number)
{
	for (unsigned i = 0; i < links->count; i++) {
		if (links->links[i].set && links->links[i].number_here == number)
			return &links->links[i];
	}
	return NULL;
}

static bool is_named(const struct link *link, const struct udp_address *address)
{
	for (unsigned i = 0; i < link->config.peer_count; i++) {
		if (udp_address_equal(&link->config.peers[i], address))
			return true;
	}
	return udp_address_equal(&link->relay.other, address);
}

/* Whether the newest datagram tells that the peer is at another address now. A relay is used as long as either end does not hear the other directly. */
static bool peer_moved(const struct link *link, const struct udp_address *from, uint8_t kind)
{
	if (!link->has_peer)
		return true;
	if (udp_address_equal(from, &link->peer))
		return false;
	if (link_relay_is(link, from) != link_relay_is(link, &link->peer))
		return link_relay_is(link, &link->peer) || kind == KIND_UNHEARD || link->heard - link->peer_heard >= PEER_SILENT;
	return link->heard - link->peer_heard >= PEER_SILENT || !is_named(link, &link->peer) || !is_named(link, from);
}

static void receive_datagram(struct links *links, const struct udp_address *from, uint8_t *bytes, size_t size)
{
	struct link *link = size >= HEADER_SIZE + SEAL_TAG_SIZE ? find_link(links, (uint32_t)little_get(bytes + 4, 4)) : NULL;
	uint8_t ad[HEADER_SIZE - 1], *plain = bytes + HEADER_SIZE;
	uint64_t counter;
	uint16_t epoch;
	bool newest, found = false;

	if (!link) {
		links->strays++;
		return;
	}
	if (bytes[0] == RELAY_KIND_ANSWER) {
		link_relay_answer(links, link, from, bytes, size);
		return;
	}
	counter = little_get(bytes + 8, 8);
	if (!seal_window_fresh(&link->window, counter)) {
		link->counters.replay++;
		return;
	}
	header_ad(bytes, ad);
	if (!seal_decrypt(&link->open, counter, ad, sizeof(ad), plain, size - HEADER_SIZE, plain)) {
		link->counters.auth++;
		return;
	}
	epoch = (uint16_t)little_get(bytes + 2, 2);
	if (links->cut)
		cut_datagram(links, link, epoch, counter);
	newest = counter > link->window.top;
	seal_window_note(&link->window, counter);
	link->heard = loop_now(links->loop);
	if (!(bytes[1] & FLAG_PASSED_ON)) {
		if (!link_relay_is(link, from))
			link->heard_directly = link->heard;
		if (newest && peer_moved(link, from, bytes[0])) {
			link_set_peer(link, from);
			found = true;
		}
		if (udp_address_equal(from, &link->peer))
			link->peer_heard = link->heard;
		link->gate = 0;
	}
	size -= HEADER_SIZE + SEAL_TAG_SIZE;
	if (bytes[0] == KIND_DATA)
		receive_data(links, (unsigned)(link - links->links), epoch, counter, plain, size);
	else if (bytes[0] == KIND_KEEPALIVE || bytes[0] == KIND_UNHEARD)
		receive_keepalive(links, link, plain, size, found);
	else
		link->counters.malformed++;
}

static void pass_on(struct links *links, const uint8_t *bytes, size_t size)
{
	const struct link *link;
	uint8_t *room;

	if (size < HEADER_SIZE || bytes[0] == RELAY_KIND_ANSWER)
		return;
	if (links->forward_by_relay) {
		link = find_link(links, (uint32_t)little_get(bytes + 4, 4));
		if (link && link_relay_pass_on(links, link, bytes, size))
			links->forwarded++;
		return;
	}
	if (!udp_prepare(links->udp, 1, size))
		return;
	room = udp_reserve(links->udp, &links->forward_to, size);
	memcpy(room, bytes, size);
	room[1] |= FLAG_PASSED_ON;
	links->forwarded++;
}

void links_take_message(struct links *links, const struct udp_message *message)
{
	for (size_t at = 0; at < message->size; at += message->segment) {
		size_t size = message->size - at < message->segment ? message->size - at : message->segment;

		if (links->forwarding)
			pass_on(links, message->bytes + at, size);
		else
			receive_datagram(links, &message->from, message->bytes + at, size);
	}
}

static void receive_batch(struct links *links)
{
	unsigned count = udp_receive(links->udp);
	struct udp_message message;

	for (unsigned i = 0; i < count; i++)
		if (udp_message(links->udp, i, &message))
			links_take_message(links, &message);
	links_flush_to_guest(links);
}

void links_udp_ready(void *arg, uint32_t events)
{
	struct links *links = arg;

	if ((events & EPOLLIN) && (links->paused || links->spool.first)) {
		links_spool(links);
		links_update_watches(links);
	} else if (events & EPOLLIN) {
		receive_batch(links);
	}
	if (!links->paused)
		links_settle(links);
}
