/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0 */
/*
 * Control protocol between a guest kernel (a User-Mode Linux process) and the
 * supervisor which owns it. Shared by both; the kernel's build script copies
 * this file to arch/um/include/shared/um_control.h.
 *
 * The channel is an inherited, connected AF_UNIX SOCK_SEQPACKET socket
 * (control=fd:N). Each datagram is one message: a struct um_control_header and
 * header.length bytes of payload. All numbers are little-endian; there is no
 * padding but the members named reserved, which are sent as 0. Texts are not
 * terminated: they fill the payload up to header.length.
 *
 * A message which the kernel can't take (unknown type, wrong length, not
 * possible now) is answered by ERROR; it changes nothing and is never fatal.
 * Requests are answered in the order they were sent.
 *
 * A guest's life as seen here:
 *
 *   boot:     HELLO(running)
 *   copy:     LOG_START -> LOG, LOG_NEXT -> LOG ..., LOG_STOP -> LOG
 *   freeze:   FREEZE -> FROZEN; then only PING, HELLO, THAW, QUIT are taken
 *               THAW -> THAWED
 *               QUIT or end of file: the process exits, the state stays in
 *               the RAM file
 *   restore:  a new process, started with restore:      -> HELLO(running), RESTORED
 *             or with restore=wait: HELLO(waiting), WAITING;
 *               WARM_UP, again and again while the RAM file is filled, in ascending order
 *               RESUME                                  -> HELLO(running), RESTORED
 *             or, when the image can't be run: REFUSED and exit UM_EXIT_REFUSED
 *
 * While the guest is frozen nothing but the supervisor changes the RAM file.
 *
 * Between LOG_START and LOG_STOP the guest keeps a log of the pages it changes:
 * see struct um_control_log. It does not outlive the process.
 *
 * End of file on the channel while the guest runs freezes it as FREEZE does,
 * and ends the process with UM_EXIT_PARKED: the RAM file can be restored. So it
 * can after REFUSED, by a process which does better, as often as it takes: the
 * mark of being frozen goes when the guest runs.
 */
#ifndef __UM_CONTROL_H
#define __UM_CONTROL_H

#if defined(__KERNEL__) && !defined(__UM_HOST__)
#include <linux/types.h>
#else
#include <stdint.h>
#endif

#define UM_CONTROL_VERSION 1

/* No message in either direction is longer than this, header included. */
#define UM_CONTROL_MAX_MESSAGE 1024

/*
 * The kernel process keeps the descriptors which it opens itself at and above
 * this number; all below belong to what was inherited.
 */
#define UM_PRIVATE_FD_BASE 512

/* How the kernel process ends; anything else is a crash of it. */
enum um_exit {
	UM_EXIT_POWEROFF = 0,	/* guest halted or powered off */
	UM_EXIT_REBOOT = 64,	/* guest asks to be started anew */
	UM_EXIT_PARKED = 65,	/* control channel's end: RAM file is restorable */
	UM_EXIT_REFUSED = 66,	/* image can't be restored here */
	UM_EXIT_PANIC = 67,	/* guest kernel panicked, text is on fd 2 */
	UM_EXIT_QUIT = 68,	/* QUIT, or channel's end while waiting */
};

enum um_control_type {
	/* to the kernel; payload in brackets, empty where none is named */
	UM_CONTROL_HELLO = 0x01,	/* ask for HELLO_REPLY */
	UM_CONTROL_PING = 0x02,		/* [um_control_cookie] */
	UM_CONTROL_FREEZE = 0x03,
	UM_CONTROL_THAW = 0x04,		/* frozen only */
	UM_CONTROL_QUIT = 0x05,		/* frozen or waiting only */
	UM_CONTROL_RESUME = 0x06,	/* waiting only */
	UM_CONTROL_RESIZE = 0x07,	/* [um_control_resize] */
	UM_CONTROL_POWEROFF = 0x08,	/* run /sbin/poweroff, or power off */
	UM_CONTROL_CTRL_ALT_DEL = 0x09,	/* as that key: SIGINT to init */
	UM_CONTROL_THROTTLE = 0x0a,	/* [um_control_throttle] */
	UM_CONTROL_LOG_START = 0x0b,	/* running only; a log that is kept begins anew */
	UM_CONTROL_LOG_NEXT = 0x0c,	/* running only */
	UM_CONTROL_LOG_STOP = 0x0d,	/* running only */
	UM_CONTROL_WARM_UP = 0x0e,	/* waiting only; makes and maps ahead what RESUME needs, of the RAM file what it holds by now; has no answer */

	/* from the kernel */
	UM_CONTROL_HELLO_REPLY = 0x81,	/* [um_control_hello] */
	UM_CONTROL_PONG = 0x82,		/* [um_control_cookie] */
	UM_CONTROL_FROZEN = 0x83,	/* [um_control_frozen] */
	UM_CONTROL_THAWED = 0x84,	/* [um_control_thawed] */
	UM_CONTROL_WAITING = 0x85,	/* restore=wait: ready for RESUME */
	UM_CONTROL_RESTORED = 0x86,	/* [um_control_restored] */
	UM_CONTROL_REFUSED = 0x87,	/* [um_control_error], code um_refusal */
	UM_CONTROL_ERROR = 0x88,	/* [um_control_error], code um_error */
	UM_CONTROL_LOG = 0x89,		/* [um_control_log] */
	UM_CONTROL_WANTED = 0x8a,	/* [um_control_wanted] */
};

struct um_control_header {
	uint16_t version;	/* UM_CONTROL_VERSION */
	uint16_t type;		/* enum um_control_type */
	uint32_t length;	/* of what follows, in bytes */
};

struct um_control_cookie {
	uint64_t cookie;	/* comes back in the PONG */
};

