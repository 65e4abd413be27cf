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
 * link.set named as well is the same peer on another way, not a peer that has moved. Only a relay (link_relay.c) is left for any other way.
 *
 * Counters. A counter is a nonce, so it must never come twice under a key. It starts with the clock's nanoseconds (a supervisor that starts
 * anew with an old key is later than all it ever sent) and moves with the VM; target and source never send at the same time.
 *
 * After a migration the source passes on what still reaches it (links_forward), marked with a flag that is not authenticated, since it can
 * do no harm: it only keeps the receiver from taking the passer for the peer.
 *
 * Here is how links come and go; link_send.c sends, link_receive.c receives.
 */
#define _GNU_SOURCE
#include "link_internal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "clock.h"
#include "little.h"

int links_refuse(char *error, size_t size, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error, size, format, args);
	va_end(args);
	return -EINVAL;
}

void links_tell_tap(struct links *links, unsigned nic, bool sent, const struct frame_vnet *vnet, const uint8_t *bytes, size_t size)
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

struct links *links_create(struct loop *loop, unsigned nics, const int nic_fds[], const bool offload[], char *error, size_t error_size)
{
	struct links *links = calloc(1, sizeof(*links));

	if (!links || nics > LINKS_NICS_MAX || seal_init() < 0)
		goto fail;
	links->loop = loop;
	links->count = nics;
	loop_timer_init(&links->keepalive_timer, links_keepalive_ready, links);
	loop_timer_init(&links->impairment_timer, links_impairment_ready, links);
	loop_timer_init(&links->patience_timer, links_patience_ends, links);
	links->reader = nic_reader_create();
	links->writer = nic_writer_create();
	links->reassembly = reassembly_create(CARRIED_MAX);
	links->scratch = malloc(SCRATCH_SIZE);
	links->udp = udp_create();
	if (!links->reader || !links->writer || !links->reassembly || !links->scratch || !links->udp)
		goto fail;
	links->udp_watch = loop_watch_fd(loop, udp_fd(links->udp), EPOLLIN, links_udp_ready, links);
	if (!links->udp_watch)
		goto fail;
	for (unsigned i = 0; i < nics; i++) {
		links->nics[i] = (struct nic){ .fd = nic_fds[i], .offload = offload[i], .index = i, .owner = links };
		nic_setup(&links->nics[i]);
		links->links[i].impairment = impairment_create();
		links->nic_watches[i] = loop_watch_fd(loop, nic_fds[i], EPOLLIN, links_nic_ready, &links->nics[i]);
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
	link_relay_forget(&link->relay);
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
		loop_timer_cancel(links->loop, &links->patience_timer);
	}
	loop_unwatch(links->udp_watch);
	links_cut_end(links);
	for (unsigned i = 0; i < links->count; i++) {
		loop_unwatch(links->nic_watches[i]);
		link_unplug(&links->links[i]);
		impairment_destroy(links->links[i].impairment);
		while (links->nics[i].waiting)
			nic_waiting_drop(&links->nics[i]);
	}
	links_spool_forget(links);
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

		if (link->set)
			link_forget(link);
		if (other_link)
			impairment_clear(link->impairment);
		link->config = *config;
		link->counter = clock_wall_ns();
		link->set = true;
		derive_keys(link);
	} else {
		link->config = *config;
	}
	link_relay_plug(link);
	if (link->has_peer)
		link_set_peer(link, &link->peer);
	impairment_configure(link->impairment, &config->egress);
	nic_stamp(&links->nics[nic], impairment_active(link->impairment));
}

/*
 * Who keys a link. Several desktops may look after a lab, and each may find that a link needs a key at the same time; both ends must come to the same one in whatever order their requests come.
 * So keys of a link are ordered, by generation and then by their ids, and an end never goes back. Whoever changes only the rest names the key that stays.
 */
static int agree(const struct link *link, struct link_config *config, char *error, size_t error_size)
{
	bool same_link = link->set && !strcmp(link->config.id, config->id) && link->config.side == config->side;
	int order = same_link ? strcmp(config->key_id, link->config.key_id) : 0;

	if (!config->keyed) {
		if (!same_link || order) {
			links_refuse(error, error_size, "The link was not changed: it has another key than the one named. Look at its state, then set it anew.");
			return -ESTALE;
		}
		memcpy(config->key, link->config.key, SEAL_KEY_SIZE);
		config->keyed = true;
		config->generation = link->config.generation;
		return 0;
	}
	if (!same_link)
		return 0;
	if (!config->ordered || !order) {
		config->generation = config->generation > link->config.generation ? config->generation : link->config.generation;
		return 0;
	}
	if (config->generation > link->config.generation || (config->generation == link->config.generation && order > 0))
		return 0;
	links_refuse(error, error_size, "The link was not set: it has a newer key, from another desktop. Look at its state, then set it anew.");
	return -ESTALE;
}

int links_set(struct links *links, unsigned nic, const json_t *json, char *error, size_t error_size)
{
	struct link_config config;
	int result;

	if (nic >= links->count)
		return links_refuse(error, error_size, "The link was not set: the VM has %u NICs, there is no NIC %u.", links->count, nic);
	result = link_config_parse(json, &config, error, error_size);
	if (!result)
		result = agree(&links->links[nic], &config, error, error_size);
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
	links_schedule_due(links);
	return 0;
}
