/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Theory. A link is a wire between two guests' NICs whose supervisors reach each other by UDP (docs/protocols.md, section 6).
 *
 *   guest --> NIC socket --> [impairment] --> fragments, sealed --> UDP --> opened --> [reassembly] --> NIC socket --> guest
 *
 * Out. A batch of frames is read from a NIC. Without an impairment each is sealed straight from where it was read into the UDP arena: the
 * 4 bytes of fragment header are written before the fragment, over bytes that were sent already, so nothing is copied but by the cipher. With
 * one, the frame is finished (checksum, TCP segments) into the impairment's cells and comes back when its time has come. When the UDP socket
 * is full, the batch stops where it is and no NIC is read until the socket takes more; the guests' queues then stop, nothing is dropped.
 *
 * In. Link numbers tell whose key opens a datagram. The replay window is asked first, then the AEAD; only then anything is believed. Frames go
 * to the NIC in batches.
 *
 * Peers. Each side sends a keepalive a second. The peer's address is where the newest authenticated datagram came from that nobody passed on; so
 * a link follows a VM that migrates with the first datagram of the new host. As long as the peer was not heard directly for PEER_SILENT,
 * keepalives also go to all addresses that link.set named: that is how two VMs find each other that moved at the same time.
 *
 * Two hosts often reach each other on several ways, and both try them all. The first that works is kept as long as it does: a datagram from another address that
 * link.set named as well is the same peer on another way, not a peer that has moved.
 *
 * Counters. A counter is a nonce, so it must never come twice under a key. It starts with the clock's nanoseconds (a supervisor that starts
 * anew with an old key is later than all it ever sent) and moves with the VM; target and source never send at the same time.
 *
 * After a migration the source passes on what still reaches it (links_forward), marked with a flag that is not authenticated, since it can
 * do no harm: it only keeps the receiver from taking the passer for the peer.
 */
#define _GNU_SOURCE
#include "link_internal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>

#include "little.h"

#define KIND_DATA 1
#define KIND_KEEPALIVE 2
#define FLAG_PASSED_ON 1
#define FORM_PLAIN 0
#define FORM_VNET 1

#define HEADER_SIZE 16
#define FRAGMENT_SIZE 4
#define OVERHEAD (HEADER_SIZE + FRAGMENT_SIZE + SEAL_TAG_SIZE)
#define KEEPALIVE_SIZE 32
#define FRAGMENTS_MAX 255

#define KEEPALIVE_EVERY 1000000
#define PEER_SILENT 3000000
#define SCRATCH_SIZE (256u << 10)

int links_refuse(char *error, size_t size, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error, size, format, args);
	va_end(args);
	return -EINVAL;
}

/* Sending */

/* What is authenticated: the header without the flags byte. */
static void header_ad(const uint8_t *header, uint8_t ad[HEADER_SIZE - 1])
{
	ad[0] = header[0];
	memcpy(ad + 1, header + 2, HEADER_SIZE - 2);
}

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
		links_impair(link, vnet, bytes, size, loop_now(links->loop));
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

static void tap(struct links *links, unsigned nic, bool sent, const struct frame_vnet *vnet, const uint8_t *bytes, size_t size)
{
	static const struct frame_vnet plain;

	if (links->tapped >> nic & 1)
		links->tap(links->tap_arg, nic, sent, vnet ? vnet : &plain, bytes, size);
}

void links_tap(struct links *links, uint64_t nics, links_tap_fn *fn, void *arg)
{
	links->tapped = nics;
	links->tap = fn;
	links->tap_arg = arg;
}

unsigned links_count(const struct links *links)
{
	return links->count;
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
			tap(links, links->batch_nic, true, &vnet, bytes, size);
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

static void schedule_due(struct links *links)
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
	uint32_t udp = links->paused ? 0 : EPOLLIN;

	if (links->blocked && !links->paused)
		udp |= EPOLLOUT;
	for (unsigned i = 0; i < links->count; i++) {
		if (links->nic_watches[i])
			loop_watch_events(links->nic_watches[i], nics);
	}
	loop_watch_events(links->udp_watch, udp);
}

/* Ends each round: sends all there is to send, as far as the socket takes it. Of a guest that left nothing more is sent. */
void links_settle(struct links *links)
{
	bool blocked = (!links->forwarding && (!links_take_batch(links) || !take_due(links, loop_now(links->loop)))) || !udp_flush(links->udp);

	if (blocked != links->blocked) {
		links->blocked = blocked;
		links_update_watches(links);
	}
	schedule_due(links);
}

