/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Theory (docs/protocols.md, section 7). A worker thread drives the migration with blocking I/O; whatever touches the VM or its links happens on the
 * loop, which the worker asks through a crossing. What a failure means in each of its states (migration_states.h):
 *
 *   CONNECTS, GREETS, COPIES   nothing has happened to the guest: it just goes on
 *   FREEZES, FINISHES          device state is put back, the guest is thawed (THAWS)
 *   LETS_GO                    the record is in force: only the target may run. If it says itself that it could not (ERROR), the guest is thawed here after all; if it is silent, this side waits for the
 *                              desktop's verdict (UNSURE, migration.resolve)
 *   PASSES_ON                  RUNNING has come: datagrams are passed on for FORWARD_SECONDS, then `left` is called
 *
 * migration_pace.c decides after each pass whether another one follows, and how far the guest is slowed down meanwhile.
 *
 * The record that the VM was handed over is written and flushed while the guest still runs, and comes in force by a rename (record.c): flushing takes milliseconds,
 * sometimes hundreds of them, in which the guest would stand still.
 *
 * Device state is exported on the loop while the worker reads RAM, both on the frozen guest.
 *
 * While the VM moves, and begins to run at a target on the same host, it needs the processors. So nobody is told of the switch before it has taken TELL_LATE_US, and of its end
 * MIGRATION_HUSH_US after it: a desktop has much to do then. What is left here is ended behind it, the frozen process a second later and at low priority,
 * and only then the log of changing pages, whose end would have to undo what it did to that process's page tables.
 */
#define _GNU_SOURCE
#include "migration_source.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "crossing.h"
#include "link.h"
#include "little.h"
#include "migration_copy.h"
#include "migration_devices.h"
#include "migration_pace.h"
#include "migration_params.h"
#include "migration_relay.h"
#include "migration_states.h"
#include "migration_wire.h"
#include "params.h"
#include "turns.h"

#define ENDPOINTS_MAX 16
#define CONNECT_MS 5000
#define SWITCH_PATIENCE_MS 15000
#define FORWARD_SECONDS 10
#define QUIT_AFTER_US 1000000
#define PROGRESS_EVERY 0.1
#define TELL_LATE_US 50000
#define PASSES_DEFAULT 30
#define PASSES_MAX 1000
#define DOWNTIME_DEFAULT_MS 300
#define SCAN_THREADS 2
#define REGION_MAX 256

struct options {
	uint64_t rate_bps, delay_us;
	unsigned downtime_limit_ms, passes_max, throttle_max;
	bool check_log;
};

/* What events tell; guarded by `lock`. */
struct progress {
	const char *status;
	unsigned pass;
	uint64_t transferred, remaining, total;
	double dirty_rate, throughput, expected_ms;
	unsigned throttle;
};

struct parts {
	double freeze, scan, send, ready, record, resume; /* milliseconds of the downtime */
};

struct migration_source {
	struct vm *vm;
	struct loop *loop;
	struct migration_source_hooks hooks;
	char id[MIGRATION_ID_MAX + 1];
	char target[17];
	char target_region[REGION_MAX + 1]; /* for whoever looks for the target later */
	struct udp_address endpoints[ENDPOINTS_MAX];
	struct migration_relays relays;
	unsigned endpoint_count;
	struct options options;
	struct wire *wire;
	struct pages_writer *writer;
	pthread_t worker;
	bool worker_runs, ended;
	struct crossing crossing;
	_Atomic(enum migration_state) state;
	/* worker */
	struct copy copy;
	bool logged;	    /* a log of what changes was kept to the end */
	struct fail no_log; /* why not */
	struct udp_address target_address;
	const char *relayed_by; /* NULL: by nobody; guarded by lock */
	double started, progress_next, pass_started;
	struct pace pace;
	unsigned passes;
	struct parts parts;
	double downtime_ms, total_ms;
	struct fail why; /* of a failure, for the loop */
	bool failed;
	json_t *draft; /* of the record of having handed the VM over */
	/* loop */
	struct migration_devices devices;
	double froze; /* when it was asked to; read by the worker afterwards */
	bool exported;
	struct fail export_fail;
	bool export_failed;
	bool quit, hurry; /* the process has ended; leave as soon as it has */
	unsigned link_port;
	struct loop_timer tell_timer, moved_timer, quit_timer, leave_timer;
	pthread_mutex_t lock;
	struct progress progress;
};

/* What the record and the status say about the migration. */
static json_t *record_more(const struct migration_source *source)
{
	return json_pack("{s:s,s:s,s:s,s:s}", "migration", source->id, "role", "source", "targetInstance", source->target, "targetRegion", source->target_region);
}

