/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of a VM under its supervisor.
 *
 * What it is made of. A configuration that never changes but for its scripts, a record (record.c), disks (disk.c), a RAM file (ram.c), a process group (process.c), and
 * sockets: console, command channel, one pair a NIC, and the control channel. All pairs but the control channel's live as long as the
 * supervisor, and we keep the guest's ends too: a rebooted guest gets them again, and what a frozen guest did not read can be taken out of them.
 *
 * The process. `phase` is what the kernel process does, as far as its messages tell; the record's state is what the VM is to the world. Only one
 * request to the kernel (`pending`) is under way at a time, and each has a time limit. When the leader ends, the group is killed; the process counts
 * as gone when the last one is reaped. As subreaper we inherit the stubs, so "no child is left" is exactly that. Only then may the RAM file be used again.
 *
 * How it ends. Powered off -> stopped. Reboot -> a new process at once (after a second if the last boot was shorter than that). Panic or anything
 * unexpected -> crashed, with the log's last lines in the record's error. With SIGTERM the supervisor parks the guest: freeze, quit, record "parked".
 *
 * Booting. HELLO of the kernel tells mode and layout; HELLO of guestd starts the set-up script, once for each boot of the guest (its boot id is kept in the record); its
 * end makes the VM running. An image without guestd is running after GUESTD_US.
 */#define _GNU_SOURCE
#include "vm_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "control.h"
#include "part.h"

#define NIC_BUFFER_BYTES (4 * 1024 * 1024)

void vm_log(struct vm *vm, const char *format, ...)
{
	char line[1500], stamp[40];
	va_list arguments;
	time_t now = time(NULL);
	struct tm utc;
	int length;

	strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
	length = snprintf(line, sizeof(line), "%s supervisor: ", stamp);
	va_start(arguments, format);
	vsnprintf(line + length, sizeof(line) - (size_t)length - 1, format, arguments);
	va_end(arguments);
	strcat(line, "\n");
	store_write_all(vm->log_fd, line, strlen(line));
}

static void vm_changed(struct vm *vm)
{
	vm->hooks.changed(vm->hooks.arg);
}

/* The record as it would be in that state; borrows `more`. */
static struct record next_record(const struct vm *vm, enum vm_state state, const json_t *more)
{
	struct record record = vm->record;

	if (state != record.state) {
		record.state = state;
		record.since = clock_wall_us();
	}
	record.supervisor = getpid();
	record.migration = (json_t *)more;
	return record;
}

static void adopt_record(struct vm *vm, const struct record *record)
{
	if (record->migration != vm->record.migration) {
		json_incref(record->migration);
		json_decref(vm->record.migration);
	}
	vm->record = *record;
	vm_changed(vm);
}

int vm_record(struct vm *vm, enum vm_state state, bool sync, const json_t *more, struct fail *fail)
{
	struct record record = next_record(vm, state, more);

	if (record_store(vm->folder_fd, &record, sync, fail) < 0)
		return -1;
	adopt_record(vm, &record);
	return 0;
}

json_t *vm_record_draft(const struct vm *vm, enum vm_state state, const json_t *more)
{
	struct record record = next_record(vm, state, more);

	return record_json(&record);
}

int vm_record_draft_write(const struct vm *vm, enum record_draft which, const json_t *draft, struct fail *fail)
{
	return record_draft_write(vm->folder_fd, which, draft, fail);
}

int vm_record_draft_take(struct vm *vm, enum record_draft which, const json_t *draft, enum vm_state state, bool sync, const json_t *more, struct fail *fail)
{
	struct record record = next_record(vm, state, more);
	json_t *json = record_json(&record);
	bool same = json && draft && !json_object_set(json, "since", json_object_get(draft, "since")) && json_equal(json, draft);

	json_decref(json);
	if (!same || record_draft_take(vm->folder_fd, which, fail) < 0)
		return vm_record(vm, state, sync, more, fail);
	adopt_record(vm, &record);
	return 0;
}

void vm_stands_still(struct vm *vm)
{
	vm->record.state = VM_FROZEN;
	vm_changed(vm);
}

/* A state that only informs: a record that cannot be written (a full disk) is logged and does not stop the VM. */
void vm_note(struct vm *vm, enum vm_state state)
{
	struct fail fail;

	if (vm_record(vm, state, false, vm->record.migration, &fail) < 0) {
		vm_log(vm, "%s", fail.message);
		vm->record.state = state;
		vm_changed(vm);
	}
}

void vm_goes_on(struct vm *vm, const struct fail *why)
{
	vm_log(vm, "%s", why->message);
	json_decref(vm->record.migration);
	vm->record.migration = NULL;
	vm->record.state = VM_RUNNING;
	vm_changed(vm);
}

