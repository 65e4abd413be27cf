/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The only program besides load of a machine that is compared with ours: its init. Runs `load dirty` with what the kernel's command line says (MIB=, RATE=; no RATE or 0: not
 * at all), and when that has filled its memory writes a byte to I/O port 0xe9 each millisecond, so that whoever reads it outside sees for how long the machine stands still.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <time.h>
#include <unistd.h>

#include "period.h"

#define PORT 0xe9

static void start_load(const char *megabytes, const char *rate)
{
	int line[2];
	char byte;

	if (pipe(line) < 0)
		_exit(1);
	if (!fork()) {
		dup2(line[1], 1);
		execl("/load", "load", "dirty", megabytes, rate, NULL);
		_exit(1);
	}
	close(line[1]);
	while (read(line[0], &byte, 1) == 1 && byte != '\n')
		;
}

int main(void)
{
	const char *megabytes = getenv("MIB"), *rate = getenv("RATE");
	struct timespec next;

	/* The kernel gives init no descriptors where there is no console. */
	while (open("/init", O_RDONLY) < 2)
		;
	if (iopl(3) < 0)
		return 1;
	if (megabytes && rate && strcmp(rate, "0"))
		start_load(megabytes, rate);
	clock_gettime(CLOCK_MONOTONIC, &next);
	for (;;) {
		outb('.', PORT);
		sleep_a_period(&next);
	}
}
