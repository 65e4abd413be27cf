#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Live migrations of real VMs between two host folders of this machine.

    migration_test.py --mobihost FILE --linux FILE --image IMAGE.zst --sha256 HEX --probe FILE [--scratch DIR] [--cycles N] [test ...]
"""
import argparse
import base64
import ctypes
import json
import os
import pathlib
import secrets
import signal
import statistics
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from agent import Agent, AgentError  # noqa: E402


def check(condition, message):
    if not condition:
        raise AssertionError(message)


class Lab:
    """Hosts, "tokyo" and "florida" unless others are named, and VMs that know where they are."""

    def __init__(self, options, names=("tokyo", "florida"), mount=None):
        """mount: how many MiB each host's folder has, on a file system of its own."""
        self.options = options
        self.check_log = True  # each migration compares its log of changing pages with all memory
        self.hosts = {}
        for name in names:
            self.add(name, mount)

    def add(self, name, mount=None):
        place = pathlib.Path(self.options.scratch) / name
        if mount:
            place.mkdir(parents=True, exist_ok=True)
            subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={mount}M", "none", place], check=True)
            place /= "host"
        self.hosts[name] = Agent(place, self.options.mobihost, self.options.linux)
        if self.options.image:
            self.hosts[name].put_image(self.options.image, self.options.sha256)
        self.hosts[name].call("watch", intervalMs=200)

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
        return self.ready()

    def ready(self):
        """Waits until it runs and takes commands."""
        end = time.monotonic() + 30
        while not self.agent.wait_state(self.instance, "running").get("guestd"):
            check(time.monotonic() < end, "guestd did not come")
            time.sleep(0.02)
        return self

    def delete(self, timeout=5):
        """Its supervisor may need a moment to end."""
        end = time.monotonic() + timeout
        while True:
            try:
                return self.agent.call("vm.delete", instance=self.instance)
            except AgentError as error:
                check(error.code == "busy" and time.monotonic() < end, str(error))
                time.sleep(0.1)

    def run(self, *argv, stdin=b"", timeout=60):
        ended, output, errors = self.agent.exec(self.instance, *argv, stdin=stdin, timeout=timeout)
        check(ended == {"status": 0}, f"{argv} in {self.config['name']} ended with {ended}: {output[-500:]!r} {errors[-500:]!r}")
        return output.decode()

    def receive(self, to, migration, **more):
        """Asks the target; returns what migration.send needs of its answer."""
        source, target = self.agent.call("facts"), self.lab.hosts[to]
        requires = {name: source[name] for name in ("cpuFeatures", "xfeatures")}
        requires.update(more.pop("requires", {}))
        key = base64.b64encode(secrets.token_bytes(32)).decode()
        params = {"migration": migration, "key": key, "cipher": "aes256gcm" if "aes" in source["cpuFeatures"] else "chacha20"}
        config = dict(self.config, instance=secrets.token_hex(8), region=to, **more)
        answer = target.call("migration.receive", config=config, limits={}, requires=requires, **params)
        endpoints = [endpoint for endpoint in answer["endpoints"] if endpoint.startswith("127.0.0.1:")]
        return dict(params, instance=self.instance, targetInstance=config["instance"], endpoints=endpoints)

    def migrate(self, to, timeout=120, **options):
        params = self.receive(to, secrets.token_hex(8))
        result = self.agent.call("migration.send", timeout=timeout, options={"checkLog": self.lab.check_log} | options, **params)
        old = self.host, self.instance
        self.host, self.instance = to, params["targetInstance"]
        return result, old


def other(host):
    return "florida" if host == "tokyo" else "tokyo"


def copies(lab, vm):
    """Where the lab has this VM, and in which state."""
    return [(name, status["instance"], status["state"]) for name, agent in lab.hosts.items() for status in agent.call("vm.list")["vms"]
            if status["node"] == vm.config["node"]]


