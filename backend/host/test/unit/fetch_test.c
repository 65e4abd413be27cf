/* SPDX-License-Identifier: Apache-2.0 */
/* Images that come in pieces: order, verification, sources that end or lie, hosts that lost power. The source is this test, the fetching process a child. */
#define _GNU_SOURCE
#include "../../src/fetch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zstd.h>

#include "../../src/image.h"
#include "../../src/little.h"
#include "../../src/part.h"
#include "../../src/pieces.h"
#include "check.h"

#define PIECES 40
#define ZEROS 8 /* from here to 16 */
#define LAST_BYTES 5000
#define BYTES ((PIECES - 1) * (size_t)PIECE_SIZE + LAST_BYTES)
#define PIECE_BLOCKS (PIECE_SIZE / 4096)

static struct store store;
static uint8_t image[PIECES * PIECE_SIZE];
static char sha256[65], list_name[65];
static uint8_t list[PIECES_HEAD + PIECES * PIECE_HASH];

struct fetcher {
	pid_t pid;
	int in;
	FILE *lines;
	char line[100];
};

static void hex_hash(char text[65], const void *data, size_t size)
{
	uint8_t hash[32];

	crypto_hash_sha256(hash, data, size);
	sodium_bin2hex(text, 65, hash, sizeof(hash));
}

static void make_image(void)
{
	randombytes_buf(image, BYTES);
	memset(image + ZEROS * PIECE_SIZE, 0, 8 * PIECE_SIZE);
	hex_hash(sha256, image, BYTES);
	memcpy(list, "MOBIPCS1", 8);
	little_put(list + 8, BYTES, 8);
	little_put(list + 16, PIECE_SIZE, 4);
	for (unsigned i = 0; i < PIECES; i++)
		crypto_hash_sha256(list + PIECES_HEAD + i * PIECE_HASH, image + i * (size_t)PIECE_SIZE, i < PIECES - 1 ? PIECE_SIZE : LAST_BYTES);
	hex_hash(list_name, list, sizeof(list));
}

/* The child's last line is "error <code>" when it fails. */
static struct fetcher start(const char *name, const void *head, size_t size)
{
	struct fetcher fetcher = { 0 };
	int in[2], out[2];

	CHECK_EQUAL(0, pipe2(in, O_CLOEXEC));
	CHECK_EQUAL(0, pipe2(out, O_CLOEXEC));
	fetcher.pid = fork();
	if (!fetcher.pid) {
		struct fail fail;

		close(in[1]);
		close(out[0]);
		alarm(30);
		if (fetch_image(&store, name, in[0], out[1], &fail) < 0)
			dprintf(out[1], "error %s\n", fail.code);
		_exit(0);
	}
	close(in[0]);
	close(out[1]);
	fetcher.in = in[1];
	fetcher.lines = fdopen(out[0], "r");
	CHECK_EQUAL(0, store_write_all(fetcher.in, head, size));
	return fetcher;
}

static const char *next_line(struct fetcher *fetcher)
{
	do {
		if (!fgets(fetcher->line, sizeof(fetcher->line), fetcher->lines))
			return "end";
		fetcher->line[strcspn(fetcher->line, "\n")] = 0;
	} while (!strncmp(fetcher->line, "missing", 7));
	return fetcher->line;
}

static unsigned next_number(struct fetcher *fetcher, const char *word)
{
	const char *line = next_line(fetcher);
	unsigned number = 0;

	if (strncmp(line, word, strlen(word)) || sscanf(line + strlen(word), " %u", &number) != 1) {
		fprintf(stderr, "\"%s <number>\" was expected, not \"%s\"\n", word, line);
		exit(1);
	}
	return number;
}

static void expect(struct fetcher *fetcher, const char *wanted)
{
	const char *line = next_line(fetcher);

	if (strcmp(line, wanted)) {
		fprintf(stderr, "\"%s\" was expected, not \"%s\"\n", wanted, line);
		exit(1);
	}
}

