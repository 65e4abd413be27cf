/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Turns on a processor (docs/decisions/0016-short-turns.md). A Linux scheduler since 6.12 takes a hint of how long a thread's turns may be: who asks for short ones gets them soon.
 * Without it, whoever becomes runnable on a busy host waits for the end of somebody's turn of some milliseconds.
 */
#ifndef MOBIHOST_TURNS_H
#define MOBIHOST_TURNS_H

#include <sys/types.h>

/*
 * Where the scheduler knows nothing of turns, those stay as they were. A thread that is told of a guest's processor (-1: none) keeps off it from then on, if it may run on another one.
 */

/* For what answers events, each in a few microseconds: the calling thread has short turns. Children and other threads have usual turns. */
void turns_be_short(int guest_cpu);
/* For long work beside guests: the calling thread, and those that it makes, have long turns, so whatever wakes up has the processor at once. */
void turns_be_long(int guest_cpu);
/* A process that waits to continue a guest has long turns, what it forks has usual ones. */
void turns_be_long_in(pid_t process);
/* It is a guest, and has usual turns. */
void turns_be_usual_in(pid_t process);

#endif
