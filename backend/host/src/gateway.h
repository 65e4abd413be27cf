/* SPDX-License-Identifier: Apache-2.0 */
/* `mobihost gateway`: a way out of the lab by user-mode address translation. Theory in gateway.c. */
#ifndef MOBIHOST_GATEWAY_H
#define MOBIHOST_GATEWAY_H

#include <netinet/in.h>
#include <stdbool.h>

#include "fail.h"

/* Descriptors of the process: frames, one a message; and one that only tells the supervisor by its end that the process is gone. */
#define GATEWAY_FD_FRAMES 3
#define GATEWAY_FD_LIFE 4
#define GATEWAY_ADDRESS "10.0.2.2/24"

struct gateway_network {
	struct in_addr address, mask, network; /* address: the gateway's own */
	struct in_addr nameserver, first_lease;
};

/* Reads the gateway's address, like 10.0.2.2/24, and derives the rest. 0, or -1 with *fail. */
int gateway_network_parse(const char *text, struct gateway_network *network, struct fail *fail);

/* Runs until the frames' socket is closed; `loopback`: the gateway's address leads to the host's loopback interface. Returns the exit status. */
int gateway_main(const char *address, bool loopback);

#endif
