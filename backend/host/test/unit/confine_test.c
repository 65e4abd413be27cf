/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a process that is confined as a guest can still ask of the host, tried in processes of their own. With each check goes one outside, or before, that works, so that it can't pass because
 * the host forbids the thing to all.
 */
#define _GNU_SOURCE
#include "../../src/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

#define FILE_BYTES ((uint64_t)1 << 20)
#define PROGRAM "/bin/true"

static pid_t outside; /* a process of this account that is not confined */

/* Runs a trial in a process that is confined; its result, 0 to 99, or 100 + the signal that ended it. */
static int confined(int (*trial)(void))
{
	int rules = confine_rules(PROGRAM), status;
	pid_t pid = fork();

	CHECK(pid >= 0);
	if (!pid) {
		if (confine_self(rules, FILE_BYTES) < 0)
			_exit(99);
		_exit(trial());
	}
	CHECK_EQUAL(pid, waitpid(pid, &status, 0));
	if (rules >= 0)
		close(rules);
	return WIFSIGNALED(status) ? 100 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* Runs it in a process that is not. */
static int unconfined(int (*trial)(void))
{
	int status;
	pid_t pid = fork();

	CHECK(pid >= 0);
	if (!pid)
		_exit(trial());
	CHECK_EQUAL(pid, waitpid(pid, &status, 0));
	return WIFSIGNALED(status) ? 100 + WTERMSIG(status) : WEXITSTATUS(status);
}

static int result(long value)
{
	return value < 0 ? errno : 0;
}

static int make_socket(void)
{
	return result(socket(AF_INET, SOCK_DGRAM, 0));
}

static int make_unix_socket(void)
{
	return result(socket(AF_UNIX, SOCK_STREAM, 0));
}

static int make_file(void)
{
	return result(open("confined", O_WRONLY | O_CREAT, 0600));
}

static int make_folder(void)
{
	int status = result(mkdir("confined.d", 0700));

	if (!status)
		rmdir("confined.d");
	return status;
}

static int read_file(void)
{
	return result(open("/etc/passwd", O_RDONLY));
}

static int read_program(void)
{
	return result(open(PROGRAM, O_RDONLY));
}

static int list_folder(void)
{
	return result(open("/", O_RDONLY | O_DIRECTORY));
}

static int run_other(void)
{
	execl("/bin/sh", "sh", "-c", "exit 0", NULL);
	return errno;
}

static int signal_outside(void)
{
	return result(kill(outside, 0));
}

static int trace_outside(void)
{
	long status = ptrace(PTRACE_ATTACH, outside, NULL, NULL);
	int error = errno;

	if (!status) {
		waitpid(outside, NULL, 0);
		ptrace(PTRACE_DETACH, outside, NULL, NULL);
	}
	errno = error;
	return result(status);
}

static int read_outside(void)
{
	char byte;
	struct iovec here = { &byte, 1 }, there = { (void *)&outside, 1 };

	return result(process_vm_readv(outside, &here, 1, &there, 1, 0));
}

static int limit_outside(void)
{
	struct rlimit limit;

	return result(prlimit(outside, RLIMIT_CORE, NULL, &limit));
}

static int new_namespace(void)
{
	return result(unshare(CLONE_NEWUSER));
}

static int new_namespace_by_clone(void)
{
	long pid = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);

	if (pid == 0)
		_exit(0);
	return result(pid);
}

static int use_clone3(void)
{
	struct {
		uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls;
	} args = { .exit_signal = SIGCHLD };
	long pid = syscall(SYS_clone3, &args, sizeof(args));

	if (pid == 0)
		_exit(0);
	return result(pid);
}

static int use_keys(void)
{
	return result(syscall(SYS_keyctl, 0, -3, 1, 0, 0));
}

static int grow_file(void)
{
	int fd = memfd_create("large", 0);

	return result(ftruncate(fd, (off_t)FILE_BYTES + 1));
}

static int dump_core(void)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_max == 0 ? 0 : 1;
}

