/* SPDX-License-Identifier: Apache-2.0 */
/* A VM's disk: shared base image, overlay, and the block map which the guest kernel writes (backend/kernel/um_disk.h). */
#ifndef MOBIHOST_DISK_H
#define MOBIHOST_DISK_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "../../kernel/um_disk.h"
#include "store.h"

struct disk {
	int base_fd;    /* -1: none */
	int there_fd;   /* what is there of the base (part.h); -1: all of it */
	int told_fd;    /* the same, for the guest: to be read only */
	int overlay_fd; /* sparse, of the disk's size */
	int map_fd;
	uint64_t blocks;
	struct um_disk_map *map; /* the mapped file */
	uint64_t map_size;       /* bytes of it */
	uint64_t *present, *dirty; /* bitmaps in the map, UM_DISK_BITMAP_BYTES(blocks) each; access words atomically */
};

/*
 * Opens overlay<index> and map<index> in the current directory, creating them when they are missing, and the base that `config` names, an element of a
 * configuration's "disks". 0, or -1 with *fail filled.
 */
int disk_open(struct disk *disk, unsigned index, const struct store *store, const json_t *config, struct fail *fail);
void disk_close(struct disk *disk);
/* Whether two configurations' "disks" are the same, by whatever lists their images are fetched. */
bool disks_same(const json_t *a, const json_t *b);
/* Bytes of the file system that the overlay takes. */
uint64_t disk_overlay_bytes(const struct disk *disk);

#endif
