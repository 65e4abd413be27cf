/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One process an image and host: the source is at the other end of its standard input and output (a desktop, which may pass on what another host has). It says which
 * piece it wants next, so the order is decided here, where it is known what guests wait for:
 *   - pieces that a guest waits for, at once, whatever else is under way;
 *   - the others in order, beginning behind the piece that was asked for last, as guests read on where they have read. So many of them are under way that
 *     a piece takes about QUEUE_MS longer than the fastest one took: more would only lie in queues, before the pieces that a guest will wait for.
 *
 * A piece is verified by its hash before it goes to the file; guests are told of it after that (part.c). Pieces of zeros are known by their hash and do not travel.
 * When all are there the whole file is verified by the SHA-256 of the image's name, and becomes the image.
 *
 * Two threads: one waits for pieces, the other for wishes. What they share is under the lock; the part's bitmaps are atomic.
 *
 * A second one for the same list waits, tells how far the first one is, and goes on in its place when that ends.
 */
#define _GNU_SOURCE
#include "fetch.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <zstd.h>

#include "clock.h"
#include "image.h"
#include "little.h"
#include "part.h"
#include "pieces.h"

#define PIECE_BLOCKS (PIECE_SIZE / UM_DISK_BLOCK_SIZE)
#define WINDOW_FIRST 4
#define WINDOW_MAX 64
#define QUEUE_MS 150
#define TELL_MS 250
#define WAIT_MS 200
#define DISK_RESERVE ((uint64_t)64 << 20)

struct fetch {
	const struct store *store;
	const char *sha256;
	struct pieces pieces;
	struct part part;
	int in, out;
	uint8_t *packed, *data; /* of the piece that just comes */

	pthread_mutex_t lock;
	uint64_t *asked_ms; /* when a piece was asked for, 0: it was not, of each */
	uint32_t missing, under_way, window, cursor;
	uint64_t fastest_ms, narrowed_ms, told_ms;
	bool ended;
};

static void say(struct fetch *fetch, const char *word, long long number)
{
	char line[40];
	int length = number < 0 ? snprintf(line, sizeof(line), "%s\n", word) : snprintf(line, sizeof(line), "%s %lld\n", word, number);

	/* Whoever reads no more sends no more either, which is what ends this. */
	store_write_all(fetch->out, line, (size_t)length);
}

static void tell_missing(struct fetch *fetch, uint32_t missing)
{
	if (clock_ms() - fetch->told_ms < TELL_MS)
		return;
	fetch->told_ms = clock_ms();
	say(fetch, "missing", missing);
}

static uint64_t first_block(uint32_t piece)
{
	return (uint64_t)piece * PIECE_BLOCKS;
}

static uint64_t end_block(const struct fetch *fetch, uint32_t piece)
{
	uint64_t end = first_block(piece) + PIECE_BLOCKS, blocks = fetch->part.map->there.blocks;

	return end < blocks ? end : blocks;
}

static bool piece_there(const struct fetch *fetch, uint32_t piece)
{
	for (uint64_t block = first_block(piece); block < end_block(fetch, piece); block++)
		if (!part_has(&fetch->part, block))
			return false;
	return true;
}

static bool piece_wanted(const struct fetch *fetch, uint32_t piece)
{
	for (uint64_t block = first_block(piece); block < end_block(fetch, piece); block++)
		if (part_wants(&fetch->part, block) && !part_has(&fetch->part, block))
			return true;
	return false;
}

/* Asking: the lock is held. */

static void ask(struct fetch *fetch, uint32_t piece)
{
	fetch->asked_ms[piece] = clock_ms();
	fetch->under_way++;
	say(fetch, "want", piece);
}

static bool can_ask(const struct fetch *fetch, uint32_t piece)
{
	return !fetch->asked_ms[piece] && !piece_there(fetch, piece);
}

static void ask_wanted(struct fetch *fetch)
{
	for (uint32_t piece = 0; piece < fetch->pieces.count; piece++) {
		/* 64 blocks without a wish at once */
		if (piece % 4 == 0 && !__atomic_load_n(&fetch->part.wanted[first_block(piece) / 64], __ATOMIC_ACQUIRE)) {
			piece += 3;
			continue;
		}
		if (!fetch->asked_ms[piece] && piece_wanted(fetch, piece)) {
			ask(fetch, piece);
			fetch->cursor = piece + 1;
		}
	}
}

