#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How long VMs stand still for a snapshot, by size and by what they write; how long a restore and many copies of a lab take, and what memory they need.

    snapshot.py --mobihost FILE --linux FILE --image IMAGE.zst --sha256 HEX --probe FILE [--scratch DIR] [--cycles N] [--copies N]
"""
import concurrent.futures
import os
import statistics
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "test"))
from migration_test import Lab, options_parser, push_probe, start  # noqa: E402
from snapshot_test import Snapshot, restore  # noqa: E402

# Memory of the guests, working set and rate of writing (MiB, MiB a second).
CASES = [(64, 0, 0), (256, 0, 0), (256, 64, 10), (256, 128, 50)]


def available():
    with open("/proc/meminfo") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable")) * 1024


def stand_still(options, memory, working_set, rate):
    lab = Lab(options)
    try:
        vms = [lab.create("tokyo", i + 1, memory=memory).start() for i in range(3)]
        for vm in vms if working_set else []:
            push_probe(vm)
            start(vm, "/tmp/probe", "dirty", str(working_set), str(rate))
        time.sleep(2)
        parts = []
        for _ in range(options.cycles):
            snapshot = Snapshot(vms)
            before = time.monotonic()
            cut, finished = snapshot.take()
            took = time.monotonic() - before
            parts += cut
            snapshot.delete()
    finally:
        lab.close()
    down = [part["downtimeMs"] for part in parts]
    names = {name: statistics.median(part["parts"][name] for part in parts) for name in parts[0]["parts"]}
    print(f"3 VMs of {memory:4} MiB, {rate:3} MiB/s in {working_set:3} MiB: down {min(down):6.1f} {statistics.median(down):6.1f} {max(down):6.1f} ms, all {took:5.2f} s  "
          f"{sum(part['bytes'] for part in finished) / 1e6:6.1f} MB  " + " ".join(f"{name[:-2]} {value:.1f}" for name, value in names.items()), flush=True)


def copies(options):
    lab = Lab(options)
    try:
        vms = [lab.create("tokyo", i + 1).start() for i in range(3)]
        snapshot = Snapshot(vms)
        snapshot.take()
        states = [snapshot.get(vm) for vm in vms]
        for vm in vms:
            vm.agent.call("vm.stop", instance=vm.instance, graceMs=0)
        copy = restore(lab, vms[0], "tokyo", states[0])
        copy.agent.call("vm.prepare", instance=copy.instance)
        before = time.monotonic()
        copy.agent.call("vm.start", instance=copy.instance)
        copy.run("true")
        print(f"a prepared VM of 64 MiB answers {(time.monotonic() - before) * 1e3:.0f} ms after its start", flush=True)
        copy.agent.call("vm.stop", instance=copy.instance, graceMs=0)
        memory, before = available(), time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            restored = list(pool.map(lambda i: restore(lab, vms[i % 3], "tokyo", states[i % 3]), range(3 * options.copies)))
        put = time.monotonic()
        for method in ("vm.prepare", "vm.start"):
            for vm, request in [(vm, vm.agent.send(method, instance=vm.instance)) for vm in restored]:
                vm.agent.wait(request, 120)
        for vm in restored:
            vm.agent.wait_state(vm.instance, "running")
        end = time.monotonic()
        print(f"{options.copies} copies of 3 VMs: put {put - before:.1f} s, started {end - put:.1f} s, {(memory - available()) / 2**30:.2f} GiB; {len(states[0]) / 1e6:.2f} MB a VM",
              flush=True)
    finally:
        lab.close()


def main():
    parser = options_parser(__doc__)
    parser.add_argument("--copies", type=int, default=24)
    options = parser.parse_args()
    for case in CASES:
        stand_still(options, *case)
    copies(options)


if __name__ == "__main__":
    main()
