/* SPDX-License-Identifier: Apache-2.0 */
/* Who may send what to whom through a relay: pairs of ends that have proved to hold the pair's key (docs/protocols.md, section 10). Theory in relay_table.c. */
#ifndef MOBIHOST_RELAY_TABLE_H
#define MOBIHOST_RELAY_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "relay_format.h"
#include "udp.h"

#define RELAY_PAIRS_MAX 1024

struct relay_table;

/* pipe: there is another relay behind a pipe, where ends may be that are not here. NULL: out of memory. */
struct relay_table *relay_table_create(bool pipe);
void relay_table_destroy(struct relay_table *table);

/* Takes a pair in, or gives it another secret and forgets its ends. False: the table is full. */
bool relay_table_add(struct relay_table *table, uint32_t pair, const uint8_t secret[SEAL_KEY_SIZE], uint64_t now);
void relay_table_remove(struct relay_table *table, uint32_t pair);
bool relay_table_has(const struct relay_table *table, uint32_t pair);
unsigned relay_table_count(const struct relay_table *table);
/* The next pair, from *at on, that was used since then; moves *at behind it. 0: none. */
uint32_t relay_table_used(const struct relay_table *table, unsigned *at, uint64_t since);
/* A pair of which nobody was admitted for so many microseconds (0: none), to be removed. */
uint32_t relay_table_idle(const struct relay_table *table, uint64_t now, uint64_t idle);

enum relay_verdict {
	RELAY_DROP,
	RELAY_SEND, /* `bytes` to `to` */
	RELAY_PIPE, /* `bytes` through the pipe */
};

struct relay_outcome {
	enum relay_verdict verdict;
	struct udp_address to;
	const uint8_t *bytes; /* of the datagram, or the answer below */
	size_t size;
	uint8_t answer[RELAY_ANSWER_SIZE];
};

/* A datagram from an address, or from the pipe (NULL). Times in microseconds, of any clock that only goes forward. */
void relay_table_datagram(struct relay_table *table, const struct udp_address *from, const uint8_t *bytes, size_t size, uint64_t now,
			  struct relay_outcome *outcome);
/* Is this a greeting on a stream of that pair that was not heard before? */
bool relay_table_greeting(struct relay_table *table, const uint8_t greeting[RELAY_GREETING_SIZE], uint64_t now, uint32_t *pair, unsigned *side);

#endif
