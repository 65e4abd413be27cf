/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Theory (docs/protocols.md, section 7). A worker thread accepts the source's connection and drives the migration; what touches the VM happens on the
 * loop. A stranger who connects cannot seal a record: he is disconnected and the next one is waited for.
 *
 * Its states (migration_states.h):
 *
 *   LISTENS, STARTS, TAKES  the waiting guest process is started at once, so that it is ready long before it is needed; pages and blocks are written as they come
 *   READY                   digests agree, device state is in place, the source was told. From now on this side does nothing of its own accord: it runs on GO, gives up on ERROR, and
 *                           if the connection ends without either it waits for the desktop's verdict (UNSURE, migration.resolve), as the source may have written down that it let go
 *   RESUMES                 GO has come: record, RESUME. The record need not be on disk at once, it must only outlive this process: a host that loses power loses the guest's memory
 *                           as well. It is put there, with the disks, while the source still has its own copy (vm_sync)
 *
 * A guest that cannot be resumed after GO may go on at the source, so it must never run here: its process is ended and its memory given up before the source hears of it. The instance
 * stays, as its record tells whoever decides that it never ran, should the source not have heard.
 */
#define _GNU_SOURCE
#include "migration_target.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "crossing.h"
#include "link.h"
#include "little.h"
#include "migration_check.h"
#include "migration_devices.h"
#include "migration_image.h"
#include "migration_pages.h"
#include "migration_params.h"
#include "migration_relay.h"
#include "migration_states.h"
#include "migration_wire.h"
#include "params.h"
#include "turns.h"

#define ACCEPT_MS 60000
#define STRANGER_MS 5000
#define PATIENCE_MS 60000
#define WARM_UP_BYTES (4u << 20) /* of the stream; then what has come is mapped, while more of it comes */
#define RAM_EXTRA (64ull << 20) /* the kernel's own data, beyond mem= */

enum verdict { VERDICT_NONE, VERDICT_RUN, VERDICT_DISCARD };

struct migration_target {
	struct vm *vm;
	struct loop *loop;
	struct migration_target_hooks hooks;
	char id[MIGRATION_ID_MAX + 1];
	char source[17]; /* instance there; "": not known yet */
	struct wire *wire;
	int listener;
	struct migration_relays relays;
	unsigned port;
	pthread_t worker;
	bool worker_runs, ended, unsettled;
	struct loop_timer settle_timer;
	struct crossing crossing;
	_Atomic(enum migration_state) state;
	bool seccomp;
	json_t *drafts[DRAFTS]; /* of records, once they are on disk */
	/* worker */
	char setup_boot[64];
	int cpu; /* of the guest at the source, where that is this host; -1: it is not */
	struct image_copy image;
	uint64_t ram_size, seed, mark_offset;
	struct pages_reader *reader;
	struct migration_devices devices;
	struct fail why;
	bool failed, told_to_run;
	/* verdict, guarded by lock */
	pthread_mutex_t lock;
	pthread_cond_t decided;
	enum verdict verdict;
	bool open, aborted;
};

/* What the record and the status say about the migration. */
static json_t *record_more(const struct migration_target *target, bool ready)
{
	return json_pack("{s:s,s:s,s:s,s:b}", "migration", target->id, "role", "target", "sourceInstance", target->source, "ready", ready);
}

/* The guest is not here, or not whole. */
static int record_incoming(struct migration_target *target, struct fail *fail)
{
	json_t *more = record_more(target, false);
	int result = vm_record(target->vm, VM_INCOMING, false, more, fail);

	json_decref(more);
	return result;
}

/* It is. */
static int record_ready(struct migration_target *target, enum record_draft which, enum vm_state state, struct fail *fail)
{
	json_t *more = record_more(target, true);
	int result = vm_record_draft_take(target->vm, which, target->drafts[which], state, false, more, fail);

	json_decref(more);
	return result;
}

/* What the worker asks the loop for */

static void loop_answered(void *arg, const struct fail *fail)
{
	struct migration_target *target = arg;

	crossing_done(&target->crossing, fail);
}