static int record(struct migration_source *source, enum vm_state state, bool more, struct fail *fail)
{
	json_t *migration = more ? record_more(source) : NULL;
	int result = vm_record(source->vm, state, false, migration, fail);

	json_decref(migration);
	return result;
}

/* Events */

static json_t *event_json(struct migration_source *source, const char *status)
{
	struct progress p;
	json_t *event;
	const char *by;

	pthread_mutex_lock(&source->lock);
	p = source->progress;
	by = source->relayed_by;
	pthread_mutex_unlock(&source->lock);
	event = json_pack("{s:s,s:s,s:s,s:s,s:i,s:I,s:I,s:I,s:f,s:f,s:i,s:s*}", "event", "migration", "migration", source->id, "instance",
			  vm_instance(source->vm), "status", status ? status : p.status, "pass", (int)p.pass, "transferred",
			  (json_int_t)p.transferred, "remaining", (json_int_t)p.remaining, "total", (json_int_t)p.total, "dirtyRate",
			  p.dirty_rate, "throughput", p.throughput, "throttle", (int)p.throttle, "relayedBy", by);
	if (event && p.expected_ms > 0)
		json_object_set_new(event, "expectedDowntimeMs", json_real(p.expected_ms));
	return event;
}

static void loop_event(void *arg)
{
	struct migration_source *source = arg;

	source->hooks.event(source->hooks.arg, event_json(source, NULL));
}

/* The switch takes long. */
static void loop_tell_late(void *arg)
{
	struct migration_source *source = arg;

	loop_event(source);
	loop_timer_set(source->loop, &source->tell_timer, loop_now(source->loop) + TELL_LATE_US);
}

/* Worker. What the next event will tell. */
static void note(struct migration_source *source, const char *status)
{
	struct copy *copy = &source->copy;
	double span = clock_seconds() - source->started;

	pthread_mutex_lock(&source->lock);
	source->progress.status = status;
	source->progress.pass = source->passes;
	source->progress.transferred = wire_written(source->wire);
	source->progress.remaining = copy->remaining;
	source->progress.total = copy->total;
	source->progress.throughput = span > 0 ? (double)wire_written(source->wire) / span : 0;
	pthread_mutex_unlock(&source->lock);
}

/* Worker. A loop that ends no longer runs what was posted, so the source outlives it: it is destroyed after the worker was joined. */
static void tell(struct migration_source *source, const char *status)
{
	note(source, status);
	source->progress_next = clock_seconds() + PROGRESS_EVERY;
	loop_post(source->loop, loop_event, source);
}

static void pass_progress(void *arg)
{
	struct migration_source *source = arg;

	if (atomic_load(&source->state) >= SOURCE_FREEZES)
		note(source, "frozen");
	else if (clock_seconds() >= source->progress_next)
		tell(source, "passes");
}

/* What the worker asks the loop for */

static void loop_frozen(void *arg, const struct fail *fail)
{
	struct migration_source *source = arg;

	if (fail) {
		/* A guest that refused to freeze runs; one that was too slow may freeze yet and is thawed. */
		if (strcmp(fail->code, "timeout"))
			atomic_store(&source->state, SOURCE_COPIES);
		crossing_done(&source->crossing, fail);
		return;
	}
	links_pause(vm_links(source->vm));
	atomic_store(&source->state, SOURCE_FINISHES);
	crossing_done(&source->crossing, NULL);
	/* The worker reads RAM meanwhile. Clients go first: what they would still write to a console or command would be lost. */
	vm_streams_moved(source->vm, source->target);
	source->exported = true;
	source->export_failed = migration_devices_export(&source->devices, source->vm, false, &source->export_fail) < 0;
}

static void loop_freeze(void *arg)
{
	struct migration_source *source = arg;

	vm_stands_still(source->vm);
	atomic_store(&source->state, SOURCE_FREEZES);
	loop_timer_set(source->loop, &source->tell_timer, loop_now(source->loop) + TELL_LATE_US);
	source->froze = clock_seconds();
	vm_freeze(source->vm, loop_frozen, source);
}

static void loop_devices(void *arg)
{
	struct migration_source *source = arg;

	crossing_done(&source->crossing, source->export_failed ? &source->export_fail : NULL);
}

