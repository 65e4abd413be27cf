/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state crosses as two byte strings, JSON and the frames' blob, cut into DEVICES messages `u8 which | bytes` in order. Both are gathered and only
 * read when the digest has come; their sizes are bounded before memory is taken.
 */
#define _GNU_SOURCE
#include "migration_devices.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "link.h"
#include "store.h"

#define PART_JSON 0
#define PART_FRAMES 1
#define CHUNK (256u << 10)
#define JSON_MAX (32u << 20)
#define FRAMES_MAX (256u << 20)
#define JSON_FILE "devices"
#define FRAMES_FILE "frames"

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
	return fail_set(fail, "no-memory", "The host ran out of memory while it took the VM's device state.");
}

/* All but what belongs to a link of this lab on these hosts. */
static void strip_links(json_t *links)
{
	static const char *const secret[] = { "config", "counter", "top", "window", "peer", "rttUs" };
	json_t *link;
	size_t index;

	json_array_foreach(links, index, link)
		for (size_t i = 0; i < sizeof(secret) / sizeof(*secret); i++)
			json_object_del(link, secret[i]);
}

int migration_devices_export(struct migration_devices *devices, struct vm *vm, bool portable, struct fail *fail)
{
	size_t nics = json_array_size(json_object_get(vm_config(vm), "nics"));
	int guest_fds[DEVICE_PORTS_MAX];
	json_t *links, *all;

	for (unsigned i = 0; i < nics && i < DEVICE_PORTS_MAX; i++)
		guest_fds[i] = vm_nic_guest_fd(vm, i);
	links = links_export(vm_links(vm), guest_fds, &devices->frames, &devices->frames_size);
	if (portable)
		strip_links(links);
	devices->lines = vm_export(vm);
	all = json_pack("{s:O,s:o}", "lines", devices->lines, "links", links);
	devices->json = all ? json_dumps(all, JSON_COMPACT) : NULL;
	json_decref(all);
	if (!devices->json)
		return fail_memory(fail);
	devices->json_size = strlen(devices->json);
	if (devices->json_size > JSON_MAX || devices->frames_size > FRAMES_MAX)
		return fail_set(fail, "too-large", "%zu MiB of frames and console output are on their way in the VM, which is more than can be carried. "
				"The VM goes on where it was; try again when its links are less busy.", (devices->json_size + devices->frames_size) >> 20);
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
		fail_set(fail, "bad-stream", "The VM's device state in the stream is damaged.");
	else if (links_import(vm_links(vm), links, devices->frames, devices->frames_size, error, sizeof(error)) < 0)
		fail_set(fail, "bad-stream", "%s", error);
	else
		result = vm_import(vm, lines, fail);
	json_decref(all);
	return result;
}

static int send_part(uint8_t which, const void *bytes, size_t size, migration_devices_sender *send, void *arg, struct fail *fail)
{
	for (size_t at = 0; at < size; at += CHUNK)
		if (send(arg, which, (const uint8_t *)bytes + at, size - at < CHUNK ? size - at : CHUNK, fail) < 0)
			return -1;
	return 0;
}

int migration_devices_send(const struct migration_devices *devices, migration_devices_sender *send, void *arg, struct fail *fail)
{
	if (send_part(PART_JSON, devices->json, devices->json_size, send, arg, fail) < 0)
		return -1;
	return send_part(PART_FRAMES, devices->frames, devices->frames_size, send, arg, fail);
}

/* The string with `count` bytes more; NULL with *fail, the old one then is as it was. */
static void *append(void *old, size_t *size, size_t max, const uint8_t *bytes, size_t count, struct fail *fail)
{
	uint8_t *grown;

	if (count > max - *size) {
		fail_set(fail, "bad-stream", "The stream has more device state than is allowed.");
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
		fail_set(fail, "bad-stream", "The stream has device state that makes no sense.");
	}
	return grown ? 0 : -1;
}

static int fail_file(struct fail *fail, const char *what, int error)
{
	return fail_set(fail, error == ENOSPC ? "no-space" : "io", "The VM's device state could not be %s: %s.", what, strerror(error));
}

int migration_devices_store(const struct migration_devices *devices, int folder, struct fail *fail)
{
	int error = store_write(folder, JSON_FILE, devices->json, devices->json_size, false);

	if (!error)
		error = store_write(folder, FRAMES_FILE, devices->frames, devices->frames_size, false);
	return error ? fail_file(fail, "written", -error) : 0;
}

int migration_devices_load(struct migration_devices *devices, int folder, struct fail *fail)
{
	devices->json = store_read(folder, JSON_FILE, JSON_MAX, &devices->json_size);
	devices->frames = devices->json ? (uint8_t *)store_read(folder, FRAMES_FILE, FRAMES_MAX, &devices->frames_size) : NULL;
	return devices->frames ? 0 : fail_file(fail, "read", errno);
}

void migration_devices_remove(int folder)
{
	unlinkat(folder, JSON_FILE, 0);
	unlinkat(folder, FRAMES_FILE, 0);
}
