/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A TCP connection whose every byte is checked, both ways.
 *
 *   stream serve PORT        sends back what comes, until the end of each connection
 *   stream run HOST PORT BYTES_PER_SECOND
 *                            sends a pattern at that rate and checks that the same comes back, until its standard input ends; then prints
 *                            "ok BYTES", or "broken AT REASON" as soon as it knows
 *
 * The byte at offset n is a function of n, so a lost, repeated or changed byte shows at once.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "port.h"

#define BLOCK 16384
#define IN_FLIGHT_MAX (256 * 1024)

static uint8_t pattern(uint64_t offset)
{
	uint64_t x = (offset >> 3) + 0x9e3779b97f4a7c15;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return (uint8_t)((x ^ x >> 31) >> (offset & 7) * 8);
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int fail(uint64_t at, const char *reason)
{
	printf("broken %llu %s\n", (unsigned long long)at, reason);
	return 1;
}

static int serve(int port)
{
	int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1;
	static char block[BLOCK];

	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind_port(listener, port) < 0 || listen(listener, 8) < 0)
		return fail(0, strerror(errno));
	puts("listening");
	fflush(stdout);
	for (;;) {
		int peer = accept(listener, NULL, NULL);
		ssize_t got;

		while (peer >= 0 && (got = read(peer, block, sizeof(block))) > 0)
			for (ssize_t done = 0, n; done < got; done += n)
				if ((n = write(peer, block + done, (size_t)(got - done))) < 0)
					break;
		close(peer);
	}
}

static int run(const char *host, int port, double rate)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int peer = socket(AF_INET, SOCK_STREAM, 0), sending = 1;
	/* What is due is sent every 10 ms, as one: byte by byte would keep a processor busy. */
	uint64_t sent = 0, checked = 0, portion = rate > 100 ? (uint64_t)(rate / 100) : 1;
	double start = seconds();
	static uint8_t block[BLOCK];

	if (inet_pton(AF_INET, host, &address.sin_addr) != 1 || connect(peer, (struct sockaddr *)&address, sizeof(address)) < 0)
		return fail(0, strerror(errno));
	puts("connected");
	fflush(stdout);
	for (;;) {
		uint64_t due = (uint64_t)((seconds() - start) * rate);
		int may_send = sending && due - sent >= portion && sent - checked < IN_FLIGHT_MAX;
		struct pollfd fds[2] = { { .fd = peer, .events = (short)(POLLIN | (may_send ? POLLOUT : 0)) }, { .fd = sending ? 0 : -1, .events = POLLIN } };
		ssize_t n;

		if (poll(fds, 2, 10) < 0)
			return fail(checked, strerror(errno));
		if (fds[1].revents && read(0, block, sizeof(block)) <= 0) {
			sending = 0;
			shutdown(peer, SHUT_WR);
			continue;
		}
		if (may_send && (fds[0].revents & POLLOUT)) {
			size_t size = due - sent < BLOCK ? (size_t)(due - sent) : BLOCK;

			for (size_t i = 0; i < size; i++)
				block[i] = pattern(sent + i);
			n = send(peer, block, size, MSG_DONTWAIT | MSG_NOSIGNAL);
			if (n < 0 && errno != EAGAIN)
				return fail(sent, strerror(errno));
			sent += n > 0 ? (uint64_t)n : 0;
		}
		if (!(fds[0].revents & (POLLIN | POLLHUP | POLLERR)))
			continue;
		n = recv(peer, block, sizeof(block), MSG_DONTWAIT);
		if (n < 0 && errno != EAGAIN)
			return fail(checked, strerror(errno));
		if (n == 0) {
			if (sending || checked != sent)
				return fail(checked, "the connection ended early");
			printf("ok %llu\n", (unsigned long long)checked);
			return 0;
		}
		for (ssize_t i = 0; i < n; i++, checked++)
			if (block[i] != pattern(checked))
				return fail(checked, "another byte came back than was sent");
	}
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "serve"))
		return serve(atoi(argv[2]));
	if (argc == 5 && !strcmp(argv[1], "run"))
		return run(argv[2], atoi(argv[3]), atof(argv[4]));
	fputs("Usage: stream serve PORT | stream run HOST PORT BYTES_PER_SECOND\n", stderr);
	return 2;
}
