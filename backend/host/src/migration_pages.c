/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Theory. A message carries up to 64 pages (256 KiB) of one region, wherever they lie:
 *
 *   u8 region | u8 encoding (0 zero, 1 raw, 2 zstd) | u16 runs | runs * (u64 first page | u32 pages) | contents of all pages
 *
 * so that scattered pages, which is what later passes consist of, are compressed together. Zero pages are runs without contents, in messages of their own.
 *
 * Compressing pays when it takes less time than sending what it saves. Both are measured as we go: seconds a byte to compress, seconds a byte that the
 * wire took, and the ratio reached. Where it does not pay, one batch in 16 is still compressed, to notice when that changes; a batch that hardly
 * shrinks goes raw. To a peer on the same host nothing is ever compressed.
 */
#define _GNU_SOURCE
#include "migration_pages.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zstd.h>

#include "little.h"
#include "migration_ram.h"

#define BATCH 64
#define HEADER 4
#define RUN_SIZE 12
#define LEVEL 1
#define PROBE_EVERY 16
#define HARDLY 0.9

enum encoding { ENCODING_ZERO, ENCODING_RAW, ENCODING_ZSTD };

struct run {
	uint64_t first;
	uint32_t count;
};

struct batch {
	uint8_t region;
	struct run runs[BATCH];
	unsigned run_count, pages;
};

struct pages_writer {
	struct wire *wire;
	struct batch data, zero;
	uint64_t pending; /* page whose room was given out */
	uint8_t *bytes;
	bool compress;
	ZSTD_CCtx *zstd;
	double compress_cost, ratio; /* seconds a byte; compressed by raw size; moving averages, 0: unknown */
	unsigned batches;
};

struct pages_reader {
	ZSTD_DCtx *zstd;
	uint8_t *bytes;
};

struct pages_writer *pages_writer_create(struct wire *wire, bool compress)
{
	struct pages_writer *writer = calloc(1, sizeof(*writer));

	if (!writer)
		return NULL;
	writer->wire = wire;
	writer->compress = compress;
	writer->bytes = malloc((size_t)BATCH * MIGRATION_PAGE);
	writer->zstd = compress ? ZSTD_createCCtx() : NULL;
	if (!writer->bytes || (compress && !writer->zstd)) {
		pages_writer_destroy(writer);
		return NULL;
	}
	return writer;
}

void pages_writer_destroy(struct pages_writer *writer)
{
	if (!writer)
		return;
	ZSTD_freeCCtx(writer->zstd);
	free(writer->bytes);
	free(writer);
}

static double clock_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double average(double old, double value)
{
	return old > 0 ? 0.8 * old + 0.2 * value : value;
}

static bool compressing_pays(struct pages_writer *writer)
{
	uint64_t written = wire_written(writer->wire);
	double wire_cost = written ? wire_write_seconds(writer->wire) / (double)written : 0;

	if (!writer->compress)
		return false;
	if (writer->batches++ % PROBE_EVERY == 0 || !wire_cost)
		return true;
	return writer->compress_cost < wire_cost * (1 - writer->ratio);
}

/* Compressed size, 0 when it goes raw. */
static size_t compress(struct pages_writer *writer, uint8_t *out, size_t room, size_t size)
{
	double start, ratio;
	size_t result;

	if (!compressing_pays(writer))
		return 0;
	start = clock_seconds();
	result = ZSTD_compressCCtx(writer->zstd, out, room, writer->bytes, size, LEVEL);
	writer->compress_cost = average(writer->compress_cost, (clock_seconds() - start) / (double)size);
	ratio = ZSTD_isError(result) ? 1 : (double)result / (double)size;
	writer->ratio = average(writer->ratio, ratio);
	return ratio < HARDLY ? result : 0;
}

