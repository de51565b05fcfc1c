"""Why: what the Autobahn test suite's groups 9.7, 9.8, 12 and 13 ask, over TLS: many messages of a size, each waited
for; and every offer of compression, which the gateway passes over. Where its other cases stand:
tests/unit/wire_websocket.c.
"""

import pytest

from client import get
from frames import BINARY, PING, PONG, SWITCHED, TEXT, UPGRADE, WS, Websocket, frame

# Theirs are a thousand, which the echo of the unit test has.
TRIPS = 100
DEFLATED = b"\xf2\x48\xcd\xc9\xc9\x07\x00"  # "Hello": RFC 7692, 7.2.3


@pytest.fixture(scope="module")
def mock(start_shared):
    return start_shared("upstream_dead", "--clock", "manual")


@pytest.mark.parametrize("opcode", [TEXT, BINARY], ids=["text", "binary"])
@pytest.mark.parametrize("size", [0, 16, 64, 256, 1024, 4096])
def test_many_messages_of_a_size(mock, connect, size, opcode):
    """Where the upstream is dead nothing is answered but pings, each behind its message."""
    websocket = Websocket(connect(mock))
    message = frame(opcode, b"*" * size)
    for trip in range(TRIPS):
        websocket.send(message, frame(PING, b"%d" % trip))
        assert websocket.take() == (PONG, b"%d" % trip)


def offer(*parameters):
    return "; ".join(["permessage-deflate", *parameters])


CONTEXT, BITS = "server_no_context_takeover", "server_max_window_bits"
CLIENTS = ("client_no_context_takeover", "client_max_window_bits")
OFFERS = {
    "12": offer(*CLIENTS),
    "13.1": offer(*CLIENTS),
    "13.2": offer(*CLIENTS, CONTEXT),
    "13.3": offer(*CLIENTS, f"{BITS}=9"),
    "13.4": offer(*CLIENTS, f"{BITS}=15"),
    "13.5": offer(*CLIENTS, CONTEXT, f"{BITS}=9"),
    "13.6": offer(*CLIENTS, CONTEXT, f"{BITS}=15"),
    "13.7": ", ".join([offer(*CLIENTS, CONTEXT, f"{BITS}=9"), offer(*CLIENTS, CONTEXT), offer(*CLIENTS)]),
    "alone": "permessage-deflate",
    "older": "x-webkit-deflate-frame",
    "unknown": "permessage-unknown; a=1, another",
    "bits_too_many": offer(f"{BITS}=16"),
    "bits_too_few": offer(f"{BITS}=7"),
    "bits_no_number": offer(f"{BITS}=many"),
    "bits_without_number": offer(f"{BITS}="),
    "value_where_none_may_be": offer(f"{CONTEXT}=1"),
    "twice": offer(CONTEXT, CONTEXT),
    "quoted": offer(f'{BITS}="10"'),
    "quote_without_end": offer(f'{BITS}="10'),
    "no_name": "; server_no_context_takeover",
    "only_separators": ";,;=,",
    "nothing": "",
    "not_ascii": "permessage-deflate; \xe4=\xf6",
    "long": offer(*[f"p{i}=1" for i in range(200)]),
}


def offering(extensions):
    return get(WS, *UPGRADE, "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Extensions: {extensions}")


@pytest.mark.parametrize("name", OFFERS)
def test_no_offer_is_taken(mock, connect, name):
    """The answer is the same to the byte; messages go on uncompressed, and one that is compressed is a mistake."""
    client = connect(mock)
    client.send(offering(OFFERS[name]))
    assert client.take(len(SWITCHED)) == SWITCHED
    client.send(frame(TEXT, "Hello") + frame(PING, b"plain"))
    pong = bytes([0x80 | PONG, 5]) + b"plain"
    assert client.take(len(pong)) == pong
    client.send(frame(TEXT, DEFLATED, rsv=4) + frame(PING, b"not looked at"))
    assert client.take(4) == b"\x88\x02\x03\xea", "closed with 1002"
    assert client.ended_well()
