/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the parts of the guest's self-checking program. */
#ifndef WORKLOAD_H
#define WORKLOAD_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* Each check is a process of its own; all share one page of counters. */
enum check {
	CHECK_PIPE, CHECK_TIMER, CHECK_SIGNAL, CHECK_MEMORY, CHECK_SHARED, CHECK_THREADS, CHECK_VECTOR, CHECK_LOOPBACK, CHECK_FORK,
	CHECK_NIC, CHECK_DISK, CHECK_COUNT
};

/* counts one more round of this check */
void check_step(enum check check);
/* counts an error, and keeps its text for the next report */
void check_fail(enum check check, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Run until they are killed. */
void check_pipe(void);
void check_timer(void);
void check_signal(void);
void check_memory(void);
void check_shared(void);
void check_threads(void);
void check_vector(void);
void check_fork(void);
void check_tcp(enum check check, const char *address);
void check_disk(const char *folder);
void tcp_echo_server(void);

/* Helpers of all parts. */
double clock_seconds(clockid_t clock);
void sleep_ms(int ms);
uint32_t next_random(uint32_t *state);
int write_all(int fd, const void *data, size_t size);
int read_all(int fd, void *data, size_t size);

#endif
