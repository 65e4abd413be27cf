#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What strangers can do to a supervisor from outside: floods, half-open connections, clients that stand still. It must neither crash, leak, grow nor spin.

    flood_test.py --mobihost FILE --linux FILE --image IMAGE.zst --sha256 HEX [--scratch DIR] [unittest's arguments]
"""
import base64
import json
import os
import pathlib
import random
import socket
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import nodes  # noqa: E402

MEBIBYTE = 1 << 20


class FloodTest(nodes.NodesTest):
    def supervisor(self, instance):
        return json.loads((self.agent.folder / "vms" / instance / "state.json").read_text())["supervisor"]

    def memory(self, pid):
        """Resident bytes of its own: the guest's memory is shared with the guest."""
        fields = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines())
        return int(fields["RssAnon"].split()[0]) * 1024

    def descriptors(self, pid):
        return len(list(pathlib.Path(f"/proc/{pid}/fd").iterdir()))

    def assertIdle(self, pid):
        """A loop that spins takes all the time it gets; one that waits next to none. Other load only makes this easier."""
        def ticks():
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            return int(fields[11]) + int(fields[12])
        for _ in range(5):
            before = ticks()
            time.sleep(1)
            used = ticks() - before
            if used < os.sysconf("SC_CLK_TCK") * 0.2:
                return
        self.fail(f"the supervisor used {used} ticks in a second with nothing to do")

    def test_garbageOnTheNetworkLeavesTheVmAtWork(self):
        a, b = self.machine(1), self.machine(2)
        self.join(a, 0, b, 0)
        self.assertReaches(a, "10.7.0.2")
        pid = self.supervisor(b)
        before = self.memory(pid), self.descriptors(pid)
        port = int(self.agent.call("vm.status", instance=b)["udp"][0].rsplit(":", 1)[1])
        number = self.counters(b)[0]
        generator = random.Random(5)
        blocks = [generator.randbytes(size) for size in (0, 1, 15, 16, 31, 32, 40, 500, 1472, 9000, 60000)]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            end = time.monotonic() + 4
            while time.monotonic() < end:
                for block in blocks:
                    try:
                        stranger.sendto(block, ("127.0.0.1", port))
                    except OSError:
                        pass
        self.assertReaches(a, "10.7.0.2")
        self.assertGreaterEqual(self.counters(b)[0]["rxFrames"], number["rxFrames"])
        self.assertLess(self.memory(pid) - before[0], 32 * MEBIBYTE)
        self.assertEqual(before[1], self.descriptors(pid))
        self.assertIdle(pid)

    def test_halfOpenConnectionsToAMigrationTargetEndWithIt(self):
        config = {"lab": "nodes", "node": "vm1", "kernel": self.agent.kernel, "memoryMiB": 48, "disks": [{"image": nodes.options.sha256, "sizeMiB": 256}], "nics": []}
        target = self.agent.call("migration.receive", migration="1" * 16, config=config, key=base64.b64encode(bytes(32)).decode(), cipher="chacha20", requires={})
        instance = target["instance"]
        endpoint = next(e for e in target["endpoints"] if e.startswith("127.0.0.1:"))
        pid = self.supervisor(instance)
        before = self.memory(pid)
        held = []
        for number in range(150):
            stranger = socket.create_connection(("127.0.0.1", int(endpoint.rsplit(":", 1)[1])), timeout=5)
            stranger.setblocking(False)
            try:
                stranger.send(bytes(number % 7))
            except OSError:
                pass
            held.append(stranger)
        time.sleep(1)
        self.assertEqual("incoming", self.agent.call("vm.status", instance=instance)["state"])
        self.assertLess(self.memory(pid) - before, 16 * MEBIBYTE)
        self.assertIdle(pid)
        self.agent.call("migration.cancel", migration="1" * 16, instance=instance)
        deadline = time.monotonic() + 20
        while (self.agent.folder / "vms" / instance).exists():
            self.assertLess(time.monotonic(), deadline, "the target does not end")
            time.sleep(0.05)
        for stranger in held:
            stranger.close()

    def test_clientsThatStandStillAreBounded(self):
        vm = self.machine(1)
        self.agent.wait_state(vm, "running", 60)
        pid = self.supervisor(vm)
        before = self.descriptors(pid)
        folder = os.open(self.agent.folder / "vms" / vm, os.O_RDONLY)
        held = []
        watch = b'{"id":1,"method":"watch","params":{"intervalMs":100}}\n'
        for text in [b'{"id":1,"method":"vm.st', b"", b"[" * 100000, watch, watch + b'{"id":2,"method":"vm.status"}\n' * 200] * 4:
            client = socket.socket(socket.AF_UNIX)
            client.connect(f"/proc/self/fd/{folder}/sock")
            client.setblocking(False)
            try:
                client.send(text)
            except OSError:
                pass
            held.append(client)
        start = self.memory(pid)
        time.sleep(5)
        self.assertEqual("here", self.sh(vm, "echo here")[1].strip())
        self.assertLess(self.memory(pid) - start, 64 * MEBIBYTE)
        self.assertIdle(pid)
        for client in held:
            client.close()
        deadline = time.monotonic() + 10
        while self.descriptors(pid) > before + 1:
            self.assertLess(time.monotonic(), deadline, "descriptors of clients that left stay open")
            time.sleep(0.05)
        os.close(folder)


if __name__ == "__main__":
    nodes.main()
