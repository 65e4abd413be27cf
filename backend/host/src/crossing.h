/* SPDX-License-Identifier: Apache-2.0 */
/* A worker thread asks the loop to do something and waits until it is done. */
#ifndef MOBIHOST_CROSSING_H
#define MOBIHOST_CROSSING_H

#include <pthread.h>
#include <stdbool.h>

#include "fail.h"
#include "loop.h"

struct crossing {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool answered, aborted;
	bool failed;
	struct fail fail;
};

void crossing_init(struct crossing *crossing);
void crossing_destroy(struct crossing *crossing);

/* Worker: runs fn(arg) on the loop and waits until crossing_done was called there, at once or later. 0, or -1 with *fail. One at a time. */
int crossing_ask(struct crossing *crossing, struct loop *loop, void (*fn)(void *arg), void *arg, struct fail *fail);
/* Loop: ends the wait; NULL: it worked. */
void crossing_done(struct crossing *crossing, const struct fail *fail);
/* Loop: it will not answer any more; all questions, now and later, fail with "cancelled". */
void crossing_abort(struct crossing *crossing);

#endif
