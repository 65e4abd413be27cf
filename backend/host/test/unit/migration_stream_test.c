/* SPDX-License-Identifier: Apache-2.0 */
/* The sealed stream over real TCP, pages through it, and the page scanner on a real memory file. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "../../src/migration_kept.h"
#include "../../src/migration_pages.h"
#include "../../src/migration_ram.h"
#include "../../src/migration_wire.h"
#include "check.h"

static const uint8_t key[SEAL_KEY_SIZE] = { 7 };

struct pair {
	struct wire *source, *target;
	int listener;
};

static struct udp_address loopback(unsigned port)
{
	struct udp_address address;
	char text[32];

	snprintf(text, sizeof(text), "127.0.0.1:%u", port);
	CHECK(udp_address_parse(text, &address));
	return address;
}

static void pair_open(struct pair *pair)
{
	struct udp_address address;
	struct fail fail;
	unsigned port, which;

	pair->listener = wire_listen(&port);
	CHECK(pair->listener >= 0);
	address = loopback(port);
	pair->source = wire_create(true, SEAL_CHACHA20, key);
	pair->target = wire_create(false, SEAL_CHACHA20, key);
	CHECK(pair->source && pair->target);
	CHECK(!wire_connect(pair->source, &address, 1, 1000, &which, &fail));
	CHECK(!wire_accept(pair->target, pair->listener, 1000, &fail));
	wire_patience(pair->target, 2000);
	wire_patience(pair->source, 2000);
}

static void pair_close(struct pair *pair)
{
	wire_destroy(pair->source);
	wire_destroy(pair->target);
	close(pair->listener);
}

static double clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void messages_cross_in_order_both_ways(void)
{
	struct pair pair;
	struct wire_message message;
	struct fail fail;

	pair_open(&pair);
	for (unsigned i = 0; i < 200; i++) {
		uint8_t *room = wire_add(pair.source, WIRE_PAGES, i * 7, &fail);

		CHECK(room);
		memset(room, (int)i, i * 7);
	}
	CHECK(!wire_flush(pair.source, &fail));
	for (unsigned i = 0; i < 200; i++) {
		CHECK(!wire_expect(pair.target, WIRE_PAGES, &message, &fail));
		CHECK_EQUAL(i * 7, message.size);
		for (size_t b = 0; b < message.size; b++)
			CHECK_EQUAL(i & 0xff, message.bytes[b]);
	}
	CHECK(!wire_send_now(pair.target, WIRE_READY, NULL, 0, &fail));
	CHECK(!wire_expect(pair.source, WIRE_READY, &message, &fail));
	CHECK_EQUAL(0, message.size);
	pair_close(&pair);
}

static void an_error_crosses_with_code_and_sentence(void)
{
	struct pair pair;
	struct wire_message message;
	struct fail fail, why;

	pair_open(&pair);
	fail_set(&why, "no-space", "There is no room.");
	/* Also by a side that was cancelled. */
	wire_cancel(pair.target);
	CHECK(wire_read(pair.target, &message, &fail) < 0);
	CHECK(!strcmp(fail.code, "cancelled"));
	wire_send_error(pair.target, &why);
	CHECK(wire_read(pair.source, &message, &fail) < 0);
	CHECK(wire_refused(pair.source));
	CHECK(!strcmp(fail.code, "no-space") && !strcmp(fail.message, "There is no room."));
	pair_close(&pair);
}

static void *cancel_later(void *arg)
{
	usleep(100000);
	wire_cancel(arg);
	return NULL;
}

