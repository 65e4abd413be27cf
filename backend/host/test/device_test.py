#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Switches and gateways between real VMs.

    device_test.py --mobihost FILE --linux FILE --image IMAGE.zst --sha256 HEX [--scratch DIR] [unittest's arguments]
"""
import base64
import functools
import http.server
import json
import os
import pathlib
import signal
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import nodes  # noqa: E402
from agent import AgentError  # noqa: E402


class DeviceTest(nodes.NodesTest):
    def test_threeVmsOnASwitchReachEachOther(self):
        vms = [self.machine(number) for number in (1, 2, 3)]
        switch = self.device("switch", [None] * 4)
        for port, vm in enumerate(vms):
            self.join(vm, 0, switch, port)
        for number, vm in enumerate(vms, 1):
            for other in {1, 2, 3} - {number}:
                self.assertReaches(vm, f"10.7.0.{other}")
        # What is known goes to one port only: the third VM hears nothing of a transfer between the others.
        before = self.counters(switch)[2]["txFrames"]
        self.sh(vms[1], "sleep 100 | nc -l -p 5000 >/tmp/got & echo")
        self.assertReaches(vms[0], "", "sleep 1; head -c 3000000 /dev/zero | nc -w 5 10.7.0.2 5000; echo")
        deadline = time.monotonic() + 20
        while self.sh(vms[1], "wc -c </tmp/got")[1].strip() != "3000000":
            self.assertLess(time.monotonic(), deadline, self.sh(vms[1], "wc -c </tmp/got"))
        self.assertLess(self.counters(switch)[2]["txFrames"] - before, 20)
        # A broadcast reaches all: a ping to the network's address is answered nowhere, but both get its frames.
        before = {port: self.counters(switch)[port]["txFrames"] for port in (1, 2)}
        self.sh(vms[0], "arping -c 3 -w 4 -I eth0 10.7.0.99")
        after = self.counters(switch)
        for port in (1, 2):
            self.assertGreaterEqual(after[port]["txFrames"] - before[port], 3)

    def test_vlansAreSeparate(self):
        vlan = "ip link add link eth0 name v10 type vlan id 10; ip link set v10 up; ip addr add 10.8.0.{0}/24 dev v10"
        trunk = self.machine(1, vlan.format(1))
        ten = self.machine(2, "ip addr add 10.8.0.2/24 dev eth0")
        twenty = self.machine(3, "ip addr add 10.8.0.3/24 dev eth0")
        switch = self.device("switch", [None, {"vlan": 10}, {"vlan": 20}])
        for port, vm in enumerate((trunk, ten, twenty)):
            self.join(vm, 0, switch, port)
        self.assertReaches(trunk, "10.8.0.2")
        self.assertReaches(ten, "10.8.0.1")
        # A large TCP stream crosses the change between tagged and untagged unharmed.
        self.sh(ten, "sleep 100 | nc -l -p 5000 | sha256sum >/tmp/sum & echo")
        status, wanted = self.sh(trunk, "sleep 1; head -c 2000000 /dev/urandom >/tmp/data; nc -w 5 10.8.0.2 5000 </tmp/data; sha256sum </tmp/data")
        deadline = time.monotonic() + 20
        while not (got := self.sh(ten, "cat /tmp/sum")[1].strip()):
            self.assertLess(time.monotonic(), deadline)
        self.assertEqual(wanted.strip(), got)
        for vm, address in ((trunk, "10.8.0.3"), (ten, "10.8.0.3"), (twenty, "10.8.0.1"), (twenty, "10.8.0.2"), (trunk, "10.7.0.2")):
            self.assertDoesNotReach(vm, address)

    def test_aSwitchMovesByMakingAnotherOne(self):
        vms = [self.machine(number) for number in (1, 2)]
        old = self.device("switch", [None] * 2)
        for port, vm in enumerate(vms):
            self.join(vm, 0, old, port, {"delayUs": 20000})
        self.assertReaches(vms[0], "10.7.0.2")
        self.sh(vms[1], "sleep 100 | nc -l -p 5000 | sha256sum >/tmp/sum & echo")
        stream = self.agent.call("exec.start", instance=vms[0], argv=["sh", "-c", "(for i in $(seq 200); do head -c 2000 /dev/zero; sleep 0.02; done) | nc -w 5 10.7.0.2 5000"])["stream"]
        time.sleep(1.5)
        new = self.device("switch", [None] * 2)
        for port, vm in enumerate(vms):
            self.join(vm, 0, new, port, {"delayUs": 20000})
        self.agent.call("vm.stop", instance=old, graceMs=0)
        self.agent.finish(stream)
        deadline = time.monotonic() + 20
        while not (got := self.sh(vms[1], "cat /tmp/sum")[1].strip()):
            self.assertLess(time.monotonic(), deadline)
        self.assertEqual(self.sh(vms[0], "head -c 400000 /dev/zero | sha256sum")[1].strip(), got)

    def test_aKilledSwitchIsToldAndStartsAgain(self):
        vms = [self.machine(number) for number in (1, 2)]
        switch = self.device("switch", [None] * 2)
        record = json.loads((self.agent.folder / "vms" / switch / "state.json").read_text())
        os.kill(record["supervisor"], signal.SIGKILL)
        deadline = time.monotonic() + 5
        while (status := self.agent.call("vm.status", instance=switch))["state"] != "crashed":
            self.assertLess(time.monotonic(), deadline, status)
            time.sleep(0.02)
        self.assertIn("Start it again", status["error"])
        self.agent.call("vm.start", instance=switch)
        for port, vm in enumerate(vms):
            self.join(vm, 0, switch, port)
        self.assertReaches(vms[0], "10.7.0.2")
        for method in ("exec.start", "migration.send"):
            with self.assertRaises(AgentError):
                self.agent.call(method, instance=switch, argv=["true"], migration="0" * 16, targetInstance="1" * 16, key=base64.b64encode(bytes(32)).decode(),
                                cipher="chacha20", endpoints=["127.0.0.1:9"])
        self.assertEqual("running", self.agent.call("vm.status", instance=switch)["state"])
        self.agent.call("vm.stop", instance=switch, graceMs=1000)
        self.assertEqual("stopped", self.agent.call("vm.status", instance=switch)["state"])

    def serve(self):
        """An HTTP server on the host's loopback interface: its port."""
        folder = pathlib.Path(nodes.options.scratch) / "www"
        folder.mkdir(exist_ok=True)
        (folder / "page").write_text("from outside " * 20000)
        handler = type("Quiet", (http.server.SimpleHTTPRequestHandler,), {"log_message": lambda *args: None})
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(handler, directory=folder))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server.server_address[1]

    def test_aGuestGetsAnAddressAndAPageThroughAGateway(self):
        port = self.serve()
        vms = [self.machine(number) for number in (1, 2)]
        gateway = self.device("gateway", [None] * 2, hostLoopback=True)
        for nic, vm in enumerate(vms):
            self.join(vm, 0, gateway, nic)
        for vm in vms:
            self.assertReaches(vm, "", "udhcpc -i eth0 -q -n -t 5")
            self.assertIn("10.0.2.", self.sh(vm, "ip -4 addr show dev eth0")[1])
            self.assertIn("10.0.2.2", self.sh(vm, "ip route show default")[1])
            self.assertIn("10.0.2.3", self.sh(vm, "cat /etc/resolv.conf")[1])
            self.assertEqual("260000", self.sh(vm, f"wget -q -O - http://10.0.2.2:{port}/page | wc -c")[1].strip())
        # Both ports of the gateway are one network.
        address = self.sh(vms[1], "ip -4 -o addr show dev eth0")[1].split("inet ")[1].split("/")[0]
        self.assertReaches(vms[0], address)

    def test_theHostsLoopbackIsOutOfReachUnlessAskedFor(self):
        port = self.serve()
        vm = self.machine(1)
        gateway = self.device("gateway", [None], address="10.9.3.1/24")
        self.join(vm, 0, gateway, 0)
        self.assertReaches(vm, "", "udhcpc -i eth0 -q -n -t 5")
        self.assertIn("10.9.3.", self.sh(vm, "ip -4 addr show dev eth0")[1])
        self.assertNotEqual(0, self.sh(vm, f"wget -T 3 -q -O - http://10.9.3.1:{port}/page")[0])
        with self.assertRaises(AgentError):
            self.device("gateway", [None], address="10.9.3.200/24")

    def test_anEndedGatewayProcessIsTold(self):
        gateway = self.device("gateway", [None])
        record = json.loads((self.agent.folder / "vms" / gateway / "state.json").read_text())
        children = pathlib.Path(f"/proc/{record['supervisor']}/task/{record['supervisor']}/children").read_text().split()
        self.assertEqual(1, len(children))
        os.kill(int(children[0]), signal.SIGKILL)
        deadline = time.monotonic() + 5
        while (status := self.agent.call("vm.status", instance=gateway))["state"] != "crashed":
            self.assertLess(time.monotonic(), deadline, status)
            time.sleep(0.02)
        self.assertIn("Start the gateway again", status["error"])
        self.agent.call("vm.start", instance=gateway)
        record = json.loads((self.agent.folder / "vms" / gateway / "state.json").read_text())
        children = pathlib.Path(f"/proc/{record['supervisor']}/task/{record['supervisor']}/children").read_text().split()
        os.kill(record["supervisor"], signal.SIGKILL)
        deadline = time.monotonic() + 5
        while pathlib.Path(f"/proc/{children[0]}/cmdline").exists() and pathlib.Path(f"/proc/{children[0]}/cmdline").read_text():
            self.assertLess(time.monotonic(), deadline, "the gateway's process outlives its supervisor")
            time.sleep(0.02)


if __name__ == "__main__":
    nodes.main()
