#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Snapshots of running VMs, and VMs restored from them, in two host folders of this machine.

    snapshot_test.py --mobihost FILE --linux FILE --image IMAGE.zst --sha256 HEX --probe FILE [--scratch DIR] [--cycles N] [test ...]
"""
import base64
import collections
import errno
import json
import os
import pathlib
import random
import secrets
import signal
import struct
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from agent import AgentError  # noqa: E402
from migration_test import VM, Lab, alive, check, fails, kill_supervisor, migration_state, options_parser, push_probe, send  # noqa: E402

CONFIG = 32


def new_id():
    return secrets.token_hex(8)


def compress(data):
    return subprocess.run(["zstd", "-q", "-1", "-c"], input=data, stdout=subprocess.PIPE, check=True).stdout


def unpack(data):
    return subprocess.run(["zstd", "-q", "-d", "-c"], input=data, stdout=subprocess.PIPE, check=True).stdout


def message(kind, payload):
    return bytes([kind]) + struct.pack("<I", len(payload))[:3] + payload


def messages(stream):
    """The messages of an unpacked state stream: (type, payload)."""
    check(stream[:8] == b"MOBISTA1", "no magic")
    at, found = 8, []
    while at < len(stream):
        size = int.from_bytes(stream[at + 1:at + 4], "little")
        found.append((stream[at], stream[at + 4:at + 4 + size]))
        at += 4 + size
    check(at == len(stream), "the last message is cut off")
    return found


def pages(stream):
    """{(region, page): contents} of an unpacked state stream; zero pages as b""."""
    found = {}
    for kind, payload in messages(stream):
        if kind != 2:
            continue
        region, encoding, runs = payload[0], payload[1], int.from_bytes(payload[2:4], "little")
        at = 4 + 12 * runs
        for i in range(runs):
            first, count = struct.unpack_from("<QI", payload, 4 + 12 * i)
            for page in range(first, first + count):
                found[region, page] = payload[at:at + 4096] if encoding else b""
                at += 4096 if encoding else 0
    return found


class Snapshot:
    """One of all these VMs, taken step by step."""

    def __init__(self, vms):
        self.vms = vms
        self.id = new_id()
        self.epoch = random.randrange(1, 65536)

    def each(self, method, **params):
        """Asks all at once; the answers in order, or the first failure when all have answered."""
        requests = [(vm, vm.agent.send(method, snapshot=self.id, instance=vm.instance, **params)) for vm in self.vms]
        answers, failure = [], None
        for vm, request in requests:
            try:
                answers.append(vm.agent.wait(request, 60))
            except AgentError as error:
                failure = failure or error
        if failure:
            raise failure
        return answers

    def prepare(self, **options):
        return self.each("snapshot.prepare", epoch=self.epoch, options=options)

    def cut(self):
        return self.each("snapshot.cut")

    def finish(self):
        return self.each("snapshot.finish")

    def take(self, **options):
        self.prepare(**options)
        cut = self.cut()
        return cut, self.finish()

    def get(self, vm, *base):
        return subprocess.run([vm.agent.mobihost, "get", "snapshot", self.id, vm.instance, *base, "--folder", vm.agent.folder], stdout=subprocess.PIPE,
                              check=True).stdout

    def delete(self):
        for agent in {id(vm.agent): vm.agent for vm in self.vms}.values():
            agent.call("snapshot.delete", snapshot=self.id)


def put(agent, instance, config, state, **more):
    """mobihost put state: the line it answers with, and its exit status."""
    text = json.dumps({"config": config, **more}).encode()
    process = subprocess.run([agent.mobihost, "put", "state", instance, "--folder", agent.folder], input=compress(message(CONFIG, text)) + state, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE)
    answer = json.loads(process.stdout)
    check(process.returncode == (1 if "error" in answer else 0), f"exit status {process.returncode}")
    check(process.stdout.count(b"\n") == 1, "one line")
    return answer


def refused(code, agent, config, state, **more):
    """Nothing is made of it; code None: whatever is found first."""
    before = [vm["instance"] for vm in agent.call("vm.list")["vms"]]
    answer = put(agent, new_id(), config, state, **more)
    check("error" in answer and answer["error"]["code"] == (code or answer["error"]["code"]), f"expected {code}, not {answer}")
    check(answer["error"]["message"].endswith(".") and len(answer["error"]["message"]) > 20, f"not a sentence: {answer}")
    check([vm["instance"] for vm in agent.call("vm.list")["vms"]] == before, "something was made")
    check(not [name for name in os.listdir(agent.folder / "vms") if name.startswith(".new-")], "something is left")
    return answer["error"]["message"]


def restore(lab, vm, host, state, **more):
    """A new VM of the state; not started."""
    config = {name: value for name, value in vm.config.items() if name != "instance"}
    config["region"] = host
    copy = VM(lab, host, new_id(), config)
    answer = put(copy.agent, copy.instance, config, state, **more)
    check("result" in answer, f"not restored: {answer}")
    check(copy.status()["state"] == "saved", f"it is {copy.status()}")
    return copy


def only_parts(lab, parts, timeout=5):
    """What snapshots the hosts keep; what nobody waits for may take a moment to go."""
    end = time.monotonic() + timeout
    while True:
        found = sorted((part["snapshot"], part["instance"]) for agent in lab.hosts.values() for part in agent.call("snapshot.list")["snapshots"])
        if found == sorted(parts):
            return
        check(time.monotonic() < end, f"snapshots: {found}")
        time.sleep(0.05)


def a_saved_vm_goes_on(lab):
    vm = lab.create("tokyo", 1).start()
    vm.run("sh", "-c", "echo kept > /tmp/mark; echo disk > /root/file; sync; (while :; do echo x >> /tmp/count; sleep 0.05; done) >/dev/null 2>&1 &")
    snapshot = Snapshot([vm])
    cut, finished = snapshot.take()
    print(f"  {cut[0]} {finished[0]}")
    check(vm.run("cat", "/tmp/mark") == "kept\n", "the VM itself goes on")
    only_parts(lab, [(snapshot.id, vm.instance)])
    state = snapshot.get(vm)
    check(state == snapshot.get(vm), "the same stream each time")
    copy = restore(lab, vm, "florida", state)
    before = time.monotonic()
    copy.agent.call("vm.start", instance=copy.instance)
    copy.ready()
    print(f"  {len(state)} bytes, runs after {(time.monotonic() - before) * 1000:.0f} ms")
    check(copy.run("cat", "/tmp/mark") == "kept\n" and copy.run("cat", "/root/file") == "disk\n", "memory and disk are there")
    count = len(copy.run("cat", "/tmp/count"))
    time.sleep(0.5)
    check(len(copy.run("cat", "/tmp/count")) > count, "its programs run")
    vm.run("sh", "-c", "echo other > /tmp/mark")
    check(copy.run("cat", "/tmp/mark") == "kept\n", "both are VMs of their own")
    snapshot.delete()
    only_parts(lab, [])


SEGMENTS = 60  # datagrams that the kernel hands over, and drops, as one


def socket_drops(vm):
    """What the host's kernel dropped because the supervisor's UDP socket was full: it got no CPU for too long."""
    port = int(vm.status()["udp"][0].rsplit(":", 1)[1])
    rows = [line.split() for name in ("udp", "udp6") for line in pathlib.Path("/proc/net", name).read_text().splitlines()[1:]]
    return sum(int(row[-1]) for row in rows if int(row[1].rsplit(":", 1)[1], 16) == port)


def host_drops(vms):
    """What hosts dropped on the way to these VMs since they are there, by cause: "socket", or what their supervisors tell in their latest event."""
    drops = collections.Counter(socket=sum(socket_drops(vm) for vm in vms))
    for vm in vms:
        latest = next((event["links"] for event in reversed(vm.agent.events) if event["event"] == "links" and event["instance"] == vm.instance), [])
        for link in latest:
            drops.update(link["drops"])
    return +drops


def guest_drops(vm):
    """What the guest's own kernel dropped: full sockets, and frames its NICs had no room for."""
    rows = [line.split() for line in vm.run("grep", "^Udp:", "/proc/net/snmp").splitlines()]
    drops = {name: int(count) for name, count in zip(*rows) if name in ("InErrors", "SndbufErrors")}
    for path in ("rx_dropped", "tx_dropped"):
        drops[path] = sum(int(count) for count in vm.run("sh", "-c", f"cat /sys/class/net/eth*/statistics/{path}").split())
    return {name: count for name, count in drops.items() if count}


