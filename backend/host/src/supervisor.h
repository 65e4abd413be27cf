/* SPDX-License-Identifier: Apache-2.0 */
/* `mobihost vm`: the process that owns one VM. Theory in supervisor.c. */
#ifndef MOBIHOST_SUPERVISOR_H
#define MOBIHOST_SUPERVISOR_H

#include <stdbool.h>
#include <sys/types.h>

#include "store.h"

#define SUPERVISOR_SOCKET "sock"
#define SUPERVISOR_LOCK "lock"

/*
 * Runs the supervisor of an instance until its VM has ended. ready_fd: gets "ok\n" when the socket listens, or the JSON of a failure, and is closed; -1: nobody
 * waits. Returns the exit status.
 */
int supervisor_main(struct store *store, const char *instance, int ready_fd);

/*
 * Makes this executable run as an instance's supervisor, free of our session, terminal and descriptors. Returns a descriptor that
 * delivers what ready_fd gets, or -1 with *fail. *helper: a child that ends at once and is to be reaped.
 */
int supervisor_launch(const struct store *store, const char *instance, pid_t *helper, struct fail *fail);

/* Connects to the supervisor in an instance's folder; -1 with errno when none listens. */
int supervisor_connect(int folder);

#endif
