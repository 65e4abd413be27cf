/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RAM files lie in a tmpfs, so that a guest's memory is memory, and has a name by which a later supervisor finds it: /dev/shm/mobitopolo-<uid>/, else
 * $XDG_RUNTIME_DIR/mobitopolo/. The folder must be ours and closed to others: /dev/shm is open to everybody, and a stranger may have made one of that name.
 * Without a tmpfs that has room, the file is a memfd: then the VM lives only as long as its supervisor.
 */
#define _GNU_SOURCE
#include "ram.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "../../kernel/um_control.h"
#include "clock.h"

#define RAM_LINK "ram"
/* In the kernel's struct checkpoint_state, which begins with the mark: long long real_delta, the guest's wall clock minus the host's. */
#define CLOCK_OFFSET_AT 96

/* Makes the folder when it is missing. Is it a tmpfs folder of ours? */
static bool place_usable(const char *folder, uint64_t *available)
{
	struct statfs space;
	struct stat info;

	if (mkdir(folder, 0700) < 0 && errno != EEXIST)
		return false;
	if (lstat(folder, &info) < 0 || !S_ISDIR(info.st_mode) || info.st_uid != geteuid() || (info.st_mode & 077))
		return false;
	if (statfs(folder, &space) < 0 || space.f_type != TMPFS_MAGIC)
		return false;
	*available = (uint64_t)space.f_bavail * (uint64_t)space.f_bsize;
	return true;
}

/* The first place with `wanted` free bytes, else the first one that is usable at all. */
static bool place_find(uint64_t wanted, char *folder, size_t folder_size, uint64_t *available)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	char candidates[2][400] = { "", "" };
	bool found = false;

	snprintf(candidates[0], sizeof(candidates[0]), "/dev/shm/mobitopolo-%u", (unsigned)geteuid());
	if (runtime && runtime[0] == '/' && strlen(runtime) < 380)
		snprintf(candidates[1], sizeof(candidates[1]), "%s/mobitopolo", runtime);
	for (int i = 0; i < 2; i++) {
		uint64_t room;

		if (!candidates[i][0] || !place_usable(candidates[i], &room) || (found && room < wanted))
			continue;
		snprintf(folder, folder_size, "%s", candidates[i]);
		*available = room;
		found = true;
		if (room >= wanted)
			break;
	}
	return found;
}

void ram_place(char *folder, size_t folder_size, uint64_t *available)
{
	if (!place_find(0, folder, folder_size, available)) {
		folder[0] = 0;
		*available = 0;
	}
}

int ram_create(const char *instance, uint64_t bytes, char *path, size_t path_size, struct fail *fail)
{
	char folder[400];
	uint64_t available;
	int fd;

	path[0] = 0;
	unlink(RAM_LINK);
	if (!place_find(bytes, folder, sizeof(folder), &available) || available < bytes) {
		fd = memfd_create("mobitopolo-ram", MFD_CLOEXEC);
		if (fd < 0)
			fail_set(fail, "no-memory", "The host refuses a memory file for the VM: %s.", strerror(errno));
		return fd;
	}
	snprintf(path, path_size, "%s/%s", folder, instance);
	unlink(path);
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0) {
		fail_set(fail, "no-memory", "The VM's memory file %s could not be made: %s.", path, strerror(errno));
		path[0] = 0;
		return -1;
	}
	if (symlink(path, RAM_LINK) < 0) {
		fail_set(fail, "io", "The link %s could not be made in the VM's folder: %s.", RAM_LINK, strerror(errno));
		unlink(path);
		close(fd);
		path[0] = 0;
		return -1;
	}
	return fd;
}

int ram_open(const char *path, struct fail *fail)
{
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		fail_set(fail, "no-memory-file", "The memory file %s of the parked VM cannot be opened: %s. Stop the VM, then start it to boot it from its disk.", path,
			 strerror(errno));
	return fd;
}

void ram_remove(const char *path)
{
	if (path[0])
		unlink(path);
	unlink(RAM_LINK);
}

void ram_remove_of(int folder, const char *instance)
{
	char path[512], *name;
	ssize_t length = readlinkat(folder, RAM_LINK, path, sizeof(path) - 1);

	if (length <= 0)
		return;
	path[length] = 0;
	name = strrchr(path, '/');
	if (name && !strcmp(name + 1, instance))
		unlink(path);
}

bool ram_is_frozen(const char *path, uint64_t mark_offset)
{
	struct um_checkpoint_mark mark;
	int fd = path[0] && mark_offset ? open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
	bool frozen;

	if (fd < 0)
		return false;
	frozen = pread(fd, &mark, sizeof(mark), (off_t)mark_offset) == (ssize_t)sizeof(mark) && mark.magic == UM_CHECKPOINT_MAGIC && mark.frozen == 1;
	close(fd);
	return frozen;
}

int ram_clock_offset(int fd, uint64_t mark_offset, int64_t *offset_ns, struct fail *fail)
{
	if (pread(fd, offset_ns, sizeof(*offset_ns), (off_t)(mark_offset + CLOCK_OFFSET_AT)) != (ssize_t)sizeof(*offset_ns))
		return fail_set(fail, "io", "The guest's clock could not be read from its memory file (%s).", strerror(errno));
	return 0;
}

int ram_keep_clock(int fd, uint64_t mark_offset, uint64_t cut_us, struct fail *fail)
{
	int64_t offset;

	if (ram_clock_offset(fd, mark_offset, &offset, fail) < 0)
		return -1;
	offset += (int64_t)(cut_us - clock_wall_us()) * 1000;
	if (pwrite(fd, &offset, sizeof(offset), (off_t)(mark_offset + CLOCK_OFFSET_AT)) != (ssize_t)sizeof(offset))
		return fail_set(fail, "io", "The guest's clock could not be set in its memory file (%s).", strerror(errno));
	return 0;
}
