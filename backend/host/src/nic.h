/* SPDX-License-Identifier: Apache-2.0 */
/* The guest's NIC sockets: frames in batches, one message a frame. Theory in nic.c. */
#ifndef MOBIHOST_NIC_H
#define MOBIHOST_NIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "frame.h"

#define NIC_BATCH 64
/* Bytes before each frame that was read, which its reader may write to. */
#define NIC_HEADROOM 64

/* One NIC as the packet path sees it. `offload`: each frame has a virtio_net_hdr before it. */
struct nic {
	int fd;
	bool offload;
	bool stamped;
	unsigned index; /* these two are its owner's */
	void *owner;
	uint64_t full; /* frames dropped because the guest did not take them */
	bool patient; /* what the guest does not take at once waits, instead of being dropped */
	struct nic_waiting *waiting, *last_waiting; /* in order; while there are any, later frames wait behind them or are dropped */
	size_t waiting_bytes;
};

/* Makes the socket's buffers as large as the host allows. */
void nic_setup(const struct nic *nic);

/* Whether the host notes when each frame is written. */
void nic_stamp(struct nic *nic, bool on);

struct nic_reader;

struct nic_reader *nic_reader_create(void);
void nic_reader_destroy(struct nic_reader *reader);

/* Reads what is there, at most NIC_BATCH frames: their number, 0 when there is none, -EPIPE when the socket's other end is closed. */
int nic_read(struct nic_reader *reader, const struct nic *nic);
/* Frame `index` of the last batch; false if it is none (too short or too long). It may be written to until the next nic_read. */
bool nic_frame(struct nic_reader *reader, unsigned index, struct frame_vnet *vnet, uint8_t **bytes, size_t *size);

/* When frame `index` of the last batch was written, as far as that was noted, else when the batch was read; microseconds of CLOCK_MONOTONIC, never too early. */
uint64_t nic_written_at(const struct nic_reader *reader, unsigned index);

struct nic_writer;

struct nic_writer *nic_writer_create(void);
void nic_writer_destroy(struct nic_writer *writer);

/*
 * Appends a frame to the batch; `bytes` must stay until nic_flush. `vnet` is only used by a NIC with offload, NULL: plain.
 * Frames which the guest has no room for are dropped and counted in nic->full.
 */
void nic_write(struct nic_writer *writer, struct nic *nic, const struct frame_vnet *vnet, const uint8_t *bytes, size_t size);
void nic_flush(struct nic_writer *writer);

/* Puts a message back which was taken out of the guest's socket, behind those that wait; it waits itself if it must. */
void nic_put(struct nic *nic, const uint8_t *message, size_t size);
/* Gives the guest what waits, as far as it takes it; true: nothing waits any more. */
bool nic_catch_up(struct nic *nic);
/* The first message that waits, NULL: none; and forgets it. */
const uint8_t *nic_waiting_first(const struct nic *nic, size_t *size);
void nic_waiting_drop(struct nic *nic);

#endif
