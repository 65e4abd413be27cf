/* SPDX-License-Identifier: Apache-2.0 */
/* Relays for hosts that can't reach each other (docs/protocols.md, section 10). Theory in relay.c. */
#ifndef MOBIHOST_RELAY_H
#define MOBIHOST_RELAY_H

#include <jansson.h>
#include <sys/types.h>

#include "fail.h"
#include "store.h"

/* `mobihost relay serve`: for this host folder, on all addresses, until no pair is left. The exit status. */
int relay_serve_main(const struct store *store, int ready_fd);
/* `mobihost relay pipe`: datagrams, for this host alone, joined with another relay by standard input and output. */
int relay_pipe_main(const struct store *store);
/* `mobihost relay stream PAIR a|b`: one stream, likewise. */
int relay_stream_main(const struct store *store, const char *pair, const char *side);

/* For rpc: {"udp": [ip:port, ...], "tcp": [...]} of the relay that serves this folder; NULL if none does. */
json_t *relay_endpoints(const struct store *store);
/* Starts one. Returns a descriptor that ends when it is ready, or has failed; -1 with *fail. */
int relay_launch(const struct store *store, pid_t *helper, struct fail *fail);

#endif
