/* SPDX-License-Identifier: Apache-2.0 */
/* The RAM file of a VM: where it lies, and what it says about itself. Theory in ram.c. */
#ifndef MOBIHOST_RAM_H
#define MOBIHOST_RAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fail.h"

/*
 * Makes an empty RAM file for a guest that will fill up to `bytes` of it, and the link `ram` in the current folder. Returns its descriptor, or -1 with
 * *fail. path: where it lies, "" for a memfd, which ends with the supervisor.
 */
int ram_create(const char *instance, uint64_t bytes, char *path, size_t path_size, struct fail *fail);
/* Opens the file of a parked guest. -1 with *fail. */
int ram_open(const char *path, struct fail *fail);
/* Removes file and link. "" is allowed. */
void ram_remove(const char *path);
/* Holds the file a guest that was frozen and may be restored? */
bool ram_is_frozen(const char *path, uint64_t mark_offset);

/* The folder in tmpfs that RAM files go to, and its free bytes; "" and 0 when there is none. */
void ram_place(char *folder, size_t folder_size, uint64_t *available);

#endif
