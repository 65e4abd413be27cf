/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Benchmark of the packet path: two supervisors' links in two processes, joined by UDP over loopback; this process writes frames as guest a (a
 * third process) and reads them as guest b. Prints throughput, then how exactly delay and rate are kept. Beside them runs what many such programs are: a forwarder that receives one
 * datagram and sends it on, in the clear, with the system's usual buffers.
 *
 *   forward [--json] [seconds each [part of a case's name]]
 *
 * "over" is how much later than its delay asks for a frame comes, "early" how much earlier at most (never, if all is well): both contain what the host's
 * scheduling costs, which the case without an impairment shows alone; so who writes and reads frames here asks for short turns, as supervisors do. The CPU time is that of the process that forwards: of ours the one that seals. "Without loss" looks for the highest
 * rate of which 999 frames of 1000 come. With --json each case is one line, times in microseconds.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../src/frame.h"
#include "../src/link.h"
#include "../src/seal.h"
#include "../src/turns.h"

#define KEY "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define BATCH 32
#define SAMPLES_MAX 1000000
#define SEARCH -1.0
#define SEARCH_FIRST 40000.0
#define SEARCH_ALL 0.999
#define SEARCH_CLOSE 1.06
#define SEARCH_SECONDS 1.0

struct frame_mark {
	uint64_t index, sent_ns;
};

static uint64_t clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static _Noreturn void give_up(const char *what)
{
	fprintf(stderr, "The benchmark ends: %s failed (%s).\n", what, strerror(errno));
	exit(1);
}

/* A supervisor's network in a process of its own. The port goes out, the peer's comes in, by pipes. */
static pid_t supervisor(int nic, bool offload, char side, const char *cipher, const char *egress, int port_out, int peer_in)
{
	pid_t pid = fork();
	char error[300] = "", peer[64], name[2] = { side, 0 };
	unsigned port, peer_port;
	struct links *links;
	struct loop *loop;
	json_t *json;

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	loop = loop_create();
	links = links_create(loop, 1, &nic, &offload, error, sizeof(error));
	if (!links)
		give_up(error);
	port = links_port(links);
	if (write(port_out, &port, sizeof(port)) != sizeof(port) || read(peer_in, &peer_port, sizeof(peer_port)) != sizeof(peer_port))
		give_up("exchange of ports");
	snprintf(peer, sizeof(peer), "127.0.0.1:%u", peer_port);
	json = json_pack("{s:s,s:s,s:s,s:s,s:[s],s:o}", "link", "bench", "key", KEY, "side", name, "cipher", cipher, "peers", peer, "egress",
			 json_loads(egress, 0, NULL));
	if (links_set(links, 0, json, error, sizeof(error)) < 0)
		give_up(error);
	loop_run(loop);
	_exit(0);
}

/* Guest a. frames_per_second 0: as fast as the socket takes them. */
static pid_t generator(int guest, bool offload, size_t size, double frames_per_second, double seconds)
{
	uint64_t whole = 0;

	static uint8_t bytes[BATCH][FRAME_VNET_SIZE + FRAME_MAX];
	size_t header = offload ? FRAME_VNET_SIZE : 0;
	uint64_t start, index = 0;
	pid_t pid = fork();

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_TIMERSLACK, 1);
	turns_be_short(-1);
	start = clock_ns();
	while ((double)(clock_ns() - start) < seconds * 1e9) {
		struct mmsghdr messages[BATCH] = { 0 };
		struct iovec parts[BATCH];
		unsigned count = BATCH, sent = 0;

		if (frames_per_second > 0) {
			uint64_t due = start + (uint64_t)((double)index * 1e9 / frames_per_second);
			struct timespec at = { (time_t)(due / 1000000000), (long)(due % 1000000000) };

			clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
			/* Those whose time has come meanwhile go with it. */
			whole = (uint64_t)((double)(clock_ns() - start) * frames_per_second / 1e9) + 1;
			count = whole - index < BATCH ? (unsigned)(whole - index) : BATCH;
			count = count ? count : 1;
		}
		for (unsigned i = 0; i < count; i++) {
			struct frame_mark mark = { index++, clock_ns() };

			memcpy(bytes[i] + header + FRAME_MIN, &mark, sizeof(mark));
			parts[i] = (struct iovec){ bytes[i], header + size };
			messages[i].msg_hdr = (struct msghdr){ .msg_iov = &parts[i], .msg_iovlen = 1 };
		}
		while (sent < count) {
			int result = sendmmsg(guest, messages + sent, count - sent, 0);

			if (result < 0)
				give_up("sending frames");
			sent += (unsigned)result;
		}
	}
	_exit(0);
}

static int compare_samples(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static bool as_json;

struct result {
	uint64_t frames, highest, first_ns, last_ns;
	uint32_t *delays_us;
	size_t samples;
	double cpu_seconds; /* of the process that forwards, or seals */
};

static void read_frames(int guest, bool offload, struct result *result)
{
	static uint8_t bytes[BATCH][FRAME_VNET_SIZE + FRAME_MAX];
	size_t header = offload ? FRAME_VNET_SIZE : 0;
	struct pollfd poll_fd = { .fd = guest, .events = POLLIN };

	/* Half a second without a frame is the end. */
	while (poll(&poll_fd, 1, result->frames ? 500 : 5000) > 0) {
		struct mmsghdr messages[BATCH] = { 0 };
		struct iovec parts[BATCH];
		int count;

		for (unsigned i = 0; i < BATCH; i++) {
			parts[i] = (struct iovec){ bytes[i], sizeof(bytes[i]) };
			messages[i].msg_hdr = (struct msghdr){ .msg_iov = &parts[i], .msg_iovlen = 1 };
		}
		count = recvmmsg(guest, messages, BATCH, MSG_DONTWAIT, NULL);
		for (int i = 0; i < count; i++) {
			struct frame_mark mark;
			uint64_t now = clock_ns();

			memcpy(&mark, bytes[i] + header + FRAME_MIN, sizeof(mark));
			if (!result->frames++)
				result->first_ns = now;
			result->last_ns = now;
			result->highest = mark.index > result->highest ? mark.index : result->highest;
			if (result->samples < SAMPLES_MAX)
				result->delays_us[result->samples++] = (uint32_t)((now - mark.sent_ns) / 1000);
		}
	}
	qsort(result->delays_us, result->samples, sizeof(*result->delays_us), compare_samples);
}

static double cpu_of(pid_t pid)
{
	char path[64], text[1024], *at;
	unsigned long user = 0, system = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "r");
	if (!file)
		return 0;
	if (fgets(text, sizeof(text), file) && (at = strrchr(text, ')')))
		sscanf(at + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system);
	fclose(file);
	return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

static void report(const char *title, const struct result *result, size_t size, double delay_us, double rate_bps)
{
	double span = (double)(result->last_ns - result->first_ns) / 1e9, frames = (double)result->frames;
	double lost = 1 - frames / (double)(result->highest + 1), per_second = (frames - 1) / span, bps = per_second * (double)size * 8;
	const uint32_t *d = result->delays_us;
	double early = result->samples ? delay_us - d[0] : 0, p50 = 0, p99 = 0, most = 0;

	if (result->samples) {
		p50 = d[result->samples / 2] - delay_us;
		p99 = d[result->samples * 99 / 100] - delay_us;
		most = d[result->samples - 1] - delay_us;
	}
	if (early < 0)
		early = 0;
	if (as_json) {
		printf("{\"case\":\"%s\",\"framesPerSecond\":%.0f,\"bitsPerSecond\":%.0f,\"wantedBitsPerSecond\":%.0f,\"lost\":%.6f,\"cpuUsPerFrame\":%.3f,"
		       "\"early\":%.0f,\"over\":{\"p50\":%.0f,\"p99\":%.0f,\"max\":%.0f}}\n",
		       title, per_second, bps, rate_bps, lost, result->cpu_seconds * 1e6 / frames, early, p50, p99, most);
	} else {
		printf("%-34s %8.0f frames/s %7.3f Gbit/s  lost %5.2f %%  cpu %4.2f us/frame  over us p50 %.0f p99 %.0f max %.0f early %.0f", title, per_second, bps / 1e9,
		       100 * lost, result->cpu_seconds * 1e6 / frames, p50, p99, most, early);
		if (rate_bps > 0)
			printf("  rate off by %+.2f %%", 100 * (bps / rate_bps - 1));
		printf("\n");
	}
	fflush(stdout);
}

/* Two ends of guests' sockets, and what lies between them. */
struct path {
	int guest[2]; /* where frames are written and read */
	pid_t pids[2]; /* of the first the CPU time counts */
	unsigned processes;
};

static void path_open(struct path *path, const char *cipher, bool offload, const char *egress)
{
	int a[2], b[2], ports[2][2], peers[2][2];
	unsigned port[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, a) || socketpair(AF_UNIX, SOCK_SEQPACKET, 0, b))
		give_up("socketpair");
	for (unsigned i = 0; i < 2; i++) {
		if (pipe(ports[i]) || pipe(peers[i]))
			give_up("pipe");
	}
	*path = (struct path){ .guest = { a[1], b[1] }, .processes = 2 };
	path->pids[0] = supervisor(a[0], offload, 'a', cipher, egress, ports[0][1], peers[0][0]);
	path->pids[1] = supervisor(b[0], offload, 'b', cipher, "{}", ports[1][1], peers[1][0]);
	for (unsigned i = 0; i < 2; i++) {
		if (read(ports[i][0], &port[i], sizeof(port[i])) != sizeof(port[i]))
			give_up("start of the supervisors");
	}
	for (unsigned i = 0; i < 2; i++) {
		if (write(peers[i][1], &port[!i], sizeof(port[0])) != sizeof(port[0]))
			give_up("exchange of ports");
	}
	for (unsigned i = 0; i < 2; i++) {
		close(ports[i][0]);
		close(ports[i][1]);
		close(peers[i][0]);
		close(peers[i][1]);
	}
	close(a[0]);
	close(b[0]);
	usleep(200000);
}

static int udp_socket(struct sockaddr_in *address)
{
	socklen_t size = sizeof(*address);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	*address = (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	if (fd < 0 || bind(fd, (struct sockaddr *)address, size) || getsockname(fd, (struct sockaddr *)address, &size))
		give_up("UDP socket");
	return fd;
}

/* Receives one, sends one. */
static pid_t plain_forwarder(int in, int out)
{
	static uint8_t bytes[FRAME_VNET_SIZE + FRAME_MAX];
	pid_t pid = fork();

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		ssize_t size = recv(in, bytes, sizeof(bytes), 0);

		if (size > 0 && send(out, bytes, (size_t)size, 0) < 0 && errno != ENOBUFS)
			_exit(1);
	}
}

static void path_open_plain(struct path *path)
{
	struct sockaddr_in to, last, ignored;
	int in = udp_socket(&to), out = udp_socket(&ignored), reader = udp_socket(&last), writer = udp_socket(&ignored);

	if (connect(writer, (struct sockaddr *)&to, sizeof(to)) || connect(out, (struct sockaddr *)&last, sizeof(last)))
		give_up("connect");
	*path = (struct path){ .guest = { writer, reader }, .processes = 1 };
	path->pids[0] = plain_forwarder(in, out);
	close(in);
	close(out);
}

static void path_close(struct path *path)
{
	for (unsigned i = 0; i < path->processes; i++) {
		kill(path->pids[i], SIGKILL);
		waitpid(path->pids[i], NULL, 0);
	}
	close(path->guest[0]);
	close(path->guest[1]);
}

struct bench_case {
	const char *title;
	bool plain, chacha, offload, hosts; /* hosts: datagrams are as small as between two hosts */
	size_t size;
	const char *egress;
	double frames_per_second; /* 0: as many as go; SEARCH: as many as go without loss */
	double delay_us, rate_bps; /* what the egress asks for */
};

/* From now on loopback is a network of its own whose MTU is Ethernet's. False: this account may not make one. */
static bool enter_small_network(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_mtu = 1500 };
	int fd;

	if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
		return false;
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (fd < 0 || ioctl(fd, SIOCSIFMTU, &request) < 0)
		return false;
	request.ifr_flags = IFF_UP;
	if (ioctl(fd, SIOCSIFFLAGS, &request) < 0)
		return false;
	close(fd);
	return true;
}

