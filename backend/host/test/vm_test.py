#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Real VMs through `mobihost rpc`, in a host folder of their own.

    vm_test.py --mobihost FILE --linux FILE --image IMAGE.zst --sha256 HEX [--scratch DIR] [unittest's arguments]

Without --image the disk is empty, and FILE of --linux has to bring a root file system along.
"""
import argparse
import base64
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from agent import Agent, AgentError  # noqa: E402

options = None


class Client(Agent):
    """A further desktop on a folder that exists."""

    def __init__(self, other):
        self.folder, self.kernel, self.mobihost, self.prefix = other.folder, other.kernel, other.mobihost, other.prefix
        self.open()


def processes(pattern):
    """Numbers of processes whose command line holds the text."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and pattern in (entry / "cmdline").read_text():
                found.append(int(entry.name))
        except OSError:
            pass
    return found


class VmTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.agent = Agent(pathlib.Path(options.scratch) / "host", options.mobihost, options.linux)
        if options.image:
            cls.agent.put_image(options.image, options.sha256)

    @classmethod
    def tearDownClass(cls):
        logs = "".join(p.read_text(errors="replace") for p in cls.agent.folder.glob("vms/*/log"))
        cls.agent.close()
        for sign in ("AddressSanitizer", "LeakSanitizer", "runtime error"):
            if sign in logs:
                raise AssertionError(logs)

    def tearDown(self):
        for vm in self.agent.call("vm.list")["vms"]:
            self.agent.call("vm.stop", instance=vm["instance"], graceMs=0)
            log = (self.agent.folder / "vms" / vm["instance"] / "log").read_text(errors="replace") if vm["state"] != "created" else ""
            for sign in ("AddressSanitizer", "LeakSanitizer", "runtime error"):
                self.assertNotIn(sign, log)
            self.delete(vm["instance"])

    def delete(self, instance):
        """The supervisor of a VM that has just ended holds it for a moment."""
        deadline = time.monotonic() + 5
        while True:
            try:
                return self.agent.call("vm.delete", instance=instance)
            except AgentError as error:
                if error.code != "busy" or time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def config(self, **changes):
        disk = {"sizeMiB": 256, **({"image": options.sha256} if options.image else {})}
        return {"lab": "test", "labName": "Test", "node": "n1", "name": "kiwi", "region": "here", "kernel": self.agent.kernel, "memoryMiB": 64,
                "mode": "auto", "disks": [disk], "nics": [{"mac": "02:00:00:00:00:01", "offload": True}], "setup": "hostname kiwi", "startup": "",
                "env": {}, **changes}

    def create(self, **changes):
        return self.agent.call("vm.create", config=self.config(**changes))["instance"]

    def run_vm(self, **changes):
        instance = self.create(**changes)
        self.agent.call("vm.start", instance=instance)
        self.agent.wait_state(instance, "running")
        return instance

    def restart(self, instance):
        deadline = time.monotonic() + 10
        while True:
            try:
                return self.agent.call("vm.start", instance=instance)
            except AgentError as error:
                if error.code not in ("busy", "supervisor-lost") or time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def record(self, instance):
        return json.loads((self.agent.folder / "vms" / instance / "state.json").read_text())

    def wait_guestd(self, instance):
        deadline = time.monotonic() + 10
        while not self.agent.call("vm.status", instance=instance).get("guestd"):
            self.assertLess(time.monotonic(), deadline, "guestd did not come back")
            time.sleep(0.02)

    def sh(self, instance, script, **more):
        ended, out, err = self.agent.exec(instance, "sh", "-c", script, **more)
        self.assertEqual({"status": 0}, ended, err)
        return out.decode().strip()

    def refused(self, code, method, **params):
        with self.assertRaises(AgentError) as caught:
            self.agent.call(method, **params)
        self.assertEqual(code, caught.exception.code, caught.exception.message)
        self.assertTrue(caught.exception.message.endswith("."), caught.exception.message)
        return caught.exception.message

    def test_bootsRunsItsScriptsAndPowersOff(self):
        begin = time.monotonic()
        instance = self.run_vm(setup="hostname mango; ip addr add 10.9.8.7/24 dev eth0; ip link set eth0 up",
                               startup='echo "$COLOUR $(hostname)"; echo warn >&2', env={"COLOUR": "green"})
        print(f"create to running: {time.monotonic() - begin:.3f} s")
        status = self.agent.call("vm.status", instance=instance)
        self.assertEqual(("kiwi", "test", 64), (status["name"], status["lab"], status["memoryMiB"]))
        self.assertIn("10.9.8.7/24", self.sh(instance, "ip addr show dev eth0"))
        deadline = time.monotonic() + 5
        while "warn" not in (text := self.agent.call("vm.log", instance=instance, which="startup")["text"]):
            self.assertLess(time.monotonic(), deadline, text)
            time.sleep(0.02)
        self.assertIn("green mango", text)
        self.refused("busy", "vm.delete", instance=instance)
        ram = pathlib.Path(self.record(instance)["ram"])
        self.assertTrue(ram.exists())
        self.agent.call("vm.stop", instance=instance, graceMs=10000)
        status = self.agent.call("vm.status", instance=instance)
        self.assertEqual(("stopped", {"status": 0}), (status["state"], status["exit"]))
        self.assertFalse(ram.exists())
        deadline = time.monotonic() + 5
        while left := processes(instance):
            self.assertLess(time.monotonic(), deadline, left)
            time.sleep(0.02)

    def test_theDiskKeepsWhatWasWritten(self):
        instance = self.run_vm()
        if not options.image:
            self.skipTest("needs an image")
        self.sh(instance, "echo kept >/root/file; sync")
        self.agent.call("vm.stop", instance=instance, graceMs=10000)
        self.restart(instance)
        self.agent.wait_state(instance, "running")
        self.assertEqual("kept", self.sh(instance, "cat /root/file"))
        self.sh(instance, "echo more >/root/other; sync")
        self.agent.call("vm.stop", instance=instance, graceMs=0)
        self.restart(instance)
        self.agent.wait_state(instance, "running")
        self.assertEqual("more", self.sh(instance, "cat /root/other"))

    def test_aGuestMayPowerItselfOffAndReboot(self):
        instance = self.run_vm()
        console = self.agent.call("console.open", instance=instance, tail=0)["stream"]
        boot = self.sh(instance, "cat /proc/sys/kernel/random/boot_id")
        first = self.agent.call("vm.status", instance=instance)["pid"]
        self.agent.exec(instance, "reboot")
        deadline = time.monotonic() + 20
        while (status := self.agent.call("vm.status", instance=instance)).get("pid") in (None, first) or status["state"] != "running":
            self.assertLess(time.monotonic(), deadline, status)
            time.sleep(0.05)
        self.assertNotEqual(boot, self.sh(instance, "cat /proc/sys/kernel/random/boot_id"))
        self.assertEqual("kiwi", self.sh(instance, "hostname"))
        # The console's stream has seen both lives.
        self.agent.call("stream.write", stream=console, data=base64.b64encode(b"echo again $((40+2))\n").decode())
        self.wait_output(console, b"again 42")
        self.agent.exec(instance, "poweroff")
        self.agent.wait_state(instance, "stopped")

    def wait_output(self, stream, wanted, agent=None):
        agent = agent or self.agent
        deadline = time.monotonic() + 60
        data, seen = b"", 0
        while wanted not in data:
            self.assertLess(time.monotonic(), deadline, data[-2000:])
            with agent.changed:
                new = agent.events[seen:]
            seen += len(new)
            data += b"".join(base64.b64decode(e["data"]) for e in new if e.get("stream") == stream and "data" in e)
            time.sleep(0.02)
        return data

    def test_commandsHaveStatusOutputsInputSignalsAndTerminals(self):
        instance = self.run_vm()
        self.assertEqual(({"status": 3}, b"out\n", b"err\n"), self.agent.exec(instance, "sh", "-c", "echo out; echo err >&2; exit 3"))
        data = random.Random(1).randbytes(3_000_000)
        begin = time.monotonic()
        ended, out, _ = self.agent.exec(instance, "cat", stdin=data)
        print(f"3 MB through cat: {time.monotonic() - begin:.2f} s")
        self.assertEqual({"status": 0}, ended)
        self.assertTrue(out == data, "the bytes came back changed")
        stream = self.agent.call("exec.start", instance=instance, argv=["sleep", "100"])["stream"]
        self.agent.call("stream.signal", stream=stream, signal=15)
        self.assertEqual({"signal": 15}, self.agent.finish(stream)[0])
        stream = self.agent.call("exec.start", instance=instance, tty=True, rows=30, cols=100,
                                 argv=["sh", "-c", "stty size; trap 'stty size; exit 7' WINCH; while :; do sleep 0.1; done"])["stream"]
        self.wait_output(stream, b"30 100")
        self.agent.call("stream.resize", stream=stream, rows=40, cols=120)
        ended, out, _ = self.agent.finish(stream)
        self.assertEqual({"status": 7}, ended)
        self.assertIn(b"40 120", out)
        self.assertIn("error", self.agent.exec(instance, "/no/such/command")[0])
        stream = self.agent.call("exec.start", instance=instance, env={"A": "a"}, cwd="/etc", argv=["sh", "-c", 'echo "$A $PWD"'])["stream"]
        self.assertEqual(({"status": 0}, b"a /etc\n", b""), self.agent.finish(stream))

    def test_manyCommandsAtOnce(self):
        instance = self.run_vm()
        streams = [self.agent.call("exec.start", instance=instance, argv=["sh", "-c", f"yes {i} | head -n 5000; exit {i}"])["stream"] for i in range(40)]
        for i, stream in enumerate(streams):
            ended, out, _ = self.agent.finish(stream)
            self.assertEqual({"status": i}, ended)
            self.assertEqual(f"{i}\n".encode() * 5000, out)

    def test_creditHoldsAStreamBackAndOthersGoOn(self):
        instance = self.run_vm()
        client = Client(self.agent)
        try:
            stream = client.call("exec.start", instance=instance, argv=["yes"])["stream"]
            self.assertEqual("free", self.sh(instance, "echo free"))
            time.sleep(0.5)
            with client.changed:
                size = sum(len(base64.b64decode(e["data"])) for e in client.events if e.get("stream") == stream and "data" in e)
            self.assertEqual(65536, size)
            client.call("stream.credit", stream=stream, bytes=1000)
            self.wait_output(stream, b"y\n" * 33000, client)
            client.call("stream.close", stream=stream)
        finally:
            client.close_connection()
        self.assertEqual("free", self.sh(instance, "sleep 2.5; pidof yes || echo free"))

    def test_aClientThatDoesNotReadHoldsNobodyUp(self):
        instance = self.run_vm()
        deaf = subprocess.Popen([self.agent.mobihost, "rpc", "--folder", self.agent.folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            requests = [{"id": 1, "method": "watch", "params": {"intervalMs": 100}}]
            requests += [{"id": 2 + i, "method": "console.open", "params": {"instance": instance, "tail": 262144}} for i in range(20)]
            requests += [{"id": 30 + i, "method": "stream.credit", "params": {"stream": 1 + i, "bytes": 16000000}} for i in range(20)]
            deaf.stdin.write("".join(json.dumps(r) + "\n" for r in requests).encode())
            deaf.stdin.flush()
            console = self.agent.call("console.open", instance=instance, tail=0)["stream"]
            self.agent.call("stream.credit", stream=console, bytes=16000000)
            self.agent.call("stream.write", stream=console, data=base64.b64encode(b"yes 0123456789012345678901234567890 | head -c 2000000; echo the-$((1+1))nd\n").decode())
            self.wait_output(console, b"the-2nd\r\n")
            self.assertEqual("here", self.sh(instance, "echo here"))
        finally:
            deaf.kill()
            deaf.wait()
            deaf.stdin.close()
            deaf.stdout.close()

    def test_aKilledSupervisorLeavesAParkedVmThatGoesOn(self):
        instance = self.run_vm(startup="(while :; do echo x >>/run/ticks; sleep 0.05; done) & echo $$ >/run/pid")
        pids = self.sh(instance, "sleep 0.3; ps -o pid,args | grep -c ticks; wc -l </run/ticks")
        before = int(pids.split()[-1])
        boot = self.sh(instance, "cat /proc/sys/kernel/random/boot_id")
        os.kill(self.record(instance)["supervisor"], signal.SIGKILL)
        deadline = time.monotonic() + 5
        while (status := self.agent.call("vm.status", instance=instance))["state"] != "parked":
            self.assertLess(time.monotonic(), deadline, status)
            time.sleep(0.02)
        self.assertTrue(status["error"])
        self.restart(instance)
        self.agent.wait_state(instance, "running")
        self.wait_guestd(instance)
        self.assertEqual(boot, self.sh(instance, "cat /proc/sys/kernel/random/boot_id"))
        self.assertGreater(int(self.sh(instance, "sleep 0.3; wc -l </run/ticks")), before)
        # Its set-up did not run again, its scripts go on, and it stops as any other.
        self.assertEqual("1", self.sh(instance, "ls /run/pid | wc -l"))
        self.agent.call("vm.stop", instance=instance, graceMs=10000)
        self.assertEqual("stopped", self.agent.call("vm.status", instance=instance)["state"])

    def test_terminatedSupervisorsParkTheirVms(self):
        instance = self.run_vm()
        self.sh(instance, "echo remembered >/run/note")
        for _ in range(3):
            os.kill(self.record(instance)["supervisor"], signal.SIGTERM)
            self.agent.wait_state(instance, "parked")
            self.assertEqual([], processes(f"physmem=fd:3 {instance}"))
            self.restart(instance)
            self.agent.wait_state(instance, "running")
            self.wait_guestd(instance)
            self.assertEqual("remembered", self.sh(instance, "cat /run/note"))
        os.kill(self.record(instance)["supervisor"], signal.SIGTERM)
        self.agent.wait_state(instance, "parked")
        self.agent.call("vm.stop", instance=instance, graceMs=0)
        self.assertEqual("stopped", self.agent.call("vm.status", instance=instance)["state"])

    def test_aCrashIsToldWithItsReason(self):
        instance = self.run_vm()
        os.kill(self.agent.call("vm.status", instance=instance)["pid"], signal.SIGKILL)
        deadline = time.monotonic() + 10
        while (status := self.agent.call("vm.status", instance=instance))["state"] != "crashed":
            self.assertLess(time.monotonic(), deadline, status)
            time.sleep(0.02)
        self.assertIn("signal 9", status["error"])
        self.restart(instance)
        self.agent.wait_state(instance, "running")
        self.assertNotIn("error", self.agent.call("vm.status", instance=instance))

    def test_aPanicIsToldWithItsReason(self):
        instance = self.create(disks=[{"sizeMiB": 16}])
        if not options.image:
            self.skipTest("needs a kernel without a root file system of its own")
        self.agent.call("vm.start", instance=instance)
        deadline = time.monotonic() + 20
        while (status := self.agent.call("vm.status", instance=instance))["state"] != "crashed":
            self.assertLess(time.monotonic(), deadline, status)
            time.sleep(0.02)
        self.assertIn("Unable to mount root fs", status["error"])
        self.assertEqual({"status": 67}, status["exit"])

    def test_scriptsThatFailAreTold(self):
        instance = self.run_vm(setup="echo first; echo no such thing >&2; exit 4", startup="echo never")
        status = self.agent.call("vm.status", instance=instance)
        self.assertIn("status 4", status["error"])
        self.assertIn("no such thing", status["error"])
        self.assertNotIn("never", self.agent.call("vm.log", instance=instance, which="startup")["text"])
        self.agent.call("vm.setup", instance=instance, setup="hostname fixed", run=True)
        deadline = time.monotonic() + 5
        while self.sh(instance, "hostname") != "fixed" or "error" in (status := self.agent.call("vm.status", instance=instance)):
            self.assertLess(time.monotonic(), deadline, status)

    def test_guestsAreSpreadOverTheCpusAndPinned(self):
        instances = [self.run_vm(mode=mode) for mode in ("seccomp", "ptrace")]
        cpus = []
        for instance, mode in zip(instances, ("seccomp", "ptrace")):
            status = self.agent.call("vm.status", instance=instance)
            self.assertEqual(mode, status["mode"])
            self.assertEqual({status["cpu"]}, os.sched_getaffinity(status["pid"]))
            cpus.append(status["cpu"])
        if os.cpu_count() > 1:
            self.assertEqual(2, len(set(cpus)), cpus)

    def test_aGuestHasItsNameFromTheBeginning(self):
        instance = self.run_vm(setup="")
        console = self.agent.call("console.open", instance=instance, tail=65536)["stream"]
        self.agent.call("stream.credit", stream=console, bytes=100000)
        self.assertIn(b"root@kiwi:", self.wait_output(console, b"# "))
        self.assertEqual("kiwi", self.sh(instance, "hostname"))

    def test_guestsAreConfined(self):
        for mode in ("seccomp", "ptrace"):
            instance = self.run_vm(mode=mode)
            guests = [pid for pid in processes(f"{self.agent.kernel}/linux")]
            self.assertTrue(guests)
            for pid in guests:
                status = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines())
                self.assertEqual("1", status["NoNewPrivs"].strip())
                self.assertEqual("2", status["Seccomp"].strip())
                limits = pathlib.Path(f"/proc/{pid}/limits").read_text()
                self.assertRegex(limits, r"Max core file size +0 +0 ")
                self.assertRegex(limits, rf"Max file size +{256 << 20} +{256 << 20} ")
            self.assertEqual("hello", self.sh(instance, "echo hello > /root/file; sync; cat /root/file; ping -c 1 -q 127.0.0.1 > /dev/null"))
            # The guest kernel does not complain about what it may not do.
            console = self.agent.call("console.open", instance=instance, tail=65536)["stream"]
            self.agent.call("stream.credit", stream=console, bytes=100000)
            self.assertRegex(self.wait_output(console, b"# "), rb"^\s*Mobitopolo guest")
            self.agent.call("vm.stop", instance=instance, graceMs=0)

    def test_onlyOneSupervisorHoweverManyStart(self):
        instance = self.create()
        clients = [Client(self.agent) for _ in range(4)]
        results = []

        def start(client):
            try:
                results.append(client.call("vm.start", instance=instance)["pid"])
            except AgentError as error:
                results.append(error.code)

        threads = [threading.Thread(target=start, args=(client,)) for client in clients]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(1, sum(isinstance(r, int) for r in results), results)
        self.assertEqual(3, results.count("wrong-state"), results)
        self.agent.wait_state(instance, "running")
        for client in clients:
            client.close_connection()

    def test_whatCannotBeIsRefusedWithAReason(self):
        idle = self.create()
        self.refused("not-running", "exec.start", instance=idle, argv=["true"])
        self.refused("not-running", "link.set", instance=idle, nic=0, link={})
        too_much = self.create(memoryMiB=65536)
        if self.agent.call("facts")["memoryAvailable"] < 65536 << 20:
            self.assertIn("MiB", self.refused("no-memory", "vm.start", instance=too_much))
            self.assertEqual("created", self.agent.call("vm.status", instance=too_much)["state"])
        self.refused("no-image", "vm.create", config=self.config(disks=[{"image": "0" * 64, "sizeMiB": 10}]))
        self.refused("bad-config", "vm.create", config=self.config(nics=[{"mac": "01:00:00:00:00:01"}]))
        self.refused("bad-config", "vm.create", config=self.config(mode="fast"))
        self.refused("bad-request", "vm.create", config=self.config(memoryMiB=1))
        self.refused("bad-request", "vm.create", config=self.config(lab="../x"))
        self.refused("bad-request", "vm.create", config=self.config(instance="../../etc/passwd"))
        self.refused("bad-request", "vm.create", config=self.config(kernel="../../../bin"))
        self.refused("exists", "vm.create", config=self.config(instance=too_much))
        self.refused("no-such-instance", "vm.start", instance="0" * 16)
        stray = self.create(kernel="1" * 64)
        self.refused("no-kernel", "vm.start", instance=stray)

    def test_nonsenseIsAnsweredAndChangesNothing(self):
        instance = self.run_vm()
        stream = self.agent.call("console.open", instance=instance, tail=0)["stream"]
        methods = ["hello", "facts", "image.list", "image.missing", "lab.put", "lab.delete", "vm.create", "vm.start", "vm.status", "vm.delete", "vm.log",
                   "vm.setup", "link.set", "link.clear", "watch", "console.open", "exec.start", "exec.attach", "stream.write", "stream.eof", "stream.resize",
                   "stream.signal", "stream.credit", "migration.receive", "migration.send", "migration.cancel", "migration.resolve", "nonsense", ""]
        rng = random.Random(2)
        values = [None, True, -1, 2**62, 1.5, "", "x" * 70000, "../..", [], [[]] * 100, {}, {"a": 1}, instance, stream]
        names = ["instance", "stream", "data", "argv", "env", "tty", "rows", "cols", "bytes", "signal", "tail", "nic", "link", "config", "lab", "topology",
                 "sha256", "which", "setup", "startup", "run", "intervalMs", "version", "session", "links", "migration", "key", "endpoints"]
        client = Client(self.agent)
        try:
            for _ in range(600):
                params = {name: rng.choice(values) for name in rng.sample(names, rng.randrange(8))}
                params.update(rng.choice([{}, {"instance": instance}, {"instance": instance, "stream": stream}]))
                method = rng.choice(methods)
                if method in ("vm.delete", "migration.send", "migration.resolve"):
                    params.pop("instance", None)
                try:
                    client.call(method, **params)
                except AgentError as error:
                    self.assertTrue(error.code and error.message)
                except TimeoutError:
                    self.fail(f"no answer to {method} {params}"[:2000])
            for line in (b"garbage\n", b"[]\n", b"\xff\xfe\n", b'{"id":1,"method":"\\u0000"}\n', b'{"id":7,"method":"facts","params":[]}\n', b"x" * 3_000_000 + b"\n"):
                client.process.stdin.write(line)
            client.process.stdin.flush()
            client.call("facts")
        finally:
            client.close_connection()
        self.assertEqual("alive", self.sh(instance, "echo alive"))
        # Straight to the supervisor's socket, as a client gone wrong would.
        folder = os.open(self.agent.folder / "vms" / instance, os.O_RDONLY)
        for payload in (b"\x00" * 5000 + b"\n", b'{"method":5}\n', b'{"id":{},"method":"watch","params":{"intervalMs":"x"}}\n', b"y" * 2_000_000):
            with socket.socket(socket.AF_UNIX) as raw:
                raw.connect(f"/proc/self/fd/{folder}/sock")
                raw.sendall(payload)
        os.close(folder)
        self.assertEqual("alive", self.sh(instance, "echo alive"))

    def test_watchTellsStatesLinksAndDeletion(self):
        client = Client(self.agent)
        try:
            client.call("watch", intervalMs=100)
            instance = self.create()
            self.agent.call("vm.start", instance=instance)
            self.agent.wait_state(instance, "running")
            deadline = time.monotonic() + 5
            while not any(e["event"] == "links" and e["instance"] == instance for e in client.events):
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.02)
            self.agent.call("vm.stop", instance=instance, graceMs=0)
            self.delete(instance)
            while not (states := [e["state"] for e in client.events if e["event"] == "vm" and e["instance"] == instance]) or states[-1] != "deleted":
                self.assertLess(time.monotonic(), deadline, states)
                time.sleep(0.02)
            order = [s for i, s in enumerate(states) if i == 0 or states[i - 1] != s]
            self.assertEqual(["booting", "running", "stopping", "stopped", "deleted"], [s for s in order if s != "created"])
        finally:
            client.close_connection()

    def test_limitsHold(self):
        taken = self.agent.call("limits")
        self.assertNotIn("memory", taken)
        disk = taken["diskTaken"] >> 20
        try:
            self.agent.call("limits.set", memoryMiB=100, diskMiB=disk + 600)
            first, second = self.create(), self.create()
            facts = self.agent.call("facts")
            self.assertEqual(100 << 20, facts["memoryTotal"])
            self.assertLess(facts["diskAvailable"], 101 << 20)
            self.assertIn("the limit", self.refused("no-space", "vm.create", config=self.config()))
            self.agent.call("vm.start", instance=first)
            self.agent.wait_state(first, "running")
            self.assertIn("100 MiB", self.refused("no-memory", "vm.start", instance=second))
            self.agent.call("vm.stop", instance=first, graceMs=0)
            self.restart(second)
            self.agent.wait_state(second, "running")
            told = self.agent.call("limits")
            self.assertEqual((100 << 20, 64 << 20), (told["memory"], told["memoryTaken"]))
            self.refused("bad-request", "limits.set", memoryMiB=-1)
            self.assertEqual(100 << 20, self.agent.call("limits")["memory"])
        finally:
            self.agent.call("limits.set")
        self.assertNotIn("memory", self.agent.call("limits"))

    def test_whatNothingUsesIsTidiedAway(self):
        self.create()
        old = time.time() - 3 * 86400
        agents, images = self.agent.folder / "agent", self.agent.folder / "images"
        for name in ("a" * 64, "b" * 64):
            (agents / name).mkdir(mode=0o700)
            (agents / name / "linux").write_bytes(b"x" * 100_000)
            (images / name).write_bytes(b"x" * 50_000)
        # of images that did not get whole: of one that nobody uses, and of that of the VM
        parts = [f"{name}.{'d' * 64}.part" for name in ("e" * 64, options.sha256)] if options.image else []
        for name in parts:
            (images / name).write_bytes(b"x" * 10_000)
            os.utime(images / name, (old, old))
        for path in (agents / ("a" * 64), images / ("a" * 64), agents / self.agent.kernel, *([images / options.sha256] if options.image else [])):
            os.utime(path, (old, old))
        tried = self.agent.call("tidy", **{"try": True})
        self.assertEqual((["a" * 64], ["a" * 64, *parts[:1]]), (tried["agents"], sorted(tried["images"])))
        self.assertGreaterEqual(tried["bytes"], 150_000)
        self.assertTrue((agents / ("a" * 64)).exists())
        self.assertEqual(tried, self.agent.call("tidy"))
        left = {path.name for path in (*agents.iterdir(), *images.iterdir())}
        # the agent itself, what a VM is made of, and what was put a moment ago
        self.assertLessEqual({self.agent.kernel, "b" * 64, *([options.sha256] if options.image else [])}, left)
        self.assertNotIn("a" * 64, left)
        self.assertEqual(parts[1:], [name for name in parts if name in left])
        for name in parts[1:]:
            (images / name).unlink()
        damaged = self.agent.folder / "vms" / ("c" * 16)
        damaged.mkdir()
        (damaged / "config.json").write_text("{")
        self.refused("damaged", "tidy")
        (damaged / "config.json").unlink()
        damaged.rmdir()
        for folder in (agents, images):
            shutil.rmtree(folder / ("b" * 64), ignore_errors=True)
        (images / ("b" * 64)).unlink()

    def test_labsAreKept(self):
        topology = {"format": "mobitopolo-topology", "name": "a lab", "nodes": [{"id": "\u00fc"}] * 100}
        self.agent.call("lab.put", lab="lab-1", topology=topology)
        self.assertEqual([{"lab": "lab-1", "topology": topology}], self.agent.call("lab.list")["labs"])
        self.agent.call("lab.delete", lab="lab-1")
        self.agent.call("lab.delete", lab="lab-1")
        self.assertEqual([], self.agent.call("lab.list")["labs"])


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--mobihost", required=True)
    parser.add_argument("--linux", required=True)
    parser.add_argument("--image")
    parser.add_argument("--sha256")
    parser.add_argument("--scratch", default=None)
    options, rest = parser.parse_known_args()
    with tempfile.TemporaryDirectory(prefix="mobihost-") as folder:
        options.scratch = options.scratch or folder
        unittest.main(argv=[sys.argv[0], *rest])
