/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Traffic between two guests whose every byte is checked, to run across migrations.
 *
 *   load serve PORT                 prints "listening" and answers both of the following, for ever
 *   load stream HOST PORT SECONDS   reads a TCP stream of numbered words and checks each one
 *   load udp HOST PORT SECONDS      sends a datagram each millisecond and counts what comes back, as long as something does
 *   load dirty MIB MIB_A_SECOND     fills that much memory and prints "ready"; then writes 8 bytes to pages of it, so many of them, for ever
 *   load stamp MIB MIB_A_SECOND FILE  goes round that much memory and changes each word of each page to the next round's; checks all of it ten times a second, for ever
 *   load chat HOST PORT FILE        as stream, slowly, for ever
 *
 * stream and udp end with one line of JSON. stamp and chat keep a line in FILE: "ok N", where N grows with what was checked, or "broken" and what is.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define WORDS 16384 /* 128 KiB at once, as iperf3 */
#define CHAT_WORDS 2048
#define PROBES_MAX 4000000

static uint64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static _Noreturn void give_up(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* The word at that place of the stream. */
static uint64_t word(uint64_t index)
{
	index += 0x9e3779b97f4a7c15;
	index = (index ^ index >> 30) * 0xbf58476d1ce4e5b9;
	index = (index ^ index >> 27) * 0x94d049bb133111eb;
	return index ^ index >> 31;
}

static int open_socket(int type, const char *host, int port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, type, 0), on = 1, room = 4 << 20;

	if (fd < 0)
		give_up("socket");
	/* What arrives in one burst after a freeze must not be lost here. */
	if (type == SOCK_DGRAM)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (host && inet_pton(AF_INET, host, &address.sin_addr) != 1)
		give_up("address");
	if ((host ? connect : bind)(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		give_up(host ? "connect" : "bind");
	return fd;
}

static void serve_stream(int fd)
{
	uint64_t words[WORDS], index = 0;

	for (;;) {
		size_t sent = 0;

		for (unsigned i = 0; i < WORDS; i++)
			words[i] = word(index++);
		while (sent < sizeof(words)) {
			ssize_t count = write(fd, (char *)words + sent, sizeof(words) - sent);

			if (count <= 0)
				exit(0);
			sent += (size_t)count;
		}
	}
}

static void serve(int port)
{
	int listener = open_socket(SOCK_STREAM, NULL, port), echo = open_socket(SOCK_DGRAM, NULL, port);
	struct pollfd fds[2] = { { .fd = listener, .events = POLLIN }, { .fd = echo, .events = POLLIN } };

	signal(SIGCHLD, SIG_IGN);
	if (listen(listener, 8) < 0)
		give_up("listen");
	puts("listening");
	fflush(stdout);
	for (;;) {
		poll(fds, 2, -1);
		if (fds[0].revents) {
			int fd = accept(listener, NULL, NULL);

			if (fd >= 0 && !fork())
				serve_stream(fd);
			close(fd);
		}
		if (fds[1].revents) {
			struct sockaddr_in from;
			socklen_t size = sizeof(from);
			char bytes[2048];
			ssize_t count = recvfrom(echo, bytes, sizeof(bytes), 0, (struct sockaddr *)&from, &size);

			if (count > 0)
				sendto(echo, bytes, (size_t)count, 0, (struct sockaddr *)&from, size);
		}
	}
}

static void stream(const char *host, int port, double seconds)
{
	uint64_t start = now_us(), last = start, stall = 0, index = 0, errors = 0, words[WORDS];
	int fd = open_socket(SOCK_STREAM, host, port);
	size_t have = 0;

	while ((double)(now_us() - start) < seconds * 1e6) {
		ssize_t count = read(fd, (char *)words + have, sizeof(words) - have);
		uint64_t now = now_us();

		if (count <= 0)
			give_up("stream ended");
		stall = now - last > stall ? now - last : stall;
		last = now;
		have += (size_t)count;
		for (size_t i = 0; i < have / 8; i++)
			errors += words[i] != word(index++);
		memmove(words, words + have / 8, have % 8);
		have %= 8;
	}
	printf("{\"bytes\":%llu,\"errors\":%llu,\"mbitPerSecond\":%.1f,\"longestStallMs\":%.1f}\n", (unsigned long long)index * 8,
	       (unsigned long long)errors, (double)index * 64 / (double)(now_us() - start), (double)stall / 1e3);
}

static void udp(const char *host, int port, double seconds)
{
	static uint8_t seen[PROBES_MAX];
	uint64_t start = now_us(), last = 0, news = start, gap = 0, sent = 0, received = 0, duplicates = 0, orphans = 0, reordered = 0, highest = 0, longest = 0;
	int fd = open_socket(SOCK_DGRAM, host, port);
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };

	for (;;) {
		uint64_t now = now_us(), due = start + sent * 1000, message[2];
		bool sends = now >= due && (double)(now - start) < seconds * 1e6;

		/* One second more, for those that are still on their way, or for what comes twice; and as long as some are missing and others come. */
		if ((double)(now - start) >= (seconds + 1) * 1e6 && (received == sent || now - news > 1000000))
			break;
		/* What a busy host kept us from sending in time is sent later, or never; receiving must not wait for it. */
		if (sends) {
			message[0] = sent;
			message[1] = now;
			/* What the own kernel does not take was not sent: the same number is tried again. */
			sent += send(fd, message, sizeof(message), MSG_DONTWAIT) == (ssize_t)sizeof(message);
		}
		poll(&poll_fd, 1, sends ? 0 : 1);
		while (recv(fd, message, sizeof(message), MSG_DONTWAIT) == (ssize_t)sizeof(message) && message[0] < PROBES_MAX) {
			now = now_us();
			/* An answer to what was never asked: somebody is ahead of us in time. */
			orphans += message[0] >= sent;
			if (!seen[message[0]]) {
				received++;
				news = now;
			}
			duplicates += seen[message[0]];
			seen[message[0]] = 1;
			reordered += message[0] < highest;
			highest = message[0] > highest ? message[0] : highest;
			gap = last && now - last > gap ? now - last : gap;
			longest = now - message[1] > longest ? now - message[1] : longest;
			last = now;
		}
	}
	printf("{\"sent\":%llu,\"received\":%llu,\"duplicates\":%llu,\"orphans\":%llu,\"reordered\":%llu,\"longestGapMs\":%.1f,\"longestRoundTripMs\":%.1f}\n",
	       (unsigned long long)sent, (unsigned long long)received, (unsigned long long)duplicates, (unsigned long long)orphans, (unsigned long long)reordered,
	       (double)gap / 1e3, (double)longest / 1e3);
}

static void dirty(size_t megabytes, double rate)
{
	size_t pages = megabytes * 256;
	uint64_t *memory = malloc(pages * 4096), start, written = 0;

	if (!memory)
		give_up("memory");
	/* Every page is there, and none compresses. */
	for (size_t i = 0; i < pages * 512; i++)
		memory[i] = word(i);
	puts("ready");
	fflush(stdout);
	start = now_us();
	for (;;) {
		while ((double)written < rate * 256 * (double)(now_us() - start) / 1e6) {
			memory[word(written) % pages * 512] = written;
			written++;
		}
		usleep(10000);
	}
}

static void tell(const char *file, const char *verdict, uint64_t number)
{
	char text[100], next[256];
	int fd, length = snprintf(text, sizeof(text), "%s %llu\n", verdict, (unsigned long long)number);

	snprintf(next, sizeof(next), "%s.next", file);
	fd = open(next, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	if (fd < 0 || write(fd, text, (size_t)length) != length || close(fd) < 0 || rename(next, file) < 0)
		give_up(file);
}

/* The words of a page in a round; ("round", "page") are told by each of them. */
static uint64_t stamped(uint64_t round, uint64_t page, unsigned at)
{
	return word(round << 32 | page) + at;
}

static bool page_holds(const uint64_t *page, uint64_t round, uint64_t number)
{
	uint64_t first = stamped(round, number, 0);

	for (unsigned i = 0; i < 512; i++)
		if (page[i] != first + i)
			return false;
	return true;
}

static void page_stamp(uint64_t *page, uint64_t round, uint64_t number)
{
	uint64_t first = stamped(round, number, 0);

	for (unsigned i = 0; i < 512; i++)
		page[i] = first + i;
}

/* At any moment the pages up to one place are of this round, the others of the last one: a page of another round, or of another place, is a page that a copy lost. */
static void stamp(size_t megabytes, double rate, const char *file)
{
	uint64_t pages = megabytes * 256, *memory = malloc(pages * 4096), done = 0, checks = 0, next_check = now_us();

	if (!memory)
		give_up("memory");
	for (uint64_t i = 0; i < pages; i++)
		page_stamp(memory + i * 512, 0, i);
	for (;;) {
		/* A host that is too slow for the rate is not asked to make up for it. */
		for (unsigned i = 0; i < (unsigned)(rate * 256 / 100); i++, done++)
			page_stamp(memory + done % pages * 512, done / pages + 1, done % pages);
		if (now_us() >= next_check) {
			for (uint64_t i = 0; i < pages; i++) {
				if (!page_holds(memory + i * 512, i < done % pages ? done / pages + 1 : done / pages, i)) {
					tell(file, "broken: page", i);
					exit(1);
				}
			}
			tell(file, "ok", ++checks);
			next_check = now_us() + 100000;
		}
		usleep(10000);
	}
}

static void chat(const char *host, int port, const char *file)
{
	uint64_t index = 0, words[CHAT_WORDS], next = 0;
	int fd = open_socket(SOCK_STREAM, host, port);
	size_t have = 0;

	for (;;) {
		ssize_t count = read(fd, (char *)words + have, sizeof(words) - have);

		if (count <= 0) {
			tell(file, "broken: the connection ended with", (uint64_t)errno);
			exit(1);
		}
		have += (size_t)count;
		for (size_t i = 0; i < have / 8; i++) {
			if (words[i] != word(index++)) {
				tell(file, "broken: word", index);
				exit(1);
			}
		}
		memmove(words, words + have / 8, have % 8);
		have %= 8;
		if (now_us() >= next) {
			tell(file, "ok", index);
			next = now_us() + 50000;
		}
		usleep(10000);
	}
}

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	if (argc == 3 && !strcmp(argv[1], "serve"))
		serve(atoi(argv[2]));
	else if (argc == 5 && !strcmp(argv[1], "stream"))
		stream(argv[2], atoi(argv[3]), atof(argv[4]));
	else if (argc == 5 && !strcmp(argv[1], "udp"))
		udp(argv[2], atoi(argv[3]), atof(argv[4]));
	else if (argc == 4 && !strcmp(argv[1], "dirty"))
		dirty((size_t)atoi(argv[2]), atof(argv[3]));
	else if (argc == 5 && !strcmp(argv[1], "stamp"))
		stamp((size_t)atoi(argv[2]), atof(argv[3]), argv[4]);
	else if (argc == 5 && !strcmp(argv[1], "chat"))
		chat(argv[2], atoi(argv[3]), argv[4]);
	else
		fprintf(stderr, "load: serve PORT | stream HOST PORT SECONDS | udp HOST PORT SECONDS | dirty MIB MIB_A_SECOND | stamp MIB MIB_A_SECOND FILE | chat HOST PORT FILE\n");
	return 0;
}
