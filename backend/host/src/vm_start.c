/* SPDX-License-Identifier: Apache-2.0 */
/* How a guest's process is started: to boot, to continue a guest from its memory file, or to wait for one. Theory in vm.c. */
#define _GNU_SOURCE
#include "vm_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "cpu.h"
#include "facts.h"
#include "limits.h"
#include "process.h"
#include "ram.h"

#define MEBIBYTE ((uint64_t)1 << 20)
#define FORSAKE_MS 5000
#define KERNEL_DATA_BYTES (16 * MEBIBYTE) /* in the RAM file besides the guest's memory, at most */

#define FD_RAM 3
#define FD_CONTROL 4
#define FD_CONSOLE 5
#define FD_COMMAND 6
#define FD_DISK 8
#define FD_NIC 16

/* Starting. */

int vm_disks_open(struct vm *vm, struct fail *fail)
{
	const json_t *disks = json_object_get(vm->config, "disks"), *disk;
	size_t index;

	if (vm->disk_count)
		return 0;
	json_array_foreach(disks, index, disk) {
		if (disk_open(&vm->disks[index], (unsigned)index, vm->store, disk, fail) < 0)
			return -1;
		vm->disk_count++;
	}
	return 0;
}

/* Takes the log's older part away when it has grown. */
static void log_trim(struct vm *vm)
{
	size_t size;
	char *text = store_read(vm->folder_fd, "log", 64 * VM_LOG_MAX, &size);

	if (text && size > VM_LOG_MAX) {
		store_write(vm->folder_fd, "log", text + size - VM_LOG_MAX / 4, VM_LOG_MAX / 4, false);
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

/* A name that is no host name could be further arguments of the kernel. */
static const char *host_name(const struct vm *vm)
{
	const char *name = json_string_value(json_object_get(vm->config, "name"));
	size_t length = name ? strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.") : 0;

	return length && length < 64 && !name[length] ? name : NULL;
}

int vm_launch(struct vm *vm, const char *restore, const char *mode, struct fail *fail)
{
	struct arguments arguments = { .count = 0 };
	struct process_fd fds[8 + 4 * VM_DISKS_MAX + VM_NICS_MAX];
	struct process_start start = { .fds = fds };
	char kernel[STORE_PATH_MAX + 200];
	unsigned count = 0;
	int control[2] = { -1, -1 }, null_fd = -1, cpu_lock = -1, status = -1;
	json_int_t memory = json_integer_value(json_object_get(vm->config, "memoryMiB"));
	const json_t *nics = json_object_get(vm->config, "nics");
	const char *name = host_name(vm);

	snprintf(kernel, sizeof(kernel), "%s/agent/%s/linux", vm->store->path, json_string_value(json_object_get(vm->config, "kernel")));
	null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null_fd < 0 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control) < 0) {
		fail_set(fail, "no-process", "The host refuses what the guest's process needs: %s.", strerror(errno));
		goto out;
	}
	start.guest = true;
	start.file_bytes = (uint64_t)memory * MEBIBYTE + KERNEL_DATA_BYTES;
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
		if (disk->told_fd >= 0)
			fds[count++] = (struct process_fd){ UM_DISK_THERE_FD + (int)i, disk->told_fd };
		if (start.file_bytes < disk->blocks * UM_DISK_BLOCK_SIZE)
			start.file_bytes = disk->blocks * UM_DISK_BLOCK_SIZE;
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
		if (name)
			arguments_add(&arguments, "hostname=%s", name);
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
	vm->control_watch = loop_watch_fd(vm->loop, vm->control_fd, EPOLLIN, vm_control_ready, vm);
	loop_timer_set(vm->loop, &vm->hello_timer, loop_now(vm->loop) + VM_HELLO_US);
	vm_log(vm, VM_LOG_STARTED " %d started on CPU %d%s%s", (int)vm->record.group.leader, start.cpu, restore ? ", " : "", restore ? restore : "");
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
	struct limits limits = limits_read(vm->store);
	uint64_t total, available, left = limits_left(vm->store).memory, wanted = (uint64_t)json_integer_value(json_object_get(vm->config, "memoryMiB")) * MEBIBYTE;

	facts_memory(&total, &available);
	if (limits.memory < total)
		total = limits.memory;
	if (left < available)
		available = left;
	if (available >= wanted)
		return 0;
	return fail_set(fail, "no-memory", "The VM needs %llu MiB of memory; the host has %llu of %llu MiB left. Stop VMs there, give this one less, or use another host.",
			(unsigned long long)(wanted / MEBIBYTE), (unsigned long long)(available / MEBIBYTE), (unsigned long long)(total / MEBIBYTE));
}

static int ram_make(struct vm *vm, struct fail *fail)
{
	uint64_t bytes = (uint64_t)json_integer_value(json_object_get(vm->config, "memoryMiB")) * MEBIBYTE + KERNEL_DATA_BYTES;

	vm_ram_forget(vm);
	vm->record.mark_offset = 0;
	vm->ram_fd = ram_create(vm->instance, bytes, vm->record.ram, sizeof(vm->record.ram), fail);
	return vm->ram_fd < 0 ? -1 : 0;
}

