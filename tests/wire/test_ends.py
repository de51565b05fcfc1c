"""Why: the gateway keeps a connection on which nothing happens for ever, as the real one does; a connection whose client has
gone is another matter. Whatever its client had left half done, and however it goes, nothing of it stays."""

import pytest

from client import TICKLE, Client, get, post
from held_sockets import held
from mock import eventually

# One answer is held back for ten seconds that never pass, one for ever.
LATE = {"path": "/late", "answer": {"reply": "tickle", "after": "10s"}}
STORY = {
    "extends": "authenticated",
    "endpoints": {"late": LATE},
    "faults": {"never": {"on": "tickle", "upstream_hang": True}},
}
WEBSOCKET = get(
    "/v1/api/ws",
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
)
CHUNKED = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"

BEFORE_TLS = {"nothing": b"", "half_a_hello": b"\x16\x03\x01\x02\x00\x01\x00", "no_hello": b"hello"}
OVER_TLS = {
    "nothing_asked": b"",
    "half_a_line": b"GET /v1",
    "half_a_head": get("/")[:-2],
    "no_body": post("/", body=b"ninebytes")[:-9],
    "half_a_body": post("/", body=b"ninebytes")[:-4],
    "half_a_chunk": CHUNKED + b"5\r\nab",
    "no_last_chunk": CHUNKED + b"2\r\nab\r\n",
    "an_answer": get("/"),
    "half_a_request_behind_an_answer": get("/") + b"GET /",
    "held_for_a_time": get("/late"),
    "held_for_ever": get(TICKLE),
    "requests_behind_a_held_answer": get("/late") + get("/") * 10 + b"GET /",
    "a_websocket": WEBSOCKET,
    "half_a_websocket": WEBSOCKET[:-2],
    "half_a_frame": WEBSOCKET + b"\x81\x85abc",
    "half_a_message": WEBSOCKET + b"\x01\x80abcd",
}


@pytest.fixture(scope="module")
def mock(start_shared):
    return start_shared(STORY, "--clock", "manual")


def close(client):
    client.close()


def reset(client):
    client.abort()


def close_in_order(client):
    client.half_close()
    client.close()


def shut(client):
    """And reads what comes, to the end that must come."""
    client.socket.shutdown(1)
    client.rest()
    client.close()


def goes(mock, said, end, is_late, greet):
    client = Client(mock.port, greet=greet)
    name = client.socket.getsockname()[1]
    if greet:
        client.send(said)
    else:
        client.socket.sendall(said)
    if is_late:  # what this one is told shows that the other was heard
        other = Client(mock.port)
        other.ask(get("/"))
        other.close()
    end(client)
    eventually(lambda: not held(mock.port, name))


@pytest.mark.parametrize("end", [close, reset, shut])
@pytest.mark.parametrize("is_late", [False, True], ids=["at_once", "later"])
@pytest.mark.parametrize("said", BEFORE_TLS)
def test_who_goes_before_there_is_tls(mock, said, is_late, end):
    goes(mock, BEFORE_TLS[said], end, is_late, greet=False)


@pytest.mark.parametrize("end", [close, reset, close_in_order, shut])
@pytest.mark.parametrize("is_late", [False, True], ids=["at_once", "later"])
@pytest.mark.parametrize("said", OVER_TLS)
def test_who_goes(mock, said, is_late, end):
    goes(mock, OVER_TLS[said], end, is_late, greet=True)


def test_who_stays_is_kept_and_nothing_is_left_of_the_others(mock, connect):
    idle = connect(mock)
    idle.ask(get("/"))
    before = mock.descriptors()
    for said in OVER_TLS.values():
        goes(mock, said, close, is_late=False, greet=True)
    eventually(lambda: mock.descriptors() <= before)
    assert idle.ask(get("/")).status == 302
