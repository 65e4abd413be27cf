/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One virtual machine as its supervisor sees it: configuration, record, RAM file, disks, process, lines and links. Theory in vm.c.
 * Everything here runs on the loop's thread. Functions that return int return 0, or -1 with *fail filled.
 */
#ifndef MOBIHOST_VM_H
#define MOBIHOST_VM_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "../../kernel/um_control.h"
#include "device.h"
#include "disk.h"
#include "fail.h"
#include "loop.h"
#include "record.h"
#include "store.h"

struct vm;
struct links;

#define VM_NICS_MAX 16
#define VM_DISKS_MAX 2
#define VM_MEMORY_MIN_MIB 16
#define VM_MEMORY_MAX_MIB 65536

/* Called once, on the loop: fail is NULL when it worked. */
typedef void vm_done(void *arg, const struct fail *fail);

/* What the supervisor wants to hear. */
struct vm_hooks {
	void (*changed)(void *arg); /* status differs from what it was */
	void (*moved)(void *arg, const char *target); /* clients' streams are to end: their VM goes on as that instance */
	void (*ended)(void *arg);   /* no process is left and the record is written; the supervisor's work is over */
	void *arg;
};

/* Opens the instance, whose folder must be the current one: reads configuration and record, makes sockets and links. Starts no process. */
struct vm *vm_open(struct loop *loop, const struct store *store, const char *instance, const struct vm_hooks *hooks, struct fail *fail);
void vm_close(struct vm *vm);

/* Boots the guest, or continues it when it is parked or saved. */
int vm_start(struct vm *vm, struct fail *fail);
/* A saved VM: its kernel is started and waits for vm_start; done when it does. -1: nothing has happened. */
int vm_prepare(struct vm *vm, vm_done *done, void *arg, struct fail *fail);
/* A saved VM that was prepared: somebody is about to start it. */
bool vm_is_prepared(const struct vm *vm);
pid_t vm_pid(const struct vm *vm); /* of the kernel process, 0: none */
/* Powers off; kills the guest after grace_ms (at once when 0). `ended` follows. */
int vm_stop(struct vm *vm, unsigned grace_ms, struct fail *fail);
/* Replaces the scripts in the configuration; run: runs the set-up script now as well. */
int vm_set_scripts(struct vm *vm, const char *setup, const char *startup, bool run, struct fail *fail);
/* Window size of the console; the guest's foreground programs are told. */
int vm_resize_console(struct vm *vm, uint16_t rows, uint16_t cols, struct fail *fail);
/* Freezes the guest, leaves it as VM_PARKED and ends its process. `ended` follows. */
int vm_park(struct vm *vm, struct fail *fail);

json_t *vm_status(const struct vm *vm); /* new reference */
const json_t *vm_config(const struct vm *vm);
const char *vm_instance(const struct vm *vm);
enum vm_state vm_state(const struct vm *vm);
/* Created, stopped or crashed: nothing runs, and nothing is kept that could go on. */
bool vm_is_off(const struct vm *vm);
/* DEVICE_NONE: a VM, which has a guest. */
enum device_kind vm_kind(const struct vm *vm);
/* The boot id of the guest whose set-up has ended well; "": it has not. */
const char *vm_setup_boot(const struct vm *vm);
/* That the guest is pinned to; -1: to none. */
int vm_cpu(const struct vm *vm);
struct loop *vm_loop(struct vm *vm);
struct links *vm_links(struct vm *vm);
struct console *vm_console(struct vm *vm);
struct guest *vm_guest(struct vm *vm);

/*
 * Writes the record (state.json, replaced by rename) and then takes the state on; sync: on disk (file and folder) before it returns. `more`
 * (may be NULL, borrowed) is kept in the record and status as member "migration". When it fails the old record and state hold.
 */
int vm_record(struct vm *vm, enum vm_state state, bool sync, const json_t *more, struct fail *fail);

/* A guest that is sent stands still. Nothing is written: its record says as much about who may run it. */
void vm_stands_still(struct vm *vm);
/* The guest runs here although its record could not be written: what is written says that only this side may run it. */
void vm_goes_on(struct vm *vm, const struct fail *why);

/*
 * The same in two steps, for a state that is taken on while a guest stands still: what takes time is the writing, which may
 * happen on any thread, while the guest runs. State and `more` must be the same in all three. A draft of which anything else but the time has changed meanwhile is not taken; then the
 * record is written anew, and flushed if `sync`.
 */
json_t *vm_record_draft(const struct vm *vm, enum vm_state state, const json_t *more); /* new reference, NULL without memory */
int vm_record_draft_write(const struct vm *vm, enum record_draft which, const json_t *draft, struct fail *fail); /* not on the loop */
int vm_record_draft_take(struct vm *vm, enum record_draft which, const json_t *draft, enum vm_state state, bool sync, const json_t *more, struct fail *fail);