static void waiting_ends_by_cancel_timeout_and_close(void)
{
	struct pair pair;
	struct wire_message message;
	struct fail fail;
	pthread_t thread;
	double start;

	pair_open(&pair);
	CHECK(!pthread_create(&thread, NULL, cancel_later, pair.target));
	start = clock_ms();
	CHECK(wire_read(pair.target, &message, &fail) < 0);
	CHECK(!strcmp(fail.code, "cancelled"));
	CHECK_BETWEEN(90, 1500, clock_ms() - start);
	pthread_join(thread, NULL);
	wire_patience(pair.source, 50);
	CHECK(wire_read(pair.source, &message, &fail) < 0);
	CHECK(!strcmp(fail.code, "timeout"));
	wire_disconnect(pair.target);
	CHECK(wire_read(pair.source, &message, &fail) < 0);
	CHECK(!strcmp(fail.code, "connection-lost"));
	pair_close(&pair);
}

static void rate_and_delay_are_emulated(void)
{
	struct pair pair;
	struct fail fail;
	double start = clock_ms();

	pair_open(&pair);
	wire_pace(pair.source, 8000000, 30000);
	for (unsigned i = 0; i < 10; i++) {
		CHECK(wire_add(pair.source, WIRE_PAGES, 20000, &fail));
		CHECK(!wire_flush(pair.source, &fail));
	}
	CHECK_BETWEEN(190, 400, clock_ms() - start); /* 200 kB at 1 MB/s */
	start = clock_ms();
	CHECK(!wire_send_now(pair.source, WIRE_GO, NULL, 0, &fail));
	CHECK_BETWEEN(30, 200, clock_ms() - start);
	pair_close(&pair);
}

/* Whatever a stranger or a broken network sends: an error, nothing else. */
static void foreign_bytes_are_refused(void)
{
	uint32_t random = 3;

	for (unsigned round = 0; round < 60; round++) {
		int listener, fd;
		unsigned port;
		struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
		struct wire *target = wire_create(false, SEAL_CHACHA20, key);
		struct wire_message message;
		struct fail fail;
		uint8_t bytes[600];

		listener = wire_listen(&port);
		address.sin_port = htons((uint16_t)port);
		fd = socket(AF_INET, SOCK_STREAM, 0);
		CHECK(!connect(fd, (struct sockaddr *)&address, sizeof(address)));
		CHECK(!wire_accept(target, listener, 1000, &fail));
		wire_patience(target, 100);
		for (unsigned i = 0; i < sizeof(bytes); i++) {
			random = random * 1664525 + 1013904223;
			bytes[i] = (uint8_t)(random >> 24);
		}
		if (round % 2)
			memcpy(bytes, &(uint32_t){ round * 10 }, 4);
		CHECK(write(fd, bytes, sizeof(bytes)) == sizeof(bytes));
		if (round % 3)
			close(fd);
		CHECK(wire_read(target, &message, &fail) < 0);
		CHECK(!strcmp(fail.code, "bad-stream") || !strcmp(fail.code, "timeout") || !strcmp(fail.code, "connection-lost"));
		if (round % 3 == 0)
			close(fd);
		wire_destroy(target);
		close(listener);
	}
}

/* Connections that stay silent, dribble, end or talk nonsense: the source gets through all the same, and at once. */
static void strangers_hold_nobody_up(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct wire *source = wire_create(true, SEAL_CHACHA20, key), *target = wire_create(false, SEAL_CHACHA20, key);
	struct udp_address to;
	struct wire_message message;
	struct fail fail;
	unsigned port, tries = 0, which;
	int listener = wire_listen(&port), strangers[60];
	double begun = clock_ms();

	CHECK(listener >= 0 && source && target);
	address.sin_port = htons((uint16_t)port);
	for (unsigned i = 0; i < 60; i++) {
		uint8_t bytes[200] = { 0 };
		uint32_t length = i % 5 == 1 ? 150 : i % 5 == 2 ? 0xffffffff : 60;

		strangers[i] = socket(AF_INET, SOCK_STREAM, 0);
		CHECK(!connect(strangers[i], (struct sockaddr *)&address, sizeof(address)));
		memcpy(bytes, &length, 4);
		/* Nothing, part of a record, an absurd length, a whole record of zeros, the end. */
		if (i % 5 && i % 5 < 4)
			CHECK(write(strangers[i], bytes, 100) == 100);
		if (i % 5 == 4)
			close(strangers[i]);
	}
	to = loopback(port);
	CHECK(!wire_connect(source, &to, 1, 1000, &which, &fail));
	CHECK(!wire_send_now(source, WIRE_HELLO, "hello", 5, &fail));
	for (;;) {
		CHECK(tries++ < 60);
		CHECK(!wire_accept_speaking(target, listener, NULL, 0, 5000, &fail));
		wire_patience(target, 5000);
		if (!wire_expect(target, WIRE_HELLO, &message, &fail))
			break;
		CHECK(!strcmp(fail.code, "bad-stream"));
	}
	CHECK_EQUAL(5, message.size);
	CHECK(!memcmp(message.bytes, "hello", 5));
	/* One silent stranger alone would have cost 5 s. */
	CHECK_BETWEEN(0, 4900, clock_ms() - begun);
	for (unsigned i = 0; i < 60; i++)
		if (i % 5 != 4)
			close(strangers[i]);
	wire_destroy(source);
	wire_destroy(target);
	close(listener);
}

