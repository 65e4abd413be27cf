/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stream joins a client with the console or with a command in the guest. Its number is chosen by the client.
 *
 * What flows to the client is bounded by the stream's credit (STREAM_CREDIT bytes at first, more by stream.credit), and by the client's send buffer. A stream that may
 * not send leaves its bytes where they are: in the console's ring, where they may be overwritten (the client is told how many: "lost"), or in the session, which then
 * stops the command by its own credit. Nothing is copied to wait.
 *
 * A stream.write is answered when the guest's line has taken the bytes, so a client that waits for answers is slowed down to the guest's pace.
 */
#include "stream.h"

#include <stdlib.h>
#include <string.h>

#include "console.h"
#include "encoding.h"
#include "guest.h"
#include "params.h"
#include "vm.h"

#define STREAM_CREDIT 65536
#define STREAM_CREDIT_MAX (16 * 1024 * 1024)
#define STREAM_CHUNK 16384
#define STREAMS_MAX 128
#define WRITES_MAX 64

struct stream {
	struct streams *streams;
	struct stream *next;
	json_int_t number;
	uint64_t credit;
	struct console_reader reader; /* console: more != NULL */
	struct session *session;      /* command: not NULL */
	struct request *writes[WRITES_MAX]; /* of a command, unanswered */
	unsigned write_count;
};

struct streams {
	struct vm *vm;
	bool (*send)(void *arg, json_t *event);
	void *arg;
	struct stream *list;
	unsigned count;
};

static json_t *stream_event(const struct stream *stream)
{
	return json_pack("{ss sI}", "event", "stream", "stream", stream->number);
}

static bool stream_send(struct stream *stream, json_t *event)
{
	return stream->streams->send(stream->streams->arg, event);
}

static void writes_answer(struct stream *stream)
{
	unsigned count = stream->write_count;

	stream->write_count = 0;
	for (unsigned i = 0; i < count; i++)
		request_answer(stream->writes[i], NULL);
}

static void stream_free(struct stream *stream)
{
	struct stream **link = &stream->streams->list;

	while (*link != stream)
		link = &(*link)->next;
	*link = stream->next;
	stream->streams->count--;
	console_detach(&stream->reader);
	if (stream->session)
		session_free(stream->session);
	writes_answer(stream);
	free(stream);
}

static bool send_bytes(struct stream *stream, const char *channel, const void *data, size_t size)
{
	json_t *event = stream_event(stream);

	json_object_set_new(event, "channel", json_string(channel));
	json_object_set_new(event, "data", encoding_base64(data, size));
	if (!stream_send(stream, event))
		return false;
	stream->credit -= size;
	return true;
}

static size_t stream_portion(const struct stream *stream, size_t size)
{
	size_t most = stream->credit < STREAM_CHUNK ? (size_t)stream->credit : STREAM_CHUNK;

	return size < most ? size : most;
}

static void console_pump(struct stream *stream)
{
	struct console *console = vm_console(stream->streams->vm);

	for (;;) {
		const char *data;
		uint64_t lost;
		size_t size = stream->credit ? console_peek(console, &stream->reader, &data, &lost) : 0;

		if (!size)
			return;
		if (lost) {
			json_t *event = stream_event(stream);

			json_object_set_new(event, "lost", json_integer((json_int_t)lost));
			stream_send(stream, event);
		}
		size = stream_portion(stream, size);
		if (!send_bytes(stream, "out", data, size))
			return;
		console_skip(&stream->reader, size);
	}
}

/* May free the stream: then the command has ended and all is told. */
static void session_pump_out(struct stream *stream)
{
	const json_t *result;
	const uint8_t *data;
	uint8_t channel;
	size_t size;
	json_t *event;

	while ((size = session_peek(stream->session, &channel, &data))) {
		if (!stream->credit)
			return;
		size = stream_portion(stream, size);
		if (!send_bytes(stream, channel == GUEST_STDERR ? "err" : "out", data, size))
			return;
		session_take(stream->session, size);
	}
	result = session_result(stream->session);
	if (!result)
		return;
	event = stream_event(stream);
	json_object_set(event, "exit", (json_t *)result);
	if (!stream_send(stream, event))
		return;
	event = stream_event(stream);
	json_object_set_new(event, "closed", json_string("ended"));
	stream_send(stream, event);
	stream_free(stream);
}

static void stream_pump(struct stream *stream)
{
	if (stream->session)
		session_pump_out(stream);
	else
		console_pump(stream);
}

static void stream_more(void *arg)
{
	stream_pump(arg);
}

static void stream_written(void *arg)
{
	writes_answer(arg);
}

struct streams *streams_create(struct vm *vm, bool (*send)(void *arg, json_t *event), void *arg)
{
	struct streams *streams = calloc(1, sizeof(*streams));

	if (streams)
		*streams = (struct streams){ .vm = vm, .send = send, .arg = arg };
	return streams;
}

void streams_destroy(struct streams *streams)
{
	if (!streams)
		return;
	while (streams->list)
		stream_free(streams->list);
	free(streams);
}

