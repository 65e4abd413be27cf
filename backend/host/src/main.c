/* SPDX-License-Identifier: Apache-2.0 */
/* mobihost: the host agent. docs/architecture.md tells what it is for. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture_file.h"
#include "fetch.h"
#include "gateway.h"
#include "image.h"
#include "params.h"
#include "pieces.h"
#include "relay.h"
#include "rpc.h"
#include "shadow.h"
#include "state_get.h"
#include "state_put.h"
#include "supervisor.h"

static const char usage[] = "Usage: mobihost rpc [--folder DIR]                   talk JSON lines on standard input and output\n"
			    "       mobihost put image SHA256 [--folder DIR]      install an image from a zstd stream on standard input\n"
			    "       mobihost get image SHA256 [--folder DIR]      write an image as a zstd stream to standard output\n"
			    "       mobihost fetch image SHA256 [--folder DIR]    fetch an image in pieces from standard input, asking for them on standard output\n"
			    "       mobihost get pieces SHA256 [--folder DIR]     the other side of that, for an image that is on this host\n"
			    "       mobihost capture INSTANCE NIC [--snap BYTES] [--continue] [--folder DIR]\n"
			    "                                                     write what passes a NIC to standard output, as pcapng\n"
			    "       mobihost vm INSTANCE [--folder DIR]           own a VM, switch or gateway (started by rpc)\n"
			    "       mobihost gateway ADDRESS/PREFIX [loopback]    translate addresses (started by a gateway's supervisor)\n"
			    "       mobihost relay serve [--folder DIR]           pass on between hosts that can't reach each other (started by rpc)\n"
			    "       mobihost relay pipe [--folder DIR]            pass this host's datagrams on through standard input and output\n"
			    "       mobihost relay stream PAIR a|b [--folder DIR] the same for one migration\n"
			    "       mobihost get snapshot SNAPSHOT INSTANCE [base SNAPSHOT] [--folder DIR]\n"
			    "                                                     write a VM's part of a snapshot as a state stream to standard output\n"
			    "       mobihost put state INSTANCE [--folder DIR]    make a saved VM of a configuration and state stream on standard input\n"
			    "       mobihost put state INSTANCE from SNAPSHOT INSTANCE [--folder DIR]\n"
			    "                                                     the same of a configuration on standard input and a part that this host keeps\n"
			    "DIR is the host folder, else $MOBITOPOLO_FOLDER, else ~/.local/share/mobitopolo.\n";

static int fail_exit(const struct fail *fail)
{
	fprintf(stderr, "mobihost: %s\n", fail->message);
	return 1;
}

static int image_main(const struct store *store, const char *verb, const char *noun, const char *sha256)
{
	struct fail fail;
	int status;

	signal(SIGPIPE, SIG_IGN);
	if (!params_is_hex(sha256, 64)) {
		fail_set(&fail, "bad-request", "An image is named by its SHA-256: 64 hexadecimal digits in lower case.");
		return fail_exit(&fail);
	}
	if (!strcmp(noun, "pieces"))
		status = pieces_get(store, sha256, STDIN_FILENO, STDOUT_FILENO, &fail);
	else if (!strcmp(verb, "fetch"))
		status = fetch_image(store, sha256, STDIN_FILENO, STDOUT_FILENO, &fail);
	else
		status = !strcmp(verb, "put") ? image_put(store, sha256, STDIN_FILENO, &fail) : image_get(store, sha256, STDOUT_FILENO, &fail);
	return status < 0 ? fail_exit(&fail) : 0;
}

static int snapshot_main(const struct store *store, char **words, int count)
{
	const char *base = count == 6 ? words[5] : NULL;
	struct fail fail;

	signal(SIGPIPE, SIG_IGN);
	if (!params_is_hex(words[2], 16) || !params_is_hex(words[3], 16) || (base && (strcmp(words[4], "base") || !params_is_hex(base, 16)))) {
		fail_set(&fail, "bad-request", "Snapshots and instances are named by 16 hexadecimal digits in lower case.");
		return fail_exit(&fail);
	}
	return state_get(store, words[2], words[3], base, STDOUT_FILENO, &fail) < 0 ? fail_exit(&fail) : 0;
}

/* Standard input and after it a part that this host keeps, as one stream to read; -1. A process of its own writes it. */
static int with_part(const struct store *store, const char *snapshot, const char *instance, struct fail *fail)
{
	struct shadow shadow;
	int ends[2];
	pid_t writer;

	if (!params_is_hex(snapshot, 16) || !params_is_hex(instance, 16))
		return fail_set(fail, "bad-request", "Snapshots and instances are named by 16 hexadecimal digits in lower case.");
	ends[0] = shadow_open(&shadow, store, snapshot, instance, fail);
	shadow_close(&shadow);
	if (ends[0] < 0)
		return -1;
	writer = pipe2(ends, O_CLOEXEC) < 0 ? -1 : fork();
	if (writer < 0)
		return fail_set(fail, "no-memory", "The host refuses a process to read the snapshot with.");
	if (!writer) {
		char bytes[65536];
		ssize_t count;

		close(ends[0]);
		while ((count = read(STDIN_FILENO, bytes, sizeof(bytes))) > 0)
			if (store_write_all(ends[1], bytes, (size_t)count) < 0)
				_exit(1);
		_exit(state_get(store, snapshot, instance, NULL, ends[1], fail) < 0 ? fail_exit(fail) : 0);
	}
	close(ends[1]);
	return ends[0];
}

