/* SPDX-License-Identifier: Apache-2.0 */
/* The state stream: what is written is read, and what is damaged anywhere is refused. */
#define _GNU_SOURCE
#include "../../src/state_stream.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "check.h"

#define MESSAGES 60

static size_t message_size(unsigned index)
{
	return index % 7 == 6 ? WIRE_PAYLOAD_MAX : index * 97;
}

static int write_stream(void)
{
	int fd = memfd_create("stream", 0);
	struct state_writer *writer = state_writer_create(fd);
	struct fail fail;

	CHECK(fd >= 0 && writer);
	CHECK(!state_write_magic(writer, &fail));
	for (unsigned i = 0; i < MESSAGES; i++) {
		uint8_t *room = state_room(writer);

		for (size_t at = 0; at < message_size(i); at++)
			room[at] = (uint8_t)(i * 31 + at * at % 251);
		CHECK(!state_write(writer, (enum state_type)(i + 1), message_size(i), &fail));
	}
	CHECK(!state_write_end(writer, &fail));
	state_writer_destroy(writer);
	return fd;
}

/* 0: everything is there and right; -1 with *fail. */
static int read_stream(int fd, struct fail *fail)
{
	struct state_reader *reader = state_reader_create(fd);
	struct wire_message message;
	int result = -1;

	CHECK(reader);
	lseek(fd, 0, SEEK_SET);
	if (state_read_magic(reader, fail) < 0)
		goto out;
	for (unsigned i = 0; i < MESSAGES; i++) {
		if (state_read(reader, &message, fail) < 0)
			goto out;
		CHECK_EQUAL(i + 1, message.type);
		CHECK_EQUAL(message_size(i), message.size);
		for (size_t at = 0; at < message.size; at++)
			CHECK_EQUAL((uint8_t)(i * 31 + at * at % 251), message.bytes[at]);
	}
	result = state_read_end(reader, fail);
out:
	state_reader_destroy(reader);
	return result;
}

static void what_is_written_is_read(void)
{
	struct fail fail;
	int fd = write_stream();

	CHECK(!read_stream(fd, &fail));
	close(fd);
}

static void a_cut_off_stream_is_refused(void)
{
	struct fail fail;
	int fd = write_stream();
	off_t size = lseek(fd, 0, SEEK_END);

	for (off_t end = size - 1; end >= 0; end -= end > size - 20 || end < 20 ? 1 : size / 50) {
		CHECK(!ftruncate(fd, end));
		CHECK_EQUAL(-1, read_stream(fd, &fail));
		CHECK(!strcmp(fail.code, "damaged"));
	}
	close(fd);
}

static void more_after_the_end_is_refused(void)
{
	struct fail fail;
	int fd = write_stream(), more = write_stream();
	char bytes[1000];

	CHECK_EQUAL(sizeof(bytes), pread(more, bytes, sizeof(bytes), 0));
	CHECK_EQUAL(sizeof(bytes), pwrite(fd, bytes, sizeof(bytes), lseek(fd, 0, SEEK_END)));
	CHECK_EQUAL(-1, read_stream(fd, &fail));
	CHECK(!strcmp(fail.code, "damaged"));
	close(more);
	close(fd);
}

/* zstd's checksum finds what the messages' form does not. */
static void a_flipped_bit_is_refused(void)
{
	struct fail fail;
	int fd = write_stream();
	off_t size = lseek(fd, 0, SEEK_END);
	uint8_t byte;

	for (off_t at = 0; at < size; at += size / 100) {
		struct state_reader *reader = state_reader_create(fd);
		struct wire_message message;
		unsigned count = 0;

		CHECK_EQUAL(1, pread(fd, &byte, 1, at));
		byte ^= 4;
		CHECK_EQUAL(1, pwrite(fd, &byte, 1, at));
		lseek(fd, 0, SEEK_SET);
		if (state_read_magic(reader, &fail) == 0) {
			while (count < MESSAGES && state_read(reader, &message, &fail) == 0)
				count++;
			if (count == MESSAGES)
				CHECK_EQUAL(-1, state_read_end(reader, &fail));
		}
		CHECK(!strcmp(fail.code, "damaged"));
		state_reader_destroy(reader);
		byte ^= 4;
		CHECK_EQUAL(1, pwrite(fd, &byte, 1, at));
	}
	CHECK(!read_stream(fd, &fail));
	close(fd);
}

int main(void)
{
	RUN(what_is_written_is_read);
	RUN(a_cut_off_stream_is_refused);
	RUN(more_after_the_end_is_refused);
	RUN(a_flipped_bit_is_refused);
	return 0;
}
