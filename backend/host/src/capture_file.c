/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Theory. The client's side of a capture (capture.c): records of a supervisor become blocks of pcapng (draft-ietf-opsawg-pcapng): a section header, one interface of
 * link type Ethernet with times in nanoseconds, an enhanced packet block a frame with its direction, and interface statistics once in a while and at the end.
 *
 * A frame that a guest left to be finished (checksum, TCP segmentation) is finished here, so that the file has what would be on a wire: each segment becomes a
 * packet, with the time of the whole. A frame that was cut to the snap length, or whose header contradicts it, is written as it is.
 *
 * Frames that found no room in the supervisor are told where they are missing (epb_dropcount of the next packet), and in the statistics.
 *
 * Output blocks when its reader is slow. Then nothing is read here, the supervisor's bounded buffer fills, and it counts what it leaves out. When the output's reader is
 * gone, the capture ends, even if no frame comes any more.
 */
#define _GNU_SOURCE
#include "capture_file.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "little.h"
#include "params.h"

#define BLOCK_SECTION 0x0a0d0d0a
#define BLOCK_INTERFACE 1
#define BLOCK_STATISTICS 5
#define BLOCK_PACKET 6
#define OPTION_END 0
#define LINKTYPE_ETHERNET 1

#define HEADROOM 64
#define OPTIONS_ROOM 64
#define NAME_MAX_BYTES 200
#define STATISTICS_EVERY 10000000000ULL
#define READ_SIZE (256u << 10)

static size_t padded(size_t size)
{
	return (size + 3) & ~(size_t)3;
}

static uint8_t *put_option(uint8_t *at, uint16_t code, const void *value, size_t size)
{
	little_put(at, code, 2);
	little_put(at + 2, size, 2);
	memset(at + 4, 0, padded(size));
	if (size)
		memcpy(at + 4, value, size);
	return at + 4 + padded(size);
}

static uint8_t *put_number(uint8_t *at, uint16_t code, uint64_t value, size_t size)
{
	uint8_t bytes[8];

	little_put(bytes, value, size);
	return put_option(at, code, bytes, size);
}

/* `end` is behind the last option; the block begins at `block` with room for its type and length. */
static int finish_block(struct capture_file *file, uint8_t *block, uint32_t type, uint8_t *end)
{
	size_t size;

	end = put_option(end, OPTION_END, NULL, 0);
	size = (size_t)(end - block) + 4;
	little_put(block, type, 4);
	little_put(block + 4, size, 4);
	little_put(end, size, 4);
	return file->write(file->arg, block, size);
}

int capture_file_init(struct capture_file *file, uint32_t snap, int (*write)(void *arg, const void *bytes, size_t size), void *arg)
{
	*file = (struct capture_file){ .write = write, .arg = arg, .snap = snap };
	file->frame = malloc(HEADROOM + FRAME_MAX + OPTIONS_ROOM);
	file->pending = malloc(sizeof(struct capture_record) + FRAME_MAX);
	if (file->frame && file->pending)
		return 0;
	capture_file_clear(file);
	return -1;
}

void capture_file_clear(struct capture_file *file)
{
	free(file->frame);
	free(file->pending);
	file->frame = file->pending = NULL;
}

int capture_file_begin(struct capture_file *file, const char *name)
{
	static const char program[] = "Mobitopolo";
	uint8_t block[64 + NAME_MAX_BYTES + OPTIONS_ROOM], *at = block + 8;
	size_t length = strnlen(name, NAME_MAX_BYTES);

	little_put(at, 0x1a2b3c4d, 4);
	little_put(at + 4, 1, 2);
	little_put(at + 6, 0, 2);
	little_put(at + 8, UINT64_MAX, 8); /* a section of unknown length */
	if (finish_block(file, block, BLOCK_SECTION, put_option(at + 16, 4 /* shb_userappl */, program, sizeof(program) - 1)) < 0)
		return -1;
	at = block + 8;
	little_put(at, LINKTYPE_ETHERNET, 2);
	little_put(at + 2, 0, 2);
	little_put(at + 4, file->snap, 4);
	at = put_option(at + 8, 2 /* if_name */, name, length);
	return finish_block(file, block, BLOCK_INTERFACE, put_number(at, 9 /* if_tsresol */, 9, 1));
}

