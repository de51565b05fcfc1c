"""The control API as HTTP: what is asked wrongly is answered with what was wanted, and the connection stays in
order."""

import json
import socket
from urllib.parse import urlsplit

import pytest

from admin import PATIENCE, PROBLEM, Admin, raw

BODY_MAX = 1024 * 1024


# ---- methods and paths ----


@pytest.mark.parametrize(
    "path", ["/health", "/state", "/journal", "/docs", "/docs/openapi.json", "/metrics", "/no/such"]
)
def test_head_is_get_without_its_body(process, path):
    get, head = process.call("GET", path), process.call("HEAD", path)
    assert (head.status, head.body) == (get.status, b"")
    assert head.headers["Content-Type"] == get.headers["Content-Type"]
    assert process.call("GET", "/livez").text == "ok\n"  # no byte of a body was left over


@pytest.mark.parametrize(
    "method,path,allow",
    [
        ("DELETE", "/health", "GET, HEAD"),
        ("POST", "/health", "GET, HEAD"),
        ("GET", "/reset", "POST, PUT"),
        ("PATCH", "/state", "GET, HEAD, POST, PUT"),
        ("POST", "/gateways/default", "GET, HEAD, DELETE"),
        ("OPTIONS", "/requests/7", "GET, HEAD"),
        ("BREW", "/verify", "POST, PUT"),
        ("GET", "/requests/find", "POST, PUT"),
        ("DELETE", "/requests/count", "GET, HEAD, POST, PUT"),
        ("GET", "/faults/one", "DELETE"),
    ],
)
def test_other_methods(process, method, path, allow):
    answer = process.call(method, path)
    assert answer.status == 405
    assert answer.headers["Allow"] == allow
    assert allow in answer.json["detail"]


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_post_and_put_mean_the_same(gateway, method):
    assert gateway.call(method, "/state", {"event": "logout"}).json["state"] == "logged_out"
    assert gateway.call(method, "/settings", {"user_name": "x"}).json["user_name"] == "x"
    assert gateway.call(method, "/verify", {"request": {}, "times": 0}).status == 202
    assert gateway.call(method, "/verifySequence", {"requests": [{}]}).status == 406
    assert gateway.call(method, "/clock/freeze").status == 200
    assert gateway.call(method, "/scenarios/current", {"scenario": "fresh"}).json["name"] == "fresh"
    assert gateway.call(method, "/reset").json["name"] == "authenticated"


@pytest.mark.parametrize(
    "path,nearest",
    [
        ("/helth", "/__admin/health"),
        ("/state/wiat", "/__admin/state/wait"),
        ("/clock/advanced", "/__admin/clock/advance"),
        ("/Health", "/__admin/health"),
        ("/gateways/default/sate", "/__admin/gateways/{name}/state"),
        ("/gateways/defualt", '"default"'),
        ("/gateways/nobody/state", "/gateways lists them"),
        ("/gateways/default%2Fstate", "no gateway"),
        ("/gateways/" + "x" * 65, "65 characters"),
        ("/gateways/default/health", "no such path"),
        ("/requests/1/2", "no such path"),
        ("/", "no such path"),
        ("", "no such path"),
        ("istrator", "no such path"),
        ("/../__admin/health", "no such path"),
        ("/health%00", "no such path"),
    ],
)
def test_other_paths(process, path, nearest):
    assert nearest in process.problem(404, "GET", path)["detail"]


def test_outside_of_the_control_api(process):
    with Admin(process.url) as outside:
        outside.root = ""
        for path in ("/", "/v1/api/tickle", "/__admi/health"):
            assert "__admin" in outside.problem(404, "GET", path)["detail"]


@pytest.mark.parametrize("id", ["0", "-1", "+1", "1x", "", "99999999999999999999", "18446744073709551617", "x", "%31"])
def test_records_that_are_not_there(gateway, id):
    gateway.problem(404, "GET", f"/requests/{id}")


def test_a_record_of_an_empty_journal(process):
    gateway = process.add(clock="manual")
    assert "none yet" in gateway.problem(404, "GET", "/requests/1")["detail"]
    gateway.delete()
    gateway.close()


# ---- bodies ----


@pytest.mark.parametrize(
    "body,message,line,column",
    [
        (b"{", "", 1, 2),
        (b'{"by":\n  5m}', "", 2, 4),
        (b'{"by": "5m",}', "", 1, 13),
        (b'{"by": "5m", "by": "6m"}', "by", 1, 14),
        (b'{"by": "5m"} 7', "", 1, 14),
        (b'{"by": "\xff"}', "UTF-8", 1, 9),
        (b'{"by": "\x00"}', "", 1, 9),
        (b"[" * 40 + b"]" * 40, "", 1, 33),
        (b'{"by": 5}', "by", 1, 8),
        (b'{"by": "soon"}', "soon", 1, 8),
        (b'{"by": "-5m"}', "-5m", 1, 8),
        (b'{"bye": "5m"}', "bye", 1, 2),
        (b"[]", "an object", 1, 1),
        (b"5", "an object", 1, 1),
        (b"\xef\xbb\xbf{}", "", 1, 1),
    ],
)
def test_what_is_wrong_with_a_body_has_its_place(gateway, body, message, line, column):
    said = gateway.problem(400, "POST", "/clock/advance", body)
    first = said["errors"][0]
    assert message in first["message"]
    assert (first["line"], first["column"]) == (line, column), first


def test_an_unknown_member_has_its_nearest(gateway):
    (error, _) = gateway.problem(400, "POST", "/clock/advance", {"buy": "5m"})["errors"]
    assert error["nearest"] == "by"


