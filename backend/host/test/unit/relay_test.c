/* SPDX-License-Identifier: Apache-2.0 */
/* Relays: who is admitted, what is passed on and to whom, and that strangers get nothing through and nothing out. Links and streams through real sockets. */
#define _GNU_SOURCE
#include "../../src/relay_streams.h"
#include "../../src/little.h"
#include "link_hosts.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sys/epoll.h>

#define PAIR 0x12345678u
#define NUMBER_A 0xaaaa0001u /* link number of what end a gets */
#define NUMBER_B 0xbbbb0001u

static const uint8_t secret[SEAL_KEY_SIZE] = { 1, 2, 3 };
static uint64_t now = 1000000000;

static struct udp_address at(const char *text)
{
	struct udp_address address;

	CHECK(udp_address_parse(text, &address));
	return address;
}

static struct relay_outcome give(struct relay_table *table, const char *from, const uint8_t *bytes, size_t size)
{
	static struct relay_outcome outcome;
	struct udp_address address;

	if (from)
		address = at(from);
	relay_table_datagram(table, from ? &address : NULL, bytes, size, now, &outcome);
	return outcome;
}

static enum relay_verdict admit(struct relay_table *table, const char *from, unsigned side, uint64_t counter)
{
	uint8_t bytes[RELAY_ADMIT_SIZE];
	struct seal_key key;

	relay_key(&key, secret, RELAY_ADMIT, side);
	relay_admit_write(&key, PAIR, side, counter, side ? NUMBER_A : NUMBER_B, side ? NUMBER_B : NUMBER_A, bytes);
	return give(table, from, bytes, sizeof(bytes)).verdict;
}

static const uint8_t *datagram(uint32_t number)
{
	static uint8_t bytes[60];

	memset(bytes, 7, sizeof(bytes));
	bytes[0] = 1;
	little_put(bytes + 4, number, 4);
	return bytes;
}

static bool goes_to(struct relay_outcome outcome, const char *address)
{
	struct udp_address to = at(address);

	return outcome.verdict == RELAY_SEND && udp_address_equal(&outcome.to, &to);
}

static struct relay_table *open_table(bool pipe)
{
	struct relay_table *table = relay_table_create(pipe);

	CHECK(table && relay_table_add(table, PAIR, secret, now));
	return table;
}

static void datagrams_go_between_the_ends_of_a_pair(void)
{
	struct relay_table *table = open_table(false);
	struct udp_address own, other;
	struct relay_outcome outcome;
	struct seal_key key;
	uint8_t wish[RELAY_ADMIT_SIZE];

	CHECK_EQUAL(RELAY_SEND, admit(table, "10.0.0.1:1000", 0, 5));
	CHECK_EQUAL(RELAY_DROP, give(table, "10.0.0.1:1000", datagram(NUMBER_B), 60).verdict);
	CHECK_EQUAL(RELAY_SEND, admit(table, "10.0.0.2:2000", 1, 5));
	CHECK(goes_to(give(table, "10.0.0.1:1000", datagram(NUMBER_B), 60), "10.0.0.2:2000"));
	CHECK(goes_to(give(table, "10.0.0.2:2000", datagram(NUMBER_A), 60), "10.0.0.1:1000"));
	/* The answer tells both addresses. */
	relay_key(&key, secret, RELAY_ADMIT, 0);
	relay_admit_write(&key, PAIR, 0, 6, NUMBER_B, NUMBER_A, wish);
	outcome = give(table, "10.0.0.1:1000", wish, sizeof(wish));
	relay_key(&key, secret, RELAY_ANSWERS, 0);
	CHECK(relay_answer_read(&key, outcome.answer, RELAY_ANSWER_SIZE, &own, &other));
	CHECK(own.port == 1000 && other.port == 2000);
	relay_table_destroy(table);
}

