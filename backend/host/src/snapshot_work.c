/* SPDX-License-Identifier: Apache-2.0 */
/* The worker thread that makes a VM's part of a snapshot. Theory in snapshot_take.c. */
#define _GNU_SOURCE
#include "snapshot_internal.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <sodium.h>

#include "clock.h"

#define PASSES_MAX 6
#define ENOUGH_BYTES (1u << 20)
#define SHRINKS 0.7
#define FRESH_SECONDS 0.5 /* at least this between passes while waiting */
#define FRESH_SHARE 5     /* and this many times as long as the last pass took */
#define PROGRESS_EVERY 0.1
#define CUT_THREADS 2

static double since_ms(double *mark)
{
	double now = clock_seconds(), span = (now - *mark) * 1e3;

	*mark = now;
	return span;
}

static int fail_cancelled(const struct snapshot_take *take, struct fail *fail)
{
	if (take->reason.code[0]) {
		*fail = take->reason;
		return -1;
	}
	return fail_set(fail, "cancelled", "The snapshot was cancelled. Nothing of it is kept and the VM goes on.");
}

static void tell(struct snapshot_take *take, const char *status)
{
	double now = clock_seconds(), span = now - take->started;
	uint64_t copied = take->copied + take->copy.sent;

	pthread_mutex_lock(&take->lock);
	take->progress.status = status;
	take->progress.pass = take->passes;
	take->progress.transferred = copied;
	take->progress.remaining = take->copy.remaining;
	take->progress.total = take->copy.total;
	take->progress.throughput = span > 0 ? (double)copied / span : 0;
	pthread_mutex_unlock(&take->lock);
	take->progress_next = now + PROGRESS_EVERY;
	loop_post(take->loop, take_loop_event, take);
}

void take_progress(void *arg)
{
	struct snapshot_take *take = arg;

	if (clock_seconds() >= take->progress_next)
		tell(take, take->progress.status);
}

/* The worker waits */

static void deadline_after(double seconds, struct timespec *deadline)
{
	clock_gettime(CLOCK_MONOTONIC, deadline);
	deadline->tv_sec += (time_t)seconds;
	deadline->tv_nsec += (long)((seconds - (double)(time_t)seconds) * 1e9);
	if (deadline->tv_nsec >= 1000000000) {
		deadline->tv_sec++;
		deadline->tv_nsec -= 1000000000;
	}
}

/* Until something is wanted, it was cancelled, or the time is over. */
static enum want wait_for(struct snapshot_take *take, enum want wanted, double seconds)
{
	struct timespec deadline;
	enum want want;
	int late = 0;

	deadline_after(seconds, &deadline);
	pthread_mutex_lock(&take->lock);
	while (take->want != wanted && !atomic_load(&take->cancelled) && !late)
		late = pthread_cond_timedwait(&take->changed, &take->lock, &deadline);
	want = take->want;
	pthread_mutex_unlock(&take->lock);
	return want;
}

static int pace(void *arg, uint64_t bytes, struct fail *fail)
{
	struct snapshot_take *take = arg;
	double now = clock_seconds();

	if (atomic_load(&take->cancelled))
		return fail_cancelled(take, fail);
	if (!take->rate_bps || take->want != WANT_NOTHING)
		return 0;
	take->paced = (take->paced > now ? take->paced : now) + (double)bytes * 8 / (double)take->rate_bps;
	if (take->paced - now > 0.02)
		wait_for(take, WANT_CUT, take->paced - now);
	return atomic_load(&take->cancelled) ? fail_cancelled(take, fail) : 0;
}

/* The worker's stages */

static int one_pass(struct snapshot_take *take, struct fail *fail)
{
	double start = clock_seconds(), since = start - take->pass_started;

	take->pass_started = start;
	take->copied += take->copy.sent;
	if (copy_pass(&take->copy, ++take->passes == 1 ? COPY_FIRST : COPY_NEXT, 1, fail) < 0)
		return -1;
	take->pass_seconds = clock_seconds() - start;
	pthread_mutex_lock(&take->lock);
	take->progress.dirty_rate = take->passes > 1 && since > 0 ? (double)take->copy.sent / since : 0;
	pthread_mutex_unlock(&take->lock);
	tell(take, take->progress.status);
	return atomic_load(&take->cancelled) ? fail_cancelled(take, fail) : 0;
}

