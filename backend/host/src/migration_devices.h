/* SPDX-License-Identifier: Apache-2.0 */
/* What a frozen VM has besides RAM and disks: lines, sessions, links, frames on their way. */
#ifndef MOBIHOST_MIGRATION_DEVICES_H
#define MOBIHOST_MIGRATION_DEVICES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fail.h"
#include "migration_wire.h"
#include "vm.h"

struct migration_devices {
	json_t *lines; /* vm_export */
	char *json; /* as it crosses: {"lines":..., "links":...} */
	size_t json_size;
	uint8_t *frames; /* links_export */
	size_t frames_size;
};

void migration_devices_clear(struct migration_devices *devices);

/* Loop: takes it out of a frozen VM whose links are paused; portable: without the links' keys, peers and impairments. 0, or -1 with *fail; what was taken is in *devices in either case. */
int migration_devices_export(struct migration_devices *devices, struct vm *vm, bool portable, struct fail *fail);
/* Loop: gives it back to the VM it was taken from, which goes on. */
int migration_devices_put_back(const struct migration_devices *devices, struct vm *vm, struct fail *fail);
/* Loop: gives it to the VM that goes on elsewhere. Everything is checked: it comes from a peer. */
int migration_devices_import(const struct migration_devices *devices, struct vm *vm, struct fail *fail);

/* In files of a folder. */
int migration_devices_store(const struct migration_devices *devices, int folder, struct fail *fail);
int migration_devices_load(struct migration_devices *devices, int folder, struct fail *fail);
void migration_devices_remove(int folder);

/* As DEVICES messages: calls send(arg, payload's first byte, the bytes after it, their number). */
typedef int migration_devices_sender(void *arg, uint8_t which, const uint8_t *bytes, size_t size, struct fail *fail);
int migration_devices_send(const struct migration_devices *devices, migration_devices_sender *send, void *arg, struct fail *fail);
int migration_devices_receive(struct migration_devices *devices, const struct wire_message *message, struct fail *fail);

#endif
