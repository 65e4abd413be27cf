/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Measures for how long a machine does not answer.
 *
 *   probe echo PORT          sends back each datagram
 *   probe beacon HOST PORT   sends a numbered datagram each millisecond, for ever
 *   probe watch PORT         says "listening" and counts those. Each line that comes on standard input asks for the longest time without one since the line before:
 *                            prints "gap MILLISECONDS sent N lost N"; sent are those up to the last that came
 *   probe run HOST PORT      sends a numbered datagram each millisecond until its standard input ends. Each line that comes on standard
 *                            input asks for the longest time without an answer since the line before: prints
 *                            "gap MILLISECONDS sent N lost N rtt P50 P95 MAX", the round trips in microseconds; those are of the last 65536 answers
 *
 * An answer that comes late is no loss: lost are those that had not come when the question was asked, but for the last 500 ms.
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

#include "period.h"
#include "port.h"

#define WINDOW (1 << 20)
#define LATE 500
#define TIMES 65536

static uint8_t answered[WINDOW / 8];
static uint32_t round_trips[TIMES], sorted[TIMES];
static unsigned long answers;

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static int open_socket(const char *host, int port, int serve)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0 || (host && inet_pton(AF_INET, host, &address.sin_addr) != 1) ||
	    (serve ? bind_port(fd, port) : connect(fd, (struct sockaddr *)&address, sizeof(address))) < 0) {
		printf("broken %s\n", strerror(errno));
		exit(1);
	}
	return fd;
}

static _Noreturn void echo(int port)
{
	int fd = open_socket(NULL, port, 1);
	struct sockaddr_in from;
	char datagram[2048];

	puts("listening");
	fflush(stdout);
	for (;;) {
		socklen_t size = sizeof(from);
		ssize_t n = recvfrom(fd, datagram, sizeof(datagram), 0, (struct sockaddr *)&from, &size);

		if (n >= 0)
			sendto(fd, datagram, (size_t)n, 0, (struct sockaddr *)&from, size);
	}
}

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* The round trip that so many of a hundred are not longer than. */
static unsigned percentile(size_t count, unsigned percent)
{
	return count ? sorted[(count * percent + 99) / 100 - 1] : 0;
}

static void note_silence(uint64_t *longest, uint64_t since, uint64_t now)
{
	if (now - since > *longest)
		*longest = now - since;
}

static void report(uint64_t *longest, uint64_t last, uint64_t sent, uint64_t *asked)
{
	size_t count = answers < TIMES ? answers : TIMES;
	uint64_t lost = 0, until = sent > LATE ? sent - LATE : 0;

	note_silence(longest, last, now_ns());
	for (uint64_t number = *asked; number < until; number++)
		lost += !(answered[number % WINDOW / 8] >> number % 8 & 1);
	memcpy(sorted, round_trips, count * sizeof(sorted[0]));
	qsort(sorted, count, sizeof(sorted[0]), compare);
	answers = 0;
	printf("gap %.1f sent %llu lost %llu rtt %u %u %u\n", (double)*longest / 1e6, (unsigned long long)(until > *asked ? until - *asked : 0),
	       (unsigned long long)lost, percentile(count, 50), percentile(count, 95), percentile(count, 100));
	fflush(stdout);
	if (until > *asked)
		*asked = until;
	*longest = 0;
}

static _Noreturn void beacon(const char *host, int port)
{
	int fd = open_socket(host, port, 0);
	struct timespec next;

	clock_gettime(CLOCK_MONOTONIC, &next);
	for (uint64_t number = 0;; number++) {
		send(fd, &number, sizeof(number), MSG_DONTWAIT);
		sleep_a_period(&next);
	}
}

static int watch(int port)
{
	int fd = open_socket(NULL, port, 1);
	uint64_t last = now_ns(), longest = 0, first = 0, next = 0, came = 0;

	puts("listening");
	fflush(stdout);
	for (;;) {
		struct pollfd fds[2] = { { .fd = fd, .events = POLLIN }, { .fd = 0, .events = POLLIN } };
		char line[256];
		uint64_t number, at;

		if (poll(fds, 2, -1) < 0)
			return 1;
		while (recv(fd, &number, sizeof(number), MSG_DONTWAIT) == sizeof(number)) {
			at = now_ns();
			note_silence(&longest, last, at);
			last = at;
			came++;
			if (number >= next)
				next = number + 1;
		}
		if (fds[1].revents) {
			if (read(0, line, sizeof(line)) <= 0)
				return 0;
			note_silence(&longest, last, now_ns());
			printf("gap %.1f sent %llu lost %lld\n", (double)longest / 1e6, (unsigned long long)(next - first), (long long)(next - first - came));
			fflush(stdout);
			first = next;
			came = longest = 0;
		}
	}
}

static int run(const char *host, int port)
{
	int fd = open_socket(host, port, 0);
	uint64_t start = now_ns(), sent = 0, asked = 0, last = start, longest = 0;

	for (;;) {
		uint64_t now = now_ns(), due = start + sent * PERIOD_NS;
		struct timespec wait = { .tv_nsec = due > now ? (long)(due - now) : 0 };
		struct pollfd fds[2] = { { .fd = fd, .events = POLLIN }, { .fd = 0, .events = POLLIN } };
		char line[256];
		uint64_t message[2];

		if (wait.tv_nsec > PERIOD_NS)
			wait.tv_nsec = PERIOD_NS;
		if (ppoll(fds, 2, &wait, NULL) < 0)
			return 1;
		while (recv(fd, message, sizeof(message), MSG_DONTWAIT) == sizeof(message)) {
			uint64_t at = now_ns(), number = message[0];

			if (number >= sent)
				continue;
			note_silence(&longest, last, at);
			last = at;
			round_trips[answers++ % TIMES] = (uint32_t)((at - message[1]) / 1000);
			answered[number % WINDOW / 8] |= (uint8_t)(1 << number % 8);
		}
		if (fds[1].revents) {
			if (read(0, line, sizeof(line)) <= 0)
				return 0;
			report(&longest, last, sent, &asked);
		}
		if (now_ns() >= due) {
			answered[sent % WINDOW / 8] &= (uint8_t)~(1 << sent % 8);
			message[0] = sent++;
			message[1] = now_ns();
			send(fd, message, sizeof(message), MSG_DONTWAIT);
		}
	}
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "echo"))
		echo(atoi(argv[2]));
	if (argc == 4 && !strcmp(argv[1], "run"))
		return run(argv[2], atoi(argv[3]));
	if (argc == 4 && !strcmp(argv[1], "beacon"))
		beacon(argv[2], atoi(argv[3]));
	if (argc == 3 && !strcmp(argv[1], "watch"))
		return watch(atoi(argv[2]));
	fputs("Usage: probe echo PORT | probe run HOST PORT | probe beacon HOST PORT | probe watch PORT\n", stderr);
	return 2;
}
