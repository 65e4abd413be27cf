/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session is a child process that leads its own kernel session and process group, with pipes or a pseudo terminal. Everything here returns at
 * once: descriptors are non-blocking, the child reports a failed exec through a close-on-exec pipe that is read when it has ended.
 *
 * Life. RUNNING from START on. The command ends (it stays a zombie, so that its number can't be anyone else's process group), what it has written by
 * then is sent as far as the host grants credit, EXIT is sent, and the session is LEFT: forgotten by the host, while
 *   - its pipes are read and thrown away until the last process that holds them ends, so that a daemon which a start-up script left behind is not
 *     killed by SIGPIPE when it writes a message (a terminal is hung up instead, as when a window closes);
 *   - after CLOSE, the processes of its group have their time until SIGKILL. The zombie is reaped only then.
 *
 * Input. STDIN goes to a ring of GUEST_CREDIT bytes; the host can't send more than fits, because it gets credit only for what was written on.
 * A host that does it anyway loses the session. When the command doesn't read any more (EPIPE), input is dropped and credited as if it had.
 */
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "json.h"

/* Credit is granted again in pieces of at least this size, so that it doesn't cost a frame a keystroke. */
#define GRANT_MIN (GUEST_CREDIT / 4)
#define DISCARD_SIZE 4096
#define END_OF_FILE_CHARACTER 4

enum start_step {
	STEP_FOLDER,
	STEP_TERMINAL,
	STEP_EXEC,
};

/* What a child that could not start its command writes to start_fd. */
struct start_failure {
	enum start_step step;
	int error;
};

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static int set_nonblocking(int fd)
{
	const int flags = fcntl(fd, F_GETFL);

	return flags < 0 ? -1 : fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

/* The child's ends of the streams, and guestd's, which stay in the session. */
struct child_streams {
	int in, out, err, start;
};

static bool open_pipe(int *reader, int *writer)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return false;
	*reader = ends[0];
	*writer = ends[1];
	return true;
}

