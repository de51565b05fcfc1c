"""Faults of TLS as they are on the wire: every byte of what the server says instead, how the connection ends, when, and
what a client that verifies makes of it."""

import contextlib
import json
import socket
import ssl
import subprocess
import time

import pytest

from client import TICKLE, Client, context_for, get, post
from mock import BINARY, WITHIN, allow_descriptors, eventually
from test_faults import ONE_USER, advance, call

TLS_1_1, TLS_1_2, TLS_1_3 = ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
ALERT, HANDSHAKE = 21, 22
SERVER_HELLO = 2
# OpenSSL's numbers of reasons why a certificate does not do.
NOT_YET_VALID, HAS_EXPIRED, SELF_SIGNED, SELF_SIGNED_IN_CHAIN, HOST_MISMATCH = 9, 10, 18, 19, 62


class Greeter(Client):
    """A client that has said hello, and looks at what comes before it goes on."""

    def __init__(self, port, context=None):
        super().__init__(port, context=context, greet=False)
        self.step()

    def step(self):
        """One step of the handshake with what has come; true when it is through."""
        try:
            self.tls.do_handshake()
        except ssl.SSLWantReadError:
            self._flush()
            return False
        self._flush()
        return True

    def wait_for(self, length):
        """So many bytes, and no more, have come."""
        until = time.monotonic() + WITHIN
        while len(self.records) < length:
            assert self._fill(until), f"{self.tcp_ended or 'silence'} after {self.records!r}"
        assert len(self.records) == length, self.records

    def end(self):
        """How the server ends the connection."""
        until = time.monotonic() + WITHIN
        while self._fill(until):
            pass
        return self.tcp_ended

    def is_silent(self):
        """Nothing has come that was not seen, and the connection is there."""
        came = len(self.records)
        return not self._fill(time.monotonic()) and not self.tcp_ended and len(self.records) == came


def records_of(said):
    """Type and content of each record."""
    records = []
    while said:
        length = int.from_bytes(said[3:5], "big")
        assert said[1] == 3 and len(said) >= 5 + length, said
        records.append((said[0], said[5 : 5 + length]))
        said = said[5 + length :]
    return records


@pytest.fixture
def broken(start):
    """Starts a mock on a clock that stands still, with one fault: on every handshake, or on those that are said."""
    with contextlib.ExitStack() as clients:

        def begin(fault, *options, context=None, **more):
            scenario = {"extends": "authenticated", "faults": {"the_fault": {**fault, **more}}}
            mock = start(scenario, "--clock", "manual", *options)

            def greet(context=context):
                client = Greeter(mock.port, context)
                clients.callback(client.close)
                return client

            return mock, greet

        yield begin


def works(mock, context=None):
    client = Client(mock.port, context=context)
    assert client.ask(get(ONE_USER)).status == 200
    client.close()


def records(mock, kind):
    return call(mock, "GET", f"/journal?kind={kind}")["records"]


def notes(mock):
    """What the journal says about connections that came to nothing."""
    return [record["text"] for record in records(mock, "connection")]


def is_held(mock, client):
    """Nothing more comes, the process is idle meanwhile, the connection is there, and its neighbours notice nothing."""
    mock.comes_to_rest()
    assert client.is_silent()
    works(mock)


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


# ---- certificates ----


def trusting(mock):
    return ssl.create_default_context(cafile=mock.ca_file)


def shown(mock):
    """The certificate that a client sees which verifies nothing, as `openssl x509` tells of it."""
    client = Client(mock.port)
    pem = ssl.DER_cert_to_PEM_cert(client.tls.getpeercert(binary_form=True))
    client.close()
    what = ["-subject", "-issuer", "-serial", "-checkend", "0", "-ext", "subjectAltName", "-fingerprint", "-pubkey"]
    return subprocess.run(["openssl", "x509", "-noout", *what], input=pem, capture_output=True, text=True).stdout


