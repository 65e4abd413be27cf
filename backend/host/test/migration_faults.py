#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every fault in every state of a migration, with a real VM that moves between two host folders of this machine.

    migration_faults.py --mobihost FILE --linux FILE --image IMAGE.zst --sha256 HEX --probe FILE [--scratch DIR] [--jobs N] [SITUATION[:FAULT] ...]
    migration_faults.py --check     only whether each state of ../src/migration_states.h has its situation; takes no time and needs nothing

A situation holds a migration in a state of its source and one of its target: by what the network between them lets through, or by a guest process that does not go on. Nothing in the agent helps. The states are those that the agents tell. Then a fault happens, the hold ends, and whoever decides (`settle`, by the table of
docs/protocols.md, section 7) asks both hosts. Afterwards exactly one VM runs and nothing else is left of it; a program in it that goes round its memory and stamps every page finds
every page as it left it; a TCP connection from another VM goes on. The same VM goes through many of them, so what breaks stays broken.
"""
import argparse
import concurrent.futures
import os
import pathlib
import queue
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from agent import AgentError  # noqa: E402
from migration_test import Lab, check, copies, options_parser, push_probe  # noqa: E402

HEADER = pathlib.Path(__file__).parent / ".." / "src" / "migration_states.h"
# Where a migration has ended: the VM is no longer between two hosts, so nothing can happen to its move.
ENDS = {"source-over", "target-over"}
HOST_MIB = 200
PATIENCE = 60


def states():
    return set(re.findall(r'^\s*STATE\([A-Z_]+, "([a-z-]+)"\)', HEADER.read_text(), re.MULTILINE))


class Relay:
    """The network between source and target. What the gates hold back waits; `cut` ends all connections and lets no new one in."""

    def __init__(self, endpoint):
        host, port = endpoint.rsplit(":", 1)
        self.to = (host, int(port))
        self.lock = threading.Condition()
        # Asked before each record is passed on; False: hold it until the gate opens.
        self.gates = {"out": lambda: True, "back": lambda: True}
        self.sockets = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.endpoint = "127.0.0.1:%d" % self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                source, _ = self.listener.accept()
                target = socket.create_connection(self.to)
            except OSError:
                return
            with self.lock:
                self.sockets += [source, target]
            for way, one, other in (("out", source, target), ("back", target, source)):
                threading.Thread(target=self._pass, args=(way, one, other), daemon=True).start()

    def _exactly(self, connection, size):
        data = b""
        while len(data) < size:
            part = connection.recv(size - len(data))
            if not part:
                raise ConnectionError
            data += part
        return data

    def _pass(self, way, one, other):
        try:
            while True:
                head = self._exactly(one, 4)
                body = self._exactly(one, struct.unpack("<I", head)[0])
                while not self.gates[way]():
                    with self.lock:
                        self.lock.wait(0.02)
                other.sendall(head + body)
        except OSError:
            pass
        for connection in (one, other):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def open(self):
        self.gates = {"out": lambda: True, "back": lambda: True}

    def cut(self):
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()
        with self.lock:
            sockets, self.sockets = self.sockets, []
        for connection in sockets:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def status(agent, instance, timeout=30):
    try:
        return agent.call("vm.status", timeout=timeout, instance=instance)
    except AgentError as error:
        if error.code != "no-such-instance":
            raise
        return {"state": "gone"}


def state_of(agent, instance):
    found = status(agent, instance)
    return found.get("migration", {}).get("state", found["state"])


def until(condition, what, timeout=PATIENCE):
    end = time.monotonic() + timeout
    while not condition():
        check(time.monotonic() < end, f"{what()}" if callable(what) else what)
        time.sleep(0.01)


def stop_process(pid, number):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


class Move:
    """One migration, and the means to hold it."""

    def __init__(self, lab, vm):
        self.lab, self.vm = lab, vm
        self.source, self.from_instance = vm.host, vm.instance
        self.target = "florida" if vm.host == "tokyo" else "tokyo"
        self.relay = self.request = self.params = None
        self.releases = []
        self.left_alone = []

    @property
    def here(self):
        return self.lab.hosts[self.source]

    @property
    def there(self):
        return self.lab.hosts[self.target]

    def here_is(self):
        return state_of(self.here, self.from_instance)

    def seen(self):
        """For gates, which must not end when the agent does."""
        try:
            found = status(self.here, self.from_instance, timeout=2)
            return found.get("migration", {}).get("state", found["state"])
        except (OSError, AgentError, ValueError):
            return "nobody tells"

    def holds(self, way, *states):
        """What is on its way then is held back."""
        held = set(states) | {"nobody tells"}
        self.relay.gates[way] = lambda: self.seen() not in held

    def there_is(self):
        return state_of(self.there, self.params["targetInstance"])

    def begin(self, first_endpoint=None):
        self.params = self.vm.receive(self.target, os.urandom(8).hex())
        self.relay = Relay(self.params["endpoints"][0])
        self.releases.append(self.relay.open)
        self.params["endpoints"] = ([first_endpoint] if first_endpoint else []) + [self.relay.endpoint]
        self.here.events.clear()

    def send(self):
        self.request = self.here.send("migration.send", targetRegion=self.target, **self.params)

    def reach(self, here, there):
        wanted = (here, there)
        until(lambda: (self.here_is(), self.there_is()) == wanted, lambda: f"it never came to {wanted}, it is at {(self.here_is(), self.there_is())}", 20)

    def guest(self, host, instance):
        return dict(self.lab.hosts[host].supervisors())[instance]["group"]["leader"]

    def freeze_process(self, host, instance):
        """The guest's process does not go on until the hold ends."""
        pid = self.guest(host, instance)
        os.kill(pid, signal.SIGSTOP)
        self.releases.append(lambda: stop_process(pid, signal.SIGCONT))

    def release(self):
        for one in self.releases:
            one()
        self.releases = []