/* What the guest kernel needs goes on working; the number of the first thing that does not. */
static int do_what_guests_do(void)
{
	int pair[2], fd = memfd_create("guest", MFD_CLOEXEC), null, cpus, status;
	char byte = 1;
	void *page;
	pid_t pid;

	if (fd < 0 || ftruncate(fd, (off_t)FILE_BYTES) < 0 || pwrite(fd, &byte, 1, (off_t)FILE_BYTES - 1) != 1)
		return 1;
	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_SHARED, fd, 0);
	if (page == MAP_FAILED || msync(page, 4096, MS_SYNC) < 0 || munmap(page, 4096) < 0)
		return 2;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0 || send(pair[0], &byte, 1, 0) != 1 || recv(pair[1], &byte, 1, 0) != 1)
		return 3;
	null = open("/dev/null", O_RDWR);
	cpus = open("/proc/cpuinfo", O_RDONLY);
	if (null < 0 || cpus < 0 || read(cpus, &byte, 1) != 1)
		return 4;
	pid = fork();
	if (pid == 0) {
		raise(SIGSTOP);
		_exit(7);
	}
	if (pid < 0 || waitpid(pid, &status, WUNTRACED) != pid || !WIFSTOPPED(status) || kill(pid, SIGCONT) < 0 || waitpid(pid, &status, 0) != pid || WEXITSTATUS(status) != 7)
		return 5;
	pid = fork();
	if (pid == 0) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		_exit(8);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status) || ptrace(PTRACE_CONT, pid, NULL, NULL) < 0 || waitpid(pid, &status, 0) != pid ||
	    WEXITSTATUS(status) != 8)
		return 6;
	return 0;
}

static void no_more_is_asked_than_guests_need(void)
{
	CHECK_EQUAL(0, unconfined(make_socket));
	CHECK_EQUAL(EPERM, confined(make_socket));
	CHECK_EQUAL(0, unconfined(make_unix_socket));
	CHECK_EQUAL(EPERM, confined(make_unix_socket));
	CHECK_EQUAL(0, unconfined(make_file));
	CHECK_EQUAL(EPERM, confined(make_file));
	CHECK_EQUAL(0, unconfined(make_folder));
	CHECK_EQUAL(EPERM, confined(make_folder));
	CHECK_EQUAL(0, unconfined(list_folder));
	CHECK_EQUAL(EPERM, confined(list_folder));
	CHECK_EQUAL(0, unconfined(limit_outside));
	CHECK_EQUAL(EPERM, confined(limit_outside));
	CHECK_EQUAL(EPERM, confined(new_namespace));
	CHECK_EQUAL(EPERM, confined(new_namespace_by_clone));
	CHECK_EQUAL(ENOSYS, confined(use_clone3));
	CHECK_EQUAL(EPERM, confined(use_keys));
	CHECK_EQUAL(EPERM, confined(trace_outside));
	CHECK_EQUAL(EPERM, confined(read_outside));
	CHECK_EQUAL(0, confined(dump_core));
	CHECK_EQUAL(0, unconfined(grow_file));
	CHECK_EQUAL(100 + SIGXFSZ, confined(grow_file));
}

static void files_and_processes_are_out_of_reach(void)
{
	if (!confine_landlock()) {
		printf("   this host has no Landlock: not tried\n");
		return;
	}
	CHECK_EQUAL(0, unconfined(read_file));
	CHECK_EQUAL(EACCES, confined(read_file));
	CHECK_EQUAL(0, unconfined(run_other));
	CHECK_EQUAL(EACCES, confined(run_other));
	CHECK_EQUAL(0, confined(read_program));
	CHECK_EQUAL(0, unconfined(signal_outside));
	if (confine_landlock() >= 6)
		CHECK_EQUAL(EPERM, confined(signal_outside));
}

static void what_guests_need_works(void)
{
	CHECK_EQUAL(0, unconfined(do_what_guests_do));
	CHECK_EQUAL(0, confined(do_what_guests_do));
}

int main(void)
{
	char scratch[] = "/tmp/confine-test.XXXXXX";

	CHECK(mkdtemp(scratch) && chdir(scratch) == 0);
	outside = fork();
	if (!outside) {
		pause();
		_exit(0);
	}
	RUN(what_guests_need_works);
	RUN(no_more_is_asked_than_guests_need);
	RUN(files_and_processes_are_out_of_reach);
	kill(outside, SIGKILL);
	waitpid(outside, NULL, 0);
	unlink("confined");
	CHECK_EQUAL(0, chdir("/"));
	CHECK_EQUAL(0, rmdir(scratch));
	return 0;
}
