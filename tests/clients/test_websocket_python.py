"""Why: websockets is what most new Python programs stream with. It is stricter than others: it holds a server to its
handshake, pings by itself and leaves who does not answer, limits what it takes, and connects again by itself.

PyPI websockets, unmodified, verifying TLS against the mock's own authority: its client of threads, and that of asyncio.
"""

import json
import ssl

import pytest
from websockets.exceptions import ConnectionClosedError, ConnectionClosedOK, InvalidStatus

from cpgw_mock import UPSTREAM_DEAD, USER, eventually
from websockets_driver import Asyncio, Threaded

GREETED = "1s"
# The longest message that the gateway takes.
MESSAGE_MAX = 65536
# Its pings are on the machine's clock: those that are not looked at are far off.
NO_PINGS = {"ping_interval": None}


@pytest.fixture(params=[Threaded, Asyncio], ids=["threads", "asyncio"])
def library(request):
    with request.param.library() as both:
        yield both


@pytest.fixture
def connect(library):
    """Opens a websocket at a gateway; what is left open is closed at the end."""
    opened = []

    def open_one(mock, **how):
        trusts = ssl.create_default_context(cafile=mock.ca_file)
        url = f"wss://localhost:{mock.port}/v1/api/ws"
        opened.append(library[0](url, **{"ssl": trusts, "proxy": None, **NO_PINGS, **how}))
        return opened[-1]

    yield open_one
    for each in opened:
        each.close()


def greeted(mock, stream):
    """What the gateway says first."""
    mock.advance(GREETED)
    return [json.loads(stream.recv()) for _ in range(3)]


def how_it_ended(stream):
    with pytest.raises((ConnectionClosedOK, ConnectionClosedError)) as ended:
        while True:
            stream.recv()
    return ended.value


def test_status_tic_heartbeat_and_a_close_by_the_client(gateway, connect):
    mock = gateway()
    stream = connect(mock)
    system, account, status = greeted(mock, stream)
    assert system == {"topic": "system", "success": USER, "isFT": False, "isPaper": True}
    assert account["topic"] == "act"
    assert (status["topic"], status["args"]["authenticated"]) == ("sts", True)

    stream.send("tic")
    tic = stream.recv()
    assert isinstance(tic, bytes), "frames are binary"
    assert json.loads(tic)["topic"] == "tic"

    mock.advance("10s")
    assert json.loads(stream.recv())["hb"] > 0

    stream.close(1000, "enough")
    assert (stream.connection.close_code, stream.connection.close_reason) == (1000, "enough")


def test_frames_are_text_where_a_setting_says_so(gateway, connect):
    mock = gateway()
    mock.set(websocket_frames="text")
    stream = connect(mock)
    mock.advance(GREETED)
    assert isinstance(stream.recv(), str)


@pytest.mark.parametrize("message", ["tic", b"tic", ["t", "i", "c"], [b"ti", b"c"]], ids=str)
def test_a_message_in_any_form(gateway, connect, message):
    mock = gateway(UPSTREAM_DEAD)  # nothing is said unasked there, and pings are answered
    stream = connect(mock)
    stream.send(message)
    stream.ping(b"heard?")

    mock = gateway()
    stream = connect(mock)
    greeted(mock, stream)
    stream.send(message)
    assert json.loads(stream.recv())["topic"] == "tic"


def test_the_longest_message_and_one_that_is_longer(gateway, connect):
    mock = gateway()
    stream = connect(mock)
    greeted(mock, stream)
    stream.send(b"x" * MESSAGE_MAX)
    stream.ping(b"still there?")
    stream.send(b"x" * (MESSAGE_MAX + 1))
    assert how_it_ended(stream).rcvd.code == 1009


# ---- keepalive ----


def test_its_own_pings_are_answered(gateway, connect):
    mock = gateway()
    stream = connect(mock, ping_interval=0.02, ping_timeout=60)
    eventually(lambda: stream.connection.latency > 0)
    assert greeted(mock, stream)[0]["topic"] == "system"