static void send_bytes(struct fetcher *fetcher, unsigned piece, const void *data, size_t size)
{
	uint8_t packed[8 + PIECE_PACKED_MAX];
	size_t length = ZSTD_compress(packed + 8, PIECE_PACKED_MAX, data, size, 1);

	little_put(packed, piece, 4);
	little_put(packed + 4, length, 4);
	CHECK_EQUAL(0, store_write_all(fetcher->in, packed, 8 + length));
}

static void send_piece(struct fetcher *fetcher, unsigned piece)
{
	send_bytes(fetcher, piece, image + piece * (size_t)PIECE_SIZE, piece < PIECES - 1 ? PIECE_SIZE : LAST_BYTES);
}

static void end(struct fetcher *fetcher)
{
	close(fetcher->in);
	while (strcmp(next_line(fetcher), "end"))
		;
	fclose(fetcher->lines);
	CHECK_EQUAL(fetcher->pid, waitpid(fetcher->pid, NULL, 0));
}

static void finish(struct fetcher *fetcher)
{
	const char *line;

	while (strcmp(line = next_line(fetcher), "whole")) {
		CHECK(!strncmp(line, "want ", 5));
		send_piece(fetcher, (unsigned)atoi(line + 5));
	}
	end(fetcher);
}

static bool is_whole(const char *name)
{
	static uint8_t found[BYTES + 1];
	struct fail fail;
	int there, fd = image_open(&store, name, NULL, &there, &fail);
	ssize_t count = fd < 0 ? -1 : pread(fd, found, sizeof(found), 0);

	if (fd >= 0)
		close(fd);
	return count == (ssize_t)BYTES && !memcmp(found, image, BYTES);
}

static int count_one(void *arg, int folder, const char *name)
{
	(void)folder;
	(void)name;
	++*(unsigned *)arg;
	return 0;
}

static unsigned files_left(void)
{
	unsigned count = 0;
	int images = store_folder(&store, "images");

	store_each(images, count_one, &count);
	close(images);
	return count;
}

static void forget_image(void)
{
	char path[100];

	snprintf(path, sizeof(path), "images/%s", sha256);
	CHECK_EQUAL(0, unlinkat(store.fd, path, 0));
	CHECK_EQUAL(0, files_left());
}

static void whatAGuestWaitsForComesFirst(void)
{
	struct fetcher fetcher = start(sha256, list, sizeof(list));
	unsigned asked[4];
	uint64_t bytes, missing;
	bool wanted;
	int there, fd;

	/* zeros do not travel */
	CHECK_EQUAL(PIECES - 8, next_number(&fetcher, "ready"));
	fd = part_open(&store, sha256, list_name, &there);
	CHECK(fd >= 0);
	for (unsigned i = 0; i < 4; i++)
		asked[i] = next_number(&fetcher, "want");
	CHECK_EQUAL(0, asked[0]);
	CHECK_EQUAL(3, asked[3]);
	part_wish(there, 30 * PIECE_BLOCKS + 3, 1);
	/* out of range: of no effect */
	part_wish(there, 0, UINT64_MAX);
	part_wish(there, UINT64_MAX, 2);
	CHECK_EQUAL(0, part_count(there, &bytes, &missing, &wanted));
	CHECK(wanted && bytes == BYTES && part_fetched(there));
	/* at once, though four are under way; and then on from there */
	CHECK_EQUAL(30, next_number(&fetcher, "want"));
	send_piece(&fetcher, 30);
	send_piece(&fetcher, 0);
	send_piece(&fetcher, 1);
	CHECK_EQUAL(31, next_number(&fetcher, "want"));
	send_piece(&fetcher, 2);
	send_piece(&fetcher, 3);
	send_piece(&fetcher, 31);
	finish(&fetcher);
	CHECK(is_whole(sha256));
	CHECK_EQUAL(1, files_left());
	/* those who had it open see all of it */
	CHECK_EQUAL(0, part_count(there, &bytes, &missing, &wanted));
	CHECK(!missing && !wanted && !part_fetched(there));
	close(fd);
	close(there);
	forget_image();
}

