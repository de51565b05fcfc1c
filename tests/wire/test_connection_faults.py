"""Faults of the connection as they are on the wire: every byte, FIN or RST, when, on a clock that the tests move; and that a
process which holds a connection is idle meanwhile."""

import errno
import socket
import struct

import pytest

from client import STATUS, TICKLE, Client, get, post
from mock import WITHIN, eventually
from test_faults import ACCOUNTS, ONE_USER, advance, call, goes_on, sound


@pytest.fixture
def broken(start):
    """Starts a mock on a clock that stands still, with one fault."""

    def begin(fault, **more):
        return start({"extends": "authenticated", "faults": {"the_fault": {**fault, **more}}}, "--clock", "manual")

    return begin


@pytest.fixture
def broken_tickle(broken, connect):
    """And connects to it."""

    def begin(fault, **more):
        mock = broken(fault, on="tickle", **more)
        return mock, connect(mock)

    return begin


def end_of(mock):
    """What a client sees that says nothing: how much comes, and then FIN or RST, which may be there before it looks."""
    came = b""
    try:
        with socket.create_connection(("127.0.0.1", mock.port), timeout=WITHIN) as bare:
            while data := bare.recv(1 << 16):
                came += data
    except ConnectionResetError:
        return came, "RST"
    return came, "FIN"


def is_refused(mock, host="127.0.0.1"):
    try:
        socket.create_connection((host, mock.port), timeout=WITHIN).close()
    except ConnectionRefusedError:
        return True
    return False


def records(mock, kind="fault"):
    return call(mock, "GET", f"/journal?kind={kind}")["records"]


# ---- around an answer ----


@pytest.mark.parametrize("name", ["reset_peer", "CONNECTION_RESET_BY_PEER"])
def test_a_reset_before_the_answer(broken_tickle, name):
    mock, client = broken_tickle({name: True})
    client.send(post(TICKLE))
    assert (client.rest(), client.tls_ended, client.tcp_ended) == (b"", False, "RST")
    goes_on(mock)


def test_a_reset_after_a_time(broken_tickle):
    mock, client = broken_tickle({"reset_peer": "3s"})
    client.send(post(TICKLE))
    advance(mock, "2999ms")
    mock.comes_to_rest()
    assert client.is_quiet()
    goes_on(mock)
    advance(mock, "1ms")
    assert (client.rest(), client.tcp_ended) == (b"", "RST")


@pytest.mark.parametrize("length", [1, 17, 200])
def test_a_reset_inside_the_answer(broken_tickle, length):
    mock, client = broken_tickle({"reset_peer": {"bytes": length}}, calls=1)
    client.send(post(TICKLE))
    assert client.rest() == sound(mock).raw[:length]
    assert not client.tls_ended and client.tcp_ended == "RST"


@pytest.mark.parametrize("fault, end", [("reset_peer", "RST"), ("limit_data", "FIN")])
def test_bytes_of_the_body(broken_tickle, fault, end):
    mock, client = broken_tickle({fault: {"bytes": 12, "of": "body"}}, calls=1)
    client.send(post(TICKLE))
    head, body = client.rest().split(b"\r\n\r\n", 1)
    assert body == sound(mock).raw.split(b"\r\n\r\n", 1)[1][:12]
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert not client.tls_ended and client.tcp_ended == end


def test_a_reset_after_the_answer(broken_tickle):
    mock, client = broken_tickle({"reset_peer": {"at": "end", "timeout": "2s"}}, calls=1)
    assert client.ask(post(TICKLE)).raw == sound(mock).raw
    advance(mock, "1999ms")
    mock.comes_to_rest()
    assert client.is_quiet()
    advance(mock, "1ms")
    assert (client.rest(), client.tls_ended, client.tcp_ended) == (b"", False, "RST")


def test_a_reset_waits_until_the_answer_has_been_sent(start, connect):
    """The client takes little at a time: what the reset would overtake is sent first."""
    body = "x" * 60000
    faults = {
        "long": {"on": "tickle", "body": body},
        "reset": {"on": "one_user", "reset_peer": {"at": "end"}},
    }
    mock = start({"extends": "authenticated", "faults": faults}, "--clock", "manual")
    client = connect(mock)
    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.send(post(TICKLE) * 5 + get(ONE_USER) + get(STATUS))
    eventually(lambda: ONE_USER in mock.log())
    mock.comes_to_rest()
    came = client.rest()
    assert client.tcp_ended == "RST" and not client.tls_ended
    assert came.count(body.encode()) == 5
    assert came.count(b"HTTP/1.1 ") == 6 and came.endswith(b"0\r\n\r\n")


