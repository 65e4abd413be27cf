/* SPDX-License-Identifier: Apache-2.0 */
/* Two or three supervisors' links in one loop, joined by real UDP over loopback; the guests are the other ends of real NIC sockets. */
#define _GNU_SOURCE
#include "../../src/link.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "../../src/frame.h"
#include "../../src/nic.h"
#include "../../src/seal.h"
#include "check.h"
#include "link_hosts.h"

static void frames_of_all_sizes_arrive_with(const char *cipher, bool offload_a, bool offload_b)
{
	static uint8_t frame[FRAME_MAX], got[FRAME_MAX];
	static const size_t sizes[] = { 14, 60, 1400, 1436, 1437, 1514, 9014, 59000, FRAME_MAX };
	struct host a, b;

	host_open(&a, offload_a);
	host_open(&b, offload_b);
	join(&a, &b, cipher);
	for (unsigned i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		make_frame(frame, sizes[i], i);
		send_frame(&a, frame, sizes[i]);
		run_ms(4);
		CHECK_EQUAL(sizes[i], receive_frame(&b, got));
		CHECK(!memcmp(frame, got, sizes[i]));
		send_frame(&b, frame, sizes[i]);
		run_ms(4);
		CHECK_EQUAL(sizes[i], receive_frame(&a, got));
		CHECK(!memcmp(frame, got, sizes[i]));
	}
	CHECK_EQUAL(9, counter(&a, "txFrames"));
	CHECK_EQUAL(9, counter(&a, "rxFrames"));
	CHECK_EQUAL(counter(&a, "txBytes"), counter(&b, "rxBytes"));
	host_close(&a);
	host_close(&b);
}

static void frames_of_all_sizes_arrive(void)
{
	frames_of_all_sizes_arrive_with("chacha20", false, false);
	frames_of_all_sizes_arrive_with("chacha20", true, false);
	if (seal_available(SEAL_AES256GCM))
		frames_of_all_sizes_arrive_with("aes256gcm", true, true);
}

static void bursts_arrive_in_order(void)
{
	static uint8_t frame[2000], got[FRAME_MAX];
	struct host a, b;
	unsigned sent = 0, received = 0;

	host_open(&a, false);
	host_open(&b, false);
	join(&a, &b, "chacha20");
	while (sent < 3000) {
		for (unsigned i = 0; i < 40; i++, sent++) {
			size_t size = 100 + sent % 7 * 230;

			make_frame(frame, size, 0);
			memcpy(frame, &sent, 4);
			send_frame(&a, frame, size);
		}
		run_ms(3);
		for (size_t size; (size = receive_frame(&b, got)); received++) {
			CHECK_EQUAL(100 + received % 7 * 230, size);
			CHECK(!memcmp(got, &received, 4));
		}
	}
	CHECK_EQUAL(3000, received);
	host_close(&a);
	host_close(&b);
}

static void large_tcp_frames_are_cut_for_a_nic_without_offload(void)
{
	static uint8_t message[FRAME_VNET_SIZE + 54 + 10000], got[FRAME_MAX];
	struct frame_vnet vnet = { .flags = FRAME_VNET_NEEDS_CSUM, .gso_type = FRAME_GSO_TCPV4, .hdr_len = 54, .gso_size = 1460,
				   .csum_start = 34, .csum_offset = 16 };
	uint8_t *frame = message + FRAME_VNET_SIZE;
	struct host a, b;
	size_t total = 0, size;
	unsigned count = 0;

	memcpy(message, &vnet, FRAME_VNET_SIZE);
	frame[12] = 8;
	frame[14] = 0x45;
	frame[23] = 6;
	frame[46] = 5 << 4;
	make_frame(frame + 54, 10000, 3);
	host_open(&a, true);
	host_open(&b, false);
	join(&a, &b, "chacha20");
	CHECK_EQUAL(sizeof(message), send(a.guest, message, sizeof(message), 0));
	run_ms(4);
	for (; (size = receive_frame(&b, got)); count++) {
		CHECK(!memcmp(got + 54, frame + 54 + total, size - 54));
		total += size - 54;
	}
	CHECK_EQUAL(7, count);
	CHECK_EQUAL(10000, total);
	/* The same with an impairment: cut before it, also for a NIC that could have taken it whole. */
	plug(&b, 'b', links_port(a.links), "chacha20", NULL);
	plug(&a, 'a', links_port(b.links), "chacha20", json_pack("{s:i}", "delayUs", 1000));
	CHECK_EQUAL(sizeof(message), send(a.guest, message, sizeof(message), 0));
	run_ms(6);
	for (count = 0; (size = receive_frame(&b, got)); count++)
		CHECK(size <= 1514);
	CHECK_EQUAL(7, count);
	host_close(&a);
	host_close(&b);
}

