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
 *
 * A base may still be on its way. Then descriptor UM_DISK_THERE_FD + n is another
 * such file, read-only, shared by all guests which use the base. Its one bitmap,
 *   there   the base's block i may be read,
 * is set by whoever fetches the base, after the data is in it; no bit is cleared
 * while a guest uses it. Who sets bits then adds 1 to `came`, and wakes all who
 * wait for it by FUTEX_WAKE (shared by processes). The kernel asks for blocks by
 * UM_CONTROL_WANTED. While it waits its guest can be frozen; the read is part of
 * the guest's state, and asks again where the guest goes on.
 * Where the descriptor is not open all of the base is there; a guest may go on in
 * such a place too.
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

/* The first of the maps' descriptors, and how many there are: one for each of the first disks. */
#define UM_DISK_THERE_FD 14
#define UM_DISK_THERE_FDS 2

#define UM_DISK_THERE_MAGIC 0x3145524548544d55ULL	/* "UMTHERE1" */
#define UM_DISK_THERE_VERSION 1

/* The header takes UM_DISK_MAP_HEADER bytes; those behind this are the supervisor's. */
struct um_disk_there {
	uint64_t magic;
	uint32_t version;
	uint32_t block_size;		/* UM_DISK_BLOCK_SIZE */
	uint64_t blocks;		/* of the base, 1..2^40; what lies behind is there */
	uint64_t there_offset;		/* from the file's start, bytes, on a page */
	uint32_t came;			/* changes after bits were set: a futex */
	uint32_t reserved;
};

#endif