/* Pages */

#define PAGES 3000

struct image {
	uint8_t *bytes;
	unsigned runs;
};

static int take(void *arg, uint8_t region, uint64_t first, uint32_t count, const uint8_t *bytes, struct fail *fail)
{
	struct image *image = arg;

	CHECK_EQUAL(1, region);
	if (first + count > PAGES)
		return fail_set(fail, "bad-stream", "outside");
	if (bytes)
		memcpy(image->bytes + first * MIGRATION_PAGE, bytes, (size_t)count * MIGRATION_PAGE);
	else
		memset(image->bytes + first * MIGRATION_PAGE, 0, (size_t)count * MIGRATION_PAGE);
	image->runs++;
	return 0;
}

static int fetch(void *arg, uint8_t region, uint64_t first, uint32_t count, uint8_t *bytes, struct fail *fail)
{
	struct image *image = arg;

	CHECK_EQUAL(1, region);
	if (first + count > PAGES)
		return fail_set(fail, "bad-stream", "outside");
	memcpy(bytes, image->bytes + first * MIGRATION_PAGE, (size_t)count * MIGRATION_PAGE);
	return 0;
}

struct reading {
	struct wire *wire;
	struct image image;
};

static void *read_pages(void *arg)
{
	struct reading *reading = arg;
	struct pages_reader *reader = pages_reader_create();
	struct wire_message message;
	struct fail fail;

	for (;;) {
		if (wire_read(reading->wire, &message, &fail) < 0 || message.type != WIRE_PAGES)
			break;
		CHECK(!pages_read(reader, &message, take, fetch, &reading->image, &fail));
	}
	CHECK_EQUAL(WIRE_DIGEST, message.type);
	pages_reader_destroy(reader);
	return NULL;
}

static void make_page(uint8_t *page, unsigned index)
{
	uint32_t random = index * 77 + 1;

	for (unsigned i = 0; i < MIGRATION_PAGE; i++) {
		random = random * 1664525 + 1013904223;
		page[i] = index % 5 == 0 ? 0 : index % 2 ? (uint8_t)(random >> 24) : (uint8_t)(i / 64);
	}
}

