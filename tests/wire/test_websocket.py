"""Websockets on the wire: how they begin and end, what frames may be like, and what a client costs that misbehaves.

What a stream says when is the scenario's affair; here it only matters that it says something ("system" to begin with) and
answers "tic". RFC 6455 case by case, with an echo: tests/unit/wire_websocket.c.
"""

import http.client
import json
import socket
import struct
from pathlib import Path

import pytest

from client import STATUS, TICKLE, Client, get, post, request
from frames import (
    BINARY,
    CLOSE,
    CONTINUATION,
    KEY,
    PING,
    PONG,
    SWITCHED,
    TEXT,
    UPGRADE,
    WS,
    Websocket,
    accept_of,
    close_payload,
    frame,
    open_websocket,
    upgrade,
)
from mock import LOOKED_AT, REPOSITORY, SANITIZED, TICK, WITHIN, eventually, pause

# One for each state in which a gateway can begin.
SCENARIOS = sorted(
    path.stem for path in (REPOSITORY / "scenarios").glob("*.json") if path.stem not in ("gateway", "scenario.schema")
)


@pytest.fixture(scope="module")
def mock(start_shared):
    return start_shared("authenticated")


@pytest.fixture
def websocket(mock, connect):
    return Websocket(connect(mock))


def admin(mock, method, path, body=None):
    """A call of the control API; what it answers."""
    host = mock.admin_url.removeprefix("http://")
    connection = http.client.HTTPConnection(host, timeout=WITHIN)
    connection.request(method, "/__admin" + path, None if body is None else json.dumps(body))
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    assert answer.status < 300, text
    return json.loads(text) if text else None


# ---- the handshake ----


@pytest.mark.parametrize("target", [WS, "/ws", "/v1/portal/ws", TICKLE, "/", "/nowhere/at/all?a=b"])
def test_any_path(mock, connect, target):
    assert Websocket(connect(mock), target).is_alive()


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_state(start, connect, scenario):
    """Before anybody asks who it is, where it comes from, or whether the upstream is there."""
    mock = start(scenario, "--clock", "manual")
    client = connect(mock)
    client.send(upgrade())
    assert client.take(len(SWITCHED)) == SWITCHED


@pytest.mark.parametrize("version", ["8", "12", "14", "0", "", "x"])
def test_another_version(mock, connect, version):
    client = connect(mock)
    answer = client.ask(upgrade(version=version))
    assert answer.raw == b"HTTP/1.1 426 Upgrade Required\r\nsec-websocket-version: 13\r\ncontent-length: 0\r\n\r\n"
    assert client.ask(post(TICKLE)).status == 200, "it is still a connection for requests"


def test_no_upgrade_is_a_request_like_any_other(mock, connect):
    client = connect(mock)
    plain = client.ask(get(WS)).status
    for headers in [UPGRADE[1:], (UPGRADE[0], UPGRADE[2]), ("Upgrade: h2c", *UPGRADE[1:])]:
        assert client.ask(get(WS, *headers, "Sec-WebSocket-Version: 13")).status == plain
    assert client.ask(post(TICKLE, *UPGRADE, "Sec-WebSocket-Version: 13")).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        ("upgrade: WebSocket", "connection: keep-alive, Upgrade", f"sec-websocket-key: {KEY}"),
        (*UPGRADE, "Sec-WebSocket-Protocol: chat", "Cookie: api=nothing", "Origin: https://elsewhere"),
        (*UPGRADE, "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"),
    ],
    ids=["any_case", "more_headers", "no_compression"],
)
def test_what_else_the_client_says_changes_nothing(mock, connect, headers):
    client = connect(mock)
    client.send(get(WS, *headers, "Sec-WebSocket-Version: 13"))
    assert client.take(len(SWITCHED)) == SWITCHED


