/* SPDX-License-Identifier: Apache-2.0 */
/* The pairs of a host's relays: one file each in the folder `relay`, named by the pair's number, with its secret. Theory in relay.c. */
#ifndef MOBIHOST_RELAY_PAIRS_H
#define MOBIHOST_RELAY_PAIRS_H

#include "fail.h"
#include "loop.h"
#include "relay_table.h"
#include "store.h"

/* Writes or removes a pair's file. */
int relay_pairs_put(const struct store *store, uint32_t pair, const uint8_t secret[SEAL_KEY_SIZE], struct fail *fail);
void relay_pairs_drop(const struct store *store, uint32_t pair);

/* Removes those which no relay has used for an hour: of migrations that are over, of links that have found another way. */
void relay_pairs_sweep(const struct store *store);

struct relay_pairs;

/* Keeps the table as the folder is. NULL with *fail. */
struct relay_pairs *relay_pairs_watch(const struct store *store, struct loop *loop, struct relay_table *table, struct fail *fail);
/* Tells the other relays of this folder that a pair is in use. */
void relay_pairs_touch(const struct relay_pairs *pairs, uint32_t pair);
void relay_pairs_destroy(struct relay_pairs *pairs);

#endif
