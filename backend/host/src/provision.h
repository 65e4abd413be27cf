/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a node's set-up script and start-up script in the guest and keeps their output in startup.log. Theory in provision.c. */
#ifndef MOBIHOST_PROVISION_H
#define MOBIHOST_PROVISION_H

#include <jansson.h>
#include <stdbool.h>

#include "fail.h"
#include "guest.h"

#define PROVISION_LOG "startup.log"

struct provision;

struct provision_hooks {
	/* The set-up script has ended; error: NULL or a sentence. */
	void (*setup_ended)(void *arg, const char *error);
	/* The start-up script has ended badly. */
	void (*startup_failed)(void *arg, const char *error);
	void *arg;
};

/* folder: where the log goes; stays the caller's. NULL without memory. */
struct provision *provision_create(struct guest *guest, int folder, const struct provision_hooks *hooks);
void provision_destroy(struct provision *provision);

/*
 * Runs the set-up script, then, if it ends well and startup is not NULL, the start-up script. Empty scripts count as ended well. What still runs
 * of a former call goes on unheard. env (may be NULL) is the start-up script's. -1 with *fail when the first script could not be started.
 */
int provision_run(struct provision *provision, const char *setup, const char *startup, const json_t *env, bool fresh_log, struct fail *fail);

/* For migration, along with guest_export and guest_import: which sessions are the scripts'. */
json_t *provision_export(const struct provision *provision);
void provision_import(struct provision *provision, const json_t *state);

#endif
