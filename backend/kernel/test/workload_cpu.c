/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of processes, memory, time and registers. */
#define _GNU_SOURCE
#include <errno.h>
#include <cpuid.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "workload.h"

/* A number goes to a child and comes back changed. */
static uint64_t scramble(uint64_t v)
{
	return v * 6364136223846793005ULL + 1;
}

void check_pipe(void)
{
	int there[2], back[2];
	uint64_t v;

	if (pipe(there) < 0 || pipe(back) < 0)
		return;
	if (fork() == 0) {
		while (read(there[0], &v, sizeof(v)) == sizeof(v)) {
			v = scramble(v);
			if (write(back[1], &v, sizeof(v)) != sizeof(v))
				break;
		}
		_exit(0);
	}
	for (uint64_t i = 1;; i++) {
		v = i;
		if (write(there[1], &v, sizeof(v)) != sizeof(v) || read(back[0], &v, sizeof(v)) != sizeof(v))
			check_fail(CHECK_PIPE, "errno %d", errno);
		if (v != scramble(i))
			check_fail(CHECK_PIPE, "wrong value at %llu", (unsigned long long)i);
		check_step(CHECK_PIPE);
		if (i % 20 == 0)
			sleep_ms(10);
	}
}

/*
 * A timerfd of 10 ms through epoll, each tick through an eventfd. The ticks must agree with the monotonic clock, and that clock
 * must neither go back nor jump over the time the guest was frozen.
 */
void check_timer(void)
{
	const double slack = 40, longest_gap = 1.5;
	struct itimerspec period = { .it_interval.tv_nsec = 10000000, .it_value.tv_nsec = 10000000 };
	int timer = timerfd_create(CLOCK_MONOTONIC, 0), event = eventfd(0, EFD_NONBLOCK), poll = epoll_create1(0);
	struct epoll_event e = { .events = EPOLLIN };
	double start = clock_seconds(CLOCK_MONOTONIC), last = start;
	uint64_t ticks = 0, passed = 0, v;

	timerfd_settime(timer, 0, &period, NULL);
	e.data.fd = timer;
	epoll_ctl(poll, EPOLL_CTL_ADD, timer, &e);
	e.data.fd = event;
	epoll_ctl(poll, EPOLL_CTL_ADD, event, &e);
	while (1) {
		struct epoll_event ready[2];
		int n = epoll_wait(poll, ready, 2, 2000);
		double now = clock_seconds(CLOCK_MONOTONIC), before = now;

		if (n <= 0)
			check_fail(CHECK_TIMER, "epoll_wait: %d, errno %d", n, errno);
		if (now < last)
			check_fail(CHECK_TIMER, "monotonic clock went back by %f s", last - now);
		if (now - last > longest_gap)
			check_fail(CHECK_TIMER, "monotonic clock jumped by %f s", now - last);
		last = now;
		for (int i = 0; i < n; i++) {
			if (ready[i].data.fd == timer && read(timer, &v, sizeof(v)) == sizeof(v)) {
				ticks += v;
				if (write(event, &v, sizeof(v)) != sizeof(v))
					check_fail(CHECK_TIMER, "eventfd: errno %d", errno);
			} else if (ready[i].data.fd == event && read(event, &v, sizeof(v)) == sizeof(v)) {
				passed += v;
			}
		}
		now = clock_seconds(CLOCK_MONOTONIC);
		if ((before - start) * 100 - ticks > slack || ticks - (now - start) * 100 > slack)
			check_fail(CHECK_TIMER, "%llu ticks in %f s", (unsigned long long)ticks, now - start);
		if (passed > ticks)
			check_fail(CHECK_TIMER, "more events than ticks");
		check_step(CHECK_TIMER);
	}
}

static char *signal_stack;
static volatile sig_atomic_t alarms, off_stack;

static void on_alarm(int sig)
{
	char here;

	(void)sig;
	if (&here < signal_stack || &here >= signal_stack + 65536)
		off_stack++;
	alarms++;
}

