/* SPDX-License-Identifier: Apache-2.0 */
/* How much of a host the VMs of one host folder may take. Theory in limits.c. */
#ifndef MOBIHOST_LIMITS_H
#define MOBIHOST_LIMITS_H

#include <jansson.h>
#include <stdint.h>

#include "fail.h"
#include "store.h"

/* Bytes; UINT64_MAX: no limit. */
struct limits {
	uint64_t memory, disk;
};

struct limits limits_read(const struct store *store);
/* What may still be taken; without a limit UINT64_MAX. */
struct limits limits_left(const struct store *store);
/* The answer to `limits`: limits and what is taken of them. New reference. */
json_t *limits_tell(const struct store *store);
/* Replaces the folder's own limits by the members memoryMiB and diskMiB; what is missing is not limited. */
int limits_set(const struct store *store, const json_t *params, struct fail *fail);
/* May a VM of this configuration be made? */
int limits_allow_disks(const struct store *store, const json_t *config, struct fail *fail);

#endif
