"""One cpgw-mock process for one test: how it is started, what it costs the machine, how it is stopped."""

import http.client
import json
import os
import resource
import selectors
import signal
import subprocess
import time
from pathlib import Path
from urllib.parse import urlsplit

REPOSITORY = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("CPGW_MOCK", REPOSITORY / "build/release/cpgw-mock"))
# A sanitized server takes several times as long, and keeps memory that it has freed.
SANITIZED = BINARY.exists() and b"__asan_init" in BINARY.read_bytes()

# Longer than anything takes on a slow machine that is busy with other tests: who waits so long has found a fault.
WITHIN = 60.0
# What is to happen without waiting for anybody, there. How fast it is, the benchmarks tell.
AT_ONCE = 5.0

# Goes as fast as the machine's clock, and begins in the morning: what befalls a session every night befalls no test.
CLOCK = "scaled:1"

# An idle server is looked at for so long (s) …
LOOKED_AT = 0.4
# … in which it uses less than a tick of the scheduler (s). One that spins takes some forty of them.
TICK = 0.01
# What it may still have to do before it is idle, in processor time (s): less than one that spins takes in one look.
LEFT_TO_DO = 0.3


def pause(seconds):
    """For what is not to happen meanwhile."""
    with selectors.DefaultSelector() as nothing:
        nothing.select(seconds)


def eventually(holds, within=WITHIN, every=0.01):
    """Asks again and again until the answer is true; fails with the last answer."""
    deadline = time.monotonic() + within
    while not (answer := holds()):
        assert time.monotonic() < deadline, f"still {answer!r} after {within} s"
        pause(every)
    return answer


def allow_descriptors():
    """Lets this process have as many connections as the machine allows; returns that number."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most


class Mock:
    """A running mock. `port` and `ca_file` are what it said about itself on its first line of output."""

    def __init__(self, folder, scenario, *options, descriptors=None, pass_fds=()):
        self.folder = folder
        self._errors = folder / "stderr.txt"
        if isinstance(scenario, dict):
            file = folder / "scenario.json"
            file.write_text(json.dumps({"name": "of_a_test", "title": "a story of tests/wire", **scenario}))
            scenario = str(file)
        clock = [] if "--clock" in options else ["--clock", CLOCK]
        command = [BINARY, "serve", "--port", "0", "--scenario", scenario, *clock, *options]
        if descriptors:
            command = ["prlimit", f"--nofile={descriptors}:{descriptors}", *command]
        with self._errors.open("w") as errors:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, pass_fds=pass_fds
            )
        self.pid = self.process.pid
        try:
            said = self.said = json.loads(self._first_line())
        except BaseException:
            self.kill()
            raise
        self.port, self.ca_file, self.admin_url = said["port"], said["ca_file"], said["admin_url"]

    def _first_line(self):
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            ready = selector.select(WITHIN)
        line = self.process.stdout.readline() if ready else b""
        assert line, f"cpgw-mock did not say where it listens:\n{self.log()}"
        return line

    def log(self):
        """What it has written to standard error: a line a request, and whatever a sanitizer found."""
        return self._errors.read_text(errors="replace")

    def happen(self, event):
        """Lets an event happen, and returns once it has."""
        where = urlsplit(self.admin_url)
        connection = http.client.HTTPConnection(where.hostname, where.port, timeout=WITHIN)
        connection.request("POST", "/__admin/actions", json.dumps({"event": event}))
        answer = connection.getresponse()
        assert answer.status == 200, answer.read()
        connection.close()

    # ---- what it costs ----

    def cpu_seconds(self):
        """Processor time used so far, to the nanosecond where the kernel keeps it, else in ticks of 10 ms."""
        try:
            return int(Path(f"/proc/{self.pid}/schedstat").read_text().split()[0]) / 1e9
        except FileNotFoundError:
            fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
            return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def comes_to_rest(self):
        """Fails while it is busy with nothing. By its own processor time: what else keeps the machine busy, and makes it
        late with what it has left to do, does not count."""
        first = before = self.cpu_seconds()
        while True:
            pause(LOOKED_AT)
            now = self.cpu_seconds()
            if now - before < TICK:
                return
            assert now - first < LEFT_TO_DO, f"{now - first:.3f} s of processor time, and it goes on"
            before = now

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def memory_kib(self):
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        raise AssertionError("the kernel keeps no VmRSS")

    # ---- how it ends ----

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def stop(self, within=WITHIN):
        """Ends it as an init system would; it must go by itself and content, and without a sanitizer's finding.
        Returns how many seconds that took."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(within)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        took = time.monotonic() - began
        self.process.stdout.close()
        assert status == 0, f"cpgw-mock ended with {status}:\n{self.log()[-20000:]}"
        return took
