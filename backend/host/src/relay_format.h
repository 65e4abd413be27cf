/* SPDX-License-Identifier: Apache-2.0 */
/* What the ends of a pair and their relay say to each other (docs/protocols.md, section 10). */
#ifndef MOBIHOST_RELAY_FORMAT_H
#define MOBIHOST_RELAY_FORMAT_H

#include <stdbool.h>
#include <stdint.h>

#include "seal.h"
#include "udp.h"

/* Kinds of datagrams, besides those of links (link_internal.h). */
#define RELAY_KIND_ADMIT 3
#define RELAY_KIND_ANSWER 4
#define RELAY_KIND_PASS_ON 5

#define RELAY_HEADER_SIZE 16
#define RELAY_ADMIT_SIZE (RELAY_HEADER_SIZE + 8 + SEAL_TAG_SIZE)
#define RELAY_ADDRESS_SIZE 18
#define RELAY_ANSWER_SIZE (RELAY_HEADER_SIZE + 2 * RELAY_ADDRESS_SIZE + SEAL_TAG_SIZE)
#define RELAY_PASS_ON_HEADER 8
#define RELAY_GREETING_SIZE (24 + SEAL_TAG_SIZE)
/* What a relay says to the source of a migration once its target is there. */
#define RELAY_GO 'R'

enum relay_use { RELAY_ADMIT, RELAY_ANSWERS, RELAY_STREAM };

/* The key of a pair's side (0: a, 1: b) for one use; forget it by seal_key_wipe. */
void relay_key(struct seal_key *key, const uint8_t secret[SEAL_KEY_SIZE], enum relay_use use, unsigned side);

/* An end's wish to be admitted: it sends datagrams with the link number `there`, and gets those with `here`. The counter only grows. */
void relay_admit_write(const struct seal_key *key, uint32_t pair, unsigned side, uint64_t counter, uint32_t there, uint32_t here, uint8_t out[RELAY_ADMIT_SIZE]);
bool relay_admit_read(const struct seal_key *key, const uint8_t *bytes, size_t size, uint32_t *there, uint32_t *here);

/* The answer: as which address the end is seen, and as which the other one; NULL: not at all. The counter is that of the wish. */
void relay_answer_write(const struct seal_key *key, uint32_t number, uint64_t counter, const struct udp_address *own, const struct udp_address *other,
			uint8_t out[RELAY_ANSWER_SIZE]);
/* False: not the relay's. `other` has port 0 if the relay does not see it. */
bool relay_answer_read(const struct seal_key *key, const uint8_t *bytes, size_t size, struct udp_address *own, struct udp_address *other);

/* The first bytes on a stream through a relay. */
void relay_greeting_write(const uint8_t secret[SEAL_KEY_SIZE], uint32_t pair, unsigned side, uint64_t counter, uint8_t out[RELAY_GREETING_SIZE]);
/* Pair, side and counter that a greeting claims; false: it is none. */
bool relay_greeting_claims(const uint8_t greeting[RELAY_GREETING_SIZE], uint32_t *pair, unsigned *side, uint64_t *counter);
bool relay_greeting_holds(const uint8_t secret[SEAL_KEY_SIZE], const uint8_t greeting[RELAY_GREETING_SIZE]);

#endif
