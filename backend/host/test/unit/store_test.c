/* SPDX-License-Identifier: Apache-2.0 */
/* Files of the host folder: safe replacement, records, disks, images, processes. Runs in a scratch folder of its own. */
#define _GNU_SOURCE
#include "../../src/store.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../../kernel/um_control.h"
#include "../../src/disk.h"
#include "../../src/image.h"
#include "../../src/process.h"
#include "../../src/ram.h"
#include "../../src/record.h"
#include "check.h"

static void aFolderThatOthersCanChangeIsRefused(const char *scratch)
{
	char path[300];
	struct store store;
	struct fail fail;

	snprintf(path, sizeof(path), "%s/open", scratch);
	CHECK_EQUAL(0, mkdir(path, 0777));
	CHECK_EQUAL(0, chmod(path, 0777));
	CHECK_EQUAL(-1, store_open(&store, path, &fail));
	CHECK(!strcmp(fail.code, "no-folder"));
	CHECK_EQUAL(-1, store_open(&store, "relative/folder", &fail));
}

static void aFileIsReplacedWhole(struct store *store)
{
	size_t size;
	char *text;

	CHECK_EQUAL(0, store_write(store->fd, "file", "first", 5, true));
	CHECK_EQUAL(0, store_write(store->fd, "file", "second!", 7, false));
	text = store_read(store->fd, "file", 100, &size);
	CHECK(text && size == 7 && !strcmp(text, "second!"));
	free(text);
	CHECK(!store_read(store->fd, "file", 6, &size));
	CHECK_EQUAL(EFBIG, errno);
	/* A link is not followed: it could lead anywhere. */
	CHECK_EQUAL(0, symlinkat("/etc/hostname", store->fd, "link"));
	CHECK(!store_read(store->fd, "link", 1000, &size));
	CHECK_EQUAL(0, store_remove(store->fd, "link"));
	CHECK_EQUAL(-ENOENT, store_write(store->fd, "nowhere/file", "x", 1, false));
}

static void aTreeIsRemovedWithAllThatIsInIt(struct store *store)
{
	CHECK_EQUAL(0, mkdirat(store->fd, "tree", 0700));
	CHECK_EQUAL(0, mkdirat(store->fd, "tree/branch", 0700));
	CHECK_EQUAL(0, symlinkat("/tmp", store->fd, "tree/branch/link"));
	CHECK_EQUAL(0, store_remove(store->fd, "tree"));
	CHECK(faccessat(store->fd, "tree", F_OK, 0) < 0);
	CHECK(access("/tmp", F_OK) == 0);
	CHECK_EQUAL(-ENOENT, store_remove(store->fd, "tree"));
}

static void onlyOneHolderOfALock(struct store *store)
{
	int lock = store_lock(store->fd, "lock", false);

	CHECK(lock >= 0);
	CHECK_EQUAL(-1, store_lock(store->fd, "lock", false));
	CHECK_EQUAL(EWOULDBLOCK, errno);
	close(lock);
	lock = store_lock(store->fd, "lock", false);
	CHECK(lock >= 0);
	close(lock);
}

static void aRecordComesBackAsItWasWritten(struct store *store)
{
	struct record record, read;
	struct fail fail;

	record_init(&record);
	record.state = VM_HANDED_OVER;
	record.group = (struct process_group){ .leader = 7, .started = 12345, .boot = "boot" };
	record.cpu = 3;
	record.seccomp = 1;
	record.mark_offset = 4096;
	snprintf(record.ram, sizeof(record.ram), "/dev/shm/x");
	snprintf(record.setup_boot, sizeof(record.setup_boot), "b");
	snprintf(record.error, sizeof(record.error), "a \"sentence\".");
	record.exit = json_pack("{si}", "status", 68);
	CHECK_EQUAL(0, record_store(store->fd, &record, true, &fail));
	CHECK_EQUAL(0, record_load(store->fd, &read, &fail));
	CHECK_EQUAL(record.state, read.state);
	CHECK_EQUAL(record.since, read.since);
	CHECK_EQUAL(record.group.started, read.group.started);
	CHECK_EQUAL(3, read.cpu);
	CHECK_EQUAL(1, read.seccomp);
	CHECK_EQUAL(4096, read.mark_offset);
	CHECK(!strcmp(record.ram, read.ram) && !strcmp(record.error, read.error) && !strcmp(record.group.boot, read.group.boot));
	CHECK(json_equal(record.exit, read.exit));
	record_clear(&read);
	record_clear(&record);
	CHECK_EQUAL(0, store_write(store->fd, "state.json", "{\"version\":1,\"state\":\"flying\"}", 30, false));
	CHECK_EQUAL(-1, record_load(store->fd, &read, &fail));
	CHECK_EQUAL(VM_CRASHED, read.state);
	CHECK_EQUAL(0, store_remove(store->fd, "state.json"));
	for (int state = 0; state < VM_STATES; state++)
		CHECK_EQUAL(state, vm_state_parse(vm_state_name((enum vm_state)state)));
	CHECK_EQUAL(VM_STATES, vm_state_parse("flying"));
}

