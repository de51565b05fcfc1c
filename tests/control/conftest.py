"""Fixtures for the tests that drive cpgw-mock through its control API: processes on free ports, as in tests/wire."""

import importlib.util
import sys
from pathlib import Path

import pytest

WIRE = Path(__file__).resolve().parents[1] / "wire"
sys.path.insert(0, str(WIRE))

from admin import Admin, Broker, trusting  # noqa: E402

_spec = importlib.util.spec_from_file_location("wire_conftest", WIRE / "conftest.py")
wire_conftest = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(wire_conftest)
state_home, start, start_shared = wire_conftest.state_home, wire_conftest.start, wire_conftest.start_shared


@pytest.fixture
def serve(start):
    """Starts a process of the test's own: serve(scenario, option…) gives its mock and its control API."""
    opened = []

    def one(scenario="authenticated", *options, clock="manual", token=None, **limits):
        mock = start(scenario, "--clock", clock, *options, **limits)
        admin = Admin(mock.said["admin_url"], token=token or mock.said.get("admin_token"))
        admin.mock, admin.port = mock, mock.port
        opened.append(admin)
        return admin

    yield one
    for admin in opened:
        admin.close()


@pytest.fixture(scope="module")
def process(start_shared):
    """One process for a whole file; each test has gateways of its own in it."""
    mock = start_shared("authenticated", "--clock", "manual")
    with Admin(mock.said["admin_url"]) as admin:
        admin.mock, admin.port = mock, mock.port
        yield admin


@pytest.fixture
def gateway(process):
    """A gateway of the test's own, authenticated, with a manual clock."""
    added = process.add(clock="manual")
    added.mock = process.mock
    yield added
    added.close()
    process.call("DELETE", f"/gateways/{added.name}")


@pytest.fixture
def broker(process):
    """Clients of gateways: broker(gateway)."""
    opened = []
    context = trusting(process.mock.ca_file)

    def one(gateway):
        opened.append(Broker(gateway.port, context))
        return opened[-1]

    yield one
    for client in opened:
        client.close()
