/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host folder. Everything is reached by descriptors of folders and single names, so that no path of a peer is ever put together.
 * Files that others read are replaced by rename: a reader sees the old or the new text, also after a crash.
 */
#define _GNU_SOURCE
#include "store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define STORE_JSON_MAX (4 * 1024 * 1024)

int store_write_all(int fd, const void *data, size_t size)
{
	const char *at = data;

	while (size) {
		ssize_t count = write(fd, at, size);

		if (count < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		at += count;
		size -= (size_t)count;
	}
	return 0;
}

static int folder_make_all(char *path)
{
	for (char *slash = strchr(path + 1, '/');; slash = strchr(slash + 1, '/')) {
		int status;

		if (slash)
			*slash = 0;
		status = mkdir(path, 0700) < 0 && errno != EEXIST ? -errno : 0;
		if (slash)
			*slash = '/';
		/* A folder that exists, or lies on a read-only file system, may still lead to one that can be used. */
		if (!slash)
			return status;
	}
}

int store_open(struct store *store, const char *folder, struct fail *fail)
{
	static const char *const names[] = { "agent", "departed", "images", "labs", "relay", "snapshots", "vms" };
	char path[STORE_PATH_MAX];
	const char *home = getenv("HOME");
	struct stat info;
	int length, status;

	store->fd = -1;
	if (!folder)
		folder = getenv("MOBITOPOLO_FOLDER");
	if (folder && *folder)
		length = snprintf(path, sizeof(path), "%s", folder);
	else if (home && *home == '/')
		length = snprintf(path, sizeof(path), "%s/.local/share/mobitopolo", home);
	else
		return fail_set(fail, "no-folder", "HOME is not set on this host, so there is no place for the host folder. Name one in the host's URL.");
	if (path[0] != '/')
		return fail_set(fail, "no-folder", "The host folder %s is not an absolute path. Name one that begins with /.", path);
	/* Room is left for the names below. */
	if (length < 0 || (size_t)length >= sizeof(path) - 256)
		return fail_set(fail, "no-folder", "The path of the host folder is too long. Name a shorter one in the host's URL.");
	while (length > 1 && path[length - 1] == '/')
		path[--length] = 0;
	status = folder_make_all(path);
	if (status < 0)
		return fail_set(fail, "no-folder", "The host folder %s could not be made: %s. Make it, or name another in the host's URL.", path,
				strerror(-status));
	store->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (store->fd < 0 || fstat(store->fd, &info) < 0) {
		fail_set(fail, "no-folder", "The host folder %s could not be opened: %s. Correct its permissions, or name another in the host's URL.",
			 path, strerror(errno));
		goto failed;
	}
	if (info.st_uid != geteuid() || (info.st_mode & 022)) {
		fail_set(fail, "no-folder", "The host folder %s can be changed by others, so VMs in it would not be safe. Do chown and chmod 700, or name another.",
			 path);
		goto failed;
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (mkdirat(store->fd, names[i], 0700) < 0 && errno != EEXIST) {
			fail_set(fail, "no-folder", "The folder %s/%s could not be made: %s.", path, names[i], strerror(errno));
			goto failed;
		}
	}
	snprintf(store->path, sizeof(store->path), "%s", path);
	return 0;
failed:
	store_close(store);
	return -1;
}

void store_close(struct store *store)
{
	if (store->fd >= 0)
		close(store->fd);
	store->fd = -1;
}

int store_folder(const struct store *store, const char *name)
{
	return openat(store->fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
}

int store_instance(const struct store *store, const char *instance, struct fail *fail)
{
	char name[32];
	int fd;

	snprintf(name, sizeof(name), "vms/%.16s", instance);
	fd = store_folder(store, name);
	if (fd >= 0)
		return fd;
	if (errno == ENOENT)
		return fail_set(fail, "no-such-instance", "There is no VM %s on this host. It may have been deleted or have moved; list the VMs again.", instance);
	return fail_set(fail, "io", "The folder of VM %s could not be opened: %s.", instance, strerror(errno));
}

char *store_read(int folder, const char *name, size_t max, size_t *size)
{
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	char *data = NULL;
	struct stat info;
	size_t at = 0;
	int error = 0;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &info) < 0)
		error = errno;
	else if (!S_ISREG(info.st_mode))
		error = EINVAL;
	else if ((uint64_t)info.st_size > max)
		error = EFBIG;
	if (error)
		goto out;
	data = malloc((size_t)info.st_size + 1);
	if (!data) {
		error = ENOMEM;
		goto out;
	}
	while (at < (size_t)info.st_size) {
		ssize_t count = read(fd, data + at, (size_t)info.st_size - at);

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0) {
			error = errno;
			goto out;
		}
		if (!count)
			break;
		at += (size_t)count;
	}
	data[at] = 0;
	if (size)
		*size = at;