def none_lost(vms, report, dropped):
    """
    All datagrams have come; where not, as many were dropped for want of room in a host's UDP socket, before a guest or inside it, which got no CPU for too long:
    that any network may do. What supervisors drop for other reasons is a fault, unless sockets overflowed before.
    dropped: what hosts have dropped since the talk began.
    """
    check(report["duplicates"] == 0, "datagrams came twice")
    check(report["orphans"] == 0, "answers came to what was never sent")
    lost = report["sent"] - report["received"]
    guests = [guest_drops(vm) for vm in vms if "memoryMiB" in vm.config]
    if lost or dropped or any(guests):
        print(f"    lost {lost}; dropped by hosts {dict(dropped)}, in guests {guests}", flush=True)
    check(not dropped.keys() - {"socket", "guest"} or dropped["socket"], f"supervisors dropped frames: {dropped}")
    allowed = SEGMENTS * dropped["socket"] + dropped["guest"] + sum(count for drops in guests for count in drops.values())
    check(lost <= allowed, f"{lost} datagrams were lost, and only {allowed} can have been for want of room")


class Ring:
    """
    Three VMs in a ring of delayed links, on two hosts; each talks with its next neighbour. Their streams have small windows: faster ones take all processors and make
    sockets overflow, and then datagrams are lost without any cut.
    """

    DELAYS = ({"delayUs": 40_000, "jitterUs": 3_000}, {"delayUs": 90_000}, {"delayUs": 10_000})

    def __init__(self, lab, vms, dropped):
        """dropped: what hosts had dropped on the way to those VMs that these go on from."""
        self.lab, self.vms, self.dropped = lab, vms, dropped

    @classmethod
    def make(cls, lab):
        vms = []
        for i, host in enumerate(("tokyo", "tokyo", "florida")):
            vm = lab.create(host, i + 1, nics=2, setup=f"""
                echo 4096 16384 16384 > /proc/sys/net/ipv4/tcp_wmem
                ip addr flush dev eth0
                ip addr add 10.1.{i}.1/24 dev eth0
                ip addr add 10.1.{(i + 2) % 3}.2/24 dev eth1
                ip link set eth1 up""")
            vms.append(vm)
        for vm in vms:
            vm.start()
            push_probe(vm)
        ring = cls(lab, vms, collections.Counter())
        for i, links in enumerate(ring.links({vm.instance: vm.status()["udp"] for vm in vms})):
            for link in links:
                vms[i].agent.call("link.set", instance=vms[i].instance, **link)
        for vm in vms:
            vm.run("sh", "-c", "/tmp/probe serve 5000 >/dev/null 2>&1 </dev/null &")
        for i, vm in enumerate(vms):
            vm.run("ping", "-c", "3", "-W", "2", f"10.1.{i}.2")
        ring.dropped.subtract(host_drops(vms))
        return ring

    def drops(self):
        """What hosts have dropped since the ring was made, also before snapshots that these VMs were restored from."""
        drops = collections.Counter(self.dropped)
        drops.update(host_drops(self.vms))
        return +drops

    def links(self, udp):
        """New links: for each VM the parameters of link.set, by where its neighbours listen."""
        links = [[], [], []]
        for i, delay in enumerate(self.DELAYS):
            key = base64.b64encode(secrets.token_bytes(32)).decode()
            for side, end, nic, other in (("a", i, 0, (i + 1) % 3), ("b", (i + 1) % 3, 1, i)):
                peers = [peer for peer in udp[self.vms[other].instance] if peer.startswith("127.0.0.1:")]
                links[end].append({"nic": nic, "link": {"link": f"l{i}", "key": key, "side": side, "peers": peers, "egress": delay}})
        return links

    def talk(self, seconds):
        """Until the reports are written: in each VM a TCP stream and a thousand datagrams a second, every one numbered."""
        for i, vm in enumerate(self.vms):
            for mode in ("stream", "udp"):
                vm.run("sh", "-c", f"/tmp/probe {mode} 10.1.{i}.2 5000 {seconds} > /tmp/{mode}.new 2>&1 </dev/null && mv /tmp/{mode}.new /tmp/{mode}.json &")

    def reports(self, seconds):
        """Checks what all clients report at their end."""
        end = time.monotonic() + seconds + 20
        for i, vm in enumerate(self.vms):
            for mode in ("stream", "udp"):
                text = ""
                while not text:
                    check(time.monotonic() < end, f"{vm.config['name']} never ended its {mode}")
                    time.sleep(0.2)
                    text = vm.run("sh", "-c", f"cat /tmp/{mode}.json 2>/dev/null || true")
                report = json.loads(text)
                print(f"    {vm.config['name']} {mode}: {report}", flush=True)
                if mode == "stream":
                    check(report["errors"] == 0 and report["bytes"] > 100_000, "the stream was damaged or stood still")
                else:
                    none_lost(self.vms, report, self.drops())

    def cut(self):
        snapshot = Snapshot(self.vms)
        cut, finished = snapshot.take()
        print("  down " + " ".join(f"{part['downtimeMs']:.1f}" for part in cut) + " ms, frames at the cut "
              + " ".join(f"{part['frames']}+{part['channelFrames']}" for part in finished), flush=True)
        for part in finished:
            check(part["lost"] == 0 and all(link["complete"] for link in part["links"]) or any(socket_drops(vm) for vm in self.vms), f"channels are incomplete: {part}")
        return snapshot

    def restore(self, states, hosts, dropped):
        """All three from their states, started together. dropped: drops() at the cut."""
        copy = Ring(self.lab, [restore(self.lab, vm, host, state) for vm, host, state in zip(self.vms, hosts, states)], dropped)
        requests = [vm.agent.send("vm.prepare", instance=vm.instance) for vm in copy.vms]
        udp = {vm.instance: vm.agent.wait(request)["udp"] for vm, request in zip(copy.vms, requests)}
        requests = [vm.agent.send("vm.start", instance=vm.instance, links=links) for vm, links in zip(copy.vms, copy.links(udp))]
        for vm, request in zip(copy.vms, requests):
            vm.agent.wait(request)
            vm.ready()
        return copy

    def end(self):
        for vm in self.vms:
            vm.agent.call("vm.stop", instance=vm.instance, graceMs=0)
            vm.delete()


