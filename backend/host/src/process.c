/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A guest is a process group: the kernel process, which leads it, and one stub process for each address space in the guest. All work on the same
 * RAM file. Nobody may use that file before the last of them is gone, or the file is torn apart.
 *
 * The group has a session of its own, because Linux shares the CPUs out by sessions (CONFIG_SCHED_AUTOGROUP): a guest is pinned to one CPU, and in the session of
 * its supervisor, which is busy on others, it had so small a share of its own CPU that it did not run at all for 10 seconds on a loaded host (Linux 6.18).
 *
 * Process numbers are used again. A record therefore names a group by its leader's number and start time and by the host's boot. While the leader is the one that was
 * recorded, all in its group are of the guest. When its number is somebody else's, nothing of the guest is left, as numbers of groups that have members are not given away.
 * When there is no process of that number, what is left in the group counts if it is a stub: those are recognized by their program.
 *
 * In the child between fork and exec only async-signal-safe calls are made.
 */
#define _GNU_SOURCE
#include "process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "confine.h"

#define PROCESS_FD_PARKING 256 /* descriptors move here before they get their final numbers */
#define PROCESS_FDS_MAX 64
#define STEP_BACK_NICE 10

struct process_stat {
	char state;
	int threads;
	pid_t group;
	uint64_t started;
};

/* Reads /proc/<pid>/stat; the command's name may hold anything, so fields are counted after its last ')'. */
static bool stat_read(const char *pid, struct process_stat *stat)
{
	char path[64], text[1024];
	unsigned long long started;
	int fd, group, threads;
	ssize_t count;
	char *at;

	if (snprintf(path, sizeof(path), "/proc/%s/stat", pid) >= (int)sizeof(path))
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	count = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (count <= 0)
		return false;
	text[count] = 0;
	at = strrchr(text, ')');
	if (!at || sscanf(at + 1, " %c %*d %d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %d %*d %llu", &stat->state, &group, &threads,
			  &started) != 4)
		return false;
	stat->group = group;
	stat->threads = threads;
	stat->started = started;
	return true;
}

uint64_t process_started(pid_t pid)
{
	struct process_stat stat;
	char text[16];

	snprintf(text, sizeof(text), "%d", (int)pid);
	return pid > 0 && stat_read(text, &stat) ? stat.started : 0;
}

void process_boot_id(char boot[40])
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t count = fd < 0 ? 0 : read(fd, boot, 39);

	if (fd >= 0)
		close(fd);
	boot[count > 0 ? count : 0] = 0;
	boot[strcspn(boot, "\n")] = 0;
}

static void child_run(const struct process_start *start, int rules)
{
	int parked[PROCESS_FDS_MAX], oom;
	struct rlimit limit;
	sigset_t none;

	setsid();
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	if (start->cpu >= 0) {
		cpu_set_t set;

		CPU_ZERO(&set);
		CPU_SET((size_t)start->cpu, &set);
		sched_setaffinity(0, sizeof(set), &set);
	}
	/* When the host runs out of memory, a guest shall go rather than its supervisor, which then can tell. */
	oom = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	if (oom >= 0 && write(oom, "100", 3) >= 0)
		close(oom);
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	for (unsigned i = 0; i < start->fd_count; i++) {
		parked[i] = fcntl(start->fds[i].fd, F_DUPFD_CLOEXEC, PROCESS_FD_PARKING);
		if (parked[i] < 0)
			_exit(126);
	}
	for (unsigned i = 0; i < start->fd_count; i++)
		if (dup2(parked[i], start->fds[i].number) < 0)
			_exit(126);
	if (start->guest && confine_self(rules, start->file_bytes) < 0) {
		static const char why[] = "The guest's process can't be confined as this host promises, so it is not started.\n";

		/* the log */
		if (write(STDERR_FILENO, why, sizeof(why) - 1) < 0)
			_exit(126);
		_exit(125);
	}
	execv(start->path, start->argv);
	_exit(127);
}

