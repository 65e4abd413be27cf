/* SPDX-License-Identifier: Apache-2.0 */
/* Extended registers, converted between hosts that lay them out differently: backend/kernel/um_xstate.h. */
#include <cpuid.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../../kernel/um_xstate.h"
#include "check.h"

#define FORM_MAX 16384

/* Intel before AMX: as the guest's own form. */
static const struct um_xstate_layout intel = {
	.features = 0x2e7, .size = 2696, .parts = { [2] = { 576, 256 }, [5] = { 1088, 64 }, [6] = { 1152, 512 }, [7] = { 1664, 1024 }, [9] = { 2688, 8 } },
};
/* Intel with tile registers. */
static const struct um_xstate_layout intel_tiles = {
	.features = 0x602e7, .size = 11008,
	.parts = { [2] = { 576, 256 }, [5] = { 1088, 64 }, [6] = { 1152, 512 }, [7] = { 1664, 1024 }, [9] = { 2688, 8 }, [17] = { 2752, 64 }, [18] = { 2816, 8192 } },
};
static const struct um_xstate_layout amd = {
	.features = 0x2e7, .size = 2440, .parts = { [2] = { 576, 256 }, [5] = { 832, 64 }, [6] = { 896, 512 }, [7] = { 1408, 1024 }, [9] = { 2432, 8 } },
};
static const struct um_xstate_layout avx_only = { .features = 7, .size = 832, .parts = { [2] = { 576, 256 } } };
static const struct um_xstate_layout no_xsave = { .features = 0, .size = 512 };
static const struct um_xstate_layout *const hosts[] = { &intel, &intel_tiles, &amd, &avx_only, &no_xsave };
#define HOSTS (sizeof(hosts) / sizeof(*hosts))

static uint8_t pattern(int part, uint32_t byte)
{
	return (uint8_t)(31 * part + 7 * (int)byte + 1);
}

/* A form of a host in which each part has contents of its own; used: those not in their initial state. */
static void fill(uint8_t *form, const struct um_xstate_layout *host, uint64_t used)
{
	memset(form, 0xee, FORM_MAX);
	for (uint32_t i = 0; i < UM_XSTATE_LEGACY; i++)
		form[i] = pattern(0, i);
	if (host->size <= UM_XSTATE_LEGACY)
		return;
	memset(form + UM_XSTATE_LEGACY, 0, UM_XSTATE_HEADER);
	memcpy(form + UM_XSTATE_LEGACY, &used, sizeof(used));
	for (int i = 2; i < UM_XSTATE_PARTS; i++)
		for (uint32_t at = 0; at < host->parts[i].size; at++)
			form[host->parts[i].offset + at] = pattern(i, at);
}

static bool has_part(const uint8_t *form, const struct um_xstate_part *part, int number)
{
	for (uint32_t at = 0; at < part->size; at++)
		if (form[part->offset + at] != pattern(number, at))
			return false;
	return part->size;
}

static uint64_t known(const struct um_xstate_layout *host)
{
	return (host->features | 3) & UM_XSTATE_KNOWN;
}

static void every_part_arrives_on_every_host(void)
{
	for (size_t from = 0; from < HOSTS; from++) {
		for (size_t to = 0; to < HOSTS; to++) {
			uint8_t form[FORM_MAX], own[UM_XSTATE_SIZE], there[FORM_MAX];
			uint64_t used = hosts[from]->features | 3, expected = known(hosts[from]) & known(hosts[to]);

			fill(form, hosts[from], used);
			um_xstate_from_host(hosts[from], own, form, hosts[from]->size);
			CHECK(um_xstate_bitmap(own) == known(hosts[from]));
			memset(there, 0xaa, sizeof(there));
			um_xstate_to_host(hosts[to], there, hosts[to]->size, own);
			CHECK(!memcmp(there, form, UM_XSTATE_SOFTWARE));
			/* What the host's kernel has put there stays. */
			for (uint32_t i = UM_XSTATE_SOFTWARE; i < UM_XSTATE_LEGACY; i++)
				CHECK(there[i] == 0xaa);
			for (uint32_t i = hosts[to]->size; i < FORM_MAX; i++)
				CHECK(there[i] == 0xaa);
			if (hosts[to]->size <= UM_XSTATE_LEGACY)
				continue;
			CHECK(um_xstate_bitmap(there) == expected);
			for (uint32_t i = UM_XSTATE_LEGACY + 8; i < UM_XSTATE_LEGACY + UM_XSTATE_HEADER; i++)
				CHECK(!there[i]);
			for (int i = 2; i < UM_XSTATE_PARTS; i++)
				if (expected >> i & 1)
					CHECK(has_part(there, &hosts[to]->parts[i], i));
		}
	}
}

