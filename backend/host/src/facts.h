/* SPDX-License-Identifier: Apache-2.0 */
/* What a host is and has. Theory in facts.c. */
#ifndef MOBIHOST_FACTS_H
#define MOBIHOST_FACTS_H

#include <jansson.h>
#include <stdint.h>

#include "store.h"

/* Bytes; the least of what the machine and all control groups above us allow. */
void facts_memory(uint64_t *total, uint64_t *available);
/* The answer to `facts` without "vms". New reference. */
json_t *facts_collect(const struct store *store);
/* The host's numeric addresses, loopback last; IPv6 without link-local ones. New reference. */
json_t *facts_addresses(void);

#endif
