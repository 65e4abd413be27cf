/* SPDX-License-Identifier: Apache-2.0 */
/* A supervisor as `mobihost rpc` sees it: found or launched, connected, asked. Theory in remote.c. */
#ifndef MOBIHOST_REMOTE_H
#define MOBIHOST_REMOTE_H

#include <jansson.h>
#include <stdbool.h>

#include "loop.h"
#include "store.h"

struct remotes;
struct remote;

/* answer: {"result":..} or {"error":..}, borrowed; called exactly once. */
typedef void remote_answer(void *arg, json_t *answer);

struct remotes_hooks {
	/* An event of a supervisor; borrowed. */
	void (*event)(void *arg, const char *instance, json_t *event);
	/* A supervisor that was connected has gone. */
	void (*gone)(void *arg, const char *instance);
	void *arg;
};

struct remotes *remotes_create(struct loop *loop, struct store *store, const struct remotes_hooks *hooks);
void remotes_destroy(struct remotes *remotes);

/* Is there, or will be, a supervisor? Connects when one listens. NULL: no. */
struct remote *remotes_find(struct remotes *remotes, const char *instance);
/* The same, but launches one when none listens. NULL with *fail. */
struct remote *remotes_get(struct remotes *remotes, const char *instance, struct fail *fail);
/* Sends a request; params are borrowed. timeout_ms: 0 = none. */
void remote_call(struct remote *remote, const char *method, json_t *params, unsigned timeout_ms, remote_answer *answer, void *arg);
/* All supervisors that are or get connected are watched. */
void remotes_watch(struct remotes *remotes, unsigned interval_ms);
/* Stops or goes on reading what supervisors send. */
void remotes_pause(struct remotes *remotes, bool pause);

#endif
