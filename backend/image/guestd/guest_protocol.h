/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command channel: what the host agent and guestd say to each other over the guest's /dev/ttyS0.
 *
 * The line carries frames both ways: a header of 12 bytes and at most 4096 bytes of payload, integers little-endian.
 *
 *     u16 magic 0x424d | u8 type | u8 0 | u32 session | u32 length | payload
 *
 * Sessions. START makes one; the host chooses its number, which is not 0 and not that of a session whose EXIT is still to come.
 * EXIT is always the last frame of a session, also after CLOSE. It comes when the command itself has ended and the output that it had
 * written by then was sent. Processes it left behind go on; what they write from then on is read and thrown away.
 * Frames for a session that does not exist are ignored: they crossed its EXIT.
 *
 * Credit. Each direction of a session begins with GUEST_CREDIT bytes; STDOUT and STDERR share theirs. A side sends no more payload than it
 * has credit for, and gets more by CREDIT once the other has passed bytes on. STDIN beyond the credit ends the session with an error.
 * The host must go on reading while it writes: guestd stops reading while the host does not take its answers.
 *
 * Large things. START's JSON has to fit one frame. A script goes through standard input: start
 * `sh -c 'cat >/run/setup && exec sh /run/setup </dev/null'`, send the script as STDIN, then EOF.
 *
 * Finding the beginning. A receiver skips bytes until a header is valid (guest_frame_take does). Whoever takes over a line in an unknown state
 * (a new supervisor; a guestd that init started again) first sends GUEST_RESYNC_BYTES zero bytes, which complete and end whatever the
 * other side believes to be in. guestd does so before each HELLO. A supervisor sends RESET after them and ignores all before the HELLO that answers.
 *
 * HELLO comes once when guestd starts and once for each RESET. Afterwards no session exists. `fresh` is true in the first HELLO after the guest
 * booted; `bootId` is another one after each boot, so a supervisor that was away can tell whether this boot has been set up.
 */
#ifndef GUEST_PROTOCOL_H
#define GUEST_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GUEST_VERSION 1
#define GUEST_MAGIC 0x424d
#define GUEST_HEADER_SIZE 12
#define GUEST_PAYLOAD_MAX 4096
#define GUEST_FRAME_MAX (GUEST_HEADER_SIZE + GUEST_PAYLOAD_MAX)
#define GUEST_RESYNC_BYTES GUEST_FRAME_MAX
#define GUEST_CREDIT 32768
/* How many sessions guestd runs at once; a START beyond is answered by EXIT with an error. */
#define GUEST_SESSIONS_MAX 64
/* From CLOSE's SIGHUP to SIGKILL. */
#define GUEST_CLOSE_GRACE_MS 2000

enum guest_frame_type {
	/* to the guest */
	GUEST_START = 1,  /* JSON {"argv":[..], "env":{..}, "cwd":"/", "tty":false, "rows":24, "cols":80}; only argv is obligatory */
	GUEST_STDIN = 2,  /* bytes */
	GUEST_EOF = 3,    /* end of standard input; with a tty: its end-of-file character */
	GUEST_SIGNAL = 4, /* u32 number; to the session's process group, with a tty to its foreground group */
	GUEST_RESIZE = 5, /* u16 rows, u16 columns */
	GUEST_CLOSE = 6,  /* SIGHUP, later SIGKILL; output is thrown away from now on; EXIT follows */
	GUEST_CREDIT_TO_GUEST = 7, /* u32 bytes of STDOUT and STDERR that the guest may send more */
	GUEST_PING = 8,   /* any payload */
	GUEST_RESET = 9,  /* session 0: closes all sessions without EXIT and answers HELLO */
	/* from the guest */
	GUEST_HELLO = 65, /* JSON {"version":1, "fresh":true, "bootId":"..", "image":"small"}; session 0 */
	GUEST_STDOUT = 66,
	GUEST_STDERR = 67,
	GUEST_EXIT = 68,  /* JSON {"status":0} or {"signal":9} or {"error":"a sentence"} */
	GUEST_CREDIT_TO_HOST = 69, /* u32 bytes of STDIN that the host may send more */
	GUEST_PONG = 70,  /* PING's session and payload */
};

struct guest_frame {
	uint8_t type; /* 0: none */
	uint32_t session;
	uint32_t length;
	const uint8_t *payload; /* lies in the buffer it was taken from */
};

static inline void guest_put_u16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)value;
	at[1] = (uint8_t)(value >> 8);
}

static inline void guest_put_u32(uint8_t *at, uint32_t value)
{
	guest_put_u16(at, (uint16_t)value);
	guest_put_u16(at + 2, (uint16_t)(value >> 16));
}

static inline uint16_t guest_get_u16(const uint8_t *at)
{
	return (uint16_t)(at[0] | at[1] << 8);
}

static inline uint32_t guest_get_u32(const uint8_t *at)
{
	return guest_get_u16(at) | (uint32_t)guest_get_u16(at + 2) << 16;
}

/* Writes the GUEST_HEADER_SIZE bytes before a payload of `length` bytes. */
static inline void guest_header_put(uint8_t *at, uint8_t type, uint32_t session, uint32_t length)
{
	guest_put_u16(at, GUEST_MAGIC);
	at[2] = type;
	at[3] = 0;
	guest_put_u32(at + 4, session);
	guest_put_u32(at + 8, length);
}

static inline bool guest_header_valid(const uint8_t *at, bool from_guest)
{
	const uint8_t first = from_guest ? GUEST_HELLO : GUEST_START;
	const uint8_t last = from_guest ? GUEST_PONG : GUEST_RESET;

	return guest_get_u16(at) == GUEST_MAGIC && at[2] >= first && at[2] <= last && at[3] == 0 &&
	       guest_get_u32(at + 8) <= GUEST_PAYLOAD_MAX;
}

/*
 * Takes the first frame out of `count` received bytes, which come from the guest or from the host. Returns how many bytes at the front are
 * done with, bytes that belong to no frame included. frame->type is 0 when no whole frame was there: then more bytes are needed, and a buffer of
 * GUEST_FRAME_MAX bytes always has room for them.
 */
static inline size_t guest_frame_take(const uint8_t *bytes, size_t count, bool from_guest, struct guest_frame *frame)
{
	size_t at = 0;

	*frame = (struct guest_frame){ 0 };
	while (count - at >= GUEST_HEADER_SIZE && !guest_header_valid(bytes + at, from_guest))
		at++;
	if (count - at < GUEST_HEADER_SIZE)
		return at;

	const uint32_t length = guest_get_u32(bytes + at + 8);

	if (count - at < GUEST_HEADER_SIZE + length)
		return at;
	frame->type = bytes[at + 2];
	frame->session = guest_get_u32(bytes + at + 4);
	frame->length = length;
	frame->payload = bytes + at + GUEST_HEADER_SIZE;
	return at + GUEST_HEADER_SIZE + length;
}

#endif