/* Its output is for programs: one line of JSON, whatever comes of it. */
static int state_main(const struct store *store, const char *instance, const char *snapshot, const char *saved)
{
	struct fail fail;
	json_t *result = NULL, *line;
	int stream;

	signal(SIGPIPE, SIG_IGN);
	stream = snapshot ? with_part(store, snapshot, saved, &fail) : STDIN_FILENO;
	if (stream >= 0 && params_is_hex(instance, 16))
		result = state_put(store, instance, stream, &fail);
	else if (stream >= 0)
		fail_set(&fail, "bad-request", "An instance is named by 16 hexadecimal digits in lower case.");
	line = result ? json_pack("{sO}", "result", result) : json_pack("{s{ss ss}}", "error", "code", fail.code, "message", fail.message);
	json_dumpf(line, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(line);
	json_decref(result);
	return result ? 0 : fail_exit(&fail);
}

static int relay_main(const char *folder, char **words, int count, int ready_fd)
{
	struct store store;
	struct fail fail;

	if (ready_fd >= 0)
		fcntl(ready_fd, F_SETFD, FD_CLOEXEC);
	if (store_open(&store, folder, &fail) < 0)
		return fail_exit(&fail);
	if (count == 1 && !strcmp(words[0], "serve"))
		return relay_serve_main(&store, ready_fd);
	if (count == 1 && !strcmp(words[0], "pipe"))
		return relay_pipe_main(&store);
	if (count == 3 && !strcmp(words[0], "stream"))
		return relay_stream_main(&store, words[1], words[2]);
	fputs(usage, stderr);
	return 2;
}

/* A descriptor of the three standard ones that is missing would be taken by the next file opened. */
static void standard_fds(void)
{
	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) < 0)
			_exit(1);
}

int main(int argc, char **argv)
{
	static const struct option options[] = { { "folder", required_argument, NULL, 'f' }, { "ready", required_argument, NULL, 'r' },
						 { "snap", required_argument, NULL, 's' }, { "continue", no_argument, NULL, 'c' }, { 0 } };
	const char *folder = NULL;
	int ready_fd = -1, option;
	long snap = CAPTURE_SNAP_MAX;
	bool go_on = false;
	struct store store;
	struct fail fail;
	char **words;
	int count;

	standard_fds();
	umask(077);
	while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		if (option == 'f') {
			folder = optarg;
		} else if (option == 'r') {
			ready_fd = atoi(optarg);
		} else if (option == 's') {
			snap = atol(optarg);
		} else if (option == 'c') {
			go_on = true;
		} else {
			fputs(usage, stderr);
			return 2;
		}
	}
	words = argv + optind;
	count = argc - optind;
	if (sodium_init() < 0) {
		fputs("mobihost: libsodium cannot be used on this host.\n", stderr);
		return 1;
	}
	if ((count == 2 || count == 3) && !strcmp(words[0], "gateway"))
		return gateway_main(words[1], count == 3 && !strcmp(words[2], "loopback"));
	if (count == 1 && !strcmp(words[0], "rpc")) {
		return store_open(&store, folder, &fail) < 0 ? fail_exit(&fail) : rpc_main(&store);
	} else if (count == 3 && (((!strcmp(words[0], "put") || !strcmp(words[0], "get") || !strcmp(words[0], "fetch")) && !strcmp(words[1], "image")) ||
				  (!strcmp(words[0], "get") && !strcmp(words[1], "pieces")))) {
		return store_open(&store, folder, &fail) < 0 ? fail_exit(&fail) : image_main(&store, words[0], words[1], words[2]);
	} else if (count == 3 && !strcmp(words[0], "capture") && params_is_hex(words[1], 16)) {
		char *end;
		unsigned long nic = strtoul(words[2], &end, 10);

		if (*words[2] && !*end && nic < LINKS_NICS_MAX && snap > 0 && snap <= CAPTURE_SNAP_MAX)
			return store_open(&store, folder, &fail) < 0 ? fail_exit(&fail) : capture_main(&store, words[1], (unsigned)nic, (uint32_t)snap, go_on);
	} else if ((count == 4 || count == 6) && !strcmp(words[0], "get") && !strcmp(words[1], "snapshot")) {
		return store_open(&store, folder, &fail) < 0 ? fail_exit(&fail) : snapshot_main(&store, words, count);
	} else if ((count == 3 || (count == 6 && !strcmp(words[3], "from"))) && !strcmp(words[0], "put") && !strcmp(words[1], "state")) {
		return store_open(&store, folder, &fail) < 0 ? fail_exit(&fail) : state_main(&store, words[2], count == 6 ? words[4] : NULL, count == 6 ? words[5] : NULL);
	} else if (count >= 2 && !strcmp(words[0], "relay")) {
		return relay_main(folder, words + 1, count - 1, ready_fd);
	} else if (count == 2 && !strcmp(words[0], "vm") && params_is_hex(words[1], 16)) {
		if (ready_fd >= 0)
			fcntl(ready_fd, F_SETFD, FD_CLOEXEC);
		return store_open(&store, folder, &fail) < 0 ? fail_exit(&fail) : supervisor_main(&store, words[1], ready_fd);
	}
	fputs(usage, stderr);
	return 2;
}
