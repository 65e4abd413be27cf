/* SPDX-License-Identifier: Apache-2.0 */
/* Which CPU a guest is pinned to. Theory in cpu.c. */
#ifndef MOBIHOST_CPU_H
#define MOBIHOST_CPU_H

#include "store.h"

/*
 * Chooses a CPU; *lock stays held, and must be closed once the choice stands in the VM's record. -1: pinning is not possible here, the guest runs anywhere (*lock is
 * -1 then).
 */
int cpu_choose(const struct store *store, int *lock);

#endif
