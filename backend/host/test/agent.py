# SPDX-License-Identifier: Apache-2.0
"""A host folder of its own and `mobihost rpc` on it, as the desktop would use them."""
import base64
import hashlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import threading
import time


class AgentError(Exception):
    """The agent's answer to a request that failed."""

    def __init__(self, error):
        super().__init__(f"{error['code']}: {error['message']}")
        self.code = error["code"]
        self.message = error["message"]


class Agent:
    """Starts with an empty folder; close() ends all that was started there. prefix: of the commands that are to run on the host."""

    def __init__(self, folder, mobihost, linux, prefix=()):
        self.prefix = list(prefix)
        self.folder = pathlib.Path(folder)
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True, mode=0o700)
        self.kernel = hashlib.sha256(pathlib.Path(mobihost).read_bytes() + pathlib.Path(linux).read_bytes()).hexdigest()
        place = self.folder / "agent" / self.kernel
        place.mkdir(parents=True, mode=0o700)
        for name, source in (("mobihost", mobihost), ("linux", linux)):
            shutil.copyfile(source, place / name)
            (place / name).chmod(0o700)
        self.mobihost = place / "mobihost"
        self.open()

    def open(self):
        """Starts rpc on the folder."""
        self.changed = threading.Condition()
        self.answers = {}
        self.events = []
        self.last_id = 0
        self.process = subprocess.Popen([*self.prefix, self.mobihost, "rpc", "--folder", self.folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.reader = threading.Thread(target=self._read, args=(self.process.stdout, self.changed, self.answers, self.events), daemon=True)
        self.reader.start()
        self.call("hello", version=1)

    @staticmethod
    def _read(output, changed, answers, events):
        for line in output:
            message = json.loads(line)
            with changed:
                if "event" in message:
                    events.append(message)
                else:
                    answers[message["id"]] = message
                changed.notify_all()

    def send(self, method, **params):
        """Sends a request and returns its number, for wait()."""
        with self.changed:
            self.last_id += 1
            number = self.last_id
        self.process.stdin.write((json.dumps({"id": number, "method": method, "params": params}) + "\n").encode())
        self.process.stdin.flush()
        return number

    def wait(self, number, timeout=30):
        with self.changed:
            if not self.changed.wait_for(lambda: number in self.answers, timeout):
                raise TimeoutError(f"no answer within {timeout} s")
            answer = self.answers.pop(number)
        if "error" in answer:
            raise AgentError(answer["error"])
        return answer["result"]

    def call(self, method, timeout=30, **params):
        return self.wait(self.send(method, **params), timeout)

    def put_image(self, zst, sha256):
        with open(zst, "rb") as stream:
            subprocess.run([self.mobihost, "put", "image", sha256, "--folder", self.folder], stdin=stream, check=True)

    def wait_state(self, instance, wanted, timeout=30):
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            status = self.call("vm.status", instance=instance)
            if status["state"] == wanted:
                return status
            if status["state"] == "crashed":
                raise AssertionError(f"VM {instance} crashed: {status}")
            time.sleep(0.02)
        raise AssertionError(f"VM {instance} did not become {wanted}: {status}")

    def exec(self, instance, *argv, stdin=b"", timeout=60):
        """Runs a command in the guest: (exit, output, errors)."""
        stream = self.call("exec.start", instance=instance, argv=list(argv))["stream"]
        if stdin:
            threading.Thread(target=self._feed, args=(stream, stdin), daemon=True).start()
        else:
            self._quietly("stream.eof", stream=stream)
        return self.finish(stream, timeout)

    def _quietly(self, method, **params):
        """For streams, which may end at any moment."""
        try:
            self.call(method, **params)
        except AgentError as error:
            if error.code != "no-such-stream":
                raise

    def _feed(self, stream, data):
        for at in range(0, len(data), 32768):
            self._quietly("stream.write", stream=stream, data=base64.b64encode(data[at:at + 32768]).decode())
        self._quietly("stream.eof", stream=stream)

    def finish(self, stream, timeout=60):
        """All of a stream until it closes: (exit, output, errors)."""
        output = {"out": b"", "err": b""}
        ended = None
        position = 0
        deadline = time.monotonic() + timeout
        while True:
            with self.changed:
                self.changed.wait_for(lambda: len(self.events) > position, max(0, deadline - time.monotonic()))
                new = self.events[position:]
                position = len(self.events)
            if not new:
                raise TimeoutError(f"stream {stream} did not end within {timeout} s; so far {output}")
            for event in new:
                if event.get("stream") != stream:
                    continue
                if "data" in event:
                    data = base64.b64decode(event["data"])
                    output[event["channel"]] += data
                    self._quietly("stream.credit", stream=stream, bytes=len(data))
                if "exit" in event:
                    ended = event["exit"]
                if "closed" in event:
                    return ended or {"closed": event["closed"]}, output["out"], output["err"]

    def supervisors(self):
        """Process numbers of the supervisors and guests of this folder, by their records."""
        found = []
        for record in self.folder.glob("vms/*/state.json"):
            try:
                state = json.loads(record.read_text())
            except (OSError, ValueError):
                continue
            found.append((record.parent.name, state))
        return found

    def close_connection(self):
        self.process.stdin.close()
        self.process.wait(10)
        self.reader.join(10)
        self.process.stdout.close()

    def close(self):
        """Stops all VMs of the folder and ends rpc."""
        try:
            for vm in self.call("vm.list")["vms"]:
                if vm.get("state") in ("booting", "running", "stopping", "parked"):
                    try:
                        self.call("vm.stop", instance=vm["instance"], graceMs=0)
                    except AgentError:
                        pass
        finally:
            self.close_connection()
            # What could not be stopped politely, or is still passing frames on: by number, and only what runs our own binary.
            for instance, state in self.supervisors():
                self._end(state.get("supervisor", 0), instance)

    @staticmethod
    def _end(pid, instance, timeout=10):
        line = pathlib.Path(f"/proc/{pid}/cmdline")
        end = time.monotonic() + timeout
        try:
            if not pid or instance not in line.read_text():
                return
            os.kill(pid, signal.SIGTERM)
            while instance in line.read_text():
                if time.monotonic() > end:
                    os.kill(pid, signal.SIGKILL)
                time.sleep(0.02)
        except OSError:
            pass