static uint8_t *put_time(uint8_t *at, uint64_t time)
{
	little_put(at, time >> 32, 4);
	little_put(at + 4, (uint32_t)time, 4);
	return at + 8;
}

static int write_statistics(struct capture_file *file, uint64_t time)
{
	uint8_t block[128], *at = block + 8;

	little_put(at, 0, 4);
	at = put_time(at + 4, time);
	at = put_number(at, 4 /* isb_ifrecv */, file->seen, 8);
	return finish_block(file, block, BLOCK_STATISTICS, put_number(at, 5 /* isb_ifdrop */, file->lost, 8));
}

/* The frame's `size` bytes lie at file->frame + HEADROOM. */
static int write_packet(struct capture_file *file, const struct capture_record *record, size_t size, size_t original)
{
	uint8_t *block = file->frame + HEADROOM - 28, *at = block + 8;

	little_put(at, 0, 4);
	at = put_time(at + 4, record->time);
	little_put(at, size, 4);
	little_put(at + 4, original, 4);
	at = file->frame + HEADROOM + size;
	memset(at, 0, padded(size) - size);
	at = put_number(file->frame + HEADROOM + padded(size), 2 /* epb_flags: inbound 1, outbound 2 */, record->kind == CAPTURE_RECEIVED ? 1 : 2, 4);
	if (record->lost > file->lost_told) {
		at = put_number(at, 4 /* epb_dropcount */, record->lost - file->lost_told, 8);
		file->lost_told = record->lost;
	}
	return finish_block(file, block, BLOCK_PACKET, at);
}

static int take_frame(struct capture_file *file, const struct capture_record *record, const uint8_t *bytes)
{
	struct frame_walk walk;
	size_t part;

	if (record->size == record->original && frame_vnet_needed(&record->vnet) && frame_walk_start(&walk, &record->vnet, bytes, record->size)) {
		while ((part = frame_walk_size(&walk))) {
			frame_walk_next(&walk, file->frame + HEADROOM);
			if (write_packet(file, record, part, part) < 0)
				return -1;
		}
		return 0;
	}
	memcpy(file->frame + HEADROOM, bytes, record->size);
	return write_packet(file, record, record->size, record->original);
}

static int take_record(struct capture_file *file, const struct capture_record *record, const uint8_t *bytes)
{
	bool statistics = file->last_time / STATISTICS_EVERY != record->time / STATISTICS_EVERY && file->last_time;

	file->seen = record->seen;
	file->lost = record->lost;
	file->last_time = record->time;
	if (statistics && write_statistics(file, record->time) < 0)
		return -1;
	switch (record->kind) {
	case CAPTURE_SENT:
	case CAPTURE_RECEIVED:
		return take_frame(file, record, bytes);
	case CAPTURE_COUNTS:
		return 0;
	default:
		return -1;
	}
}

int capture_file_take(struct capture_file *file, const uint8_t *bytes, size_t size)
{
	struct capture_record record;

	while (size) {
		size_t wanted = sizeof(record), part;

		if (file->pending_size >= sizeof(record)) {
			memcpy(&record, file->pending, sizeof(record));
			if (record.size > FRAME_MAX || record.original < record.size)
				return -1;
			wanted += record.size;
		}
		part = wanted - file->pending_size < size ? wanted - file->pending_size : size;
		memcpy(file->pending + file->pending_size, bytes, part);
		file->pending_size += part;
		bytes += part;
		size -= part;
		if (file->pending_size < sizeof(record))
			return 0;
		memcpy(&record, file->pending, sizeof(record));
		if (record.size > FRAME_MAX || (record.size && record.original < record.size))
			return -1;
		if (file->pending_size < sizeof(record) + record.size)
			continue;
		file->pending_size = 0;
		if (take_record(file, &record, file->pending + sizeof(record)) < 0)
			return -1;
	}
	return 0;
}

