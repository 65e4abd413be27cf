# SPDX-License-Identifier: Apache-2.0
"""A guest's disk as its supervisor keeps it: base image, overlay and block map (um_disk.h)."""

import mmap
import os
import struct

BLOCK = 4096
HEADER = struct.Struct("<QIIQQQQ")
MAGIC = 0x31504d4b53444d55
VERSION = 1
FD_BASE, FD_OVERLAY, FD_MAP = 8, 9, 10


def bitmap_bytes(blocks):
    return (blocks + 32767) // 32768 * 4096


class Disk:
    def __init__(self, folder, name, blocks, base=None):
        """base: path of an image, which may be shorter than the disk, or None."""
        self.blocks = blocks
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
        return fds

    def _bits(self, offset):
        bits = self.map[offset:offset + bitmap_bytes(self.blocks)]
        return {i * 8 + bit for i, byte in enumerate(bits) if byte for bit in range(8) if byte >> bit & 1}

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
