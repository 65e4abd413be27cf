# SPDX-License-Identifier: Apache-2.0
"""Tests of the log of changing pages: that nothing which changes is missing from it, and that it does not change the guest."""

import os
import subprocess
import time

import guest as g
from guest import check
from lab import shell, wait_progress
from log import Log, changed_pages

CHECKS = "pipe timer signal memory shared threads vector loopback fork nic disk".split()


def read_memory(guest):
    return os.pread(guest.memory, os.fstat(guest.memory).st_size, 0)


def busy_guest(lab):
    """A guest whose memory is changed by programs, its kernel, its disk, a NIC and the console; and the names of its checks."""
    base = lab.path("log.base")
    subprocess.run(["mke2fs", "-q", "-F", "-t", "ext4", "-b", "4096", base, "64M"], check=True, stdout=subprocess.DEVNULL)
    near, far = g.link(vnet=True)
    peer = lab.started("peer", nics=[far])
    shell(peer, "ip addr add 10.0.0.2/24 dev eth0; ip link set eth0 up")
    peer.console.sendall(b"workload serve &\n")
    peer.wait_text("SERVER ready")
    guest = lab.started("guest", memory_mib=96, nics=[near], disk=lab.disk("log", 24576, base))
    shell(guest, "mount -t ext4 /dev/vda /mnt && ip addr add 10.0.0.1/24 dev eth0; ip link set eth0 up")
    # A program that keeps its memory, and one that comes, maps and goes, all the time.
    guest.console.sendall(b"(while :; do head -c 3000000 /dev/urandom > /tmp/a; cat /tmp/a > /mnt/b; cmp /tmp/a /mnt/b || echo D''IFFERS; rm /tmp/a; done) &\n")
    guest.console.sendall(b"workload run 10.0.0.2 /mnt\n")
    return guest


def test_log_has_all_changes(lab):
    """Whatever changes in a busy guest's memory is in the log: programs, kernel, disk, NIC, console; through THAW and a restore."""
    guest = busy_guest(lab)
    status = wait_progress(guest, CHECKS, {})
    total = 0
    for restored in (False, True):
        if restored:
            guest.freeze()
            guest.kill()
            guest.restore_running()
            guest.send("log_next")
            check(guest.expect("error").code() == 4, "a restored guest keeps the log of the process before")
        log = Log(guest)
        why = log.start()
        if why:
            print(f"    no log here: {why}")
            log.close()
            wait_progress(guest, CHECKS, status)
            return
        for passes in (0, 1, 5, 2):
            guest.freeze()
            before = read_memory(guest)
            guest.send("thaw")
            guest.expect("thawed")
            seen = set()
            for _ in range(passes):
                time.sleep(0.1)
                seen |= log.next()
            time.sleep(0.1)
            guest.freeze()
            seen |= log.last()
            changed = changed_pages(before, read_memory(guest)) - log.kernel_data()
            missing = sorted(changed - seen)
            total += len(changed)
            check(not missing, f"{len(missing)} of {len(changed)} changed pages are not in the log of {len(seen)}: {missing[:20]}")
            guest.send("thaw")
            guest.expect("thawed")
            status = wait_progress(guest, CHECKS, status)
        # A new bitmap begins nearly empty: it has what changed, not all there is.
        log.next()
        check(len(log.next()) < log.pages / 2, "the log has more than half of a memory most of which rests")
        log.stop()
        log.close()
        status = wait_progress(guest, CHECKS, status)
    check("DIFFERS" not in guest.text(), "a file has other contents than were written")
    print(f"    {total} changes of pages, each of them in the log")


def test_log_after_log(lab):
    """A log that begins anew, is stopped twice, or ends with its descriptor leaves the guest as it is."""
    guest = lab.started()
    guest.console.sendall(b"workload run - -\n")
    names = CHECKS[:9]
    status = wait_progress(guest, names, {})
    guest.send("log_next")
    check(guest.expect("error").code() == 4, "a log that was not begun goes on")
    for _ in range(3):
        log = Log(guest)
        if why := log.start():
            print(f"    no log here: {why}")
            log.close()
            return
        log.next()
        log.close()                     # as if the supervisor had died, without LOG_STOP
        status = wait_progress(guest, names, status)
    for _ in range(2):
        guest.send("log_stop")
        guest.expect("log")
    wait_progress(guest, names, status)
    check(len([fd for fd in os.listdir(f"/proc/{guest.pid}/fd") if "userfaultfd" in os.readlink(f"/proc/{guest.pid}/fd/{fd}")]) == 0,
          "the kernel process keeps the descriptor it passed on")