static void pages_arrive_as_they_were(bool compress)
{
	struct pair pair;
	struct reading reading;
	struct pages_writer *writer;
	struct fail fail;
	pthread_t thread;
	static uint8_t expected[MIGRATION_PAGE];

	pair_open(&pair);
	reading = (struct reading){ .wire = pair.target, .image = { .bytes = malloc((size_t)PAGES * MIGRATION_PAGE) } };
	memset(reading.image.bytes, 0xee, (size_t)PAGES * MIGRATION_PAGE);
	CHECK(!pthread_create(&thread, NULL, read_pages, &reading));
	writer = pages_writer_create(pair.source, compress);
	wire_pace(pair.source, compress ? 800000000 : 0, 0);
	for (unsigned i = 0; i < PAGES; i += 1 + (i / 100 % 2) * 2) {
		uint8_t *room = pages_room(writer, 1, i, &fail);

		CHECK(room);
		make_page(room, i);
		if (i % 5 == 0)
			CHECK(!pages_zero(writer, 1, i, &fail));
		else
			pages_keep(writer);
	}
	CHECK(!pages_flush(writer, &fail));
	CHECK(!wire_send_now(pair.source, WIRE_DIGEST, NULL, 0, &fail));
	pthread_join(thread, NULL);
	for (unsigned i = 0; i < PAGES; i += 1 + (i / 100 % 2) * 2) {
		make_page(expected, i);
		CHECK(!memcmp(expected, reading.image.bytes + (size_t)i * MIGRATION_PAGE, MIGRATION_PAGE));
	}
	/* Page 101 was left out. */
	CHECK_EQUAL(0xee, reading.image.bytes[(size_t)102 * MIGRATION_PAGE]);
	if (compress)
		CHECK(wire_written(pair.source) < (uint64_t)PAGES * MIGRATION_PAGE * 6 / 10);
	free(reading.image.bytes);
	pages_writer_destroy(writer);
	pair_close(&pair);
}

static void pages_arrive_raw_and_compressed(void)
{
	pages_arrive_as_they_were(false);
	pages_arrive_as_they_were(true);
}

#define AGAIN_PASSES 8

/* What a guest may do to a page: a word, something in its middle that moves all behind it, zeros, everything. */
static void change_page(uint8_t *page, uint32_t *random)
{
	*random = *random * 1664525 + 1013904223;
	switch (*random >> 29) {
	case 0:
		memset(page, 0, MIGRATION_PAGE);
		break;
	case 1:
		for (unsigned i = 0; i < MIGRATION_PAGE; i++)
			page[i] = (uint8_t)((*random = *random * 1664525 + 1013904223) >> 24);
		break;
	case 2:
		memmove(page + 1000, page + 990, MIGRATION_PAGE - 1000);
		break;
	default:
		memcpy(page + (*random >> 8) % (MIGRATION_PAGE - 8), random, 4);
	}
}

static bool page_is_zero(const uint8_t *page)
{
	return !page[0] && !memcmp(page, page + 1, MIGRATION_PAGE - 1);
}

/* Over a slow link pages that come again are differences. Whatever is in them, and more of them than can be kept, they arrive as they were. */
static void pages_that_come_again_are_differences(void)
{
	struct pair pair;
	struct reading reading;
	struct pages_writer *writer;
	struct fail fail;
	pthread_t thread;
	uint8_t *memory = malloc((size_t)PAGES * MIGRATION_PAGE);
	uint32_t random = 7;
	uint64_t first = 0, stamped, before;

	pair_open(&pair);
	reading = (struct reading){ .wire = pair.target, .image = { .bytes = calloc(PAGES, MIGRATION_PAGE) } };
	CHECK(!pthread_create(&thread, NULL, read_pages, &reading));
	writer = pages_writer_create(pair.source, true);
	wire_pace(pair.source, 80000000, 0);
	for (unsigned i = 0; i < PAGES; i++)
		make_page(memory + (size_t)i * MIGRATION_PAGE, i | 1);
	for (unsigned pass = 0; pass < AGAIN_PASSES; pass++) {
		before = wire_written(pair.source);
		for (unsigned i = 0; i < PAGES; i++) {
			uint8_t *page = memory + (size_t)i * MIGRATION_PAGE, *room;

			if (pass == 1)
				memcpy(page + i % 4000, &i, sizeof(i));
			else if (pass && i % pass)
				continue;
			else if (pass)
				change_page(page, &random);
			room = pages_room(writer, 1, i, &fail);
			CHECK(room);
			memcpy(room, page, MIGRATION_PAGE);
			if (page_is_zero(page))
				CHECK(!pages_zero(writer, 1, i, &fail));
			else
				pages_keep(writer);
		}
		CHECK(!pages_flush(writer, &fail) && !wire_flush(pair.source, &fail));
		if (!pass)
			first = wire_written(pair.source);
		stamped = wire_written(pair.source) - before;
		/* Random pages of which one word changed. */
		if (pass == 1)
			CHECK_BETWEEN(1, (double)first / 50, stamped);
	}
	CHECK(!wire_send_now(pair.source, WIRE_DIGEST, NULL, 0, &fail));
	pthread_join(thread, NULL);
	CHECK(!memcmp(memory, reading.image.bytes, (size_t)PAGES * MIGRATION_PAGE));
	free(memory);
	free(reading.image.bytes);
	pages_writer_destroy(writer);
	pair_close(&pair);
}