void vm_note_error(struct vm *vm, const char *error)
{
	snprintf(vm->record.error, sizeof(vm->record.error), "%s", error ? error : "");
}

/* Guestd and scripts. */

/* How much of the disks' images is still on its way; false: none is. */
static bool base_coming(const struct vm *vm, uint64_t *bytes, uint64_t *missing, bool *wanted, bool *fetched)
{
	*bytes = *missing = 0;
	*wanted = false;
	*fetched = true;
	for (unsigned i = 0; i < vm->disk_count; i++) {
		uint64_t all, absent;
		bool waits;

		if (vm->disks[i].there_fd < 0 || part_count(vm->disks[i].there_fd, &all, &absent, &waits) < 0 || !absent)
			continue;
		*bytes += all;
		*missing += absent;
		*wanted = *wanted || waits;
		*fetched = *fetched && part_fetched(vm->disks[i].there_fd);
	}
	return *missing > 0;
}

static void guestd_expired(void *arg)
{
	uint64_t bytes, missing;
	bool wanted, fetched;
	struct vm *vm = arg;

	/* It may be reading what is only on its way. */
	if (vm->record.state == VM_BOOTING && base_coming(vm, &bytes, &missing, &wanted, &fetched)) {
		loop_timer_set(vm->loop, &vm->guestd_timer, loop_now(vm->loop) + VM_GUESTD_US);
		return;
	}
	if (vm->record.state == VM_BOOTING) {
		vm_note_error(vm, "The guest did not start guestd within 60 s: its set-up and start-up scripts did not run, and commands cannot be run in it.");
		vm_note(vm, VM_RUNNING);
	}
}

static int scripts_run(struct vm *vm, bool startup, struct fail *fail)
{
	return provision_run(vm->provision, json_string_value(json_object_get(vm->config, "setup")),
			     startup ? json_string_value(json_object_get(vm->config, "startup")) : NULL, json_object_get(vm->config, "env"), startup, fail);
}

static void guestd_hello(void *arg, const char *boot_id)
{
	struct vm *vm = arg;
	struct fail fail;

	if (vm->phase == PHASE_NONE || vm->phase == PHASE_ENDING)
		return;
	loop_timer_cancel(vm->loop, &vm->guestd_timer);
	snprintf(vm->guest_boot, sizeof(vm->guest_boot), "%s", boot_id);
	if (!strcmp(vm->record.setup_boot, boot_id)) {
		if (vm->record.state == VM_BOOTING)
			vm_note(vm, VM_RUNNING);
		return;
	}
	if (scripts_run(vm, true, &fail) < 0) {
		vm_note_error(vm, fail.message);
		vm_note(vm, VM_RUNNING);
	}
}

static void setup_ended(void *arg, const char *error)
{
	struct vm *vm = arg;

	vm_note_error(vm, error);
	if (!error)
		snprintf(vm->record.setup_boot, sizeof(vm->record.setup_boot), "%s", vm->guest_boot);
	vm_note(vm, vm->record.state == VM_BOOTING ? VM_RUNNING : vm->record.state);
}

static void startup_failed(void *arg, const char *error)
{
	struct vm *vm = arg;

	vm_note_error(vm, error);
	vm_note(vm, vm->record.state);
}

int vm_set_scripts(struct vm *vm, const char *setup, const char *startup, bool run, struct fail *fail)
{
	json_t *config = json_copy(vm->config);

	if (setup)
		json_object_set_new(config, "setup", json_string(setup));
	if (startup)
		json_object_set_new(config, "startup", json_string(startup));
	if (store_write_json(vm->folder_fd, "config.json", config, false, fail) < 0) {
		json_decref(config);
		return -1;
	}
	json_decref(vm->config);
	vm->config = config;
	return run ? scripts_run(vm, false, fail) : 0;
}

/* Opening. */

