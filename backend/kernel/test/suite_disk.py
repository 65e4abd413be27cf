# SPDX-License-Identifier: Apache-2.0
"""Tests of disks: what um_disk.h promises, and that a freeze does not wait for the host's storage."""

import hashlib
import os
import time

from disk import BLOCK
from guest import check
from hold import FALLOCATE, FDATASYNC, PREADV, PWRITEV
from lab import memory_digest, refusal, shell


def test_disk(lab):
    """Base, overlay and map: where blocks are read from, where they go to, and which bits tell of it."""
    base = lab.path("disk.base")
    pattern = b"".join(bytes([i]) * BLOCK for i in range(1, 17)) + b"tail"      # ends in the middle of block 16
    with open(base, "wb") as f:
        f.write(pattern)
    disk = lab.disk("disk", 1024, base)
    guest = lab.started(disk=disk)
    check(shell(guest, "cat /sys/block/vda/queue/logical_block_size /sys/block/vda/size").split() == ["4096", "8192"], "geometry")

    def read(block):
        """SHA-256 of a block as the guest sees it."""
        return shell(guest, f"dd if=/dev/vda bs=4096 skip={block} count=1 iflag=direct 2>/dev/null | sha256sum").split()[0]

    def expect_block(block, data, why):
        check(read(block) == hashlib.sha256(data).hexdigest(), f"block {block}: the guest does not see {why}")
        check(disk.block(block) == data, f"block {block}: the map does not lead to {why}")

    expect_block(3, bytes([4]) * BLOCK, "the base")
    expect_block(16, b"tail".ljust(BLOCK, b"\0"), "the base's end and zeros")
    expect_block(500, bytes(BLOCK), "zeros behind the base")
    check(not disk.present() and not disk.dirty(), "reading sets bits")

    shell(guest, "yes new | dd of=/dev/vda bs=4096 seek=5 count=2 iflag=fullblock oflag=direct 2>/dev/null")
    new = (b"new\n" * 2048)[:BLOCK]
    expect_block(5, new, "what was written")
    expect_block(6, new, "what was written")
    expect_block(4, bytes([5]) * BLOCK, "the base next to what was written")
    expect_block(7, bytes([8]) * BLOCK, "the base next to what was written")
    check(disk.present() == {5, 6} and disk.dirty() == {5, 6}, f"bits after a write: {disk.present()} {disk.dirty()}")

    disk.clear_dirty()
    shell(guest, "yes new | dd of=/dev/vda bs=4096 seek=6 count=1 iflag=fullblock oflag=direct conv=fsync 2>/dev/null")
    check(disk.present() == {5, 6} and disk.dirty() == {6}, f"bits after rewriting a block: {disk.present()} {disk.dirty()}")

    # a read which goes over base, overlay, base, and behind the base's end
    seen = shell(guest, "dd if=/dev/vda bs=4096 skip=2 count=20 iflag=direct 2>/dev/null | sha256sum").split()[0]
    check(seen == hashlib.sha256(b"".join(disk.block(i) for i in range(2, 22))).hexdigest(), "a read over several runs")

    disk.clear_dirty()
    shell(guest, "blkdiscard -o $((8 * 4096)) -l $((2 * 4096)) /dev/vda")
    expect_block(8, bytes(BLOCK), "zeros after a discard")
    expect_block(10, bytes([11]) * BLOCK, "the base next to a discard")
    check(disk.present() == {5, 6, 8, 9} and disk.dirty() == {8, 9}, f"bits after a discard: {disk.present()} {disk.dirty()}")

    guest.freeze()
    guest.kill()
    guest.restore_running()
    expect_block(5, new, "what was written before the restore")
    disk.clear_dirty()
    shell(guest, "yes new | dd of=/dev/vda bs=4096 seek=1023 count=1 iflag=fullblock oflag=direct 2>/dev/null")
    expect_block(1023, new, "the last block")
    check(disk.dirty() == {1023}, "dirty bits after a restore")
    with open(base, "rb") as f:
        check(f.read() == pattern, "the base was written")


def test_disk_discard_without_base(lab):
    """What was never written needs no block when it is discarded."""
    disk = lab.disk("plain", 4096)
    guest = lab.started(disk=disk)
    shell(guest, "blkdiscard /dev/vda")
    check(not disk.present() and not disk.dirty(), "a discard of nothing sets bits")
    shell(guest, "dd if=/dev/urandom of=/dev/vda bs=1M seek=1 count=1 oflag=direct 2>/dev/null")
    check(disk.present() == set(range(256, 512)), "bits after a write of 1 MB")
    shell(guest, "blkdiscard /dev/vda")
    check(os.fstat(disk.overlay).st_blocks == 0, "a discard gives no space back")
    check(disk.block(300) == bytes(BLOCK), "a discarded block is not zero")


def test_disk_map_is_checked(lab):
    """A map which is wrong in any respect makes the kernel leave the disk out, or refuse the restore."""
    disk = lab.disk("bad", 1024)
    guest = lab.started("good", disk=disk)
    check("vda" in shell(guest, "ls /sys/block"), "no disk with a right map")
    guest.freeze()
    guest.kill()
    good = disk.map[:BLOCK]
    for offset, value in ((0, b"\1"), (8, b"\2"), (12, b"\0\2"), (16, bytes(8)), (16, b"\xff" * 8), (24, b"\1"), (32, b"\0" * 8),
                          (24, b"\xff" * 8), (40, b"\1")):
        disk.map[:BLOCK] = good
        disk.map[offset:offset + len(value)] = value
        refusal(guest, 1, late=True)
        fresh = lab.started(f"bad-{offset}-{value.hex()}", disk=disk)
        check("vda" not in shell(fresh, "ls /sys/block"), f"a disk with a map whose byte {offset} is {value.hex()}")
        fresh.close()
        lab.made.remove(fresh)
    disk.map[:BLOCK] = good
    guest.restore_running()


