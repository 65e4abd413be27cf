/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Turns on a processor (docs/decisions/0016-short-turns.md). A Linux scheduler since 6.12 takes a hint of how long a thread's turns may be: who asks for short ones gets them soon.
 * Without it, whoever becomes runnable on a busy host waits for the end of somebody's turn of some milliseconds.
 */
#ifndef MOBIHOST_TURNS_H
#define MOBIHOST_TURNS_H

/* For what answers events, each in a few microseconds: the calling thread has short turns from now on. Children and other threads have usual ones. Where the scheduler knows nothing of it all
   stays as it was. */
void turns_be_short(void);
/* For long work beside a guest: the calling thread leaves the guest's processor (-1: none) to it, where it may run on another one. */
void turns_elsewhere(int cpu);
/* It runs again where the process's first thread may. */
void turns_anywhere(void);

#endif
