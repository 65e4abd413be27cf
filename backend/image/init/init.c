/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first program of guests whose image was imported or built of packages, as /sbin/init. It mounts what every Linux system needs, starts a
 * keeper, and then becomes the image's own init, if there is one; else it reaps processes and ends the guest when it is asked to.
 *
 * The keeper, a process of its own in both cases, keeps guestd and a shell on the console running, and runs the image's command, as containers
 * have one, when the guest's network has been set up: then the set-up script writes to READY.
 *
 * An init that was given something to tell it with writes to BOOTING when it has started all services. The file goes then, for which start-up
 * scripts wait; and the console's shell begins anew if that init has taken its terminal away, as sysvinit does for each script it waits for.
 *
 * Called by any other process it is what the image's own init was: /sbin/init changes runlevels, and programs that halt a system call it so.
 *
 * Its only configuration is image.conf, see conf.h. Nothing of the host reaches it.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "conf.h"

#define OWN "/usr/lib/mobitopolo"
#define LINE "/dev/ttyS0"
#define CONSOLE "/dev/console"
#define READY "/run/mobitopolo.ready"
#define BOOTING "/run/mobitopolo.booting"
#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

static struct conf conf;

static void say(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fputs("mobitopolo: ", stderr);
	vfprintf(stderr, format, arguments);
	fputs("\r\n", stderr);
	va_end(arguments);
}

/* Standard descriptors: input from nowhere, output to the console. */
static void open_console_output(void)
{
	const int null = open("/dev/null", O_RDWR), console = open(CONSOLE, O_WRONLY | O_NOCTTY);

	dup2(null, 0);
	dup2(console < 0 ? null : console, 1);
	dup2(console < 0 ? null : console, 2);
	if (null > 2)
		close(null);
	if (console > 2)
		close(console);
}

static void mount_one(const char *type, const char *folder, unsigned long flags, const char *options)
{
	mkdir(folder, 0755);
	/* EBUSY: it is there already, as the kernel mounts /dev by itself */
	if (mount(type, folder, type, flags, options) < 0 && errno != EBUSY)
		say("%s can't be mounted: %s", folder, strerror(errno));
}

static void mount_all(void)
{
	mount_one("proc", "/proc", MS_NOSUID | MS_NOEXEC | MS_NODEV, NULL);
	mount_one("sysfs", "/sys", MS_NOSUID | MS_NOEXEC | MS_NODEV, NULL);
	mount_one("devtmpfs", "/dev", MS_NOSUID, "mode=755");
	mount_one("devpts", "/dev/pts", MS_NOSUID | MS_NOEXEC, "gid=5,mode=620,ptmxmode=666");
	mount_one("tmpfs", "/dev/shm", MS_NOSUID | MS_NODEV, NULL);
	mount_one("tmpfs", "/run", MS_NOSUID | MS_NODEV, "mode=755");
	mount_one("cgroup2", "/sys/fs/cgroup", MS_NOSUID | MS_NOEXEC | MS_NODEV, NULL);
	mkdir("/tmp", 01777);
	mkdir("/root", 0700);
	mkdir("/run/lock", 01777);
	symlink("/proc/self/fd", "/dev/fd");
	symlink("/proc/self/fd/0", "/dev/stdin");
	symlink("/proc/self/fd/1", "/dev/stdout");
	symlink("/proc/self/fd/2", "/dev/stderr");
}

/* Where containers run, any user may serve on any port and ping, and images rely on that. */
static void set_for_command(void)
{
	static const char *const settings[][2] = {
		{ "/proc/sys/net/ipv4/ip_unprivileged_port_start", "0" },
		{ "/proc/sys/net/ipv4/ping_group_range", "0 2147483647" },
	};

	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		const int file = open(settings[i][0], O_WRONLY | O_CLOEXEC);

		if (file < 0 || write(file, settings[i][1], strlen(settings[i][1])) < 0)
			say("%s can't be set: %s", settings[i][0], strerror(errno));
		if (file >= 0)
			close(file);
	}
}

