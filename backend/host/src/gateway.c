/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Theory. A gateway joins its links by a bridge (bridge.c); one more port of it leads to this process, in which libslirp plays a router: it answers ARP and DHCP,
 * passes DNS on to the host's resolver, and translates TCP, UDP and pings of guests to sockets of an ordinary process, so neither root nor a network device is
 * needed. It is a process of its own because it takes packets apart that guests made: should one of them break it, the supervisor sees its end
 * and says so, and nothing else is lost. It gives up all it could gain (no new privileges, no core, few descriptors).
 *
 * Addresses of the network a.b.c.0/n: the gateway's own (by default 10.0.2.2/24), one above it the name server, from the 15th on 16 leases. Guests may also be given fixed addresses.
 * Connections from outside do not come in, and the host's own loopback interface is out of reach unless the configuration says so: what
 * listens there often trusts whoever comes.
 *
 * libslirp wants to be asked before each wait which sockets to look at, and told after it what they are ready for; hence poll, with an array that is made anew
 * each time. Its only timer is IPv6's router advertisement; IPv6 is off.
 */
#define _GNU_SOURCE
#include "gateway.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libslirp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "clock.h"
#include "frame.h"

#define SOCKETS_MAX 4096
#define BATCH 256
#define LEASES_FROM 15
#define OWN_MOST 13
#define PREFIX_MIN 8
#define PREFIX_MAX 26

struct gateway {
	Slirp *slirp;
	struct pollfd polls[SOCKETS_MAX + 1]; /* the first one is the frames' */
	nfds_t count;
	int64_t timers[SLIRP_TIMER_NUM]; /* milliseconds; -1: not set */
};

struct timer {
	struct gateway *gateway;
	SlirpTimerId id;
	void *arg;
};

int gateway_network_parse(const char *text, struct gateway_network *network, struct fail *fail)
{
	char address[INET_ADDRSTRLEN] = "", *end = NULL;
	const char *slash = strchr(text, '/');
	unsigned long prefix = slash ? strtoul(slash + 1, &end, 10) : 0;
	uint32_t mask, own;

	if (slash && (size_t)(slash - text) < sizeof(address))
		memcpy(address, text, (size_t)(slash - text));
	if (!slash || end == slash + 1 || *end || inet_pton(AF_INET, address, &network->address) != 1 || prefix < PREFIX_MIN || prefix > PREFIX_MAX)
		return fail_set(fail, "bad-config", "\"%.40s\" is not the address of a gateway. Write one with a prefix of %d to %d, such as " GATEWAY_ADDRESS ".", text, PREFIX_MIN,
				PREFIX_MAX);
	mask = ~0U << (32 - prefix);
	own = ntohl(network->address.s_addr);
	if ((own & ~mask) < 1 || (own & ~mask) > OWN_MOST)
		return fail_set(fail, "bad-config", "The gateway's address %.40s must be one of the first %d of its network; the others are for guests.", text, OWN_MOST);
	network->mask.s_addr = htonl(mask);
	network->network.s_addr = htonl(own & mask);
	network->nameserver.s_addr = htonl(own + 1);
	network->first_lease.s_addr = htonl((own & mask) + LEASES_FROM);
	return 0;
}

static int64_t clock_for_slirp(void *arg)
{
	(void)arg;
	return (int64_t)clock_ns();
}

/* A full socket loses the frame, as libslirp expects of a network. */
static ssize_t send_packet(const void *bytes, size_t size, void *arg)
{
	ssize_t sent = send(GATEWAY_FD_FRAMES, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);

	(void)arg;
	return sent < 0 ? (ssize_t)size : sent;
}

static void guest_error(const char *message, void *arg)
{
	(void)arg;
	(void)message; /* guests may send what they like; a log of it would only fill the disk */
}

static void *timer_new(SlirpTimerId id, void *timer_arg, void *arg)
{
	struct timer *timer = malloc(sizeof(*timer));

	if (timer)
		*timer = (struct timer){ .gateway = arg, .id = id, .arg = timer_arg };
	return timer;
}

static void timer_free(void *timer, void *arg)
{
	(void)arg;
	free(timer);
}

static void timer_mod(void *timer, int64_t milliseconds, void *arg)
{
	(void)arg;
	if (timer)
		((struct timer *)timer)->gateway->timers[((struct timer *)timer)->id] = milliseconds;
}

static void ignore_fd(int fd, void *arg)
{
	(void)fd;
	(void)arg;
}

static void ignore(void *arg)
{
	(void)arg;
}