static void loop_start(void *arg)
{
	struct migration_target *target = arg;
	struct fail fail;

	if (vm_start_waiting(target->vm, target->seccomp, loop_answered, target, &fail) < 0)
		crossing_done(&target->crossing, &fail);
}

static void loop_warm_up(void *arg)
{
	struct migration_target *target = arg;

	vm_warm_up(target->vm);
}

/* The records of the switch, as far as they are known now. */
static void loop_drafts(void *arg)
{
	static const enum vm_state states[DRAFTS] = { [DRAFT_READY] = VM_INCOMING, [DRAFT_ARRIVED] = VM_RUNNING };
	struct migration_target *target = arg;
	json_t *more = record_more(target, true);

	for (enum record_draft which = DRAFT_READY; which <= DRAFT_ARRIVED; which++) {
		json_t *draft = vm_record_draft(target->vm, states[which], more);

		json_object_set_new(draft, "markOffset", json_integer((json_int_t)target->mark_offset));
		json_object_set_new(draft, "setupBoot", json_string(target->setup_boot));
		if (which == DRAFT_ARRIVED)
			json_object_set_new(draft, "arrived", json_string(target->id));
		target->drafts[which] = draft;
	}
	json_decref(more);
	crossing_done(&target->crossing, NULL);
}

static void loop_import(void *arg)
{
	struct migration_target *target = arg;
	struct fail fail;

	vm_adopt_image(target->vm, target->mark_offset);
	if (migration_devices_import(&target->devices, target->vm, &fail) < 0 || record_ready(target, DRAFT_READY, VM_INCOMING, &fail) < 0)
		crossing_done(&target->crossing, &fail);
	else
		crossing_done(&target->crossing, NULL);
}

static void loop_runs(void *arg, const struct fail *fail)
{
	struct migration_target *target = arg;

	if (!fail)
		links_resume(vm_links(target->vm));
	crossing_done(&target->crossing, fail);
}

/* Until now a record found without a supervisor says that the guest has to be let go on. */
static void settle(void *arg)
{
	struct migration_target *target = arg;
	struct fail ignored;

	target->unsettled = false;
	if (vm_state(target->vm) == VM_RUNNING)
		vm_record(target->vm, VM_RUNNING, false, NULL, &ignored);
	vm_sync(target->vm);
}

static void loop_run_guest(void *arg)
{
	struct migration_target *target = arg;
	struct fail fail;

	vm_arrive(target->vm, target->id);
	if (record_ready(target, DRAFT_ARRIVED, VM_RUNNING, &fail) < 0)
		crossing_done(&target->crossing, &fail);
	else
		vm_resume(target->vm, loop_runs, target);
}

/* HELLO */

static int refuse_hello(struct fail *fail, const char *what)
{
	return fail_set(fail, "bad-stream", "The migration ended: the source's %s does not fit this VM's configuration.", what);
}

static int check_hello(struct migration_target *target, const json_t *hello, struct fail *fail)
{
	const char *migration = json_string_value(json_object_get(hello, "migration")), *instance;
	json_int_t memory = json_integer_value(json_object_get(vm_config(target->vm), "memoryMiB")), ram, seed, delay, mark;
	const char *setup_boot;
	json_int_t cpu = -1;
	bool seccomp = false;

	if (json_integer_value(json_object_get(hello, "version")) != MIGRATION_VERSION)
		return fail_set(fail, "bad-stream", "The migration ended: the source speaks another version of the stream. Update the agent on both hosts.");
	if (!migration || strcmp(migration, target->id))
		return refuse_hello(fail, "migration id");
	if (params_instance(hello, "instance", &instance, fail) < 0)
		return -1;
	strcpy(target->source, instance);
	if (json_integer_value(json_object_get(hello, "pageSize")) != MIGRATION_PAGE)
		return refuse_hello(fail, "page size");
	if (params_integer(hello, "ramSize", false, MIGRATION_PAGE, memory * 1048576 + (json_int_t)RAM_EXTRA, &ram, fail) < 0 || ram % MIGRATION_PAGE)
		return refuse_hello(fail, "memory size");
	if (params_integer(hello, "markOffset", false, 0, ram - (json_int_t)sizeof(struct um_checkpoint_mark), &mark, fail) < 0)
		return refuse_hello(fail, "memory layout");
	if (params_integer(hello, "seed", false, 0, INT64_MAX, &seed, fail) < 0 || params_integer(hello, "delayUs", false, 0, 10000000, &delay, fail) < 0 ||
	    params_boolean(hello, "seccomp", false, &seccomp, fail) < 0 || params_string(hello, "setupBoot", true, sizeof(target->setup_boot) - 1, &setup_boot, fail) < 0 ||
	    params_integer(hello, "cpu", true, -1, INT_MAX, &cpu, fail) < 0)
		return -1;
	strcpy(target->setup_boot, setup_boot ? setup_boot : "");
	target->cpu = (int)cpu;
	target->ram_size = (uint64_t)ram;
	target->mark_offset = (uint64_t)mark;
	target->seed = (uint64_t)seed;
	target->seccomp = seccomp;
	wire_pace(target->wire, 0, (uint64_t)delay);
	return 0;
}

