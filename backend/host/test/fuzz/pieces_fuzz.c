/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A list of pieces and pieces, as `mobihost fetch image` gets them. Whatever comes, an image of that name is not among it: none may be installed. A second run on what the
 * first one left must take it as it is.
 */
#define _GNU_SOURCE
#include "../../src/fetch.h"
#include "fuzz.h"

#include <fcntl.h>
#include <sys/mman.h>

#define SHA256 "00000000000000000000000000000000000000000000000000000000000000aa"

static struct store store;
static int null_fd = -1;

static void set_up(void)
{
	const char *parent = getenv("TMPDIR");
	char folder[500];
	struct fail fail;

	snprintf(folder, sizeof(folder), "%s/pieces-fuzz-XXXXXX", parent ? parent : "/tmp");
	null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	MUST(null_fd >= 0 && mkdtemp(folder) && store_open(&store, folder, &fail) == 0);
}

static int remove_one(void *arg, int folder, const char *name)
{
	(void)arg;
	return unlinkat(folder, name, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd, images;

	if (!store.path[0])
		set_up();
	/* Images of 16 MiB and less: each is looked through, and its map made. */
	if (size >= 16 && (data[11] || data[12] || data[13] || data[14] || data[15]))
		return 0;
	fd = memfd_create("pieces", MFD_CLOEXEC);
	MUST(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	for (unsigned run = 0; run < 2; run++) {
		struct fail fail = { 0 };

		MUST(lseek(fd, 0, SEEK_SET) == 0);
		MUST(fetch_image(&store, SHA256, fd, null_fd, &fail) < 0);
		MUST(strlen(fail.code) && strlen(fail.message) > 10);
	}
	close(fd);
	MUST(faccessat(store.fd, "images/" SHA256, F_OK, 0) < 0);
	images = store_folder(&store, "images");
	MUST(images >= 0 && store_each(images, remove_one, NULL) == 0);
	close(images);
	return 0;
}