/*
 * For migration. A request that finds the guest in the wrong phase fails through `done` too, never before the function returned.
 * All have a time limit; one that ran out fails with code "timeout".
 */

/* Guest stands still; NIC sockets are not read by anyone until thaw. The control channel stays open. */
void vm_freeze(struct vm *vm, vm_done *done, void *arg);
/*
 * The guest's log of changing pages: begins, goes on with an empty bitmap, ends. Running guests only. Once done, vm_changes is the kernel's answer, and
 * vm_changes_take_fd the descriptor that came with it, the caller's then; -1: none. Done fails where guest or host cannot keep a log.
 */
void vm_changes_start(struct vm *vm, vm_done *done, void *arg);
void vm_changes_next(struct vm *vm, vm_done *done, void *arg);
void vm_changes_stop(struct vm *vm, vm_done *done, void *arg);
const struct um_control_log *vm_changes(const struct vm *vm);
int vm_changes_take_fd(struct vm *vm);
/* Frozen guest goes on. */
void vm_thaw(struct vm *vm, vm_done *done, void *arg);
/*
 * Takes so many percent (0 to 99) of the time from the guest's programs, together; it holds until the next call or freeze. A guest that does not run, or does not read its
 * control channel, is not slowed down.
 */
void vm_throttle(struct vm *vm, unsigned percent);
/* What its processes still do comes after what others on this host do. */
void vm_step_back(struct vm *vm);
/* Frozen or waiting process ends; done when no process of the group is left. `ended` does NOT follow: the caller decides (vm_finish). */
void vm_quit(struct vm *vm, vm_done *done, void *arg);
/* Target: starts the kernel with restore=wait on an empty RAM file; done when it says WAITING. Disks and RAM file exist when it returns. */
int vm_start_waiting(struct vm *vm, bool seccomp, vm_done *done, void *arg, struct fail *fail);
/* Target: the waiting guest process makes and maps ahead what the guest will need, of the RAM file what it holds by now. Nothing waits for it. */
void vm_warm_up(struct vm *vm);
/* Target: RESUME; done when the guest runs (RESTORED). Does not write the record: the caller does, before. */
void vm_resume(struct vm *vm, vm_done *done, void *arg);
/*
 * Target: the RAM file holds a whole frozen guest from now on, its mark at that offset. The next record keeps that, so that the guest outlives this
 * supervisor.
 */
void vm_adopt_image(struct vm *vm, uint64_t mark_offset);
/* The guest of this migration is to run here from the next record on: whoever asks later, even when the instance is gone, hears that it did. */
void vm_arrive(struct vm *vm, const char *migration);
/*
 * The guest must never run here: ends its process, waits for that, and gives its memory up. For a target that was told to run it and cannot. -1: the process does not end.
 */
int vm_forsake_image(struct vm *vm, struct fail *fail);
/* Has what record and disks hold written to the host's storage, in the background, as far as that can be had. */
void vm_sync(const struct vm *vm);
/*
 * A later supervisor of such a target, or of a source that handed over, is told that the guest is to run here: the VM becomes VM_PARKED, a start
 * continues it.
 */
int vm_claim_image(struct vm *vm, struct fail *fail);
/* Target: microseconds the kernel took for the last restore. */
uint64_t vm_restore_us(const struct vm *vm);
/* Kills whatever runs, reaps it, writes the record with `state`, then calls `ended`. */
void vm_finish(struct vm *vm, enum vm_state state, const char *error);

int vm_ram_fd(const struct vm *vm); /* -1 before a start */
/* The kernel's last HELLO: layout, build id, mode. NULL before the first one. */
const struct um_control_hello *vm_hello(const struct vm *vm);
/* As of the last freeze: how far the guest's wall clock is ahead of the host's, in nanoseconds. */
int64_t vm_clock_offset(const struct vm *vm);
unsigned vm_disk_count(const struct vm *vm);
struct disk *vm_disk(struct vm *vm, unsigned index);
/* The guest's end of NIC n's socket: what a frozen guest has not read can be received here. NIC n's own end belongs to the links. */
int vm_nic_guest_fd(const struct vm *vm, unsigned nic);

/*
 * State of console and command channel of a frozen guest: scrollback, bytes that either side has not read, sessions, which boot was set up. Import
 * into a target before RESUME. Export empties the sockets: after a failed migration call vm_import on the source too, then thaw.
 */
json_t *vm_export(struct vm *vm);
int vm_import(struct vm *vm, const json_t *state, struct fail *fail);
/* Source: ends all client streams with {"closed":"moved","instance":target} and their commands' session numbers (for exec.attach there). */
void vm_streams_moved(struct vm *vm, const char *target);

#endif
