/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Theory. Messages are gathered into records, a record is sealed as a whole: `u32 length of what follows | ciphertext | tag`, the length being
 * authenticated. Each direction has its own key, derived from the migration's key, which the desktop makes for one migration only; its
 * counter begins at 0 and grows by one a record, so a record can neither be left out, repeated nor moved: the first byte that is not the
 * peer's ends the migration.
 *
 * A far peer is emulated at the sender. The rate is kept by sleeping after each record as long as the wire would have been busy. The delay matters
 * only where somebody waits for an answer; those messages go through wire_send_now, which sleeps before it sends. What an observer sees is the same as with
 * a delay line for every byte.
 */
#define _GNU_SOURCE
#include "migration_wire.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "dial.h"
#include "little.h"

#define LENGTH_SIZE 4
#define MESSAGE_HEADER 4
#define RECORD_MAX (WIRE_PAYLOAD_MAX + 4096)
#define PATIENCE_MS 30000
#define FAREWELL_MS 2000
#define SILENT_MAX 32 /* connections that may wait for their first record */
#define FIRST_MAX (64u << 10)
#define BACKLOG 64
#define UNSENT_MAX (512 << 10)
#define AWAITED_MAX 16

struct wire {
	int fd, cancel_fd;
	atomic_bool cancelled;
	bool local;
	struct seal_key seal, open;
	uint64_t sent_records, got_records;
	unsigned patience_ms;
	uint64_t rate_bps, delay_us;
	uint64_t busy_ns; /* the emulated wire carries what was written until then */
	uint64_t written, write_ns;
	uint32_t least_rtt_us; /* UINT32_MAX: not known */
	uint8_t *out; /* length, messages, tag */
	size_t out_size; /* of the messages */
	size_t last; /* offset of the last message */
	uint8_t *in;
	size_t in_size, in_next;
	bool refused;
};

static void derive(struct seal_key *key, enum seal_cipher cipher, const uint8_t secret[SEAL_KEY_SIZE], bool source)
{
	uint8_t bytes[SEAL_KEY_SIZE];

	seal_derive(bytes, secret, source ? "migration source" : "migration target");
	seal_key_set(key, cipher, bytes);
	sodium_memzero(bytes, sizeof(bytes));
}

struct wire *wire_create(bool source, enum seal_cipher cipher, const uint8_t key[SEAL_KEY_SIZE])
{
	struct wire *wire = calloc(1, sizeof(*wire));

	if (!wire)
		return NULL;
	wire->fd = -1;
	wire->least_rtt_us = UINT32_MAX;
	wire->cancel_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	wire->out = malloc(LENGTH_SIZE + RECORD_MAX + SEAL_TAG_SIZE);
	wire->in = malloc(RECORD_MAX + SEAL_TAG_SIZE);
	if (wire->cancel_fd < 0 || !wire->out || !wire->in) {
		wire_destroy(wire);
		return NULL;
	}
	wire->patience_ms = PATIENCE_MS;
	derive(&wire->seal, cipher, key, source);
	derive(&wire->open, cipher, key, !source);
	return wire;
}

void wire_destroy(struct wire *wire)
{
	if (!wire)
		return;
	if (wire->fd >= 0)
		close(wire->fd);
	if (wire->cancel_fd >= 0)
		close(wire->cancel_fd);
	seal_key_wipe(&wire->seal);
	seal_key_wipe(&wire->open);
	free(wire->out);
	free(wire->in);
	free(wire);
}

void wire_pace(struct wire *wire, uint64_t rate_bps, uint64_t delay_us)
{
	wire->rate_bps = rate_bps;
	wire->delay_us = delay_us;
}

void wire_patience(struct wire *wire, unsigned milliseconds)
{
	wire->patience_ms = milliseconds;
}

void wire_cancel(struct wire *wire)
{
	const uint64_t one = 1;

	atomic_store(&wire->cancelled, true);
	/* Can only fail when the event is pending already. */
	if (write(wire->cancel_fd, &one, sizeof(one)) < 0)
		return;
}

bool wire_cancelled(const struct wire *wire)
{
	return atomic_load(&wire->cancelled);
}

static int fail_cancelled(struct fail *fail)
{
	return fail_set(fail, "cancelled", "The migration was cancelled. The VM goes on where it was.");
}

