/* SPDX-License-Identifier: Apache-2.0 */
/* Makes a VM's part of a snapshot while the VM runs. Theory in snapshot_take.c. */
#ifndef MOBIHOST_SNAPSHOT_TAKE_H
#define MOBIHOST_SNAPSHOT_TAKE_H

#include <jansson.h>
#include <stdbool.h>

#include "fail.h"
#include "store.h"
#include "vm.h"

struct snapshot_take;

/* All called on the loop. Results are taken over. */
struct snapshot_take_hooks {
	void (*event)(void *arg, json_t *event);
	void (*ready)(void *arg, json_t *result);    /* of snapshot.prepare: may be cut */
	void (*cut)(void *arg, json_t *result);      /* of snapshot.cut: the VM goes on */
	void (*complete)(void *arg, json_t *result); /* of snapshot.finish: the part is whole; nothing is left to do but to destroy this */
	void (*failed)(void *arg, const struct fail *fail); /* at any point instead: likewise, and nothing is kept */
	void *arg;
};

/* Checks the params of snapshot.prepare and begins. NULL with *fail: nothing has happened. */
struct snapshot_take *snapshot_take_start(struct vm *vm, const struct store *store, const json_t *params, const struct snapshot_take_hooks *hooks, struct fail *fail);
/* Waits for the worker; what is not complete is removed. */
void snapshot_take_destroy(struct snapshot_take *take);

const char *snapshot_take_id(const struct snapshot_take *take);
/* After `ready`. */
int snapshot_take_cut(struct snapshot_take *take, struct fail *fail);
/* After `cut`. */
int snapshot_take_finish(struct snapshot_take *take, struct fail *fail);
/* `failed` follows, with code "cancelled". */
void snapshot_take_cancel(struct snapshot_take *take);

#endif