static void aPieceThatDoesNotAgreeIsNeverUsed(void)
{
	struct fetcher fetcher = start(sha256, list, sizeof(list));
	uint64_t bytes, missing;
	uint8_t data[PIECE_SIZE];
	bool wanted;
	int there, fd;

	CHECK_EQUAL(PIECES - 8, next_number(&fetcher, "ready"));
	send_piece(&fetcher, 0);
	memcpy(data, image + PIECE_SIZE, PIECE_SIZE);
	data[PIECE_SIZE - 1] ^= 1;
	send_bytes(&fetcher, 1, data, sizeof(data));
	for (unsigned i = 0; i < 5; i++)
		next_number(&fetcher, "want");
	while (!strncmp(next_line(&fetcher), "want", 4))
		;
	CHECK(!strcmp(fetcher.line, "error damaged"));
	end(&fetcher);
	fd = part_open(&store, sha256, list_name, &there);
	CHECK(fd >= 0);
	CHECK_EQUAL(0, part_count(there, &bytes, &missing, &wanted));
	CHECK_EQUAL((PIECES - 9) * (uint64_t)PIECE_SIZE, missing + PIECE_SIZE - (BYTES % PIECE_SIZE + 4095) / 4096 * 4096);
	CHECK(!part_fetched(there));
	close(fd);
	close(there);
	/* what came is kept */
	fetcher = start(sha256, list, sizeof(list));
	CHECK_EQUAL(PIECES - 9, next_number(&fetcher, "ready"));
	finish(&fetcher);
	CHECK(is_whole(sha256));
	forget_image();
}

static void change_file(const char *suffix, off_t at, const void *data, size_t size)
{
	char path[200];
	int fd;

	snprintf(path, sizeof(path), "images/%s.%s%s", sha256, list_name, suffix);
	fd = openat(store.fd, path, O_RDWR);
	CHECK(fd >= 0);
	CHECK_EQUAL(size, pwrite(fd, data, size, at));
	close(fd);
}

static void afterARestartOfTheHostAllIsVerifiedAnew(void)
{
	struct fetcher fetcher = start(sha256, list, sizeof(list));
	int there;

	CHECK_EQUAL(PIECES - 8, next_number(&fetcher, "ready"));
	for (unsigned i = 0; i < 3; i++)
		send_piece(&fetcher, i);
	end(&fetcher);
	change_file(".there", (off_t)offsetof(struct part_map, boot), "other", 5);
	/* never got to the disk, though the map says so */
	change_file(".part", PIECE_SIZE + 100, "\0\0\0\0\0\0\0\0", 8);
	CHECK_EQUAL(-1, part_open(&store, sha256, list_name, &there));
	fetcher = start(sha256, list, sizeof(list));
	CHECK_EQUAL(PIECES - 8 - 2, next_number(&fetcher, "ready"));
	finish(&fetcher);
	CHECK(is_whole(sha256));
	forget_image();
}

static void aListOfAnotherImageIsFoundOut(void)
{
	static char other[] = "00000000000000000000000000000000000000000000000000000000000000cc";
	struct fetcher fetcher = start(other, list, sizeof(list));
	const char *line;
	int there;

	next_number(&fetcher, "ready");
	while (!strncmp(line = next_line(&fetcher), "want ", 5))
		send_piece(&fetcher, (unsigned)atoi(line + 5));
	CHECK(!strcmp(line, "error wrong-hash"));
	end(&fetcher);
	CHECK_EQUAL(0, files_left());
	/* and nobody reads by a list that he does not trust */
	fetcher = start(other, list, sizeof(list));
	next_number(&fetcher, "ready");
	CHECK(part_open(&store, other, list_name, &there) >= 0);
	CHECK_EQUAL(-1, part_open(&store, other, sha256, &there));
	CHECK_EQUAL(ENOENT, errno);
	end(&fetcher);
	CHECK_EQUAL(2, files_left());
}

