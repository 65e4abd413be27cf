/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "../../src/loop.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "check.h"

#define TIMERS 1000
#define LETTERS 10000

struct order {
	struct loop *loop;
	uint64_t last;
	unsigned fired, wanted;
};

struct entry {
	struct order *order;
	struct loop_timer timer;
	uint64_t when;
};

static void entry_fired(void *arg)
{
	struct entry *entry = arg;

	CHECK(entry->when >= entry->order->last);
	CHECK(loop_now(entry->order->loop) >= entry->when);
	CHECK(!entry->timer.set);
	entry->order->last = entry->when;
	if (++entry->order->fired == entry->order->wanted)
		loop_stop(entry->order->loop);
}

static void timersFireInOrderAlsoAfterMovesAndCancels(void)
{
	struct order order = { .loop = loop_create() };
	struct entry *entries = calloc(TIMERS, sizeof(*entries));
	uint64_t begin = loop_now(order.loop);

	srandom(7);
	for (int i = 0; i < TIMERS; i++) {
		entries[i].order = &order;
		entries[i].when = begin + (uint64_t)(random() % 20000);
		loop_timer_init(&entries[i].timer, entry_fired, &entries[i]);
		loop_timer_set(order.loop, &entries[i].timer, entries[i].when);
	}
	for (int i = 0; i < TIMERS; i += 3) {
		entries[i].when = begin + (uint64_t)(random() % 20000);
		loop_timer_set(order.loop, &entries[i].timer, entries[i].when);
	}
	order.wanted = TIMERS;
	for (int i = 1; i < TIMERS; i += 3) {
		loop_timer_cancel(order.loop, &entries[i].timer);
		loop_timer_cancel(order.loop, &entries[i].timer);
		order.wanted--;
	}
	CHECK_EQUAL(0, loop_run(order.loop));
	CHECK_EQUAL(order.wanted, order.fired);
	free(entries);
	loop_destroy(order.loop);
}

struct late {
	struct loop *loop;
	struct loop_timer timer;
	uint64_t when;
	unsigned rounds, prompt;
};

static void late_fired(void *arg)
{
	struct late *late = arg;

	if (loop_now(late->loop) - late->when < 400)
		late->prompt++;
	if (++late->rounds == 50) {
		loop_stop(late->loop);
		return;
	}
	late->when = loop_now(late->loop) + 500;
	loop_timer_set(late->loop, &late->timer, late->when);
}

static void aTimerIsNotRoundedToMilliseconds(void)
{
	struct late late = { .loop = loop_create() };

	loop_timer_init(&late.timer, late_fired, &late);
	late.when = loop_now(late.loop) + 500;
	loop_timer_set(late.loop, &late.timer, late.when);
	CHECK_EQUAL(0, loop_run(late.loop));
	/* Rounded up to a millisecond, none could be prompt. A busy machine delays some, not nearly all. */
	CHECK_BETWEEN(10, 50, late.prompt);
	loop_destroy(late.loop);
}

struct pair {
	struct loop *loop;
	int fds[2][2];
	struct loop_watch *watches[2];
	unsigned calls;
};

static void pair_ready(void *arg, uint32_t events)
{
	struct pair *pair = arg;

	CHECK(events & EPOLLIN);
	pair->calls++;
	/* Both are ready in the same batch; whoever comes first removes both. */
	loop_unwatch(pair->watches[0]);
	loop_unwatch(pair->watches[1]);
	loop_stop(pair->loop);
}

static void stop_now(void *arg)
{
	loop_stop(arg);
}

static void aWatchRemovedInTheSameRoundIsNotCalled(void)
{
	struct pair pair = { .loop = loop_create() };
	struct loop_timer timer;

	for (int i = 0; i < 2; i++) {
		CHECK_EQUAL(0, pipe(pair.fds[i]));
		CHECK_EQUAL(1, write(pair.fds[i][1], "x", 1));
		pair.watches[i] = loop_watch_fd(pair.loop, pair.fds[i][0], EPOLLIN, pair_ready, &pair);
		CHECK(pair.watches[i]);
	}
	CHECK_EQUAL(0, loop_run(pair.loop));
	loop_timer_init(&timer, stop_now, pair.loop);
	loop_timer_set(pair.loop, &timer, loop_now(pair.loop) + 1000);
	CHECK_EQUAL(0, loop_run(pair.loop));
	CHECK_EQUAL(1, pair.calls);
	for (int i = 0; i < 4; i++)
		close(pair.fds[i / 2][i % 2]);
	loop_destroy(pair.loop);
}

struct post {
	struct loop *loop;
	unsigned long next;
};

struct letter {
	struct post *post;
	unsigned long number;
};

static void letter_read(void *arg)
{
	struct letter *letter = arg;

	CHECK_EQUAL(letter->post->next, letter->number);
	letter->post->next++;
	if (letter->number == LETTERS - 1)
		loop_stop(letter->post->loop);
	free(letter);
}

static void *writer(void *arg)
{
	for (unsigned long i = 0; i < LETTERS; i++) {
		struct letter *letter = malloc(sizeof(*letter));

		*letter = (struct letter){ .post = arg, .number = i };
		CHECK_EQUAL(0, loop_post(letter->post->loop, letter_read, letter));
	}
	return NULL;
}

static void lettersOfAThreadArriveAllAndInOrder(void)
{
	struct post post = { .loop = loop_create() };
	pthread_t thread;

	CHECK_EQUAL(0, pthread_create(&thread, NULL, writer, &post));
	CHECK_EQUAL(0, loop_run(post.loop));
	CHECK_EQUAL(LETTERS, post.next);
	pthread_join(thread, NULL);
	loop_destroy(post.loop);
}

int main(void)
{
	alarm(60);
	timersFireInOrderAlsoAfterMovesAndCancels();
	aTimerIsNotRoundedToMilliseconds();
	aWatchRemovedInTheSameRoundIsNotCalled();
	lettersOfAThreadArriveAllAndInOrder();
	return 0;
}
