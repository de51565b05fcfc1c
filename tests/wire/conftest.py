"""Fixtures for the tests that look at cpgw-mock's bytes and sockets from outside."""

import itertools
import os
import random
from pathlib import Path

import pytest

from at_terminal import Terminal
from client import Client
from mock import BINARY, Mock
from run_cli import is_free
from visitor import Visitor


@pytest.fixture(scope="session")
def state_home(tmp_path_factory):
    """A certificate authority of this run's own: the tests neither use nor touch the developer's."""
    assert BINARY.exists(), f"{BINARY} is missing: build it first, or point CPGW_MOCK at it"
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith("CPGW_") and name != "CPGW_MOCK":
                patch.delenv(name)
        folder = tmp_path_factory.mktemp("state")
        patch.setenv("XDG_STATE_HOME", str(folder))
        yield folder / "cpgw-mock"


class Starter:
    """Starts mocks; all of them must end well when the test does."""

    def __init__(self, folder):
        self.folder = folder
        self.numbers = itertools.count()
        self.running = []

    def __call__(self, scenario="authenticated", *options, **limits):
        folder = self.folder / f"mock-{next(self.numbers)}"
        folder.mkdir()
        self.running.append(Mock(folder, scenario, *options, **limits))
        return self.running[-1]

    def stop(self, failed):
        for mock in self.running:
            if mock.process.returncode is None:
                mock.kill() if failed else mock.stop()


@pytest.fixture
def start(state_home, tmp_path):
    """Starts a mock of the test's own: start(scenario, option…). The scenario is a name or a dictionary."""
    starter = Starter(tmp_path)
    yield starter
    starter.stop(failed=False)


@pytest.fixture(scope="module")
def start_shared(state_home, tmp_path_factory):
    """The same for a whole file: for tests that leave no traces."""
    starter = Starter(tmp_path_factory.mktemp("shared"))
    yield starter
    starter.stop(failed=False)


@pytest.fixture
def connect():
    """Opens connections that are closed when the test ends: connect(mock, …)."""
    clients = []

    def open_one(mock, **how):
        clients.append(Client(mock.port, **how))
        return clients[-1]

    yield open_one
    for client in clients:
        client.close()


@pytest.fixture
def visit(start, connect):
    """Opens the login page of a gateway whose clock stands: visit(scenario, option…). A dictionary has more of login_accounts."""

    def open_one(scenario="login_accounts", *options):
        if isinstance(scenario, dict):
            scenario = {"extends": "login_accounts", **scenario}
        mock = start(scenario, "--clock", "manual", *options)
        return Visitor(connect(mock), mock).open()

    return open_one


@pytest.fixture
def terminal():
    """Runs programs at terminals of their own: terminal(program, argument…)."""
    opened = []

    def open_one(*command):
        opened.append(Terminal(*map(str, command)))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()


@pytest.fixture(scope="module")
def clean_environment(tmp_path_factory):
    """No variable of the developer's reaches the program, and no certificate authority of theirs is touched."""
    before = dict(os.environ)
    for name in list(os.environ):
        if name.startswith("CPGW_") or name.upper().endswith("_PROXY"):
            del os.environ[name]
    os.environ["XDG_STATE_HOME"] = str(tmp_path_factory.mktemp("state"))
    # As fast as the machine's clock, but from the morning on: what befalls a session every night befalls no test.
    os.environ["CPGW_CLOCK"] = "scaled:1"
    os.environ["CPGW_WAIT"] = "1m"
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def free_port():
    """One that nobody is given who takes any: below those that the machine hands out."""
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    return next(port for port in iter(lambda: random.randrange(max(1024, lowest // 2), lowest), None) if is_free(port))


@pytest.fixture
def story(tmp_path):
    """Writes a scenario file."""

    def write(text, name="story.json"):
        file = tmp_path / name
        file.write_text(text)
        return str(file)

    return write