static void nic_ready(void *arg, uint32_t events)
{
	struct nic *nic = arg;
	struct links *links = nic->owner;
	int count;

	(void)events;
	/* A batch that waits for the socket must not be overwritten; the watch may still have been ready in this round. */
	if (links->blocked || links->paused || links->forwarding)
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

static void impairment_ready(void *arg)
{
	struct links *links = arg;

	if (!links->paused && !links->forwarding)
		links_settle(links);
}

/* Keepalives and the peer's address */

uint64_t links_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void send_keepalive_to(struct links *links, struct link *link, const struct udp_address *to)
{
	uint8_t body[KEEPALIVE_SIZE];
	uint64_t now = links_clock(), waited = now - link->peer_clock_at;

	if (!udp_prepare(links->udp, 1, HEADER_SIZE + KEEPALIVE_SIZE + SEAL_TAG_SIZE))
		return;
	little_put(body, now, 8);
	little_put(body + 8, link->peer_clock, 8);
	little_put(body + 16, waited < UINT32_MAX ? waited : UINT32_MAX, 4);
	little_put(body + 20, links->epoch, 4);
	little_put(body + 24, link->channel.cut_counter, 8);
	link->sent_clocks[link->sent_next++ % ECHOES] = now;
	seal_datagram(link, links->epoch, KIND_KEEPALIVE, body, sizeof(body), udp_reserve(links->udp, to, HEADER_SIZE + KEEPALIVE_SIZE + SEAL_TAG_SIZE));
}

void links_send_keepalive(struct links *links, struct link *link, bool everywhere)
{
	if (!link->set)
		return;
	if (link->has_peer)
		send_keepalive_to(links, link, &link->peer);
	if (!everywhere && link->heard_directly && loop_now(links->loop) - link->heard_directly < PEER_SILENT)
		return;
	for (unsigned i = 0; i < link->config.peer_count; i++) {
		if (!link->has_peer || !udp_address_equal(&link->config.peers[i], &link->peer))
			send_keepalive_to(links, link, &link->config.peers[i]);
	}
}

static void keepalive_ready(void *arg)
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

void link_set_peer(struct link *link, const struct udp_address *peer)
{
	link->peer = *peer;
	link->has_peer = true;
	link->gate = 0;
	link->payload = udp_path_payload(peer, link->config.mtu) - OVERHEAD;
}

static void receive_keepalive(struct links *links, struct link *link, const uint8_t *body, size_t size, bool answer)
{
	uint64_t now = links_clock(), echo, waited;

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
		send_keepalive_to(links, link, &link->peer);
}

/* Receiving */

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
	tap(links, index, false, form == FORM_VNET ? &vnet : NULL, bytes, size);
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
	return false;
}

/* Whether the newest datagram tells that the peer is at another address now. */
static bool peer_moved(const struct link *link, const struct udp_address *from)
{
	if (!link->has_peer)
		return true;
	if (udp_address_equal(from, &link->peer))
		return false;
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
		link->heard_directly = link->heard;
		if (newest && peer_moved(link, from)) {
			link_set_peer(link, from);
			found = true;
		}
		if (udp_address_equal(from, &link->peer))
			link->peer_heard = link->heard;
	}
	size -= HEADER_SIZE + SEAL_TAG_SIZE;
	if (bytes[0] == KIND_DATA)
		receive_data(links, (unsigned)(link - links->links), epoch, counter, plain, size);
	else if (bytes[0] == KIND_KEEPALIVE)
		receive_keepalive(links, link, plain, size, found);
	else
		link->counters.malformed++;
}

static void pass_on(struct links *links, const uint8_t *bytes, size_t size)
{
	uint8_t *room;

	if (size < HEADER_SIZE || !udp_prepare(links->udp, 1, size))
		return;
	room = udp_reserve(links->udp, &links->forward_to, size);
	memcpy(room, bytes, size);
	room[1] |= FLAG_PASSED_ON;
	links->forwarded++;
}

static void receive_batch(struct links *links)
{
	unsigned count = udp_receive(links->udp);
	struct udp_message message;

	for (unsigned i = 0; i < count; i++) {
		if (!udp_message(links->udp, i, &message))
			continue;
		for (size_t at = 0; at < message.size; at += message.segment) {
			size_t size = message.size - at < message.segment ? message.size - at : message.segment;

			if (links->forwarding)
				pass_on(links, message.bytes + at, size);
			else
				receive_datagram(links, &message.from, message.bytes + at, size);
		}
	}
	links_flush_to_guest(links);
}

static void udp_ready(void *arg, uint32_t events)
{
	struct links *links = arg;

	if (links->paused)
		return;
	if (events & EPOLLIN)
		receive_batch(links);
	links_settle(links);
}

/* Life */

struct links *links_create(struct loop *loop, unsigned nics, const int nic_fds[], const bool offload[], char *error, size_t error_size)
{
	struct links *links = calloc(1, sizeof(*links));

