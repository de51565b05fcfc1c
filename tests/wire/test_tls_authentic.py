"""`--tls authentic` shows the real gateway's face, which clients have learnt to put up with (docs/gateway.md#tls)."""

import hashlib
import ssl

import pytest

from client import STATUS, Client, context_for, get

TLS_1_2, TLS_1_3 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
PROTOCOL_VERSION = 70
FATAL = 2


@pytest.fixture(scope="module")
def mock(start_shared):
    return start_shared("authenticated", "--tls", "authentic")


# ---- what it speaks ----


def test_it_speaks_tls_1_2(mock, connect):
    client = connect(mock)
    assert client.tls.version() == "TLSv1.2"
    assert client.ask(get(STATUS)).status == 200


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1, TLS_1_3])
def test_other_versions_get_the_alert(mock, version):
    client = Client(mock.port, context=context_for(version, ciphers="ALL:@SECLEVEL=0"), greet=False)
    with pytest.raises(ssl.SSLError):
        client.greet()
    content_type, _, _, length = client.records[0], *client.records[1:3], int.from_bytes(client.records[3:5], "big")
    assert (content_type, length, list(client.records[5:])) == (0x15, 2, [FATAL, PROTOCOL_VERSION])
    client.close()


@pytest.mark.parametrize(
    "offered, taken",
    [
        ("DEFAULT", "ECDHE-RSA-AES256-GCM-SHA384"),
        ("AES128-SHA:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384"),
        ("ECDHE-RSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305"),
        ("ECDHE-RSA-AES128-SHA256", "ECDHE-RSA-AES128-SHA256"),
        ("DHE-RSA-AES256-GCM-SHA384", "DHE-RSA-AES256-GCM-SHA384"),
        ("AES256-GCM-SHA384", "AES256-GCM-SHA384"),
        ("AES128-SHA", "AES128-SHA"),
    ],
)
def test_its_suites_and_the_one_it_prefers(mock, connect, offered, taken):
    context = context_for(TLS_1_2, ciphers=f"{offered}:@SECLEVEL=1")
    assert connect(mock, context=context).tls.cipher()[0] == taken


def test_no_protocol_is_negotiated(mock, connect):
    context = context_for()
    context.set_alpn_protocols(["http/1.1"])
    assert connect(mock, context=context).tls.selected_alpn_protocol() is None


def test_there_is_no_authority_to_trust(mock, connect):
    assert mock.ca_file is None
    with pytest.raises(ssl.SSLCertVerificationError, match="self-signed certificate"):
        connect(mock, context=ssl.create_default_context())


def test_nor_does_it_help_to_trust_the_certificate_itself(mock, connect):
    context = ssl.create_default_context()
    context.load_verify_locations(cadata=connect(mock).tls.getpeercert(binary_form=True))
    with pytest.raises(ssl.SSLCertVerificationError, match="not valid for 'localhost'"):
        connect(mock, context=context)
    context.check_hostname = False
    with pytest.raises(ssl.SSLCertVerificationError, match="has expired"):
        connect(mock, context=context)


def test_the_key_is_made_once(mock, start, connect):
    again = start("authenticated", "--tls", "authentic")
    first, second = (connect(one).tls.getpeercert(binary_form=True) for one in (mock, again))
    assert hashlib.sha256(first).digest() == hashlib.sha256(second).digest()


# ---- the certificate ----

INTEGER, OBJECT, UTC_TIME, EXTENSIONS = 0x02, 0x06, 0x17, 0xA3

SHA256_WITH_RSA = bytes.fromhex("2a864886f70d01010b")
RSA = bytes.fromhex("2a864886f70d010101")
SUBJECT_KEY_IDENTIFIER = bytes.fromhex("551d0e")
NAME_PARTS = {3: "CN", 6: "C", 7: "L", 8: "ST", 10: "O", 11: "OU"}

NAME = [
    ("C", "US"),
    ("ST", "CT"),
    ("L", "Greenwich"),
    ("O", "Interactive Brokers"),
    ("OU", "Client Portal"),
    ("CN", "Client Portal Web API"),
]


def parts_of(der):
    """The (tag, content) pairs that lie one behind another in DER."""
    parts = []
    while der:
        tag, length, begin = der[0], der[1], 2
        if length & 0x80:
            begin += length & 0x7F
            length = int.from_bytes(der[2:begin], "big")
        parts.append((tag, der[begin : begin + length]))
        der = der[begin + length :]
    return parts


def name_of(der):
    name = []
    for _, relative in parts_of(der):
        ((_, pair),) = parts_of(relative)
        (_, oid), (_, text) = parts_of(pair)
        name.append((NAME_PARTS[oid[2]], text.decode()))
    return name


@pytest.fixture
def parts(mock, connect):
    ((_, whole),) = parts_of(connect(mock).tls.getpeercert(binary_form=True))
    (_, signed), (_, algorithm), _ = parts_of(whole)
    version, serial, inner_algorithm, issuer, life, subject, key, *rest = parts_of(signed)
    return {
        "version": version[1],
        "serial": int.from_bytes(serial[1], "big"),
        "algorithms": [parts_of(part)[0][1] for part in (algorithm, inner_algorithm[1])],
        "issuer": name_of(issuer[1]),
        "life": [(tag, text.decode()) for tag, text in parts_of(life[1])],
        "subject": name_of(subject[1]),
        "key": key[1],
        "rest": rest,
    }


def test_its_name_is_nobodys_address(parts):
    assert parts["subject"] == parts["issuer"] == NAME


def test_its_number_and_dates_are_the_real_ones(parts):
    assert parts["version"] == bytes([INTEGER, 1, 2])  # X.509 v3
    assert parts["serial"] == 0x3AD5A3F4
    assert parts["life"] == [(UTC_TIME, "190210162602Z"), (UTC_TIME, "190511162602Z")]


def test_its_key_and_signature_are_of_the_real_kind(parts):
    assert parts["algorithms"] == [SHA256_WITH_RSA] * 2
    (_, algorithm), (_, bits) = parts_of(parts["key"])
    assert parts_of(algorithm)[0] == (OBJECT, RSA)
    ((_, numbers),) = parts_of(bits[1:])
    modulus, exponent = (int.from_bytes(content, "big") for _, content in parts_of(numbers))
    assert (modulus.bit_length(), exponent) == (2048, 65537)


def test_its_one_extension_names_no_host(parts):
    ((tag, content),) = parts["rest"]
    assert tag == EXTENSIONS
    ((_, extensions),) = parts_of(content)
    assert [parts_of(extension)[0][1] for _, extension in parts_of(extensions)] == [SUBJECT_KEY_IDENTIFIER]
