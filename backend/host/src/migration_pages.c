/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Theory. A message carries up to 64 pages (256 KiB) of one region, wherever they lie:
 *
 *   u8 region | u8 encoding (0 zero, 1 raw, 2 zstd, 3 difference) | u16 runs | runs * (u64 first page | u32 pages) | contents of all pages
 *
 * so that scattered pages, which is what later passes consist of, are compressed together. Zero pages are runs without contents, in messages of their own.
 *
 * A difference is a zstd frame that refers to what the reader's side has of the same pages, one after the other, as its prefix: what did not change costs next to
 * nothing, wherever in the page it is now. For that the writer keeps pages as they were sent (migration_kept.c); those that it has go into batches of their own. A page that
 * comes as zero is forgotten, so a difference always refers to a page that was sent with its contents.
 *
 * Compressing pays when it takes less time than sending what it saves. Both are measured as we go: seconds a byte to compress, seconds a byte that the
 * wire took, and the ratio reached; for differences the same, apart, and pages are kept as long as those would pay. Where it does not pay, one batch in 16 is
 * still compressed, to notice when that changes; a batch that hardly shrinks goes raw. Where the wire is very slow a higher level is worth its time. To a peer on the
 * same host nothing is ever compressed.
 */
#define _GNU_SOURCE
#include "migration_pages.h"

#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "clock.h"
#include "little.h"
#include "migration_kept.h"
#include "migration_ram.h"

#define BATCH 64
#define HEADER 4
#define RUN_SIZE 12
#define BATCH_BYTES ((size_t)BATCH * MIGRATION_PAGE)
#define LEVEL 1
#define SLOW_LEVEL 6
#define SLOW_COST 2e-7 /* seconds a byte: 40 Mbit/s */
#define WINDOW_LOG 19 /* a batch and what it refers to */
#define PROBE_EVERY 16
#define HARDLY 0.9

enum encoding { ENCODING_ZERO, ENCODING_RAW, ENCODING_ZSTD, ENCODING_DIFFERENCE };

struct run {
	uint64_t first;
	uint32_t count;
};

struct batch {
	uint8_t region;
	struct run runs[BATCH];
	unsigned run_count, pages;
	uint8_t *bytes, *old; /* contents; what the reader's side has */
};

/* How well a way to compress does; moving averages. */
struct gain {
	double cost, ratio; /* seconds a byte; compressed by raw size */
	unsigned batches;
};

struct pages_writer {
	struct wire *wire;
	struct batch data, again, zero; /* pages with contents, those of which an older version is kept, those without */
	struct batch *pending; /* where room was given out, and for which page */
	uint64_t pending_page;
	bool compress;
	ZSTD_CCtx *zstd;
	struct kept_pages *kept; /* NULL: no differences */
	struct gain plain, difference;
};

struct pages_reader {
	ZSTD_DCtx *zstd;
	uint8_t *bytes, *old;
};

struct pages_writer *pages_writer_create(struct wire *wire, bool compress)
{
	struct pages_writer *writer = calloc(1, sizeof(*writer));

	if (!writer)
		return NULL;
	writer->wire = wire;
	writer->compress = compress;
	/* Until it is known: a fast link needs no differences, a slow one is found out at once. */
	writer->difference = (struct gain){ .cost = 3e-9, .ratio = 0.2 };
	writer->data.bytes = malloc(BATCH_BYTES);
	writer->again.bytes = malloc(BATCH_BYTES);
	writer->again.old = malloc(BATCH_BYTES);
	writer->zstd = compress ? ZSTD_createCCtx() : NULL;
	if (!writer->data.bytes || !writer->again.bytes || !writer->again.old || (compress && !writer->zstd)) {
		pages_writer_destroy(writer);
		return NULL;
	}
	writer->kept = compress ? kept_create() : NULL;
	return writer;
}

void pages_writer_destroy(struct pages_writer *writer)
{
	if (!writer)
		return;
	ZSTD_freeCCtx(writer->zstd);
	kept_destroy(writer->kept);
	free(writer->data.bytes);
	free(writer->again.bytes);
	free(writer->again.old);
	free(writer);
}

/* Of this thread: what others do meanwhile is no cost of compressing. */
static double cpu_seconds(void)
{
	return (double)clock_of(CLOCK_THREAD_CPUTIME_ID) / 1e9;
}

static double average(double old, double value)
{
	return old > 0 ? 0.8 * old + 0.2 * value : value;
}

/* Seconds a byte; 0 while unknown. */
static double wire_cost(const struct pages_writer *writer)
{
	uint64_t written = wire_written(writer->wire);

	return written ? wire_write_seconds(writer->wire) / (double)written : 0;
}

/* Or may: nothing is known of the wire yet. */
static bool pays(const struct pages_writer *writer, const struct gain *gain)
{
	return !(wire_cost(writer) > 0) || gain->cost < wire_cost(writer) * (1 - gain->ratio);
}

static bool is_worth_trying(const struct pages_writer *writer, struct gain *gain)
{
	return gain->batches++ % PROBE_EVERY == 0 || pays(writer, gain);
}