class Missed(Exception):
    """The migration was faster than whoever wanted to hold it. It is let go, and begun again."""


# Situations: how a migration comes to where it is held.

def connecting(move):
    """The network swallows what is sent."""
    hole = socket.socket()
    hole.bind(("127.0.0.1", 0))
    hole.listen(0)
    callers = [socket.socket() for _ in range(3)]
    for caller in callers:
        caller.setblocking(False)
        caller.connect_ex(hole.getsockname())
    move.begin("127.0.0.1:%d" % hole.getsockname()[1])
    # The sockets live as long as the hold.
    move.releases.append(lambda: [one.close() for one in callers + [hole]])
    move.send()


def starting(move):
    """The target's guest kernel is stopped before it can say anything."""
    move.begin()
    instance = move.params["targetInstance"]
    move.send()
    end = time.monotonic() + 10
    while not (pid := dict(move.there.supervisors()).get(instance, {}).get("group", {}).get("leader")):
        check(time.monotonic() < end, "the target's guest kernel was never started")
        time.sleep(0.001)
    os.kill(pid, signal.SIGSTOP)
    move.releases.append(lambda: stop_process(pid, signal.SIGCONT))
    time.sleep(0.1)
    if move.there_is() != "target-starts":
        raise Missed


def copying(move):
    move.begin()
    move.holds("out", "source-copies")
    move.send()
    move.reach("source-copies", "target-takes")


def freezing(move):
    copying(move)
    move.freeze_process(move.source, move.from_instance)
    move.relay.open()


def finishing(move):
    move.begin()
    move.holds("out", "source-freezes", "source-finishes")
    move.send()


def offered(move):
    move.begin()
    move.holds("back", "source-finishes")
    move.send()


def let_go(move):
    move.begin()
    move.holds("out", "source-lets-go")
    move.send()


def resuming(move):
    offered(move)
    move.reach("source-finishes", "target-ready")
    move.freeze_process(move.target, move.params["targetInstance"])
    move.relay.open()


def unconfirmed(move):
    move.begin()
    move.holds("back", "source-lets-go")
    move.send()


def unsure(move):
    let_go(move)
    move.reach("source-lets-go", "target-ready")
    move.relay.cut()


def unheard(move):
    unconfirmed(move)
    move.reach("source-lets-go", "running")
    move.relay.cut()


def passing_on(move):
    move.begin()
    move.send()


def thawing(move):
    finishing(move)
    move.reach("source-finishes", "target-takes")
    move.freeze_process(move.source, move.from_instance)
    move.here.call("migration.cancel", migration=move.params["migration"], instance=move.from_instance)


