/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Theory. What a migration does to the links of a VM. On the frozen guest links_pause takes what it has sent; from then on datagrams for it are kept unopened (link_spool.c). links_export
 * writes down keys, counters and windows, and gathers the frames which are neither in the guest nor on the network: those in delay queues, with the time they
 * have left, those in the NIC sockets that the guest did not read, and fragments of frames of which others are still to come. links_import does the reverse on the other host, links_resume goes on there (or here, if
 * the migration failed), and links_forward makes this side pass on whatever still comes.
 */
#define _GNU_SOURCE
#include "link_internal.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "clock.h"
#include "little.h"

#define DRAIN_MS 20
#define FRAGMENT_HEADER 12
#define RELAY_GATE 3000000

static void wait_writable(struct links *links, int milliseconds)
{
	struct pollfd poll_fd = { .fd = udp_fd(links->udp), .events = POLLOUT };

	poll(&poll_fd, 1, milliseconds);
}

/* False: time is up. */
static bool drain_batch(struct links *links, int *patience)
{
	while (!links_take_batch(links) || !udp_flush(links->udp)) {
		if ((*patience)-- <= 0)
			return false;
		wait_writable(links, 1);
	}
	return true;
}

/* What the network does not take waits in the link's queue, which moves with the VM. */
static void drain_to_queue(struct links *links)
{
	for (; links->batch_next < links->batch_count; links->batch_next++) {
		struct frame_vnet vnet;
		uint8_t *bytes;
		size_t size;

		if (nic_frame(links->reader, links->batch_next, &vnet, &bytes, &size))
			links_impair(&links->links[links->batch_nic], &vnet, bytes, size, nic_written_at(links->reader, links->batch_next));
	}
}

/* The frozen guest sends nothing more, so this ends; a network that takes nothing does not hold us up. */
static void drain(struct links *links)
{
	int patience = DRAIN_MS, count;

	for (unsigned i = 0; i < links->count; i++) {
		if (!drain_batch(links, &patience))
			drain_to_queue(links);
		while (links->nic_watches[i] && (count = nic_read(links->reader, &links->nics[i])) > 0) {
			links->batch_nic = i;
			links->batch_next = links->batch_tapped = 0;
			links->batch_count = (unsigned)count;
			if (!drain_batch(links, &patience))
				drain_to_queue(links);
		}
	}
}

void links_pause(struct links *links)
{
	drain(links);
	links->paused = true;
	loop_timer_cancel(links->loop, &links->impairment_timer);
	links_update_watches(links);
}

void links_resume(struct links *links)
{
	if (!links->paused && !links->forwarding)
		return;
	links->paused = links->forwarding = false;
	links_be_patient(links);
	links_update_watches(links);
	for (unsigned i = 0; i < links->count; i++)
		links_send_keepalive(links, &links->links[i], true);
	links_settle(links);
}

int links_forward(struct links *links, const char *endpoint)
{
	if (endpoint && !udp_address_parse(endpoint, &links->forward_to))
		return -EINVAL;
	links->forward_by_relay = !endpoint;
	links->forwarding = true;
	links->paused = false;
	loop_timer_cancel(links->loop, &links->impairment_timer);
	links_update_watches(links);
	links_settle(links);
	return 0;
}

uint64_t links_forwarded(const struct links *links)
{
	return links->forwarded;
}

uint8_t *blob_add(struct blob *blob, uint8_t kind, unsigned nic, size_t size, uint64_t left)
{
	size_t need = blob->size + FRAME_RECORD + size;
	uint8_t *at;

	if (blob->failed)
		return NULL;
	if (need > blob->room) {
		size_t room = need * 2 < 65536 ? 65536 : need * 2;
		uint8_t *bytes = realloc(blob->bytes, room);

		if (!bytes) {
			blob->failed = true;
			return NULL;
		}
		blob->bytes = bytes;
		blob->room = room;
	}
	at = blob->bytes + blob->size;
	at[0] = kind;
	at[1] = (uint8_t)nic;
	little_put(at + 2, 0, 2);
	little_put(at + 4, size, 4);
	little_put(at + 8, left, 8);
	blob->size = need;
	return at + FRAME_RECORD;
}

static void export_delayed(struct links *links, unsigned nic, struct blob *blob)
{
	struct impairment *impairment = links->links[nic].impairment;
	size_t count = impairment_list(impairment);
	uint64_t now = clock_us();

	for (size_t i = 0; i < count; i++) {
		uint64_t due;
		size_t size;
		const uint8_t *bytes = impairment_peek(impairment, i, &size, &due);
		uint8_t *room = blob_add(blob, FRAME_DELAYED, nic, size, due > now ? due - now : 0);

		if (room)
			memcpy(room, bytes, size);
	}
}

static void add_unread(struct blob *blob, unsigned nic, const uint8_t *bytes, size_t size)
{
	uint8_t *room = blob_add(blob, FRAME_TO_GUEST, nic, size, 0);

	if (room)
		memcpy(room, bytes, size);
}

