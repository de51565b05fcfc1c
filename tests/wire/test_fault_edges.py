"""Faults where they meet what nobody thinks of at first: websockets, answers without a body, and each other."""

import ssl

import pytest
from client import STATUS, TICKLE, Client, get, post, request
from frames import SWITCHED, Websocket, upgrade
from mock import eventually
from test_faults import call


@pytest.fixture
def broken(start, connect):
    """Starts a mock on a clock that stands still, with these faults, and connects to it."""

    def begin(**faults):
        mock = start({"extends": "authenticated", "faults": faults}, "--clock", "manual")
        return mock, connect(mock)

    return begin


# ---- a websocket ----


@pytest.mark.parametrize("how", [True, {"reset": True}], ids=["closed", "reset"])
def test_a_websocket_is_never_used_again(broken, how):
    _, client = broken(reused={"on": "websocket", "close_on_reuse": how})
    websocket = Websocket(client)
    websocket.say("tic")
    assert websocket.message_of("tic")["alive"] is True


def test_a_handshake_that_is_refused_ends(broken):
    _, client = broken(refused={"on": "websocket", "status": 503, "calls": 1})
    refusal = client.ask(upgrade())
    assert refusal.status == 503
    assert refusal["Content-Length"] == "0"
    client.send(upgrade())
    assert client.take(len(SWITCHED)) == SWITCHED


# ---- an answer without a body ----


def test_what_was_without_an_end_has_one(broken):
    _, client = broken(other={"on": "preflight", "status": 200})
    answer = client.ask(request("OPTIONS", STATUS, "Origin: https://here", "Access-Control-Request-Method: GET"))
    assert (answer.status, answer["Content-Length"]) == (200, "0")
    assert client.ask(get(STATUS)).status == 200


# ---- old clients ----


def old(*headers):
    return post(TICKLE, *headers, version="HTTP/1.0")


def test_an_old_client_is_told_of_the_end_that_it_meets(broken):
    mock, client = broken(slow={"on": "tickle", "slow_close": "5s"})
    answer = client.ask(old("Connection: keep-alive"))
    assert answer["Connection"] == "close"
    assert client.is_quiet()
    call(mock, "POST", "/clock/advance", {"by": "5s"})
    assert client.ended_well()


def test_chunks_are_malformed_for_an_old_client_too(broken):
    _, client = broken(bad={"on": "tickle", "malformed_response_chunk": 20})
    client.send(old())
    head = client.take_until(b"\r\n\r\n")
    assert b"Transfer-Encoding: chunked\r\n" in head and b"Content-Length" not in head
    assert len(client.rest()) == 20


# ---- several at once ----


def acted(mock):
    return {fault["id"]: fault["acted"] for fault in call(mock, "GET", "/faults")["faults"]}


@pytest.mark.parametrize("gone", ["late", "slow", "last"])
def test_what_several_hold_back_ends_with_any_of_them(broken, gone):
    mock, client = broken(
        late={"on": "tickle", "fixed": "1h"},
        slow={"on": "tickle", "bandwidth": 0.01},
        last={"on": "tickle", "reset_peer": {"at": "end", "timeout": "1h"}},
        other={"on": "tickle", "status": 500},
    )
    client.send(post(TICKLE))
    eventually(lambda: set(acted(mock).values()) == {1})
    call(mock, "DELETE", "/faults/other")
    assert client.is_quiet()
    call(mock, "DELETE", f"/faults/{gone}")
    assert client.rest() == b""


def test_what_is_left_of_two_faults_of_a_handshake(broken):
    mock, _ = broken()
    bad = {"dull": {"tls_byte_by_byte": "1ms"}, "bad": {"tls_corrupt_record": 2}}
    call(mock, "POST", "/faults", bad)
    client = Client(mock.port, greet=False)
    with pytest.raises(ssl.SSLWantReadError):
        client.tls.do_handshake()
    client.socket.sendall(client.outgoing.read())
    eventually(lambda: acted(mock) == {"dull": 1, "bad": 1})
    call(mock, "DELETE", "/faults/bad")
    call(mock, "POST", "/clock/advance", {"by": "1h"})
    client.greet()
    client.send(get(STATUS))

    def begins():  # tickets for sessions come byte by byte as well
        call(mock, "POST", "/clock/advance", {"by": "1h"})
        return not client.is_quiet()

    eventually(begins)
    assert client.answer().status == 200
    assert client.ask(get(STATUS)).status == 200
    client.close()


def test_the_end_of_an_answer_belongs_to_its_own_fault(broken):
    mock, client = broken(late={"on": "tickle", "fixed": "1s"}, reused={"on": "tickle", "close_on_reuse": True})
    client.send(post(TICKLE))
    eventually(lambda: acted(mock) == {"late": 1, "reused": 1})
    call(mock, "POST", "/clock/advance", {"by": "1s"})
    assert client.answer().status == 200
    call(mock, "DELETE", "/faults/late")
    client.send(get(STATUS))
    assert client.ended_well()
