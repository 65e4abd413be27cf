/* SPDX-License-Identifier: Apache-2.0 */
/* The state stream: a VM's part of a snapshot as one zstd stream of messages (docs/protocols.md, section 9). Theory in state_stream.c. */
#ifndef MOBIHOST_STATE_STREAM_H
#define MOBIHOST_STATE_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fail.h"
#include "migration_wire.h"

#define STATE_MAGIC "MOBISTA1"
#define STATE_MAGIC_SIZE 8
#define STATE_VERSION 1

enum state_type {
	STATE_PAGES = WIRE_PAGES,
	STATE_DEVICES = WIRE_DEVICES,
	STATE_DIGEST = WIRE_DIGEST,
	STATE_CONFIG = 32,
	STATE_HEAD,
	STATE_END,
};

struct state_writer;

/* Onto a descriptor, which stays the caller's. NULL: out of memory. */
struct state_writer *state_writer_create(int fd);
void state_writer_destroy(struct state_writer *writer);
int state_write_magic(struct state_writer *writer, struct fail *fail);
/* Where to write the payload of a message, at most WIRE_PAYLOAD_MAX bytes; then state_write. */
uint8_t *state_room(struct state_writer *writer);
int state_write(struct state_writer *writer, enum state_type type, size_t size, struct fail *fail);
/* Ends the zstd stream. */
int state_write_end(struct state_writer *writer, struct fail *fail);

struct state_reader;

struct state_reader *state_reader_create(int fd);
void state_reader_destroy(struct state_reader *reader);
int state_read_magic(struct state_reader *reader, struct fail *fail);
/* The next message; its bytes stay until the next call. Fails with "damaged" when there is none. */
int state_read(struct state_reader *reader, struct wire_message *message, struct fail *fail);
/* Is that all? Bytes after the end are damage. */
int state_read_end(struct state_reader *reader, struct fail *fail);

#endif
