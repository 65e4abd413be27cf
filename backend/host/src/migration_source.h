/* SPDX-License-Identifier: Apache-2.0 */
/* The giving side of a migration. Theory in migration_source.c. */
#ifndef MOBIHOST_MIGRATION_SOURCE_H
#define MOBIHOST_MIGRATION_SOURCE_H

#include <jansson.h>
#include <stdbool.h>

#include "fail.h"
#include "migration_states.h"
#include "vm.h"

struct migration_source;

/* All called on the loop. */
struct migration_source_hooks {
	void (*event)(void *arg, json_t *event); /* takes the reference over */
	/* Once: the result (reference taken over), or why it failed. */
	void (*ended)(void *arg, json_t *result, const struct fail *fail);
	/* The VM runs at the target and nothing needs this supervisor any more: its folder may go. */
	void (*left)(void *arg);
	void *arg;
};

/* Checks the params of migration.send and begins. NULL with *fail: nothing has happened. */
struct migration_source *migration_source_start(struct vm *vm, const json_t *params, const struct migration_source_hooks *hooks, struct fail *fail);
/* Ends whatever goes on, waits for the worker. A guest that is frozen by then stays so. */
void migration_source_destroy(struct migration_source *source);

const char *migration_source_id(const struct migration_source *source);
enum migration_state migration_source_state(const struct migration_source *source);
/* Works until the VM is handed over; `ended` follows. */
int migration_source_cancel(struct migration_source *source, struct fail *fail);
/*
 * A source that handed over and never heard from the target: discard it (the target runs), or thaw it (the target is gone for good). One that passes datagrams on
 * after a good end may be discarded, too: it then leaves at once.
 */
int migration_source_resolve(struct migration_source *source, bool thaw, struct fail *fail);
/* Has `ended` been called, and is nothing left to do but to destroy it? */
bool migration_source_over(const struct migration_source *source);

#endif