@pytest.mark.parametrize(
    "path", ["/clock/advance", "/state", "/settings", "/actions", "/scenarios/current", "/verifySequence"]
)
def test_no_body(gateway, path):
    assert "no body" in gateway.problem(400, "POST", path)["detail"]


@pytest.mark.parametrize("body", [b"{}", b"  {\n} ", b"", b"\n"])
def test_nothing_to_say(gateway, body):
    assert gateway.call("POST", "/clock/freeze", body).status == 200


@pytest.mark.parametrize("body", [b"{", b"}", b"{}{}", b'{"a": 1}', b"x", b"[]"])
def test_a_body_where_none_is_taken(gateway, body):
    assert "no body" in gateway.problem(400, "POST", "/clock/freeze", body)["detail"]


@pytest.mark.parametrize("size", [BODY_MAX, BODY_MAX + 1, 3 * BODY_MAX])
def test_large_bodies(process, size):
    body = b'{"request":{}}'.ljust(size)
    answer = process.call("POST", "/verify", body)
    if size <= BODY_MAX:
        assert answer.status == 406
        return
    assert answer.status == 413
    assert answer.headers["Content-Type"] == PROBLEM
    assert answer.headers["Connection"] == "close"
    assert str(BODY_MAX) in answer.json["detail"]


def test_chunks_are_counted_too(process):
    chunks = (b" " * 65536 for _ in range(17))
    assert process.call("POST", "/verify", b"".join(chunks)).status == 413
    with Admin(process.url) as other:
        other.call("GET", "/livez")
        other._connection.request("POST", "/__admin/verify", (b" " * 65536 for _ in range(17)), encode_chunked=True,
                                  headers={"Transfer-Encoding": "chunked"})
        assert other._connection.getresponse().status == 413


@pytest.mark.parametrize(
    "lines,status",
    [
        (b"Transfer-Encoding: gzip, chunked", 501),
        (b"Transfer-Encoding: identity", 501),
        (b"Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip", 501),
        (b"Transfer-Encoding: chunked\r\nContent-Length: 2", 400),
        (b"Content-Length: 2\r\nContent-Length: 30", 400),
        (b"Content-Length: 2\r\nContent-Length: 2", 400),
    ],
)
def test_a_body_of_which_nobody_knows_the_end(process, lines, status):
    """Answered at once, and the connection ends: what comes next may be its rest, or another call."""
    head = b"POST /__admin/clock/freeze HTTP/1.1\r\nHost: localhost\r\n" + lines + b"\r\n\r\n"
    answer = raw(process, head + b"2\r\n{}\r\n0\r\n\r\n")
    assert answer.status == status
    assert (answer.headers["Content-Type"], answer.headers["Connection"]) == (PROBLEM, "close")
    assert "Content-Length" in answer.json["detail"]


def test_a_client_that_asks_whether_it_may_send(process):
    at = urlsplit(process.url)
    with socket.create_connection((at.hostname, at.port), timeout=PATIENCE) as client:
        client.sendall(b"POST /__admin/verify HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
                       b"Content-Length: 26\r\nConnection: close\r\n\r\n")
        said = client.makefile("rb")
        assert said.readline() == b"HTTP/1.1 100 Continue\r\n" and said.readline() == b"\r\n"
        client.sendall(b'{"request":{}, "times": 0}')
        assert said.readline().split()[1] in (b"202", b"406")


def test_a_long_target(process):
    assert process.call("GET", "/health?" + "x" * 40000).status in (414, 431)
    assert process.call("GET", "/livez").status == 200


# ---- connections, answers ----


def test_one_connection_many_calls(process):
    with Admin(process.url) as admin:
        admin.call("GET", "/livez")
        socket = admin._connection.sock
        for method, path, body in [("GET", "/health", None), ("GET", "/nowhere", None), ("PATCH", "/state", None),
                                   ("POST", "/verify", {"request": {}, "times": 0}), ("POST", "/clock/advance", b"{"),
                                   ("HEAD", "/state", None)] * 20:
            admin.call(method, path, body)
            assert admin._connection.sock is socket


def test_answers_are_not_kept_nor_sniffed(process):
    for path in ("/health", "/nowhere", "/docs"):
        headers = process.call("GET", path).headers
        assert (headers["Cache-Control"], headers["X-Content-Type-Options"]) == ("no-store", "nosniff")


def test_the_process_about_itself(process):
    health = process.get("/health")
    assert health["status"] == "healthy" and health["gateways"] >= 1 and health["uptime_ms"] >= 0
    assert process.get("/version") == {"version": health["version"]}
    assert process.call("GET", "/readyz").text == "ok\n"
    authority = process.call("GET", "/certs/ca.crt")
    with open(process.mock.ca_file, "rb") as file:
        assert authority.body == file.read()


def test_an_authority_that_nobody_has(serve):
    """404: what the real gateway shows, nobody can verify."""
    admin = serve("authenticated", "--tls", "authentic")
    assert "not from an authority of ours" in admin.problem(404, "GET", "/certs/ca.crt")["detail"]


def test_problems_are_json_whatever_they_quote(process):
    targets = [b"\xc3", b"gateways/\xff\xfe", b"state?\xff", b"state/wait?state=%ff%00"]
    targets += [b"requests?%ff=1", b"requests?\xff=1"]
    for target in targets:
        answer = raw(process, b"GET /__admin/" + target + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert answer.status in (400, 404)
        assert json.loads(answer.body.decode("utf-8", "strict"))["status"] == answer.status