/* Waits for events on the socket, or just for time to pass (events 0). 0, or -1 with *fail; time out is only a failure with events. */
static int wire_wait(struct wire *wire, short events, uint64_t timeout_ns, struct fail *fail)
{
	struct pollfd fds[2] = { { .fd = wire->cancel_fd, .events = POLLIN }, { .fd = events ? wire->fd : -1, .events = events } };
	struct timespec timeout = { (time_t)(timeout_ns / 1000000000), (long)(timeout_ns % 1000000000) };
	int count = ppoll(fds, 2, &timeout, NULL);

	if (wire_cancelled(wire))
		return fail_cancelled(fail);
	if (count < 0 && errno != EINTR)
		return fail_set(fail, "io", "The migration ended: waiting for the other host failed (%s).", strerror(errno));
	if (!count && events)
		return fail_set(fail, "timeout", "The migration ended: the other host made no progress for %u ms. Check the network between the hosts and try again.",
				wire->patience_ms);
	return 0;
}

static int wire_sleep_until(struct wire *wire, uint64_t when, struct fail *fail)
{
	uint64_t now;

	while ((now = clock_ns()) < when) {
		if (wire_wait(wire, 0, when - now, fail) < 0)
			return -1;
	}
	return 0;
}

static int fail_socket(struct fail *fail, const char *what)
{
	return fail_set(fail, "connection-lost", "The migration ended: %s the other host failed (%s).", what, strerror(errno));
}

static void set_options(int fd)
{
	int on = 1, idle = 10, interval = 5, probes = 4, unsent = UNSENT_MAX;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	/* What waits in the socket would make a slow link look fast. */
	setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof(unsent));
	/* A target that waits for GO must find out when its source is gone. */
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof(interval));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof(probes));
}

static int write_all(struct wire *wire, const uint8_t *bytes, size_t size, struct fail *fail)
{
	while (size) {
		ssize_t sent = send(wire->fd, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (sent < 0 && errno == EAGAIN) {
			if (wire_wait(wire, POLLOUT, (uint64_t)wire->patience_ms * 1000000, fail) < 0)
				return -1;
			continue;
		}
		if (sent < 0 && errno != EINTR)
			return wire_cancelled(wire) ? fail_cancelled(fail) : fail_socket(fail, "sending to");
		if (sent > 0) {
			bytes += sent;
			size -= (size_t)sent;
		}
	}
	return 0;
}

static int read_all(struct wire *wire, uint8_t *bytes, size_t size, struct fail *fail)
{
	while (size) {
		ssize_t got = recv(wire->fd, bytes, size, MSG_DONTWAIT);

		if (got < 0 && errno == EAGAIN) {
			if (wire_wait(wire, POLLIN, (uint64_t)wire->patience_ms * 1000000, fail) < 0)
				return -1;
			continue;
		}
		if (!got)
			return fail_set(fail, "connection-lost", "The migration ended: the other host closed the connection.");
		if (got < 0 && errno != EINTR)
			return fail_socket(fail, "receiving from");
		if (got > 0) {
			bytes += got;
			size -= (size_t)got;
		}
	}
	return 0;
}

int wire_dial(const struct wire *wire, const struct udp_address *to, unsigned count, unsigned timeout_ms, unsigned *which)
{
	return dial(to, count, timeout_ms, wire->cancel_fd, which);
}

int wire_connect(struct wire *wire, const struct udp_address *to, unsigned count, unsigned timeout_ms, unsigned *which, struct fail *fail)
{
	char text[UDP_ADDRESS_TEXT] = "no address";

	wire_disconnect(wire);
	wire->fd = wire_dial(wire, to, count, timeout_ms, which);
	if (wire->fd < 0) {
		if (wire_cancelled(wire))
			return fail_cancelled(fail);
		if (count)
			udp_address_format(&to[0], text);
		return fail_set(fail, "unreachable", "The other host could not be reached within %u ms, at %s%s (%s).", timeout_ms, text,
				count > 1 ? " and its other addresses" : "", strerror(errno));
	}
	wire->local = udp_path_payload(&to[*which], 1500) > 1500;
	set_options(wire->fd);
	return 0;
}

void wire_use(struct wire *wire, int fd)
{
	wire_disconnect(wire);
	wire->fd = fd;
	wire->local = false;
	set_options(fd);
}

int wire_await_byte(const struct wire *wire, const int fds[], unsigned count, uint8_t wanted, unsigned timeout_ms, unsigned better_ms, struct fail *fail)
{
	struct pollfd polls[1 + AWAITED_MAX] = { { .fd = wire->cancel_fd, .events = POLLIN } };
	uint64_t end = clock_ns() + (uint64_t)timeout_ms * 1000000, now;
	unsigned best, open = 0;
	uint8_t got;

	count = count < AWAITED_MAX ? count : AWAITED_MAX;
	best = count;
	for (unsigned i = 0; i < count; i++) {
		polls[1 + i] = (struct pollfd){ .fd = fds[i], .events = POLLIN };
		open += fds[i] >= 0;
	}
	while (open && best && (now = clock_ns()) < end) {
		poll(polls, 1 + count, (int)((end - now) / 1000000) + 1);
		if (wire_cancelled(wire))
			return fail_cancelled(fail);
		for (unsigned i = 0; i < count; i++) {
			if (polls[1 + i].fd < 0 || !polls[1 + i].revents)
				continue;
			polls[1 + i].fd = -1;
			open--;
			if (recv(fds[i], &got, 1, MSG_DONTWAIT) != 1 || got != wanted)
				continue;
			if (best == count)
				end = clock_ns() + (uint64_t)better_ms * 1000000;
			best = i < best ? i : best;
		}
	}
	if (best < count)
		return (int)best;
	return fail_set(fail, "unreachable", "The source and the target met at none of %u relays within %u ms.", count, timeout_ms);
}

static int fail_nobody(unsigned timeout_ms, struct fail *fail)
{
	return fail_set(fail, "timeout", "The migration ended: its source did not connect within %u s. The VM goes on where it was; check that the source can reach this host.",
			timeout_ms / 1000);
}

int wire_accept(struct wire *wire, int listener, unsigned timeout_ms, struct fail *fail)
{
	struct pollfd fds[2] = { { .fd = wire->cancel_fd, .events = POLLIN }, { .fd = listener, .events = POLLIN } };
	uint64_t end = clock_ns() + (uint64_t)timeout_ms * 1000000, now;

	wire_disconnect(wire);
	while ((now = clock_ns()) < end) {
		poll(fds, 2, (int)((end - now) / 1000000) + 1);
		if (wire_cancelled(wire))
			return fail_cancelled(fail);
		wire->fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (wire->fd >= 0) {
			set_options(wire->fd);
			return 0;
		}
	}
	return fail_nobody(timeout_ms, fail);
}

/* 1: its first record is there. 0: not yet; it is readable again when it is. -1: it never will be. */
static int first_record(int fd)
{
	uint8_t length[LENGTH_SIZE];
	ssize_t got = recv(fd, length, sizeof(length), MSG_PEEK | MSG_DONTWAIT);
	int wanted = LENGTH_SIZE, waiting = 0;

	if (got < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	if (got < LENGTH_SIZE)
		return got ? 0 : -1;
	if (little_get(length, LENGTH_SIZE) > FIRST_MAX)
		return -1;
	wanted += (int)little_get(length, LENGTH_SIZE);
	if (ioctl(fd, FIONREAD, &waiting) < 0)
		return -1;
	if (waiting >= wanted) {
		wanted = 1;
		setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &wanted, sizeof(wanted));
		return 1;
	}
	return setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &wanted, sizeof(wanted)) < 0 ? -1 : 0;
}