void streams_drained(struct streams *streams)
{
	struct stream *next;

	for (struct stream *stream = streams->list; stream; stream = next) {
		next = stream->next;
		stream_pump(stream);
	}
}

void streams_moved(struct streams *streams, const char *target)
{
	while (streams->list) {
		struct stream *stream = streams->list;
		json_t *event = stream_event(stream);

		json_object_set_new(event, "closed", json_string("moved"));
		json_object_set_new(event, "instance", json_string(target));
		if (stream->session) {
			json_object_set_new(event, "session", json_integer(session_number(stream->session)));
			session_orphan(stream->session);
			stream->session = NULL;
		} else {
			json_object_set_new(event, "position", json_integer((json_int_t)stream->reader.position));
		}
		stream_send(stream, event);
		stream_free(stream);
	}
}

static struct stream *stream_find(struct streams *streams, const json_t *params, struct fail *fail)
{
	struct stream *stream = streams->list;
	json_int_t number;

	if (params_integer(params, "stream", false, 1, INT32_MAX, &number, fail) < 0)
		return NULL;
	while (stream && stream->number != number)
		stream = stream->next;
	if (!stream)
		fail_set(fail, "no-such-stream", "There is no stream %d; it may have ended.", (int)number);
	return stream;
}

static struct stream *stream_create(struct streams *streams, const json_t *params, struct fail *fail)
{
	struct fail unused;
	struct stream *stream;
	json_int_t number;

	if (params_integer(params, "stream", false, 1, INT32_MAX, &number, fail) < 0)
		return NULL;
	if (stream_find(streams, params, &unused)) {
		fail_set(fail, "bad-request", "Stream %d exists already.", (int)number);
		return NULL;
	}
	stream = streams->count < STREAMS_MAX ? calloc(1, sizeof(*stream)) : NULL;
	if (!stream) {
		fail_set(fail, "too-many", "A client may have %d streams at once. Close one.", STREAMS_MAX);
		return NULL;
	}
	*stream = (struct stream){ .streams = streams, .next = streams->list, .number = number, .credit = STREAM_CREDIT };
	streams->list = stream;
	streams->count++;
	return stream;
}

static void console_open(struct streams *streams, struct request *request)
{
	json_int_t tail = CONSOLE_SCROLLBACK, position = -1;
	struct stream *stream;
	struct fail fail;

	if (params_integer(request_params(request), "tail", true, 0, CONSOLE_SCROLLBACK, &tail, &fail) < 0 ||
	    params_integer(request_params(request), "position", true, 0, INT64_MAX, &position, &fail) < 0 ||
	    !(stream = stream_create(streams, request_params(request), &fail))) {
		request_fail(request, &fail);
		return;
	}
	stream->reader.more = stream_more;
	stream->reader.arg = stream;
	if (position >= 0)
		console_attach_at(vm_console(streams->vm), &stream->reader, (uint64_t)position);
	else
		console_attach(vm_console(streams->vm), &stream->reader, (size_t)tail);
	request_answer(request, json_pack("{sI}", "stream", stream->number));
	stream_pump(stream);
}

/* The members of exec.start, checked; NULL with *fail. */
static json_t *exec_command(const json_t *params, struct fail *fail)
{
	json_int_t rows = 24, cols = 80;
	const char *cwd, *name;
	bool tty = false;
	json_t *argv, *env, *value;
	size_t index;

	if (params_array(params, "argv", false, 1024, &argv, fail) < 0 || params_object(params, "env", true, &env, fail) < 0 ||
	    params_string(params, "cwd", true, 4000, &cwd, fail) < 0 || params_boolean(params, "tty", true, &tty, fail) < 0 ||
	    params_integer(params, "rows", true, 1, 65535, &rows, fail) < 0 || params_integer(params, "cols", true, 1, 65535, &cols, fail) < 0)
		return NULL;
	json_array_foreach(argv, index, value) {
		if (!json_is_string(value)) {
			fail_set(fail, "bad-request", "\"argv\" must be a list of texts.");
			return NULL;
		}
	}
	if (!json_array_size(argv)) {
		fail_set(fail, "bad-request", "\"argv\" is empty: name the command to run.");
		return NULL;
	}
	json_object_foreach(env, name, value) {
		if (!json_is_string(value)) {
			fail_set(fail, "bad-request", "The environment variable %.100s must be a text.", name);
			return NULL;
		}
	}
	return json_pack("{sO sO* ss* sb sI sI}", "argv", argv, "env", env, "cwd", cwd, "tty", tty, "rows", rows, "cols", cols);
}

