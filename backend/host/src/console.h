/* SPDX-License-Identifier: Apache-2.0 */
/* The guest's console: a socket pair, what the guest wrote lately, and readers and writers of it. Theory in console.c. */
#ifndef MOBIHOST_CONSOLE_H
#define MOBIHOST_CONSOLE_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "fail.h"
#include "loop.h"

#define CONSOLE_SCROLLBACK (256 * 1024)
#define CONSOLE_QUEUE_MAX (1024 * 1024)

struct console;

/* Lives in its owner. position counts all bytes the guest ever wrote. */
struct console_reader {
	void (*more)(void *arg); /* there are bytes behind position */
	void *arg;
	uint64_t position;
	struct console_reader *next, **link;
};

struct console *console_create(struct loop *loop, struct fail *fail);
void console_destroy(struct console *console);
/* The end that the guest kernel inherits; stays open here. */
int console_guest_fd(const struct console *console);
/* The guest starts anew: what it had not read is thrown away. The scrollback stays. */
void console_restart(struct console *console);

/* Begins `tail` bytes before the end, or at the oldest byte kept. */
void console_attach(struct console *console, struct console_reader *reader, size_t tail);
/* Begins where another reader stopped, as near as the bytes kept allow. */
void console_attach_at(struct console *console, struct console_reader *reader, uint64_t position);
void console_detach(struct console_reader *reader);
/*
 * The next bytes for the reader, in one piece, valid until the loop goes on; their count, 0 at the end. *lost: bytes that were overwritten before it
 * came; position has moved behind them.
 */
size_t console_peek(struct console *console, struct console_reader *reader, const char **data, uint64_t *lost);
void console_skip(struct console_reader *reader, size_t count);

/*
 * Types `size` bytes; done(arg) when the guest's socket has taken them all, never before this returns. -1 with *fail when too much waits already.
 */
int console_write(struct console *console, const void *data, size_t size, void (*done)(void *arg), void *arg, struct fail *fail);

/* For migration, on a frozen guest: scrollback and what neither side has read; takes it out of the sockets. */
json_t *console_export(struct console *console);
int console_import(struct console *console, const json_t *state, struct fail *fail);

#endif
