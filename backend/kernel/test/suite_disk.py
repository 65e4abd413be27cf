# SPDX-License-Identifier: Apache-2.0
"""Tests of disks: what um_disk.h promises, and that a freeze waits neither for the host's storage nor for a base that is being fetched."""

import hashlib
import os
import time

from disk import BLOCK
from guest import Failure, check
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


BASE_BLOCKS = 64


def base_block(i):
    return bytes([i + 1]) * BLOCK


def fetched_base(lab, name):
    path = lab.path(name + ".whole")
    with open(path, "wb") as f:
        f.write(b"".join(base_block(i) for i in range(BASE_BLOCKS)))
    return lab.there(name, path)


def fetched_guest(lab, name, *there):
    """A guest with a disk of 1024 blocks whose base's blocks are there as far as named."""
    base = fetched_base(lab, name)
    base.bring(*there)
    return lab.started(name, disk=lab.disk(name, 1024, base.path, base)), base


def digest_of(*blocks):
    return hashlib.sha256(b"".join(base_block(i) for i in blocks)).hexdigest()


def read_behind(guest, first, count, mark):
    """Reads blocks by one request, in the background; the console says so when it is done, with the SHA-256 of what was read. count divides first."""
    guest.console.sendall(f"(dd if=/dev/vda bs={count * BLOCK} skip={first // count} count=1 iflag=direct 2>/dev/null | sha256sum; echo {mark[0]}''{mark[1:]}) &\n".encode())


def wait_wanted(guest, blocks, timeout=20):
    end = time.monotonic() + timeout
    while guest.take_wanted() or not blocks <= guest.wanted:
        guest.pump(0.02)
        if time.monotonic() > end:
            raise Failure(f"{sorted(guest.wanted)} are asked for, not {sorted(blocks)}; log: {guest.log()[-1000:]}")


def was_read(guest, mark, *blocks):
    guest.wait_text(mark + "\n")
    check(digest_of(*blocks) in guest.text(), f"{mark}: the guest read something else than blocks {blocks}; console: {guest.text()[-1000:]}")


def test_base_on_its_way(lab):
    """A read of what is not there asks for exactly that and waits; all else is read, written and discarded as if the base were whole."""
    guest, base = fetched_guest(lab, "fetched", 4, 5)
    disk = guest.disk
    read_behind(guest, 4, 2, "FIRST")
    was_read(guest, "FIRST", 4, 5)
    behind = shell(guest, "dd if=/dev/vda bs=4096 skip=64 count=100 iflag=direct 2>/dev/null | sha256sum").split()[0]
    check(behind == hashlib.sha256(bytes(100 * BLOCK)).hexdigest(), "what lies behind the base")
    shell(guest, "yes new | dd of=/dev/vda bs=4096 seek=12 count=1 iflag=fullblock oflag=direct conv=fsync 2>/dev/null")
    shell(guest, "blkdiscard -o $((13 * 4096)) -l 4096 /dev/vda")
    seen = shell(guest, "dd if=/dev/vda bs=4096 skip=12 count=2 iflag=direct 2>/dev/null | sha256sum").split()[0]
    check(seen == hashlib.sha256(NEW + bytes(BLOCK)).hexdigest(), "what was written and discarded")
    guest.take_wanted()
    check(guest.wanted == set(), f"asked for {guest.wanted}, though nothing missing was read")

    # over blocks which are missing, and in the overlay
    missing = {10, 11, *range(14, 20)}
    read_behind(guest, 10, 10, "SECOND")
    wait_wanted(guest, missing)
    time.sleep(0.3)
    guest.take_wanted()
    check(guest.wanted == missing, f"asked for {guest.wanted}")
    base.bring(19, 15, 14)
    time.sleep(0.3)
    check("SECOND\n" not in guest.text(), "a read ended before its blocks had come")
    base.bring(10, 11, 16, 17, 18)
    guest.wait_text("SECOND\n")
    wanted = base_block(10) + base_block(11) + NEW + bytes(BLOCK) + b"".join(base_block(i) for i in range(14, 20))
    check(hashlib.sha256(wanted).hexdigest() in guest.text(), "a read over several runs")

    # what comes behind is asked for at once, and waits its turn
    read_behind(guest, 20, 1, "THIRD")
    wait_wanted(guest, {20})
    read_behind(guest, 30, 1, "FOURTH")
    read_behind(guest, 40, 2, "FIFTH")
    wait_wanted(guest, {20, 30, 40, 41})
    base.bring(30, 40, 41)
    base.bring(20)
    was_read(guest, "THIRD", 20)
    was_read(guest, "FOURTH", 30)
    was_read(guest, "FIFTH", 40, 41)
    check(disk.present() == {12, 13}, f"reading sets bits: {disk.present()}")


