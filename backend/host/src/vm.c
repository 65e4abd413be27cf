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
 */
#define _GNU_SOURCE
#include "vm.h"

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
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "console.h"
#include "control.h"
#include "cpu.h"
#include "facts.h"
#include "guest.h"
#include "link.h"
#include "params.h"
#include "process.h"
#include "provision.h"
#include "ram.h"

#define MEBIBYTE ((uint64_t)1 << 20)
#define KERNEL_DATA_BYTES (16 * MEBIBYTE) /* in the RAM file besides the guest's memory, at most */
#define HELLO_US (30 * 1000000ULL)
#define GUESTD_US (60 * 1000000ULL)
#define REQUEST_US (10 * 1000000ULL)
#define REBOOT_PAUSE_US 1000000ULL
#define LOG_MAX MEBIBYTE
#define LOG_STARTED "kernel process"
#define SCRIPT_MAX (512 * 1024)
#define NIC_BUFFER_BYTES (4 * 1024 * 1024)

#define FD_RAM 3
#define FD_CONTROL 4
#define FD_CONSOLE 5
#define FD_COMMAND 6
#define FD_DISK 8
#define FD_NIC 16

enum phase {
	PHASE_NONE,     /* no process */
	PHASE_STARTED,  /* no HELLO yet */
	PHASE_RUNNING,
	PHASE_FROZEN,
	PHASE_WAITING,  /* restore=wait */
	PHASE_ENDING,   /* the leader has ended, or was killed */
};

enum request { REQUEST_NONE, REQUEST_FREEZE, REQUEST_THAW, REQUEST_QUIT, REQUEST_WAIT, REQUEST_RESUME };

struct pending {
	enum request request;
	vm_done *done;
	void *arg;
};

struct vm {
	struct loop *loop;
	const struct store *store;
	struct vm_hooks hooks;
	char instance[17];
	json_t *config;
	enum device_kind kind;
	struct device *device; /* in the place of a guest, while it runs */
	struct record record;
	struct disk disks[VM_DISKS_MAX];
	unsigned disk_count;
	unsigned nic_count;
	int nic_fds[DEVICE_PORTS_MAX], nic_guest_fds[DEVICE_PORTS_MAX];
	bool nic_offload[DEVICE_PORTS_MAX];
	struct links *links;
	struct console *console;
	struct guest *guest;
	struct provision *provision;
	int folder_fd, log_fd, ram_fd, control_fd, signal_fd;
	struct loop_watch *control_watch, *signal_watch;
	enum phase phase;
	bool leader_ended;
	int leader_status;
	uint64_t started; /* loop time of the last start */
	struct um_control_hello hello;
	bool hello_known;
	uint64_t restore_us;
	char refusal[512];
	struct pending pending;
	bool freeze_late; /* the kernel was asked to freeze, and nobody waits for it any more */
	bool killed;         /* by us: how the leader ends says nothing */
	bool continuing;     /* the process continues a parked guest */
	enum vm_state after; /* state to record once the process is gone; VM_STATES: judge by its exit */
	char after_error[1000];
	char start_error[1000]; /* of scripts, while the VM runs */
	struct loop_timer request_timer, hello_timer, guestd_timer, stop_timer, reboot_timer, finish_timer;
	char guest_boot[64]; /* boot id that guestd told last */
};

static void vm_boot_again(void *arg);
static void vm_gone(struct vm *vm);

