/* SPDX-License-Identifier: Apache-2.0 */
/* The command channel: sessions of commands that guestd runs in the guest (backend/image/guestd/guest_protocol.h). Theory in guest.c. */
#ifndef MOBIHOST_GUEST_H
#define MOBIHOST_GUEST_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../image/guestd/guest_protocol.h"
#include "fail.h"
#include "loop.h"

struct guest;
struct session;

struct guest_hooks {
	/* guestd is there; no session exists any more. */
	void (*hello)(void *arg, const char *boot_id);
	void *arg;
};

struct session_hooks {
	/* Output is there, or the session has ended. */
	void (*changed)(void *arg);
	/* All bytes given to session_write have been sent to the guest. */
	void (*written)(void *arg);
	void *arg;
};

struct guest *guest_create(struct loop *loop, const struct guest_hooks *hooks, struct fail *fail);
/* Sessions must have been freed. */
void guest_destroy(struct guest *guest);
/* The end that the guest kernel inherits; stays open here. */
int guest_guest_fd(const struct guest *guest);
/* guestd has said HELLO since the last restart. */
bool guest_present(const struct guest *guest);
/* The guest boots anew: all sessions end with `reason`. */
void guest_restart(struct guest *guest, const char *reason);
/* Takes over a line in an unknown state; guestd answers HELLO. */
void guest_reset(struct guest *guest);

/* start: the JSON of a START frame, borrowed. NULL with *fail. The session lives until session_free, also after its end. */
struct session *session_start(struct guest *guest, const json_t *start, const struct session_hooks *hooks, struct fail *fail);
/* The session with this number, for taking over one that nobody owns; NULL when there is none or it has an owner. */
struct session *session_adopt(struct guest *guest, uint32_t number, const struct session_hooks *hooks);
/* Leaves the session without an owner: it waits for session_adopt; after a minute it is closed. */
void session_orphan(struct session *session);
/* Closes the command in the guest when it has not ended. */
void session_free(struct session *session);
uint32_t session_number(const struct session *session);

/* Copies the bytes. `written` follows, never before this returns. -1 with *fail when too much waits already. */
int session_write(struct session *session, const void *data, size_t size, struct fail *fail);
void session_eof(struct session *session); /* after all that was written */
void session_signal(struct session *session, uint32_t number);
void session_resize(struct session *session, uint16_t rows, uint16_t cols);
/* Next piece of output; 0 bytes: none. *channel: GUEST_STDOUT or GUEST_STDERR. */
size_t session_peek(const struct session *session, uint8_t *channel, const uint8_t **data);
/* Done with the first `count` bytes of that piece: the guest may send as many more. */
void session_take(struct session *session, size_t count);
/* How it ended, borrowed: {"status"} | {"signal"} | {"error"}; NULL while it runs. Output may still be there to be taken. */
const json_t *session_result(const struct session *session);

/* For migration, on a frozen guest: the line and all sessions; empties the sockets. Sessions stay usable here if the state is imported again. */
json_t *guest_export(struct guest *guest);
/* Sessions come to be without owners; those that exist already keep theirs. */
int guest_import(struct guest *guest, const json_t *state, struct fail *fail);

#endif