def one_copy_runs(lab, vm):
    """The VM runs in one place only, and nobody believes otherwise."""
    states = copies(lab, vm)
    running = [state for state in states if state[2] in ("booting", "running", "sending", "frozen", "stopping")]
    check(running == [(vm.host, vm.instance, "running")], f"states: {states}")


def only_copy(lab, vm, timeout=5):
    """As one_copy_runs, and the others are gone, at the latest after `timeout`."""
    end = time.monotonic() + timeout
    while copies(lab, vm) != [(vm.host, vm.instance, "running")]:
        check(time.monotonic() < end, f"states: {copies(lab, vm)}")
        time.sleep(0.1)


def push_probe(vm):
    vm.run("sh", "-c", "cat > /tmp/probe && chmod +x /tmp/probe", stdin=pathlib.Path(vm.lab.options.probe).read_bytes())


def start(vm, *argv):
    return vm.agent.call("exec.start", instance=vm.instance, argv=list(argv))


def alive(vm):
    check(vm.run("hostname") == vm.config["name"] + "\n", "the VM does not do what it is told")


def fails(code, call):
    """The request fails with this code and a sentence."""
    try:
        result = call()
    except AgentError as error:
        check(error.code == code, f"expected {code}, not {error}")
        check(len(error.message) > 20 and error.message.endswith("."), f"not a sentence: {error.message}")
        return error.message
    raise AssertionError(f"expected {code}, but it worked: {result}")


def send(vm, params, **options):
    return vm.agent.send("migration.send", options=options, **params)