static int batch_send(struct pages_writer *writer, struct batch *batch, struct fail *fail)
{
	size_t head = HEADER + (size_t)batch->run_count * RUN_SIZE, size = 0, compressed = 0;
	bool zero = batch == &writer->zero;
	uint8_t *message;

	if (!batch->pages)
		return 0;
	if (!zero)
		size = (size_t)batch->pages * MIGRATION_PAGE;
	message = wire_add(writer->wire, WIRE_PAGES, head + size, fail);
	if (!message)
		return -1;
	if (!zero) {
		compressed = compress(writer, message + head, size, size);
		if (!compressed)
			memcpy(message + head, writer->bytes, size);
	}
	message[0] = batch->region;
	message[1] = zero ? ENCODING_ZERO : compressed ? ENCODING_ZSTD : ENCODING_RAW;
	little_put(message + 2, batch->run_count, 2);
	for (unsigned i = 0; i < batch->run_count; i++) {
		little_put(message + HEADER + i * RUN_SIZE, batch->runs[i].first, 8);
		little_put(message + HEADER + i * RUN_SIZE + 8, batch->runs[i].count, 4);
	}
	if (compressed)
		wire_shorten(writer->wire, head + compressed);
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
	if (batch_make_room(writer, &writer->data, region, writer->data.pages == BATCH, fail) < 0)
		return NULL;
	writer->pending = page;
	return writer->bytes + (size_t)writer->data.pages * MIGRATION_PAGE;
}

void pages_keep(struct pages_writer *writer)
{
	batch_add(&writer->data, writer->pending);
}

int pages_zero(struct pages_writer *writer, uint8_t region, uint64_t page, struct fail *fail)
{
	bool full = writer->zero.run_count == BATCH && !batch_extends(&writer->zero, region, page);

	if (batch_make_room(writer, &writer->zero, region, full, fail) < 0)
		return -1;
	batch_add(&writer->zero, page);
	return 0;
}

int pages_flush(struct pages_writer *writer, struct fail *fail)
{
	if (batch_send(writer, &writer->data, fail) < 0)
		return -1;
	return batch_send(writer, &writer->zero, fail);
}

struct pages_reader *pages_reader_create(void)
{
	struct pages_reader *reader = calloc(1, sizeof(*reader));

	if (!reader)
		return NULL;
	reader->bytes = malloc((size_t)BATCH * MIGRATION_PAGE);
	reader->zstd = ZSTD_createDCtx();
	if (!reader->bytes || !reader->zstd) {
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
	free(reader);
}

static int fail_damaged(struct fail *fail)
{
	return fail_set(fail, "bad-stream", "The stream has pages that make no sense: it is damaged, or not from the agreed peer.");
}

/* The contents of `pages` pages, NULL if the message does not hold exactly those. */
static const uint8_t *contents(struct pages_reader *reader, enum encoding encoding, const uint8_t *bytes, size_t size, uint64_t pages)
{
	size_t wanted = (size_t)pages * MIGRATION_PAGE;

	if (pages > BATCH)
		return NULL;
	if (encoding == ENCODING_RAW)
		return size == wanted ? bytes : NULL;
	if (encoding != ENCODING_ZSTD || ZSTD_decompressDCtx(reader->zstd, reader->bytes, (size_t)BATCH * MIGRATION_PAGE, bytes, size) != wanted)
		return NULL;
	return reader->bytes;
}

int pages_read(struct pages_reader *reader, const struct wire_message *message, pages_run *fn, void *arg, struct fail *fail)
{
	const uint8_t *bytes = message->bytes, *data = NULL;
	size_t runs = message->size >= HEADER ? little_get(bytes + 2, 2) : 0, head = HEADER + runs * RUN_SIZE;
	uint64_t pages = 0;

	if (!runs || runs > BATCH || head > message->size)
		return fail_damaged(fail);
	for (size_t i = 0; i < runs; i++) {
		uint64_t count = little_get(bytes + HEADER + i * RUN_SIZE + 8, 4);

		if (!count)
			return fail_damaged(fail);
		pages += count;
	}
	if (bytes[1] == ENCODING_ZERO) {
		if (message->size != head)
			return fail_damaged(fail);
	} else {
		data = contents(reader, bytes[1], bytes + head, message->size - head, pages);
		if (!data)
			return fail_damaged(fail);
	}
	for (size_t i = 0; i < runs; i++) {
		uint64_t first = little_get(bytes + HEADER + i * RUN_SIZE, 8);
		uint32_t count = (uint32_t)little_get(bytes + HEADER + i * RUN_SIZE + 8, 4);

		if (fn(arg, bytes[0], first, count, data, fail) < 0)
			return -1;
		if (data)
			data += (size_t)count * MIGRATION_PAGE;
	}
	return 0;
}