/* SIGALRM each 10 ms, on an alternative stack, interrupting floating point. 3.25 is the fixed point of y * 1.5 - 1.625: exact. */
void check_signal(void)
{
	struct itimerval period = { .it_interval.tv_usec = 10000, .it_value.tv_usec = 10000 };
	struct sigaction action = { .sa_handler = on_alarm, .sa_flags = SA_ONSTACK | SA_RESTART };
	stack_t stack = { .ss_size = 65536 };
	sigset_t none;
	int seen = 0;

	signal_stack = mmap(NULL, stack.ss_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	stack.ss_sp = signal_stack;
	sigaltstack(&stack, NULL);
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &period, NULL);
	sigemptyset(&none);
	while (1) {
		volatile double y = 3.25;
		volatile long double z = 3.25L;

		for (int i = 0; i < 20000; i++) {
			y = y * 1.5 - 1.625;
			z = z * 1.5L - 1.625L;
		}
		if (y != 3.25 || z != 3.25L)
			check_fail(CHECK_SIGNAL, "floating point is %f and %Lf", y, z);
		if (off_stack)
			check_fail(CHECK_SIGNAL, "the handler ran on the wrong stack");
		sigsuspend(&none);
		if (alarms == seen)
			check_fail(CHECK_SIGNAL, "woken without an alarm");
		seen = alarms;
		check_step(CHECK_SIGNAL);
	}
}

