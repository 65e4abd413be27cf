/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pinning. A guest's kernel process and its stubs hand over to each other synchronously, so they are 5 to 10 times as fast when they share one CPU. Guests are
 * spread: the CPU with the fewest guests of this folder that live, among equals the one that was least busy lately. Guests that are about to leave by a migration do not
 * count: one that moves within this folder finds its place where it was. `cpus.lock` makes choosing and writing the
 * record one step. The file also keeps the counters of /proc/stat as the last chooser saw them: "lately" is since then, which costs no waiting.
 */
#define _GNU_SOURCE
#include "cpu.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "record.h"

struct cpu_use {
	unsigned guests;
	uint64_t busy, total;         /* now, ticks since boot */
	uint64_t old_busy, old_total; /* when the file was written */
};

struct cpu_table {
	struct cpu_use cpus[CPU_SETSIZE];
};

static bool leaves(const struct record *record)
{
	return record->state == VM_SENDING || record->state == VM_FROZEN || record->state == VM_HANDED_OVER;
}

static int count_guest(void *arg, int folder, const char *name)
{
	struct cpu_table *table = arg;
	struct record record;
	struct fail fail;
	int instance = openat(folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

	if (instance < 0)
		return 0;
	if (record_load(instance, &record, &fail) == 0) {
		if (record.cpu >= 0 && record.cpu < CPU_SETSIZE && record.group.leader && !leaves(&record) && process_started(record.group.leader) == record.group.started)
			table->cpus[record.cpu].guests++;
		record_clear(&record);
	}
	close(instance);
	return 0;
}

static void load_read(struct cpu_table *table)
{
	FILE *file = fopen("/proc/stat", "re");
	char line[512];

	while (file && fgets(line, sizeof(line), file)) {
		unsigned long long v[8] = { 0 };
		unsigned cpu;

		if (sscanf(line, "cpu%u %llu %llu %llu %llu %llu %llu %llu %llu", &cpu, v, v + 1, v + 2, v + 3, v + 4, v + 5, v + 6, v + 7) < 5 ||
		    cpu >= CPU_SETSIZE)
			continue;
		for (int i = 0; i < 8; i++)
			table->cpus[cpu].total += v[i];
		table->cpus[cpu].busy = table->cpus[cpu].total - v[3] - v[4];
	}
	if (file)
		fclose(file);
}

static void old_load_read(struct cpu_table *table, int fd)
{
	char text[65536];
	ssize_t size = pread(fd, text, sizeof(text) - 1, 0);
	char *save = NULL;

	text[size > 0 ? size : 0] = 0;
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		unsigned long long busy, total;
		unsigned cpu;

		if (sscanf(line, "%u %llu %llu", &cpu, &busy, &total) == 3 && cpu < CPU_SETSIZE && busy <= table->cpus[cpu].busy && total <= table->cpus[cpu].total) {
			table->cpus[cpu].old_busy = busy;
			table->cpus[cpu].old_total = total;
		}
	}
}

static void load_write(const struct cpu_table *table, int fd)
{
	if (ftruncate(fd, 0) < 0 || lseek(fd, 0, SEEK_SET) < 0)
		return;
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		char line[80];

		if (!table->cpus[cpu].total)
			continue;
		snprintf(line, sizeof(line), "%d %llu %llu\n", cpu, (unsigned long long)table->cpus[cpu].busy, (unsigned long long)table->cpus[cpu].total);
		if (store_write_all(fd, line, strlen(line)) < 0)
			return;
	}
}

static double load_of(const struct cpu_use *use)
{
	uint64_t total = use->total - use->old_total;

	return total ? (double)(use->busy - use->old_busy) / (double)total : 0;
}

int cpu_choose(const struct store *store, int *lock)
{
	struct cpu_table *table = calloc(1, sizeof(*table));
	int vms = store_folder(store, "vms"), best = -1;
	cpu_set_t allowed;

	*lock = -1;
	if (!table || vms < 0 || sched_getaffinity(0, sizeof(allowed), &allowed) < 0)
		goto out;
	*lock = store_lock(store->fd, "cpus.lock", true);
	if (*lock < 0)
		goto out;
	store_each(vms, count_guest, table);
	load_read(table);
	old_load_read(table, *lock);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		const struct cpu_use *use = &table->cpus[cpu], *than = best < 0 ? NULL : &table->cpus[best];

		if (CPU_ISSET((size_t)cpu, &allowed) && (!than || use->guests < than->guests || (use->guests == than->guests && load_of(use) < load_of(than))))
			best = cpu;
	}
	load_write(table, *lock);
out:
	if (vms >= 0)
		close(vms);
	free(table);
	return best;
}
