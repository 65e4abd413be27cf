/* SPDX-License-Identifier: Apache-2.0 */
/* Members that migration.send and migration.receive have in common, checked. */
#ifndef MOBIHOST_MIGRATION_PARAMS_H
#define MOBIHOST_MIGRATION_PARAMS_H

#include <jansson.h>

#include "fail.h"
#include "seal.h"

#define MIGRATION_ID_MAX 64
#define MIGRATION_VERSION 1

/* "migration" (1 to 64 of [A-Za-z0-9_-]), "key" (base64 of 32 bytes), "cipher" (optional, chacha20). 0, or -1 with *fail. */
int migration_params_read(const json_t *params, char id[MIGRATION_ID_MAX + 1], uint8_t key[SEAL_KEY_SIZE], enum seal_cipher *cipher,
			  struct fail *fail);

#endif
