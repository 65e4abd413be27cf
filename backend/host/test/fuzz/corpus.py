#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""corpus.py FOLDER: writes what the fuzzers begin with: for each parser a few inputs that it takes. Run it again when a format changes."""
import ctypes
import hashlib
import json
import pathlib
import struct
import sys

folder = pathlib.Path(sys.argv[1])


def put(fuzzer, name, data):
    place = folder / fuzzer
    place.mkdir(parents=True, exist_ok=True)
    (place / name).write_bytes(data)


def part(what, data):
    return struct.pack(">BH", what, len(data)) + data


ethernet = bytes.fromhex("0200000000020200000000010800")
ip_tcp = bytes.fromhex("45000000000040004006000 00a0000010a000002".replace(" ", "")) + struct.pack(">HHIIBBHHH", 4000, 5000, 1, 1, 0x50, 0x10, 1000, 0, 0)
arp = bytes.fromhex("ffffffffffff02000000000108060001080006040001020000000001 0a000001000000000000 0a000002".replace(" ", "")) + bytes(18)
tagged = ethernet[:12] + bytes.fromhex("8100000a") + ethernet[12:]
gso = struct.pack("<BBHHHH", 1, 1, 54, 1460, 34, 16)

put("datagram_fuzz", "frame", part(4, bytes([0, 1, 0, 0]) + arp))
put("datagram_fuzz", "fragments", part(4, bytes([0, 2, 0, 0]) + arp[:30]) + part(4, bytes([1, 2, 0, 0]) + arp[30:]))
put("datagram_fuzz", "backwards", part(64 | 4, bytes([1, 2, 0, 0]) + arp[30:]) + part(128 | 4, bytes([0, 2, 0, 0]) + arp[:30]))
put("datagram_fuzz", "offload", part(4, bytes([0, 1, 1, 0]) + gso + ethernet + ip_tcp + bytes(3000)))
put("datagram_fuzz", "keepalive", part(8, struct.pack("<QQI", 1, 0, 0)) + part(8, struct.pack("<QQIIQ", 1, 0, 0, 7, 9)))
put("datagram_fuzz", "raw", part(2, bytes(40)))
put("frame_fuzz", "gso", gso + ethernet + ip_tcp + bytes(4000))
put("frame_fuzz", "checksum", struct.pack("<BBHHHH", 1, 0, 0, 0, 34, 16) + ethernet + ip_tcp + bytes(40))
put("frame_fuzz", "tagged", struct.pack("<BBHHHH", 1, 1, 58, 1460, 38, 16) + tagged + ip_tcp + bytes(4000))
put("bridge_fuzz", "frames", part(0, bytes(10) + arp) + part(1, bytes(10) + tagged + bytes(50)) + part(2, gso + ethernet + ip_tcp + bytes(2000)))


def record(kind, data, vnet=bytes(10), lost=0):
    return struct.pack("<IIQQQBB", len(data), len(data), 1_700_000_000_000_000_000, 1, lost, kind, 0) + vnet + bytes(4) + data


put("capture_fuzz", "frames", b"\x05" + record(3, b"") + record(1, arp) + record(2, ethernet + ip_tcp + bytes(3000), gso, 3) + record(3, b""))
for kind in range(64, 76):
    put("control_fuzz", f"type{kind}", struct.pack("<HHI", 1, kind, 200) + bytes(200))
put("pages_fuzz", "zero", struct.pack("<BBH", 0, 0, 1) + struct.pack("<QI", 5, 3))
put("pages_fuzz", "run-of-none", struct.pack("<BBH", 0, 0, 1) + struct.pack("<QI", 5, 0))
put("pages_fuzz", "raw", struct.pack("<BBH", 1, 1, 1) + struct.pack("<QI", 5, 1) + bytes(4096))


def difference(page, old):
    """The page as a zstd frame that refers to the old one."""
    zstd = ctypes.CDLL("libzstd.so.1")
    zstd.ZSTD_createCCtx.restype = ctypes.c_void_p
    zstd.ZSTD_compress2.restype = ctypes.c_size_t
    context, out = ctypes.c_void_p(zstd.ZSTD_createCCtx()), ctypes.create_string_buffer(8192)
    zstd.ZSTD_CCtx_refPrefix(context, old, ctypes.c_size_t(len(old)))
    return out.raw[:zstd.ZSTD_compress2(context, out, ctypes.c_size_t(len(out)), page, ctypes.c_size_t(len(page)))]


put("pages_fuzz", "difference", struct.pack("<BBHQI", 0, 3, 1, 5, 1) + difference(bytes([5] * 2000 + [9] + [5] * 2095), bytes([5] * 4096)))
put("pages_fuzz", "difference-to-nothing", struct.pack("<BBHQI", 0, 3, 1, 1 << 60, 0xFFFFFFFF) + bytes(20))
put("wire_fuzz", "message", part(0, struct.pack("<I", 3 | 4 << 8) + struct.pack("<I", 1)) + part(0, struct.pack("<I", 6)))
put("wire_fuzz", "error", part(0, struct.pack("<I", 9 | 12 << 8) + struct.pack("<H", 4) + b"code" + b"Oh no!"))
put("wire_fuzz", "raw", part(1, struct.pack("<I", 1 << 30) + bytes(20)))
link = {"link": "l", "key": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "side": "a", "cipher": "chacha20", "peers": ["127.0.0.1:9"], "mtu": 1500,
        "egress": {"delayUs": 1000, "rateBps": 8000000}, "up": True}
