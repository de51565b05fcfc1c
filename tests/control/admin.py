"""The control API as a tester uses it: one keep-alive connection, JSON in and out."""

import http.client
import json
import socket
import ssl
from urllib.parse import quote, urlencode, urlsplit

# Longer than any answer takes that need not wait for something.
PATIENCE = 30.0

PROBLEM = "application/problem+json"


class Answer:
    def __init__(self, response, body):
        self.status = response.status
        self.headers = response.headers
        self.body = body

    @property
    def text(self):
        return self.body.decode()

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.text[:2000]}"


class Admin:
    """Calls to the process, or, with a name, to one of its gateways."""

    def __init__(self, url, name=None, token=None):
        self.url, self.name, self.token = url.rstrip("/"), name, token
        self.root = "/__admin" if name is None else f"/__admin/gateways/{name}"
        self._connection = None

    def close(self):
        if self._connection:
            self._connection.close()
        self._connection = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def of(self, name):
        """The same process, another gateway, a connection of its own."""
        return Admin(self.url, name, self.token)

    # ---- calls ----

    def call(self, method, path, body=None, headers=(), /, **query):
        """Any call; `body` is bytes as they are, or whatever JSON can say."""
        if self._connection is None:
            at = urlsplit(self.url)
            self._connection = http.client.HTTPConnection(at.hostname, at.port, timeout=PATIENCE)
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        headers = dict(headers)
        if self.token:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        target = self.root + path + ("?" + urlencode(query) if query else "")
        try:
            self._connection.request(method, target, body, headers)
            response = self._connection.getresponse()
            answer = Answer(response, response.read())
        except BaseException:
            self.close()
            raise
        if response.will_close:
            self.close()
        return answer

    def _well(self, method, path, body=None, /, **query):
        answer = self.call(method, path, body, (), **query)
        assert 200 <= answer.status < 300, f"{method} {path}: {answer}"
        return answer.json if answer.body else None

    def get(self, path, /, **query):
        return self._well("GET", path, **query)

    def post(self, path, body=None, /, **query):
        return self._well("POST", path, body, **query)

    def put(self, path, body=None, /, **query):
        return self._well("PUT", path, body, **query)

    def delete(self, path=""):
        return self._well("DELETE", path)

    def problem(self, status, method, path, body=None, headers=(), /, **query):
        """A call that is refused: what the problem says."""
        answer = self.call(method, path, body, headers, **query)
        assert answer.status == status, f"{method} {path}: {answer}"
        assert answer.headers["Content-Type"] == PROBLEM
        assert answer.json["status"] == status and answer.json["title"] and answer.json["detail"]
        return answer.json

    # ---- what testers do most ----

    def add(self, **setup):
        """Another gateway, with its own connection to the control API; `said` is how it was announced."""
        said = self.post("/gateways", setup)
        gateway = self.of(said["name"])
        gateway.said = said
        gateway.port = said["port"]
        return gateway

    def advance(self, by):
        return self.post("/clock/advance", {"by": by})

    def event(self, name):
        return self.put("/state", {"event": name})

    @property
    def state(self):
        return self.get("/state")["state"]

    def requests(self, **pattern):
        return self.get("/requests", **pattern)["requests"]


class Waiting:
    """A call that waits, on a socket of its own, so that a test can go on meanwhile, or leave."""

    def __init__(self, admin, path, pairs=(), **query):
        at = urlsplit(admin.url)
        self.socket = socket.create_connection((at.hostname, at.port), timeout=PATIENCE)
        target = admin.root + path + "?" + urlencode([*pairs, *query.items()], quote_via=quote)
        self.socket.sendall(f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())

    def answer(self):
        response = http.client.HTTPResponse(self.socket)
        response.begin()
        answer = Answer(response, response.read())
        self.socket.close()
        return answer

    def leave(self):
        self.socket.close()


class Sending(Waiting):
    """The same with a body."""

    def __init__(self, admin, path, body):
        at = urlsplit(admin.url)
        body = json.dumps(body)
        self.socket = socket.create_connection((at.hostname, at.port), timeout=PATIENCE)
        head = f"POST {admin.root}{path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n"
        self.socket.sendall((head + body).encode())


def raw(admin, said):
    """The answer to bytes as they are, on a connection of their own."""
    at = urlsplit(admin.url)
    with socket.create_connection((at.hostname, at.port), timeout=PATIENCE) as client:
        client.sendall(said)
        response = http.client.HTTPResponse(client)
        response.begin()
        return Answer(response, response.read())


def trusting(ca_file):
    return ssl.create_default_context(cafile=ca_file)


class Broker:
    """A client of the gateway itself, who trusts its authority."""

    def __init__(self, port, context):
        self._connection = http.client.HTTPSConnection("localhost", port, timeout=PATIENCE, context=context)

    def begin(self, method, target, body=None, headers=()):
        self._connection.request(method, target, body, {"User-Agent": "test", **dict(headers)})

    def end(self):
        response = self._connection.getresponse()
        return Answer(response, response.read())

    def ask(self, method, target, body=None, headers=()):
        self.begin(method, target, body, headers)
        return self.end()

    def tickle(self):
        return self.ask("POST", "/v1/api/tickle", b"")

    def close(self):
        self._connection.close()