# What source and target are then, as they tell; a target that needs no more telling has the VM's own state.
SITUATIONS = {
    connecting: ("source-connects", "target-listens"),
    starting: ("source-greets", "target-starts"),
    copying: ("source-copies", "target-takes"),
    freezing: ("source-freezes", "target-takes"),
    finishing: ("source-finishes", "target-takes"),
    offered: ("source-finishes", "target-ready"),
    let_go: ("source-lets-go", "target-ready"),
    resuming: ("source-lets-go", "target-resumes"),
    unconfirmed: ("source-lets-go", "running"),
    unsure: ("source-unsure", "target-unsure"),
    unheard: ("source-unsure", "running"),
    passing_on: ("source-passes-on", "running"),
    thawing: ("source-thaws", None),
}


# Faults.

def kill_supervisor(agent, instance):
    record = dict(agent.supervisors()).get(instance)
    if record:
        # Of a migration that has ended one side may be gone.
        stop_process(record["supervisor"], signal.SIGKILL)


def kill_source(move):
    kill_supervisor(move.here, move.from_instance)


def kill_target(move):
    kill_supervisor(move.there, move.params["targetInstance"])


def kill_both(move):
    kill_source(move)
    kill_target(move)


def kill_agents(move):
    for agent in (move.here, move.there):
        agent.process.kill()
        agent.process.wait()
        agent.reader.join(10)
        agent.process.stdout.close()
        agent.open()
    move.request = None


def lose_desktop(move):
    """The agents of a desktop that is gone end by themselves, as soon as what it asked for has ended."""
    for agent in (move.here, move.there):
        agent.process.stdin.close()
        move.left_alone.append((agent.process, agent.reader))
        agent.open()
    move.request = None


def cut(move):
    move.relay.cut()


def fill(move, host):
    folder = move.lab.hosts[host].folder
    filler = folder / "filler"
    with open(filler, "wb", buffering=0) as out:
        for size in (1 << 20, 4096):
            try:
                while out.write(bytes(size)):
                    pass
            except OSError:
                pass
    # Until the migration has ended; the VM may not have more room before.
    move.lab.fillers.append(filler)


def fill_source(move):
    fill(move, move.source)


def fill_target(move):
    fill(move, move.target)


def cancel(move):
    """Too late is an answer, but not before the record says so."""
    before = move.here_is()
    late = before in ("source-lets-go", "source-unsure", "source-passes-on")
    try:
        move.here.call("migration.cancel", migration=move.params["migration"], instance=move.from_instance)
        check(not late, f"a migration in {before} was cancelled")
    except AgentError as error:
        check(late and error.code == "too-late", f"cancelling in {before}: {error}")
    move.stays = not late


def cancel_target(move):
    before = move.there_is()
    early = before in ("target-listens", "target-starts", "target-takes")
    try:
        move.there.call("migration.cancel", migration=move.params["migration"], instance=move.params["targetInstance"])
        check(early, f"a migration in {before} was cancelled at its target")
        move.stays = True
    except AgentError as error:
        check(not early and error.code in ("too-late", "no-such-migration", "no-such-instance", "not-running"), f"cancelling in {before}: {error}")


def stop_target(move):
    """Whoever removes the lab stops what is there, also what only comes."""
    before = move.there_is()
    if before not in ("target-listens", "target-starts", "target-takes", "target-ready", "target-unsure"):
        return
    try:
        move.there.call("vm.stop", instance=move.params["targetInstance"], graceMs=0)
        check(before not in ("target-ready", "target-unsure"), f"a target in {before} was stopped, though it may have the VM")
        move.stays = True
    except AgentError as error:
        check(before in ("target-ready", "target-unsure") and error.code == "too-late", f"stopping in {before}: {error}")


FAULTS = [cancel, cancel_target, stop_target, kill_source, kill_target, kill_both, kill_agents, lose_desktop, cut, fill_source, fill_target]


# Deciding, as docs/protocols.md says.

def ask(agent, method, instance, **params):
    try:
        agent.call(method, instance=instance, **params)
    except AgentError as error:
        # Between the question and the answer it may have gone on by itself.
        check(error.code in ("not-open", "no-such-instance", "not-running", "busy", "ended", "supervisor-lost", "wrong-state"), str(error))