MOST_AT_ONCE = 4  # so many states are kept at once


def a_cut_is_consistent(lab):
    """Whatever was on its way at the cut arrives in the restored lab, once, and nobody there knows what was not sent yet. --cycles: how many cuts."""
    for done in range(0, lab.options.cycles, MOST_AT_ONCE):
        cuts_and_copies(lab, min(MOST_AT_ONCE, lab.options.cycles - done))


def cuts_and_copies(lab, count):
    ring = Ring.make(lab)
    seconds = 4 + 2 * count
    ring.talk(seconds)
    taken = []
    for _ in range(count):
        time.sleep(random.uniform(0.3, 1.2))
        taken.append((ring.cut(), ring.drops()))
    ring.reports(seconds)
    states = [([snapshot.get(vm) for vm in ring.vms], dropped) for snapshot, dropped in taken]
    ring.end()
    for snapshot, _ in taken:
        snapshot.delete()
    for parts, dropped in states:
        print("  restored:", flush=True)
        copy = ring.restore(parts, random.choices(("tokyo", "florida"), k=3), dropped)
        copy.reports(seconds)
        copy.end()


def restored_labs_are_saved_again(lab):
    """Twenty times saved, ended and restored elsewhere, while they talk: no datagram and no byte is missing at the end."""
    ring = Ring.make(lab)
    ring.talk(30)
    for _ in range(20):
        time.sleep(random.uniform(0.1, 0.8))
        snapshot = ring.cut()
        states, dropped = [snapshot.get(vm) for vm in ring.vms], ring.drops()
        ring.end()
        snapshot.delete()
        ring = ring.restore(states, random.choices(("tokyo", "florida"), k=3), dropped)
    ring.reports(30)
    ring.end()
    only_parts(lab, [])