static void ask_others(struct fetch *fetch)
{
	for (uint32_t looked = 0; looked < fetch->pieces.count && fetch->under_way < fetch->window; looked++) {
		if (fetch->cursor >= fetch->pieces.count)
			fetch->cursor = 0;
		if (can_ask(fetch, fetch->cursor))
			ask(fetch, fetch->cursor);
		fetch->cursor++;
	}
}

/* By how long this one took: see the head of this file. */
static void adapt_window(struct fetch *fetch, uint64_t asked_ms)
{
	uint64_t now = clock_ms(), took = now - asked_ms;

	if (!fetch->fastest_ms || took < fetch->fastest_ms)
		fetch->fastest_ms = took;
	if (took <= fetch->fastest_ms + QUEUE_MS) {
		if (fetch->window < WINDOW_MAX)
			fetch->window++;
	} else if (asked_ms > fetch->narrowed_ms) {
		fetch->window = fetch->window > 1 ? fetch->window / 2 : 1;
		fetch->narrowed_ms = now;
	}
}

static void *watch_wishes(void *arg)
{
	struct fetch *fetch = arg;

	pthread_mutex_lock(&fetch->lock);
	while (!fetch->ended) {
		uint32_t asked = part_asked(&fetch->part);

		ask_wanted(fetch);
		/* So that the other thread ends: all is there, from elsewhere. */
		if (image_present(fetch->store, fetch->sha256) && part_fill(&fetch->part, fetch->sha256) == 0) {
			say(fetch, "whole", -1);
			_exit(0);
		}
		pthread_mutex_unlock(&fetch->lock);
		part_wait_asked(&fetch->part, asked);
		pthread_mutex_lock(&fetch->lock);
	}
	pthread_mutex_unlock(&fetch->lock);
	return NULL;
}

/* Pieces. */

static bool hash_agrees(const struct fetch *fetch, uint32_t piece)
{
	uint8_t hash[PIECE_HASH];

	crypto_hash_sha256(hash, fetch->data, pieces_length(&fetch->pieces, piece));
	return !memcmp(hash, pieces_hash(&fetch->pieces, piece), sizeof(hash));
}

static int write_piece(struct fetch *fetch, uint32_t piece)
{
	size_t length = pieces_length(&fetch->pieces, piece), done = 0;

	while (done < length) {
		ssize_t count = pwrite(fetch->part.fd, fetch->data + done, length - done, (off_t)((uint64_t)piece * PIECE_SIZE + done));

		if (count < 0 && errno != EINTR)
			return -errno;
		done += count > 0 ? (size_t)count : 0;
	}
	return 0;
}

static void piece_came(struct fetch *fetch, uint32_t piece)
{
	part_came(&fetch->part, first_block(piece), end_block(fetch, piece) - first_block(piece));
}

/* 1, 0 at the end of the source, or -1 with *fail. */
static int receive_piece(struct fetch *fetch, uint32_t *piece, struct fail *fail)
{
	uint8_t head[8];
	uint32_t packed;
	int status = pieces_read_exactly(fetch->in, head, sizeof(head));
	size_t length;

	*piece = (uint32_t)little_get(head, 4);
	packed = (uint32_t)little_get(head + 4, 4);
	if (status > 0 && (*piece >= fetch->pieces.count || !packed || packed > PIECE_PACKED_MAX))
		return fail_set(fail, "damaged", "The source of image %s does not keep to the protocol. What is there of it is kept; fetch the rest from elsewhere.", fetch->sha256);
	if (status > 0)
		status = pieces_read_exactly(fetch->in, fetch->packed, packed);
	if (status <= 0)
		return 0;
	length = pieces_length(&fetch->pieces, *piece);
	if (ZSTD_decompress(fetch->data, length, fetch->packed, packed) != length || !hash_agrees(fetch, *piece))
		return fail_set(fail, "damaged", "Piece %u of image %s is not what the list says: its source is damaged, or lies. The piece was not used and what is there is kept; fetch the rest from elsewhere.",
				*piece, fetch->sha256);
	return 1;
}