static void aRunningRecordWithoutProcessesIsCrashedOrParkedByItsMemoryFile(const char *scratch)
{
	struct um_checkpoint_mark mark = { .magic = UM_CHECKPOINT_MAGIC, .frozen = 1 };
	struct record record;
	char path[300];
	int fd;

	snprintf(path, sizeof(path), "%s/ram", scratch);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	CHECK_EQUAL(sizeof(mark), pwrite(fd, &mark, sizeof(mark), 8192));
	record_init(&record);
	record.state = VM_RUNNING;
	record.mark_offset = 8192;
	snprintf(record.ram, sizeof(record.ram), "%s", path);
	record_settle(&record);
	CHECK_EQUAL(VM_PARKED, record.state);
	mark.frozen = 0;
	CHECK_EQUAL(sizeof(mark), pwrite(fd, &mark, sizeof(mark), 8192));
	record_settle(&record);
	CHECK_EQUAL(VM_CRASHED, record.state);
	CHECK(record.error[0]);
	/* What must not run here stays what it is, whatever its memory file says. */
	record.state = VM_HANDED_OVER;
	record_settle(&record);
	CHECK_EQUAL(VM_HANDED_OVER, record.state);
	close(fd);
}

static void store_state(int folder, enum vm_state state, const struct process_group *group)
{
	struct record record;
	struct fail fail;

	record_init(&record);
	record.state = state;
	record.group = *group;
	CHECK_EQUAL(0, record_store(folder, &record, false, &fail));
	record_clear(&record);
}

/* What a supervisor that has none to ask finds. */
static enum vm_state found_state(int folder)
{
	struct record record;
	struct fail fail;
	enum vm_state state;

	CHECK_EQUAL(0, record_load(folder, &record, &fail));
	record_settle(&record);
	state = record.state;
	if (state == VM_HANDED_OVER)
		CHECK(!strcmp(json_string_value(json_object_get(record.migration, "migration")), "m1"));
	record_clear(&record);
	return state;
}

static void write_draft(int folder, const struct process_group *group)
{
	struct record record;
	struct fail fail;
	json_t *draft;

	record_init(&record);
	record.state = VM_HANDED_OVER;
	record.group = *group;
	record.migration = json_pack("{s:s}", "migration", "m1");
	draft = record_json(&record);
	CHECK_EQUAL(0, record_draft_write(folder, DRAFT_HANDED_OVER, draft, &fail));
	json_decref(draft);
	record_clear(&record);
}