/* As the socket has them: a NIC with offload has its virtio_net_hdr before each. Then those that wait for room in the socket. */
static void export_unread(struct nic *nic, int guest_fd, struct blob *blob)
{
	uint8_t *frame = malloc(CARRIED_MAX);
	const uint8_t *waiting;
	ssize_t size;
	size_t length;

	while (frame && (size = recv(guest_fd, frame, CARRIED_MAX, MSG_DONTWAIT)) > 0)
		add_unread(blob, nic->index, frame, (size_t)size);
	for (; frame && (waiting = nic_waiting_first(nic, &length)); nic_waiting_drop(nic))
		add_unread(blob, nic->index, waiting, length);
	if (!frame)
		blob->failed = true;
	free(frame);
}

/* The frame's number, the fragment's place, its bytes. The missing ones still come, passed on by the source. */
static void export_fragment(void *arg, const struct reassembly_fragment *fragment)
{
	uint8_t *room = blob_add(arg, FRAME_FRAGMENT, fragment->owner, FRAGMENT_HEADER + fragment->size, 0);

	if (!room)
		return;
	little_put(room, fragment->frame, 8);
	room[8] = fragment->index;
	room[9] = fragment->count;
	room[10] = fragment->form;
	room[11] = 0;
	memcpy(room + FRAGMENT_HEADER, fragment->bytes, fragment->size);
}

static json_t *counters_json(const struct counters *c)
{
	json_t *json = link_drops_json(c);

	json_object_set_new(json, "txFrames", json_integer((json_int_t)c->tx_frames));
	json_object_set_new(json, "txBytes", json_integer((json_int_t)c->tx_bytes));
	json_object_set_new(json, "rxFrames", json_integer((json_int_t)c->rx_frames));
	json_object_set_new(json, "rxBytes", json_integer((json_int_t)c->rx_bytes));
	return json;
}

static json_t *export_link(const struct links *links, unsigned nic)
{
	const struct link *link = &links->links[nic];
	struct counters counters = links_counters_now(links, nic);
	char bits[sodium_base64_ENCODED_LEN(SEAL_WINDOW / 8, sodium_base64_VARIANT_ORIGINAL)];
	uint8_t window[SEAL_WINDOW / 8];

	if (!link->set)
		return json_pack("{s:i,s:o}", "nic", (int)nic, "counters", counters_json(&counters));
	for (unsigned i = 0; i < SEAL_WINDOW / 64; i++)
		little_put(window + 8 * i, link->window.bits[i], 8);
	sodium_bin2base64(bits, sizeof(bits), window, sizeof(window), sodium_base64_VARIANT_ORIGINAL);
	return json_pack("{s:i,s:o,s:o,s:I,s:I,s:s,s:o,s:I,s:i,s:I}", "nic", (int)nic, "counters", counters_json(&counters), "config",
			 link_config_json(&link->config), "counter", (json_int_t)link->counter, "top", (json_int_t)link->window.top, "window",
			 bits, "peer", link_peer_json(link), "rttUs", (json_int_t)link->rtt, "epoch", (int)links->epoch, "cutCounter",
			 (json_int_t)link->channel.cut_counter);
}

json_t *links_export(struct links *links, const int guest_fds[], uint8_t **frames, size_t *size)
{
	struct blob blob = { 0 };
	json_t *list = json_array();

	for (unsigned i = 0; list && i < links->count; i++) {
		json_array_append_new(list, export_link(links, i));
		export_delayed(links, i, &blob);
		if (guest_fds)
			export_unread(&links->nics[i], guest_fds[i], &blob);
	}
	reassembly_each(links->reassembly, export_fragment, &blob);
	/* Unread frames were taken out of the socket: also when memory ran out, the caller must be able to put back what there is. */
	*frames = blob.bytes;
	*size = blob.size;
	if (blob.failed) {
		json_decref(list);
		return NULL;
	}
	return list;
}

static uint64_t number_of(const json_t *object, const char *name)
{
	json_int_t value = json_integer_value(json_object_get(object, name));

	return value > 0 ? (uint64_t)value : 0;
}

static void import_counters(struct link *link, const json_t *json)
{
	link->counters = (struct counters){
		.tx_frames = number_of(json, "txFrames"), .tx_bytes = number_of(json, "txBytes"),
		.rx_frames = number_of(json, "rxFrames"), .rx_bytes = number_of(json, "rxBytes"),
		.queue = number_of(json, "queue"), .loss = number_of(json, "loss"), .peer = number_of(json, "peer"),
		.auth = number_of(json, "auth"), .replay = number_of(json, "replay"), .malformed = number_of(json, "malformed"),
		.guest = number_of(json, "guest"), .incomplete = number_of(json, "incomplete"),
	};
}