def test_freeze_while_base_is_on_its_way(lab):
    """A guest that waits for its base is frozen at once; it goes on in place, and elsewhere with another map, an empty one or none."""
    guest, base = fetched_guest(lab, "waits", 0)
    read_behind(guest, 9, 3, "THAWED")
    wait_wanted(guest, {9, 10, 11})
    start = time.monotonic()
    guest.freeze()
    check(time.monotonic() - start < 2, "the freeze waited for the base")
    before = memory_digest(guest)
    base.bring(9, 10, 11)
    time.sleep(0.5)
    check(memory_digest(guest) == before, "blocks that came changed the frozen guest's memory")
    guest.send("thaw")
    guest.expect("thawed")
    was_read(guest, "THAWED", 9, 10, 11)

    # killed, and restored where none of it is there
    read_behind(guest, 20, 2, "MOVED")
    wait_wanted(guest, {20, 21})
    guest.freeze()
    guest.kill()
    other = fetched_base(lab, "elsewhere")
    moved = lab.disk("elsewhere", 1024, other.path, other)
    moved.copy_from(guest.disk)
    guest.disk = moved
    guest.restore_running()
    wait_wanted(guest, {20, 21})
    check(guest.wanted == {20, 21}, f"asked for {guest.wanted} after a restore")
    other.bring(20)
    check("MOVED\n" not in guest.text(), "a read ended before its blocks had come")
    other.bring(21)
    was_read(guest, "MOVED", 20, 21)

    # and where all of it is
    read_behind(guest, 30, 2, "WHOLE")
    wait_wanted(guest, {30, 31})
    guest.freeze()
    guest.kill()
    guest.disk = lab.disk("whole", 1024, lab.path("waits.whole"))
    guest.restore_running()
    was_read(guest, "WHOLE", 30, 31)

    # from such a place to one where something misses
    guest.freeze()
    guest.kill()
    guest.disk = moved
    guest.restore_running()
    read_behind(guest, 32, 1, "AGAIN")
    wait_wanted(guest, {32})
    other.bring(32)
    was_read(guest, "AGAIN", 32)


def test_there_map_is_checked(lab):
    """A map of the base which is wrong in any respect makes the kernel leave the disk out, or refuse the restore."""
    guest, base = fetched_guest(lab, "checked", 0)
    check("vda" in shell(guest, "ls /sys/block"), "no disk with a right map")
    guest.freeze()
    guest.kill()
    good = base.map[:BLOCK]
    for offset, value in ((0, b"\1"), (8, b"\2"), (12, b"\0\2"), (16, bytes(8)), (16, b"\xff" * 8), (24, b"\1"), (24, b"\xff" * 8), (24, bytes(8))):
        base.map[:BLOCK] = good
        base.map[offset:offset + len(value)] = value
        refusal(guest, 1, late=True)
        fresh = lab.started(f"unchecked-{offset}-{value.hex()}", disk=guest.disk)
        check("vda" not in shell(fresh, "ls /sys/block"), f"a disk with a map whose byte {offset} is {value.hex()}")
        fresh.close()
        lab.made.remove(fresh)
    base.map[:BLOCK] = good
    guest.restore_running()
