"""A thousand websockets in one process: what each takes, and what a heartbeat to all of them costs."""

import base64
import os
import socket
import ssl
import time

SOCKETS = 1000
BEATS = 20
SETTLE_S = 1.0


def open_websocket(port, context):
    """Greeted by nobody: the clock stands still."""
    connection = context.wrap_socket(socket.create_connection(("127.0.0.1", port), timeout=30), server_hostname="localhost")
    key = base64.b64encode(os.urandom(16)).decode()
    connection.sendall(
        "GET /v1/api/ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
    )
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += connection.recv(4096)
    assert answer.startswith(b"HTTP/1.1 101 "), answer
    return connection


def measure_websockets(mock, _size):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with mock:
        mock.fetch()
        time.sleep(SETTLE_S)
        before = mock.pss_kib("Pss_Anon")
        sockets = [open_websocket(mock.port, context) for _ in range(SOCKETS)]
        time.sleep(SETTLE_S)
        held = mock.pss_kib("Pss_Anon")
        mock.call("POST", "/clock/advance", {"by": "1s"})
        used = mock.cpu_seconds()
        for _ in range(BEATS):
            mock.call("POST", "/clock/advance", {"by": "10s"})
        used = mock.cpu_seconds() - used
        for connection in sockets:
            connection.close()
    return {"websocket_kib": (held - before) / SOCKETS, "heartbeat_us": used / BEATS / SOCKETS * 1e6}


ROWS = [
    ("websocket_kib", f"memory a websocket (Pss_Anon), of {SOCKETS:,}", "KiB", 1),
    ("heartbeat_us", "CPU of a heartbeat to one of them", "µs", 1),
]
