/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A saved state, as `mobihost put state` gets it: `u8 type | u16 size | bytes` after each other become messages, the magic follows the first one, all is compressed. Type 0:
 * bytes that are no message. What was refused must have left nothing; what was taken is a whole instance that can be deleted.
 */
#define _GNU_SOURCE
#include "../../src/state_put.h"
#include "fuzz.h"

#include <sys/mman.h>
#include <zstd.h>

#include "../../src/instance.h"
#include "../../src/little.h"
#include "../../src/state_stream.h"

#define INSTANCE "0123456789abcdef"

static struct store store;

static void set_up(void)
{
	const char *parent = getenv("TMPDIR");
	char folder[500];
	struct fail fail;

	snprintf(folder, sizeof(folder), "%s/state-fuzz-XXXXXX", parent ? parent : "/tmp");
	MUST(mkdtemp(folder) && store_open(&store, folder, &fail) == 0);
}

static size_t build(const uint8_t *data, size_t size, uint8_t *stream, size_t room)
{
	size_t used = 0;

	for (unsigned count = 0; size > 3; count++) {
		uint8_t type = (uint8_t)fuzz_number(&data, &size, 1);
		size_t part = fuzz_number(&data, &size, 2);

		part = part < size ? part : size;
		if (used + part + 64 > room)
			break;
		if (type) {
			stream[used] = type;
			little_put(stream + used + 1, part, 3);
			used += 4;
		}
		memcpy(stream + used, data, part);
		used += part;
		if (!count) {
			memcpy(stream + used, STATE_MAGIC, STATE_MAGIC_SIZE);
			used += STATE_MAGIC_SIZE;
		}
		data += part;
		size -= part;
	}
	return used;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t stream[1 << 20], packed[2 << 20];
	size_t used, length;
	json_t *result;
	struct fail fail;
	char path[600];
	int fd;

	if (!store.path[0])
		set_up();
	used = build(data, size, stream, sizeof(stream));
	length = ZSTD_compress(packed, sizeof(packed), stream, used, 1);
	fd = memfd_create("state", MFD_CLOEXEC);
	MUST(!ZSTD_isError(length) && fd >= 0 && pwrite(fd, packed, length, 0) == (ssize_t)length);
	result = state_put(&store, INSTANCE, fd, &fail);
	close(fd);
	if (result)
		MUST(instance_delete(&store, INSTANCE, &fail) == 0);
	else
		MUST(strlen(fail.code) && strlen(fail.message) > 10);
	snprintf(path, sizeof(path), "%s/vms/" INSTANCE, store.path);
	MUST(access(path, F_OK) < 0);
	json_decref(result);
	return 0;
}
