"""What programs see of each kind of fault: real clients ask a gateway that has it, and say how that ended for them.

Every client and kind has a gateway of its own. A client first asks once where all is well, so that it has a connection, then
while the fault is there, then once more when it has been taken away. Kinds that act on a connection's way to being one are
there from the start.
"""

import concurrent.futures
import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import urllib.request
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
PROGRAMS = REPOSITORY / "tests/clients/matrix"
BINARY = os.environ.get("CPGW_MOCK", str(REPOSITORY / "build/release/cpgw-mock"))

sys.path.insert(0, str(REPOSITORY / "tests/support"))
from fault_examples import PATH, examples, kinds  # noqa: E402, F401

# What the clients are told to wait (ms), and how many times as much somebody waits for them who do not keep to it.
PATIENCE_MS = 1500
HANGS_AFTER = 3
# Kinds at once a client: most of the time they wait.
AT_ONCE = 8
# For programs to start and be compiled, on a slow and busy machine.
WITHIN = 600.0


@dataclass(frozen=True)
class Outcome:
    kind: str  # "ok"; "body": an answer, but no JSON; "error"; "timeout"; "hangs"
    text: str


HANGS = Outcome("hangs", "")


@dataclass(frozen=True)
class Cell:
    asked: Outcome
    tries: int  # how often the fault had to act
    afterwards: Outcome


# What is another each time, or on another machine.
CHANGES = [
    (re.compile(r"\b(?:read|write|dial) tcp [^ ]+: "), ""),
    (re.compile(r"\blocalhost(?: port |:)\d+"), "localhost"),
    (re.compile(r"\d+(\.\d+)? (?:ms|milliseconds|seconds)\b"), "… ms"),
    (re.compile(r"\b\d+ (?:out of \d+ )?bytes\b"), "… bytes"),
    (re.compile(r"OpenSSL/[\d.]+: error:[0-9A-F]+:SSL routines::"), ""),
    (re.compile(r": (?:java|sun)\.[\w.]+:? .*|: current time .*"), ""),
]


def normalise(text):
    for pattern, instead in CHANGES:
        text = pattern.sub(instead, text)
    # What is no text at all: a client that shows the garbage which it was sent.
    text = re.sub(r"\\x[0-9a-f]{2}|[^\x20-\x7e…]", "?", text)
    return re.sub(r"\?{2,}.*", "…", text).strip()[:100]


# ---- the mock ----


def call(url, method, body=None):
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data, method=method), timeout=60) as answer:
        text = answer.read()
    return json.loads(text) if text else None


