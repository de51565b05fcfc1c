"""Nothing that a client does, or leaves undone, keeps the server busy: a mock may run for weeks beside other work."""

import socket

import pytest

from client import STATUS, TICKLE, Client, get, post, request
from mock import SANITIZED, eventually, pause

# Quiet connections give back memory after a quarter of a second: that is done once, before we look.
SETTLED = 0.4


def keeps_quiet(mock):
    pause(SETTLED)
    mock.comes_to_rest()


def raw(mock, said):
    plain = socket.create_connection(("127.0.0.1", mock.port))
    plain.sendall(said)
    return plain


def sent(mock, said, **how):
    client = Client(mock.port, **how)
    client.send(said)
    return client


# ---- before there is TLS ----


@pytest.mark.parametrize(
    "said",
    [b"", b"\x16", b"\x16\x03\x01", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"r" * 32],
    ids=["nothing", "a_byte", "a_head", "half_a_hello"],
)
@pytest.mark.parametrize("half_closed", [False, True], ids=["", "half_closed"])
def test_a_stalled_handshake(start, said, half_closed):
    mock = start("authenticated")
    with raw(mock, said) as plain:
        if half_closed:
            plain.shutdown(socket.SHUT_WR)
            assert plain.recv(10) == b""
        keeps_quiet(mock)


def test_a_client_that_stays_when_it_was_refused(start):
    mock = start("authenticated")
    before = mock.descriptors()
    with raw(mock, b"GET / HTTP/1.1\r\n\r\n") as plain:
        assert plain.recv(10) == b""
        keeps_quiet(mock)
        eventually(lambda: mock.descriptors() == before)  # it is not waited for any longer


def test_half_a_record(start):
    mock = start("authenticated")
    client = Client(mock.port)
    assert client.ask(get("/")).status == 302
    client.socket.sendall(b"\x17\x03\x03\x01\x00half")
    keeps_quiet(mock)
    client.socket.shutdown(socket.SHUT_WR)
    client.rest()
    client.close()


# ---- waiting for something ----


def kept_alive(mock):
    client = Client(mock.port)
    assert client.ask(get("/")).status == 302
    return client


def half_a_request(mock):
    return sent(mock, get("/")[:-5])


def half_a_body(mock):
    return sent(mock, request("POST", TICKLE, "Content-Length: 100") + b"x" * 50)


def half_a_chunk(mock):
    return sent(mock, request("POST", TICKLE, "Transfer-Encoding: chunked") + b"64\r\n" + b"x" * 50)


def more_behind_it(mock):
    return sent(mock, get("/nowhere") + get("/%zz") + get("/") * 3000)


def never_to_be_answered(mock):
    return sent(mock, get("/%zz"))


@pytest.mark.parametrize(
    "client_of", [Client, kept_alive, half_a_request, half_a_body, half_a_chunk, more_behind_it, never_to_be_answered]
)
def test_a_client_that_waits(start, client_of):
    mock = start("authenticated")
    client = client_of(mock) if client_of is not Client else Client(mock.port)
    keeps_quiet(mock)
    client.close()
    keeps_quiet(mock)


@pytest.mark.parametrize("behind", [b"", get("/") * 3000, get("/")[:9]], ids=["", "much_behind", "half_behind"])
def test_an_answer_that_is_held_back(start, behind):
    mock = start("upstream_sick", "--clock", "manual")
    client = sent(mock, post(TICKLE) + behind)
    keeps_quiet(mock)
    client.close()


def test_an_answer_that_is_held_back_for_a_real_while(start):
    mock = start("upstream_sick")
    client = sent(mock, post(TICKLE))
    keeps_quiet(mock)
    assert client.is_quiet()
    client.close()


def test_a_client_that_has_ended_its_half(start):
    """Answered, and then ended by the server; and forgotten even if it never closes its own socket."""
    mock = start("authenticated")
    client = sent(mock, get(STATUS))
    client.half_close()
    assert client.answer().status == 200
    assert client.ended_well()
    keeps_quiet(mock)


def asks_without_reading(client):
    """Until the server takes no more."""
    client.socket.settimeout(0.3)
    with pytest.raises(TimeoutError):
        while True:
            client.send(get("/demo/") * 100)


@pytest.mark.parametrize("ended", ["", "half_closed"])
def test_a_client_that_does_not_read(start, ended):
    mock = start("authenticated")
    client = Client(mock.port)
    asks_without_reading(client)
    if ended:
        client.socket.shutdown(socket.SHUT_WR)
    keeps_quiet(mock)
    other = Client(mock.port)
    assert other.ask(get("/")).status == 302
    other.close()
    client.abort()
    keeps_quiet(mock)


def test_a_client_that_does_not_read_has_little_kept_for_it(start):
    mock = start("authenticated")
    Client(mock.port).close()
    before = mock.memory_kib()
    clients = [Client(mock.port) for _ in range(4)]
    for client in clients:
        asks_without_reading(client)
    assert SANITIZED or (mock.memory_kib() - before) / len(clients) < 2048
    for client in clients:
        client.abort()