static void vm_log(struct vm *vm, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void vm_log(struct vm *vm, const char *format, ...)
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

int vm_record(struct vm *vm, enum vm_state state, bool sync, const json_t *more, struct fail *fail)
{
	struct record record = vm->record;

	if (state != record.state) {
		record.state = state;
		record.since = store_time();
	}
	record.supervisor = getpid();
	record.migration = (json_t *)more;
	if (record_store(vm->folder_fd, &record, sync, fail) < 0)
		return -1;
	if (record.migration != vm->record.migration) {
		json_incref(record.migration);
		json_decref(vm->record.migration);
	}
	vm->record = record;
	vm_changed(vm);
	return 0;
}

/* A state that only informs: a record that cannot be written (a full disk) is logged and does not stop the VM. */
static void vm_note(struct vm *vm, enum vm_state state)
{
	struct fail fail;

	if (vm_record(vm, state, false, vm->record.migration, &fail) < 0) {
		vm_log(vm, "%s", fail.message);
		vm->record.state = state;
		vm_changed(vm);
	}
}

static void note_error(struct vm *vm, const char *error)
{
	snprintf(vm->record.error, sizeof(vm->record.error), "%s", error ? error : "");
}

/* Requests to the kernel. */

static void pending_end(struct vm *vm, const struct fail *fail)
{
	struct pending pending = vm->pending;

	vm->pending = (struct pending){ 0 };
	loop_timer_cancel(vm->loop, &vm->request_timer);
	if (pending.request != REQUEST_NONE)
		pending.done(pending.arg, fail);
}

static void request_expired(void *arg)
{
	struct vm *vm = arg;
	struct fail fail;

	fail_set(&fail, "timeout", "The guest kernel of VM %s did not answer within %u s.", vm->instance, (unsigned)(REQUEST_US / 1000000));
	vm_log(vm, "%s", fail.message);
	/* It may still freeze, as soon as its disk or its CPU lets it. */
	vm->freeze_late = vm->pending.request == REQUEST_FREEZE;
	pending_end(vm, &fail);
}

struct decided {
	vm_done *done;
	void *arg;
	bool refused;
	struct fail fail;
};

static void decided_tell(void *arg)
{
	struct decided *decided = arg;

	decided->done(decided->arg, decided->refused ? &decided->fail : NULL);
	free(decided);
}

/* Calls `done`, but not before the caller has returned. message: why it fails; NULL: it does not. */
static void request_decide(struct vm *vm, vm_done *done, void *arg, const char *message)
{
	struct decided *decided = malloc(sizeof(*decided));

	if (!decided)
		return;
	*decided = (struct decided){ .done = done, .arg = arg, .refused = message };
	if (message)
		fail_set(&decided->fail, "wrong-state", "%s", message);
	if (loop_post(vm->loop, decided_tell, decided) < 0)
		free(decided);
}

static void request_begin(struct vm *vm, enum request request, vm_done *done, void *arg)
{
	vm->pending = (struct pending){ .request = request, .done = done, .arg = arg };
	loop_timer_set(vm->loop, &vm->request_timer, loop_now(vm->loop) + REQUEST_US);
}

static void request_send(struct vm *vm, enum phase wanted, enum request request, enum um_control_type type, vm_done *done, void *arg)
{
	if (vm->pending.request != REQUEST_NONE)
		request_decide(vm, done, arg, "Another request to the guest kernel is still under way.");
	else if (vm->phase != wanted)
		request_decide(vm, done, arg, "The guest is not in the state that this needs.");
	else if (control_send(vm->control_fd, type, NULL, 0) < 0)
		request_decide(vm, done, arg, "The guest kernel does not read its control channel.");
	else
		request_begin(vm, request, done, arg);
}

void vm_freeze(struct vm *vm, vm_done *done, void *arg)
{
	request_send(vm, PHASE_RUNNING, REQUEST_FREEZE, UM_CONTROL_FREEZE, done, arg);
}

void vm_thaw(struct vm *vm, vm_done *done, void *arg)
{
	/* The kernel reads this right after the FREEZE that it has not come to: it will not stay frozen. */
	if (vm->freeze_late && vm->phase == PHASE_RUNNING && vm->pending.request == REQUEST_NONE && control_send(vm->control_fd, UM_CONTROL_THAW, NULL, 0) == 0) {
		vm->freeze_late = false;
		request_decide(vm, done, arg, NULL);
		return;
	}
	request_send(vm, PHASE_FROZEN, REQUEST_THAW, UM_CONTROL_THAW, done, arg);
}

void vm_quit(struct vm *vm, vm_done *done, void *arg)
{
	request_send(vm, vm->phase == PHASE_WAITING ? PHASE_WAITING : PHASE_FROZEN, REQUEST_QUIT, UM_CONTROL_QUIT, done, arg);
}

void vm_resume(struct vm *vm, vm_done *done, void *arg)
{
	request_send(vm, PHASE_WAITING, REQUEST_RESUME, UM_CONTROL_RESUME, done, arg);
}

/* Messages of the kernel. */

static void message_hello(struct vm *vm, const struct um_control_hello *hello)
{
	if (hello->protocol != UM_CONTROL_VERSION) {
		snprintf(vm->after_error, sizeof(vm->after_error), "The guest kernel speaks version %u of the control protocol, the host agent %u.", hello->protocol,
			 UM_CONTROL_VERSION);
		vm->after = VM_CRASHED;
		vm->killed = true;
		kill(-vm->record.group.leader, SIGKILL);
		return;
	}
	loop_timer_cancel(vm->loop, &vm->hello_timer);
	vm->hello = *hello;
	vm->hello_known = true;
	if (hello->phase == UM_PHASE_RUNNING) {
		vm->phase = PHASE_RUNNING;
		vm->record.seccomp = hello->seccomp ? 1 : 0;
		vm->record.mark_offset = hello->state_offset;
		vm_note(vm, vm->record.state);
	}
}

/* The guest goes on after it was parked: guestd tells what it knows. */
static void continued(struct vm *vm)
{
	vm->continuing = false;
	note_error(vm, NULL);
	vm_log(vm, "the parked guest goes on");
	guest_reset(vm->guest);
	links_resume(vm->links);
	loop_timer_set(vm->loop, &vm->guestd_timer, loop_now(vm->loop) + GUESTD_US);
	vm_note(vm, vm->record.setup_boot[0] ? VM_RUNNING : VM_BOOTING);
}

static void message_take(struct vm *vm, const struct control_message *message)
{
	enum request request = vm->pending.request;
	struct fail fail;

	switch (message->type) {
	case UM_CONTROL_HELLO_REPLY:
		message_hello(vm, &message->payload.hello);
		break;
	case UM_CONTROL_FROZEN:
		vm->phase = PHASE_FROZEN;
		vm->freeze_late = false;
		links_pause(vm->links);
		if (request == REQUEST_FREEZE)
			pending_end(vm, NULL);
		break;
	case UM_CONTROL_THAWED:
		vm->phase = PHASE_RUNNING;
		links_resume(vm->links);
		if (request == REQUEST_THAW)
			pending_end(vm, NULL);
		break;
	case UM_CONTROL_WAITING:
		vm->phase = PHASE_WAITING;
		if (request == REQUEST_WAIT)
			pending_end(vm, NULL);
		break;
	case UM_CONTROL_RESTORED:
		vm->restore_us = message->payload.restored.microseconds;
		vm->phase = PHASE_RUNNING;
		if (vm->continuing) {
			continued(vm);
		} else {
			links_resume(vm->links);
			if (request == REQUEST_RESUME)
				pending_end(vm, NULL);
		}
		break;
	case UM_CONTROL_REFUSED:
		snprintf(vm->refusal, sizeof(vm->refusal), "%s", message->payload.error.text);
		vm_log(vm, "the kernel refuses the memory file: %s", vm->refusal);
		break;
	case UM_CONTROL_ERROR:
		vm_log(vm, "the kernel refuses a request: %s", message->payload.error.text);
		fail_set(&fail, "kernel", "The guest kernel refuses: %s", message->payload.error.text);
		pending_end(vm, &fail);
		break;
	default:
		break;
	}
}

static void control_close(struct vm *vm)
{
	loop_unwatch(vm->control_watch);
	vm->control_watch = NULL;
	if (vm->control_fd >= 0)
		close(vm->control_fd);
	vm->control_fd = -1;
}

static void control_ready(void *arg, uint32_t events)
{
	struct vm *vm = arg;
	struct control_message message;

	(void)events;
	while (vm->control_fd >= 0) {
		int status = control_receive(vm->control_fd, &message);

		if (status > 0) {
			message_take(vm, &message);
		} else if (status == -EPROTO) {
			vm_log(vm, "a message on the control channel does not fit the protocol and was skipped");
		} else {
			/* The process ends; SIGCHLD tells the rest. */
			if (status == -EPIPE)
				control_close(vm);
			return;
		}
	}
}

/* The process' end. */

static void group_kill(struct vm *vm)
{
	if (vm->phase == PHASE_NONE)
		return;
	vm->killed = true;
	kill(-vm->record.group.leader, SIGKILL);
}

static void child_ready(void *arg, uint32_t events)
{
	struct vm *vm = arg;
	struct signalfd_siginfo info;
	int status;
	pid_t pid;

	(void)events;
	while (read(vm->signal_fd, &info, sizeof(info)) > 0)
		;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (vm->phase == PHASE_NONE || pid != vm->record.group.leader)
			continue;
		/* What it said last is still in the socket. */
		control_ready(vm, 0);
		vm->leader_ended = true;
		vm->leader_status = status;
		vm->phase = PHASE_ENDING;
		kill(-pid, SIGKILL);
	}
	if (pid < 0 && vm->leader_ended)
		vm_gone(vm);
}

