/* SPDX-License-Identifier: Apache-2.0 */
/* A port to serve at, although a program that served there before may be about to end. */
#ifndef PORT_H
#define PORT_H

#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <sys/socket.h>
#include <time.h>

#define PORT_TRIES 100
#define PORT_PAUSE_NS 50000000

/* As bind(). */
static inline int bind_port(int fd, int port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };

	for (int tries = 0; bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0; tries++) {
		if (errno != EADDRINUSE || tries == PORT_TRIES)
			return -1;
		nanosleep(&(struct timespec){ .tv_nsec = PORT_PAUSE_NS }, NULL);
	}
	return 0;
}

#endif
