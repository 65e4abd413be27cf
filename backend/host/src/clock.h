/* SPDX-License-Identifier: Apache-2.0 */
/* What clocks show now. Without a name it is CLOCK_MONOTONIC, with "wall" CLOCK_REALTIME. */
#ifndef MOBIHOST_CLOCK_H
#define MOBIHOST_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Nanoseconds of any clock. */
static inline uint64_t clock_of(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static inline uint64_t clock_ns(void)
{
	return clock_of(CLOCK_MONOTONIC);
}

static inline uint64_t clock_us(void)
{
	return clock_ns() / 1000;
}

static inline uint64_t clock_ms(void)
{
	return clock_ns() / 1000000;
}

static inline double clock_seconds(void)
{
	return (double)clock_ns() / 1e9;
}

static inline uint64_t clock_wall_ns(void)
{
	return clock_of(CLOCK_REALTIME);
}

static inline uint64_t clock_wall_us(void)
{
	return clock_wall_ns() / 1000;
}

#endif
