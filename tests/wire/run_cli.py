"""`cpgw-mock` as its callers see it: a process, its exit code, its ports and what it writes."""

import contextlib
import http.client
import json
import os
import select
import signal
import socket
import ssl
import subprocess
import time
from pathlib import Path
from urllib.parse import urlsplit

REPOSITORY = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("CPGW_MOCK", REPOSITORY / "build/release/cpgw-mock"))

FINE, USAGE, SCENARIO, CANNOT_BIND, INTERNAL = 0, 2, 3, 4, 6
COMMANDS = ["serve", "fault", "check", "list", "plan", "catalogue", "ready", "help"]
START = "2026-03-02T14:30:00.000Z"
# Longer than anything takes on a slow machine that is busy with other tests: who waits so long has found a fault.
WITHIN = 60.0
# What is to happen without waiting for anybody, there. How fast it is, the benchmarks tell.
AT_ONCE = 5.0


def call(*arguments, **environment):
    return subprocess.run(
        [BINARY, *arguments],
        capture_output=True,
        text=True,
        timeout=WITHIN,
        stdin=subprocess.DEVNULL,
        env={**os.environ, **environment},
    )


def refused(result, code, *lines):
    """One message, nothing else, and the right exit code."""
    assert result.stderr == "".join(line + "\n" for line in lines)
    assert result.stdout == ""
    assert result.returncode == code


def eventually(ask, within=WITHIN):
    """Asks until the answer is true, or fails."""
    deadline = time.monotonic() + within
    while True:
        answer = ask()
        if answer:
            return answer
        assert time.monotonic() < deadline, f"still {answer!r} after {within} s"
        select.select([], [], [], 0.01)


class Serving:
    def __init__(self, *arguments, command=("serve",), stderr=subprocess.PIPE, preexec_fn=None, **environment):
        self.process = subprocess.Popen(
            [BINARY, *command, *arguments],
            stdout=subprocess.PIPE,
            stderr=stderr,
            stdin=subprocess.DEVNULL,
            preexec_fn=preexec_fn,
            env={**os.environ, **environment},
        )

    def hello(self):
        """What it says about itself once it listens."""
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read() if self.process.stderr else "it said nothing"
        said = json.loads(line)
        self.url, self.port, self.ca_file = said["url"], said["port"], said["ca_file"]
        self.admin_url = said["admin_url"]
        return said

    def stop(self, number=signal.SIGTERM):
        """Ends it; what it wrote to standard error."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        out, err = self.process.communicate(timeout=WITHIN)
        assert self.process.returncode == FINE, err
        assert out == b"", "more than one line on standard output"
        return (err or b"").decode()


@contextlib.contextmanager
def serving(*arguments, **named):
    server = Serving("--port", "0", *arguments, **named)
    try:
        server.hello()
        yield server
    finally:
        if server.process.poll() is None:
            server.process.kill()
            server.process.communicate()
        for pipe in (server.process.stdout, server.process.stderr):
            if pipe:
                pipe.close()


def ask(server, target, method="GET", host="localhost", context=None):
    context = context or ssl.create_default_context(cafile=server.ca_file)
    connection = http.client.HTTPSConnection(host, server.port, context=context, timeout=WITHIN)
    with contextlib.closing(connection):
        connection.request(method, target, headers={"User-Agent": "test", "Content-Length": "0"})
        answer = connection.getresponse()
        return answer.status, answer.read()


def control(server, path, body=None, headers=None):
    """Asks the control API; the status and what the answer says."""
    where = urlsplit(server.admin_url)
    connection = http.client.HTTPConnection(where.hostname, where.port, timeout=WITHIN)
    with contextlib.closing(connection):
        text = None if body is None else json.dumps(body)
        connection.request("POST" if text else "GET", "/__admin" + path, text, headers or {})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())


def raw(server, request):
    """What no HTTP client would send."""
    context = ssl.create_default_context(cafile=server.ca_file)
    with socket.create_connection(("127.0.0.1", server.port), WITHIN) as plain:
        with context.wrap_socket(plain, server_hostname="localhost") as connection:
            connection.sendall(request)
            return connection.recv(65536)


def is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return True
    return False
