/* SPDX-License-Identifier: Apache-2.0 */
/* Storage may take seconds to take what it is given, so a thread waits for it, on descriptors of its own. */
#define _GNU_SOURCE
#include "vm_internal.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#define SYNC_FDS (2 + 2 * VM_DISKS_MAX)

struct sync {
	int fds[SYNC_FDS];
	unsigned count;
};

static void *work(void *arg)
{
	struct sync *sync = arg;

	for (unsigned i = 0; i < sync->count; i++) {
		fsync(sync->fds[i]);
		close(sync->fds[i]);
	}
	free(sync);
	return NULL;
}

static void add(struct sync *sync, int fd)
{
	if (fd >= 0)
		sync->fds[sync->count++] = fd;
}

void vm_sync(const struct vm *vm)
{
	struct sync *sync = calloc(1, sizeof(*sync));
	pthread_t thread;

	if (!sync)
		return;
	for (unsigned i = 0; i < vm->disk_count; i++) {
		add(sync, fcntl(vm->disks[i].overlay_fd, F_DUPFD_CLOEXEC, 0));
		add(sync, fcntl(vm->disks[i].map_fd, F_DUPFD_CLOEXEC, 0));
	}
	add(sync, openat(vm->folder_fd, RECORD_FILE, O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
	add(sync, fcntl(vm->folder_fd, F_DUPFD_CLOEXEC, 0));
	if (pthread_create(&thread, NULL, work, sync) == 0) {
		pthread_detach(thread);
		return;
	}
	for (unsigned i = 0; i < sync->count; i++)
		close(sync->fds[i]);
	free(sync);
}
