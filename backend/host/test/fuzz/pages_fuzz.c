/* SPDX-License-Identifier: Apache-2.0 */
/* A PAGES message of a migration or snapshot. Every run must lie within the message, or come from what was unpacked; of what this side has no more is asked for than a message holds. */
#include "../../src/migration_pages.h"
#include "fuzz.h"

static int touch(void *arg, uint8_t region, uint64_t first, uint32_t count, const uint8_t *bytes, struct fail *fail)
{
	unsigned *sum = arg;

	(void)region;
	(void)first;
	(void)fail;
	MUST(count && (!bytes || count <= 64));
	for (size_t i = 0; bytes && i < (size_t)count * 4096; i += 512)
		*sum += bytes[i];
	return 0;
}

static int fetch(void *arg, uint8_t region, uint64_t first, uint32_t count, uint8_t *bytes, struct fail *fail)
{
	(void)arg;
	(void)region;
	(void)fail;
	MUST(count && count <= 64);
	memset(bytes, (int)first, (size_t)count * 4096);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct pages_reader *reader;
	const struct wire_message message = { .type = WIRE_PAGES, .bytes = data, .size = size };
	struct fail fail;
	unsigned sum = 0;

	if (!reader)
		reader = pages_reader_create();
	MUST(reader);
	if (size <= WIRE_PAYLOAD_MAX)
		pages_read(reader, &message, touch, fetch, &sum, &fail);
	return 0;
}
