/* SPDX-License-Identifier: Apache-2.0 */
/* Process groups of guests: starting one, and finding and ending what is left of one. Theory in process.c. */
#ifndef MOBIHOST_PROCESS_H
#define MOBIHOST_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "fail.h"

/* Descriptor `fd` of ours becomes `number` in the new process. */
struct process_fd {
	int number, fd;
};

struct process_start {
	const char *path;
	char *const *argv;
	const struct process_fd *fds;
	unsigned fd_count;
	int cpu;             /* -1: where the system likes */
	bool guest;          /* is confined (confine.h) */
	uint64_t file_bytes; /* of a guest: the size of the largest file that it may make */
};

/* Who a group is, beyond doubt also after process numbers were used again. */
struct process_group {
	pid_t leader;      /* 0: none */
	uint64_t started;  /* the leader's start, clock ticks since the host's boot */
	char boot[40];     /* the host's boot id */
};

/* Starts a process as leader of a new group and session; only the descriptors named are open in it. */
int process_start(const struct process_start *start, struct process_group *group, struct fail *fail);
/* Kills a group whose leader is a child of ours that was not waited for yet. */
void process_group_kill(const struct process_group *group);
/* Gives it a small share of the CPU, as far as others want it. */
void process_group_step_back(const struct process_group *group);
/* Clock ticks since boot at which it started; 0 when there is no such process. */
uint64_t process_started(pid_t pid);
/* The host's boot id, "" when unknown. */
void process_boot_id(char boot[40]);
/* Is a process left that is provably of this group (a zombie does not count)? */
bool process_group_lives(const struct process_group *group);
/* Kills what is provably left of a group whose processes are not our children, and waits until it is gone. */
int process_group_end(const struct process_group *group, unsigned timeout_ms, struct fail *fail);

#endif
