/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A saved VM: state_put.c made its RAM file, disks and device state from a snapshot, and it waits to be started.
 *
 * vm_prepare starts the kernel with restore=wait, which may take its time, so that all VMs of a lab can then be started at once. vm_start_saved gives the
 * devices their state, writes down that the VM runs and sends RESUME. The device state is put into sockets and queues only once: the record says "running" before the
 * guest can have taken any of it, and the files go when the kernel says that the guest runs. Should the kernel refuse the guest, the VM is saved again and nothing of it
 * is used up; should the supervisor die in between, the guest parks itself as any other does, and only what was in the lines is lost.
 */
#define _GNU_SOURCE
#include "vm_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "migration_devices.h"
#include "ram.h"

#define WAITING_US (5 * 60 * 1000000ULL) /* a VM that nobody starts after vm_prepare is put to rest again */

static void saved_waits(struct vm *vm)
{
	loop_timer_set(vm->loop, &vm->waiting_timer, loop_now(vm->loop) + WAITING_US);
}

void vm_saved_expired(void *arg)
{
	struct vm *vm = arg;

	if (vm->record.state == VM_SAVED)
		vm_finish(vm, VM_SAVED, NULL);
}

int vm_prepare(struct vm *vm, vm_done *done, void *arg, struct fail *fail)
{
	if (vm->record.state != VM_SAVED)
		return fail_set(fail, "wrong-state", "VM %s is %s; only a saved one can be prepared for its start.", vm->instance, vm_state_name(vm->record.state));
	if (vm->pending.request != REQUEST_NONE)
		return fail_set(fail, "busy", "VM %s is being prepared for its start already.", vm->instance);
	if (vm->phase == PHASE_WAITING || vm->kind != DEVICE_NONE) {
		saved_waits(vm);
		vm_request_decide(vm, done, arg, NULL);
		return 0;
	}
	if (vm->phase != PHASE_NONE)
		return fail_set(fail, "busy", "VM %s is just being ended. Try again.", vm->instance);
	if (vm_disks_open(vm, fail) < 0)
		return -1;
	vm_lines_restart(vm, "The guest was saved.");
	if (vm->ram_fd < 0)
		vm->ram_fd = ram_open(vm->record.ram, fail);
	if (vm->ram_fd < 0)
		return -1;
	links_pause(vm->links);
	vm->kept = VM_SAVED;
	if (vm_launch(vm, "restore=wait", vm->record.seccomp ? "on" : "off", fail) < 0) {
		vm->kept = VM_STATES;
		return -1;
	}
	saved_waits(vm);
	vm_request_begin(vm, REQUEST_WAIT, done, arg);
	return 0;
}

static void resumed(void *arg, const struct fail *fail)
{
	struct vm *vm = arg;

	/* A kernel that refuses ends, which is told there; one that is slow may still come. */
	if (fail)
		vm_log(vm, "the saved guest does not run yet: %s", fail->message);
}

static int resume(struct vm *vm, struct fail *fail)
{
	struct migration_devices devices = { 0 };
	int result = -1;

	if (migration_devices_load(&devices, vm->folder_fd, fail) < 0 || migration_devices_import(&devices, vm, fail) < 0)
		goto out;
	if (vm->record.keep_clock_us && ram_keep_clock(vm->ram_fd, vm->record.mark_offset, vm->record.keep_clock_us, fail) < 0)
		goto out;
	links_gate(vm->links);
	vm_note_error(vm, NULL);
	if (vm_record(vm, vm->record.setup_boot[0] ? VM_RUNNING : VM_BOOTING, false, NULL, fail) < 0)
		goto out;
	loop_timer_cancel(vm->loop, &vm->waiting_timer);
	vm_resume(vm, resumed, vm);
	result = 0;
out:
	migration_devices_clear(&devices);
	return result;
}

/* A switch or gateway: what was in its queues goes on. */
static int start_device(struct vm *vm, struct fail *fail)
{
	struct migration_devices devices = { 0 };
	int result = -1;

	if (migration_devices_load(&devices, vm->folder_fd, fail) == 0 && vm_device_boot(vm, fail) == 0) {
		links_gate(vm->links);
		result = migration_devices_import(&devices, vm, fail);
		if (result < 0)
			vm_finish(vm, VM_SAVED, fail->message);
	}
	migration_devices_clear(&devices);
	if (!result) {
		loop_timer_cancel(vm->loop, &vm->waiting_timer);
		vm_saved_forget(vm);
	}
	return result;
}

/* vm.start without vm.prepare. */
static void prepared(void *arg, const struct fail *fail)
{
	struct vm *vm = arg;
	struct fail why;

	if (!fail && resume(vm, &why) < 0)
		fail = &why;
	if (fail)
		vm_finish(vm, VM_SAVED, fail->message);
}

int vm_start_saved(struct vm *vm, struct fail *fail)
{
	if (vm->kind != DEVICE_NONE)
		return start_device(vm, fail);
	return vm->phase == PHASE_WAITING && vm->pending.request == REQUEST_NONE ? resume(vm, fail) : vm_prepare(vm, prepared, vm, fail);
}

void vm_saved_runs(struct vm *vm)
{
	struct fail fail;

	vm->kept = VM_STATES;
	vm_log(vm, "the saved guest goes on");
	vm_saved_forget(vm);
	if (vm->record.state == VM_BOOTING)
		loop_timer_set(vm->loop, &vm->guestd_timer, loop_now(vm->loop) + VM_GUESTD_US);
	vm->record.keep_clock_us = 0;
	if (vm_record(vm, vm->record.state, false, NULL, &fail) < 0)
		vm_log(vm, "%s", fail.message);
}

void vm_saved_forget(struct vm *vm)
{
	migration_devices_remove(vm->folder_fd);
}

bool vm_is_prepared(const struct vm *vm)
{
	return vm->waiting_timer.set;
}
