/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sealing: authenticated encryption of what supervisors send each other (links
 * and migration), and the window that lets each counter pass once only.
 */
#ifndef MOBIHOST_SEAL_H
#define MOBIHOST_SEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sodium.h>

#define SEAL_KEY_SIZE 32
#define SEAL_TAG_SIZE 16
#define SEAL_WINDOW 2048

enum seal_cipher { SEAL_AES256GCM, SEAL_CHACHA20 };

/* One direction's key, expanded. */
struct seal_key {
	crypto_aead_aes256gcm_state aes;
	uint8_t chacha[SEAL_KEY_SIZE];
	enum seal_cipher cipher;
};

struct seal_window {
	uint64_t top;		/* highest counter seen, 0 before the first */
	uint64_t bits[SEAL_WINDOW / 64];	/* bit counter % SEAL_WINDOW */
};

/* Must be called once before anything else here; 0 or -1. */
int seal_init(void);

/* Can this CPU do the cipher? */
bool seal_available(enum seal_cipher cipher);

/* Names of protocols.md: "aes256gcm", "chacha20". */
const char *seal_cipher_name(enum seal_cipher cipher);
bool seal_cipher_parse(const char *name, enum seal_cipher *cipher);

/* The key of one direction or purpose: BLAKE2b-256 of `label`, keyed with `secret`. */
void seal_derive(uint8_t out[SEAL_KEY_SIZE], const uint8_t secret[SEAL_KEY_SIZE], const char *label);

void seal_key_set(struct seal_key *key, enum seal_cipher cipher, const uint8_t bytes[SEAL_KEY_SIZE]);
void seal_key_wipe(struct seal_key *key);

/*
 * Encrypts `size` bytes from `in` to `out` (may be equal) and appends the tag:
 * `out` has room for size + SEAL_TAG_SIZE. A counter must never come twice with
 * one key. `ad` is authenticated, not sent.
 */
void seal_encrypt(const struct seal_key *key, uint64_t counter, const void *ad, size_t ad_size,
		  const uint8_t *in, size_t size, uint8_t *out);

/*
 * The reverse: `size` counts the tag. True if every byte is what the other side
 * sealed; the plaintext of size - SEAL_TAG_SIZE bytes is then in `out` (may equal
 * `in`). Otherwise `out` holds nothing of use.
 */
bool seal_decrypt(const struct seal_key *key, uint64_t counter, const void *ad, size_t ad_size,
		  const uint8_t *in, size_t size, uint8_t *out);

/* Would this counter pass? Asked before decrypting, as it is cheap. */
bool seal_window_fresh(const struct seal_window *window, uint64_t counter);

/* Notes an authenticated counter for which seal_window_fresh() was true. */
void seal_window_note(struct seal_window *window, uint64_t counter);

#endif
