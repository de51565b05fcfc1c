"""Whoever can run a program on this machine may drive the mock; a web page in a browser on it may not, nor anybody
elsewhere without the token; and nobody reaches the disk through it."""

import socket

import pytest

from admin import Admin, Waiting, raw, urlsplit
from mock import eventually

TOKEN = "correct-horse-battery-staple"


@pytest.mark.parametrize("origin", ["http://localhost:5050", "https://evil.example", "null", "", "\xff"])
@pytest.mark.parametrize(
    "method,path", [("GET", "/health"), ("POST", "/reset"), ("OPTIONS", "/state"), ("GET", "/livez")]
)
def test_pages_are_refused(process, origin, method, path):
    said = process.problem(403, method, path, None, {"Origin": origin})
    assert "Origin" in said["detail"]


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:5050", "localhost.evil.example", "127.0.0.1.evil.example", "127.evil", "10.0.0.1"]
    + ["[::2]", "", "[::1]evil", "[::1]:x", "[::1", "127.", "127.1", "127.0.0.1:5050.evil", "localhost:evil", "[]"],
)
def test_other_hosts_are_refused(process, host):
    said = process.problem(403, "GET", "/health", None, {"Host": host})
    assert "Host" in said["detail"] and "localhost" in said["detail"]


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:5050", "127.1.2.3", "[::1]:5050", "[::1]"])
def test_this_machine_is_welcome(process, host):
    assert process.call("GET", "/health", None, {"Host": host}).status == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site", "Cross-Site", "anything"])
def test_pages_that_send_no_origin_are_refused(process, site):
    said = process.problem(403, "GET", "/health", None, {"Sec-Fetch-Site": site})
    assert "Sec-Fetch-Site" in said["detail"]


@pytest.mark.parametrize("site", ["none", "same-origin"])
def test_a_browser_may_show_the_documentation(process, site):
    assert process.call("GET", "/docs", None, {"Sec-Fetch-Site": site}).status == 200


@pytest.mark.parametrize("hosts", [b"localhost|evil.example", b"evil.example|localhost", b"localhost|localhost"])
def test_two_hosts_are_none(process, hosts):
    lines = b"".join(b"Host: " + host + b"\r\n" for host in hosts.split(b"|"))
    assert raw(process, b"GET /__admin/health HTTP/1.1\r\n" + lines + b"\r\n").status == 403


def test_a_missing_host_is_refused(process):
    assert raw(process, b"GET /__admin/health HTTP/1.0\r\n\r\n").status == 403


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer "},
        {"Authorization": f"Bearer {TOKEN[:-1]}"},
        {"Authorization": f"Bearer {TOKEN}x"},
        {"Authorization": f"Basic {TOKEN}"},
        {"X-Token": TOKEN},
    ],
)
def test_the_token_is_needed(serve, headers):
    admin = serve("authenticated", "--admin-token", TOKEN, token=TOKEN)
    assert admin.get("/health")["status"] == "healthy"
    admin.token = None
    for method, path in [("GET", "/health"), ("POST", "/shutdown"), ("GET", "/no/such/path"), ("GET", "/docs")]:
        answer = admin.call(method, path, None, headers)
        assert answer.status == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert admin.call("GET", "/livez", None, headers).text == "ok\n"


def test_listening_to_others_makes_a_token(serve):
    admin = serve("authenticated", "--admin-bind-address", "0.0.0.0")
    made = admin.token
    assert len(made) >= 32
    assert admin.call("GET", "/health", None, {"Host": "any.name.at.all"}).status == 200
    admin.token = None
    assert admin.call("GET", "/health").status == 401
    assert admin.call("GET", "/health", None, {"Authorization": f"bearer {made}"}).status == 200


@pytest.mark.parametrize(
    "name",
    ["/etc/passwd", "../scenarios/fresh.json", "scenarios/fresh.json", "./fresh", "fresh.json", ""]
    + ["file:///etc/passwd"],
)
def test_no_file_can_be_named(process, tmp_path, name):
    (tmp_path / "mine.json").write_text('{"name": "mine", "extends": "gateway"}')
    for given in (name, str(tmp_path / "mine.json")):
        process.problem(404, "POST", "/gateways", {"scenario": given})
        process.problem(404, "POST", "/gateways", {"fixtures": given})
        said = process.problem(400, "POST", "/gateways", {"scenario": {"name": "x", "title": "x", "extends": given}})
        assert said["errors"]


@pytest.mark.parametrize("name", ["", "a/b", "..", ".hidden", "-x", "a b", "ä", "x" * 65, "a%2Fb", 'a"b', "a\nb"])
def test_names_are_bounded(process, name):
    said = process.problem(400, "POST", "/gateways", {"name": name})
    assert "name" in said["detail"]


def test_no_control_api(start):
    mock = start("authenticated", "--no-admin")
    assert mock.said["admin_url"] is None


def test_connections_are_bounded(serve):
    """One that comes when there is no more room ends the one that has been quiet for longest, not a call that waits:
    whatever somebody has left open, a tester gets in."""
    admin = serve()
    waiting = Waiting(admin, "/state/wait", state="logged_out", timeout="60s")
    eventually(lambda: "\ncpgw_control_waits 1\n" in admin.call("GET", "/metrics").text)
    at = urlsplit(admin.url)
    clients = []
    for number in range(700):
        clients.append(socket.create_connection((at.hostname, at.port), timeout=30))
        if number % 3 == 0:
            clients[-1].sendall(b"POST /__admin/state HTTP/1.1\r\nContent-Length: 9\r\n")
        if number % 50 == 49:
            with Admin(admin.url) as another:
                assert another.call("GET", "/livez").status == 200
    assert clients[0].recv(1) == b"", "it was quiet for longest"
    admin.close()
    admin.event("logout")
    assert waiting.answer().json["state"] == "logged_out"
    for client in clients:
        client.close()


def test_no_room_for_a_gateway_is_said(serve):
    """Descriptors run out long before a thousand gateways where somebody allows only a few."""
    admin = serve(descriptors=120)
    for number in range(200):
        answer = admin.call("POST", "/gateways", {})
        if answer.status != 201:
            break
    assert answer.status == 507, answer
    assert "descriptors" in answer.json["detail"] and "ulimit" in answer.json["detail"]
    assert admin.get("/health")["status"] == "healthy"
    admin.delete(f"/gateways/gateway-{number}")
    admin.post("/gateways", {})


def test_an_unknown_scenario_names_no_files(process):
    said = process.problem(404, "POST", "/gateways", {"scenario": "nosuch"})
    (error,) = said["errors"]
    assert "built-in" in error["message"] and "json" not in error["message"]