int capture_file_end(struct capture_file *file)
{
	return write_statistics(file, file->last_time);
}

/* The command. */

static int write_out(void *arg, const void *bytes, size_t size)
{
	(void)arg;
	return fwrite(bytes, 1, size, stdout) == size ? 0 : -1;
}

static int connect_capture(const struct store *store, const char *instance, struct fail *fail)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int folder = store_instance(store, instance, fail), fd;

	if (folder < 0)
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	/* The folder's own path may be longer than an address may be. */
	snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/" CAPTURE_SOCKET, folder);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		close(fd);
		fd = -1;
	}
	close(folder);
	if (fd < 0)
		return fail_set(fail, "not-running", "Nothing can be captured of %s, for it does not run. Start it first.", instance);
	return fd;
}

/* "client eth0", as far as the configuration tells. */
static void interface_name(const struct store *store, const char *instance, unsigned nic, char name[NAME_MAX_BYTES])
{
	struct fail ignored;
	int folder = store_instance(store, instance, &ignored);
	json_t *config = folder < 0 ? NULL : store_read_json(folder, "config.json", &ignored);
	const char *node = json_string_value(json_object_get(config, "name")), *kind = json_string_value(json_object_get(config, "kind"));

	snprintf(name, NAME_MAX_BYTES, "%.150s %s%u", node ? node : instance, kind && strcmp(kind, "vm") ? "port" : "eth", nic);
	json_decref(config);
	if (folder >= 0)
		close(folder);
}

/* 0: the supervisor ended it, or nobody reads any more. */
static int pump(int fd, struct capture_file *file, struct fail *fail)
{
	static uint8_t bytes[READ_SIZE];

	for (;;) {
		struct pollfd polls[2] = { { .fd = fd, .events = POLLIN }, { .fd = STDOUT_FILENO } };
		ssize_t count;

		if (poll(polls, 2, -1) < 0) {
			if (errno == EINTR)
				continue;
			return fail_set(fail, "io", "The capture ended: %s.", strerror(errno));
		}
		if (polls[1].revents & (POLLERR | POLLHUP | POLLNVAL))
			return 0;
		count = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
		if (count < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (count <= 0)
			return 0;
		if (capture_file_take(file, bytes, (size_t)count) < 0 || fflush(stdout) != 0)
			return ferror(stdout) ? 0 : fail_set(fail, "damaged", "The capture ended, for the supervisor sent something that makes no sense.");
	}
}

int capture_main(const struct store *store, const char *instance, unsigned nic, uint32_t snap, bool go_on)
{
	const struct capture_request request = { .magic = CAPTURE_MAGIC, .nic = nic, .snap = snap };
	struct capture_file file;
	char name[NAME_MAX_BYTES];
	struct fail fail;
	int fd = connect_capture(store, instance, &fail), status = -1;
	uint8_t first;

	signal(SIGPIPE, SIG_IGN);
	if (fd < 0 || capture_file_init(&file, snap, write_out, NULL) < 0) {
		fprintf(stderr, "mobihost: %s\n", fd < 0 ? fail.message : "The host has no memory for a capture.");
		return 1;
	}
	interface_name(store, instance, nic, name);
	if (send(fd, &request, sizeof(request), MSG_NOSIGNAL) != (ssize_t)sizeof(request) || recv(fd, &first, 1, MSG_PEEK) <= 0)
		fail_set(&fail, "bad-request", "%s has no NIC %u, or is being captured too often already.", instance, nic);
	else if ((!go_on && capture_file_begin(&file, name) < 0) || fflush(stdout) != 0)
		status = 0;
	else
		status = pump(fd, &file, &fail);
	if (status < 0)
		fprintf(stderr, "mobihost: %s\n", fail.message);
	else if (capture_file_end(&file) == 0)
		fflush(stdout);
	capture_file_clear(&file);
	close(fd);
	return status < 0;
}
