/* SPDX-License-Identifier: Apache-2.0 */
/* Requests to the guest kernel and what it says (backend/kernel/um_control.h). Theory in vm.c. */
#define _GNU_SOURCE
#include "vm_internal.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "control.h"
#include "part.h"
#include "turns.h"

#define REQUEST_US (10 * 1000000ULL)

/* Requests to the kernel. */

void vm_request_end(struct vm *vm, const struct fail *fail)
{
	struct pending pending = vm->pending;

	vm->pending = (struct pending){ 0 };
	loop_timer_cancel(vm->loop, &vm->request_timer);
	if (pending.request != REQUEST_NONE)
		pending.done(pending.arg, fail);
}

void vm_request_expired(void *arg)
{
	struct vm *vm = arg;
	struct fail fail;

	fail_set(&fail, "timeout", "The guest kernel of VM %s did not answer within %u s.", vm->instance, (unsigned)(REQUEST_US / 1000000));
	vm_log(vm, "%s", fail.message);
	/* It may still freeze, as soon as its disk or its CPU lets it. */
	vm->freeze_late = vm->pending.request == REQUEST_FREEZE;
	vm_request_end(vm, &fail);
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

void vm_request_decide(struct vm *vm, vm_done *done, void *arg, const char *message)
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

void vm_request_begin(struct vm *vm, enum request request, vm_done *done, void *arg)
{
	vm->pending = (struct pending){ .request = request, .done = done, .arg = arg };
	loop_timer_set(vm->loop, &vm->request_timer, loop_now(vm->loop) + REQUEST_US);
}

static void request_send(struct vm *vm, enum phase wanted, enum request request, enum um_control_type type, vm_done *done, void *arg)
{
	if (vm->pending.request != REQUEST_NONE)
		vm_request_decide(vm, done, arg, "Another request to the guest kernel is still under way.");
	else if (vm->phase != wanted)
		vm_request_decide(vm, done, arg, "The guest is not in the state that this needs.");
	else if (control_send(vm->control_fd, type, NULL, 0) < 0)
		vm_request_decide(vm, done, arg, "The guest kernel does not read its control channel.");
	else
		vm_request_begin(vm, request, done, arg);
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
		vm_request_decide(vm, done, arg, NULL);
		return;
	}
	request_send(vm, PHASE_FROZEN, REQUEST_THAW, UM_CONTROL_THAW, done, arg);
}

void vm_throttle(struct vm *vm, unsigned percent)
{
	const struct um_control_throttle throttle = { .percent = percent };

	if (vm->phase == PHASE_RUNNING && vm->pending.request == REQUEST_NONE && control_send(vm->control_fd, UM_CONTROL_THROTTLE, &throttle, sizeof(throttle)) < 0)
		vm_log(vm, "the guest kernel does not read its control channel, so its programs are not slowed down");
}

void vm_step_back(struct vm *vm)
{
	process_group_step_back(&vm->record.group);
}

void vm_quit(struct vm *vm, vm_done *done, void *arg)
{
	request_send(vm, vm->phase == PHASE_WAITING ? PHASE_WAITING : PHASE_FROZEN, REQUEST_QUIT, UM_CONTROL_QUIT, done, arg);
}

void vm_warm_up(struct vm *vm)
{
	if (vm->phase != PHASE_WAITING)
		return;
	turns_be_long_in(vm->record.group.leader);
	if (control_send(vm->control_fd, UM_CONTROL_WARM_UP, NULL, 0) < 0)
		vm_log(vm, "the waiting guest process does not read its control channel, so it makes nothing ready ahead");
}

void vm_resume(struct vm *vm, vm_done *done, void *arg)
{
	if (vm->phase == PHASE_WAITING)
		turns_be_usual_in(vm->record.group.leader);
	request_send(vm, PHASE_WAITING, REQUEST_RESUME, UM_CONTROL_RESUME, done, arg);
}

void vm_changes_start(struct vm *vm, vm_done *done, void *arg)
{
	request_send(vm, PHASE_RUNNING, REQUEST_CHANGES, UM_CONTROL_LOG_START, done, arg);
}

void vm_changes_next(struct vm *vm, vm_done *done, void *arg)
{
	request_send(vm, PHASE_RUNNING, REQUEST_CHANGES, UM_CONTROL_LOG_NEXT, done, arg);
}

void vm_changes_stop(struct vm *vm, vm_done *done, void *arg)
{
	request_send(vm, PHASE_RUNNING, REQUEST_CHANGES, UM_CONTROL_LOG_STOP, done, arg);
}

const struct um_control_log *vm_changes(const struct vm *vm)
{
	return &vm->changes;
}

int vm_changes_take_fd(struct vm *vm)
{
	int fd = vm->changes_fd;

	vm->changes_fd = -1;
	return fd;
}

/* Messages of the kernel. */

