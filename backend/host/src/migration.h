/* SPDX-License-Identifier: Apache-2.0 */
/* Migration as the supervisor sees it: the methods migration.*, at most one at a time. */
#ifndef MOBIHOST_MIGRATION_H
#define MOBIHOST_MIGRATION_H

#include <stdbool.h>

#include "request.h"

struct migration;

/* NULL: out of memory. */
struct migration *migration_create(struct supervisor *supervisor, struct vm *vm);
/* Before the VM is closed: ends what goes on and waits for it. */
void migration_destroy(struct migration *migration);

/* Takes and answers the request if its method is one of migration.*; false: it is not. */
bool migration_request(struct migration *migration, struct request *request);
/* Cancels what is under way: the VM has ended, or is to. -1: it cannot be any more. */
int migration_abandon(struct migration *migration, struct fail *fail);
/* A migration goes on, waits for a verdict, or still passes datagrams on. */
bool migration_is_under_way(const struct migration *migration);
/* The VM stands still, to run at the target in a moment, or has just begun to. */
bool migration_hands_over(const struct migration *migration);
/* Adds to a status in which state a migration is. */
void migration_tell(const struct migration *migration, json_t *status);
/* The VM has left, or never came: the instance's folder is to be removed when the supervisor ends. */
bool migration_leaves_nothing(const struct migration *migration);

#endif
