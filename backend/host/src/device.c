/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Theory. A switch or gateway is an instance like a VM: a folder, a record, a supervisor, links. Only what would be the guest is different: instead of a kernel
 * process a bridge reads and writes the guest's ends of the NIC sockets, in the supervisor's own loop. So links, impairments, counters, captures, requests and
 * events are the same for all nodes, and a device costs one small process and no memory file.
 *
 * A device keeps nothing: what a switch has learned it learns again within a frame. So it does not migrate: where it is to be, another one is made, its links are set to
 * that, and the old one is deleted.
 *
 * A gateway is a bridge with one port more, which leads to the process that translates addresses (gateway.c). That process holds one end of a socket pair of which
 * nothing is ever read: its end tells that the process is gone.
 */
#define _GNU_SOURCE
#include "device.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bridge.h"
#include "gateway.h"
#include "params.h"
#include "process.h"

_Static_assert(DEVICE_PORTS_MAX + 1 <= BRIDGE_PORTS_MAX, "a gateway has one port more");

static const char *const kind_names[DEVICE_KINDS] = { [DEVICE_NONE] = "vm", [DEVICE_SWITCH] = "switch", [DEVICE_GATEWAY] = "gateway" };

struct device {
	struct loop *loop;
	struct bridge *bridge;
	struct process_group process; /* of a gateway */
	int frames_fd, life_fd;
	struct loop_watch *life_watch;
	void (*ended)(void *arg, const char *why);
	void *arg;
};

enum device_kind device_kind_of(const json_t *config)
{
	const char *name = json_string_value(json_object_get(config, "kind"));
	enum device_kind kind = DEVICE_NONE;

	while (name && kind < DEVICE_KINDS && strcmp(name, kind_names[kind]))
		kind++;
	return kind;
}

const char *device_kind_name(enum device_kind kind)
{
	return kind_names[kind];
}

bool device_offloads(enum device_kind kind)
{
	return kind == DEVICE_SWITCH;
}

int device_check(const json_t *config, struct fail *fail)
{
	const char *address = NULL;
	struct gateway_network network;
	bool loopback = false;
	json_t *nics = NULL, *nic;
	size_t index;

	if (params_string(config, "address", true, 64, &address, fail) < 0 || params_boolean(config, "hostLoopback", true, &loopback, fail) < 0 ||
	    (address && gateway_network_parse(address, &network, fail) < 0) || params_array(config, "nics", true, DEVICE_PORTS_MAX, &nics, fail) < 0)
		return -1;
	json_array_foreach(nics, index, nic) {
		json_int_t vlan;

		if (params_integer(nic, "vlan", true, 1, BRIDGE_VLAN_MAX, &vlan, fail) < 0)
			return -1;
	}
	return 0;
}

static void life_ended(void *arg, uint32_t events)
{
	struct device *device = arg;

	(void)events;
	loop_unwatch(device->life_watch);
	device->life_watch = NULL;
	device->ended(device->arg, "The gateway's process, which translates addresses, has ended. Start the gateway again; the log may tell why it did.");
}

/* Starts the process; our ends of its sockets are the device's then. */
static int process_begin(struct device *device, const json_t *config, int log_fd, struct fail *fail)
{
	const char *address = json_string_value(json_object_get(config, "address"));
	bool loopback = json_is_true(json_object_get(config, "hostLoopback"));
	char *const argv[] = { "mobihost", "gateway", (char *)(address ? address : GATEWAY_ADDRESS), loopback ? "loopback" : NULL, NULL };
	int frames[2] = { -1, -1 }, life[2] = { -1, -1 }, null_fd = open("/dev/null", O_RDWR | O_CLOEXEC), status = -1;

	if (null_fd >= 0 && socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, frames) == 0 &&
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, life) == 0) {
		const struct process_fd fds[] = { { 0, null_fd }, { 1, log_fd }, { 2, log_fd }, { GATEWAY_FD_FRAMES, frames[1] }, { GATEWAY_FD_LIFE, life[1] } };
		const struct process_start start = { .path = "/proc/self/exe", .argv = argv, .fds = fds, .fd_count = sizeof(fds) / sizeof(*fds), .cpu = -1 };

		status = process_start(&start, &device->process, fail);
	} else {
		fail_set(fail, "no-process", "The host refuses what the gateway's process needs: %s.", strerror(errno));
	}
	device->frames_fd = frames[0];
	device->life_fd = life[0];
	if (frames[1] >= 0)
		close(frames[1]);
	if (life[1] >= 0)
		close(life[1]);
	if (null_fd >= 0)
		close(null_fd);
	if (status < 0)
		return -1;
	device->life_watch = loop_watch_fd(device->loop, device->life_fd, EPOLLIN, life_ended, device);
	return device->life_watch ? 0 : fail_set(fail, "no-memory", "The gateway's process could not be watched: %s.", strerror(errno));
}

struct device *device_create(struct loop *loop, const json_t *config, unsigned ports, const int fds[], int log_fd, void (*ended)(void *arg, const char *why),
			     void *arg, struct fail *fail)
{
	struct device *device = calloc(1, sizeof(*device));
	enum device_kind kind = device_kind_of(config);
	uint16_t vlans[DEVICE_PORTS_MAX + 1] = { 0 };
	int all[DEVICE_PORTS_MAX + 1];

	if (!device || ports > DEVICE_PORTS_MAX) {
		free(device);
		fail_set(fail, "no-memory", "The host has no memory for a %s of %u ports.", kind_names[kind], ports);
		return NULL;
	}
	*device = (struct device){ .loop = loop, .frames_fd = -1, .life_fd = -1, .ended = ended, .arg = arg };
	for (unsigned i = 0; i < ports; i++) {
		all[i] = fds[i];
		vlans[i] = (uint16_t)json_integer_value(json_object_get(json_array_get(json_object_get(config, "nics"), i), "vlan"));
	}
	if (kind == DEVICE_GATEWAY) {
		if (process_begin(device, config, log_fd, fail) < 0)
			goto failed;
		vlans[ports] = 1; /* an access port: it knows no tags */
		all[ports++] = device->frames_fd;
	}
	device->bridge = bridge_create(loop, ports, all, vlans, device_offloads(kind), BRIDGE_AGEING_US);
	if (device->bridge)
		return device;
	fail_set(fail, "no-memory", "The host has no memory or descriptors for a %s of %u ports: %s.", kind_names[kind], ports, strerror(errno));
failed:
	device_destroy(device);
	return NULL;
}

void device_destroy(struct device *device)
{
	if (!device)
		return;
	bridge_destroy(device->bridge);
	loop_unwatch(device->life_watch);
	/* Its end is reaped with the supervisor's other children. */
	if (process_group_lives(&device->process))
		process_group_kill(&device->process);
	if (device->frames_fd >= 0)
		close(device->frames_fd);
	if (device->life_fd >= 0)
		close(device->life_fd);
	free(device);
}