static void message_hello(struct vm *vm, const struct um_control_hello *hello)
{
	if (hello->protocol != UM_CONTROL_VERSION) {
		snprintf(vm->after_error, sizeof(vm->after_error), "The guest kernel speaks version %u of the control protocol, the host agent %u.", hello->protocol,
			 UM_CONTROL_VERSION);
		vm->after = VM_CRASHED;
		vm->killed = true;
		process_group_kill(&vm->record.group);
		return;
	}
	loop_timer_cancel(vm->loop, &vm->hello_timer);
	vm->hello = *hello;
	vm->hello_known = true;
	if (hello->phase == UM_PHASE_RUNNING) {
		bool known = vm->record.seccomp == (hello->seccomp ? 1 : 0) && vm->record.mark_offset == hello->state_offset;

		vm->phase = PHASE_RUNNING;
		vm->record.seccomp = hello->seccomp ? 1 : 0;
		vm->record.mark_offset = hello->state_offset;
		/* A guest that has just come here needs the processor more than to be written down again. */
		if (!known)
			vm_note(vm, vm->record.state);
	}
}

/* The guest goes on after it was parked: guestd tells what it knows. */
static void continued(struct vm *vm)
{
	vm->kept = VM_STATES;
	json_decref(vm->record.migration);
	vm->record.migration = NULL;
	vm_note_error(vm, NULL);
	vm_log(vm, "the parked guest goes on");
	guest_reset(vm->guest);
	links_resume(vm->links);
	loop_timer_set(vm->loop, &vm->guestd_timer, loop_now(vm->loop) + VM_GUESTD_US);
	vm_note(vm, vm->record.setup_boot[0] ? VM_RUNNING : VM_BOOTING);
}

static void message_changes(struct vm *vm, struct control_message *message)
{
	vm->changes = message->payload.log;
	if (vm->changes_fd >= 0)
		close(vm->changes_fd);
	vm->changes_fd = message->fd;
	message->fd = -1;
	if (vm->pending.request == REQUEST_CHANGES)
		vm_request_end(vm, NULL);
}

/* A guest says what it likes; only of a base that is on its way there is something to ask for. */
static void message_wanted(struct vm *vm, const struct um_control_wanted *wanted)
{
	if (wanted->disk < vm->disk_count && vm->disks[wanted->disk].there_fd >= 0)
		part_wish(vm->disks[wanted->disk].there_fd, wanted->first, wanted->count);
}

/* What nobody waits for; a kernel that does not know it refuses it all the same. */
static bool has_no_answer(uint32_t type)
{
	return type == UM_CONTROL_THROTTLE || type == UM_CONTROL_RESIZE || type == UM_CONTROL_WARM_UP;
}

static void message_take(struct vm *vm, struct control_message *message)
{
	enum request request = vm->pending.request;
	struct fail fail;

	switch (message->type) {
	case UM_CONTROL_HELLO_REPLY:
		message_hello(vm, &message->payload.hello);
		break;
	case UM_CONTROL_FROZEN:
		vm->phase = PHASE_FROZEN;
		vm->clock_offset_ns = message->payload.frozen.real_delta_ns;
		vm->freeze_late = false;
		links_pause(vm->links);
		if (request == REQUEST_FREEZE)
			vm_request_end(vm, NULL);
		break;
	case UM_CONTROL_THAWED:
		vm->phase = PHASE_RUNNING;
		links_resume(vm->links);
		if (request == REQUEST_THAW)
			vm_request_end(vm, NULL);
		break;
	case UM_CONTROL_WAITING:
		vm->phase = PHASE_WAITING;
		if (request == REQUEST_WAIT)
			vm_request_end(vm, NULL);
		break;
	case UM_CONTROL_RESTORED:
		vm->restore_us = message->payload.restored.microseconds;
		vm->phase = PHASE_RUNNING;
		if (vm->kept == VM_PARKED) {
			continued(vm);
		} else {
			if (vm->kept == VM_SAVED)
				vm_saved_runs(vm);
			links_resume(vm->links);
			if (request == REQUEST_RESUME)
				vm_request_end(vm, NULL);
		}
		break;
	case UM_CONTROL_LOG:
		message_changes(vm, message);
		break;
	case UM_CONTROL_WANTED:
		message_wanted(vm, &message->payload.wanted);
		break;
	case UM_CONTROL_REFUSED:
		snprintf(vm->refusal, sizeof(vm->refusal), "%s", message->payload.error.text);
		vm_log(vm, "the kernel refuses the memory file: %s", vm->refusal);
		break;
	case UM_CONTROL_ERROR:
		vm_log(vm, "the kernel refuses a request: %s", message->payload.error.text);
		if (has_no_answer(message->payload.error.request))
			break;
		fail_set(&fail, "kernel", "The guest kernel refuses: %s", message->payload.error.text);
		vm_request_end(vm, &fail);
		break;
	default:
		break;
	}
	if (message->fd >= 0)
		close(message->fd);
}

void vm_control_close(struct vm *vm)
{
	loop_unwatch(vm->control_watch);
	vm->control_watch = NULL;
	if (vm->control_fd >= 0)
		close(vm->control_fd);
	vm->control_fd = -1;
	if (vm->changes_fd >= 0)
		close(vm->changes_fd);
	vm->changes_fd = -1;
}

void vm_control_ready(void *arg, uint32_t events)
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
				vm_control_close(vm);
			return;
		}
	}
}
