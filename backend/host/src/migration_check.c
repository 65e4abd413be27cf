/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A guest that moves keeps using what it found when it booted: instructions, registers, its memory. So the target must have at least the source's instruction sets and
 * register sets, and room. How a CPU lays its registers out when they are saved may differ: the guest kernel converts them (backend/kernel/um_xstate.h). Of the features
 * that a source names only those count that programs can use; the others (what the hypervisor or the power management can do) may differ.
 */
#define _GNU_SOURCE
#include "migration_check.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../../kernel/um_xstate.h"
#include "facts.h"
#include "params.h"

#define MEBIBYTE (1ull << 20)
#define DISK_RESERVE (64 * MEBIBYTE)

static const char *const used_by_programs[] = {
	"cmov", "cx8", "fxsr", "mmx", "sse", "sse2", "pni", "ssse3", "sse4_1", "sse4_2", "sse4a", "cx16", "popcnt", "lahf_lm", "abm", "aes", "vaes", "pclmulqdq",
	"vpclmulqdq", "gfni", "sha_ni", "rdrand", "rdseed", "movbe", "bmi1", "bmi2", "adx", "avx", "avx2", "fma", "fma4", "f16c", "xop", "tbm", "avx_vnni", "avx512f",
	"avx512dq", "avx512cd", "avx512bw", "avx512vl", "avx512ifma", "avx512vbmi", "avx512_vbmi2", "avx512_vnni", "avx512_bitalg", "avx512_vpopcntdq",
	"avx512_bf16", "avx512_fp16", "rdtscp", "rdpid", "clflushopt", "clwb", "erms", "fsrm", "movdiri", "movdir64b",
	"serialize", "clzero", "wbnoinvd", "fsgsbase", "3dnowprefetch",
};

static bool in_list(const json_t *list, const char *name)
{
	const json_t *entry;
	size_t index;

	json_array_foreach(list, index, entry) {
		if (json_is_string(entry) && !strcmp(json_string_value(entry), name))
			return true;
	}
	return false;
}

static int check_features(const json_t *wanted, const json_t *have, const struct check_words *words, struct fail *fail)
{
	char missing[300] = "";
	unsigned count = 0;

	for (size_t i = 0; i < sizeof(used_by_programs) / sizeof(*used_by_programs); i++) {
		const char *name = used_by_programs[i];

		if (!in_list(wanted, name) || in_list(have, name))
			continue;
		count++;
		if (strlen(missing) + strlen(name) + 3 < sizeof(missing)) {
			strcat(missing, *missing ? ", " : "");
			strcat(missing, name);
		}
	}
	if (!count)
		return 0;
	return fail_set(fail, "cpu", "The VM was not %s: the target's CPU lacks %u feature%s that its programs may use (%s). "
			"%s Choose a host with the same or a newer CPU.", words->done, count, count == 1 ? "" : "s", missing, words->holds);
}

static const struct {
	uint64_t sets;
	const char *name;
} register_names[] = { { 1u << 2, "AVX" }, { 7u << 5, "AVX-512" }, { 1u << 19, "APX" } };

int migration_check_registers(uint64_t wanted, uint64_t have, const struct check_words *words, struct fail *fail)
{
	uint64_t missing = wanted & ~have & UM_XSTATE_NEEDED;
	char names[64] = "";

	if (!missing)
		return 0;
	for (size_t i = 0; i < sizeof(register_names) / sizeof(*register_names); i++) {
		if (!(missing & register_names[i].sets))
			continue;
		strcat(names, *names ? ", " : "");
		strcat(names, register_names[i].name);
	}
	return fail_set(fail, "cpu", "The VM was not %s: the target's CPU lacks registers that its programs may use (%s). %s Choose a host with the same or a newer CPU.",
			words->done, names, words->holds);
}

static int check_cpu(const json_t *requires, const json_t *facts, const struct check_words *words, struct fail *fail)
{
	const json_t *features = json_object_get(requires, "cpuFeatures"), *sets = json_object_get(requires, "xfeatures"), *mode = json_object_get(requires, "mode");

	if (json_is_array(features) && check_features(features, json_object_get(facts, "cpuFeatures"), words, fail) < 0)
		return -1;
	if (sets && migration_check_registers((uint64_t)json_integer_value(sets), (uint64_t)json_integer_value(json_object_get(facts, "xfeatures")), words, fail) < 0)
		return -1;
	if (mode && !strcmp(json_string_value(mode) ? json_string_value(mode) : "", "seccomp") && !json_is_true(json_object_get(facts, "seccomp")))
		return fail_set(fail, "no-seccomp", "The VM was not %s: it runs in seccomp mode, which the target's kernel (%s) does not offer. "
				"%s Use a target with Linux 5.9 or newer, or start the VM in ptrace mode.", words->done,
				json_string_value(json_object_get(facts, "kernel")), words->holds);
	return 0;
}

static int check_room(const json_t *config, const json_t *requires, const json_t *facts, const struct check_words *words, struct fail *fail)
{
	json_int_t memory, overlay = 0, have;
	uint64_t need;

	if (params_integer(config, "memoryMiB", false, 1, 1 << 20, &memory, fail) < 0 ||
	    params_integer(requires, "overlayBytes", true, 0, INT64_MAX / 2, &overlay, fail) < 0)
		return -1;
	need = (uint64_t)memory * MEBIBYTE * 11 / 10;
	have = json_integer_value(json_object_get(facts, "memoryAvailable"));
	if ((uint64_t)have < need)
		return fail_set(fail, "no-memory", "The VM was not %s: it needs %llu MiB of memory at the target, which has %lld MiB free. "
				"%s Stop VMs there or choose another host.", words->done, (unsigned long long)(need / MEBIBYTE),
				(long long)have / (long long)MEBIBYTE, words->holds);
	need = (uint64_t)overlay + DISK_RESERVE;
	have = json_integer_value(json_object_get(facts, "diskAvailable"));
	if ((uint64_t)have < need)
		return fail_set(fail, "no-space", "The VM was not %s: its disks need %llu MiB at the target, whose folder has %lld MiB free. "
				"%s Free space there or choose another host.", words->done, (unsigned long long)(need / MEBIBYTE),
				(long long)have / (long long)MEBIBYTE, words->holds);
	return 0;
}

int migration_check(const struct store *store, const json_t *config, const json_t *requires, const struct check_words *words, struct fail *fail)
{
	const char *kernel;
	char path[128];
	json_t *facts;
	int result;

	if (params_hash(config, "kernel", &kernel, fail) < 0)
		return -1;
	snprintf(path, sizeof(path), "agent/%s/linux", kernel);
	if (faccessat(store->fd, path, X_OK, 0) < 0)
		return fail_set(fail, "no-kernel", "The VM was not %s: the target has no guest kernel of the version it runs (%.12s). %s "
				"Connect the target with the same version of Mobitopolo.", words->done, kernel, words->holds);
	facts = facts_collect(store);
	result = check_cpu(requires, facts, words, fail) < 0 || check_room(config, requires, facts, words, fail) < 0 ? -1 : 0;
	json_decref(facts);
	return result;
}
