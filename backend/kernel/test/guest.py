# SPDX-License-Identifier: Apache-2.0
"""One guest kernel process under test, driven as a supervisor drives it.

A Guest owns what outlives a kernel process: the memory file, and our ends of its sockets. Each start (boot or restore) is a new
process in a process group of its own with the descriptors of um_control.h's contract. Nothing of it is left after kill() or wait(): this
process is the subreaper of the stubs, and reaps the whole group, as the memory file may be used again only then.
"""

import ctypes
import fcntl
import os
import select
import signal
import socket
import struct
import time

HEADER = struct.Struct("<HHI")
HELLO = struct.Struct("<II20sIIIIIQQQQQQQQQQ")
ERROR = struct.Struct("<II")
WANTED = struct.Struct("<IIQ")

VERSION = 1
REQUESTS = dict(hello=0x01, ping=0x02, freeze=0x03, thaw=0x04, quit=0x05, resume=0x06, resize=0x07, poweroff=0x08,
                ctrl_alt_del=0x09, throttle=0x0a, log_start=0x0b, log_next=0x0c, log_stop=0x0d, warm_up=0x0e)
REPLIES = {0x81: "hello", 0x82: "pong", 0x83: "frozen", 0x84: "thawed", 0x85: "waiting", 0x86: "restored",
           0x87: "refused", 0x88: "error", 0x89: "log", 0x8a: "wanted"}
EXIT_POWEROFF, EXIT_REBOOT, EXIT_PARKED, EXIT_REFUSED, EXIT_PANIC, EXIT_QUIT = 0, 64, 65, 66, 67, 68

FD_MEMORY, FD_CONTROL, FD_CONSOLE, FD_COMMAND = 3, 4, 5, 6
FD_DISK_BASE, FD_DISK_OVERLAY, FD_DISK_MAP = 8, 9, 10
FD_NIC = 16

PR_SET_CHILD_SUBREAPER = 36


class Failure(Exception):
    """A check of the suite did not hold."""


def check(condition, text):
    if not condition:
        raise Failure(text)


def become_subreaper():
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER)")


class Message:
    def __init__(self, kind, payload, fds):
        self.kind = kind
        self.payload = payload
        self.fds = fds              # that came with it, the receiver's to close

    def __repr__(self):
        return f"{self.kind}({self.text() if self.kind in ('refused', 'error') else self.payload.hex()})"

    def code(self):
        return ERROR.unpack_from(self.payload)[0]

    def text(self):
        return self.payload[ERROR.size:].decode()

    def hello(self):
        names = ("protocol phase build_id seccomp page_size generation host_fp_size reserved xfeatures physmem_address "
                 "file_size state_offset ram_offset ram_size data_offset data_size bss_offset bss_size").split()
        return dict(zip(names, HELLO.unpack(self.payload)))


