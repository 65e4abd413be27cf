/* SPDX-License-Identifier: Apache-2.0 */
#include "relay_format.h"

#include <string.h>

#include "little.h"

#define GREETING_HEADER (RELAY_GREETING_SIZE - SEAL_TAG_SIZE)

static const uint8_t greeting_magic[8] = { 'M', 'O', 'B', 'I', 'R', 'L', 'Y', '1' };

void relay_key(struct seal_key *key, const uint8_t secret[SEAL_KEY_SIZE], enum relay_use use, unsigned side)
{
	static const char *const labels[][2] = { { "relay admit a", "relay admit b" }, { "relay answer a", "relay answer b" }, { "relay stream a", "relay stream b" } };
	uint8_t bytes[SEAL_KEY_SIZE];

	seal_derive(bytes, secret, labels[use][side]);
	/* Every CPU can do it, and it is little. */
	seal_key_set(key, SEAL_CHACHA20, bytes);
	sodium_memzero(bytes, sizeof(bytes));
}

static void put_header(uint8_t *out, uint8_t kind, unsigned side, uint32_t number, uint64_t counter)
{
	out[0] = kind;
	out[1] = (uint8_t)side;
	out[2] = out[3] = 0;
	little_put(out + 4, number, 4);
	little_put(out + 8, counter, 8);
}

void relay_admit_write(const struct seal_key *key, uint32_t pair, unsigned side, uint64_t counter, uint32_t there, uint32_t here, uint8_t out[RELAY_ADMIT_SIZE])
{
	uint8_t body[8];

	put_header(out, RELAY_KIND_ADMIT, side, pair, counter);
	little_put(body, there, 4);
	little_put(body + 4, here, 4);
	seal_encrypt(key, counter, out, RELAY_HEADER_SIZE, body, sizeof(body), out + RELAY_HEADER_SIZE);
}

bool relay_admit_read(const struct seal_key *key, const uint8_t *bytes, size_t size, uint32_t *there, uint32_t *here)
{
	uint8_t body[8];

	if (size != RELAY_ADMIT_SIZE ||
	    !seal_decrypt(key, little_get(bytes + 8, 8), bytes, RELAY_HEADER_SIZE, bytes + RELAY_HEADER_SIZE, size - RELAY_HEADER_SIZE, body))
		return false;
	*there = (uint32_t)little_get(body, 4);
	*here = (uint32_t)little_get(body + 4, 4);
	return true;
}

static void put_address(uint8_t *out, const struct udp_address *address)
{
	memset(out, 0, RELAY_ADDRESS_SIZE);
	if (!address)
		return;
	memcpy(out, address->ip, 16);
	little_put(out + 16, address->port, 2);
}

static void get_address(const uint8_t *bytes, struct udp_address *address)
{
	*address = (struct udp_address){ .port = (uint32_t)little_get(bytes + 16, 2) };
	memcpy(address->ip, bytes, 16);
}

void relay_answer_write(const struct seal_key *key, uint32_t number, uint64_t counter, const struct udp_address *own, const struct udp_address *other,
			uint8_t out[RELAY_ANSWER_SIZE])
{
	uint8_t body[2 * RELAY_ADDRESS_SIZE];

	put_header(out, RELAY_KIND_ANSWER, 0, number, counter);
	put_address(body, own);
	put_address(body + RELAY_ADDRESS_SIZE, other);
	seal_encrypt(key, counter, out, RELAY_HEADER_SIZE, body, sizeof(body), out + RELAY_HEADER_SIZE);
}

bool relay_answer_read(const struct seal_key *key, const uint8_t *bytes, size_t size, struct udp_address *own, struct udp_address *other)
{
	uint8_t body[2 * RELAY_ADDRESS_SIZE];

	if (size != RELAY_ANSWER_SIZE ||
	    !seal_decrypt(key, little_get(bytes + 8, 8), bytes, RELAY_HEADER_SIZE, bytes + RELAY_HEADER_SIZE, size - RELAY_HEADER_SIZE, body))
		return false;
	get_address(body, own);
	get_address(body + RELAY_ADDRESS_SIZE, other);
	return true;
}

void relay_greeting_write(const uint8_t secret[SEAL_KEY_SIZE], uint32_t pair, unsigned side, uint64_t counter, uint8_t out[RELAY_GREETING_SIZE])
{
	struct seal_key key;

	memcpy(out, greeting_magic, 8);
	little_put(out + 8, side, 4);
	little_put(out + 12, pair, 4);
	little_put(out + 16, counter, 8);
	relay_key(&key, secret, RELAY_STREAM, side);
	seal_encrypt(&key, counter, out, GREETING_HEADER, out, 0, out + GREETING_HEADER);
	seal_key_wipe(&key);
}

bool relay_greeting_claims(const uint8_t greeting[RELAY_GREETING_SIZE], uint32_t *pair, unsigned *side, uint64_t *counter)
{
	*side = (unsigned)little_get(greeting + 8, 4);
	*pair = (uint32_t)little_get(greeting + 12, 4);
	*counter = little_get(greeting + 16, 8);
	return !memcmp(greeting, greeting_magic, 8) && *side < 2;
}

bool relay_greeting_holds(const uint8_t secret[SEAL_KEY_SIZE], const uint8_t greeting[RELAY_GREETING_SIZE])
{
	struct seal_key key;
	uint8_t nothing;
	bool holds;

	relay_key(&key, secret, RELAY_STREAM, (unsigned)little_get(greeting + 8, 4));
	holds = seal_decrypt(&key, little_get(greeting + 16, 8), greeting, GREETING_HEADER, greeting + GREETING_HEADER, SEAL_TAG_SIZE, &nothing);
	seal_key_wipe(&key);
	return holds;
}
