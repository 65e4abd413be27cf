/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A request that a client of the supervisor waits for. Each must be answered exactly once, now or later, by request_answer or request_fail, which
 * free it. The client may be gone by then: answering is safe all the same.
 */
#ifndef MOBIHOST_REQUEST_H
#define MOBIHOST_REQUEST_H

#include <jansson.h>
#include <stdbool.h>

#include "fail.h"

struct request;
struct supervisor;
struct vm;

const char *request_method(const struct request *request);
const json_t *request_params(const struct request *request); /* an object, borrowed; lives as long as the request */
struct supervisor *request_supervisor(struct request *request);
struct vm *request_vm(struct request *request);
/* Who asks: tells clients apart, and is told to snapshot_client_gone. */
const void *request_client(const struct request *request);

/* Takes over the reference; NULL means {}. */
void request_answer(struct request *request, json_t *result);
void request_fail(struct request *request, const struct fail *fail);

/* What the VM takes part in: one of both at a time. */
bool supervisor_migrates(const struct supervisor *supervisor);
bool supervisor_saves(const struct supervisor *supervisor);

/* Sends an event to all clients that watch. Takes over the reference. */
void supervisor_event(struct supervisor *supervisor, json_t *event);

#endif
