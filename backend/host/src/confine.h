/* SPDX-License-Identifier: Apache-2.0 */
/* What a guest's processes may ask of the host. Theory in confine.c. */
#ifndef MOBIHOST_CONFINE_H
#define MOBIHOST_CONFINE_H

#include <stdint.h>

/* The version of Landlock that the host's kernel has; 0: none, or it is switched off. */
int confine_landlock(void);
/*
 * Makes the rules for one process, which may execute this program; before fork. -1 when the host has no Landlock, or gives no rules now: the process is confined by the rest then.
 * To be closed by the caller.
 */
int confine_rules(const char *program);
/*
 * Between fork and exec, in the process that is to be confined, and in all that come of it: for good. No file that it writes grows beyond so many bytes. Fails only when the
 * host has what it takes and refuses it; errno tells why.
 */
int confine_self(int rules, uint64_t file_bytes);

#endif
