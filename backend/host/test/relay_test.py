#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Relays between hosts in network namespaces that do not reach each other: `mobihost relay` as the desktop uses it, with real VMs, links and migrations. Needs root; without, it says so and ends well."""
import base64
import json
import os
import pathlib
import secrets
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from agent import Agent  # noqa: E402
from migration_test import Lab, check, options_parser, push_probe, start  # noqa: E402

PREFIX = f"mobirel{os.getpid()}"


def run(*command):
    subprocess.run(command, check=True)


def inside(name):
    return ["ip", "netns", "exec", PREFIX + name]


class Net:
    """Namespaces, and cables between them."""

    def __init__(self, names):
        self.names = names
        for name in names:
            run("ip", "netns", "add", PREFIX + name)
            run(*inside(name), "ip", "link", "set", "lo", "up")
            run(*inside(name), "sh", "-c", "echo 0 > /proc/sys/net/ipv4/ip_forward")

    @staticmethod
    def cable(a, b, network):
        run("ip", "link", "add", f"to{b}", "netns", PREFIX + a, "type", "veth", "peer", "name", f"to{a}", "netns", PREFIX + b)
        for name, nic, number in ((a, f"to{b}", 1), (b, f"to{a}", 2)):
            run(*inside(name), "ip", "address", "add", f"{network}.{number}/30", "dev", nic)
            run(*inside(name), "ip", "link", "set", nic, "up")

    def close(self):
        for name in self.names:
            run("ip", "netns", "delete", PREFIX + name)


