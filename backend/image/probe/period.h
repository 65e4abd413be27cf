/* SPDX-License-Identifier: Apache-2.0 */
/* A sign of life each millisecond, for those who measure how long a machine stands still. */
#ifndef PERIOD_H
#define PERIOD_H

#include <time.h>

#define PERIOD_NS 1000000

/* Sleeps until a period after *next, which is moved on by as much; what came too late is made up for. */
static inline void sleep_a_period(struct timespec *next)
{
	next->tv_nsec += PERIOD_NS;
	if (next->tv_nsec >= 1000000000) {
		next->tv_sec++;
		next->tv_nsec -= 1000000000;
	}
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, next, NULL);
}

#endif
