/* SPDX-License-Identifier: Apache-2.0 */
/* A connection that carries JSON objects, one a line, both ways. Theory in lines.c. */
#ifndef MOBIHOST_LINES_H
#define MOBIHOST_LINES_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "loop.h"

#define LINES_MAX_LINE (1024 * 1024)

struct lines;

struct lines_handler {
	void (*object)(void *arg, json_t *object); /* borrowed */
	/* A line that is not a JSON object, or is too long: the sentence says which. The connection goes on after the line's end. */
	void (*invalid)(void *arg, const char *sentence);
	/* The peer sends no more (what was sent before has been delivered); writing may still work. Called once. */
	void (*ended)(void *arg);
	/* The send buffer fell below half of its limit, or broke (then lines_broken). May be NULL. */
	void (*drained)(void *arg);
};

/* Takes descriptors over (in_fd may equal out_fd) and makes them non-blocking. limit: bytes that may wait to be sent. NULL on failure (errno). */
struct lines *lines_create(struct loop *loop, int in_fd, int out_fd, size_t limit, const struct lines_handler *handler, void *arg);
/* Safe from inside the handler's calls. Closes the descriptors; unsent bytes are lost. */
void lines_destroy(struct lines *lines);

/* Borrows the object. false: the buffer is full or the peer is gone; nothing of it was or will be sent. */
bool lines_send(struct lines *lines, const json_t *object);
size_t lines_pending(const struct lines *lines);
bool lines_broken(const struct lines *lines);
/* Stops or goes on calling `object`. */
void lines_pause(struct lines *lines, bool pause);

#endif
