/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How supervisors and relays come to be, and how to reach a supervisor.
 *
 * It must outlive the SSH session that asked for it: it gets a session of its own, no terminal, none of our descriptors but the pipe on which it tells that it is ready,
 * and no parent (a helper process starts it and ends at once). It starts by executing this same program anew, so it carries no state of ours.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "launch.h"
#include "supervisor.h"

/* Between fork and exec: async-signal-safe calls only. */
static void helper_run(const char *self, char *const argv[], int ready_fd, int log_fd, int null_fd)
{
	sigset_t none;
	int ready, log, null;

	if (setsid() < 0)
		_exit(1);
	switch (fork()) {
	case -1:
		_exit(1);
	case 0:
		break;
	default:
		_exit(0);
	}
	/* Out of the way of the final numbers. */
	ready = fcntl(ready_fd, F_DUPFD, 16);
	log = fcntl(log_fd, F_DUPFD, 16);
	null = fcntl(null_fd, F_DUPFD, 16);
	if (dup2(null, 0) < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0 || dup2(ready, LAUNCH_READY_FD) < 0)
		_exit(1);
	if (syscall(SYS_close_range, LAUNCH_READY_FD + 1, ~0U, 0) < 0)
		for (int fd = LAUNCH_READY_FD + 1; fd < 4096; fd++)
			close(fd);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	execv(self, argv);
	_exit(127);
}

int launch(char *const argv[], int log_fd, pid_t *helper)
{
	char self[STORE_PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), ready[2] = { -1, -1 };

	self[length > 0 ? length : 0] = 0;
	if (length > 0 && null >= 0 && pipe2(ready, O_CLOEXEC) == 0) {
		*helper = fork();
		if (*helper == 0)
			helper_run(self, argv, ready[1], log_fd, null);
		if (*helper < 0) {
			close(ready[0]);
			ready[0] = -1;
		}
		close(ready[1]);
	}
	if (null >= 0)
		close(null);
	return ready[0];
}

int supervisor_launch(const struct store *store, const char *instance, pid_t *helper, struct fail *fail)
{
	char *const argv[] = { "mobihost", "vm", "--folder", (char *)store->path, "--ready", LAUNCH_READY_TEXT, (char *)instance, NULL };
	int folder = store_instance(store, instance, fail), log, ready = -1;

	if (folder < 0)
		return -1;
	log = openat(folder, "log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (log >= 0)
		ready = launch(argv, log, helper);
	if (ready < 0)
		fail_set(fail, "no-process", "A supervisor for VM %s could not be started: %s.", instance, strerror(errno));
	if (log >= 0)
		close(log);
	close(folder);
	return ready;
}

int supervisor_connect(int folder)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	/* The folder's own path may be longer than an address may be. */
	snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/" SUPERVISOR_SOCKET, folder);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		int error = errno;

		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}
