/* SPDX-License-Identifier: Apache-2.0 */
/* How a guest's process ends, by itself or because it shall, and what is written down about it. Theory in vm.c. */
#define _GNU_SOURCE
#include "vm_internal.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "control.h"
#include "ram.h"

static void vm_gone(struct vm *vm);

/* The process' end. */

void vm_kill(struct vm *vm)
{
	if (vm->phase == PHASE_NONE)
		return;
	vm->killed = true;
	process_group_kill(&vm->record.group);
}

void vm_child_ready(void *arg, uint32_t events)
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
		vm_control_ready(vm, 0);
		vm->leader_ended = true;
		vm->leader_status = status;
		vm->phase = PHASE_ENDING;
		kill(-pid, SIGKILL);
	}
	if (pid < 0 && vm->leader_ended)
		vm_gone(vm);
}

/* What the log says last, as one line: of a panic its reason, else the last lines. */
void vm_log_tail(struct vm *vm, char *text, size_t size)
{
	static const char panic[] = "Kernel panic";
	size_t total, lines = 0, length = 0;
	char *log = store_read(vm->folder_fd, "log", 64 * VM_LOG_MAX, &total), *from, *run;

	text[0] = 0;
	if (!log)
		return;
	/* Only this run's part. */
	for (run = log; (from = strstr(run, VM_LOG_STARTED)); run = from + 1)
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
	vm_log_tail(vm, tail, sizeof(tail));
	snprintf(error, size, "The guest kernel %s. The disk is kept: start the VM to boot it again. The log ends with: %s", how, tail);
}

static void process_forget(struct vm *vm)
{
	vm_control_close(vm);
	guest_restart(vm->guest, "The guest has ended.");
	vm->phase = PHASE_NONE;
	vm->leader_ended = false;
	loop_timer_cancel(vm->loop, &vm->hello_timer);
	loop_timer_cancel(vm->loop, &vm->guestd_timer);
	loop_timer_cancel(vm->loop, &vm->stop_timer);
	vm->record.group = (struct process_group){ 0 };
}

void vm_ram_forget(struct vm *vm)
{
	ram_remove(vm->record.ram);
	vm->record.ram[0] = 0;
	if (vm->ram_fd >= 0)
		close(vm->ram_fd);
	vm->ram_fd = -1;
}

void vm_over(struct vm *vm, enum vm_state state, const char *error)
{
	vm_note_error(vm, error);
	device_destroy(vm->device);
	vm->device = NULL;
	vm->kept = VM_STATES;
	if (state != VM_PARKED && state != VM_SAVED)
		vm_ram_forget(vm);
	if (state != VM_SAVED)
		vm_saved_forget(vm);
	vm_log(vm, "%s%s%s", vm_state_name(state), error && *error ? ": " : "", error ? error : "");
	if (state == VM_PARKED || state == VM_INCOMING || state == VM_HANDED_OVER || state == VM_SAVED) {
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
			vm_request_end(vm, request == REQUEST_QUIT ? NULL : &fail);
		vm_over(vm, vm->after, vm->after_error);
		return;
	}
	if (request == REQUEST_QUIT) {
		vm_request_end(vm, NULL);
		return;
	}
	if (vm->refusal[0])
		snprintf(error, sizeof(error), "The kernel cannot continue the guest: %s", vm->refusal);
	else if (code != UM_EXIT_POWEROFF && code != UM_EXIT_REBOOT && code != UM_EXIT_PARKED)
		crash_describe(vm, error, sizeof(error));
	if (request != REQUEST_NONE) {
		fail_set(&fail, "ended", "%s", error[0] ? error : "The guest ended meanwhile.");
		vm_request_end(vm, &fail);
		/* Whoever asked decides what becomes of the VM: its source may still have the guest. */
		if (vm->record.state == VM_INCOMING || (request == REQUEST_RESUME && vm->kept == VM_STATES))
			return;
	}
	if (vm->refusal[0] && vm->kept != VM_STATES) {
		strncat(error, " Its memory is kept. Stop the VM and start it again to boot it from its disk.", sizeof(error) - strlen(error) - 1);
		vm_over(vm, vm->kept, error);
	} else if (code == UM_EXIT_REBOOT && vm->record.state != VM_STOPPING) {
		uint64_t now = loop_now(vm->loop);

		vm_log(vm, "the guest reboots");
		loop_timer_set(vm->loop, &vm->reboot_timer, now - vm->started < VM_REBOOT_PAUSE_US ? now + VM_REBOOT_PAUSE_US : now);
	} else if (code == UM_EXIT_POWEROFF || code == UM_EXIT_REBOOT) {
		vm_over(vm, VM_STOPPED, NULL);
	} else {
		vm_over(vm, code == UM_EXIT_PARKED ? VM_PARKED : VM_CRASHED, error);
	}
}

/* Ending. */

void vm_stop_expired(void *arg)
{
	struct vm *vm = arg;

	vm_log(vm, "the guest did not power off in time and is killed");
	vm_kill(vm);
}

void vm_finish_later(void *arg)
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
		vm_kill(vm);
}

int vm_stop(struct vm *vm, unsigned grace_ms, struct fail *fail)
{
	switch (vm->record.state) {
	case VM_BOOTING:
	case VM_RUNNING:
	case VM_STOPPING:
		break;
	case VM_PARKED:
	case VM_SAVED:
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
		vm_kill(vm);
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
	if (vm->record.state == VM_SAVED) {
		vm_finish(vm, VM_SAVED, NULL);
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

void vm_hello_expired(void *arg)
{
	struct vm *vm = arg;
	char tail[600];

	vm_log_tail(vm, tail, sizeof(tail));
	vm->after = vm->kept == VM_STATES ? VM_CRASHED : vm->kept;
	snprintf(vm->after_error, sizeof(vm->after_error), "The guest kernel did not start within %u s. The log ends with: %.500s", (unsigned)(VM_HELLO_US / 1000000), tail);
	vm_kill(vm);
}