/* Compressed size, 0 when that is no use. */
static size_t compress(struct pages_writer *writer, const struct batch *batch, struct gain *gain, uint8_t *out, size_t size)
{
	double start, ratio;
	size_t result;

	if (!is_worth_trying(writer, gain))
		return 0;
	start = cpu_seconds();
	ZSTD_CCtx_reset(writer->zstd, ZSTD_reset_session_and_parameters);
	ZSTD_CCtx_setParameter(writer->zstd, ZSTD_c_compressionLevel, batch->old || wire_cost(writer) < SLOW_COST ? LEVEL : SLOW_LEVEL);
	if (batch->old) {
		ZSTD_CCtx_setParameter(writer->zstd, ZSTD_c_windowLog, WINDOW_LOG);
		ZSTD_CCtx_refPrefix(writer->zstd, batch->old, size);
	}
	result = ZSTD_compress2(writer->zstd, out, size, batch->bytes, size);
	gain->cost = average(gain->cost, (cpu_seconds() - start) / (double)size);
	ratio = ZSTD_isError(result) ? 1 : (double)result / (double)size;
	gain->ratio = average(gain->ratio, ratio);
	return ratio < HARDLY ? result : 0;
}

/* Puts the contents where the message wants them, in the way that suits best; tells their size. */
static enum encoding encode(struct pages_writer *writer, const struct batch *batch, uint8_t *out, size_t *size)
{
	size_t raw = (size_t)batch->pages * MIGRATION_PAGE, compressed = 0;

	*size = raw;
	if (writer->compress)
		compressed = compress(writer, batch, batch->old ? &writer->difference : &writer->plain, out, raw);
	if (!compressed) {
		memcpy(out, batch->bytes, raw);
		return ENCODING_RAW;
	}
	*size = compressed;
	return batch->old ? ENCODING_DIFFERENCE : ENCODING_ZSTD;
}

static int batch_send(struct pages_writer *writer, struct batch *batch, struct fail *fail)
{
	size_t head = HEADER + (size_t)batch->run_count * RUN_SIZE, size = 0;
	enum encoding encoding = ENCODING_ZERO;
	uint8_t *message;

	if (!batch->pages)
		return 0;
	message = wire_add(writer->wire, WIRE_PAGES, head + (batch->bytes ? (size_t)batch->pages * MIGRATION_PAGE : 0), fail);
	if (!message)
		return -1;
	if (batch->bytes)
		encoding = encode(writer, batch, message + head, &size);
	message[0] = batch->region;
	message[1] = (uint8_t)encoding;
	little_put(message + 2, batch->run_count, 2);
	for (unsigned i = 0; i < batch->run_count; i++) {
		little_put(message + HEADER + i * RUN_SIZE, batch->runs[i].first, 8);
		little_put(message + HEADER + i * RUN_SIZE + 8, batch->runs[i].count, 4);
	}
	wire_shorten(writer->wire, head + size);
	batch->run_count = batch->pages = 0;
	return 0;
}

static bool batch_extends(const struct batch *batch, uint8_t region, uint64_t page)
{
	const struct run *run;

	if (!batch->run_count || batch->region != region)
		return false;
	run = &batch->runs[batch->run_count - 1];
	return run->first + run->count == page && run->count < UINT32_MAX;
}

static int batch_make_room(struct pages_writer *writer, struct batch *batch, uint8_t region, bool full, struct fail *fail)
{
	if (batch->pages && (full || batch->region != region) && batch_send(writer, batch, fail) < 0)
		return -1;
	batch->region = region;
	return 0;
}

static void batch_add(struct batch *batch, uint64_t page)
{
	if (batch_extends(batch, batch->region, page))
		batch->runs[batch->run_count - 1].count++;
	else
		batch->runs[batch->run_count++] = (struct run){ page, 1 };
	batch->pages++;
}

uint8_t *pages_room(struct pages_writer *writer, uint8_t region, uint64_t page, struct fail *fail)
{
	const uint8_t *old = writer->kept ? kept_find(writer->kept, region, page) : NULL;
	struct batch *batch = old ? &writer->again : &writer->data;

	if (batch_make_room(writer, batch, region, batch->pages == BATCH, fail) < 0)
		return NULL;
	if (old)
		memcpy(batch->old + (size_t)batch->pages * MIGRATION_PAGE, old, MIGRATION_PAGE);
	writer->pending = batch;
	writer->pending_page = page;
	return batch->bytes + (size_t)batch->pages * MIGRATION_PAGE;
}

void pages_keep(struct pages_writer *writer)
{
	struct batch *batch = writer->pending;

	/* What is kept must stay what the other side has, whether that pays or not. */
	if (writer->kept && (batch->old || pays(writer, &writer->difference)))
		kept_put(writer->kept, batch->region, writer->pending_page, batch->bytes + (size_t)batch->pages * MIGRATION_PAGE);
	batch_add(batch, writer->pending_page);
}