def resting_guest(lab, name, call, command):
    """A guest with a disk whose kernel makes a system call which does not return, for a command that runs in the background."""
    base = lab.path(name + ".base")
    with open(base, "wb") as f:
        f.write(b"".join(bytes([i]) * BLOCK for i in range(1, 17)))
    disk = lab.disk(name, 1024, base)
    hold = lab.hold(call)
    guest = lab.started(name, disk=disk, hold=hold)
    # what comes behind the request that is under way waits for it, and is part of the image
    behind = ("sleep 0.3; (dd if=/dev/vda bs=4096 skip=3 count=1 iflag=direct 2>/dev/null | sha256sum > /tmp/behind; sync -d /dev/vda; "
              "echo B''EHIND) &")
    guest.console.sendall(f"({command}; echo D''ONE) & {behind}\n".encode())
    hold.wait_held(guest)
    time.sleep(0.6)
    return guest, disk, hold


def stays_frozen(guest, hold):
    """Freezes while the call is held; it ends meanwhile, and changes nothing."""
    start = time.monotonic()
    guest.freeze()
    seconds = time.monotonic() - start
    check(hold.still_held(), "the call was over before the freeze")
    check(seconds < 5, f"the freeze took {seconds:.1f} s")
    return memory_digest(guest), bytes(guest.disk.map)


def all_goes_on(guest):
    guest.wait_text("DONE\n")
    guest.wait_text("BEHIND\n")
    check(shell(guest, "cat /tmp/behind").split()[0] == hashlib.sha256(bytes([4]) * BLOCK).hexdigest(), "what was read behind the request")


NEW = (b"new\n" * 1024)[:BLOCK]
# the call, a command which leads to it, and what block 5 is afterwards
SLOW = (
    ("flush", FDATASYNC, "yes new | dd of=/dev/vda bs=4096 seek=5 count=1 iflag=fullblock oflag=direct conv=fsync 2>/dev/null", NEW),
    ("write", PWRITEV, "yes new | dd of=/dev/vda bs=4096 seek=5 count=1 iflag=fullblock oflag=direct 2>/dev/null", NEW),
    ("discard", FALLOCATE, "blkdiscard -o $((5 * 4096)) -l 4096 /dev/vda", bytes(BLOCK)),
)


def test_freeze_while_storage_hangs(lab):
    """A freeze does not wait for flushes, writes and discards; these end after a thaw, and after a restore from a copy of memory and disk."""
    for name, call, command, wanted in SLOW:
        for thaw_first in (False, True):
            guest, disk, hold = resting_guest(lab, f"{name}-{thaw_first}", call, command)
            before = stays_frozen(guest, hold)
            if not thaw_first:
                hold.release()
                time.sleep(0.3)
                check((memory_digest(guest), bytes(disk.map)) == before, "the end of the call changed the frozen guest's memory or map")
            guest.send("thaw")
            guest.expect("thawed")
            if thaw_first:
                check("42" in shell(guest, "echo $((6 * 7))"), "the shell does not go on")
                check("DONE\n" not in guest.text(), "the call's end is reported before it has come")
                hold.release()
            hold.let_all()
            all_goes_on(guest)
            check(disk.block(5) == wanted, f"block 5 after a {name}")
            guest.close()
            lab.made.remove(guest)


def test_restore_while_storage_hangs(lab):
    """A guest which was frozen in the midst of a flush, write or discard, killed and restored elsewhere, does it there."""
    for name, call, command, wanted in SLOW:
        guest, disk, hold = resting_guest(lab, f"{name}-moved", call, command)
        stays_frozen(guest, hold)
        other = lab.disk(f"{name}-copy", 1024, lab.path(f"{name}-moved.base"))
        other.copy_from(disk)
        guest.kill()
        check(call == FDATASYNC or other.block(5) != wanted, f"block 5 is what it shall be before the {name} was made")
        guest.disk = other
        guest.restore_running()
        all_goes_on(guest)
        check(other.block(5) == wanted, f"block 5 after a restored {name}")
        # and once more: nothing of the old request is left in the image
        guest.freeze()
        guest.kill()
        guest.restore_running()
        check(shell(guest, "dd if=/dev/vda bs=4096 skip=5 count=1 iflag=direct 2>/dev/null | sha256sum").split()[0]
              == hashlib.sha256(wanted).hexdigest(), f"what the guest sees of block 5 after a restored {name}")


def test_freeze_waits_for_a_read(lab):
    """A read writes to the guest's memory, so it ends before the guest is frozen; what was read is right in the restored guest."""
    guest, disk, hold = resting_guest(
        lab, "read", PREADV, "dd if=/dev/vda bs=4096 skip=5 count=1 iflag=direct 2>/dev/null | sha256sum > /tmp/read")
    guest.send("freeze")
    end = time.monotonic() + 0.5
    while time.monotonic() < end:
        guest.pump(0.05)
        check(not guest.has_message(), "frozen while a read was under way")
    hold.release()
    guest.expect("frozen")
    guest.kill()
    guest.restore_running()
    all_goes_on(guest)
    check(shell(guest, "cat /tmp/read").split()[0] == hashlib.sha256(bytes([6]) * BLOCK).hexdigest(), "what was read")
    check(disk.block(5) == bytes([6]) * BLOCK, "block 5")
