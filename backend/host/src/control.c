/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "control.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

int control_send(int fd, enum um_control_type type, const void *payload, size_t length)
{
	struct um_control_header header = { .version = UM_CONTROL_VERSION, .type = (uint16_t)type, .length = (uint32_t)length };
	struct iovec parts[2] = { { &header, sizeof(header) }, { (void *)payload, length } };
	const struct msghdr message = { .msg_iov = parts, .msg_iovlen = length ? 2 : 1 };

	while (sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

/* What a message of this type must at least hold; SIZE_MAX: unknown type. */
static size_t least_length(uint16_t type)
{
	switch (type) {
	case UM_CONTROL_HELLO_REPLY:
		return sizeof(struct um_control_hello);
	case UM_CONTROL_PONG:
		return sizeof(struct um_control_cookie);
	case UM_CONTROL_FROZEN:
		return sizeof(struct um_control_frozen);
	case UM_CONTROL_THAWED:
		return sizeof(struct um_control_thawed);
	case UM_CONTROL_WAITING:
		return 0;
	case UM_CONTROL_RESTORED:
		return sizeof(struct um_control_restored);
	case UM_CONTROL_REFUSED:
	case UM_CONTROL_ERROR:
		return sizeof(struct um_control_error);
	case UM_CONTROL_LOG:
		return sizeof(struct um_control_log);
	case UM_CONTROL_WANTED:
		return sizeof(struct um_control_wanted);
	default:
		return SIZE_MAX;
	}
}

/* The one descriptor that may come with a message; -1: none, or a message of another kind. */
static int passed_fd(struct msghdr *received)
{
	struct cmsghdr *header = CMSG_FIRSTHDR(received);
	int fd;

	if (!header || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS || header->cmsg_len != CMSG_LEN(sizeof(fd)))
		return -1;
	memcpy(&fd, CMSG_DATA(header), sizeof(fd));
	return fd;
}

int control_receive(int fd, struct control_message *message)
{
	struct um_control_header header;
	struct iovec parts[2] = { { &header, sizeof(header) }, { &message->payload, sizeof(message->payload) } };
	/* Room for one: what is more the host closes. */
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} passed;
	struct msghdr received = { .msg_iov = parts, .msg_iovlen = 2, .msg_control = &passed, .msg_controllen = sizeof(passed) };
	ssize_t count;

	memset(&message->payload, 0, sizeof(message->payload));
	message->end = 0;
	message->fd = -1;
	do {
		count = recvmsg(fd, &received, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	} while (count < 0 && errno == EINTR);
	if (count < 0)
		return errno == EAGAIN ? 0 : -EPIPE;
	message->fd = passed_fd(&received);
	if (count == 0)
		return -EPIPE;
	if ((size_t)count < sizeof(header) || header.version != UM_CONTROL_VERSION || header.length != (size_t)count - sizeof(header) ||
	    header.length < least_length(header.type) || (received.msg_flags & MSG_TRUNC)) {
		if (message->fd >= 0)
			close(message->fd);
		return -EPROTO;
	}
	message->type = header.type;
	message->length = header.length;
	return 1;
}
