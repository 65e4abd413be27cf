#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Live migrations of real VMs between two host folders of this machine.

    migration_test.py --mobihost FILE --linux FILE --image IMAGE.zst --sha256 HEX --probe FILE [--scratch DIR] [--cycles N] [test ...]
"""
import argparse
import base64
import json
import os
import pathlib
import secrets
import statistics
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from agent import Agent, AgentError  # noqa: E402


def check(condition, message):
    if not condition:
        raise AssertionError(message)


class Lab:
    """Two hosts, "tokyo" and "florida", and VMs that know where they are."""

    def __init__(self, options):
        self.options = options
        self.hosts = {}
        for name in ("tokyo", "florida"):
            self.hosts[name] = Agent(pathlib.Path(options.scratch) / name, options.mobihost, options.linux)
            if options.image:
                self.hosts[name].put_image(options.image, options.sha256)
            self.hosts[name].call("watch", intervalMs=200)
        self.keys = {}

    def close(self):
        for host in self.hosts.values():
            host.close()

    def create(self, host, number, memory=64, nics=1, offload=True, setup=""):
        agent = self.hosts[host]
        disk = {"sizeMiB": 256, **({"image": self.options.sha256} if self.options.image else {})}
        config = {
            "lab": "test", "labName": "Test", "node": f"n{number}", "name": f"vm{number}", "region": host, "kernel": agent.kernel,
            "memoryMiB": memory, "mode": self.options.mode, "disks": [disk],
            "nics": [{"mac": f"02:00:00:00:{i:02x}:{number:02x}", "offload": offload} for i in range(nics)],
            "setup": f"hostname vm{number}\nip addr add 10.0.0.{number}/24 dev eth0\nip link set eth0 up\n{setup}", "startup": "",
        }
        vm = VM(self, host, agent.call("vm.create", config=config)["instance"], config)
        return vm

    def join(self, a, b, egress=None):
        """A link between the first NICs of two VMs."""
        key = base64.b64encode(secrets.token_bytes(32)).decode()
        cipher = "aes256gcm" if "aes" in a.agent.call("facts")["cpuFeatures"] else "chacha20"
        for vm, other, side in ((a, b, "a"), (b, a, "b")):
            peers = [peer for peer in other.status()["udp"] if peer.startswith("127.0.0.1:")]
            vm.agent.call("link.set", instance=vm.instance, nic=0,
                          link={"link": "l1", "key": key, "cipher": cipher, "side": side, "peers": peers, "egress": egress or {}})


class VM:
    def __init__(self, lab, host, instance, config):
        self.lab, self.host, self.instance, self.config = lab, host, instance, config

    @property
    def agent(self):
        return self.lab.hosts[self.host]

    def status(self):
        return self.agent.call("vm.status", instance=self.instance)

    def start(self):
        self.agent.call("vm.start", instance=self.instance)
        self.agent.wait_state(self.instance, "running")
        return self

    def run(self, *argv, stdin=b"", timeout=60):
        ended, output, errors = self.agent.exec(self.instance, *argv, stdin=stdin, timeout=timeout)
        check(ended == {"status": 0}, f"{argv} in {self.config['name']} ended with {ended}: {output[-500:]!r} {errors[-500:]!r}")
        return output.decode()

    def receive(self, to, migration, **more):
        """Asks the target; returns what migration.send needs of its answer."""
        source, target = self.agent.call("facts"), self.lab.hosts[to]
        requires = {name: source[name] for name in ("cpuFeatures", "xfeatures", "xsaveSize")}
        requires.update(more.pop("requires", {}))
        key = base64.b64encode(secrets.token_bytes(32)).decode()
        params = {"migration": migration, "key": key, "cipher": "aes256gcm" if "aes" in source["cpuFeatures"] else "chacha20"}
        config = dict(self.config, instance=secrets.token_hex(8), **more)
        answer = target.call("migration.receive", config=config, limits={}, requires=requires, **params)
        endpoints = [endpoint for endpoint in answer["endpoints"] if endpoint.startswith("127.0.0.1:")]
        return dict(params, instance=self.instance, targetInstance=config["instance"], endpoints=endpoints)

    def migrate(self, to, timeout=120, **options):
        params = self.receive(to, secrets.token_hex(8))
        result = self.agent.call("migration.send", timeout=timeout, options=options, **params)
        old = self.host, self.instance
        self.host, self.instance = to, params["targetInstance"]
        return result, old


def other(host):
    return "florida" if host == "tokyo" else "tokyo"


def one_copy_runs(lab, vm):
    """The VM runs in one place only, and nobody believes otherwise."""
    states = [(name, status["instance"], status["state"]) for name, agent in lab.hosts.items() for status in agent.call("vm.list")["vms"]
              if status["node"] == vm.config["node"]]
    running = [state for state in states if state[2] in ("running", "booting")]
    check(running == [(vm.host, vm.instance, "running")], f"states: {states}")


def traffic_survives_migrations(lab):
    """A checked TCP stream and a datagram each millisecond between two VMs, one of which migrates there and back."""
    probe = pathlib.Path(lab.options.probe).read_bytes()
    a, b = lab.create("tokyo", 1).start(), lab.create("tokyo", 2).start()
    lab.join(a, b)
    for vm in (a, b):
        vm.run("sh", "-c", "cat > /tmp/probe && chmod +x /tmp/probe", stdin=probe)
    server = b.agent.call("exec.start", instance=b.instance, argv=["/tmp/probe", "serve", "5000"])
    a.run("ping", "-c", "2", "-W", "2", "10.0.0.2")
    seconds = lab.options.cycles * 1.5 + 2
    clients = [a.agent.call("exec.start", instance=a.instance, argv=["/tmp/probe", mode, "10.0.0.2", "5000", str(seconds)])["stream"]
               for mode in ("stream", "udp")]
    time.sleep(1)
    downtimes = []
    start = time.monotonic()
    for cycle in range(lab.options.cycles):
        time.sleep(max(0, start + cycle * 1.5 - time.monotonic()))
        result, _ = b.migrate(other(b.host))
        downtimes.append(result["downtimeMs"])
        parts = " ".join(f"{name[:-2]} {value:.1f}" for name, value in result["parts"].items())
        print(f"  migration {cycle + 1}: {result['downtimeMs']:.1f} ms down ({parts}), {result['totalMs']:.0f} ms in all, {result['passes']} passes, "
              f"{result['transferred'] / 1e6:.1f} MB", flush=True)
        one_copy_runs(lab, b)
    reports = []
    for stream in clients:
        ended, output, errors = a.agent.finish(stream, timeout=seconds + 30)
        check(ended == {"status": 0}, f"a probe ended with {ended}: {errors!r}")
        reports.append(json.loads(output))
    print("  stream:", reports[0], "\n  udp:", reports[1])
    print(f"  downtime ms: median {statistics.median(downtimes):.1f}, max {max(downtimes):.1f}")
    check(reports[0]["errors"] == 0 and reports[0]["bytes"] > 1e6, "the stream was damaged or stood still")
    check(reports[1]["duplicates"] == 0, "datagrams came twice")
    check(reports[1]["received"] >= 0.99 * reports[1]["sent"], "more than 1 % of the datagrams were lost")
    check(b.run("hostname") == "vm2\n", "commands reach the VM that moved")


TESTS = [traffic_survives_migrations]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mobihost", required=True)
    parser.add_argument("--linux", required=True)
    parser.add_argument("--image", help="zstd stream of the guest image")
    parser.add_argument("--sha256", help="of the image's raw bytes")
    parser.add_argument("--probe", required=True, help="static build of guest/probe.c")
    parser.add_argument("--scratch", default="/tmp/mobitopolo-migration-test")
    parser.add_argument("--mode", default="auto")
    parser.add_argument("--cycles", type=int, default=20)
    parser.add_argument("tests", nargs="*")
    options = parser.parse_args()
    for test in TESTS:
        if options.tests and test.__name__ not in options.tests:
            continue
        print(test.__name__, flush=True)
        lab = Lab(options)
        try:
            test(lab)
        finally:
            lab.close()
    print("ok")


if __name__ == "__main__":
    main()