static void strangers_get_nothing_through_and_nothing_out(void)
{
	struct relay_table *table = open_table(false);
	uint8_t wish[RELAY_ADMIT_SIZE], wrong[SEAL_KEY_SIZE] = { 9 };
	struct seal_key key;

	admit(table, "10.0.0.1:1000", 0, 5);
	admit(table, "10.0.0.2:2000", 1, 5);
	/* Not from where an end is, not with another number, not to oneself. */
	CHECK_EQUAL(RELAY_DROP, give(table, "10.0.0.3:1000", datagram(NUMBER_B), 60).verdict);
	CHECK_EQUAL(RELAY_DROP, give(table, "10.0.0.1:1001", datagram(NUMBER_B), 60).verdict);
	CHECK_EQUAL(RELAY_DROP, give(table, "10.0.0.1:1000", datagram(NUMBER_B + 1), 60).verdict);
	CHECK_EQUAL(RELAY_DROP, give(table, "10.0.0.1:1000", datagram(NUMBER_A), 60).verdict);
	/* Another key, and a wish that was heard before. */
	relay_key(&key, wrong, RELAY_ADMIT, 0);
	relay_admit_write(&key, PAIR, 0, 9, NUMBER_B, NUMBER_A, wish);
	CHECK_EQUAL(RELAY_DROP, give(table, "10.0.0.3:1000", wish, sizeof(wish)).verdict);
	relay_key(&key, secret, RELAY_ADMIT, 0);
	relay_admit_write(&key, PAIR, 0, 5, NUMBER_B, NUMBER_A, wish);
	CHECK_EQUAL(RELAY_DROP, give(table, "10.0.0.3:1000", wish, sizeof(wish)).verdict);
	/* A pair that is not, each kind of datagram cut short. */
	relay_admit_write(&key, PAIR + 1, 0, 10, NUMBER_B, NUMBER_A, wish);
	CHECK_EQUAL(RELAY_DROP, give(table, "10.0.0.3:1000", wish, sizeof(wish)).verdict);
	for (unsigned kind = 0; kind < 256; kind++) {
		for (size_t size = 0; size < sizeof(wish); size++) {
			wish[0] = (uint8_t)kind;
			CHECK_EQUAL(RELAY_DROP, give(table, "10.0.0.3:1000", wish, size).verdict);
		}
	}
	relay_table_destroy(table);
}

/* An attacker who knows the pair's number costs a limited number of seals a second, and then the pair's own ends are heard again. */
static void false_wishes_cost_little(void)
{
	struct relay_table *table = open_table(false);
	uint8_t wish[RELAY_ADMIT_SIZE], wrong[SEAL_KEY_SIZE] = { 9 };
	struct seal_key key;

	relay_key(&key, wrong, RELAY_ADMIT, 0);
	for (unsigned i = 0; i < 1000; i++) {
		relay_admit_write(&key, PAIR, 0, 100 + i, NUMBER_B, NUMBER_A, wish);
		CHECK_EQUAL(RELAY_DROP, give(table, "10.0.0.3:1000", wish, sizeof(wish)).verdict);
	}
	CHECK_EQUAL(RELAY_DROP, admit(table, "10.0.0.1:1000", 0, 5));
	now += 1000000;
	CHECK_EQUAL(RELAY_SEND, admit(table, "10.0.0.1:1000", 0, 5));
	relay_table_destroy(table);
}

static void an_end_that_moves_is_found_and_its_old_place_passes_on(void)
{
	struct relay_table *table = open_table(false);
	uint8_t envelope[RELAY_PASS_ON_HEADER + 60] = { RELAY_KIND_PASS_ON, 0 };

	admit(table, "10.0.0.1:1000", 0, 5);
	admit(table, "10.0.0.2:2000", 1, 5);
	little_put(envelope + 4, PAIR, 4);
	memcpy(envelope + RELAY_PASS_ON_HEADER, datagram(NUMBER_A), 60);
	/* There is nobody else yet to whom it could go. */
	CHECK_EQUAL(RELAY_DROP, give(table, "10.0.0.1:1000", envelope, sizeof(envelope)).verdict);
	CHECK_EQUAL(RELAY_SEND, admit(table, "10.0.0.9:9000", 0, 6));
	CHECK(goes_to(give(table, "10.0.0.2:2000", datagram(NUMBER_A), 60), "10.0.0.9:9000"));
	CHECK(goes_to(give(table, "10.0.0.1:1000", envelope, sizeof(envelope)), "10.0.0.9:9000"));
	CHECK_EQUAL(RELAY_DROP, give(table, "10.0.0.3:1000", envelope, sizeof(envelope)).verdict);
	CHECK_EQUAL(RELAY_DROP, give(table, "10.0.0.1:1000", datagram(NUMBER_B), 60).verdict);
	now += 31000000;
	admit(table, "10.0.0.9:9000", 0, 7);
	CHECK_EQUAL(RELAY_DROP, give(table, "10.0.0.1:1000", envelope, sizeof(envelope)).verdict);
	/* Who is silent is forgotten. */
	CHECK_EQUAL(RELAY_DROP, give(table, "10.0.0.2:2000", datagram(NUMBER_A), 60).verdict);
	relay_table_destroy(table);
}