static void loop_hand_over(void *arg)
{
	struct migration_source *source = arg;
	struct fail fail;
	json_t *more;

	/* Cancelling happens on this thread, too: from here on it is refused. */
	if (wire_cancelled(source->wire)) {
		fail_set(&fail, "cancelled", "The migration was cancelled. The VM goes on where it was.");
		crossing_done(&source->crossing, &fail);
		return;
	}
	more = record_more(source);
	if (vm_record_draft_take(source->vm, DRAFT_HANDED_OVER, source->draft, VM_HANDED_OVER, true, more, &fail) < 0) {
		json_decref(more);
		crossing_done(&source->crossing, &fail);
		return;
	}
	json_decref(more);
	atomic_store(&source->state, SOURCE_LETS_GO);
	crossing_done(&source->crossing, NULL);
}

static void loop_draft(void *arg)
{
	struct migration_source *source = arg;
	json_t *more = record_more(source);

	source->draft = vm_record_draft(source->vm, VM_HANDED_OVER, more);
	json_decref(more);
	crossing_done(&source->crossing, NULL);
}

static void loop_forward(void *arg)
{
	struct migration_source *source = arg;
	struct udp_address address = source->target_address;
	char endpoint[UDP_ADDRESS_TEXT];

	address.port = source->link_port;
	udp_address_format(&address, endpoint);
	links_forward(vm_links(source->vm), source->relayed_by ? NULL : endpoint);
}

/* The VM goes on here, whether that can be written down (a full disk) or not: a record that says "sending" or "frozen" gives it to this side as well. */
static void migration_over(struct migration_source *source)
{
	struct fail fail;

	if (record(source, VM_RUNNING, false, &fail) < 0)
		vm_goes_on(source->vm, &fail);
}

static void loop_thawed(void *arg, const struct fail *fail)
{
	struct migration_source *source = arg;

	if (!fail) {
		links_resume(vm_links(source->vm));
		migration_over(source);
	}
	crossing_done(&source->crossing, fail);
}

static void loop_thaw(void *arg)
{
	struct migration_source *source = arg;
	struct fail fail;

	if (source->exported && migration_devices_put_back(&source->devices, source->vm, &fail) < 0) {
		crossing_done(&source->crossing, &fail);
		return;
	}
	vm_thaw(source->vm, loop_thawed, source);
}

static void loop_unmark(void *arg)
{
	struct migration_source *source = arg;

	if (vm_state(source->vm) == VM_SENDING)
		vm_throttle(source->vm, 0);
	/* The guest may have ended by itself meanwhile: then its record is right as it is. */
	if (vm_state(source->vm) == VM_SENDING || vm_state(source->vm) == VM_FROZEN)
		migration_over(source);
	crossing_done(&source->crossing, NULL);
}

/* What the worker does */

static int connect_target(struct migration_source *source, struct fail *fail)
{
	unsigned which;

	if (source->endpoint_count && !wire_connect(source->wire, source->endpoints, source->endpoint_count, CONNECT_MS, &which, fail)) {
		source->target_address = source->endpoints[which];
		return 0;
	}
	if (wire_cancelled(source->wire) || !source->relays.count || migration_relays_connect(&source->relays, source->wire, &which, fail) < 0)
		return -1;
	pthread_mutex_lock(&source->lock);
	source->relayed_by = source->relays.list[which].by;
	pthread_mutex_unlock(&source->lock);
	return 0;
}

static json_t *hello_json(const struct migration_source *source, uint64_t seed)
{
	const struct um_control_hello *hello = vm_hello(source->vm);
	char build[2 * UM_BUILD_ID_SIZE + 1];
	json_t *disks = json_array();

	for (unsigned i = 0; i < vm_disk_count(source->vm); i++)
		json_array_append_new(disks, json_integer((json_int_t)vm_disk(source->vm, i)->blocks));
	sodium_bin2hex(build, sizeof(build), hello->build_id, UM_BUILD_ID_SIZE);
	return json_pack("{s:i,s:s,s:s,s:s,s:s,s:i,s:I,s:I,s:I,s:o,s:b,s:I,s:I,s:I,s:s,s:i}", "version", MIGRATION_VERSION, "migration", source->id, "instance",
			 vm_instance(source->vm), "target", source->target, "buildId", build, "pageSize", MIGRATION_PAGE, "ramSize",
			 (json_int_t)hello->file_size, "markOffset", (json_int_t)hello->state_offset, "seed", (json_int_t)seed, "disks", disks, "seccomp", (int)hello->seccomp, "xfeatures",
			 (json_int_t)hello->xfeatures, "xsaveSize", (json_int_t)hello->host_fp_size, "delayUs",
			 (json_int_t)source->options.delay_us, "setupBoot", vm_setup_boot(source->vm), "cpu", wire_is_local(source->wire) ? vm_cpu(source->vm) : -1);
}

