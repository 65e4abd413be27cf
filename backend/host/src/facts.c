/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Facts of the host. The CPU's features are the names of /proc/cpuinfo, since these are what the kernel lets programs use; the register sets and the size of
 * the save area come from CPUID leaf 13, as the guest kernel sees them. Memory is bounded by control groups: in a container or a user slice with
 * a limit, the machine's own figures promise too much.
 */
#define _GNU_SOURCE
#include "facts.h"

#include <arpa/inet.h>
#include <cpuid.h>
#include <errno.h>
#include <ifaddrs.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "clock.h"
#include "confine.h"
#include "limits.h"
#include "ram.h"

#ifndef SYS_close_range
#define SYS_close_range 436
#endif

static uint64_t meminfo(const char *name)
{
	FILE *file = fopen("/proc/meminfo", "re");
	char line[200];
	size_t length = strlen(name);
	uint64_t kibibytes = 0;

	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, name, length) && line[length] == ':')
			kibibytes = strtoull(line + length + 1, NULL, 10);
	if (file)
		fclose(file);
	return kibibytes * 1024;
}

/* A number in a control group's file; UINT64_MAX when there is none or it is "max". */
static uint64_t group_number(const char *folder, const char *file)
{
	char path[5000], text[64] = "";
	FILE *stream;
	uint64_t value = UINT64_MAX;

	snprintf(path, sizeof(path), "%s/%s", folder, file);
	stream = fopen(path, "re");
	if (!stream)
		return value;
	if (fgets(text, sizeof(text), stream) && text[0] >= '0' && text[0] <= '9')
		value = strtoull(text, NULL, 10);
	fclose(stream);
	return value;
}

/* Applies the limits of the group `path` below `mount` and of all groups above it. */
static void group_bound(const char *mount, const char *path, const char *limit_file, const char *usage_file, const char *cache_key, uint64_t *total,
			uint64_t *available)
{
	char folder[4096];
	size_t root = strlen(mount);

	snprintf(folder, sizeof(folder), "%s%s", mount, path);
	for (;;) {
		uint64_t limit = group_number(folder, limit_file), usage = group_number(folder, usage_file);
		char *slash;

		if (limit != UINT64_MAX && usage != UINT64_MAX) {
			char stat[4200], line[200];
			uint64_t cache = 0, room;
			FILE *stream;

			/* Pages of files that could be dropped count as used there, but are free for us. */
			snprintf(stat, sizeof(stat), "%s/memory.stat", folder);
			stream = fopen(stat, "re");
			while (stream && fgets(line, sizeof(line), stream))
				if (!strncmp(line, cache_key, strlen(cache_key)) && line[strlen(cache_key)] == ' ')
					cache = strtoull(line + strlen(cache_key), NULL, 10);
			if (stream)
				fclose(stream);
			usage = usage > cache ? usage - cache : 0;
			room = limit > usage ? limit - usage : 0;
			if (limit < *total)
				*total = limit;
			if (room < *available)
				*available = room;
		}
		slash = strrchr(folder, '/');
		if (!slash || (size_t)(slash - folder) < root)
			return;
		*slash = 0;
	}
}

void facts_memory(uint64_t *total, uint64_t *available)
{
	FILE *groups = fopen("/proc/self/cgroup", "re");
	char line[4096];

	*total = meminfo("MemTotal");
	*available = meminfo("MemAvailable");
	while (groups && fgets(line, sizeof(line), groups)) {
		char *controllers = strchr(line, ':'), *path = controllers ? strchr(controllers + 1, ':') : NULL;

		line[strcspn(line, "\n")] = 0;
		if (!path)
			continue;
		*path++ = 0;
		controllers++;
		if (!*controllers)
			group_bound("/sys/fs/cgroup", path, "memory.max", "memory.current", "inactive_file", total, available);
		else if (strstr(controllers, "memory"))
			group_bound("/sys/fs/cgroup/memory", path, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file", total, available);
	}
	if (groups)
		fclose(groups);
}

/* The value of the first line of /proc/cpuinfo with this name; a buffer to free, or NULL. */
static char *cpuinfo(const char *name)
{
	FILE *file = fopen("/proc/cpuinfo", "re");
	char *line = NULL, *value = NULL;
	size_t size = 0, length = strlen(name);

	while (file && !value && getline(&line, &size, file) > 0) {
		char *colon = strchr(line, ':');

		if (!strncmp(line, name, length) && (line[length] == '\t' || line[length] == ' ' || line[length] == ':') && colon) {
			colon += 1 + strspn(colon + 1, " \t");
			colon[strcspn(colon, "\n")] = 0;
			value = strdup(colon);
		}
	}
	free(line);
	if (file)
		fclose(file);
	return value;
}

static json_t *cpu_features(void)
{
	char *flags = cpuinfo("flags"), *save = NULL;
	json_t *names = json_array();

	for (char *name = flags ? strtok_r(flags, " ", &save) : NULL; name; name = strtok_r(NULL, " ", &save))
		json_array_append_new(names, json_string(name));
	free(flags);
	return names;
}

/* Register sets the system saves (XCR0), and the bytes that takes. */
static void cpu_registers(uint64_t *xfeatures, uint32_t *size)
{
	uint32_t a, b, c, d, low, high;

	*xfeatures = 3; /* x87 and SSE: without XSAVE the legacy area */
	*size = 512;
	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE))
		return;
	__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	*xfeatures = (uint64_t)high << 32 | low;
	if (__get_cpuid_count(13, 0, &a, &b, &c, &d))
		*size = b;
}

