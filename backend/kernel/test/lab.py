# SPDX-License-Identifier: Apache-2.0
"""What the guest kernel's tests are written with: a Lab that makes guests and disks, and ways to look into a guest."""

import hashlib
import os
import re
import struct
import time

import guest as g
from disk import Disk, There
from guest import Failure, Guest, check
from hold import Hold


class Lab:
    """Makes guests and disks for one test, and removes them after it."""

    def __init__(self, options, mode):
        self.kernel = options.kernel
        self.initrd = options.initrd
        self.folder = options.folder
        self.cycles = options.cycles
        self.mode = mode
        self.made = []

    def guest(self, name="guest", **kwargs):
        kwargs.setdefault("seccomp", self.mode)
        guest = Guest(self.kernel, self.folder, name, arguments=[f"initrd={self.initrd}", "rdinit=/init"], **kwargs)
        self.made.append(guest)
        return guest

    def started(self, name="guest", **kwargs):
        """A guest whose console has a shell."""
        guest = self.guest(name, **kwargs)
        guest.boot()
        guest.expect("hello")
        guest.wait_text("SHELL ready")
        return guest

    def disk(self, name, blocks, base=None, there=None):
        disk = Disk(self.folder, name, blocks, base, there)
        self.made.append(disk)
        return disk

    def there(self, name, base):
        there = There(self.folder, name, base)
        self.made.append(there)
        return there

    def hold(self, *calls):
        hold = Hold(*calls)
        self.made.append(hold)
        return hold

    def path(self, name):
        return os.path.join(self.folder, name)

    def close(self):
        for thing in reversed(self.made):
            thing.close()


def shell(guest, command, timeout=20):
    """Runs a command in the guest's console shell, and returns its output."""
    tag = f"{time.monotonic_ns():x}"
    start = len(guest.text())
    # the echo of the typed line must not look like the output of the marks
    guest.console.sendall(f"echo B''EGIN{tag}; {command}; echo E''ND{tag} $?\n".encode())
    guest.wait_text(f"END{tag} ", timeout, start)
    text = guest.text()[start:]
    check(f"BEGIN{tag}\n" in text, f"no start of the output in {text!r}")
    output, status = text.split(f"BEGIN{tag}\n", 1)[1].split(f"END{tag} ", 1)
    check(status.split()[0] == "0", f"{command} ended with status {status.split()[0]}: {output}")
    return output


def wait_pattern(guest, pattern, timeout=20):
    """Waits for a pattern on the console, and returns what it matched last."""
    end = time.monotonic() + timeout
    while not (found := re.findall(pattern, guest.text())):
        check(time.monotonic() < end, f"no {pattern!r} within {timeout} s; console: {guest.text()[-2000:]}")
        guest.pump(0.02)
    return found[-1]


def statuses(guest):
    """All complete status lines of the workload."""
    result = []
    for line in re.findall(r"^STATUS (.*)\n", guest.text(), re.M):
        words = line.split()
        result.append({"n": int(words[0])} | {k: int(v) for k, v in (w.split("=") for w in words[1:])})
    return result


def wait_progress(guest, names, before, timeout=20):
    """Until each of the checks has got further than in the status before; returns the status then."""
    end = time.monotonic() + timeout
    while True:
        guest.pump(0.05)
        found = statuses(guest)
        if found and not found[-1]["errors"] and all(found[-1][n] > before.get(n, 0) for n in names):
            return found[-1]
        if found and found[-1]["errors"] or time.monotonic() > end:
            failed = re.findall(r"^FAILED.*", guest.text(), re.M)[-5:]
            last = found[-1] if found else None
            stuck = [n for n in names if not last or last[n] <= before.get(n, 0)]
            raise Failure(f"{guest.name}: no progress of {stuck}, errors {failed}, last status {last}; "
                          f"console: {guest.text()[-1500:]}")


def data_ranges(file, start=0):
    """(offset, size) of what a sparse file holds, from there on."""
    end = os.fstat(file).st_size
    while start < end:
        try:
            data = os.lseek(file, start, os.SEEK_DATA)
        except OSError:     # a hole up to the end
            return
        start = os.lseek(file, data, os.SEEK_HOLE)
        yield data, start - data


def memory_digest(guest):
    """Of all data in the memory file, without reading its holes."""
    digest = hashlib.sha256()
    for start, size in data_ranges(guest.memory):
        digest.update(struct.pack("<Q", start) + os.pread(guest.memory, size, start))
    return digest.digest()


def refusal(guest, code, late=False, **changes):
    """late: after the image was mapped; it can still be tried again then, but some of it may be written."""
    before = os.fstat(guest.memory)
    guest.restore(**changes)
    message = guest.expect("refused")
    check(message.code() == code, f"refusal {message.code()} instead of {code}: {message.text()}")
    check(message.text().endswith("."), f"not a sentence: {message.text()}")
    status = guest.wait()
    check(status == g.EXIT_REFUSED, f"exit status {status} after a refusal")
    after = os.fstat(guest.memory)
    check(late or (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns), "a refusal changed the memory file")
    return message.text()
