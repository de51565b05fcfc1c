"""A gateway for one test: how it is started, how a test moves its time and waits for it, how it is ended.

The only file here that knows the command line, the control API, and the words that scenario files are written in.
"""

import concurrent.futures
import json
import os
import selectors
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("CPGW_MOCK", REPOSITORY / "build/release/cpgw-mock"))

# The scenarios that come with the program, each named after the state in which it begins.
FRESH = "fresh"
SSO_ONLY = "sso_only"
AUTHENTICATED = "authenticated"
COMPETING = "competing"
BROKERAGE_LOST = "brokerage_lost"
SSO_EXPIRED = "sso_expired"
LOGGED_OUT = "logged_out"
UPSTREAM_DEAD = "upstream_dead"
UPSTREAM_SICK = "upstream_sick"
PACED = "paced"
IP_DENIED = "ip_denied"

# The events that a timeline can bring.
LOGIN = "login"
BROKERAGE_DROP = "brokerage_drop"
COMPETING_LOGIN = "competing_login"
SSO_EXPIRE = "sso_expire"
UPSTREAM_DIE = "upstream_die"
UPSTREAM_RECOVER = "upstream_recover"

# Whom the gateway says has logged in, unless a scenario says otherwise.
USER = "user1234"
ACCOUNT = "DU1234567"


def meanwhile(call, *steps):
    """What `call` returns, which waits for what the steps bring about."""
    with concurrent.futures.ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(call)
        for step in steps:
            step()
        return waiting.result(60.0)


def first_line(process, what, errors, within=60.0):
    """What a process says first, or what it complained of."""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        ready = selector.select(within)
    line = process.stdout.readline() if ready else ""
    assert line, f"{what} said nothing:\n{errors.read_text()}"
    return line


def eventually(holds, within=60.0):
    """For what a client's library does in threads of its own, which nobody is told of: asks again and again."""
    nothing = threading.Event()
    for _ in range(int(within / 0.01)):
        if holds():
            return
        nothing.wait(0.01)
    raise AssertionError(f"still not so after {within} s")


class Control:
    """The control API of one gateway, or of the process when `path` is that of all."""

    def __init__(self, url):
        self._url = url

    def ask(self, method, path="", body=None, patience=90.0):
        """The answer's JSON; a refusal fails with the sentence in it."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._url + path, data, method=method)
        try:
            with urllib.request.urlopen(request, timeout=patience) as answer:
                text = answer.read()
        except urllib.error.HTTPError as refused:
            raise AssertionError(f"{method} {path}: {refused.code} {refused.read().decode()}") from None
        return json.loads(text) if text else None


class Gateway:
    """A running mock: `url`, `port` and `ca_file` are for the client, the methods for the test."""

    def __init__(self, url, port, ca_file, control):
        self.url, self.port, self.ca_file = url, port, ca_file
        self._control = Control(control)

    def happen(self, event):
        """An event, now."""
        self._control.ask("PUT", "/state", {"event": event})

    def do(self, action):
        """An action, now."""
        self._control.ask("POST", "/actions", action)

    def advance(self, by):
        """Moves a manual clock. All that is due has happened when this returns: the names of the timers and cues, in order."""
        moved = self._control.ask("POST", "/clock/advance", {"by": by})
        return [fired["name"] for fired in moved["fired"] if fired["kind"] in ("timer", "cue")]

    def await_calls(self, endpoint, count=1):
        """Waits until the client has made so many calls. What they are answered may still be on its way."""
        query = urllib.parse.urlencode({"endpoint": endpoint, "count": count, "timeout": "60s"})
        self._control.ask("GET", f"/requests/wait?{query}")

    def await_state(self, *states):
        query = urllib.parse.urlencode({"state": ",".join(states), "timeout": "60s"})
        self._control.ask("GET", f"/state/wait?{query}")

    def set(self, **settings):
        self._control.ask("PUT", "/settings", settings)

    def logins(self):
        """What came of each attempt to log in, in order."""
        return [record["name"] for record in self._control.ask("GET", "/journal?kind=login")["records"]]

    def stream_ends(self):
        """Why each websocket that has ended did, in order."""
        records = self._control.ask("GET", "/journal?kind=stream")["records"]
        return [record["text"] for record in records if record["name"] == "closed"]

    def count(self, endpoint):
        """How many calls of an endpoint there were."""
        return self._control.ask("GET", f"/requests/count?{urllib.parse.urlencode({'endpoint': endpoint})}")["count"]


class House:
    """One `cpgw-mock exec` for a whole run: each test has a gateway of its own in it, with its own clock and journal.

    Its command only says what environment a client would find, and ends when it is told to.
    """

    COMMAND = "import json, os, sys; print(json.dumps(dict(os.environ)), flush=True); sys.stdin.read()"

    def __init__(self, folder):
        self._errors = folder / "stderr.txt"
        command = [BINARY, "exec", "--clock", "manual", "--", sys.executable, "-c", self.COMMAND]
        with self._errors.open("w") as errors:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True
            )
        try:
            self.environment = json.loads(first_line(self._process, "exec's command", self._errors))
        except BaseException:
            self._process.kill()
            self._process.wait()
            raise
        self._url = self.environment["CPGW_ADMIN_URL"]
        self._control = Control(self._url + "/__admin/gateways")

    def add(self, scenario, clock):
        """A gateway, and what ends it."""
        added = self._control.ask("POST", "", {"scenario": scenario, "clock": clock})
        ca_file = self.environment["CPGW_CA_FILE"]
        gateway = Gateway(added["url"], added["port"], ca_file, self._url + added["admin_path"])
        return gateway, lambda: self._control.ask("DELETE", "/" + added["name"])

    def stop(self):
        """The command ends well, and so does exec with it."""
        self._process.stdin.close()
        try:
            status = self._process.wait(60.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise
        finally:
            self._process.stdout.close()
        assert status == 0, f"cpgw-mock exec ended with {status}:\n{self._errors.read_text()}"


class OwnProcess(Gateway):
    """A gateway with a process to itself, for clients that look for one, or end it."""

    def __init__(self, folder, scenario, clock, port=0):
        self.port_file = folder / "port"
        self._errors = folder / "stderr.txt"
        command = [BINARY, "serve", "--port", str(port), "--port-file", self.port_file, "--scenario", scenario, "--clock", clock]
        with self._errors.open("w") as errors:
            self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)
        try:
            said = json.loads(first_line(self.process, "cpgw-mock", self._errors))
        except BaseException:
            self.process.kill()
            self.process.wait()
            raise
        super().__init__(said["url"], said["port"], said["ca_file"], said["admin_url"] + "/__admin")

    def wait(self, within=60.0):
        """The exit status, once the process has ended by whatever hand."""
        return self.process.wait(within)

    def stop(self):
        """Ends the mock as an init system would, and insists that it goes, and with status 0."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(60.0)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        finally:
            self.process.stdout.close()
        assert status == 0, f"cpgw-mock ended with {status}:\n{self._errors.read_text()}"
