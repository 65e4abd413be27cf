/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of a consistent cut on one link: what is held back, what is recorded, and when a channel is complete. */
#define _GNU_SOURCE
#include <jansson.h>

#include "link_hosts.h"

static unsigned overdue_calls;

static void overdue(void *arg)
{
	(void)arg;
	overdue_calls++;
}

static void send_number(const struct host *host, uint8_t number)
{
	uint8_t frame[60];

	memset(frame, number, sizeof(frame));
	send_frame(host, frame, sizeof(frame));
}

/* The numbers that came, one digit each. */
static unsigned receive_numbers(const struct host *host)
{
	static uint8_t frame[FRAME_MAX];
	unsigned numbers = 0;

	while (receive_frame(host, frame))
		numbers = numbers * 10 + frame[0];
	return numbers;
}

static void pair_open(struct host *a, struct host *b, bool offload)
{
	host_open(a, offload);
	host_open(b, offload);
	join(a, b, "chacha20");
	CHECK(!links_cut_begin(a->links, 7, overdue, NULL));
	CHECK(!links_cut_begin(b->links, 7, overdue, NULL));
}

static void pair_close(struct host *a, struct host *b)
{
	host_close(a);
	host_close(b);
}

static void cut(const struct host *host)
{
	links_pause(host->links);
	links_cut(host->links);
	links_resume(host->links);
	links_cut_release(host->links);
}

static unsigned recorded(const struct host *host, bool complete)
{
	uint8_t *frames = NULL;
	uint64_t lost;
	size_t size;
	json_t *list = links_cut_take(host->links, &frames, &size, &lost);
	int count = links_frames_count(frames, size, 1);

	CHECK(list && count >= 0);
	CHECK_EQUAL(complete, json_is_true(json_object_get(json_array_get(list, 0), "complete")));
	CHECK_EQUAL(count, json_integer_value(json_object_get(json_array_get(list, 0), "frames")));
	CHECK_EQUAL(0, lost);
	json_decref(list);
	free(frames);
	return (unsigned)count;
}

static void frames_from_after_the_cut_are_held_back(void)
{
	struct host a, b;

	pair_open(&a, &b, false);
	send_number(&a, 1);
	run_ms(4);
	cut(&a);
	CHECK_EQUAL(7, links_epoch(a.links));
	send_number(&a, 2);
	send_number(&a, 3);
	run_ms(4);
	CHECK_EQUAL(1, receive_numbers(&b));
	/* The other direction is not held up: those are from before b's cut, and a records them. */
	send_number(&b, 4);
	run_ms(4);
	CHECK_EQUAL(4, receive_numbers(&a));
	cut(&b);
	run_ms(4);
	CHECK_EQUAL(23, receive_numbers(&b));
	send_number(&a, 5);
	run_ms(4);
	CHECK_EQUAL(5, receive_numbers(&b));
	CHECK(links_cut_complete(a.links));
	CHECK(links_cut_complete(b.links));
	CHECK_EQUAL(1, recorded(&a, true));
	CHECK_EQUAL(0, recorded(&b, true));
	pair_close(&a, &b);
}

static void frames_on_their_way_are_recorded_and_delivered(void)
{
	struct host a, b;

	pair_open(&a, &b, true);
	cut(&b);
	send_number(&a, 1);
	send_number(&a, 2);
	run_ms(4);
	CHECK_EQUAL(12, receive_numbers(&b));
	CHECK(!links_cut_complete(b.links));
	cut(&a);
	send_number(&a, 3);
	run_ms(4);
	CHECK_EQUAL(3, receive_numbers(&b));
	CHECK(links_cut_complete(b.links));
	CHECK_EQUAL(2, recorded(&b, true));
	pair_close(&a, &b);
}

static void a_silent_peer_costs_patience_only(void)
{
	struct host a, b;

	pair_open(&a, &b, false);
	cut(&b);
	CHECK(!links_cut_complete(b.links));
	run_ms(600);
	CHECK(links_cut_complete(b.links));
	CHECK_EQUAL(0, recorded(&b, false));
	/* A later snapshot of both works. */
	links_cut_end(a.links);
	links_cut_end(b.links);
	CHECK(!links_cut_begin(a.links, 9, overdue, NULL));
	CHECK(!links_cut_begin(b.links, 9, overdue, NULL));
	cut(&a);
	cut(&b);
	run_ms(4);
	CHECK(links_cut_complete(a.links) && links_cut_complete(b.links));
	CHECK_EQUAL(0, recorded(&b, true));
	pair_close(&a, &b);
}

static void the_end_lets_held_frames_go(void)
{
	struct host a, b;

	pair_open(&a, &b, true);
	cut(&a);
	send_number(&a, 1);
	run_ms(4);
	CHECK_EQUAL(0, receive_numbers(&b));
	links_cut_end(b.links);
	CHECK_EQUAL(1, receive_numbers(&b));
	/* Who takes no part does not look at epochs. */
	send_number(&a, 2);
	run_ms(4);
	CHECK_EQUAL(2, receive_numbers(&b));
	CHECK_EQUAL(0, overdue_calls);
	pair_close(&a, &b);
}

