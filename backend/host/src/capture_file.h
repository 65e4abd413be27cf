/* SPDX-License-Identifier: Apache-2.0 */
/* `mobihost capture`: writes what passes a NIC as a pcapng stream. Theory in capture_file.c. */
#ifndef MOBIHOST_CAPTURE_FILE_H
#define MOBIHOST_CAPTURE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture.h"
#include "fail.h"
#include "store.h"

#define CAPTURE_SNAP_MAX 262144

/* Puts together what comes from a supervisor; nothing in it is trusted. */
struct capture_file {
	/* Takes a finished piece; 0, or -1 when it cannot. */
	int (*write)(void *arg, const void *bytes, size_t size);
	void *arg;
	uint32_t snap;
	uint64_t lost_told;
	uint64_t seen, lost, last_time; /* of the newest record */
	uint8_t *frame;	 /* finished, with the block around it */
	uint8_t *pending; /* bytes of a record that is not complete */
	size_t pending_size;
};

/* -1: out of memory. */
int capture_file_init(struct capture_file *file, uint32_t snap, int (*write)(void *arg, const void *bytes, size_t size), void *arg);
void capture_file_clear(struct capture_file *file);
/* Section header and interface description; `name` as the analyser is to show the interface. */
int capture_file_begin(struct capture_file *file, const char *name);
/* Bytes of the supervisor's stream, in pieces of any size. -1: they make no sense, or the output takes no more. */
int capture_file_take(struct capture_file *file, const uint8_t *bytes, size_t size);
/* Interface statistics: how many frames there were, and how many of them are missing. */
int capture_file_end(struct capture_file *file);

/* The command. `go_on`: without the headers, as the next part of a stream that another host began. Returns the exit status. */
int capture_main(const struct store *store, const char *instance, unsigned nic, uint32_t snap, bool go_on);

#endif