@pytest.mark.parametrize(
    "kind, why",
    [
        ("certificate_expired", HAS_EXPIRED),
        ("certificate_not_yet_valid", NOT_YET_VALID),
        ("certificate_wrong_host", HOST_MISMATCH),
        ("certificate_untrusted", SELF_SIGNED_IN_CHAIN),
    ],
)
@pytest.mark.parametrize("version", [TLS_1_2, TLS_1_3])
def test_a_certificate_that_does_not_do(broken, kind, why, version):
    """For this reason and no other: the client trusts the authority, and does so of the next one."""
    mock, _ = broken({kind: True}, calls=1)
    context = trusting(mock)
    context.maximum_version = version
    with pytest.raises(ssl.SSLCertVerificationError) as refused:
        Client(mock.port, context=context)
    assert refused.value.verify_code == why
    works(mock, trusting(mock))


def test_the_wrong_host_is_right_for_somebody(broken):
    mock, _ = broken({"certificate_wrong_host": True})
    with socket.create_connection(("127.0.0.1", mock.port), timeout=WITHIN) as plain:
        with trusting(mock).wrap_socket(plain, server_hostname="elsewhere.localhost") as tls:
            assert tls.getpeercert()["subjectAltName"] == (("DNS", "elsewhere.localhost"),)


def test_a_certificate_that_changes(broken):
    mock, _ = broken({"certificate_changed": True}, calls="2..3")
    first, second, third, fourth = [shown(mock) for _ in range(4)]
    assert first == fourth != second == third
    assert "Certificate will not expire" in second
    same = [line for line in first.splitlines() if line.startswith(("subject", "issuer", "    DNS"))]
    assert len(same) == 3 and all(line in second for line in same)
    key = first[first.index("-----BEGIN PUBLIC KEY") :]
    assert key not in second
    works(mock, trusting(mock))


@pytest.mark.parametrize("kind", ["expired", "not_yet_valid", "wrong_host", "untrusted", "changed"])
def test_the_authentic_certificate_varies_too(broken, kind):
    """It has run out and signed itself in any case; clients of the real gateway verify nothing."""
    mock, _ = broken({f"certificate_{kind}": True}, "--tls", "authentic", calls=2)
    first, second, third = [shown(mock) for _ in range(3)]
    assert first == third != second
    assert ("CN = elsewhere.localhost" in second) == (kind == "wrong_host")
    assert ("nobody trusts" in second) == (kind == "untrusted")
    works(mock)


def test_a_session_is_not_resumed_past_a_certificate(broken, connect):
    """Nobody would see it."""
    mock, _ = broken({"certificate_expired": True}, calls=2)
    context = trusting(mock)
    first = Client(mock.port, context=context)
    first.ask(get(ONE_USER))
    with pytest.raises(ssl.SSLCertVerificationError):
        connect(mock, context=context, session=first.tls.session)
    first.close()


def serve(tmp_path, scenario, *options):
    """Of a mock that is not to start: what it says."""
    file = tmp_path / "story.json"
    file.write_text(json.dumps({"name": "story", "title": "of a test", **scenario}))
    return subprocess.run(
        [BINARY, "serve", "--port", "0", "--scenario", file, *options], capture_output=True, text=True, timeout=WITHIN
    )


def test_a_certificate_of_ones_own_cannot_be_varied(start, connect, state_home, tmp_path):
    start("authenticated").stop()  # makes the files
    own = ["--cert", state_home / "leaf.crt", "--key", state_home / "leaf.key"]
    result = serve(tmp_path, {"extends": "authenticated", "faults": {"old": {"certificate_expired": True}}}, *own)
    assert result.returncode != 0
    assert 'fault "old": "certificate_expired" cannot be done' in result.stderr
    assert "without --cert" in result.stderr
    mock = start({"extends": "authenticated", "faults": {"f": {"certificate_untrusted": True}}}, *own)
    with pytest.raises(ssl.SSLCertVerificationError) as refused:
        connect(mock, context=ssl.create_default_context(cafile=state_home / "ca.crt"))
    assert refused.value.verify_code == SELF_SIGNED_IN_CHAIN


def test_the_journal_does_not_leave_the_client_alone_with_it(broken):
    mock, _ = broken({"certificate_untrusted": True}, calls=1)
    with pytest.raises(ssl.SSLCertVerificationError):
        client = Client(mock.port, greet=False, context=trusting(mock))
        try:
            client.greet()
        finally:
            client._flush()
            client.close()
    eventually(lambda: notes(mock))
    assert notes(mock) == [
        'the client does not trust the CA (alert unknown_ca); fault "the_fault" had a hand in it'
    ]


