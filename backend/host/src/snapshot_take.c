/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Theory (docs/protocols.md, section 9). A worker thread copies the VM into a part (shadow.c) with the passes of a migration; what touches the VM or its links
 * happens on the loop, which the worker asks through a crossing. The worker's stages:
 *
 *   PASSES   until what a pass finds is little, or passes don't help any more
 *   READY    waits for the cut; now and then another pass keeps the part fresh, so that the cut finds little
 *   CUT      freeze; the loop takes the device state and begins the new epoch while the worker copies the last delta into memory; thaw
 *   WRITING  the delta goes to the files; the loop meanwhile records frames that were on their way
 *   CUT_DONE waits until the loop has all of these (finish), then completes the part
 *
 * A switch or gateway has neither memory nor disks: there is nothing to copy, and nothing stands still longer than a round of the loop.
 *
 * Device state is taken out of sockets and queues and put back at once, in the same round of the loop: clients go on writing to consoles and commands meanwhile and
 * must find the order of things as it was. The guest cannot tell, as it stands still.
 */
#define _GNU_SOURCE
#include "snapshot_internal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "clock.h"
#include "link.h"
#include "params.h"
#include "snapshot_head.h"

#define CHANNEL_CHECK_US 5000

/* Events */

static json_t *event_json(struct snapshot_take *take, const char *status)
{
	struct progress p;

	pthread_mutex_lock(&take->lock);
	p = take->progress;
	pthread_mutex_unlock(&take->lock);
	return json_pack("{s:s,s:s,s:s,s:s,s:i,s:I,s:I,s:I,s:f,s:f}", "event", "snapshot", "snapshot", take->id, "instance", vm_instance(take->vm), "status",
			 status ? status : p.status, "pass", (int)p.pass, "transferred", (json_int_t)p.transferred, "remaining", (json_int_t)p.remaining, "total",
			 (json_int_t)p.total, "dirtyRate", p.dirty_rate, "throughput", p.throughput);
}

void take_loop_event(void *arg)
{
	struct snapshot_take *take = arg;

	take->hooks.event(take->hooks.arg, event_json(take, NULL));
}

static void post_want(struct snapshot_take *take, enum want want)
{
	pthread_mutex_lock(&take->lock);
	if (want != WANT_NOTHING)
		take->want = want;
	pthread_cond_signal(&take->changed);
	pthread_mutex_unlock(&take->lock);
}

/* What the worker asks the loop for */

static void loop_taken(struct snapshot_take *take)
{
	if (migration_devices_export(&take->devices, take->vm, true, &take->export_fail) < 0)
		take->export_failed = true;
	/* What was taken goes back in either case. */
	if (migration_devices_put_back(&take->devices, take->vm, &take->export_fail) < 0)
		take->export_failed = true;
	links_cut(vm_links(take->vm));
}

static void loop_frozen(void *arg, const struct fail *fail)
{
	struct snapshot_take *take = arg;

	take->cut_us = clock_wall_us();
	take->clock_offset_ns = vm_clock_offset(take->vm);
	crossing_done(&take->crossing, fail);
	/* The worker reads RAM meanwhile. */
	if (!fail)
		loop_taken(take);
}

/* A guest that was booted anew has another memory file than the one that was copied. */
static bool is_same_guest(const struct snapshot_take *take)
{
	struct stat ours, its;

	return vm_hello(take->vm) && vm_ram_fd(take->vm) >= 0 && fstat(take->copy.ram.fd, &ours) == 0 && fstat(vm_ram_fd(take->vm), &its) == 0 && ours.st_ino == its.st_ino &&
	       ours.st_dev == its.st_dev;
}

void take_loop_freeze(void *arg)
{
	struct snapshot_take *take = arg;
	struct fail fail;

	if (take->is_device) {
		links_pause(vm_links(take->vm));
		loop_frozen(take, NULL);
		links_resume(vm_links(take->vm));
		return;
	}
	if (is_same_guest(take)) {
		vm_freeze(take->vm, loop_frozen, take);
		return;
	}
	fail_set(&fail, "not-running", "The guest was ended or started anew while the snapshot was made. Nothing of it is kept; try again when the VM runs.");
	crossing_done(&take->crossing, &fail);
}

static void loop_thawed(void *arg, const struct fail *fail)
{
	struct snapshot_take *take = arg;

	links_cut_release(vm_links(take->vm));
	crossing_done(&take->crossing, fail);
}

void take_loop_thaw(void *arg)
{
	struct snapshot_take *take = arg;

	if (take->is_device)
		loop_thawed(take, NULL);
	else
		vm_thaw(take->vm, loop_thawed, take);
}

