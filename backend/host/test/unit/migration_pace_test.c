/* SPDX-License-Identifier: Apache-2.0 */
/* When passes end, and how far a guest is slowed down: links and guests as numbers. */
#include "check.h"

#include "../../src/migration_pace.h"

struct guest {
	double bytes;		/* that the first pass sends */
	double working_set;	/* bytes that it writes to */
	double dirty;		/* bytes a second, when nothing slows it down */
	double shrink;		/* what is left of a page that is sent again */
	bool needs_time;	/* it writes less when it is slowed down */
};

struct outcome {
	double data_ms; /* what the final pass would take to send */
	unsigned passes, throttle;
};

/* Runs the passes of such a guest over such a link. */
static struct outcome migrate(const struct guest *guest, double rate, double round_trip, unsigned limit_ms, unsigned throttle_max)
{
	struct pace pace = { .downtime_limit_ms = limit_ms, .passes_max = 30, .throttle_max = throttle_max };
	double bytes = guest->bytes, seconds = 0, dirty;

	for (;;) {
		struct pace_pass pass = { .bytes = (uint64_t)bytes, .scan_seconds = 0.01, .send_seconds = bytes / rate, .round_trip_seconds = round_trip };
		bool goes_on;

		seconds = pass.scan_seconds + pass.send_seconds + round_trip;
		goes_on = pace_goes_on(&pace, &pass);
		CHECK(pace.throttle <= throttle_max);
		dirty = guest->dirty * (guest->needs_time ? (100 - pace.throttle) / 100.0 : 1) * seconds;
		bytes = (dirty < guest->working_set ? dirty : guest->working_set) * guest->shrink;
		if (!goes_on)
			return (struct outcome){ bytes / rate * 1e3, pace.passes, pace.throttle };
	}
}

static void an_idle_guest_takes_two_passes(void)
{
	const struct guest guest = { .bytes = 30e6, .working_set = 400e3, .dirty = 1e6, .shrink = 1 };
	struct outcome outcome = migrate(&guest, 1e9, 0.0001, 300, 99);

	CHECK_EQUAL(2, outcome.passes);
	CHECK_EQUAL(0, outcome.throttle);
}

static void a_busy_guest_on_a_fast_link_is_not_slowed_down(void)
{
	const struct guest guest = { .bytes = 250e6, .working_set = 64e6, .dirty = 50e6, .shrink = 1 };
	struct outcome outcome = migrate(&guest, 600e6, 0.0001, 300, 99);

	CHECK_EQUAL(0, outcome.throttle);
	CHECK_BETWEEN(3, 6, outcome.passes);
	CHECK_BETWEEN(0, 20, outcome.data_ms);
}

static void a_guest_that_writes_nearly_as_fast_as_passes_go_comes_down_to_little(void)
{
	const struct guest guest = { .bytes = 250e6, .working_set = 64e6, .dirty = 55e6, .shrink = 1 };
	struct outcome outcome = migrate(&guest, 80e6, 0.0001, 1000, 99);

	CHECK_EQUAL(0, outcome.throttle);
	CHECK_BETWEEN(4, 29, outcome.passes);
	CHECK_BETWEEN(0, 40, outcome.data_ms);
}

static void one_pass_that_was_held_up_is_no_reason_to_stop(void)
{
	struct pace pace = { .downtime_limit_ms = 300, .passes_max = 30 };
	const uint64_t bytes[] = { 200000000, 50000000, 20000000, 21000000, 9000000, 9000000, 9000000 };
	unsigned passes = 0;

	while (passes < sizeof(bytes) / sizeof(*bytes) && pace_goes_on(&pace, &(struct pace_pass){ .bytes = bytes[passes], .scan_seconds = 0.002, .send_seconds = (double)bytes[passes] / 500e6 }))
		passes++;
	CHECK_EQUAL(7, passes + 1);
}

static void what_only_a_running_guest_does_is_no_part_of_the_downtime(void)
{
	struct pace quick = { .downtime_limit_ms = 300, .passes_max = 30 }, slow = quick;
	const struct pace_pass pass = { .bytes = 1000000, .scan_seconds = 0.002, .send_seconds = 0.002 };
	struct pace_pass with_log = pass;

	with_log.log_seconds = 0.3;
	pace_goes_on(&quick, &pass);
	pace_goes_on(&slow, &with_log);
	CHECK(quick.expected_ms == slow.expected_ms);
	CHECK(slow.seconds > quick.seconds);
}

static void differences_converge_without_slowing_down(void)
{
	const struct guest guest = { .bytes = 25e6, .working_set = 20e6, .dirty = 2e6, .shrink = 0.01 };
	struct outcome outcome = migrate(&guest, 1e6, 0.17, 300, 99);

	CHECK_EQUAL(0, outcome.throttle);
	CHECK_BETWEEN(2, 4, outcome.passes);
	CHECK_BETWEEN(0, 50, outcome.data_ms);
}

static void a_guest_that_outruns_the_link_is_slowed_down_until_it_fits(void)
{
	const struct guest guest = { .bytes = 25e6, .working_set = 20e6, .dirty = 3e6, .shrink = 1, .needs_time = true };
	struct outcome outcome = migrate(&guest, 1e6, 0.02, 300, 99);

	CHECK_BETWEEN(50, 99, outcome.throttle);
	CHECK_BETWEEN(0, 300, outcome.data_ms);
	CHECK(outcome.passes < 30);
}

static void how_far_it_is_slowed_down_has_a_limit(void)
{
	const struct guest guest = { .bytes = 25e6, .working_set = 20e6, .dirty = 3e6, .shrink = 1, .needs_time = true };

	CHECK_EQUAL(0, migrate(&guest, 1e6, 0.02, 300, 0).throttle);
	CHECK_EQUAL(60, migrate(&guest, 1e6, 0.02, 300, 60).throttle);
}

static void what_slowing_down_does_not_help_ends_all_the_same(void)
{
	const struct guest guest = { .bytes = 25e6, .working_set = 20e6, .dirty = 30e6, .shrink = 1 };
	struct outcome outcome = migrate(&guest, 1e6, 0.17, 300, 99);

	CHECK_EQUAL(99, outcome.throttle);
	CHECK(outcome.passes < 12);
}

static void a_longer_downtime_takes_fewer_passes(void)
{
	const struct guest guest = { .bytes = 25e6, .working_set = 800e3, .dirty = 2e6, .shrink = 1, .needs_time = true };
	struct outcome patient = migrate(&guest, 1e6, 0.02, 1500, 99), strict = migrate(&guest, 1e6, 0.02, 100, 99);

	CHECK(patient.passes < strict.passes);
	CHECK_EQUAL(0, patient.throttle);
	CHECK(strict.throttle > 0 && strict.data_ms < patient.data_ms);
}

int main(void)
{
	RUN(an_idle_guest_takes_two_passes);
	RUN(a_busy_guest_on_a_fast_link_is_not_slowed_down);
	RUN(a_guest_that_writes_nearly_as_fast_as_passes_go_comes_down_to_little);
	RUN(one_pass_that_was_held_up_is_no_reason_to_stop);
	RUN(what_only_a_running_guest_does_is_no_part_of_the_downtime);
	RUN(differences_converge_without_slowing_down);
	RUN(a_guest_that_outruns_the_link_is_slowed_down_until_it_fits);
	RUN(how_far_it_is_slowed_down_has_a_limit);
	RUN(what_slowing_down_does_not_help_ends_all_the_same);
	RUN(a_longer_downtime_takes_fewer_passes);
	return 0;
}