int pages_zero(struct pages_writer *writer, uint8_t region, uint64_t page, struct fail *fail)
{
	bool full = writer->zero.run_count == BATCH && !batch_extends(&writer->zero, region, page);

	if (writer->kept)
		kept_forget(writer->kept, region, page);
	if (batch_make_room(writer, &writer->zero, region, full, fail) < 0)
		return -1;
	batch_add(&writer->zero, page);
	return 0;
}

int pages_flush(struct pages_writer *writer, struct fail *fail)
{
	if (writer->kept)
		kept_next_pass(writer->kept);
	if (batch_send(writer, &writer->data, fail) < 0 || batch_send(writer, &writer->again, fail) < 0)
		return -1;
	return batch_send(writer, &writer->zero, fail);
}

struct pages_reader *pages_reader_create(void)
{
	struct pages_reader *reader = calloc(1, sizeof(*reader));

	if (!reader)
		return NULL;
	reader->bytes = malloc(BATCH_BYTES);
	reader->old = malloc(BATCH_BYTES);
	reader->zstd = ZSTD_createDCtx();
	if (!reader->bytes || !reader->old || !reader->zstd) {
		pages_reader_destroy(reader);
		return NULL;
	}
	return reader;
}

void pages_reader_destroy(struct pages_reader *reader)
{
	if (!reader)
		return;
	ZSTD_freeDCtx(reader->zstd);
	free(reader->bytes);
	free(reader->old);
	free(reader);
}

static int fail_damaged(struct fail *fail)
{
	return fail_set(fail, "bad-stream", "The stream has pages that make no sense: it is damaged, or not from the agreed peer.");
}

/* The runs of a message, as the peer wrote them. */
struct runs {
	const uint8_t *bytes;
	size_t count;
	uint64_t pages;
};

static struct run run_at(const struct runs *runs, size_t index)
{
	const uint8_t *bytes = runs->bytes + index * RUN_SIZE;

	return (struct run){ little_get(bytes, 8), (uint32_t)little_get(bytes + 8, 4) };
}

/* Counts the pages: 0, or -1 if there are no runs, or empty ones. */
static int runs_count(struct runs *runs)
{
	for (size_t i = 0; i < runs->count; i++) {
		struct run run = run_at(runs, i);

		if (!run.count)
			return -1;
		runs->pages += run.count;
	}
	return runs->count ? 0 : -1;
}

static int fetch_old(struct pages_reader *reader, const struct runs *runs, uint8_t region, pages_old *old, void *arg, struct fail *fail)
{
	uint8_t *to = reader->old;

	if (!old)
		return fail_damaged(fail);
	for (size_t i = 0; i < runs->count; i++) {
		struct run run = run_at(runs, i);

		if (old(arg, region, run.first, run.count, to, fail) < 0)
			return -1;
		to += (size_t)run.count * MIGRATION_PAGE;
	}
	if (ZSTD_isError(ZSTD_DCtx_refPrefix(reader->zstd, reader->old, (size_t)(to - reader->old))))
		return fail_damaged(fail);
	return 0;
}

/* The contents of all pages: no more than a batch, and exactly that. NULL with *fail. */
static const uint8_t *contents(struct pages_reader *reader, enum encoding encoding, const uint8_t *bytes, size_t size, size_t wanted, struct fail *fail)
{
	if (encoding == ENCODING_RAW && size == wanted)
		return bytes;
	if ((encoding == ENCODING_ZSTD || encoding == ENCODING_DIFFERENCE) && ZSTD_decompressDCtx(reader->zstd, reader->bytes, BATCH_BYTES, bytes, size) == wanted)
		return reader->bytes;
	fail_damaged(fail);
	return NULL;
}

int pages_read(struct pages_reader *reader, const struct wire_message *message, pages_run *fn, pages_old *old, void *arg, struct fail *fail)
{
	const uint8_t *bytes = message->bytes, *data = NULL;
	struct runs runs = { .count = message->size >= HEADER ? little_get(bytes + 2, 2) : 0, .bytes = bytes + HEADER };
	size_t head = HEADER + runs.count * RUN_SIZE;

	if (runs.count > BATCH || head > message->size || runs_count(&runs) < 0)
		return fail_damaged(fail);
	if (bytes[1] == ENCODING_ZERO) {
		if (message->size != head)
			return fail_damaged(fail);
	} else {
		if (runs.pages > BATCH)
			return fail_damaged(fail);
		ZSTD_DCtx_reset(reader->zstd, ZSTD_reset_session_only);
		if (bytes[1] == ENCODING_DIFFERENCE && fetch_old(reader, &runs, bytes[0], old, arg, fail) < 0)
			return -1;
		data = contents(reader, bytes[1], bytes + head, message->size - head, (size_t)runs.pages * MIGRATION_PAGE, fail);
		if (!data)
			return -1;
	}
	for (size_t i = 0; i < runs.count; i++) {
		struct run run = run_at(&runs, i);

		if (fn(arg, bytes[0], run.first, run.count, data, fail) < 0)
			return -1;
		if (data)
			data += (size_t)run.count * MIGRATION_PAGE;
	}
	return 0;
}