static long long datagrams_sealed(struct host *host)
{
	uint8_t *frames;
	size_t size;
	json_t *list;
	long long result;

	links_pause(host->links);
	list = links_export(host->links, NULL, &frames, &size);
	result = json_integer_value(json_object_get(json_array_get(list, 0), "counter"));
	links_resume(host->links);
	json_decref(list);
	free(frames);
	return result;
}

/* Hosts with two addresses each: every pair of them works, and none is preferred again and again. */
static void one_of_several_ways_is_kept(void)
{
	struct host a, b, *hosts[2] = { &a, &b };
	long long before;

	host_open(&a, false);
	host_open(&b, false);
	for (int i = 0; i < 2; i++) {
		json_t *json = wire_json((char)('a' + i), links_port(hosts[!i]->links), "chacha20", 1500, NULL);
		char other[32], error[200] = "";

		snprintf(other, sizeof(other), "[::1]:%u", links_port(hosts[!i]->links));
		json_array_append_new(json_object_get(json, "peers"), json_string(other));
		CHECK_EQUAL(0, links_set(hosts[i]->links, 0, json, error, sizeof(error)));
		json_decref(json);
	}
	run_ms(100);
	before = datagrams_sealed(&a);
	run_ms(500);
	CHECK_BETWEEN(0, 5, datagrams_sealed(&a) - before);
	CHECK_BETWEEN(0, 1500000, counter(&a, "aliveUs"));
	host_close(&a);
	host_close(&b);
}

static void the_delay_is_kept_and_the_round_trip_is_measured(void)
{
	uint8_t frame[100], got[FRAME_MAX];
	struct host a, b;

	host_open(&a, false);
	host_open(&b, false);
	join(&a, &b, "chacha20");
	plug(&a, 'a', links_port(b.links), "chacha20", json_pack("{s:i}", "delayUs", 400000));
	make_frame(frame, sizeof(frame), 0);
	send_frame(&a, frame, sizeof(frame));
	run_ms(100);
	CHECK_EQUAL(0, receive_frame(&b, got));
	run_ms(310);
	CHECK_EQUAL(sizeof(frame), receive_frame(&b, got));
	run_ms(1100);
	CHECK_BETWEEN(1, 300000, counter(&a, "rttUs"));
	CHECK_BETWEEN(0, 1500000, counter(&a, "aliveUs"));
	host_close(&a);
	host_close(&b);
}

/* A man in the middle: everything from a goes to him, he decides what b sees. */
static int middle_socket(unsigned *port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(address);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	CHECK(fd >= 0 && !bind(fd, (struct sockaddr *)&address, size) && !getsockname(fd, (struct sockaddr *)&address, &size));
	*port = ntohs(address.sin_port);
	return fd;
}

static void inject(int fd, unsigned port, const uint8_t *bytes, size_t size)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons((uint16_t)port) };

	CHECK_EQUAL(size, sendto(fd, bytes, size, 0, (struct sockaddr *)&address, sizeof(address)));
}

