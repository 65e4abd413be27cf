# SPDX-License-Identifier: Apache-2.0
"""Labs of real VMs, switches and gateways with links between them, through `mobihost rpc`: what tests of several nodes have in common."""
import argparse
import base64
import os
import pathlib
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from agent import Agent, AgentError  # noqa: E402

options = None


def main():
    """Runs the tests of the program that calls it."""
    global options
    parser = argparse.ArgumentParser()
    parser.add_argument("--mobihost", required=True)
    parser.add_argument("--linux", required=True)
    parser.add_argument("--image", required=True)
    parser.add_argument("--sha256", required=True)
    parser.add_argument("--scratch", default=None)
    options, rest = parser.parse_known_args()
    with tempfile.TemporaryDirectory(prefix="mobihost-") as folder:
        options.scratch = options.scratch or folder
        unittest.main(module="__main__", argv=[sys.argv[0], *rest])


class NodesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.agent = Agent(pathlib.Path(options.scratch) / "host", options.mobihost, options.linux)
        cls.agent.put_image(options.image, options.sha256)

    @classmethod
    def tearDownClass(cls):
        logs = "".join(p.read_text(errors="replace") for p in cls.agent.folder.glob("vms/*/log"))
        cls.agent.close()
        for sign in ("AddressSanitizer", "LeakSanitizer", "runtime error"):
            if sign in logs:
                raise AssertionError(logs)

    def setUp(self):
        self.links = 0

    def tearDown(self):
        for vm in self.agent.call("vm.list")["vms"]:
            self.agent.call("vm.stop", instance=vm["instance"], graceMs=0)
            deadline = time.monotonic() + 5
            while True:
                try:
                    self.agent.call("vm.delete", instance=vm["instance"])
                    break
                except AgentError as error:
                    if error.code != "busy" or time.monotonic() > deadline:
                        raise
                    time.sleep(0.05)

    def machine(self, number, setup="", nics=1):
        macs = [{"mac": f"02:00:00:00:{nic:02x}:{number:02x}", "offload": True} for nic in range(nics)]
        instance = self.agent.call("vm.create", config={
            "lab": "nodes", "node": f"vm{number}", "kernel": self.agent.kernel, "memoryMiB": 48,
            "disks": [{"image": options.sha256, "sizeMiB": 256}], "nics": macs,
            "setup": f"ip link set lo up; ip link set eth0 up; ip addr add 10.7.0.{number}/24 dev eth0\n" + setup})["instance"]
        self.agent.call("vm.start", instance=instance)
        return instance

    def device(self, kind, ports, **config):
        nics = [{"mac": f"02:00:00:00:ff:{port:02x}", **(ports[port] or {})} for port in range(len(ports))]
        instance = self.agent.call("vm.create", config={"lab": "nodes", "node": kind, "kind": kind, "nics": nics, **config})["instance"]
        self.agent.call("vm.start", instance=instance)
        self.assertEqual(("running", kind), tuple(self.agent.call("vm.status", instance=instance)[key] for key in ("state", "kind")))
        return instance

    def join(self, a, nic_a, b, nic_b, egress=None):
        key = base64.b64encode(os.urandom(32)).decode()
        self.links += 1
        for own, nic, other, side in ((a, nic_a, b, "a"), (b, nic_b, a, "b")):
            peers = [e for e in self.agent.call("vm.status", instance=other)["udp"] if e.startswith("127.0.0.1:")]
            self.agent.call("link.set", instance=own, nic=nic, link={
                "link": f"l{self.links}", "key": key, "cipher": "chacha20", "side": side, "peers": peers, "egress": egress or {}})

    def sh(self, instance, script, timeout=60):
        deadline = time.monotonic() + 60
        while True:
            try:
                status, output, errors = self.agent.exec(instance, "sh", "-c", script, timeout=timeout)
                break
            except AgentError as error:
                if error.code != "not-ready" or time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
        return status.get("status"), (output + errors).decode(errors="replace")

    def assertReaches(self, instance, address, how="ping -c 1 -W 2"):
        """The first packets may meet a link that has not found its peer yet."""
        deadline = time.monotonic() + 30
        while (answer := self.sh(instance, f"{how} {address}"))[0] != 0:
            self.assertLess(time.monotonic(), deadline, answer)

    def assertDoesNotReach(self, instance, address):
        self.assertNotEqual(0, self.sh(instance, f"ping -c 2 -W 1 {address}")[0])

    def counters(self, instance):
        """The newest counters of its NICs."""
        if not getattr(self, "watching", False):
            self.agent.call("watch", intervalMs=100)
            self.watching = True
        begun = len(self.agent.events)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            for event in self.agent.events[begun:]:
                if event["event"] == "links" and event["instance"] == instance:
                    return {link["nic"]: link for link in event["links"]}
            time.sleep(0.05)
        raise AssertionError("no counters came")
