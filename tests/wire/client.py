"""A client that interprets as little as it can: every byte of an answer is in sight, and how a connection ended."""

import select
import socket
import ssl
import struct
import time
import warnings
from dataclasses import dataclass, field

from mock import WITHIN


def context_for(*versions, ciphers=None):
    """Verifies nothing: who the server is, test_tls.py asks. One version speaks just that, two are a range."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if ciphers:
        context.set_ciphers(ciphers)
    if versions:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # old versions are sent to see them refused
            context.minimum_version = versions[0]
            context.maximum_version = versions[-1]
    return context


CONTEXT = context_for()


@dataclass
class Answer:
    """One answer as it came. `raw` has all its bytes, chunk sizes included; `body` those that the client is to get."""

    status_line: str
    headers: list
    body: bytes = b""
    raw: bytes = b""
    names: list = field(init=False)

    def __post_init__(self):
        self.names = [name for name, _ in self.headers]

    @property
    def status(self):
        return int(self.status_line.split(" ")[1])

    def __getitem__(self, name):
        """The one value of a header, whose case must be right."""
        (value,) = [value for known, value in self.headers if known == name]
        return value


class Client:
    """One TLS connection. OpenSSL sees memory only, so that the socket's end and TLS's end can be told apart."""

    def __init__(self, port, host="127.0.0.1", context=None, session=None, greet=True):
        self.socket = socket.create_connection((host, port), timeout=WITHIN)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = (context or CONTEXT).wrap_bio(
            self.incoming, self.outgoing, server_hostname="localhost", session=session
        )
        self.records = b""  # every byte that came, as it came
        self.seen = b""  # decrypted, not yet asked for
        self.tls_ended = False  # with close_notify
        self.tcp_ended = None  # "FIN" or "RST"
        if greet:
            self.greet()

    # ---- bytes ----

    def _flush(self):
        records = self.outgoing.read()
        if records:
            self.socket.sendall(records)

    def _fill(self, until):
        """Waits for records. False when none came in time, or the connection is over."""
        coming = select.poll()  # takes any descriptor, where select() ends at 1,023
        coming.register(self.socket, select.POLLIN)
        if self.tcp_ended or not coming.poll(max(0.0, until - time.monotonic()) * 1000):
            return False
        try:
            records = self.socket.recv(1 << 18)
        except ConnectionResetError:
            self.tcp_ended = "RST"
            return False
        if not records:
            self.tcp_ended = "FIN"
            return False
        self.records += records
        self.incoming.write(records)
        return True

    def greet(self, within=WITHIN):
        until = time.monotonic() + within
        while True:
            try:
                self.tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                self._flush()
                if not self._fill(until):
                    raise AssertionError(f"no handshake: {self.tcp_ended or 'silence'}, {self.records!r}") from None
        self._flush()

    def _decrypt(self):
        while not self.tls_ended:
            try:
                plain = self.tls.read(1 << 16)
            except ssl.SSLWantReadError:
                return
            except ssl.SSLZeroReturnError:  # as after b"", when we had ended our own half
                plain = b""
            self.seen += plain
            self.tls_ended = not plain

    def send(self, data):
        view = memoryview(data)
        while view:
            view = view[self.tls.write(view[: 1 << 14]) :]
            self._flush()

    def _more(self, until):
        """Waits for more; false when none came."""
        came = self._fill(until)
        self._decrypt()
        return came

    def _wait_for(self, is_there, within):
        until = time.monotonic() + within
        self._decrypt()
        while not is_there(self.seen):
            if not self._more(until):
                raise AssertionError(f"{self.tcp_ended or f'silence for {within} s'} after {self.seen[:4000]!r}")

    def take(self, length, within=WITHIN):
        self._wait_for(lambda seen: len(seen) >= length, within)
        taken, self.seen = self.seen[:length], self.seen[length:]
        return taken

    def take_until(self, end, within=WITHIN):
        self._wait_for(lambda seen: end in seen, within)
        return self.take(self.seen.index(end) + len(end))

    # ---- answers ----

    def answer(self, is_head=False, within=WITHIN):
        """The next answer."""
        raw = self.take_until(b"\r\n\r\n", within)
        status_line, *lines = raw.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
        answer = Answer(status_line, [tuple(line.split(": ", 1)) for line in lines])
        lower = {name.lower(): value for name, value in answer.headers}
        if not is_head and lower.get("transfer-encoding") == "chunked":
            while True:
                size_line = self.take_until(b"\r\n", within)
                chunk = self.take(int(size_line, 16) + 2, within)
                raw += size_line + chunk
                answer.body += chunk[:-2]
                if size_line == b"0\r\n":
                    break
        elif not is_head:
            answer.body = self.take(int(lower.get("content-length", 0)), within)
            raw += answer.body
        answer.raw = raw
        return answer

    def ask(self, request, is_head=False, within=WITHIN):
        self.send(request)
        return self.answer(is_head, within)

    # ---- silence and ends ----

    def is_quiet(self, seconds=0.0):
        """Nothing has come, nothing comes for so long, and the connection is still there."""
        until = time.monotonic() + seconds
        self._decrypt()
        while not self.seen and self._more(until):
            pass
        return not self.seen and not self.tls_ended and not self.tcp_ended

    def rest(self, within=WITHIN):
        """All that comes until the server ends the connection, which it must."""
        until = time.monotonic() + within
        self._decrypt()
        while self._more(until):
            pass
        assert self.tcp_ended, f"still open after {within} s and {self.seen[:4000]!r}"
        rest, self.seen = self.seen, b""
        return rest

    def ended_well(self, within=WITHIN):
        """The server has said goodbye, then sent FIN, and not a byte besides."""
        return (self.rest(within), self.tls_ended, self.tcp_ended) == (b"", True, "FIN")

    def half_close(self):
        """Says that nothing more will be sent, in TLS and TCP, and stays to listen."""
        try:
            self.tls.unwrap()
        except ssl.SSLWantReadError:
            pass
        self._flush()
        self.socket.shutdown(socket.SHUT_WR)

    def abort(self):
        """Leaves with a reset."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def close(self):
        """Leaves with FIN but without close_notify, as many programs do."""
        self.socket.close()


# ---- requests ----

REAUTHENTICATE = "/v1/api/iserver/reauthenticate"
STATUS = "/v1/api/iserver/auth/status"
TICKLE = "/v1/api/tickle"
LOGOUT = "/v1/api/logout"
VALIDATE = "/v1/api/sso/validate"


def request(method, target, *headers, body=None, version="HTTP/1.1"):
    """A plain request: Host, User-Agent, further header lines, and a body with its Content-Length if there is one."""
    lines = [f"{method} {target} {version}", "Host: localhost:5000", "User-Agent: wire", *headers]
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    return "".join(line + "\r\n" for line in lines).encode("latin-1") + b"\r\n" + (body or b"")


def get(target, *headers, **more):
    return request("GET", target, *headers, **more)


def post(target, *headers, body=b"", **more):
    return request("POST", target, *headers, body=body, **more)