static int exchange_hello(struct migration_source *source, uint64_t seed, struct fail *fail)
{
	json_t *hello = hello_json(source, seed), *answer = NULL;
	char *text = hello ? json_dumps(hello, JSON_COMPACT) : NULL;
	struct wire_message message;
	json_int_t port;
	int result = -1;

	json_decref(hello);
	if (!text)
		return fail_set(fail, "no-memory", "The migration ran out of memory. The VM goes on where it is.");
	if (wire_send_now(source->wire, WIRE_HELLO, text, strlen(text), fail) < 0 || wire_expect(source->wire, WIRE_HELLO, &message, fail) < 0)
		goto out;
	answer = json_loadb((const char *)message.bytes, message.size, 0, NULL);
	if (json_integer_value(json_object_get(answer, "version")) != MIGRATION_VERSION ||
	    params_integer(answer, "linkPort", false, 1, 65535, &port, fail) < 0) {
		fail_set(fail, "bad-stream", "The migration ended: the target speaks another version of the stream. Update the agent on both hosts.");
		goto out;
	}
	source->link_port = (unsigned)port;
	result = 0;
out:
	free(text);
	json_decref(answer);
	return result;
}

/* The pass is only over when the target has all of it. */
static int end_pass(struct migration_source *source, struct fail *fail)
{
	uint8_t number[4];
	struct wire_message message;

	little_put(number, source->passes, 4);
	if (wire_send_now(source->wire, WIRE_PASS, number, sizeof(number), fail) < 0)
		return -1;
	return wire_expect(source->wire, WIRE_PASSED, &message, fail);
}

static void loop_throttle(void *arg)
{
	struct migration_source *source = arg;
	unsigned throttle;

	pthread_mutex_lock(&source->lock);
	throttle = source->progress.throttle;
	pthread_mutex_unlock(&source->lock);
	/* What was posted may come to run only when the guest is frozen, or left to itself again. */
	if (atomic_load(&source->state) == SOURCE_COPIES && vm_state(source->vm) == VM_SENDING)
		vm_throttle(source->vm, throttle);
}

static int run_pass(struct migration_source *source, struct pace_pass *pass, struct fail *fail)
{
	struct copy *copy = &source->copy;
	uint64_t written = wire_written(source->wire);
	double start = clock_seconds();

	source->passes++;
	if (copy_pass(copy, source->passes == 1 ? COPY_FIRST : COPY_NEXT, 1, fail) < 0 || end_pass(source, fail) < 0)
		return -1;
	*pass = (struct pace_pass){ .bytes = wire_written(source->wire) - written, .log_seconds = copy->log_seconds, .scan_seconds = copy->scan_seconds,
				    .round_trip_seconds = (double)wire_round_trip_us(source->wire) / 1e6 };
	pass->send_seconds = clock_seconds() - start - pass->log_seconds - pass->scan_seconds - pass->round_trip_seconds;
	if (pass->send_seconds < copy->send_seconds)
		pass->send_seconds = copy->send_seconds;
	return 0;
}

/* The record that the VM was handed over is on disk from here on, but not in force. So the guest need not stand still for it. */
static int draft_record(struct migration_source *source, struct fail *fail)
{
	if (crossing_ask(&source->crossing, source->loop, loop_draft, source, fail) < 0)
		return -1;
	if (!source->draft)
		return fail_set(fail, "no-memory", "The migration ran out of memory. The VM goes on where it is.");
	return vm_record_draft_write(source->vm, DRAFT_HANDED_OVER, source->draft, fail);
}

static int run_passes(struct migration_source *source, struct fail *fail)
{
	const struct options *options = &source->options;
	bool goes_on;

	source->pace = (struct pace){ .downtime_limit_ms = options->downtime_limit_ms, .passes_max = options->passes_max, .throttle_max = options->throttle_max };
	do {
		double begun = clock_seconds(), since = begun - source->pass_started;
		unsigned throttle = source->pace.throttle;
		struct pace_pass pass;

		source->pass_started = begun;
		if (run_pass(source, &pass, fail) < 0 || (source->passes == 1 && draft_record(source, fail) < 0))
			return -1;
		goes_on = pace_goes_on(&source->pace, &pass);
		pthread_mutex_lock(&source->lock);
		source->progress.dirty_rate = source->passes > 1 && since > 0 ? (double)source->copy.sent / since : 0;
		source->progress.expected_ms = source->pace.expected_ms;
		source->progress.throttle = source->pace.throttle;
		pthread_mutex_unlock(&source->lock);
		if (source->pace.throttle != throttle)
			loop_post(source->loop, loop_throttle, source);
		/* The last ones may be over in milliseconds each. */
		if (source->passes == 1 || clock_seconds() >= source->progress_next)
			tell(source, "passes");
		else
			note(source, "passes");
	} while (goes_on);
	return 0;
}

