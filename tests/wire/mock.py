"""One cpgw-mock process for one test: how it is started, what it costs the machine, how it is stopped."""

import json
import os
import resource
import selectors
import signal
import subprocess
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("CPGW_MOCK", REPOSITORY / "build/release/cpgw-mock"))
# A sanitized server takes several times as long, and keeps memory that it has freed.
SANITIZED = BINARY.exists() and b"__asan_init" in BINARY.read_bytes()

# Longer than anything takes on a busy machine: who waits so long has found a fault.
WITHIN = 10.0


def eventually(holds, within=WITHIN, every=0.01):
    """Asks again and again until the answer is true; fails with the last answer."""
    deadline = time.monotonic() + within
    with selectors.DefaultSelector() as nothing:
        while not (answer := holds()):
            assert time.monotonic() < deadline, f"still {answer!r} after {within} s"
            nothing.select(every)
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
        command = [BINARY, "serve", "--port", "0", "--scenario", scenario, *options]
        if descriptors:
            command = ["prlimit", f"--nofile={descriptors}:{descriptors}", *command]
        with self._errors.open("w") as errors:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, pass_fds=pass_fds
            )
        self.pid = self.process.pid
        try:
            said = json.loads(self._first_line())
        except BaseException:
            self.kill()
            raise
        self.port, self.ca_file = said["port"], said["ca_file"]

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

    # ---- what it costs ----

    def cpu_seconds(self):
        """Processor time used so far, to the nanosecond where the kernel keeps it, else in ticks of 10 ms."""
        try:
            return int(Path(f"/proc/{self.pid}/schedstat").read_text().split()[0]) / 1e9
        except FileNotFoundError:
            fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
            return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

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
        """Ends it as an init system would; it must go at once and content, and without a sanitizer's finding. Returns
        how many seconds that took."""
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