def resolve(agent, instance, verdict):
    ask(agent, "migration.resolve", instance, verdict=verdict)


def is_open(found):
    """Does it wait for a verdict, or has its supervisor gone?"""
    state = found.get("migration", {}).get("state")
    return state in ("source-unsure", "target-unsure") or state is None and "udp" not in found


def decide(move):
    """One step; False: all is decided."""
    here, there = status(move.here, move.from_instance), status(move.there, move.params["targetInstance"])
    is_whole = there.get("migration", {}).get("ready") and there.get("migration", {}).get("memory", True)
    if here["state"] == "handed-over":
        if there["state"] == "incoming":
            if is_open(there) and is_whole:
                resolve(move.there, move.params["targetInstance"], "run")
            elif is_open(there):
                resolve(move.there, move.params["targetInstance"], "discard")
        elif there["state"] == "gone":
            arrived = move.there.call("migration.outcome", instance=move.params["targetInstance"])["arrived"]
            if is_open(here):
                resolve(move.here, move.from_instance, "discard" if arrived else "thaw")
        elif there["state"] == "parked":
            ask(move.there, "vm.start", move.params["targetInstance"])
        elif there["state"] == "running":
            resolve(move.here, move.from_instance, "discard")
        return True
    if here["state"] == "parked":
        check(here.get("migration", {}).get("role") == "source", f"parked for no reason: {here}")
        ask(move.here, "vm.start", move.from_instance)
        return True
    if there["state"] == "incoming" and here["state"] == "running":
        resolve(move.there, move.params["targetInstance"], "discard")
    if here["state"] == "gone" and there["state"] == "parked":
        ask(move.there, "vm.start", move.params["targetInstance"])
    return sorted((here["state"], there["state"])) != ["gone", "running"]


def settle(move):
    end = time.monotonic() + PATIENCE
    while decide(move):
        check(time.monotonic() < end, f"it is not decided: {copies(move.lab, move.vm)}")
        time.sleep(0.05)


def said(vm, file):
    return vm.run("sh", "-c", f"cat /dev/shm/{file} || true")


def marks(vm, peer):
    """What the programs have checked so far; they say what is broken."""
    found = [each.run("cat", "/dev/shm/checked").split() for each in (vm, peer)]
    check(all(words[0] == "ok" for words in found), f"memory or connection: {found}")
    return [int(words[1]) for words in found]


def goes_on(vm, peer):
    before = marks(vm, peer)
    until(lambda: all(now > then + 1 for now, then in zip(marks(vm, peer), before)), "memory is not checked or the connection stands still", 30)


def run(lab, vm, peer, situation, fault, tries=5):
    move = Move(lab, vm)
    move.stays = None
    here, there = SITUATIONS[situation]
    missed = False
    try:
        situation(move)
        if there:
            move.reach(here, there)
        else:
            until(lambda: move.here_is() == here, lambda: f"the source never came to {here}, it is at {move.here_is()}", 20)
        fault(move)
    except Missed:
        missed = True
    move.release()
    ended = "nobody waits for it"
    if move.request is not None:
        try:
            move.here.wait(move.request, PATIENCE)
            ended = "done"
        except AgentError as error:
            ended = error.code
    for filler in lab.fillers:
        filler.unlink()
    lab.fillers.clear()
    settle(move)
    move.relay.cut()
    for process, reader in move.left_alone:
        process.wait(PATIENCE)
        reader.join(10)
        process.stdout.close()
    where = [name for name, _, state in copies(lab, vm) if state == "running"]
    check(len(where) == 1 and len(copies(lab, vm)) == 1, f"copies: {copies(lab, vm)}")
    if where[0] == move.target:
        vm.host, vm.instance = move.target, move.params["targetInstance"]
    check(move.stays is None or move.stays == (where[0] == move.source), f"{fault.__name__} said otherwise, but it runs in {where[0]}")
    vm.ready()
    if not vm.status()["links"]:
        # Keys go with a supervisor; whoever looks after the lab makes a new one.
        lab.join(peer, vm)
    goes_on(vm, peer)
    if missed:
        check(tries > 1, "it went through that state too fast to be held there")
        return run(lab, vm, peer, situation, fault, tries - 1)
    return ended, "stayed" if where[0] == move.source else "moved"


