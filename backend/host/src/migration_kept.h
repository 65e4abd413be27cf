/* SPDX-License-Identifier: Apache-2.0 */
/* Pages as they were sent last, as many as fit a fixed amount of memory. Theory in migration_kept.c. */
#ifndef MOBIHOST_MIGRATION_KEPT_H
#define MOBIHOST_MIGRATION_KEPT_H

#include <stdint.h>

struct kept_pages;

/* NULL: the host has no memory for it. */
struct kept_pages *kept_create(void);
void kept_destroy(struct kept_pages *kept);

/* The page as it was kept last, or NULL. */
const uint8_t *kept_find(const struct kept_pages *kept, uint8_t region, uint64_t page);
/* Keeps the page's new contents if there is room. */
void kept_put(struct kept_pages *kept, uint8_t region, uint64_t page, const uint8_t *bytes);
void kept_forget(struct kept_pages *kept, uint8_t region, uint64_t page);
/* What was kept in earlier passes makes room for what the new one sends. */
void kept_next_pass(struct kept_pages *kept);

#endif