/* What the log says last, as one line: of a panic its reason, else the last lines. */
static void log_tail(struct vm *vm, char *text, size_t size)
{
	static const char panic[] = "Kernel panic";
	size_t total, lines = 0, length = 0;
	char *log = store_read(vm->folder_fd, "log", 64 * LOG_MAX, &total), *from, *run;

	text[0] = 0;
	if (!log)
		return;
	/* Only this run's part. */
	for (run = log; (from = strstr(run, LOG_STARTED)); run = from + 1)
		;
	from = strstr(run, panic);
	if (from) {
		snprintf(text, size, "%.*s", (int)strcspn(from, "\r\n"), from);
		free(log);
		return;
	}
	while (total && (log[total - 1] == '\n' || log[total - 1] == '\r'))
		log[--total] = 0;
	from = log + total;
	while (from > log && log + total - from < 500 && lines < 4) {
		from--;
		if (*from == '\n' && ++lines == 4)
			from++;
	}
	for (; *from && length < size - 1; from++)
		text[length++] = *from == '\n' ? '|' : (*from >= ' ' && *from < 0x7f) ? *from : ' ';
	text[length] = 0;
	free(log);
}

static void crash_describe(struct vm *vm, char *error, size_t size)
{
	char tail[600], how[200];
	int status = vm->leader_status;

	if (WIFSIGNALED(status))
		snprintf(how, sizeof(how), "was ended by signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status) == UM_EXIT_PANIC)
		snprintf(how, sizeof(how), "panicked");
	else if (WEXITSTATUS(status) == 127)
		snprintf(how, sizeof(how), "could not be executed");
	else
		snprintf(how, sizeof(how), "ended with status %d", WEXITSTATUS(status));
	log_tail(vm, tail, sizeof(tail));
	snprintf(error, size, "The guest kernel %s. The disk is kept: start the VM to boot it again. The log ends with: %s", how, tail);
}

static void process_forget(struct vm *vm)
{
	control_close(vm);
	guest_restart(vm->guest, "The guest has ended.");
	vm->phase = PHASE_NONE;
	vm->leader_ended = false;
	loop_timer_cancel(vm->loop, &vm->hello_timer);
	loop_timer_cancel(vm->loop, &vm->guestd_timer);
	loop_timer_cancel(vm->loop, &vm->stop_timer);
	vm->record.group = (struct process_group){ 0 };
}

static void ram_forget(struct vm *vm)
{
	ram_remove(vm->record.ram);
	vm->record.ram[0] = 0;
	if (vm->ram_fd >= 0)
		close(vm->ram_fd);
	vm->ram_fd = -1;
}

static void vm_over(struct vm *vm, enum vm_state state, const char *error)
{
	device_destroy(vm->device);
	vm->device = NULL;
	note_error(vm, error);
	if (state != VM_PARKED)
		ram_forget(vm);
	vm_log(vm, "%s%s%s", vm_state_name(state), error && *error ? ": " : "", error ? error : "");
	if (state == VM_PARKED || state == VM_HANDED_OVER) {
		struct fail fail;

		if (vm_record(vm, state, true, vm->record.migration, &fail) < 0)
			vm_log(vm, "%s", fail.message);
	} else {
		vm_note(vm, state);
	}
	vm->hooks.ended(vm->hooks.arg);
}

static void vm_gone(struct vm *vm)
{
	enum request request = vm->pending.request;
	int status = vm->leader_status;
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	char error[1000] = "";
	struct fail fail;

	process_forget(vm);
	json_decref(vm->record.exit);
	vm->record.exit = WIFEXITED(status) ? json_pack("{si}", "status", code) : json_pack("{si}", "signal", WTERMSIG(status));
	if (vm->after != VM_STATES) {
		fail_set(&fail, "ended", "The VM was ended meanwhile.");
		if (request != REQUEST_NONE)
			pending_end(vm, request == REQUEST_QUIT ? NULL : &fail);
		vm_over(vm, vm->after, vm->after_error);
		return;
	}
	if (request == REQUEST_QUIT) {
		pending_end(vm, NULL);
		return;
	}
	if (vm->refusal[0])
		snprintf(error, sizeof(error), "The kernel cannot continue the guest: %s", vm->refusal);
	else if (code != UM_EXIT_POWEROFF && code != UM_EXIT_REBOOT && code != UM_EXIT_PARKED)
		crash_describe(vm, error, sizeof(error));
	if (request != REQUEST_NONE) {
		fail_set(&fail, "ended", "%s", error[0] ? error : "The guest ended meanwhile.");
		pending_end(vm, &fail);
		/* Whoever asked may have decided what becomes of the VM. */
		if (vm->record.state == VM_INCOMING)
			return;
	}
	if (vm->refusal[0] && vm->continuing) {
		strncat(error, " Its memory is kept. Stop the VM and start it again to boot it from its disk.", sizeof(error) - strlen(error) - 1);
		vm_over(vm, VM_PARKED, error);
	} else if (code == UM_EXIT_REBOOT && vm->record.state != VM_STOPPING) {
		uint64_t now = loop_now(vm->loop);

		vm_log(vm, "the guest reboots");
		loop_timer_set(vm->loop, &vm->reboot_timer, now - vm->started < REBOOT_PAUSE_US ? now + REBOOT_PAUSE_US : now);
	} else if (code == UM_EXIT_POWEROFF || code == UM_EXIT_REBOOT) {
		vm_over(vm, VM_STOPPED, NULL);
	} else {
		vm_over(vm, code == UM_EXIT_PARKED ? VM_PARKED : VM_CRASHED, error);
	}
}

/* Starting. */

static int config_disks_open(struct vm *vm, struct fail *fail)
{
	const json_t *disks = json_object_get(vm->config, "disks"), *disk;
	size_t index;

	if (vm->disk_count)
		return 0;
	json_array_foreach(disks, index, disk) {
		const char *image = json_string_value(json_object_get(disk, "image"));
		uint64_t bytes = (uint64_t)json_integer_value(json_object_get(disk, "sizeMiB")) * MEBIBYTE;
		char path[STORE_PATH_MAX + 100];

		if (image)
			snprintf(path, sizeof(path), "%s/images/%s", vm->store->path, image);
		if (disk_open(&vm->disks[index], (unsigned)index, image ? path : NULL, bytes, fail) < 0)
			return -1;
		vm->disk_count++;
	}
	return 0;
}

/* Takes the log's older part away when it has grown. */
static void log_trim(struct vm *vm)
{
	size_t size;
	char *text = store_read(vm->folder_fd, "log", 64 * LOG_MAX, &size);

	if (text && size > LOG_MAX) {
		store_write(vm->folder_fd, "log", text + size - LOG_MAX / 4, LOG_MAX / 4, false);
		close(vm->log_fd);
		vm->log_fd = openat(vm->folder_fd, "log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	}
	free(text);
}

/* Arguments of the kernel and the NULL that ends them; freed by arguments_free. */
struct arguments {
	char *list[20 + VM_DISKS_MAX + VM_NICS_MAX];
	unsigned count;
};

static void arguments_add(struct arguments *arguments, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void arguments_add(struct arguments *arguments, const char *format, ...)
{
	va_list values;

	if (arguments->count + 1 == sizeof(arguments->list) / sizeof(arguments->list[0]))
		abort(); /* the list is as long as its longest use */
	va_start(values, format);
	if (vasprintf(&arguments->list[arguments->count], format, values) >= 0)
		arguments->count++;
	va_end(values);
}

static void arguments_free(struct arguments *arguments)
{
	while (arguments->count)
		free(arguments->list[--arguments->count]);
}

static const char *mode_argument(const struct vm *vm)
{
	const char *mode = json_string_value(json_object_get(vm->config, "mode"));

	if (mode && !strcmp(mode, "seccomp"))
		return "on";
	return mode && !strcmp(mode, "ptrace") ? "off" : "auto";
}

/* restore: NULL to boot, else the kernel's argument; mode: "on", "off" or "auto". */
static int process_launch(struct vm *vm, const char *restore, const char *mode, struct fail *fail)
{
	struct arguments arguments = { .count = 0 };
	struct process_fd fds[8 + 3 * VM_DISKS_MAX + VM_NICS_MAX];
	struct process_start start = { .fds = fds };
	char kernel[STORE_PATH_MAX + 200];
	unsigned count = 0;
	int control[2] = { -1, -1 }, null_fd = -1, cpu_lock = -1, status = -1;
	json_int_t memory = json_integer_value(json_object_get(vm->config, "memoryMiB"));
	const json_t *nics = json_object_get(vm->config, "nics");

	snprintf(kernel, sizeof(kernel), "%s/agent/%s/linux", vm->store->path, json_string_value(json_object_get(vm->config, "kernel")));
	null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null_fd < 0 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control) < 0) {
		fail_set(fail, "no-process", "The host refuses what the guest's process needs: %s.", strerror(errno));
		goto out;
	}
	arguments_add(&arguments, "%s", kernel);
	arguments_add(&arguments, "mem=%dM", (int)memory);
	arguments_add(&arguments, "physmem=fd:%d", FD_RAM);
	arguments_add(&arguments, "control=fd:%d", FD_CONTROL);
	arguments_add(&arguments, "seccomp=%s", mode);
	fds[count++] = (struct process_fd){ 0, null_fd };
	fds[count++] = (struct process_fd){ 1, vm->log_fd };
	fds[count++] = (struct process_fd){ 2, vm->log_fd };
	fds[count++] = (struct process_fd){ FD_RAM, vm->ram_fd };
	fds[count++] = (struct process_fd){ FD_CONTROL, control[1] };
	fds[count++] = (struct process_fd){ FD_CONSOLE, console_guest_fd(vm->console) };
	fds[count++] = (struct process_fd){ FD_COMMAND, guest_guest_fd(vm->guest) };
	if (restore) {
		arguments_add(&arguments, "%s", restore);
	} else {
		arguments_add(&arguments, "con=null");
		arguments_add(&arguments, "con0=fd:%d", FD_CONSOLE);
		arguments_add(&arguments, "ssl=null");
		arguments_add(&arguments, "ssl0=fd:%d", FD_COMMAND);
	}
	for (unsigned i = 0; i < vm->disk_count; i++) {
		const struct disk *disk = &vm->disks[i];
		int first = FD_DISK + 3 * (int)i;

		if (disk->base_fd >= 0)
			fds[count++] = (struct process_fd){ first, disk->base_fd };
		fds[count++] = (struct process_fd){ first + 1, disk->overlay_fd };
		fds[count++] = (struct process_fd){ first + 2, disk->map_fd };
		if (!restore && disk->base_fd >= 0)
			arguments_add(&arguments, "disk%u=fd:%d,map:%d,base:%d", i, first + 1, first + 2, first);
		else if (!restore)
			arguments_add(&arguments, "disk%u=fd:%d,map:%d", i, first + 1, first + 2);
	}
	for (unsigned i = 0; i < vm->nic_count; i++) {
		fds[count++] = (struct process_fd){ FD_NIC + (int)i, vm->nic_guest_fds[i] };
		if (!restore)
			arguments_add(&arguments, "nic%u=fd:%d,mac=%s%s", i, FD_NIC + (int)i, json_string_value(json_object_get(json_array_get(nics, i), "mac")),
				      vm->nic_offload[i] ? ",vnet" : "");
	}
	if (!restore) {
		arguments_add(&arguments, "root=/dev/vda");
		arguments_add(&arguments, "rw");
		arguments_add(&arguments, "quiet");
		/* a guest has the NICs of its topology and no others, until it makes some */
		arguments_add(&arguments, "fb_tunnels=none");
		arguments_add(&arguments, "bonding.max_bonds=0");
		arguments_add(&arguments, "dummy.numdummies=0");
		arguments_add(&arguments, "ifb.numifbs=0");
	}
	arguments.list[arguments.count] = NULL;
	start.path = kernel;
	start.argv = arguments.list;
	start.fd_count = count;
	start.cpu = cpu_choose(vm->store, &cpu_lock);
	vm->record.group = (struct process_group){ 0 };
	if (process_start(&start, &vm->record.group, fail) < 0)
		goto out;
	vm->record.cpu = start.cpu;
	vm->started = loop_now(vm->loop);
	vm->phase = PHASE_STARTED;
	vm->leader_ended = vm->killed = vm->hello_known = false;
	vm->after = VM_STATES;
	vm->after_error[0] = vm->refusal[0] = 0;
	vm->control_fd = control[0];
	control[0] = -1;
	vm->control_watch = loop_watch_fd(vm->loop, vm->control_fd, EPOLLIN, control_ready, vm);
	loop_timer_set(vm->loop, &vm->hello_timer, loop_now(vm->loop) + HELLO_US);
	vm_log(vm, LOG_STARTED " %d started on CPU %d%s%s", (int)vm->record.group.leader, start.cpu, restore ? ", " : "", restore ? restore : "");
	status = 0;
out:
	arguments_free(&arguments);
	for (unsigned i = 0; i < 2; i++)
		if (control[i] >= 0)
			close(control[i]);
	if (null_fd >= 0)
		close(null_fd);
	/* The record of the new process is written while the lock is held: the next chooser counts it. */
	if (!status)
		vm_note(vm, vm->record.state);
	if (cpu_lock >= 0)
		close(cpu_lock);
	return status;
}

static int memory_check(struct vm *vm, struct fail *fail)
{
	uint64_t total, available, wanted = (uint64_t)json_integer_value(json_object_get(vm->config, "memoryMiB")) * MEBIBYTE;

	facts_memory(&total, &available);
	if (available >= wanted)
		return 0;
	return fail_set(fail, "no-memory", "The VM needs %llu MiB of memory; the host has %llu of %llu MiB left. Stop VMs there, give this one less, or use another host.",
			(unsigned long long)(wanted / MEBIBYTE), (unsigned long long)(available / MEBIBYTE), (unsigned long long)(total / MEBIBYTE));
}

static int ram_make(struct vm *vm, struct fail *fail)
{
	uint64_t bytes = (uint64_t)json_integer_value(json_object_get(vm->config, "memoryMiB")) * MEBIBYTE + KERNEL_DATA_BYTES;

	ram_forget(vm);
	vm->record.mark_offset = 0;
	vm->ram_fd = ram_create(vm->instance, bytes, vm->record.ram, sizeof(vm->record.ram), fail);
	return vm->ram_fd < 0 ? -1 : 0;
}

/* What belongs to a guest that is no more must not reach the next one. */
static void lines_restart(struct vm *vm, const char *reason)
{
	console_restart(vm->console);
	guest_restart(vm->guest, reason);
	for (unsigned i = 0; i < vm->nic_count; i++) {
		char waste[4];

		while (recv(vm->nic_guest_fds[i], waste, sizeof(waste), MSG_DONTWAIT | MSG_TRUNC) > 0)
			;
	}
}

static int vm_boot(struct vm *vm, struct fail *fail)
{
	lines_restart(vm, "The guest was started anew.");
	if (memory_check(vm, fail) < 0 || config_disks_open(vm, fail) < 0 || ram_make(vm, fail) < 0)
		return -1;
	log_trim(vm);
	json_decref(vm->record.exit);
	vm->record.exit = NULL;
	vm->record.setup_boot[0] = vm->guest_boot[0] = vm->start_error[0] = 0;
	note_error(vm, NULL);
	if (vm_record(vm, VM_BOOTING, false, NULL, fail) < 0 || process_launch(vm, NULL, mode_argument(vm), fail) < 0) {
		ram_forget(vm);
		return -1;
	}
	loop_timer_set(vm->loop, &vm->guestd_timer, loop_now(vm->loop) + GUESTD_US);
	return 0;
}

static int vm_continue(struct vm *vm, struct fail *fail)
{
	if (config_disks_open(vm, fail) < 0)
		return -1;
	lines_restart(vm, "The guest was parked meanwhile.");
	vm->ram_fd = ram_open(vm->record.ram, fail);
	if (vm->ram_fd < 0)
		return -1;
	vm->continuing = true;
	if (process_launch(vm, "restore", vm->record.seccomp ? "on" : "off", fail) < 0) {
		vm->continuing = false;
		close(vm->ram_fd);
		vm->ram_fd = -1;
		return -1;
	}
	return 0;
}

static void device_ended(void *arg, const char *why)
{
	vm_finish(arg, VM_CRASHED, why);
}

static int device_boot(struct vm *vm, struct fail *fail)
{
	lines_restart(vm, "The device was started anew.");
	log_trim(vm);
	note_error(vm, NULL);
	vm->after = VM_STATES;
	vm->device = device_create(vm->loop, vm->config, vm->nic_count, vm->nic_guest_fds, vm->log_fd, device_ended, vm, fail);
	if (!vm->device)
		return -1;
	if (vm_record(vm, VM_RUNNING, false, NULL, fail) == 0)
		return 0;
	device_destroy(vm->device);
	vm->device = NULL;
	return -1;
}

int vm_start(struct vm *vm, struct fail *fail)
{
	/* What is left of a former run may still be writing its memory file; the record says who that is. */
	if (vm->phase == PHASE_NONE && vm->record.group.leader) {
		const struct timespec pause = { .tv_nsec = 10000000 };

		for (int i = 0; i < 300 && process_group_lives(&vm->record.group) && vm->record.state == VM_PARKED &&
				!ram_is_frozen(vm->record.ram, vm->record.mark_offset); i++)
			nanosleep(&pause, NULL);
		if (process_group_end(&vm->record.group, 5000, fail) < 0)
			return -1;
		record_settle(&vm->record);
		vm->record.group = (struct process_group){ 0 };
	}
	switch (vm->record.state) {
	case VM_CREATED:
	case VM_STOPPED:
	case VM_CRASHED:
		return vm->kind == DEVICE_NONE ? vm_boot(vm, fail) : device_boot(vm, fail);
	case VM_PARKED:
		return vm_continue(vm, fail);
	case VM_HANDED_OVER:
		return fail_set(fail, "handed-over", "VM %s was handed over to another host and must not run here any more. Delete it here.", vm->instance);
	default:
		return fail_set(fail, "wrong-state", "VM %s is %s already.", vm->instance, vm_state_name(vm->record.state));
	}
}

static void vm_boot_again(void *arg)
{
	struct vm *vm = arg;
	struct fail fail;

	if (vm_boot(vm, &fail) < 0)
		vm_over(vm, VM_CRASHED, fail.message);
}

int vm_start_waiting(struct vm *vm, bool seccomp, vm_done *done, void *arg, struct fail *fail)
{
	if (vm->phase != PHASE_NONE || vm->record.state != VM_INCOMING)
		return fail_set(fail, "wrong-state", "VM %s does not wait for a migration.", vm->instance);
	if (memory_check(vm, fail) < 0 || config_disks_open(vm, fail) < 0 || ram_make(vm, fail) < 0)
		return -1;
	links_pause(vm->links);
	vm->record.seccomp = seccomp;
	if (process_launch(vm, "restore=wait", seccomp ? "on" : "off", fail) < 0) {
		ram_forget(vm);
		return -1;
	}
	request_begin(vm, REQUEST_WAIT, done, arg);
	return 0;
}

void vm_adopt_image(struct vm *vm, uint64_t mark_offset)
{
	vm->record.mark_offset = mark_offset;
}

int vm_claim_image(struct vm *vm, struct fail *fail)
{
	bool received = vm->record.state == VM_INCOMING && json_is_true(json_object_get(vm->record.migration, "ready"));

	if (vm->phase != PHASE_NONE || (!received && vm->record.state != VM_HANDED_OVER))
		return fail_set(fail, "not-open", "VM %s holds no guest whose whereabouts have to be decided.", vm->instance);
	if (!ram_is_frozen(vm->record.ram, vm->record.mark_offset))
		return fail_set(fail, "no-memory-file", "The memory of VM %s is not on this host any more, and with it the guest. Its disk is kept until you delete it.",
				vm->instance);
	return vm_record(vm, VM_PARKED, true, NULL, fail);
}

/* Ending. */

static void stop_expired(void *arg)
{
	struct vm *vm = arg;

	vm_log(vm, "the guest did not power off in time and is killed");
	group_kill(vm);
}

static void finish_later(void *arg)
{
	struct vm *vm = arg;

	vm_over(vm, vm->after, vm->after_error);
}

void vm_finish(struct vm *vm, enum vm_state state, const char *error)
{
	vm->after = state;
	snprintf(vm->after_error, sizeof(vm->after_error), "%s", error ? error : "");
	loop_timer_cancel(vm->loop, &vm->reboot_timer);
	if (vm->phase == PHASE_NONE)
		loop_timer_set(vm->loop, &vm->finish_timer, loop_now(vm->loop));
	else
		group_kill(vm);
}

int vm_stop(struct vm *vm, unsigned grace_ms, struct fail *fail)
{
	switch (vm->record.state) {
	case VM_BOOTING:
	case VM_RUNNING:
	case VM_STOPPING:
		break;
	case VM_PARKED:
		vm_finish(vm, VM_STOPPED, NULL);
		return 0;
	default:
		return fail_set(fail, "wrong-state", "VM %s is %s; only a VM that runs can be stopped.", vm->instance, vm_state_name(vm->record.state));
	}
	vm_note(vm, VM_STOPPING);
	vm->after = VM_STOPPED;
	if (vm->phase == PHASE_NONE) {
		vm_finish(vm, VM_STOPPED, NULL);
	} else if (!grace_ms || vm->phase != PHASE_RUNNING || control_send(vm->control_fd, UM_CONTROL_POWEROFF, NULL, 0) < 0) {
		group_kill(vm);
	} else {
		loop_timer_set(vm->loop, &vm->stop_timer, loop_now(vm->loop) + (uint64_t)grace_ms * 1000);
	}
	return 0;
}

static void park_quit(void *arg, const struct fail *fail)
{
	struct vm *vm = arg;

	vm_finish(vm, fail ? VM_CRASHED : VM_PARKED, fail ? fail->message : "The VM was parked when its supervisor was asked to end. Start it to let it go on.");
}

static void park_frozen(void *arg, const struct fail *fail)
{
	struct vm *vm = arg;

	if (fail)
		vm_finish(vm, VM_CRASHED, fail->message);
	else
		vm_quit(vm, park_quit, vm);
}

int vm_park(struct vm *vm, struct fail *fail)
{
	if (vm->device) {
		vm_finish(vm, VM_STOPPED, "It was ended together with its supervisor. Start it again.");
		return 0;
	}
	if (vm->phase == PHASE_NONE || vm->record.state == VM_STOPPING) {
		vm_finish(vm, vm->record.state == VM_STOPPING ? VM_STOPPED : vm->record.state, vm->record.error);
		return 0;
	}
	if (vm->phase != PHASE_RUNNING || !vm->record.ram[0]) {
		vm_finish(vm, VM_STOPPED, "The VM was ended together with its supervisor, for its memory could not be kept. Its disk is kept: start the VM to boot it.");
		return 0;
	}
	if (vm->pending.request != REQUEST_NONE)
		return fail_set(fail, "busy", "The VM is being frozen or thawed.");
	vm_freeze(vm, park_frozen, vm);
	return 0;
}

/* Guestd and scripts. */

static void hello_expired(void *arg)
{
	struct vm *vm = arg;
	char tail[600];

	log_tail(vm, tail, sizeof(tail));
	vm->after = vm->continuing ? VM_PARKED : VM_CRASHED;
	snprintf(vm->after_error, sizeof(vm->after_error), "The guest kernel did not start within %u s. The log ends with: %.500s", (unsigned)(HELLO_US / 1000000), tail);
	group_kill(vm);
}

static void guestd_expired(void *arg)
{
	struct vm *vm = arg;

	if (vm->record.state == VM_BOOTING) {
		note_error(vm, "The guest did not start guestd within 60 s: its set-up and start-up scripts did not run, and commands cannot be run in it.");
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
		note_error(vm, fail.message);
		vm_note(vm, VM_RUNNING);
	}
}

static void setup_ended(void *arg, const char *error)
{
	struct vm *vm = arg;

	note_error(vm, error);
	if (!error)
		snprintf(vm->record.setup_boot, sizeof(vm->record.setup_boot), "%s", vm->guest_boot);
	vm_note(vm, vm->record.state == VM_BOOTING ? VM_RUNNING : vm->record.state);
}

static void startup_failed(void *arg, const char *error)
{
	struct vm *vm = arg;

	note_error(vm, error);
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
	vm->signal_watch = vm->signal_fd < 0 ? NULL : loop_watch_fd(vm->loop, vm->signal_fd, EPOLLIN, child_ready, vm);
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
	vm->after = VM_STATES;
	vm->folder_fd = vm->log_fd = vm->ram_fd = vm->control_fd = vm->signal_fd = -1;
	snprintf(vm->instance, sizeof(vm->instance), "%s", instance);
	loop_timer_init(&vm->request_timer, request_expired, vm);
	loop_timer_init(&vm->hello_timer, hello_expired, vm);
	loop_timer_init(&vm->guestd_timer, guestd_expired, vm);
	loop_timer_init(&vm->stop_timer, stop_expired, vm);
	loop_timer_init(&vm->reboot_timer, vm_boot_again, vm);
	loop_timer_init(&vm->finish_timer, finish_later, vm);
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
	struct loop_timer *timers[] = { &vm->request_timer, &vm->hello_timer, &vm->guestd_timer, &vm->stop_timer, &vm->reboot_timer, &vm->finish_timer };
	const int fds[] = { vm->folder_fd, vm->log_fd, vm->ram_fd, vm->signal_fd };

	for (size_t i = 0; i < sizeof(timers) / sizeof(*timers); i++)
		loop_timer_cancel(vm->loop, timers[i]);
	control_close(vm);
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
	uint64_t overlay = 0;
	struct stat info;

	if (!status)
		return NULL;
	for (unsigned i = 0; i < vm->disk_count; i++)
		overlay += disk_overlay_bytes(&vm->disks[i]);
	json_object_set_new(status, "overlayBytes", json_integer((json_int_t)overlay));
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
	note_error(vm, json_string_value(json_object_get(state, "error")));
	provision_import(vm->provision, json_object_get(state, "provision"));
	return 0;
}

void vm_streams_moved(struct vm *vm, const char *target)
{
	vm->hooks.moved(vm->hooks.arg, target);
}