static void run(const struct bench_case *c, const char *cipher, double frames_per_second, double seconds, struct result *result)
{
	struct path path;
	pid_t pid;

	*result = (struct result){ .delays_us = result->delays_us };
	if (c->plain)
		path_open_plain(&path);
	else
		path_open(&path, cipher, c->offload, c->egress);
	pid = generator(path.guest[0], c->offload, c->size, frames_per_second, seconds);
	read_frames(path.guest[1], c->offload, result);
	result->cpu_seconds = cpu_of(path.pids[0]);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	path_close(&path);
}

/* Doubles the rate until frames are lost, or fewer come than were to be sent, then halves the distance. */
static void search(const struct bench_case *c, const char *cipher, double seconds, struct result *best)
{
	double low = 0, high = 0, rate = SEARCH_FIRST;
	struct result result = { .delays_us = best->delays_us };

	while (!high || high > low * SEARCH_CLOSE) {
		bool all;

		run(c, cipher, rate, seconds, &result);
		all = (double)result.frames >= SEARCH_ALL * (double)(result.highest + 1) && (double)result.frames >= SEARCH_ALL * rate * seconds * 0.98;
		if (all) {
			low = rate;
			*best = result;
		} else if (rate <= SEARCH_FIRST / 8) {
			*best = result;
			return;
		} else {
			high = rate;
		}
		rate = !high ? 2 * rate : !low ? rate / 2 : (low + high) / 2;
	}
}