static void there_and_back_changes_nothing(void)
{
	uint8_t form[FORM_MAX], own[UM_XSTATE_SIZE], other[FORM_MAX], back[FORM_MAX];

	fill(form, &amd, amd.features);
	um_xstate_from_host(&amd, own, form, amd.size);
	um_xstate_to_host(&intel, other, intel.size, own);
	um_xstate_from_host(&intel, own, other, intel.size);
	fill(back, &amd, 0);
	memset(back + UM_XSTATE_LEGACY + UM_XSTATE_HEADER, 0, amd.size - UM_XSTATE_LEGACY - UM_XSTATE_HEADER);
	um_xstate_to_host(&amd, back, amd.size, own);
	CHECK(!memcmp(back, form, amd.size));
}

/* Parts in their initial state stay so, whatever lies in their place. */
static void unused_parts_stay_unused(void)
{
	uint8_t form[FORM_MAX], own[UM_XSTATE_SIZE], there[FORM_MAX];

	fill(form, &intel, 3 | 1 << 2);
	um_xstate_from_host(&intel, own, form, intel.size);
	CHECK(um_xstate_bitmap(own) == 7);
	um_xstate_to_host(&amd, there, amd.size, own);
	CHECK(um_xstate_bitmap(there) == 7);
	CHECK(has_part(there, &amd.parts[2], 2));
}

/* A program can put anything into its signal frame: only what exists is taken. */
static void nonsense_is_not_copied(void)
{
	uint8_t own[UM_XSTATE_SIZE], form[FORM_MAX];
	uint64_t all = UINT64_MAX;

	memset(own, 0x55, sizeof(own));
	memcpy(own + UM_XSTATE_LEGACY, &all, sizeof(all));
	memset(form, 0xaa, sizeof(form));
	um_xstate_to_host(&avx_only, form, avx_only.size, own);
	CHECK(um_xstate_bitmap(form) == 7);
	for (uint32_t i = avx_only.size; i < FORM_MAX; i++)
		CHECK(form[i] == 0xaa);
	/* A frame that is shorter than the host's form, as of programs without tile registers. */
	fill(form, &intel_tiles, intel_tiles.features);
	um_xstate_from_host(&intel_tiles, own, form, 832);
	CHECK(um_xstate_bitmap(own) == 7);
}

/* This CPU's own instruction fills the form that is converted. */
static void this_cpus_registers_survive(void)
{
	static uint8_t form[FORM_MAX] __attribute__((aligned(64))), back[FORM_MAX] __attribute__((aligned(64)));
	struct um_xstate_layout host = { 0 };
	uint8_t own[UM_XSTATE_SIZE];
	unsigned a, b, c, d;

	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE))
		return;
	__asm__ volatile("xgetbv" : "=a"(a), "=d"(d) : "c"(0));
	host.features = ((uint64_t)d << 32 | a) & UM_XSTATE_KNOWN;
	host.size = UM_XSTATE_LEGACY + UM_XSTATE_HEADER;
	for (unsigned i = 2; i < UM_XSTATE_PARTS; i++) {
		if (!(host.features >> i & 1) || !__get_cpuid_count(0xd, i, &a, &b, &c, &d))
			continue;
		host.parts[i] = (struct um_xstate_part){ .offset = b, .size = a };
		host.size = b + a > host.size ? b + a : host.size;
	}
	__asm__ volatile("xsave (%0)" : : "r"(form), "a"((uint32_t)host.features), "d"(0) : "memory");
	memcpy(back, form, sizeof(form));
	um_xstate_from_host(&host, own, form, host.size);
	um_xstate_to_host(&host, back, host.size, own);
	CHECK(!memcmp(back, form, host.size));
}

int main(void)
{
	RUN(every_part_arrives_on_every_host);
	RUN(there_and_back_changes_nothing);
	RUN(unused_parts_stay_unused);
	RUN(nonsense_is_not_copied);
	RUN(this_cpus_registers_survive);
	return 0;
}
