# SPDX-License-Identifier: Apache-2.0
"""guestd on this machine, behind a pseudo terminal instead of a serial line. Environment: GUESTD, the program."""

import hashlib
import json
import os
import pty
import random
import shutil
import signal
import struct
import subprocess
import tempfile
import time
import tty
import unittest

from guest_channel import CREDIT, EOF, HEADER, MAGIC, PING, RESET, RESYNC, START, STDIN, Channel


class GuestdTest(unittest.TestCase):
    def setUp(self):
        self.state = tempfile.mkdtemp(prefix="guestd-test.")
        self.addCleanup(shutil.rmtree, self.state)
        self.host_end, self.guest_end = pty.openpty()
        tty.setraw(self.guest_end)
        self.addCleanup(os.close, self.host_end)
        self.addCleanup(os.close, self.guest_end)
        self.start_guestd()

    def start_guestd(self):
        self.errors = tempfile.TemporaryFile()
        self.addCleanup(self.errors.close)
        self.guestd = subprocess.Popen([os.environ["GUESTD"], "-i", "small", "-s", self.state, os.ttyname(self.guest_end)],
                                       stderr=self.errors, stdin=subprocess.DEVNULL)
        self.addCleanup(self.stop_guestd, self.guestd, self.errors)
        self.channel = Channel(self.host_end)
        self.hello = self.channel.wait_hello()

    def stop_guestd(self, guestd, errors):
        if guestd.poll() is None:
            guestd.terminate()
        status = guestd.wait(10)
        errors.seek(0)
        text = errors.read().decode()
        self.assertEqual((status, text), (-signal.SIGTERM, ""), "guestd ended by itself or a sanitizer spoke")

    def processes_with(self, mark):
        """Processes whose command line contains the mark."""
        found = []
        for entry in os.listdir("/proc"):
            if entry.isdigit():
                try:
                    with open(f"/proc/{entry}/cmdline", "rb") as file:
                        if mark.encode() in file.read():
                            found.append(int(entry))
                except OSError:
                    continue
        return found

    def wait_gone(self, mark, seconds):
        end = time.monotonic() + seconds
        while self.processes_with(mark):
            self.assertLess(time.monotonic(), end, f"still running: {mark}")
            self.channel.step(0.05)

    # HELLO and the line

    def test_says_hello_and_is_fresh_only_the_first_time(self):
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            boot_id = file.read().strip()
        self.assertEqual(self.hello, {"version": 1, "fresh": True, "bootId": boot_id, "image": "small"})
        self.guestd.terminate()
        self.guestd.wait()
        self.start_guestd()
        self.assertEqual(self.hello, {"version": 1, "fresh": False, "bootId": boot_id, "image": "small"})

    def test_commands_inherit_its_environment_when_it_is_told_so(self):
        self.guestd.terminate()
        self.guestd.wait()
        self.guestd = subprocess.Popen([os.environ["GUESTD"], "-e", "-i", "small", "-s", self.state, os.ttyname(self.guest_end)],
                                       stdin=subprocess.DEVNULL, env={"PATH": "/bin:/somewhere", "LANGUAGE": "la"})
        self.addCleanup(self.guestd.wait)
        self.addCleanup(self.guestd.terminate)
        self.channel.wait_hello()
        self.assertEqual(self.channel.shell("echo $PATH $LANGUAGE $HOME"), "/bin:/somewhere la /root\n")

    def test_ping_is_echoed(self):
        payload = bytes(range(256)) * 16
        self.channel.send(PING, 77, payload)
        self.channel.run_until(lambda: self.channel.pongs, 5, "PONG")
        self.assertEqual(self.channel.pongs, [(77, payload)])

    def test_commands_end_with_their_guestd(self):
        mark = f"987654.{os.getpid()}"
        self.channel.start(["sleep", mark])
        self.channel.run_until(lambda: self.processes_with(mark), 5, "the command")
        self.guestd.terminate()
        self.guestd.wait()
        end = time.monotonic() + 5
        while self.processes_with(mark):
            self.assertLess(time.monotonic(), end)
            time.sleep(0.05)

    def test_finds_the_next_frame_after_bytes_that_are_none(self):
        noise = random.Random(1)
        for _ in range(50):
            self.channel.send_raw(bytes(noise.choice(b"MB\x01\x02\x00\xff") for _ in range(noise.randrange(100))))
            self.channel.send_raw(RESYNC)
            self.assertEqual(self.channel.run(["echo", "here"]), ({"status": 0}, b"here\n", b""))

    def test_a_new_supervisor_takes_over_in_the_middle_of_a_frame(self):
        mark = f"987655.{os.getpid()}"
        self.channel.start(["sh", "-c", f"trap '' HUP; sleep {mark}; sleep {mark}; sleep {mark}"])
        self.channel.run_until(lambda: self.processes_with(mark), 5, "the command")
        # The former one died after a header and some bytes.
        self.channel.send_raw(HEADER.pack(MAGIC, STDIN, 0, 1, 4096) + b"abc")
        self.channel.send_raw(RESYNC)
        self.channel.send(RESET, 0)
        self.assertFalse(self.channel.wait_hello()["fresh"])
        self.assertEqual(self.channel.run(["echo", "new"]), ({"status": 0}, b"new\n", b""))
        self.wait_gone(mark, 5)

    def test_hello_completes_what_a_former_guestd_left_half_said(self):
        self.assertGreaterEqual(self.channel.skipped, len(RESYNC) - HEADER.size)

    # Commands

    def test_output_errors_and_status(self):
        self.assertEqual(self.channel.run(["sh", "-c", "echo out; echo err >&2; exit 3"]), ({"status": 3}, b"out\n", b"err\n"))

    def test_death_by_signal(self):
        self.assertEqual(self.channel.run(["sh", "-c", "kill -9 $$"]), ({"signal": 9}, b"", b""))

    def test_a_command_that_does_not_exist(self):
        self.assertEqual(self.channel.run(["no-such\ncommand"])[0], {"error": "no such file: no-such\ncommand"})
        self.assertEqual(self.channel.run(["/etc/passwd"])[0], {"error": "cannot start /etc/passwd: Permission denied"})
        self.assertEqual(self.channel.run(["true"], cwd="/none")[0], {"error": "cannot start true: its folder: No such file or directory"})

    def test_arguments_environment_and_folder(self):
        argv = ["sh", "-c", 'printf "%s|" "$@" "$A" "$HOME" "$PWD"', "name", "", "ä € 𝄞", 'q"\\/\t']
        end, output, _ = self.channel.run(argv, env={"A": "x=y", "HOME": "/srv"}, cwd="/usr")
        self.assertEqual((end, output.decode()), ({"status": 0}, '|ä € 𝄞|q"\\/\t|x=y|/srv|/usr|'))
        end, output, _ = self.channel.run(["env"])
        self.assertEqual(sorted(output.decode().split()), sorted(["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                                                                  "HOME=/root", "USER=root", "LOGNAME=root", "SHELL=/bin/sh"]))

    def test_a_command_inherits_nothing(self):
        self.assertEqual(self.channel.run(["sh", "-c", "ls /proc/$$/fd"])[1], b"0\n1\n2\n")
        status = self.channel.run(["grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status"])[1].decode().split("\n")
        self.assertEqual(status, ["SigBlk:\t0000000000000000", "SigIgn:\t0000000000000000", ""])
        pid, group, session = self.channel.run(["cut", "-d ", "-f", "1,5,6", "/proc/self/stat"])[1].decode().split()
        self.assertEqual((group, session), (pid, pid), "not the leader of a session and group of its own")

    def test_start_that_is_not_as_described_is_refused(self):
        wrong = [b"", b"{", b"[]", b"{}", b'{"argv":[]}', b'{"argv":[""]}', b'{"argv":["a\\u0000b"]}', b'{"argv":["a"]}x', b'{"argv":["a",]}',
                 b'{"argv":"a"}', b'{"argv":["a"],"env":{"":"x"}}', b'{"argv":["a"],"env":{"a=b":"x"}}', b'{"argv":["a"],"rows":65536}',
                 b'{"argv":["a"],"rows":-1}', b'{"argv":["\xff"]}', b'{"argv":["\xc0\x80"]}', b'{"argv":["\\ud800"]}', b'{"argv":["a"],"argv":["b"]',
                 b'{"argv":["a"] "env":{}}', b'{"argv":["a\n"]}', b'{"argv":["a"],"tty":1}', b'{"argv":["a"],"x":' + b"[" * 2000, b'{"argv":["\\',
                 b'{"argv":["\\u12', b'{"argv":["a"],"cwd":null}']
        for number, payload in enumerate(wrong, start=1000):
            with self.subTest(payload=payload):
                self.channel.last_number = number - 1
                session = self.channel.start(["true"])
                self.channel.unwritten.clear()
                self.channel.send(START, session.number, payload)
                self.assertIn("START", session.wait(5).get("error", ""))

    def test_members_that_are_not_known_are_read_over(self):
        self.assertEqual(self.channel.run(["echo", "a"], later={"x": [1, -2.5e3, None, True, "\\u0041"], "y": {}})[1], b"a\n")

    def test_as_many_arguments_as_fit(self):
        argv = ["sh", "-c", "echo $#"] + [""] * 1300
        self.channel.last_number += 1
        session = self.channel.start(["true"])
        self.channel.unwritten.clear()
        self.channel.send(START, session.number, json.dumps({"argv": argv}, separators=(",", ":")).encode())
        session.wait()
        self.assertEqual(session.output, b"1299\n")

    def test_a_script_through_standard_input(self):
        script = b"x=1\n" + b": a line of a long script\n" * 2000 + b"read line; echo read $? $line; exit 5\n"
        path = os.path.join(self.state, "script")
        end, output, _ = self.channel.run(["sh", "-c", f"cat >{path} && exec sh {path} </dev/null"], script)
        self.assertEqual((end, output), ({"status": 5}, b"read 1\n"))

    # Streams

    def test_five_megabytes_there_and_back(self):
        data = random.Random(2).randbytes(5_000_000)
        end, output, errors = self.channel.run(["cat"], data, seconds=120)
        self.assertEqual((end, errors), ({"status": 0}, b""))
        self.assertEqual(hashlib.sha256(output).digest(), hashlib.sha256(data).digest())

    def test_many_sessions_at_once(self):
        source = random.Random(3)
        sessions = [(self.channel.start(["cat"]), source.randbytes(source.randrange(200_000))) for _ in range(64)]
        for session, data in sessions:
            session.send(data, eof=True)
        for session, data in sessions:
            self.assertEqual(session.wait(120), {"status": 0})
            self.assertTrue(session.output == data, f"session {session.number} got other bytes")

    def test_one_session_too_many_is_refused(self):
        sessions = [self.channel.start(["cat"]) for _ in range(64)]
        self.assertIn("too many", self.channel.start(["true"]).wait(10)["error"])
        sessions[0].send(b"", eof=True)
        self.assertEqual(sessions[0].wait(), {"status": 0})
        self.assertEqual(self.channel.run(["true"])[0], {"status": 0})

    def test_no_more_output_than_the_host_granted_and_others_go_on(self):
        stuck = self.channel.start(["yes"], grant=False)
        self.channel.run_until(lambda: len(stuck.output) == CREDIT, 10, "the first credit's bytes")
        self.assertEqual(self.channel.run(["echo", "others"])[1], b"others\n")
        end = time.monotonic() + 0.5
        while time.monotonic() < end:
            self.channel.step(0.1)
        self.assertEqual(len(stuck.output), CREDIT)
        stuck.close()
        self.assertEqual(stuck.wait(5), {"signal": signal.SIGHUP})

    def test_a_command_that_has_ended_waits_for_credit_with_its_last_output(self):
        session = self.channel.start(["sh", "-c", "head -c 50000 /dev/zero"], grant=False)
        self.channel.run_until(lambda: len(session.output) == CREDIT, 10, "the first credit's bytes")
        time.sleep(0.3)
        self.channel.step(0)
        self.assertIsNone(session.end)
        session.grant = True
        self.channel.send(7, session.number, struct.pack("<I", 100_000))
        self.assertEqual(session.wait(), {"status": 0})
        self.assertEqual(len(session.output), 50000)

    def test_input_that_nobody_reads_stops_at_the_credit_and_may_be_dropped(self):
        session = self.channel.start(["sleep", "2"])
        session.send(bytes(1_000_000), eof=True)
        until = time.monotonic() + 1
        while time.monotonic() < until:
            self.channel.step(0.1)
        self.assertGreater(len(session.unsent), 800_000)
        self.assertEqual(session.wait(10), {"status": 0})
        # A command that closes its input gets rid of it.
        session = self.channel.start(["sh", "-c", "exec <&-; sleep 1; echo done"])
        session.send(bytes(1_000_000), eof=True)
        self.assertEqual(session.wait(10), {"status": 0})
        self.assertEqual(session.unsent, b"")

    def test_input_beyond_the_credit_ends_the_session(self):
        session = self.channel.start(["sleep", "100"])
        for _ in range(40):
            self.channel.send(STDIN, session.number, bytes(4096))
        self.assertIn("credit", session.wait(10)["error"])
        self.assertEqual(self.channel.run(["echo", "a"])[1], b"a\n")

    def test_exit_does_not_wait_for_what_was_left_behind_and_that_lives_on(self):
        mark = f"987656.{os.getpid()}"
        flag = f"/tmp/guestd-test.{mark}"
        self.addCleanup(lambda: os.path.exists(flag) and os.remove(flag))
        session = self.channel.start(["sh", "-c", f"(until [ -e {flag} ]; do sleep 0.1; done; for i in 1 2 3 4 5 6 7 8 9; do echo a message || exit; done; exec sleep {mark}) & echo started"])
        self.assertEqual(session.wait(), {"status": 0})
        self.assertEqual(session.output, b"started\n")
        with open(flag, "x", encoding="ascii"):
            pass
        self.channel.run_until(lambda: self.processes_with(f"sleep\0{mark}"), 5, "the daemon after its messages")
        for pid in self.processes_with(f"sleep\0{mark}"):
            os.kill(pid, signal.SIGKILL)

    # Signals and ends

    def test_a_signal_reaches_the_whole_group(self):
        mark = f"987657.{os.getpid()}"
        session = self.channel.start(["sh", "-c", f"sleep {mark} & echo ready; wait"])
        session.wait_for(b"ready")
        session.signal(signal.SIGTERM)
        self.assertEqual(session.wait(), {"signal": signal.SIGTERM})
        self.wait_gone(mark, 5)

    def test_signals_that_do_not_exist_are_ignored(self):
        session = self.channel.start(["sleep", "1"])
        for number in (0, 65, 1000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF):
            session.signal(number)
        self.assertEqual(session.wait(), {"status": 0})

    def test_close_kills_what_ignores_the_hangup_after_two_seconds(self):
        mark = f"987658.{os.getpid()}"
        session = self.channel.start(["sh", "-c", f"trap '' HUP; echo ready; sleep {mark}; sleep {mark}"])
        session.wait_for(b"ready")
        before = time.monotonic()
        session.close()
        self.assertEqual(session.wait(10), {"signal": signal.SIGKILL})
        self.assertGreater(time.monotonic() - before, 1.9)
        self.wait_gone(mark, 2)

    def test_close_kills_members_of_the_group_that_outlive_the_command(self):
        mark = f"987659.{os.getpid()}"
        session = self.channel.start(["sh", "-c", f"(trap '' HUP; sleep {mark}; sleep {mark}) & echo ready; wait"])
        session.wait_for(b"ready")
        session.close()
        self.assertEqual(session.wait(1), {"signal": signal.SIGHUP})
        self.wait_gone(mark, 5)

    def test_a_session_number_may_be_used_again_after_its_exit(self):
        for _ in range(5):
            self.channel.last_number = 41
            self.assertEqual(self.channel.run(["echo", "a"])[1], b"a\n")

    def test_hundreds_of_sessions_leave_nothing(self):
        def descriptors():
            return len(os.listdir(f"/proc/{self.guestd.pid}/fd"))

        def children():
            with open(f"/proc/{self.guestd.pid}/task/{self.guestd.pid}/children", encoding="ascii") as file:
                return file.read()

        before = descriptors()
        for _ in range(300):
            self.assertEqual(self.channel.run(["true"])[0], {"status": 0})
        # the last one may have told its end and not be waited for yet
        end = time.monotonic() + 5
        while (children() or descriptors() != before) and time.monotonic() < end:
            time.sleep(0.01)
        self.assertEqual(children(), "")
        self.assertEqual(descriptors(), before)

    # Terminals

    def test_terminal_size_and_resize(self):
        script = "trap 'stty size' WINCH; test -t 0 && tty && stty size; while :; do sleep 0.1; done"
        session = self.channel.start(["sh", "-c", script], tty=True, rows=33, cols=101)
        session.wait_for(b"33 101\r\n")
        self.assertIn(b"/dev/pts/", session.output)
        session.resize(44, 123)
        session.wait_for(b"44 123\r\n")
        session.close()
        self.assertEqual(session.wait(), {"signal": signal.SIGHUP})

    def test_terminal_interrupts_the_foreground(self):
        session = self.channel.start(["sh", "-i"], tty=True, env={"PS1": "prompt> ", "ENV": ""})
        session.wait_for(b"prompt> ")
        mark = f"987660.{os.getpid()}"
        session.send(f"sleep {mark}\n".encode())
        self.channel.run_until(lambda: self.processes_with(f"sleep\0{mark}"), 5, "the command")
        session.send(b"\x03")
        session.send(b"echo $((40+2)) $?\n")
        session.wait_for(b"42 130\r\n")
        # The host's SIGNAL, too, reaches the foreground process and not the shell.
        session.send(f"sleep {mark}; echo $((50+3)) $?\n".encode())
        self.channel.run_until(lambda: self.processes_with(f"sleep\0{mark}"), 5, "the command")
        session.signal(signal.SIGTERM)
        session.wait_for(b"53 143\r\n")
        session.send(b"exit 7\n")
        self.assertEqual(session.wait(), {"status": 7})

    def test_terminal_end_of_input_and_default_type(self):
        session = self.channel.start(["sh", "-c", "stty -echo; echo $TERM; cat; echo end"], tty=True)
        session.wait_for(b"xterm-256color\r\n")
        session.send(b"line\n", eof=True)
        self.assertEqual(session.wait(), {"status": 0})
        self.assertTrue(session.output.endswith(b"line\r\nend\r\n"), session.output)

    def test_terminal_output_before_the_end_is_complete(self):
        for _ in range(20):
            session = self.channel.start(["sh", "-c", "stty -opost; seq 1 5000"], tty=True)
            self.assertEqual(session.wait(), {"status": 0})
            self.assertEqual(session.output.decode().split(), [str(i) for i in range(1, 5001)])

    # Hostile bytes

    def test_survives_random_frames(self):
        source = random.Random(4)
        template = json.dumps({"argv": ["/nonexistent/command", "-x"], "env": {"A": "b"}, "cwd": "/", "tty": True, "rows": 3, "cols": 4}).encode()
        for turn in range(3000):
            kind = source.randrange(0, 12)
            payload = source.randbytes(source.choice([0, 1, 2, 4, 4, 4, 8, 100, 4096]))
            if kind == START:
                payload = bytearray(template)
                for _ in range(source.randrange(3)):
                    payload[source.randrange(len(payload))] = source.choice(b'{}[]",:\\utf0\xc3\xff\x00 ')
                payload = bytes(payload[: source.randrange(len(payload) + 1)])
            if kind in (RESET, EOF) and turn % 10:
                continue
            self.channel.send_raw(HEADER.pack(MAGIC, kind, 0, source.randrange(4), len(payload)) + payload)
            if turn % 50 == 0:
                self.channel.send_raw(source.randbytes(source.randrange(50)))
            # Sessions that the fuzz makes are not known here, so frames are read without being understood.
            while self.channel.unwritten:
                self.step_blindly()
        self.channel.send_raw(RESYNC)
        self.channel.send(RESET, 0)
        end = time.monotonic() + 20
        seen = b""
        while b'"bootId"' not in seen[-400:] or self.channel.unwritten:
            self.assertLess(time.monotonic(), end)
            seen = (seen + self.step_blindly())[-4000:]
        while self.step_blindly():
            pass
        self.assertEqual(self.channel.run(["echo", "alive"]), ({"status": 0}, b"alive\n", b""))

    def step_blindly(self):
        taken = []
        self.channel.take_frames = lambda: taken.append(bytes(self.channel.unread)) or self.channel.unread.clear()
        self.channel.step(0.2)
        del self.channel.take_frames
        return b"".join(taken)


if __name__ == "__main__":
    unittest.main()
