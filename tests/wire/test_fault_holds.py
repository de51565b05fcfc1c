"""While a fault holds, whatever its kind, the process is idle and nobody else notices: every kind is put on a gateway of its own,
in one process, with an example from tests/support/fault_examples.py."""

import contextlib
import socket
import ssl
import sys
import time
from pathlib import Path

import pytest

from client import STATUS, TICKLE, Client, get, post
from mock import BINARY, eventually
from test_faults import ACCOUNTS, ONE_USER, call

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from fault_examples import EXAMPLES, examples  # noqa: E402

# What neighbours ask: relayed answers and the gateway's own, and a body. None is what the examples act on.
ASKED = [get(ONE_USER), get(STATUS), get("/nowhere"), get(ACCOUNTS), post(STATUS, body=b"{}"), get(ONE_USER)]


def test_every_kind_has_an_example():
    assert examples(BINARY)


class Gateway:
    """One in a process of many; its clock stands still."""

    def __init__(self, mock):
        self._mock = mock
        added = call(mock, "POST", "/gateways", {"scenario": "authenticated", "clock": "manual"})
        self.port, self.path = added["port"], f"/gateways/{added['name']}"

    def add(self, rule):
        call(self._mock, "POST", f"{self.path}/faults", {"the_fault": rule})

    def acted(self):
        return call(self._mock, "GET", f"{self.path}/faults")["faults"][0]["acted"]

    def remove(self):
        call(self._mock, "DELETE", f"{self.path}/faults/the_fault")

    def end(self):
        call(self._mock, "DELETE", self.path)


@pytest.fixture(scope="module")
def mock(start_shared):
    return start_shared("authenticated", "--clock", "manual")


def answers(client):
    """All that is asked at once, and what comes."""
    client.send(b"".join(ASKED))
    return [client.answer().raw for _ in ASKED]


# ---- who meets the fault ----


def meet_in_a_call(gateway, client, wanted):
    """Between two other requests, of which the first is answered as ever."""
    client.send(get(ONE_USER) + post(TICKLE) + get(STATUS))
    assert client.answer().raw == wanted[0]


def try_to_connect(port, family, address):
    client = socket.socket(family)
    client.setblocking(False)
    client.connect_ex((address, port))
    return client


def go_on(client):
    """As far as what has come lets the client go; true when it may ask."""
    with contextlib.suppress(ssl.SSLError, OSError):
        while True:
            try:
                client.tls.do_handshake()
                client._flush()
                return True
            except ssl.SSLWantReadError:
                client._flush()
                if not client._fill(time.monotonic()):
                    return False
    return False


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.kind)
def test_it_costs_nothing_while_it_holds_and_disturbs_nobody(mock, example):
    gateway = Gateway(mock)
    neighbour = Client(gateway.port)
    wanted = answers(neighbour)
    before = mock.descriptors()
    with contextlib.ExitStack() as leaving:

        def enter(client):
            leaving.callback(client.close)
            return client

        early = enter(Client(gateway.port)) if example.moment == "call" else None
        gateway.add(example.rule)
        if example.moment == "call":
            meet_in_a_call(gateway, early, wanted)
        elif example.moment == "port":
            for family, address in [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")] * 3:
                enter(try_to_connect(gateway.port, family, address))
        else:
            with contextlib.suppress(ConnectionResetError):  # so soon that it meets connect() itself
                early = enter(Client(gateway.port, greet=False))
                go_on(early)
        eventually(lambda: gateway.acted() > 0)
        mock.comes_to_rest()
        if early and example.moment != "call" and go_on(early):
            early.send(post(TICKLE))
            mock.comes_to_rest()

        assert answers(neighbour) == wanted
        if example.moment == "call":
            newcomer = enter(Client(gateway.port))
            assert answers(newcomer) == wanted
        assert answers(neighbour) == wanted
    gateway.remove()
    eventually(lambda: mock.descriptors() == before)
    newcomer = Client(gateway.port)
    assert answers(newcomer) == wanted
    newcomer.close()
    neighbour.close()
    gateway.end()


def test_nothing_is_left_of_them(mock):
    call(mock, "GET", "/health")
    mock.comes_to_rest()