class FarLab(Lab):
    """Hosts "tokyo" and "florida", which do not reach each other, and "third", which reaches both."""

    def __init__(self, options):
        self.options = options
        self.net = Net(("tokyo", "florida", "third"))
        self.net.cable("tokyo", "third", "10.77.1")
        self.net.cable("florida", "third", "10.77.2")
        self.hosts = {}
        for name in ("tokyo", "florida", "third"):
            self.hosts[name] = Agent(pathlib.Path(options.scratch) / name, options.mobihost, options.linux, inside(name))
            if name != "third":
                self.hosts[name].put_image(options.image, options.sha256)
            self.hosts[name].call("watch", intervalMs=200)
        self.pumps = []

    def close(self):
        try:
            for process in self.pumps:
                process.kill()
                process.wait()
            super().close()
            end_relays(signal.SIGTERM)
        finally:
            self.net.close()

    def pair(self, *hosts, serve=()):
        """A new pair, made known on these hosts; the answers."""
        pair = {"pair": secrets.randbelow(1 << 32) or 1, "key": base64.b64encode(secrets.token_bytes(32)).decode()}
        return pair, [self.hosts[host].call("relay.open", serve=host in serve, **pair) for host in hosts]

    def through_third(self, by="third"):
        """For a link: relay at each end."""
        pair, (answer,) = self.pair("third", serve=("third",))
        return [dict(pair, by=by, endpoints=[e for e in answer["udp"] if not e.startswith(("127.", "[::1]"))])] * 2

    def piped(self, kind, a, b):
        """Two halves of a relay joined as the desktop does: relay at each end."""
        pair, _ = self.pair(a, b)
        processes, ports = [], []
        for host, side in ((a, "a"), (b, "b")):
            words = [kind] if kind == "pipe" else [kind, f"{pair['pair']:08x}", side]
            process = subprocess.Popen([*inside(host), self.hosts[host].mobihost, "relay", *words, "--folder", self.hosts[host].folder],
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
            line = b""
            while not line.endswith(b"\n"):
                line += process.stdout.read(1)
            ports.append(json.loads(line)["udp" if kind == "pipe" else "tcp"])
            processes.append(process)
        for one, other in (processes, processes[::-1]):
            threading.Thread(target=pump, args=(one.stdout, other.stdin), daemon=True).start()
        self.pumps += processes
        return [dict(pair, by="desktop", endpoints=[f"127.0.0.1:{port}"]) for port in ports]

    def join_relayed(self, a, b, relays):
        key = base64.b64encode(secrets.token_bytes(32)).decode()
        for vm, other, side, relay in ((a, b, "a", relays[0]), (b, a, "b", relays[1])):
            peers = [peer for peer in other.status()["udp"] if not peer.startswith(("127.", "[::1]"))]
            vm.agent.call("link.set", instance=vm.instance, nic=0, link={"link": "l1", "key": key, "cipher": "chacha20", "side": side, "peers": peers, "relay": relay})


def pump(source, sink):
    try:
        while data := source.read(65536):
            sink.write(data)
    except (OSError, ValueError):
        pass


def relays():
    """Processes of this test's relays."""
    found = []
    for place in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            words = (place / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if len(words) > 3 and words[1] == b"relay" and os.environ["RELAY_SCRATCH"].encode() in b" ".join(words):
            found.append(int(place.name))
    return found


def end_relays(how):
    """Waits until they are gone, as one that is just dying may still answer."""
    for pid in relays():
        os.kill(pid, how)
    end = time.monotonic() + 10
    while relays():
        check(time.monotonic() < end, "a relay does not end")
        time.sleep(0.05)


def relayed_by(vm, wanted, timeout=20):
    end = time.monotonic() + timeout
    while True:
        link = vm.status()["links"][0]
        if link.get("peer") and link.get("relayedBy") == wanted:
            return
        check(time.monotonic() < end, f"the link is not relayed by {wanted}: {link}")
        time.sleep(0.1)


def migrate(lab, vm, to, relays):
    """As VM.migrate, through these relays only."""
    facts, target = vm.agent.call("facts"), lab.hosts[to]
    migration = {"migration": secrets.token_hex(8), "key": base64.b64encode(secrets.token_bytes(32)).decode(), "cipher": "chacha20"}
    config = dict(vm.config, instance=secrets.token_hex(8), region=to)
    target.call("migration.receive", config=config, requires={name: facts[name] for name in ("cpuFeatures", "xfeatures", "xsaveSize")},
                relays=[pair[1] for pair in relays], **migration)
    result = vm.agent.call("migration.send", timeout=120, instance=vm.instance, targetInstance=config["instance"], endpoints=[],
                           relays=[pair[0] for pair in relays], options={}, **migration)
    by = {event.get("relayedBy") for event in vm.agent.events if event["event"] == "migration" and event["migration"] == migration["migration"]}
    vm.host, vm.instance = to, config["instance"]
    print(f"  to {to}: {result['downtimeMs']:.1f} ms down, {result['totalMs']:.0f} ms in all, relayed by {by - {None}}", flush=True)
    return by - {None}


def stream_through_third(lab):
    pair, (answer,) = lab.pair("third", serve=("third",))
    return [dict(pair, by="third", endpoints=[e for e in answer["tcp"] if not e.startswith(("127.", "[::1]"))])] * 2


def probed(lab, a, b, stream, by):
    """A datagram each millisecond between both while b moves to a's host and back: what came of it."""
    for vm in (a, b):
        push_probe(vm)
    start(b, "/tmp/probe", "serve", "5000")
    a.run("ping", "-c", "2", "-W", "5", "10.0.0.2")
    client = start(a, "/tmp/probe", "udp", "10.0.0.2", "5000", "12")["stream"]
    time.sleep(1)
    for to in (a.host, "florida"):
        check(migrate(lab, b, to, [stream()]) == {by}, "it is not told who relays")
        time.sleep(1)
    ended, output, errors = a.agent.finish(client, timeout=60)
    check(ended == {"status": 0}, f"the probe ended with {ended}: {errors!r}")
    report = json.loads(output)
    print("  udp:", report, flush=True)
    check(b.run("hostname") == "vm2\n", "the VM does not do what it is told")
    return report


def a_third_host_relays(lab):
    a, b = lab.create("tokyo", 1).start(), lab.create("florida", 2).start()
    link = lab.through_third()
    lab.join_relayed(a, b, link)
    for vm in (a, b):
        relayed_by(vm, "third")
    report = probed(lab, a, b, lambda: stream_through_third(lab), "third")
    check(report["received"] == report["sent"] and report["duplicates"] == 0, "datagrams were lost or came twice")
    relayed_by(b, "third")


def the_connections_of_a_desktop_relay(lab):
    a, b = lab.create("tokyo", 1).start(), lab.create("florida", 2).start()
    link = lab.piped("pipe", "tokyo", "florida")
    # As the desktop says it before a VM moves: the end that will be at the other host is told both places.
    both = dict(link[1], endpoints=link[1]["endpoints"] + link[0]["endpoints"])
    lab.join_relayed(a, b, [link[0], both])
    for vm in (a, b):
        relayed_by(vm, "desktop")
    streams = iter((("florida", "tokyo"), ("tokyo", "florida")))
    report = probed(lab, a, b, lambda: lab.piped("stream", *next(streams)), "desktop")
    check(report["received"] == report["sent"] and report["duplicates"] == 0, "datagrams were lost or came twice")


def a_relay_that_dies_is_started_anew(lab):
    a, b = lab.create("tokyo", 1).start(), lab.create("florida", 2).start()
    link = lab.through_third()
    lab.join_relayed(a, b, link)
    relayed_by(a, "third")
    end_relays(signal.SIGKILL)
    # Any new pair starts one; the ports are others, so the link is told again.
    link = lab.through_third("third, again")
    lab.join_relayed(a, b, link)
    for vm in (a, b):
        relayed_by(vm, "third, again")
    a.run("ping", "-c", "3", "-W", "5", "10.0.0.2")


TESTS = [a_third_host_relays, the_connections_of_a_desktop_relay, a_relay_that_dies_is_started_anew]


def main():
    parser = options_parser(__doc__)
    parser.add_argument("tests", nargs="*")
    options = parser.parse_args()
    if os.geteuid():
        print("skipped: network namespaces need root")
        return
    os.environ["RELAY_SCRATCH"] = str(pathlib.Path(options.scratch))
    for test in TESTS:
        if options.tests and test.__name__ not in options.tests:
            continue
        print(test.__name__, flush=True)
        lab = FarLab(options)
        try:
            test(lab)
        finally:
            lab.close()
    print("ok")


if __name__ == "__main__":
    main()