/* They are open since the waiting process was started. */
static int check_disks(struct migration_target *target, const json_t *hello, struct fail *fail)
{
	const json_t *disks = json_object_get(hello, "disks");

	if (json_array_size(disks) != vm_disk_count(target->vm))
		return refuse_hello(fail, "number of disks");
	for (unsigned i = 0; i < vm_disk_count(target->vm); i++) {
		if ((uint64_t)json_integer_value(json_array_get(disks, i)) != vm_disk(target->vm, i)->blocks)
			return refuse_hello(fail, "disk size");
	}
	return 0;
}

/* The waiting process knows its binary and this CPU: what a restore would refuse is refused now, while the guest still runs at the source. */
static int check_kernel(struct migration_target *target, const json_t *hello, struct fail *fail)
{
	static const struct check_words words = { .done = "migrated", .holds = "It goes on where it was." };
	const struct um_control_hello *ours = vm_hello(target->vm);
	const char *theirs = json_string_value(json_object_get(hello, "buildId"));
	char build[2 * UM_BUILD_ID_SIZE + 1];

	if (!ours)
		return fail_set(fail, "restore-failed", "The migration ended: the guest kernel did not start at the target.");
	sodium_bin2hex(build, sizeof(build), ours->build_id, UM_BUILD_ID_SIZE);
	if (!theirs || strcmp(build, theirs))
		return fail_set(fail, "other-kernel", "The VM was not migrated: the target runs another build of the guest kernel. It goes on where it was.");
	return migration_check_registers((uint64_t)json_integer_value(json_object_get(hello, "xfeatures")), ours->xfeatures, &words, fail);
}

static int prepare_memory(struct migration_target *target, struct fail *fail)
{
	struct disk *disks[COPY_DISKS_MAX];
	unsigned count = vm_disk_count(target->vm);

	for (unsigned i = 0; i < count && i < COPY_DISKS_MAX; i++)
		disks[i] = vm_disk(target->vm, i);
	return image_copy_open(&target->image, vm_ram_fd(target->vm), target->ram_size, target->seed, disks, count, fail);
}

static int answer_hello(struct migration_target *target, struct fail *fail)
{
	json_t *json = json_pack("{s:i,s:s,s:i}", "version", MIGRATION_VERSION, "instance", vm_instance(target->vm), "linkPort",
				 (int)links_port(vm_links(target->vm)));
	char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
	int result = text ? wire_send_now(target->wire, WIRE_HELLO, text, strlen(text), fail) :
			    fail_set(fail, "no-memory", "The migration ended: the target ran out of memory.");

	json_decref(json);
	free(text);
	return result;
}