static double since_ms(double *mark)
{
	double now = clock_seconds(), span = (now - *mark) * 1e3;

	*mark = now;
	return span;
}

static unsigned scan_threads(void)
{
	cpu_set_t allowed;

	if (sched_getaffinity(0, sizeof(allowed), &allowed) < 0 || CPU_COUNT(&allowed) < 2)
		return 1;
	return SCAN_THREADS;
}

static int send_devices(void *arg, uint8_t which, const uint8_t *bytes, size_t size, struct fail *fail)
{
	uint8_t *room = wire_add(((struct migration_source *)arg)->wire, WIRE_DEVICES, 1 + size, fail);

	if (!room)
		return -1;
	room[0] = which;
	memcpy(room + 1, bytes, size);
	return 0;
}

/* From the freeze to READY. */
static int switch_over(struct migration_source *source, struct fail *fail)
{
	uint8_t digest[COPY_DIGEST_MAX];
	struct wire_message message;
	double mark;
	size_t size;

	turns_be_short(-1);
	wire_patience(source->wire, SWITCH_PATIENCE_MS);
	if (crossing_ask(&source->crossing, source->loop, loop_freeze, source, fail) < 0)
		return -1;
	mark = source->froze;
	source->parts.freeze = since_ms(&mark);
	note(source, "frozen");
	if (copy_pass(&source->copy, COPY_LAST, scan_threads(), fail) < 0 ||
	    crossing_ask(&source->crossing, source->loop, loop_devices, source, fail) < 0 ||
	    migration_devices_send(&source->devices, send_devices, source, fail) < 0 || wire_flush(source->wire, fail) < 0)
		return -1;
	source->logged = source->copy.logged != NULL;
	source->parts.scan = source->copy.scan_seconds * 1e3;
	source->parts.send = since_ms(&mark) - source->parts.scan;
	size = copy_digest(&source->copy, digest);
	if (wire_send_now(source->wire, WIRE_DIGEST, digest, size, fail) < 0 || wire_expect(source->wire, WIRE_READY, &message, fail) < 0)
		return -1;
	source->parts.ready = since_ms(&mark);
	if (crossing_ask(&source->crossing, source->loop, loop_hand_over, source, fail) < 0)
		return -1;
	source->parts.record = since_ms(&mark);
	return 0;
}

/* From the record to RUNNING. */
static int let_go(struct migration_source *source, struct fail *fail)
{
	struct wire_message message;
	double mark = clock_seconds();

	if (wire_send_now(source->wire, WIRE_GO, NULL, 0, fail) < 0)
		return -1;
	if (!source->relayed_by)
		loop_post(source->loop, loop_forward, source);
	note(source, "handed-over");
	if (wire_expect(source->wire, WIRE_RUNNING, &message, fail) < 0)
		return -1;
	/* A relay does not know where the VM is before it runs; until then what comes for it waits in the socket. */
	if (source->relayed_by)
		loop_post(source->loop, loop_forward, source);
	source->parts.resume = since_ms(&mark) - (double)source->options.delay_us / 1e3;
	/* The emulated way of the answer is no part of it. */
	source->downtime_ms = (mark - source->froze) * 1e3 - (double)source->options.delay_us / 1e3;
	source->total_ms = (mark - source->started) * 1e3;
	return 0;
}

/* Pages go to the wire. */

static uint8_t *sink_room(void *arg, uint8_t region, uint64_t page, struct fail *fail)
{
	return pages_room(((struct migration_source *)arg)->writer, region, page, fail);
}

static void sink_keep(void *arg)
{
	pages_keep(((struct migration_source *)arg)->writer);
}

static int sink_zero(void *arg, uint8_t region, uint64_t page, struct fail *fail)
{
	return pages_zero(((struct migration_source *)arg)->writer, region, page, fail);
}

static int sink_flush(void *arg, struct fail *fail)
{
	struct migration_source *source = arg;

	return pages_flush(source->writer, fail) < 0 ? -1 : wire_flush(source->wire, fail);
}

