/* SPDX-License-Identifier: Apache-2.0 */
/*
 * guestd runs in the guest and executes commands for the host, which reaches it over a serial line: no network, no login, no key.
 *
 * One thread, one poll loop: the line, a signalfd for children, and the streams of up to GUEST_SESSIONS_MAX sessions. Nothing blocks and nothing but
 * a session's own buffers is allocated. The line is shared by turns: in each round every session with output sends at most one frame, and the
 * round begins with another session each time.
 *
 * The host is trusted to run commands here - it owns the machine - but its bytes are not trusted to be well-formed: a supervisor may have died within a
 * frame. Frames are checked in guest_frame_take, their payloads where they are used; a wrong one is ignored or ends its session, never guestd.
 *
 * Modules: line (frames on the wire), session (a command and its streams), command (START's JSON), json.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "json.h"
#include "line.h"
#include "session.h"

/* Half of them may be what earlier sessions left behind. */
#define SLOTS (2 * GUEST_SESSIONS_MAX)

struct guestd {
	const char *image;
	char boot_id[64];
	bool fresh;
	int signal_fd;
	size_t turn;
	struct line line;
	struct command command;
	struct session sessions[SLOTS];
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static struct session *find_session(struct guestd *guestd, uint32_t id)
{
	for (size_t i = 0; i < SLOTS; i++) {
		struct session *session = &guestd->sessions[i];

		if (session->state == SESSION_RUNNING && session->id == id && !session->silent)
			return session;
	}
	return NULL;
}

/* A free slot; when there is none, that of a session which the host has forgotten. NULL when too many run. */
static struct session *take_slot(struct guestd *guestd)
{
	struct session *left = NULL;
	size_t running = 0;

