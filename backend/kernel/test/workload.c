/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Self-checking guest program: does what programs do, all the time, and notices when any of it goes wrong. It is run through
 * freezes, kills and restores of its kernel. Static, so that an initrd with busybox and this is a whole guest.
 *
 *   workload run <peer address|-> <folder on disk|->   all checks; a line "STATUS <n> errors=<n> <check>=<rounds> ..." a tick
 *   workload serve                                     the TCP peer of the NIC check
 *   workload window                                    prints the console's size, now and at each SIGWINCH
 *   workload line                                      echoes /dev/ttyS0, raw
 *   workload secrets                                   prints 32 random bytes and both clocks, ten times a second
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "workload.h"

static const char *const names[CHECK_COUNT] = {
	"pipe", "timer", "signal", "memory", "shared", "threads", "vector", "loopback", "fork", "nic", "disk",
};

static struct board {
	volatile uint64_t rounds[CHECK_COUNT], errors[CHECK_COUNT];
	char text[CHECK_COUNT][160];
} *board;

void check_step(enum check check)
{
	board->rounds[check]++;
}

void check_fail(enum check check, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(board->text[check], sizeof(board->text[check]), format, args);
	va_end(args);
	board->errors[check]++;
}

double clock_seconds(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

void sleep_ms(int ms)
{
	struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L };

	while (nanosleep(&t, &t) < 0 && errno == EINTR)
		;
}

/* xorshift32 */
uint32_t next_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

int write_all(int fd, const void *data, size_t size)
{
	while (size) {
		ssize_t n = write(fd, data, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		data = (const char *)data + n;
		size -= n;
	}
	return 0;
}

int read_all(int fd, void *data, size_t size)
{
	while (size) {
		ssize_t n = read(fd, data, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		data = (char *)data + n;
		size -= n;
	}
	return 0;
}

static void report(unsigned n)
{
	uint64_t errors = 0;

	for (int i = 0; i < CHECK_COUNT; i++) {
		errors += board->errors[i];
		if (board->errors[i])
			printf("FAILED %s: %llu times, last: %s\n", names[i], (unsigned long long)board->errors[i], board->text[i]);
	}
	printf("STATUS %u errors=%llu", n, (unsigned long long)errors);
	for (int i = 0; i < CHECK_COUNT; i++)
		printf(" %s=%llu", names[i], (unsigned long long)board->rounds[i]);
	printf("\n");
}

#define IN_CHILD(call)				\
	do {					\
		if (fork() == 0) {		\
			call;			\
			_exit(0);		\
		}				\
	} while (0)

static int run(const char *peer, const char *folder)
{
	IN_CHILD(check_pipe());
	IN_CHILD(check_timer());
	IN_CHILD(check_signal());
	IN_CHILD(check_memory());
	IN_CHILD(check_shared());
	IN_CHILD(check_threads());
	IN_CHILD(check_vector());
	IN_CHILD(check_fork());
	IN_CHILD(tcp_echo_server());
	IN_CHILD(check_tcp(CHECK_LOOPBACK, "127.0.0.1"));
	if (strcmp(peer, "-"))
		IN_CHILD(check_tcp(CHECK_NIC, peer));
	if (strcmp(folder, "-"))
		IN_CHILD(check_disk(folder));

	for (unsigned n = 0;; n++) {
		int status;
		pid_t pid;

		/* none of them ends by itself */
		while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
			check_fail(CHECK_FORK, "a check's process, %d, died with status %#x", pid, status);
		report(n);
		sleep_ms(200);
	}
}

static volatile sig_atomic_t window_changed = 1;

static void on_window_change(int sig)
{
	(void)sig;
	window_changed = 1;
}

static int watch_window(void)
{
	struct sigaction action = { .sa_handler = on_window_change };
	sigset_t blocked, none;
	int tty;

	setsid();
	tty = open("/dev/tty0", O_RDWR);
	if (tty < 0 || ioctl(tty, TIOCSCTTY, 1) < 0) {
		perror("/dev/tty0");
		return 1;
	}
	sigemptyset(&none);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGWINCH);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	sigaction(SIGWINCH, &action, NULL);
	while (1) {
		struct winsize size;

		if (window_changed) {
			window_changed = 0;
			ioctl(tty, TIOCGWINSZ, &size);
			printf("WINDOW %u %u\n", size.ws_row, size.ws_col);
		}
		sigsuspend(&none);
	}
}

static int echo_line(void)
{
	static char buffer[65536];
	struct termios mode;
	int tty = open("/dev/ttyS0", O_RDWR | O_NOCTTY);
	ssize_t n;

	if (tty < 0 || tcgetattr(tty, &mode) < 0) {
		perror("/dev/ttyS0");
		return 1;
	}
	cfmakeraw(&mode);
	tcsetattr(tty, TCSANOW, &mode);
	printf("LINE ready\n");
	while ((n = read(tty, buffer, sizeof(buffer))) > 0)
		if (write_all(tty, buffer, n) < 0)
			break;
	perror("/dev/ttyS0 ended");
	return 1;
}

static int show_secrets(void)
{
	while (1) {
		unsigned char secret[32];

		if (getrandom(secret, sizeof(secret), 0) != sizeof(secret)) {
			perror("getrandom");
			return 1;
		}
		printf("SECRET ");
		for (size_t i = 0; i < sizeof(secret); i++)
			printf("%02x", secret[i]);
		printf(" %.6f %.6f\n", clock_seconds(CLOCK_MONOTONIC), clock_seconds(CLOCK_REALTIME));
		sleep_ms(100);
	}
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	setvbuf(stdout, NULL, _IOLBF, 0);
	board = mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (board == MAP_FAILED) {
		perror("mmap");
		return 1;
	}
	if (!strcmp(what, "run") && argc == 4)
		return run(argv[2], argv[3]);
	if (!strcmp(what, "serve"))
		tcp_echo_server();
	if (!strcmp(what, "window"))
		return watch_window();
	if (!strcmp(what, "line"))
		return echo_line();
	if (!strcmp(what, "secrets"))
		return show_secrets();
	fprintf(stderr, "usage: workload run <peer|-> <folder|-> | serve | window | line | secrets\n");
	return 2;
}