static int prepare(struct snapshot_take *take, struct fail *fail)
{
	struct disk *disks[COPY_DISKS_MAX];
	unsigned disk_count = vm_disk_count(take->vm) < COPY_DISKS_MAX ? vm_disk_count(take->vm) : COPY_DISKS_MAX;
	uint64_t seed = (uint64_t)json_integer_value(json_object_get(take->head, "seed")), before = UINT64_MAX, bytes = 0;
	struct copy_sink sink;
	struct fail no_log;
	struct stat info;

	for (unsigned i = 0; i < disk_count; i++) {
		disks[i] = vm_disk(take->vm, i);
		bytes += disk_overlay_bytes(disks[i]);
	}
	if (!take->is_device && fstat(vm_ram_fd(take->vm), &info) == 0)
		bytes += (uint64_t)info.st_blocks * 512;
	take->writer = shadow_writer_create(take->store, take->id, vm_instance(take->vm), take->ram_size, disks, disk_count, bytes, pace, take, fail);
	if (!take->writer)
		return -1;
	take->copy.ram.sent.seed = seed;
	if (take->is_device)
		goto ready;
	sink = shadow_writer_sink(take->writer);
	if (copy_open(&take->copy, &sink, vm_ram_fd(take->vm), take->ram_size, seed, disks, disk_count, fail) < 0)
		return -1;
	copy_keep_log(&take->copy, take->vm, &take->crossing, &no_log);
	tell(take, "passes");
	do {
		before = take->passes ? take->copy.sent : UINT64_MAX;
		if (one_pass(take, fail) < 0)
			return -1;
	} while (take->passes < 2 || (take->passes < PASSES_MAX && take->copy.sent > ENOUGH_BYTES && (double)take->copy.sent < SHRINKS * (double)before));
ready:
	tell(take, "ready");
	loop_post(take->loop, take_loop_ready, take);
	return 0;
}

static int wait_for_cut(struct snapshot_take *take, struct fail *fail)
{
	for (;;) {
		double wait = take->pass_seconds * FRESH_SHARE > FRESH_SECONDS ? take->pass_seconds * FRESH_SHARE : FRESH_SECONDS;

		if (wait_for(take, WANT_CUT, wait) == WANT_CUT)
			return 0;
		if (atomic_load(&take->cancelled))
			return fail_cancelled(take, fail);
		if (!take->is_device && one_pass(take, fail) < 0)
			return -1;
	}
}

static unsigned cut_threads(void)
{
	cpu_set_t allowed;

	return sched_getaffinity(0, sizeof(allowed), &allowed) < 0 || CPU_COUNT(&allowed) < 2 ? 1 : CUT_THREADS;
}

static void add_digest(struct snapshot_take *take)
{
	uint8_t digest[COPY_DIGEST_MAX];
	char text[2 * COPY_DIGEST_MAX + 1];
	size_t size = copy_digest(&take->copy, digest);

	sodium_bin2hex(text, sizeof(text), digest, size);
	json_object_set_new(take->head, "digest", json_string(text));
}

/* The guest stands still only in here. */
static int cut(struct snapshot_take *take, struct fail *fail)
{
	struct fail thaw;
	double start, mark;
	int result;

	tell(take, "frozen");
	take->copied += take->copy.sent;
	shadow_writer_defer(take->writer);
	start = mark = clock_seconds();
	result = crossing_ask(&take->crossing, take->loop, take_loop_freeze, take, fail);
	take->parts.freeze = since_ms(&mark);
	if (!result) {
		result = take->is_device ? 0 : copy_pass(&take->copy, COPY_LAST, cut_threads(), fail);
		add_digest(take);
		take->parts.scan = since_ms(&mark);
	}
	if (crossing_ask(&take->crossing, take->loop, take_loop_thaw, take, &thaw) < 0 && !result)
		result = fail_set(fail, thaw.code, "The snapshot failed, and the VM could not be thawed: %s Stop it, or kill its supervisor and start it again.", thaw.message);
	take->parts.thaw = since_ms(&mark);
	take->downtime_ms = (mark - start) * 1e3;
	take->cut_bytes = take->copy.sent;
	if (!result && take->export_failed) {
		*fail = take->export_fail;
		result = -1;
	}
	if (!result)
		loop_post(take->loop, take_loop_was_cut, take);
	return result;
}

static int complete(struct snapshot_take *take, struct fail *fail)
{
	if (shadow_writer_write(take->writer, fail) < 0)
		return -1;
	loop_post(take->loop, take_loop_written, take);
	while (wait_for(take, WANT_FINISH, 3600) != WANT_FINISH)
		if (atomic_load(&take->cancelled))
			return fail_cancelled(take, fail);
	if (migration_devices_store(&take->devices, shadow_writer_folder(take->writer), fail) < 0)
		return -1;
	json_object_set_new(take->head, "cutUs", json_integer((json_int_t)take->cut_us));
	json_object_set_new(take->head, "realDeltaNs", json_integer(take->clock_offset_ns));
	return shadow_writer_complete(take->writer, take->head, take->incremental, fail);
}

void *take_work(void *arg)
{
	struct snapshot_take *take = arg;

	take->started = take->pass_started = clock_seconds();
	take->failed = prepare(take, &take->why) < 0 || wait_for_cut(take, &take->why) < 0 || cut(take, &take->why) < 0 || complete(take, &take->why) < 0;
	copy_close(&take->copy, true);
	loop_post(take->loop, take_loop_ended, take);
	return NULL;
}