/* 2 MB of private memory: verified, half of it read-only for a while, and filled with other numbers. */
void check_memory(void)
{
	const size_t words = (2 << 20) / sizeof(uint32_t);
	uint32_t *p = mmap(NULL, words * sizeof(*p), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint32_t seed = 0x1234567, s;

	while (1) {
		s = seed;
		for (size_t i = 0; i < words; i++) {
			p[i] = next_random(&s);
			if (i % (words / 4) == 0)
				sleep_ms(5);
		}
		mprotect(p, words * sizeof(*p) / 2, PROT_READ);
		sleep_ms(10);
		mprotect(p, words * sizeof(*p) / 2, PROT_READ | PROT_WRITE);
		s = seed;
		for (size_t i = 0; i < words; i++) {
			if (p[i] != next_random(&s)) {
				check_fail(CHECK_MEMORY, "word %zu is wrong", i);
				break;
			}
		}
		seed = seed * 7 + 13;
		if (!seed)
			seed = 1;
		check_step(CHECK_MEMORY);
	}
}

/* An anonymous and a file mapping, shared with a child which verifies what its parent writes. */
void check_shared(void)
{
	const size_t words = (256 << 10) / sizeof(uint64_t), file_words = 8192;
	char path[] = "/tmp/sharedXXXXXX";
	int fd = mkstemp(path);
	volatile uint64_t *p, *q;
	pid_t child;

	if (fd < 0 || ftruncate(fd, file_words * sizeof(*q)) < 0) {
		check_fail(CHECK_SHARED, "%s: errno %d", path, errno);
		return;
	}
	p = mmap(NULL, words * sizeof(*p), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	q = mmap(NULL, file_words * sizeof(*q), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	child = fork();
	if (child == 0) {
		for (uint64_t i = 1;; i++) {
			while (p[0] != i)
				sleep_ms(1);
			for (size_t k = 2; k < words; k += 61)
				if (p[k] != i * k)
					check_fail(CHECK_SHARED, "the child sees a wrong word");
			for (size_t k = 0; k < file_words; k += 17)
				if (q[k] != (i ^ k))
					check_fail(CHECK_SHARED, "the child sees a wrong word of the file");
			p[1] = i;
		}
	}
	for (uint64_t i = 1;; i++) {
		uint64_t page[512];

		for (size_t k = 2; k < words; k++)
			p[k] = i * k;
		for (size_t k = 0; k < file_words; k++)
			q[k] = i ^ k;
		if (pread(fd, page, sizeof(page), sizeof(page)) != sizeof(page) || page[3] != (i ^ 515))
			check_fail(CHECK_SHARED, "read() sees another file than the mapping");
		p[0] = i;
		for (int waited = 0; p[1] != i; waited++) {
			sleep_ms(1);
			if (waited == 5000)
				check_fail(CHECK_SHARED, "the child does not answer");
		}
		check_step(CHECK_SHARED);
		sleep_ms(10);
	}
}

#define THREADS 3

static pthread_mutex_t turn_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t turn_changed = PTHREAD_COND_INITIALIZER;
static uint64_t turn;
static __thread uint64_t own;

static void *take_turns(void *arg)
{
	uint64_t me = (uintptr_t)arg;

	own = me * 1000003;
	for (uint64_t k = 0;; k++) {
		pthread_mutex_lock(&turn_lock);
		while (turn % THREADS != me)
			pthread_cond_wait(&turn_changed, &turn_lock);
		if (own != me * 1000003 + k)
			check_fail(CHECK_THREADS, "thread-local data is wrong");
		own++;
		turn++;
		check_step(CHECK_THREADS);
		pthread_cond_broadcast(&turn_changed);
		pthread_mutex_unlock(&turn_lock);
		if (me == 0)
			sleep_ms(10);
	}
	return NULL;
}

void check_threads(void)
{
	pthread_t thread;

	for (uintptr_t i = 1; i < THREADS; i++)
		if (pthread_create(&thread, NULL, take_turns, (void *)i))
			check_fail(CHECK_THREADS, "pthread_create");
	take_turns(NULL);
}

/* Values stay in vector registers over a loop of a few milliseconds without system calls. */
static void hold_avx(const uint64_t *in, uint64_t *out)
{
	__asm__ volatile("vmovdqu (%0), %%ymm0\n vmovdqu 32(%0), %%ymm5\n vmovdqu 64(%0), %%ymm15\n"
			 "mov $3000000, %%rcx\n 1: dec %%rcx\n jnz 1b\n"
			 "vmovdqu %%ymm0, (%1)\n vmovdqu %%ymm5, 32(%1)\n vmovdqu %%ymm15, 64(%1)\n"
			 : : "r"(in), "r"(out) : "rcx", "memory", "xmm0", "xmm5", "xmm15");
}

static uint64_t hold_avx512(const uint64_t *in, uint64_t *out, uint64_t mask)
{
	uint64_t back = 0;

	__asm__ volatile("vmovdqu64 (%1), %%zmm0\n vmovdqu64 64(%1), %%zmm16\n vmovdqu64 128(%1), %%zmm31\n kmovw %k3, %%k3\n"
			 "mov $3000000, %%rcx\n 1: dec %%rcx\n jnz 1b\n"
			 "vmovdqu64 %%zmm0, (%2)\n vmovdqu64 %%zmm16, 64(%2)\n vmovdqu64 %%zmm31, 128(%2)\n kmovw %%k3, %k0\n"
			 : "=&r"(back) : "r"(in), "r"(out), "r"(mask) : "rcx", "memory", "xmm0");
	return back;
}

static int cpu_has_avx512(void)
{
	unsigned a, b, c, d;

	return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_AVX512F);
}

static int cpu_has_avx(void)
{
	unsigned a, b, c, d;

	return __get_cpuid(1, &a, &b, &c, &d) && (c & bit_AVX);
}

void check_vector(void)
{
	static uint64_t in[24], out[24];
	uint32_t seed = 99;

	for (int i = 0; i < 24; i++)
		in[i] = (uint64_t)next_random(&seed) << 32 | next_random(&seed);
	for (uint64_t round = 0;; round++) {
		if (cpu_has_avx512()) {
			uint64_t mask = 0x5a5a ^ (round & 0xffff);

			if (hold_avx512(in, out, mask) != mask || memcmp(in, out, 192))
				check_fail(CHECK_VECTOR, "AVX-512 registers changed");
		} else if (cpu_has_avx()) {
			hold_avx(in, out);
			if (memcmp(in, out, 96))
				check_fail(CHECK_VECTOR, "AVX registers changed");
		}
		memset(out, 0, sizeof(out));
		check_step(CHECK_VECTOR);
		if (round % 4 == 0)
			sleep_ms(10);
	}
}

/* Children which exit with a status, and every tenth one through exec. */
void check_fork(void)
{
	for (uint64_t n = 0;; n++) {
		int status, wanted = n % 10 ? (int)(n % 64) : 0;
		pid_t pid = fork();

		if (pid == 0) {
			char *memory = malloc(100000);

			memset(memory, (int)n, 100000);
			if (n % 10 == 0)
				execl("/bin/busybox", "true", NULL);
			_exit(wanted);
		}
		if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status) != wanted)
			check_fail(CHECK_FORK, "status %#x instead of %d", status, wanted);
		check_step(CHECK_FORK);
		sleep_ms(10);
	}
}
