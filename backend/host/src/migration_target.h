/* SPDX-License-Identifier: Apache-2.0 */
/* The taking side of a migration. Theory in migration_target.c. */
#ifndef MOBIHOST_MIGRATION_TARGET_H
#define MOBIHOST_MIGRATION_TARGET_H

#include <jansson.h>
#include <stdbool.h>

#include "fail.h"
#include "migration_states.h"
#include "vm.h"

struct migration_target;

struct migration_target_hooks {
	/*
	 * Called once on the loop: NULL: the VM runs here. Otherwise it never will: its process may be ended, and its folder removed, unless it was told to run: then the record in it tells
	 * whoever decides that it did not.
	 */
	void (*ended)(void *arg, const struct fail *fail, bool told_to_run);
	void *arg;
};

/* Checks the params of migration.receive and listens. NULL with *fail: nothing has happened. */
struct migration_target *migration_target_start(struct vm *vm, const json_t *params, const struct migration_target_hooks *hooks, struct fail *fail);
void migration_target_destroy(struct migration_target *target);

const char *migration_target_id(const struct migration_target *target);
enum migration_state migration_target_state(const struct migration_target *target);
/* What migration.receive answers: endpoints, linkEndpoints. New reference. */
json_t *migration_target_answer(const struct migration_target *target);
/* Works until READY was said; `ended` follows. */
int migration_target_cancel(struct migration_target *target, struct fail *fail);
/* A target that said READY and lost its source: run it (the source handed over), or discard it (the source keeps it). One that has not come so far may be discarded, too. */
int migration_target_resolve(struct migration_target *target, bool run, struct fail *fail);
bool migration_target_over(const struct migration_target *target);

#endif
