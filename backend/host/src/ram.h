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
/* Removes the RAM file that an instance's folder links to. */
void ram_remove_of(int folder, const char *instance);
/* Holds the file a guest that was frozen and may be restored? */
bool ram_is_frozen(const char *path, uint64_t mark_offset);

/*
 * Makes the frozen guest's wall clock go on from where it was at `cut_us` (the host's clock then) when it is restored now, instead of following the host's. The guest's
 * offset from the host's clock must be in the file as ram_clock_offset finds it: -1 with *fail if the file is not laid out so.
 */
int ram_keep_clock(int fd, uint64_t mark_offset, uint64_t cut_us, struct fail *fail);
/* How far the frozen guest's wall clock is ahead of the host's, in nanoseconds. */
int ram_clock_offset(int fd, uint64_t mark_offset, int64_t *offset_ns, struct fail *fail);

/* The folder in tmpfs that RAM files go to, and its free bytes; "" and 0 when there is none. */
void ram_place(char *folder, size_t folder_size, uint64_t *available);

#endif