static void two_relays_are_joined_by_a_pipe(void)
{
	struct relay_table *here = open_table(true), *there = open_table(true);
	uint8_t envelope[RELAY_PASS_ON_HEADER + 60] = { RELAY_KIND_PASS_ON, 0 };

	admit(here, "127.0.0.1:1000", 0, 5);
	admit(there, "127.0.0.1:2000", 1, 5);
	CHECK_EQUAL(RELAY_PIPE, give(here, "127.0.0.1:1000", datagram(NUMBER_B), 60).verdict);
	CHECK(goes_to(give(there, NULL, datagram(NUMBER_B), 60), "127.0.0.1:2000"));
	CHECK_EQUAL(RELAY_PIPE, give(there, "127.0.0.1:2000", datagram(NUMBER_A), 60).verdict);
	CHECK(goes_to(give(here, NULL, datagram(NUMBER_A), 60), "127.0.0.1:1000"));
	/* What comes from a pipe never goes back into it, and admits nobody. */
	CHECK_EQUAL(RELAY_DROP, give(here, NULL, datagram(NUMBER_B), 60).verdict);
	CHECK_EQUAL(RELAY_DROP, give(here, NULL, datagram(77), 60).verdict);
	/* End a moves there; its old place goes on passing on. */
	memcpy(envelope + RELAY_PASS_ON_HEADER, datagram(NUMBER_A), 60);
	little_put(envelope + 4, PAIR, 4);
	CHECK_EQUAL(RELAY_PIPE, give(here, "127.0.0.1:1000", envelope, sizeof(envelope)).verdict);
	CHECK_EQUAL(RELAY_SEND, admit(here, "127.0.0.1:3000", 1, 6));
	CHECK_EQUAL(RELAY_SEND, admit(there, "127.0.0.1:4000", 0, 6));
	CHECK(goes_to(give(here, NULL, datagram(NUMBER_B), 60), "127.0.0.1:3000"));
	CHECK_EQUAL(RELAY_PIPE, give(here, "127.0.0.1:3000", datagram(NUMBER_A), 60).verdict);
	CHECK_EQUAL(RELAY_PIPE, give(here, "127.0.0.1:1000", envelope, sizeof(envelope)).verdict);
	CHECK(goes_to(give(there, NULL, datagram(NUMBER_A), 60), "127.0.0.1:4000"));
	relay_table_destroy(here);
	relay_table_destroy(there);
}

static void the_table_is_bounded(void)
{
	struct relay_table *table = relay_table_create(false);
	uint8_t other[SEAL_KEY_SIZE] = { 8 };

	CHECK(table);
	for (uint32_t i = 1; i <= RELAY_PAIRS_MAX; i++)
		CHECK(relay_table_add(table, i * 4096, secret, now));
	CHECK(!relay_table_add(table, PAIR, secret, now));
	CHECK(!relay_table_idle(table, now + 5, 10));
	CHECK(relay_table_idle(table, now + 10, 10));
	for (uint32_t i = RELAY_PAIRS_MAX; i > 1; i -= 2)
		relay_table_remove(table, i * 4096);
	CHECK_EQUAL(RELAY_PAIRS_MAX / 2, relay_table_count(table));
	CHECK(relay_table_has(table, 4096) && !relay_table_has(table, 2 * 4096));
	/* Another secret for the same number forgets who was there. */
	CHECK(relay_table_add(table, PAIR, secret, now));
	admit(table, "10.0.0.1:1000", 0, 5);
	admit(table, "10.0.0.2:2000", 1, 5);
	CHECK(relay_table_add(table, PAIR, other, now));
	CHECK_EQUAL(RELAY_DROP, give(table, "10.0.0.1:1000", datagram(NUMBER_B), 60).verdict);
	relay_table_destroy(table);
}

/* A relay as the process is: a socket and a table. */
struct box {
	struct udp *udp;
	struct relay_table *table;
	struct loop_watch *watch;
	unsigned passed;
};

