/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Guests are confined as far as a process without privileges can confine another one. Inside a guest everybody may be root; if somebody broke out of the guest kernel, he would be a process of
 * the account. Such a process has the descriptors that it was given and little else:
 *
 * - no_new_privs: programs with set-user-ID bits give it nothing.
 * - seccomp: of the system calls only those that the guest kernel makes. No sockets but pairs, no file created, renamed or deleted, no namespaces, no tracing of processes that it did not begin
 *   with, no keys, BPF or io_uring. Everything else is answered with EPERM. In the processes that stand for a guest's address spaces the guest kernel has a filter of its own as well, which traps; a trap
 *   goes before an error, so it still sees all that guest programs ask for.
 * - Landlock: no file is opened but the guest kernel, /proc/cpuinfo and /dev/null, nothing else is executed, no signal reaches processes outside (Linux 6.12).
 * - limits: no core dumps, no file larger than the guest's largest one.
 *
 * A user namespace of its own would give nothing more: names of files are out of reach by Landlock, networks and other namespaces by the filter; but its processes would have capabilities in it, and reach
 * more of the host's kernel than before.
 *
 * What the host lacks is left out; facts.c tells.
 */
#define _GNU_SOURCE
#include "confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* Landlock's interface (linux/landlock.h), which older build machines know in part only. */
#define LANDLOCK_CREATE_RULESET 444
#define LANDLOCK_ADD_RULE 445
#define LANDLOCK_RESTRICT_SELF 446
#define LANDLOCK_VERSION 1U
#define LANDLOCK_PATH_BENEATH 1
#define LANDLOCK_EXECUTE (1ULL << 0)
#define LANDLOCK_WRITE_FILE (1ULL << 1)
#define LANDLOCK_READ_FILE (1ULL << 2)
#define LANDLOCK_FS_RIGHTS ((1ULL << 13) - 1) /* execute, read, write, list, remove, make */
#define LANDLOCK_FS_REFER (1ULL << 13)        /* from version 2 */
#define LANDLOCK_FS_TRUNCATE (1ULL << 14)     /* from version 3 */
#define LANDLOCK_NET_RIGHTS 3ULL              /* TCP; from version 4 */
#define LANDLOCK_SCOPES 3ULL                  /* abstract sockets, signals; from version 6 */

struct landlock_rules {
	uint64_t fs, net, scoped;
};

struct landlock_path {
	uint64_t allowed;
	int32_t fd;
} __attribute__((packed));

int confine_landlock(void)
{
	long version = syscall(LANDLOCK_CREATE_RULESET, NULL, 0, LANDLOCK_VERSION);

	return version > 0 ? (int)version : 0;
}

static int allow_path(int rules, const char *path, uint64_t allowed)
{
	struct landlock_path rule = { .allowed = allowed, .fd = open(path, O_PATH | O_CLOEXEC) };
	int status = rule.fd < 0 ? -1 : (int)syscall(LANDLOCK_ADD_RULE, rules, LANDLOCK_PATH_BENEATH, &rule, 0);

	if (rule.fd >= 0)
		close(rule.fd);
	return status;
}

int confine_rules(const char *program)
{
	int version = confine_landlock(), rules;
	struct landlock_rules all = { .fs = LANDLOCK_FS_RIGHTS };

	if (!version)
		return -1;
	if (version >= 2)
		all.fs |= LANDLOCK_FS_REFER;
	if (version >= 3)
		all.fs |= LANDLOCK_FS_TRUNCATE;
	if (version >= 4)
		all.net = LANDLOCK_NET_RIGHTS;
	if (version >= 6)
		all.scoped = LANDLOCK_SCOPES;
	/* The kernel marks the descriptor as one that is closed by exec. */
	rules = (int)syscall(LANDLOCK_CREATE_RULESET, &all, sizeof(all), 0);
	if (rules >= 0 && (allow_path(rules, program, LANDLOCK_EXECUTE | LANDLOCK_READ_FILE) < 0 || allow_path(rules, "/proc/cpuinfo", LANDLOCK_READ_FILE) < 0 ||
			   allow_path(rules, "/dev/null", LANDLOCK_READ_FILE | LANDLOCK_WRITE_FILE) < 0)) {
		close(rules);
		return -1;
	}
	return rules;
}

