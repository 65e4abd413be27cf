/* SPDX-License-Identifier: Apache-2.0 */
/* What the files that make up vm.h share: vm.c (life, theory), vm_kernel.c (requests and messages), vm_start.c and vm_end.c (the process). */
#ifndef MOBIHOST_VM_INTERNAL_H
#define MOBIHOST_VM_INTERNAL_H

#include "console.h"
#include "guest.h"
#include "link.h"
#include "provision.h"
#include "vm.h"

#define VM_LOG_MAX ((size_t)1 << 20)
#define VM_LOG_STARTED "kernel process"
#define VM_HELLO_US (30 * 1000000ULL)
#define VM_GUESTD_US (60 * 1000000ULL)
#define VM_REBOOT_PAUSE_US 1000000ULL

enum phase {
	PHASE_NONE,     /* no process */
	PHASE_STARTED,  /* no HELLO yet */
	PHASE_RUNNING,
	PHASE_FROZEN,
	PHASE_WAITING,  /* restore=wait */
	PHASE_ENDING,   /* the leader has ended, or was killed */
};

enum request { REQUEST_NONE, REQUEST_FREEZE, REQUEST_THAW, REQUEST_QUIT, REQUEST_WAIT, REQUEST_RESUME, REQUEST_CHANGES };

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
	struct um_control_log changes;
	int changes_fd; /* that came with them, until it is taken */
	int64_t clock_offset_ns; /* of the guest from the host, at the last freeze */
	bool freeze_late; /* the kernel was asked to freeze, and nobody waits for it any more */
	bool killed;         /* by us: how the leader ends says nothing */
	enum vm_state kept;  /* what the VM is again if the kernel cannot continue its guest: VM_PARKED or VM_SAVED; VM_STATES: the guest was booted or came by migration */
	enum vm_state after; /* state to record once the process is gone; VM_STATES: judge by its exit */
	char after_error[1000];
	char start_error[1000]; /* of scripts, while the VM runs */
	struct loop_timer request_timer, hello_timer, guestd_timer, stop_timer, reboot_timer, finish_timer, waiting_timer;
	char guest_boot[64]; /* boot id that guestd told last */
};

void vm_log(struct vm *vm, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A state that only informs: a record that cannot be written (a full disk) is logged and does not stop the VM. */
void vm_note(struct vm *vm, enum vm_state state);
/* The record's error from now on; NULL: none. */
void vm_note_error(struct vm *vm, const char *error);

/* The one request to the kernel that is under way. */
void vm_request_begin(struct vm *vm, enum request request, vm_done *done, void *arg);
void vm_request_end(struct vm *vm, const struct fail *fail);
void vm_request_expired(void *arg);
/* Calls `done`, but not before the caller has returned. message: why it fails; NULL: it does not. */
void vm_request_decide(struct vm *vm, vm_done *done, void *arg, const char *message);

void vm_control_ready(void *arg, uint32_t events);
void vm_control_close(struct vm *vm);

/* Kills the process group; what follows comes with SIGCHLD. */
void vm_kill(struct vm *vm);
void vm_child_ready(void *arg, uint32_t events);
/* No process is left, or was ever there: writes down how it ended. */
void vm_over(struct vm *vm, enum vm_state state, const char *error);
void vm_ram_forget(struct vm *vm);
/* What the log says last, as one line: of a panic its reason, else the last lines. */
void vm_log_tail(struct vm *vm, char *text, size_t size);
void vm_hello_expired(void *arg);
void vm_stop_expired(void *arg);
void vm_finish_later(void *arg);

void vm_boot_again(void *arg);
/* Starts the kernel; restore: NULL to boot, else its argument; mode: "on", "off" or "auto". */
int vm_launch(struct vm *vm, const char *restore, const char *mode, struct fail *fail);
/* What belongs to a guest that is no more must not reach the next one. */
void vm_lines_restart(struct vm *vm, const char *reason);
int vm_disks_open(struct vm *vm, struct fail *fail);

int vm_device_boot(struct vm *vm, struct fail *fail);

/* Continues a guest that was saved (vm_saved.c). */
int vm_start_saved(struct vm *vm, struct fail *fail);
/* It runs: its state on disk is used up. */
void vm_saved_runs(struct vm *vm);
void vm_saved_expired(void *arg);
/* Removes the saved device state from the current folder. */
void vm_saved_forget(struct vm *vm);

#endif