static void set_environment(void)
{
	static char path[CONF_LINE + 64];

	setenv("HOME", "/root", 1);
	setenv("USER", "root", 1);
	setenv("TERM", "xterm-256color", 1);
	for (size_t i = 0; i < conf.env_count; i++)
		putenv(conf.env[i]);
	/* What the image lacks is found among our own tools. */
	snprintf(path, sizeof(path), "PATH=%s:" OWN "/bin", getenv("PATH") ? getenv("PATH") : DEFAULT_PATH);
	putenv(path);
}

static void unblock_signals(void)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Returns only in the parent. */
static pid_t start(void (*become)(void))
{
	const pid_t child = fork();

	if (child == 0) {
		unblock_signals();
		setsid();
		become();
		_exit(127);
	}
	return child;
}

static void become_guestd(void)
{
	execl(OWN "/guestd", "guestd", "-e", "-i", conf.name, LINE, (char *)NULL);
	say("guestd can't be started: %s", strerror(errno));
}

static void become_shell(void)
{
	const int console = open(CONSOLE, O_RDWR);

	if (console < 0)
		return;
	ioctl(console, TIOCSCTTY, 1);
	for (int i = 0; i < 3; i++)
		dup2(console, i);
	if (console > 2)
		close(console);
	if (chdir("/root") < 0 && chdir("/") < 0)
		return;
	execl("/bin/bash", "-bash", (char *)NULL);
	execl("/bin/sh", "-sh", (char *)NULL);
	execl(OWN "/busybox", "-sh", (char *)NULL);
}

/* Lets the command have the home folder and name that the image's /etc/passwd has for its user, where the image did not say otherwise. */
static void set_user(void)
{
	FILE *file = conf.uid ? fopen("/etc/passwd", "re") : NULL;
	const struct passwd *user;

	if (!file)
		return;
	while ((user = fgetpwent(file)) && user->pw_uid != conf.uid)
		;
	if (user && !conf_env(&conf, "HOME"))
		setenv("HOME", user->pw_dir, 1);
	if (user && !conf_env(&conf, "USER"))
		setenv("USER", user->pw_name, 1);
	fclose(file);
}

static void become_command(void)
{
	set_user();
	if (chdir(conf.cwd) < 0 || setgroups(0, NULL) < 0 || setgid(conf.gid) < 0 || setuid(conf.uid) < 0) {
		say("%s can't be started in %s as user %u: %s", conf.argv[0], conf.cwd, (unsigned)conf.uid, strerror(errno));
		return;
	}
	execvp(conf.argv[0], conf.argv);
	say("%s can't be started: %s", conf.argv[0], strerror(errno));
}

static void tell_end(int status)
{
	if (WIFSIGNALED(status))
		say("%s was ended by signal %d", conf.argv[0], WTERMSIG(status));
	else
		say("%s has ended with status %d", conf.argv[0], WEXITSTATUS(status));
}

/* Does that process still have a terminal that controls it? */
static bool has_terminal(pid_t process)
{
	char path[32], line[512];
	const char *after_name;
	int terminal = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)process);
	file = fopen(path, "re");
	if (!file)
		return false;
	after_name = fgets(line, sizeof(line), file) ? strrchr(line, ')') : NULL;
	fclose(file);
	return after_name && sscanf(after_name, ") %*c %*d %*d %*d %d", &terminal) == 1 && terminal != 0;
}

static int open_fifo(const char *path)
{
	return open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
}

/* Was something written to it since? */
static bool was_told(int fifo)
{
	char bytes[256];
	bool told = false;

	while (fifo >= 0 && read(fifo, bytes, sizeof(bytes)) > 0)
		told = true;
	return told;
}