	for (size_t i = 0; i < SLOTS; i++) {
		if (guestd->sessions[i].state == SESSION_RUNNING && !guestd->sessions[i].silent)
			running++;
	}
	if (running >= GUEST_SESSIONS_MAX)
		return NULL;
	for (size_t i = 0; i < SLOTS; i++) {
		if (guestd->sessions[i].state == SESSION_FREE)
			return &guestd->sessions[i];
		if (guestd->sessions[i].state == SESSION_LEFT)
			left = &guestd->sessions[i];
	}
	if (left)
		session_forget(left);
	return left;
}

static void refuse(struct guestd *guestd, uint32_t id, const char *reason)
{
	char *to = (char *)line_payload(&guestd->line);
	size_t length = (size_t)sprintf(to, "{\"error\":");

	length += json_quote(to + length, GUEST_PAYLOAD_MAX - length - 1, reason);
	to[length++] = '}';
	line_commit(&guestd->line, GUEST_EXIT, id, (uint32_t)length);
}

static void handle_start(struct guestd *guestd, const struct guest_frame *frame)
{
	struct session *session;
	const char *problem;

	if (frame->session == 0) {
		refuse(guestd, 0, "0 is no session number");
		return;
	}
	/* Its own EXIT is still to come, and a second one would be taken for it. */
	if (find_session(guestd, frame->session))
		return;
	problem = command_parse(&guestd->command, frame->payload, frame->length);
	if (problem) {
		refuse(guestd, frame->session, problem);
		return;
	}
	session = take_slot(guestd);
	if (!session) {
		refuse(guestd, frame->session, "too many commands run in the guest; wait until one has ended");
		return;
	}
	problem = session_start(session, frame->session, &guestd->command);
	if (problem)
		refuse(guestd, frame->session, problem);
}

/* Line room for this and another frame must be there. */
static void say_hello(struct guestd *guestd)
{
	char *to;
	int length;

	line_resync(&guestd->line);
	to = (char *)line_payload(&guestd->line);
	length = sprintf(to, "{\"version\":%d,\"fresh\":%s,\"bootId\":\"%s\",\"image\":", GUEST_VERSION, guestd->fresh ? "true" : "false",
			 guestd->boot_id);
	length += (int)json_quote(to + length, 256, guestd->image);
	to[length++] = '}';
	line_commit(&guestd->line, GUEST_HELLO, 0, (uint32_t)length);
	guestd->fresh = false;
}

static void handle_reset(struct guestd *guestd)
{
	for (size_t i = 0; i < SLOTS; i++) {
		if (guestd->sessions[i].state == SESSION_RUNNING) {
			guestd->sessions[i].silent = true;
			session_close(&guestd->sessions[i], now_ms());
		}
	}
	say_hello(guestd);
}

static void handle_session_frame(struct guestd *guestd, const struct guest_frame *frame)
{
	struct session *session = find_session(guestd, frame->session);

	if (!session)
		return;
	switch (frame->type) {
	case GUEST_STDIN:
		session_input(session, frame->payload, frame->length, now_ms());
		break;
	case GUEST_EOF:
		session_input_end(session);
		break;
	case GUEST_SIGNAL:
		if (frame->length == 4 && guest_get_u32(frame->payload) < INT_MAX)
			session_signal(session, (int)guest_get_u32(frame->payload));
		break;
	case GUEST_RESIZE:
		if (frame->length == 4)
			session_resize(session, guest_get_u16(frame->payload), guest_get_u16(frame->payload + 2));
		break;
	case GUEST_CREDIT_TO_GUEST:
		if (frame->length == 4)
			session_credit(session, guest_get_u32(frame->payload));
		break;
	case GUEST_CLOSE:
		session_close(session, now_ms());
		break;
	default:
		break;
	}
}

static void handle_frame(struct guestd *guestd, const struct guest_frame *frame)
{
	switch (frame->type) {
	case GUEST_START:
		handle_start(guestd, frame);
		break;
	case GUEST_PING:
		line_put(&guestd->line, GUEST_PONG, frame->session, frame->payload, frame->length);
		break;
	case GUEST_RESET:
		handle_reset(guestd);
		break;
	default:
		handle_session_frame(guestd, frame);
		break;
	}
}

/* Handles the frames that are there while there is room for their answers. */
static void handle_input(struct guestd *guestd)
{
	struct guest_frame frame;

	while (line_has_room(&guestd->line, 1) && line_next(&guestd->line, &frame))
		handle_frame(guestd, &frame);
}

struct poll_set {
	struct pollfd fds[2 + 3 * SLOTS];
	nfds_t count;
};

/* Returns the entry's number, or 0 (the line's) when there is nothing to wait for. */
static nfds_t poll_add(struct poll_set *set, int fd, short events)
{
	if (fd < 0 || events == 0)
		return 0;
	set->fds[set->count] = (struct pollfd){ .fd = fd, .events = events };
	return set->count++;
}

static bool is_ready(const struct poll_set *set, nfds_t entry)
{
	return entry > 0 && set->fds[entry].revents != 0;
}

struct session_entries {
	nfds_t in, out, err;
};

static struct session_entries poll_session(struct guestd *guestd, struct session *session, struct poll_set *set)
{
	struct session_entries entries = { 0 };