import base64  # noqa: E402
links = [{"nic": 0, "counters": {"txFrames": 3}, "config": link, "counter": 5, "top": 4, "window": base64.b64encode(bytes(256)).decode(), "peer": "127.0.0.1:9", "rttUs": 3},
         {"nic": 1, "counters": {}}]
frames = struct.pack("<BBHIQ", 1, 0, 0, len(arp) + 10, 0) + bytes(10) + arp + struct.pack("<BBHIQ", 2, 0, 0, len(arp), 500) + arp
put("import_fuzz", "links", json.dumps(links).encode() + b"\0" + frames)


def relayed(what, source, data):
    return struct.pack(">BBH", what, source, len(data)) + data


numbers = struct.pack("<II", 5, 6)
admitted = relayed(1, 1, numbers) + relayed(3, 2, numbers[4:] + numbers[:4])
frame = struct.pack("<BBHIQ", 1, 0, 0, 5, 1) + bytes(30)
put("relay_fuzz", "pair", admitted + relayed(0, 1, frame) + relayed(0, 128, frame) + relayed(0, 2, struct.pack("<BBHIQ", 2, 0, 0, 6, 1) + bytes(30)))
put("relay_fuzz", "moved", admitted + relayed(1, 3, numbers) + relayed(0, 1, struct.pack("<BBHI", 5, 0, 0, 1) + frame) + relayed(16, 1, frame))
put("lines_fuzz", "lines", b'{"id":1,"method":"hello","params":{"version":1}}\n[1]\n{"id":2\n\n{"a":"\xc3\xa9"}\n')


def guestd(kind, session, payload):
    return struct.pack("<HBBII", 0x424D, kind, 0, session, len(payload)) + payload


put("guestd_fuzz", "output", guestd(66, 1, b"text") + guestd(67, 2, b"error") + guestd(69, 1, struct.pack("<I", 100)) + guestd(68, 1, b'{"status":0}'))
put("guestd_fuzz", "hello", bytes(50) + guestd(65, 0, b'{"version":1,"fresh":false,"bootId":"c","image":"i"}') + guestd(70, 0, b"") + guestd(68, 2, b'{"error":"x"}'))

device = {"lab": "l", "node": "hub", "kind": "switch", "nics": [{"mac": "02:00:00:00:00:01"}, {"mac": "02:00:00:00:00:02"}]}
head = {"version": 1, "snapshot": "1" * 16, "instance": "2" * 16, "node": "hub", "config": device, "pageSize": 4096, "ramSize": 0, "markOffset": 0, "seed": 5, "seccomp": False,
        "xfeatures": 0, "xsaveSize": 0, "disks": [], "cutUs": 1700000000000000, "realDeltaNs": 0, "ramPages": 0, "diskBlocks": 0}
state = json.dumps({"lines": {}, "links": [{"nic": 0, "counters": {}}]}).encode()
end = part(5, bytes(16)) + part(34, b"")
put("state_fuzz", "switch", part(32, json.dumps({"config": device}).encode()) + part(33, json.dumps(head).encode()) + part(4, b"\0" + state) + part(4, b"\1" + frames) + end)
machine = {"lab": "l", "node": "m", "kernel": "a" * 64, "memoryMiB": 16, "disks": [], "nics": []}
put("state_fuzz", "machine", part(32, json.dumps({"config": machine, "clock": "keep"}).encode())
    + part(33, json.dumps({**head, "config": machine, "ramSize": 1 << 24, "buildId": "b" * 40}).encode()) + part(2, struct.pack("<BBHQI", 0, 0, 1, 0, 1)) + end)

session = {"session": 1, "window": 1000, "owed": 0, "credit": 100, "input": "", "output": [{"channel": 66, "data": base64.b64encode(b"text").decode()}]}
lines = {"console": {"scrollback": [base64.b64encode(b"login: ").decode()], "unread": base64.b64encode(b"root\n").decode()},
         "guest": {"sessions": [session], "partial": "", "unread": "", "present": True, "resetting": False, "lastNumber": 3},
         "provision": {"startup": "true", "env": {"a": "b"}, "setup": 1}}
put("vm_lines_fuzz", "lines", json.dumps(lines).encode() + b"\0" + guestd(66, 1, b"more") + guestd(68, 1, b'{"status":0}'))


def pieces(count, last, given):
    """A list of pieces, and the messages of those that are given, as zstd frames that hold them as they are."""
    data = [bytes([number + 1]) * 65536 for number in range(count - 1)] + [b"z" * last]
    size = sum(map(len, data))
    out = b"MOBIPCS1" + struct.pack("<QII", size, 65536, 0) + b"".join(hashlib.sha256(piece).digest() for piece in data)
    for number in given:
        piece = data[number]
        frame = struct.pack("<IBI", 0xFD2FB528, 0xA0, len(piece)) + struct.pack("<I", len(piece) << 3 | 1)[:3] + piece
        out += struct.pack("<II", number, len(frame)) + frame
    return out


put("pieces_fuzz", "whole", pieces(1, 100, [0]))
put("pieces_fuzz", "some", pieces(20, 5000, [19]))
put("pieces_fuzz", "none", pieces(1, 4096, []))
