/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Base images are named by the SHA-256 of their raw bytes and never change. Several may be put at once, by several desktops, also the same one: each writes a
 * file of its own and renames it when hash and end of the stream are right.
 *
 * Files are sparse: blocks of zeros are not written, only counted. The stream is a peer's: its unpacked size is limited by the folder's free space and IMAGE_MAX, its
 * window by IMAGE_WINDOW_LOG.
 */
#define _GNU_SOURCE
#include "image.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "params.h"
#include "part.h"

#define IMAGE_MAX ((uint64_t)1 << 40)
#define IMAGE_WINDOW_LOG 27 /* what zstd itself allows by default: 128 MiB */
#define IMAGE_BLOCK 4096
#define IMAGE_BUFFER (1024 * 1024)
#define IMAGE_LEVEL 3

bool image_present(const struct store *store, const char *sha256)
{
	char name[80];

	snprintf(name, sizeof(name), "images/%.64s", sha256);
	return faccessat(store->fd, name, R_OK, 0) == 0;
}

int image_open(const struct store *store, const char *sha256, const char *pieces, int *there_fd, struct fail *fail)
{
	char name[80];

	snprintf(name, sizeof(name), "images/%.64s", sha256);
	/* A part may become the image between the two looks. */
	for (int look = 0; look < 2; look++) {
		int fd = openat(store->fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

		*there_fd = -1;
		if (fd < 0 && errno == ENOENT && pieces)
			fd = part_open(store, sha256, pieces, there_fd);
		if (fd >= 0)
			return fd;
	}
	return fail_set(fail, "no-image", "The base image %s cannot be opened on this host: %s. Connect a desktop that has the image, so that it is put there, and try again.", sha256,
			strerror(errno));
}

static int list_image(void *arg, int folder, const char *name)
{
	struct stat info;

	if (params_is_hex(name, 64) && fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(info.st_mode))
		json_array_append_new(arg, json_pack("{ss sI sI}", "sha256", name, "bytes", (json_int_t)info.st_size, "stored", (json_int_t)info.st_blocks * 512));
	return 0;
}

json_t *image_list(const struct store *store)
{
	json_t *list = json_array();
	int images = store_folder(store, "images");

	if (images >= 0) {
		store_each(images, list_image, list);
		close(images);
	}
	return list;
}

static bool all_zero(const unsigned char *data, size_t size)
{
	return !size || (!data[0] && !memcmp(data, data + 1, size - 1));
}

/* Writes at `offset` what is not zero. Negative errno. */
static int write_sparse(int fd, const unsigned char *data, size_t size, uint64_t offset)
{
	while (size) {
		size_t part = IMAGE_BLOCK - offset % IMAGE_BLOCK;

		if (part > size)
			part = size;
		if (!all_zero(data, part)) {
			/* As many blocks at once as are not zero. */
			while (part < size && !all_zero(data + part, size - part < IMAGE_BLOCK ? size - part : IMAGE_BLOCK))
				part += size - part < IMAGE_BLOCK ? size - part : IMAGE_BLOCK;
			for (size_t at = 0; at < part;) {
				ssize_t count = pwrite(fd, data + at, part - at, (off_t)(offset + at));

				if (count < 0 && errno != EINTR)
					return -errno;
				at += count > 0 ? (size_t)count : 0;
			}
		}
		data += part;
		offset += part;
		size -= part;
	}
	return 0;
}

static ssize_t read_some(int fd, void *data, size_t size)
{
	ssize_t count;

	do {
		count = read(fd, data, size);
	} while (count < 0 && errno == EINTR);
	return count;
}

/* Unpacks fd's stream into file; *total: bytes, hash: of them. */
static int unpack(int fd, int file, uint64_t *total, unsigned char hash[32], struct fail *fail)
{
	ZSTD_DCtx *zstd = ZSTD_createDCtx();
	unsigned char *in = malloc(IMAGE_BUFFER), *out = malloc(IMAGE_BUFFER);
	crypto_hash_sha256_state state;
	size_t hint = 1;
	int status = -1;

	*total = 0;
	crypto_hash_sha256_init(&state);
	if (!zstd || !in || !out) {
		fail_set(fail, "no-memory", "The host has no memory to unpack the image.");
		goto out;
	}
	ZSTD_DCtx_setParameter(zstd, ZSTD_d_windowLogMax, IMAGE_WINDOW_LOG);
	for (;;) {
		ssize_t count = read_some(fd, in, IMAGE_BUFFER);
		ZSTD_inBuffer source = { in, count > 0 ? (size_t)count : 0, 0 };

		if (count < 0) {
			fail_set(fail, "io", "The image's stream broke off: %s. Nothing was installed; upload it again.", strerror(errno));
			goto out;
		}
		if (!count)
			break;
		while (source.pos < source.size) {
			ZSTD_outBuffer target = { out, IMAGE_BUFFER, 0 };
			int error;

			hint = ZSTD_decompressStream(zstd, &target, &source);
			if (ZSTD_isError(hint)) {
				fail_set(fail, "damaged", "The image's stream is not valid zstd (%s). Nothing was installed; upload it again.", ZSTD_getErrorName(hint));
				goto out;
			}
			crypto_hash_sha256_update(&state, out, target.pos);
			error = *total + target.pos > IMAGE_MAX ? -EFBIG : write_sparse(file, out, target.pos, *total);
			if (error) {
				fail_set(fail, "no-space", "The image could not be written: %s. Nothing was installed; free space in the host folder.", strerror(-error));
				goto out;
			}
			*total += target.pos;
		}
	}
	if (hint) {
		fail_set(fail, "damaged", "The image's stream ended too early. Nothing was installed; upload it again.");
		goto out;
	}
	crypto_hash_sha256_final(&state, hash);
	status = 0;
out:
	ZSTD_freeDCtx(zstd);
	free(in);
	free(out);
	return status;
}

int image_put(const struct store *store, const char *sha256, int fd, struct fail *fail)
{
	int images = store_folder(store, "images"), file = -1, status = -1;
	unsigned char hash[32];
	char temporary[100], text[65];
	uint64_t total;

	if (images < 0)
		return fail_set(fail, "io", "The folder for images could not be opened: %s.", strerror(errno));
	snprintf(temporary, sizeof(temporary), ".%s.%d", sha256, (int)getpid());
	file = openat(images, temporary, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0400);
	if (file < 0) {
		fail_set(fail, "io", "The image's file could not be made: %s.", strerror(errno));
		goto out;
	}
	if (unpack(fd, file, &total, hash, fail) < 0)
		goto out;
	sodium_bin2hex(text, sizeof(text), hash, sizeof(hash));
	if (strcmp(text, sha256)) {
		fail_set(fail, "wrong-hash", "The image that came has the hash %s, wanted was %s. Nothing was installed.", text, sha256);
		goto out;
	}
	if (ftruncate(file, (off_t)total) < 0 || fsync(file) < 0 || renameat(images, temporary, images, sha256) < 0) {
		fail_set(fail, "no-space", "The image could not be installed: %s. Free space in the host folder.", strerror(errno));
		goto out;
	}
	part_fill_all(store, sha256);
	status = 0;
out:
	if (status && file >= 0)
		unlinkat(images, temporary, 0);
	if (file >= 0)
		close(file);
	close(images);
	return status;
}

int image_get(const struct store *store, const char *sha256, int fd, struct fail *fail)
{
	int images = store_folder(store, "images"), file = images < 0 ? -1 : openat(images, sha256, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), status = -1;
	unsigned char *in = malloc(IMAGE_BUFFER), *out = malloc(IMAGE_BUFFER);
	ZSTD_CCtx *zstd = ZSTD_createCCtx();
	ssize_t count;

	if (images >= 0)
		close(images);
	if (file < 0) {
		fail_set(fail, "no-image", "The image %s is not on this host.", sha256);
		goto out;
	}
	if (!in || !out || !zstd) {
		fail_set(fail, "no-memory", "The host has no memory to pack the image.");
		goto out;
	}
	ZSTD_CCtx_setParameter(zstd, ZSTD_c_compressionLevel, IMAGE_LEVEL);
	do {
		ZSTD_inBuffer source = { in, 0, 0 };
		size_t left;

		count = read_some(file, in, IMAGE_BUFFER);
		if (count < 0) {
			fail_set(fail, "io", "The image %s could not be read: %s.", sha256, strerror(errno));
			goto out;
		}
		source.size = (size_t)count;
		do {
			ZSTD_outBuffer target = { out, IMAGE_BUFFER, 0 };
			int error;

			left = ZSTD_compressStream2(zstd, &target, &source, count ? ZSTD_e_continue : ZSTD_e_end);
			error = store_write_all(fd, out, target.pos);
			if (ZSTD_isError(left) || error) {
				fail_set(fail, "io", "The image %s could not be sent: %s.", sha256, error ? strerror(-error) : ZSTD_getErrorName(left));
				goto out;
			}
		} while (count ? source.pos < source.size : left > 0);
	} while (count);
	status = 0;
out:
	if (file >= 0)
		close(file);
	free(in);
	free(out);
	ZSTD_freeCCtx(zstd);
	return status;
}