static int migrate(struct migration_source *source, struct fail *fail)
{
	const struct copy_sink sink = { .room = sink_room, .keep = sink_keep, .zero = sink_zero, .flush = sink_flush, .arg = source };
	const struct um_control_hello *hello = vm_hello(source->vm);
	struct disk *disks[COPY_DISKS_MAX];
	uint64_t seed;

	randombytes_buf(&seed, sizeof(seed));
	seed >>= 1; /* fits JSON's signed numbers */
	for (unsigned i = 0; i < vm_disk_count(source->vm) && i < COPY_DISKS_MAX; i++)
		disks[i] = vm_disk(source->vm, i);
	tell(source, "prepare");
	if (connect_target(source, fail) < 0)
		return -1;
	atomic_store(&source->state, SOURCE_GREETS);
	if (exchange_hello(source, seed, fail) < 0)
		return -1;
	atomic_store(&source->state, SOURCE_COPIES);
	wire_round_trip_us(source->wire);
	wire_pace(source->wire, source->options.rate_bps, source->options.delay_us);
	/* Nothing is faster than this host's own memory, unless its distance is emulated. */
	source->writer = pages_writer_create(source->wire, !wire_is_local(source->wire) || source->options.rate_bps);
	if (!source->writer)
		return fail_set(fail, "no-memory", "The host has no memory left to copy the VM with. The VM goes on where it is.");
	if (copy_open(&source->copy, &sink, vm_ram_fd(source->vm), hello->file_size, seed, disks, vm_disk_count(source->vm), fail) < 0)
		return -1;
	source->copy.check = source->options.check_log;
	copy_keep_log(&source->copy, source->vm, &source->crossing, &source->no_log);
	if (run_passes(source, fail) < 0 || switch_over(source, fail) < 0 || let_go(source, fail) < 0)
		return -1;
	return 0;
}

/* The end, on the loop */

static json_t *result_json(const struct migration_source *source)
{
	const struct parts *p = &source->parts;

	return json_pack("{s:f,s:f,s:i,s:I,s:b,s:s*,s:{s:f,s:f,s:f,s:f,s:f,s:f}}", "downtimeMs", source->downtime_ms, "totalMs",
			 source->total_ms, "passes", (int)source->passes, "transferred",
			 (json_int_t)wire_written(source->wire), "logged", (int)source->logged, "notLogged",
			 source->logged ? NULL : source->no_log.message, "parts", "freezeMs", p->freeze, "scanMs", p->scan, "sendMs", p->send, "readyMs", p->ready, "recordMs", p->record, "resumeMs", p->resume);
}

static void leave(void *arg)
{
	struct migration_source *source = arg;

	source->hooks.left(source->hooks.arg);
}

static void loop_quit(void *arg, const struct fail *fail)
{
	struct migration_source *source = arg;

	/* Whether the frozen process went politely or not: vm_finish, which follows `left`, sees to the rest. */
	(void)fail;
	source->quit = true;
	copy_close(&source->copy, false);
	loop_timer_set(source->loop, &source->leave_timer, loop_now(source->loop) + (source->hurry ? 0 : FORWARD_SECONDS * 1000000ULL));
}

static void quit(void *arg)
{
	struct migration_source *source = arg;

	vm_step_back(source->vm);
	vm_quit(source->vm, loop_quit, source);
}

static void go_away(struct migration_source *source)
{
	atomic_store(&source->state, SOURCE_PASSES_ON);
	loop_timer_set(source->loop, &source->quit_timer, loop_now(source->loop) + QUIT_AFTER_US);
}

static void end_with(struct migration_source *source, json_t *result, const struct fail *fail, const char *status)
{
	json_t *event = event_json(source, status);

	if (result) {
		json_object_set(event, "downtimeMs", json_object_get(result, "downtimeMs"));
		json_object_set(event, "totalMs", json_object_get(result, "totalMs"));
	} else {
		json_object_set_new(event, "error", json_string(fail->message));
	}
	source->ended = true;
	source->hooks.event(source->hooks.arg, event);
	source->hooks.ended(source->hooks.arg, result, fail);
}

static void tell_moved(void *arg)
{
	struct migration_source *source = arg;

	end_with(source, result_json(source), NULL, "done");
	go_away(source);
}

static void loop_ended(void *arg)
{
	struct migration_source *source = arg;

	pthread_join(source->worker, NULL);
	source->worker_runs = false;
	loop_timer_cancel(source->loop, &source->tell_timer);
	if (source->failed)
		end_with(source, NULL, &source->why, strcmp(source->why.code, "cancelled") ? "failed" : "cancelled");
	else
		loop_timer_set(source->loop, &source->moved_timer, loop_now(source->loop) + MIGRATION_HUSH_US);
}

/* Failures of the network, or told by the target, do not say what has become of the VM. */
static void add_what_holds(struct fail *why)
{
	size_t length = strlen(why->message);

	if (!strstr(why->message, "goes on"))
		snprintf(why->message + length, sizeof(why->message) - length, " The VM goes on where it was.");
}

