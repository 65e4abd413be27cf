/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands in the guest. One stream socket is the guest's /dev/ttyS0; frames of many sessions share it.
 *
 * Credit both ways keeps every session bounded and independent of the others. Output: the guest may send `window` bytes more; what the owner has not
 * taken waits in `pieces`. Taken bytes are given back as credit in portions of CREDIT_PORTION. A guest that sends more than it may is out of order: its session ends.
 * Input: bytes wait in `input` until the guest has given credit for them and the line is free.
 *
 * The line's send buffer `out` may grow by whole frames. Input is put there only while it holds less than OUT_BUSY bytes, sessions taking turns; control frames
 * are small and always go in.
 *
 * The guest's end of the socket stays open here, as the console's does and for the same reasons.
 */
#define _GNU_SOURCE
#include "guest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "encoding.h"

#define OUT_BUSY 32768
#define OUT_MAX (4 * 1024 * 1024)
#define CREDIT_PORTION 8192
#define INPUT_MAX (1024 * 1024)
#define ORPHAN_US (60 * 1000000ULL)
#define GUEST_READ_SIZE 65536

struct piece {
	struct piece *next;
	uint8_t channel;
	uint32_t size, at;
	uint8_t data[];
};

struct session {
	struct guest *guest;
	struct session *next;
	uint32_t number;
	struct session_hooks hooks; /* all NULL: no owner */
	bool owned, freed;          /* freed: only waits for the guest's EXIT */
	struct loop_timer orphan_timer;
	uint32_t window;  /* bytes the guest may still send */
	uint32_t owed;    /* bytes taken and not yet given back as credit */
	uint64_t credit;  /* bytes of input the guest takes */
	uint8_t *input;
	size_t input_size, input_at;
	bool eof_wanted, eof_sent, writing;
	struct piece *pieces, **pieces_end;
	json_t *result;
};

struct guest {
	struct loop *loop;
	int fd, guest_fd;
	struct loop_watch *watch;
	struct guest_hooks hooks;
	bool present;
	bool resetting; /* RESET was sent: everything before its HELLO belongs to the past */
	uint32_t last_number;
	struct session *sessions;
	uint8_t in[GUEST_READ_SIZE];
	size_t in_size;
	uint8_t *out;
	size_t out_size, out_at, out_capacity;
	struct loop_timer later; /* calls `written` outside of session_write */
};

static void line_pump(struct guest *guest);

static void line_watch(struct guest *guest)
{
	loop_watch_events(guest->watch, EPOLLIN | (guest->out_size > guest->out_at ? EPOLLOUT : 0));
}

static bool line_append(struct guest *guest, const void *data, size_t size)
{
	if (guest->out_at == guest->out_size)
		guest->out_at = guest->out_size = 0;
	if (guest->out_size + size > guest->out_capacity) {
		size_t capacity = guest->out_capacity ? guest->out_capacity : 65536;
		uint8_t *out;

		if (guest->out_at)
			memmove(guest->out, guest->out + guest->out_at, guest->out_size - guest->out_at);
		guest->out_size -= guest->out_at;
		guest->out_at = 0;
		while (guest->out_size + size > capacity)
			capacity *= 2;
		if (capacity > OUT_MAX)
			return false;
		out = realloc(guest->out, capacity);
		if (!out)
			return false;
		guest->out = out;
		guest->out_capacity = capacity;
	}
	memcpy(guest->out + guest->out_size, data, size);
	guest->out_size += size;
	return true;
}

static bool line_frame(struct guest *guest, uint8_t type, uint32_t session, const void *payload, uint32_t length)
{
	uint8_t frame[GUEST_FRAME_MAX];

	guest_header_put(frame, type, session, length);
	if (length)
		memcpy(frame + GUEST_HEADER_SIZE, payload, length);
	if (!line_append(guest, frame, GUEST_HEADER_SIZE + length))
		return false;
	line_watch(guest);
	return true;
}

static void line_number(struct guest *guest, uint8_t type, uint32_t session, uint32_t value)
{
	uint8_t payload[4];

	guest_put_u32(payload, value);
	line_frame(guest, type, session, payload, sizeof(payload));
}