static void box_ready(void *arg, uint32_t events)
{
	struct box *box = arg;
	unsigned count = udp_receive(box->udp);
	struct udp_message message;
	struct relay_outcome outcome;

	(void)events;
	for (unsigned i = 0; i < count; i++) {
		CHECK(udp_message(box->udp, i, &message));
		for (size_t at = 0; at < message.size; at += message.segment) {
			size_t size = message.size - at < message.segment ? message.size - at : message.segment;

			relay_table_datagram(box->table, &message.from, message.bytes + at, size, loop_now(loop), &outcome);
			if (outcome.verdict != RELAY_SEND)
				continue;
			box->passed += outcome.bytes != outcome.answer;
			CHECK(udp_prepare(box->udp, 1, outcome.size));
			memcpy(udp_reserve(box->udp, &outcome.to, outcome.size), outcome.bytes, outcome.size);
		}
	}
	udp_flush(box->udp);
}

static void box_open(struct box *box)
{
	*box = (struct box){ .udp = udp_create(), .table = relay_table_create(false) };
	CHECK(box->udp && box->table && relay_table_add(box->table, PAIR, secret, loop_now(loop)));
	box->watch = loop_watch_fd(loop, udp_fd(box->udp), EPOLLIN, box_ready, box);
	CHECK(box->watch);
}

static void box_close(struct box *box)
{
	loop_unwatch(box->watch);
	udp_destroy(box->udp);
	relay_table_destroy(box->table);
}

/* peer_port 0: only the relay is known. */
static void plug_relayed(struct host *host, char side, unsigned peer_port, const struct box *box)
{
	json_t *json = wire_json(side, peer_port ? peer_port : 9, "chacha20", 1500, NULL);
	char text[64], key[64], error[200] = "";

	if (!peer_port)
		json_object_set_new(json, "peers", json_array());
	snprintf(text, sizeof(text), "127.0.0.1:%u", udp_port(box->udp));
	sodium_bin2base64(key, sizeof(key), secret, sizeof(secret), sodium_base64_VARIANT_ORIGINAL);
	json_object_set_new(json, "relay", json_pack("{s:s,s:I,s:s,s:[s]}", "by", "the box", "pair", (json_int_t)PAIR, "key", key, "endpoints", text));
	if (links_set(host->links, 0, json, error, sizeof(error)) < 0) {
		fprintf(stderr, "%s\n", error);
		exit(1);
	}
	json_decref(json);
}

static const char *relayed_by(const struct host *host)
{
	static char name[64];
	json_t *list = links_counters(host->links);
	const char *by = json_string_value(json_object_get(json_array_get(list, 0), "relayedBy"));

	snprintf(name, sizeof(name), "%s", by ? by : "");
	json_decref(list);
	return name;
}

static bool frame_crosses(const struct host *from, const struct host *to, size_t size)
{
	uint8_t frame[2000], got[2000];

	make_frame(frame, size, (unsigned)size);
	send_frame(from, frame, size);
	for (unsigned i = 0; i < 200; i++) {
		run_once(5);
		if (receive_frame(to, got) == size)
			return !memcmp(frame, got, size);
	}
	return false;
}

/* On one host the address at which the relay sees an end is its own, so the punched way is found: the relay is left. */
static void ends_that_know_only_the_relay_find_each_other(void)
{
	struct host a, b;
	struct box box;

	box_open(&box);
	host_open(&a, false);
	host_open(&b, false);
	plug_relayed(&a, 'a', 0, &box);
	plug_relayed(&b, 'b', 0, &box);
	for (unsigned i = 0; i < 400 && (counter(&a, "aliveUs") < 0 || counter(&b, "aliveUs") < 0 || *relayed_by(&a) || *relayed_by(&b)); i++)
		run_once(10);
	CHECK(frame_crosses(&a, &b, 1500));
	CHECK(frame_crosses(&b, &a, 900));
	CHECK(!*relayed_by(&a) && !*relayed_by(&b));
	host_close(&a);
	host_close(&b);
	box_close(&box);
}

/* The named peer does not answer and the relay sees the ends at addresses that nobody can reach: as behind translators that give each destination another port. */
static struct udp_address mask_of(const struct udp_address *from)
{
	struct udp_address masked = *from;

	masked.ip[12] = 0;
	return masked;
}

