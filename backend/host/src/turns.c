/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "turns.h"

#include <sched.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#define TURN_NS 200000
#define RESET_ON_FORK 0x01

/* The kernel's struct sched_attr, of which libraries know nothing. */
struct turns {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime_ns, deadline, period;
};

void turns_be_short(void)
{
	struct turns turns = { .size = sizeof(turns) };

	if (syscall(SYS_sched_getattr, 0, &turns, sizeof(turns), 0) < 0)
		return;
	turns.size = sizeof(turns);
	turns.flags |= RESET_ON_FORK;
	turns.runtime_ns = TURN_NS;
	syscall(SYS_sched_setattr, 0, &turns, 0);
}

void turns_elsewhere(int cpu)
{
	cpu_set_t others;

	if (cpu < 0 || cpu >= CPU_SETSIZE || sched_getaffinity(0, sizeof(others), &others) < 0)
		return;
	CPU_CLR(cpu, &others);
	if (CPU_COUNT(&others))
		sched_setaffinity(0, sizeof(others), &others);
}

void turns_anywhere(void)
{
	cpu_set_t allowed;

	if (!sched_getaffinity(getpid(), sizeof(allowed), &allowed))
		sched_setaffinity(0, sizeof(allowed), &allowed);
}
