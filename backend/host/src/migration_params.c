/* SPDX-License-Identifier: Apache-2.0 */
#include "migration_params.h"

#include <string.h>

#include "params.h"

int migration_params_read(const json_t *params, char id[MIGRATION_ID_MAX + 1], uint8_t key[SEAL_KEY_SIZE], enum seal_cipher *cipher,
			  struct fail *fail)
{
	const char *name, *cipher_name;

	if (params_string(params, "migration", false, MIGRATION_ID_MAX, &name, fail) < 0 ||
	    params_key(params, "key", key, fail) < 0 ||
	    params_string(params, "cipher", true, 16, &cipher_name, fail) < 0)
		return -1;
	if (!*name || strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") != strlen(name))
		return fail_set(fail, "bad-request", "\"migration\" must be made of letters, digits, - and _.");
	strcpy(id, name);
	*cipher = SEAL_CHACHA20;
	if (cipher_name && !seal_cipher_parse(cipher_name, cipher))
		return fail_set(fail, "bad-request", "\"cipher\" must be \"aes256gcm\" or \"chacha20\".");
	if (!seal_available(*cipher))
		return fail_set(fail, "no-cipher", "This host's CPU has no AES instructions; set \"cipher\" to \"chacha20\" at both ends.");
	return 0;
}