out:
	close(fd);
	if (error) {
		free(data);
		data = NULL;
		errno = error;
	}
	return data;
}

json_t *store_read_json(int folder, const char *name, struct fail *fail)
{
	size_t size;
	char *text = store_read(folder, name, STORE_JSON_MAX, &size);
	json_error_t error;
	json_t *value;

	if (!text) {
		fail_set(fail, "io", "The file %s could not be read: %s.", name, strerror(errno));
		return NULL;
	}
	value = json_loadb(text, size, 0, &error);
	free(text);
	if (!value)
		fail_set(fail, "damaged", "The file %s is damaged (%s, line %d).", name, error.text, error.line);
	return value;
}

int store_write(int folder, const char *name, const void *data, size_t size, bool sync)
{
	char temporary[NAME_MAX + 1];
	int fd, status = 0;

	if (snprintf(temporary, sizeof(temporary), ".%s.%d", name, (int)getpid()) >= (int)sizeof(temporary))
		return -ENAMETOOLONG;
	fd = openat(folder, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	status = store_write_all(fd, data, size);
	if (!status && sync && fsync(fd) < 0)
		status = -errno;
	close(fd);
	if (!status && renameat(folder, temporary, folder, name) < 0)
		status = -errno;
	if (status)
		unlinkat(folder, temporary, 0);
	else if (sync && fsync(folder) < 0)
		status = -errno;
	return status;
}

int store_write_json(int folder, const char *name, const json_t *value, bool sync, struct fail *fail)
{
	char *text = json_dumps(value, JSON_INDENT(2));
	int status = text ? store_write(folder, name, text, strlen(text), sync) : -ENOMEM;

	free(text);
	if (status < 0)
		return fail_set(fail, "io", "The file %s could not be written: %s. Its old content holds.", name, strerror(-status));
	return 0;
}

static int remove_entry(void *arg, int folder, const char *name)
{
	(void)arg;
	return store_remove(folder, name);
}

int store_remove(int folder, const char *name)
{
	int fd, status;

	if (unlinkat(folder, name, 0) == 0)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return -errno;
	fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return -errno;
	status = store_each(fd, remove_entry, NULL);
	close(fd);
	if (!status && unlinkat(folder, name, AT_REMOVEDIR) < 0)
		status = -errno;
	return status;
}

int store_each(int folder, int (*fn)(void *arg, int folder, const char *name), void *arg)
{
	int copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *entry;
	int status = 0;

	if (!dir) {
		status = -errno;
		if (copy >= 0)
			close(copy);
		return status;
	}
	while (!status && (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			status = fn(arg, folder, entry->d_name);
	closedir(dir);
	return status;
}

void store_random_instance(char instance[17])
{
	uint8_t random[8];

	randombytes_buf(random, sizeof(random));
	sodium_bin2hex(instance, 17, random, sizeof(random));
}

int store_lock(int folder, const char *name, bool wait)
{
	int fd = openat(folder, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return -1;
	while (flock(fd, LOCK_EX | (wait ? 0 : LOCK_NB)) < 0) {
		if (errno == EINTR)
			continue;
		int error = errno;

		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}
