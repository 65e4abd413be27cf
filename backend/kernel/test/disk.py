# SPDX-License-Identifier: Apache-2.0
"""A guest's disk as its supervisor keeps it: base image, overlay, block map, and the map of what is there of the base (um_disk.h)."""

import ctypes
import mmap
import os
import struct

BLOCK = 4096
HEADER = struct.Struct("<QIIQQQQ")
MAGIC = 0x31504d4b53444d55
VERSION = 1
FD_BASE, FD_OVERLAY, FD_MAP, FD_THERE = 8, 9, 10, 14

THERE_HEADER = struct.Struct("<QIIQQII")
THERE_MAGIC = 0x3145524548544d55
THERE_CAME = 32
SYS_FUTEX, FUTEX_WAKE = 202, 1


def bitmap_bytes(blocks):
    return (blocks + 32767) // 32768 * 4096


def set_bits(bits):
    """The set bits of a bitmap."""
    return {i * 8 + bit for i, byte in enumerate(bits) if byte for bit in range(8) if byte >> bit & 1}


class There:
    """A base that is still being fetched: a file of its own, filled block by block, and the map that tells of it."""

    def __init__(self, folder, name, base):
        with open(base, "rb") as f:
            self.data = f.read()
        self.blocks = (len(self.data) + BLOCK - 1) // BLOCK
        self.path = os.path.join(folder, name + ".part")
        with open(self.path, "wb") as f:
            # what was not fetched must never be seen
            f.write(b"\xee" * len(self.data))
        size = BLOCK + bitmap_bytes(self.blocks)
        map_path = os.path.join(folder, name + ".there")
        with open(map_path, "wb") as f:
            f.write(THERE_HEADER.pack(THERE_MAGIC, VERSION, BLOCK, self.blocks, BLOCK, 0, 0))
            f.truncate(size)
        with open(map_path, "r+b") as f:
            self.map = mmap.mmap(f.fileno(), size)
        # the guest's
        self.fd = os.open(map_path, os.O_RDONLY)
        self.came = ctypes.c_uint32.from_buffer(self.map, THERE_CAME)

    def bring(self, *blocks):
        with open(self.path, "r+b") as f:
            for i in blocks:
                f.seek(i * BLOCK)
                f.write(self.data[i * BLOCK:(i + 1) * BLOCK])
        for i in blocks:
            self.map[BLOCK + i // 8] |= 1 << i % 8
        self.came.value += 1
        ctypes.CDLL(None).syscall(SYS_FUTEX, ctypes.byref(self.came), FUTEX_WAKE, 1 << 30, None, None, 0)

    def close(self):
        self.came = None
        self.map.close()
        os.close(self.fd)


class Disk:
    def __init__(self, folder, name, blocks, base=None, there=None):
        """base: path of an image, which may be shorter than the disk, or None. there: what tells which of its blocks are there, if not all are."""
        self.blocks = blocks
        self.there = there
        self.base = os.open(base, os.O_RDONLY) if base else None
        self.overlay = self._create(os.path.join(folder, name + ".overlay"), blocks * BLOCK)
        size = BLOCK + 2 * bitmap_bytes(blocks)
        self.map_fd = self._create(os.path.join(folder, name + ".map"), size)
        self.present_at, self.dirty_at = BLOCK, BLOCK + bitmap_bytes(blocks)
        os.pwrite(self.map_fd, HEADER.pack(MAGIC, VERSION, BLOCK, blocks, self.present_at, self.dirty_at, 0), 0)
        self.map = mmap.mmap(self.map_fd, size)

    @staticmethod
    def _create(path, size):
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        os.ftruncate(fd, size)
        return fd

    def descriptors(self):
        fds = {FD_OVERLAY: self.overlay, FD_MAP: self.map_fd}
        if self.base is not None:
            fds[FD_BASE] = self.base
        if self.there is not None:
            fds[FD_THERE] = self.there.fd
        return fds

    def _bits(self, offset):
        return set_bits(self.map[offset:offset + bitmap_bytes(self.blocks)])

    def present(self):
        return self._bits(self.present_at)

    def dirty(self):
        return self._bits(self.dirty_at)

    def clear_dirty(self):
        """Only while the guest writes nothing: this is not atomic, as a supervisor's would be."""
        self.map[self.dirty_at:self.dirty_at + bitmap_bytes(self.blocks)] = bytes(bitmap_bytes(self.blocks))

    def block(self, i):
        """What the guest sees in block i, by the map alone."""
        if i in self.present():
            data = os.pread(self.overlay, BLOCK, i * BLOCK)
        elif self.base is not None:
            data = os.pread(self.base, BLOCK, i * BLOCK)
        else:
            data = b""
        return data.ljust(BLOCK, b"\0")

    def copy_from(self, other):
        """Becomes what the other one is by its files."""
        os.pwrite(self.overlay, os.pread(other.overlay, self.blocks * BLOCK, 0), 0)
        self.map[:] = other.map[:]

    def merge(self, path):
        """Writes the disk as one image, for e2fsck."""
        present = self.present()
        with open(path, "wb") as image:
            image.truncate(self.blocks * BLOCK)
            if self.base is not None:
                size = os.fstat(self.base).st_size
                for i in range((size + BLOCK - 1) // BLOCK):
                    if i not in present:
                        image.seek(i * BLOCK)
                        image.write(os.pread(self.base, BLOCK, i * BLOCK))
            for i in sorted(present):
                image.seek(i * BLOCK)
                image.write(os.pread(self.overlay, BLOCK, i * BLOCK).ljust(BLOCK, b"\0"))

    def close(self):
        self.map.close()
        for fd in (self.base, self.overlay, self.map_fd):
            if fd is not None:
                os.close(fd)
