"""Why: a client that goes takes its connection along, whatever it has left half done, and who has only shut its own side
down is answered. Ends that come together with the bytes before them are the ones that are easily missed."""

import itertools
import socket
import struct
from urllib.parse import urlsplit

import pytest

from held_sockets import held
from mock import WITHIN, eventually

HOST = b"Host: localhost\r\n"
POST = b"POST /__admin/verify HTTP/1.1\r\n" + HOST
WAIT = b"GET /__admin/state/wait?state=logged_out&timeout=10m HTTP/1.1\r\n" + HOST + b"\r\n"
LIVEZ = b"GET /__admin/livez HTTP/1.1\r\n" + HOST + b"\r\n"

# What is no request yet.
HALVES = {
    "nothing": b"",
    "an_empty_line": b"\r\n",
    "half_a_line": b"GET /__adm",
    "a_line": b"GET /__admin/livez HTTP/1.1\r\n",
    "half_a_head": LIVEZ[:-2],
    "no_body": POST + b"Content-Length: 20\r\n\r\n",
    "half_a_body": POST + b'Content-Length: 20\r\n\r\n{"re',
    "half_a_chunk": POST + b'Transfer-Encoding: chunked\r\n\r\n8\r\n{"re',
    "half_a_chunk_size": POST + b"Transfer-Encoding: chunked\r\n\r\n8\r",
    "no_last_chunk": POST + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
    "no_last_line": POST + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n",
    "half_a_second": LIVEZ + LIVEZ[:20],
    "a_wait": WAIT,
    "half_a_call_behind_a_wait": WAIT + LIVEZ[:20],
    "a_wait_behind_a_wait": WAIT + WAIT,
}


class Plain:
    """A connection of bytes as they are."""

    def __init__(self, admin):
        at = urlsplit(admin.url)
        self.port = at.port
        self.socket = socket.create_connection(("127.0.0.1", at.port), timeout=WITHIN)
        self.name = self.socket.getsockname()[1]

    def is_held(self):
        return held(self.port, self.name)

    def rest(self):
        return b"".join(iter(lambda: self.socket.recv(1 << 16), b""))


def heard_of(process):
    """The server has taken part of what came before this."""
    assert process.call("GET", "/livez").status == 200


def close(client):
    client.socket.close()


def reset(client):
    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.socket.close()


@pytest.mark.parametrize("end", [close, reset])
@pytest.mark.parametrize("is_late", [False, True], ids=["at_once", "later"])
@pytest.mark.parametrize("half", HALVES)
def test_who_goes_leaves_nothing(process, half, is_late, end):
    client = Plain(process)
    client.socket.sendall(HALVES[half])
    if is_late:
        heard_of(process)
    end(client)
    eventually(lambda: not client.is_held())


@pytest.mark.parametrize("is_late", [False, True], ids=["at_once", "later"])
@pytest.mark.parametrize("half", [name for name in HALVES if "wait" not in name])
def test_half_a_request_ends_with_its_clients_side(process, half, is_late):
    client = Plain(process)
    client.socket.sendall(HALVES[half])
    if is_late:
        heard_of(process)
    client.socket.shutdown(socket.SHUT_WR)
    answers = client.rest()
    assert answers.count(b"HTTP/1.1 200 OK") == (half == "half_a_second")
    client.socket.close()
    eventually(lambda: not client.is_held())


@pytest.mark.parametrize("others", [0, 3], ids=["alone", "among_others"])
@pytest.mark.parametrize("is_late", [False, True], ids=["at_once", "later"])
def test_a_wait_is_answered_though_its_client_has_shut_its_side_down(process, is_late, others):
    """It ends, as for a client that has gone: the two look alike. But it is told."""
    quiet = [Plain(process) for _ in range(others)]
    client = Plain(process)
    client.socket.sendall(WAIT)
    if is_late:
        heard_of(process)
    client.socket.shutdown(socket.SHUT_WR)
    answer = client.rest()
    assert answer.startswith(b"HTTP/1.1 400 ") and b"shut its side of the connection down" in answer
    for each in [client, *quiet]:
        each.socket.close()


def test_calls_are_answered_in_full_though_their_client_has_shut_its_side_down(process):
    """More than fits into a socket's buffers, and nobody reads before the end has been seen."""
    times = 200
    call = b"GET /__admin/docs/openapi.json HTTP/1.1\r\n" + HOST + b"\r\n"
    body = process.call("GET", "/docs/openapi.json").body
    client = Plain(process)
    client.socket.sendall(call * times)
    client.socket.shutdown(socket.SHUT_WR)
    heard_of(process)
    answers = client.rest()
    assert answers.count(b"HTTP/1.1 200 OK") == times
    assert answers.endswith(body)
    client.socket.close()
    eventually(lambda: not client.is_held())


def test_a_body_that_came_with_the_end_is_read(process):
    body = b'{"request": {}, "times": 0}'.ljust(300_000)
    client = Plain(process)
    client.socket.sendall(POST + b"Content-Length: %d\r\n\r\n" % len(body) + body)
    client.socket.shutdown(socket.SHUT_WR)
    assert b"HTTP/1.1 202 Accepted" in client.rest()
    client.socket.close()


def test_those_who_have_gone_make_room(process):
    """More than there may be connections at once: none of those who wait is sent away for them."""
    waiting = Plain(process)
    waiting.socket.sendall(WAIT)
    heard_of(process)
    for half in itertools.islice(itertools.cycle(HALVES.values()), 600):
        client = Plain(process)
        client.socket.sendall(half)
        client.socket.close()
    heard_of(process)
    assert waiting.is_held() == "ESTABLISHED"
    waiting.socket.close()


def test_those_who_have_gone_cost_nothing(serve):
    admin = serve()
    clients = [Plain(admin) for _ in range(len(HALVES))]
    for client, half in zip(clients, HALVES.values()):
        client.socket.sendall(half)
        client.socket.shutdown(socket.SHUT_WR)
    admin.mock.comes_to_rest()
    for client in clients:
        client.socket.close()
