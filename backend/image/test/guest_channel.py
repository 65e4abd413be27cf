# SPDX-License-Identifier: Apache-2.0
"""The host's side of the command channel (guestd/guest_protocol.h), written independently of the C header so that the tests check it."""

import json
import os
import select
import struct
import time

START, STDIN, EOF, SIGNAL, RESIZE, CLOSE, CREDIT_TO_GUEST, PING, RESET = range(1, 10)
HELLO, STDOUT, STDERR, EXIT, CREDIT_TO_HOST, PONG = range(65, 71)

HEADER = struct.Struct("<HBBII")
MAGIC = 0x424D
PAYLOAD_MAX = 4096
CREDIT = 32768
RESYNC = bytes(HEADER.size + PAYLOAD_MAX)


class Session:
    """One command: what it was sent and what came back."""

    def __init__(self, channel, number, grant):
        self.channel = channel
        self.number = number
        self.grant = grant
        self.credit = CREDIT
        self.unsent = b""
        self.eof_wanted = False
        self.output = bytearray()
        self.errors = bytearray()
        self.end = None

    def send(self, data, eof=False):
        self.unsent += data
        self.eof_wanted = self.eof_wanted or eof
        self.flush()

    def flush(self):
        while self.unsent and self.credit:
            part = self.unsent[: min(self.credit, PAYLOAD_MAX)]
            self.unsent = self.unsent[len(part):]
            self.credit -= len(part)
            self.channel.send(STDIN, self.number, part)
        if self.eof_wanted and not self.unsent:
            self.eof_wanted = False
            self.channel.send(EOF, self.number)

    def signal(self, number):
        self.channel.send(SIGNAL, self.number, struct.pack("<I", number))

    def resize(self, rows, columns):
        self.channel.send(RESIZE, self.number, struct.pack("<HH", rows, columns))

    def close(self):
        self.channel.send(CLOSE, self.number)

    def wait(self, seconds=20):
        """Returns the end of the session as EXIT gives it."""
        self.channel.run_until(lambda: self.end is not None, seconds, f"EXIT of session {self.number}")
        return self.end

    def wait_for(self, text, seconds=20):
        """Waits until the output contains the bytes."""
        self.channel.run_until(lambda: text in self.output, seconds, f"{text!r} in {bytes(self.output[-300:])!r}")


class Channel:
    """Frames over a descriptor (a socket or a terminal in raw mode)."""

    def __init__(self, descriptor):
        self.descriptor = descriptor
        os.set_blocking(descriptor, False)
        self.unwritten = bytearray()
        self.unread = bytearray()
        self.sessions = {}
        self.last_number = 0
        self.hellos = []
        self.pongs = []
        self.skipped = 0
        self.closed = False

    def send(self, kind, number, payload=b""):
        self.unwritten += HEADER.pack(MAGIC, kind, 0, number, len(payload)) + payload

    def send_raw(self, data):
        self.unwritten += data

    def start(self, argv, grant=True, **options):
        self.last_number += 1
        session = Session(self, self.last_number, grant)
        self.sessions[session.number] = session
        self.send(START, session.number, json.dumps({"argv": argv, **options}).encode())
        return session

    def run(self, argv, data=b"", seconds=20, **options):
        """Runs a command to its end; returns (end, standard output, standard error)."""
        session = self.start(argv, **options)
        session.send(data, eof=True)
        end = session.wait(seconds)
        return end, bytes(session.output), bytes(session.errors)

    def shell(self, script, seconds=20, **options):
        """Runs a shell script; returns its standard output; fails when its status is not 0."""
        end, output, errors = self.run(["/bin/sh", "-c", script], seconds=seconds, **options)
        if end != {"status": 0}:
            raise AssertionError(f"{script!r} ended with {end}: {output!r} {errors!r}")
        return output.decode()

    def wait_hello(self, seconds=20):
        count = len(self.hellos)
        self.run_until(lambda: len(self.hellos) > count, seconds, "HELLO")
        return self.hellos[-1]

    def run_until(self, done, seconds, what):
        end = time.monotonic() + seconds
        while not done():
            rest = end - time.monotonic()
            if rest <= 0 or self.closed:
                raise AssertionError(f"{'the line was closed' if self.closed else 'timeout'} while waiting for {what}")
            # What is waited for may be something else than bytes of the line.
            self.step(min(rest, 0.1))

    def step(self, seconds):
        """Reads and writes once; waits for that at most so long."""
        readable, writable, _ = select.select([self.descriptor], [self.descriptor] if self.unwritten else [], [], seconds)
        if writable:
            try:
                del self.unwritten[: os.write(self.descriptor, self.unwritten[:65536])]
            except BlockingIOError:
                pass
        if readable:
            try:
                data = os.read(self.descriptor, 65536)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            if not data:
                self.closed = True
            self.unread += data
            self.take_frames()

    def take_frames(self):
        at = 0
        while len(self.unread) - at >= HEADER.size:
            magic, kind, zero, number, length = HEADER.unpack_from(self.unread, at)
            if magic != MAGIC or zero != 0 or not HELLO <= kind <= PONG or length > PAYLOAD_MAX:
                at += 1
                self.skipped += 1
                continue
            if len(self.unread) - at < HEADER.size + length:
                break
            payload = bytes(self.unread[at + HEADER.size: at + HEADER.size + length])
            at += HEADER.size + length
            self.handle(kind, number, payload)
        del self.unread[:at]

    def handle(self, kind, number, payload):
        if kind == HELLO:
            self.hellos.append(json.loads(payload))
            self.sessions.clear()
            return
        if kind == PONG:
            self.pongs.append((number, payload))
            return
        session = self.sessions.get(number)
        if session is None:
            raise AssertionError(f"a frame of type {kind} for session {number}, which does not exist")
        if kind == EXIT:
            session.end = json.loads(payload)
            del self.sessions[number]
        elif kind == CREDIT_TO_HOST:
            session.credit += struct.unpack("<I", payload)[0]
            session.flush()
        else:
            (session.output if kind == STDOUT else session.errors).extend(payload)
            if session.grant:
                self.send(CREDIT_TO_GUEST, number, struct.pack("<I", len(payload)))