def memory_files():
    """RAM files of all VMs of this account."""
    folder = pathlib.Path(f"/dev/shm/mobitopolo-{os.geteuid()}")
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def rebuild(stream, change):
    """A state stream with its messages changed: change(list of (type, payload)) works on the list."""
    parts = messages(unpack(stream))
    change(parts)
    return compress(b"MOBISTA1" + b"".join(message(kind, payload) for kind, payload in parts))


def with_head(stream, **changes):
    def change(parts):
        head = json.loads(parts[0][1])
        for name, value in changes.items():
            if value is None:
                del head[name]
            else:
                head[name] = value
        parts[0] = (parts[0][0], json.dumps(head).encode())
    return rebuild(stream, change)


def damaged_states_are_refused(lab):
    """Whatever is wrong with a stream: a sentence, and nothing is made."""
    vm = lab.create("tokyo", 1).start()
    snapshot = Snapshot([vm])
    snapshot.take()
    state, agent = snapshot.get(vm), lab.hosts["florida"]
    config = {name: value for name, value in vm.config.items() if name != "instance"}
    before = memory_files()
    raw = unpack(state)
    borders = [8]
    for kind, payload in messages(raw):
        borders.append(borders[-1] + 4 + len(payload))
    for border in random.sample(borders[:-1], min(5, len(borders) - 1)) + [0, 3, len(raw) - 1]:
        refused("damaged", agent, config, compress(raw[:border]))
    for size in (0, 1, 100, len(state) // 2, len(state) - 1):
        refused("damaged", agent, config, state[:size])
    for _ in range(5):
        at = random.randrange(len(state))
        refused(None, agent, config, state[:at] + bytes([state[at] ^ 1 << random.randrange(8)]) + state[at + 1:])
    refused("damaged", agent, config, b"no zstd at all")
    refused("damaged", agent, config, state + compress(b"more"))
    refused("damaged", agent, config, compress(b"MOBISTA2" + raw[8:]))
    refused("damaged", agent, config, compress(b"MOBISTA1" + b"\x21\xff\xff\xff"))
    refused("damaged", agent, config, rebuild(state, lambda parts: parts.pop(1)))
    refused("damaged", agent, config, rebuild(state, lambda parts: parts.insert(2, parts[1])))
    refused("damaged", agent, config, rebuild(state, lambda parts: parts.reverse()))
    refused("damaged", agent, config, rebuild(state, lambda parts: parts.insert(1, (99, b""))))

    def flip(parts):
        kind, payload = parts[1]
        parts[1] = (kind, payload[:-1] + bytes([payload[-1] ^ 1]))
    refused("digest", agent, config, rebuild(state, flip))

    def far(parts):
        parts[1] = (2, bytes([0, 1, 1, 0]) + struct.pack("<QI", 1 << 50, 1) + bytes(4096))
    refused("bad-stream", agent, config, rebuild(state, far))

    def devices(parts):
        parts[:] = [(kind, b"\x00nonsense" if kind == 4 and payload[0] == 0 else payload) for kind, payload in parts]
    refused("damaged", agent, config, rebuild(state, devices))
    refused("bad-request", agent, config, with_head(state, base="0123456789abcdef"))
    refused("version", agent, config, with_head(state, version=2))
    refused("other-kernel", agent, config, with_head(state, buildId="00" * 20))
    refused("cpu", agent, config, with_head(state, xfeatures=1 << 19))
    refused("bad-request", agent, config, with_head(state, ramSize=1 << 60))
    refused("bad-request", agent, config, with_head(state, markOffset=-1))
    refused("bad-request", agent, config, with_head(state, seed=None))
    refused("bad-config", agent, dict(config, memoryMiB=128), state)
    refused("bad-config", agent, dict(config, disks=[]), state)
    refused("bad-config", agent, dict(config, nics=[]), state)
    refused("bad-config", agent, dict(config, instance="0123456789abcdef"), state)
    refused("no-kernel", agent, dict(config, kernel="0" * 64), state)
    refused("bad-request", agent, config, state, clock="backwards")
    copy = restore(lab, vm, "florida", state)
    answer = put(agent, copy.instance, config, state)
    check(answer["error"]["code"] == "exists", f"it is there already: {answer}")
    agent.call("vm.delete", instance=copy.instance)
    check(memory_files() == before, "memory files are left")


def an_increment_holds_what_changed(lab):
    vm = lab.create("tokyo", 1).start()
    vm.run("dd", "if=/dev/urandom", "of=/tmp/block", "bs=1M", "count=8")
    first, second = Snapshot([vm]), Snapshot([vm])
    first.take()
    vm.run("sh", "-c", "rm /tmp/block; echo more > /root/more; sync")
    second.take()
    base, increment, whole = first.get(vm), second.get(vm, "base", first.id), second.get(vm)
    print(f"  {len(base)} bytes, {len(whole)} bytes, of which {len(increment)} differ")
    check(json.loads(messages(unpack(increment))[0][1])["base"] == first.id, "it tells its base")
    merged = pages(unpack(base))
    merged.update(pages(unpack(increment)))
    merged = {where: contents for where, contents in merged.items() if contents or where[0]}
    check(merged == pages(unpack(whole)), "base and increment are not the whole")
    check(len(increment) < len(whole), "it is no smaller")
    refused("bad-request", vm.agent, vm.config, increment)


def kept_bytes(vm):
    return {part["snapshot"]: part["bytes"] for part in vm.agent.call("snapshot.list")["snapshots"]}


def later_parts_lean_on_earlier_ones(lab):
    """Only what differs is kept, each is whole to whoever reads it, and any of them may go."""
    vm = lab.create("tokyo", 1).start()
    taken, states = [], {}
    for number in range(4):
        vm.run("sh", "-c", f"echo {number} > /tmp/mark; dd if=/dev/urandom of=/root/block bs=64k count=4 2>/dev/null; sync")
        snapshot = Snapshot([vm])
        snapshot.take(incremental=number != 2)  # one that leans on nothing, in between
        taken.append(snapshot)
        states[snapshot.id] = snapshot.get(vm)
    sizes = kept_bytes(vm)
    print(f"  {[sizes[snapshot.id] >> 10 for snapshot in taken]} KiB, whole {[len(state) >> 10 for state in states.values()]} KiB packed")
    check(sizes[taken[1].id] < sizes[taken[0].id] / 3 and sizes[taken[3].id] < sizes[taken[2].id] / 3, "they take as much as the first one")
    for gone in (1, 0, 2):
        left = [snapshot for snapshot in taken if snapshot.id in states]
        taken[gone].delete()
        del states[taken[gone].id]
        for snapshot in left:
            if snapshot.id in states:
                check(snapshot.get(vm) == states[snapshot.id], "a part changed when another went")
    check(kept_bytes(vm)[taken[3].id] > sizes[taken[3].id], "the last one has taken over what it needs")
    copy = restore(lab, vm, "florida", states[taken[3].id])
    copy.agent.call("vm.start", instance=copy.instance)
    copy.ready()
    check(copy.run("cat", "/tmp/mark") == "3\n", "it is the state of the last one")
    taken[3].delete()
    only_parts(lab, [])


def a_part_is_put_where_it_lies(lab):
    """A roll back on one host: the state passes nobody else. And what is said about a snapshot stays with it."""
    vm = lab.create("tokyo", 1).start()
    vm.run("sh", "-c", "echo kept > /tmp/mark")
    snapshot = Snapshot([vm])
    snapshot.take()
    vm.agent.call("snapshot.note", snapshot=snapshot.id, note={"label": "first", "automatic": True, "more": [1, 2]})
    check(vm.agent.call("snapshot.noted", snapshot=snapshot.id)["note"] == {"label": "first", "automatic": True, "more": [1, 2]}, "another note")
    listed = vm.agent.call("snapshot.list")["snapshots"][0]
    check(listed["label"] == "first" and listed["automatic"] is True, f"it is {listed}")
    fails("too-large", lambda: vm.agent.call("snapshot.note", snapshot=snapshot.id, note={"label": "x" * 800_000}))
    fails("no-such-snapshot", lambda: vm.agent.call("snapshot.note", snapshot=new_id(), note={}))
    fails("no-such-snapshot", lambda: vm.agent.call("snapshot.noted", snapshot=new_id()))
    config = {name: value for name, value in vm.config.items() if name != "instance"}
    instance = new_id()

    def put_from(source):
        process = subprocess.run([vm.agent.mobihost, "put", "state", instance, "from", source, vm.instance, "--folder", vm.agent.folder],
                                 input=compress(message(CONFIG, json.dumps({"config": config}).encode())), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        return json.loads(process.stdout)

    check(put_from(new_id())["error"]["code"] == "no-such-snapshot", "there is none")
    check(put_from(snapshot.id)["result"]["instance"] == instance, "it was not put")
    copy = VM(lab, "tokyo", instance, config)
    copy.agent.call("vm.start", instance=instance)
    copy.ready()
    check(copy.run("cat", "/tmp/mark") == "kept\n", "another state")
    snapshot.delete()
    only_parts(lab, [])
    check(os.listdir(vm.agent.folder / "snapshots") == [], "something is left")


def cancelling_leaves_nothing(lab):
    vm = lab.create("tokyo", 1).start()
    snapshot = Snapshot([vm])
    request = vm.agent.send("snapshot.prepare", snapshot=snapshot.id, instance=vm.instance, epoch=1, options={"bandwidthLimit": 1_000_000})
    time.sleep(0.3)
    check(vm.agent.call("snapshot.list")["snapshots"][0]["making"], "it is being made")
    fails("busy", lambda: vm.agent.call("snapshot.delete", snapshot=snapshot.id))
    fails("busy", lambda: vm.agent.call("snapshot.prepare", snapshot=new_id(), instance=vm.instance, epoch=2))
    vm.agent.call("snapshot.cancel", snapshot=snapshot.id, instance=vm.instance)
    fails("cancelled", lambda: vm.agent.wait(request))
    only_parts(lab, [])
    for steps in (["prepare"], ["prepare", "cut"], ["prepare", "cut", "finish"]):
        snapshot = Snapshot([vm])
        for step in steps:
            getattr(snapshot, step)()
        snapshot.each("snapshot.cancel")
        only_parts(lab, [])
        alive(vm)
    fails("no-such-snapshot", snapshot.cut)
    snapshot = Snapshot([vm])
    snapshot.prepare()
    fails("wrong-state", snapshot.finish)
    snapshot.cut()
    fails("wrong-state", snapshot.cut)
    snapshot.finish()
    fails("exists", snapshot.prepare)
    fails("exists", lambda: vm.agent.call("snapshot.prepare", snapshot=new_id(), instance=vm.instance, epoch=snapshot.epoch))
    fails("no-such-snapshot", lambda: vm.agent.call("snapshot.cut", snapshot=new_id(), instance=vm.instance))
    only_parts(lab, [(snapshot.id, vm.instance)])


def a_migration_and_a_snapshot_exclude_each_other(lab):
    vm = lab.create("tokyo", 1).start()
    snapshot = Snapshot([vm])
    snapshot.prepare()
    params = vm.receive("florida", "m1")
    fails("busy", lambda: vm.agent.call("migration.send", **params))
    snapshot.each("snapshot.cancel")
    request = send(vm, params, rateBps=30_000_000)
    migration_state(vm, "passes")
    fails("busy", Snapshot([vm]).prepare)
    vm.agent.wait(request, 60)
    vm.host, vm.instance = "florida", params["targetInstance"]
    Snapshot([vm]).take()
    alive(vm)


def whoever_dies_leaves_no_half_snapshot(lab):
    vm = lab.create("tokyo", 1).start()
    vm.run("sh", "-c", "echo kept > /tmp/mark")
    for steps in (["prepare"], ["prepare", "cut"]):
        snapshot = Snapshot([vm])
        for step in steps:
            getattr(snapshot, step)()
        kill_supervisor(vm.agent, vm.instance)
        part = vm.agent.call("snapshot.list")["snapshots"][0]
        check(not part["complete"] and not part["making"], f"it is {part}")
        vm.start()
        check(vm.run("cat", "/tmp/mark") == "kept\n", "it is the same guest")
        only_parts(lab, [])
    for steps in (["prepare"], ["prepare", "cut"]):
        snapshot = Snapshot([vm])
        for step in steps:
            getattr(snapshot, step)()
        vm.agent.close_connection()
        vm.agent.open()
        only_parts(lab, [])
        alive(vm)
    snapshot = Snapshot([vm])
    snapshot.prepare()
    vm.agent.call("vm.stop", instance=vm.instance, graceMs=0)
    vm.agent.wait_state(vm.instance, "stopped")
    only_parts(lab, [])
    vm.start()
    snapshot = Snapshot([vm])
    snapshot.take()
    vm.agent.close_connection()
    vm.agent.open()
    only_parts(lab, [(snapshot.id, vm.instance)])


def a_full_disk_fails_the_snapshot_only(lab):
    vm = lab.create("tokyo", 1).start()
    folder = vm.agent.folder / "snapshots"
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2M", "none", folder], check=True)
    try:
        print("  " + fails("no-space", Snapshot([vm]).prepare))
        subprocess.run(["mount", "-o", "remount,size=150M", folder], check=True)
        snapshot = Snapshot([vm])
        snapshot.prepare()
        with open(folder / "filler", "wb", buffering=0) as filler:
            try:
                while filler.write(bytes(4096)):
                    pass
            except OSError as error:
                check(error.errno == errno.ENOSPC, str(error))
        vm.run("dd", "if=/dev/urandom", "of=/tmp/block", "bs=1M", "count=8")
        # The part is kept fresh while it waits for the cut, so it is found out before anybody asks.
        end, errors = time.monotonic() + 20, []
        while not errors:
            check(time.monotonic() < end, "nobody tells that the disk is full")
            time.sleep(0.05)
            errors = [event["error"] for event in vm.agent.events if event.get("snapshot") == snapshot.id and event["status"] == "failed"]
        print("  " + errors[0])
        check(fails("no-space", snapshot.cut) == errors[0], "whoever asks next is told")
        (folder / "filler").unlink()
        check(vm.agent.call("snapshot.list")["snapshots"] == [], "nothing is kept")
        alive(vm)
        Snapshot([vm]).take()
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def held_frames_are_let_go(lab):
    """The desktop forgets a VM whose peer was cut: the link does not stay dead."""
    a, b = lab.create("tokyo", 1).start(), lab.create("tokyo", 2).start()
    lab.join(a, b)
    a.run("ping", "-c", "2", "-W", "2", "10.0.0.2")
    snapshot = Snapshot([a, b])
    snapshot.prepare()
    a.agent.call("snapshot.cut", snapshot=snapshot.id, instance=a.instance)
    ended, output, _ = a.agent.exec(a.instance, "ping", "-c", "1", "-W", "3", "10.0.0.2")
    check(ended != {"status": 0}, f"a frame from after the cut came to a VM from before it: {output}")
    a.run("sh", "-c", "for i in 1 2 3 4 5; do ping -c 1 -W 3 10.0.0.2 && exit 0; done; exit 1")
    fails("timeout", lambda: b.agent.call("snapshot.cut", snapshot=snapshot.id, instance=b.instance))
    snapshot.each("snapshot.cancel")
    only_parts(lab, [])


def console_and_commands_are_saved(lab):
    vm = lab.create("tokyo", 1).start()
    console = vm.agent.call("console.open", instance=vm.instance, tail=0)["stream"]
    command = vm.agent.call("exec.start", instance=vm.instance, argv=["sh", "-c", "while read line; do echo got $line; done"])
    session = command["session"]
    vm.agent.call("stream.write", stream=command["stream"], data=base64.b64encode(b"before\n").decode())
    vm.agent.call("stream.write", stream=console, data=base64.b64encode(b"echo on the $((20 + 22)) console\n").decode())
    time.sleep(0.5)
    state = (snapshot := Snapshot([vm])).take() and snapshot.get(vm)
    vm.agent.call("stream.write", stream=command["stream"], data=base64.b64encode(b"after\n").decode())
    vm.agent.call("stream.eof", stream=command["stream"])
    check(vm.agent.finish(command["stream"])[1] == b"got before\ngot after\n", "the command goes on")
    copy = restore(lab, vm, "florida", state)
    copy.agent.call("vm.start", instance=copy.instance)
    copy.ready()
    stream = copy.agent.call("console.open", instance=copy.instance, tail=1 << 18)["stream"]
    time.sleep(0.3)
    shown = b"".join(base64.b64decode(event["data"]) for event in copy.agent.events if event.get("stream") == stream and "data" in event)
    check(b"on the 42 console" in shown, f"the console has lost what it showed: {shown[-500:]}")
    stream = copy.agent.call("exec.attach", instance=copy.instance, session=session)["stream"]
    copy.agent.call("stream.write", stream=stream, data=base64.b64encode(b"restored\n").decode())
    copy.agent.call("stream.eof", stream=stream)
    check(copy.agent.finish(stream)[1].endswith(b"got restored\n"), "the command does not go on")


def clocks_follow_or_are_kept(lab):
    vm = lab.create("tokyo", 1).start()
    vm.run("date", "-s", "@1000000000")
    snapshot = Snapshot([vm])
    snapshot.take()
    state = snapshot.get(vm)
    uptime = float(vm.run("cat", "/proc/uptime").split()[0])
    time.sleep(5)
    clocks = {}
    for clock in ("follow", "keep"):
        copy = restore(lab, vm, "florida", state, clock=clock)
        copy.agent.call("vm.start", instance=copy.instance)
        copy.ready()
        clocks[clock] = int(copy.run("date", "+%s")) - 1000000000
        check(float(copy.run("cat", "/proc/uptime").split()[0]) < uptime + 4, "the monotonic clock jumped")
    print(f"  {clocks}")
    check(clocks["follow"] >= 5 and clocks["keep"] < clocks["follow"] - 3, f"clocks: {clocks}")


def a_saved_vm_waits(lab):
    """It may be stopped, deleted, prepared, and lose its supervisor without harm."""
    vm = lab.create("tokyo", 1).start()
    vm.run("sh", "-c", "echo kept > /tmp/mark")
    snapshot = Snapshot([vm])
    snapshot.take()
    state, before = snapshot.get(vm), memory_files()
    copies = [restore(lab, vm, "florida", state) for _ in range(3)]
    agent = lab.hosts["florida"]
    fails("wrong-state", lambda: vm.agent.call("vm.prepare", instance=vm.instance))
    agent.call("vm.prepare", instance=copies[0].instance)
    agent.call("vm.prepare", instance=copies[0].instance)
    kill_supervisor(agent, copies[0].instance)
    check(copies[0].status()["state"] == "saved", f"it is {copies[0].status()}")
    os.kill(agent.call("vm.prepare", instance=copies[0].instance) and dict(agent.supervisors())[copies[0].instance]["supervisor"], signal.SIGTERM)
    time.sleep(1)
    check(copies[0].status()["state"] == "saved", f"it is {copies[0].status()}")
    agent.call("vm.start", instance=copies[0].instance)
    copies[0].ready()
    check(copies[0].run("cat", "/tmp/mark") == "kept\n", "it is the saved guest")
    agent.call("vm.stop", instance=copies[1].instance, graceMs=0)
    check(copies[1].status()["state"] == "stopped", "its memory was given up")
    copies[1].start()
    check(copies[1].agent.exec(copies[1].instance, "cat", "/tmp/mark")[0] != {"status": 0}, "it was booted")
    copies[2].delete()
    for copy in copies[:2]:
        agent.call("vm.stop", instance=copy.instance, graceMs=0)
        copy.delete()
    check(memory_files() == before, "memory files are left")


def a_switch_takes_part(lab):
    """What is on its way through a switch is part of the cut: delayed on both sides of it, in its queues and before it."""
    a, b = lab.create("tokyo", 1).start(), lab.create("florida", 2).start()
    config = {"kind": "switch", "lab": "test", "labName": "Test", "node": "switch", "name": "switch", "region": "tokyo",
              "nics": [{"mac": f"02:00:00:01:00:{port:02x}"} for port in range(2)]}
    switch = VM(lab, "tokyo", a.agent.call("vm.create", config=config)["instance"], config)
    switch.agent.call("vm.start", instance=switch.instance)
    vms = [a, b, switch]

    def links(udp):
        found = {vm.instance: [] for vm in vms}
        for port, vm in enumerate((a, b)):
            key = base64.b64encode(secrets.token_bytes(32)).decode()
            for side, end, nic, other in (("a", vm, 0, switch), ("b", switch, port, vm)):
                peers = [peer for peer in udp[other.instance] if peer.startswith("127.0.0.1:")]
                found[end.instance].append({"nic": nic, "link": {"link": f"p{port}", "key": key, "side": side, "peers": peers, "egress": {"delayUs": 30_000}}})
        return found

    for instance, ends in links({vm.instance: vm.status()["udp"] for vm in vms}).items():
        for end in ends:
            next(vm for vm in vms if vm.instance == instance).agent.call("link.set", instance=instance, **end)
    for vm in (a, b):
        push_probe(vm)
    b.run("sh", "-c", "/tmp/probe serve 5000 >/dev/null 2>&1 </dev/null &")
    a.run("ping", "-c", "3", "-W", "2", "10.0.0.2")
    before = host_drops(vms)
    a.run("sh", "-c", "/tmp/probe udp 10.0.0.2 5000 8 > /tmp/new 2>&1 </dev/null && mv /tmp/new /tmp/report &")
    time.sleep(2)
    snapshot = Snapshot(vms)
    _, finished = snapshot.take()
    print("  frames at the cut " + " ".join(f"{part['frames']}+{part['channelFrames']}" for part in finished), flush=True)
    check(all(link["complete"] for part in finished for link in part["links"]), f"channels are incomplete: {finished}")
    states = [snapshot.get(vm) for vm in vms]
    originals = vms
    for restored in (False, True):
        if restored:
            for vm in originals:
                vm.agent.call("vm.stop", instance=vm.instance, graceMs=0)
            a, b, switch = vms = [restore(lab, vm, vm.host, state) for vm, state in zip(originals, states)]
            udp = {vm.instance: vm.agent.call("vm.prepare", instance=vm.instance)["udp"] for vm in vms}
            for instance, ends in links(udp).items():
                next(vm for vm in vms if vm.instance == instance).agent.call("vm.start", instance=instance, links=ends)
            a.ready()
        end, report = time.monotonic() + 30, ""
        while not report:
            check(time.monotonic() < end, "the client never ended")
            time.sleep(0.3)
            report = a.run("sh", "-c", "cat /tmp/report 2>/dev/null || true")
        print("  udp:", report.strip(), flush=True)
        none_lost(vms, json.loads(report), host_drops(vms) if restored else host_drops(vms) - before)


TESTS = [
    a_saved_vm_goes_on,
    a_cut_is_consistent,
    restored_labs_are_saved_again,
    a_switch_takes_part,
    damaged_states_are_refused,
    an_increment_holds_what_changed,
    later_parts_lean_on_earlier_ones,
    a_part_is_put_where_it_lies,
    cancelling_leaves_nothing,
    a_migration_and_a_snapshot_exclude_each_other,
    whoever_dies_leaves_no_half_snapshot,
    a_full_disk_fails_the_snapshot_only,
    held_frames_are_let_go,
    console_and_commands_are_saved,
    clocks_follow_or_are_kept,
    a_saved_vm_waits,
]


def main():
    parser = options_parser(__doc__)
    parser.add_argument("tests", nargs="*")
    parser.set_defaults(scratch="/tmp/mobitopolo-snapshot-test", cycles=2)
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
