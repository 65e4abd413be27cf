/* SPDX-License-Identifier: Apache-2.0 */
/* Can this host take a VM? Asked before anything moves. */
#ifndef MOBIHOST_MIGRATION_CHECK_H
#define MOBIHOST_MIGRATION_CHECK_H

#include <jansson.h>
#include <stdint.h>

#include "fail.h"
#include "store.h"

/* What the sentences say was not done with the VM, and what now holds. */
struct check_words {
	const char *done;  /* "migrated" */
	const char *holds; /* "It goes on where it was." */
};

/*
 * config: the VM's; requires (may be NULL): what the source needs, all members optional: cpuFeatures [names], xfeatures, mode
 * ("seccomp"|"ptrace"), overlayBytes. 0, or -1 with *fail: a sentence with numbers and what to do.
 */
int migration_check(const struct store *store, const json_t *config, const json_t *requires, const struct check_words *words, struct fail *fail);
/* Register sets alone, bits of XCR0: has the target all that the guest's programs may use? */
int migration_check_registers(uint64_t wanted, uint64_t have, const struct check_words *words, struct fail *fail);

#endif