class House:
    """One process of the mock, and a gateway in it for each cell."""

    def __init__(self, folder):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("CPGW_")}
        environment["XDG_STATE_HOME"] = str(folder)
        self._errors = folder / "stderr.txt"
        with self._errors.open("w") as errors:
            self.process = subprocess.Popen(
                [BINARY, "serve", "--port", "0", "--scenario", "authenticated", "--clock", "manual"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=environment,
            )
        line = self.process.stdout.readline()
        assert line, f"cpgw-mock did not start: {self._errors.read_text()}"
        said = json.loads(line)
        self.ca_file = said["ca_file"]
        self.url = said["admin_url"]

    def add(self, clock):
        added = call(f"{self.url}/__admin/gateways", "POST", {"scenario": "authenticated", "clock": clock})
        return added["name"], f"https://localhost:{added['port']}{PATH}", self.url + added["admin_path"]

    def remove(self, name):
        call(f"{self.url}/__admin/gateways/{name}", "DELETE")

    def stop(self):
        self.process.terminate()
        status = self.process.wait(60)
        self.process.stdout.close()
        assert status == 0, f"cpgw-mock ended with {status}: {self._errors.read_text()[-4000:]}"


@contextlib.contextmanager
def crowd(url, example):
    """Where connections are no more than queued: those that take the queue's only place, at either address."""
    waiting = []
    if example.moment == "port":
        port = int(re.search(r":(\d+)/", url)[1])
        for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
            one = socket.socket(family)
            one.setblocking(False)
            one.connect_ex((address, port))
            waiting.append(one)
    yield
    for one in waiting:
        one.close()


# ---- clients ----


class Curl:
    """One curl a cell: it changes the faults itself between two questions, so that it keeps its connection."""

    name = "curl"

    def __init__(self, ca_file, _folder):
        self._ca_file = ca_file

    def version(self):
        return subprocess.run(["curl", "--version"], capture_output=True, text=True, check=True).stdout.split()[1]

    def play(self, url, admin, example, patience_ms):
        ask = ["-s", "--cacert", self._ca_file, "--max-time", str(patience_ms / 1000), "-o", "/dev/null"]
        ask += ["-w", "%{exitcode}\t%{errormsg}\t%{http_code}\n", url]
        # By its number: the gateway has just told curl that it speaks nothing but TLS with this name.
        control = ["-s", "-w", "\n", f"{admin}/faults".replace("//localhost:", "//127.0.0.1:")]
        before = []
        if example.moment == "call":
            before = [ask, ["-d", json.dumps({"broken": example.rule}), "-o", "/dev/null", *control]]
        else:
            call(f"{admin}/faults", "POST", {"broken": example.rule})
        if example.acts_on_next:
            before.append(ask)
        parts = [*before, ask, control, ["-X", "DELETE", "-o", "/dev/null", *control], ask]
        command = ["curl", *parts[0]] + [word for part in parts[1:] for word in ("--next", *part)]
        with crowd(url, example):
            run = subprocess.run(command, capture_output=True, text=True, timeout=WITHIN)
        lines = [line for line in run.stdout.splitlines() if line]
        listed = [json.loads(line) for line in lines if line.startswith("{")]
        outcomes = [self._outcome(line) for line in lines if not line.startswith("{")]
        assert len(listed) == 1 and listed[0]["faults"] and len(outcomes) >= 2, (example, run)
        assert all(outcome.kind == "ok" for outcome in outcomes[:-2]), (example, outcomes)
        return Cell(outcomes[-2], listed[0]["faults"][0]["acted"], outcomes[-1])

    @staticmethod
    def _outcome(line):
        code, message, status = line.split("\t")
        if code == "0":
            return Outcome("ok", status)
        return Outcome("timeout" if code == "28" else "error", normalise(f"({code}) {message}"))

    def close(self):
        pass


class Program:
    """One that goes on running: lines in, lines out."""

    def __init__(self, ca_file, folder):
        environment = {**os.environ, "CPGW_CA_FILE": ca_file, "NODE_EXTRA_CA_CERTS": ca_file, "NODE_NO_WARNINGS": "1"}
        command = self.command(folder)
        self._log = folder / f"{type(self).__name__}.log"
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, env=environment, text=True
            )
        self._lock = threading.Lock()
        self._awaited = {}
        self._count = 0
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        for line in self._process.stdout:
            number, kind, text = line.rstrip("\n").split("\t", 2)
            with self._lock:
                awaited = self._awaited.pop(number, None)
            if awaited:
                awaited.set_result(Outcome(kind, normalise(text)))
        with self._lock:
            for awaited in self._awaited.values():
                awaited.set_exception(AssertionError(f"{self.name} ended: {self._log.read_text()[-4000:]}"))

    def ask(self, url, patience_ms, within=None):
        answer = concurrent.futures.Future()
        with self._lock:
            self._count += 1
            number = str(self._count)
            self._awaited[number] = answer
            self._process.stdin.write(f"{number} {patience_ms} {url}\n")
            self._process.stdin.flush()
        try:
            return answer.result(within or patience_ms * HANGS_AFTER / 1000)
        except TimeoutError:
            return HANGS

    def ask_well(self, url):
        """Where all is well, however long it takes."""
        outcome = self.ask(url, int(WITHIN * 1000), WITHIN)
        assert outcome.kind == "ok", (self.name, outcome, self._log.read_text()[-4000:])

    def play(self, url, admin, example, patience_ms):
        if example.moment == "call":
            self.ask_well(url)
        call(f"{admin}/faults", "POST", {"broken": example.rule})
        if example.acts_on_next:
            self.ask_well(url)
        with crowd(url, example):
            asked = self.ask(url, patience_ms)
            (listed,) = call(f"{admin}/faults", "GET")["faults"]
            call(f"{admin}/faults", "DELETE")
        return Cell(asked, listed["acted"], self.ask(url, patience_ms))

    def close(self):
        self._process.kill()
        self._process.wait()