static void what_is_kept_is_bounded_and_never_stale(void)
{
	struct kept_pages *kept = kept_create();
	uint8_t page[MIGRATION_PAGE] = { 0 };
	unsigned found = 0;

	CHECK(kept);
	for (uint64_t i = 0; i < 40000; i++) {
		memcpy(page, &i, sizeof(i));
		kept_put(kept, (uint8_t)(i % 3), i, page);
	}
	for (uint64_t i = 0; i < 40000; i++) {
		const uint8_t *there = kept_find(kept, (uint8_t)(i % 3), i);

		CHECK(!there || !memcmp(there, &i, sizeof(i)));
		CHECK(!kept_find(kept, (uint8_t)(i % 3 + 1), i));
		found += there != NULL;
	}
	CHECK_BETWEEN(16000, 16384, found);
	/* The next pass pushes out what it did not send itself. */
	kept_next_pass(kept);
	for (uint64_t i = 100000; i < 110000; i++) {
		memcpy(page, &i, sizeof(i));
		kept_put(kept, 0, i, page);
	}
	for (uint64_t i = 100000; i < 110000; i++)
		CHECK(kept_find(kept, 0, i) || i > 100100);
	CHECK(kept_find(kept, 0, 100000));
	kept_forget(kept, 0, 100000);
	CHECK(!kept_find(kept, 0, 100000));
	kept_forget(kept, 0, 100000);
	kept_destroy(kept);
}

static int take_any(void *arg, uint8_t region, uint64_t first, uint32_t count, const uint8_t *bytes, struct fail *fail)
{
	static volatile uint8_t sum;

	(void)arg;
	(void)region;
	(void)first;
	(void)fail;
	for (size_t i = 0; bytes && i < (size_t)count * MIGRATION_PAGE; i += 512)
		sum = (uint8_t)(sum + bytes[i]);
	return 0;
}

static int fetch_any(void *arg, uint8_t region, uint64_t first, uint32_t count, uint8_t *bytes, struct fail *fail)
{
	(void)arg;
	(void)region;
	(void)fail;
	CHECK(count && count <= 64);
	memset(bytes, (int)first, (size_t)count * MIGRATION_PAGE);
	return 0;
}

static void hostile_pages_are_refused(void)
{
	struct pages_reader *reader = pages_reader_create();
	uint32_t random = 11;
	unsigned accepted = 0;

	for (unsigned round = 0; round < 200000; round++) {
		size_t size = round % 90;
		uint8_t *bytes = calloc(1, size ? size : 1);
		struct wire_message message = { .type = WIRE_PAGES, .bytes = bytes, .size = size };
		struct fail fail;

		for (size_t i = 0; i < size; i++) {
			random = random * 1664525 + 1013904223;
			bytes[i] = random >> 28 < 6 ? (uint8_t)(random >> 20 & 3) : 0;
		}
		accepted += !pages_read(reader, &message, take_any, round % 2 ? fetch_any : NULL, NULL, &fail);
		free(bytes);
	}
	CHECK(accepted > 0); /* zero runs are short */
	pages_reader_destroy(reader);
}

/* The scanner */