/* Keeps guestd and the console's shell running, for ever. */
static void become_keeper(void)
{
	pid_t guestd = -1, shell = -1, command = -1;
	bool ready = false;
	sigset_t children;
	struct pollfd fds[3] = { { .events = POLLIN }, { .fd = -1, .events = POLLIN }, { .fd = -1, .events = POLLIN } };

	sigemptyset(&children);
	sigaddset(&children, SIGCHLD);
	sigprocmask(SIG_BLOCK, &children, NULL);
	fds[0].fd = signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK);
	if (conf.argc > 0 && mkfifo(READY, 0600) == 0)
		fds[1].fd = open_fifo(READY);
	if (conf.tells_booted && mkfifo(BOOTING, 0600) == 0)
		fds[2].fd = open_fifo(BOOTING);
	for (;;) {
		struct signalfd_siginfo info;
		int status;
		pid_t ended;

		if (guestd < 0)
			guestd = start(become_guestd);
		if (shell < 0)
			shell = start(become_shell);
		if (ready && command < 0)
			command = start(become_command);
		poll(fds, 3, -1);
		while (read(fds[0].fd, &info, sizeof(info)) == sizeof(info))
			;
		ready = was_told(fds[1].fd) || ready;
		if (was_told(fds[2].fd)) {
			unlink(BOOTING);
			close(fds[2].fd);
			fds[2].fd = -1;
			/* an interactive shell ends by SIGHUP only */
			if (shell > 0 && !has_terminal(shell))
				kill(-shell, SIGHUP);
		}
		while ((ended = waitpid(-1, &status, WNOHANG)) > 0) {
			if (ended == guestd || ended == shell) {
				/* not in a busy loop */
				sleep(1);
				if (ended == guestd)
					guestd = -1;
				else
					shell = -1;
			} else if (ended == command) {
				tell_end(status);
				/* it stays this number, so it is not started again */
			}
		}
	}
}

/* Waits until there are no processes any more, at most so long. */
static bool wait_for_all(int tenths)
{
	for (int i = 0; i < tenths; i++) {
		pid_t ended;

		while ((ended = waitpid(-1, NULL, WNOHANG)) > 0)
			;
		if (ended < 0)
			return true;
		usleep(100000);
	}
	return false;
}

static void end_guest(int how)
{
	/* An interactive shell ends by SIGHUP only. */
	kill(-1, SIGHUP);
	kill(-1, SIGTERM);
	kill(-1, SIGCONT);
	if (!wait_for_all(30)) {
		kill(-1, SIGKILL);
		wait_for_all(10);
	}
	sync();
	mount(NULL, "/", NULL, MS_REMOUNT | MS_RDONLY, NULL);
	reboot(how);
}

/* What an init does: reap, and end the guest when the host (SIGINT) or a command in the guest (as with BusyBox) wants it. */
static void run_as_init(pid_t keeper, const sigset_t *signals)
{
	for (;;) {
		const int signal = sigwaitinfo(signals, NULL);
		pid_t ended;

		/* SIGUSR1 means nothing: the package of sysvinit sends it to have a FIFO opened, also where a guest without it installs packages */
		if (signal == SIGINT || signal == SIGUSR2)
			end_guest(RB_POWER_OFF);
		if (signal == SIGTERM)
			end_guest(RB_AUTOBOOT);
		while ((ended = waitpid(-1, NULL, WNOHANG)) > 0) {
			if (ended == keeper) {
				sleep(1);
				keeper = start(become_keeper);
			}
		}
	}
}

/* Another process than the first one wants something of the image's own init. */
static int run_as_command(char **argv)
{
	if (conf_read(&conf, OWN "/image.conf") && conf.init[0]) {
		execv(conf.init, argv);
		say("%s can't be started: %s", conf.init, strerror(errno));
		return 1;
	}
	fprintf(stderr, "This is the init of a guest; it has no use as a command.\n");
	return 2;
}

int main(int argc, char **argv)
{
	sigset_t signals;
	pid_t keeper;

	(void)argc;
	if (getpid() != 1)
		return run_as_command(argv);
	umask(022);
	open_console_output();
	mount_all();
	/* there may have been no /dev before */
	open_console_output();
	if (!conf_read(&conf, OWN "/image.conf"))
		say("%s is damaged; what it says counts only in part", OWN "/image.conf");
	set_environment();
	if (conf.argc > 0)
		set_for_command();

	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGUSR1);
	sigaddset(&signals, SIGUSR2);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	/* the host asks by SIGINT instead of ending the guest at once */
	reboot(RB_DISABLE_CAD);
	keeper = start(become_keeper);
	if (conf.init[0]) {
		unblock_signals();
		/* its name tells a program that is many which of them to be */
		execl(conf.init, "/sbin/init", (char *)NULL);
		say("%s can't be started: %s", conf.init, strerror(errno));
		sigprocmask(SIG_BLOCK, &signals, NULL);
	}
	run_as_init(keeper, &signals);
}
