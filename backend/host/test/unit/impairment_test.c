/* SPDX-License-Identifier: Apache-2.0 */
/* In virtual time: `now` is what the test says it is. */
#include "../../src/impairment.h"

#include <math.h>
#include <string.h>

#include "check.h"

#define FRAMES 200000

struct sent {
	double delay_mean, delay_deviation;
	uint64_t delay_min, delay_max, last;
	unsigned count, reordered, flipped_bits, copies;
};

/* Sends FRAMES frames of `size` bytes, one each `gap` microseconds, and takes out what comes. */
static struct sent send_through(const struct impairment_config *config, size_t size, uint64_t gap, struct impairment_drops *drops)
{
	struct impairment *wire = impairment_create();
	struct sent sent = { .delay_min = UINT64_MAX };
	double sum = 0, squares = 0;
	unsigned highest = 0;
	static uint8_t seen[FRAMES];

	memset(seen, 0, sizeof(seen));
	impairment_configure(wire, config);
	for (uint64_t i = 0; i < FRAMES || impairment_due(wire) != IMPAIRMENT_NEVER; i++) {
		uint64_t now = 1000 + i * gap, due;
		uint8_t *bytes;
		size_t got;

		/* All that is due up to now, at its own time. */
		while ((due = impairment_due(wire)) <= now) {
			uint64_t born, delay;
			unsigned index;

			CHECK(!impairment_take(wire, due - 1, &got));
			bytes = impairment_take(wire, due, &got);
			CHECK(bytes);
			CHECK_EQUAL(size, got);
			for (size_t b = 16; b < size; b++)
				sent.flipped_bits += (unsigned)__builtin_popcount(bytes[b] ^ 0x55);
			memcpy(&born, bytes, 8);
			memcpy(&index, bytes + 8, 4);
			if (config->corrupt > 0) {
				sent.count++;
				continue;
			}
			CHECK(index < FRAMES);
			sent.copies += seen[index]++;
			delay = due - born;
			sum += (double)delay;
			squares += (double)delay * (double)delay;
			sent.delay_min = delay < sent.delay_min ? delay : sent.delay_min;
			sent.delay_max = delay > sent.delay_max ? delay : sent.delay_max;
			sent.reordered += index < highest;
			highest = index > highest ? index : highest;
			sent.last = due - 1000;
			sent.count++;
		}
		if (i >= FRAMES)
			continue;
		bytes = impairment_reserve(wire, size);
		if (!bytes)
			continue;
		memset(bytes, 0x55, size);
		memcpy(bytes, &now, 8);
		memcpy(bytes + 8, &(unsigned){ (unsigned)i }, 4);
		impairment_commit(wire, now);
	}
	sent.delay_mean = sum / sent.count;
	sent.delay_deviation = sqrt(squares / sent.count - sent.delay_mean * sent.delay_mean);
	*drops = impairment_drops(wire);
	impairment_destroy(wire);
	return sent;
}

static void a_constant_delay_is_exact_and_loses_nothing(void)
{
	struct impairment_drops drops;
	struct sent sent = send_through(&(struct impairment_config){ .delay_us = 100000 }, 100, 100, &drops);

	CHECK_EQUAL(FRAMES, sent.count);
	CHECK_EQUAL(100000, sent.delay_min);
	CHECK_EQUAL(100000, sent.delay_max);
	CHECK_EQUAL(0, sent.reordered);
}

static void jitter_has_the_asked_spread(void)
{
	struct impairment_config config = { .delay_us = 50000, .jitter_us = 5000 };
	struct impairment_drops drops;
	struct sent sent = send_through(&config, 64, 100, &drops);

	CHECK_BETWEEN(49900, 50100, sent.delay_mean);
	CHECK_BETWEEN(4900, 5100, sent.delay_deviation);
	CHECK(sent.reordered > 0);
	config.distribution = IMPAIRMENT_UNIFORM;
	sent = send_through(&config, 64, 100, &drops);
	CHECK_BETWEEN(49900, 50100, sent.delay_mean);
	CHECK_BETWEEN(2800, 2980, sent.delay_deviation); /* 5000 / sqrt(3) = 2887 */
	CHECK_BETWEEN(45000, 45100, sent.delay_min);
	CHECK_BETWEEN(54900, 55000, sent.delay_max);
	config.distribution = IMPAIRMENT_PARETO;
	sent = send_through(&config, 64, 100, &drops);
	CHECK_BETWEEN(49800, 50200, sent.delay_mean);
	CHECK(sent.delay_max > 50000 + 10 * 5000); /* a long tail */
	CHECK(sent.delay_min >= 50000 - 2900); /* and a short one */
	CHECK_EQUAL(FRAMES, sent.count);
}

static void losses_have_the_asked_mean_and_burst(void)
{
	struct impairment_drops drops;
	struct impairment *wire = impairment_create();
	unsigned bursts = 0, lost = 0, in_burst = 0;
	uint64_t before = 0;

	send_through(&(struct impairment_config){ .loss = 0.05 }, 64, 10, &drops);
	CHECK_BETWEEN(0.047 * FRAMES, 0.053 * FRAMES, drops.loss);
	CHECK_EQUAL(0, drops.queue);
	impairment_configure(wire, &(struct impairment_config){ .loss = 0.05, .loss_burst = 8 });
	for (unsigned i = 0; i < FRAMES; i++) {
		size_t size;

		memset(impairment_reserve(wire, 64), 0, 64);
		impairment_commit(wire, 5);
		impairment_take(wire, 5, &size);
		if (impairment_drops(wire).loss > before) {
			lost++;
			bursts += !in_burst;
			in_burst = 1;
		} else {
			in_burst = 0;
		}
		before = impairment_drops(wire).loss;
	}
	CHECK_BETWEEN(0.04, 0.06, (double)lost / FRAMES);
	CHECK_BETWEEN(7.2, 8.8, (double)lost / bursts);
	impairment_destroy(wire);
}