int process_start(const struct process_start *start, struct process_group *group, struct fail *fail)
{
	int rules;
	pid_t pid;

	if (start->fd_count > PROCESS_FDS_MAX)
		return fail_set(fail, "internal", "Too many descriptors for a guest.");
	if (access(start->path, X_OK) < 0)
		return fail_set(fail, "no-kernel", "The guest kernel %s cannot be executed: %s. Connect to the host again so that the agent is uploaded anew.",
				start->path, strerror(errno));
	rules = start->guest ? confine_rules(start->path) : -1;
	pid = fork();
	if (!pid)
		child_run(start, rules);
	if (pid < 0)
		fail_set(fail, "no-process", "The host refuses another process: %s. End processes there or raise its limit (ulimit -u).", strerror(errno));
	if (rules >= 0)
		close(rules);
	if (pid < 0)
		return -1;
	group->leader = pid;
	group->started = process_started(pid);
	process_boot_id(group->boot);
	return 0;
}

void process_group_kill(const struct process_group *group)
{
	/* The new process may not have come to found its group yet. */
	if (group->leader > 0 && kill(-group->leader, SIGKILL) < 0)
		kill(group->leader, SIGKILL);
}

void process_group_step_back(const struct process_group *group)
{
	char path[64];
	int fd;

	if (group->leader <= 0)
		return;
	/* Where sessions share the CPUs, niceness counts within each of them only, and the session has one of its own. */
	setpriority(PRIO_PGRP, (id_t)group->leader, STEP_BACK_NICE);
	snprintf(path, sizeof(path), "/proc/%d/autogroup", (int)group->leader);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd >= 0) {
		dprintf(fd, "%d", STEP_BACK_NICE);
		close(fd);
	}
}

/* Is it a guest's address space? The guest kernel makes this program for itself, in memory. */
static bool is_stub(const char *pid)
{
	char path[64], program[64];
	ssize_t length;

	if (snprintf(path, sizeof(path), "/proc/%s/exe", pid) >= (int)sizeof(path))
		return false;
	length = readlink(path, program, sizeof(program) - 1);
	if (length < 0)
		return false;
	program[length] = 0;
	return strstr(program, "memfd:uml-userspace");
}

/* Ends or counts the members of a group; returns how many are left. */
static unsigned group_scan(const struct process_group *group, bool end)
{
	uint64_t leader_started = process_started(group->leader);
	char boot[40];
	DIR *dir;
	struct dirent *entry;
	unsigned count = 0;

	process_boot_id(boot);
	if (group->leader <= 0 || strcmp(boot, group->boot) || (leader_started && leader_started != group->started))
		return 0;
	dir = opendir("/proc");
	if (!dir)
		return 0;
	while ((entry = readdir(dir))) {
		struct process_stat stat;
		pid_t pid = atoi(entry->d_name);

		if (pid <= 0 || !stat_read(entry->d_name, &stat) || (pid != group->leader && stat.group != group->leader))
			continue;
		if (!leader_started && !is_stub(entry->d_name))
			continue;
		/* One whose first thread has ended lives on in the others: the guest's I/O thread may still be in a write. */
		if ((stat.state == 'Z' && stat.threads <= 1) || stat.state == 'X')
			continue;
		count++;
		if (end)
			kill(pid, SIGKILL);
	}
	closedir(dir);
	return count;
}

bool process_group_lives(const struct process_group *group)
{
	return group_scan(group, false) > 0;
}

int process_group_end(const struct process_group *group, unsigned timeout_ms, struct fail *fail)
{
	const struct timespec pause = { .tv_nsec = 5000000 };

	for (unsigned waited = 0; group_scan(group, true) > 0; waited += 5) {
		if (waited >= timeout_ms)
			return fail_set(fail, "busy", "Processes of the VM's former run (group %d) do not end. Its memory stays untouched; end them and try again.",
					(int)group->leader);
		nanosleep(&pause, NULL);
	}
	return 0;
}
