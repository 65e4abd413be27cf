# SPDX-License-Identifier: Apache-2.0
"""The image on the real kernel. Environment: KERNEL, the guest kernel; IMAGE, the folder that small/build.sh filled."""

import hashlib
import json
import os
import random
import shutil
import signal
import struct
import subprocess
import tempfile
import time
import unittest

from guest_vm import CONTROL_CTRL_ALT_DEL, CONTROL_RESIZE, EXIT_POWEROFF, EXIT_REBOOT, LINE_CONSOLE, Guest, cable

KERNEL = os.environ["KERNEL"]
IMAGE = os.environ["IMAGE"]
BASE = os.path.join(IMAGE, "small.img")
PROMPT = r"root@localhost:~# "


def sha256_of(stream):
    digest = hashlib.sha256()
    while chunk := stream.read(1 << 20):
        digest.update(chunk)
    return digest.hexdigest()


class ImageFileTest(unittest.TestCase):
    def test_description_agrees_with_the_files(self):
        with open(os.path.join(IMAGE, "small.json"), encoding="utf-8") as file:
            description = json.load(file)
        self.assertEqual(sorted(description), ["architecture", "cpuBaseline", "defaults", "description", "name", "packages", "sha256", "sizeBytes"])
        self.assertEqual((description["name"], description["architecture"]), ("small", "x86_64"))
        self.assertEqual(description["sizeBytes"], os.path.getsize(BASE))
        with open(BASE, "rb") as file:
            self.assertEqual(sha256_of(file), description["sha256"])
        unpacked = subprocess.Popen(["zstd", "-dcq", os.path.join(IMAGE, "small.img.zst")], stdout=subprocess.PIPE)
        with unpacked.stdout:
            self.assertEqual(sha256_of(unpacked.stdout), description["sha256"])
        self.assertEqual(unpacked.wait(), 0)

    def test_is_sparse_and_small(self):
        self.assertLess(os.stat(BASE).st_blocks * 512, 4 << 20)
        self.assertLess(os.path.getsize(os.path.join(IMAGE, "small.img.zst")), 2 << 20)


class GuestTest(unittest.TestCase):
    def folder(self):
        folder = tempfile.mkdtemp(prefix="image-test.")
        self.addCleanup(shutil.rmtree, folder)
        return folder

    def start(self, nics=()):
        guest = Guest(KERNEL, BASE, self.folder(), nics)
        self.addCleanup(guest.stop)
        guest.hello = guest.channel.wait_hello()
        return guest


