/* SPDX-License-Identifier: Apache-2.0 */
/* One VM's part of a snapshot as files: snapshots/<snapshot>/<instance>/ of the host folder. Theory in shadow.c and shadow_writer.c. */
#ifndef MOBIHOST_SHADOW_H
#define MOBIHOST_SHADOW_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "disk.h"
#include "fail.h"
#include "migration_copy.h"
#include "store.h"

#define SHADOW_HEAD "head.json"
#define SHADOW_LOCK "lock"
/* So many parts lean on each other at most. */
#define SHADOW_CHAIN_MAX 32

struct shadow_disk {
	int fd;
	uint64_t blocks;
	uint64_t *present; /* UM_DISK_BITMAP_BYTES(blocks) */
	uint64_t *own; /* as own_ram */
};

/* A part that is complete, opened for reading. */
struct shadow {
	int folder;
	json_t *head;
	int ram_fd;
	uint64_t ram_size;
	struct shadow_disk disks[COPY_DISKS_MAX];
	unsigned disk_count;
	struct shadow *base; /* NULL: all pages are its own */
	uint64_t *own_ram; /* with a base: the pages that are its own */
};

/* Opens a part and checks that its files are what its head says. Fails with "no-such-snapshot". shadow_close in either case. */
int shadow_open(struct shadow *shadow, const struct store *store, const char *snapshot, const char *instance, struct fail *fail);
void shadow_close(struct shadow *shadow);
/* A page of a region (PAGES_RAM, PAGES_DISK + n), from wherever it lies. */
int shadow_read(const struct shadow *shadow, unsigned region, uint64_t page, uint8_t *bytes, struct fail *fail);

/* shadow_chain.c: opening what a part leans on, so many of them at most. */
int shadow_open_deep(struct shadow *shadow, const struct store *store, const char *snapshot, const char *instance, unsigned depth, struct fail *fail);
int shadow_open_base(struct shadow *shadow, const struct store *store, const char *instance, unsigned depth, struct fail *fail);
/* Held while parts are made to lean on others or are removed; close it. -1 with errno. */
int shadow_chain_lock(const struct store *store);
/* The latest complete part of an instance; false: there is none. */
bool shadow_latest(const struct store *store, const char *instance, char snapshot[17]);

/* A part that is whole and not complete yet. */
struct shadow_thin {
	int folder;
	const int *fds; /* by region */
	uint64_t ram_size;
	const struct shadow_disk *disks;
	unsigned disk_count;
};

/* Leaves of a part only what differs from an earlier one: 1; 0 when that is none to lean on, and nothing was done. Hold the chain's lock until the head is written. */
int shadow_thin(const struct store *store, const char *snapshot, const char *instance, const struct shadow_thin *part, struct fail *fail);
/* Before a part goes: nothing leans on it any more. Hold the chain's lock. */
int shadow_release(const struct store *store, const char *snapshot, const char *instance, struct fail *fail);

/* A part that is being made. */
struct shadow_writer;

/*
 * Makes the part's folder and empty files, if there is room for `bytes`. The folder is locked as long as the writer lives. Fails with "exists", "no-space". pace(arg, bytes)
 * is called after so many bytes were written; it may wait, and makes writing fail when it returns -1.
 */
struct shadow_writer *shadow_writer_create(const struct store *store, const char *snapshot, const char *instance, uint64_t ram_size, struct disk *const disks[], unsigned disk_count,
					   uint64_t bytes, int (*pace)(void *arg, uint64_t bytes, struct fail *fail), void *arg, struct fail *fail);
/* Removes what was made unless shadow_writer_complete has succeeded. */
void shadow_writer_destroy(struct shadow_writer *writer);
struct copy_sink shadow_writer_sink(struct shadow_writer *writer);
/* From now on pages stay in memory, as far as that is sensible, until shadow_writer_write. */
void shadow_writer_defer(struct shadow_writer *writer);
int shadow_writer_write(struct shadow_writer *writer, struct fail *fail);
int shadow_writer_folder(const struct shadow_writer *writer);
/*
 * Writes the maps and the head, all to the disk. From then on the part is complete. incremental: only what differs from the latest earlier part of the VM on this host is kept, if there
 * is one; the head then gets its `base`.
 */
int shadow_writer_complete(struct shadow_writer *writer, json_t *head, bool incremental, struct fail *fail);
/* Bytes of the file system that the part takes. */
uint64_t shadow_writer_bytes(const struct shadow_writer *writer);

/* The folder of a snapshot or, with an instance, of a part; make: a part that must be new. -1 with errno. */
int shadow_folder(const struct store *store, const char *snapshot, const char *instance, bool make);
/* Removes a part, whoever makes it, and the snapshot with its last one. */
void shadow_remove_part(const struct store *store, const char *snapshot, const char *instance);

/* All parts of this host, as snapshot.list tells them. New reference. */
json_t *shadow_list(const struct store *store);
/* Removes a snapshot's parts, or that of one instance. Fails with "busy" while a part is being made. That there are none is no failure. */
int shadow_remove(const struct store *store, const char *snapshot, const char *instance, struct fail *fail);
/* What is said about a snapshot as a whole, an object of the desktop's; replaced, and read (new reference, empty when nothing was said). Fail with "no-such-snapshot". */
int shadow_note(const struct store *store, const char *snapshot, const json_t *note, struct fail *fail);
json_t *shadow_noted(const struct store *store, const char *snapshot, struct fail *fail);
/* Removes what is left of parts of an instance that nobody makes any more. */
void shadow_sweep(const struct store *store, const char *instance);

#endif
