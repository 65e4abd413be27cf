/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One buffer each way, neither of which grows. Output is put only where line_has_room said so; who produces it waits otherwise, which is how a slow
 * host slows commands down. The caller stops to take frames while there is no room for an answer: then the input buffer fills, nothing is read any more,
 * and the line holds the host back.
 */
#include "line.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

int line_open(struct line *line, const char *path)
{
	struct termios settings;

	*line = (struct line){ .fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC) };
	if (line->fd < 0)
		return -errno;
	if (tcgetattr(line->fd, &settings) == 0) {
		cfmakeraw(&settings);
		settings.c_cflag |= CLOCAL | CREAD;
		settings.c_cflag &= (tcflag_t)~HUPCL;
		settings.c_cc[VMIN] = 1;
		settings.c_cc[VTIME] = 0;
		if (tcsetattr(line->fd, TCSANOW, &settings) == 0)
			return 0;
	}

	const int error = errno;

	close(line->fd);
	line->fd = -1;
	return -error;
}

int line_read(struct line *line)
{
	if (line->in_start > 0) {
		memmove(line->in, line->in + line->in_start, line->in_end - line->in_start);
		line->in_end -= line->in_start;
		line->in_start = 0;
	}
	if (line->in_end == sizeof(line->in))
		return 0;

	const ssize_t count = read(line->fd, line->in + line->in_end, sizeof(line->in) - line->in_end);

	if (count > 0) {
		line->in_end += (size_t)count;
		return 0;
	}
	if (count == 0)
		return -EPIPE;
	return errno == EAGAIN || errno == EINTR ? 0 : -errno;
}

bool line_next(struct line *line, struct guest_frame *frame)
{
	line->in_start += guest_frame_take(line->in + line->in_start, line->in_end - line->in_start, false, frame);
	return frame->type != 0;
}

int line_write(struct line *line)
{
	while (line->out_start < line->out_end) {
		const ssize_t count = write(line->fd, line->out + line->out_start, line->out_end - line->out_start);

		if (count < 0)
			return errno == EAGAIN || errno == EINTR ? 0 : -errno;
		line->out_start += (size_t)count;
	}
	return 0;
}

bool line_has_output(const struct line *line)
{
	return line->out_start < line->out_end;
}

bool line_has_room(struct line *line, size_t frames)
{
	const size_t wanted = frames * GUEST_FRAME_MAX;
	const size_t used = line->out_end - line->out_start;

	if (sizeof(line->out) - line->out_end >= wanted)
		return true;
	if (sizeof(line->out) - used < wanted)
		return false;
	memmove(line->out, line->out + line->out_start, used);
	line->out_start = 0;
	line->out_end = used;
	return true;
}

uint8_t *line_payload(struct line *line)
{
	return line->out + line->out_end + GUEST_HEADER_SIZE;
}

void line_commit(struct line *line, uint8_t type, uint32_t session, uint32_t length)
{
	guest_header_put(line->out + line->out_end, type, session, length);
	line->out_end += GUEST_HEADER_SIZE + length;
}

void line_put(struct line *line, uint8_t type, uint32_t session, const void *payload, uint32_t length)
{
	memcpy(line_payload(line), payload, length);
	line_commit(line, type, session, length);
}

void line_resync(struct line *line)
{
	memset(line->out, 0, GUEST_RESYNC_BYTES);
	line->out_start = 0;
	line->out_end = GUEST_RESYNC_BYTES;
}
