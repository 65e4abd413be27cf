/* SPDX-License-Identifier: Apache-2.0 */
/* Supervisors' links in one loop, joined by real UDP over loopback; the guests are the other ends of real NIC sockets. */
#ifndef MOBIHOST_TEST_LINK_HOSTS_H
#define MOBIHOST_TEST_LINK_HOSTS_H

#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "../../src/frame.h"
#include "../../src/link.h"
#include "../../src/seal.h"
#include "check.h"

#define KEY "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

struct host {
	struct links *links;
	int guest; /* the guest's end of NIC 0 */
	int nic;
	bool offload;
};

static struct loop *loop;

static inline void stop(void *arg)
{
	(void)arg;
	loop_stop(loop);
}

static inline void run_once(unsigned ms)
{
	struct loop_timer timer;
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	loop_timer_init(&timer, stop, NULL);
	loop_timer_set(loop, &timer, (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000 + ms * 1000u);
	CHECK(!loop_run(loop));
	loop_timer_cancel(loop, &timer);
}

/* A busy host may hold us up until the time is over: the rounds after it let through what had come by then. */
static inline void run_ms(unsigned ms)
{
	run_once(ms);
	for (unsigned i = 0; i < 6; i++)
		run_once(1);
}

static inline void host_open(struct host *host, bool offload)
{
	int pair[2];
	char error[200] = "";

	CHECK(!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair));
	host->nic = pair[0];
	host->guest = pair[1];
	host->offload = offload;
	host->links = links_create(loop, 1, &pair[0], &offload, error, sizeof(error));
	CHECK(host->links);
}

static inline void host_close(struct host *host)
{
	links_destroy(host->links);
	close(host->nic);
	close(host->guest);
}

static inline json_t *wire_json(char side, unsigned peer_port, const char *cipher, unsigned mtu, json_t *egress)
{
	char peer[32], name[2] = { side, 0 };

	snprintf(peer, sizeof(peer), "127.0.0.1:%u", peer_port);
	return json_pack("{s:s,s:s,s:s,s:s,s:[s],s:i,s:o}", "link", "l1", "key", KEY, "side", name, "cipher", cipher, "peers", peer, "mtu",
			 (int)mtu, "egress", egress ? egress : json_object());
}

static inline void plug(struct host *host, char side, unsigned peer_port, const char *cipher, json_t *egress)
{
	json_t *json = wire_json(side, peer_port, cipher, 1500, egress);
	char error[200] = "";

	if (links_set(host->links, 0, json, error, sizeof(error)) < 0) {
		fprintf(stderr, "%s\n", error);
		exit(1);
	}
	json_decref(json);
}

static inline void join(struct host *a, struct host *b, const char *cipher)
{
	plug(a, 'a', links_port(b->links), cipher, NULL);
	plug(b, 'b', links_port(a->links), cipher, NULL);
	run_ms(20);
}

static inline void send_frame(const struct host *host, const uint8_t *frame, size_t size)
{
	static uint8_t message[FRAME_VNET_SIZE + FRAME_MAX];
	size_t header = host->offload ? FRAME_VNET_SIZE : 0;

	memset(message, 0, header);
	memcpy(message + header, frame, size);
	CHECK_EQUAL(header + size, send(host->guest, message, header + size, 0));
}

/* Size of the frame that came, 0: none. */
static inline size_t receive_frame(const struct host *host, uint8_t *frame)
{
	static uint8_t message[FRAME_VNET_SIZE + FRAME_MAX];
	size_t header = host->offload ? FRAME_VNET_SIZE : 0;
	ssize_t size = recv(host->guest, message, sizeof(message), 0);

	if (size < 0)
		return 0;
	memcpy(frame, message + header, (size_t)size - header);
	return (size_t)size - header;
}

static inline long long counter(const struct host *host, const char *name)
{
	json_t *list = links_counters(host->links), *entry = json_array_get(list, 0), *value = json_object_get(entry, name);
	long long result;

	if (!value)
		value = json_object_get(json_object_get(entry, "drops"), name);
	CHECK(value);
	result = json_integer_value(value);
	json_decref(list);
	return result;
}

static inline void make_frame(uint8_t *frame, size_t size, unsigned seed)
{
	for (size_t i = 0; i < size; i++)
		frame[i] = (uint8_t)(i * 7 + seed + i / 256);
}

#endif
