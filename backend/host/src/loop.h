/* SPDX-License-Identifier: Apache-2.0 */
/* One epoll loop: descriptors, timers and a mailbox for other threads. Theory in loop.c. */
#ifndef MOBIHOST_LOOP_H
#define MOBIHOST_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct loop_watch;

/* Lives in its owner; set up with loop_timer_init and never copied while it is set. */
struct loop_timer {
	void (*fn)(void *arg);
	void *arg;
	uint64_t when; /* microseconds, as loop_now */
	bool set;
	struct loop_timer *child, *next, *previous; /* pairing heap */
};

/* NULL when the system refuses (errno tells why). */
struct loop *loop_create(void);
/* Frees the loop and all watches. Descriptors stay open: they belong to their owners. */
void loop_destroy(struct loop *loop);

/* Runs until loop_stop: 0. Negative errno when epoll itself fails. */
int loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

/* CLOCK_MONOTONIC in microseconds, fetched once a round. */
uint64_t loop_now(struct loop *loop);

/*
 * Calls fn whenever one of the EPOLL* events (level-triggered) holds on fd. NULL on failure (errno).
 * Unwatch before closing fd.
 */
struct loop_watch *loop_watch_fd(struct loop *loop, int fd, uint32_t events,
				 void (*fn)(void *arg, uint32_t events), void *arg);
/* Changes the events waited for; cheap when they are the same. 0 or negative errno. */
int loop_watch_events(struct loop_watch *watch, uint32_t events);
/* Safe from inside any callback, the watch's own too. NULL is allowed. */
void loop_unwatch(struct loop_watch *watch);

void loop_timer_init(struct loop_timer *timer, void (*fn)(void *arg), void *arg);
/* Fires once, at `when` or as soon after as the loop comes to it. Setting a set timer moves it. */
void loop_timer_set(struct loop *loop, struct loop_timer *timer, uint64_t when);
void loop_timer_cancel(struct loop *loop, struct loop_timer *timer);

/*
 * Makes the loop's thread run fn(arg), in the order posted. The only function that other threads may call.
 * 0, or -ENOMEM: then fn will not run.
 */
int loop_post(struct loop *loop, void (*fn)(void *arg), void *arg);

#endif