static void badInputIsRefused(void)
{
	struct { size_t at; uint64_t value; unsigned bytes; const char *code; } heads[] = {
		{ 0, 'X', 1, "error version" }, { 16, 4096, 4, "error version" }, { 20, 1, 4, "error version" }, { 8, 0, 8, "error version" },
		{ 8, PIECES_IMAGE_MAX + 1, 8, "error too-long" }, { 8, UINT64_MAX, 8, "error too-long" },
	};
	struct { uint32_t piece, size; } pieces[] = { { PIECES, 10 }, { UINT32_MAX, 10 }, { 0, 0 }, { 0, PIECE_PACKED_MAX + 1 }, { 0, UINT32_MAX }, { 0, 10 } };
	struct fetcher fetcher;

	for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++) {
		uint8_t head[PIECES_HEAD];

		memcpy(head, list, sizeof(head));
		little_put(head + heads[i].at, heads[i].value, heads[i].bytes);
		fetcher = start(sha256, head, sizeof(head));
		expect(&fetcher, heads[i].code);
		end(&fetcher);
	}
	fetcher = start(sha256, list, sizeof(list) - 1);
	close(fetcher.in);
	fetcher.in = open("/dev/null", O_RDONLY);
	expect(&fetcher, "error damaged");
	end(&fetcher);
	CHECK_EQUAL(0, files_left());
	for (size_t i = 0; i < sizeof(pieces) / sizeof(*pieces); i++) {
		uint8_t message[18] = { 0 };

		fetcher = start(sha256, list, sizeof(list));
		next_number(&fetcher, "ready");
		little_put(message, pieces[i].piece, 4);
		little_put(message + 4, pieces[i].size, 4);
		CHECK_EQUAL(0, store_write_all(fetcher.in, message, sizeof(message)));
		while (!strncmp(next_line(&fetcher), "want", 4))
			;
		CHECK(!strcmp(fetcher.line, "error damaged"));
		end(&fetcher);
	}
	fetcher = start(sha256, list, sizeof(list));
	CHECK_EQUAL(PIECES - 8, next_number(&fetcher, "ready"));
	finish(&fetcher);
	forget_image();
}

static void aSecondOneGoesOnWhenTheFirstEnds(void)
{
	struct fetcher first = start(sha256, list, sizeof(list)), second;

	CHECK_EQUAL(PIECES - 8, next_number(&first, "ready"));
	second = start(sha256, list, sizeof(list));
	CHECK_EQUAL(PIECES - 8, next_number(&second, "ready"));
	send_piece(&first, 0);
	send_piece(&first, 1);
	/* each piece that comes lets two more be asked for */
	for (unsigned i = 0; i < 4 + 2 * 2; i++)
		next_number(&first, "want");
	CHECK_EQUAL(0, kill(first.pid, SIGKILL));
	end(&first);
	CHECK_EQUAL(PIECES - 10, next_number(&second, "ready"));
	finish(&second);
	CHECK(is_whole(sha256));
	forget_image();
}

static void put_whole(void)
{
	size_t size = ZSTD_compressBound(BYTES);
	struct fail fail;
	uint8_t *packed = malloc(size);
	int file = memfd_create("image", MFD_CLOEXEC);

	size = ZSTD_compress(packed, size, image, BYTES, 1);
	CHECK_EQUAL(0, store_write_all(file, packed, size));
	CHECK_EQUAL(0, lseek(file, 0, SEEK_SET));
	CHECK_EQUAL(0, image_put(&store, sha256, file, &fail));
	close(file);
	free(packed);
}

