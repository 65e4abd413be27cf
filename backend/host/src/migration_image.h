/* SPDX-License-Identifier: Apache-2.0 */
/* The copy of a VM that comes as pages: its RAM file and disks as they are filled. Theory in migration_image.c. */
#ifndef MOBIHOST_MIGRATION_IMAGE_H
#define MOBIHOST_MIGRATION_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "disk.h"
#include "fail.h"
#include "migration_copy.h"

struct image_copy {
	int ram_fd;
	struct page_table table;
	struct disk *disks[COPY_DISKS_MAX];
	unsigned disk_count;
	bool digested; /* `digest` is that of all that is here */
	uint8_t digest[COPY_DIGEST_MAX];
};

/* The descriptors and disks stay the caller's. The RAM file is made as large as `ram_size`; 0: there is none. 0, or -1 with *fail; image_copy_close in either case. */
int image_copy_open(struct image_copy *image, int ram_fd, uint64_t ram_size, uint64_t seed, struct disk *const disks[], unsigned disk_count, struct fail *fail);
void image_copy_close(struct image_copy *image);
/* A pages_run: puts pages where they belong; region and numbers are checked. */
int image_copy_run(void *arg, uint8_t region, uint64_t first, uint32_t count, const uint8_t *bytes, struct fail *fail);
/* A pages_old: reads what was put here, or zeros. */
int image_copy_old(void *arg, uint8_t region, uint64_t first, uint32_t count, uint8_t *bytes, struct fail *fail);
/* Makes the digest, for image_copy_agrees to have it ready. */
void image_copy_digest(struct image_copy *image);
/* Is this the digest of what was put here? */
bool image_copy_agrees(struct image_copy *image, const uint8_t *digest, size_t size);

#endif
