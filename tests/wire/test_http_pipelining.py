"""Many requests on one connection, one after another or all at once: each gets its answer, in the order of asking."""

import os
import random
import signal

import pytest

from client import REAUTHENTICATE, STATUS, TICKLE, get, post, request

WAYS_TO_ASK = [
    (get("/"), 302),
    (get("/nowhere"), 302),
    (get(STATUS), 200),
    (post(TICKLE), 200),
    (post(TICKLE, body=b"{}"), 200),
    (post(TICKLE, body=b"x" * 3000), 200),
    (post(REAUTHENTICATE, body=b"{}"), 200),
    (get("/v1/api/nosuch"), 404),
    (request("POST", TICKLE), 411),
    (request("POST", TICKLE, "Transfer-Encoding: chunked") + b"2\r\n{}\r\n0\r\n\r\n", 411),
    (b"GET /v1/api/tickle HTTP/1.1\r\n\r\n", 403),
    (request("DELETE", REAUTHENTICATE), 200),
]


@pytest.fixture(scope="module")
def mock(start_shared):
    return start_shared("authenticated", "--clock", "manual")


@pytest.fixture
def client(mock, connect):
    return connect(mock)


def test_a_connection_is_good_for_a_thousand_requests(mock, client):
    client.ask(get("/"))
    descriptors = mock.descriptors()
    for _ in range(250):
        assert client.ask(post(TICKLE)).status == 200
        assert client.ask(get(STATUS)).status == 200
        assert client.ask(post(REAUTHENTICATE, body=b"{}")).status == 200
        assert client.ask(get("/")).status == 302
    assert mock.descriptors() <= descriptors


def test_two_at_once(client):
    client.send(get("/") + post(REAUTHENTICATE))
    assert [client.answer().status for _ in range(2)] == [302, 200]
    assert client.is_quiet()


def test_fifty_at_once(client):
    client.send(b"".join(get(f"/{number}") for number in range(50)))
    for number in range(50):
        assert client.answer()["Location"] == f"https://api.ibkr.com/{number}"


@pytest.mark.parametrize("seed", range(5))
def test_all_kinds_at_once_and_cut_anywhere(client, seed):
    dice = random.Random(seed)
    asked = [dice.choice(WAYS_TO_ASK) for _ in range(60)]
    stream = b"".join(request for request, _ in asked)
    while stream:
        size = dice.choice([1, 10, 100, 1000, 10000])
        client.send(stream[:size])
        stream = stream[size:]
    assert [client.answer().status for _ in asked] == [status for _, status in asked]
    assert client.is_quiet()


def test_who_asks_for_more_than_any_buffer_holds_gets_all_of_it(client):
    """Nine megabytes of answers are asked for before the first is read: the server stops reading, and goes on later."""
    hundreds = 110
    for _ in range(hundreds):
        client.send(get("/demo/") * 100)
    for _ in range(100 * hundreds):
        assert len(client.answer().body) == 654
    assert client.is_quiet()


def test_an_answer_that_is_held_back_holds_back_those_behind_it(start, connect):
    mock = start("upstream_sick", "--clock", "scaled:100")
    client, other = connect(mock), connect(mock)
    client.send(get("/first") + post(TICKLE) + get("/second") + post(REAUTHENTICATE, body=b"{}") + get("/third"))
    assert client.answer()["Location"].endswith("/first")
    for _ in range(3):
        assert other.ask(get("/")).status == 302
    assert client.answer()["x-response-time"] == "10000ms"
    assert client.answer()["Location"].endswith("/second")
    assert client.answer().body == b'{"message":"triggered"}'
    assert client.answer()["Location"].endswith("/third")
    assert client.is_quiet()


def test_several_are_held_back_one_after_another(start, connect):
    client = connect(start("upstream_sick", "--clock", "scaled:1000"))
    client.send(post(TICKLE) * 5)
    assert [client.answer().status for _ in range(5)] == [503] * 5


def test_nothing_behind_an_answer_that_never_comes_is_answered(start, connect):
    mock = start("upstream_dead")
    client, other = connect(mock), connect(mock)
    client.send(get("/") + get(STATUS) + get("/") * 50)
    assert client.answer().status == 302
    for _ in range(3):
        assert other.ask(get("/")).status == 302
    assert client.is_quiet()


def test_nothing_behind_a_wish_to_leave_is_answered(client):
    client.send(get("/first") + get("/last", "Connection: close") + get("/never"))
    assert client.answer()["Location"].endswith("/first")
    assert client.answer()["Location"].endswith("/last")
    assert client.ended_well()


def test_who_asks_and_sends_no_more_is_answered(client):
    client.send(get(STATUS) * 20)
    client.half_close()
    assert [client.answer().status for _ in range(20)] == [200] * 20
    assert client.ended_well()


def test_who_has_said_all_at_once_and_goodbye_is_still_answered(mock, client):
    """The server is slow: all of it, and the end behind it, is there when it looks."""
    client.ask(get("/"))
    os.kill(mock.pid, signal.SIGSTOP)
    try:
        asked = request("POST", REAUTHENTICATE, "Transfer-Encoding: chunked") + b"2\r\n{}\r\n0\r\n\r\n"
        client.send(asked * 400)
        client.half_close()
    finally:
        os.kill(mock.pid, signal.SIGCONT)
    assert client.rest().count(b"HTTP/1.1 200 OK\r\n") == 400