class BootTest(GuestTest):
    def test_boots_to_the_shell(self):
        times = []
        for _ in range(5):
            guest = Guest(KERNEL, BASE, self.folder())
            self.addCleanup(guest.stop)
            guest.console.wait_for(PROMPT)
            to_shell = time.monotonic() - guest.started
            guest.channel.wait_hello()
            times.append((to_shell, time.monotonic() - guest.started))
            guest.stop()
        print(f"process start to shell {min(t[0] for t in times):.3f} .. {max(t[0] for t in times):.3f} s, "
              f"to HELLO at most {max(t[1] for t in times):.3f} s", flush=True)

    def assert_clean_file_system(self, guest):
        merged = os.path.join(self.folder(), "merged.img")
        guest.disk.merge(merged)
        check = subprocess.run(["/sbin/e2fsck", "-fn", merged], capture_output=True, text=True, check=False)
        self.assertEqual(check.returncode, 0, check.stdout)
        self.assertNotIn("recovering journal", check.stdout)
        self.assertNotIn("needs_recovery", subprocess.run(["/sbin/dumpe2fs", "-h", merged], capture_output=True, text=True, check=True).stdout)
        return merged

    def test_poweroff_ends_with_0_and_a_clean_file_system(self):
        guest = self.start()
        guest.channel.shell("dd if=/dev/urandom of=/root/data bs=64k count=20 2>/dev/null; sha256sum /root/data >/root/sum")
        guest.channel.start(["poweroff"])
        while guest.channel.unwritten:
            guest.channel.step(1)
        self.assertEqual(guest.wait_exit(), EXIT_POWEROFF)
        merged = self.assert_clean_file_system(guest)
        read = subprocess.run(["/sbin/debugfs", "-R", "cat /root/sum", merged], capture_output=True, text=True, check=True).stdout
        data = subprocess.run(["/sbin/debugfs", "-R", "cat /root/data", merged], capture_output=True, check=True).stdout
        self.assertEqual(read.split(), [hashlib.sha256(data).hexdigest(), "/root/data"])
        self.assertEqual(len(data), 20 * 65536)

    def test_poweroff_on_the_console(self):
        guest = self.start()
        guest.console.wait_for(PROMPT)
        guest.console.type("poweroff\n")
        self.assertEqual(guest.wait_exit(), EXIT_POWEROFF)

    def test_reboot_ends_with_64_and_a_clean_file_system(self):
        guest = self.start()
        guest.console.wait_for(PROMPT)
        guest.console.type("reboot\n")
        self.assertEqual(guest.wait_exit(), EXIT_REBOOT)
        self.assert_clean_file_system(guest)

    def test_ctrl_alt_del_switches_off(self):
        guest = self.start()
        guest.send_control(CONTROL_CTRL_ALT_DEL)
        self.assertEqual(guest.wait_exit(), EXIT_POWEROFF)
        self.assert_clean_file_system(guest)

    def test_shutdown_waits_for_processes_but_not_for_ever(self):
        guest = self.start()
        guest.channel.shell("(trap '' TERM HUP; while :; do sleep 1; done) >/dev/null 2>&1 & "
                            "(trap 'sleep 0.5; echo orderly >/root/end; exit' TERM; trap '' HUP; while :; do sleep 0.1; done) >/dev/null 2>&1 &")
        guest.send_control(CONTROL_CTRL_ALT_DEL)
        self.assertEqual(guest.wait_exit(), EXIT_POWEROFF)
        merged = self.assert_clean_file_system(guest)
        read = subprocess.run(["/sbin/debugfs", "-R", "cat /root/end", merged], capture_output=True, text=True, check=True).stdout
        self.assertEqual(read, "orderly\n")


class ConsoleTest(GuestTest):
    def test_shell_without_login(self):
        guest = self.start()
        guest.console.wait_for(r'Mobitopolo guest "small"')
        guest.console.wait_for(PROMPT)
        guest.console.type("cd /etc; hostname other; echo $TERM $?; tty\n")
        guest.console.wait_for(r"\r\nxterm-256color 0\r\n/dev/(console|tty0)\r\n")
        guest.console.wait_for(r"root@other:/etc# ")

    def test_interrupt_and_job_control(self):
        guest = self.start()
        guest.console.wait_for(PROMPT)
        guest.console.type("sleep 1000\n")
        self.wait_process(guest, "sleep 1000")
        guest.console.type("\x03")
        guest.console.wait_for(PROMPT)
        guest.console.type("echo $?; sleep 1001\n")
        guest.console.wait_for(r"\r\n130\r\n")
        self.wait_process(guest, "sleep 1001")
        guest.console.type("\x1a")
        guest.console.wait_for(r"Stopped")
        guest.console.type("jobs; kill %1; fg; echo end=$((1+1))\n")
        guest.console.wait_for(r"end=2")

    def wait_process(self, guest, command):
        until = time.monotonic() + 10
        while guest.channel.run(["pgrep", "-f", f"^{command}$"])[0] != {"status": 0}:
            self.assertLess(time.monotonic(), until)

    def test_a_shell_that_ends_is_replaced(self):
        guest = self.start()
        guest.console.wait_for(PROMPT)
        guest.console.type("exit\n")
        guest.console.wait_for(PROMPT)

    def test_window_size(self):
        guest = self.start()
        guest.console.wait_for(PROMPT)
        guest.console.type("trap 'echo changed' WINCH\n")
        guest.console.wait_for(PROMPT)
        guest.send_control(CONTROL_RESIZE, struct.pack("<III", LINE_CONSOLE, 51, 132))
        until = time.monotonic() + 5
        while True:
            guest.console.type("stty size; echo\n")
            if guest.console.wait_for(r"; echo\r\n(.*)\r\n").group(1) == b"51 132":
                break
            self.assertLess(time.monotonic(), until)