/* Never two: a guest that may have been let go when the host lost its power is not counted as one that may be booted here. */
static void aDraftCountsOnlyIfItWasTakenOrTheHostWasRestarted(const char *scratch)
{
	struct process_group before = { .leader = 12345, .started = 678, .boot = "00000000-0000-0000-0000-000000000000" }, now = before, other = before;
	int folder = open(scratch, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct fail fail;

	process_boot_id(now.boot);
	other.started++;
	store_state(folder, VM_FROZEN, &before);
	CHECK_EQUAL(VM_CRASHED, found_state(folder));
	/* Drafted, and the host restarted. A later record than the draft may have been lost with it. */
	write_draft(folder, &before);
	CHECK_EQUAL(VM_HANDED_OVER, found_state(folder));
	store_state(folder, VM_SENDING, &before);
	CHECK_EQUAL(VM_HANDED_OVER, found_state(folder));
	/* Drafted for an earlier guest. */
	store_state(folder, VM_SENDING, &other);
	CHECK_EQUAL(VM_CRASHED, found_state(folder));
	/* Drafted and not taken, on a host that still runs. */
	store_state(folder, VM_FROZEN, &now);
	write_draft(folder, &now);
	CHECK_EQUAL(VM_CRASHED, found_state(folder));
	CHECK_EQUAL(0, record_draft_take(folder, DRAFT_HANDED_OVER, &fail));
	CHECK_EQUAL(VM_HANDED_OVER, found_state(folder));
	/* The record before it, which lies where it was, is none. */
	store_state(folder, VM_FROZEN, &before);
	write_draft(folder, &before);
	CHECK_EQUAL(0, record_draft_take(folder, DRAFT_HANDED_OVER, &fail));
	CHECK_EQUAL(VM_HANDED_OVER, found_state(folder));
	store_state(folder, VM_SENDING, &before);
	CHECK_EQUAL(VM_CRASHED, found_state(folder));
	/* A guest that goes on here has none. */
	CHECK(record_draft_take(folder, DRAFT_READY, &fail) < 0);
	write_draft(folder, &before);
	store_state(folder, VM_RUNNING, &before);
	CHECK_EQUAL(VM_CRASHED, found_state(folder));
	close(folder);
}

static int open_disk(struct disk *disk, unsigned index, const struct store *store, const char *image, unsigned mib, struct fail *fail)
{
	json_t *config = json_pack("{ss si}", "image", image, "sizeMiB", (int)mib);
	int status = disk_open(disk, index, store, config, fail);

	json_decref(config);
	return status;
}

static void aDiskIsReopenedOnlyIfItsMapFits(struct store *store, const char *scratch)
{
	static const char image[] = "00000000000000000000000000000000000000000000000000000000000000aa";
	struct disk disk;
	struct fail fail;
	char path[100];
	int base;

	CHECK_EQUAL(0, chdir(scratch));
	close(store_folder(store, "images"));
	snprintf(path, sizeof(path), "images/%s", image);
	base = openat(store->fd, path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	CHECK_EQUAL(0, ftruncate(base, 64 * 1024 * 1024));
	close(base);
	CHECK_EQUAL(0, open_disk(&disk, 0, store, image, 64, &fail));
	CHECK_EQUAL(64 * 1024 * 1024 / 4096, disk.blocks);
	CHECK_EQUAL(-1, disk.there_fd);
	disk.present[disk.blocks / 64 - 1] = UINT64_MAX;
	disk.dirty[disk.blocks / 64 - 1] = UINT64_MAX;
	disk_close(&disk);
	CHECK_EQUAL(0, open_disk(&disk, 0, store, image, 64, &fail));
	CHECK(disk.present[disk.blocks / 64 - 1] == UINT64_MAX);
	CHECK(disk.present[0] == 0);
	disk.map->blocks++;
	disk_close(&disk);
	CHECK_EQUAL(-1, open_disk(&disk, 0, store, image, 64, &fail));
	CHECK(!strcmp(fail.code, "damaged"));
	CHECK_EQUAL(-1, open_disk(&disk, 1, store, image, 32, &fail));
	CHECK(!strcmp(fail.code, "bad-config"));
	CHECK_EQUAL(-1, open_disk(&disk, 1, store, "00000000000000000000000000000000000000000000000000000000000000bb", 64, &fail));
	CHECK(!strcmp(fail.code, "no-image"));
	CHECK_EQUAL(0, unlinkat(store->fd, path, 0));
}

static int image_through_pipe(struct store *store, const char *hash, const unsigned char *data, size_t size, struct fail *fail)
{
	int fds[2], status;
	pid_t child;

	CHECK_EQUAL(0, pipe(fds));
	child = fork();
	if (!child) {
		close(fds[0]);
		_exit(store_write_all(fds[1], data, size) < 0);
	}
	close(fds[1]);
	status = image_put(store, hash, fds[0], fail);
	close(fds[0]);
	CHECK_EQUAL(child, waitpid(child, NULL, 0));
	return status;
}

static void anImageIsInstalledOnlyIfItIsWholeAndRight(struct store *store, const char *scratch)
{
	const size_t size = 3 * 1024 * 1024 + 100;
	unsigned char *raw = calloc(1, size), *packed = malloc(size), hash[32];
	char name[65], other[65], path[300];
	struct fail fail;
	struct stat info;
	size_t packed_size = 0;
	ssize_t count;
	int out;

	for (size_t i = 1024 * 1024; i < 1024 * 1024 + 50000; i++)
		raw[i] = (unsigned char)(i * 2654435761u >> 24);
	raw[size - 1] = 1;
	crypto_hash_sha256(hash, raw, size);
	sodium_bin2hex(name, sizeof(name), hash, sizeof(hash));
	/* Packed by our own get, from a file put in place by hand. */
	snprintf(path, sizeof(path), "images/%s", name);
	out = openat(store->fd, path, O_WRONLY | O_CREAT, 0600);
	CHECK_EQUAL(0, store_write_all(out, raw, size));
	close(out);
	snprintf(path, sizeof(path), "%s/packed", scratch);
	out = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	CHECK_EQUAL(0, image_get(store, name, out, &fail));
	lseek(out, 0, SEEK_SET);
	while ((count = read(out, packed + packed_size, size - packed_size)) > 0)
		packed_size += (size_t)count;
	close(out);
	CHECK(packed_size > 1000 && packed_size < size / 10);
	snprintf(path, sizeof(path), "images/%s", name);
	CHECK_EQUAL(0, unlinkat(store->fd, path, 0));

	CHECK_EQUAL(-1, image_through_pipe(store, name, packed, packed_size - 10, &fail));
	CHECK(!strcmp(fail.code, "damaged"));
	CHECK_EQUAL(-1, image_through_pipe(store, name, packed, 0, &fail));
	CHECK_EQUAL(-1, image_through_pipe(store, name, raw, size, &fail));
	memset(other, '0', 64);
	other[64] = 0;
	CHECK_EQUAL(-1, image_through_pipe(store, other, packed, packed_size, &fail));
	CHECK(!strcmp(fail.code, "wrong-hash"));
	CHECK(!image_present(store, name));
	CHECK_EQUAL(0, image_through_pipe(store, name, packed, packed_size, &fail));
	CHECK(image_present(store, name));
	CHECK_EQUAL(0, fstatat(store->fd, path, &info, 0));
	CHECK_EQUAL(size, info.st_size);
	CHECK(info.st_blocks * 512 < 200000);
	CHECK_EQUAL(0400, info.st_mode & 0777);
	free(raw);
	free(packed);
}

static void aGroupIsKnownByItsRecordAndOnlyThen(void)
{
	char *const argv[] = { "sh", "-c", "sleep 100 & exec sleep 100", NULL };
	const struct process_start start = { .path = "/bin/sh", .argv = argv, .cpu = 0 };
	struct process_group group = { 0 }, stranger;
	struct fail fail;

	CHECK_EQUAL(0, process_start(&start, &group, &fail));
	usleep(100000);
	CHECK(process_group_lives(&group));
	/* Another boot, another start: a stranger that happens to have the number. */
	stranger = group;
	stranger.boot[0] ^= 1;
	CHECK(!process_group_lives(&stranger));
	stranger = group;
	stranger.started += 100000;
	CHECK(!process_group_lives(&stranger));
	CHECK_EQUAL(0, process_group_end(&stranger, 1000, &fail));
	CHECK(process_group_lives(&group));
	CHECK_EQUAL(0, process_group_end(&group, 5000, &fail));
	CHECK(!process_group_lives(&group));
	while (waitpid(-1, NULL, 0) > 0)
		;
}

int main(void)
{
	const char *parent = getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp";
	char scratch[200], path[300];
	struct store store;
	struct fail fail;
	int tmp;

	alarm(60);
	CHECK_EQUAL(0, sodium_init());
	snprintf(scratch, sizeof(scratch), "%s/store-test.XXXXXX", parent);
	CHECK(mkdtemp(scratch));
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	snprintf(path, sizeof(path), "%s/a/b/folder", scratch);
	CHECK_EQUAL(0, store_open(&store, path, &fail));
	aFolderThatOthersCanChangeIsRefused(scratch);
	aFileIsReplacedWhole(&store);
	aTreeIsRemovedWithAllThatIsInIt(&store);
	onlyOneHolderOfALock(&store);
	aRecordComesBackAsItWasWritten(&store);
	aRunningRecordWithoutProcessesIsCrashedOrParkedByItsMemoryFile(scratch);
	aDraftCountsOnlyIfItWasTakenOrTheHostWasRestarted(scratch);
	aDiskIsReopenedOnlyIfItsMapFits(&store, scratch);
	anImageIsInstalledOnlyIfItIsWholeAndRight(&store, scratch);
	aGroupIsKnownByItsRecordAndOnlyThen();
	store_close(&store);
	tmp = open(parent, O_RDONLY | O_DIRECTORY);
	CHECK_EQUAL(0, store_remove(tmp, strrchr(scratch, '/') + 1));
	close(tmp);
	return 0;
}
