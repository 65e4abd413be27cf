/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One epoll loop for everything a process does.
 *
 * A round is: wait, fetch the clock, run the callbacks of descriptors that are ready, then the timers that are due. All callbacks
 * run on the loop's thread, one after the other; none may block.
 *
 * Watches. A callback may remove any watch, also one whose event lies further back in the batch that epoll has just returned.
 * A removed watch is therefore only marked (its fn becomes NULL, the descriptor leaves epoll at once) and put on a list that is freed when
 * the batch is done.
 *
 * Timers lie in a pairing heap whose links are part of the timers: setting and cancelling allocate nothing and cannot fail.
 * The first one arms a timerfd, which is exact to the microsecond (epoll's own timeout is not). The timerfd is set again
 * only when the first deadline moved to an earlier time; a wake-up that finds nothing due sets it anew, so that a timer which is pushed back
 * with each packet costs one system call per period and not one per packet.
 *
 * What runs a loop answers events, each in a few microseconds, beside guests that compute for as long as they are let: so it asks for short turns (turns.h). Children and other threads
 * have usual ones.
 *
 * The mailbox is a list under a mutex and an eventfd. It is the only thing that two threads share.
 */
#define _GNU_SOURCE
#include "loop.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "clock.h"
#include "turns.h"

#define LOOP_BATCH 64
#define LOOP_UNARMED UINT64_MAX

struct loop_watch {
	struct loop *loop;
	int fd;
	uint32_t events;
	void (*fn)(void *arg, uint32_t events); /* NULL: removed */
	void *arg;
	struct loop_watch *next, **link;
};

struct loop_letter {
	void (*fn)(void *arg);
	void *arg;
	struct loop_letter *next;
};

struct loop {
	int epoll_fd, timer_fd, event_fd;
	bool stopping;
	uint64_t now;
	uint64_t armed; /* what the timerfd is set to */
	struct loop_timer *timers; /* root of the heap */
	struct loop_watch *watches, *removed;
	struct loop_watch *timer_watch, *event_watch;
	pthread_mutex_t lock; /* guards the two below */
	struct loop_letter *letters, **last_letter;
};

/* Pairing heap: each node's children are a list by `next`; `previous` is the left sibling, or the parent for the first child. */

static struct loop_timer *heap_merge(struct loop_timer *a, struct loop_timer *b)
{
	if (!a)
		return b;
	if (!b)
		return a;
	if (b->when < a->when) {
		struct loop_timer *swap = a;

		a = b;
		b = swap;
	}
	b->previous = a;
	b->next = a->child;
	if (a->child)
		a->child->previous = b;
	a->child = b;
	return a;
}

/* Merges a list of siblings into one heap: pairs from the left, then all pairs together. */
static struct loop_timer *heap_merge_list(struct loop_timer *list)
{
	struct loop_timer *pairs = NULL, *heap = NULL;

	while (list) {
		struct loop_timer *a = list, *b = a->next, *pair;

		list = b ? b->next : NULL;
		a->next = a->previous = NULL;
		if (b)
			b->next = b->previous = NULL;
		pair = heap_merge(a, b);
		pair->next = pairs;
		pairs = pair;
	}
	while (pairs) {
		struct loop_timer *rest = pairs->next;

		pairs->next = NULL;
		heap = heap_merge(heap, pairs);
		pairs = rest;
	}
	return heap;
}

static void heap_remove(struct loop *loop, struct loop_timer *timer)
{
	struct loop_timer *children = heap_merge_list(timer->child);

	if (timer == loop->timers) {
		loop->timers = children;
	} else {
		if (timer->previous->child == timer)
			timer->previous->child = timer->next;
		else
			timer->previous->next = timer->next;
		if (timer->next)
			timer->next->previous = timer->previous;
		loop->timers = heap_merge(loop->timers, children);
	}
	timer->child = timer->next = timer->previous = NULL;
	timer->set = false;
}

static void timer_arm(struct loop *loop, uint64_t when)
{
	struct itimerspec spec = { 0 };

	/* An all-zero value would disarm. */
	spec.it_value.tv_sec = (time_t)(when / 1000000);
	spec.it_value.tv_nsec = (long)(when % 1000000) * 1000;
	if (!when)
		spec.it_value.tv_nsec = 1;
	timerfd_settime(loop->timer_fd, TFD_TIMER_ABSTIME, &spec, NULL);
	loop->armed = when;
}

void loop_timer_init(struct loop_timer *timer, void (*fn)(void *arg), void *arg)
{
	*timer = (struct loop_timer){ .fn = fn, .arg = arg };
}

void loop_timer_set(struct loop *loop, struct loop_timer *timer, uint64_t when)
{
	if (timer->set)
		heap_remove(loop, timer);
	timer->when = when;
	timer->set = true;
	loop->timers = heap_merge(loop->timers, timer);
	if (when < loop->armed)
		timer_arm(loop, when);
}

void loop_timer_cancel(struct loop *loop, struct loop_timer *timer)
{
	if (timer->set)
		heap_remove(loop, timer);
}

static void timers_run(struct loop *loop)
{
	while (!loop->stopping && loop->timers && loop->timers->when <= loop->now) {
		struct loop_timer *timer = loop->timers;

		heap_remove(loop, timer);
		timer->fn(timer->arg);
	}
	if (loop->timers && loop->timers->when < loop->armed)
		timer_arm(loop, loop->timers->when);
}

static void timer_ready(void *arg, uint32_t events)
{
	struct loop *loop = arg;

	(void)events;
	loop->armed = LOOP_UNARMED; /* timers_run follows and arms it again */
}

static void mailbox_ready(void *arg, uint32_t events)
{
	struct loop *loop = arg;
	struct loop_letter *letters;
	uint64_t count;

	(void)events;
	if (read(loop->event_fd, &count, sizeof(count)) < 0)
		return;
	pthread_mutex_lock(&loop->lock);
	letters = loop->letters;
	loop->letters = NULL;
	loop->last_letter = &loop->letters;
	pthread_mutex_unlock(&loop->lock);
	while (letters) {
		struct loop_letter *letter = letters;

		letters = letter->next;
		letter->fn(letter->arg);
		free(letter);
	}
}

int loop_post(struct loop *loop, void (*fn)(void *arg), void *arg)
{
	struct loop_letter *letter = malloc(sizeof(*letter));
	const uint64_t one = 1;

	if (!letter)
		return -ENOMEM;
	*letter = (struct loop_letter){ .fn = fn, .arg = arg };
	pthread_mutex_lock(&loop->lock);
	*loop->last_letter = letter;
	loop->last_letter = &letter->next;
	/* Cannot fail: the counter never comes near its end. Under the lock, so that a letter never outlives the loop unseen. */
	while (write(loop->event_fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
	pthread_mutex_unlock(&loop->lock);
	return 0;
}

struct loop_watch *loop_watch_fd(struct loop *loop, int fd, uint32_t events,
				 void (*fn)(void *arg, uint32_t events), void *arg)
{
	struct loop_watch *watch = calloc(1, sizeof(*watch));
	struct epoll_event event = { .events = events, .data.ptr = watch };

	if (!watch)
		return NULL;
	*watch = (struct loop_watch){ .loop = loop, .fd = fd, .events = events, .fn = fn, .arg = arg };
	if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0) {
		free(watch);
		return NULL;
	}
	watch->next = loop->watches;
	watch->link = &loop->watches;
	if (watch->next)
		watch->next->link = &watch->next;
	loop->watches = watch;
	return watch;
}

int loop_watch_events(struct loop_watch *watch, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = watch };

	if (watch->events == events)
		return 0;
	if (epoll_ctl(watch->loop->epoll_fd, EPOLL_CTL_MOD, watch->fd, &event) < 0)
		return -errno;
	watch->events = events;
	return 0;
}

void loop_unwatch(struct loop_watch *watch)
{
	struct loop *loop;

	if (!watch)
		return;
	loop = watch->loop;
	epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, watch->fd, NULL);
	watch->fn = NULL;
	*watch->link = watch->next;
	if (watch->next)
		watch->next->link = watch->link;
	watch->next = loop->removed;
	loop->removed = watch;
}

