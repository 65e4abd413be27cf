/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "relay_pairs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "params.h"

#define NAME_DIGITS 8
#define UNUSED_SECONDS 3600

struct relay_pairs {
	const struct store *store;
	struct loop *loop;
	struct relay_table *table;
	int folder, notify;
	struct loop_watch *watch;
};

static void pair_name(uint32_t pair, char name[NAME_DIGITS + 1])
{
	snprintf(name, NAME_DIGITS + 1, "%08x", pair);
}

int relay_pairs_put(const struct store *store, uint32_t pair, const uint8_t secret[SEAL_KEY_SIZE], struct fail *fail)
{
	int folder = store_folder(store, "relay"), result = folder < 0 ? -errno : 0;
	char name[NAME_DIGITS + 1];

	pair_name(pair, name);
	if (!result)
		result = store_write(folder, name, secret, SEAL_KEY_SIZE, false);
	if (folder >= 0)
		close(folder);
	return result ? fail_set(fail, "io", "The relay's pair could not be written on this host: %s.", strerror(-result)) : 0;
}

void relay_pairs_drop(const struct store *store, uint32_t pair)
{
	int folder = store_folder(store, "relay");
	char name[NAME_DIGITS + 1];

	if (folder < 0)
		return;
	pair_name(pair, name);
	store_remove(folder, name);
	close(folder);
}

static int sweep_one(void *arg, int folder, const char *name)
{
	struct stat info;

	(void)arg;
	if (params_is_hex(name, NAME_DIGITS) && fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) == 0 && time(NULL) - info.st_mtime > UNUSED_SECONDS)
		store_remove(folder, name);
	return 0;
}

void relay_pairs_sweep(const struct store *store)
{
	int folder = store_folder(store, "relay");

	if (folder < 0)
		return;
	store_each(folder, sweep_one, NULL);
	close(folder);
}

void relay_pairs_touch(const struct relay_pairs *pairs, uint32_t pair)
{
	char name[NAME_DIGITS + 1];

	pair_name(pair, name);
	utimensat(pairs->folder, name, NULL, AT_SYMLINK_NOFOLLOW);
}

static int load(void *arg, int folder, const char *name)
{
	struct relay_pairs *pairs = arg;
	size_t size;
	char *secret;

	if (!params_is_hex(name, NAME_DIGITS))
		return 0;
	secret = store_read(folder, name, SEAL_KEY_SIZE, &size);
	if (secret && size == SEAL_KEY_SIZE)
		relay_table_add(pairs->table, (uint32_t)strtoul(name, NULL, 16), (const uint8_t *)secret, loop_now(pairs->loop));
	if (secret)
		sodium_memzero(secret, size);
	free(secret);
	return 0;
}

static void notified(void *arg, uint32_t events)
{
	struct relay_pairs *pairs = arg;
	_Alignas(struct inotify_event) char buffer[8192];
	ssize_t size = read(pairs->notify, buffer, sizeof(buffer));
	const struct inotify_event *event;

	(void)events;
	for (ssize_t at = 0; at < size; at += (ssize_t)(sizeof(*event) + event->len)) {
		event = (const struct inotify_event *)(buffer + at);
		if (event->mask & IN_Q_OVERFLOW)
			store_each(pairs->folder, load, pairs);
		else if (!event->len || !params_is_hex(event->name, NAME_DIGITS))
			continue;
		else if (event->mask & IN_DELETE)
			relay_table_remove(pairs->table, (uint32_t)strtoul(event->name, NULL, 16));
		else
			load(pairs, pairs->folder, event->name);
	}
}

struct relay_pairs *relay_pairs_watch(const struct store *store, struct loop *loop, struct relay_table *table, struct fail *fail)
{
	struct relay_pairs *pairs = calloc(1, sizeof(*pairs));
	char path[64];

	if (!pairs) {
		fail_set(fail, "no-memory", "The relay ran out of memory.");
		return NULL;
	}
	*pairs = (struct relay_pairs){ .store = store, .loop = loop, .table = table, .folder = store_folder(store, "relay") };
	pairs->notify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", pairs->folder);
	if (pairs->folder < 0 || pairs->notify < 0 || inotify_add_watch(pairs->notify, path, IN_MOVED_TO | IN_DELETE | IN_ONLYDIR) < 0 ||
	    !(pairs->watch = loop_watch_fd(loop, pairs->notify, EPOLLIN, notified, pairs))) {
		fail_set(fail, "io", "The relay's folder on this host can't be watched: %s.", strerror(errno));
		relay_pairs_destroy(pairs);
		return NULL;
	}
	store_each(pairs->folder, load, pairs);
	return pairs;
}

void relay_pairs_destroy(struct relay_pairs *pairs)
{
	if (!pairs)
		return;
	loop_unwatch(pairs->watch);
	if (pairs->notify >= 0)
		close(pairs->notify);
	if (pairs->folder >= 0)
		close(pairs->folder);
	free(pairs);
}