class CommandTest(GuestTest):
    def test_status_output_and_errors(self):
        guest = self.start()
        self.assertTrue(guest.hello["fresh"])
        self.assertEqual(guest.hello["image"], "small")
        self.assertEqual(guest.channel.run(["sh", "-c", "echo out; echo err >&2; exit 9"]), ({"status": 9}, b"out\n", b"err\n"))
        self.assertEqual(guest.channel.run(["false"])[0], {"status": 1})
        self.assertEqual(guest.channel.run(["nothing"])[0], {"error": "no such file: nothing"})
        self.assertEqual(guest.channel.run(["sh", "-c", "kill -SEGV $$"])[0], {"signal": signal.SIGSEGV})

    def test_five_megabytes_there_and_back(self):
        guest = self.start()
        data = random.Random(1).randbytes(5_000_000)
        before = time.monotonic()
        end, output, errors = guest.channel.run(["cat"], data, seconds=120)
        seconds = time.monotonic() - before
        self.assertEqual((end, errors), ({"status": 0}, b""))
        self.assertEqual(hashlib.sha256(output).digest(), hashlib.sha256(data).digest())
        print(f"command channel: {2 * len(data) / 1e6 / seconds:.1f} MB/s, both directions together", flush=True)

    def test_many_sessions_at_once(self):
        guest = self.start()
        source = random.Random(2)
        sessions = [(guest.channel.start(["sha256sum"]), source.randbytes(source.randrange(100_000))) for _ in range(50)]
        for session, data in sessions:
            session.send(data, eof=True)
        for session, data in sessions:
            self.assertEqual(session.wait(60), {"status": 0})
            self.assertEqual(session.output.decode(), hashlib.sha256(data).hexdigest() + "  -\n")

    def test_terminal_with_window_size_and_interrupt(self):
        guest = self.start()
        session = guest.channel.start(["sh", "-il"], tty=True, rows=30, cols=100)
        session.wait_for(b"# ")
        session.send(b"stty size\n")
        session.wait_for(b"\r\n30 100\r\n")
        session.resize(40, 90)
        session.send(b"stty size\n")
        session.wait_for(b"\r\n40 90\r\n")
        session.send(b"sleep 1000\n")
        while guest.channel.run(["pgrep", "-f", "^sleep 1000$"])[0] != {"status": 0}:
            pass
        session.send(b"\x03")
        session.send(b"echo $((6*7)) $?\n")
        session.wait_for(b"\r\n42 130\r\n")
        session.close()
        self.assertIsNotNone(session.wait(5))
        self.assertEqual(guest.channel.shell("ls /dev/pts"), "ptmx\n")

    def test_signal(self):
        guest = self.start()
        session = guest.channel.start(["sleep", "1000"])
        while guest.channel.run(["pgrep", "-f", "^sleep 1000$"])[0] != {"status": 0}:
            pass
        session.signal(signal.SIGUSR1)
        self.assertEqual(session.wait(5), {"signal": signal.SIGUSR1})

    def test_guestd_that_dies_is_replaced_and_not_fresh(self):
        guest = self.start()
        guest.channel.start(["sh", "-c", "kill -9 $PPID"])
        hello = guest.channel.wait_hello()
        self.assertEqual((hello["fresh"], hello["bootId"]), (False, guest.hello["bootId"]))
        self.assertEqual(guest.channel.shell("echo again"), "again\n")

    def test_boot_id_changes(self):
        self.assertNotEqual(self.start().hello["bootId"], self.start().hello["bootId"])