void take_loop_ready(void *arg)
{
	struct snapshot_take *take = arg;

	take->stage = STAGE_READY;
	take->hooks.ready(take->hooks.arg, json_pack("{s:i,s:I}", "passes", (int)take->passes, "bytes", (json_int_t)shadow_writer_bytes(take->writer)));
}

static json_t *cut_json(const struct snapshot_take *take)
{
	const struct parts *p = &take->parts;

	return json_pack("{s:f,s:{s:f,s:f,s:f},s:I,s:I}", "downtimeMs", take->downtime_ms, "parts", "freezeMs", p->freeze, "scanMs", p->scan,
			 "thawMs", p->thaw, "bytes", (json_int_t)take->cut_bytes, "cutUs", (json_int_t)take->cut_us);
}

void take_loop_was_cut(void *arg)
{
	struct snapshot_take *take = arg;
	json_t *event = event_json(take, "cut");

	take->stage = STAGE_WRITING;
	json_object_set_new(event, "downtimeMs", json_real(take->downtime_ms));
	take->hooks.event(take->hooks.arg, event);
	take->hooks.cut(take->hooks.arg, cut_json(take));
}

void take_loop_written(void *arg)
{
	((struct snapshot_take *)arg)->stage = STAGE_CUT_DONE;
}

void take_loop_ended(void *arg)
{
	struct snapshot_take *take = arg;
	json_t *event, *result = take->result;

	pthread_join(take->worker, NULL);
	take->worker_runs = false;
	links_cut_end(vm_links(take->vm));
	event = event_json(take, !take->failed ? "complete" : strcmp(take->why.code, "cancelled") ? "failed" : "cancelled");
	if (take->failed)
		json_object_set_new(event, "error", json_string(take->why.message));
	take->hooks.event(take->hooks.arg, event);
	if (!take->failed)
		json_object_set_new(result, "bytes", json_integer((json_int_t)shadow_writer_bytes(take->writer)));
	/* Before anybody hears of it: a part that failed is gone then, and one that is complete may be deleted. */
	shadow_writer_destroy(take->writer);
	take->writer = NULL;
	if (take->failed) {
		take->hooks.failed(take->hooks.arg, &take->why);
		return;
	}
	take->result = NULL;
	take->hooks.complete(take->hooks.arg, result);
}

/* The end, on the loop: when all that was on its way has come. */

static int append_frames(struct snapshot_take *take, uint8_t *frames, size_t size)
{
	uint8_t *grown = size ? realloc(take->devices.frames, take->devices.frames_size + size) : take->devices.frames;

	if (size && !grown)
		return -1;
	if (size)
		memcpy(grown + take->devices.frames_size, frames, size);
	take->devices.frames = grown;
	take->devices.frames_size += size;
	return 0;
}

static void channels_taken(struct snapshot_take *take)
{
	uint8_t *frames = NULL;
	uint64_t lost = 0;
	size_t size = 0;
	json_t *links = links_cut_take(vm_links(take->vm), &frames, &size, &lost);

	if (!links || append_frames(take, frames, size) < 0) {
		fail_set(&take->reason, "no-memory", "The host has no memory left for the frames that were on their way. Nothing of the snapshot is kept and the VM goes on.");
		json_decref(links);
		free(frames);
		snapshot_take_cancel(take);
		return;
	}
	take->result = json_pack("{s:i,s:i,s:o,s:I}", "frames", links_frames_count(take->devices.frames, take->devices.frames_size - size, DEVICE_PORTS_MAX), "channelFrames",
				 links_frames_count(frames, size, DEVICE_PORTS_MAX), "links", links, "lost", (json_int_t)lost);
	free(frames);
	post_want(take, WANT_FINISH);
}

static void channels_check(void *arg)
{
	struct snapshot_take *take = arg;

	if (take->stage == STAGE_CUT_DONE && links_cut_complete(vm_links(take->vm)))
		channels_taken(take);
	else
		loop_timer_set(take->loop, &take->channel_timer, loop_now(take->loop) + CHANNEL_CHECK_US);
}

/* Life */

static int read_params(struct snapshot_take *take, const json_t *params, struct fail *fail)
{
	json_int_t epoch, rate = 0;
	json_t *options;
	const char *id;

	if (params_instance(params, "snapshot", &id, fail) < 0 || params_integer(params, "epoch", false, 1, UINT16_MAX, &epoch, fail) < 0 ||
	    params_object(params, "options", true, &options, fail) < 0 || params_integer(options, "bandwidthLimit", true, 0, 1000000000000, &rate, fail) < 0 ||
	    params_boolean(options, "incremental", true, &take->incremental, fail) < 0)
		return -1;
	strcpy(take->id, id);
	take->epoch = (uint16_t)epoch;
	take->rate_bps = (uint64_t)rate;
	return 0;
}

