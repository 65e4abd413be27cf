/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "pieces.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "little.h"

#define MAGIC "MOBIPCS1"
#define LEVEL 3

int pieces_read_exactly(int fd, void *data, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t count = read(fd, (char *)data + done, size - done);

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return -errno;
		if (!count)
			return done ? -EPIPE : 0;
		done += (size_t)count;
	}
	return 1;
}

static int list_make(struct pieces *pieces, uint64_t bytes)
{
	static const uint8_t zeros[PIECE_SIZE];

	pieces->bytes = bytes;
	pieces->count = (uint32_t)((bytes + PIECE_SIZE - 1) / PIECE_SIZE);
	pieces->list = calloc(1, PIECES_HEAD + (size_t)pieces->count * PIECE_HASH);
	if (!pieces->list)
		return -1;
	memcpy(pieces->list, MAGIC, 8);
	little_put(pieces->list + 8, bytes, 8);
	little_put(pieces->list + 16, PIECE_SIZE, 4);
	crypto_hash_sha256(pieces->zero, zeros, sizeof(zeros));
	return 0;
}

static void list_name(struct pieces *pieces)
{
	uint8_t hash[PIECE_HASH];

	crypto_hash_sha256(hash, pieces->list, PIECES_HEAD + (size_t)pieces->count * PIECE_HASH);
	sodium_bin2hex(pieces->name, sizeof(pieces->name), hash, sizeof(hash));
}

int pieces_read(struct pieces *pieces, int fd, struct fail *fail)
{
	uint8_t head[PIECES_HEAD];

	*pieces = (struct pieces){ 0 };
	if (pieces_read_exactly(fd, head, sizeof(head)) <= 0)
		return fail_set(fail, "io", "The list of the image's pieces did not come.");
	if (memcmp(head, MAGIC, 8) || little_get(head + 16, 4) != PIECE_SIZE || little_get(head + 20, 4) || !little_get(head + 8, 8))
		return fail_set(fail, "version", "The list of the image's pieces has a form that this agent does not know. Use the agent that belongs to the desktop.");
	if (little_get(head + 8, 8) > PIECES_IMAGE_MAX)
		return fail_set(fail, "too-long", "The image has %llu MiB, more than can be fetched piece by piece.", (unsigned long long)(little_get(head + 8, 8) >> 20));
	if (list_make(pieces, little_get(head + 8, 8)) < 0)
		return fail_set(fail, "no-memory", "The host has no memory for the list of the image's pieces.");
	if (pieces_read_exactly(fd, pieces->list + PIECES_HEAD, (size_t)pieces->count * PIECE_HASH) <= 0) {
		pieces_free(pieces);
		return fail_set(fail, "damaged", "The list of the image's pieces ended too early.");
	}
	list_name(pieces);
	return 0;
}

void pieces_free(struct pieces *pieces)
{
	free(pieces->list);
	*pieces = (struct pieces){ 0 };
}

const uint8_t *pieces_hash(const struct pieces *pieces, uint32_t piece)
{
	return pieces->list + PIECES_HEAD + (size_t)piece * PIECE_HASH;
}

size_t pieces_length(const struct pieces *pieces, uint32_t piece)
{
	uint64_t left = pieces->bytes - (uint64_t)piece * PIECE_SIZE;

	return left < PIECE_SIZE ? (size_t)left : PIECE_SIZE;
}

static int read_piece(const struct pieces *pieces, int file, uint32_t piece, uint8_t *data)
{
	size_t length = pieces_length(pieces, piece), done = 0;

	while (done < length) {
		ssize_t count = pread(file, data + done, length - done, (off_t)((uint64_t)piece * PIECE_SIZE + done));

		if (count <= 0 && errno != EINTR)
			return -1;
		done += count > 0 ? (size_t)count : 0;
	}
	return 0;
}

static int send_piece(const struct pieces *pieces, int file, uint32_t piece, int out, uint8_t *data, uint8_t *packed)
{
	size_t size;

	if (read_piece(pieces, file, piece, data) < 0)
		return -EIO;
	size = ZSTD_compress(packed + 8, PIECE_PACKED_MAX, data, pieces_length(pieces, piece), LEVEL);
	if (ZSTD_isError(size))
		return -ENOMEM;
	little_put(packed, piece, 4);
	little_put(packed + 4, size, 4);
	return store_write_all(out, packed, 8 + size);
}

int pieces_get(const struct store *store, const char *sha256, int in, int out, struct fail *fail)
{
	int images = store_folder(store, "images"), file = images < 0 ? -1 : openat(images, sha256, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), status = -1;
	uint8_t *data = malloc(PIECE_SIZE), *packed = malloc(8 + PIECE_PACKED_MAX);
	FILE *wishes = fdopen(in, "r");
	struct pieces pieces = { 0 };
	struct stat info;
	unsigned piece;

	if (images >= 0)
		close(images);
	if (file < 0 || fstat(file, &info) < 0) {
		fail_set(fail, "no-image", "The image %s is not on this host.", sha256);
		goto out;
	}
	if ((uint64_t)info.st_size > PIECES_IMAGE_MAX || !info.st_size || !data || !packed || !wishes || list_make(&pieces, (uint64_t)info.st_size) < 0) {
		fail_set(fail, "no-memory", "The host has no memory to send the image in pieces.");
		goto out;
	}
	for (uint32_t i = 0; i < pieces.count; i++) {
		if (read_piece(&pieces, file, i, data) < 0)
			goto unreadable;
		crypto_hash_sha256(pieces.list + PIECES_HEAD + (size_t)i * PIECE_HASH, data, pieces_length(&pieces, i));
	}
	status = store_write_all(out, pieces.list, PIECES_HEAD + (size_t)pieces.count * PIECE_HASH);
	while (!status && fscanf(wishes, " want %u", &piece) == 1 && piece < pieces.count)
		status = send_piece(&pieces, file, piece, out, data, packed);
	if (!status)
		goto out;
unreadable:
	status = fail_set(fail, "io", "The image %s could not be sent: it cannot be read, or nobody takes it.", sha256);
out:
	if (file >= 0)
		close(file);
	if (wishes)
		fclose(wishes);
	free(data);
	free(packed);
	pieces_free(&pieces);
	return status;
}
