/* SPDX-License-Identifier: Apache-2.0 */
/* Instances in the host folder that no supervisor holds: making, looking at, changing and deleting them. */
#ifndef MOBIHOST_INSTANCE_H
#define MOBIHOST_INSTANCE_H

#include <jansson.h>
#include <stddef.h>

#include "record.h"
#include "store.h"

#define INSTANCE_SCRIPT_MAX (512 * 1024)

/*
 * Makes an instance from a peer's configuration, which is checked in every member. state: VM_CREATED or VM_INCOMING. `instance` gets its name. 0, or -1 with *fail; then
 * nothing was made.
 */
int instance_create(const struct store *store, const json_t *config, enum vm_state state, char instance[17], struct fail *fail);
/*
 * The same with more in its folder, which becomes visible only when all is there: fill(arg, folder, record) is called with the new folder, and may change the record.
 */
typedef int instance_fill(void *arg, int folder, struct record *record, struct fail *fail);
int instance_build(const struct store *store, const json_t *config, enum vm_state state, instance_fill *fill, void *arg, char instance[17], struct fail *fail);
bool instance_present(const struct store *store, const char *instance);
/* Did a migration bring a guest into this instance that was to run here? Known for 30 days after the instance is gone. */
bool instance_arrived(const struct store *store, const char *instance);
/* Removes what is left of instances whose making broke off, and what is known of those that are long gone. */
void instance_sweep(const struct store *store);
/* Its status by record; a record that speaks of a running guest is settled first when no supervisor holds the instance. New reference. */
json_t *instance_status(const struct store *store, const char *instance, struct fail *fail);
/* Replaces scripts; NULL: keep. Fails with "busy" when a supervisor holds it. */
int instance_set_scripts(const struct store *store, const char *instance, const char *setup, const char *startup, struct fail *fail);
/* Replaces the configuration of a VM that is off; its disks must stay the same. Fails with "busy" when a supervisor holds it. */
int instance_configure(const struct store *store, const char *instance, const json_t *config, struct fail *fail);
/* Fails with "busy" when a supervisor holds it. */
int instance_delete(const struct store *store, const char *instance, struct fail *fail);
/* The last `tail` bytes of a log, made valid UTF-8. New reference. */
json_t *instance_log(const struct store *store, const char *instance, bool startup, size_t tail, struct fail *fail);

#endif
