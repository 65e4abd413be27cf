/* SPDX-License-Identifier: Apache-2.0 */
/* Status and counters of links as JSON (docs/protocols.md, section 5). */
#define _GNU_SOURCE
#include "link_internal.h"

json_t *link_peer_json(const struct link *link)
{
	char text[UDP_ADDRESS_TEXT];

	if (!link->has_peer)
		return json_null();
	udp_address_format(&link->peer, text);
	return json_string(text);
}

/* Who passes on what goes to the peer now; NULL: nobody. */
static const char *relayed_by(const struct link *link)
{
	return link->has_peer && link_relay_is(link, &link->peer) ? link->config.relay.by : NULL;
}

json_t *links_status(const struct links *links)
{
	json_t *list = json_array();

	for (unsigned i = 0; list && i < links->count; i++) {
		const struct link *link = &links->links[i];

		if (link->set)
			json_array_append_new(list, json_pack("{s:i,s:s,s:s,s:I,s:o,s:s*}", "nic", (int)i, "link", link->config.id, "keyId", link->config.key_id,
							      "generation", (json_int_t)link->config.generation, "peer", link_peer_json(link), "relayedBy", relayed_by(link)));
	}
	return list;
}

struct counters links_counters_now(const struct links *links, unsigned nic)
{
	const struct link *link = &links->links[nic];
	struct impairment_drops drops = impairment_drops(link->impairment);
	struct counters counters = link->counters;

	counters.queue += drops.queue;
	counters.loss += drops.loss;
	counters.guest += links->nics[nic].full;
	counters.incomplete += reassembly_incomplete(links->reassembly, nic);
	return counters;
}

json_t *link_drops_json(const struct counters *c)
{
	return json_pack("{s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I}", "queue", (json_int_t)c->queue, "loss", (json_int_t)c->loss, "peer",
			 (json_int_t)c->peer, "auth", (json_int_t)c->auth, "replay", (json_int_t)c->replay, "malformed",
			 (json_int_t)c->malformed, "guest", (json_int_t)c->guest, "incomplete", (json_int_t)c->incomplete);
}

json_t *links_counters(const struct links *links)
{
	uint64_t now = loop_now(links->loop);
	json_t *list = json_array();

	for (unsigned i = 0; list && i < links->count; i++) {
		const struct link *link = &links->links[i];
		struct counters c = links_counters_now(links, i);

		if (!link->set)
			continue;
		json_array_append_new(list, json_pack("{s:i,s:s,s:I,s:I,s:I,s:I,s:o,s:I,s:o,s:I,s:s*}", "nic", (int)i, "link", link->config.id,
						      "txFrames", (json_int_t)c.tx_frames, "txBytes", (json_int_t)c.tx_bytes, "rxFrames",
						      (json_int_t)c.rx_frames, "rxBytes", (json_int_t)c.rx_bytes, "drops", link_drops_json(&c),
						      "rttUs", (json_int_t)link->rtt, "peer", link_peer_json(link), "aliveUs",
						      link->heard ? (json_int_t)(now - link->heard) : (json_int_t)-1, "relayedBy", relayed_by(link)));
	}
	return list;
}

uint64_t links_strays(const struct links *links)
{
	return links->strays;
}

json_t *links_endpoints(const struct links *links)
{
	return udp_local_endpoints(udp_port(links->udp));
}

unsigned links_port(const struct links *links)
{
	return udp_port(links->udp);
}
