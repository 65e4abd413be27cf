/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0 */
/*
 * The form in which a guest keeps extended registers (x87, SSE, AVX, AVX-512,
 * APX, protection keys), the same on all hosts; and how it is converted. The
 * kernel's build script copies this file to arch/um/include/shared/um_xstate.h.
 *
 * A host's own form is the uncompacted one of the XSAVE instruction, as it is
 * in signal frames and NT_X86_XSTATE. Where the parts are in it is told by CPUID
 * and differs: AMD and Intel put AVX-512 and protection keys to different
 * places. The guest's form is that of Intel's CPUs without AMX, whatever the
 * host has, so an image can be continued wherever all registers exist which its
 * programs may use. Tile registers (AMX) are not part of it: Linux gives them
 * to programs which ask, and guest programs can't.
 */
#ifndef __UM_XSTATE_H
#define __UM_XSTATE_H

#if defined(__KERNEL__) && !defined(__UM_HOST__)
#include <linux/string.h>
#include <linux/types.h>
#else
#include <stdint.h>
#include <string.h>
#endif

#define UM_XSTATE_SIZE 2696
#define UM_XSTATE_PARTS 20

/* In both forms: FXSAVE's area, of which the end is the host kernel's */
#define UM_XSTATE_SOFTWARE 464
#define UM_XSTATE_LEGACY 512
/* and a header, the bitmap of the parts which are not in their initial state */
#define UM_XSTATE_HEADER 64

/* x87 and SSE, AVX, bounds, AVX-512 in three parts, protection keys, APX */
#define UM_XSTATE_KNOWN 0x802ffULL
/*
 * Those which programs may have chosen to use because the CPU has them. Bounds
 * registers are no more, and protection keys are of use with system calls only,
 * which guests don't have.
 */
#define UM_XSTATE_NEEDED 0x800e4ULL

struct um_xstate_part {
	uint32_t offset;
	uint32_t size;		/* 0: no such part */
};

struct um_xstate_layout {
	uint64_t features;	/* parts that the host has (XCR0) */
	uint32_t size;		/* of the host's form, bytes */
	struct um_xstate_part parts[UM_XSTATE_PARTS];
};

static const struct um_xstate_part um_xstate_own[UM_XSTATE_PARTS] = {
	[2] = { 576, 256 },	/* AVX */
	[3] = { 960, 64 },	/* bounds, BND0-3 */
	[4] = { 1024, 64 },	/* bounds, BNDCFGU and BNDSTATUS */
	[5] = { 1088, 64 },	/* AVX-512, k0-7 */
	[6] = { 1152, 512 },	/* AVX-512, upper halves of zmm0-15 */
	[7] = { 1664, 1024 },	/* AVX-512, zmm16-31 */
	[9] = { 2688, 8 },	/* protection keys, PKRU */
	[19] = { 960, 128 },	/* APX, r16-31; in the place of the bounds */
};

static inline uint64_t um_xstate_bitmap(const void *form)
{
	uint64_t bitmap;

	memcpy(&bitmap, (const uint8_t *)form + UM_XSTATE_LEGACY, sizeof(bitmap));
	return bitmap;
}

/* Parts which exist in both forms, the host's being `size` bytes long */
static inline uint64_t um_xstate_common(const struct um_xstate_layout *host, uint32_t size)
{
	uint64_t common = 3;
	int i;

	for (i = 2; i < UM_XSTATE_PARTS; i++) {
		const struct um_xstate_part *part = &host->parts[i];

		if (um_xstate_own[i].size && part->size == um_xstate_own[i].size && host->features >> i & 1 &&
		    part->offset >= UM_XSTATE_LEGACY + UM_XSTATE_HEADER && part->offset <= size && part->size <= size - part->offset)
			common |= 1ULL << i;
	}
	return common;
}

/* Only the parts in use are copied: the others are in their initial state, whatever is in their place */
static inline void um_xstate_copy_parts(uint64_t used, uint8_t *to, const struct um_xstate_part *to_parts, const uint8_t *from,
					const struct um_xstate_part *from_parts)
{
	int i;

	for (i = 2; i < UM_XSTATE_PARTS; i++)
		if (used >> i & 1)
			memcpy(to + to_parts[i].offset, from + from_parts[i].offset, to_parts[i].size);
	memset(to + UM_XSTATE_LEGACY, 0, UM_XSTATE_HEADER);
	memcpy(to + UM_XSTATE_LEGACY, &used, sizeof(used));
}

/* own: UM_XSTATE_SIZE bytes. form: `size` bytes; 512 if the host has no XSAVE. */
static inline void um_xstate_from_host(const struct um_xstate_layout *host, void *own, const void *form, uint32_t size)
{
	uint64_t used = 3;

	memcpy(own, form, UM_XSTATE_LEGACY);
	if (size >= UM_XSTATE_LEGACY + UM_XSTATE_HEADER)
		used = um_xstate_bitmap(form) & um_xstate_common(host, size);
	um_xstate_copy_parts(used, own, um_xstate_own, form, host->parts);
}

/* Leaves the bytes which are the host kernel's as they are. Parts which the host lacks are dropped. */
static inline void um_xstate_to_host(const struct um_xstate_layout *host, void *form, uint32_t size, const void *own)
{
	memcpy(form, own, UM_XSTATE_SOFTWARE);
	if (size >= UM_XSTATE_LEGACY + UM_XSTATE_HEADER)
		um_xstate_copy_parts(um_xstate_bitmap(own) & um_xstate_common(host, size), form, host->parts, own, um_xstate_own);
}

#endif
