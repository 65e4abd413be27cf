/* SPDX-License-Identifier: Apache-2.0 */
/* A migration whose hosts don't reach each other: its stream goes through relays that both reach (docs/protocols.md, section 10). */
#ifndef MOBIHOST_MIGRATION_RELAY_H
#define MOBIHOST_MIGRATION_RELAY_H

#include <jansson.h>

#include "fail.h"
#include "migration_wire.h"
#include "relay_format.h"

#define MIGRATION_RELAYS_MAX 8
#define MIGRATION_RELAY_ENDPOINTS 16

struct migration_relay {
	struct udp_address endpoints[MIGRATION_RELAY_ENDPOINTS];
	unsigned endpoint_count;
	uint32_t pair;
	uint8_t secret[SEAL_KEY_SIZE];
	char by[256]; /* its name, for the user */
};

struct migration_relays {
	struct migration_relay list[MIGRATION_RELAYS_MAX];
	unsigned count;
};

/* The optional member `relays` of migration.receive and migration.send. */
int migration_relays_read(const json_t *params, struct migration_relays *relays, struct fail *fail);
void migration_relays_forget(struct migration_relays *relays);

/* The source: connects the wire through one of them; tells which. */
int migration_relays_connect(const struct migration_relays *relays, struct wire *wire, unsigned *which, struct fail *fail);
/* The target: connections to those that can be reached, greeted; how many. One of them will carry the source. */
unsigned migration_relays_dial(const struct migration_relays *relays, struct wire *wire, int fds[MIGRATION_RELAYS_MAX]);

#endif
