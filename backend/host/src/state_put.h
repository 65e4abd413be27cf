/* SPDX-License-Identifier: Apache-2.0 */
/* `mobihost put state`: makes a saved VM of a state stream. */
#ifndef MOBIHOST_STATE_PUT_H
#define MOBIHOST_STATE_PUT_H

#include <jansson.h>

#include "fail.h"
#include "store.h"

/* Reads the stream from fd, makes the instance and returns the result; NULL with *fail: nothing was made. */
json_t *state_put(const struct store *store, const char *instance, int fd, struct fail *fail);

#endif