def test_a_fin_without_close_notify(broken_tickle):
    mock, client = broken_tickle({"fin_without_close_notify": True}, calls=1)
    answer = client.ask(post(TICKLE))
    assert answer.raw == sound(mock).raw
    assert (client.rest(), client.tls_ended, client.tcp_ended) == (b"", False, "FIN")
    goes_on(mock)


@pytest.mark.parametrize("length", [1, 100])
def test_limited_data(broken_tickle, length):
    mock, client = broken_tickle({"limit_data": length}, calls=1)
    client.send(post(TICKLE))
    assert client.rest() == sound(mock).raw[:length]
    assert not client.tls_ended and client.tcp_ended == "FIN"


def test_a_shorter_answer_than_the_limit_ends_where_it_ends(broken, connect):
    mock = broken({"limit_data": 300}, on=["tickle", "reauthenticate"])
    client = connect(mock)
    short = client.ask(post("/v1/api/iserver/reauthenticate"))
    assert len(short.raw) < 300
    assert (client.rest(), client.tls_ended, client.tcp_ended) == (b"", False, "FIN")


def records_since(client, count):
    """How many TLS records came behind the first `count` bytes."""
    number, at = 0, count
    while at < len(client.records):
        kind, _, length = struct.unpack(">BHH", client.records[at : at + 5])
        assert kind == 23
        number += 1
        at += 5 + length
    return number