static int take_pieces(struct fetch *fetch, struct fail *fail)
{
	while (fetch->missing) {
		uint32_t piece;
		int status = receive_piece(fetch, &piece, fail);

		if (status < 0)
			return -1;
		if (!status)
			return fail_set(fail, "ended", "The source of image %s ended while %u of its %u pieces were missing. Guests that need one of them wait until the image is fetched again.",
					fetch->sha256, fetch->missing, fetch->pieces.count);
		if (piece_there(fetch, piece))
			continue;
		status = write_piece(fetch, piece);
		if (status)
			return fail_set(fail, "no-space", "Piece %u of image %s could not be written: %s. Guests that need it wait; free space in the host folder.", piece,
					fetch->sha256, strerror(-status));
		piece_came(fetch, piece);
		pthread_mutex_lock(&fetch->lock);
		fetch->missing--;
		if (fetch->asked_ms[piece]) {
			fetch->under_way--;
			adapt_window(fetch, fetch->asked_ms[piece]);
		}
		ask_wanted(fetch);
		ask_others(fetch);
		tell_missing(fetch, fetch->missing);
		pthread_mutex_unlock(&fetch->lock);
	}
	return 0;
}

/* Before and after. */

static int read_stored(struct fetch *fetch, uint32_t piece)
{
	size_t length = pieces_length(&fetch->pieces, piece);

	return pread(fetch->part.fd, fetch->data, length, (off_t)((uint64_t)piece * PIECE_SIZE)) == (ssize_t)length ? 0 : -1;
}

static bool is_zero(const struct fetch *fetch, uint32_t piece)
{
	return pieces_length(&fetch->pieces, piece) == PIECE_SIZE && !memcmp(pieces_hash(&fetch->pieces, piece), fetch->pieces.zero, PIECE_HASH);
}

/* Whether the file has the piece already; most of it may be a hole. */
static bool stored_agrees(struct fetch *fetch, uint32_t piece)
{
	if (read_stored(fetch, piece) < 0)
		return false;
	if (!fetch->data[0] && !memcmp(fetch->data, fetch->data + 1, pieces_length(&fetch->pieces, piece) - 1))
		return is_zero(fetch, piece);
	return hash_agrees(fetch, piece);
}

/* What need not travel: what is in the file of a map whose bits did not hold any more, and zeros. Counts the rest. */
static void find_there(struct fetch *fetch, bool valid)
{
	fetch->missing = 0;
	for (uint32_t piece = 0; piece < fetch->pieces.count; piece++) {
		if (piece_there(fetch, piece))
			continue;
		/* While the bits hold, what they do not tell of was never written, or only in part. */
		if (!valid && stored_agrees(fetch, piece))
			piece_came(fetch, piece);
		else
			fetch->missing++;
	}
}

static int check_space(const struct fetch *fetch, struct fail *fail)
{
	uint64_t need = (uint64_t)fetch->missing * PIECE_SIZE + DISK_RESERVE;
	struct statvfs space;

	if (fstatvfs(fetch->part.fd, &space) < 0 || (uint64_t)space.f_bavail * space.f_frsize >= need)
		return 0;
	return fail_set(fail, "no-space", "Image %s needs %llu MiB in the host folder, where %llu MiB are free. Free space there.", fetch->sha256, (unsigned long long)(need >> 20),
			(unsigned long long)((uint64_t)space.f_bavail * space.f_frsize >> 20));
}

static int verify_whole(struct fetch *fetch, struct fail *fail)
{
	crypto_hash_sha256_state state;
	unsigned char hash[32];
	char text[65];
	int status;

	crypto_hash_sha256_init(&state);
	for (uint32_t piece = 0; piece < fetch->pieces.count; piece++) {
		if (read_stored(fetch, piece) < 0)
			return fail_set(fail, "io", "The image %s could not be read again after all of it had come: %s.", fetch->sha256, strerror(errno));
		crypto_hash_sha256_update(&state, fetch->data, pieces_length(&fetch->pieces, piece));
	}
	crypto_hash_sha256_final(&state, hash);
	sodium_bin2hex(text, sizeof(text), hash, sizeof(hash));
	if (strcmp(text, fetch->sha256)) {
		part_remove(&fetch->part);
		return fail_set(fail, "wrong-hash", "The image that came in pieces has the hash %s, wanted was %s: the list of its pieces is one of another image. It was removed; VMs that were started with it "
				"hold what was never their image: delete them.", text, fetch->sha256);
	}
	status = part_install(&fetch->part, fetch->sha256);
	if (status)
		return fail_set(fail, "no-space", "The image could not be installed: %s. Free space in the host folder.", strerror(-status));
	/* Those who trusted another list have it now as well. */
	part_fill_all(fetch->store, fetch->sha256);
	return 0;
}

