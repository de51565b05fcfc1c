"""Why: streaming clients stand on one of a few websocket libraries. Each connects, is told the session's state, is answered,
keeps its heartbeat, and sees the end as it is.

PyPI websocket-client (which ibind uses), npm ws, and what Node.js itself brings along; unmodified, verifying TLS.
"""

import json
import re

import pytest
import websocket

from cpgw_mock import UPSTREAM_DEAD, USER
from websocket_driver import NodeWebsocket

# The gateway says all it has to say to a new stream within a second of its own time.
GREETED = "1s"


class PythonWebsocket:
    """websocket-client, with the words of NodeWebsocket."""

    def __init__(self, gateway):
        self._socket = websocket.create_connection(
            f"wss://localhost:{gateway.port}/v1/api/ws", timeout=60, sslopt={"ca_certs": gateway.ca_file}
        )

    def send(self, text):
        self._socket.send(text)

    def message(self):
        opcode, payload = self._socket.recv_data()
        assert opcode == websocket.ABNF.OPCODE_BINARY, (opcode, payload)
        return json.loads(payload)

    def ended(self):
        opcode, payload = self._socket.recv_data()
        assert opcode == websocket.ABNF.OPCODE_CLOSE
        return int.from_bytes(payload[:2], "big"), payload[2:].decode()

    def close(self):
        """The code and reason that the gateway answers with."""
        self._socket.send_close(1000, b"enough")
        return self.ended()

    def leave(self):
        self._socket.shutdown()


@pytest.fixture(params=["websocket-client", "ws", "node"])
def connect(request, house, tmp_path):
    """Opens a websocket in each library in turn."""
    opened = []

    def open_one(gateway):
        of = PythonWebsocket if request.param == "websocket-client" else NodeWebsocket
        opened.append(of(gateway) if of is PythonWebsocket else of(gateway, request.param, tmp_path))
        return opened[-1]

    yield open_one
    for each in opened:
        each.leave()


def test_status_tic_heartbeat_and_a_close_by_the_client(gateway, connect):
    mock = gateway()
    stream = connect(mock)
    mock.advance(GREETED)
    assert stream.message() == {"topic": "system", "success": USER, "isFT": False, "isPaper": True}
    assert stream.message()["topic"] == "act"
    status = stream.message()
    assert status["topic"] == "sts"
    assert (status["args"]["connected"], status["args"]["authenticated"]) == (True, True)

    stream.send("tic")
    tic = stream.message()
    assert (tic["topic"], tic["alive"]) == ("tic", True)
    assert re.fullmatch("[0-9a-f]{32}", tic["id"])

    mock.advance("10s")
    assert stream.message()["hb"] > 0
    assert stream.close() == (1000, "enough")


def test_a_close_by_the_gateway(gateway, connect):
    mock = gateway()
    stream = connect(mock)
    mock.advance(GREETED)
    for _ in range(3):
        stream.message()
    mock.do({"send": "close"})
    assert stream.ended() == (1000, "")


def test_silence_where_the_upstream_is_dead(gateway, connect):
    """Open, and that is all; until the upstream is back it can only be closed."""
    mock = gateway(UPSTREAM_DEAD)
    stream = connect(mock)
    mock.advance("5m")
    stream.send("tic")
    assert stream.close() == (1000, "enough"), "and no message before it"
