/* SPDX-License-Identifier: Apache-2.0 */
/* The serial line: frames in, frames out. Theory in line.c. */
#ifndef GUESTD_LINE_H
#define GUESTD_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "guest_protocol.h"

/* Room for resynchronisation, HELLO and several frames of output. */
#define LINE_OUT_SIZE (8 * GUEST_FRAME_MAX)

struct line {
	int fd;
	size_t in_start;
	size_t in_end;
	size_t out_start;
	size_t out_end;
	uint8_t in[2 * GUEST_FRAME_MAX];
	uint8_t out[LINE_OUT_SIZE];
};

/* Opens the line and makes it raw. Returns 0 or -errno. */
int line_open(struct line *line, const char *path);

/* Reads what has arrived. Returns 0, or -errno when the line is gone. */
int line_read(struct line *line);

/* Takes the next whole frame; its payload is valid until the next line_read. */
bool line_next(struct line *line, struct guest_frame *frame);

/* Writes what the line takes. Returns 0, or -errno when the line is gone. */
int line_write(struct line *line);

bool line_has_output(const struct line *line);

/* Can `frames` more frames of any length be put? */
bool line_has_room(struct line *line, size_t frames);

/* Where the payload of the next frame may be built, GUEST_PAYLOAD_MAX bytes; ask line_has_room first. */
uint8_t *line_payload(struct line *line);

/* Sends the first `length` bytes at line_payload as a frame. */
void line_commit(struct line *line, uint8_t type, uint32_t session, uint32_t length);

/* Sends a frame with a copy of the payload; ask line_has_room first. */
void line_put(struct line *line, uint8_t type, uint32_t session, const void *payload, uint32_t length);

/* Drops all output that is waiting and makes the peer find the beginning of the next frame. */
void line_resync(struct line *line);

#endif
