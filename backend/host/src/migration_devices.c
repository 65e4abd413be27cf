/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state crosses as two byte strings, JSON and the frames' blob, cut into DEVICES messages `u8 which | bytes` in order. Both are gathered and only
 * read when the digest has come; their sizes are bounded before memory is taken.
 */
#include "migration_devices.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "link.h"

#define PART_JSON 0
#define PART_FRAMES 1
#define CHUNK (256u << 10)
#define JSON_MAX (32u << 20)
#define FRAMES_MAX (256u << 20)

void migration_devices_clear(struct migration_devices *devices)
{
	json_decref(devices->lines);
	/* Link keys. */
	if (devices->json)
		sodium_memzero(devices->json, devices->json_size);
	free(devices->json);
	free(devices->frames);
	*devices = (struct migration_devices){ 0 };
}

static int fail_memory(struct fail *fail)
{
	return fail_set(fail, "no-memory", "The migration ran out of memory while it took the VM's device state.");
}

int migration_devices_export(struct migration_devices *devices, struct vm *vm, struct fail *fail)
{
	size_t nics = json_array_size(json_object_get(vm_config(vm), "nics"));
	int guest_fds[VM_NICS_MAX];
	json_t *links, *all;

	for (unsigned i = 0; i < nics && i < VM_NICS_MAX; i++)
		guest_fds[i] = vm_nic_guest_fd(vm, i);
	links = links_export(vm_links(vm), guest_fds, &devices->frames, &devices->frames_size);
	devices->lines = vm_export(vm);
	all = json_pack("{s:O,s:o}", "lines", devices->lines, "links", links);
	devices->json = all ? json_dumps(all, JSON_COMPACT) : NULL;
	json_decref(all);
	if (!devices->json)
		return fail_memory(fail);
	devices->json_size = strlen(devices->json);
	if (devices->json_size > JSON_MAX || devices->frames_size > FRAMES_MAX)
		return fail_set(fail, "too-large", "The VM was not migrated: %zu MiB of frames and console output are on their way, which is more than a migration carries. "
				"It goes on where it was; try again when its links are less busy.", (devices->json_size + devices->frames_size) >> 20);
	return 0;
}

int migration_devices_put_back(const struct migration_devices *devices, struct vm *vm, struct fail *fail)
{
	links_put_back(vm_links(vm), devices->frames, devices->frames_size);
	return devices->lines ? vm_import(vm, devices->lines, fail) : 0;
}

int migration_devices_import(const struct migration_devices *devices, struct vm *vm, struct fail *fail)
{
	json_t *all = devices->json ? json_loadb(devices->json, devices->json_size, 0, NULL) : NULL;
	const json_t *lines = json_object_get(all, "lines"), *links = json_object_get(all, "links");
	char error[300];
	int result = -1;

	if (!json_is_object(lines) || !json_is_array(links))
		fail_set(fail, "bad-stream", "The migration ended: the device state in the stream is damaged.");
	else if (links_import(vm_links(vm), links, devices->frames, devices->frames_size, error, sizeof(error)) < 0)
		fail_set(fail, "bad-stream", "%s", error);
	else
		result = vm_import(vm, lines, fail);
	json_decref(all);
	return result;
}

static int send_part(struct wire *wire, uint8_t which, const void *bytes, size_t size, struct fail *fail)
{
	for (size_t at = 0; at < size; at += CHUNK) {
		size_t part = size - at < CHUNK ? size - at : CHUNK;
		uint8_t *room = wire_add(wire, WIRE_DEVICES, 1 + part, fail);

		if (!room)
			return -1;
		room[0] = which;
		memcpy(room + 1, (const uint8_t *)bytes + at, part);
	}
	return 0;
}

int migration_devices_send(const struct migration_devices *devices, struct wire *wire, struct fail *fail)
{
	if (send_part(wire, PART_JSON, devices->json, devices->json_size, fail) < 0)
		return -1;
	return send_part(wire, PART_FRAMES, devices->frames, devices->frames_size, fail);
}

/* The string with `count` bytes more; NULL with *fail, the old one then is as it was. */
static void *append(void *old, size_t *size, size_t max, const uint8_t *bytes, size_t count, struct fail *fail)
{
	uint8_t *grown;

	if (count > max - *size) {
		fail_set(fail, "bad-stream", "The migration ended: the source sent more device state than it may.");
		return NULL;
	}
	grown = realloc(old, *size + count);
	if (!grown) {
		fail_memory(fail);
		return NULL;
	}
	memcpy(grown + *size, bytes, count);
	*size += count;
	return grown;
}

int migration_devices_receive(struct migration_devices *devices, const struct wire_message *message, struct fail *fail)
{
	uint8_t which = message->size > 1 ? message->bytes[0] : UINT8_MAX;
	const uint8_t *bytes = message->bytes + 1;
	void *grown = NULL;

	if (which == PART_JSON) {
		grown = append(devices->json, &devices->json_size, JSON_MAX, bytes, message->size - 1, fail);
		devices->json = grown ? grown : devices->json;
	} else if (which == PART_FRAMES) {
		grown = append(devices->frames, &devices->frames_size, FRAMES_MAX, bytes, message->size - 1, fail);
		devices->frames = grown ? grown : devices->frames;
	} else {
		fail_set(fail, "bad-stream", "The migration ended: the source sent device state that makes no sense.");
	}
	return grown ? 0 : -1;
}
