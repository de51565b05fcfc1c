"""Faults of TLS as they are on the wire: every byte of what the server says instead, how the connection ends, when, and
what a client that verifies makes of it."""

import json
import socket
import ssl
import subprocess
import time

import pytest

from client import context_for, get
from handshakes import (
    ALERT,
    HANDSHAKE,
    SERVER_HELLO,
    TLS_1_2,
    TLS_1_3,
    Greeter,
    broken_handshakes,
    is_held,
    notes,
    records,
    records_of,
    works,
)
from mock import BINARY, WITHIN, allow_descriptors, eventually
from test_faults import ONE_USER, advance, call


@pytest.fixture
def broken(start):
    with broken_handshakes(start) as begin:
        yield begin


# ---- the handshake ends ----


def test_a_reset(broken):
    mock, greet = broken({"tls_reset": True}, calls=1)
    client = greet()
    assert client.end() == "RST"
    assert client.records == b""
    works(mock)


def test_a_reset_that_comes_later(broken):
    mock, greet = broken({"tls_reset": "5s"}, calls=1)
    client = greet()
    is_held(mock, client)
    advance(mock, "4999ms")
    assert client.is_silent()
    advance(mock, "1ms")
    assert client.end() == "RST"
    assert client.records == b""


@pytest.mark.parametrize(
    "alert, level, number",
    [
        ("handshake_failure", 2, 40),
        ("unrecognized_name", 2, 112),
        ("close_notify", 1, 0),
        ("user_canceled", 1, 90),
        (70, 2, 70),
        (255, 2, 255),
    ],
)
def test_an_alert(broken, alert, level, number):
    mock, greet = broken({"tls_alert": alert}, calls=1)
    client = greet()
    assert client.end() == "FIN"
    assert client.records == bytes([ALERT, 3, 3, 0, 2, level, number])
    works(mock)


def test_an_alert_as_a_client_reports_it(broken):
    _, greet = broken({"tls_alert": "access_denied"})
    client = greet()
    assert client.end() == "FIN"
    with pytest.raises(ssl.SSLError, match="ACCESS_DENIED"):
        client.step()


def test_an_alert_that_comes_later(broken):
    mock, greet = broken({"tls_alert": {"alert": 80, "delay": "5s"}}, calls=1)
    client = greet()
    is_held(mock, client)
    advance(mock, "5s")
    assert client.end() == "FIN"
    assert client.records == bytes([ALERT, 3, 3, 0, 2, 2, 80])


def test_a_plain_answer(broken):
    mock, greet = broken({"tls_plain": True}, calls=1)
    client = greet()
    assert client.end() == "FIN"
    head, _, body = client.records.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert f"Content-Length: {len(body)}\r\n".encode() in head
    with pytest.raises(ssl.SSLError):
        client.step()
    works(mock)


def test_garbage(broken):
    mock, greet = broken({"tls_garbage": 500}, "--seed", "7", calls="1..2")
    first, second = greet(), greet()
    assert (first.end(), second.end()) == ("FIN", "FIN")
    assert len(first.records) == len(second.records) == 500
    assert first.records != second.records
    assert first.records[0] >= 0x80, "a record begins with 20 to 24"
    works(mock)
    again, greet = broken({"tls_garbage": 500}, "--seed", "7", calls="1..2")
    client = greet()
    assert client.end() == "FIN"
    assert client.records == first.records


# ---- it stalls ----


def test_a_stall_before_anything_is_said(broken):
    mock, greet = broken({"tls_stall": "30s"}, calls=1)
    client = greet()
    is_held(mock, client)
    advance(mock, "29999ms")
    assert client.is_silent()
    assert client.records == b""
    advance(mock, "1ms")
    client.greet()
    assert client.ask(get(ONE_USER)).status == 200


@pytest.mark.parametrize("version", [TLS_1_2, TLS_1_3])
def test_a_stall_after_the_first_message(broken, version):
    mock, greet = broken({"tls_stall_after_hello": "30s"}, calls=1, context=context_for(version))
    client = greet()
    eventually(lambda: client._fill(time.monotonic() + WITHIN))
    [(kind, message)] = records_of(client.records)
    assert (kind, message[0]) == (HANDSHAKE, SERVER_HELLO)
    is_held(mock, client)
    advance(mock, "29999ms")
    assert client.is_silent()
    advance(mock, "1ms")
    client.greet()
    assert client.ask(get(ONE_USER)).status == 200


def without_a_usable_share(hello):
    """Its one key share is for a group that nobody knows: another is asked for (RFC 8446 section 4.1.4)."""
    last_group, share = b"\x01\x03\x01\x04", b"\x00\x33\x00\x26\x00\x24\x00\x1d"
    assert hello.count(last_group) == hello.count(share) == 1
    return hello.replace(last_group, b"\x01\x03\xfa\xfa").replace(share, share[:-2] + b"\xfa\xfa")