static void the_rate_is_kept_and_the_queue_is_bounded(void)
{
	struct impairment_config config = { .rate_bps = 8000000, .queue_bytes = 20000 };
	struct impairment_drops drops;
	/* 1000 bytes each 500 us are 16 Mbit/s: half of it must go. */
	struct sent sent = send_through(&config, 1000, 500, &drops);

	CHECK_EQUAL(FRAMES, sent.count + drops.queue);
	CHECK_BETWEEN(0.999 * 8e6, 1.001 * 8e6, (double)sent.count * 8000 / ((double)sent.last / 1e6));
	CHECK_BETWEEN(19000, 20000, sent.delay_max); /* 20000 bytes wait 20 ms */
	CHECK_EQUAL(0, sent.reordered);
	/* Below the rate nothing is lost. */
	sent = send_through(&config, 1000, 1001, &drops);
	CHECK_EQUAL(FRAMES, sent.count);
	CHECK_EQUAL(1000, sent.delay_max);
}

static void duplicates_reordering_and_corruption_have_their_probabilities(void)
{
	struct impairment_drops drops;
	struct sent sent = send_through(&(struct impairment_config){ .duplicate = 0.1 }, 64, 10, &drops);

	CHECK_BETWEEN(0.095 * FRAMES, 0.105 * FRAMES, sent.copies);
	CHECK_EQUAL(FRAMES, sent.count - sent.copies);
	sent = send_through(&(struct impairment_config){ .delay_us = 1000, .reorder = 0.02 }, 64, 100, &drops);
	CHECK_EQUAL(0, sent.delay_min);
	/* Each of them overtakes ten others. */
	CHECK_BETWEEN(0.15 * FRAMES, 0.22 * FRAMES, sent.reordered);
	sent = send_through(&(struct impairment_config){ .corrupt = 0.1 }, 1016, 10, &drops);
	CHECK_EQUAL(FRAMES, sent.count);
	CHECK_BETWEEN(0.09 * FRAMES, 0.105 * FRAMES, sent.flipped_bits); /* those in the first 16 bytes are not counted */
}

static void frames_on_their_way_keep_their_times(void)
{
	struct impairment *wire = impairment_create();
	size_t size;
	uint64_t due;

	impairment_configure(wire, &(struct impairment_config){ .delay_us = 1000 });
	memset(impairment_reserve(wire, 20), 1, 20);
	impairment_commit(wire, 0);
	impairment_configure(wire, &(struct impairment_config){ .delay_us = 10 });
	memset(impairment_reserve(wire, 5000), 2, 5000);
	impairment_commit(wire, 0);
	memset(impairment_reserve(wire, 30), 3, 30);
	impairment_commit_at(wire, 500);
	CHECK_EQUAL(3, impairment_list(wire));
	CHECK_EQUAL(2, impairment_peek(wire, 0, &size, &due)[0]);
	CHECK_EQUAL(10, due);
	CHECK_EQUAL(5000, size);
	CHECK_EQUAL(3, impairment_peek(wire, 1, &size, &due)[0]);
	CHECK_EQUAL(1, impairment_peek(wire, 2, &size, &due)[0]);
	CHECK_EQUAL(1000, due);
	CHECK_EQUAL(2, impairment_take(wire, 10, &size)[0]);
	CHECK_EQUAL(3, impairment_take(wire, 500, &size)[0]);
	CHECK(!impairment_take(wire, 999, &size));
	CHECK_EQUAL(1, impairment_take(wire, 1000, &size)[0]);
	impairment_destroy(wire);
}

static void memory_is_bounded_and_given_back(void)
{
	struct impairment *wire = impairment_create();
	unsigned taken = 0;
	size_t size;

	impairment_configure(wire, &(struct impairment_config){ .delay_us = 1000000 });
	while (impairment_reserve(wire, 1500) && taken < 100000) {
		impairment_commit(wire, 0);
		taken++;
	}
	CHECK_BETWEEN(30000, 33000, taken);
	CHECK_EQUAL(1, impairment_drops(wire).queue);
	while (impairment_take(wire, 1000000, &size))
		taken--;
	CHECK_EQUAL(0, taken);
	impairment_trim(wire);
	CHECK(impairment_reserve(wire, 1500));
	impairment_commit(wire, 0);
	impairment_clear(wire);
	CHECK(impairment_due(wire) == IMPAIRMENT_NEVER);
	impairment_destroy(wire);
}

int main(void)
{
	RUN(a_constant_delay_is_exact_and_loses_nothing);
	RUN(jitter_has_the_asked_spread);
	RUN(losses_have_the_asked_mean_and_burst);
	RUN(the_rate_is_kept_and_the_queue_is_bounded);
	RUN(duplicates_reordering_and_corruption_have_their_probabilities);
	RUN(frames_on_their_way_keep_their_times);
	RUN(memory_is_bounded_and_given_back);
	return 0;
}