static const struct bench_case cases[] = {
	{ "64 B", .size = 64, .egress = "{}" },
	{ "1514 B", .size = 1514, .egress = "{}" },
	{ "1514 B, chacha20", .chacha = true, .size = 1514, .egress = "{}" },
	{ "vnet 65 kB", .offload = true, .size = 65000, .egress = "{}" },
	{ "64 B without loss", .size = 64, .egress = "{}", .frames_per_second = SEARCH },
	{ "1514 B without loss", .size = 1514, .egress = "{}", .frames_per_second = SEARCH },
	{ "plain forwarder, 64 B without loss", .plain = true, .size = 64, .frames_per_second = SEARCH },
	{ "plain forwarder, 1514 B without loss", .plain = true, .size = 1514, .frames_per_second = SEARCH },
	{ "no impairment, 10000 frames/s", .size = 200, .egress = "{}", .frames_per_second = 10000 },
	{ "delay 100 ms, 10000 frames/s", .size = 200, .egress = "{\"delayUs\":100000}", .frames_per_second = 10000, .delay_us = 100000 },
	{ "delay 100 ms, 1514 B", .size = 1514, .egress = "{\"delayUs\":100000}", .delay_us = 100000 },
	{ "rate 8 Mbit/s", .size = 1000, .egress = "{\"rateBps\":8000000}", .frames_per_second = 3000, .rate_bps = 8e6 },
	{ "rate 100 Mbit/s", .size = 1514, .egress = "{\"rateBps\":100000000}", .frames_per_second = 20000, .rate_bps = 1e8 },
	/* After these there is no way back. */
	{ "MTU 1500, 64 B", .hosts = true, .size = 64, .egress = "{}" },
	{ "MTU 1500, 1514 B", .hosts = true, .size = 1514, .egress = "{}" },
	{ "MTU 1500, vnet 65 kB", .hosts = true, .offload = true, .size = 65000, .egress = "{}" },
};

