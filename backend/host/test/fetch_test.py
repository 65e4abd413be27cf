#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Real VMs whose base image is still being fetched (`mobihost fetch image`). The source is this test, so it decides what comes, and when.

    fetch_test.py --mobihost FILE --linux FILE --image IMAGE.zst --sha256 HEX [--scratch DIR] [unittest's arguments]
"""
import base64
import hashlib
import json
import os
import pathlib
import random
import secrets
import signal
import struct
import subprocess
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import nodes  # noqa: E402
from agent import Agent, AgentError  # noqa: E402

PIECE = 65536
TAIL = 8 << 20          # random bytes behind the file system of the image, for the guest to read


class Image:
    def __init__(self, folder):
        self.data = (folder / "images" / nodes.options.sha256).read_bytes() + random.Random(7).randbytes(TAIL)
        self.sha256 = hashlib.sha256(self.data).hexdigest()
        self.pieces = [self.data[at:at + PIECE] for at in range(0, len(self.data), PIECE)]
        self.list = b"MOBIPCS1" + struct.pack("<QII", len(self.data), PIECE, 0) + b"".join(hashlib.sha256(piece).digest() for piece in self.pieces)
        self.list_name = hashlib.sha256(self.list).hexdigest()
        self.tail_piece = (len(self.data) - TAIL) // PIECE
        self.mib = len(self.data) >> 20

    def message(self, number):
        """A piece as a zstd frame that holds it as it is."""
        piece = self.pieces[number]
        frame = struct.pack("<IBI", 0xFD2FB528, 0xA0, len(piece)) + struct.pack("<I", len(piece) << 3 | 1)[:3] + piece
        return struct.pack("<II", number, len(frame)) + frame


class Fetch:
    """One run of `mobihost fetch image`; gives it the pieces for which `gives` returns true, which is asked again until it does."""

    def __init__(self, agent, image, gives):
        self.image, self.gives = image, gives
        self.map_path = agent.folder / "images" / f"{image.sha256}.{image.list_name}.there"
        self.changed = threading.Condition()
        self.asked, self.given, self.words, self.held = [], set(), [], []
        self.process = subprocess.Popen([agent.mobihost, "fetch", "image", image.sha256, "--folder", agent.folder],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.process.stdin.write(image.list)
        self.process.stdin.flush()
        self.threads = [threading.Thread(target=target, daemon=True) for target in (self._read, self._look)]
        for thread in self.threads:
            thread.start()

    def _read(self):
        for line in self.process.stdout:
            words = line.decode().split()
            with self.changed:
                if words[0] == "want":
                    self.asked.append(int(words[1]))
                    self.held.append(int(words[1]))
                    self._give()
                else:
                    self.words.append(words)
                self.changed.notify_all()

    def _look(self):
        while self.process.poll() is None:
            with self.changed:
                self._give()
            time.sleep(0.02)

    def _give(self):
        for number in [number for number in self.held if self.gives(self, number)]:
            self.held.remove(number)
            self.given.add(number)
            try:
                self.process.stdin.write(self.image.message(number))
                self.process.stdin.flush()
            except (BrokenPipeError, ValueError):
                pass

    def wanted(self, number):
        """Whether a guest waits for a block of this piece, by the map."""
        data = self.map_path.read_bytes()
        at, = struct.unpack_from("<Q", data, 40)
        return any(data[at + number * 2:at + number * 2 + 2])

    def wait(self, condition, what, timeout=60):
        with self.changed:
            if not self.changed.wait_for(condition, timeout):
                raise AssertionError(f"{what} did not come within {timeout} s: {self.words}, asked {self.asked[-20:]}")

    def wait_wanted(self, number, timeout=30):
        """Until a guest waits for it and it was asked for."""
        end = time.monotonic() + timeout
        while not (self.wanted(number) and number in self.asked):
            if time.monotonic() > end:
                raise AssertionError(f"nobody asks for piece {number} within {timeout} s")
            time.sleep(0.02)

    def wait_word(self, word):
        self.wait(lambda: any(words[0] == word for words in self.words), word)

    def give(self, gives):
        with self.changed:
            self.gives = gives
            self._give()

    def kill(self):
        self.process.kill()
        self.end()

    def end(self):
        self.process.stdin.close()
        errors = self.process.stderr.read().decode()
        status = self.process.wait(30)
        for thread in self.threads:
            thread.join(30)
        self.process.stdout.close()
        self.process.stderr.close()
        for sign in ("AddressSanitizer", "LeakSanitizer", "runtime error"):
            if sign in errors:
                raise AssertionError(errors)
        return status, errors


def what_guests_wait_for(fetch, number):
    return fetch.wanted(number)


def not_the_tail(fetch, number):
    return fetch.wanted(number) and number < fetch.image.tail_piece


def nothing(fetch, number):
    return False


def all_pieces(fetch, number):
    return True


class FetchTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.agents = []
        cls.agent = cls.host("tokyo")
        cls.agent.put_image(nodes.options.image, nodes.options.sha256)
        cls.image = Image(cls.agent.folder)

    @classmethod
    def host(cls, name):
        agent = Agent(pathlib.Path(nodes.options.scratch) / name, nodes.options.mobihost, nodes.options.linux)
        cls.agents.append(agent)
        return agent

    @classmethod
    def tearDownClass(cls):
        for agent in cls.agents:
            logs = "".join(p.read_text(errors="replace") for p in agent.folder.glob("vms/*/log"))
            agent.close()
            for sign in ("AddressSanitizer", "LeakSanitizer", "runtime error"):
                if sign in logs:
                    raise AssertionError(logs)

    def setUp(self):
        self.fetches = []

    def tearDown(self):
        for fetch in self.fetches:
            if fetch.process.poll() is None:
                fetch.kill()
        for agent in self.agents:
            for vm in agent.call("vm.list")["vms"]:
                try:
                    agent.call("vm.stop", instance=vm["instance"], graceMs=0)
                except AgentError:
                    pass
                end = time.monotonic() + 20
                while True:
                    try:
                        agent.call("vm.delete", instance=vm["instance"])
                        break
                    except AgentError as error:
                        if error.code == "no-such-instance":
                            break
                        if time.monotonic() > end:
                            raise
                        time.sleep(0.1)
            for file in (agent.folder / "images").glob(self.image.sha256 + "*"):
                file.unlink()

    def fetch(self, gives, agent=None):
        fetch = Fetch(agent or self.agent, self.image, gives)
        self.fetches.append(fetch)
        fetch.wait_word("ready")
        return fetch

    def config(self, agent=None, **changes):
        return {"lab": "test", "labName": "Test", "node": "n1", "name": "kiwi", "region": "here", "kernel": (agent or self.agent).kernel, "memoryMiB": 64,
                "mode": "auto", "disks": [{"image": self.image.sha256, "sizeMiB": self.image.mib, "pieces": self.image.list_name}],
                "nics": [{"mac": "02:00:00:00:00:01", "offload": True}], "setup": "hostname kiwi", "startup": "", "env": {}, **changes}

    def run_vm(self):
        instance = self.agent.call("vm.create", config=self.config())["instance"]
        self.agent.call("vm.start", instance=instance)
        self.agent.wait_state(instance, "running")
        return instance

    def sh(self, instance, script, agent=None):
        ended, out, err = (agent or self.agent).exec(instance, "sh", "-c", script)
        self.assertEqual({"status": 0}, ended, err)
        return out.decode().strip()

    def read_behind(self, instance, piece, agent=None):
        """Has the guest read a piece of the tail, in the background."""
        self.sh(instance, f"(dd if=/dev/vda bs={PIECE} skip={piece} count=1 2>/dev/null | sha256sum > /tmp/sum.{piece}) > /dev/null 2>&1 &", agent)

    def was_read(self, instance, piece, agent=None):
        end = time.monotonic() + 30
        while not (sum := self.sh(instance, f"cat /tmp/sum.{piece} 2>/dev/null || true", agent)):
            self.assertLess(time.monotonic(), end, "the read does not end")
            time.sleep(0.1)
        self.assertEqual(hashlib.sha256(self.image.pieces[piece]).hexdigest(), sum.split()[0])

    def base(self, instance, agent=None):
        return (agent or self.agent).call("vm.status", instance=instance).get("base")

    def whole(self, agent=None):
        return (agent or self.agent).folder / "images" / self.image.sha256

    def test_aVmRunsWithTheFewPiecesThatItReads(self):
        fetch = self.fetch(what_guests_wait_for)
        instance = self.run_vm()
        self.assertEqual("42", self.sh(instance, "echo $((6 * 7))"))
        self.assertLess(max(fetch.given), self.image.tail_piece, "something was given that no guest has read")
        base = self.base(instance)
        self.assertEqual(len(self.image.data), base["bytes"])
        self.assertTrue(base["fetched"])
        self.assertGreater(base["missing"], TAIL - PIECE)
        self.assertFalse(self.whole().exists())
        last = len(self.image.pieces) - 1
        self.read_behind(instance, last)
        self.was_read(instance, last)
        self.assertFalse(self.whole().exists())
        fetch.give(all_pieces)
        fetch.wait_word("whole")
        self.assertEqual((0, ""), fetch.end())
        self.assertEqual(self.image.data, self.whole().read_bytes())
        self.assertIsNone(self.base(instance))
        seen = self.sh(instance, f"echo 3 > /proc/sys/vm/drop_caches; dd if=/dev/vda bs={PIECE} skip={self.image.tail_piece} 2>/dev/null | sha256sum").split()[0]
        self.assertEqual(hashlib.sha256(self.image.data[-TAIL:]).hexdigest(), seen)
        self.assertEqual([], [file.name for file in (self.agent.folder / "images").iterdir() if file.suffix in (".part", ".there")])

    def test_aReadWaitsUntilAnotherSourceIsThere(self):
        fetch = self.fetch(not_the_tail)
        instance = self.run_vm()
        piece = self.image.tail_piece + 20
        self.read_behind(instance, piece)
        fetch.wait_wanted(piece)
        fetch.kill()
        time.sleep(0.5)
        base = self.base(instance)
        self.assertFalse(base["fetched"])
        self.assertTrue(base["wanted"])
        # what misses is known to the host, not to the one who was fetching
        fetch = self.fetch(lambda fetch, number: number == piece)
        self.was_read(instance, piece)
        fetch.give(all_pieces)
        fetch.wait_word("whole")

    def test_aVmThatWaitsIsParkedMovedAndStopped(self):
        florida = self.host("florida")
        fetch = self.fetch(not_the_tail)
        instance = self.run_vm()
        piece = self.image.tail_piece + 5
        self.read_behind(instance, piece)
        fetch.wait_wanted(piece)
        # parked, and continued by a new supervisor
        os.kill(json.loads((self.agent.folder / "vms" / instance / "state.json").read_text())["supervisor"], signal.SIGTERM)
        self.agent.wait_state(instance, "parked")
        end = time.monotonic() + 10
        while True:
            try:
                self.agent.call("vm.start", instance=instance)
                break
            except AgentError as error:
                if error.code not in ("busy", "supervisor-lost") or time.monotonic() > end:
                    raise
                time.sleep(0.05)
        self.agent.wait_state(instance, "running")
        self.assertTrue(self.base(instance)["wanted"])
        # moved to a host where nothing is there: asked for anew
        far = self.fetch(not_the_tail, florida)
        config = self.config(florida, instance=secrets.token_hex(8))
        facts = self.agent.call("facts")
        link = {"migration": secrets.token_hex(8), "key": base64.b64encode(secrets.token_bytes(32)).decode(), "cipher": "chacha20"}
        answer = florida.call("migration.receive", config=config, limits={}, requires={name: facts[name] for name in ("cpuFeatures", "xfeatures")}, **link)
        endpoints = [endpoint for endpoint in answer["endpoints"] if endpoint.startswith("127.0.0.1:")]
        result = self.agent.call("migration.send", timeout=60, instance=instance, targetInstance=config["instance"], endpoints=endpoints, options={}, **link)
        self.assertLess(result["downtimeMs"], 1000)
        moved = config["instance"]
        florida.wait_state(moved, "running")
        far.wait_wanted(piece)
        self.assertFalse(self.whole(florida).exists())
        far.give(lambda fetch, number: fetch.wanted(number) and (number < self.image.tail_piece or number == piece))
        self.was_read(moved, piece, florida)
        # stopped while it waits
        self.read_behind(moved, piece + 40, florida)
        far.wait_wanted(piece + 40)
        florida.call("vm.stop", instance=moved, graceMs=0)
        florida.wait_state(moved, "stopped")

    def test_afterARestartOfTheHostVmsStartOnlyOnceItIsVerifiedAgain(self):
        fetch = self.fetch(not_the_tail)
        instance = self.run_vm()
        self.agent.call("vm.stop", instance=instance, graceMs=0)
        self.agent.wait_state(instance, "stopped")
        # in a host that starts anew no supervisor has it open any more
        supervisor = json.loads((self.agent.folder / "vms" / instance / "state.json").read_text())["supervisor"]
        end = time.monotonic() + 30
        while pathlib.Path(f"/proc/{supervisor}").exists():
            self.assertLess(time.monotonic(), end, "the supervisor does not end")
            time.sleep(0.05)
        fetch.kill()
        map, = (self.agent.folder / "images").glob("*.there")
        data = map.read_bytes()
        boot = pathlib.Path("/proc/sys/kernel/random/boot_id").read_text().strip().encode()
        self.assertEqual(1, data.count(boot))
        with map.open("r+b") as file:
            file.seek(data.index(boot))
            file.write(b"0")
        with self.assertRaises(AgentError) as refused:
            self.agent.call("vm.start", instance=instance)
        self.assertEqual("no-image", refused.exception.code)
        fetch = self.fetch(what_guests_wait_for)
        self.agent.call("vm.start", instance=instance)
        self.agent.wait_state(instance, "running")
        self.assertEqual("42", self.sh(instance, "echo $((6 * 7))"))

    def test_aVmThatTrustsAnotherListDoesNotReadIt(self):
        self.fetch(nothing)
        for pieces in ({}, {"pieces": "ab" * 32}):
            with self.assertRaises(AgentError) as refused:
                self.agent.call("vm.create", config=self.config(disks=[{"image": self.image.sha256, "sizeMiB": self.image.mib, **pieces}]))
            self.assertEqual("no-image", refused.exception.code)


if __name__ == "__main__":
    nodes.main()
