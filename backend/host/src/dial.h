/* SPDX-License-Identifier: Apache-2.0 */
/* Connecting to a host of which several addresses are known. Blocking; for worker threads. */
#ifndef MOBIHOST_DIAL_H
#define MOBIHOST_DIAL_H

#include "udp.h"

#define DIAL_MAX 16

/*
 * Tries the addresses, the first ones first, without waiting long for any: the first that answers counts. Ends when cancel_fd becomes readable. A non-blocking socket, and in *which
 * the number of its address; -1 with errno (ECANCELED, ETIMEDOUT or that of the last address).
 */
int dial(const struct udp_address *to, unsigned count, unsigned timeout_ms, int cancel_fd, unsigned *which);

#endif