static int import_link(struct links *links, const json_t *json, char *error, size_t error_size)
{
	uint64_t nic = number_of(json, "nic");
	const char *bits = json_string_value(json_object_get(json, "window"));
	const char *peer = json_string_value(json_object_get(json, "peer"));
	uint8_t window[SEAL_WINDOW / 8];
	struct link_config config;
	struct udp_address address;
	struct link *link;
	size_t size = 0;
	int result;

	if (nic >= links->count)
		return links_refuse(error, error_size, "The stream names NIC %llu, the VM has %u.", (unsigned long long)nic, links->count);
	link = &links->links[nic];
	if (json_object_get(json, "config")) {
		result = link_config_parse(json_object_get(json, "config"), &config, error, error_size);
		if (result)
			return result;
		if (!config.keyed)
			return links_refuse(error, error_size, "The stream has no key for the link of NIC %llu.", (unsigned long long)nic);
		if (!bits || sodium_base642bin(window, sizeof(window), bits, strlen(bits), NULL, &size, NULL, sodium_base64_VARIANT_ORIGINAL) < 0 ||
		    size != sizeof(window))
			return links_refuse(error, error_size, "The stream has no valid replay window for NIC %llu.", (unsigned long long)nic);
		links_plug(links, (unsigned)nic, &config);
		link->counter = number_of(json, "counter");
		link->window.top = number_of(json, "top");
		for (unsigned i = 0; i < SEAL_WINDOW / 64; i++)
			link->window.bits[i] = little_get(window + 8 * i, 8);
		link->rtt = number_of(json, "rttUs");
		links->epoch = (uint16_t)number_of(json, "epoch");
		link->channel.cut_counter = number_of(json, "cutCounter");
		if (peer && udp_address_parse(peer, &address))
			link_set_peer(link, &address);
		/* Which way leads there from here is not known yet: what the guest sends waits for it. */
		if (config.relay.set)
			link->gate = loop_now(links->loop) + RELAY_GATE;
		sodium_memzero(&config, sizeof(config));
	}
	import_counters(link, json_object_get(json, "counters"));
	return 0;
}

/* The record that `frames` begins with; false: there is no valid one. */
static bool frame_next(const uint8_t *frames, size_t size, unsigned nics, size_t *length)
{
	if (size < FRAME_RECORD)
		return false;
	*length = little_get(frames + 4, 4);
	return *length && *length <= CARRIED_MAX && *length <= size - FRAME_RECORD && frames[1] < nics && little_get(frames + 8, 8) <= UINT32_MAX &&
	       (frames[0] == FRAME_TO_GUEST || frames[0] == FRAME_DELAYED || (frames[0] == FRAME_FRAGMENT && *length > FRAGMENT_HEADER));
}

int links_frames_count(const uint8_t *frames, size_t size, unsigned nics)
{
	size_t length;
	int count = 0;

	for (; size; count++) {
		if (!frame_next(frames, size, nics, &length))
			return -1;
		frames += FRAME_RECORD + length;
		size -= FRAME_RECORD + length;
	}
	return count;
}

static void place_fragment(struct links *links, unsigned nic, const uint8_t *bytes, size_t size)
{
	const struct reassembly_fragment fragment = { .owner = nic, .frame = little_get(bytes, 8), .index = bytes[8], .count = bytes[9], .form = bytes[10],
						      .bytes = bytes + FRAGMENT_HEADER, .size = size - FRAGMENT_HEADER };

	links_take_fragment(links, links->epoch, &fragment);
}

/* Delayed frames and fragments are only taken when `elsewhere` says so: a source that thaws still has them. False: not a valid blob. */
static bool place_frames(struct links *links, const uint8_t *frames, size_t size, bool elsewhere)
{
	uint64_t now = clock_us();

	while (size) {
		size_t length;
		unsigned nic;

		if (!frame_next(frames, size, links->count, &length))
			return false;
		nic = frames[1];
		if (frames[0] == FRAME_TO_GUEST) {
			nic_put(&links->nics[nic], frames + FRAME_RECORD, length);
		} else if (frames[0] == FRAME_DELAYED) {
			uint8_t *room = elsewhere && length <= FRAME_MAX ? impairment_reserve(links->links[nic].impairment, length) : NULL;

			if (room) {
				memcpy(room, frames + FRAME_RECORD, length);
				impairment_commit_at(links->links[nic].impairment, now + little_get(frames + 8, 8));
			}
		} else if (elsewhere) {
			place_fragment(links, nic, frames + FRAME_RECORD, length);
		}
		frames += FRAME_RECORD + length;
		size -= FRAME_RECORD + length;
	}
	links_flush_to_guest(links);
	return true;
}

int links_import(struct links *links, const json_t *state, const uint8_t *frames, size_t size, char *error, size_t error_size)
{
	size_t index;
	const json_t *json;

	if (!json_is_array(state))
		return links_refuse(error, error_size, "The stream has no list of links.");
	json_array_foreach(state, index, json) {
		int result = import_link(links, json, error, error_size);

		if (result)
			return result;
	}
	links_be_patient(links);
	if (!place_frames(links, frames, size, true))
		return links_refuse(error, error_size, "The stream's frames on their way are damaged.");
	return 0;
}

void links_put_back(struct links *links, const uint8_t *frames, size_t size)
{
	place_frames(links, frames, size, false);
}