static void masked_ready(void *arg, uint32_t events)
{
	struct box *box = arg;
	unsigned count = udp_receive(box->udp);
	struct udp_message message;
	struct relay_outcome outcome;

	(void)events;
	for (unsigned i = 0; i < count; i++) {
		CHECK(udp_message(box->udp, i, &message));
		for (size_t at = 0; at < message.size; at += message.segment) {
			size_t size = message.size - at < message.segment ? message.size - at : message.segment;
			struct udp_address from = mask_of(&message.from);

			relay_table_datagram(box->table, &from, message.bytes + at, size, loop_now(loop), &outcome);
			if (outcome.verdict != RELAY_SEND)
				continue;
			box->passed += outcome.bytes != outcome.answer;
			outcome.to.ip[12] = 127;
			CHECK(udp_prepare(box->udp, 1, outcome.size));
			memcpy(udp_reserve(box->udp, &outcome.to, outcome.size), outcome.bytes, outcome.size);
		}
	}
	udp_flush(box->udp);
}

static void a_link_goes_through_the_relay_and_leaves_it_for_a_direct_way(void)
{
	struct host a, b;
	struct box box;
	unsigned before;

	box_open(&box);
	loop_unwatch(box.watch);
	box.watch = loop_watch_fd(loop, udp_fd(box.udp), EPOLLIN, masked_ready, &box);
	CHECK(box.watch);
	host_open(&a, false);
	host_open(&b, false);
	plug_relayed(&a, 'a', 0, &box);
	plug_relayed(&b, 'b', 0, &box);
	for (unsigned i = 0; i < 400 && !(*relayed_by(&a) && *relayed_by(&b)); i++)
		run_once(10);
	CHECK(!strcmp(relayed_by(&a), "the box"));
	CHECK(frame_crosses(&a, &b, 1500));
	CHECK(frame_crosses(&b, &a, 60));
	CHECK(box.passed > 2);
	/* Now a direct way is known. */
	plug_relayed(&a, 'a', links_port(b.links), &box);
	for (unsigned i = 0; i < 400 && (*relayed_by(&a) || *relayed_by(&b)); i++)
		run_once(10);
	before = box.passed;
	CHECK(frame_crosses(&a, &b, 1500));
	CHECK(frame_crosses(&b, &a, 60));
	CHECK_EQUAL(before, box.passed);
	host_close(&a);
	host_close(&b);
	box_close(&box);
}

/* Streams */

static int dial_port(unsigned port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	CHECK(fd >= 0 && !connect(fd, (struct sockaddr *)&address, sizeof(address)));
	return fd;
}

static void greet(int fd, unsigned side, uint64_t counter)
{
	uint8_t hello[RELAY_GREETING_SIZE];

	relay_greeting_write(secret, PAIR, side, counter, hello);
	CHECK(send(fd, hello, sizeof(hello), MSG_NOSIGNAL) == (ssize_t)sizeof(hello));
}

/* So many bytes within a while; what there was before the end otherwise. */
static size_t collect(int fd, uint8_t *bytes, size_t size)
{
	size_t got = 0;

	for (unsigned i = 0; i < 400 && got < size; i++) {
		ssize_t count = recv(fd, bytes + got, size - got, MSG_DONTWAIT);

		if (!count)
			break;
		if (count > 0)
			got += (size_t)count;
		else
			run_once(5);
	}
	return got;
}

static bool is_closed(int fd)
{
	uint8_t byte;

	for (unsigned i = 0; i < 400; i++) {
		ssize_t count = recv(fd, &byte, 1, MSG_DONTWAIT);

		if (!count || (count < 0 && errno == ECONNRESET))
			return true;
		run_once(5);
	}
	return false;
}

