/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "turns.h"

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SHORT_NS 200000
#define LONG_NS 100000000
#define USUAL_NS 0 /* so long as the system likes */
#define RESET_ON_FORK 0x01

/* The kernel's struct sched_attr, of which libraries know nothing. */
struct turns {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime_ns, deadline, period;
};

static void ask(pid_t thread, uint64_t runtime_ns, bool inherited)
{
	struct turns turns = { .size = sizeof(turns) };

	if (syscall(SYS_sched_getattr, thread, &turns, sizeof(turns), 0) < 0)
		return;
	turns.size = sizeof(turns);
	if (!inherited)
		turns.flags |= RESET_ON_FORK;
	turns.runtime_ns = runtime_ns;
	syscall(SYS_sched_setattr, thread, &turns, 0);
}

/* The calling thread runs where the process's first one may, but there. */
static void keep_off(int cpu)
{
	cpu_set_t cpus;

	if (sched_getaffinity(getpid(), sizeof(cpus), &cpus) < 0)
		return;
	if (cpu >= 0 && cpu < CPU_SETSIZE)
		CPU_CLR(cpu, &cpus);
	if (CPU_COUNT(&cpus))
		sched_setaffinity(0, sizeof(cpus), &cpus);
}

void turns_be_short(int guest_cpu)
{
	ask(0, SHORT_NS, false);
	keep_off(guest_cpu);
}

void turns_be_long(int guest_cpu)
{
	ask(0, LONG_NS, true);
	keep_off(guest_cpu);
}

void turns_be_long_in(pid_t process)
{
	ask(process, LONG_NS, false);
}

void turns_be_usual_in(pid_t process)
{
	ask(process, USUAL_NS, false);
}
