/* SPDX-License-Identifier: Apache-2.0 */
/* Base images: images/<sha256>, sparse, read-only. Theory in image.c. */
#ifndef MOBIHOST_IMAGE_H
#define MOBIHOST_IMAGE_H

#include <jansson.h>
#include <stdbool.h>

#include "store.h"

/* Reads a zstd stream from fd, checks the hash of what it unpacks to, and installs it. 0, or -1 with *fail; then nothing was installed. */
int image_put(const struct store *store, const char *sha256, int fd, struct fail *fail);
/* Writes an image to fd as a zstd stream. */
int image_get(const struct store *store, const char *sha256, int fd, struct fail *fail);
/* [{sha256, bytes, stored}] */
json_t *image_list(const struct store *store);
/* All of it. */
bool image_present(const struct store *store, const char *sha256);
/*
 * To read from, whole, or where `pieces` (may be NULL) names a list that its reader trusts, as far as it is there: then *there_fd is the map that tells (part.h), else -1.
 * -1 with *fail.
 */
int image_open(const struct store *store, const char *sha256, const char *pieces, int *there_fd, struct fail *fail);

#endif