def test_a_request_for_another_hello_is_not_the_first_message(broken):
    """And the second hello is of the same handshake: it does not count."""
    mock, _ = broken({"tls_stall_after_hello": True}, calls=1)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context_for(TLS_1_3).wrap_bio(incoming, outgoing, server_hostname="localhost")
    with pytest.raises(ssl.SSLWantReadError):
        tls.do_handshake()
    hello = outgoing.read()
    with socket.create_connection(("127.0.0.1", mock.port), timeout=WITHIN) as plain:
        plain.sendall(without_a_usable_share(hello))
        said = b""
        while said.count(b"\x14\x03\x03\x00\x01\x01") == 0:  # what comes behind it
            said += plain.recv(1 << 16) or pytest.fail(f"the end after {said!r}")
        (kind, message), (after, _) = records_of(said)
        assert (kind, message[0], after) == (HANDSHAKE, SERVER_HELLO, 20)
        assert message[6:10] == b"\xcf\x21\xad\x74", "the random number that says so"
        plain.sendall(hello)
        [(kind, message)] = records_of(plain.recv(1 << 16))
        assert (kind, message[0]) == (HANDSHAKE, SERVER_HELLO)
        mock.comes_to_rest()
        works(mock)


@pytest.mark.parametrize("kind", ["tls_stall", "tls_stall_after_hello"])
def test_a_stall_that_lasts_as_long_as_its_fault(broken, kind):
    mock, greet = broken({kind: True}, **{"for": "60s"})
    client = greet()
    advance(mock, "59999ms")
    mock.comes_to_rest()
    with pytest.raises(ssl.SSLWantReadError):
        client.tls.do_handshake()
    advance(mock, "1ms")
    client.greet()
    assert client.ask(get(ONE_USER)).status == 200
    works(mock)


@pytest.mark.parametrize("kind", ["tls_stall", "tls_stall_after_hello"])
def test_a_stall_that_an_event_ends(broken, kind):
    mock, greet = broken({kind: True}, until="logout")
    client = greet()
    mock.comes_to_rest()
    mock.happen("logout")
    client.greet()
    assert client.ask(get("/")).status == 302
    mock.comes_to_rest()


def ends_a_stall_by_removing(mock):
    call(mock, "DELETE", "/faults/the_fault")


def ends_a_stall_by_clearing(mock):
    call(mock, "DELETE", "/faults")


def ends_a_stall_by_replacing(mock):
    call(mock, "POST", "/faults", {"the_fault": {"tls_stall": "1s", "calls": 9}})


def ends_a_stall_by_reset(mock):
    call(mock, "POST", "/reset")


def ends_a_stall_by_stopping(mock):
    mock.stop()


@pytest.mark.parametrize(
    "end",
    [
        ends_a_stall_by_removing,
        ends_a_stall_by_clearing,
        ends_a_stall_by_replacing,
        ends_a_stall_by_reset,
        ends_a_stall_by_stopping,
    ],
)
@pytest.mark.parametrize("kind", ["tls_stall", "tls_stall_after_hello", "tls_byte_by_byte"])
def test_who_is_held_is_let_go(broken, kind, end):
    mock, greet = broken({kind: True}, calls=1)
    client = greet()
    mock.comes_to_rest()
    end(mock)
    assert client.end() == "FIN"
    if end is ends_a_stall_by_reset:
        greet()  # all begins anew, and so does the fault
    if mock.process.returncode is None:
        works(mock)


def leaves_with_fin(client):
    client.close()


def leaves_with_reset(client):
    client.abort()


def leaves_behind_more_bytes(client):
    client.socket.sendall(b"x" * 100_000)
    client.close()


@pytest.mark.parametrize("leave", [leaves_with_fin, leaves_with_reset, leaves_behind_more_bytes])
@pytest.mark.parametrize("kind", ["tls_stall", "tls_stall_after_hello", "tls_byte_by_byte"])
def test_who_leaves_while_held_leaves_nothing(broken, kind, leave):
    mock, greet = broken({kind: True}, calls=1)
    before = mock.descriptors()
    client = greet()
    eventually(lambda: mock.descriptors() == before + 1)
    mock.comes_to_rest()
    advance(mock, "2ms")
    leave(client)
    eventually(lambda: mock.descriptors() == before)
    assert notes(mock) == [
        'the client left after 2ms in the middle of the handshake; fault "the_fault" had a hand in it'
    ]
    works(mock)


def test_what_a_held_client_goes_on_to_say_costs_nothing(broken):
    mock, greet = broken({"tls_stall": True}, calls=1)
    client = greet()
    client.socket.sendall(b"x" * 100_000)
    is_held(mock, client)


def test_a_thousand_that_are_held(start):
    allow_descriptors()
    mock = start(
        {"extends": "authenticated", "faults": {"f": {"tls_stall": True, "calls": "1..1000"}}}, "--clock", "manual"
    )
    before = mock.descriptors()
    clients = [Greeter(mock.port) for _ in range(1000)]
    eventually(lambda: mock.descriptors() == before + 1000)
    mock.comes_to_rest()
    works(mock)
    call(mock, "DELETE", "/faults")
    assert [client.end() for client in clients] == ["FIN"] * 1000
    for client in clients:
        client.close()
    eventually(lambda: mock.descriptors() == before)