enum um_line {
	UM_LINE_CONSOLE = 0,		/* con0=, /dev/tty0, /dev/console */
	UM_LINE_COMMAND = 1,		/* ssl0=, /dev/ttyS0 */
};

/* Sets a line's window size; its foreground process group gets SIGWINCH. */
struct um_control_resize {
	uint32_t line;		/* enum um_line */
	uint32_t rows;		/* 1..65535 */
	uint32_t cols;		/* 1..65535 */
};

/*
 * Slows the guest's programs down, until the next such message or freeze. The
 * kernel's own threads go on as they like. It has no answer.
 */
struct um_control_throttle {
	uint32_t percent;	/* of the time that programs do not get, 0..99 */
	uint32_t reserved;
};

enum um_phase {
	UM_PHASE_RUNNING = 1,
	UM_PHASE_FROZEN = 2,
	UM_PHASE_WAITING = 3,	/* the HELLO tells what an image must have */
};

#define UM_BUILD_ID_SIZE 20

struct um_range {
	uint64_t offset;	/* into the RAM file, bytes */
	uint64_t size;
};

/*
 * Who we are, and where in the RAM file the guest's state is: in ram and in the
 * kernel_data ranges (page aligned, in ascending order, before ram). Nothing
 * else in the file has to be copied with a guest. ram.size is what mem= says;
 * the file is larger by the kernel's own image, most of which is a hole.
 */
struct um_control_hello {
	uint32_t protocol;		/* UM_CONTROL_VERSION */
	uint32_t phase;			/* enum um_phase */
	uint8_t build_id[UM_BUILD_ID_SIZE];	/* of this kernel binary */
	uint32_t seccomp;		/* 1: seccomp mode, 0: ptrace mode */
	uint32_t page_size;		/* bytes */
	uint32_t generation;		/* freezes so far */
	uint32_t host_fp_size;		/* the CPU's xsave area, bytes */
	uint32_t reserved;
	uint64_t xfeatures;		/* register sets the host saves (XCR0) */
	uint64_t physmem_address;	/* address of offset 0, in the process */
	uint64_t file_size;		/* of the RAM file, bytes */
	uint64_t state_offset;		/* of struct um_checkpoint_mark */
	struct um_range ram;
	struct um_range kernel_data[2];
};

/*
 * What a RAM file says about itself at state_offset; more of the kernel's own
 * follows. The offset is the same for all files of one kernel binary.
 */
#define UM_CHECKPOINT_MAGIC 0x3154504b434d55ULL	/* "UMCKPT1" */

struct um_checkpoint_mark {
	uint64_t magic;
	uint32_t frozen;	/* 1: consistent, may be restored */
	uint32_t generation;
};

struct um_control_frozen {
	uint32_t generation;
	uint32_t reserved;
	int64_t monotonic_ns;	/* guest's CLOCK_MONOTONIC base, stands still */
	int64_t real_delta_ns;	/* guest's CLOCK_REALTIME minus the host's */
};

struct um_control_thawed {
	uint32_t generation;
	uint32_t reserved;
};

struct um_control_restored {
	uint32_t generation;
	uint32_t reserved;
	uint64_t microseconds;	/* since RESUME, or since the start */
};

/*
 * The log of changed pages, in two parts; a page has changed if it is in one.
 *
 * Bitmaps: a bit for each page of the RAM file, in 64-bit words, the lowest bit
 * first. The guest fills the active one, with what guest programs write and
 * what changes without being seen; LOG_NEXT completes it and begins the other.
 * What is in the complete one stays until the next LOG_NEXT. 0: there is none.
 *
 * What the kernel and the host write is for the supervisor to find out: with
 * the answer to LOG_START comes a userfaultfd, in the control message
 * SCM_RIGHTS. It is registered for the process' addresses of the range `ram`
 * (see um_control_hello), for asynchronous write-protection. Protected pages
 * which are written are told by the ioctl PAGEMAP_SCAN of /proc/<pid>/pagemap.
 *
 * kernel_data is in neither part: it always counts as changed.
 */
struct um_control_log {
	uint64_t pages;			/* in a bitmap */
	uint64_t active_offset;		/* into the RAM file, bytes */
	uint64_t complete_offset;
};

/*
 * A read waits for these blocks of a disk's base, see um_disk.h. It is no answer,
 * comes at any time while the guest runs, and again each second if they don't.
 */
struct um_control_wanted {
	uint32_t disk;
	uint32_t count;
	uint64_t first;
};

enum um_error {
	UM_ERROR_VERSION = 1,	/* header.version isn't ours */
	UM_ERROR_TYPE = 2,	/* unknown header.type */
	UM_ERROR_LENGTH = 3,	/* datagram or payload has a wrong length */
	UM_ERROR_PHASE = 4,	/* not possible in this phase */
	UM_ERROR_VALUE = 5,	/* a member is out of range */
	UM_ERROR_FAILED = 6,	/* was tried and failed */
};

enum um_refusal {
	UM_REFUSED_FILE = 1,	/* a descriptor is missing or not what it must be */
	UM_REFUSED_MARK = 2,	/* holds no guest */
	UM_REFUSED_RUNNING = 3,	/* not frozen: its kernel was killed running */
	UM_REFUSED_BUILD = 4,	/* made by another kernel binary */
	UM_REFUSED_LAYOUT = 5,	/* memory can't be placed where it was */
	UM_REFUSED_MODE = 6,	/* seccomp/ptrace mode differs */
	UM_REFUSED_CPU = 7,	/* the CPU's register state differs */
};

struct um_control_error {
	uint32_t code;
	uint32_t request;	/* header.type of the refused message, or 0 */
	char text[];		/* a sentence, not terminated */
};

#endif