static int add_poll(int fd, int wanted, void *arg)
{
	struct gateway *gateway = arg;
	short events = 0;

	if (gateway->count > SOCKETS_MAX)
		return -1;
	if (wanted & SLIRP_POLL_IN)
		events |= POLLIN;
	if (wanted & SLIRP_POLL_OUT)
		events |= POLLOUT;
	if (wanted & SLIRP_POLL_PRI)
		events |= POLLPRI;
	gateway->polls[gateway->count] = (struct pollfd){ .fd = fd, .events = events };
	return (int)gateway->count++;
}

static int get_events(int index, void *arg)
{
	struct gateway *gateway = arg;
	int events = 0;
	short ready;

	if (index < 0)
		return 0;
	ready = gateway->polls[index].revents;
	if (ready & POLLIN)
		events |= SLIRP_POLL_IN;
	if (ready & POLLOUT)
		events |= SLIRP_POLL_OUT;
	if (ready & POLLPRI)
		events |= SLIRP_POLL_PRI;
	if (ready & (POLLERR | POLLNVAL))
		events |= SLIRP_POLL_ERR;
	if (ready & POLLHUP)
		events |= SLIRP_POLL_HUP;
	return events;
}

static void timers_run(struct gateway *gateway)
{
	int64_t now = (int64_t)clock_ms();

	for (int id = 0; id < SLIRP_TIMER_NUM; id++) {
		if (gateway->timers[id] >= 0 && gateway->timers[id] <= now) {
			gateway->timers[id] = -1;
			slirp_handle_timer(gateway->slirp, (SlirpTimerId)id, NULL);
		}
	}
}

/* False: the supervisor is gone. */
static bool take_frames(struct gateway *gateway)
{
	static uint8_t frame[FRAME_MAX];

	for (int i = 0; i < BATCH; i++) {
		ssize_t size = recv(GATEWAY_FD_FRAMES, frame, sizeof(frame), MSG_DONTWAIT);

		if (size < 0)
			return errno == EAGAIN || errno == EINTR;
		if (!size)
			return false;
		if (size >= FRAME_MIN)
			slirp_input(gateway->slirp, frame, (int)size);
	}
	return true;
}

static int run(struct gateway *gateway)
{
	for (;;) {
		uint32_t timeout = 1000;
		int ready;

		gateway->polls[0] = (struct pollfd){ .fd = GATEWAY_FD_FRAMES, .events = POLLIN };
		gateway->count = 1;
		slirp_pollfds_fill(gateway->slirp, &timeout, add_poll, gateway);
		ready = poll(gateway->polls, gateway->count, (int)(timeout < 1000 ? timeout : 1000));
		if (ready < 0 && errno != EINTR)
			return 1;
		slirp_pollfds_poll(gateway->slirp, ready < 0, get_events, gateway);
		if (ready > 0 && gateway->polls[0].revents && !take_frames(gateway))
			return 0;
		timers_run(gateway);
	}
}

static void confine(void)
{
	struct rlimit files = { SOCKETS_MAX, SOCKETS_MAX }, current;

	if (getrlimit(RLIMIT_NOFILE, &current) == 0 && current.rlim_max > SOCKETS_MAX)
		setrlimit(RLIMIT_NOFILE, &files);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

int gateway_main(const char *address, bool loopback)
{
	static const SlirpCb callbacks = {
		.send_packet = send_packet, .guest_error = guest_error, .clock_get_ns = clock_for_slirp, .timer_new_opaque = timer_new, .timer_free = timer_free,
		.timer_mod = timer_mod, .register_poll_fd = ignore_fd, .unregister_poll_fd = ignore_fd, .notify = ignore,
	};
	static struct gateway gateway;
	struct gateway_network network;
	struct fail fail;
	SlirpConfig config = { .version = 4, .in_enabled = true, .disable_host_loopback = !loopback };

	if (gateway_network_parse(address, &network, &fail) < 0) {
		fprintf(stderr, "gateway: %s\n", fail.message);
		return 2;
	}
	confine();
	config.vnetwork = network.network;
	config.vnetmask = network.mask;
	config.vhost = network.address;
	config.vnameserver = network.nameserver;
	config.vdhcp_start = network.first_lease;
	for (int id = 0; id < SLIRP_TIMER_NUM; id++)
		gateway.timers[id] = -1;
	gateway.slirp = slirp_new(&config, &callbacks, &gateway);
	if (!gateway.slirp) {
		fprintf(stderr, "gateway: the address translation could not be set up.\n");
		return 1;
	}
	return run(&gateway);
}
