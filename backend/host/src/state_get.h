/* SPDX-License-Identifier: Apache-2.0 */
/* `mobihost get snapshot`: a VM's part of a snapshot as a state stream. */
#ifndef MOBIHOST_STATE_GET_H
#define MOBIHOST_STATE_GET_H

#include "fail.h"
#include "store.h"

/* base: an earlier snapshot of the instance, NULL: all of it. Writes to fd. */
int state_get(const struct store *store, const char *snapshot, const char *instance, const char *base, int fd, struct fail *fail);

#endif