static void streams_are_joined_and_end_together(void)
{
	static uint8_t sent[300000], got[300000];
	struct relay_table *table = open_table(false);
	unsigned port;
	struct relay_streams *streams = relay_streams_create(loop, table, &port);
	int target = dial_port(port), source = dial_port(port), stranger = dial_port(port);
	size_t written = 0, read_back = 0;

	for (size_t i = 0; i < sizeof(sent); i++)
		sent[i] = (uint8_t)(i * 31 + i / 1000);
	greet(target, 1, 10);
	CHECK(write(stranger, sent, RELAY_GREETING_SIZE) == RELAY_GREETING_SIZE);
	CHECK(is_closed(stranger));
	close(stranger);
	/* What was heard once does not count again. */
	stranger = dial_port(port);
	greet(stranger, 1, 10);
	CHECK(is_closed(stranger));
	close(stranger);
	greet(source, 0, 10);
	CHECK_EQUAL(1, collect(source, got, 1));
	CHECK_EQUAL(RELAY_GO, got[0]);
	while (read_back < sizeof(sent)) {
		ssize_t count = written < sizeof(sent) ? send(source, sent + written, sizeof(sent) - written, MSG_DONTWAIT) : 0;

		written += count > 0 ? (size_t)count : 0;
		run_once(1);
		count = recv(target, got + read_back, sizeof(got) - read_back, MSG_DONTWAIT);
		CHECK(count);
		read_back += count > 0 ? (size_t)count : 0;
	}
	CHECK(!memcmp(sent, got, sizeof(sent)));
	CHECK(write(target, "last words", 10) == 10);
	close(target);
	CHECK_EQUAL(10, collect(source, got, 11));
	CHECK(is_closed(source));
	CHECK_EQUAL(0, relay_streams_count(streams));
	close(source);
	relay_streams_destroy(streams);
	relay_table_destroy(table);
}

/* Silent connections have to make room; those of the pair get through. */
static void strangers_do_not_fill_the_relay(void)
{
	struct relay_table *table = open_table(false);
	unsigned port;
	struct relay_streams *streams = relay_streams_create(loop, table, &port);
	int strangers[100], target, source;
	uint8_t go = 0;

	target = dial_port(port);
	greet(target, 1, 10);
	run_ms(5);
	for (unsigned i = 0; i < 100; i++) {
		strangers[i] = dial_port(port);
		run_once(1);
	}
	source = dial_port(port);
	greet(source, 0, 10);
	CHECK_EQUAL(1, collect(source, &go, 1));
	CHECK(relay_streams_count(streams) < 40);
	for (unsigned i = 0; i < 100; i++)
		close(strangers[i]);
	close(source);
	CHECK(is_closed(target));
	close(target);
	relay_streams_destroy(streams);
	relay_table_destroy(table);
}

static bool pipe_ended[2];

static void note_end(void *arg)
{
	*(bool *)arg = true;
}

static void a_stream_goes_through_a_pipe(void)
{
	struct relay_table *table = open_table(false);
	int there[2], back[2], source, target;
	unsigned port_a, port_b;
	struct relay_streams *a, *b;
	uint8_t got[16];

	CHECK(!pipe(there) && !pipe(back));
	a = relay_streams_piped(loop, table, PAIR, 0, back[0], there[1], note_end, &pipe_ended[0], &port_a);
	b = relay_streams_piped(loop, table, PAIR, 1, there[0], back[1], note_end, &pipe_ended[1], &port_b);
	CHECK(a && b);
	target = dial_port(port_b);
	source = dial_port(port_a);
	greet(target, 1, 20);
	greet(source, 0, 20);
	CHECK_EQUAL(1, collect(source, got, 1));
	CHECK_EQUAL(RELAY_GO, got[0]);
	CHECK(write(source, "hello", 5) == 5);
	CHECK_EQUAL(5, collect(target, got, 5));
	CHECK(!memcmp(got, "hello", 5));
	CHECK(!pipe_ended[0] && !pipe_ended[1]);
	close(source);
	CHECK(is_closed(target));
	CHECK(pipe_ended[0] && pipe_ended[1]);
	close(target);
	relay_streams_destroy(a);
	relay_streams_destroy(b);
	relay_table_destroy(table);
}

int main(void)
{
	CHECK(!seal_init());
	loop = loop_create();
	CHECK(loop);
	RUN(datagrams_go_between_the_ends_of_a_pair);
	RUN(strangers_get_nothing_through_and_nothing_out);
	RUN(false_wishes_cost_little);
	RUN(an_end_that_moves_is_found_and_its_old_place_passes_on);
	RUN(two_relays_are_joined_by_a_pipe);
	RUN(the_table_is_bounded);
	RUN(ends_that_know_only_the_relay_find_each_other);
	RUN(a_link_goes_through_the_relay_and_leaves_it_for_a_direct_way);
	RUN(streams_are_joined_and_end_together);
	RUN(strangers_do_not_fill_the_relay);
	RUN(a_stream_goes_through_a_pipe);
	loop_destroy(loop);
	return 0;
}