/* Brings the guest back to life, if it may live here. */
static void recover(struct migration_source *source)
{
	enum migration_state state = atomic_load(&source->state);
	struct fail why;

	if (state == SOURCE_LETS_GO && !wire_refused(source->wire)) {
		char reason[sizeof(source->why.message)];

		memcpy(reason, source->why.message, sizeof(reason));
		fail_set(&source->why, "unconfirmed",
			 "The VM was handed over, but the target never confirmed that it runs. %.500s It stays frozen here until it is known whether it runs at the target.", reason);
		atomic_store(&source->state, SOURCE_UNSURE);
		return;
	}
	atomic_store(&source->state, SOURCE_THAWS);
	if (state < SOURCE_FREEZES) {
		crossing_ask(&source->crossing, source->loop, loop_unmark, source, &why);
		atomic_store(&source->state, SOURCE_OVER);
		add_what_holds(&source->why);
		return;
	}
	if (crossing_ask(&source->crossing, source->loop, loop_thaw, source, &why) < 0) {
		atomic_store(&source->state, SOURCE_OVER);
		fail_set(&source->why, "not-thawed", "The migration failed, and the VM could not be thawed: %s Stop it, or kill its supervisor and start it again.", why.message);
		return;
	}
	atomic_store(&source->state, SOURCE_OVER);
	add_what_holds(&source->why);
}

static void *work(void *arg)
{
	struct migration_source *source = arg;

	turns_be_long(vm_cpu(source->vm));
	source->failed = migrate(source, &source->why) < 0;
	if (source->failed) {
		wire_send_error(source->wire, &source->why);
		recover(source);
		copy_close(&source->copy, true);
	}
	wire_disconnect(source->wire);
	pages_writer_destroy(source->writer);
	source->writer = NULL;
	loop_post(source->loop, loop_ended, source);
	return NULL;
}

/* Life */

static int read_options(const json_t *params, struct options *options, struct fail *fail)
{
	json_int_t rate = 0, limit = 0, delay = 0, downtime = DOWNTIME_DEFAULT_MS, passes = PASSES_DEFAULT, throttle = PACE_THROTTLE_MAX;
	bool check = false;
	json_t *json;

	if (params_object(params, "options", true, &json, fail) < 0)
		return -1;
	if (json && (params_integer(json, "rateBps", true, 0, 1000000000000, &rate, fail) < 0 ||
		     params_integer(json, "bandwidthLimit", true, 0, 1000000000000, &limit, fail) < 0 ||
		     params_integer(json, "delayUs", true, 0, 10000000, &delay, fail) < 0 ||
		     params_integer(json, "downtimeLimitMs", true, 1, 600000, &downtime, fail) < 0 ||
		     params_integer(json, "maxPasses", true, 1, PASSES_MAX, &passes, fail) < 0 ||
		     params_integer(json, "maxThrottle", true, 0, PACE_THROTTLE_MAX, &throttle, fail) < 0 ||
		     params_boolean(json, "checkLog", true, &check, fail) < 0))
		return -1;
	*options = (struct options){ .rate_bps = (uint64_t)(rate && limit ? (rate < limit ? rate : limit) : rate + limit), .delay_us = (uint64_t)delay,
				     .downtime_limit_ms = (unsigned)downtime, .passes_max = (unsigned)passes, .throttle_max = (unsigned)throttle, .check_log = check };
	return 0;
}

static int read_endpoints(struct migration_source *source, const json_t *params, struct fail *fail)
{
	json_t *list;

	if (params_array(params, "endpoints", false, ENDPOINTS_MAX, &list, fail) < 0)
		return -1;
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *text = json_string_value(json_array_get(list, i));

		if (!text || !udp_address_parse(text, &source->endpoints[source->endpoint_count++]))
			return fail_set(fail, "bad-request", "\"endpoints\" must be a list of \"ip:port\" with numeric addresses.");
	}
	if (migration_relays_read(params, &source->relays, fail) < 0)
		return -1;
	if (!source->endpoint_count && !source->relays.count)
		return fail_set(fail, "bad-request", "\"endpoints\" is empty: there is no target to migrate to.");
	return 0;
}

struct migration_source *migration_source_start(struct vm *vm, const json_t *params, const struct migration_source_hooks *hooks, struct fail *fail)
{
	struct migration_source *source = calloc(1, sizeof(*source));
	uint8_t key[SEAL_KEY_SIZE];
	enum seal_cipher cipher;
	const char *target, *region;

