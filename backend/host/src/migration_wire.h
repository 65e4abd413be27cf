/* SPDX-License-Identifier: Apache-2.0 */
/* The sealed stream between source and target of a migration (docs/protocols.md, section 7). Blocking; used by worker threads only. */
#ifndef MOBIHOST_MIGRATION_WIRE_H
#define MOBIHOST_MIGRATION_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fail.h"
#include "seal.h"
#include "udp.h"

enum wire_type {
	WIRE_HELLO = 1,
	WIRE_PAGES,
	WIRE_PASS,
	WIRE_DEVICES,
	WIRE_DIGEST,
	WIRE_READY,
	WIRE_GO,
	WIRE_RUNNING,
	WIRE_ERROR,
	WIRE_PASSED, /* the target's answer to PASS */
};

/* Largest payload of a message. */
#define WIRE_PAYLOAD_MAX (320u << 10)

struct wire_message {
	enum wire_type type;
	const uint8_t *bytes; /* until the next wire_read */
	size_t size;
};

struct wire;

/* Not connected yet. NULL: out of memory. */
struct wire *wire_create(bool source, enum seal_cipher cipher, const uint8_t key[SEAL_KEY_SIZE]);
void wire_destroy(struct wire *wire);

/* Connects to the first of these addresses that answers (dial.h), or waits for a connection on a listening socket; at most so long. 0, or -1 with *fail. */
int wire_connect(struct wire *wire, const struct udp_address *to, unsigned count, unsigned timeout_ms, unsigned *which, struct fail *fail);
int wire_accept(struct wire *wire, int listener, unsigned timeout_ms, struct fail *fail);
/*
 * As wire_accept, but takes the first connection on which a whole record has come: connections that say nothing, or little by little, hold nobody up. The record is not
 * authenticated yet: wire_read tells. `dialed`: connections that were made from here, on which the source may speak as well; they are taken over.
 */
int wire_accept_speaking(struct wire *wire, int listener, const int dialed[], unsigned dialed_count, unsigned timeout_ms, struct fail *fail);
/* A connection that is not the wire's yet, for `dialed` above; it is taken over there. -1 with errno. */
int wire_dial(const struct wire *wire, const struct udp_address *to, unsigned count, unsigned timeout_ms, unsigned *which);
/*
 * Waits for that byte on one of these sockets (-1: none); once it has come, only for sockets before that one, for better_ms. The index of the first socket on which it has, -1 with *fail.
 */
int wire_await_byte(const struct wire *wire, const int fds[], unsigned count, uint8_t wanted, unsigned timeout_ms, unsigned better_ms, struct fail *fail);
/* Takes over a connection to a far peer. */
void wire_use(struct wire *wire, int fd);
/* Closes a connection that proved to be a stranger's; another one may follow. */
void wire_disconnect(struct wire *wire);
/* Is the peer on this host? */
bool wire_is_local(const struct wire *wire);

/* A TCP socket listening on a free port of all addresses, non-blocking; -1 with errno. */
int wire_listen(unsigned *port);

/* Emulates a far peer: bits a second (0: unlimited) of what is written, and a delay before what wire_send_now sends. */
void wire_pace(struct wire *wire, uint64_t rate_bps, uint64_t delay_us);
/* How long a read or write may make no progress, in milliseconds; 30000 at first. */
void wire_patience(struct wire *wire, unsigned milliseconds);

/*
 * Room for a message of `size` payload bytes in the record being filled, which is sent before when it has no room left. NULL with *fail. The
 * message may be made shorter afterwards by wire_shorten, as long as it is the last one.
 */
uint8_t *wire_add(struct wire *wire, enum wire_type type, size_t size, struct fail *fail);
void wire_shorten(struct wire *wire, size_t size);
/* Sends what was added: 0, or -1 with *fail. */
int wire_flush(struct wire *wire, struct fail *fail);
/* Adds a message and sends everything; the peer gets it after the emulated delay. */
int wire_send_now(struct wire *wire, enum wire_type type, const void *payload, size_t size, struct fail *fail);

/*
 * Waits for the next message: 0, or -1 with *fail. What the peer says with ERROR comes as a failure of that code and text, and wire_refused tells
 * that it was the peer who said it.
 */
int wire_read(struct wire *wire, struct wire_message *message, struct fail *fail);
bool wire_refused(const struct wire *wire);
/* Tells the peer why we give up, as far as it can still be told. */
void wire_send_error(struct wire *wire, const struct fail *why);
/* As wire_read, but fails unless it is of this type. */
int wire_expect(struct wire *wire, enum wire_type type, struct wire_message *message, struct fail *fail);

/* From any thread: all that waits, or will, fails with code "cancelled". */
void wire_cancel(struct wire *wire);
bool wire_cancelled(const struct wire *wire);

/* To the peer and back, emulated delay included: the least that was seen when this was called, as queues on the way are part of it while much is sent. */
uint64_t wire_round_trip_us(struct wire *wire);
/* Bytes on the wire so far, and seconds spent waiting for it to take them. */
uint64_t wire_written(const struct wire *wire);
double wire_write_seconds(const struct wire *wire);

#endif