static void line_flush(struct guest *guest)
{
	while (guest->out_size > guest->out_at) {
		ssize_t sent = send(guest->fd, guest->out + guest->out_at, guest->out_size - guest->out_at, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			break;
		guest->out_at += (size_t)sent;
	}
}

static struct session *session_find(struct guest *guest, uint32_t number)
{
	struct session *session = guest->sessions;

	while (session && session->number != number)
		session = session->next;
	return session;
}

static void pieces_clear(struct session *session)
{
	while (session->pieces) {
		struct piece *piece = session->pieces;

		session->pieces = piece->next;
		free(piece);
	}
	session->pieces_end = &session->pieces;
}

static void session_destroy(struct session *session)
{
	struct session **link = &session->guest->sessions;

	while (*link != session)
		link = &(*link)->next;
	*link = session->next;
	loop_timer_cancel(session->guest->loop, &session->orphan_timer);
	pieces_clear(session);
	json_decref(session->result);
	free(session->input);
	free(session);
}

static void session_changed(struct session *session)
{
	if (session->hooks.changed)
		session->hooks.changed(session->hooks.arg);
}

/* Takes over the reference. */
static void session_end(struct session *session, json_t *result)
{
	if (session->result) {
		json_decref(result);
		return;
	}
	session->result = result ? result : json_pack("{ss}", "error", "The host has no memory to tell how the command ended.");
	if (session->freed)
		session_destroy(session);
	else
		session_changed(session);
}

/* Ends all sessions: the guest knows them no more. Owners may free theirs inside `changed`. */
static void sessions_end(struct guest *guest, const char *reason)
{
	struct session *session;

	for (;;) {
		for (session = guest->sessions; session && session->result; session = session->next)
			;
		if (!session)
			return;
		session_end(session, json_pack("{ss}", "error", reason));
	}
}

static void frame_output(struct session *session, const struct guest_frame *frame)
{
	struct piece *piece;

	if (session->freed) {
		line_number(session->guest, GUEST_CREDIT_TO_GUEST, session->number, frame->length);
		return;
	}
	if (session->result || !frame->length)
		return;
	piece = frame->length <= session->window ? malloc(sizeof(*piece) + frame->length) : NULL;
	if (!piece) {
		line_frame(session->guest, GUEST_CLOSE, session->number, NULL, 0);
		session_end(session, json_pack("{ss}", "error",
					       frame->length <= session->window ? "The host has no memory for the command's output." :
										  "The guest's command daemon sent more than it was allowed to."));
		return;
	}
	session->window -= frame->length;
	*piece = (struct piece){ .channel = frame->type, .size = frame->length };
	memcpy(piece->data, frame->payload, frame->length);
	*session->pieces_end = piece;
	session->pieces_end = &piece->next;
	session_changed(session);
}

static void frame_hello(struct guest *guest, const struct guest_frame *frame)
{
	json_t *hello = json_loadb((const char *)frame->payload, frame->length, 0, NULL);
	const char *boot_id = json_string_value(json_object_get(hello, "bootId"));

	if (json_integer_value(json_object_get(hello, "version")) == GUEST_VERSION && boot_id && *boot_id && strlen(boot_id) < 64) {
		guest->resetting = false;
		guest->present = true;
		sessions_end(guest, "The guest's command daemon was started anew, which ended the command.");
		guest->hooks.hello(guest->hooks.arg, boot_id);
	}
	json_decref(hello);
}

static void frame_take(struct guest *guest, const struct guest_frame *frame)
{
	struct session *session;

	if (frame->type == GUEST_HELLO) {
		frame_hello(guest, frame);
		return;
	}
	session = guest->resetting ? NULL : session_find(guest, frame->session);
	if (!session)
		return;
	switch (frame->type) {
	case GUEST_STDOUT:
	case GUEST_STDERR:
		frame_output(session, frame);
		break;
	case GUEST_EXIT: {
		json_t *result = json_loadb((const char *)frame->payload, frame->length, 0, NULL);

		if (!json_is_object(result)) {
			json_decref(result);
			result = json_pack("{ss}", "error", "The guest's command daemon did not tell how the command ended.");
		}
		session_end(session, result);
		break;
	}
	case GUEST_CREDIT_TO_HOST:
		if (frame->length == 4)
			session->credit += guest_get_u32(frame->payload);
		break;
	default:
		break;
	}
}

/* true when something came. */
static bool line_read(struct guest *guest)
{
	ssize_t count = recv(guest->fd, guest->in + guest->in_size, sizeof(guest->in) - guest->in_size, MSG_DONTWAIT);
	struct guest_frame frame;
	size_t at = 0;

	if (count <= 0)
		return false;
	guest->in_size += (size_t)count;
	do {
		at += guest_frame_take(guest->in + at, guest->in_size - at, true, &frame);
		if (frame.type)
			frame_take(guest, &frame);
	} while (frame.type);
	memmove(guest->in, guest->in + at, guest->in_size - at);
	guest->in_size -= at;
	return true;
}

/* Puts one frame of input on the line; false when this session has none that may go. */
static bool session_pump(struct session *session)
{
	size_t left = session->input_size - session->input_at;
	size_t part = left < GUEST_PAYLOAD_MAX ? left : GUEST_PAYLOAD_MAX;

	if (session->result)
		return false;
	if (part > session->credit)
		part = (size_t)session->credit;
	if (part) {
		if (!line_frame(session->guest, GUEST_STDIN, session->number, session->input + session->input_at, (uint32_t)part))
			return false;
		session->input_at += part;
		session->credit -= part;
		return true;
	}
	if (!left && session->eof_wanted && !session->eof_sent) {
		session->eof_sent = line_frame(session->guest, GUEST_EOF, session->number, NULL, 0);
		return session->eof_sent;
	}
	return false;
}

static void line_pump(struct guest *guest)
{
	bool any = guest->present;
	struct session *session;

	line_flush(guest);
	while (any && guest->out_size - guest->out_at < OUT_BUSY) {
		any = false;
		for (session = guest->sessions; session; session = session->next)
			any |= session_pump(session);
		line_flush(guest);
	}
	line_watch(guest);
	/* `written` may write again or free the session: begin anew after each. */
	for (session = guest->sessions; session;) {
		if (session->writing && (session->input_at == session->input_size || session->result)) {
			session->writing = false;
			session->input_at = session->input_size = 0;
			if (session->hooks.written)
				session->hooks.written(session->hooks.arg);
			session = guest->sessions;
		} else {
			session = session->next;
		}
	}
}

static void line_ready(void *arg, uint32_t events)
{
	struct guest *guest = arg;

	if (events & EPOLLIN)
		line_read(guest);
	line_pump(guest);
}

static void line_later(void *arg)
{
	line_pump(arg);
}

struct guest *guest_create(struct loop *loop, const struct guest_hooks *hooks, struct fail *fail)
{
	struct guest *guest = calloc(1, sizeof(*guest));
	int pair[2];

	if (!guest)
		goto failed;
	guest->loop = loop;
	guest->hooks = *hooks;
	loop_timer_init(&guest->later, line_later, guest);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		goto failed;
	guest->fd = pair[0];
	guest->guest_fd = pair[1];
	guest->watch = loop_watch_fd(loop, guest->fd, EPOLLIN, line_ready, guest);
	if (guest->watch)
		return guest;
	close(pair[0]);
	close(pair[1]);
failed:
	fail_set(fail, "no-memory", "The VM's command channel could not be made: %s.", strerror(errno));
	free(guest);
	return NULL;
}

void guest_destroy(struct guest *guest)
{
	if (!guest)
		return;
	while (guest->sessions)
		session_destroy(guest->sessions);
	loop_timer_cancel(guest->loop, &guest->later);
	loop_unwatch(guest->watch);
	close(guest->fd);
	close(guest->guest_fd);
	free(guest->out);
	free(guest);
}

int guest_guest_fd(const struct guest *guest)
{
	return guest->guest_fd;
}

bool guest_present(const struct guest *guest)
{
	return guest->present;
}

static void socket_empty(int fd)
{
	char waste[GUEST_READ_SIZE];

	while (recv(fd, waste, sizeof(waste), MSG_DONTWAIT) > 0)
		;
}

void guest_restart(struct guest *guest, const char *reason)
{
	/* Its last words. */
	while (line_read(guest))
		;
	guest->present = guest->resetting = false;
	guest->in_size = guest->out_size = guest->out_at = 0;
	socket_empty(guest->guest_fd);
	sessions_end(guest, reason);
	line_pump(guest);
}

void guest_reset(struct guest *guest)
{
	static const uint8_t zeros[GUEST_RESYNC_BYTES];

	guest->resetting = true;
	guest->present = false;
	if (line_append(guest, zeros, sizeof(zeros)))
		line_frame(guest, GUEST_RESET, 0, NULL, 0);
	line_watch(guest);
}

static struct session *session_create(struct guest *guest, uint32_t number)
{
	struct session *session = calloc(1, sizeof(*session));

	if (!session)
		return NULL;
	*session = (struct session){ .guest = guest, .next = guest->sessions, .number = number, .window = GUEST_CREDIT, .credit = GUEST_CREDIT };
	session->pieces_end = &session->pieces;
	guest->sessions = session;
	return session;
}

struct session *session_start(struct guest *guest, const json_t *start, const struct session_hooks *hooks, struct fail *fail)
{
	struct session *session;
	unsigned running = 0;
	char *text;

	if (!guest->present) {
		fail_set(fail, "not-ready", "The guest's command daemon is not there (yet): the guest still boots, or its image does not start guestd on /dev/ttyS0.");
		return NULL;
	}
	for (session = guest->sessions; session; session = session->next)
		running += !session->result;
	if (running >= GUEST_SESSIONS_MAX) {
		fail_set(fail, "too-many", "%d commands run in the guest already, which is the limit. End one and try again.", GUEST_SESSIONS_MAX);
		return NULL;
	}
	text = json_dumps(start, JSON_COMPACT);
	if (!text || strlen(text) > GUEST_PAYLOAD_MAX) {
		fail_set(fail, "too-long", "The command and its environment are longer than the %d bytes that fit. Put it into a script and feed that through standard input.",
			 GUEST_PAYLOAD_MAX);
		free(text);
		return NULL;
	}
	do {
		guest->last_number++;
	} while (!guest->last_number || session_find(guest, guest->last_number));
	session = session_create(guest, guest->last_number);
	if (!session || !line_frame(guest, GUEST_START, session->number, text, (uint32_t)strlen(text))) {
		if (session)
			session_destroy(session);
		session = NULL;
		fail_set(fail, "busy", "The guest does not read its command channel, so the command was not started. Try again.");
	} else {
		session->hooks = *hooks;
		session->owned = true;
	}
	free(text);
	return session;
}

struct session *session_adopt(struct guest *guest, uint32_t number, const struct session_hooks *hooks)
{
	struct session *session = session_find(guest, number);

	if (!session || session->owned || session->freed)
		return NULL;
	loop_timer_cancel(guest->loop, &session->orphan_timer);
	session->hooks = *hooks;
	session->owned = true;
	return session;
}

static void orphan_expired(void *arg)
{
	session_free(arg);
}

void session_orphan(struct session *session)
{
	session->hooks = (struct session_hooks){ 0 };
	session->owned = false;
	loop_timer_init(&session->orphan_timer, orphan_expired, session);
	loop_timer_set(session->guest->loop, &session->orphan_timer, loop_now(session->guest->loop) + ORPHAN_US);
}

void session_free(struct session *session)
{
	session->hooks = (struct session_hooks){ 0 };
	session->owned = false;
	if (session->result) {
		session_destroy(session);
		return;
	}
	/* Its number stays taken until EXIT. */
	session->freed = true;
	pieces_clear(session);
	session->input_at = session->input_size = 0;
	session->writing = false;
	line_frame(session->guest, GUEST_CLOSE, session->number, NULL, 0);
}

uint32_t session_number(const struct session *session)
{
	return session->number;
}

int session_write(struct session *session, const void *data, size_t size, struct fail *fail)
{
	size_t left = session->input_size - session->input_at;

	if (left + size > INPUT_MAX)
		return fail_set(fail, "busy", "The command does not read its standard input; %zu bytes wait already. Nothing of this was sent.", left);
	if (size) {
		uint8_t *input = malloc(left + size);

		if (!input)
			return fail_set(fail, "no-memory", "The host has no memory for %zu bytes of the command's input.", size);
		if (left)
			memcpy(input, session->input + session->input_at, left);
		memcpy(input + left, data, size);
		free(session->input);
		session->input = input;
		session->input_at = 0;
		session->input_size = left + size;
	}
	session->writing = true;
	loop_timer_set(session->guest->loop, &session->guest->later, loop_now(session->guest->loop));
	return 0;
}

void session_eof(struct session *session)
{
	session->eof_wanted = true;
	loop_timer_set(session->guest->loop, &session->guest->later, loop_now(session->guest->loop));
}

void session_signal(struct session *session, uint32_t number)
{
	if (!session->result)
		line_number(session->guest, GUEST_SIGNAL, session->number, number);
}

void session_resize(struct session *session, uint16_t rows, uint16_t cols)
{
	uint8_t payload[4];

	guest_put_u16(payload, rows);
	guest_put_u16(payload + 2, cols);
	if (!session->result)
		line_frame(session->guest, GUEST_RESIZE, session->number, payload, sizeof(payload));
}

size_t session_peek(const struct session *session, uint8_t *channel, const uint8_t **data)
{
	const struct piece *piece = session->pieces;

	if (!piece)
		return 0;
	*channel = piece->channel;
	*data = piece->data + piece->at;
	return piece->size - piece->at;
}

void session_take(struct session *session, size_t count)
{
	struct piece *piece = session->pieces;

	piece->at += (uint32_t)count;
	if (piece->at == piece->size) {
		session->pieces = piece->next;
		if (!session->pieces)
			session->pieces_end = &session->pieces;
		free(piece);
	}
	session->owed += (uint32_t)count;
	if (!session->result && (session->owed >= CREDIT_PORTION || !session->pieces)) {
		line_number(session->guest, GUEST_CREDIT_TO_GUEST, session->number, session->owed);
		session->window += session->owed;
		session->owed = 0;
	}
}

const json_t *session_result(const struct session *session)
{
	return session->result;
}

static json_t *session_export(const struct session *session)
{
	json_t *pieces = json_array();

	for (const struct piece *piece = session->pieces; piece; piece = piece->next)
		json_array_append_new(pieces, json_pack("{si so}", "channel", piece->channel, "data", encoding_base64(piece->data + piece->at, piece->size - piece->at)));
	return json_pack("{sI sb sI sI sI so sb sb so}", "session", (json_int_t)session->number, "freed", session->freed, "window", (json_int_t)session->window,
			 "owed", (json_int_t)session->owed, "credit", (json_int_t)session->credit, "input",
			 session->input ? encoding_base64(session->input + session->input_at, session->input_size - session->input_at) : json_string(""), "eofWanted", session->eof_wanted,
			 "eofSent", session->eof_sent, "output", pieces);
}

/* All bytes that can be read from fd now, after `data`, which is freed or grown. */
static uint8_t *socket_take(int fd, uint8_t *data, size_t *size)
{
	for (;;) {
		uint8_t *grown = realloc(data, *size + GUEST_READ_SIZE);
		ssize_t count;

		if (!grown)
			return data;
		data = grown;
		count = recv(fd, data + *size, GUEST_READ_SIZE, MSG_DONTWAIT);
		if (count <= 0)
			return data;
		*size += (size_t)count;
	}
}

json_t *guest_export(struct guest *guest)
{
	json_t *sessions = json_array(), *state;
	uint8_t *unread = NULL;
	size_t size = 0;

	/* What the guest sent last belongs to its sessions here. */
	while (line_read(guest))
		;
	unread = socket_take(guest->guest_fd, unread, &size);
	if (unread && guest->out_size > guest->out_at) {
		uint8_t *grown = realloc(unread, size + guest->out_size - guest->out_at);

		if (grown) {
			unread = grown;
			memcpy(unread + size, guest->out + guest->out_at, guest->out_size - guest->out_at);
			size += guest->out_size - guest->out_at;
		}
	}
	guest->out_at = guest->out_size = 0;
	for (const struct session *session = guest->sessions; session; session = session->next)
		if (!session->result)
			json_array_append_new(sessions, session_export(session));
	state = json_pack("{sb sb sI so so so}", "present", guest->present, "resetting", guest->resetting, "lastNumber", (json_int_t)guest->last_number, "partial",
			  encoding_base64(guest->in, guest->in_size), "unread", encoding_base64(unread, size), "sessions", sessions);
	free(unread);
	return state;
}

static int session_import(struct guest *guest, const json_t *state)
{
	json_int_t number = json_integer_value(json_object_get(state, "session"));
	json_int_t window = json_integer_value(json_object_get(state, "window"));
	json_int_t owed = json_integer_value(json_object_get(state, "owed"));
	json_int_t credit = json_integer_value(json_object_get(state, "credit"));
	const json_t *piece;
	struct session *session;
	size_t index;

	if (number <= 0 || number > UINT32_MAX || window < 0 || window > GUEST_CREDIT || owed < 0 || owed > GUEST_CREDIT || credit < 0)
		return -1;
	if (session_find(guest, (uint32_t)number))
		return 0;
	session = session_create(guest, (uint32_t)number);
	if (!session)
		return -1;
	session->window = (uint32_t)window;
	session->owed = (uint32_t)owed;
	session->credit = (uint64_t)credit;
	session->eof_wanted = json_is_true(json_object_get(state, "eofWanted"));
	session->eof_sent = json_is_true(json_object_get(state, "eofSent"));
	session->input = encoding_bytes(json_object_get(state, "input"), &session->input_size);
	if (!session->input || session->input_size > INPUT_MAX)
		return -1;
	json_array_foreach(json_object_get(state, "output"), index, piece) {
		json_int_t channel = json_integer_value(json_object_get(piece, "channel"));
		size_t size;
		uint8_t *data = encoding_bytes(json_object_get(piece, "data"), &size);
		struct piece *copy = data && size <= GUEST_PAYLOAD_MAX ? malloc(sizeof(*copy) + size) : NULL;

		if (!copy || (channel != GUEST_STDOUT && channel != GUEST_STDERR)) {
			free(copy);
			free(data);
			return -1;
		}
		*copy = (struct piece){ .channel = (uint8_t)channel, .size = (uint32_t)size };
		memcpy(copy->data, data, size);
		free(data);
		*session->pieces_end = copy;
		session->pieces_end = &copy->next;
	}
	session_orphan(session);
	session->freed = json_is_true(json_object_get(state, "freed"));
	if (session->freed)
		loop_timer_cancel(guest->loop, &session->orphan_timer);
	return 0;
}

int guest_import(struct guest *guest, const json_t *state, struct fail *fail)
{
	const json_t *sessions = json_object_get(state, "sessions"), *session;
	size_t index, partial_size, unread_size;
	uint8_t *partial = encoding_bytes(json_object_get(state, "partial"), &partial_size);
	uint8_t *unread = encoding_bytes(json_object_get(state, "unread"), &unread_size);
	int status = partial && unread && partial_size < sizeof(guest->in) && json_array_size(sessions) <= 2 * GUEST_SESSIONS_MAX ? 0 : -1;

	if (!status) {
		memcpy(guest->in, partial, partial_size);
		guest->in_size = partial_size;
		guest->present = json_is_true(json_object_get(state, "present"));
		guest->resetting = json_is_true(json_object_get(state, "resetting"));
		guest->last_number = (uint32_t)json_integer_value(json_object_get(state, "lastNumber"));
		if (unread_size && !line_append(guest, unread, unread_size))
			status = -1;
		line_watch(guest);
	}
	json_array_foreach(sessions, index, session)
		if (!status)
			status = session_import(guest, session);
	free(partial);
	free(unread);
	return status ? fail_set(fail, "bad-stream", "The command channel's state in the stream is damaged.") : 0;
}