	if (session->state == SESSION_FREE)
		return entries;
	if (session->input_count > 0 || session->input_ends)
		entries.in = poll_add(set, session->in_fd, POLLOUT);
	if (session_may_read(session, &guestd->line)) {
		entries.out = poll_add(set, session->out_fd, POLLIN);
		entries.err = poll_add(set, session->err_fd, POLLIN);
	}
	return entries;
}

static void serve_session(struct guestd *guestd, struct session *session, const struct poll_set *set, struct session_entries entries)
{
	if (is_ready(set, entries.in))
		session_write(session);
	/* A session before this one may have taken the room since. */
	if (is_ready(set, entries.out) && session_may_read(session, &guestd->line))
		session_read(session, &session->out_fd, &guestd->line);
	if (is_ready(set, entries.err) && session_may_read(session, &guestd->line))
		session_read(session, &session->err_fd, &guestd->line);
}

/* Brings all sessions up to date. Returns how long poll may wait, in milliseconds; -1: for ever. */
static int settle_sessions(struct guestd *guestd)
{
	const int64_t now = now_ms();
	int64_t wait = -1;

	for (size_t i = 0; i < SLOTS; i++) {
		struct session *session = &guestd->sessions[(guestd->turn + i) % SLOTS];

		if (session_settle(session, &guestd->line, now))
			wait = 0;
		if (session->state != SESSION_FREE && session->kill_at_ms > now && (wait < 0 || session->kill_at_ms - now < wait))
			wait = session->kill_at_ms - now;
	}
	return (int)wait;
}

static void drain_signals(struct guestd *guestd)
{
	struct signalfd_siginfo info;

	while (read(guestd->signal_fd, &info, sizeof(info)) == sizeof(info))
		;
	for (size_t i = 0; i < SLOTS; i++) {
		if (guestd->sessions[i].state != SESSION_FREE)
			session_check_end(&guestd->sessions[i]);
	}
}

/* Returns -errno when the line is gone. */
static int serve(struct guestd *guestd)
{
	static struct poll_set set;
	static struct session_entries entries[SLOTS];

	for (;;) {
		int error = line_write(&guestd->line);

		if (error)
			return error;
		handle_input(guestd);

		const int wait = settle_sessions(guestd);

		set.count = 0;
		set.fds[set.count++] = (struct pollfd){
			.fd = guestd->line.fd,
			.events = (short)((line_has_output(&guestd->line) ? POLLOUT : 0) | (line_has_room(&guestd->line, 1) ? POLLIN : 0)),
		};
		const nfds_t signals = poll_add(&set, guestd->signal_fd, POLLIN);

		for (size_t i = 0; i < SLOTS; i++)
			entries[i] = poll_session(guestd, &guestd->sessions[i], &set);
		if (poll(set.fds, set.count, wait) < 0) {
			if (errno != EINTR)
				return -errno;
			continue;
		}
		if (set.fds[0].revents & (POLLIN | POLLHUP | POLLERR)) {
			error = line_read(&guestd->line);
			if (error)
				return error;
		}
		for (size_t i = 0; i < SLOTS; i++) {
			const size_t at = (guestd->turn + i) % SLOTS;

			serve_session(guestd, &guestd->sessions[at], &set, entries[at]);
		}
		guestd->turn = (guestd->turn + 1) % SLOTS;
		/* After the streams: what a command wrote before it ended comes before its EXIT. */
		if (is_ready(&set, signals))
			drain_signals(guestd);
	}
}

static void read_boot_id(struct guestd *guestd)
{
	const int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	const ssize_t count = fd < 0 ? 0 : read(fd, guestd->boot_id, sizeof(guestd->boot_id) - 1);

	if (fd >= 0)
		close(fd);
	guestd->boot_id[count > 0 ? count : 0] = '\0';
	guestd->boot_id[strcspn(guestd->boot_id, "\n\"\\")] = '\0';
}

/* The first guestd of a boot leaves a mark in a folder that a boot empties. */
static bool is_fresh(const char *state_folder)
{
	char path[PATH_MAX];
	int fd;

	if (snprintf(path, sizeof(path), "%s/guestd.started", state_folder) >= (int)sizeof(path))
		return false;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	close(fd);
	return true;
}

static int usage(void)
{
	fprintf(stderr, "Usage: guestd [-e] [-i IMAGE_NAME] [-s STATE_FOLDER] LINE\n");
	return 2;
}

int main(int argc, char **argv)
{
	static struct guestd guestd;
	const char *state_folder = "/run";
	sigset_t children;
	int error;

	guestd.image = "unknown";
	for (int option; (option = getopt(argc, argv, "ei:s:")) != -1;) {
		if (option == 'i')
			guestd.image = optarg;
		else if (option == 's')
			state_folder = optarg;
		else if (option == 'e')
			command_inherit(environ);
		else
			return usage();
	}
	if (optind + 1 != argc)
		return usage();

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&children);
	sigaddset(&children, SIGCHLD);
	sigprocmask(SIG_BLOCK, &children, NULL);
	guestd.signal_fd = signalfd(-1, &children, SFD_NONBLOCK | SFD_CLOEXEC);
	if (guestd.signal_fd < 0) {
		perror("guestd: signalfd");
		return 1;
	}
	error = line_open(&guestd.line, argv[optind]);
	if (!error) {
		read_boot_id(&guestd);
		guestd.fresh = is_fresh(state_folder);
		say_hello(&guestd);
		error = serve(&guestd);
	}
	fprintf(stderr, "guestd: %s: %s; the host can't run commands in this guest until guestd runs again\n", argv[optind], strerror(-error));
	/* init starts it again; not in a busy loop */
	sleep(1);
	return 1;
}
