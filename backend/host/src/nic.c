/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Theory. A guest's NIC is an AF_UNIX SOCK_SEQPACKET socket: a message is a frame, and a full socket tells the guest to wait
 * (its queue stops until the socket can take more), so nothing is lost on the way out of a guest. The way into a guest has nobody who
 * could wait: what its socket cannot take is dropped and counted, as a network card with a full ring does.
 *
 * It is different for a short time after a guest stood still, or was restored: what came meanwhile is more than its socket holds, and it would lose frames only because
 * we stopped it. Then the NIC is patient: frames wait here, in order, until the socket can take them.
 *
 * A link that delays frames wants to know when the guest wrote them: a supervisor that was held up for a millisecond would delay them by a millisecond too much. The host notes that time on
 * request, by the wall clock. What it says is taken for at most STAMP_MAX_US, so that a clock that is set meanwhile does no more harm than that.
 *
 * Both ways go in batches of 64 frames a system call. All NICs of a VM share one reader: its buffers hold frames of up to 64 KiB
 * with room before them, so that a frame can be sealed where it lies. They are untouched, and so cost no memory, until frames of that size come.
 */
#define _GNU_SOURCE
#include "nic.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

#include "clock.h"

#define SOCKET_BUFFER (1 << 20)
#define WAITING_MAX (64u << 20)
#define STAMP_MAX_US 20000
#define STRIDE ((NIC_HEADROOM + FRAME_MAX + 63) / 64 * 64)

struct nic_reader {
	struct mmsghdr messages[NIC_BATCH];
	struct iovec parts[NIC_BATCH][2];
	struct frame_vnet headers[NIC_BATCH];
	_Alignas(struct cmsghdr) uint8_t stamps[NIC_BATCH][CMSG_SPACE(sizeof(struct timespec))];
	bool offload, stamped;
	int64_t read_at, read_at_wall; /* microseconds */
	uint8_t *buffers;
};

struct nic_waiting {
	struct nic_waiting *next;
	size_t size;
	uint8_t bytes[];
};

struct nic_writer {
	struct nic *nic;
	unsigned count;
	struct mmsghdr messages[NIC_BATCH];
	struct iovec parts[NIC_BATCH][2];
	struct frame_vnet headers[NIC_BATCH];
};

