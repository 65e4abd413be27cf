/* SPDX-License-Identifier: Apache-2.0 */
#include "../../src/seal.h"

#include <string.h>

#include "check.h"

static const enum seal_cipher ciphers[] = { SEAL_AES256GCM, SEAL_CHACHA20 };

static void what_is_sealed_opens_and_every_flipped_bit_is_seen(void)
{
	for (unsigned c = 0; c < 2; c++) {
		uint8_t bytes[SEAL_KEY_SIZE] = { 1, 2, 3 }, plain[100], sealed[116], opened[116], ad[15] = { 9 };
		struct seal_key *key = sodium_malloc(sizeof(*key));

		if (!seal_available(ciphers[c])) {
			printf("(this CPU has no %s)\n", seal_cipher_name(ciphers[c]));
			sodium_free(key);
			continue;
		}
		for (unsigned i = 0; i < sizeof(plain); i++)
			plain[i] = (uint8_t)i;
		seal_key_set(key, ciphers[c], bytes);
		seal_encrypt(key, 77, ad, sizeof(ad), plain, sizeof(plain), sealed);
		CHECK(memcmp(plain, sealed, sizeof(plain)));
		CHECK(seal_decrypt(key, 77, ad, sizeof(ad), sealed, sizeof(sealed), opened));
		CHECK(!memcmp(plain, opened, sizeof(plain)));
		CHECK(!seal_decrypt(key, 78, ad, sizeof(ad), sealed, sizeof(sealed), opened));
		CHECK(!seal_decrypt(key, 77, ad, sizeof(ad), sealed, SEAL_TAG_SIZE - 1, opened));
		for (unsigned bit = 0; bit < sizeof(sealed) * 8; bit++) {
			sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
			CHECK(!seal_decrypt(key, 77, ad, sizeof(ad), sealed, sizeof(sealed), opened));
			sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
		for (unsigned bit = 0; bit < sizeof(ad) * 8; bit++) {
			ad[bit / 8] ^= (uint8_t)(1 << bit % 8);
			CHECK(!seal_decrypt(key, 77, ad, sizeof(ad), sealed, sizeof(sealed), opened));
			ad[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
		/* In place, as datagrams are opened. */
		CHECK(seal_decrypt(key, 77, ad, sizeof(ad), sealed, sizeof(sealed), sealed));
		CHECK(!memcmp(plain, sealed, sizeof(plain)));
		sodium_free(key);
	}
}

static void derived_keys_differ_by_label_and_secret(void)
{
	uint8_t secret[SEAL_KEY_SIZE] = { 0 }, a[SEAL_KEY_SIZE], b[SEAL_KEY_SIZE];

	seal_derive(a, secret, "dataa");
	seal_derive(b, secret, "datab");
	CHECK(memcmp(a, b, sizeof(a)));
	secret[31] = 1;
	seal_derive(b, secret, "dataa");
	CHECK(memcmp(a, b, sizeof(a)));
}

static bool passes(struct seal_window *window, uint64_t counter)
{
	if (!seal_window_fresh(window, counter))
		return false;
	seal_window_note(window, counter);
	return true;
}

static void window_passes_each_counter_once(void)
{
	struct seal_window window = { 0 };
	const uint64_t base = 1700000000000000000;

	CHECK(passes(&window, base));
	CHECK(!passes(&window, base));
	CHECK(passes(&window, base + 5));
	for (uint64_t c = base + 1; c < base + 5; c++)
		CHECK(passes(&window, c));
	for (uint64_t c = base; c <= base + 5; c++)
		CHECK(!passes(&window, c));
	/* The oldest that the window still tells apart, and the one before it. */
	CHECK(passes(&window, base + 10000));
	CHECK(passes(&window, base + 10000 - SEAL_WINDOW + 1));
	CHECK(!passes(&window, base + 10000 - SEAL_WINDOW));
	CHECK(!passes(&window, 0));
}

/* Against a plain list of what was seen, with counters that wander in leaps around the window's size. */
static void window_agrees_with_a_list(void)
{
	static bool seen[200000];
	struct seal_window window = { 0 };
	uint64_t top = 0, wander = 5000;
	uint32_t random = 1;

	for (unsigned i = 0; i < 300000; i++) {
		uint64_t counter;
		bool expected;

		random = random * 1664525 + 1013904223;
		if (random >> 24 < 2)
			wander += random % 3000;
		else
			wander += random >> 16 & 1;
		counter = wander - (random >> 8) % 4000;
		if (counter >= 200000)
			break;
		expected = counter > top || (top - counter < SEAL_WINDOW && !seen[counter]);
		CHECK(passes(&window, counter) == expected);
		seen[counter] = true;
		if (counter > top)
			top = counter;
	}
	CHECK(top > 100000);
}

int main(void)
{
	CHECK(!seal_init());
	RUN(what_is_sealed_opens_and_every_flipped_bit_is_seen);
	RUN(derived_keys_differ_by_label_and_secret);
	RUN(window_passes_each_counter_once);
	RUN(window_agrees_with_a_list);
	return 0;
}
