/* SPDX-License-Identifier: Apache-2.0 */
/* What lies in a host folder and is of no use any more. Theory in tidy.c. */
#ifndef MOBIHOST_TIDY_H
#define MOBIHOST_TIDY_H

#include <jansson.h>
#include <stdbool.h>

#include "fail.h"
#include "store.h"

/* Removes, or with `try` only counts, agents and images that nothing uses. The answer to `tidy`: new reference, NULL with *fail. */
json_t *tidy(const struct store *store, bool try, struct fail *fail);

#endif