static bool open_terminal(struct session *session, const struct command *command, struct child_streams *child)
{
	const struct winsize size = { .ws_row = command->rows, .ws_col = command->columns };

	session->out_fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (session->out_fd < 0 || grantpt(session->out_fd) < 0 || unlockpt(session->out_fd) < 0)
		return false;
	session->in_fd = fcntl(session->out_fd, F_DUPFD_CLOEXEC, 0);
	child->in = ioctl(session->out_fd, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (session->in_fd < 0 || child->in < 0)
		return false;
	child->out = fcntl(child->in, F_DUPFD_CLOEXEC, 0);
	child->err = fcntl(child->in, F_DUPFD_CLOEXEC, 0);
	return child->out >= 0 && child->err >= 0 && ioctl(session->out_fd, TIOCSWINSZ, &size) == 0;
}

static bool open_streams(struct session *session, const struct command *command, struct child_streams *child)
{
	if (!open_pipe(&session->start_fd, &child->start))
		return false;
	if (command->tty) {
		if (!open_terminal(session, command, child))
			return false;
	} else if (!open_pipe(&child->in, &session->in_fd) || !open_pipe(&session->out_fd, &child->out) ||
		   !open_pipe(&session->err_fd, &child->err)) {
		return false;
	}
	return set_nonblocking(session->in_fd) == 0 && set_nonblocking(session->out_fd) == 0 &&
	       (session->err_fd < 0 || set_nonblocking(session->err_fd) == 0) && set_nonblocking(session->start_fd) == 0;
}

static _Noreturn void fail_in_child(const struct child_streams *child, enum start_step step)
{
	const struct start_failure failure = { .step = step, .error = errno };

	if (write(child->start, &failure, sizeof(failure)) != sizeof(failure))
		_exit(126);
	_exit(127);
}

static _Noreturn void run_in_child(const struct command *command, const struct child_streams *child, pid_t guestd)
{
	extern char **environ;
	/* the kernel's form of SIG_DFL: libc keeps some signals for itself and would leave them as an ancestor set them */
	static const unsigned long default_action[4];
	sigset_t none;

	for (int number = 1; number < NSIG; number++)
		syscall(SYS_rt_sigaction, number, default_action, NULL, 8);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* A guestd that is started again knows nothing of this command, so it must not outlive this one. */
	prctl(PR_SET_PDEATHSIG, SIGHUP);
	if (getppid() != guestd)
		_exit(126);
	setsid();
	if (command->tty && ioctl(child->in, TIOCSCTTY, 0) < 0)
		fail_in_child(child, STEP_TERMINAL);
	if (dup2(child->in, STDIN_FILENO) < 0 || dup2(child->out, STDOUT_FILENO) < 0 || dup2(child->err, STDERR_FILENO) < 0)
		fail_in_child(child, STEP_TERMINAL);
	if (chdir(command->cwd) < 0)
		fail_in_child(child, STEP_FOLDER);
	environ = (char **)command->env;
	execvp(command->argv[0], command->argv);
	fail_in_child(child, STEP_EXEC);
}

static void free_streams(struct session *session)
{
	close_fd(&session->in_fd);
	close_fd(&session->out_fd);
	close_fd(&session->err_fd);
	close_fd(&session->start_fd);
	free(session->input);
	session->input = NULL;
	session->input_count = 0;
}

const char *session_start(struct session *session, uint32_t id, const struct command *command)
{
	struct child_streams child = { -1, -1, -1, -1 };
	const char *problem = NULL;
	const pid_t guestd = getpid();

	*session = (struct session){ .id = id, .pid = -1, .tty = command->tty, .in_fd = -1, .out_fd = -1, .err_fd = -1, .start_fd = -1,
				     .send_credit = GUEST_CREDIT };
	session->input = malloc(GUEST_CREDIT);
	/* Both are only needed to say what could not be started. */
	session->name = strdup(strlen(command->argv[0]) > 200 ? "the command" : command->argv[0]);
	if (!session->input || !session->name) {
		problem = "the guest has no memory left for another command";
		goto out;
	}
	if (!open_streams(session, command, &child)) {
		problem = command->tty ? "the guest has no terminal left for another command; is /dev/pts mounted?" :
					 "the guest has no descriptors left for another command";
		goto out;
	}
	session->pid = fork();
	if (session->pid < 0) {
		problem = "the guest has no memory or process numbers left for another command";
		goto out;
	}
	if (session->pid == 0)
		run_in_child(command, &child, guestd);
	/* From here on signals reach the group; the child does the same, whoever is first. */
	session->state = SESSION_RUNNING;
out:
	close_fd(&child.in);
	close_fd(&child.out);
	close_fd(&child.err);
	close_fd(&child.start);
	if (problem) {
		free_streams(session);
		free(session->name);
		session->name = NULL;
	}
	return problem;
}

/* Signals the command's process group; until the child has made it, the child alone. */
static void signal_group(struct session *session, pid_t group, int number)
{
	if (kill(-group, number) < 0 && errno == ESRCH && group == session->pid)
		kill(group, number);
}

void session_signal(struct session *session, int number)
{
	pid_t group = session->pid;

	if (number < 1 || number >= NSIG)
		return;
	if (session->tty && session->out_fd >= 0) {
		const pid_t foreground = tcgetpgrp(session->out_fd);

		if (foreground > 0)
			group = foreground;
	}
	signal_group(session, group, number);
}

void session_close(struct session *session, int64_t now_ms)
{
	if (session->kill_at_ms)
		return;
	session->kill_at_ms = now_ms + GUEST_CLOSE_GRACE_MS;
	session_signal(session, SIGHUP);
	session_signal(session, SIGCONT);
	signal_group(session, session->pid, SIGHUP);
	signal_group(session, session->pid, SIGCONT);
	close_fd(&session->in_fd);
	session->input_count = 0;
	if (session->tty)
		close_fd(&session->out_fd);
}

static void session_fail(struct session *session, const char *error, int64_t now_ms)
{
	session->error = error;
	session_close(session, now_ms);
}

static void drop_input(struct session *session)
{
	close_fd(&session->in_fd);
	session->grant += session->input_count;
	session->input_count = 0;
}

void session_input(struct session *session, const void *bytes, uint32_t length, int64_t now_ms)
{
	const uint8_t *from = bytes;

	if (session->kill_at_ms)
		return;
	if (length > GUEST_CREDIT - session->input_count - session->grant) {
		session_fail(session, "more standard input came than there was credit for", now_ms);
		return;
	}
	if (session->in_fd < 0 || session->input_ends) {
		session->grant += length;
		return;
	}
	while (length > 0) {
		const uint32_t end = (session->input_start + session->input_count) % GUEST_CREDIT;
		const uint32_t part = length < GUEST_CREDIT - end ? length : GUEST_CREDIT - end;

		memcpy(session->input + end, from, part);
		session->input_count += part;
		from += part;
		length -= part;
	}
	session_write(session);
}

void session_input_end(struct session *session)
{
	session->input_ends = true;
	session_write(session);
}

void session_write(struct session *session)
{
	while (session->in_fd >= 0 && session->input_count > 0) {
		const uint32_t straight = GUEST_CREDIT - session->input_start;
		const uint32_t part = session->input_count < straight ? session->input_count : straight;
		const ssize_t count = write(session->in_fd, session->input + session->input_start, part);

		if (count < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (count < 0) {
			drop_input(session);
			return;
		}
		session->input_start = (session->input_start + (uint32_t)count) % GUEST_CREDIT;
		session->input_count -= (uint32_t)count;
		session->grant += (uint32_t)count;
	}
	if (session->in_fd >= 0 && session->input_ends) {
		const uint8_t character = END_OF_FILE_CHARACTER;

		if (session->tty && write(session->in_fd, &character, 1) < 0 && errno == EAGAIN)
			return;
		close_fd(&session->in_fd);
	}
}

void session_resize(struct session *session, uint16_t rows, uint16_t columns)
{
	const struct winsize size = { .ws_row = rows, .ws_col = columns };

	if (session->tty && session->out_fd >= 0)
		ioctl(session->out_fd, TIOCSWINSZ, &size);
}

void session_credit(struct session *session, uint32_t bytes)
{
	/* More than the window is no honest credit; it is capped, as nothing here depends on it. */
	session->send_credit = bytes > UINT_MAX - session->send_credit ? UINT_MAX : session->send_credit + bytes;
}

void session_check_end(struct session *session)
{
	siginfo_t info = { 0 };

	if (session->ended || session->pid < 0 || waitid(P_PID, (id_t)session->pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || info.si_pid == 0)
		return;
	session->ended = true;
	if (info.si_code == CLD_EXITED)
		session->status = info.si_status;
	else
		session->signal = info.si_status;
}

static bool throws_away(const struct session *session)
{
	return session->state == SESSION_LEFT || session->kill_at_ms;
}

bool session_may_read(const struct session *session, struct line *line)
{
	return throws_away(session) || (session->send_credit > 0 && line_has_room(line, 2));
}

bool session_read(struct session *session, int *stream, struct line *line)
{
	uint8_t discard[DISCARD_SIZE];
	const bool away = throws_away(session);

	if (*stream < 0)
		return false;

	const uint32_t most = away ? DISCARD_SIZE : session->send_credit < GUEST_PAYLOAD_MAX ? session->send_credit : GUEST_PAYLOAD_MAX;
	const ssize_t count = read(*stream, away ? discard : line_payload(line), most);

	if (count < 0 && (errno == EAGAIN || errno == EINTR))
		return errno == EINTR;
	/* The end; a terminal says it with EIO. */
	if (count <= 0) {
		close_fd(stream);
		return false;
	}
	if (!away) {
		line_commit(line, stream == &session->err_fd ? GUEST_STDERR : GUEST_STDOUT, session->id, (uint32_t)count);
		session->send_credit -= (uint32_t)count;
	}
	return true;
}

/* Makes EXIT's payload; `size` is GUEST_PAYLOAD_MAX. */
static uint32_t describe_end(struct session *session, char *to, size_t size)
{
	struct start_failure failure;
	char text[512];
	char quoted[1024];

	if (read(session->start_fd, &failure, sizeof(failure)) == sizeof(failure)) {
		if (failure.step == STEP_FOLDER)
			snprintf(text, sizeof(text), "cannot start %s: its folder: %s", session->name, strerror(failure.error));
		else if (failure.step == STEP_EXEC && failure.error == ENOENT)
			snprintf(text, sizeof(text), "no such file: %s", session->name);
		else
			snprintf(text, sizeof(text), "cannot start %s: %s", session->name, strerror(failure.error));
	} else if (session->error) {
		snprintf(text, sizeof(text), "%s was ended: %s", session->name, session->error);
	} else if (session->signal) {
		return (uint32_t)snprintf(to, size, "{\"signal\":%d}", session->signal);
	} else {
		return (uint32_t)snprintf(to, size, "{\"status\":%d}", session->status);
	}
	json_quote(quoted, sizeof(quoted), text);
	return (uint32_t)snprintf(to, size, "{\"error\":%s}", quoted);
}

/* The host is done with it: sends EXIT. */
static void leave(struct session *session, struct line *line)
{
	if (!session->silent) {
		const uint32_t length = describe_end(session, (char *)line_payload(line), GUEST_PAYLOAD_MAX);

		line_commit(line, GUEST_EXIT, session->id, length);
	}
	session->state = SESSION_LEFT;
	session->id = 0;
	close_fd(&session->in_fd);
	close_fd(&session->start_fd);
	if (session->tty)
		close_fd(&session->out_fd);
	free(session->input);
	free(session->name);
	session->input = NULL;
	session->name = NULL;
}

static void reap(struct session *session)
{
	if (session->pid < 0 || !session->ended)
		return;
	waitpid(session->pid, NULL, 0);
	session->pid = -1;
}

static bool settle_running(struct session *session, struct line *line)
{
	if (!line_has_room(line, 2))
		return false;
	if (session->grant >= GRANT_MIN && !session->ended && !session->kill_at_ms && !session->silent) {
		uint8_t bytes[4];

		guest_put_u32(bytes, session->grant);
		line_put(line, GUEST_CREDIT_TO_HOST, session->id, bytes, sizeof(bytes));
		session->grant = 0;
	}
	if (!session->ended)
		return false;
	if (!throws_away(session)) {
		if (session_may_read(session, line) && session_read(session, &session->out_fd, line))
			return true;
		if (session_may_read(session, line) && session_read(session, &session->err_fd, line))
			return true;
		if (!session_may_read(session, line) && (session->out_fd >= 0 || session->err_fd >= 0))
			return false;
	}
	leave(session, line);
	return true;
}

bool session_settle(struct session *session, struct line *line, int64_t now_ms)
{
	const bool killing = session->kill_at_ms && now_ms >= session->kill_at_ms;

	if (session->state == SESSION_FREE)
		return false;
	if (killing && session->pid >= 0)
		signal_group(session, session->pid, SIGKILL);
	if (session->state == SESSION_RUNNING)
		return settle_running(session, line);
	if (!session->kill_at_ms || killing)
		reap(session);
	if (session->pid < 0 && ((session->out_fd < 0 && session->err_fd < 0) || killing))
		session_forget(session);
	return false;
}

void session_forget(struct session *session)
{
	if (session->kill_at_ms && session->pid >= 0)
		signal_group(session, session->pid, SIGKILL);
	reap(session);
	free_streams(session);
	*session = (struct session){ .state = SESSION_FREE };
}
