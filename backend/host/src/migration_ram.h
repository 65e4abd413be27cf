/* SPDX-License-Identifier: Apache-2.0 */
/* The source's view of a RAM file: which pages differ from what the target has. Theory in migration_ram.c. */
#ifndef MOBIHOST_MIGRATION_RAM_H
#define MOBIHOST_MIGRATION_RAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fail.h"

#define MIGRATION_PAGE 4096
#define MIGRATION_HASH_SIZE 16

/* What one side believes the target has: a hash a page. At first all pages are zero. */
struct page_table {
	uint64_t pages;
	uint64_t seed; /* the same at both sides */
	uint8_t zero[MIGRATION_HASH_SIZE];
	uint8_t *hashes;
};

/* 0, or -1: out of memory. */
int page_table_open(struct page_table *table, uint64_t pages, uint64_t seed);
void page_table_close(struct page_table *table);
/* Notes new contents of a page; true if it is the zero page. */
bool page_table_note(struct page_table *table, uint64_t page, const uint8_t *bytes);
/* The same if they differ from what was noted; false: they do not. */
bool page_table_renew(struct page_table *table, uint64_t page, const uint8_t *bytes, bool *zero);
void page_table_note_zero(struct page_table *table, uint64_t page);
/* Over all pages. */
void page_table_digest(const struct page_table *table, uint8_t digest[MIGRATION_HASH_SIZE]);

/* Pages that are best read at a time */
#define RAM_READ_PAGES 16

struct ram_extent {
	uint64_t first, last; /* pages, last is outside */
};

struct ram_scan {
	int fd;
	uint64_t size; /* bytes, a multiple of the page size */
	struct page_table sent;
	uint64_t *changed; /* bitmap of the last scan */
	struct ram_extent *extents; /* with data, as of the last ram_scan_begin */
	size_t extent_count;
};

/* -1 with *fail. */
int ram_scan_open(struct ram_scan *scan, int fd, uint64_t size, uint64_t seed, struct fail *fail);
void ram_scan_close(struct ram_scan *scan);

/* Begins a pass: asks the file which parts of it hold data. Returns their bytes, or -1 with *fail. */
int64_t ram_scan_begin(struct ram_scan *scan, struct fail *fail);
/* Finds the pages of [first, last) that differ from scan->sent; sets them in scan->changed. Returns their number. */
uint64_t ram_scan_find(struct ram_scan *scan, uint64_t first, uint64_t last, unsigned threads);
/* Copies `size` bytes of the file from `offset` on. -1 with *fail. */
int ram_scan_read(const struct ram_scan *scan, uint64_t offset, size_t size, void *bytes, struct fail *fail);
/* The next changed page at or after `page`, or `last`. */
uint64_t ram_scan_next(const struct ram_scan *scan, uint64_t page, uint64_t last);
/* The first page of a bitmap that is set in [page, last), or `last`. */
uint64_t ram_next_set(const uint64_t *bitmap, uint64_t page, uint64_t last);

#endif
