"""Faults of what a handshake agrees upon: certificates, versions and sessions, and the records that come after it."""

import json
import socket
import ssl
import subprocess
import time

import pytest

from client import TICKLE, Client, context_for, get, post
from handshakes import (
    ALERT,
    HAS_EXPIRED,
    HOST_MISMATCH,
    NOT_YET_VALID,
    SELF_SIGNED_IN_CHAIN,
    TLS_1_1,
    TLS_1_2,
    TLS_1_3,
    Greeter,
    broken_handshakes,
    notes,
    records_of,
    works,
)
from mock import BINARY, WITHIN, eventually
from test_faults import ONE_USER, call


@pytest.fixture
def broken(start):
    with broken_handshakes(start) as begin:
        yield begin


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
