/* SPDX-License-Identifier: Apache-2.0 */
/* What a snapshot's part says about the VM it is of. */
#ifndef MOBIHOST_SNAPSHOT_HEAD_H
#define MOBIHOST_SNAPSHOT_HEAD_H

#include <jansson.h>

#include "store.h"
#include "vm.h"

/* Loop: HEAD of the state stream, as far as it is known before the cut. A switch or gateway has no kernel, memory and CPU. New reference, NULL: out of memory. */
json_t *snapshot_head(struct vm *vm, const struct store *store, const char *snapshot);

#endif