class Guest:
    def __init__(self, kernel, folder, name, memory_mib=64, seccomp="on", nics=(), disk=None, memory_path=None, hold=None, arguments=()):
        self.kernel = kernel
        self.name = name
        self.memory_mib = memory_mib
        self.seccomp = seccomp
        self.nics = list(nics)
        self.disk = disk
        self.hold = hold            # of the next start's system calls, see hold.py
        self.arguments = list(arguments)
        self.memory = (os.open(memory_path, os.O_RDWR | os.O_CREAT, 0o600) if memory_path
                       else os.memfd_create("memory-" + name))
        self.log_path = os.path.join(folder, name + ".log")
        open(self.log_path, "wb").close()
        # the guest's ends stay open here: what it hasn't read survives it, as with a supervisor
        self.console, self.console_guest = socket.socketpair()
        self.command, self.command_guest = socket.socketpair()
        self.control = None
        self.pid = None
        self.screen = b""
        self.wanted = set()         # blocks of the disk's base that this process asked for

    # processes

    def boot(self, *arguments):
        disk = []
        if self.disk:
            disk = [f"disk0=fd:{FD_DISK_OVERLAY},map:{FD_DISK_MAP}"
                    + (f",base:{FD_DISK_BASE}" if self.disk.base is not None else "")]
        nics = [f"nic{i}=fd:{FD_NIC + i},mac=02:00:00:00:00:{nic.host:02x}" + (",vnet" if nic.vnet else "")
                for i, nic in enumerate(self.nics)]
        self._start(["con=null", f"con0=fd:{FD_CONSOLE}", "ssl=null", f"ssl0=fd:{FD_COMMAND}",
                     *disk, *nics, *self.arguments, *arguments])

    def restore(self, wait=False, **changes):
        self._start(["restore=wait" if wait else "restore"], **changes)

    def _start(self, arguments, kernel=None, memory_mib=None, seccomp=None, memory=None, without=()):
        check(self.pid is None, f"{self.name} still has a process")
        self.wanted = set()
        self.control, control_guest = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        null = os.open(os.devnull, os.O_RDWR)
        log = os.open(self.log_path, os.O_WRONLY | os.O_APPEND)
        wanted = {0: null, 1: log, 2: log, FD_MEMORY: self.memory if memory is None else memory,
                  FD_CONTROL: control_guest.fileno(), FD_CONSOLE: self.console_guest.fileno(),
                  FD_COMMAND: self.command_guest.fileno()}
        if self.disk:
            wanted |= self.disk.descriptors()
        wanted |= {FD_NIC + i: nic.guest.fileno() for i, nic in enumerate(self.nics)}
        for number in without:
            del wanted[number]
        argv = [kernel or self.kernel, f"mem={memory_mib or self.memory_mib}M", f"physmem=fd:{FD_MEMORY}",
                f"control=fd:{FD_CONTROL}", f"seccomp={seccomp or self.seccomp}", *arguments]
        # away from the numbers they get in the child
        sources = {number: fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 100) for number, fd in wanted.items()}
        self.started = time.monotonic()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                os.setpgid(0, 0)
                for number, fd in sources.items():
                    os.dup2(fd, number, inheritable=True)
                for number in map(int, os.listdir("/proc/self/fd")):
                    if number not in sources:
                        try:
                            os.set_inheritable(number, False)
                        except OSError:
                            pass    # that of the listing
                if self.hold:
                    self.hold.install()
                os.execv(argv[0], argv)
            finally:
                os._exit(127)
        try:
            os.setpgid(self.pid, self.pid)
        except PermissionError:
            pass                    # it has done so itself, and is past its exec
        for fd in (*sources.values(), null, log):
            os.close(fd)
        control_guest.close()
        if self.hold:
            self.hold.take()
            self.hold = None

    def wait(self, timeout=20):
        """Returns the exit status of the kernel process, and reaps its group."""
        end = time.monotonic() + timeout
        while True:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                break
            if time.monotonic() > end:
                self.kill()
                raise Failure(f"{self.name} did not end within {timeout} s")
            self.pump(0.01)
        self._reap_group()
        return os.waitstatus_to_exitcode(status)

    def kill(self):
        if self.pid is None:
            return
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        self._reap_group()

    def _reap_group(self):
        """The stubs: they sit on the memory file, which must not be used again before they are gone."""
        end = time.monotonic() + 10
        while time.monotonic() < end:
            # the kernel process has made a session and so a group of its own, with the same number
            try:
                os.killpg(self.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            try:
                if os.waitpid(-self.pid, os.WNOHANG)[0] == 0:
                    time.sleep(0.001)
            except ChildProcessError:
                break
        else:
            raise Failure(f"stubs of {self.name} do not die")
        self.pid = None
        if self.control:
            self.control.close()
            self.control = None

    def close(self):
        self.kill()
        for end in (self.console, self.console_guest, self.command, self.command_guest):
            end.close()
        os.close(self.memory)

    # control channel

    def send(self, request, payload=b""):
        self.control.send(HEADER.pack(VERSION, REQUESTS[request], len(payload)) + payload)

    def has_message(self):
        return bool(select.select([self.control], [], [], 0)[0])

    def take_wanted(self):
        """What the guest's disk asks for, which may come at any time, goes to `wanted`; so is nothing else there."""
        while self.has_message():
            message = self._receive(1)
            check(message.kind == "wanted", f"{self.name} sent {message}")
            self._want(message)

    def _want(self, message):
        disk, count, first = WANTED.unpack(message.payload)
        check(disk == 0 and count > 0, f"{self.name} wants {count} blocks of disk {disk}")
        self.wanted |= set(range(first, first + count))

    def receive(self, timeout=20):
        """The next message but those of the disk."""
        while (message := self._receive(timeout)).kind == "wanted":
            self._want(message)
        return message

    def _receive(self, timeout):
        end = time.monotonic() + timeout
        while True:
            self.pump(0)
            if select.select([self.control], [], [], 0.02)[0]:
                break
            if time.monotonic() > end:
                raise Failure(f"{self.name} sent nothing within {timeout} s; log: {self.log()[-2000:]}")
        data, fds, _, _ = socket.recv_fds(self.control, 65536, 4)
        if not data:
            raise Failure(f"{self.name} closed its control channel; log: {self.log()[-2000:]}")
        version, kind, length = HEADER.unpack_from(data)
        check(version == VERSION and length == len(data) - HEADER.size, f"malformed message {data.hex()}")
        check(kind in REPLIES, f"unknown message type {kind:#x}")
        return Message(REPLIES[kind], data[HEADER.size:], fds)

    def expect(self, kind, timeout=20):
        message = self.receive(timeout)
        check(message.kind == kind, f"{self.name}: {kind} was expected, not {message}; log: {self.log()[-2000:]}")
        return message

    def freeze(self):
        self.send("freeze")
        return self.expect("frozen")

    def restore_running(self):
        """Restores, and returns seconds from the process' start to RESTORED."""
        self.restore()
        self.expect("hello")
        self.expect("restored")
        return time.monotonic() - self.started

    # console

    def pump(self, timeout):
        """Takes what the guest wrote to its console."""
        if not self.console:
            time.sleep(timeout)
            return
        while select.select([self.console], [], [], timeout)[0]:
            data = self.console.recv(65536)
            if not data:
                break
            self.screen += data
            timeout = 0

    def text(self):
        self.pump(0)
        return self.screen.decode(errors="replace").replace("\r\n", "\n")

    def wait_text(self, wanted, timeout=20, start=0):
        end = time.monotonic() + timeout
        while wanted not in self.text()[start:]:
            if time.monotonic() > end:
                raise Failure(f"{self.name}: no {wanted!r} within {timeout} s; console: {self.text()[-2000:]}; log: {self.log()[-1000:]}")
            self.pump(0.05)

    def log(self):
        with open(self.log_path, "rb") as f:
            return f.read().decode(errors="replace")


class Nic:
    """One end of a link between two guests."""

    def __init__(self, guest, host, vnet):
        self.guest = guest
        self.host = host
        self.vnet = vnet


def link(vnet=True):
    a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    return Nic(a, 1, vnet), Nic(b, 2, vnet)
