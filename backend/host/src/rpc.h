/* SPDX-License-Identifier: Apache-2.0 */
/* `mobihost rpc`: JSON lines between the desktop and the supervisors of one host folder. Theory in rpc.c. */
#ifndef MOBIHOST_RPC_H
#define MOBIHOST_RPC_H

#include "store.h"

/* Runs until standard input ends and all its requests are answered. Returns the exit status. */
int rpc_main(struct store *store);

#endif