static void exec_open(struct streams *streams, struct request *request, bool attach)
{
	const json_t *params = request_params(request);
	struct session_hooks hooks = { .changed = stream_more, .written = stream_written };
	struct stream *stream = NULL;
	json_t *command = NULL;
	json_int_t number = 0;
	struct fail fail;

	if (attach ? params_integer(params, "session", false, 1, UINT32_MAX, &number, &fail) < 0 : !(command = exec_command(params, &fail)))
		goto failed;
	stream = stream_create(streams, params, &fail);
	if (!stream)
		goto failed;
	hooks.arg = stream;
	if (attach) {
		stream->session = session_adopt(vm_guest(streams->vm), (uint32_t)number, &hooks);
		if (!stream->session)
			fail_set(&fail, "no-such-session", "There is no command %u in this VM that waits to be taken over; it may have ended.", (unsigned)number);
	} else {
		stream->session = session_start(vm_guest(streams->vm), command, &hooks, &fail);
	}
	if (!stream->session) {
		if (!vm_pid(streams->vm))
			fail_set(&fail, "not-running", "VM %s does not run; commands need a guest that does. Start it first.", vm_instance(streams->vm));
		goto failed;
	}
	json_decref(command);
	request_answer(request, json_pack("{sI sI}", "stream", stream->number, "session", (json_int_t)session_number(stream->session)));
	stream_pump(stream);
	return;
failed:
	json_decref(command);
	if (stream)
		stream_free(stream);
	request_fail(request, &fail);
}

static void write_done(void *arg)
{
	request_answer(arg, NULL);
}

static void stream_write(struct stream *stream, struct request *request)
{
	size_t size;
	unsigned char *data = encoding_bytes(json_object_get(request_params(request), "data"), &size);
	struct fail fail;
	int status;

	if (!data) {
		status = fail_set(&fail, "bad-request", "\"data\" must be base64.");
	} else if (!stream->session) {
		status = console_write(vm_console(stream->streams->vm), data, size, write_done, request, &fail);
	} else if (stream->write_count == WRITES_MAX) {
		status = fail_set(&fail, "busy", "%d writes to this stream wait already. Wait for their answers.", WRITES_MAX);
	} else {
		status = session_write(stream->session, data, size, &fail);
		if (!status)
			stream->writes[stream->write_count++] = request;
	}
	free(data);
	if (status < 0)
		request_fail(request, &fail);
}

static void stream_resize(struct stream *stream, struct request *request)
{
	json_int_t rows, cols;
	struct fail fail;

	if (params_integer(request_params(request), "rows", false, 1, 65535, &rows, &fail) < 0 ||
	    params_integer(request_params(request), "cols", false, 1, 65535, &cols, &fail) < 0 ||
	    (!stream->session && vm_resize_console(stream->streams->vm, (uint16_t)rows, (uint16_t)cols, &fail) < 0)) {
		request_fail(request, &fail);
		return;
	}
	if (stream->session)
		session_resize(stream->session, (uint16_t)rows, (uint16_t)cols);
	request_answer(request, NULL);
}

static void stream_signal(struct stream *stream, struct request *request)
{
	json_int_t number;
	struct fail fail;

	if (!stream->session)
		fail_set(&fail, "bad-request", "A console takes no signals. Write the control character instead.");
	else if (params_integer(request_params(request), "signal", false, 1, 64, &number, &fail) == 0) {
		session_signal(stream->session, (uint32_t)number);
		request_answer(request, NULL);
		return;
	}
	request_fail(request, &fail);
}

static void stream_eof(struct stream *stream, struct request *request)
{
	struct fail fail;

	if (!stream->session) {
		fail_set(&fail, "bad-request", "A console has no end of input. Write the control character (Ctrl-D) instead.");
		request_fail(request, &fail);
		return;
	}
	session_eof(stream->session);
	request_answer(request, NULL);
}

static void stream_credit(struct stream *stream, struct request *request)
{
	json_int_t bytes;
	struct fail fail;

	if (params_integer(request_params(request), "bytes", false, 1, STREAM_CREDIT_MAX, &bytes, &fail) < 0) {
		request_fail(request, &fail);
		return;
	}
	stream->credit += (uint64_t)bytes;
	if (stream->credit > STREAM_CREDIT_MAX)
		stream->credit = STREAM_CREDIT_MAX;
	request_answer(request, NULL);
	stream_pump(stream);
}

static void stream_close(struct stream *stream, struct request *request)
{
	json_t *event = stream_event(stream);

	json_object_set_new(event, "closed", json_string("closed"));
	request_answer(request, NULL);
	stream_send(stream, event);
	stream_free(stream);
}

bool streams_request(struct streams *streams, struct request *request)
{
	static const struct {
		const char *method;
		void (*fn)(struct stream *stream, struct request *request);
	} methods[] = {
		{ "stream.write", stream_write },   { "stream.eof", stream_eof },       { "stream.close", stream_close },
		{ "stream.resize", stream_resize }, { "stream.signal", stream_signal }, { "stream.credit", stream_credit },
	};
	const char *method = request_method(request);

	if (!strcmp(method, "console.open")) {
		console_open(streams, request);
		return true;
	}
	if (!strcmp(method, "exec.start") || !strcmp(method, "exec.attach")) {
		exec_open(streams, request, !strcmp(method, "exec.attach"));
		return true;
	}
	for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++) {
		struct stream *stream;
		struct fail fail;

		if (strcmp(method, methods[i].method))
			continue;
		stream = stream_find(streams, request_params(request), &fail);
		if (stream)
			methods[i].fn(stream, request);
		else
			request_fail(request, &fail);
		return true;
	}
	return false;
}