/* Connections whose first record has not come, oldest first, behind the two that are always watched. Those dialed from here come first and are not given up for others. */
struct silent {
	struct pollfd fds[2 + SILENT_MAX];
	nfds_t count, dialed;
};

static void silent_drop(struct silent *silent, nfds_t index)
{
	silent->count--;
	if (index < 2 + silent->dialed)
		silent->dialed--;
	memmove(silent->fds + index, silent->fds + index + 1, (silent->count - index) * sizeof(*silent->fds));
}

static void silent_add(struct silent *silent, int fd)
{
	int least = LENGTH_SIZE;

	if (silent->count == 2 + SILENT_MAX) {
		close(silent->fds[2 + silent->dialed].fd);
		silent_drop(silent, 2 + silent->dialed);
	}
	setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &least, sizeof(least));
	silent->fds[silent->count++] = (struct pollfd){ .fd = fd, .events = POLLIN | POLLRDHUP };
}

/* The first that speaks, or -1. Those that end, or can't be the source, are closed. */
static int silent_take(struct silent *silent)
{
	for (nfds_t i = 2; i < silent->count;) {
		int fd = silent->fds[i].fd, state = silent->fds[i].revents ? first_record(fd) : 0;

		if (!state && silent->fds[i].revents & (POLLRDHUP | POLLHUP | POLLERR))
			state = -1;
		if (!state) {
			i++;
			continue;
		}
		silent_drop(silent, i);
		if (state > 0)
			return fd;
		close(fd);
	}
	return -1;
}

