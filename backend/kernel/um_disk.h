/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0 */
/*
 * Block map of a guest's disk, shared by the guest kernel's disk driver and
 * the supervisor: both map the same file MAP_SHARED. The kernel's build script
 * copies this file to arch/um/include/shared/um_disk.h.
 *
 * A disk (disk<n>=fd:<overlay>,map:<map>[,base:<base>]) is made of blocks of
 * UM_DISK_BLOCK_SIZE bytes, each of which lives either
 *   - in the overlay, a sparse file, at its own offset, or
 *   - in the base, an image which is never written. It may be shorter than the
 *     disk, or not be there at all: what is missing reads as zeros.
 *
 * The file: struct um_disk_map in the first UM_DISK_MAP_HEADER bytes, then two
 * bitmaps of UM_DISK_BITMAP_BYTES(blocks) each, at the offsets named in it.
 * Little-endian 64-bit words; block i is bit i % 64 of word i / 64.
 *   present  the block lives in the overlay. Set by the kernel after the
 *            block's data is in the overlay, never cleared by it.
 *   dirty    the block was written. Set by the kernel after the data is in the
 *            overlay; cleared by the supervisor alone. Who fetches and clears
 *            a word atomically and then reads these blocks misses no write:
 *            what comes later sets the bit again.
 * Both sides use atomic operations on whole words.
 *
 * While the guest is frozen the map stands still, but a write or discard which
 * was under way may still reach the overlay: blocks whose bits do not tell of
 * it. It is part of the guest's state, and made again where the guest goes on.
 * So a copy of the overlay may have these blocks as they were, as they will be,
 * or half of both; and before an overlay is used by another process than the
 * frozen one, that one must have ended with all its threads.
 *
 * A supervisor creates the file (all zero but the header) before the kernel
 * starts; a file which is invalid in any respect makes the kernel leave the
 * disk out.
 */
#ifndef __UM_DISK_H
#define __UM_DISK_H

#if defined(__KERNEL__) && !defined(__UM_HOST__)
#include <linux/types.h>
#else
#include <stdint.h>
#endif

#define UM_DISK_MAP_MAGIC 0x31504d4b53444d55ULL	/* "UMDSKMP1" */
#define UM_DISK_MAP_VERSION 1
#define UM_DISK_BLOCK_SIZE 4096
#define UM_DISK_MAP_HEADER 4096

/* Bytes of one bitmap, rounded up so that each one starts on a page. */
#define UM_DISK_BITMAP_BYTES(blocks) \
	((((uint64_t)(blocks) + 32767) / 32768) * 4096)

struct um_disk_map {
	uint64_t magic;
	uint32_t version;
	uint32_t block_size;		/* UM_DISK_BLOCK_SIZE */
	uint64_t blocks;		/* size of the disk, 1..2^40 */
	uint64_t present_offset;	/* from the file's start, bytes, on a page */
	uint64_t dirty_offset;
	uint64_t flags;			/* 0; others are not understood: refused */
};

#endif