/* Calls that are allowed whatever their arguments; the most frequent ones first. */
static const uint16_t allowed[] = {
	SYS_futex, SYS_rt_sigreturn, SYS_sendmsg, SYS_recvmsg, SYS_kill, SYS_timer_settime, SYS_mmap, SYS_munmap, SYS_close, SYS_wait4, SYS_epoll_wait, SYS_epoll_pwait,
	SYS_read, SYS_write, SYS_rt_sigprocmask, SYS_sendmmsg, SYS_recvmmsg, SYS_recvfrom, SYS_sendto, SYS_pread64, SYS_pwrite64, SYS_preadv, SYS_pwritev, SYS_readv, SYS_writev,
	SYS_fdatasync, SYS_fsync, SYS_msync, SYS_fallocate, SYS_ftruncate, SYS_lseek, SYS_fstat, SYS_newfstatat, SYS_stat, SYS_statx, SYS_readlink, SYS_fcntl, SYS_dup, SYS_dup2,
	SYS_dup3, SYS_poll, SYS_ppoll, SYS_epoll_create, SYS_epoll_create1, SYS_epoll_ctl, SYS_eventfd2, SYS_signalfd4, SYS_pipe, SYS_pipe2, SYS_memfd_create, SYS_close_range, SYS_shutdown,
	SYS_getsockopt, SYS_setsockopt, SYS_mprotect, SYS_madvise, SYS_mremap, SYS_brk, SYS_userfaultfd, SYS_membarrier, SYS_rt_sigaction, SYS_rt_sigpending, SYS_rt_sigsuspend,
	SYS_rt_sigtimedwait, SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo, SYS_sigaltstack, SYS_tgkill, SYS_timer_create, SYS_timer_gettime, SYS_timer_getoverrun, SYS_timer_delete,
	SYS_clock_gettime, SYS_clock_getres, SYS_clock_nanosleep, SYS_nanosleep, SYS_gettimeofday, SYS_restart_syscall, SYS_fork, SYS_vfork, SYS_execve, SYS_execveat, SYS_exit,
	SYS_exit_group, SYS_waitid, SYS_getpid, SYS_getppid, SYS_gettid, SYS_getuid, SYS_geteuid, SYS_getgid, SYS_getegid, SYS_setsid, SYS_uname, SYS_sysinfo, SYS_getrlimit,
	SYS_setrlimit, SYS_getrandom, SYS_sched_yield, SYS_sched_getaffinity, SYS_prctl, SYS_seccomp, SYS_arch_prctl, SYS_set_tid_address, SYS_set_robust_list, SYS_rseq,
	SYS_get_thread_area, SYS_set_thread_area,
};

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define RETURN(value) BPF_STMT(BPF_RET | BPF_K, value)
#define REFUSE RETURN(SECCOMP_RET_ERRNO | EPERM)
#define ALLOW RETURN(SECCOMP_RET_ALLOW)
/* When the call is this one, the next `count` instructions decide; each such block ends with a return. */
#define CALL(number, count) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, count)

/* Numbers in registers are as the kernel takes them: of those that are int there, only the lower half counts. */
static const struct sock_filter judged[] = {
	CALL(SYS_openat, 4),
	LOAD(args[2]),
	BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, O_CREAT | O_TRUNC | O_TMPFILE, 0, 1),
	REFUSE,
	ALLOW,
	CALL(SYS_open, 4),
	LOAD(args[1]),
	BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, O_CREAT | O_TRUNC | O_TMPFILE, 0, 1),
	REFUSE,
	ALLOW,
	CALL(SYS_clone, 4),
	LOAD(args[0]),
	BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET, 0, 1),
	REFUSE,
	ALLOW,
	/* its arguments are out of sight; libraries then take clone */
	CALL(SYS_clone3, 1),
	RETURN(SECCOMP_RET_ERRNO | ENOSYS),
	CALL(SYS_socketpair, 4),
	LOAD(args[0]),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_UNIX, 1, 0),
	REFUSE,
	ALLOW,
	CALL(SYS_ioctl, 4),
	LOAD(args[1]),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, TIOCSTI, 0, 1),
	REFUSE,
	ALLOW,
	CALL(SYS_prlimit64, 4),
	LOAD(args[0]),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0),
	REFUSE,
	ALLOW,
	/* a process of the guest lets its parent trace it, so nobody needs to attach */
	CALL(SYS_ptrace, 5),
	LOAD(args[0]),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PTRACE_ATTACH, 1, 0),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PTRACE_SEIZE, 0, 1),
	REFUSE,
	ALLOW,
};

static int filter_self(void)
{
	struct sock_filter filter[4 + 2 * ARRAY_SIZE(allowed) + ARRAY_SIZE(judged) + 1];
	struct sock_fprog program = { .filter = filter };
	unsigned count = 0;

	filter[count++] = (struct sock_filter)LOAD(arch);
	filter[count++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0);
	filter[count++] = (struct sock_filter)REFUSE;
	filter[count++] = (struct sock_filter)LOAD(nr);
	for (unsigned i = 0; i < ARRAY_SIZE(allowed); i++) {
		filter[count++] = (struct sock_filter)CALL(allowed[i], 1);
		filter[count++] = (struct sock_filter)ALLOW;
	}
	for (unsigned i = 0; i < ARRAY_SIZE(judged); i++)
		filter[count++] = judged[i];
	filter[count++] = (struct sock_filter)REFUSE;
	program.len = (unsigned short)count;
	/* Without the flag, kernels before 5.16 slow the whole process down for it; Linux before 4.17 does not know the flag. */
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &program) == 0 || syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0)
		return 0;
	return errno == ENOSYS || errno == EINVAL ? 0 : -1;
}

int confine_self(int rules, uint64_t file_bytes)
{
	const struct rlimit none = { 0, 0 }, file = { file_bytes, file_bytes };

	if (setrlimit(RLIMIT_CORE, &none) < 0 || setrlimit(RLIMIT_FSIZE, &file) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	if (rules >= 0 && syscall(LANDLOCK_RESTRICT_SELF, rules, 0) < 0)
		return -1;
	return filter_self();
}
