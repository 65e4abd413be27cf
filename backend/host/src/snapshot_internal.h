/* SPDX-License-Identifier: Apache-2.0 */
/* What the files that make up snapshot_take.h share: snapshot_take.c (theory, the loop's side) and snapshot_work.c (the worker's). */
#ifndef MOBIHOST_SNAPSHOT_INTERNAL_H
#define MOBIHOST_SNAPSHOT_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "crossing.h"
#include "migration_copy.h"
#include "migration_devices.h"
#include "shadow.h"
#include "snapshot_take.h"

enum want { WANT_NOTHING, WANT_CUT, WANT_FINISH };
enum stage { STAGE_PASSES, STAGE_READY, STAGE_CUT, STAGE_WRITING, STAGE_CUT_DONE };

/* What events tell; guarded by `lock`. */
struct progress {
	const char *status;
	unsigned pass;
	uint64_t transferred, remaining, total;
	double dirty_rate, throughput;
};

struct parts {
	double freeze, scan, thaw; /* milliseconds of the stand-still */
};

struct snapshot_take {
	struct vm *vm;
	const struct store *store;
	struct loop *loop;
	struct snapshot_take_hooks hooks;
	char id[17];
	uint16_t epoch;
	uint64_t rate_bps;
	bool incremental;
	bool is_device; /* a switch or gateway */
	uint64_t ram_size;
	json_t *head; /* grows as its members become known */
	pthread_t worker;
	bool worker_runs;
	struct crossing crossing;
	atomic_bool cancelled;
	struct fail reason; /* set before `cancelled`; no code: somebody wanted it */
	/* worker */
	struct shadow_writer *writer;
	struct copy copy;
	double started, pass_started, pass_seconds, progress_next, paced;
	unsigned passes;
	uint64_t copied;
	struct parts parts;
	double downtime_ms;
	uint64_t cut_bytes;
	struct fail why;
	bool failed;
	/* loop */
	enum stage stage;
	bool channels_begun;
	struct migration_devices devices;
	struct fail export_fail;
	bool export_failed;
	uint64_t cut_us;
	int64_t clock_offset_ns;
	struct loop_timer channel_timer;
	json_t *result; /* of snapshot.finish */
	/* mailbox */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	_Atomic(enum want) want;
	struct progress progress;
};

/* The worker: the thread's function, and its share in progress while a pass runs. */
void *take_work(void *arg);
void take_progress(void *arg);

/* On the loop, at the worker's request. */
void take_loop_event(void *arg);
void take_loop_ready(void *arg);
void take_loop_freeze(void *arg);
void take_loop_thaw(void *arg);
void take_loop_was_cut(void *arg);
void take_loop_written(void *arg);
void take_loop_ended(void *arg);

#endif