static int nics_open(struct vm *vm, struct fail *fail)
{
	const json_t *nics = json_object_get(vm->config, "nics"), *nic;
	size_t index;
	char error[300];

	json_array_foreach(nics, index, nic) {
		int pair[2], size = NIC_BUFFER_BYTES;

		if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0)
			return fail_set(fail, "no-process", "The VM's network sockets could not be made: %s.", strerror(errno));
		/* The host bounds it (net.core.wmem_max); what it gives is enough to work. */
		setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
		setsockopt(pair[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
		vm->nic_fds[index] = pair[0];
		vm->nic_guest_fds[index] = pair[1];
		vm->nic_offload[index] = vm->kind == DEVICE_NONE ? json_is_true(json_object_get(nic, "offload")) : device_offloads(vm->kind);
		vm->nic_count++;
	}
	vm->links = links_create(vm->loop, vm->nic_count, vm->nic_fds, vm->nic_offload, error, sizeof(error));
	if (!vm->links)
		return fail_set(fail, "no-network", "%s", error);
	return 0;
}

static int signals_open(struct vm *vm, struct fail *fail)
{
	sigset_t child;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	vm->signal_fd = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
	vm->signal_watch = vm->signal_fd < 0 ? NULL : loop_watch_fd(vm->loop, vm->signal_fd, EPOLLIN, vm_child_ready, vm);
	return vm->signal_watch ? 0 : fail_set(fail, "no-process", "The supervisor cannot watch its processes: %s.", strerror(errno));
}

struct vm *vm_open(struct loop *loop, const struct store *store, const char *instance, const struct vm_hooks *hooks, struct fail *fail)
{
	struct provision_hooks provision_hooks = { .setup_ended = setup_ended, .startup_failed = startup_failed };
	struct guest_hooks guest_hooks = { .hello = guestd_hello };
	struct vm *vm = calloc(1, sizeof(*vm));

	if (!vm) {
		fail_set(fail, "no-memory", "The host has no memory for a supervisor.");
		return NULL;
	}
	vm->loop = loop;
	vm->store = store;
	vm->hooks = *hooks;
	vm->after = vm->kept = VM_STATES;
	vm->folder_fd = vm->log_fd = vm->ram_fd = vm->control_fd = vm->signal_fd = vm->changes_fd = -1;
	snprintf(vm->instance, sizeof(vm->instance), "%s", instance);
	loop_timer_init(&vm->request_timer, vm_request_expired, vm);
	loop_timer_init(&vm->hello_timer, vm_hello_expired, vm);
	loop_timer_init(&vm->guestd_timer, guestd_expired, vm);
	loop_timer_init(&vm->stop_timer, vm_stop_expired, vm);
	loop_timer_init(&vm->reboot_timer, vm_boot_again, vm);
	loop_timer_init(&vm->finish_timer, vm_finish_later, vm);
	loop_timer_init(&vm->waiting_timer, vm_saved_expired, vm);
	record_init(&vm->record);
	guest_hooks.arg = provision_hooks.arg = vm;
	vm->folder_fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	vm->log_fd = open("log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (vm->folder_fd < 0 || vm->log_fd < 0) {
		fail_set(fail, "io", "The VM's folder or log could not be opened: %s.", strerror(errno));
		goto failed;
	}
	vm->config = store_read_json(vm->folder_fd, "config.json", fail);
	if (!vm->config || record_load(vm->folder_fd, &vm->record, fail) < 0)
		goto failed;
	record_settle(&vm->record);
	vm->kind = device_kind_of(vm->config);
	vm->console = console_create(loop, fail);
	vm->guest = vm->console ? guest_create(loop, &guest_hooks, fail) : NULL;
	if (!vm->guest || nics_open(vm, fail) < 0 || signals_open(vm, fail) < 0)
		goto failed;
	vm->provision = provision_create(vm->guest, vm->folder_fd, &provision_hooks);
	if (vm->provision)
		return vm;
	fail_set(fail, "no-memory", "The host has no memory for a supervisor.");
failed:
	vm_close(vm);
	return NULL;
}

void vm_close(struct vm *vm)
{
	struct loop_timer *timers[] = { &vm->request_timer, &vm->hello_timer, &vm->guestd_timer, &vm->stop_timer, &vm->reboot_timer, &vm->finish_timer, &vm->waiting_timer };
	const int fds[] = { vm->folder_fd, vm->log_fd, vm->ram_fd, vm->signal_fd };

	for (size_t i = 0; i < sizeof(timers) / sizeof(*timers); i++)
		loop_timer_cancel(vm->loop, timers[i]);
	vm_control_close(vm);
	loop_unwatch(vm->signal_watch);
	device_destroy(vm->device);
	provision_destroy(vm->provision);
	guest_destroy(vm->guest);
	console_destroy(vm->console);
	links_destroy(vm->links);
	for (unsigned i = 0; i < vm->nic_count; i++) {
		close(vm->nic_fds[i]);
		close(vm->nic_guest_fds[i]);
	}
	for (unsigned i = 0; i < vm->disk_count; i++)
		disk_close(&vm->disks[i]);
	for (size_t i = 0; i < sizeof(fds) / sizeof(*fds); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	record_clear(&vm->record);
	json_decref(vm->config);
	free(vm);
}

/* Looking. */

json_t *vm_status(const struct vm *vm)
{
	json_t *status = record_status(vm->instance, vm->config, &vm->record), *links;
	uint64_t overlay = 0, bytes, missing;
	bool wanted, fetched;
	struct stat info;

	if (!status)
		return NULL;
	for (unsigned i = 0; i < vm->disk_count; i++)
		overlay += disk_overlay_bytes(&vm->disks[i]);
	json_object_set_new(status, "overlayBytes", json_integer((json_int_t)overlay));
	if (base_coming(vm, &bytes, &missing, &wanted, &fetched))
		json_object_set_new(status, "base", json_pack("{sI sI sb sb}", "bytes", (json_int_t)bytes, "missing", (json_int_t)missing, "wanted", wanted, "fetched", fetched));
	if (vm->phase != PHASE_NONE) {
		json_object_set_new(status, "pid", json_integer(vm->record.group.leader));
		if (vm->ram_fd >= 0 && fstat(vm->ram_fd, &info) == 0)
			json_object_set_new(status, "ramBytes", json_integer((json_int_t)info.st_blocks * 512));
	}
	json_object_set_new(status, "guestd", json_boolean(guest_present(vm->guest)));
	json_object_set_new(status, "udp", links_endpoints(vm->links));
	links = links_status(vm->links);
	if (links)
		json_object_set_new(status, "links", links);
	return status;
}

const json_t *vm_config(const struct vm *vm)
{
	return vm->config;
}

const char *vm_instance(const struct vm *vm)
{
	return vm->instance;
}

enum vm_state vm_state(const struct vm *vm)
{
	return vm->record.state;
}

bool vm_is_off(const struct vm *vm)
{
	return vm->phase == PHASE_NONE && (vm->record.state == VM_CREATED || vm->record.state == VM_STOPPED || vm->record.state == VM_CRASHED);
}

pid_t vm_pid(const struct vm *vm)
{
	return vm->phase == PHASE_NONE ? 0 : vm->record.group.leader;
}

enum device_kind vm_kind(const struct vm *vm)
{
	return vm->kind;
}

const char *vm_setup_boot(const struct vm *vm)
{
	return vm->record.setup_boot;
}

int vm_cpu(const struct vm *vm)
{
	return vm->record.cpu;
}

struct loop *vm_loop(struct vm *vm)
{
	return vm->loop;
}

struct links *vm_links(struct vm *vm)
{
	return vm->links;
}

struct console *vm_console(struct vm *vm)
{
	return vm->console;
}

struct guest *vm_guest(struct vm *vm)
{
	return vm->guest;
}

uint64_t vm_restore_us(const struct vm *vm)
{
	return vm->restore_us;
}

int vm_ram_fd(const struct vm *vm)
{
	return vm->ram_fd;
}

const struct um_control_hello *vm_hello(const struct vm *vm)
{
	return vm->hello_known ? &vm->hello : NULL;
}

int64_t vm_clock_offset(const struct vm *vm)
{
	return vm->clock_offset_ns;
}

unsigned vm_disk_count(const struct vm *vm)
{
	return vm->disk_count;
}

struct disk *vm_disk(struct vm *vm, unsigned index)
{
	return &vm->disks[index];
}

int vm_nic_guest_fd(const struct vm *vm, unsigned nic)
{
	return vm->nic_guest_fds[nic];
}

int vm_resize_console(struct vm *vm, uint16_t rows, uint16_t cols, struct fail *fail)
{
	const struct um_control_resize resize = { .line = UM_LINE_CONSOLE, .rows = rows, .cols = cols };

	if (vm->phase != PHASE_RUNNING || control_send(vm->control_fd, UM_CONTROL_RESIZE, &resize, sizeof(resize)) < 0)
		return fail_set(fail, "not-running", "The guest does not run, so its console has no size.");
	return 0;
}

/* Migration. */

json_t *vm_export(struct vm *vm)
{
	/* The command channel last: reading it may end a script and write to its log, not to the others. */
	json_t *console = console_export(vm->console), *guest = guest_export(vm->guest);

	return json_pack("{so so so ss ss ss}", "console", console, "guest", guest, "provision", provision_export(vm->provision), "setupBoot", vm->record.setup_boot,
			 "guestBoot", vm->guest_boot, "error", vm->record.error);
}

int vm_import(struct vm *vm, const json_t *state, struct fail *fail)
{
	const char *setup_boot = json_string_value(json_object_get(state, "setupBoot"));
	const char *guest_boot = json_string_value(json_object_get(state, "guestBoot"));

	if (console_import(vm->console, json_object_get(state, "console"), fail) < 0 || guest_import(vm->guest, json_object_get(state, "guest"), fail) < 0)
		return -1;
	snprintf(vm->record.setup_boot, sizeof(vm->record.setup_boot), "%s", setup_boot ? setup_boot : "");
	snprintf(vm->guest_boot, sizeof(vm->guest_boot), "%s", guest_boot ? guest_boot : "");
	vm_note_error(vm, json_string_value(json_object_get(state, "error")));
	provision_import(vm->provision, json_object_get(state, "provision"));
	return 0;
}

void vm_streams_moved(struct vm *vm, const char *target)
{
	vm->hooks.moved(vm->hooks.arg, target);
}