	if (!source) {
		fail_set(fail, "no-memory", "The migration ran out of memory. The VM goes on where it is.");
		return NULL;
	}
	source->vm = vm;
	source->loop = vm_loop(vm);
	source->hooks = *hooks;
	source->copy.ram.fd = -1;
	source->copy.progress = pass_progress;
	source->copy.arg = source;
	source->progress.status = "prepare";
	crossing_init(&source->crossing);
	pthread_mutex_init(&source->lock, NULL);
	loop_timer_init(&source->tell_timer, loop_tell_late, source);
	loop_timer_init(&source->moved_timer, tell_moved, source);
	loop_timer_init(&source->quit_timer, quit, source);
	loop_timer_init(&source->leave_timer, leave, source);
	if (migration_params_read(params, source->id, key, &cipher, fail) < 0 || params_instance(params, "targetInstance", &target, fail) < 0 ||
	    params_string(params, "targetRegion", true, REGION_MAX, &region, fail) < 0 ||
	    read_options(params, &source->options, fail) < 0 || read_endpoints(source, params, fail) < 0)
		goto failed;
	strcpy(source->target, target);
	strcpy(source->target_region, region ? region : "");
	if (vm_state(vm) != VM_RUNNING || !vm_hello(vm)) {
		fail_set(fail, "not-running", "The VM is %s: only a running VM can be migrated. Start it, or wait until its set-up has ended.", vm_state_name(vm_state(vm)));
		goto failed;
	}
	source->wire = wire_create(true, cipher, key);
	if (!source->wire) {
		fail_set(fail, "no-memory", "The migration ran out of memory. The VM goes on where it is.");
		goto failed;
	}
	if (record(source, VM_SENDING, true, fail) < 0)
		goto failed;
	source->started = source->pass_started = clock_seconds();
	if (pthread_create(&source->worker, NULL, work, source)) {
		struct fail ignored;

		record(source, VM_RUNNING, false, &ignored);
		fail_set(fail, "no-memory", "The host refuses a thread for the migration. The VM goes on where it is.");
		goto failed;
	}
	source->worker_runs = true;
	sodium_memzero(key, sizeof(key));
	return source;
failed:
	sodium_memzero(key, sizeof(key));
	migration_source_destroy(source);
	return NULL;
}

void migration_source_destroy(struct migration_source *source)
{
	if (!source)
		return;
	if (source->worker_runs) {
		wire_cancel(source->wire);
		crossing_abort(&source->crossing);
		pthread_join(source->worker, NULL);
	}
	loop_timer_cancel(source->loop, &source->tell_timer);
	loop_timer_cancel(source->loop, &source->moved_timer);
	loop_timer_cancel(source->loop, &source->quit_timer);
	loop_timer_cancel(source->loop, &source->leave_timer);
	copy_close(&source->copy, false);
	migration_devices_clear(&source->devices);
	migration_relays_forget(&source->relays);
	wire_destroy(source->wire);
	crossing_destroy(&source->crossing);
	pthread_mutex_destroy(&source->lock);
	json_decref(source->draft);
	free(source);
}

const char *migration_source_id(const struct migration_source *source)
{
	return source->id;
}

enum migration_state migration_source_state(const struct migration_source *source)
{
	return atomic_load(&source->state);
}

int migration_source_cancel(struct migration_source *source, struct fail *fail)
{
	enum migration_state state = atomic_load(&source->state);

	if (state == SOURCE_LETS_GO || state == SOURCE_UNSURE || state == SOURCE_PASSES_ON)
		return fail_set(fail, "too-late", "The migration cannot be cancelled any more: the VM was handed over to its target.");
	if (source->ended)
		return fail_set(fail, "no-such-migration", "The migration has ended already. The VM is where it was.");
	wire_cancel(source->wire);
	return 0;
}

static void loop_resolved(void *arg, const struct fail *fail)
{
	struct migration_source *source = arg;

	if (fail)
		return;
	links_resume(vm_links(source->vm));
	migration_over(source);
	atomic_store(&source->state, SOURCE_OVER);
}

int migration_source_resolve(struct migration_source *source, bool thaw, struct fail *fail)
{
	if (!thaw && atomic_load(&source->state) == SOURCE_PASSES_ON) {
		/* Nobody will send datagrams here any more. */
		source->hurry = true;
		if (source->quit)
			loop_timer_set(source->loop, &source->leave_timer, loop_now(source->loop));
		return 0;
	}
	if (!source->ended || atomic_load(&source->state) != SOURCE_UNSURE)
		return fail_set(fail, "not-open", "There is nothing to decide: the migration goes on, or has ended.");
	if (!thaw) {
		go_away(source);
		return 0;
	}
	if (migration_devices_put_back(&source->devices, source->vm, fail) < 0)
		return -1;
	vm_thaw(source->vm, loop_resolved, source);
	return 0;
}

bool migration_source_over(const struct migration_source *source)
{
	return source->ended && atomic_load(&source->state) == SOURCE_OVER;
}
