# SPDX-License-Identifier: Apache-2.0
"""The log of changing pages, kept as a supervisor keeps it: see struct um_control_log in um_control.h."""

import ctypes
import fcntl
import os
import struct

from guest import check

PAGE = 4096
LOG = struct.Struct("<QQQ")
UFFDIO_WRITEPROTECT, UFFDIO_WRITEPROTECT_MODE_WP = 0xC018AA06, 1
PAGEMAP_SCAN, SCAN_PROTECT, SCAN_CHECK, SCAN_WRITTEN = 0xC0606610, 1, 2, 2
SCAN = struct.Struct("<QQQQQQQQQQQQ")
REGION = struct.Struct("<QQQ")
REGIONS = 4096


class Log:
    """Collects the numbers of pages that may have changed."""

    def __init__(self, guest):
        self.guest = guest
        guest.send("hello")
        self.hello = guest.expect("hello").hello()
        self.pages = self.hello["file_size"] // PAGE
        self.regions = ctypes.create_string_buffer(REGION.size * REGIONS)
        self.pagemap = os.open(f"/proc/{guest.pid}/pagemap", os.O_RDONLY)
        self.watch = -1

    def close(self):
        os.close(self.pagemap)
        if self.watch >= 0:
            os.close(self.watch)

    def start(self):
        """Returns why the host keeps none, or None."""
        self.guest.send("log_start")
        message = self.guest.receive()
        if message.kind == "error":
            check(message.code() == 6, f"error {message}")
            return message.text()
        check(message.kind == "log" and len(message.fds) == 1, f"{message} with {len(message.fds)} descriptors")
        self.watch = message.fds[0]
        self._take(message)
        address = self.hello["physmem_address"] + self.hello["ram_offset"]
        fcntl.ioctl(self.watch, UFFDIO_WRITEPROTECT, struct.pack("<QQQ", address, self.hello["ram_size"], UFFDIO_WRITEPROTECT_MODE_WP))
        return None

    def _take(self, message):
        pages, self.active, self.complete = LOG.unpack(message.payload)
        check(pages == self.pages, f"{pages} pages in the bitmap of {self.pages}")
        for offset in (self.active, self.complete):
            check(not offset or self.hello["ram_offset"] <= offset < self.hello["file_size"] and offset % 8 == 0, f"a bitmap at {offset}")

    def _scan(self, protect):
        start = self.hello["physmem_address"] + self.hello["ram_offset"]
        end = start + self.hello["ram_size"]
        result = set()
        while start < end:
            argument = bytearray(SCAN.pack(SCAN.size, SCAN_CHECK | (SCAN_PROTECT if protect else 0), start, end, 0, ctypes.addressof(self.regions),
                                           REGIONS, 0, 0, SCAN_WRITTEN, 0, SCAN_WRITTEN))
            count = fcntl.ioctl(self.pagemap, PAGEMAP_SCAN, argument)
            for first, last, _ in REGION.iter_unpack(self.regions.raw[:count * REGION.size]):
                result.update(range((first - self.hello["physmem_address"]) // PAGE, (last - self.hello["physmem_address"]) // PAGE))
            start = SCAN.unpack(argument)[4]
        return result

    def _bitmap(self, offset):
        data = os.pread(self.guest.memory, (self.pages + 63) // 64 * 8, offset)
        return {8 * i + bit for i, byte in enumerate(data) if byte for bit in range(8) if byte >> bit & 1}

    def next(self):
        """Of a running guest: what may have changed since the last time."""
        self.guest.send("log_next")
        self._take(self.guest.expect("log"))
        return self._scan(True) | self._bitmap(self.complete)

    def last(self):
        """Of a frozen one."""
        return self._scan(False) | self._bitmap(self.active)

    def kernel_data(self):
        """Pages that always count as changed."""
        return {page for part in ("data", "bss")
                for page in range(self.hello[part + "_offset"] // PAGE, (self.hello[part + "_offset"] + self.hello[part + "_size"]) // PAGE)}

    def stop(self):
        self.guest.send("log_stop")
        self._take(self.guest.expect("log"))


def changed_pages(before, after):
    """Numbers of the pages that differ between two copies of a memory file."""
    return {i // PAGE for i in range(0, len(after), PAGE) if before[i:i + PAGE] != after[i:i + PAGE]}
