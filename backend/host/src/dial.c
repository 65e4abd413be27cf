/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Theory. An address that nobody answers at costs the whole time limit, and hosts have many: those of bridges and of networks that the other side is not in. So the next address is tried
 * HEAD_START after the last one, or as soon as it fails, as RFC 8305 has it ("happy eyeballs"); the first that answers wins.
 */
#define _GNU_SOURCE
#include "dial.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"

#define HEAD_START_MS 250

static int begin(const struct udp_address *to)
{
	union udp_socket_address address;
	socklen_t length = udp_address_to_socket(to, &address);
	int fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), error;

	if (fd < 0 || !connect(fd, &address.any, length) || errno == EINPROGRESS)
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

static int outcome(int fd)
{
	int error = 0;
	socklen_t size = sizeof(error);

	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0 ? errno : error;
}

int dial(const struct udp_address *to, unsigned count, unsigned timeout_ms, int cancel_fd, unsigned *which)
{
	struct pollfd fds[1 + DIAL_MAX] = { { .fd = cancel_fd, .events = POLLIN } };
	int64_t end = (int64_t)clock_ms() + timeout_ms, next = 0, now;
	unsigned begun = 0, open = 0;
	int won = -1, reason = ETIMEDOUT;

	count = count < DIAL_MAX ? count : DIAL_MAX;
	while (won < 0 && (now = (int64_t)clock_ms()) < end && (begun < count || open)) {
		int64_t until = end;

		if (begun < count && (now >= next || !open)) {
			fds[1 + begun] = (struct pollfd){ .fd = begin(&to[begun]), .events = POLLOUT };
			if (fds[1 + begun].fd < 0)
				reason = errno;
			else
				open++;
			begun++;
			next = now + HEAD_START_MS;
			continue;
		}
		if (begun < count)
			until = next < end ? next : end;
		if (poll(fds, 1 + begun, (int)(until - now) + 1) < 0)
			continue;
		if (fds[0].revents) {
			reason = ECANCELED;
			break;
		}
		for (unsigned i = 0; i < begun && won < 0; i++) {
			if (fds[1 + i].fd < 0 || !fds[1 + i].revents)
				continue;
			if (!(reason = outcome(fds[1 + i].fd))) {
				won = fds[1 + i].fd;
				*which = i;
				continue;
			}
			close(fds[1 + i].fd);
			fds[1 + i].fd = -1;
			open--;
			next = now;
		}
	}
	for (unsigned i = 0; i < begun; i++) {
		if (fds[1 + i].fd >= 0 && fds[1 + i].fd != won)
			close(fds[1 + i].fd);
	}
	errno = reason;
	return won;
}
