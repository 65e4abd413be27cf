# SPDX-License-Identifier: Apache-2.0
"""The guest kernel's tests: what um_control.h and build.sh's binary promise, seen from a supervisor. Those of disks are in suite_disk.py, those of the log of changing pages in suite_log.py.

Each test_* function gets a Lab (kernel, folder, mode), makes its guests there and ends them. A test fails by an exception.
"""

import argparse
import errno
import hashlib
import os
import random
import re
import signal
import socket
import struct
import subprocess
import sys
import time
import traceback

import guest as g
import suite_disk
import suite_log
from guest import check
from hold import SOCKETPAIR
from lab import Lab, data_ranges, memory_digest, refusal, shell, wait_pattern, wait_progress

RESIZE = struct.Struct("<III")
THROTTLE = struct.Struct("<II")
ALWAYS_RUNNING = "pipe timer signal memory shared threads vector loopback fork".split()


def run_e2fsck(image):
    # replays the journal, as mounting would; after that there must be nothing to mend
    subprocess.run(["e2fsck", "-fp", image], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    again = subprocess.run(["e2fsck", "-fn", image], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    check(again.returncode == 0, f"e2fsck finds errors: {again.stdout}")


def test_cycles(lab):
    """All checks go on through freeze, kill -9 and restore, again and again; the disk is clean afterwards."""
    base = lab.path("cycles.base")
    subprocess.run(["mke2fs", "-q", "-F", "-t", "ext4", "-b", "4096", base, "64M"], check=True, stdout=subprocess.DEVNULL)
    disk = lab.disk("cycles", 24576, base)          # larger than the base
    near, far = g.link(vnet=True)
    peer = lab.started("peer", nics=[far])
    shell(peer, "ip addr add 10.0.0.2/24 dev eth0; ip link set eth0 up")
    peer.console.sendall(b"workload serve &\n")
    peer.wait_text("SERVER ready")
    guest = lab.started("guest", memory_mib=96, nics=[near], disk=disk)
    shell(guest, "mount -t ext4 /dev/vda /mnt && ip addr add 10.0.0.1/24 dev eth0; ip link set eth0 up")
    guest.console.sendall(b"workload run 10.0.0.2 /mnt\n")
    names = ALWAYS_RUNNING + ["nic", "disk"]
    status = wait_progress(guest, names, {})

    freezes, restores, inside = [], [], []
    for _ in range(lab.cycles):
        time.sleep(0.3)
        start = time.monotonic()
        guest.freeze()
        freezes.append(time.monotonic() - start)
        guest.kill()
        guest.restore()
        guest.expect("hello")
        inside.append(struct.unpack("<IIQ", guest.expect("restored").payload)[2])
        restores.append(time.monotonic() - guest.started)
        status = wait_progress(guest, names, status)
    print(f"    {lab.cycles} cycles: freeze {1e3 * sorted(freezes)[len(freezes) // 2]:.1f} ms, process start to RESTORED "
          f"{1e3 * sorted(restores)[len(restores) // 2]:.1f} ms, of that {sorted(inside)[len(inside) // 2]} us in the kernel (medians)")

    guest.freeze()
    guest.kill()
    image = lab.path("cycles.image")
    disk.merge(image)
    run_e2fsck(image)


def test_nic_bulk(lab):
    """Bulk data crosses a link unharmed, with and without offloads, with small and jumbo frames, and through a restore."""
    for vnet, mtu in ((True, 1500), (True, 9000), (False, 1500), (False, 9000)):
        near, far = g.link(vnet)
        sender = lab.started(f"sender-{vnet}-{mtu}", nics=[near])
        receiver = lab.started(f"receiver-{vnet}-{mtu}", nics=[far])
        for guest, address in ((sender, 1), (receiver, 2)):
            check("mtu 1500" in shell(guest, "ip link show eth0"), "the default MTU is not 1500")
            shell(guest, f"ip link set eth0 mtu {mtu} up; ip addr add 10.0.0.{address}/24 dev eth0")
        shell(sender, "head -c 1000000 /dev/urandom > /tmp/part; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do cat /tmp/part; done > /tmp/data")
        wanted = shell(sender, "sha256sum < /tmp/data").split()[0]
        receiver.console.sendall(b"nc -l -p 5000 -e sha256sum > /tmp/log 2>&1 &\n")
        shell(receiver, "while ! netstat -ltn | grep -q :5000; do sleep 0.1; done")
        sender.console.sendall(b"nc 10.0.0.2 5000 < /tmp/data; echo SENT\n")
        for guest in (sender, receiver):
            guest.freeze()
            guest.kill()
            guest.restore_running()
        found = wait_pattern(sender, r"([0-9a-f]{64})  -\nSENT", 60)
        check(found == wanted, "other data than was sent")
        for guest in (sender, receiver):
            check("errors:0" in shell(guest, "ifconfig eth0 | grep 'TX packets'"), "transmit errors")
            guest.close()
            lab.made.remove(guest)


def test_thaw_in_place(lab):
    """A frozen guest changes nothing in its memory file, and goes on after THAW without a jump of its clock."""
    guest = lab.started()
    guest.console.sendall(b"workload run - -\n")
    status = wait_progress(guest, ALWAYS_RUNNING, {})
    for _ in range(5):
        guest.freeze()
        before = memory_digest(guest)
        guest.send("ping", struct.pack("<Q", 7))
        check(guest.expect("pong").payload == struct.pack("<Q", 7), "wrong cookie")
        guest.send("hello")
        check(guest.expect("hello").hello()["phase"] == 2, "phase of a frozen guest")
        guest.console.sendall(b"\n")
        time.sleep(0.3)
        check(memory_digest(guest) == before, "the memory of a frozen guest changed")
        guest.send("thaw")
        guest.expect("thawed")
        status = wait_progress(guest, ALWAYS_RUNNING, status)


def test_copied_ranges(lab):
    """The ranges named in HELLO are all that a new memory file needs, and it may be a file on tmpfs."""
    guest = lab.started()
    guest.send("hello")
    hello = guest.expect("hello").hello()
    guest.console.sendall(b"workload run - -\n")
    status = wait_progress(guest, ALWAYS_RUNNING, {})
    guest.freeze()
    check(os.fstat(guest.memory).st_size == hello["file_size"], "size of the memory file")
    path = os.path.join("/dev/shm", f"um-test-{os.getpid()}")
    copy = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    os.unlink(path)
    os.ftruncate(copy, hello["file_size"])
    for offset, size in ((hello["data_offset"], hello["data_size"]), (hello["bss_offset"], hello["bss_size"]),
                         (hello["ram_offset"], hello["ram_size"])):
        check(offset % 4096 == 0 and size % 4096 == 0, "a range is not page aligned")
        os.pwrite(copy, os.pread(guest.memory, size, offset), offset)
    mark = struct.unpack("<QII", os.pread(copy, 16, hello["state_offset"]))
    check(mark[0] == 0x3154504b434d55 and mark[1] == 1, f"mark of the image: {mark}")
    guest.send("quit")
    check(guest.wait() == g.EXIT_QUIT, "exit status after QUIT")
    os.close(guest.memory)
    guest.memory = copy
    guest.restore_running()
    wait_progress(guest, ALWAYS_RUNNING, status)


def test_twice_from_one_image(lab):
    """Two restores of one image are different in their random numbers; both clocks are right."""
    guest = lab.started()
    guest.console.sendall(b"workload secrets\n")
    wait_pattern(guest, r"SECRET \w{64} \S+ \S+\n")
    guest.freeze()
    guest.kill()
    image = os.memfd_create("image")
    size = os.fstat(guest.memory).st_size
    os.ftruncate(image, size)
    os.sendfile(image, guest.memory, 0, size)
    last = float(re.findall(r"SECRET \w{64} (\S+) \S+\n", guest.text())[-1])
    time.sleep(1.2)

    secrets = []
    for _ in range(2):
        start = len(guest.text())
        os.sendfile(copy := os.memfd_create("copy"), image, 0, size)
        os.close(guest.memory)
        guest.memory = copy
        os.lseek(image, 0, os.SEEK_SET)
        guest.restore_running()
        end = time.monotonic() + 10
        while not (found := re.findall(r"SECRET (\w{64}) (\S+) (\S+)\n", guest.text()[start:])) and time.monotonic() < end:
            guest.pump(0.02)
        check(found, "no output after the restore")
        now = time.time()
        check(0 <= float(found[0][1]) - last < 0.5, f"the monotonic clock went from {last} to {found[0][1]}")
        check(abs(float(found[0][2]) - now) < 0.5, f"the real-time clock is {found[0][2]} at {now}")
        secrets.append({s for s, _, _ in found})
        guest.kill()
    os.close(image)
    check(not secrets[0] & secrets[1], "two restores of one image have the same random numbers")


def test_wait_and_resume(lab):
    """restore=wait is ready before there is an image, answers, and goes on at RESUME."""
    guest = lab.started()
    frozen = lab.guest("frozen")
    os.close(frozen.memory)
    frozen.memory = os.memfd_create("later")
    frozen.console_guest, guest.console_guest = guest.console_guest, frozen.console_guest
    frozen.console, guest.console = guest.console, frozen.console
    frozen.restore(wait=True)
    first = frozen.expect("hello").hello()
    check(first["phase"] == 3, "phase of a waiting process")
    frozen.expect("waiting")
    frozen.send("ping", struct.pack("<Q", 9))
    frozen.expect("pong")
    guest.send("hello")
    source = guest.expect("hello").hello()
    same = [k for k in source if k not in ("phase", "generation")]
    check(all(first[k] == source[k] for k in same), "a waiting process describes itself otherwise than the guest's")
    guest.freeze()
    os.ftruncate(frozen.memory, source["file_size"])
    os.sendfile(frozen.memory, guest.memory, 0, source["file_size"])
    guest.send("quit")
    guest.wait()
    frozen.send("resume")
    frozen.expect("hello")
    frozen.expect("restored")
    check("42" in shell(frozen, "echo $((6 * 7))"), "the shell does not go on")

    frozen.freeze()
    frozen.send("quit")
    check(frozen.wait() == g.EXIT_QUIT, "exit status after QUIT")
    frozen.restore(wait=True)
    frozen.expect("hello")
    frozen.expect("waiting")
    frozen.control.close()
    frozen.control = None
    check(frozen.wait() == g.EXIT_QUIT, "exit status of a waiting process whose supervisor is gone")


def test_warm_up(lab):
    """A process that waits makes and maps ahead, as memory comes and when it is told to, what the guest will need; where processes are lost before that, others are made."""
    guest = lab.started()
    for lost in (False, True):
        guest.freeze()
        guest.kill()
        size = os.fstat(guest.memory).st_size
        middle = sum(list(data_ranges(guest.memory))[-1]) // 2 & -4096
        late = [(start, os.pread(guest.memory, count, start)) for start, count in data_ranges(guest.memory, middle)]
        check(late, "all of the memory comes early")
        os.ftruncate(guest.memory, middle)
        os.ftruncate(guest.memory, size)
        guest.restore(wait=True)
        ram = guest.expect("hello").hello()["ram_offset"]
        guest.expect("waiting")
        check(not stubs(guest), "there are processes that nobody asked for")
        for part in ([], late):
            for start, data in part:
                os.pwrite(guest.memory, data, start)
            held = sum(count for _, count in data_ranges(guest.memory, ram))
            guest.send("warm_up")
            end = time.monotonic() + 10
            while stubs(guest) < 4 or resident(guest) < held:
                check(time.monotonic() < end, f"{stubs(guest)} processes are ready, and of {held} bytes are {resident(guest)} mapped")
                time.sleep(0.01)
        ready = children(guest)
        if lost:
            for pid in ready:
                os.kill(pid, signal.SIGKILL)
            while not all(is_zombie(pid) for pid in ready):
                time.sleep(0.01)
        guest.send("resume")
        guest.expect("hello")
        guest.expect("restored")
        check("42" in shell(guest, "echo $((6 * 7))"), "the shell does not go on")
        used = [pid for pid in children(guest) if maps_memory(guest, pid)]
        check(used and bool(set(used) & set(ready)) != lost, f"of {ready} are used {used}")


def resident(guest):
    """Bytes of its memory file that the process has in its page tables."""
    inode, size, counts = str(os.fstat(guest.memory).st_ino), 0, False
    with open(f"/proc/{guest.pid}/smaps") as f:
        for line in f:
            words = line.split()
            if "-" in words[0]:
                counts = words[4] == inode
            elif counts and words[0] == "Rss:":
                size += int(words[1]) * 1024
    return size


def maps_memory(guest, pid):
    """Has that process anything of the guest's memory?"""
    with open(f"/proc/{pid}/maps") as f:
        return any(line.split()[4] == str(os.fstat(guest.memory).st_ino) for line in f)


def is_zombie(pid):
    with open(f"/proc/{pid}/stat") as f:
        return f.read().rsplit(")", 1)[1].split()[0] == "Z"


def children(guest):
    with open(f"/proc/{guest.pid}/task/{guest.pid}/children") as f:
        return [int(pid) for pid in f.read().split()]


def stubs(guest):
    """How many programs of the guest have a process on the host."""
    return len(children(guest))


def test_many_programs(lab):
    """Programs get their host process when they first run, so that a restore is as quick with many of them; none is forgotten."""
    guest = lab.started()
    count = 120
    shell(guest, f"i=0; while [ $i -lt {count} ]; do (sleep 4; echo $i >> /tmp/woke; sleep 1000) & i=$((i+1)); done", 60)
    check(stubs(guest) > count, "programs have no process before the freeze")
    for _ in range(2):                                      # the second time most of them have none
        guest.freeze()
        guest.kill()
        guest.restore_running()
        check(stubs(guest) < count / 4, f"{stubs(guest)} processes right after the restore")
    shell(guest, f"while [ $(sort -un /tmp/woke | wc -l) -lt {count} ]; do sleep 0.2; done", 60)
    guest.freeze()
    guest.kill()
    guest.restore_running()
    shell(guest, "killall sleep; while pidof sleep; do sleep 0.1; done", 60)      # which have no process now
    check(stubs(guest) < count / 4, f"{stubs(guest)} processes after the end of nearly all programs")


def test_no_process_at_first(lab):
    """A program for which the host has no process after a restore waits for one."""
    guest = lab.started()
    guest.freeze()
    guest.kill()
    guest.hold = hold = lab.hold(SOCKETPAIR)
    guest.restore_running()
    guest.console.sendall(b"echo A''WAKE\n")
    for _ in range(3):
        hold.wait_held(guest)
        hold.refuse(errno.EAGAIN)
        time.sleep(0.3)
        check("AWAKE" not in guest.text() and stubs(guest) == 0, "the shell runs without a process")
    hold.let_all()
    guest.wait_text("AWAKE\n")
    check("42" in shell(guest, "echo $((6 * 7))"), "the shell does not go on")


def test_park(lab):
    """Without its supervisor a guest parks itself, running or frozen; the next one continues it, lines included."""
    guest = lab.started()
    guest.console.sendall(b"workload run - -\n")
    status = wait_progress(guest, ALWAYS_RUNNING, {})
    for frozen in (False, True, False):
        if frozen:
            guest.freeze()
        # everything a supervisor has is gone with it, and new afterwards
        guest.console_guest.close()
        guest.command_guest.close()
        guest.pump(0)
        guest.console.close()
        guest.console = None
        guest.command.close()
        guest.control.close()
        guest.control = None
        check(guest.wait() == g.EXIT_PARKED, "exit status of a parked guest")
        guest.console, guest.console_guest = socket.socketpair()
        guest.command, guest.command_guest = socket.socketpair()
        guest.restore_running()
        status = wait_progress(guest, ALWAYS_RUNNING, status)


def test_exit_statuses(lab):
    """Power-off, reboot and panic end the process with their status, in a booted and in a restored guest."""
    for command, wanted in (("poweroff -f", g.EXIT_POWEROFF), ("reboot -f", g.EXIT_REBOOT),
                            ("echo c > /proc/sysrq-trigger; kill -9 1; exit", g.EXIT_PANIC)):
        for restored in (False, True):
            guest = lab.started(f"exit-{wanted}-{restored}")
            if restored:
                guest.freeze()
                guest.kill()
                guest.restore_running()
            guest.console.sendall(command.encode() + b"\n")
            status = guest.wait()
            check(status == wanted, f"{command} in a {'restored' if restored else 'booted'} guest: status {status}, not {wanted}")
            if wanted == g.EXIT_PANIC:
                check("Kernel panic: " in guest.log(), f"no text of the panic in the log: {guest.log()}")


def test_idle_misses_no_signal(lab):
    """A request that comes just as the guest falls asleep wakes it. One that is missed is answered when a timer wakes the guest, up to a second later."""
    guest = lab.started()
    slow, end = 0, time.monotonic() + 30
    while time.monotonic() < end:
        asleep = time.perf_counter() + random.random() * 400e-6
        while time.perf_counter() < asleep:
            pass
        sent = time.monotonic()
        guest.send("ping", bytes(8))
        guest.expect("pong")
        slow += time.monotonic() - sent > 0.3
    check(slow < 3, f"{slow} requests waited for a timer")


def test_power_requests(lab):
    """POWEROFF and CTRL_ALT_DEL reach the guest."""
    guest = lab.started("poweroff")
    guest.send("poweroff")
    check(guest.wait() == g.EXIT_POWEROFF, "exit status after POWEROFF")
    guest = lab.started("ctrl-alt-del")
    guest.send("ctrl_alt_del")
    check(guest.wait() == g.EXIT_REBOOT, "exit status after CTRL_ALT_DEL")


def test_refusals(lab):
    """An image which can't be continued is refused with the reason, and stays as it is."""
    guest = lab.started()
    other = "off" if lab.mode == "on" else "on"

    guest.kill()
    refusal(guest, 3)                                       # killed while it ran

    start = len(guest.text())
    guest.boot()
    guest.expect("hello")
    guest.wait_text("SHELL ready", start=start)
    guest.freeze()
    guest.kill()
    refusal(guest, 6, seccomp=other)
    refusal(guest, 5, memory_mib=guest.memory_mib * 2)

    stranger = lab.path("other-kernel")
    with open(lab.kernel, "rb") as f:
        binary = bytearray(f.read())
    build_id = guest_build_id(lab.kernel)
    check(binary.count(build_id) == 1, "the build id is not unique in the binary")
    at = binary.index(build_id)
    binary[at:at + 20] = bytes(b ^ 0xff for b in build_id)
    with open(stranger, "wb") as f:
        f.write(binary)
    os.chmod(stranger, 0o755)
    refusal(guest, 4, kernel=stranger)

    empty = os.memfd_create("empty")
    refusal(guest, 1, memory=empty)
    os.ftruncate(empty, 200 << 20)
    refusal(guest, 2, memory=empty)
    os.close(empty)

    size = os.fstat(guest.memory).st_size
    short = os.memfd_create("short")
    os.ftruncate(short, size)
    os.sendfile(short, guest.memory, 0, size)
    os.ftruncate(short, size - 4096)
    refusal(guest, 1, memory=short)
    os.close(short)

    refusal(guest, 1, late=True, without=[g.FD_CONSOLE])               # which the guest has open
    guest.restore_running()                                 # and none of that has harmed the image


# In struct checkpoint_state: the register sets of the CPU that the guest was frozen on
XFEATURES_AT = 80


def test_registers_of_other_cpus(lab):
    """An image is continued wherever the registers exist which its programs may use; a guest may be held to fewer than the CPU has."""
    guest = lab.started()
    guest.console.sendall(b"workload run - -\n")
    status = wait_progress(guest, ALWAYS_RUNNING, {})
    guest.send("hello")
    hello = guest.expect("hello").hello()
    guest.freeze()
    guest.kill()
    at = hello["state_offset"] + XFEATURES_AT
    check(struct.unpack("<Q", os.pread(guest.memory, 8, at))[0] == hello["xfeatures"], "the image tells other register sets than the CPU's")
    unknown = 1 << 19 if not hello["xfeatures"] >> 19 & 1 else 0
    if unknown:
        os.pwrite(guest.memory, struct.pack("<Q", hello["xfeatures"] | unknown), at)
        refusal(guest, 7)
    for fewer in (hello["xfeatures"] & 3, hello["xfeatures"] | 1 << 9 | 3 << 17):       # protection keys and tiles don't matter
        os.pwrite(guest.memory, struct.pack("<Q", fewer), at)
        guest.restore_running()
        status = wait_progress(guest, ALWAYS_RUNNING, status)
        guest.freeze()
        guest.kill()

    held = lab.guest("held")
    held.boot("xfeatures=0x7")
    check(held.expect("hello").hello()["xfeatures"] == hello["xfeatures"] & 7, "a guest is not held to the register sets it was given")
    held.kill()
    held.boot("xfeatures=AVX")
    check(held.wait() == 1 and "xfeatures=AVX" in held.log(), "a bitmap which is none is taken")


def guest_build_id(kernel):
    notes = subprocess.run(["readelf", "-n", kernel], check=True, stdout=subprocess.PIPE, text=True).stdout
    return bytes.fromhex(re.search(r"Build ID: ([0-9a-f]{40})", notes)[1])


def test_resize(lab):
    """RESIZE is seen by the guest, also by one who opens the line later, and after a restore."""
    guest = lab.started()
    guest.console.sendall(b"workload window &\n")
    guest.wait_text("WINDOW ")
    guest.send("resize", RESIZE.pack(0, 41, 133))
    guest.wait_text("WINDOW 41 133\n")
    guest.freeze()
    guest.kill()
    guest.restore_running()
    guest.send("resize", RESIZE.pack(0, 50, 100))
    guest.wait_text("WINDOW 50 100\n")
    guest.send("resize", RESIZE.pack(1, 24, 80))
    check(shell(guest, "stty size < /dev/ttyS0").strip() == "24 80", "size of the command channel")
    for bad in (RESIZE.pack(2, 24, 80), RESIZE.pack(0, 0, 80), RESIZE.pack(0, 24, 65536)):
        guest.send("resize", bad)
        check(guest.expect("error").code() == 5, "a bad size is not refused")


def test_throttle(lab):
    """THROTTLE holds programs up but not the control channel; what it takes away comes back with 0, a thaw and a restore."""
    guest = lab.started()
    shell(guest, ": > /tmp/lines; (while :; do echo; done) > /tmp/lines 2>/dev/null & true")

    def lines():
        return int(shell(guest, "wc -c < /tmp/lines", timeout=60))

    def speed():
        """Lines a second that the program writes; the shell that counts them is held up as well."""
        start, begun = lines(), time.monotonic()
        time.sleep(3)
        return (lines() - start) / (time.monotonic() - begun)

    def slow():
        guest.send("throttle", THROTTLE.pack(97, 0))
        found = speed()
        check(found > 0, "the program stands still")
        guest.send("ping", bytes(8))
        guest.expect("pong")
        return found

    before = slow()
    guest.send("throttle", THROTTLE.pack(0, 0))
    check(speed() > 3 * before, "the program stays slow after 0")
    before = slow()
    guest.freeze()
    guest.send("thaw")
    guest.expect("thawed")
    check(speed() > 3 * before, "the program stays slow after a thaw")
    before = slow()
    guest.freeze()
    guest.kill()
    guest.restore_running()
    check(speed() > 3 * before, "the program stays slow after a restore")
    guest.send("throttle", THROTTLE.pack(100, 0))
    check(guest.expect("error").code() == 5, "100 percent are not refused")


def test_command_channel(lab):
    """The command channel carries any bytes both ways without loss, through freezes and restores, and slow readers."""
    guest = lab.started()
    guest.console.sendall(b"workload line &\n")
    guest.wait_text("LINE ready")
    total = 4 << 20
    data = b"".join(hashlib.sha256(struct.pack("<I", i)).digest() for i in range(total // 32))
    guest.command.setblocking(False)
    sent, received = 0, bytearray()
    events = [total // 4, total // 2]
    end = time.monotonic() + 90
    while len(received) < total:
        check(time.monotonic() < end, f"stuck: {sent} bytes sent, {len(received)} came back")
        if sent < total:
            try:
                sent += guest.command.send(data[sent:sent + 65536])
            except BlockingIOError:
                pass
        if events and len(received) >= events[0]:
            events.pop(0)
            time.sleep(0.5)                 # we don't read: the guest has to wait
            guest.freeze()
            guest.kill()
            guest.restore_running()
        try:
            received += guest.command.recv(65536)
        except BlockingIOError:
            time.sleep(0.001)
    check(bytes(received) == data, "the bytes which came back are others")


def test_line_before_open(lab):
    """What comes before anybody has the command channel open is there when somebody does."""
    guest = lab.started()
    guest.command.sendall(bytes(range(256)) * 16)
    time.sleep(0.3)
    guest.console.sendall(b"workload line &\n")
    guest.wait_text("LINE ready")
    received = b""
    while len(received) < 4096:
        guest.command.settimeout(10)
        received += guest.command.recv(65536)
    check(received == bytes(range(256)) * 16, "the bytes which came back are others")


def test_bad_messages(lab):
    """Whatever comes on the control channel is answered, and harms nothing."""
    guest = lab.started()
    pack = g.HEADER.pack
    for data, code in ((pack(1, 0x77, 0), 2), (pack(2, 2, 8) + bytes(8), 1), (pack(1, 2, 0), 3), (pack(1, 2, 8), 3), (b"", 3), (b"x", 3),
                       (pack(1, 3, 4) + bytes(4), 3), (pack(1, 2, 0xffffffff), 3), (bytes(5000), 3), (pack(1, 4, 0), 4),
                       (pack(1, 5, 0), 4), (pack(1, 6, 0), 4), (pack(1, 0x0e, 0), 4)):
        guest.control.send(data)
        message = guest.expect("error")
        check(message.code() == code, f"{data[:20].hex()}: error {message.code()} instead of {code}")
        check(message.text().endswith("."), f"not a sentence: {message.text()}")
    # requests in one go are done one after the other
    for request in ("freeze", "ping", "thaw", "ping", "freeze", "thaw"):
        guest.send(request, bytes(8) if request == "ping" else b"")
    for kind in ("frozen", "pong", "thawed", "pong", "frozen", "thawed"):
        guest.expect(kind)
    guest.freeze()
    for data, code in ((pack(1, 0x77, 0), 2), (b"", 3), (pack(1, 3, 0), 4), (pack(1, 7, 12) + RESIZE.pack(0, 24, 80), 4)):
        guest.control.send(data)
        check(guest.expect("error").code() == code, "error while frozen")
    guest.send("thaw")
    guest.expect("thawed")


def test_descriptors(lab):
    """The kernel's own descriptors are at 512 and above, so that a restored guest finds its own where they were."""
    disk = lab.disk("fds", 1024)
    near, far = g.link()
    guest = lab.started(disk=disk, nics=[near, far])
    shell(guest, "ip link set eth0 up; ip link set eth1 up; sleep 100 & sleep 100 & stty -F /dev/ttyS0 raw")
    for restored in (False, True):
        if restored:
            guest.freeze()
            guest.kill()
            guest.restore_running()
        end = time.monotonic() + 10
        while (own := {n for n in map(int, os.listdir(f"/proc/{guest.pid}/fd")) if n < 512}) != {0, 1, 2, 3, 4, 5, 6, 9, 10, 16, 17}:
            check(time.monotonic() < end, f"descriptors below 512: {sorted(own)}")
            time.sleep(0.1)                 # a program just gets its process


TESTS = [value for name, value in [*globals().items(), *vars(suite_disk).items(), *vars(suite_log).items()] if name.startswith("test_")]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kernel", required=True)
    parser.add_argument("--initrd", required=True)
    parser.add_argument("--folder", required=True, help="for logs and disks")
    parser.add_argument("--cycles", type=int, default=20, help="freeze-kill-restore cycles in each mode (20)")
    parser.add_argument("--only", help="run only tests whose name contains this")
    options = parser.parse_args()

    g.become_subreaper()
    failed = []
    for mode in ("on", "off"):
        for test in TESTS:
            name = f"{test.__name__[5:]} ({'seccomp' if mode == 'on' else 'ptrace'})"
            if options.only and options.only not in name:
                continue
            lab = Lab(options, mode)
            start = time.monotonic()
            try:
                test(lab)
                result = "ok"
            except Exception:
                result = "FAILED"
                failed.append(name)
                traceback.print_exc()
            finally:
                lab.close()
            print(f"{result:6} {name} {time.monotonic() - start:.1f} s", flush=True)
    print(f"{len(failed)} failed: {', '.join(failed)}" if failed else "all passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