def migration_state(vm, wanted, timeout=20):
    """Waits until the source's event says so."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        states = [event["status"] for event in vm.agent.events if event["event"] == "migration" and event["instance"] == vm.instance]
        if wanted in states:
            return
        time.sleep(0.005)
    raise AssertionError(f"the migration never was {wanted}: {states}")


def kill_supervisor(agent, instance):
    os.kill(dict(agent.supervisors())[instance]["supervisor"], signal.SIGKILL)
    time.sleep(0.3)


def traffic_survives_migrations(lab):
    """A checked TCP stream and a datagram each millisecond between two VMs, one of which migrates there and back."""
    a, b = lab.create("tokyo", 1).start(), lab.create("tokyo", 2).start()
    lab.join(a, b)
    for vm in (a, b):
        push_probe(vm)
    start(b, "/tmp/probe", "serve", "5000")
    a.run("ping", "-c", "2", "-W", "2", "10.0.0.2")
    seconds = lab.options.cycles * 1.5 + 2
    clients = [start(a, "/tmp/probe", mode, "10.0.0.2", "5000", str(seconds))["stream"] for mode in ("stream", "udp")]
    time.sleep(1)
    downtimes = []
    begin = time.monotonic()
    for cycle in range(lab.options.cycles):
        time.sleep(max(0, begin + cycle * 1.5 - time.monotonic()))
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
    # The stream fills the guests' sockets; what it pushes out of them is its own doing.
    check(reports[1]["received"] >= 0.97 * reports[1]["sent"], "more than 3 % of the datagrams were lost")
    alive(b)
    only_copy(lab, b, timeout=15)


def nothing_is_lost_on_a_quiet_link(lab):
    """Frames in delay queues, in sockets and on their way to the old host all arrive."""
    a, b = lab.create("tokyo", 1).start(), lab.create("tokyo", 2).start()
    lab.join(a, b, egress={"delayUs": 120000, "jitterUs": 3000})
    for vm in (a, b):
        push_probe(vm)
    start(b, "/tmp/probe", "serve", "5000")
    a.run("ping", "-c", "2", "-W", "2", "10.0.0.2")
    client = start(a, "/tmp/probe", "udp", "10.0.0.2", "5000", "8")["stream"]
    for _ in range(4):
        time.sleep(1)
        b.migrate(other(b.host))
    report = json.loads(a.agent.finish(client)[1])
    print("  udp:", report)
    check(report["received"] == report["sent"] and report["duplicates"] == 0, "datagrams were lost or came twice")


def an_undisturbed_migration_loses_no_datagram(lab):
    """A datagram each millisecond, and nothing between the guests but the wire: also what comes to the old host during and after the switch arrives."""
    a, b = lab.create("tokyo", 1).start(), lab.create("tokyo", 2).start()
    lab.join(a, b)
    for vm in (a, b):
        push_probe(vm)
    start(b, "/tmp/probe", "serve", "5000")
    a.run("ping", "-c", "2", "-W", "2", "10.0.0.2")
    client = start(a, "/tmp/probe", "udp", "10.0.0.2", "5000", "6")["stream"]
    for _ in range(4):
        time.sleep(1)
        b.migrate(other(b.host))
    report = json.loads(a.agent.finish(client)[1])
    print("  udp:", report)
    check(report["received"] == report["sent"] and report["duplicates"] == 0, "datagrams were lost or came twice")


def a_chain_of_hosts_loses_nothing(lab):
    """On to a third host while the first one still passes on what comes to it; the second one remembers who was there."""
    lab.add("kyoto")
    a, b = lab.create("tokyo", 1).start(), lab.create("tokyo", 2).start()
    lab.join(a, b)
    for vm in (a, b):
        push_probe(vm)
    start(b, "/tmp/probe", "serve", "5000")
    a.run("ping", "-c", "2", "-W", "2", "10.0.0.2")
    client = start(a, "/tmp/probe", "udp", "10.0.0.2", "5000", "4")["stream"]
    time.sleep(1)
    b.migrate("florida")
    middle = b.instance
    b.migrate("kyoto")
    report = json.loads(a.agent.finish(client)[1])
    print("  udp:", report)
    check(report["received"] == report["sent"] and report["duplicates"] == 0, "datagrams were lost or came twice")
    florida = lab.hosts["florida"]
    check(florida.call("migration.outcome", instance=middle)["arrived"], "it was there")
    florida.call("migration.resolve", instance=middle, verdict="discard")
    only_copy(lab, b, timeout=20)
    check(florida.call("migration.outcome", instance=middle) == {"arrived": True, "present": False}, "the host remembers who was there")
    check(florida.call("migration.outcome", instance="0" * 16) == {"arrived": False, "present": False}, "and who was not")


def several_vms_move_at_once(lab):
    """Three go the same way at once, each going round its memory; then all come back."""
    vms = [lab.create("tokyo", number).start() for number in (1, 2, 3)]
    for vm in vms:
        push_probe(vm)
        vm.run("sh", "-c", "/tmp/probe stamp 16 20 /dev/shm/checked > /dev/null 2>&1 &")
    for target in ("florida", "tokyo"):
        failures = []

        def move(vm):
            try:
                vm.migrate(target)
            except Exception as error:  # told below, by the test's own thread
                failures.append(f"{vm.config['name']}: {error}")

        threads = [threading.Thread(target=move, args=(vm,)) for vm in vms]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        check(not failures, str(failures))
        counts = {name: agent.call("facts")["vms"] for name, agent in lab.hosts.items()}
        check(counts == {target: 3, other(target): 0}, f"what has left its host counts there: {counts}")
        for vm in vms:
            vm.ready()
            before = int(memory_checked(vm))
            end = time.monotonic() + 20
            while int(memory_checked(vm)) <= before + 1:
                check(time.monotonic() < end, "the program stands still")
                time.sleep(0.1)
    for vm in vms:
        only_copy(lab, vm, timeout=15)


def memory_checked(vm):
    """How much the stamping program has checked; its first word comes when it has gone round its memory once."""
    end = time.monotonic() + 20
    while not (said := vm.run("sh", "-c", "cat /dev/shm/checked 2>/dev/null || true").split(maxsplit=1)):
        check(time.monotonic() < end, "the program says nothing")
        time.sleep(0.1)
    word, number = said
    check(word == "ok", f"memory of {vm.config['name']}: {word} {number}")
    return number


def both_ends_may_move_at_once(lab):
    a, b = lab.create("tokyo", 1).start(), lab.create("florida", 2).start()
    lab.join(a, b)
    for vm in (a, b):
        push_probe(vm)
    start(b, "/tmp/probe", "serve", "5000")
    a.run("ping", "-c", "2", "-W", "2", "10.0.0.2")
    a.run("sh", "-c", "/tmp/probe stream 10.0.0.2 5000 8 > /tmp/report 2>&1 &")
    time.sleep(0.5)
    threads = [threading.Thread(target=vm.migrate, args=(other(vm.host),)) for vm in (a, b)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    check((a.host, b.host) == ("florida", "tokyo"), "both have moved")
    time.sleep(9)
    report = json.loads(a.run("cat", "/tmp/report"))
    print("  stream:", report)
    check(report["errors"] == 0 and report["bytes"] > 1e6 and report["longestStallMs"] < 5000, "the stream stood still")
    a.run("ping", "-c", "3", "-W", "2", "10.0.0.2")


def commands_and_console_move(lab):
    """A command that runs meanwhile loses no byte of its output; its client finds it at the target."""
    vm = lab.create("tokyo", 1).start()
    command = start(vm, "sh", "-c", "i=0; while [ $i -lt 300 ]; do echo $i; i=$((i+1)); sleep 0.01; done; exit 7")
    time.sleep(1)
    vm.migrate("florida")
    ended, before, _ = lab.hosts["tokyo"].finish(command["stream"])
    check(ended == {"closed": "moved"}, f"the stream ended with {ended}")
    attached = vm.agent.call("exec.attach", instance=vm.instance, session=command["session"])
    ended, after, _ = vm.agent.finish(attached["stream"])
    check(ended == {"status": 7}, f"the command ended with {ended}")
    check(before and after, "output on both sides")
    check(before + after == b"".join(b"%d\n" % i for i in range(300)), f"output differs: {before!r} {after!r}")
    alive(vm)


def a_busy_guest_is_copied_exactly(lab):
    """Memory and disk change all the time; a file written before, during and after the migration has the right contents."""
    vm = lab.create("tokyo", 1, memory=128).start()
    vm.run("sh", "-c", "dd if=/dev/urandom of=/root/before bs=64k count=400 2>/dev/null; sync; sha256sum /root/before > /root/sum")
    vm.run("sh", "-c", "(while true; do dd if=/dev/urandom of=/dev/shm/noise bs=64k count=200 conv=notrunc 2>/dev/null; done) & "
                       "(i=0; while true; do echo line $i >> /root/log; sync; i=$((i+1)); done) & true")
    for _ in range(3):
        time.sleep(1)
        result, _ = vm.migrate(other(vm.host))
        print(f"  {result['downtimeMs']:.1f} ms down, {result['passes']} passes, {result['transferred'] / 1e6:.1f} MB")
    vm.run("sh", "-c", "echo 3 > /proc/sys/vm/drop_caches; sha256sum -c /root/sum")
    vm.run("sh", "-c", "until [ $(wc -l < /root/log) -gt 100 ]; do sleep 0.1; done")
    lines = vm.run("sh", "-c", "head -n 10000 /root/log").splitlines()
    wrong = [(i, line) for i, line in enumerate(lines) if line != f"line {i}"]
    check(lines and not wrong, f"the log has a gap: {len(lines)} lines, {wrong[:3]}")


def host_can_log():
    """Linux 6.7 and the right to make a userfaultfd."""
    if tuple(int(part) for part in os.uname().release.split(".")[:2]) < (6, 7):
        return False
    fd = ctypes.CDLL(None, use_errno=True).syscall(323, 1)          # userfaultfd(UFFD_USER_MODE_ONLY)
    if fd >= 0:
        os.close(fd)
    return fd >= 0


def the_log_has_all_that_changes(lab):
    """Programs, kernel, disk, NIC and console change memory while it is copied; a scan of all of it, after each freeze, finds nothing that is not in the log."""
    peer = lab.create("tokyo", 2).start()
    for mode in ("auto", "ptrace"):
        lab.options.mode = mode
        vm = lab.create("tokyo", 1, memory=128).start()
        lab.join(vm, peer)
        for each in (vm, peer):
            push_probe(each)
        start(vm, "/tmp/probe", "dirty", "24", "20")
        start(vm, "sh", "-c", "ping -q -i 0.002 10.0.0.2")
        start(vm, "sh", "-c", "i=0; while true; do dd if=/dev/urandom of=/root/file bs=64k count=50 2>/dev/null; cat /root/file > /dev/null; (sleep 0.01 &); "
                              "echo $i > /dev/console; i=$((i+1)); done")
        for _ in range(3):
            time.sleep(1)
            result, _ = vm.migrate(other(vm.host))
            print(f"  {mode}: {result['downtimeMs']:.1f} ms down, {result['passes']} passes, {result.get('notLogged', 'logged')}")
            check(result["logged"] == host_can_log(), f"a log was kept: {result}")
        vm.agent.call("vm.stop", instance=vm.instance, graceMs=0)
    lab.options.mode = "auto"


def distance_is_felt(lab):
    """A WAN of 40 ms and 50 Mbit/s: the switch costs its round trips, the passes its rate."""
    vm = lab.create("tokyo", 1).start()
    result, _ = vm.migrate("florida", rateBps=50_000_000, delayUs=40_000)
    print(f"  {result['downtimeMs']:.1f} ms down, {result['totalMs']:.0f} ms in all, {result['transferred'] / 1e6:.1f} MB")
    check(result["downtimeMs"] > 120, "three ways of 40 ms")
    check(result["downtimeMs"] < 1000, "not more than it must")
    check(result["totalMs"] > result["transferred"] * 8 / 50_000, "not faster than the wire")
    alive(vm)


def wait_output(vm, stream, wanted, timeout=60):
    """Waits until a command has written this."""
    end = time.monotonic() + timeout
    while wanted not in b"".join(base64.b64decode(event["data"]) for event in vm.agent.events if event.get("stream") == stream and "data" in event):
        check(time.monotonic() < end, f"no {wanted!r} within {timeout} s")
        time.sleep(0.02)


def pages_that_come_again_are_differences(lab):
    """A guest that writes faster than the link carries, a word a page: its pages cross once, then what changed in them."""
    working_set = 16 << 20
    vm = lab.create("tokyo", 1, memory=128).start()
    push_probe(vm)
    writer = start(vm, "/tmp/probe", "dirty", str(working_set >> 20), "20")
    wait_output(vm, writer["stream"], b"ready\n")
    result, _ = vm.migrate("florida", rateBps=60_000_000, delayUs=20_000, maxThrottle=0)
    print(f"  {result['downtimeMs']:.1f} ms down, {result['totalMs']:.0f} ms in all, {result['passes']} passes, {result['transferred'] / 1e6:.1f} MB")
    check(result["passes"] >= 2, "pages came again")
    check(result["transferred"] < 2 * working_set, "what did not change crossed again")
    alive(vm)


def a_guest_that_outruns_the_link_is_slowed_down(lab):
    """Memory that is written anew, all of it, as fast as the guest can: it is slowed down step by step, everybody sees it, and it goes on at its own speed at the target."""
    vm = lab.create("tokyo", 1, memory=96).start()
    vm.run("sh", "-c", "(while true; do dd if=/dev/urandom of=/dev/shm/noise bs=64k count=256 conv=notrunc 2>/dev/null; done) > /dev/null 2>&1 &")
    source = vm.agent
    result, _ = vm.migrate("florida", rateBps=60_000_000, delayUs=1_000, timeout=300)
    throttles = [event["throttle"] for event in source.events if event["event"] == "migration"]
    steps = [after for before, after in zip([0] + throttles, throttles) if after != before]
    print(f"  {result['downtimeMs']:.1f} ms down, {result['totalMs']:.0f} ms in all, {result['passes']} passes, {result['transferred'] / 1e6:.1f} MB, slowed down by {steps}")
    check(steps and steps[0] == 50 and steps == sorted(steps), f"steps of slowing down: {steps}")
    alive(vm)


def a_slowed_down_guest_may_be_cancelled(lab):
    vm = lab.create("tokyo", 1, memory=96).start()
    vm.run("sh", "-c", "(while true; do dd if=/dev/urandom of=/dev/shm/noise bs=64k count=256 conv=notrunc 2>/dev/null; done) > /dev/null 2>&1 &")
    params = vm.receive("florida", "m1")
    request = send(vm, params, rateBps=30_000_000)
    end = time.monotonic() + 120
    while not any(event.get("throttle", 0) > 50 for event in vm.agent.events if event["event"] == "migration"):
        check(time.monotonic() < end, "the guest was never slowed down")
        time.sleep(0.01)
    vm.agent.call("migration.cancel", migration="m1", instance=vm.instance)
    fails("cancelled", lambda: vm.agent.wait(request))
    alive(vm)
    only_copy(lab, vm)


def ptrace_mode_migrates_too(lab):
    lab.options.mode = "ptrace"
    try:
        vm = lab.create("tokyo", 1).start()
        vm.migrate("florida")
        check(vm.status()["mode"] == "ptrace", "the mode stays")
        alive(vm)
    finally:
        lab.options.mode = "auto"


def what_cannot_work_is_refused_before_anything_moves(lab):
    vm = lab.create("tokyo", 1).start()
    facts = vm.agent.call("facts")
    refusals = {
        "cpu": [{"requires": {"cpuFeatures": facts["cpuFeatures"] + ["amx_fp16", "avx512_fp16", "xop"]}},
                {"requires": {"xfeatures": facts["xfeatures"] | 1 << 19}}],
        "no-space": [{"requires": {"overlayBytes": 1 << 60}}],
        "no-memory": [{"memoryMiB": 65536}],
        "no-kernel": [{"kernel": "0" * 64}],
        "no-image": [{"disks": [{"image": "0" * 64, "sizeMiB": 256}]}],
    }
    for code, changes in refusals.items():
        for change in changes:
            print("  " + fails(code, lambda: vm.receive("florida", "m1", **change)))
    check(lab.hosts["florida"].call("vm.list")["vms"] == [], "nothing is left at the target")
    params = vm.receive("florida", "m2")
    fails("connection-lost", lambda: vm.agent.call("migration.send", **dict(params, key=base64.b64encode(bytes(32)).decode())))
    fails("unreachable", lambda: vm.agent.call("migration.send", **dict(params, endpoints=["127.0.0.1:1"])))
    fails("bad-request", lambda: vm.agent.call("migration.send", **dict(params, endpoints=["example.org:80"])))
    lab.hosts["florida"].call("migration.cancel", migration="m2", instance=params["targetInstance"])
    alive(vm)
    only_copy(lab, vm)


def cancelling_leaves_the_vm_where_it_was(lab):
    vm = lab.create("tokyo", 1).start()
    for state in ("prepare", "passes", "frozen"):
        params = vm.receive("florida", "m-" + state)
        vm.agent.events.clear()
        request = send(vm, params, rateBps=60_000_000, delayUs=150_000)
        migration_state(vm, state)
        vm.agent.call("migration.cancel", migration=params["migration"], instance=vm.instance)
        fails("cancelled", lambda: vm.agent.wait(request))
        alive(vm)
        only_copy(lab, vm)
    params = vm.receive("florida", "m-late")
    request = send(vm, params, delayUs=300_000)
    migration_state(vm, "handed-over")
    fails("too-late", lambda: vm.agent.call("migration.cancel", migration="m-late", instance=vm.instance))
    vm.agent.wait(request)
    vm.host, vm.instance = "florida", params["targetInstance"]
    alive(vm)


def a_target_that_dies_leaves_the_vm_running(lab):
    vm = lab.create("tokyo", 1).start()
    for state in ("passes", "frozen"):
        params = vm.receive("florida", "m-" + state)
        vm.agent.events.clear()
        request = send(vm, params, rateBps=60_000_000, delayUs=150_000)
        migration_state(vm, state)
        kill_supervisor(lab.hosts["florida"], params["targetInstance"])
        fails("connection-lost", lambda: vm.agent.wait(request))
        alive(vm)
        one_copy_runs(lab, vm)
        lab.hosts["florida"].call("vm.delete", instance=params["targetInstance"])
    # After the record only the target may run, so the source waits for who knows that it is lost.
    params = vm.receive("florida", "m-late")
    request = send(vm, params, delayUs=400_000)
    migration_state(vm, "handed-over")
    kill_supervisor(lab.hosts["florida"], params["targetInstance"])
    fails("unconfirmed", lambda: vm.agent.wait(request))
    check(vm.status()["state"] == "handed-over", "it stays handed over")
    fails("handed-over", lambda: vm.agent.call("vm.start", instance=vm.instance))
    lab.hosts["florida"].call("vm.delete", instance=params["targetInstance"])
    vm.agent.call("migration.resolve", instance=vm.instance, verdict="thaw")
    vm.agent.wait_state(vm.instance, "running")
    alive(vm)


def a_source_that_dies_parks_the_vm(lab):
    vm = lab.create("tokyo", 1).start()
    vm.run("sh", "-c", "echo kept > /tmp/mark")
    for state in ("passes", "frozen"):
        params = vm.receive("florida", "m-" + state)
        vm.agent.events.clear()
        send(vm, params, rateBps=60_000_000, delayUs=150_000)
        migration_state(vm, state)
        kill_supervisor(vm.agent, vm.instance)
        check(vm.status()["state"] == "parked", f"the VM is {vm.status()}")
        vm.start()
        check(vm.run("cat", "/tmp/mark") == "kept\n", "it is the same guest")
        leftovers = [copy for copy in copies(lab, vm) if copy[1] == params["targetInstance"]]
        if leftovers and leftovers[0][2] == "incoming":
            lab.hosts["florida"].call("migration.resolve", instance=params["targetInstance"], verdict="discard")
        only_copy(lab, vm)


def a_lost_go_is_decided_by_the_record(lab):
    """The source dies after its record and before GO: the target runs when it is told to."""
    vm = lab.create("tokyo", 1).start()
    vm.run("sh", "-c", "echo kept > /tmp/mark")
    params = vm.receive("florida", "m1")
    send(vm, params, delayUs=1_000_000)
    deadline = time.monotonic() + 20
    while dict(vm.agent.supervisors())[vm.instance]["state"] != "handed-over":
        check(time.monotonic() < deadline, "the source never handed over")
        time.sleep(0.01)
    kill_supervisor(vm.agent, vm.instance)
    check(vm.status()["state"] == "handed-over", "the record holds")
    fails("handed-over", lambda: vm.agent.call("vm.start", instance=vm.instance))
    target = lab.hosts["florida"]
    status = target.wait_state(params["targetInstance"], "incoming")
    check(status["migration"]["ready"] is True, f"the target is not ready: {status}")
    target.call("migration.resolve", instance=params["targetInstance"], verdict="run")
    target.wait_state(params["targetInstance"], "running")
    vm.delete()
    vm.host, vm.instance = "florida", params["targetInstance"]
    check(vm.run("cat", "/tmp/mark") == "kept\n", "it is the same guest")
    only_copy(lab, vm)


def a_guest_received_whole_outlives_the_targets_supervisor(lab):
    """Both supervisors die between READY and GO; the record says who has the guest."""
    vm = lab.create("tokyo", 1).start()
    vm.run("sh", "-c", "echo kept > /tmp/mark")
    params = vm.receive("florida", "m1")
    send(vm, params, delayUs=1_000_000)
    deadline = time.monotonic() + 20
    while dict(vm.agent.supervisors())[vm.instance]["state"] != "handed-over":
        check(time.monotonic() < deadline, "the source never handed over")
        time.sleep(0.01)
    kill_supervisor(vm.agent, vm.instance)
    kill_supervisor(lab.hosts["florida"], params["targetInstance"])
    vm.delete()
    vm.host, vm.instance = "florida", params["targetInstance"]
    fails("wrong-state", lambda: vm.agent.call("vm.start", instance=vm.instance))
    vm.agent.call("migration.resolve", instance=vm.instance, verdict="run")
    vm.ready()
    check(vm.run("cat", "/tmp/mark") == "kept\n", "it is the same guest")
    only_copy(lab, vm)


def a_lost_target_gives_the_guest_back(lab):
    """Both supervisors die after the record, and the target's memory is gone: what the source froze is still there."""
    vm = lab.create("tokyo", 1).start()
    vm.run("sh", "-c", "echo kept > /tmp/mark")
    params = vm.receive("florida", "m1")
    send(vm, params, delayUs=1_000_000)
    deadline = time.monotonic() + 20
    while dict(vm.agent.supervisors())[vm.instance]["state"] != "handed-over":
        check(time.monotonic() < deadline, "the source never handed over")
        time.sleep(0.01)
    kill_supervisor(vm.agent, vm.instance)
    kill_supervisor(lab.hosts["florida"], params["targetInstance"])
    lab.hosts["florida"].call("migration.resolve", instance=params["targetInstance"], verdict="discard")
    vm.agent.call("migration.resolve", instance=vm.instance, verdict="thaw")
    vm.ready()
    check(vm.run("cat", "/tmp/mark") == "kept\n", "it is the same guest")
    only_copy(lab, vm)