int main(int argc, char **argv)
{
	double seconds;
	uint32_t *samples = malloc(SAMPLES_MAX * sizeof(*samples));
	bool aes, small = false;

	if (argc > 1 && !strcmp(argv[1], "--json")) {
		as_json = true;
		argc--;
		argv++;
	}
	seconds = argc > 1 ? atof(argv[1]) : 3;
	if (!samples || seal_init() < 0 || seconds <= 0)
		give_up("start");
	turns_be_short(-1);
	aes = seal_available(SEAL_AES256GCM);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct bench_case *c = &cases[i];
		const char *cipher = aes && !c->chacha ? "aes256gcm" : "chacha20";
		struct result result = { .delays_us = samples };

		if (argc >= 3 && !strstr(c->title, argv[2]))
			continue;
		if (c->hosts && !small && !(small = enter_small_network())) {
			fprintf(stderr, "The cases with an MTU of 1500 are left out: this account may not make a network of its own (%s).\n", strerror(errno));
			break;
		}
		if (c->frames_per_second == SEARCH)
			search(c, cipher, SEARCH_SECONDS, &result);
		else
			run(c, cipher, c->frames_per_second, seconds, &result);
		report(c->title, &result, c->size, c->delay_us, c->rate_bps);
	}
	free(samples);
	return 0;
}
