/* SPDX-License-Identifier: Apache-2.0 */
/* A learning, VLAN-aware Ethernet switch between sockets that each carry frames as a guest's NIC does (nic.h). Theory in bridge.c. */
#ifndef MOBIHOST_BRIDGE_H
#define MOBIHOST_BRIDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "loop.h"

#define BRIDGE_PORTS_MAX 65
#define BRIDGE_VLAN_MAX 4094
#define BRIDGE_AGEING_US (300 * 1000000ULL)

struct bridge;

/*
 * Our ends of the ports' sockets (they stay the caller's and must outlive this). vlans[n]: 0 a trunk, else the VLAN of an access port. `offload`: frames
 * have a virtio_net_hdr before them, at all ports. NULL: out of memory or descriptors (errno).
 */
struct bridge *bridge_create(struct loop *loop, unsigned ports, const int fds[], const uint16_t vlans[], bool offload, uint64_t ageing_us);
void bridge_destroy(struct bridge *bridge);

/* Addresses that are known now. */
unsigned bridge_learned(const struct bridge *bridge);
/* Frames that the ports refused: of a VLAN that they are not in, malformed, above the limit of flooded frames, or not taken by the receiver. */
uint64_t bridge_dropped(const struct bridge *bridge);

#endif
