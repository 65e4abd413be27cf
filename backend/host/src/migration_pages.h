/* SPDX-License-Identifier: Apache-2.0 */
/* PAGES messages: batches of RAM pages or disk blocks. Theory in migration_pages.c. */
#ifndef MOBIHOST_MIGRATION_PAGES_H
#define MOBIHOST_MIGRATION_PAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fail.h"
#include "migration_wire.h"

#define PAGES_RAM 0
#define PAGES_DISK 1 /* + index of the disk */

struct pages_writer;

/*
 * NULL: out of memory. compress: if the link is slower than compressing; what does not shrink goes raw all the same. Nothing else may write to what the reader's side
 * has of these pages: what is sent again goes as a difference where the link is slow.
 */
struct pages_writer *pages_writer_create(struct wire *wire, bool compress);
void pages_writer_destroy(struct pages_writer *writer);

/* Where to put the contents of a page; then pages_keep, or pages_zero instead of it when they are all zero. NULL with *fail. */
uint8_t *pages_room(struct pages_writer *writer, uint8_t region, uint64_t page, struct fail *fail);
void pages_keep(struct pages_writer *writer);
/* The page is zero; needs no pages_room. 0, or -1 with *fail. */
int pages_zero(struct pages_writer *writer, uint8_t region, uint64_t page, struct fail *fail);
/* End of a pass: hands all batches to the wire (wire_flush sends them). Within a pass each page comes at most once. */
int pages_flush(struct pages_writer *writer, struct fail *fail);

struct pages_reader;

struct pages_reader *pages_reader_create(void);
void pages_reader_destroy(struct pages_reader *reader);

/* A run of pages; bytes is NULL when they are zero. The region and numbers are the peer's: to be checked. 0, or -1 with *fail. */
typedef int pages_run(void *arg, uint8_t region, uint64_t first, uint32_t count, const uint8_t *bytes, struct fail *fail);

/* Fetches what this side has of a run, for a difference. As with pages_run, region and numbers are the peer's. 0, or -1 with *fail. */
typedef int pages_old(void *arg, uint8_t region, uint64_t first, uint32_t count, uint8_t *bytes, struct fail *fail);

/* Calls fn for each run of a PAGES message, and before that `old`, if it holds differences; old NULL: they are refused. */
int pages_read(struct pages_reader *reader, const struct wire_message *message, pages_run *fn, pages_old *old, void *arg, struct fail *fail);

#endif
