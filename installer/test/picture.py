#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""picture.py XWD PNG COLOURS: makes a PNG of the screen that Xvfb keeps in the file XWD (X window dump, version 7, 32 bits a pixel), and ends with status 1 when it has fewer than
COLOURS colours, as an empty window has."""

import struct
import sys
import zlib

HEADER = struct.Struct(">25I")


def read(path):
    """Width, height and the rows as bytes of red, green, blue."""
    with open(path, "rb") as file:
        data = file.read()
    head = HEADER.unpack_from(data)
    size, version, depth, width, height = head[0], head[1], head[3], head[4], head[5]
    bits, line, colours = head[11], head[12], head[19]
    if version != 7 or depth != 24 or bits != 32:
        sys.exit(f"picture.py: {path} is not a dump of a screen of 24 bits")
    start = size + 12 * colours
    rows = []
    for y in range(height):
        row = data[start + y * line:start + y * line + 4 * width]
        pixels = bytearray(3 * width)
        # blue, green, red, unused
        pixels[0::3], pixels[1::3], pixels[2::3] = row[2::4], row[1::4], row[0::4]
        rows.append(bytes(pixels))
    return width, height, rows


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def main():
    source, target, wanted = sys.argv[1:]
    width, height, rows = read(source)
    with open(target, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)))
        file.write(chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows))) + chunk(b"IEND", b""))
    found = {row[i:i + 3] for row in rows for i in range(0, len(row), 3)}
    sys.exit(0 if len(found) >= int(wanted) else 1)


main()