static int accept_source(struct migration_target *target, struct wire_message *message, struct fail *fail)
{
	uint64_t end = clock_us() + ACCEPT_MS * 1000ull, now;
	int dialed[MIGRATION_RELAYS_MAX];

	while ((now = clock_us()) < end) {
		unsigned count = migration_relays_dial(&target->relays, target->wire, dialed);

		if (wire_accept_speaking(target->wire, target->listener, dialed, count, (unsigned)((end - now) / 1000) + 1, fail) < 0)
			return -1;
		wire_patience(target->wire, STRANGER_MS);
		if (!wire_expect(target->wire, WIRE_HELLO, message, fail)) {
			wire_patience(target->wire, PATIENCE_MS);
			return 0;
		}
		if (wire_cancelled(target->wire))
			return -1;
	}
	return fail_set(fail, "timeout", "The migration ended: its source did not connect within %u s.", ACCEPT_MS / 1000);
}

static int begin(struct migration_target *target, struct fail *fail)
{
	struct wire_message message;
	json_t *hello;
	int result = -1;

	if (accept_source(target, &message, fail) < 0)
		return -1;
	atomic_store(&target->state, TARGET_STARTS);
	hello = json_loadb((const char *)message.bytes, message.size, 0, NULL);
	if (check_hello(target, hello, fail) < 0 || crossing_ask(&target->crossing, target->loop, loop_start, target, fail) < 0 ||
	    check_disks(target, hello, fail) < 0 || check_kernel(target, hello, fail) < 0 || prepare_memory(target, fail) < 0 || answer_hello(target, fail) < 0)
		goto out;
	loop_post(target->loop, loop_warm_up, target);
	result = 0;
out:
	json_decref(hello);
	return result;
}

static int check_digest(struct migration_target *target, const struct wire_message *message, struct fail *fail)
{
	if (!image_copy_agrees(&target->image, message->bytes, message->size))
		return fail_set(fail, "digest", "The migration ended: the target's copy differs from the VM at the source. The VM goes on there; please report this.");
	return 0;
}

/* What the switch writes down is on disk before it begins, if that can be: the guest need not stand still for it. */
static int draft_records(struct migration_target *target, struct fail *fail)
{
	struct fail ignored;

	if (crossing_ask(&target->crossing, target->loop, loop_drafts, target, fail) < 0)
		return -1;
	for (enum record_draft which = DRAFT_READY; which <= DRAFT_ARRIVED; which++) {
		if (vm_record_draft_write(target->vm, which, target->drafts[which], &ignored) < 0) {
			json_decref(target->drafts[which]);
			target->drafts[which] = NULL;
		}
	}
	return 0;
}

/* Until DIGEST has come. */
static int take_state(struct migration_target *target, struct fail *fail)
{
	struct wire_message message;
	unsigned passes = 0;
	size_t taken = 0;

	for (;;) {
		int result;

		if (wire_read(target->wire, &message, fail) < 0)
			return -1;
		switch (message.type) {
		case WIRE_PAGES:
			result = pages_read(target->reader, &message, image_copy_run, image_copy_old, &target->image, fail);
			taken += message.size;
			if (taken >= WARM_UP_BYTES) {
				loop_post(target->loop, loop_warm_up, target);
				taken = 0;
			}
			break;
		case WIRE_PASS:
			loop_post(target->loop, loop_warm_up, target);
			result = wire_send_now(target->wire, WIRE_PASSED, NULL, 0, fail);
			if (!result && !passes++)
				result = draft_records(target, fail);
			break;
		case WIRE_DEVICES:
			result = migration_devices_receive(&target->devices, &message, fail);
			/* No more pages follow, and the source makes its digest, too, before it sends it. */
			image_copy_digest(&target->image);
			break;
		case WIRE_DIGEST:
			return check_digest(target, &message, fail);
		default:
			result = fail_set(fail, "bad-stream", "The migration ended: the source sent a message that makes no sense now.");
		}
		if (result < 0)
			return -1;
	}
}