def ending_a_supervisor_ends_its_migration_first(lab):
    vm = lab.create("tokyo", 1).start()
    params = vm.receive("florida", "m1")
    request = send(vm, params, rateBps=60_000_000, delayUs=150_000)
    migration_state(vm, "frozen")
    os.kill(dict(vm.agent.supervisors())[vm.instance]["supervisor"], signal.SIGTERM)
    fails("cancelled", lambda: vm.agent.wait(request))
    vm.agent.wait_state(vm.instance, "parked")
    vm.start()
    alive(vm)
    only_copy(lab, vm)


TESTS = [
    traffic_survives_migrations,
    nothing_is_lost_on_a_quiet_link,
    an_undisturbed_migration_loses_no_datagram,
    a_chain_of_hosts_loses_nothing,
    several_vms_move_at_once,
    both_ends_may_move_at_once,
    commands_and_console_move,
    a_busy_guest_is_copied_exactly,
    the_log_has_all_that_changes,
    distance_is_felt,
    pages_that_come_again_are_differences,
    a_guest_that_outruns_the_link_is_slowed_down,
    a_slowed_down_guest_may_be_cancelled,
    ptrace_mode_migrates_too,
    what_cannot_work_is_refused_before_anything_moves,
    cancelling_leaves_the_vm_where_it_was,
    a_target_that_dies_leaves_the_vm_running,
    a_source_that_dies_parks_the_vm,
    a_lost_go_is_decided_by_the_record,
    a_guest_received_whole_outlives_the_targets_supervisor,
    a_lost_target_gives_the_guest_back,
    ending_a_supervisor_ends_its_migration_first,
]


def options_parser(description):
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mobihost", required=True)
    parser.add_argument("--linux", required=True)
    parser.add_argument("--image", help="zstd stream of the guest image")
    parser.add_argument("--sha256", help="of the image's raw bytes")
    parser.add_argument("--probe", required=True, help="load, built by image/probe/build.sh")
    parser.add_argument("--scratch", default="/tmp/mobitopolo-migration-test")
    parser.add_argument("--mode", default="auto")
    parser.add_argument("--cycles", type=int, default=20)
    return parser


def main():
    parser = options_parser(__doc__)
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
