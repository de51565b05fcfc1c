"""Request bodies: whatever their size and framing, they are read to their end, so that the next request is found."""

import random

import pytest

from client import REAUTHENTICATE, STATUS, TICKLE, get, post, request
from mock import SANITIZED

INIT = "/v1/api/iserver/auth/ssodh/init"
TAKE_OVER = b'{"publish":true,"compete":true}'
LENGTH_REQUIRED = b"<html><head><title>411 Length Required</title></head><body><h1>Length Required</h1></body></html>"


@pytest.fixture(scope="module")
def mock(start_shared):
    return start_shared("authenticated", "--clock", "manual")


@pytest.fixture
def client(mock, connect):
    return connect(mock)


def still_in_step(client):
    return client.ask(get("/")).status == 302 and client.ask(get(STATUS)).status == 200


# ---- with a length ----


@pytest.mark.parametrize("length", [0, 1, 2, 16383, 16384, 16385, 20000, 65536, 1_000_000])
def test_a_body_of_any_length_is_read(client, length):
    assert client.ask(post(TICKLE, body=b"x" * length)).status == 200
    assert still_in_step(client)


def test_ten_megabytes_are_read_and_dropped(mock, client):
    before = mock.memory_kib()
    assert client.ask(post(REAUTHENTICATE, body=b"x" * 10_000_000)).status == 200
    assert SANITIZED or mock.memory_kib() - before < 4096
    assert still_in_step(client)


def test_a_body_that_looks_like_a_request_is_none(client):
    assert client.ask(post(TICKLE, body=get("/nowhere"))).status == 200
    assert client.is_quiet()


def test_any_method_may_have_one(client):
    for method in ["GET", "PUT", "DELETE", "OPTIONS", "PATCH"]:
        assert client.ask(request(method, REAUTHENTICATE, body=b"0123456789")).status == 200
    assert still_in_step(client)


def test_the_machine_sees_it_in_however_many_pieces(start, connect):
    """Only a body that says so takes the session over."""
    asked = post(INIT, "Content-Type: application/json", body=TAKE_OVER)
    for cut in [1, 20, asked.index(b"\r\n\r\n") + 2, asked.index(b"{") + 1, len(asked) - 1]:
        client = connect(start("competing", "--clock", "manual"))
        assert b'"competing":true' in client.ask(get(STATUS)).body
        client.send(asked[:cut])
        assert client.is_quiet()
        client.send(asked[cut:])
        assert b'"authenticated":true' in client.answer().body
        assert b'"competing":false' in client.ask(get(STATUS)).body


def test_the_answer_waits_for_the_last_byte(mock, client, connect):
    asked = post(REAUTHENTICATE, body=b"x" * 100)
    client.send(asked[:-1])
    assert connect(mock).ask(post(REAUTHENTICATE)).status == 200
    assert client.is_quiet()
    assert client.ask(asked[-1:]).status == 200


@pytest.mark.parametrize("chunk", [1, 7])
def test_a_request_may_come_in_dribs(client, chunk):
    asked = post(TICKLE, "X-Filler: " + "f" * 100, body=b'{"a":"b"}') + get("/")
    for at in range(0, len(asked), chunk):
        client.send(asked[at : at + chunk])
    assert [client.answer().status, client.answer().status] == [200, 302]


def test_a_request_may_be_cut_anywhere(mock, connect):
    asked = post(TICKLE, body=b"{}")
    for cut in range(1, len(asked)):
        client = connect(mock)
        client.send(asked[:cut])
        client.send(asked[cut:])
        assert client.answer().status == 200
        client.close()


@pytest.mark.parametrize("lengths", [("2", "2"), ("2", "3")], ids=str)
def test_of_two_lengths_the_first_counts(client, lengths):
    client.send(request("POST", TICKLE, *(f"Content-Length: {length}" for length in lengths)) + b"{}")
    assert client.answer().status == 200
    assert still_in_step(client)


@pytest.mark.parametrize("length", ["", "-1", "+2", "2x", "0x2", "1 2", "99999999999999999999999"])
def test_what_is_no_length_ends_the_connection(client, length):
    client.send(request("POST", TICKLE, f"Content-Length: {length}") + b"{}")
    assert client.ended_well()


# ---- Expect ----


def test_nobody_is_told_to_continue(mock, client, connect):
    """A client that waits for the word sends its body after a while all the same; until then it hears nothing."""
    client.send(request("POST", TICKLE, "Expect: 100-continue", "Content-Length: 2"))
    assert connect(mock).ask(post(TICKLE)).status == 200
    assert client.is_quiet()
    assert client.ask(b"{}").status_line == "HTTP/1.1 200 OK"
    assert still_in_step(client)


def test_who_expects_and_does_not_wait_is_answered_once(client):
    assert client.ask(post(TICKLE, "Expect: 100-continue", body=b"{}")).status_line == "HTTP/1.1 200 OK"
    assert still_in_step(client)


# ---- in chunks ----


def chunked(*chunks):
    return b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in (*chunks, b""))


def in_chunks(target, *further):
    return request("POST", target, "Transfer-Encoding: chunked", *further)


@pytest.mark.parametrize("chunks", [[], [b"{}"], [b"a", b"bc", b"def"], [b"x" * 100_000] * 3], ids=len)
def test_the_brokerage_wants_a_length(client, chunks):
    answer = client.ask(in_chunks(TICKLE) + chunked(*chunks))
    assert (answer.status, answer.body) == (411, LENGTH_REQUIRED)
    assert still_in_step(client)


def test_the_gateway_itself_does_not(client):
    assert client.ask(in_chunks(REAUTHENTICATE) + chunked(b"{}")).status == 200
    assert still_in_step(client)


def test_chunks_are_read_before_the_refusal(mock, client, connect):
    asked = in_chunks(TICKLE) + chunked(b"{}")
    client.send(asked[:-2])
    assert connect(mock).ask(get("/")).status == 302
    assert client.is_quiet()
    assert client.ask(asked[-2:]).status == 411


def test_chunks_may_have_extensions_and_trailers(client):
    assert client.ask(in_chunks(TICKLE) + b"2;name=value\r\n{}\r\n0\r\nX-Trailer: yes\r\n\r\n").status == 411
    assert still_in_step(client)


def test_chunks_win_over_a_length(client):
    body = chunked(b"0123456789")
    assert client.ask(in_chunks(TICKLE, "Content-Length: 3") + body).status == 411
    assert still_in_step(client)


def test_broken_chunks_end_the_connection(mock, connect):
    dice = random.Random(1)
    for broken in [b"xyz\r\n", b"-1\r\n", b"2\r\n{}{}\r\n", b"fffffffffffffffffff\r\n", dice.randbytes(50)]:
        client = connect(mock)
        client.send(in_chunks(TICKLE) + broken)
        assert client.ended_well(), broken


def test_another_encoding_has_no_end_and_so_nothing_follows(client):
    """Nobody knows where such a body ends: it is answered, and the connection is over."""
    client.send(request("POST", TICKLE, "Transfer-Encoding: gzip") + b"who knows" + get("/"))
    assert client.answer().status == 411
    assert client.ended_well()