int wire_accept_speaking(struct wire *wire, int listener, const int dialed[], unsigned dialed_count, unsigned timeout_ms, struct fail *fail)
{
	struct silent silent = { .fds = { { .fd = wire->cancel_fd, .events = POLLIN }, { .fd = listener, .events = POLLIN } }, .count = 2 };
	uint64_t end = clock_ns() + (uint64_t)timeout_ms * 1000000, now;
	int result = -1, fd;

	wire_disconnect(wire);
	for (unsigned i = 0; i < dialed_count; i++)
		silent_add(&silent, dialed[i]);
	silent.dialed = silent.count - 2;
	while (wire->fd < 0 && (now = clock_ns()) < end) {
		poll(silent.fds, silent.count, (int)((end - now) / 1000000) + 1);
		if (wire_cancelled(wire)) {
			fail_cancelled(fail);
			goto out;
		}
		wire->fd = silent_take(&silent);
		if (silent.fds[1].revents && wire->fd < 0 && (fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0)
			silent_add(&silent, fd);
	}
	if (wire->fd >= 0) {
		set_options(wire->fd);
		result = 0;
	} else {
		fail_nobody(timeout_ms, fail);
	}
out:
	for (nfds_t i = 2; i < silent.count; i++)
		close(silent.fds[i].fd);
	return result;
}

void wire_disconnect(struct wire *wire)
{
	if (wire->fd >= 0)
		close(wire->fd);
	wire->fd = -1;
	wire->sent_records = wire->got_records = 0;
	wire->least_rtt_us = UINT32_MAX;
	wire->out_size = wire->in_size = wire->in_next = 0;
}

bool wire_is_local(const struct wire *wire)
{
	return wire->local;
}

int wire_listen(unsigned *port)
{
	for (int family = AF_INET6; family; family = family == AF_INET6 ? AF_INET : 0) {
		union udp_socket_address any = { .any.sa_family = (sa_family_t)family };
		socklen_t size = family == AF_INET ? sizeof(any.v4) : sizeof(any.v6);
		int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), off = 0;

		if (fd < 0)
			continue;
		if ((family == AF_INET || !setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off))) && !bind(fd, &any.any, size) &&
		    !listen(fd, BACKLOG) && !getsockname(fd, &any.any, &size)) {
			*port = ntohs(family == AF_INET ? any.v4.sin_port : any.v6.sin6_port);
			return fd;
		}
		close(fd);
	}
	return -1;
}

int wire_flush(struct wire *wire, struct fail *fail)
{
	size_t sealed = wire->out_size + SEAL_TAG_SIZE;
	uint64_t start = clock_ns();

	if (!wire->out_size)
		return 0;
	if (wire_cancelled(wire))
		return fail_cancelled(fail);
	little_put(wire->out, sealed, LENGTH_SIZE);
	seal_encrypt(&wire->seal, wire->sent_records++, wire->out, LENGTH_SIZE, wire->out + LENGTH_SIZE, wire->out_size,
		     wire->out + LENGTH_SIZE);
	wire->out_size = 0;
	if (write_all(wire, wire->out, LENGTH_SIZE + sealed, fail) < 0)
		return -1;
	wire->written += LENGTH_SIZE + sealed;
	if (wire->rate_bps) {
		if (wire->busy_ns < start)
			wire->busy_ns = start;
		wire->busy_ns += (uint64_t)((double)(LENGTH_SIZE + sealed) * 8e9 / (double)wire->rate_bps);
		if (wire_sleep_until(wire, wire->busy_ns, fail) < 0)
			return -1;
	}
	wire->write_ns += clock_ns() - start;
	return 0;
}

uint8_t *wire_add(struct wire *wire, enum wire_type type, size_t size, struct fail *fail)
{
	uint8_t *message;

	if (wire->out_size + MESSAGE_HEADER + size > RECORD_MAX && wire_flush(wire, fail) < 0)
		return NULL;
	message = wire->out + LENGTH_SIZE + wire->out_size;
	wire->last = wire->out_size;
	message[0] = (uint8_t)type;
	little_put(message + 1, size, 3);
	wire->out_size += MESSAGE_HEADER + size;
	return message + MESSAGE_HEADER;
}

void wire_shorten(struct wire *wire, size_t size)
{
	little_put(wire->out + LENGTH_SIZE + wire->last + 1, size, 3);
	wire->out_size = wire->last + MESSAGE_HEADER + size;
}

