/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An end of a link whose peer may not be reachable from here, and its relay (docs/protocols.md, section 10).
 *
 * The end asks the relay each second to be admitted, at all its addresses until one answers, then at that one, as it is to be seen as one address. The relay's addresses are then as good as the peer's own, but for one thing: a direct way is better, so whoever is heard on one leaves the
 * relay; whoever does not hear his peer directly says so in his keepalives (KIND_UNHEARD), which brings the peer back to the relay. The answer tells as which address the relay sees the other end. Both ends send keepalives there, at the same time, and so open the way for each other through address
 * translators that keep an inner port's outer one.
 */
#define _GNU_SOURCE
#include "link_internal.h"
#include "little.h"

#define ANSWERS_WITHIN 5000000

void link_relay_plug(struct link *link)
{
	const struct link_relay_config *config = &link->config.relay;
	unsigned side = link->config.side == 'b';

	link_relay_forget(&link->relay);
	if (!config->set)
		return;
	relay_key(&link->relay.admit, config->secret, RELAY_ADMIT, side);
	relay_key(&link->relay.answers, config->secret, RELAY_ANSWERS, side);
}

void link_relay_forget(struct link_relay *relay)
{
	seal_key_wipe(&relay->admit);
	seal_key_wipe(&relay->answers);
	memset(relay, 0, sizeof(*relay));
}

bool link_relay_is(const struct link *link, const struct udp_address *address)
{
	for (unsigned i = 0; i < link->config.relay.endpoint_count; i++) {
		if (udp_address_equal(&link->config.relay.endpoints[i], address))
			return true;
	}
	return false;
}

bool link_relay_uses(const struct links *links, const struct link *link, unsigned endpoint)
{
	return !link->relay.answered || link->relay.chosen == endpoint || loop_now(links->loop) - link->relay.answered > ANSWERS_WITHIN;
}

void link_relay_admit(struct links *links, struct link *link)
{
	const struct link_relay_config *config = &link->config.relay;

	for (unsigned i = 0; i < config->endpoint_count; i++) {
		if (!link_relay_uses(links, link, i))
			continue;
		if (!udp_prepare(links->udp, 1, RELAY_ADMIT_SIZE))
			return;
		link->relay.asked[link->relay.asked_next++ % RELAY_ASKED] = link->counter;
		relay_admit_write(&link->relay.admit, config->pair, link->config.side == 'b', link->counter++, link->number_there, link->number_here,
				  udp_reserve(links->udp, &config->endpoints[i], RELAY_ADMIT_SIZE));
	}
}

void link_relay_answer(struct links *links, struct link *link, const struct udp_address *from, const uint8_t *bytes, size_t size)
{
	struct udp_address own, other;
	uint64_t counter = little_get(bytes + 8, 8);
	bool known = false;

	for (unsigned i = 0; i < RELAY_ASKED; i++) {
		if (counter && link->relay.asked[i] == counter) {
			link->relay.asked[i] = 0;
			known = true;
		}
	}
	if (!known || !link->config.relay.set || !relay_answer_read(&link->relay.answers, bytes, size, &own, &other)) {
		link->counters.auth++;
		return;
	}
	for (unsigned i = 0; i < link->config.relay.endpoint_count; i++) {
		if (udp_address_equal(&link->config.relay.endpoints[i], from))
			link->relay.chosen = i;
	}
	link->relay.answered = loop_now(links->loop);
	if (!other.port || udp_address_equal(&other, &link->relay.other))
		return;
	link->relay.other = other;
	if (!link->has_peer || link_relay_is(link, &link->peer))
		links_send_keepalive_to(links, link, &other);
}

bool link_relay_pass_on(struct links *links, const struct link *link, const uint8_t *bytes, size_t size)
{
	const struct link_relay_config *config = &link->config.relay;

	for (unsigned i = 0; i < config->endpoint_count; i++) {
		uint8_t *room;

		if (!link_relay_uses(links, link, i))
			continue;
		if (!udp_prepare(links->udp, 1, RELAY_PASS_ON_HEADER + size))
			return false;
		room = udp_reserve(links->udp, &config->endpoints[i], RELAY_PASS_ON_HEADER + size);
		room[0] = RELAY_KIND_PASS_ON;
		room[1] = link->config.side == 'b';
		room[2] = room[3] = 0;
		little_put(room + 4, config->pair, 4);
		memcpy(room + RELAY_PASS_ON_HEADER, bytes, size);
		room[RELAY_PASS_ON_HEADER + 1] |= FLAG_PASSED_ON;
	}
	return config->endpoint_count;
}