	if (!links || nics > LINKS_NICS_MAX || seal_init() < 0)
		goto fail;
	links->loop = loop;
	links->count = nics;
	loop_timer_init(&links->keepalive_timer, keepalive_ready, links);
	loop_timer_init(&links->impairment_timer, impairment_ready, links);
	links->reader = nic_reader_create();
	links->writer = nic_writer_create();
	links->reassembly = reassembly_create(CARRIED_MAX);
	links->scratch = malloc(SCRATCH_SIZE);
	links->udp = udp_create();
	if (!links->reader || !links->writer || !links->reassembly || !links->scratch || !links->udp)
		goto fail;
	links->udp_watch = loop_watch_fd(loop, udp_fd(links->udp), EPOLLIN, udp_ready, links);
	if (!links->udp_watch)
		goto fail;
	for (unsigned i = 0; i < nics; i++) {
		links->nics[i] = (struct nic){ .fd = nic_fds[i], .offload = offload[i], .index = i, .owner = links };
		nic_setup(&links->nics[i]);
		links->links[i].impairment = impairment_create();
		links->nic_watches[i] = loop_watch_fd(loop, nic_fds[i], EPOLLIN, nic_ready, &links->nics[i]);
		if (!links->links[i].impairment || !links->nic_watches[i])
			goto fail;
	}
	loop_timer_set(loop, &links->keepalive_timer, loop_now(loop) + KEEPALIVE_EVERY);
	return links;
fail:
	links_refuse(error, error_size, "The VM's network could not be set up (%s). Nothing runs; free memory or descriptors on the host and start again.",
	       strerror(errno));
	links_destroy(links);
	return NULL;
}

static void link_forget(struct link *link)
{
	struct counters counters = link->counters;
	struct impairment *impairment = link->impairment;

	seal_key_wipe(&link->seal);
	seal_key_wipe(&link->open);
	sodium_memzero(&link->config, sizeof(link->config));
	memset(link, 0, sizeof(*link));
	link->counters = counters;
	link->impairment = impairment;
}

void link_unplug(struct link *link)
{
	link_forget(link);
	if (link->impairment)
		impairment_clear(link->impairment);
}

void links_destroy(struct links *links)
{
	if (!links)
		return;
	if (links->loop) {
		loop_timer_cancel(links->loop, &links->keepalive_timer);
		loop_timer_cancel(links->loop, &links->impairment_timer);
	}
	loop_unwatch(links->udp_watch);
	links_cut_end(links);
	for (unsigned i = 0; i < links->count; i++) {
		loop_unwatch(links->nic_watches[i]);
		link_unplug(&links->links[i]);
		impairment_destroy(links->links[i].impairment);
	}
	udp_destroy(links->udp);
	nic_reader_destroy(links->reader);
	nic_writer_destroy(links->writer);
	reassembly_destroy(links->reassembly);
	free(links->scratch);
	free(links);
}

static uint32_t link_number(const uint8_t key[SEAL_KEY_SIZE], char receiver)
{
	const char label[] = { 'l', 'i', 'n', 'k', receiver, 0 };
	uint8_t digest[SEAL_KEY_SIZE];

	seal_derive(digest, key, label);
	return (uint32_t)little_get(digest, 4);
}

static void derive_keys(struct link *link)
{
	const struct link_config *config = &link->config;
	char there = config->side == 'a' ? 'b' : 'a';
	const char out[] = { 'd', 'a', 't', 'a', config->side, 0 }, in[] = { 'd', 'a', 't', 'a', there, 0 };
	uint8_t key[SEAL_KEY_SIZE];

	seal_derive(key, config->key, out);
	seal_key_set(&link->seal, config->cipher, key);
	seal_derive(key, config->key, in);
	seal_key_set(&link->open, config->cipher, key);
	sodium_memzero(key, sizeof(key));
	link->number_here = link_number(config->key, config->side);
	link->number_there = link_number(config->key, there);
}

static uint64_t first_counter(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static bool same_wire(const struct link *link, const struct link_config *config)
{
	return link->set && !strcmp(link->config.id, config->id) && link->config.side == config->side &&
	       link->config.cipher == config->cipher && !sodium_memcmp(link->config.key, config->key, SEAL_KEY_SIZE);
}

void links_plug(struct links *links, unsigned nic, const struct link_config *config)
{
	struct link *link = &links->links[nic];

	if (!same_wire(link, config)) {
		/*
		 * The same link under another key: what is on its way stays so, and is sealed with the new key when its time has come. And what a saved guest has in its queue goes
		 * over the first link it gets.
		 */
		bool other_link = link->set && (strcmp(link->config.id, config->id) || link->config.side != config->side);

		link_forget(link);
		if (other_link)
			impairment_clear(link->impairment);
		link->config = *config;
		link->counter = first_counter();
		link->set = true;
		derive_keys(link);
	} else {
		link->config = *config;
	}
	if (link->has_peer)
		link_set_peer(link, &link->peer);
	impairment_configure(link->impairment, &config->egress);
}

int links_set(struct links *links, unsigned nic, const json_t *json, char *error, size_t error_size)
{
	struct link_config config;
	int result;

	if (nic >= links->count)
		return links_refuse(error, error_size, "The link was not set: the VM has %u NICs, there is no NIC %u.", links->count, nic);
	result = link_config_parse(json, &config, error, error_size);
	if (!result) {
		links_plug(links, nic, &config);
		if (!links->paused && !links->forwarding) {
			links_send_keepalive(links, &links->links[nic], true);
			links_settle(links);
		}
	}
	sodium_memzero(&config, sizeof(config));
	return result;
}

int links_clear(struct links *links, unsigned nic)
{
	if (nic >= links->count)
		return -EINVAL;
	link_unplug(&links->links[nic]);
	schedule_due(links);
	return 0;
}