def case_name(situation, fault):
    return f"{situation.__name__}:{fault.__name__}"


def open_lab(options):
    """A lab with the two VMs whose programs watch memory and connection."""
    lab = Lab(options, ("tokyo", "florida", "kyoto"), mount=HOST_MIB)
    lab.fillers = []
    try:
        vm, peer = lab.create("tokyo", 1, setup="mount -o remount,noatime /\n").start(), lab.create("kyoto", 2).start()
        lab.join(peer, vm)
        for each in (vm, peer):
            push_probe(each)
        # Not as commands of ours: these end with their agent.
        vm.run("sh", "-c", "/tmp/probe serve 5000 > /dev/shm/served 2>&1 & /tmp/probe stamp 16 20 /dev/shm/checked > /dev/shm/said 2>&1 &")
        until(lambda: "listening" in said(vm, "served"), lambda: f"the server does not run: {said(vm, 'served')}")
        peer.run("ping", "-c", "2", "-W", "2", "10.0.0.1")
        peer.run("sh", "-c", "/tmp/probe chat 10.0.0.1 5000 /dev/shm/checked > /dev/shm/said 2>&1 &")
        for each in (vm, peer):
            until(lambda: "ok" in said(each, "checked"), lambda: f"a program does not run: {said(each, 'checked')} {said(each, 'said')}")
        vm.run("sync")
        return lab, vm, peer
    except BaseException:
        lab.close()
        raise


def work(options, number, cases):
    """Takes cases as long as there are any, all in one lab; after one that failed it goes on in a new one. Returns the names of those."""
    own = argparse.Namespace(**vars(options))
    lab, failed, labs = None, [], 0
    try:
        while True:
            try:
                situation, fault = cases.get_nowait()
            except queue.Empty:
                return failed
            name, since = case_name(situation, fault), time.monotonic()
            try:
                if lab is None:
                    labs += 1
                    own.scratch = f"{options.scratch}/{number}-{labs}"
                    lab, vm, peer = open_lab(own)
                ended, where = run(lab, vm, peer, situation, fault)
                print(f"{name:28} {ended:18} {where:7} {time.monotonic() - since:5.1f} s", flush=True)
            except Exception:
                print(f"{name:28} FAILED\n{traceback.format_exc()}", flush=True)
                failed.append(name)
                if lab is not None:
                    lab.close()
                    lab = None
    finally:
        if lab is not None:
            lab.close()


def main():
    if sys.argv[1:] == ["--check"]:
        covered = {state for pair in SITUATIONS.values() for state in pair if state}
        check(states() and states() - ENDS <= covered, f"no fault is tried in: {sorted(states() - ENDS - covered)}. Add a situation to migration_faults.py")
        check(covered <= states() | {"running"}, f"no such states: {sorted(covered - states())}")
        print(f"{len(states())} states, {len(SITUATIONS)} situations, {len(FAULTS)} faults")
        return
    parser = options_parser(__doc__)
    parser.add_argument("situations", nargs="*", metavar="SITUATION[:FAULT]")
    parser.add_argument("--jobs", type=int, default=4, help="how many labs side by side (4)")
    parser.set_defaults(scratch="/tmp/mobitopolo-faults-test")
    options = parser.parse_args()
    if "MOBITOPOLO_FAULTS_MOUNTS" not in os.environ:
        # Mounts of our own, also without root, and gone with us.
        user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
        os.execvpe("unshare", ["unshare", *user, "--mount", "--propagation", "private", sys.executable, *sys.argv], dict(os.environ, MOBITOPOLO_FAULTS_MOUNTS="1"))
    cases = queue.Queue()
    for situation in SITUATIONS:
        for fault in FAULTS:
            if not options.situations or situation.__name__ in options.situations or case_name(situation, fault) in options.situations:
                cases.put((situation, fault))
    count = cases.qsize()
    check(count, f"no such situation or fault: {options.situations}")
    begun = time.monotonic()
    # They wait for time limits most of the time, so several labs side by side need hardly more of the computer than one.
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        failed = sum(pool.map(lambda number: work(options, number, cases), range(options.jobs)), [])
    print(f"{count} faults in {time.monotonic() - begun:.0f} s, failed: {' '.join(failed) or 'none'}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