class SystemTest(GuestTest):
    def test_file_systems_owners_and_tools(self):
        guest = self.start()
        mounts = dict(line.split()[1:3] for line in guest.channel.shell("cat /proc/mounts").splitlines())
        self.assertEqual(mounts, {"/": "ext4", "/dev": "devtmpfs", "/proc": "proc", "/sys": "sysfs", "/dev/pts": "devpts", "/dev/shm": "tmpfs",
                                  "/run": "tmpfs", "/tmp": "tmpfs", "/sys/fs/cgroup": "cgroup2"})
        self.assertEqual(guest.channel.shell("find / -xdev \\( ! -user 0 -o ! -group 0 \\) -print"), "")
        self.assertEqual(guest.channel.shell("stat -c %a / /tmp /root /etc /usr/sbin/guestd /bin/busybox").split(),
                         ["755", "1777", "700", "755", "755", "755"])
        tools = ("ip ping ping6 traceroute arping httpd wget tftp tftpd udpsvd tcpsvd ftpd ftpget nc telnet telnetd udhcpd udhcpc dnsd nslookup ntpd "
                 "brctl vconfig tc netstat route ifconfig vi top ps less awk sed grep tar gzip sha256sum dd mkfifo stty timeout runsv pgrep").split()
        self.assertEqual(guest.channel.shell(f"which {' '.join(tools)} | wc -l").strip(), str(len(tools)))
        self.assertEqual(guest.channel.shell("id -un; hostname; cat /proc/sys/net/ipv4/ip_forward").split(), ["root", "localhost", "0"])
        self.assertIn("LOOPBACK,UP", guest.channel.shell("ip link show lo"))
        self.assertEqual(guest.channel.shell("dmesg | grep -iE 'error|warn|bug' || true"), "")

    def test_setup_scripts_make_a_network(self):
        left, right = cable()
        guests = [self.start([left]), self.start([right])]
        script = """set -e
            hostname {name}
            ip addr add {address}/24 dev eth0
            ip addr add {address6}/64 dev eth0
            ip link set eth0 up
            ip route add default via 10.0.1.254
            sysctl -q -w net.ipv4.ip_forward=1
        """
        for number, guest in enumerate(guests, start=1):
            text = script.format(name=f"node{number}", address=f"10.0.1.{number}", address6=f"fd00::{number}")
            end, _, errors = guest.channel.run(["sh", "-c", "cat >/run/setup && exec sh /run/setup </dev/null"], text.encode())
            self.assertEqual((end, errors), ({"status": 0}, b""))
        self.assertIn("0% packet loss", guests[0].channel.shell("ping -c 3 -i 0.2 10.0.1.2"))
        self.assertEqual(guests[1].channel.shell("hostname; ip -4 route show default; cat /proc/sys/net/ipv4/ip_forward").split("\n")[:3],
                         ["node2", "default via 10.0.1.254 dev eth0 ", "1"])
        until = time.monotonic() + 10
        while guests[0].channel.run(["ping", "-c", "1", "-W", "1", "fd00::2"])[0] != {"status": 0}:
            self.assertLess(time.monotonic(), until, "no answer over IPv6")
        # A file over HTTP
        guests[1].channel.shell("mkdir /srv/www && head -c 3000000 /dev/urandom >/srv/www/file && httpd -h /srv/www")
        sums = [guest.channel.shell(command).split()[0] for guest, command in
                ((guests[0], "wget -q -O - http://10.0.1.2/file | sha256sum"), (guests[1], "sha256sum /srv/www/file"))]
        self.assertEqual(sums[0], sums[1])
        # and over TFTP
        guests[1].channel.shell("udpsvd -E 0 69 tftpd -r /srv/www >/dev/null 2>&1 &")
        tftp = guests[0].channel.shell("tftp -g -b 1400 -l - -r file 10.0.1.2 2>/dev/null | sha256sum", seconds=60).split()[0]
        self.assertEqual(tftp, sums[1])

    def test_lease_from_a_dhcp_server(self):
        left, right = cable()
        server, client = self.start([left]), self.start([right])
        server.channel.shell("ip addr add 10.0.2.1/24 dev eth0; ip link set eth0 up; "
                             "printf 'interface eth0\\nstart 10.0.2.20\\nend 10.0.2.20\\nopt router 10.0.2.1\\nopt dns 10.0.2.1\\nopt subnet 255.255.255.0\\n"
                             "lease_file /run/leases\\n' >/run/udhcpd.conf; touch /run/leases; udhcpd /run/udhcpd.conf")
        client.channel.shell("udhcpc -i eth0 -q -n >/dev/null 2>&1", seconds=30)
        self.assertIn("10.0.2.20/24", client.channel.shell("ip addr show eth0"))
        self.assertIn("via 10.0.2.1", client.channel.shell("ip route show default"))
        self.assertEqual(client.channel.shell("cat /etc/resolv.conf"), "nameserver 10.0.2.1\n")


if __name__ == "__main__":
    unittest.main()
