/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of TCP and of the disk. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "workload.h"

#define PORT 7000

/* Sends back what comes, a process a connection */
void tcp_echo_server(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	int server = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(server, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(server, 8) < 0) {
		perror("bind");
		exit(1);
	}
	printf("SERVER ready\n");
	while (1) {
		static char buffer[65536];
		int client = accept(server, NULL, NULL);
		ssize_t n;

		if (client < 0)
			continue;
		if (fork() == 0) {
			close(server);
			setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
			while ((n = read(client, buffer, sizeof(buffer))) > 0)
				if (write_all(client, buffer, n) < 0)
					break;
			_exit(0);
		}
		close(client);
	}
}

/* One connection for ever: blocks of random numbers go to the echo server and must come back as they were. */
void check_tcp(enum check check, const char *host)
{
	static uint32_t out[2048], in[2048];
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	uint32_t sent = 4711, expected = 4711;
	int fd, one = 1;

	inet_pton(AF_INET, host, &address.sin_addr);
	while (1) {
		fd = socket(AF_INET, SOCK_STREAM, 0);
		if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
			break;
		close(fd);
		sleep_ms(100);
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	for (uint64_t n = 0;; n++) {
		size_t words = 1 + n * 37 % 2048;

		for (size_t i = 0; i < words; i++)
			out[i] = next_random(&sent);
		if (write_all(fd, out, words * sizeof(*out)) < 0 || read_all(fd, in, words * sizeof(*in)) < 0) {
			check_fail(check, "the connection broke, errno %d", errno);
			return;
		}
		for (size_t i = 0; i < words; i++) {
			if (in[i] != next_random(&expected)) {
				check_fail(check, "wrong data in block %llu", (unsigned long long)n);
				return;
			}
		}
		check_step(check);
		sleep_ms(10);
	}
}

#define FILES 64
#define FILE_WORDS 16384

static void file_path(char *path, size_t size, const char *folder, uint64_t n)
{
	snprintf(path, size, "%s/f%llu", folder, (unsigned long long)(n % FILES));
}

/* Contents of the n-th file written: its length in words, n, and random numbers from n on */
static void write_file(const char *folder, uint64_t n, uint32_t words)
{
	static uint32_t data[FILE_WORDS];
	uint32_t seed = n + 1;
	char path[200];
	int fd;

	file_path(path, sizeof(path), folder, n);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);
	if (fd < 0) {
		check_fail(CHECK_DISK, "%s: open, errno %d", path, errno);
		return;
	}
	data[0] = words;
	data[1] = n;
	for (uint32_t i = 2; i < words; i++)
		data[i] = next_random(&seed);
	if (write_all(fd, data, words * sizeof(*data)) < 0 || fsync(fd) < 0)
		check_fail(CHECK_DISK, "%s: write or fsync, errno %d", path, errno);
	close(fd);
}

static void verify_file(const char *folder, uint64_t n)
{
	static uint32_t data[FILE_WORDS];
	uint32_t seed = n + 1;
	char path[200];
	int fd;

	file_path(path, sizeof(path), folder, n);
	fd = open(path, O_RDONLY);
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	if (fd < 0 || read_all(fd, data, 8) < 0 || data[1] != (uint32_t)n || data[0] > FILE_WORDS ||
	    read_all(fd, data + 2, (data[0] - 2) * sizeof(*data)) < 0) {
		check_fail(CHECK_DISK, "%s is not what was written", path);
	} else {
		for (uint32_t i = 2; i < data[0]; i++) {
			if (data[i] != next_random(&seed)) {
				check_fail(CHECK_DISK, "%s has a wrong word at %u", path, i);
				break;
			}
		}
	}
	close(fd);
}

/* Files are written and synced in turn, and older ones read again from the disk. */
void check_disk(const char *folder)
{
	uint32_t choice = 1;

	for (uint64_t n = 0;; n++) {
		write_file(folder, n, 1024 + next_random(&choice) % 15000);
		if (n > 3)
			verify_file(folder, n - 1 - next_random(&choice) % (n < 60 ? n - 1 : 60));
		check_step(CHECK_DISK);
		sleep_ms(2);
	}
}
