/* SPDX-License-Identifier: Apache-2.0 */
/* A session: one command with its streams. Theory in session.c. */
#ifndef GUESTD_SESSION_H
#define GUESTD_SESSION_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "command.h"
#include "line.h"

enum session_state {
	SESSION_FREE,
	SESSION_RUNNING, /* the host knows it: its EXIT is still to come */
	SESSION_LEFT,    /* the host is done with it; what it left behind is not */
};

struct session {
	enum session_state state;
	uint32_t id;
	pid_t pid; /* of the command, its process group and its (kernel) session; -1 once reaped */
	bool tty;
	bool ended;        /* the command has ended; `status` and `signal` are valid */
	bool silent;       /* no EXIT for the host */
	int status;
	int signal;
	const char *error; /* why guestd ended it, or NULL */
	int64_t kill_at_ms; /* when its process group gets SIGKILL after CLOSE; 0: not closed */
	int in_fd;  /* -1 once closed; with a tty a duplicate of out_fd */
	int out_fd;
	int err_fd;
	int start_fd; /* where the child says why it could not start the command */
	char *name;   /* of the command, for messages */
	uint8_t *input; /* ring of GUEST_CREDIT bytes: standard input not written yet */
	uint32_t input_start;
	uint32_t input_count;
	bool input_ends;
	uint32_t send_credit;  /* bytes the host takes more */
	uint32_t grant;        /* bytes of input done with and not granted again yet */
};

/* Starts the command; the session must be FREE. Returns NULL, or why not as a sentence. */
const char *session_start(struct session *session, uint32_t id, const struct command *command);

/* Frames from the host. */
void session_input(struct session *session, const void *bytes, uint32_t length, int64_t now_ms);
void session_input_end(struct session *session);
void session_signal(struct session *session, int number);
void session_resize(struct session *session, uint16_t rows, uint16_t columns);
void session_credit(struct session *session, uint32_t bytes);
/* SIGHUP now, SIGKILL after GUEST_CLOSE_GRACE_MS; its output is thrown away. */
void session_close(struct session *session, int64_t now_ms);

/* Looks whether the command has ended; never waits. */
void session_check_end(struct session *session);

/* Writes waiting input and ends it after the last byte. */
void session_write(struct session *session);

/* Moves output of one stream (&session->out_fd or err_fd) to the line, at most a frame. Returns whether there may be more now. */
bool session_read(struct session *session, int *stream, struct line *line);

/* May output of the session be read: is there a place for it? */
bool session_may_read(const struct session *session, struct line *line);

/* Does what is due: credit, EXIT, SIGKILL, freeing. Returns whether it has to be called again without waiting. */
bool session_settle(struct session *session, struct line *line, int64_t now_ms);

/* Gives up what is left of a session in state LEFT. */
void session_forget(struct session *session);

#endif