/* What seccomp mode needs: filters that trap, and close_range (Linux 5.9). */
static bool seccomp_works(void)
{
	const uint32_t action = SECCOMP_RET_TRAP;

	return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0 && syscall(SYS_close_range, ~0U, ~0U, 0) == 0;
}

json_t *facts_addresses(void)
{
	json_t *addresses = json_array();
	struct ifaddrs *list = NULL;

	if (getifaddrs(&list) < 0)
		return addresses;
	for (int loopback = 0; loopback < 2; loopback++) {
		for (struct ifaddrs *entry = list; entry; entry = entry->ifa_next) {
			char text[INET6_ADDRSTRLEN] = "";

			if (!entry->ifa_addr || !(entry->ifa_flags & IFF_UP) || !!(entry->ifa_flags & IFF_LOOPBACK) != loopback)
				continue;
			if (entry->ifa_addr->sa_family == AF_INET) {
				inet_ntop(AF_INET, &((struct sockaddr_in *)entry->ifa_addr)->sin_addr, text, sizeof(text));
			} else if (entry->ifa_addr->sa_family == AF_INET6) {
				const struct in6_addr *address = &((struct sockaddr_in6 *)entry->ifa_addr)->sin6_addr;

				if (!IN6_IS_ADDR_LINKLOCAL(address))
					inet_ntop(AF_INET6, address, text, sizeof(text));
			}
			if (text[0])
				json_array_append_new(addresses, json_string(text));
		}
	}
	freeifaddrs(list);
	return addresses;
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

json_t *facts_collect(const struct store *store)
{
	uint64_t memory_total, memory_available, ram_available, disk_available, xfeatures;
	struct limits left = limits_left(store);
	char ram_folder[400];
	char *model = cpuinfo("model name");
	struct utsname system;
	struct statvfs disk;
	double load = 0;
	cpu_set_t cpus;
	uint32_t xsave_size;
	json_t *facts;

	facts_memory(&memory_total, &memory_available);
	ram_place(ram_folder, sizeof(ram_folder), &ram_available);
	disk_available = fstatvfs(store->fd, &disk) == 0 ? (uint64_t)disk.f_bavail * disk.f_frsize : 0;
	memory_total = least(memory_total, limits_read(store).memory);
	memory_available = least(memory_available, left.memory);
	ram_available = least(ram_available, left.memory);
	disk_available = least(disk_available, left.disk);
	cpu_registers(&xfeatures, &xsave_size);
	if (getloadavg(&load, 1) < 1)
		load = 0;
	if (sched_getaffinity(0, sizeof(cpus), &cpus) < 0) {
		CPU_ZERO(&cpus);
		CPU_SET(0, &cpus);
	}
	uname(&system);
	facts = json_pack("{ss si so sI sI sI sI ss sI sI sf ss sb si so sI}", "cpuModel", model ? model : "unknown", "cpus", CPU_COUNT(&cpus), "cpuFeatures",
			  cpu_features(), "xfeatures", (json_int_t)xfeatures, "xsaveSize", (json_int_t)xsave_size, "memoryTotal", (json_int_t)memory_total,
			  "memoryAvailable", (json_int_t)memory_available, "ramFolder", ram_folder, "ramAvailable", (json_int_t)ram_available, "diskAvailable",
			  (json_int_t)disk_available, "load1", load, "kernel", system.release,
			  "seccomp", seccomp_works(), "landlock", confine_landlock(), "addresses", facts_addresses(), "time", (json_int_t)clock_wall_us());
	free(model);
	return facts;
}
