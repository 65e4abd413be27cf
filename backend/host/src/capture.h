/* SPDX-License-Identifier: Apache-2.0 */
/* Copies of the frames that pass NICs, for clients of a supervisor. Theory in capture.c; the client is capture_file.c. */
#ifndef MOBIHOST_CAPTURE_H
#define MOBIHOST_CAPTURE_H

#include <stdint.h>

#include "fail.h"
#include "frame.h"
#include "link.h"
#include "loop.h"

#define CAPTURE_SOCKET "capture"

/* A client's request, the first and only thing it sends. */
struct capture_request {
	uint32_t magic;
	uint32_t nic;
	uint32_t snap; /* bytes of each frame that are wanted */
};

#define CAPTURE_MAGIC 0x31504143 /* "CAP1" */

enum capture_kind {
	CAPTURE_SENT = 1, /* a frame that the guest sent */
	CAPTURE_RECEIVED, /* a frame that the guest got */
	CAPTURE_COUNTS,   /* no frame: `lost` and `seen` alone */
};

/* What the client gets; `size` bytes follow. */
struct capture_record {
	uint32_t size, original;
	uint64_t time; /* nanoseconds since 1970 */
	uint64_t seen, lost; /* frames of this NIC since the capture began: all, and those that had no room */
	uint8_t kind, reserved;
	struct frame_vnet vnet; /* what is left to be finished in the frame */
	uint32_t reserved2;
};

_Static_assert(sizeof(struct capture_record) == 48, "as sent");

struct captures;

/* Listens in the current directory. NULL with *fail. */
struct captures *captures_create(struct loop *loop, struct links *links, struct fail *fail);
void captures_destroy(struct captures *captures);
/* Ends those that run: the VM goes on on another host. */
void captures_end(struct captures *captures);

#endif
