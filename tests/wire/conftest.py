"""Fixtures for the tests that look at cpgw-mock's bytes and sockets from outside."""

import itertools
import os

import pytest

from at_terminal import Terminal
from client import Client
from mock import BINARY, Mock


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
def terminal():
    """Runs programs at terminals of their own: terminal(program, argument…)."""
    opened = []

    def open_one(*command):
        opened.append(Terminal(*map(str, command)))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()