/* Another one fetches: tells how far it is. 1: its place is free. 0: all is there. */
static int wait_for_other(struct fetch *fetch, struct fail *fail)
{
	bool ready = false;

	for (;;) {
		struct pollfd source = { .fd = fetch->in, .events = POLLIN };
		uint64_t bytes, missing;
		bool wanted, valid;
		int there_fd, fd, held;

		if (image_present(fetch->store, fetch->sha256))
			return 0;
		held = part_hold(&fetch->part, fetch->store, fetch->sha256, fetch->pieces.name, fetch->pieces.bytes, &valid, fail);
		if (held) {
			if (held > 0)
				find_there(fetch, valid);
			return held;
		}
		fd = part_open(fetch->store, fetch->sha256, fetch->pieces.name, &there_fd);
		if (fd >= 0) {
			if (part_count(there_fd, &bytes, &missing, &wanted) == 0) {
				missing = (missing + PIECE_SIZE - 1) / PIECE_SIZE;
				if (!ready)
					say(fetch, "ready", (long long)missing);
				else
					tell_missing(fetch, (uint32_t)missing);
				ready = true;
			}
			close(fd);
			close(there_fd);
		}
		/* Nothing was asked for: what can be read is the end. */
		if (poll(&source, 1, WAIT_MS) > 0)
			return fail_set(fail, "ended", "The source of image %s ended; another one is fetching it.", fetch->sha256);
	}
}

static int fetch_pieces(struct fetch *fetch, struct fail *fail)
{
	pthread_t wishes;
	int status;

	part_begin(&fetch->part);
	say(fetch, "ready", fetch->missing);
	if (pthread_create(&wishes, NULL, watch_wishes, fetch))
		return fail_set(fail, "no-process", "The host refuses a thread to fetch the image with.");
	pthread_mutex_lock(&fetch->lock);
	ask_others(fetch);
	pthread_mutex_unlock(&fetch->lock);
	status = take_pieces(fetch, fail);
	pthread_mutex_lock(&fetch->lock);
	fetch->ended = true;
	pthread_mutex_unlock(&fetch->lock);
	part_wake_asked(&fetch->part);
	pthread_join(wishes, NULL);
	return status;
}

int fetch_image(const struct store *store, const char *sha256, int in, int out, struct fail *fail)
{
	struct fetch fetch = { .store = store, .sha256 = sha256, .in = in, .out = out, .window = WINDOW_FIRST, .lock = PTHREAD_MUTEX_INITIALIZER };
	int status = -1;

	fetch.part.images = fetch.part.fd = fetch.part.map_fd = -1;
	if (pieces_read(&fetch.pieces, in, fail) < 0)
		return -1;
	fetch.packed = malloc(PIECE_PACKED_MAX);
	fetch.data = malloc(PIECE_SIZE);
	fetch.asked_ms = calloc(fetch.pieces.count, sizeof(*fetch.asked_ms));
	if (!fetch.packed || !fetch.data || !fetch.asked_ms)
		fail_set(fail, "no-memory", "The host has no memory to fetch the image with.");
	else
		status = wait_for_other(&fetch, fail);
	if (status > 0)
		status = check_space(&fetch, fail) < 0 || fetch_pieces(&fetch, fail) < 0 || verify_whole(&fetch, fail) < 0 ? -1 : 0;
	if (!status)
		say(&fetch, "whole", -1);
	part_close(&fetch.part);
	free(fetch.packed);
	free(fetch.data);
	free(fetch.asked_ms);
	pieces_free(&fetch.pieces);
	return status;
}