# ---- it comes slowly ----


@pytest.mark.parametrize("version", [TLS_1_2, TLS_1_3])
def test_byte_by_byte(broken, version):
    mock, greet = broken({"tls_byte_by_byte": "20ms"}, calls=1, context=context_for(version))
    client = greet()
    client.wait_for(1)
    is_held(mock, client)
    advance(mock, "19ms")
    assert client.is_silent()
    for length in range(2, 12):
        advance(mock, "20ms")
        client.wait_for(length)
    advance(mock, "1ms")
    client.wait_for(12)
    while not client.step():
        advance(mock, "1m")
        client._fill(time.monotonic() + 0.1)
    client.send(get("/"))
    # On its way may be a ticket, of many bytes, which begins when the server has read what the client said last.
    eventually(lambda: (advance(mock, "1m"), client._more(time.monotonic())) and client.seen)
    assert client.answer().status == 302
    assert client.ask(get("/")).status == 302


def test_byte_by_byte_up_to_a_stall(broken):
    """Several faults act on one handshake, where they change different parts of it."""
    scenario = {"tls_stall_after_hello": "30s"}
    mock, greet = broken(scenario, calls=1)
    call(mock, "POST", "/faults", {"slow": {"tls_byte_by_byte": "10ms", "calls": 1}})
    client = greet()
    client.wait_for(1)
    advance(mock, "20s")
    eventually(lambda: not client._fill(time.monotonic()))
    [(kind, message)] = records_of(client.records)
    assert (kind, message[0]) == (HANDSHAKE, SERVER_HELLO)
    is_held(mock, client)


# ---- when ----


def outcomes(mock, count, name="localhost"):
    """Of so many handshakes, one after the other: whether each failed."""
    failed = []
    for _ in range(count):
        with socket.create_connection(("127.0.0.1", mock.port), timeout=WITHIN) as plain:
            try:
                context_for().wrap_socket(plain, server_hostname=name).close()
                failed.append(False)
            except ssl.SSLError:
                failed.append(True)
    return failed


@pytest.mark.parametrize(
    "when, failed",
    [
        ({"calls": 2}, [False, True, False, False, False, False]),
        ({"calls": "5.."}, [False, False, False, False, True, True]),
        ({"every": 3}, [False, False, True, False, False, True]),
        ({"succeed_first": 1, "fail_count": 2}, [False, True, True, False, False, False]),
        ({"once": True}, [True, False, False, False, False, False]),
    ],
)
def test_the_nth_handshake(broken, when, failed):
    mock, _ = broken({"tls_alert": 80}, **when)
    assert outcomes(mock, 6) == failed


def test_chance_is_the_same_again(broken):
    runs = []
    for _ in range(2):
        mock, _ = broken({"tls_alert": 80}, "--seed", "5", probability=0.5)
        runs.append(outcomes(mock, 20))
    assert runs[0] == runs[1]
    assert True in runs[0] and False in runs[0]


def test_by_the_name_that_is_asked_for(broken):
    mock, _ = broken({"tls_alert": 80}, server_name="api.example")
    assert outcomes(mock, 1, "localhost") == [False]
    assert outcomes(mock, 1, "API.Example") == [True]
    assert outcomes(mock, 1, None) == [False]
    assert call(mock, "GET", "/faults")


def test_the_journal_has_the_fault(broken):
    mock, greet = broken({"tls_reset": True}, calls=1)
    assert greet().end() == "RST"
    assert notes(mock) == []
    (fault,) = records(mock, "fault")
    assert fault["name"] == "the_fault"


# ---- what cannot be meant ----


@pytest.mark.parametrize(
    "fault, said",
    [
        ({"tls_reset": True, "on": "tickle"}, '"tls_reset" cannot have "on"'),
        ({"tls_version": {"min": "1.3", "max": "1.2"}}, '"min" 1.3 above "max" 1.2'),
        ({"tls_version": {}}, 'must have "min", "max", or both'),
        ({"tls_version": "1.4"}, 'must be "1.0", "1.1", "1.2" or "1.3", found "1.4"'),
        ({"tls_alert": "handshake_failed"}, "handshake_failure"),
        ({"tls_alert": 256}, "255"),
        ({"tls_alert": True}, "tls_alert"),
        ({"tls_corrupt_record": 0}, "from 1"),
        ({"tls_garbage": 100000}, "16384"),
        ({"tls_stall": True, "retry_within": "1s"}, "retry"),
    ],
)
def test_what_cannot_be_meant(tmp_path, fault, said):
    file = tmp_path / "story.json"
    file.write_text(json.dumps({"name": "s", "title": "t", "extends": "authenticated", "faults": {"f": fault}}))
    result = subprocess.run([BINARY, "check", file], capture_output=True, text=True)
    assert result.returncode != 0
    assert said in result.stdout + result.stderr
