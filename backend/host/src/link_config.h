/* SPDX-License-Identifier: Apache-2.0 */
/* The `link` object of link.set (docs/protocols.md, section 5), checked. */
#ifndef MOBIHOST_LINK_CONFIG_H
#define MOBIHOST_LINK_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "impairment.h"
#include "seal.h"
#include "udp.h"

#define LINK_PEERS_MAX 16
#define LINK_ID_MAX 64
#define LINK_KEY_ID_SIZE 17
#define LINK_RELAYS_MAX 4
#define LINK_RELAY_BY_MAX 255

/* Who passes datagrams on while the ends do not reach each other. */
struct link_relay_config {
	bool set;
	char by[LINK_RELAY_BY_MAX + 1]; /* name of the relay, for the user */
	uint32_t pair;
	uint8_t secret[SEAL_KEY_SIZE];
	struct udp_address endpoints[LINK_RELAYS_MAX];
	unsigned endpoint_count;
};

struct link_config {
	char id[LINK_ID_MAX + 1];
	uint8_t key[SEAL_KEY_SIZE];
	bool keyed;           /* `key` was given; otherwise the link keeps the key named by `key_id` */
	char key_id[LINK_KEY_ID_SIZE];
	bool ordered;         /* `generation` was given: an older key does not replace a newer one */
	uint64_t generation;
	enum seal_cipher cipher;
	char side; /* 'a' or 'b' */
	struct udp_address peers[LINK_PEERS_MAX];
	unsigned peer_count;
	unsigned mtu; /* of the path between the hosts */
	struct impairment_config egress;
	bool up;
	struct link_relay_config relay;
};

/* Tells keys apart without telling them. */
void link_key_id(const uint8_t key[SEAL_KEY_SIZE], char id[LINK_KEY_ID_SIZE]);

/* 0, or -EINVAL with a sentence in `error`. */
int link_config_parse(const json_t *json, struct link_config *config, char *error, size_t error_size);
/* The object again, key included. NULL: out of memory. */
json_t *link_config_json(const struct link_config *config);

#endif
