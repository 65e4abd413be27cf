/* SPDX-License-Identifier: Apache-2.0 */
#include "../../src/reassembly.h"

#include <string.h>

#include "check.h"

#define SIZE_MAX_FRAME 65570

static uint8_t original[SIZE_MAX_FRAME];

static enum reassembly_result add(struct reassembly *r, uint64_t frame, unsigned index, unsigned count, size_t each, size_t size, uint8_t **bytes,
				  size_t *got)
{
	size_t start = index * each, part = size - start < each ? size - start : each;
	struct reassembly_fragment fragment = { .owner = 3, .frame = frame, .index = (uint8_t)index, .count = (uint8_t)count, .form = 1,
						.bytes = original + start, .size = part };

	return reassembly_add(r, &fragment, bytes, got);
}

static void any_order_gives_the_frame(void)
{
	struct reassembly *r = reassembly_create(SIZE_MAX_FRAME);
	uint32_t random = 5;

	for (uint64_t round = 0; round < 2000; round++) {
		unsigned count = 2 + round % 60, order[64];
		size_t size = count * 20 + round * 31 % 60000, each, got = 0;
		uint8_t *bytes = NULL;

		each = (size + count - 1) / count;
		if ((count - 1) * each >= size)
			continue;
		for (unsigned i = 0; i < count; i++)
			order[i] = i;
		for (unsigned i = count - 1; i; i--) {
			unsigned j, swap = order[i];

			random = random * 1664525 + 1013904223;
			j = (random >> 8) % (i + 1);
			order[i] = order[j];
			order[j] = swap;
		}
		for (unsigned i = 0; i < count; i++) {
			enum reassembly_result result = add(r, round * 100, order[i], count, each, size, &bytes, &got);

			CHECK_EQUAL(i + 1 < count ? REASSEMBLY_WAITS : REASSEMBLY_COMPLETE, result);
		}
		CHECK_EQUAL(size, got);
		CHECK(!memcmp(bytes, original, size));
		reassembly_release(r);
	}
	CHECK_EQUAL(0, reassembly_incomplete(r, 3));
	reassembly_destroy(r);
}

static void the_oldest_incomplete_frame_is_given_up(void)
{
	struct reassembly *r = reassembly_create(SIZE_MAX_FRAME);
	uint8_t *bytes;
	size_t got;

	for (unsigned frame = 0; frame < 40; frame++)
		CHECK_EQUAL(REASSEMBLY_WAITS, add(r, frame * 10, 0, 2, 100, 150, &bytes, &got));
	CHECK_EQUAL(8, reassembly_incomplete(r, 3));
	CHECK_EQUAL(REASSEMBLY_COMPLETE, add(r, 390, 1, 2, 100, 150, &bytes, &got));
	CHECK_EQUAL(REASSEMBLY_WAITS, add(r, 0, 1, 2, 100, 150, &bytes, &got));
	reassembly_destroy(r);
}

static void complete_frames_stay_until_released(void)
{
	struct reassembly *r = reassembly_create(SIZE_MAX_FRAME);
	uint8_t *first = NULL, *bytes;
	size_t got;

	for (unsigned frame = 0; frame < 32; frame++) {
		CHECK(!reassembly_full(r));
		CHECK_EQUAL(REASSEMBLY_WAITS, add(r, frame * 10, 0, 2, 100, 150, &bytes, &got));
		CHECK_EQUAL(REASSEMBLY_COMPLETE, add(r, frame * 10, 1, 2, 100, 150, &bytes, &got));
		if (!first)
			first = bytes;
	}
	CHECK(reassembly_full(r));
	CHECK(!memcmp(first, original, 150));
	reassembly_release(r);
	CHECK(!reassembly_full(r));
	CHECK_EQUAL(REASSEMBLY_WAITS, add(r, 1000, 0, 2, 100, 150, &bytes, &got));
	reassembly_destroy(r);
}

/* Authentic, but senseless fragments: never out of bounds (the sanitizers watch), never a frame larger than allowed. */
static void hostile_fragments_do_no_harm(void)
{
	struct reassembly *r = reassembly_create(SIZE_MAX_FRAME);
	uint32_t random = 9;
	unsigned complete = 0, malformed = 0;

	for (unsigned round = 0; round < 300000; round++) {
		struct reassembly_fragment fragment;
		uint8_t *bytes;
		size_t got;

		random = random * 1664525 + 1013904223;
		fragment = (struct reassembly_fragment){ .owner = (random >> 8) % 17, .frame = (random >> 12) % 8, .index = (uint8_t)(random >> 16 & 3),
							 .count = (uint8_t)(random >> 18 & 3), .form = (uint8_t)(random >> 20 & 1), .bytes = original };
		fragment.size = round % 3 ? 20000 + (random >> 25) % 2 : (random >> 10) % 66000;
		switch (reassembly_add(r, &fragment, &bytes, &got)) {
		case REASSEMBLY_COMPLETE:
			CHECK(got <= SIZE_MAX_FRAME);
			complete++;
			reassembly_release(r);
			break;
		case REASSEMBLY_MALFORMED:
			malformed++;
			break;
		case REASSEMBLY_WAITS:
			break;
		}
	}
	CHECK(complete > 100 && malformed > 100);
	reassembly_destroy(r);
}

int main(void)
{
	for (unsigned i = 0; i < SIZE_MAX_FRAME; i++)
		original[i] = (uint8_t)(i * 13 + i / 256);
	RUN(any_order_gives_the_frame);
	RUN(the_oldest_incomplete_frame_is_given_up);
	RUN(complete_frames_stay_until_released);
	RUN(hostile_fragments_do_no_harm);
	return 0;
}
