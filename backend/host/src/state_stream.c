/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Theory. `MOBISTA1`, then messages `u8 type | u24 length | payload`, all inside zstd. Whoever reads does so from a stranger: nothing is bigger than a message may be, the
 * window of the decoder is bounded, and several zstd frames one after the other are one stream, so that a message can be put before a stream that somebody else made.
 */
#define _GNU_SOURCE
#include "state_stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

#include "little.h"
#include "store.h"

#define HEADER 4
#define LEVEL 1
#define WINDOW_LOG 27 /* 128 MiB: what zstd itself allows by default */
#define BUFFER (256u << 10)

struct state_writer {
	int fd;
	ZSTD_CCtx *zstd;
	uint8_t *message; /* header and payload */
	uint8_t *out;
};

struct state_reader {
	int fd;
	ZSTD_DCtx *zstd;
	uint8_t *in, *message;
	ZSTD_inBuffer source;
	bool open; /* inside of a zstd frame */
};

struct state_writer *state_writer_create(int fd)
{
	struct state_writer *writer = calloc(1, sizeof(*writer));

	if (!writer)
		return NULL;
	writer->fd = fd;
	writer->zstd = ZSTD_createCCtx();
	writer->message = malloc(HEADER + WIRE_PAYLOAD_MAX);
	writer->out = malloc(BUFFER);
	if (!writer->zstd || !writer->message || !writer->out) {
		state_writer_destroy(writer);
		return NULL;
	}
	ZSTD_CCtx_setParameter(writer->zstd, ZSTD_c_compressionLevel, LEVEL);
	ZSTD_CCtx_setParameter(writer->zstd, ZSTD_c_checksumFlag, 1);
	return writer;
}

void state_writer_destroy(struct state_writer *writer)
{
	if (!writer)
		return;
	ZSTD_freeCCtx(writer->zstd);
	free(writer->message);
	free(writer->out);
	free(writer);
}

static int put(struct state_writer *writer, const void *bytes, size_t size, ZSTD_EndDirective end, struct fail *fail)
{
	ZSTD_inBuffer source = { bytes, size, 0 };
	size_t left;

	do {
		ZSTD_outBuffer target = { writer->out, BUFFER, 0 };
		int error;

		left = ZSTD_compressStream2(writer->zstd, &target, &source, end);
		error = store_write_all(writer->fd, writer->out, target.pos);
		if (ZSTD_isError(left) || error)
			return fail_set(fail, "io", "The snapshot could not be sent: %s.", error ? strerror(-error) : ZSTD_getErrorName(left));
	} while (end == ZSTD_e_end ? left > 0 : source.pos < source.size);
	return 0;
}

int state_write_magic(struct state_writer *writer, struct fail *fail)
{
	return put(writer, STATE_MAGIC, STATE_MAGIC_SIZE, ZSTD_e_continue, fail);
}

uint8_t *state_room(struct state_writer *writer)
{
	return writer->message + HEADER;
}

int state_write(struct state_writer *writer, enum state_type type, size_t size, struct fail *fail)
{
	writer->message[0] = (uint8_t)type;
	little_put(writer->message + 1, size, 3);
	return put(writer, writer->message, HEADER + size, ZSTD_e_continue, fail);
}

int state_write_end(struct state_writer *writer, struct fail *fail)
{
	return put(writer, NULL, 0, ZSTD_e_end, fail);
}

struct state_reader *state_reader_create(int fd)
{
	struct state_reader *reader = calloc(1, sizeof(*reader));

	if (!reader)
		return NULL;
	reader->fd = fd;
	reader->zstd = ZSTD_createDCtx();
	reader->in = malloc(BUFFER);
	reader->message = malloc(WIRE_PAYLOAD_MAX);
	if (!reader->zstd || !reader->in || !reader->message) {
		state_reader_destroy(reader);
		return NULL;
	}
	ZSTD_DCtx_setParameter(reader->zstd, ZSTD_d_windowLogMax, WINDOW_LOG);
	reader->source.src = reader->in;
	return reader;
}

void state_reader_destroy(struct state_reader *reader)
{
	if (!reader)
		return;
	ZSTD_freeDCtx(reader->zstd);
	free(reader->in);
	free(reader->message);
	free(reader);
}

static int fail_damaged(struct fail *fail, const char *how)
{
	return fail_set(fail, "damaged", "The saved state %s. Nothing was made of it; get it once more.", how);
}

/* More compressed bytes; 0 when there are none. */
static int refill(struct state_reader *reader, struct fail *fail)
{
	ssize_t count;

	do {
		count = read(reader->fd, reader->in, BUFFER);
	} while (count < 0 && errno == EINTR);
	if (count < 0)
		return fail_set(fail, "io", "The saved state broke off: %s. Nothing was made of it; get it once more.", strerror(errno));
	reader->source = (ZSTD_inBuffer){ reader->in, (size_t)count, 0 };
	return count > 0;
}

/* Exactly so many bytes; none at all if `optional` and the stream ends here: then *got is 0. */
static int take(struct state_reader *reader, uint8_t *bytes, size_t size, bool optional, size_t *got, struct fail *fail)
{
	ZSTD_outBuffer target = { bytes, size, 0 };

	while (target.pos < size) {
		/* What the decoder still holds comes first. */
		size_t before = target.pos, at = reader->source.pos, hint = ZSTD_decompressStream(reader->zstd, &target, &reader->source);
		int more;

		if (ZSTD_isError(hint))
			return fail_damaged(fail, "is not a valid zstd stream");
		if (target.pos != before || reader->source.pos != at) {
			reader->open = hint > 0;
			continue;
		}
		more = refill(reader, fail);
		if (more < 0)
			return -1;
		if (!more && optional && !target.pos && !reader->open)
			break;
		if (!more)
			return fail_damaged(fail, "ends too early");
	}
	if (got)
		*got = target.pos;
	return 0;
}

int state_read_magic(struct state_reader *reader, struct fail *fail)
{
	uint8_t magic[STATE_MAGIC_SIZE];

	if (take(reader, magic, sizeof(magic), false, NULL, fail) < 0)
		return -1;
	return memcmp(magic, STATE_MAGIC, sizeof(magic)) ? fail_damaged(fail, "is not a state stream") : 0;
}

int state_read(struct state_reader *reader, struct wire_message *message, struct fail *fail)
{
	uint8_t header[HEADER];

	if (take(reader, header, sizeof(header), false, NULL, fail) < 0)
		return -1;
	message->type = header[0];
	message->size = little_get(header + 1, 3);
	message->bytes = reader->message;
	if (message->size > WIRE_PAYLOAD_MAX)
		return fail_damaged(fail, "has a message that is too large");
	return take(reader, reader->message, message->size, false, NULL, fail);
}

int state_read_end(struct state_reader *reader, struct fail *fail)
{
	uint8_t byte;
	size_t got;

	if (take(reader, &byte, 1, true, &got, fail) < 0)
		return -1;
	return got ? fail_damaged(fail, "goes on after its end") : 0;
}
