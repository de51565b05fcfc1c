"""One cpgw-mock process for one test: how it is started, what it says, how it is stopped.

The only file here that knows the command line, and the words that scenario files are written in.
"""

import json
import os
import selectors
import signal
import subprocess
import threading
import time
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


def story(beginning, *cues, **settings):
    """A scenario of a test's own: the one that it begins as, then (at, event) pairs, then settings of the machine."""
    return {
        "name": "a_story_of_tests_clients",
        "title": "a story of tests/clients",
        "extends": beginning,
        "timeline": [{"at": at, "event": event} for at, event in cues],
        "settings": settings,
    }


def eventually(ask, want=True, within=10.0):
    """Asks again and again until the answer is the wanted one, or fails with the last answer after `within` seconds."""
    deadline = time.monotonic() + within
    pause = threading.Event()
    while True:
        answer = ask()
        if answer == want:
            return answer
        assert time.monotonic() < deadline, f"still {answer!r} after {within} s, wanted {want!r}"
        pause.wait(0.05)


class Gateway:
    """A running mock. `url`, `port` and `ca_file` are what it said about itself on its first line of output."""

    def __init__(self, folder, scenario, clock):
        self.port_file = folder / "port"
        self._errors = folder / "stderr.txt"
        if isinstance(scenario, dict):
            file = folder / "scenario.json"
            file.write_text(json.dumps(scenario, indent=2))
            scenario = str(file)
        command = [BINARY, "serve", "--port", "0", "--port-file", self.port_file, "--scenario", scenario, "--clock", clock]
        with self._errors.open("w") as errors:
            self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)
        try:
            said = json.loads(self._first_line(within=10.0))
        except BaseException:
            self.process.kill()
            self.process.wait()
            raise
        self.url, self.port, self.ca_file = said["url"], said["port"], said["ca_file"]

    def _first_line(self, within):
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            ready = selector.select(within)
        line = self.process.stdout.readline() if ready else ""
        assert line, f"cpgw-mock did not say where it listens:\n{self._errors.read_text()}"
        return line

    def wait(self, within=10.0):
        """The exit status, once the process has ended by whatever hand."""
        return self.process.wait(within)

    def stop(self):
        """Ends the mock as an init system would, and insists that it goes, and with status 0."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(5.0)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        finally:
            self.process.stdout.close()
        assert status == 0, f"cpgw-mock ended with {status}:\n{self._errors.read_text()}"