# ---- what is agreed upon ----


def offer(mock, *versions, ciphers=None):
    """The version that is spoken, or the alert's number."""
    client = Greeter(mock.port, context_for(*versions, ciphers=ciphers))
    try:
        until = time.monotonic() + WITHIN
        while not client.step():
            if not client._fill(until):
                break
        return client.tls.version()
    except ssl.SSLError:
        (kind, alert) = records_of(client.records)[-1]
        assert kind == ALERT
        return alert[1]
    finally:
        client.close()


PROTOCOL_VERSION = 70
OLD = "DEFAULT:@SECLEVEL=0"


@pytest.mark.parametrize("profile", ["modern", "authentic"])
@pytest.mark.parametrize(
    "versions, newest, at_most_1_2, only_1_3",
    [
        ({"min": "1.3"}, "TLSv1.3", PROTOCOL_VERSION, "TLSv1.3"),
        ({"max": "1.2"}, "TLSv1.2", "TLSv1.2", PROTOCOL_VERSION),
        ({"min": "1.2", "max": "1.2"}, "TLSv1.2", "TLSv1.2", PROTOCOL_VERSION),
        ({"min": "1.2", "max": "1.3"}, "TLSv1.3", "TLSv1.2", "TLSv1.3"),
        ({"max": "1.1"}, PROTOCOL_VERSION, None, PROTOCOL_VERSION),
    ],
)
def test_versions(broken, profile, versions, newest, at_most_1_2, only_1_3):
    mock, _ = broken({"tls_version": versions}, "--tls", profile)
    assert offer(mock, TLS_1_2, TLS_1_3) == newest
    if at_most_1_2:
        assert offer(mock, TLS_1_2) == at_most_1_2
    assert offer(mock, TLS_1_3) == only_1_3


@pytest.mark.parametrize("profile", ["modern", "authentic"])
def test_old_versions_can_be_spoken(broken, profile):
    mock, _ = broken({"tls_version": {"max": "1.1"}}, "--tls", profile, calls=1)
    assert offer(mock, TLS_1_1, ciphers=OLD) == "TLSv1.1"
    assert offer(mock, TLS_1_1, ciphers=OLD) == PROTOCOL_VERSION


def test_the_journal_says_whose_fault_a_version_is(broken):
    mock, _ = broken({"tls_version": "1.3"}, calls=1)
    assert offer(mock, TLS_1_2) == PROTOCOL_VERSION
    assert notes(mock) == [
        'the client offered no version of TLS that this gateway speaks now; fault "the_fault" had a hand in it'
    ]


@pytest.mark.parametrize("version", [TLS_1_2, TLS_1_3])
def test_no_resumption(broken, connect, version):
    """The ticket is not taken, and another is given, which is."""
    mock, _ = broken({"tls_no_resumption": True}, calls=2)
    context = context_for(version)
    reused = []
    session = None
    for _ in range(3):
        client = connect(mock, context=context, session=session)
        assert client.ask(get(ONE_USER)).status == 200
        reused.append(client.tls.session_reused)
        session = client.tls.session
    assert reused == [False, False, True]


# ---- and after it ----


@pytest.mark.parametrize("version", [TLS_1_2, TLS_1_3])
@pytest.mark.parametrize("nth", [1, 2, 3])
def test_a_corrupt_record(broken, connect, version, nth):
    mock, _ = broken({"tls_corrupt_record": nth}, calls=1)
    client = connect(mock, context=context_for(version))
    neighbour = connect(mock, context=context_for(version))
    for _ in range(nth - 1):
        assert client.ask(post(TICKLE)).status == 200
    with pytest.raises(ssl.SSLError, match="BAD_RECORD_MAC|DECRYPTION_FAILED"):
        client.ask(post(TICKLE))
    for _ in range(nth + 1):
        assert neighbour.ask(post(TICKLE)).status == 200
    works(mock)


def test_a_record_that_is_not_corrupted_any_more(broken, connect):
    mock, _ = broken({"tls_corrupt_record": 2})
    client = connect(mock)
    assert client.ask(get(ONE_USER)).status == 200
    call(mock, "DELETE", "/faults")
    for _ in range(3):
        assert client.ask(get(ONE_USER)).status == 200


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