/* READY was said: waits for GO, or for who decides when it does not come. 0: run, -1: give up. */
static int wait_for_go(struct migration_target *target, struct fail *fail)
{
	struct wire_message message;
	enum verdict verdict;

	wire_patience(target->wire, INT_MAX);
	if (!wire_expect(target->wire, WIRE_GO, &message, fail))
		return 0;
	if (wire_refused(target->wire))
		return -1;
	pthread_mutex_lock(&target->lock);
	target->open = true;
	atomic_store(&target->state, TARGET_UNSURE);
	while (target->verdict == VERDICT_NONE && !target->aborted)
		pthread_cond_wait(&target->decided, &target->lock);
	verdict = target->verdict;
	pthread_mutex_unlock(&target->lock);
	if (verdict == VERDICT_RUN)
		return 0;
	return fail_set(fail, "discarded", "The migration's copy was discarded at the target. The VM goes on where it was.");
}

static int take_over(struct migration_target *target, struct fail *fail)
{
	uint64_t start, now;
	uint8_t spans[16];
	struct fail ignored;

	if (begin(target, fail) < 0)
		return -1;
	atomic_store(&target->state, TARGET_TAKES);
	turns_be_short(target->cpu);
	if (take_state(target, fail) < 0 ||
	    crossing_ask(&target->crossing, target->loop, loop_import, target, fail) < 0)
		return -1;
	atomic_store(&target->state, TARGET_READY);
	/* If this does not get through, the source thaws; its verdict comes on the same ways as GO's. */
	wire_send_now(target->wire, WIRE_READY, NULL, 0, &ignored);
	if (wait_for_go(target, fail) < 0)
		return -1;
	start = clock_us();
	atomic_store(&target->state, TARGET_RESUMES);
	if (crossing_ask(&target->crossing, target->loop, loop_run_guest, target, fail) < 0)
		return -1;
	now = clock_us();
	little_put(spans, now - start, 8);
	little_put(spans + 8, vm_restore_us(target->vm), 8);
	wire_send_now(target->wire, WIRE_RUNNING, spans, sizeof(spans), &ignored);
	return 0;
}

static void loop_ended(void *arg)
{
	struct migration_target *target = arg;

	pthread_join(target->worker, NULL);
	target->worker_runs = false;
	target->ended = true;
	/* Not at once: the guest needs the processor. */
	if (!target->failed) {
		target->unsettled = true;
		loop_timer_set(target->loop, &target->settle_timer, loop_now(target->loop) + MIGRATION_HUSH_US);
	}
	target->hooks.ended(target->hooks.arg, target->failed ? &target->why : NULL, target->told_to_run);
}

/* The record, if it can be written, says at once what the lost memory says anyway. */
static void loop_forsake(void *arg)
{
	struct migration_target *target = arg;
	struct fail fail, ignored;

	if (vm_forsake_image(target->vm, &fail) < 0) {
		crossing_done(&target->crossing, &fail);
		return;
	}
	vm_arrive(target->vm, "");
	record_incoming(target, &ignored);
	crossing_done(&target->crossing, NULL);
}

static void *work(void *arg)
{
	struct migration_target *target = arg;
	struct fail ignored;

	turns_be_short(-1);
	target->failed = take_over(target, &target->why) < 0;
	target->told_to_run = atomic_load(&target->state) == TARGET_RESUMES;
	/* A process that does not end might still run the guest: then the source hears nothing, and it stays there until somebody has looked. */
	if (target->failed && (!target->told_to_run || !crossing_ask(&target->crossing, target->loop, loop_forsake, target, &ignored)))
		wire_send_error(target->wire, &target->why);
	wire_disconnect(target->wire);
	atomic_store(&target->state, TARGET_OVER);
	loop_post(target->loop, loop_ended, target);
	return NULL;
}

/* Life */

struct migration_target *migration_target_start(struct vm *vm, const json_t *params, const struct migration_target_hooks *hooks, struct fail *fail)
{
	struct migration_target *target = calloc(1, sizeof(*target));
	uint8_t key[SEAL_KEY_SIZE];
	enum seal_cipher cipher;

