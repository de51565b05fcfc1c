"""TLS as a client of today meets it: what is spoken, who is trusted, and what becomes of those who do not speak it."""

import socket
import ssl
import struct

import pytest

from client import CONTEXT, STATUS, Client, context_for, get
from mock import WITHIN, eventually

TLS_1_2, TLS_1_3 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


@pytest.fixture(scope="module")
def mock(start_shared):
    return start_shared("authenticated")


def verifying(mock):
    return ssl.create_default_context(cafile=mock.ca_file)


# ---- who is there ----


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1"])
def test_a_client_that_trusts_the_authority_verifies_every_name(mock, host, name):
    with socket.create_connection((host, mock.port), timeout=WITHIN) as plain:
        with verifying(mock).wrap_socket(plain, server_hostname=name) as tls:
            tls.sendall(get("/"))
            assert tls.recv(12) == b"HTTP/1.1 302"


def test_other_names_are_not_vouched_for(mock):
    with socket.create_connection(("127.0.0.1", mock.port), timeout=WITHIN) as plain:
        with pytest.raises(ssl.SSLCertVerificationError, match="localhost.example"):
            verifying(mock).wrap_socket(plain, server_hostname="localhost.example")


def test_who_was_not_told_does_not_trust_it(mock, connect):
    with pytest.raises(ssl.SSLCertVerificationError):
        connect(mock, context=ssl.create_default_context())
    assert connect(mock).ask(get("/")).status == 302


def test_a_certificate_of_ones_own_is_served(mock, start, connect, state_home):
    files = [state_home / "leaf.crt", state_home / "leaf.key"]
    own = start("authenticated", "--cert", files[0], "--key", files[1])
    assert own.ca_file is None
    client = connect(own)
    assert ssl.DER_cert_to_PEM_cert(client.tls.getpeercert(binary_form=True)) in files[0].read_text()
    context = ssl.create_default_context(cafile=mock.ca_file)
    assert connect(own, context=context).ask(get("/")).status == 302


# ---- what is spoken ----


@pytest.mark.parametrize("version, name", [(TLS_1_2, "TLSv1.2"), (TLS_1_3, "TLSv1.3")])
def test_both_versions_of_today_are_spoken(mock, connect, version, name):
    client = connect(mock, context=context_for(version))
    assert client.tls.version() == name
    assert client.ask(get(STATUS)).status == 200


def test_the_newest_is_preferred(mock, connect):
    assert connect(mock).tls.version() == "TLSv1.3"


def test_old_versions_are_refused(mock, connect):
    for version in [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1]:
        with pytest.raises(ssl.SSLError, match="PROTOCOL_VERSION"):
            connect(mock, context=context_for(version, ciphers="ALL:@SECLEVEL=0"))


@pytest.mark.parametrize("version", [TLS_1_2, TLS_1_3])
def test_sessions_are_resumed(mock, connect, version):
    context = context_for(version)
    first = connect(mock, context=context)
    assert not first.tls.session_reused
    first.ask(get("/"))  # TLS 1.3 brings the ticket behind the handshake
    for _ in range(2):
        again = connect(mock, context=context, session=first.tls.session)
        assert again.tls.session_reused
        assert again.ask(get("/")).status == 302


def test_no_protocol_is_negotiated(mock, connect):
    """Nor is a client refused that offers HTTP/2: it is left to speak what it speaks otherwise."""
    context = context_for()
    context.set_alpn_protocols(["h2", "http/1.1"])
    client = connect(mock, context=context)
    assert client.tls.selected_alpn_protocol() is None
    assert client.ask(get("/")).status == 302


# ---- who does not speak it ----


@pytest.fixture
def plain(mock):
    with socket.create_connection(("127.0.0.1", mock.port), timeout=WITHIN) as opened:
        yield opened


@pytest.mark.parametrize(
    "said",
    [
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" * 2000,
        b"\x00" * 100,
        b"\x15\x03\x03\x00\x02\x01\x00",
        b"SSH-2.0-OpenSSH_9.2p1\r\n",
        b"\n",
    ],
    ids=["http", "much_http", "zeros", "an_alert", "ssh", "one_byte"],
)
def test_who_does_not_speak_tls_gets_no_byte_and_a_clean_end(plain, said):
    plain.sendall(said)
    assert plain.recv(100) == b""  # FIN: a reset would be an exception
    plain.close()


def test_who_begins_like_tls_and_is_not_gets_at_most_an_alert(plain):
    plain.sendall(b"\x16\x03\x01\x00\x10" + b"nonsense" * 10)
    said = b""
    while piece := plain.recv(100):
        said += piece
    assert said == b"" or (said[0], len(said)) == (0x15, 7)


def test_garbage_behind_the_handshake_ends_that_connection_alone(mock, connect):
    broken, other = connect(mock), connect(mock)
    broken.socket.sendall(b"\x17\x03\x03\x00\x20" + b"g" * 32)
    with pytest.raises(ssl.SSLError, match="BAD_RECORD_MAC"):
        broken.rest()
    assert broken.socket.recv(1) == b""
    assert other.ask(get("/")).status == 302


# ---- who leaves ----


def leave_with_notice(client):
    client.half_close()
    assert client.ended_well()


def leave_without(client):
    client.socket.shutdown(socket.SHUT_WR)
    assert client.rest() == b""
    assert client.tcp_ended == "FIN"


def leave_at_once(client):
    client.close()


def leave_with_a_reset(client):
    client.abort()


@pytest.mark.parametrize("leave", [leave_with_notice, leave_without, leave_at_once, leave_with_a_reset])
@pytest.mark.parametrize("asked", [b"", get("/"), get("/")[:20]], ids=["silent", "answered", "half"])
def test_however_a_client_leaves_nothing_stays(start, connect, leave, asked):
    mock = start("authenticated")
    connect(mock).ask(get("/"))
    before = mock.descriptors()
    clients = [connect(mock) for _ in range(5)]
    for client in clients:
        client.send(asked)
    if asked.endswith(b"\r\n\r\n"):
        assert [client.answer().status for client in clients] == [302] * 5
    for client in clients:
        leave(client)
    eventually(lambda: mock.descriptors() == before)


def test_who_leaves_before_the_handshake_leaves_nothing(start, connect):
    mock = start("authenticated")
    connect(mock).ask(get("/"))
    before = mock.descriptors()
    for number in range(20):
        with socket.create_connection(("127.0.0.1", mock.port)) as plain:
            plain.sendall([b"", b"\x16\x03\x01"][number % 2])
            if number % 3 == 0:
                plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    eventually(lambda: mock.descriptors() == before)


def test_a_handshake_may_come_in_dribs(mock):
    client = Client(mock.port, context=CONTEXT, greet=False)
    with pytest.raises(ssl.SSLWantReadError):
        client.tls.do_handshake()
    for byte in client.outgoing.read():
        client.socket.sendall(bytes([byte]))
    client.greet()
    assert client.ask(get("/")).status == 302
    client.close()
