"""A websocket client that interprets as little as it can: frames as they are (RFC 6455), sent in any form, right or wrong."""

import base64
import hashlib
import itertools
import json
import struct

from client import Client, get
from mock import WITHIN

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
WS = "/v1/api/ws"
KEY = "dGhlIHNhbXBsZSBub25jZQ=="
UPGRADE = ("Upgrade: websocket", "Connection: Upgrade", f"Sec-WebSocket-Key: {KEY}")
MASK = b"\x37\xfa\x21\x3d"


def accept_of(key):
    digest = hashlib.sha1(key.encode() + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
    return base64.b64encode(digest).decode()


# The real gateway's bytes: docs/gateway.md#websocket.
SWITCHED = (
    "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
    f"sec-websocket-accept: {accept_of(KEY)}\r\n\r\n"
).encode()


def upgrade(target=WS, *headers, version=13):
    """A request to become a websocket."""
    return get(target, *UPGRADE, f"Sec-WebSocket-Version: {version}", *headers)


def frame(opcode, payload=b"", fin=True, rsv=0, masked=True):
    """One frame of a client's."""
    if isinstance(payload, str):
        payload = payload.encode()
    bit = 0x80 if masked else 0
    head = bytes([(0x80 if fin else 0) | rsv << 4 | opcode])
    if len(payload) < 126:
        head += bytes([bit | len(payload)])
    elif len(payload) < 1 << 16:
        head += bytes([bit | 126]) + struct.pack(">H", len(payload))
    else:
        head += bytes([bit | 127]) + struct.pack(">Q", len(payload))
    if not masked:
        return head + payload
    return head + MASK + bytes(byte ^ mask for byte, mask in zip(payload, itertools.cycle(MASK)))


def close_payload(code, reason=b""):
    return struct.pack(">H", code) + reason


class Websocket:
    """A websocket over a connection of a test's. What comes is taken frame by frame, in order."""

    def __init__(self, client, target=WS, *headers, behind=b""):
        self.client = client
        client.send(upgrade(target, *headers) + behind)
        self.answer = client.take(len(SWITCHED))
        assert self.answer == SWITCHED

    def send(self, *frames):
        self.client.send(b"".join(frames))

    def say(self, text):
        self.send(frame(TEXT, text))

    def take(self, within=WITHIN):
        """The next frame, whose form must be a server's: (opcode, payload)."""
        first, length = self.client.take(2, within)
        assert first & 0xF0 == 0x80, f"not a whole frame without reserved bits: {first:02x}"
        assert length < 128, "a server does not mask"
        if length == 126:
            (length,) = struct.unpack(">H", self.client.take(2, within))
        elif length == 127:
            (length,) = struct.unpack(">Q", self.client.take(8, within))
        return first & 0x0F, self.client.take(length, within)

    def message(self, within=WITHIN):
        """The next frame, which must be JSON."""
        opcode, payload = self.take(within)
        assert opcode in (TEXT, BINARY), (opcode, payload)
        return json.loads(payload)

    def message_of(self, topic, within=WITHIN):
        """The next message of a topic; what comes before it is passed over."""
        while (message := self.message(within)).get("topic") != topic:
            pass
        return message

    def control(self, within=WITHIN):
        """The next frame that is no message."""
        while (taken := self.take(within))[0] in (TEXT, BINARY):
            pass
        return taken

    def is_alive(self, token=b"still there?"):
        """It answers a ping: all that was sent before has been looked at, and was no reason to end."""
        self.send(frame(PING, token))
        return self.control() == (PONG, token)

    def was_closed(self, code, reason=b""):
        """A close frame comes, and then the connection ends well."""
        payload = b"" if code is None else close_payload(code, reason)
        taken = self.control()
        assert taken == (CLOSE, payload), taken
        return self.client.ended_well()


def open_websocket(mock, *how, **more):
    return Websocket(Client(mock.port), *how, **more)
