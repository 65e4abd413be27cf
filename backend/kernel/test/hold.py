# SPDX-License-Identifier: Apache-2.0
"""Host storage which takes as long as a test likes: system calls of a guest's kernel process are held until they are released.

A seccomp filter, set in the new process before its exec, stops the calls with the given numbers and tells us. Calls of guest programs never
get that far: their stubs' own filter, or ptrace, takes them first.
"""

import ctypes
import errno
import fcntl
import os
import select
import socket
import struct
import threading
import time

from guest import Failure, check

SOCKETPAIR, FDATASYNC, FALLOCATE, PREADV, PWRITEV = 53, 75, 285, 295, 296     # x86_64

PR_SET_NO_NEW_PRIVS = 38
SYS_SECCOMP = 317
SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER = 1, 8
RET_USER_NOTIF, RET_ALLOW = 0x7fc00000, 0x7fff0000
LOAD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06
NOTIF_RECV, NOTIF_SEND, NOTIF_ID_VALID = 0xc0502100, 0xc0182101, 0x40082102
FLAG_CONTINUE = 1
NOTIFICATION_SIZE = 80


class Hold:
    """For one start of a guest. Holds one call after the other until let_all()."""

    def __init__(self, *numbers):
        self.numbers = numbers
        self.near, far = socket.socketpair()
        # above all numbers which the guest's own descriptors get
        self.far = socket.socket(fileno=fcntl.fcntl(far, fcntl.F_DUPFD_CLOEXEC, 100))
        far.close()
        self.listener = None
        self.held = None
        self.passing = None
        self.ended = threading.Event()

    def install(self):
        """In the new process."""
        libc = ctypes.CDLL(None, use_errno=True)
        program = [(LOAD, 0, 0, 0)]                         # the number is the first member of struct seccomp_data
        for i, number in enumerate(self.numbers):
            program.append((JUMP_IF_EQUAL, len(self.numbers) - i, 0, number))
        program += [(RETURN, 0, 0, RET_ALLOW), (RETURN, 0, 0, RET_USER_NOTIF)]
        code = b"".join(struct.pack("<HBBI", *line) for line in program)
        buffer = ctypes.create_string_buffer(code, len(code))
        fprog = ctypes.create_string_buffer(struct.pack("<HxxxxxxQ", len(program), ctypes.addressof(buffer)), 16)
        if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
            raise OSError(ctypes.get_errno(), "prctl(PR_SET_NO_NEW_PRIVS)")
        listener = libc.syscall(SYS_SECCOMP, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, fprog)
        if listener < 0:
            raise OSError(ctypes.get_errno(), "seccomp")
        socket.send_fds(self.far, [b"x"], [listener])

    def take(self):
        """In the supervisor, once the process was started."""
        self.near.settimeout(10)
        self.listener = socket.recv_fds(self.near, 1, 1)[1][0]

    def wait_held(self, guest, timeout=20):
        """Until the guest's kernel makes such a call."""
        check(self.held is None, "a call is held already")
        end = time.monotonic() + timeout
        while not self._receive(0.02):
            guest.pump(0)
            if time.monotonic() > end:
                raise Failure(f"{guest.name} made none of the calls {self.numbers} within {timeout} s")

    def _receive(self, timeout):
        """False: there was none. A call which a signal interrupted is made anew, and comes again."""
        if not select.select([self.listener], [], [], timeout)[0]:
            return False
        notification = bytearray(NOTIFICATION_SIZE)
        try:
            fcntl.ioctl(self.listener, NOTIF_RECV, notification)
        except FileNotFoundError:
            return False
        self.held = struct.unpack_from("<Q", notification)[0]
        return True

    def still_held(self):
        try:
            fcntl.ioctl(self.listener, NOTIF_ID_VALID, struct.pack("<Q", self.held))
        except OSError as e:
            if e.errno != errno.ENOENT:
                raise
            return False
        return True

    def release(self):
        """The call is made now."""
        self._answer(0, FLAG_CONTINUE)

    def refuse(self, error):
        """The call is not made, and fails."""
        self._answer(-error, 0)

    def _answer(self, error, flags):
        try:
            self._send(error, flags)
        except FileNotFoundError:       # interrupted as well
            if not self._receive(5):
                raise
            self._send(error, flags)

    def _send(self, error, flags):
        fcntl.ioctl(self.listener, NOTIF_SEND, bytearray(struct.pack("<QqiI", self.held, 0, error, flags)))
        self.held = None

    def let_all(self):
        """The call which is held, if any, and all later ones are made. Without a listener they would fail."""
        if self.held is not None:
            self.release()
        self.passing = threading.Thread(target=self._pass)
        self.passing.start()

    def _pass(self):
        while not self.ended.is_set():
            try:
                if self._receive(0.05):
                    self._send(0, FLAG_CONTINUE)
            except FileNotFoundError:   # its process was killed
                self.ended.wait(0.05)

    def close(self):
        self.ended.set()
        if self.passing:
            self.passing.join()
        self.near.close()
        self.far.close()
        if self.listener is not None:
            os.close(self.listener)