def first_line(*command):
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    return (run.stdout + run.stderr).splitlines()[0]


class Requests(Program):
    name = "Python requests"

    def command(self, _folder):
        return [sys.executable, PROGRAMS / "with_requests.py"]

    def version(self):
        import requests
        import urllib3

        return f"{requests.__version__} with urllib3 {urllib3.__version__}"


def node():
    """The test environment's, where it has one: Debian's is older."""
    return shutil.which("node", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")


class NodeFetch(Program):
    name = "Node fetch"

    def command(self, _folder):
        return [node(), PROGRAMS / "node_fetch.mjs"]

    def version(self):
        return first_line(node(), "--version").removeprefix("v")


class NodeHttps(NodeFetch):
    name = "Node https"

    def command(self, _folder):
        return [node(), PROGRAMS / "node_https.mjs"]


class Java(Program):
    name = "Java HttpClient"

    def command(self, folder):
        # Compiled as it starts. A small machine that gives up on the second compiler starts sooner.
        return ["java", "-XX:TieredStopAtLevel=1", PROGRAMS / "Matrix.java"]

    def version(self):
        return re.search(r'"([^"]+)"', first_line("java", "-version"))[1]


class Go(Program):
    name = "Go net/http"

    def command(self, folder):
        environment = {**os.environ, "GOTOOLCHAIN": "local", "GOPROXY": "off", "GOFLAGS": "", "CGO_ENABLED": "0"}
        program = folder / "matrix"
        subprocess.run(["go", "build", "-o", program, PROGRAMS / "matrix.go"], check=True, env=environment, cwd=folder)
        return [program]

    def version(self):
        return re.search(r"go([\d.]+)", first_line("go", "version"))[1]


CLIENTS = [Curl, Requests, NodeFetch, NodeHttps, Java, Go]
# What each takes, by the tool that must be on the path.
TOOLS = ["curl", "java", "javac", "go"]


def missing_tools():
    return [tool for tool in TOOLS if not shutil.which(tool)] + ([] if node() else ["node"])


# ---- the run ----


class Run:
    """All clients, and the house that they ask."""

    def __init__(self, folder):
        self.folder = folder
        self.clients = []

    def __enter__(self):
        self.house = House(self.folder)
        try:
            with concurrent.futures.ThreadPoolExecutor(len(CLIENTS)) as pool:
                self.clients = list(pool.map(lambda client: client(self.house.ca_file, self.folder), CLIENTS))
        except BaseException:
            self.house.process.kill()
            raise
        return self

    def __exit__(self, kind, *_):
        for client in self.clients:
            client.close()
        if kind:
            self.house.process.kill()
            self.house.process.wait()
        else:
            self.house.stop()

    def cell(self, client, example, patience_ms=PATIENCE_MS):
        name, url, admin = self.house.add(example.clock)
        try:
            return client.play(url, admin, example, patience_ms)
        finally:
            self.house.remove(name)

    def versions(self):
        return {client.name: client.version() for client in self.clients}

    def all_cells(self, patience_ms=PATIENCE_MS):
        """Outcomes by kind and client. Those who wait do so side by side."""
        cells = {}
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE * len(self.clients)) as pool:
            for example in examples(BINARY):
                for client in self.clients:
                    cells[example.kind, client.name] = pool.submit(self.cell, client, example, patience_ms)
            return {key: cell.result() for key, cell in cells.items()}