	if (!target) {
		fail_set(fail, "no-memory", "The target ran out of memory.");
		return NULL;
	}
	target->vm = vm;
	target->loop = vm_loop(vm);
	target->hooks = *hooks;
	target->listener = -1;
	target->state = TARGET_LISTENS;
	loop_timer_init(&target->settle_timer, settle, target);
	crossing_init(&target->crossing);
	pthread_mutex_init(&target->lock, NULL);
	pthread_cond_init(&target->decided, NULL);
	if (migration_params_read(params, target->id, key, &cipher, fail) < 0 || migration_relays_read(params, &target->relays, fail) < 0)
		goto failed;
	if (vm_state(vm) != VM_INCOMING) {
		fail_set(fail, "bad-state", "The VM is %s here: only a new instance can receive a migration.", vm_state_name(vm_state(vm)));
		goto failed;
	}
	target->wire = wire_create(false, cipher, key);
	target->reader = pages_reader_create();
	target->listener = wire_listen(&target->port);
	if (!target->wire || !target->reader || target->listener < 0) {
		fail_set(fail, "no-memory", "The target could not open a port for the migration (%s).", strerror(errno));
		goto failed;
	}
	links_pause(vm_links(vm));
	if (record_incoming(target, fail) < 0)
		goto failed;
	if (pthread_create(&target->worker, NULL, work, target)) {
		fail_set(fail, "no-memory", "The target host refuses a thread for the migration.");
		goto failed;
	}
	target->worker_runs = true;
	sodium_memzero(key, sizeof(key));
	return target;
failed:
	sodium_memzero(key, sizeof(key));
	migration_target_destroy(target);
	return NULL;
}

static void abort_wait(struct migration_target *target, enum verdict verdict)
{
	pthread_mutex_lock(&target->lock);
	target->verdict = verdict;
	target->aborted = verdict == VERDICT_NONE;
	pthread_cond_signal(&target->decided);
	pthread_mutex_unlock(&target->lock);
}

void migration_target_destroy(struct migration_target *target)
{
	if (!target)
		return;
	if (target->worker_runs) {
		wire_cancel(target->wire);
		crossing_abort(&target->crossing);
		abort_wait(target, VERDICT_NONE);
		pthread_join(target->worker, NULL);
	}
	loop_timer_cancel(target->loop, &target->settle_timer);
	if (target->unsettled)
		settle(target);
	if (target->listener >= 0)
		close(target->listener);
	for (unsigned i = 0; i < DRAFTS; i++)
		json_decref(target->drafts[i]);
	image_copy_close(&target->image);
	pages_reader_destroy(target->reader);
	migration_devices_clear(&target->devices);
	migration_relays_forget(&target->relays);
	wire_destroy(target->wire);
	crossing_destroy(&target->crossing);
	pthread_cond_destroy(&target->decided);
	pthread_mutex_destroy(&target->lock);
	free(target);
}

const char *migration_target_id(const struct migration_target *target)
{
	return target->id;
}

enum migration_state migration_target_state(const struct migration_target *target)
{
	return atomic_load(&target->state);
}

json_t *migration_target_answer(const struct migration_target *target)
{
	return json_pack("{s:s,s:o,s:o}", "instance", vm_instance(target->vm), "endpoints", udp_local_endpoints(target->port), "linkEndpoints",
			 links_endpoints(vm_links(target->vm)));
}

int migration_target_cancel(struct migration_target *target, struct fail *fail)
{
	if (target->ended || atomic_load(&target->state) >= TARGET_READY)
		return fail_set(fail, "too-late", "The migration cannot be cancelled at its target any more: cancel it at its source.");
	wire_cancel(target->wire);
	return 0;
}

int migration_target_resolve(struct migration_target *target, bool run, struct fail *fail)
{
	bool open;

	/* Nothing has come yet that could be decided about, so it can be given up as well. */
	if (!run && !target->ended && atomic_load(&target->state) < TARGET_READY)
		return migration_target_cancel(target, fail);
	pthread_mutex_lock(&target->lock);
	open = target->open && target->verdict == VERDICT_NONE && !target->ended;
	pthread_mutex_unlock(&target->lock);
	if (!open)
		return fail_set(fail, "not-open", "There is nothing to decide: the migration goes on, or has ended.");
	abort_wait(target, run ? VERDICT_RUN : VERDICT_DISCARD);
	return 0;
}

bool migration_target_over(const struct migration_target *target)
{
	return target->ended;
}
