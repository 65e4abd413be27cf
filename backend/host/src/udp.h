/* SPDX-License-Identifier: Apache-2.0 */
/* A supervisor's UDP socket: datagrams in batches, segmented and merged by the kernel where it can. Theory in udp.c. */
#ifndef MOBIHOST_UDP_H
#define MOBIHOST_UDP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>
#include <netinet/in.h>
#include <sys/socket.h>

/* Largest payload of a datagram. */
#define UDP_DATAGRAM_MAX 65000
#define UDP_BATCH 32
#define UDP_IPV6_HEADERS 48
/* "[ip]:port" with its end. */
#define UDP_ADDRESS_TEXT 64

/* IPv4 addresses are mapped ones (::ffff:a.b.c.d). No padding: may be compared by memcmp. */
struct udp_address {
	uint8_t ip[16];
	uint32_t scope; /* interface of a link-local address */
	uint32_t port;
};

bool udp_address_equal(const struct udp_address *a, const struct udp_address *b);
/* Numeric "ip:port" or "[ip6%scope]:port". */
bool udp_address_parse(const char *text, struct udp_address *address);
void udp_address_format(const struct udp_address *address, char text[UDP_ADDRESS_TEXT]);

union udp_socket_address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/* For a socket of the address's own family; returns its length. */
socklen_t udp_address_to_socket(const struct udp_address *address, union udp_socket_address *to);

/* Largest UDP payload that reaches the address in one piece over a path of at most `mtu`; loopback takes much more. */
size_t udp_path_payload(const struct udp_address *to, size_t mtu);

/* All addresses of this host with this port, loopback last: ["ip:port", ...]. NULL: out of memory. */
json_t *udp_local_endpoints(unsigned port);

struct udp;

/* One socket on a free port, IPv6 and IPv4, or IPv4 alone where the host has no IPv6. NULL with errno. */
struct udp *udp_create(void);
/* The same, which only this host reaches: on 127.0.0.1. */
struct udp *udp_create_local(void);
void udp_destroy(struct udp *udp);
int udp_fd(const struct udp *udp);
unsigned udp_port(const struct udp *udp);

/*
 * Sees to room for so many datagrams of together `bytes` (at most 256 and 1 MiB), flushing what is there if need be. False: the
 * socket is full and so is the batch; wait for EPOLLOUT.
 */
bool udp_prepare(struct udp *udp, unsigned datagrams, size_t bytes);
/* Where to write a datagram of exactly `size` bytes to `to`, after udp_prepare; it is sent, in order, by udp_flush. */
uint8_t *udp_reserve(struct udp *udp, const struct udp_address *to, size_t size);
/* Sends what was reserved. False: the socket is full, the rest waits; call again on EPOLLOUT. */
bool udp_flush(struct udp *udp);
/* Is something waiting for the socket? */
bool udp_blocked(const struct udp *udp);
/* Datagrams the system would not send (no route, ...). */
uint64_t udp_unsent(const struct udp *udp);

struct udp_message {
	struct udp_address from;
	uint8_t *bytes;
	size_t size;
	size_t segment; /* the message is datagrams of this size, the last one may be shorter */
};

/* Reads a batch: number of messages, 0 when there is nothing. */
unsigned udp_receive(struct udp *udp);
/* Message of the last batch; its bytes may be changed and stay until the next udp_receive. False: not usable. */
bool udp_message(struct udp *udp, unsigned index, struct udp_message *message);

#endif
