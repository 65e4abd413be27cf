#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Captures of real VMs and switches, read back with a parser of our own.

    capture_test.py --mobihost FILE --linux FILE --image IMAGE.zst --sha256 HEX [--scratch DIR] [unittest's arguments]
"""
import os
import pathlib
import socket
import struct
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import nodes  # noqa: E402

SECTION, INTERFACE, STATISTICS, PACKET = 0x0A0D0D0A, 1, 5, 6


def options_of(body):
    found = {}
    while body:
        code, size = struct.unpack_from("<HH", body)
        if code == 0:
            break
        found[code] = body[4:4 + size]
        body = body[4 + (size + 3) // 4 * 4:]
    return found


def blocks_of(data):
    """All blocks as (type, body); fails unless the stream is whole and its lengths agree."""
    found = []
    while data:
        kind, size = struct.unpack_from("<II", data)
        assert size % 4 == 0 and 12 <= size <= len(data), (kind, size, len(data))
        assert struct.unpack_from("<I", data, size - 4)[0] == size
        found.append((kind, data[8:size - 4]))
        data = data[size:]
    return found


class Packet:
    def __init__(self, body):
        interface, high, low, captured, self.original = struct.unpack_from("<IIIII", body)
        assert interface == 0
        self.time = high << 32 | low
        self.bytes = body[20:20 + captured]
        assert len(self.bytes) == captured
        options = options_of(body[20 + (captured + 3) // 4 * 4:])
        self.outbound = struct.unpack("<I", options[2])[0] == 2
        self.lost_before = struct.unpack("<Q", options[4])[0] if 4 in options else 0

    def is_ipv4(self, protocol):
        return self.bytes[12:14] == b"\x08\x00" and self.bytes[23] == protocol


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


class CaptureTest(nodes.NodesTest):
    def capture(self, instance, nic, *arguments, **streams):
        return subprocess.Popen([self.agent.mobihost, "capture", instance, str(nic), *arguments, "--folder", self.agent.folder], **streams)

    def pair(self):
        a, b = self.machine(1), self.machine(2)
        self.join(a, 0, b, 0)
        self.assertReaches(a, "10.7.0.2")
        return a, b

    def started(self, process, path):
        """The capture runs once its headers are there."""
        deadline = time.monotonic() + 20
        while path.stat().st_size == 0:
            self.assertLess(time.monotonic(), deadline)
            self.assertIsNone(process.poll())
            time.sleep(0.02)

    def finish(self, process, path, wanted=lambda data: True):
        deadline = time.monotonic() + 20
        while not wanted(path.read_bytes()):
            self.assertLess(time.monotonic(), deadline, "not all was captured")
            time.sleep(0.1)
        return path.read_bytes()

    def test_whatPassesANicIsWrittenAsPcapng(self):
        a, b = self.pair()
        path = pathlib.Path(nodes.options.scratch) / "a.pcapng"
        with open(path, "wb") as output, self.capture(a, 0, stdout=output) as process:
            self.started(process, path)
            begun = time.time_ns()
            self.assertEqual(0, self.sh(a, "ping -c 3 -i 0.2 -s 1000 10.7.0.2")[0])
            self.sh(b, "sleep 100 | nc -l -p 5000 >/tmp/got & echo")
            self.sh(a, "sleep 1; head -c 500000 /dev/zero | nc -w 5 10.7.0.2 5000")
            time.sleep(1.5)
            self.agent.call("vm.stop", instance=a, graceMs=0)
            self.assertEqual(0, process.wait(20))
        blocks = blocks_of(path.read_bytes())
        self.assertEqual([SECTION, INTERFACE], [kind for kind, _ in blocks[:2]])
        self.assertEqual(0x1A2B3C4D, struct.unpack_from("<I", blocks[0][1])[0])
        self.assertEqual(1, struct.unpack_from("<H", blocks[1][1])[0])
        interface = options_of(blocks[1][1][8:])
        self.assertIn(b"eth0", interface[2])
        self.assertEqual(b"\x09", interface[9])
        packets = [Packet(body) for kind, body in blocks if kind == PACKET]
        self.assertEqual(sorted(p.time for p in packets), [p.time for p in packets])
        self.assertTrue(all(begun - 10**10 < p.time < time.time_ns() for p in packets))
        pings = [p for p in packets if p.is_ipv4(1) and p.original == 1042]
        self.assertEqual([True, False] * 3, [p.outbound for p in pings])
        # Large frames come as the segments they will be, each with its checksum.
        segments = [p for p in packets if p.is_ipv4(6) and p.outbound]
        self.assertTrue(segments)
        sent = 0
        for packet in segments:
            ip = packet.bytes[14:14 + struct.unpack(">H", packet.bytes[16:18])[0]]
            self.assertLessEqual(len(packet.bytes), 1514)
            self.assertEqual(0xFFFF, checksum(ip[:20]))
            self.assertEqual(0xFFFF, checksum(ip[12:20] + struct.pack(">HH", 6, len(ip) - 20) + ip[20:]))
            sent += len(ip) - 20 - (ip[32] >> 4) * 4
        self.assertGreaterEqual(sent, 500000)
        kind, body = blocks[-1]
        self.assertEqual(STATISTICS, kind)
        statistics = options_of(body[12:])
        self.assertEqual(0, struct.unpack("<Q", statistics[5])[0])
        self.assertGreater(struct.unpack("<Q", statistics[4])[0], 6)

    def test_aSlowReaderLosesFramesWithACountAndHoldsNobodyUp(self):
        a, b = self.pair()
        process = self.capture(a, 0, stdout=subprocess.PIPE)
        try:
            before = process.stdout.read(100)
            self.sh(b, "sleep 100 | nc -l -p 5000 | wc -c >/tmp/got & echo")
            status, output = self.sh(a, "sleep 1; head -c 30000000 /dev/zero | nc -w 5 10.7.0.2 5000")
            self.assertEqual(0, status, output)
            deadline = time.monotonic() + 60
            while not (got := self.sh(b, "cat /tmp/got")[1].strip()):
                self.assertLess(time.monotonic(), deadline)
            self.assertEqual("30000000", got)
            # Only now somebody reads: what is left is whole, and tells what is missing.
            rest = []
            reader = threading.Thread(target=lambda: rest.append(process.stdout.read()))
            reader.start()
            self.assertReaches(a, "10.7.0.2")
            time.sleep(2.5)
            self.assertEqual(0, self.sh(a, "ping -c 3 -i 0.2 -s 999 10.7.0.2")[0])
            time.sleep(1.5)
            self.agent.call("vm.stop", instance=a, graceMs=0)
            reader.join(30)
            self.assertEqual(0, process.wait(20))
        finally:
            process.kill()
            process.wait()
            process.stdout.close()
        blocks = blocks_of(before + rest[0])
        packets = [Packet(body) for kind, body in blocks if kind == PACKET]
        statistics = options_of(blocks[-1][1][12:])
        lost = struct.unpack("<Q", statistics[5])[0]
        self.assertGreater(lost, 0)
        self.assertEqual(lost, sum(p.lost_before for p in packets))
        self.assertEqual(6, len([p for p in packets if p.is_ipv4(1) and p.original == 1041]))

    def test_aSwitchsPortAndFramesCutShort(self):
        vms = [self.machine(number) for number in (1, 2)]
        switch = self.device("switch", [None] * 2)
        for port, vm in enumerate(vms):
            self.join(vm, 0, switch, port)
        self.assertReaches(vms[0], "10.7.0.2")
        path = pathlib.Path(nodes.options.scratch) / "port.pcapng"
        with open(path, "wb") as output, self.capture(switch, 1, "--snap", "60", stdout=output) as process:
            self.started(process, path)
            self.assertEqual(0, self.sh(vms[0], "ping -c 2 -i 0.2 -s 1000 10.7.0.2")[0])
            time.sleep(0.5)
            self.agent.call("vm.stop", instance=switch, graceMs=0)
            self.assertEqual(0, process.wait(20))
        pings = [p for p in (Packet(body) for kind, body in blocks_of(path.read_bytes()) if kind == PACKET) if p.original == 1042]
        self.assertEqual([True, False] * 2, [p.outbound for p in pings])
        self.assertEqual({60}, {len(p.bytes) for p in pings})

    def test_aCaptureEndsWhenNobodyReadsAndWhatCannotBeIsRefused(self):
        a = self.machine(1)
        process = self.capture(a, 0, stdout=subprocess.PIPE)
        self.assertTrue(process.stdout.read(60))
        process.stdout.close()
        self.assertEqual(0, process.wait(20))
        for instance, nic, words in ((a, 7, "has no NIC 7"), ("f" * 16, 0, "no VM"), (a, 99, "Usage")):
            refused = subprocess.run([self.agent.mobihost, "capture", instance, str(nic), "--folder", self.agent.folder], capture_output=True)
            self.assertNotEqual(0, refused.returncode)
            self.assertIn(words, refused.stderr.decode())
            self.assertEqual(b"", refused.stdout)
        self.agent.call("vm.stop", instance=a, graceMs=0)
        time.sleep(0.5)
        refused = subprocess.run([self.agent.mobihost, "capture", a, "0", "--folder", self.agent.folder], capture_output=True)
        self.assertIn("does not run", refused.stderr.decode())

    def test_manyWhoConnectAndSayNothingAreBounded(self):
        a, b = self.pair()
        path = self.agent.folder / "vms" / a / "capture"
        folder = os.open(path.parent, os.O_RDONLY)
        self.addCleanup(os.close, folder)
        where = f"/proc/self/fd/{folder}/capture"
        held = []
        for number in range(60):
            client = socket.socket(socket.AF_UNIX)
            client.settimeout(2)
            try:
                client.connect(where)
                client.send(os.urandom(number % 13))
            except OSError:
                pass
            held.append(client)
        self.assertReaches(a, "10.7.0.2")
        time.sleep(7)
        with self.capture(a, 0, stdout=subprocess.PIPE) as process:
            self.assertEqual(60, len(process.stdout.read(60)))
            process.kill()
        for client in held:
            client.close()


if __name__ == "__main__":
    nodes.main()
