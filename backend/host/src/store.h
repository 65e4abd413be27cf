/* SPDX-License-Identifier: Apache-2.0 */
/* The host folder (docs/protocols.md, section 4) and careful files in it. */
#ifndef MOBIHOST_STORE_H
#define MOBIHOST_STORE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "fail.h"

#define STORE_PATH_MAX 4096

struct store {
	int fd;                    /* the folder itself */
	char path[STORE_PATH_MAX]; /* absolute */
};

/*
 * Opens the folder, making what is missing of it (mode 0700). folder: as given on the command line, NULL for MOBITOPOLO_FOLDER or
 * ~/.local/share/mobitopolo.
 */
int store_open(struct store *store, const char *folder, struct fail *fail);
void store_close(struct store *store);

/* A folder below the store's, such as "vms"; -1 with errno. */
int store_folder(const struct store *store, const char *name);
/* Opens vms/<instance>; fails with "no-such-instance". */
int store_instance(const struct store *store, const char *instance, struct fail *fail);

/* Whole small file, terminated by a zero byte that size does not count. NULL with errno; EFBIG beyond max. */
char *store_read(int folder, const char *name, size_t max, size_t *size);
json_t *store_read_json(int folder, const char *name, struct fail *fail);
/* Replaces the file by rename; mode 0600. sync: on disk when it returns. Negative errno on failure, the old file then is as it was. */
int store_write(int folder, const char *name, const void *data, size_t size, bool sync);
int store_write_json(int folder, const char *name, const json_t *value, bool sync, struct fail *fail);
/* Removes a file, or a folder with all that is in it. Negative errno. */
int store_remove(int folder, const char *name);

/* Calls fn for each entry but . and .. in no particular order; stops when it returns non-zero and returns that. Negative errno. */
int store_each(int folder, int (*fn)(void *arg, int folder, const char *name), void *arg);

/* All of it, or negative errno. */
int store_write_all(int fd, const void *data, size_t size);

/* 16 random hexadecimal digits. */
void store_random_instance(char instance[17]);

/* Lock file for exclusive use, made when missing. -1 with errno; EWOULDBLOCK when another holds it. Closing the descriptor unlocks. */
int store_lock(int folder, const char *name, bool wait);

#endif
