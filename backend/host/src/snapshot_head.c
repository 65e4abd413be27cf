/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "snapshot_head.h"

#include <sodium.h>

#include "facts.h"
#include "migration_ram.h"
#include "state_stream.h"

json_t *snapshot_head(struct vm *vm, const struct store *store, const char *snapshot)
{
	static const struct um_control_hello none;
	bool is_device = vm_kind(vm) != DEVICE_NONE;
	const struct um_control_hello *hello = is_device ? &none : vm_hello(vm);
	const json_t *config = vm_config(vm), *wanted = json_object_get(config, "disks"), *disk;
	json_t *facts = is_device ? NULL : facts_collect(store), *disks = json_array(), *head;
	char build[2 * UM_BUILD_ID_SIZE + 1];
	uint64_t seed;
	size_t index;

	randombytes_buf(&seed, sizeof(seed));
	json_array_foreach((json_t *)wanted, index, disk)
		json_array_append_new(disks, json_pack("{sO* sI}", "image", json_object_get(disk, "image"), "blocks", (json_int_t)vm_disk(vm, (unsigned)index)->blocks));
	sodium_bin2hex(build, sizeof(build), hello->build_id, UM_BUILD_ID_SIZE);
	/* The seed fits JSON's signed numbers. */
	head = json_pack("{s:i,s:s,s:s,s:O*,s:O,s:s*,s:i,s:I,s:I,s:I,s:b,s:I,s:I,s:O*,s:o}", "version", STATE_VERSION, "snapshot", snapshot, "instance", vm_instance(vm), "node",
			 json_object_get(config, "node"), "config", config, "buildId", is_device ? NULL : build, "pageSize", MIGRATION_PAGE, "ramSize",
			 (json_int_t)hello->file_size, "markOffset", (json_int_t)hello->state_offset, "seed", (json_int_t)(seed >> 1), "seccomp", (int)hello->seccomp, "xfeatures",
			 (json_int_t)hello->xfeatures, "xsaveSize", (json_int_t)hello->host_fp_size, "cpuFeatures", json_object_get(facts, "cpuFeatures"), "disks", disks);
	json_decref(facts);
	return head;
}
