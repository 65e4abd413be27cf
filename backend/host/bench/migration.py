#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How long migrations between two host folders of this machine take, by size of the guest and by what it writes.

    migration.py --mobihost FILE --linux FILE --image IMAGE.zst --sha256 HEX --probe FILE [--scratch DIR] [--cycles N]
"""
import os
import statistics
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "test"))
from migration_test import Lab, options_parser, other, push_probe, start  # noqa: E402

# Memory of the guest, working set and rate of writing (MiB, MiB a second); path (bits a second, microseconds each way); programs that rest.
CASES = [
    (64, 0, 0, {}),
    (64, 16, 10, {}),
    (256, 128, 10, {}),
    (256, 128, 50, {}),
    (1024, 700, 10, {}),
    (1024, 700, 50, {}),
    (128, 0, 0, {}, 200),
    (64, 8, 1, {"rateBps": 100_000_000, "delayUs": 10_000}),
    (64, 8, 1, {"rateBps": 8_000_000, "delayUs": 85_000}),
]


def measure(options, memory, working_set, rate, path, programs=0):
    lab = Lab(options)
    lab.check_log = False
    try:
        vm = lab.create("tokyo", 1, memory=memory).start()
        if working_set:
            push_probe(vm)
            start(vm, "/tmp/probe", "dirty", str(working_set), str(rate))
            time.sleep(2)
        if programs:
            vm.run("sh", "-c", f"for i in $(seq {programs}); do sleep 1000 & done")
        results = []
        for _ in range(options.cycles):
            results.append(vm.migrate(other(vm.host), timeout=600, **path)[0])
            time.sleep(0.5)
    finally:
        lab.close()
    downtimes = [result["downtimeMs"] for result in results]
    parts = {name: statistics.median(result["parts"][name] for result in results) for name in results[0]["parts"]}
    far = f"{path['rateBps'] / 1e6:.0f} Mbit/s {path['delayUs'] / 1000:.0f} ms" if path else "this machine"
    print(f"{memory:4} MiB, {rate:3} MiB/s in {working_set:3} MiB, {programs:3} programs, {far:18} down {min(downtimes):7.1f} {statistics.median(downtimes):7.1f} {max(downtimes):7.1f} ms  "
          f"all {statistics.median(result['totalMs'] for result in results):7.0f} ms  {statistics.median(result['passes'] for result in results):4.1f} passes  "
          f"{statistics.median(result['transferred'] for result in results) / 1e6:6.1f} MB  "
          + " ".join(f"{name[:-2]} {value:.1f}" for name, value in parts.items()), flush=True)


def main():
    options = options_parser(__doc__).parse_args()
    for case in CASES:
        measure(options, *case)


if __name__ == "__main__":
    main()