void nic_setup(const struct nic *nic)
{
	int size = SOCKET_BUFFER;

	setsockopt(nic->fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
}

void nic_stamp(struct nic *nic, bool on)
{
	const int value = on;

	if (nic->stamped != on && !setsockopt(nic->fd, SOL_SOCKET, SO_TIMESTAMPNS, &value, sizeof(value)))
		nic->stamped = on;
}

struct nic_reader *nic_reader_create(void)
{
	struct nic_reader *reader = calloc(1, sizeof(*reader));

	if (!reader)
		return NULL;
	reader->buffers = malloc((size_t)NIC_BATCH * STRIDE);
	if (!reader->buffers) {
		free(reader);
		return NULL;
	}
	for (unsigned i = 0; i < NIC_BATCH; i++) {
		reader->parts[i][0] = (struct iovec){ &reader->headers[i], FRAME_VNET_SIZE };
		reader->parts[i][1] = (struct iovec){ reader->buffers + (size_t)i * STRIDE + NIC_HEADROOM, FRAME_MAX };
	}
	return reader;
}

void nic_reader_destroy(struct nic_reader *reader)
{
	if (!reader)
		return;
	free(reader->buffers);
	free(reader);
}

int nic_read(struct nic_reader *reader, const struct nic *nic)
{
	int count;

	reader->offload = nic->offload;
	reader->stamped = nic->stamped;
	for (unsigned i = 0; i < NIC_BATCH; i++) {
		struct msghdr *header = &reader->messages[i].msg_hdr;

		*header = (struct msghdr){ .msg_iov = reader->parts[i] + !nic->offload, .msg_iovlen = 1 + nic->offload };
		if (nic->stamped) {
			header->msg_control = reader->stamps[i];
			header->msg_controllen = sizeof(reader->stamps[i]);
		}
	}
	count = recvmmsg(nic->fd, reader->messages, NIC_BATCH, MSG_DONTWAIT, NULL);
	/* In this order: what comes between them makes frames younger, never older. */
	if (nic->stamped)
		reader->read_at_wall = (int64_t)clock_wall_us();
	reader->read_at = (int64_t)clock_us();
	if (count < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -EPIPE;
	/* An empty message is how the end of a SEQPACKET socket reads; a guest has no empty frames. */
	if (count == 1 && !reader->messages[0].msg_len)
		return -EPIPE;
	return count;
}

bool nic_frame(struct nic_reader *reader, unsigned index, struct frame_vnet *vnet, uint8_t **bytes, size_t *size)
{
	const struct mmsghdr *message = &reader->messages[index];
	size_t header = reader->offload ? FRAME_VNET_SIZE : 0;

	if ((message->msg_hdr.msg_flags & MSG_TRUNC) || message->msg_len < header + FRAME_MIN)
		return false;
	if (reader->offload)
		*vnet = reader->headers[index];
	else
		memset(vnet, 0, sizeof(*vnet));
	*bytes = reader->parts[index][1].iov_base;
	*size = message->msg_len - header;
	return true;
}

uint64_t nic_written_at(const struct nic_reader *reader, unsigned index)
{
	const struct msghdr *header = &reader->messages[index].msg_hdr;
	const struct cmsghdr *control = reader->stamped ? CMSG_FIRSTHDR(header) : NULL;
	struct timespec stamp;
	int64_t age;

	if (!control || control->cmsg_level != SOL_SOCKET || control->cmsg_type != SCM_TIMESTAMPNS || control->cmsg_len != CMSG_LEN(sizeof(stamp)))
		return (uint64_t)reader->read_at;
	memcpy(&stamp, CMSG_DATA(control), sizeof(stamp));
	age = reader->read_at_wall - ((int64_t)stamp.tv_sec * 1000000 + stamp.tv_nsec / 1000);
	return (uint64_t)(age > 0 && age <= STAMP_MAX_US ? reader->read_at - age : reader->read_at);
}

struct nic_writer *nic_writer_create(void)
{
	return calloc(1, sizeof(struct nic_writer));
}

void nic_writer_destroy(struct nic_writer *writer)
{
	free(writer);
}

static void wait_behind(struct nic *nic, const struct iovec *parts, size_t count)
{
	struct nic_waiting *waiting = NULL;
	size_t size = 0;

	for (size_t i = 0; i < count; i++)
		size += parts[i].iov_len;
	if (nic->waiting_bytes + size <= WAITING_MAX)
		waiting = malloc(sizeof(*waiting) + size);
	if (!waiting) {
		nic->full++;
		return;
	}
	waiting->next = NULL;
	waiting->size = 0;
	for (size_t i = 0; i < count; i++) {
		memcpy(waiting->bytes + waiting->size, parts[i].iov_base, parts[i].iov_len);
		waiting->size += parts[i].iov_len;
	}
	*(nic->waiting ? &nic->last_waiting->next : &nic->waiting) = waiting;
	nic->last_waiting = waiting;
	nic->waiting_bytes += size;
}

const uint8_t *nic_waiting_first(const struct nic *nic, size_t *size)
{
	if (!nic->waiting)
		return NULL;
	*size = nic->waiting->size;
	return nic->waiting->bytes;
}

void nic_waiting_drop(struct nic *nic)
{
	struct nic_waiting *first = nic->waiting;

	nic->waiting = first->next;
	nic->waiting_bytes -= first->size;
	free(first);
}

bool nic_catch_up(struct nic *nic)
{
	while (nic->waiting) {
		if (send(nic->fd, nic->waiting->bytes, nic->waiting->size, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
			if (errno == EINTR)
				continue;
			if (errno == EAGAIN)
				return false;
			nic->full++;
		}
		nic_waiting_drop(nic);
	}
	return true;
}

void nic_put(struct nic *nic, const uint8_t *message, size_t size)
{
	const struct iovec part = { (void *)(uintptr_t)message, size };

	wait_behind(nic, &part, 1);
	nic_catch_up(nic);
}

void nic_flush(struct nic_writer *writer)
{
	struct nic *nic = writer->nic;
	unsigned sent = 0;
	bool room = writer->count && nic_catch_up(nic);

	while (room && sent < writer->count) {
		int result = sendmmsg(nic->fd, writer->messages + sent, writer->count - sent, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (result < 0 && errno == EINTR)
			continue;
		if (result <= 0)
			break;
		sent += (unsigned)result;
	}
	for (; sent < writer->count; sent++) {
		if (nic->patient)
			wait_behind(nic, writer->messages[sent].msg_hdr.msg_iov, writer->messages[sent].msg_hdr.msg_iovlen);
		else
			nic->full++;
	}
	writer->count = 0;
}

void nic_write(struct nic_writer *writer, struct nic *nic, const struct frame_vnet *vnet, const uint8_t *bytes, size_t size)
{
	unsigned at;

	if (writer->count == NIC_BATCH || (writer->count && writer->nic != nic))
		nic_flush(writer);
	writer->nic = nic;
	at = writer->count++;
	if (nic->offload) {
		if (vnet)
			writer->headers[at] = *vnet;
		else
			memset(&writer->headers[at], 0, FRAME_VNET_SIZE);
	}
	writer->parts[at][0] = (struct iovec){ &writer->headers[at], FRAME_VNET_SIZE };
	writer->parts[at][1] = (struct iovec){ (void *)(uintptr_t)bytes, size };
	writer->messages[at].msg_hdr = (struct msghdr){ .msg_iov = writer->parts[at] + !nic->offload, .msg_iovlen = 1 + nic->offload };
}
