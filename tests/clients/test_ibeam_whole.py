"""Why: what IBeam is for is that nobody has to be there: it starts the gateway, logs in through the login page, and does
so again whatever befalls the session.

PyPI ibeam, unmodified and whole, as its own process, with Debian's Chromium, ChromeDriver and Xvfb: only the program that
its run.sh starts is ours. Settings are IBeam's own environment variables; what is stock takes minutes and is shortened.
Time is scaled, so that what happens to a session in a night happens in seconds.
"""

import contextlib
import fcntl
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import ibeam
import pytest

from cpgw_mock import BINARY, Control

STARTER = Path(ibeam.__file__).parent / "ibeam_starter.py"
USER, PASSWORD = "trader", "open sesame"
# Far more than it takes: a slow machine under load must not fail.
WITHIN = 120.0
MAINTAINED = "Gateway running and authenticated, session id"

STORY = {
    "name": "kept_by_ibeam",
    "title": "a gateway that only IBeam keeps logged in",
    "extends": "fresh",
    "accounts": {USER: {"password": PASSWORD, "mode": "paper"}},
    # Half past nine in the evening, in New York: midnight is not near before it is wanted.
    "clock": {"start": "2026-03-03T02:30:00Z"},
    # The hours until then pass at once, in which IBeam has no turn to keep the session in use.
    "settings": {"idle_timeout": "24h"},
}


def free_ports(count):
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def eventually(holds, why):
    """Asks until the answer is true."""
    deadline = time.monotonic() + WITHIN
    while not (answer := holds()):
        assert time.monotonic() < deadline, why()
        time.sleep(0.1)
    return answer


