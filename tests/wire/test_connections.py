"""Why: a client that never gets as far as a request is the hardest to understand. The log says in words what went
wrong, once for each such connection, and says nothing about those that came to something."""

import json
import socket
import ssl
import struct

import pytest

from client import Client, context_for, get
from mock import WITHIN, eventually

TLS_1_1, TLS_1_2, TLS_1_3 = ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3

# Held back for ten virtual seconds, which never pass.
LATE_ANSWER = {"path": "/late", "answer": {"reply": "tickle", "after": "10s"}}
LATE = {"extends": "authenticated", "endpoints": {"late": LATE_ANSWER}}


def start_telling(start, scenario="authenticated", *options):
    return start(scenario, "--log-format", "json", *options)


def failures(mock):
    """What the log says about connections so far: pairs of name and text."""
    lines = mock.log().splitlines(keepends=True)
    records = [json.loads(line) for line in lines if line.startswith("{") and line.endswith("\n")]
    return [(record["name"], record["text"]) for record in records if record["kind"] == "connection"]


def the_failure(mock):
    """The one, once it is there; a request that is answered after it shows that no second follows it."""
    eventually(lambda: failures(mock))
    requests = mock.log().count('"kind":"request"')
    client = Client(mock.port)
    client.ask(get("/"))
    eventually(lambda: mock.log().count('"kind":"request"') > requests)
    client.close()
    (failure,) = failures(mock)
    return failure


def plain(mock):
    return socket.create_connection(("127.0.0.1", mock.port), timeout=WITHIN)


def say(mock, data):
    """Sends bytes that are no TLS and waits for the end."""
    with plain(mock) as client:
        client.sendall(data)
        while client.recv(4096):
            pass


def greet_in_vain(mock, context, name="localhost"):
    with plain(mock) as client, pytest.raises((ssl.SSLError, ConnectionResetError)):
        context.wrap_socket(client, server_hostname=name)


def reset(client):
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


# ---- handshakes ----


@pytest.mark.parametrize("version", [TLS_1_2, TLS_1_3])
def test_who_does_not_trust_the_authority_is_told_of(start, version):
    mock = start_telling(start)
    context = ssl.create_default_context()
    context.minimum_version = context.maximum_version = version
    greet_in_vain(mock, context)
    assert the_failure(mock) == ("unknown_ca", "the client does not trust the CA (alert unknown_ca)")


def test_a_host_name_that_is_not_on_the_certificate(start):
    mock = start_telling(start)
    greet_in_vain(mock, ssl.create_default_context(cafile=mock.ca_file), "elsewhere.example")
    name, text = the_failure(mock)
    assert name == "bad_certificate" and "host name" in text


@pytest.mark.parametrize(
    ("alert", "name", "words"),
    [
        (42, "bad_certificate", "alert bad_certificate"),
        (43, "unsupported_certificate", "alert unsupported_certificate"),
        (45, "certificate_expired", "has expired"),
        (46, "certificate_unknown", "does not trust the CA, or the host name"),
        (48, "unknown_ca", "does not trust the CA"),
        (70, "protocol_version", "does not want this version"),
        (40, "alert", "broke off the handshake (alert handshake failure)"),
        (0, "closed_in_handshake", "closed the connection during the handshake"),
    ],
)
def test_an_alert_is_told_in_words(start, alert, name, words):
    mock = start_telling(start)
    with plain(mock) as client:
        outgoing = ssl.MemoryBIO()
        hello = context_for(TLS_1_2).wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="localhost")
        with pytest.raises(ssl.SSLWantReadError):
            hello.do_handshake()
        client.sendall(outgoing.read())
        assert client.recv(4096)
        client.sendall(bytes([21, 3, 3, 0, 2, 2 if alert else 1, alert]))
        while client.recv(4096):
            pass
    found, text = the_failure(mock)
    assert found == name and words in text


