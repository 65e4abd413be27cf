/* SPDX-License-Identifier: Apache-2.0 */
/* What the files that make up link.h share: link.c (coming and going), link_send.c, link_receive.c, link_cut.c (snapshots), link_report.c (what the desktop sees), link_move.c (migration), link_spool.c (pauses), link_relay.c (relays). */
#ifndef MOBIHOST_LINK_INTERNAL_H
#define MOBIHOST_LINK_INTERNAL_H

#include <string.h>

#include "impairment.h"
#include "link.h"
#include "link_config.h"
#include "nic.h"
#include "reassembly.h"
#include "relay_format.h"
#include "seal.h"
#include "udp.h"

/* Largest frame as it travels: with its virtio_net_hdr. */
#define CARRIED_MAX (FRAME_VNET_SIZE + FRAME_MAX)
#define ECHOES 4

/* Datagrams: docs/protocols.md, section 6. */
#define KIND_DATA 1
#define KIND_KEEPALIVE 2
#define KIND_UNHEARD 6 /* a keepalive from who does not hear its peer directly; only on links with a relay */
#define FLAG_PASSED_ON 1
#define FORM_PLAIN 0
#define FORM_VNET 1

#define HEADER_SIZE 16
#define FRAGMENT_SIZE 4
#define OVERHEAD (HEADER_SIZE + FRAGMENT_SIZE + SEAL_TAG_SIZE)
#define KEEPALIVE_SIZE 32

#define KEEPALIVE_EVERY 1000000
#define PEER_SILENT 3000000
#define PATIENT_US 2000000 /* how long a guest that stood still has to take what came meanwhile */
#define SCRATCH_SIZE (256u << 10)

/* Datagrams that came while the links were paused (link_spool.c). */
struct spool {
	struct spooled *first, *last;
	size_t bytes;
};

/* What is authenticated: the header without the flags byte. */
static inline void header_ad(const uint8_t *header, uint8_t ad[HEADER_SIZE - 1])
{
	ad[0] = header[0];
	memcpy(ad + 1, header + 2, HEADER_SIZE - 2);
}

struct counters {
	uint64_t tx_frames, tx_bytes, rx_frames, rx_bytes;
	uint64_t queue, loss, peer, auth, replay, malformed, guest, incomplete;
};

/* What a link knows of its peer's cut and of its own (link_cut.c). */
struct channel {
	uint64_t cut_counter; /* ours at the epoch's begin: told in keepalives, moves with the VM */
	bool known; /* `top` is */
	bool peer_cut;
	uint64_t top; /* highest counter received before the snapshot began */
	uint64_t received; /* later datagrams of another epoch */
	uint64_t peer_counter; /* its counter at its cut */
	uint64_t frames; /* recorded */
};

#define RELAY_ASKED 8

/* What an end knows of its relay (link_relay.c). */
struct link_relay {
	struct seal_key admit, answers;
	uint64_t asked[RELAY_ASKED]; /* counters of the last wishes to be admitted that were not answered */
	unsigned asked_next;
	unsigned chosen; /* the endpoint that answered last */
	uint64_t answered; /* 0: none has */
	struct udp_address other; /* the other end as the relay sees it; port 0: it does not */
};

struct link {
	bool set;
	struct link_config config;
	struct seal_key seal, open;
	uint32_t number_there, number_here; /* what datagrams to the peer, and those to us, carry */
	uint64_t counter; /* of the next datagram */
	struct seal_window window;
	struct udp_address peer;
	bool has_peer;
	size_t payload; /* bytes of a fragment */
	uint64_t heard, heard_directly; /* 0: never */
	uint64_t peer_heard; /* last datagram from the peer's present address */
	uint64_t peer_clock, peer_clock_at; /* from its last keepalive */
	uint64_t sent_clocks[ECHOES]; /* of our last keepalives: other echoes are not ours */
	unsigned sent_next;
	uint64_t rtt;
	uint64_t gate; /* until then, or until the peer is heard, what the guest sends waits in the impairment's queue; 0: open */
	struct channel channel;
	struct link_relay relay;
	struct impairment *impairment;
	struct counters counters; /* queue, loss, guest, incomplete: what came with a migration */
};

struct links {
	struct loop *loop;
	struct udp *udp;
	struct loop_watch *udp_watch;
	struct loop_timer keepalive_timer, impairment_timer, patience_timer;
	struct spool spool;
	unsigned count;
	struct link links[LINKS_NICS_MAX];
	struct nic nics[LINKS_NICS_MAX];
	struct loop_watch *nic_watches[LINKS_NICS_MAX];
	struct nic_reader *reader;
	unsigned batch_nic, batch_next, batch_count; /* frames of the reader's batch that wait for the UDP socket */
	unsigned batch_tapped; /* up to here the tap has heard of them */
	struct nic_writer *writer;
	struct reassembly *reassembly;
	uint8_t *scratch; /* finished frames for a NIC without offload */
	size_t scratch_used;
	uint64_t tapped; /* NICs of which the tap hears */
	links_tap_fn *tap;
	void *tap_arg;
	uint64_t strays, forwarded;
	bool paused, blocked, forwarding, forward_by_relay;
	bool waits; /* frames for a guest do */
	uint16_t epoch; /* of all that is sent */
	struct cut *cut; /* NULL: no snapshot is under way */
	struct udp_address forward_to;
};