def test_slices_each_in_a_record(broken_tickle):
    mock, client = broken_tickle({"slicer": 50}, calls=1)
    client.ask(get(ONE_USER))  # behind TLS's own records
    before = len(client.records)
    assert client.ask(post(TICKLE)).raw == sound(mock).raw
    assert records_since(client, before) == -(-len(sound(mock).raw) // 50)
    assert client.ask(get(ONE_USER)).status == 200


def all_there(client):
    """A record is decrypted whole or not at all, so what came with its first byte is here."""
    return client.take(len(client.seen))


def test_slices_of_many_sizes(broken_tickle):
    fault = {"average_size": 60, "size_variation": 30, "delay": "10ms"}
    mock, client = broken_tickle({"slicer": fault}, calls=1)
    client.send(post(TICKLE))
    eventually(lambda: "the_fault" in mock.log())
    raw, came, sizes = sound(mock).raw, b"", []
    while len(came) < len(raw):
        slice_of = client.take(1) + all_there(client)
        came += slice_of
        sizes.append(len(slice_of))
        advance(mock, "10ms")
    assert came == raw
    assert all(30 <= size <= 90 for size in sizes[1:-1]) and len(set(sizes)) > 2


def test_slices_with_pauses(broken_tickle):
    mock, client = broken_tickle({"slicer": {"average_size": 100, "delay": "50ms"}}, calls=1)
    client.send(post(TICKLE))
    eventually(lambda: "the_fault" in mock.log())
    raw = sound(mock).raw
    came = min(100, len(raw))
    assert client.take(came) == raw[:came]
    while came < len(raw):
        advance(mock, "49ms")
        assert client.is_quiet()
        advance(mock, "1ms")
        now = min(came + 100, len(raw))
        assert client.take(now - came) == raw[came:now]
        came = now
    assert client.ask(get(ONE_USER)).status == 200


@pytest.mark.parametrize("reset", [False, True])
def test_keep_alive_that_ends_as_the_next_request_arrives(broken_tickle, reset):
    mock, client = broken_tickle({"close_on_reuse": {"reset": True} if reset else True})
    assert "close" not in dict(client.ask(post(TICKLE)).headers).get("Connection", "")
    mock.comes_to_rest()
    assert client.is_quiet()
    goes_on(mock)
    client.send(get(STATUS))
    assert client.rest() == b""
    assert (client.tls_ended, client.tcp_ended) == ((False, "RST") if reset else (True, "FIN"))
    assert STATUS not in mock.log()


def test_a_client_that_does_not_come_again_leaves_in_peace(broken_tickle):
    mock, client = broken_tickle({"close_on_reuse": {"reset": True}})
    client.ask(post(TICKLE))
    client.half_close()
    assert client.ended_well()


def test_a_connection_may_be_used_again_once_the_fault_has_gone(broken_tickle):
    mock, client = broken_tickle({"close_on_reuse": True})
    client.ask(post(TICKLE))
    call(mock, "DELETE", "/faults/the_fault")
    assert client.ask(get(ONE_USER)).status == 200


BREAKS = [
    ({"reset_peer": True}, "RST"),
    ({"reset_peer": {"bytes": 10}}, "RST"),
    ({"reset_peer": {"at": "end"}}, "RST"),
    ({"limit_data": 10}, "FIN"),
    ({"fin_without_close_notify": True}, "FIN"),
    ({"close_on_reuse": True}, "FIN"),
    ({"close_on_reuse": {"reset": True}}, "RST"),
]


@pytest.mark.parametrize("fault, end", BREAKS, ids=[str(fault) for fault, _ in BREAKS])
def test_pipelined_answers_before_it_leave_whole_and_none_follows(broken_tickle, fault, end):
    mock, client = broken_tickle(fault)
    neighbour = Client(mock.port)
    client.send(get(ONE_USER) + get(ACCOUNTS) + post(TICKLE) + get(STATUS))
    assert client.answer().status == 200
    assert client.answer().status == 200
    client.rest()
    assert client.tcp_ended == end
    assert STATUS not in mock.log()
    assert neighbour.ask(get(ONE_USER)).status == 200
    neighbour.close()


@pytest.mark.parametrize("fault, end", BREAKS, ids=[str(fault) for fault, _ in BREAKS])
def test_nothing_is_left_of_a_connection_that_broke(broken_tickle, fault, end):
    mock, client = broken_tickle(fault)
    before = mock.descriptors()
    client.send(post(TICKLE) + get(STATUS))
    client.rest()
    client.close()
    eventually(lambda: mock.descriptors() == before - 1)
    mock.comes_to_rest()


# ---- the port ----


def test_a_port_that_refuses_for_a_time(broken):
    mock = broken({"refuse": True}, between="10s..20s")
    there = Client(mock.port)
    advance(mock, "9999ms")
    goes_on(mock)
    advance(mock, "1ms")
    assert is_refused(mock) and is_refused(mock, "::1")
    mock.comes_to_rest()
    assert there.ask(get(ONE_USER)).status == 200  # who is there already stays
    advance(mock, "9999ms")
    assert is_refused(mock)
    advance(mock, "1ms")
    goes_on(mock)
    assert Client(mock.port, host="::1").ask(get(ONE_USER)).status == 200
    assert [(each["fault"], each["moment"], each["outcome"]) for each in records(mock)] == [
        ("refuse", "port", "begins"),
        ("refuse", "port", "ends"),
    ]
    there.close()


def test_a_port_that_refuses_from_the_start(broken):
    mock = broken({"refuse": True}, **{"for": "20s"})
    assert is_refused(mock)
    assert call(mock, "GET", "/clock")["next"] == "2026-03-02T14:30:20.000Z"
    advance(mock, "19999ms")
    assert is_refused(mock)
    advance(mock, "1ms")
    goes_on(mock)


def test_a_port_that_refuses_until_it_is_told(broken):
    mock = broken({"refuse": True}, after="logout", until="login")
    goes_on(mock)
    mock.happen("logout")
    assert is_refused(mock)
    mock.happen("login")
    goes_on(mock)


def test_a_port_that_refuses_until_the_fault_is_taken_away(start):
    mock = start("authenticated", "--clock", "manual")
    for _ in range(3):
        call(mock, "POST", "/faults", {"gone": {"refuse": True}})
        assert is_refused(mock)
        mock.comes_to_rest()
        call(mock, "DELETE", "/faults/gone")
        goes_on(mock)
    call(mock, "POST", "/faults", {"gone": {"refuse": True}})
    call(mock, "POST", "/reset")
    goes_on(mock)


def syn(mock):
    """A connection that is begun; connected or not, nobody waits for that."""
    client = socket.socket()
    client.setblocking(False)
    assert client.connect_ex(("127.0.0.1", mock.port)) == errno.EINPROGRESS
    return client


def is_connected(client):
    return client.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == 1  # TCP_ESTABLISHED


def test_a_full_backlog(broken):
    mock = broken({"backlog_full": True}, between="10s..20s")
    there = Client(mock.port)
    advance(mock, "10s")
    first = Client(mock.port, greet=False)  # finds the last place
    second = syn(mock)
    mock.comes_to_rest()
    assert not is_connected(second)
    assert there.ask(get(ONE_USER)).status == 200
    advance(mock, "10s")
    first.greet()
    assert first.ask(get(ONE_USER)).status == 200
    goes_on(mock)
    eventually(lambda: is_connected(second))  # TCP tries again by itself
    for each in (there, first, second):
        each.close()


def test_a_full_backlog_until_the_fault_is_taken_away(start):
    mock = start("authenticated", "--clock", "manual")
    call(mock, "POST", "/faults", {"full": {"backlog_full": True}})
    waiting = Client(mock.port, greet=False)
    mock.comes_to_rest()
    call(mock, "DELETE", "/faults")
    waiting.greet()
    assert waiting.ask(get(ONE_USER)).status == 200
    waiting.close()


# ---- as it is accepted ----


@pytest.mark.parametrize("fault, end", [("accept_close", "FIN"), ("accept_reset", "RST")])
def test_accepted_and_ended(broken, fault, end):
    mock = broken({fault: True}, calls="2..3")
    goes_on(mock)
    for _ in range(2):
        assert end_of(mock) == (b"", end)
    goes_on(mock)
    assert [each["outcome"] for each in records(mock)] == ["acts", "acts"]


def test_a_close_comes_in_good_order_though_the_client_has_spoken(broken):
    mock = broken({"accept_close": True})
    client = Client(mock.port, greet=False)
    with pytest.raises(AssertionError, match="FIN"):
        client.greet()
    client.close()


def test_accepted_and_stalled_for_a_time(broken):
    mock = broken({"accept_stall": "5s"}, calls=1)
    before = mock.descriptors()
    client = Client(mock.port, greet=False)
    hello(client)
    goes_on(mock)
    advance(mock, "4999ms")
    mock.comes_to_rest()
    assert client.is_quiet()
    advance(mock, "1ms")
    client.greet()
    assert client.ask(get(ONE_USER)).status == 200
    client.close()
    eventually(lambda: mock.descriptors() == before)


def hello(client):
    """Says hello and waits for nothing."""
    with pytest.raises(Exception):
        client.tls.do_handshake()
    client._flush()


STALLS = [
    {"between": "0s..5s"},
    {"for": "5s"},
]


@pytest.mark.parametrize("window", STALLS, ids=str)
def test_a_stall_ends_with_its_window(broken, window):
    mock = broken({"accept_stall": True}, **window)
    client = Client(mock.port, greet=False)
    hello(client)
    mock.comes_to_rest()
    advance(mock, "4999ms")
    assert client.is_quiet()
    advance(mock, "1ms")
    client.greet()
    assert client.ask(get(ONE_USER)).status == 200
    client.close()


def test_a_stall_ends_with_an_event(broken):
    mock = broken({"accept_stall": True}, until="logout")
    client = Client(mock.port, greet=False)
    hello(client)
    mock.comes_to_rest()
    assert client.is_quiet()
    mock.happen("logout")
    client.greet()
    assert client.ask(get(ONE_USER)).status == 401
    client.close()


def stalled(broken):
    mock = broken({"accept_stall": True})
    before = mock.descriptors()
    client = Client(mock.port, greet=False)
    hello(client)
    eventually(lambda: mock.descriptors() == before + 1)
    return mock, client, before


def test_a_stalled_connection_ends_when_its_client_leaves(broken):
    mock, client, before = stalled(broken)
    client.close()
    eventually(lambda: mock.descriptors() == before)
    mock.comes_to_rest()
    assert records(mock, "connection")[-1]["name"] == "left_unread"


def test_a_stalled_connection_ends_when_its_client_resets_it(broken):
    mock, client, before = stalled(broken)
    client.abort()
    eventually(lambda: mock.descriptors() == before)


@pytest.mark.parametrize("method, path", [("DELETE", "/faults/the_fault"), ("DELETE", "/faults"), ("POST", "/reset")])
def test_a_stalled_connection_ends_when_the_fault_does(broken, method, path):
    mock, client, before = stalled(broken)
    call(mock, method, path)
    assert client.rest() == b""
    eventually(lambda: mock.descriptors() == before)
    client.close()


def test_many_stalled_connections_cost_no_time(broken):
    mock = broken({"accept_stall": True})
    clients = [socket.create_connection(("127.0.0.1", mock.port), timeout=WITHIN) for _ in range(100)]
    for each in clients:
        each.sendall(b"\x16\x03\x01")
    eventually(lambda: len(records(mock)) == 100)
    mock.comes_to_rest()
    for each in clients:
        each.close()