def test_a_version_that_is_too_old(start):
    mock = start_telling(start)
    greet_in_vain(mock, context_for(TLS_1_1, ciphers="ALL:@SECLEVEL=0"))
    assert the_failure(mock) == (
        "protocol_version",
        "the client offered TLS 1.1 at most; this gateway wants TLS 1.2",
    )


def test_a_version_that_is_too_new(start):
    mock = start_telling(start, "authenticated", "--tls", "authentic")
    greet_in_vain(mock, context_for(TLS_1_3))
    name, text = the_failure(mock)
    assert name == "protocol_version" and "TLS 1.3 only" in text


def test_no_cipher_suite_in_common(start):
    mock = start_telling(start)
    greet_in_vain(mock, context_for(TLS_1_2, ciphers="AES256-SHA:@SECLEVEL=0"))
    assert the_failure(mock)[0] == "no_shared_cipher"


def test_plain_http_on_the_tls_port(start):
    mock = start_telling(start)
    say(mock, get("/v1/api/tickle"))
    assert the_failure(mock) == ("plain_http", "plain HTTP arrived on the TLS port")


def test_what_is_no_tls_at_all(start):
    mock = start_telling(start)
    say(mock, b"\x00\x01\x02 hello")
    assert the_failure(mock)[0] == "not_tls"


@pytest.mark.parametrize("end", [socket.socket.close, reset])
def test_a_client_that_breaks_off_the_handshake(start, end):
    mock = start_telling(start)
    client = plain(mock)
    client.sendall(b"\x16\x03\x01\x02")
    end(client)
    assert the_failure(mock) == ("closed_in_handshake", "the client closed the connection during the handshake")


def test_a_record_that_is_broken(start):
    mock = start_telling(start)
    say(mock, b"\x16\x03\x01\x00\x05\xff\x00\x00\x01\x00")
    name, text = the_failure(mock)
    assert name == "handshake_failed" and len(text) > len("the TLS handshake failed: ")


# ---- requests ----


def test_a_connection_over_which_nothing_is_asked(start):
    mock = start_telling(start)
    Client(mock.port).close()
    assert the_failure(mock)[0] == "no_request"


@pytest.mark.parametrize("part", [b"GET /v1", get("/")[:-2], b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc"])
def test_a_request_that_is_cut_off(start, part):
    mock = start_telling(start)
    client = Client(mock.port)
    client.send(part)
    client.half_close()  # a reset would throw away what was sent
    assert the_failure(mock) == ("request_cut", "the client closed the connection in the middle of a request")


@pytest.mark.parametrize(
    ("request_bytes", "name"),
    [
        (b"hello\r\n\r\n", "bad_request_line"),
        (b"GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n", "bad_header"),
        (b"GET / HTTP/1.1\r\nno colon here\r\n\r\n", "bad_header"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "bad_request"),
        (b"GET /" + b"a" * 5000 + b" HTTP/1.1\r\n\r\n", "line_too_long"),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * 9000 + b"\r\n\r\n", "headers_too_large"),
    ],
)
def test_what_is_no_request_that_can_be_answered(start, request_bytes, name):
    mock = start_telling(start)
    client = Client(mock.port)
    client.send(request_bytes)
    eventually(lambda: failures(mock))
    client.close()
    assert the_failure(mock)[0] == name


def test_a_client_that_does_not_wait_for_its_answer(start):
    mock = start_telling(start, LATE, "--clock", "manual")
    client = Client(mock.port)
    client.send(get("/late"))
    eventually(lambda: '"kind":"request"' in mock.log())
    client.close()
    assert the_failure(mock) == ("client_left", "the client left after 0s without waiting for the answer")


# ---- what is not told of ----


def test_what_came_to_something_is_not_told_of(start):
    mock = start_telling(start)
    plain(mock).close()  # somebody looks whether the port is open
    for _ in range(3):
        client = Client(mock.port)
        assert client.ask(get("/")).status == 302
        assert client.ask(get("/")).status == 302
        client.close()
    say(mock, b"no tls")  # comes last: what there was to tell of those before it has been told
    assert the_failure(mock)[0] == "not_tls"
