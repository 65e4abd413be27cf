/* SPDX-License-Identifier: Apache-2.0 */
/* Snapshots as the supervisor sees them: the methods snapshot.* that concern one VM, at most one snapshot at a time. */
#ifndef MOBIHOST_SNAPSHOT_H
#define MOBIHOST_SNAPSHOT_H

#include <stdbool.h>

#include "request.h"
#include "store.h"

struct snapshot;

/* Also removes what a former supervisor of this VM has left half done. NULL: out of memory. */
struct snapshot *snapshot_create(struct supervisor *supervisor, struct vm *vm, const struct store *store);
/* Before the VM is closed: ends what goes on and waits for it. */
void snapshot_destroy(struct snapshot *snapshot);

/* Takes and answers the request if its method is one of snapshot.*; false: it is not. */
bool snapshot_request(struct snapshot *snapshot, struct request *request);
/* Cancels what is under way: the VM has ended, or is to. */
void snapshot_abandon(struct snapshot *snapshot);
/* The client's connection has ended: so does the snapshot that it prepared. */
void snapshot_client_gone(struct snapshot *snapshot, const void *client);
bool snapshot_is_under_way(const struct snapshot *snapshot);

#endif
