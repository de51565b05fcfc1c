"""Fixtures for the tests that look at the login pages as a person does: in a browser."""

import json
import os
import sys
import urllib.request
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "wire"), str(TESTS / "support")]

# A proxy would have a say in what the browser fetches.
for name in list(os.environ):
    if name.upper().endswith("_PROXY"):
        del os.environ[name]

from chromium import Chromium  # noqa: E402
from mock import BINARY, Mock  # noqa: E402


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """One for all tests: it takes seconds to start."""
    browser = Chromium(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.quit()


# What the event promo_on puts between a password and the end.
PROMO = {"login": "accepted", "reply": "login_promo", "event": "login_passed"}
STORY = {
    "extends": "login_accounts",
    "regions": ["upstream", "pacing", "bridge", "session", "login", "chain", "sign_in", "promo"],
    "initial": ["promo_off"],
    "states": {
        "promo_off": {"region": "promo", "quiet": True, "on": {"promo_on": "promo_on"}},
        "promo_on": {"region": "promo", "quiet": True, "answers": {"sso_dispatcher": PROMO}},
    },
}


class Gateway:
    """A gateway that knows users, whose clock stands."""

    def __init__(self, mock):
        self.mock = mock
        self.url = f"https://localhost:{mock.port}"

    def _ask(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        wanted = urllib.request.Request(f"{self.mock.admin_url}/__admin{path}", data, method=method)
        with urllib.request.urlopen(wanted, timeout=60) as answer:
            return json.load(answer)

    def happen(self, event):
        self._ask("POST", "/actions", {"event": event})

    def become(self, year):
        """Begins anew, with that year's pages."""
        self._ask("POST", "/reset")
        self._ask("PUT", "/settings", {"login_page": year})

    def await_state(self, state):
        self._ask("GET", f"/state/wait?state={state}&timeout=60s")

    def logins(self):
        """What was tried, in order."""
        records = self._ask("GET", "/journal?kind=login")["records"]
        return [record["name"] for record in records]


@pytest.fixture(scope="session")
def gateway(tmp_path_factory):
    assert BINARY.exists(), f"{BINARY} is missing: build it first, or point CPGW_MOCK at it"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        mock = Mock(tmp_path_factory.mktemp("mock"), STORY, "--clock", "manual")
    yield Gateway(mock)
    mock.stop()
