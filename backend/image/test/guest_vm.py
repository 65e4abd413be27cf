# SPDX-License-Identifier: Apache-2.0
"""A guest as a supervisor starts it, as far as the tests of the image need: boot, console, command channel, NICs, control messages, end."""

import ctypes
import fcntl
import os
import re
import select
import signal
import socket
import struct
import time

from guest_channel import Channel

CONTROL_HEADER = struct.Struct("<HHI")
CONTROL_VERSION = 1
CONTROL_RESIZE = 0x07
CONTROL_CTRL_ALT_DEL = 0x09
LINE_CONSOLE = 0

BLOCK = 4096
MAP_HEADER = struct.Struct("<QIIQQQQ")
MAP_MAGIC = 0x31504D4B53444D55
MAP_VERSION = 1

EXIT_POWEROFF = 0
EXIT_REBOOT = 64

PR_SET_CHILD_SUBREAPER = 36
# The guest's descriptors are put together above these numbers, so that dup2 never overwrites one that is still needed.
PRIVATE_FD = 200


def cable():
    """Two ends for NICs."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


class Console:
    """The guest's console: what it printed, and a keyboard."""

    def __init__(self, end):
        self.end = end
        self.text = b""

    def type(self, text):
        self.end.sendall(text.encode())

    def wait_for(self, pattern, seconds=20):
        """Waits for a match in what came since the last one; returns it."""
        until = time.monotonic() + seconds
        while True:
            match = re.search(pattern.encode(), self.text)
            if match:
                self.text = self.text[match.end():]
                return match
            rest = until - time.monotonic()
            if rest <= 0 or not select.select([self.end], [], [], rest)[0]:
                raise AssertionError(f"timeout while waiting for {pattern!r} on the console; it has {self.text[-500:]!r}")
            data = self.end.recv(65536)
            if not data:
                raise AssertionError(f"the console was closed before {pattern!r}; it has {self.text[-500:]!r}")
            self.text += data


class Disk:
    """A base image with an overlay and its map in a folder."""

    def __init__(self, base, folder):
        self.size = os.path.getsize(base)
        self.base = os.open(base, os.O_RDONLY)
        self.overlay = os.open(os.path.join(folder, "overlay0"), os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        self.map = os.open(os.path.join(folder, "map0"), os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        os.ftruncate(self.overlay, self.size)
        blocks = self.size // BLOCK
        bitmap = (blocks + 32767) // 32768 * BLOCK
        os.ftruncate(self.map, BLOCK + 2 * bitmap)
        os.pwrite(self.map, MAP_HEADER.pack(MAP_MAGIC, MAP_VERSION, BLOCK, blocks, BLOCK, BLOCK + bitmap, 0), 0)

    def merge(self, path):
        """Writes what the guest sees as its disk to a file."""
        blocks = self.size // BLOCK
        present = os.pread(self.map, (blocks + 7) // 8, BLOCK)
        with open(path, "wb") as file:
            file.truncate(self.size)
            for block in range(blocks):
                source = self.overlay if present[block // 8] >> block % 8 & 1 else self.base
                data = os.pread(source, BLOCK, block * BLOCK)
                if data.count(0) != len(data):
                    os.pwrite(file.fileno(), data, block * BLOCK)

    def close(self):
        for descriptor in (self.base, self.overlay, self.map):
            os.close(descriptor)


class Guest:
    """A running guest. `nics`: a socket for each NIC; they are closed here once the guest has them."""

    def __init__(self, kernel, base, folder, nics=(), memory_mib=64, cpu=None):
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        os.makedirs(folder, exist_ok=True)
        self.disk = Disk(base, folder)
        self.status = None
        self.stopped = False
        self.log_path = os.path.join(folder, "log")
        ram = os.memfd_create("guest")
        log = os.open(self.log_path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        null = os.open("/dev/null", os.O_RDWR)
        self.control, control = cable()
        console_end, console = socket.socketpair()
        self.command_end, command = socket.socketpair()
        self.console = Console(console_end)
        descriptors = {0: null, 1: log, 2: log, 3: ram, 4: control.fileno(), 5: console.fileno(), 6: command.fileno(),
                       8: self.disk.base, 9: self.disk.overlay, 10: self.disk.map}
        arguments = [kernel, f"mem={memory_mib}M", "physmem=fd:3", "control=fd:4", "seccomp=on", "con=null", "con0=fd:5", "ssl=null",
                     "ssl0=fd:6", "disk0=fd:9,map:10,base:8", "root=/dev/vda", "rw"]
        for number, nic in enumerate(nics):
            descriptors[16 + number] = nic.fileno()
            arguments.append(f"nic{number}=fd:{16 + number},mac=02:00:00:{os.getpid() >> 8 & 255:02x}:{nic.fileno() & 255:02x}:{number:02x},vnet")
        moved = [(fcntl.fcntl(source, fcntl.F_DUPFD_CLOEXEC, PRIVATE_FD), target) for target, source in descriptors.items()]
        affinity = os.sched_getaffinity(0)
        self.started = time.monotonic()
        try:
            if cpu is not None:
                os.sched_setaffinity(0, {cpu})
            self.pid = os.posix_spawn(kernel, arguments, os.environ, setpgroup=0,
                                      file_actions=[(os.POSIX_SPAWN_DUP2, source, target) for source, target in moved])
        finally:
            os.sched_setaffinity(0, affinity)
            for source, _ in moved:
                os.close(source)
            for descriptor in (ram, log, null):
                os.close(descriptor)
            for end in (control, console, command, *nics):
                end.close()
        self.channel = Channel(self.command_end.fileno())

    def send_control(self, kind, payload=b""):
        self.control.send(CONTROL_HEADER.pack(CONTROL_VERSION, kind, len(payload)) + payload)

    def wait_exit(self, seconds=20):
        """Waits until the guest's process has ended by itself; returns its status (negative: a signal)."""
        until = time.monotonic() + seconds
        while self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
            elif time.monotonic() > until:
                raise AssertionError(f"the guest still runs; its console: {self.console.text[-500:]!r}")
            else:
                time.sleep(0.01)
        return self.status

    def stop(self):
        """Ends the guest at once, with all processes of its group; may be called again."""
        if self.stopped:
            return
        self.stopped = True
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        while True:
            try:
                os.waitpid(-self.pid, 0)
            except ChildProcessError:
                break
        for end in (self.control, self.console.end, self.command_end):
            end.close()
        self.disk.close()