void vm_lines_restart(struct vm *vm, const char *reason)
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
	/* From here until the record says that it boots, no other VM may count on the same memory. */
	int lock = store_lock(vm->store->fd, "limits.lock", true), status = -1;

	vm_lines_restart(vm, "The guest was started anew.");
	if (memory_check(vm, fail) < 0 || vm_disks_open(vm, fail) < 0 || ram_make(vm, fail) < 0)
		goto out;
	log_trim(vm);
	json_decref(vm->record.exit);
	vm->record.exit = NULL;
	vm->record.setup_boot[0] = vm->guest_boot[0] = vm->start_error[0] = 0;
	vm_note_error(vm, NULL);
	if (vm_record(vm, VM_BOOTING, false, NULL, fail) < 0 || vm_launch(vm, NULL, mode_argument(vm), fail) < 0) {
		vm_ram_forget(vm);
		goto out;
	}
	loop_timer_set(vm->loop, &vm->guestd_timer, loop_now(vm->loop) + VM_GUESTD_US);
	status = 0;
out:
	if (lock >= 0)
		close(lock);
	return status;
}

static int vm_continue(struct vm *vm, struct fail *fail)
{
	if (vm_disks_open(vm, fail) < 0)
		return -1;
	vm_lines_restart(vm, "The guest was parked meanwhile.");
	vm->ram_fd = ram_open(vm->record.ram, fail);
	if (vm->ram_fd < 0)
		return -1;
	vm->kept = VM_PARKED;
	if (vm_launch(vm, "restore", vm->record.seccomp ? "on" : "off", fail) < 0) {
		vm->kept = VM_STATES;
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

int vm_device_boot(struct vm *vm, struct fail *fail)
{
	vm_lines_restart(vm, "The device was started anew.");
	log_trim(vm);
	vm_note_error(vm, NULL);
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
	/* Until the guest goes on its record says "parked". A second process on its memory file would be a second guest. */
	if (vm->record.state == VM_PARKED && vm->phase != PHASE_NONE)
		return 0;
	switch (vm->record.state) {
	case VM_CREATED:
	case VM_STOPPED:
	case VM_CRASHED:
		return vm->kind == DEVICE_NONE ? vm_boot(vm, fail) : vm_device_boot(vm, fail);
	case VM_PARKED:
		return vm_continue(vm, fail);
	case VM_SAVED:
		return vm_start_saved(vm, fail);
	case VM_HANDED_OVER:
		return fail_set(fail, "handed-over", "VM %s was handed over to another host and must not run here any more. Delete it here.", vm->instance);
	default:
		return fail_set(fail, "wrong-state", "VM %s is %s already.", vm->instance, vm_state_name(vm->record.state));
	}
}

void vm_boot_again(void *arg)
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
	if (memory_check(vm, fail) < 0 || vm_disks_open(vm, fail) < 0 || ram_make(vm, fail) < 0)
		return -1;
	links_pause(vm->links);
	vm->record.seccomp = seccomp;
	if (vm_launch(vm, "restore=wait", seccomp ? "on" : "off", fail) < 0) {
		vm_ram_forget(vm);
		return -1;
	}
	vm_request_begin(vm, REQUEST_WAIT, done, arg);
	return 0;
}

void vm_adopt_image(struct vm *vm, uint64_t mark_offset)
{
	vm->record.mark_offset = mark_offset;
}

void vm_arrive(struct vm *vm, const char *migration)
{
	snprintf(vm->record.arrived, sizeof(vm->record.arrived), "%s", migration);
}

int vm_forsake_image(struct vm *vm, struct fail *fail)
{
	/* However it ends, this is what the VM is then. */
	vm->after = VM_INCOMING;
	vm_kill(vm);
	if (process_group_end(&vm->record.group, FORSAKE_MS, fail) < 0)
		return -1;
	vm_ram_forget(vm);
	return 0;
}

int vm_claim_image(struct vm *vm, struct fail *fail)
{
	bool received = vm->record.state == VM_INCOMING && json_is_true(json_object_get(vm->record.migration, "ready"));
	const char *migration = json_string_value(json_object_get(vm->record.migration, "migration"));

	if (vm->phase != PHASE_NONE || (!received && vm->record.state != VM_HANDED_OVER))
		return fail_set(fail, "not-open", "VM %s holds no guest whose whereabouts have to be decided.", vm->instance);
	if (!ram_is_frozen(vm->record.ram, vm->record.mark_offset)) {
		/* It may run here, and cannot go on: it may be booted. What a target received is nothing without its memory. */
		if (!received && vm_record(vm, VM_CRASHED, true, NULL, fail) < 0)
			return -1;
		return fail_set(fail, "no-memory-file", "The memory of VM %s is not on this host any more, and with it the guest. Its disk is kept%s.", vm->instance,
				received ? " until you delete it" : ": start the VM to boot it");
	}
	if (received && migration)
		vm_arrive(vm, migration);
	/* That it migrated stays in the record until it runs: whoever finds it parked lets it go on. */
	return vm_record(vm, VM_PARKED, true, vm->record.migration, fail);
}
