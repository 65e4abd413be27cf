/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Theory. Looking at all of a guest's memory for what has changed takes longer the more there is, and the last time it happens the guest stands still. So while a guest is
 * copied its kernel notes what guest programs write, and the host notes what the kernel writes and what is written for it (backend/kernel/um_control.h, struct
 * um_control_log). A page in the log need not have changed; one that has changed is in the log.
 *
 * The host's part is a userfaultfd that the kernel process has made for its own memory and passed on. Its pages are write-protected here, in steps, so that the guest is not
 * held up: it runs on while this thread works through the page tables. The first write to a page ends its protection, without anybody being told; PAGEMAP_SCAN then finds
 * the pages that have none, and protects them again in the same step, for the next time. That is Linux 6.7's, needs no privilege, and sees writes by system calls, too.
 *
 * Hosts that lack it, or forbid userfaultfd (some containers do), refuse at the beginning. Then all memory is looked at, as ever.
 */
#define _GNU_SOURCE
#include "ram_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/types.h>
#include <linux/userfaultfd.h>

#include "clock.h"

#define PAGE 4096u
#define STEP (4u << 20) /* bytes that are protected at a time */
#define REGIONS 512

/* <linux/fs.h> of Linux 6.7 and later */
struct scan_region {
	uint64_t start, end, categories;
};

struct scan_arg {
	uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages, category_inverted, category_mask, category_anyof_mask, return_mask;
};

#define SCAN _IOWR('f', 16, struct scan_arg)
#define SCAN_PROTECT (1u << 0)
#define SCAN_CHECK (1u << 1)
#define SCAN_WRITTEN (1u << 1)

/* What the worker asks the loop for */

static void ask_answered(void *arg, const struct fail *fail)
{
	struct ram_log *log = arg;

	if (!fail) {
		log->maps = *vm_changes(log->vm);
		log->passed_fd = vm_changes_take_fd(log->vm);
		log->pid = vm_pid(log->vm);
	}
	crossing_done(log->crossing, fail);
}

static void ask_start(void *arg)
{
	struct ram_log *log = arg;
	const struct um_control_hello *hello = vm_hello(log->vm);
	struct fail fail;

	if (!hello) {
		fail_set(&fail, "not-running", "The guest does not run.");
		crossing_done(log->crossing, &fail);
		return;
	}
	log->hello = *hello;
	vm_changes_start(log->vm, ask_answered, log);
}

static void ask_next(void *arg)
{
	struct ram_log *log = arg;

	vm_changes_next(log->vm, ask_answered, log);
}

static void ask_stop(void *arg)
{
	struct ram_log *log = arg;

	vm_changes_stop(log->vm, ask_answered, log);
}

/* The kernel names places in its file: they must be in there. */
static bool bitmap_fits(const struct ram_log *log, uint64_t offset)
{
	uint64_t size = log->pages * PAGE, bytes = (log->pages + 63) / 64 * 8;

	return log->maps.pages == log->pages && !(offset % 8) && offset >= log->hello.ram.offset && offset <= size && bytes <= size - offset;
}

static bool ranges_fit(const struct ram_log *log)
{
	const struct um_range *ranges[] = { &log->hello.ram, &log->hello.kernel_data[0], &log->hello.kernel_data[1] };
	uint64_t size = log->pages * PAGE;

	for (unsigned i = 0; i < 3; i++)
		if (ranges[i]->offset % PAGE || ranges[i]->size % PAGE || ranges[i]->offset > size || ranges[i]->size > size - ranges[i]->offset)
			return false;
	return true;
}

static int fail_host(struct fail *why, const char *what)
{
	return fail_set(why, "no-log", "The host cannot tell which pages change: %s (%s).", what, strerror(errno));
}

/* Address in the kernel process of an offset into the file */
static uint64_t address_of(const struct ram_log *log, uint64_t offset)
{
	return log->hello.physmem_address + offset;
}

static int protect_all(struct ram_log *log, struct fail *why)
{
	const struct um_range *ram = &log->hello.ram;

	for (uint64_t at = 0; at < ram->size; at += STEP) {
		struct uffdio_writeprotect arg = {
			.range = { .start = address_of(log, ram->offset + at), .len = ram->size - at < STEP ? ram->size - at : STEP },
			.mode = UFFDIO_WRITEPROTECT_MODE_WP,
		};

		while (ioctl(log->watch_fd, UFFDIO_WRITEPROTECT, &arg) < 0)
			if (errno != EAGAIN && errno != EINTR)
				return fail_host(why, "its memory could not be protected");
	}
	return 0;
}

static void set_range(uint64_t *changed, uint64_t first, uint64_t last)
{
	for (uint64_t page = first; page < last; page++)
		changed[page / 64] |= 1ull << (page % 64);
}

