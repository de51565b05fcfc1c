"""A thousand websockets in one process, on one thread: one step of the clock, and each has its heartbeat."""

import pytest

from client import Client
from frames import Websocket
from mock import SANITIZED, allow_descriptors, eventually
from test_websocket import admin

MANY = 1000
# What one costs besides its TLS session, and with it, in KiB: far less than a connection with a parser.
COST_MAX = 64


def advance(mock, by):
    admin(mock, "POST", "/clock/advance", {"by": by})


def test_each_of_a_thousand_has_its_heartbeat(start):
    if allow_descriptors() < 2 * MANY:
        pytest.skip("this machine allows fewer descriptors")
    mock = start("authenticated", "--clock", "manual")
    idle = mock.descriptors()
    before = mock.memory_kib()
    websockets = [Websocket(Client(mock.port)) for _ in range(MANY)]
    assert mock.descriptors() == idle + MANY, "a descriptor each"

    advance(mock, "1s")
    for websocket in websockets:
        assert websocket.message_of("sts")["args"]["authenticated"] is True
    cost = (mock.memory_kib() - before) / MANY
    assert SANITIZED or cost < COST_MAX, f"{cost:.1f} KiB each"
    mock.comes_to_rest()

    # Three beats in one step: none is lost, and all are on their way once the clock has moved.
    advance(mock, "30s")
    for websocket in websockets:
        beats = [websocket.message() for _ in range(3)]
        assert [beat["topic"] for beat in beats] == ["system"] * 3
        assert all(beat["hb"] > 0 for beat in beats)
    mock.comes_to_rest()

    for websocket in websockets:
        websocket.client.close()
    eventually(lambda: mock.descriptors() == idle)
