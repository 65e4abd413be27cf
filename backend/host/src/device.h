/* SPDX-License-Identifier: Apache-2.0 */
/* What takes a guest's place in an instance that is no VM: a switch or a gateway. Theory in device.c. */
#ifndef MOBIHOST_DEVICE_H
#define MOBIHOST_DEVICE_H

#include <jansson.h>
#include <stdbool.h>

#include "fail.h"
#include "loop.h"

#define DEVICE_PORTS_MAX 64

enum device_kind { DEVICE_NONE /* a VM */, DEVICE_SWITCH, DEVICE_GATEWAY, DEVICE_KINDS };

/* Of a configuration's member "kind"; DEVICE_KINDS: a word that is not known. */
enum device_kind device_kind_of(const json_t *config);
const char *device_kind_name(enum device_kind kind);
/* Do its NICs carry frames that still have to be finished? */
bool device_offloads(enum device_kind kind);
/* Checks the members that only devices have. */
int device_check(const json_t *config, struct fail *fail);

struct device;

/*
 * Starts one. fds: the guest's ends of the NIC sockets, one a port; they stay the caller's. `ended` is called once, when it cannot go on, with a sentence; it may
 * destroy the device. NULL with *fail.
 */
struct device *device_create(struct loop *loop, const json_t *config, unsigned ports, const int fds[], int log_fd, void (*ended)(void *arg, const char *why),
			     void *arg, struct fail *fail);
void device_destroy(struct device *device);

#endif