static void aWholeImageThatComesAnotherWayEndsTheWait(void)
{
	for (int fetched = 0; fetched < 2; fetched++) {
		struct fetcher fetcher = start(sha256, list, sizeof(list));
		static uint8_t found[BYTES];
		uint64_t bytes, missing;
		bool wanted;
		int there, fd;

		next_number(&fetcher, "ready");
		send_piece(&fetcher, 0);
		for (unsigned i = 0; i < 4 + 2; i++)
			next_number(&fetcher, "want");
		fd = part_open(&store, sha256, list_name, &there);
		CHECK(fd >= 0);
		if (!fetched)
			end(&fetcher);
		put_whole();
		if (fetched) {
			expect(&fetcher, "whole");
			end(&fetcher);
		}
		CHECK_EQUAL(0, part_count(there, &bytes, &missing, &wanted));
		CHECK_EQUAL(0, missing);
		CHECK_EQUAL(BYTES, pread(fd, found, BYTES, 0));
		CHECK(!memcmp(found, image, BYTES));
		close(fd);
		close(there);
		forget_image();
	}
}

/* As the desktop joins two hosts. */
static void oneHostGivesPiecesToAnother(void)
{
	char path[STORE_PATH_MAX + 10];
	struct store source;
	struct fail fail;
	int wants[2], pieces[2], status;
	pid_t giver, taker;

	snprintf(path, sizeof(path), "%s/source", store.path);
	put_whole();
	CHECK_EQUAL(0, store_open(&source, path, &fail));
	close(store_folder(&source, "images"));
	snprintf(path, sizeof(path), "images/%s", sha256);
	CHECK_EQUAL(0, renameat(store.fd, path, source.fd, path));
	CHECK_EQUAL(0, pipe2(wants, O_CLOEXEC));
	CHECK_EQUAL(0, pipe2(pieces, O_CLOEXEC));
	giver = fork();
	if (!giver) {
		close(wants[1]);
		close(pieces[0]);
		_exit(pieces_get(&source, sha256, wants[0], pieces[1], &fail) < 0);
	}
	taker = fork();
	if (!taker) {
		int lines[2];
		FILE *in;
		char line[100];

		close(wants[0]);
		close(pieces[1]);
		CHECK_EQUAL(0, pipe2(lines, O_CLOEXEC));
		if (!fork()) {
			close(lines[0]);
			_exit(fetch_image(&store, sha256, pieces[0], lines[1], &fail) < 0);
		}
		close(lines[1]);
		in = fdopen(lines[0], "r");
		while (fgets(line, sizeof(line), in))
			if (!strncmp(line, "want", 4))
				CHECK_EQUAL(0, store_write_all(wants[1], line, strlen(line)));
		fclose(in);
		_exit(0);
	}
	close(wants[0]);
	close(wants[1]);
	close(pieces[0]);
	close(pieces[1]);
	CHECK_EQUAL(taker, waitpid(taker, NULL, 0));
	CHECK_EQUAL(giver, waitpid(giver, &status, 0));
	CHECK_EQUAL(0, status);
	CHECK(is_whole(sha256));
	CHECK_EQUAL(-1, pieces_get(&source, list_name, -1, -1, &fail));
	CHECK(!strcmp(fail.code, "no-image"));
	store_close(&source);
	forget_image();
}

int main(void)
{
	const char *parent = getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp";
	char scratch[200];
	struct fail fail;
	int tmp;

	alarm(120);
	signal(SIGPIPE, SIG_IGN);
	CHECK_EQUAL(0, sodium_init());
	snprintf(scratch, sizeof(scratch), "%s/fetch-test.XXXXXX", parent);
	CHECK(mkdtemp(scratch));
	CHECK_EQUAL(0, store_open(&store, scratch, &fail));
	make_image();
	RUN(whatAGuestWaitsForComesFirst);
	RUN(aPieceThatDoesNotAgreeIsNeverUsed);
	RUN(afterARestartOfTheHostAllIsVerifiedAnew);
	RUN(aSecondOneGoesOnWhenTheFirstEnds);
	RUN(aWholeImageThatComesAnotherWayEndsTheWait);
	RUN(oneHostGivesPiecesToAnother);
	RUN(badInputIsRefused);
	RUN(aListOfAnotherImageIsFoundOut);
	tmp = open(parent, O_RDONLY | O_DIRECTORY);
	CHECK_EQUAL(0, store_remove(tmp, strrchr(scratch, '/') + 1));
	close(tmp);
	return 0;
}
