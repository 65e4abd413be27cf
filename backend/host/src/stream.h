/* SPDX-License-Identifier: Apache-2.0 */
/* The streams of one client of a supervisor: consoles and commands. Theory in stream.c. */
#ifndef MOBIHOST_STREAM_H
#define MOBIHOST_STREAM_H

#include <jansson.h>
#include <stdbool.h>

#include "request.h"

struct streams;

/* send: takes over an event; false: the client cannot take it now (call streams_drained when it can). NULL without memory. */
struct streams *streams_create(struct vm *vm, bool (*send)(void *arg, json_t *event), void *arg);
/* The client has gone: closes consoles and ends commands. */
void streams_destroy(struct streams *streams);
/* The client takes events again. */
void streams_drained(struct streams *streams);
/* Takes over requests whose method is console.open, exec.* or stream.*; false: another method. */
bool streams_request(struct streams *streams, struct request *request);
/* Ends all streams with {"closed":"moved"}; commands go on in the guest, without an owner, until an exec.attach at the target. */
void streams_moved(struct streams *streams, const char *target);

#endif
