/* SPDX-License-Identifier: Apache-2.0 */
/* Processes that outlive the connection which asked for them. Theory in launch.c. */
#ifndef MOBIHOST_LAUNCH_H
#define MOBIHOST_LAUNCH_H

#include <sys/types.h>

/* The descriptor on which such a process tells that it is ready, as it is to be named in its arguments (--ready). */
#define LAUNCH_READY_FD 3
#define LAUNCH_READY_TEXT "3"

/* Starts this same program with these arguments, its messages going to log_fd. Returns the other end of its ready descriptor, and the helper to be waited for; -1 with errno. */
int launch(char *const argv[], int log_fd, pid_t *helper);

#endif