static int scan(struct ram_log *log, bool protect, uint64_t *changed, struct fail *why)
{
	struct scan_region regions[REGIONS];
	const struct um_range *ram = &log->hello.ram;
	uint64_t end = address_of(log, ram->offset + ram->size);
	struct scan_arg arg = {
		.size = sizeof(arg), .flags = SCAN_CHECK | (protect ? SCAN_PROTECT : 0), .start = address_of(log, ram->offset), .end = end, .vec = (uintptr_t)regions,
		.vec_len = REGIONS, .category_mask = SCAN_WRITTEN, .return_mask = SCAN_WRITTEN,
	};

	while (arg.start < end) {
		int found = ioctl(log->pagemap_fd, SCAN, &arg);

		if (found < 0 && errno == EINTR)
			continue;
		if (found < 0 || found > REGIONS || arg.walk_end < arg.start)
			return fail_host(why, "its page tables could not be read");
		for (int i = 0; i < found; i++)
			set_range(changed, (regions[i].start - log->hello.physmem_address) / PAGE, (regions[i].end - log->hello.physmem_address) / PAGE);
		if (arg.walk_end == arg.start && !found)
			return fail_host(why, "its page tables have no end");
		arg.start = arg.walk_end;
	}
	return 0;
}

static int collect(struct ram_log *log, uint64_t bitmap, bool protect, uint64_t *changed, struct fail *why)
{
	uint64_t words[512], all = (log->pages + 63) / 64;

	if (!bitmap_fits(log, bitmap))
		return fail_set(why, "no-log", "The guest's log of changing pages lies outside of its memory.");
	if (scan(log, protect, changed, why) < 0)
		return -1;
	for (uint64_t at = 0, count; at < all; at += count) {
		count = all - at < 512 ? all - at : 512;
		if (ram_scan_read(log->ram, bitmap + at * 8, count * 8, words, why) < 0)
			return -1;
		for (uint64_t i = 0; i < count; i++)
			changed[at + i] |= words[i];
	}
	for (unsigned i = 0; i < 2; i++)
		set_range(changed, log->hello.kernel_data[i].offset / PAGE, (log->hello.kernel_data[i].offset + log->hello.kernel_data[i].size) / PAGE);
	return 0;
}

bool ram_log_begin(struct ram_log *log, struct vm *vm, struct crossing *crossing, const struct ram_scan *ram, struct fail *why)
{
	char path[64];

	*log = (struct ram_log){ .vm = vm, .crossing = crossing, .ram = ram, .pages = ram->size / PAGE, .passed_fd = -1, .watch_fd = -1, .pagemap_fd = -1 };
	if (crossing_ask(crossing, vm_loop(vm), ask_start, log, why) < 0)
		return false;
	log->on = true;
	log->watch_fd = log->passed_fd;
	snprintf(path, sizeof(path), "/proc/%d/pagemap", (int)log->pid);
	log->pagemap_fd = open(path, O_RDONLY | O_CLOEXEC);
	if (log->watch_fd < 0 || !bitmap_fits(log, log->maps.active_offset) || !ranges_fit(log))
		fail_set(why, "no-log", "The guest's log of changing pages is not what was agreed.");
	else if (log->pagemap_fd < 0)
		fail_host(why, "its page tables could not be opened");
	else if (!protect_all(log, why))
		return true;
	ram_log_end(log, true);
	return false;
}

int ram_log_next(struct ram_log *log, uint64_t *changed, struct fail *why)
{
	double start = clock_seconds();

	if (crossing_ask(log->crossing, vm_loop(log->vm), ask_next, log, why) < 0)
		return -1;
	log->turn_seconds = clock_seconds() - start;
	return collect(log, log->maps.complete_offset, true, changed, why);
}

int ram_log_last(struct ram_log *log, uint64_t *changed, struct fail *why)
{
	return collect(log, log->maps.active_offset, false, changed, why);
}

/* In steps, as the end of the descriptor would hold the guest up for all of it. */
static void unprotect_all(struct ram_log *log)
{
	const struct um_range *ram = &log->hello.ram;

	for (uint64_t at = 0; at < ram->size; at += STEP) {
		struct uffdio_range range = { .start = address_of(log, ram->offset + at), .len = ram->size - at < STEP ? ram->size - at : STEP };

		if (ioctl(log->watch_fd, UFFDIO_UNREGISTER, &range) < 0)
			return;
	}
}

void ram_log_end(struct ram_log *log, bool guest_stays)
{
	struct fail ignored;

	if (!log->on)
		return;
	log->on = false;
	if (guest_stays && log->watch_fd >= 0)
		unprotect_all(log);
	/* A guest that does not run any more has no log. */
	if (guest_stays)
		crossing_ask(log->crossing, vm_loop(log->vm), ask_stop, log, &ignored);
	if (log->watch_fd >= 0)
		close(log->watch_fd);
	if (log->pagemap_fd >= 0)
		close(log->pagemap_fd);
}
