/* SPDX-License-Identifier: Apache-2.0 */
/* Messages on the guest kernel's control channel (backend/kernel/um_control.h). */
#ifndef MOBIHOST_CONTROL_H
#define MOBIHOST_CONTROL_H

#include <stddef.h>
#include <stdint.h>

#include "../../kernel/um_control.h"

struct control_message {
	uint16_t type;
	uint32_t length;
	union {
		struct um_control_hello hello;
		struct um_control_frozen frozen;
		struct um_control_thawed thawed;
		struct um_control_restored restored;
		struct um_control_error error;
		struct um_control_log log;
		struct um_control_wanted wanted;
		char bytes[UM_CONTROL_MAX_MESSAGE];
	} payload; /* followed by a zero byte: texts are terminated */
	char end;
	int fd; /* that came with it, the caller's to close; -1: none */
};

/* 0 or negative errno. */
int control_send(int fd, enum um_control_type type, const void *payload, size_t length);
/*
 * Takes the next message: 1. 0: none is there. -EPIPE: the kernel process is gone. -EPROTO: a message that does not fit the protocol was skipped.
 */
int control_receive(int fd, struct control_message *message);

#endif