/* A growing blob of frames: u8 kind | u8 nic | u16 0 | u32 size | u64 microseconds left | bytes. */
#define FRAME_TO_GUEST 1
#define FRAME_DELAYED 2
#define FRAME_FRAGMENT 3 /* of a frame that is not complete: u64 counter of its first fragment | u8 index | u8 count | u8 form | u8 0 | bytes */
#define FRAME_RECORD 16

struct blob {
	uint8_t *bytes;
	size_t size, room;
	bool failed;
};

/* Where to write a frame of that size; NULL: out of memory, and the blob has failed. */
uint8_t *blob_add(struct blob *blob, uint8_t kind, unsigned nic, size_t size, uint64_t left);

/* Formats the sentence; returns -EINVAL. */
int links_refuse(char *error, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Goes on with the batch of frames that was read last; false: the UDP socket is full. */
bool links_take_batch(struct links *links);
/* Ends each round: sends all there is to send, as far as the socket takes it. Of a guest that left nothing more is sent. */
void links_settle(struct links *links);
/* Puts a frame of the guest into the link's impairment, whatever that does. */
void links_impair(struct link *link, const struct frame_vnet *vnet, const uint8_t *bytes, size_t size, uint64_t now);
/* Gives a frame from the network to the guest; flush_to_guest follows. */
void links_give(struct links *links, unsigned index, uint16_t epoch, const uint8_t *bytes, size_t size, uint8_t form);
void links_flush_to_guest(struct links *links);

/* A snapshot is under way: an authenticated datagram has come; a frame for the guest has come, true: it is held back; a frame was given to the guest. */
void cut_datagram(struct links *links, struct link *link, uint16_t epoch, uint64_t counter);
bool cut_holds(struct links *links, unsigned index, uint16_t epoch, const uint8_t *bytes, size_t size, uint8_t form);
void cut_given(struct links *links, unsigned index, uint16_t epoch, const struct frame_vnet *vnet, const uint8_t *bytes, size_t size);
/* A keepalive told the peer's epoch and its counter at that epoch's begin. */
void cut_peer(struct links *links, struct link *link, uint16_t epoch, uint64_t counter);

/* Prepares what the configuration says about a relay; forgets it. */
void link_relay_plug(struct link *link);
void link_relay_forget(struct link_relay *relay);
/* Is that address one of the relay's? */
bool link_relay_is(const struct link *link, const struct udp_address *address);
/* Is this endpoint of the relay used? */
bool link_relay_uses(const struct links *links, const struct link *link, unsigned endpoint);
/* Asks to be admitted; takes the answer to that. */
void link_relay_admit(struct links *links, struct link *link);
void link_relay_answer(struct links *links, struct link *link, const struct udp_address *from, const uint8_t *bytes, size_t size);
/* The VM has left: sends what came for it to the relay. False: there is none. */
bool link_relay_pass_on(struct links *links, const struct link *link, const uint8_t *bytes, size_t size);

/* What is listened to follows from the state alone. */
void links_update_watches(struct links *links);
/* From now on, for PATIENT_US, frames that guests do not take at once wait instead of being dropped. */
void links_be_patient(struct links *links);
void links_patience_ends(void *arg);

/* Keeps what the UDP socket has, as long as there is room; false: there is none, the rest waits in the socket. */
bool links_spool(struct links *links);
bool links_spool_full(const struct links *links);
/* Handles what was kept, unless the UDP socket must be waited for; true: all of it. */
bool links_unspool(struct links *links);
void links_spool_forget(struct links *links);
/* A message from the UDP socket: datagrams of one size, but for the last. */
void links_take_message(struct links *links, const struct udp_message *message);
/* To the peer; to all addresses that were named if `everywhere`, or if the peer was not heard directly for some time. */
void links_send_keepalive(struct links *links, struct link *link, bool everywhere);

/* A fragment of a frame that was authenticated; its frame goes to the guest when it was the last one that was missing. */
void links_take_fragment(struct links *links, uint16_t epoch, const struct reassembly_fragment *fragment);

/* The loop's calls: a NIC has frames; frames on their way are due; it is time for keepalives; the UDP socket can be read or written. */
void links_nic_ready(void *arg, uint32_t events);
void links_impairment_ready(void *arg);
void links_keepalive_ready(void *arg);
void links_udp_ready(void *arg, uint32_t events);
/* Sets the timer to when the next frame is due. */
void links_schedule_due(struct links *links);
void links_send_keepalive_to(struct links *links, struct link *link, const struct udp_address *to);
void links_tell_tap(struct links *links, unsigned nic, bool sent, const struct frame_vnet *vnet, const uint8_t *bytes, size_t size);

/* Gives a NIC its link; what it knew of the same link under the same key stays. */
void links_plug(struct links *links, unsigned nic, const struct link_config *config);
/* Forgets all but the counters. */
void link_unplug(struct link *link);
void link_set_peer(struct link *link, const struct udp_address *peer);

struct counters links_counters_now(const struct links *links, unsigned nic);
/* New references. */
json_t *link_drops_json(const struct counters *counters);
json_t *link_peer_json(const struct link *link);

#endif