int wire_send_now(struct wire *wire, enum wire_type type, const void *payload, size_t size, struct fail *fail)
{
	uint8_t *room;

	if (wire->delay_us) {
		if (wire_flush(wire, fail) < 0 || wire_sleep_until(wire, clock_ns() + wire->delay_us * 1000, fail) < 0)
			return -1;
	}
	room = wire_add(wire, type, size, fail);
	if (!room)
		return -1;
	if (size)
		memcpy(room, payload, size);
	return wire_flush(wire, fail);
}

static int fail_damaged(struct fail *fail)
{
	return fail_set(fail, "bad-stream", "The migration ended: the stream from the other host is damaged or not from the agreed peer.");
}

static int read_record(struct wire *wire, struct fail *fail)
{
	uint8_t length[LENGTH_SIZE];
	size_t size;

	if (read_all(wire, length, LENGTH_SIZE, fail) < 0)
		return -1;
	size = little_get(length, LENGTH_SIZE);
	if (size <= SEAL_TAG_SIZE || size > RECORD_MAX + SEAL_TAG_SIZE)
		return fail_damaged(fail);
	if (read_all(wire, wire->in, size, fail) < 0)
		return -1;
	if (!seal_decrypt(&wire->open, wire->got_records++, length, LENGTH_SIZE, wire->in, size, wire->in))
		return fail_damaged(fail);
	wire->in_size = size - SEAL_TAG_SIZE;
	wire->in_next = 0;
	return 0;
}

/* u16 length of the code | code | sentence */
static int fail_of_peer(struct wire *wire, const struct wire_message *message, struct fail *fail)
{
	size_t code = message->size >= 2 ? little_get(message->bytes, 2) : SIZE_MAX;
	char name[sizeof(fail->code)];

	if (code > message->size - 2 || !code || code >= sizeof(name))
		return fail_damaged(fail);
	memcpy(name, message->bytes + 2, code);
	name[code] = 0;
	wire->refused = true;
	return fail_set(fail, name, "%.*s", (int)(message->size - 2 - code), (const char *)message->bytes + 2 + code);
}

int wire_read(struct wire *wire, struct wire_message *message, struct fail *fail)
{
	size_t left;

	if (wire->in_next == wire->in_size && read_record(wire, fail) < 0)
		return -1;
	left = wire->in_size - wire->in_next;
	if (left < MESSAGE_HEADER)
		return fail_damaged(fail);
	message->type = wire->in[wire->in_next];
	message->size = little_get(wire->in + wire->in_next + 1, 3);
	message->bytes = wire->in + wire->in_next + MESSAGE_HEADER;
	if (message->size > left - MESSAGE_HEADER)
		return fail_damaged(fail);
	wire->in_next += MESSAGE_HEADER + message->size;
	return message->type == WIRE_ERROR ? fail_of_peer(wire, message, fail) : 0;
}

bool wire_refused(const struct wire *wire)
{
	return wire->refused;
}

void wire_send_error(struct wire *wire, const struct fail *why)
{
	size_t code = strlen(why->code), size = strlen(why->message);
	struct fail ignored;
	uint64_t count;
	uint8_t *room;

	/* This must pass, also when the reason is that we were cancelled. */
	atomic_store(&wire->cancelled, false);
	if (read(wire->cancel_fd, &count, sizeof(count)) < 0)
		count = 0;
	wire->patience_ms = FAREWELL_MS;
	wire->rate_bps = 0;
	/* A record half written, or a peer who is gone, cannot be helped: the connection's end then says it. */
	if (wire->fd < 0 || wire->refused || !(room = wire_add(wire, WIRE_ERROR, 2 + code + size, &ignored)))
		return;
	little_put(room, code, 2);
	memcpy(room + 2, why->code, code);
	memcpy(room + 2 + code, why->message, size);
	wire_flush(wire, &ignored);
}

int wire_expect(struct wire *wire, enum wire_type type, struct wire_message *message, struct fail *fail)
{
	if (wire_read(wire, message, fail) < 0)
		return -1;
	return message->type == type ? 0 : fail_damaged(fail);
}

uint64_t wire_written(const struct wire *wire)
{
	return wire->written;
}

uint64_t wire_round_trip_us(struct wire *wire)
{
	struct tcp_info info;
	socklen_t size = sizeof(info);

	if (wire->fd >= 0 && !getsockopt(wire->fd, IPPROTO_TCP, TCP_INFO, &info, &size) && info.tcpi_rtt < wire->least_rtt_us)
		wire->least_rtt_us = info.tcpi_rtt;
	return (wire->least_rtt_us < UINT32_MAX ? wire->least_rtt_us : 0) + 2 * wire->delay_us;
}

double wire_write_seconds(const struct wire *wire)
{
	return (double)wire->write_ns / 1e9;
}