static int check_vm(const struct snapshot_take *take, struct fail *fail)
{
	enum vm_state state = vm_state(take->vm);

	if ((state != VM_RUNNING && state != VM_BOOTING) || (!take->is_device && !vm_hello(take->vm)))
		return fail_set(fail, "not-running", "The VM is %s: only a running VM can be part of a snapshot. Start it, or leave it out.", vm_state_name(state));
	if (links_epoch(vm_links(take->vm)) == take->epoch)
		return fail_set(fail, "exists", "The VM was part of a snapshot with the epoch %u already. Choose another number for this one.", take->epoch);
	return 0;
}

static void held_too_long(void *arg)
{
	struct snapshot_take *take = arg;

	fail_set(&take->reason, "timeout", "The snapshot was given up: other VMs were cut, and this one was not told to be within 10 s. Nothing of it is kept and the VM goes on.");
	snapshot_take_cancel(take);
}

struct snapshot_take *snapshot_take_start(struct vm *vm, const struct store *store, const json_t *params, const struct snapshot_take_hooks *hooks, struct fail *fail)
{
	struct snapshot_take *take = calloc(1, sizeof(*take));
	pthread_condattr_t monotonic;

	if (!take) {
		fail_set(fail, "no-memory", "The host has no memory left to copy the VM with. The VM goes on.");
		return NULL;
	}
	take->vm = vm;
	take->store = store;
	take->loop = vm_loop(vm);
	take->hooks = *hooks;
	take->copy.ram.fd = -1;
	take->copy.progress = take_progress;
	take->copy.arg = take;
	take->progress.status = "prepare";
	crossing_init(&take->crossing);
	pthread_mutex_init(&take->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&take->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	loop_timer_init(&take->channel_timer, channels_check, take);
	take->is_device = vm_kind(vm) != DEVICE_NONE;
	if (read_params(take, params, fail) < 0 || check_vm(take, fail) < 0)
		goto failed;
	if (!take->is_device)
		take->ram_size = vm_hello(vm)->file_size;
	take->head = snapshot_head(vm, store, take->id);
	if (!take->head || links_cut_begin(vm_links(vm), take->epoch, held_too_long, take) < 0) {
		fail_set(fail, "no-memory", "The host has no memory left to copy the VM with. The VM goes on.");
		goto failed;
	}
	if (pthread_create(&take->worker, NULL, take_work, take)) {
		links_cut_end(vm_links(vm));
		fail_set(fail, "no-memory", "The host refuses a thread for the snapshot. The VM goes on.");
		goto failed;
	}
	take->worker_runs = true;
	return take;
failed:
	snapshot_take_destroy(take);
	return NULL;
}

void snapshot_take_destroy(struct snapshot_take *take)
{
	if (!take)
		return;
	if (take->worker_runs) {
		snapshot_take_cancel(take);
		crossing_abort(&take->crossing);
		pthread_join(take->worker, NULL);
		links_cut_end(vm_links(take->vm));
	}
	loop_timer_cancel(take->loop, &take->channel_timer);
	shadow_writer_destroy(take->writer);
	migration_devices_clear(&take->devices);
	json_decref(take->head);
	json_decref(take->result);
	crossing_destroy(&take->crossing);
	pthread_cond_destroy(&take->changed);
	pthread_mutex_destroy(&take->lock);
	free(take);
}

const char *snapshot_take_id(const struct snapshot_take *take)
{
	return take->id;
}

int snapshot_take_cut(struct snapshot_take *take, struct fail *fail)
{
	if (take->stage != STAGE_READY)
		return fail_set(fail, "wrong-state", "The snapshot cannot be cut now: it must have been prepared, and is cut once.");
	take->stage = STAGE_CUT;
	post_want(take, WANT_CUT);
	return 0;
}

int snapshot_take_finish(struct snapshot_take *take, struct fail *fail)
{
	if (take->stage < STAGE_WRITING || take->channels_begun)
		return fail_set(fail, "wrong-state", "The snapshot cannot be finished now: it must have been cut, and is finished once.");
	take->channels_begun = true;
	channels_check(take);
	return 0;
}

void snapshot_take_cancel(struct snapshot_take *take)
{
	atomic_store(&take->cancelled, true);
	loop_timer_cancel(take->loop, &take->channel_timer);
	post_want(take, WANT_NOTHING);
}