class WholeIBeam:
    """IBeam's process, and the gateway that it has started, by its control API."""

    def __init__(self, folder, ca_file):
        self.folder = folder
        self.port, self.admin_port, self.health_port = free_ports(3)
        gateway, inputs = folder / "clientportal.gw", folder / "inputs"
        # Chromium has a socket in there, whose whole name may have 107 characters: pytest's folders are too deep.
        self.temporary = tempfile.TemporaryDirectory(prefix="ibeam-", ignore_cleanup_errors=True)
        for made in (gateway / "bin", gateway / "root", inputs):
            made.mkdir(parents=True)
        # As its wiki tells: the authority for its HTTP, and a keystore that only the real gateway reads.
        shutil.copy(ca_file, inputs / "cacert.pem")
        (inputs / "cacert.jks").touch()
        (gateway / "root/conf.yaml").touch()
        (folder / "story.json").write_text(json.dumps(STORY))
        self.mark = folder / "the.port"
        serve = f"--port {self.port} --admin-port {self.admin_port} --scenario '{folder}/story.json' --clock scaled:5"
        (gateway / "bin/run.sh").write_text(
            f"exec '{BINARY}' serve {serve} --port-file '{self.mark}' >>'{folder}/mock.out' 2>>'{folder}/mock.log'\n"
        )
        environment = {
            **os.environ,
            "IBEAM_ACCOUNT": USER,
            "IBEAM_PASSWORD": PASSWORD,
            "IBEAM_GATEWAY_BASE_URL": f"https://localhost:{self.port}",
            "IBEAM_GATEWAY_DIR": str(gateway),
            "IBEAM_GATEWAY_PROCESS_MATCH": str(self.mark),
            "IBEAM_INPUTS_DIR": str(inputs),
            "IBEAM_OUTPUTS_DIR": str(folder / "outputs"),
            "IBEAM_LOG_TO_FILE": "False",
            "IBEAM_CHROME_DRIVER_PATH": "/usr/bin/chromedriver",
            "IBEAM_HEALTH_SERVER_PORT": str(self.health_port),
            "IBEAM_MAINTENANCE_INTERVAL": "2",
            "IBEAM_MIN_PRESUBMIT_BUFFER": "0",
            "IBEAM_OAUTH_TIMEOUT": "60",
            "IBEAM_PAGE_LOAD_TIMEOUT": "60",
            "IBEAM_GATEWAY_STARTUP": "60",
            "TMPDIR": self.temporary.name,
            "HOME": self.temporary.name,
            "PYTHONUNBUFFERED": "1",
            # Chromium would like to ask its maker for this and that: it finds nobody there.
            "http_proxy": "http://127.0.0.1:9",
            "https_proxy": "http://127.0.0.1:9",
            "no_proxy": "localhost,127.0.0.1",
        }
        with (folder / "ibeam.log").open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, STARTER],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._control = Control(f"http://127.0.0.1:{self.admin_port}/__admin")

    def log(self):
        return (self.folder / "ibeam.log").read_text()

    def why(self):
        gateway = self.folder / "mock.log"
        return f"IBeam:\n{self.log()}\nthe gateway:\n{gateway.read_text() if gateway.exists() else 'never started'}"

    def await_log(self, pattern, since=0):
        """Waits until IBeam has said so, after the first `since` characters; returns how much it has said by then."""
        found = eventually(lambda: re.search(pattern, self.log()[since:]), self.why)
        return since + found.end()

    def is_ready(self):
        """What its health server says."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.health_port}/readyz", timeout=60) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def happens(self, event):
        """Lets an event befall the session; returns how much IBeam had said before."""
        said = len(self.log())
        self._control.ask("PUT", "/state", {"event": event})
        return said

    def night_falls(self):
        """It is seconds before midnight in New York; what comes then comes by itself."""
        said = len(self.log())
        self._control.ask("POST", "/clock/set", {"to": "2026-03-03T04:59:55Z"})
        return said

    def timers(self):
        """Those that have fired, by name."""
        return {record["name"] for record in self._control.ask("GET", "/journal?kind=timer")["records"]}

    def logins(self):
        """What tried to log in at this gateway, in order."""
        records = self._control.ask("GET", "/journal?kind=login")["records"]
        return [(record["name"], record["text"]) for record in records]

    def is_well(self, since):
        """Waits until IBeam has found the session well again, and says that it is ready."""
        said = self.await_log(MAINTAINED, since)
        eventually(self.is_ready, self.why)
        return said

    def stop(self):
        """IBeam has no good end of its own: an interrupt ends it. What it has started must not outlive the test."""
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(30.0)
        except subprocess.TimeoutExpired:
            pass
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.temporary.cleanup()


@pytest.fixture
def whole_ibeam(house, tmp_path):
    # IBeam has its browser debugged at port 9222, always: two at once would drive each other's.
    with (Path(tempfile.gettempdir()) / "cpgw-mock-ibeam-9222.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        running = WholeIBeam(tmp_path, house.environment["CPGW_CA_FILE"])
        try:
            yield running
        finally:
            running.stop()


def test_ibeam_keeps_a_session_through_a_night(whole_ibeam):
    # It starts the gateway, and logs in by page: as a live user first, then, since the page says so, as a paper one.
    said = whole_ibeam.is_well(0)
    assert "Gateway not found, starting new one" in whole_ibeam.log()
    assert "Switching to paper mode and reattempting to submit the form" in whole_ibeam.log()
    assert whole_ibeam.logins() == [("login_wants_paper", f"{USER}, live"), ("login", f"{USER}, paper")]

    # The brokerage session is lost: won back without a login.
    whole_ibeam.happens("brokerage_drop")
    said = whole_ibeam.await_log("Active session found but not authenticated, reauthenticating", said)
    said = whole_ibeam.is_well(said)
    assert len(whole_ibeam.logins()) == 2

    # SSO runs out, and the night takes the session: two logins more, each by page.
    for falls in (lambda: whole_ibeam.happens("sso_expire"), whole_ibeam.night_falls):
        before = len(whole_ibeam.logins())
        falls()
        said = whole_ibeam.await_log("No active sessions, logging in", said)
        said = whole_ibeam.await_log("Webpage displayed .Client login succeeds.", said)
        said = whole_ibeam.is_well(said)
        assert whole_ibeam.logins()[before:] == [("login_wants_paper", f"{USER}, live"), ("login", f"{USER}, paper")]

    assert "nightly_reset" in whole_ibeam.timers()

    # Another client takes over: IBeam logs out, finds no session, ends the gateway, starts another, and logs in there.
    whole_ibeam.happens("competing_login")
    said = whole_ibeam.await_log("Competing or disconnected Gateway session found", said)
    said = whole_ibeam.await_log("Gateway not found, starting new one", said)
    whole_ibeam.is_well(said)
    assert len(whole_ibeam.logins()) == 2, "of the new gateway"
    assert "PASSWORD" not in (whole_ibeam.folder / "mock.log").read_text()
    assert PASSWORD.split()[1] not in (whole_ibeam.folder / "mock.log").read_text()
