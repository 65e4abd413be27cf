/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Datagrams of a relay. The input is a list of `u8 what | u8 from | u16 size | bytes`: bytes as they are, or a wish to be admitted that is sealed as an end would have; from the pipe or one of a
 * few addresses. And a greeting of a stream.
 */
#define _GNU_SOURCE
#include "../../src/relay_table.h"
#include "../../src/little.h"
#include "fuzz.h"

static const uint8_t secret[SEAL_KEY_SIZE] = { 1, 2, 3 };

static void feed(struct relay_table *table, uint8_t what, uint8_t from, const uint8_t *bytes, size_t size)
{
	static uint64_t counter = 1, now = 1000000000;
	struct udp_address address = { .ip = { [10] = 0xff, [11] = 0xff, [12] = 10, [15] = from & 3 }, .port = 1000 + (from & 4) };
	struct relay_outcome outcome;
	uint8_t wish[RELAY_ADMIT_SIZE], number[8] = { 0 };
	struct seal_key key;

	memcpy(number, bytes, size < sizeof(number) ? size : sizeof(number));
	if (what & 1) {
		relay_key(&key, secret, RELAY_ADMIT, what >> 1 & 1);
		relay_admit_write(&key, 1 + (what >> 2 & 1), what >> 1 & 1, what & 8 ? counter : ++counter, (uint32_t)little_get(number, 4), (uint32_t)little_get(number + 4, 4), wish);
		bytes = wish;
		size = sizeof(wish);
	}
	now += what & 16 ? 20000000 : 1000;
	relay_table_datagram(table, from & 128 ? NULL : &address, bytes, size, now, &outcome);
	if (outcome.verdict == RELAY_DROP)
		return;
	/* Only what was given, or less, comes out; an answer only to who asked. */
	if (outcome.bytes == outcome.answer)
		MUST(outcome.verdict == RELAY_SEND && what & 1 && !(from & 128) && udp_address_equal(&outcome.to, &address));
	else
		MUST(outcome.bytes >= bytes && outcome.bytes + outcome.size == bytes + size && (outcome.verdict == RELAY_SEND || !(from & 128)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct relay_table *table = relay_table_create(size & 1);
	uint32_t pair;
	unsigned side;

	MUST(table && relay_table_add(table, 1, secret, 0) && relay_table_add(table, 2, secret, 0));
	if (size >= RELAY_GREETING_SIZE)
		MUST(!relay_table_greeting(table, data, 1000000000, &pair, &side) || side < 2);
	while (size > 4) {
		uint8_t what = (uint8_t)fuzz_number(&data, &size, 1), from = (uint8_t)fuzz_number(&data, &size, 1);
		size_t part = fuzz_number(&data, &size, 2);

		part = part < size ? part : size;
		feed(table, what, from, data, part);
		data += part;
		size -= part;
	}
	if (size == 1)
		relay_table_remove(table, 1 + (*data & 1));
	relay_table_destroy(table);
	return 0;
}