static void the_epoch_moves_with_the_links(void)
{
	struct host a, b, c;
	uint8_t *frames;
	size_t size;
	json_t *state;
	char error[200];

	pair_open(&a, &b, false);
	cut(&a);
	links_pause(a.links);
	state = links_export(a.links, &a.guest, &frames, &size);
	CHECK(state);
	host_open(&c, false);
	links_pause(c.links);
	CHECK(!links_import(c.links, state, frames, size, error, sizeof(error)));
	CHECK_EQUAL(7, links_epoch(c.links));
	json_decref(state);
	free(frames);
	host_close(&c);
	pair_close(&a, &b);
}

/* What a saved guest sends before its peer is there. */
static void a_gate_keeps_frames_until_the_peer_is_heard(void)
{
	struct host a, b;

	host_open(&a, false);
	host_open(&b, false);
	links_gate(a.links);
	send_number(&a, 1);
	run_ms(4);
	plug(&a, 'a', links_port(b.links), "chacha20", NULL);
	send_number(&a, 2);
	run_ms(4);
	CHECK_EQUAL(0, counter(&a, "peer"));
	plug(&b, 'b', links_port(a.links), "chacha20", NULL);
	run_ms(20);
	CHECK_EQUAL(12, receive_numbers(&b));
	CHECK_EQUAL(0, counter(&a, "peer"));
	pair_close(&a, &b);
}

#define MANY 3000

static void number_frame(uint8_t frame[60], unsigned number)
{
	memset(frame, 0, 60);
	memcpy(frame, &number, sizeof(number));
}

static void send_many(const struct host *host)
{
	uint8_t frame[60];

	for (unsigned number = 0; number < MANY; number++) {
		number_frame(frame, number);
		send_frame(host, frame, sizeof(frame));
		if (number % 50 == 49)
			run_once(1);
	}
}

/* Reads so few at once that the socket is full most of the time; they come in order. */
static void expect_many(const struct host *host)
{
	static uint8_t frame[FRAME_MAX];
	unsigned number = 0, quiet = 0, got;

	while (number < MANY && quiet < 100) {
		bool came = false;

		for (unsigned i = 0; i < 100 && receive_frame(host, frame); i++, came = true) {
			memcpy(&got, frame, sizeof(got));
			CHECK_EQUAL(number, got);
			number++;
		}
		quiet = came ? 0 : quiet + 1;
		run_once(1);
	}
	CHECK_EQUAL(MANY, number);
	CHECK_EQUAL(0, counter(host, "guest"));
}

/* Far more than the sockets of an account without rights hold. */
static void what_comes_to_a_guest_that_stands_still_waits_for_it(void)
{
	struct host a, b;

	host_open(&a, false);
	host_open(&b, true);
	join(&a, &b, "chacha20");
	links_pause(b.links);
	send_many(&a);
	links_resume(b.links);
	expect_many(&b);
	host_close(&a);
	host_close(&b);
}

static void what_was_held_back_waits_for_the_guest(void)
{
	struct host a, b;

	pair_open(&a, &b, false);
	cut(&a);
	send_many(&a);
	cut(&b);
	expect_many(&b);
	pair_close(&a, &b);
}

/* What waits for the guest is part of its state: taken out, put back, and brought elsewhere, always in order. */
static void what_waits_moves_with_the_guest(void)
{
	struct host a, b, c;
	uint8_t *frames;
	size_t size;
	json_t *state;
	char error[200];

	host_open(&a, false);
	host_open(&b, false);
	join(&a, &b, "chacha20");
	links_pause(b.links);
	send_many(&a);
	links_resume(b.links);
	links_pause(b.links);
	state = links_export(b.links, &b.guest, &frames, &size);
	CHECK(state);
	CHECK_EQUAL(MANY, links_frames_count(frames, size, 1));
	host_open(&c, false);
	links_pause(c.links);
	CHECK(!links_import(c.links, state, frames, size, error, sizeof(error)));
	links_put_back(b.links, frames, size);
	links_resume(b.links);
	expect_many(&b);
	links_resume(c.links);
	expect_many(&c);
	json_decref(state);
	free(frames);
	host_close(&c);
	pair_close(&a, &b);
}

/* A guest that is just slow is no reason to keep frames for it. */
static void a_slow_guest_still_loses_frames(void)
{
	struct host a, b;

	host_open(&a, false);
	host_open(&b, false);
	join(&a, &b, "chacha20");
	send_many(&a);
	run_ms(4);
	CHECK(counter(&b, "guest") > 0);
	host_close(&a);
	host_close(&b);
}

int main(void)
{
	loop = loop_create();
	RUN(frames_from_after_the_cut_are_held_back);
	RUN(frames_on_their_way_are_recorded_and_delivered);
	RUN(a_silent_peer_costs_patience_only);
	RUN(the_end_lets_held_frames_go);
	RUN(the_epoch_moves_with_the_links);
	RUN(a_gate_keeps_frames_until_the_peer_is_heard);
	RUN(what_comes_to_a_guest_that_stands_still_waits_for_it);
	RUN(what_was_held_back_waits_for_the_guest);
	RUN(what_waits_moves_with_the_guest);
	RUN(a_slow_guest_still_loses_frames);
	loop_destroy(loop);
	return 0;
}
