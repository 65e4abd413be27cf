/* SPDX-License-Identifier: Apache-2.0 */
/* Which pages of a running guest's RAM file may have changed, told by its kernel and the host. Worker thread only. Theory in ram_log.c. */
#ifndef MOBIHOST_RAM_LOG_H
#define MOBIHOST_RAM_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "crossing.h"
#include "fail.h"
#include "migration_ram.h"
#include "vm.h"

struct ram_log {
	struct vm *vm;
	struct crossing *crossing;
	bool on;
	const struct ram_scan *ram;
	uint64_t pages;
	struct um_control_hello hello;
	/* loop */
	struct um_control_log maps;
	pid_t pid;
	int passed_fd;
	/* worker */
	int watch_fd, pagemap_fd;
	double turn_seconds; /* how long the guest took to turn to a new log, the last time */
};

/*
 * Begins a log: from when this returns on, it has every page that changes. False, with the reason in *why, if the guest's kernel or the host cannot: then nothing
 * has happened, and the other functions must not be called but ram_log_end. crossing: the caller's, to the VM's loop. ram: stays open until ram_log_end.
 */
bool ram_log_begin(struct ram_log *log, struct vm *vm, struct crossing *crossing, const struct ram_scan *ram, struct fail *why);
/* Sets in `changed`, a bitmap, all pages that may have changed since the last call, or since the beginning. -1 with *why: the log has ended, and is of no use. */
int ram_log_next(struct ram_log *log, uint64_t *changed, struct fail *why);
/* The same on a frozen guest. */
int ram_log_last(struct ram_log *log, uint64_t *changed, struct fail *why);
/* Ends it. guest_stays: it runs, or will, so everything is undone. */
void ram_log_end(struct ram_log *log, bool guest_stays);

#endif
