/* SPDX-License-Identifier: Apache-2.0 */
/* All NICs and links of one VM: frames of the guest out, sealed datagrams in. Theory in link.c. */
#ifndef MOBIHOST_LINK_H
#define MOBIHOST_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "frame.h"
#include "loop.h"

#define LINKS_NICS_MAX 64

struct links;

/*
 * For a VM with these NIC sockets (the supervisor's ends, which stay the caller's and must outlive this). Opens the UDP socket on a free port.
 * NULL with a sentence in `error`.
 */
struct links *links_create(struct loop *loop, unsigned nics, const int nic_fds[], const bool offload[], char *error, size_t error_size);
void links_destroy(struct links *links);

/*
 * link.set: binds a NIC to a link, or changes the one it has; with the same key, counters and the known peer stay. 0, -EINVAL, or -ESTALE: the link has another key than the one named, or a
 * newer one than that given (docs/protocols.md, section 5).
 */
int links_set(struct links *links, unsigned nic, const json_t *link, char *error, size_t error_size);
/* link.clear: unplugs the NIC. 0 or -EINVAL (no such NIC). */
int links_clear(struct links *links, unsigned nic);

/* New JSON arrays for the status and for event `links`; NULL: out of memory. */
json_t *links_status(const struct links *links);
json_t *links_counters(const struct links *links);
/* Datagrams that belong to no link at all. */
uint64_t links_strays(const struct links *links);
/* ["ip:port", ...] of the UDP socket on all addresses of the host. */
json_t *links_endpoints(const struct links *links);
unsigned links_port(const struct links *links);

unsigned links_count(const struct links *links);

/* Hears of each frame that the guest of a NIC sends and gets; `vnet` as the guest left it. It must neither change nor keep the bytes. */
typedef void links_tap_fn(void *arg, unsigned nic, bool sent, const struct frame_vnet *vnet, const uint8_t *bytes, size_t size);
/* For the NICs of which the bit is set, 0: for none. There is one tap. */
void links_tap(struct links *links, uint64_t nics, links_tap_fn *fn, void *arg);

/*
 * links_pause: takes what the (frozen) guest has sent, then touches neither NIC nor network, until links_resume. What the network sends
 * meanwhile waits in the socket. links_resume also ends links_forward.
 */
void links_pause(struct links *links);
void links_resume(struct links *links);

/*
 * For migration, between links_pause and links_resume or links_forward. Export: the links with their keys, counters and
 * windows as JSON, and the frames which are on their way as a blob: those in delay queues (they stay there) and those which the frozen guest did not read
 * (taken out of guest_fds, the guest's ends of the NIC sockets, NULL: none). NULL: out of memory. Free the blob.
 */
json_t *links_export(struct links *links, const int guest_fds[], uint8_t **frames, size_t *size);
/*
 * Takes over an export, on links that were paused since their creation. 0, or -EINVAL with a sentence: it comes from a peer, nothing in it is
 * trusted.
 */
int links_import(struct links *links, const json_t *state, const uint8_t *frames, size_t size, char *error, size_t error_size);
/* How many frames such a blob has; -1: it is none, or names NICs beyond these. */
int links_frames_count(const uint8_t *frames, size_t size, unsigned nics);
/* Migration failed, the guest goes on here: gives it the frames back that links_export took from it. */
void links_put_back(struct links *links, const uint8_t *frames, size_t size);

/*
 * Snapshots (docs/protocols.md, section 9). Begin: from now on frames of that epoch are held back; overdue(arg) is called if they had to be let go because links_cut did
 * not come in time. links_cut, between links_pause and links_resume: from now on this epoch is sent, and frames of others are recorded; what was held back
 * is given to the guest by links_cut_release, after it thawed. links_cut_complete: everything sent before the peers' cuts has come, or lost patience, which
 * begins with its first call. End: takes the recorded frames (as links_export's) and tells about each link as snapshot.finish answers it; NULL if memory ran out, or there is no snapshot.
 * links_cut_end ends it at any point; what is held back goes to the guest.
 */
int links_cut_begin(struct links *links, uint16_t epoch, void (*overdue)(void *arg), void *arg);
uint16_t links_epoch(const struct links *links);
void links_cut(struct links *links);
void links_cut_release(struct links *links);
bool links_cut_complete(struct links *links);
json_t *links_cut_take(struct links *links, uint8_t **frames, size_t *size, uint64_t *lost);
void links_cut_end(struct links *links);

/* A saved guest is about to go on: what it sends waits until its peers are heard, ten seconds at most. */
void links_gate(struct links *links);

/* The VM has left: from now on each datagram is passed on to its new supervisor, "ip:port", or through each link's relay (NULL). 0 or -EINVAL. */
int links_forward(struct links *links, const char *endpoint);
/* How many were. */
uint64_t links_forwarded(const struct links *links);

#endif