static void replayed_forged_and_stray_datagrams_are_counted_and_dropped(void)
{
	uint8_t frame[100], got[FRAME_MAX], datagram[2000], data[2000];
	struct host a, b;
	unsigned port;
	int middle = middle_socket(&port);
	ssize_t size, data_size = 0;

	host_open(&a, false);
	host_open(&b, false);
	/* a takes the man in the middle for b, as b's keepalives come from him. */
	plug(&a, 'a', port, "chacha20", NULL);
	plug(&b, 'b', port, "chacha20", NULL);
	run_ms(5);
	while ((size = recv(middle, datagram, sizeof(datagram), 0)) > 0)
		inject(middle, links_port(a.links), datagram, (size_t)size);
	run_ms(5);
	make_frame(frame, sizeof(frame), 1);
	send_frame(&a, frame, sizeof(frame));
	run_ms(5);
	while ((size = recv(middle, datagram, sizeof(datagram), 0)) > 0) {
		if (datagram[0] == 1) {
			memcpy(data, datagram, (size_t)size);
			data_size = size;
		}
	}
	CHECK_EQUAL(136, data_size);
	for (unsigned bit = 0; bit < (unsigned)data_size * 8; bit++) {
		if (bit / 8 == 1)
			continue; /* the flags are not authenticated */
		data[bit / 8] ^= (uint8_t)(1 << bit % 8);
		inject(middle, links_port(b.links), data, (size_t)data_size);
		data[bit / 8] ^= (uint8_t)(1 << bit % 8);
		if (bit % 64 == 0)
			run_ms(1);
	}
	for (size_t cut = 0; cut < (size_t)data_size; cut++)
		inject(middle, links_port(b.links), data, cut);
	run_ms(5);
	CHECK_EQUAL(0, receive_frame(&b, got));
	CHECK_EQUAL(0, counter(&b, "rxFrames"));
	CHECK(counter(&b, "auth") > 500);
	CHECK(links_strays(b.links) >= 32);
	inject(middle, links_port(b.links), data, (size_t)data_size);
	run_ms(5);
	CHECK_EQUAL(sizeof(frame), receive_frame(&b, got));
	CHECK_EQUAL(0, counter(&b, "replay"));
	inject(middle, links_port(b.links), data, (size_t)data_size);
	run_ms(5);
	CHECK_EQUAL(0, receive_frame(&b, got));
	CHECK_EQUAL(1, counter(&b, "replay"));
	close(middle);
	host_close(&a);
	host_close(&b);
}

static void wrong_settings_are_refused_with_a_sentence(void)
{
	static const char *const wrong[] = {
		"{}", "[]", "{\"link\":\"x\",\"side\":\"c\",\"key\":\"" KEY "\"}", "{\"link\":\"x\",\"side\":\"a\",\"key\":\"AAAA\"}",
		"{\"link\":\"x\",\"side\":\"a\",\"key\":\"" KEY "\",\"mtu\":100}",
		"{\"link\":\"x\",\"side\":\"a\",\"key\":\"" KEY "\",\"peers\":[\"example.org:5\"]}",
		"{\"link\":\"x\",\"side\":\"a\",\"key\":\"" KEY "\",\"peers\":[\"1.2.3.4:0\"]}",
		"{\"link\":\"x\",\"side\":\"a\",\"key\":\"" KEY "\",\"egress\":{\"loss\":1.5}}",
		"{\"link\":\"x\",\"side\":\"a\",\"key\":\"" KEY "\",\"egress\":{\"delayUs\":-1}}",
		"{\"link\":\"x\",\"side\":\"a\",\"key\":\"" KEY "\",\"cipher\":\"rot13\"}",
	};
	char error[200];
	struct host a;

	host_open(&a, false);
	for (unsigned i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		json_t *json = json_loads(wrong[i], 0, NULL);

		CHECK(json);
		error[0] = 0;
		CHECK(links_set(a.links, 0, json, error, sizeof(error)) < 0);
		CHECK(strstr(error, "The link was not set"));
		json_decref(json);
	}
	CHECK(links_clear(a.links, 1) < 0);
	host_close(&a);
}

static int set_key(struct host *host, char side, const char *key, int generation, const char *key_id)
{
	const char named[] = { side, 0 };
	json_t *json = json_pack("{ss ss ss}", "link", "l", "side", named, "cipher", "chacha20");
	char error[300] = "";
	int result;

	if (key)
		json_object_set_new(json, "key", json_string(key));
	if (key_id)
		json_object_set_new(json, "keyId", json_string(key_id));
	if (generation)
		json_object_set_new(json, "generation", json_integer(generation));
	result = links_set(host->links, 0, json, error, sizeof(error));
	CHECK(!result || strlen(error) > 20);
	json_decref(json);
	return result;
}

static void key_now(struct host *host, char id[32], int *generation)
{
	json_t *status = links_status(host->links), *link = json_array_get(status, 0);

	snprintf(id, 32, "%s", json_string_value(json_object_get(link, "keyId")));
	*generation = (int)json_integer_value(json_object_get(link, "generation"));
	json_decref(status);
}

