"""A client that asks and does not read costs no more memory than a backlog: the server stops asking it for more, and goes on
when it reads."""

import http.client
import json
import socket
import ssl
from urllib.parse import urlsplit

from mock import WITHIN

BODY = 60 * 1024
REQUESTS = 1000
REQUEST = b"GET /v1/api/portfolio/accounts HTTP/1.1\r\nHost: x\r\nUser-Agent: x\r\n\r\n"
# core/limits.h, LINK_BACKLOG_MAX; and what the kernel may take from us on both sides of a loopback connection.
BACKLOG = (512 + 64) * 1024
KERNEL = 12 * 1024 * 1024


def call(mock, method, path, body=None):
    where = urlsplit(mock.admin_url)
    connection = http.client.HTTPConnection(where.hostname, where.port, timeout=WITHIN)
    connection.request(method, "/__admin" + path, json.dumps(body) if body is not None else None)
    answer = connection.getresponse()
    said = json.loads(answer.read())
    assert answer.status < 300, said
    connection.close()
    return said


def test_who_does_not_read_is_not_answered_without_end(start):
    mock = start("authenticated", "--journal-size", "4096")
    call(mock, "POST", "/faults", {"big": {"on": "*", "body": {"body": "x" * BODY}}})
    plain = socket.socket()
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    plain.settimeout(WITHIN)
    plain.connect(("127.0.0.1", mock.port))
    context = ssl.create_default_context(cafile=mock.ca_file)
    with context.wrap_socket(plain, server_hostname="localhost") as client:
        before = mock.memory_kib()
        client.sendall(REQUEST * REQUESTS)  # less than what the kernel takes in
        mock.comes_to_rest()
        asked = call(mock, "GET", "/requests/count?endpoint=@portfolio")["count"]
        assert 0 < asked * BODY < BACKLOG + KERNEL
        assert mock.memory_kib() - before < 16 * 1024
        got = 0
        while got < REQUESTS * BODY:
            got += len(client.recv(1 << 20))
        assert call(mock, "GET", "/requests/count?endpoint=@portfolio")["count"] == REQUESTS
