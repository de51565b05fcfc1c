"""Why: clients are killed, and machines vanish, in the midst of whatever they do. However a websocket's client goes,
and whatever the gateway still had for it, the connection goes with it: no descriptor, nothing in CLOSE-WAIT, no
processor time.

Each client's connection is looked up by its port among all that the kernel has, and that until it is not there: no test
here depends on how long that takes.
"""

import contextlib
import json
import selectors
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from client import Client
from frames import TEXT, Websocket, frame, upgrade
from held_sockets import held, unsent
from mock import WITHIN, eventually
from test_websocket import admin, is_idle

TCP_REPAIR = 19
CLOCK = ("--clock", "manual")
TIC = frame(TEXT, "tic")
# More answers than the kernel takes from the server for a client that does not read.
ASKED = 60000


@pytest.fixture(scope="module")
def mock(start_shared):
    return start_shared("authenticated", *CLOCK)


@pytest.fixture
def nothing_stays(mock):
    """When the test is over, the server holds what it held before."""
    open_and_close = Client(mock.port)
    Websocket(open_and_close)
    end = port_of(open_and_close)
    open_and_close.abort()
    eventually(lambda: not held(mock.port, end))
    before = mock.descriptors()
    yield
    eventually(lambda: mock.descriptors() <= before)
    mock.comes_to_rest()


def port_of(client):
    return client.socket.getsockname()[1]


# ---- what a client has done when it goes ----


def half_a_hello(port):
    client = Client(port, greet=False)
    client.socket.sendall(b"\x16\x03\x01\x02\x00\x01\x00")
    return client


def half_an_upgrade(port):
    client = Client(port)
    client.send(upgrade()[:-2])
    return client


def not_waiting_for_the_answer(port):
    client = Client(port)
    client.send(upgrade() + TIC)
    return client


def open_only(port, behind=b""):
    client = Client(port)
    Websocket(client, behind=behind)
    return client


def half_a_head(port):
    return open_only(port, TIC[:3])


def half_a_frame(port):
    return open_only(port, TIC[:-1])


def half_a_message(port):
    return open_only(port, frame(TEXT, b"t", fin=False))


def half_a_record(port):
    """TLS says how much will come, and that does not come."""
    client = open_only(port)
    client.tls.write(TIC * 100)
    client.socket.sendall(client.outgoing.read()[:50])
    return client


def backlog(port):
    """Asks and asks, and reads no answer: the server cannot send what it has, and has stopped to read."""
    client = open_only(port)
    client.socket.settimeout(0.3)
    try:
        while True:
            client.send(TIC * 100)
    except TimeoutError:
        client.socket.settimeout(WITHIN)
    eventually(lambda: unsent(port, port_of(client)) > 0)
    return client


STATES = [
    half_a_hello,
    half_an_upgrade,
    not_waiting_for_the_answer,
    open_only,
    half_a_head,
    half_a_frame,
    half_a_message,
    half_a_record,
    backlog,
]


# ---- how it goes ----


def fin(client):
    client.close()


def rst(client):
    client.abort()


def goodbye_and_fin(client):
    """As far as it gets: where the server does not read, it is not heard."""
    client.socket.settimeout(0.3)
    with contextlib.suppress(TimeoutError):
        client.half_close()
    client.close()


@pytest.mark.parametrize("goes", [fin, rst, goodbye_and_fin])
@pytest.mark.parametrize("state", STATES)
def test_nothing_stays_of_who_goes(mock, nothing_stays, state, goes):
    if state is half_a_hello and goes is goodbye_and_fin:
        pytest.skip("there is no TLS yet to say it in")
    client = state(mock.port)
    port = port_of(client)
    goes(client)
    eventually(lambda: not held(mock.port, port))


@pytest.mark.parametrize("state", [open_only, half_a_frame, backlog])
def test_nothing_stays_of_who_has_vanished(mock, nothing_stays, state):
    """Without a word: a machine that lost its power. That shows when the next heartbeat finds nobody."""
    client = state(mock.port)
    port = port_of(client)
    try:
        client.socket.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
    except PermissionError:
        client.abort()
        pytest.skip("only root may vanish")
    client.close()
    assert held(mock.port, port) == "ESTABLISHED", "nobody has told it"

    def is_found_out():
        admin(mock, "POST", "/clock/advance", {"by": "10s"})
        return not held(mock.port, port)

    eventually(is_found_out)


def test_who_only_stops_to_read_is_kept_and_given_the_rest(mock, nothing_stays):
    """Half closed over a backlog: it is owed an answer to all that it has said, and an end."""
    client = open_only(mock.port)
    port = port_of(client)
    for _ in range(ASKED // 100):
        client.send(TIC * 100)
    eventually(lambda: unsent(mock.port, port) > 0)
    client.socket.shutdown(socket.SHUT_WR)
    eventually(lambda: is_idle(mock))
    assert held(mock.port, port), "as long as its client does not read"
    assert client.rest().count(b'"topic":"tic"') == ASKED
    client.close()
    eventually(lambda: not held(mock.port, port))


# ---- all at once, by a signal ----


def be_killed(port):
    """In a process of its own: one of each, and word of their ports."""
    clients = [state(port) for state in STATES]
    print(json.dumps([port_of(client) for client in clients]), flush=True)
    sys.stdin.read()


def test_nothing_stays_of_a_process_that_is_killed(mock, nothing_stays):
    command = f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); import {Path(__file__).stem} as those; "
    process = subprocess.Popen(
        [sys.executable, "-c", f"{command} those.be_killed({mock.port})"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        assert selector.select(WITHIN), "it did not come so far"
    ports = json.loads(process.stdout.readline())
    assert all(held(mock.port, port) == "ESTABLISHED" for port in ports)
    process.kill()
    process.communicate()
    for port in ports:
        eventually(lambda port=port: not held(mock.port, port))