static void the_scanner_finds_exactly_what_differs(unsigned threads)
{
	const uint64_t pages = 5000, size = pages * MIGRATION_PAGE;
	int fd = memfd_create("scan", MFD_CLOEXEC);
	uint8_t *bytes, *sent = calloc(1, size), digest_a[16], digest_b[16];
	struct page_table target;
	struct ram_scan scan;
	struct fail fail;
	uint32_t random = 1;

	CHECK(!ftruncate(fd, (off_t)size));
	bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	CHECK(bytes != MAP_FAILED);
	CHECK(!ram_scan_open(&scan, fd, size, 42, &fail));
	CHECK(!page_table_open(&target, pages, 42));
	for (unsigned pass = 0; pass < 30; pass++) {
		uint64_t found, differing = 0, seen = 0;

		/* Writes, writes that change nothing, and holes punched into it, in regions. */
		for (unsigned i = 0; i < 100; i++) {
			uint64_t page;

			random = random * 1664525 + 1013904223;
			page = (random >> 8) % (pages / 4) + (random >> 30) * (pages / 4);
			if (i % 10 == 0)
				CHECK(!fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)(page * MIGRATION_PAGE), 3 * MIGRATION_PAGE) || page + 3 > pages);
			else
				bytes[page * MIGRATION_PAGE + random % MIGRATION_PAGE] = (uint8_t)(random >> 16);
		}
		CHECK(ram_scan_begin(&scan, &fail) >= 0);
		found = ram_scan_find(&scan, 0, pages, threads);
		for (uint64_t page = 0; page < pages; page++)
			differing += memcmp(sent + page * MIGRATION_PAGE, bytes + page * MIGRATION_PAGE, MIGRATION_PAGE) != 0;
		CHECK_EQUAL(differing, found);
		for (uint64_t page = ram_scan_next(&scan, 0, pages); page < pages; page = ram_scan_next(&scan, page + 1, pages)) {
			uint8_t *copy = sent + page * MIGRATION_PAGE;
			bool zero;

			CHECK(memcmp(copy, bytes + page * MIGRATION_PAGE, MIGRATION_PAGE));
			memcpy(copy, bytes + page * MIGRATION_PAGE, MIGRATION_PAGE);
			if (page % 2)
				zero = page_table_note(&scan.sent, page, copy);
			else
				CHECK(page_table_renew(&scan.sent, page, copy, &zero));
			if (zero)
				page_table_note_zero(&target, page);
			else
				page_table_note(&target, page, copy);
			CHECK(!page_table_renew(&scan.sent, page, copy, &zero));
			seen++;
		}
		CHECK_EQUAL(found, seen);
		page_table_digest(&scan.sent, digest_a);
		page_table_digest(&target, digest_b);
		CHECK(!memcmp(digest_a, digest_b, 16));
	}
	page_table_note_zero(&target, 0);
	bytes[0] = 1;
	ram_scan_close(&scan);
	page_table_close(&target);
	munmap(bytes, size);
	close(fd);
	free(sent);
}

static void changes_are_found_with_one_thread_and_several(void)
{
	the_scanner_finds_exactly_what_differs(1);
	the_scanner_finds_exactly_what_differs(2);
	the_scanner_finds_exactly_what_differs(5);
}

int main(void)
{
	CHECK(!seal_init());
	RUN(messages_cross_in_order_both_ways);
	RUN(an_error_crosses_with_code_and_sentence);
	RUN(waiting_ends_by_cancel_timeout_and_close);
	RUN(rate_and_delay_are_emulated);
	RUN(foreign_bytes_are_refused);
	RUN(strangers_hold_nobody_up);
	RUN(pages_arrive_raw_and_compressed);
	RUN(pages_that_come_again_are_differences);
	RUN(what_is_kept_is_bounded_and_never_stale);
	RUN(hostile_pages_are_refused);
	RUN(changes_are_found_with_one_thread_and_several);
	return 0;
}
