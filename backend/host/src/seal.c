/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Theory. Each direction of a link or of a migration has a key of its own, so
 * that the two ends never use the same nonce under one key: the nonce is 4 zero
 * bytes and a 64-bit counter, and it is the sender's duty never to repeat a
 * counter (link.c, migration_wire.c say how they see to that).
 *
 * AES-256-GCM is taken where the CPU has AES and carry-less multiplication; its
 * key schedule is computed once. Elsewhere ChaCha20-Poly1305. Both ends must
 * name the same one; it is not negotiated, but told by who gives the key.
 *
 * The window follows RFC 6479: a ring of bits, one a counter, of the last
 * SEAL_WINDOW counters; moving its top clears what it passes. A counter below the
 * ring is stale, one whose bit is set is a replay. As counters need not begin
 * at 0 (links begin with the clock), the first authenticated counter places
 * the ring.
 */
#include "seal.h"

#include <string.h>

int seal_init(void)
{
	return sodium_init() < 0 ? -1 : 0;
}

bool seal_available(enum seal_cipher cipher)
{
	return cipher == SEAL_CHACHA20 || crypto_aead_aes256gcm_is_available();
}

const char *seal_cipher_name(enum seal_cipher cipher)
{
	return cipher == SEAL_AES256GCM ? "aes256gcm" : "chacha20";
}

bool seal_cipher_parse(const char *name, enum seal_cipher *cipher)
{
	if (!strcmp(name, "aes256gcm"))
		*cipher = SEAL_AES256GCM;
	else if (!strcmp(name, "chacha20"))
		*cipher = SEAL_CHACHA20;
	else
		return false;
	return true;
}

void seal_derive(uint8_t out[SEAL_KEY_SIZE], const uint8_t secret[SEAL_KEY_SIZE], const char *label)
{
	crypto_generichash(out, SEAL_KEY_SIZE, (const uint8_t *)label, strlen(label), secret,
			   SEAL_KEY_SIZE);
}

void seal_key_set(struct seal_key *key, enum seal_cipher cipher, const uint8_t bytes[SEAL_KEY_SIZE])
{
	memset(key, 0, sizeof(*key));
	key->cipher = cipher;
	if (cipher == SEAL_AES256GCM)
		crypto_aead_aes256gcm_beforenm(&key->aes, bytes);
	else
		memcpy(key->chacha, bytes, SEAL_KEY_SIZE);
}

void seal_key_wipe(struct seal_key *key)
{
	sodium_memzero(key, sizeof(*key));
}

static void make_nonce(uint8_t nonce[12], uint64_t counter)
{
	memset(nonce, 0, 4);
	for (unsigned i = 0; i < 8; i++)
		nonce[4 + i] = (uint8_t)(counter >> (8 * i));
}

void seal_encrypt(const struct seal_key *key, uint64_t counter, const void *ad, size_t ad_size,
		  const uint8_t *in, size_t size, uint8_t *out)
{
	uint8_t nonce[12];

	make_nonce(nonce, counter);
	if (key->cipher == SEAL_AES256GCM)
		crypto_aead_aes256gcm_encrypt_afternm(out, NULL, in, size, ad, ad_size, NULL, nonce,
						      &key->aes);
	else
		crypto_aead_chacha20poly1305_ietf_encrypt(out, NULL, in, size, ad, ad_size, NULL,
							  nonce, key->chacha);
}

bool seal_decrypt(const struct seal_key *key, uint64_t counter, const void *ad, size_t ad_size,
		  const uint8_t *in, size_t size, uint8_t *out)
{
	uint8_t nonce[12];

	if (size < SEAL_TAG_SIZE)
		return false;
	make_nonce(nonce, counter);
	if (key->cipher == SEAL_AES256GCM)
		return !crypto_aead_aes256gcm_decrypt_afternm(out, NULL, NULL, in, size, ad, ad_size,
							      nonce, &key->aes);
	return !crypto_aead_chacha20poly1305_ietf_decrypt(out, NULL, NULL, in, size, ad, ad_size,
							  nonce, key->chacha);
}

bool seal_window_fresh(const struct seal_window *window, uint64_t counter)
{
	if (counter > window->top)
		return true;
	if (window->top - counter >= SEAL_WINDOW)
		return false;
	return !(window->bits[counter % SEAL_WINDOW / 64] >> (counter % 64) & 1);
}

void seal_window_note(struct seal_window *window, uint64_t counter)
{
	if (counter > window->top) {
		uint64_t step = counter - window->top;

		if (step >= SEAL_WINDOW) {
			memset(window->bits, 0, sizeof(window->bits));
		} else {
			for (uint64_t c = window->top + 1; c < counter; c++)
				window->bits[c % SEAL_WINDOW / 64] &= ~(1ULL << (c % 64));
		}
		window->top = counter;
	}
	window->bits[counter % SEAL_WINDOW / 64] |= 1ULL << (counter % 64);
}