def test_the_answer_fits_the_key(mock, connect):
    key = "AAAAAAAAAAAAAAAAAAAAAA=="
    answer = connect(mock).ask(get(WS, *UPGRADE[:2], f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13"))
    assert answer["sec-websocket-accept"] == accept_of(key)


def test_after_other_requests_and_in_pieces(mock, connect):
    client = connect(mock)
    assert client.ask(get(STATUS)).status == 200
    assert client.ask(request("POST", TICKLE, "Transfer-Encoding: chunked") + b"0\r\n\r\n").status == 411
    said = upgrade()
    for at in range(0, len(said), 50):
        client.send(said[at : at + 50])
    assert client.take(len(SWITCHED)) == SWITCHED
    client.send(frame(PING, b"x"))
    while client.take(2)[0] != 0x80 | PONG:
        client.take(len(client.seen))
    assert client.take(1) == b"x"


def test_frames_right_behind_the_request(mock, connect):
    """All in one piece, before the answer has come."""
    client = connect(mock)
    websocket = Websocket(client, behind=frame(PING, b"early") + frame(TEXT, "tic") + frame(PING, b"late"))
    assert websocket.control() == (PONG, b"early")
    assert websocket.message_of("tic")["alive"] is True
    assert websocket.control() == (PONG, b"late")


def test_requests_before_it_and_frames_behind_it_in_one_piece(mock, connect):
    client = connect(mock)
    client.send(get("/") + upgrade() + frame(PING, b"x"))
    assert client.answer().status == 302
    assert client.take(len(SWITCHED)) == SWITCHED


# ---- messages ----


def test_it_begins_to_speak_by_itself(websocket):
    opcode, payload = websocket.take()
    assert opcode == BINARY
    assert json.loads(payload)["topic"] == "system"


@pytest.mark.parametrize("opcode", [TEXT, BINARY])
def test_a_message_is_answered(websocket, opcode):
    websocket.send(frame(opcode, "tic"))
    assert websocket.message_of("tic")["alive"] is True


@pytest.mark.parametrize("size", [1, 2, 7])
def test_a_message_in_pieces(websocket, size):
    said = frame(TEXT, "t", fin=False) + frame(PING, b"between") + frame(CONTINUATION, b"i", fin=False)
    said += frame(CONTINUATION, b"c")
    for at in range(0, len(said), size):
        websocket.send(said[at : at + size])
    assert websocket.control() == (PONG, b"between")
    assert websocket.message_of("tic")["alive"] is True


def test_many_messages_at_once(websocket):
    websocket.send(*[frame(TEXT, "tic")] * 500)
    for _ in range(500):
        assert websocket.message_of("tic")["alive"] is True
    assert websocket.is_alive()


def test_pings_are_answered_and_pongs_are_not(websocket):
    websocket.send(frame(PONG, b"unasked"), frame(PING, b"one"), frame(PING), frame(PING, b"p" * 125))
    assert [websocket.control() for _ in range(3)] == [(PONG, b"one"), (PONG, b""), (PONG, b"p" * 125)]


def test_pings_are_answered_where_the_upstream_is_dead(start, connect):
    websocket = Websocket(connect(start("upstream_dead", "--clock", "manual")))
    assert websocket.is_alive()


# ---- how it ends ----


@pytest.mark.parametrize("code", [1000, 1001, 3000, 4999])
def test_the_client_closes(websocket, code):
    websocket.send(frame(CLOSE, close_payload(code, b"enough")))
    assert websocket.was_closed(code, b"enough")


def test_the_client_closes_without_a_code(websocket):
    websocket.send(frame(CLOSE), frame(PING, b"not looked at"))
    assert websocket.was_closed(None)


MISTAKES = {
    "not_masked": (1002, [frame(TEXT, "tic", masked=False)]),
    "reserved_bit": (1002, [frame(TEXT, "tic", rsv=4)]),
    "compressed": (1002, [frame(BINARY, b"\xaa\x56", rsv=4)]),
    "opcode_3": (1002, [frame(3, b"x")]),
    "opcode_11": (1002, [frame(11)]),
    "long_ping": (1002, [frame(PING, b"x" * 126)]),
    "fragmented_ping": (1002, [frame(PING, b"x", fin=False)]),
    "nothing_to_go_on_with": (1002, [frame(CONTINUATION, b"x")]),
    "a_message_in_a_message": (1002, [frame(TEXT, "a", fin=False), frame(TEXT, "b")]),
    "length_not_shortest": (1002, [b"\x82\xfe\x00\x01"]),
    "half_a_code": (1002, [frame(CLOSE, b"\x03")]),
    "code_1005": (1002, [frame(CLOSE, close_payload(1005))]),
    "code_2999": (1002, [frame(CLOSE, close_payload(2999))]),
    "reason_not_utf8": (1007, [frame(CLOSE, close_payload(1000, b"\xff"))]),
    "text_not_utf8": (1007, [frame(TEXT, b"tic\x99")]),
    "text_ends_in_a_character": (1007, [frame(TEXT, b"\xe2\x82")]),
    "text_not_utf8_in_fragments": (1007, [frame(TEXT, b"\xf4", fin=False), frame(CONTINUATION, b"\x90", fin=False)]),
    "too_long": (1009, [frame(BINARY, b"x" * 65537)]),
    "too_long_in_fragments": (1009, [frame(TEXT, b"x" * 65536, fin=False), frame(CONTINUATION, b"x")]),
    "endless": (1009, [b"\x82\xff" + struct.pack(">Q", 1 << 62) + b"mask" + b"x"]),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_closes_it_with_its_code(websocket, mistake):
    code, frames = MISTAKES[mistake]
    websocket.send(*frames)
    assert websocket.was_closed(code)


@pytest.mark.parametrize("opcode", [TEXT, BINARY])
def test_the_longest_message_is_no_mistake(websocket, opcode):
    websocket.send(frame(opcode, b"x" * 65536))
    assert websocket.is_alive()


@pytest.fixture
def greeted(start, connect):
    """A mock whose clock stands still, and a websocket that has been told all it is told at first."""
    mock = start("authenticated", "--clock", "manual")
    websocket = Websocket(connect(mock))
    admin(mock, "POST", "/clock/advance", {"by": "1s"})
    websocket.message_of("sts")
    return mock, websocket


def send(mock, script):
    admin(mock, "POST", "/actions", {"send": script})


def test_the_gateway_closes(greeted):
    mock, websocket = greeted
    send(mock, "close")
    assert websocket.was_closed(1000)


def test_the_gateway_drops_it(greeted):
    mock, websocket = greeted
    send(mock, "drop")
    assert websocket.client.ended_well(), "without a close frame"


def test_the_gateway_resets_it(greeted):
    mock, websocket = greeted
    send(mock, "reset")
    assert websocket.client.rest() == b""
    assert (websocket.client.tls_ended, websocket.client.tcp_ended) == (False, "RST")


def test_half_a_frame_and_then_nothing(greeted):
    mock, websocket = greeted
    send(mock, "half")
    head, length, *_ = websocket.client.take(2 + 20)
    assert head == 0x80 | BINARY
    assert length > 20
    assert websocket.client.seen == b""
    admin(mock, "POST", "/clock/advance", {"by": "1m"})
    assert websocket.client.is_quiet(0.05), websocket.client.seen
    mock.comes_to_rest()


def test_a_byte_that_is_not_utf8_leaves_as_it_is(greeted):
    mock, websocket = greeted
    send(mock, "bad_utf8")
    opcode, payload = websocket.take()
    assert opcode == BINARY
    with pytest.raises(UnicodeDecodeError):
        payload.decode()
    assert websocket.is_alive()


def leave_with_fin(client):
    client.socket.shutdown(socket.SHUT_WR)
    client.rest()
    client.close()


@pytest.mark.parametrize("leave", [Client.abort, Client.close, Client.half_close, leave_with_fin])
@pytest.mark.parametrize("behind", [b"", frame(TEXT, b"half a message", fin=False), frame(TEXT, b"half a frame")[:-3]])
def test_a_client_that_has_gone_leaves_nothing(start, leave, behind):
    mock = start("authenticated")
    before = mock.descriptors()
    clients = [Client(mock.port) for _ in range(20)]
    for client in clients:
        Websocket(client, behind=behind)
    assert mock.descriptors() == before + len(clients), "one descriptor a websocket"
    for client in clients:
        leave(client)
    eventually(lambda: mock.descriptors() == before)
    for client in clients:
        client.close()
    eventually(lambda: not close_waits(mock.port))
    mock.comes_to_rest()


def close_waits(port):
    """Connections of the server's whose client has gone, and that it has not closed."""
    found = []
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            local, state = line.split()[1], line.split()[3]
            if int(local.rpartition(":")[2], 16) == port and state == "08":
                found.append(line)
    return found


def test_it_costs_one_descriptor_though_a_parser_was_there_before(start, connect):
    """Which libmicrohttpd held two for."""
    mock = start("authenticated")
    client = connect(mock)
    assert client.ask(get("/")).status == 302
    before = mock.descriptors()
    client.send(request("POST", TICKLE, "Content-Length: 10") + b"12345")
    eventually(lambda: mock.descriptors() == before + 2)
    client.send(b"67890" + upgrade())
    assert client.answer().status == 200
    assert client.take(len(SWITCHED)) == SWITCHED
    eventually(lambda: mock.descriptors() == before)


def test_the_end_of_the_gateway_ends_it(start):
    mock = start("authenticated", "--clock", "manual")
    websockets = [open_websocket(mock) for _ in range(3)]
    mock.stop()
    for websocket in websockets:
        websocket.client.rest()
        assert websocket.client.tcp_ended == "FIN"
        websocket.client.close()


def test_a_gateway_that_is_removed_ends_it(start, connect):
    mock = start("authenticated", "--clock", "manual")
    added = admin(mock, "POST", "/gateways", {"name": "another"})
    with_it = Client(added["port"])
    websocket = Websocket(with_it)
    assert websocket.is_alive()
    admin(mock, "DELETE", "/gateways/another")
    with_it.rest()
    assert with_it.tcp_ended == "FIN"
    with_it.close()
    assert Websocket(connect(mock)).is_alive(), "its neighbour goes on"


def test_a_gateway_that_begins_anew_ends_it(start, connect):
    mock = start("authenticated", "--clock", "manual")
    websocket = Websocket(connect(mock))
    assert websocket.is_alive()
    admin(mock, "POST", "/reset", {})
    websocket.client.rest()
    assert websocket.client.tcp_ended == "FIN"
    assert Websocket(connect(mock)).is_alive()


# ---- faults that act on any answer act on this one ----


def with_fault(**fault):
    return {"extends": "authenticated", "faults": {"the_fault": {"on": "websocket", **fault}}}


def test_a_fault_answers_instead(start, connect):
    mock = start(with_fault(status=503), "--clock", "manual")
    client = connect(mock)
    assert client.ask(upgrade()).status == 503
    assert client.ask(post(TICKLE)).status == 200


def test_a_delay_holds_the_answer_back_and_what_comes_behind_it(start, connect):
    mock = start(with_fault(fixed="30s"), "--clock", "manual")
    client = connect(mock)
    client.send(upgrade() + frame(TEXT, "tic"))
    assert client.is_quiet(0.05)
    admin(mock, "POST", "/clock/advance", {"by": "29s"})
    assert client.is_quiet(0.05)
    admin(mock, "POST", "/clock/advance", {"by": "1s"})
    assert client.take(len(SWITCHED)) == SWITCHED
    websocket = Websocket.__new__(Websocket)
    websocket.client = client
    assert websocket.message_of("tic")["alive"] is True


def test_no_answer_at_all(start, connect):
    mock = start(with_fault(timeout="0s"), "--clock", "manual")
    client = connect(mock)
    client.send(upgrade() + frame(TEXT, "tic"))
    admin(mock, "POST", "/clock/advance", {"by": "1h"})
    assert client.is_quiet(0.05)
    mock.comes_to_rest()
    client.abort()


# ---- what a client costs ----


def is_idle(mock):
    before = mock.cpu_seconds()
    pause(LOOKED_AT)
    return mock.cpu_seconds() - before < TICK


def floods(websocket, said):
    """Sends until the server takes no more."""
    websocket.client.socket.settimeout(0.3)
    with pytest.raises(TimeoutError):
        while True:
            websocket.client.send(said)
    websocket.client.socket.settimeout(WITHIN)


@pytest.mark.parametrize("said", [frame(PING, b"x" * 125) * 100, frame(TEXT, "tic") * 100], ids=["pings", "messages"])
def test_a_client_that_does_not_read(start, said):
    """It is not read from either, then; and has little kept for it."""
    mock = start("authenticated", "--clock", "manual")
    open_websocket(mock).client.close()
    before = mock.memory_kib()
    websockets = [open_websocket(mock) for _ in range(4)]
    for websocket in websockets:
        floods(websocket, said)
    eventually(lambda: is_idle(mock))
    assert SANITIZED or (mock.memory_kib() - before) / len(websockets) < 2048
    assert open_websocket(mock).is_alive()
    for websocket in websockets:
        websocket.client.abort()
    eventually(lambda: is_idle(mock))


@pytest.mark.parametrize(
    "behind", [b"", frame(TEXT, "tic")[:4], frame(TEXT, b"x" * 70000)[:2000], frame(TEXT, b"x", fin=False)]
)
def test_a_websocket_that_waits_is_idle(start, behind):
    mock = start("authenticated", "--clock", "manual")
    websocket = open_websocket(mock, behind=behind)
    pause(0.3)
    mock.comes_to_rest()
    websocket.client.close()
    mock.comes_to_rest()
