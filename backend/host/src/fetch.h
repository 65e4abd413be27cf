/* SPDX-License-Identifier: Apache-2.0 */
/* Fetches an image piece by piece, while guests may read from it already. Theory in fetch.c. */
#ifndef MOBIHOST_FETCH_H
#define MOBIHOST_FETCH_H

#include "store.h"

/*
 * Reads a list of pieces and then pieces from `in`; writes to `out` lines: "ready <pieces that miss>" when VMs may use the image, "want <piece>", "missing <pieces>"
 * as it goes on, and "whole" at the end. 0, or -1 with *fail: what is there stays.
 */
int fetch_image(const struct store *store, const char *sha256, int in, int out, struct fail *fail);

#endif
