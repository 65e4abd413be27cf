/* SPDX-License-Identifier: Apache-2.0 */
/* What `mobihost capture` gets from a supervisor, in pieces of a size that the first byte tells. What it writes must be whole blocks. */
#include "../../src/capture_file.h"
#include "../../src/little.h"
#include "fuzz.h"

static int check_block(void *arg, const void *bytes, size_t size)
{
	(void)arg;
	MUST(size >= 12 && size % 4 == 0 && little_get((const uint8_t *)bytes + 4, 4) == size);
	MUST(little_get((const uint8_t *)bytes + size - 4, 4) == size);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct capture_file file;
	size_t piece = 1 + fuzz_number(&data, &size, 1) * 7;

	MUST(!capture_file_init(&file, CAPTURE_SNAP_MAX, check_block, NULL));
	MUST(!capture_file_begin(&file, "fuzz eth0"));
	while (size) {
		size_t part = piece < size ? piece : size;

		if (capture_file_take(&file, data, part) < 0)
			break;
		data += part;
		size -= part;
	}
	capture_file_end(&file);
	capture_file_clear(&file);
	return 0;
}
