/* SPDX-License-Identifier: Apache-2.0 */
/* Passes over RAM and disks, for migrations and snapshots. Worker thread only. Theory in migration_copy.c. */
#ifndef MOBIHOST_MIGRATION_COPY_H
#define MOBIHOST_MIGRATION_COPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "disk.h"
#include "fail.h"
#include "migration_pages.h"
#include "migration_ram.h"
#include "ram_log.h"

#define COPY_DISKS_MAX 2
#define COPY_DIGEST_MAX (MIGRATION_HASH_SIZE * (1 + COPY_DISKS_MAX))

enum copy_kind {
	COPY_FIRST, /* all there is */
	COPY_NEXT,  /* what has changed since the last pass */
	COPY_LAST,  /* the same, on a frozen guest */
};

struct copy_disk {
	const struct disk *disk;
	uint64_t *todo; /* bitmap: blocks of this pass */
	uint64_t count;
};

/* Where pages go. */
struct copy_sink {
	/* Where to put the contents of a page; then `keep`, or `zero` instead of it when they are all zero. NULL with *fail. */
	uint8_t *(*room)(void *arg, uint8_t region, uint64_t page, struct fail *fail);
	void (*keep)(void *arg);
	/* The page is zero; needs no `room`. 0, or -1 with *fail. */
	int (*zero)(void *arg, uint8_t region, uint64_t page, struct fail *fail);
	/* End of a pass. */
	int (*flush)(void *arg, struct fail *fail);
	void *arg;
};

struct copy {
	struct copy_sink sink;
	struct ram_scan ram;
	struct ram_log log;
	uint64_t *logged; /* bitmap of the last pass; NULL: there is no log */
	bool check;	  /* the last pass looks at all memory, too, and fails if the log missed a page */
	struct copy_disk disks[COPY_DISKS_MAX];
	unsigned disk_count;
	/* Called now and then in a pass. */
	void (*progress)(void *arg);
	void *arg;
	/* Of the pass that runs or ran last, in bytes of contents. */
	uint64_t sent, remaining;
	double log_seconds, scan_seconds, send_seconds; /* the first: the guest turned to a new log, which it need not when it is frozen */
	uint64_t total; /* all that the first pass looks at */
};

/* 0, or -1 with *fail; copy_close in either case. */
int copy_open(struct copy *copy, const struct copy_sink *sink, int ram_fd, uint64_t ram_size, uint64_t seed, struct disk *const disks[], unsigned disk_count,
	      struct fail *fail);
/* guest_stays: it goes on here. */
void copy_close(struct copy *copy, bool guest_stays);
/* Before the first pass of a running guest: keeps a log of what it changes, so that later passes need not look at all memory. False with *why: they have to. */
bool copy_keep_log(struct copy *copy, struct vm *vm, struct crossing *crossing, struct fail *why);

/* Gives the sink all that it does not have. threads: for reading all RAM. */
int copy_pass(struct copy *copy, enum copy_kind kind, unsigned threads, struct fail *fail);
/* Of the RAM pages as sent and the maps; returns its size. */
size_t copy_digest(const struct copy *copy, uint8_t digest[COPY_DIGEST_MAX]);

/* Of a disk's `present` map; the target computes the same. */
void copy_map_digest(const struct disk *disk, uint64_t seed, uint8_t digest[MIGRATION_HASH_SIZE]);

#endif
