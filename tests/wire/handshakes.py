"""Handshakes with a gateway whose faults spoil them, byte by byte."""

import contextlib
import ssl
import time

from client import Client, get
from mock import WITHIN
from test_faults import ONE_USER, call

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


@contextlib.contextmanager
def broken_handshakes(start):
    """Starts mocks on clocks that stand still, with one fault: on every handshake, or on those that are said."""
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