/* Two desktops key one link at the same time: whatever the order at each end, both ends come to the same key. */
static void both_ends_come_to_one_key_whoever_gives_it(void)
{
	static const char *const keys[] = { "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "AQECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=" };
	static const int orders[2][2] = { { 0, 1 }, { 1, 0 } };
	char ids[2][32], first[32], after[32];
	int generations[2], generation;
	struct host ends[2];

	for (int i = 0; i < 2; i++) {
		host_open(&ends[i], false);
		for (int j = 0; j < 2; j++)
			set_key(&ends[i], i ? 'b' : 'a', keys[orders[i][j]], 5, NULL);
		key_now(&ends[i], ids[i], &generations[i]);
	}
	CHECK(!strcmp(ids[0], ids[1]) && generations[0] == 5 && generations[1] == 5);
	strcpy(first, ids[0]);
	/* An older one does not come back, a newer one comes, the same one may be told again. */
	CHECK_EQUAL(-ESTALE, set_key(&ends[0], 'a', "AgECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", 4, NULL));
	CHECK_EQUAL(0, set_key(&ends[0], 'a', "AgECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", 6, NULL));
	CHECK_EQUAL(0, set_key(&ends[0], 'a', "AgECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", 3, NULL));
	key_now(&ends[0], after, &generation);
	CHECK(strcmp(after, first) && generation == 6);
	/* Who changes only the rest names the key: the one that is there, not one that was. */
	CHECK_EQUAL(0, set_key(&ends[0], 'a', NULL, 0, after));
	CHECK_EQUAL(-ESTALE, set_key(&ends[0], 'a', NULL, 0, first));
	CHECK_EQUAL(0, set_key(&ends[1], 'b', NULL, 0, first));
	CHECK_EQUAL(-EINVAL, set_key(&ends[1], 'b', NULL, 0, "short"));
	CHECK_EQUAL(-EINVAL, set_key(&ends[1], 'b', NULL, 0, NULL));
	for (int i = 0; i < 2; i++)
		host_close(&ends[i]);
}

/* What migration does: b's links go on in c, b passes on what reaches it; nothing is lost, a finds c by itself. */
static void links_move_without_losing_frames(void)
{
	uint8_t frame[200], got[FRAME_MAX], *frames = NULL;
	struct host a, b, c;
	unsigned received = 0;
	char endpoint[32], error[200] = "";
	json_t *state;
	size_t size;

	host_open(&a, false);
	host_open(&b, false);
	host_open(&c, false);
	join(&a, &b, "chacha20");
	/* b delays what it sends: some of it is on its way when b freezes. */
	plug(&b, 'b', links_port(a.links), "chacha20", json_pack("{s:i}", "delayUs", 300000));
	for (unsigned i = 0; i < 10; i++) {
		make_frame(frame, sizeof(frame), 0);
		memcpy(frame, &i, 4);
		send_frame(&a, frame, sizeof(frame)); /* the guest of b does not read them */
		send_frame(&b, frame, sizeof(frame));
	}
	run_ms(5);
	links_pause(c.links);
	links_pause(b.links);
	for (unsigned i = 10; i < 20; i++) {
		memcpy(frame, &i, 4);
		send_frame(&a, frame, sizeof(frame)); /* reaches b while it is frozen */
	}
	run_ms(5);
	state = links_export(b.links, &b.guest, &frames, &size);
	CHECK(state && frames);
	CHECK(!links_import(c.links, state, frames, size, error, sizeof(error)));
	snprintf(endpoint, sizeof(endpoint), "127.0.0.1:%u", links_port(c.links));
	CHECK(!links_forward(b.links, endpoint));
	links_resume(c.links);
	run_ms(320);
	CHECK_EQUAL(10, links_forwarded(b.links));
	while (receive_frame(&c, got)) {
		CHECK(!memcmp(got, &received, 4));
		received++;
	}
	CHECK_EQUAL(20, received);
	for (received = 0; receive_frame(&a, got); received++)
		CHECK(!memcmp(got, &received, 4));
	CHECK_EQUAL(10, received);
	CHECK_EQUAL(20, counter(&c, "rxFrames"));
	CHECK_EQUAL(0, counter(&c, "replay"));
	/* a sends to c now, directly. */
	send_frame(&a, frame, sizeof(frame));
	run_ms(5);
	CHECK_EQUAL(sizeof(frame), receive_frame(&c, got));
	CHECK_EQUAL(10, links_forwarded(b.links));
	json_decref(state);
	free(frames);
	host_close(&a);
	host_close(&b);
	host_close(&c);
}

/* The first half of a frame reached b, the second one comes when its guest is in c. */
static void a_frame_of_which_half_has_come_moves_too(void)
{
	static uint8_t frame[65000], got[FRAME_MAX], datagrams[4][70000];
	uint8_t *frames = NULL;
	struct host a, b, c;
	ssize_t sizes[4];
	unsigned port, count = 0;
	int middle = middle_socket(&port);
	char error[200] = "";
	json_t *state;
	size_t size;

	host_open(&a, false);
	host_open(&b, false);
	host_open(&c, false);
	/* Everything from a passes a man in the middle. */
	plug(&a, 'a', port, "chacha20", NULL);
	plug(&b, 'b', port, "chacha20", NULL);
	run_ms(5);
	while ((sizes[0] = recv(middle, datagrams[0], sizeof(datagrams[0]), 0)) > 0)
		inject(middle, links_port(a.links), datagrams[0], (size_t)sizes[0]);
	run_ms(5);
	while (recv(middle, datagrams[0], sizeof(datagrams[0]), 0) > 0)
		;
	make_frame(frame, sizeof(frame), 1);
	send_frame(&a, frame, sizeof(frame));
	run_ms(5);
	while (count < 4 && (sizes[count] = recv(middle, datagrams[count], sizeof(datagrams[count]), 0)) > 0)
		if (datagrams[count][0] == 1)
			count++;
	CHECK_EQUAL(2, count);
	inject(middle, links_port(b.links), datagrams[0], (size_t)sizes[0]);
	run_ms(5);
	CHECK_EQUAL(0, receive_frame(&b, got));
	links_pause(c.links);
	links_pause(b.links);
	state = links_export(b.links, &b.guest, &frames, &size);
	CHECK(state && frames && !links_import(c.links, state, frames, size, error, sizeof(error)));
	links_resume(c.links);
	inject(middle, links_port(c.links), datagrams[1], (size_t)sizes[1]);
	run_ms(5);
	CHECK_EQUAL(sizeof(frame), receive_frame(&c, got));
	CHECK(!memcmp(frame, got, sizeof(frame)));
	json_decref(state);
	free(frames);
	close(middle);
	host_close(&a);
	host_close(&b);
	host_close(&c);
}

/* Another key for the same link, as when a switch was made anew: what is in the delay queue arrives all the same. */
static void a_new_key_leaves_the_delay_queue_alone(void)
{
	uint8_t frame[100], got[FRAME_MAX];
	struct host a, b, *hosts[2] = { &a, &b };

	host_open(&a, false);
	host_open(&b, false);
	join(&a, &b, "chacha20");
	plug(&a, 'a', links_port(b.links), "chacha20", json_pack("{s:i}", "delayUs", 200000));
	make_frame(frame, sizeof(frame), 0);
	send_frame(&a, frame, sizeof(frame));
	run_ms(20);
	for (int i = 0; i < 2; i++) {
		json_t *json = wire_json((char)('a' + i), links_port(hosts[!i]->links), "chacha20", 1500, i ? NULL : json_pack("{s:i}", "delayUs", 200000));
		char error[200] = "";

		json_object_set_new(json, "key", json_string("AQECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="));
		CHECK_EQUAL(0, links_set(hosts[i]->links, 0, json, error, sizeof(error)));
		json_decref(json);
	}
	run_ms(20);
	CHECK_EQUAL(0, receive_frame(&b, got));
	run_ms(220);
	CHECK_EQUAL(sizeof(frame), receive_frame(&b, got));
	CHECK(!memcmp(frame, got, sizeof(frame)));
	CHECK_EQUAL(0, counter(&b, "auth"));
	host_close(&a);
	host_close(&b);
}

static void a_failed_move_goes_on_where_it_was(void)
{
	uint8_t frame[200], got[FRAME_MAX], *frames = NULL;
	struct host a, b;
	json_t *state;
	size_t size;
	unsigned received = 0;

	host_open(&a, false);
	host_open(&b, false);
	join(&a, &b, "chacha20");
	make_frame(frame, sizeof(frame), 0);
	send_frame(&a, frame, sizeof(frame));
	run_ms(5);
	links_pause(b.links);
	state = links_export(b.links, &b.guest, &frames, &size);
	CHECK(state);
	send_frame(&a, frame, sizeof(frame));
	run_ms(5);
	links_put_back(b.links, frames, size);
	links_resume(b.links);
	run_ms(5);
	while (receive_frame(&b, got))
		received++;
	CHECK_EQUAL(2, received);
	json_decref(state);
	free(frames);
	host_close(&a);
	host_close(&b);
}

static void a_damaged_import_is_refused(void)
{
	static const char *const wrong[] = { "{}", "[{\"nic\":7}]", "[{\"nic\":0,\"config\":{}}]",
					     "[{\"nic\":0,\"config\":{\"link\":\"x\",\"side\":\"a\",\"key\":\"" KEY "\"},\"window\":\"AA==\"}]" };
	uint8_t frames[40] = { 1, 0, 0, 0, 200 };
	char error[200] = "";
	struct host a;
	json_t *json;

	host_open(&a, false);
	links_pause(a.links);
	for (unsigned i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		json = json_loads(wrong[i], 0, NULL);
		error[0] = 0;
		CHECK(links_import(a.links, json, NULL, 0, error, sizeof(error)) < 0);
		CHECK(error[0]);
		json_decref(json);
	}
	json = json_array();
	CHECK(links_import(a.links, json, frames, sizeof(frames), error, sizeof(error)) < 0);
	CHECK(links_import(a.links, json, frames, 3, error, sizeof(error)) < 0);
	json_decref(json);
	host_close(&a);
}

static uint64_t clock_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* A frame that lay in its socket, as its supervisor did not get to run, is delayed from when it was written. */
static void a_delay_begins_when_the_frame_was_written(void)
{
	uint8_t frame[60] = { 0 };
	struct nic_reader *reader = nic_reader_create();
	struct nic nic = { 0 };
	int pair[2];

	CHECK(reader && !socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair));
	nic.fd = pair[0];
	for (unsigned stamped = 0; stamped < 2; stamped++) {
		uint64_t before = clock_us(), after, read_at;

		nic_stamp(&nic, stamped);
		CHECK_EQUAL(sizeof(frame), send(pair[1], frame, sizeof(frame), 0));
		after = clock_us();
		usleep(10000);
		read_at = clock_us();
		CHECK_EQUAL(1, nic_read(reader, &nic));
		if (stamped)
			CHECK_BETWEEN(before, (after + read_at) / 2, nic_written_at(reader, 0));
		else
			CHECK(nic_written_at(reader, 0) >= read_at);
		/* What is older than that may as well be a clock that was set. */
		CHECK_EQUAL(sizeof(frame), send(pair[1], frame, sizeof(frame), 0));
		usleep(100000);
		read_at = clock_us();
		CHECK_EQUAL(1, nic_read(reader, &nic));
		CHECK(nic_written_at(reader, 0) >= read_at);
	}
	close(pair[0]);
	close(pair[1]);
	nic_reader_destroy(reader);
}

int main(void)
{
	loop = loop_create();
	CHECK(loop);
	RUN(frames_of_all_sizes_arrive);
	RUN(bursts_arrive_in_order);
	RUN(large_tcp_frames_are_cut_for_a_nic_without_offload);
	RUN(one_of_several_ways_is_kept);
	RUN(the_delay_is_kept_and_the_round_trip_is_measured);
	RUN(a_delay_begins_when_the_frame_was_written);
	RUN(replayed_forged_and_stray_datagrams_are_counted_and_dropped);
	RUN(wrong_settings_are_refused_with_a_sentence);
	RUN(both_ends_come_to_one_key_whoever_gives_it);
	RUN(links_move_without_losing_frames);
	RUN(a_frame_of_which_half_has_come_moves_too);
	RUN(a_new_key_leaves_the_delay_queue_alone);
	RUN(a_failed_move_goes_on_where_it_was);
	RUN(a_damaged_import_is_refused);
	loop_destroy(loop);
	return 0;
}
