/* SPDX-License-Identifier: Apache-2.0 */
/* Streams through a relay: two connections, one of each end of a pair, joined. Theory in relay_streams.c. */
#ifndef MOBIHOST_RELAY_STREAMS_H
#define MOBIHOST_RELAY_STREAMS_H

#include "loop.h"
#include "relay_table.h"

struct relay_streams;

/* Listens on a free port of all addresses. NULL with errno. */
struct relay_streams *relay_streams_create(struct loop *loop, struct relay_table *table, unsigned *port);
/*
 * Listens on a free port of 127.0.0.1 for one side of one pair, and joins its connection with two descriptors, which it takes over (NULL: not). ended(arg) is called when that
 * is over, or if nobody came.
 */
struct relay_streams *relay_streams_piped(struct loop *loop, struct relay_table *table, uint32_t pair, unsigned side, int in, int out, void (*ended)(void *arg), void *arg,
					  unsigned *port);
void relay_streams_destroy(struct relay_streams *streams);

/* Connections that are there or wait. */
unsigned relay_streams_count(const struct relay_streams *streams);

#endif