def test_it_leaves_a_gateway_that_stops_within_a_frame(gateway, connect):
    """Behind half a frame there is no pong: it closes with 1011, and says why."""
    mock = gateway()
    stream = connect(mock, ping_interval=0.1, ping_timeout=1.0)
    mock.do({"send": "half"})
    ended = how_it_ended(stream)
    assert isinstance(ended, ConnectionClosedError)
    assert (ended.rcvd, ended.sent.code, ended.sent.reason) == (None, 1011, "keepalive ping timeout")


# ---- what it refuses ----


def test_it_trusts_only_our_authority(gateway, connect):
    with pytest.raises(ssl.SSLCertVerificationError):
        connect(gateway(), ssl=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))


def test_a_gateway_that_answers_otherwise(gateway, connect):
    mock = gateway({"extends": "authenticated", "faults": {"busy": {"on": "websocket", "status": 503}}})
    with pytest.raises(InvalidStatus) as refused:
        connect(mock)
    assert refused.value.response.status_code == 503


def test_a_message_longer_than_it_takes(gateway, connect):
    mock = gateway()
    stream = connect(mock, max_size=64)
    mock.advance(GREETED)
    assert how_it_ended(stream).sent.code == 1009
    eventually(lambda: mock.stream_ends())
    assert "1009" in mock.stream_ends()[0]


def test_a_byte_that_is_not_utf8(gateway, connect):
    mock = gateway()
    stream = connect(mock)
    greeted(mock, stream)
    mock.do({"send": "bad_utf8"})
    with pytest.raises(UnicodeDecodeError):
        stream.recv().decode()

    mock = gateway()
    mock.set(websocket_frames="text")
    stream = connect(mock)
    greeted(mock, stream)
    mock.do({"send": "bad_utf8"})
    assert how_it_ended(stream).sent.code == 1007


@pytest.mark.parametrize("offer", ["deflate", None])
def test_compression_is_never_agreed_on(gateway, connect, offer):
    mock = gateway()
    stream = connect(mock, compression=offer)
    assert ("Sec-WebSocket-Extensions" in stream.connection.request.headers) == (offer is not None)
    assert "Sec-WebSocket-Extensions" not in stream.connection.response.headers
    assert stream.connection.protocol.extensions == []
    greeted(mock, stream)
    stream.send("tic" * 1000)
    stream.ping(b"not a reserved bit")


# ---- ends that the gateway makes, and what comes behind them ----


def test_a_close_by_the_gateway(gateway, connect):
    mock = gateway()
    stream = connect(mock)
    greeted(mock, stream)
    mock.do({"send": "close"})
    ended = how_it_ended(stream)
    assert isinstance(ended, ConnectionClosedOK)
    assert (ended.rcvd.code, ended.rcvd.reason, ended.rcvd_then_sent) == (1000, "", True)


@pytest.mark.parametrize("end", ["drop", "reset"])
def test_an_end_without_a_close(gateway, connect, end):
    mock = gateway()
    stream = connect(mock)
    greeted(mock, stream)
    mock.do({"send": end})
    ended = how_it_ended(stream)
    assert isinstance(ended, ConnectionClosedError)
    assert ended.rcvd is None


@pytest.mark.parametrize("end", ["close", "drop", "reset"])
def test_it_connects_again_by_itself(gateway, library, end):
    mock = gateway()
    trusts = ssl.create_default_context(cafile=mock.ca_file)
    streams = library[1](f"wss://localhost:{mock.port}/v1/api/ws", ssl=trusts, proxy=None, **NO_PINGS)
    for _ in range(3):
        stream = next(streams)
        assert [frame["topic"] for frame in greeted(mock, stream)] == ["system", "act", "sts"]
        mock.do({"send": end})
        how_it_ended(stream)
    assert mock.count("websocket") == 3
    streams.close()