static void watches_free(struct loop_watch **list)
{
	while (*list) {
		struct loop_watch *watch = *list;

		*list = watch->next;
		free(watch);
	}
}

uint64_t loop_now(struct loop *loop)
{
	return loop->now;
}

int loop_run(struct loop *loop)
{
	struct epoll_event batch[LOOP_BATCH];

	loop->stopping = false;
	while (!loop->stopping) {
		int count = epoll_wait(loop->epoll_fd, batch, LOOP_BATCH, -1);

		if (count < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		loop->now = clock_us();
		for (int i = 0; i < count && !loop->stopping; i++) {
			struct loop_watch *watch = batch[i].data.ptr;

			if (watch->fn)
				watch->fn(watch->arg, batch[i].events);
		}
		timers_run(loop);
		watches_free(&loop->removed);
	}
	return 0;
}

void loop_stop(struct loop *loop)
{
	loop->stopping = true;
}

struct loop *loop_create(void)
{
	struct loop *loop = calloc(1, sizeof(*loop));

	if (!loop)
		return NULL;
	loop->now = clock_us();
	loop->armed = LOOP_UNARMED;
	loop->last_letter = &loop->letters;
	pthread_mutex_init(&loop->lock, NULL);
	loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	loop->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	loop->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (loop->epoll_fd < 0 || loop->timer_fd < 0 || loop->event_fd < 0)
		goto fail;
	/* Told once of each expiry, it need not be read. */
	loop->timer_watch = loop_watch_fd(loop, loop->timer_fd, EPOLLIN | EPOLLET, timer_ready, loop);
	loop->event_watch = loop_watch_fd(loop, loop->event_fd, EPOLLIN, mailbox_ready, loop);
	if (!loop->timer_watch || !loop->event_watch)
		goto fail;
	turns_be_short(-1);
	return loop;
fail:
	loop_destroy(loop);
	return NULL;
}

void loop_destroy(struct loop *loop)
{
	if (!loop)
		return;
	watches_free(&loop->watches);
	watches_free(&loop->removed);
	while (loop->letters) {
		struct loop_letter *letter = loop->letters;

		loop->letters = letter->next;
		free(letter);
	}
	if (loop->epoll_fd >= 0)
		close(loop->epoll_fd);
	if (loop->timer_fd >= 0)
		close(loop->timer_fd);
	if (loop->event_fd >= 0)
		close(loop->event_fd);
	pthread_mutex_destroy(&loop->lock);
	free(loop);
}
