"""What clients did, as the tester finds it afterwards: every request and everything else that happened, in order,
without secrets, and with words for what nothing was meant for."""

import json
import socket
import ssl

import pytest

from admin import Waiting, trusting
from client import Client
from frames import Websocket
from mock import eventually


# ---- requests ----


def test_requests_in_order_with_what_they_said(gateway, broker):
    broker(gateway).ask("POST", "/v1/api/tickle?x=1", b"session", {"User-Agent": "ibind/1", "X-One": "a"})
    broker(gateway).ask("GET", "/v1/api/iserver/auth/status")
    first, second = gateway.requests()
    assert (first["method"], first["target"]) == ("POST", "/v1/api/tickle?x=1")
    assert (first["endpoint"], first["matched"]) == ("tickle", True)
    assert (first["status"], first["delay_ms"], first["body"]) == (200, 0, "session")
    assert first["headers"]["X-One"] == "a"
    assert (first["before"], first["after"]) == ("authenticated", "authenticated")
    assert first["time"] == "2026-03-02T14:30:00.000Z" and first["wall_time"].endswith("Z")
    assert second["endpoint"] == "auth_status" and second["id"] > first["id"]
    assert gateway.get(f"/requests/{first['id']}") == first


def test_since_limit_next(gateway, broker):
    client = broker(gateway)
    for _ in range(5):
        client.tickle()
    page = gateway.get("/requests", limit=2)
    assert (page["count"], page["left_out"]) == (2, 3)
    rest = gateway.get("/requests", since=page["next"])
    assert (rest["count"], rest["left_out"], rest["lost"]) == (3, 0, 0)
    assert gateway.get("/requests", since=rest["next"])["requests"] == []
    client.tickle()
    assert gateway.get("/requests", since=rest["next"])["count"] == 1
    assert gateway.get("/requests", limit=0)["left_out"] == 6


def test_patterns_in_the_query_and_in_the_body_find_the_same(gateway, broker):
    client = broker(gateway)
    client.tickle()
    client.ask("GET", "/v1/api/tickle")
    client.ask("GET", "/v1/api/iserver/auth/status", None, {"User-Agent": "other"})
    client.ask("POST", "/v1/api/logout", b"")
    for pattern, wanted in [
        ({}, 4),
        ({"endpoint": "tickle"}, 2),
        ({"method": "POST"}, 2),
        ({"method": "POST", "endpoint": "tickle"}, 1),
        ({"url_path": "/v1/api/tickle"}, 2),
        ({"url_path_prefix": "/v1/api/iserver/"}, 1),
        ({"url_path_glob": "/v1/*/logout"}, 1),
        ({"state": "logged_out"}, 0),
        ({"endpoint": "ssodh_init"}, 0),
    ]:
        assert len(gateway.requests(**pattern)) == wanted, pattern
        assert gateway.get("/requests/count", **pattern) == {"count": wanted, "lost": 0}
        assert gateway.post("/requests/count", pattern) == {"count": wanted, "lost": 0}
        assert gateway.post("/requests/find", pattern)["requests"] == gateway.requests(**pattern)
    assert gateway.post("/requests/count", {"headers": {"user-agent": {"equals": "other"}}}) == {"count": 1, "lost": 0}
    assert gateway.post("/requests/count", {"status": 200})["count"] == len(gateway.requests(status=200))
    assert gateway.call("POST", "/requests/find").json["count"] == 4


@pytest.mark.parametrize("path", ["/requests", "/requests/count", "/requests/wait", "/journal", "/journal/wait"])
def test_the_words_of_other_tools_in_a_query(gateway, broker, path):
    broker(gateway).tickle()
    assert gateway.get(path, urlPathPrefix="/v1/api/tick")["count"] == 1


@pytest.mark.parametrize(
    "path,query,nearest",
    [
        ("/requests", {"endpont": "tickle"}, "endpoint"),
        ("/requests", {"endpoint": "tickl"}, "tickle"),
        ("/requests", {"state": "authentcated"}, "authenticated"),
        ("/requests", {"kind": "timer"}, None),
        ("/requests/count", {"limit": "5"}, None),
        ("/journal", {"knd": "timer"}, "kind"),
    ],
)
def test_patterns_that_mean_nothing(gateway, path, query, nearest):
    (error,) = gateway.problem(400, "GET", path, **query)["errors"]
    assert error.get("nearest") == nearest


@pytest.mark.parametrize(
    "name,value",
    [("limit", "1001"), ("limit", "-1"), ("limit", "x"), ("since", "-1"), ("since", "x"), ("since", "9" * 30)],
)
def test_bounds(gateway, name, value):
    gateway.problem(400, "GET", "/requests", **{name: value})
    gateway.problem(400, "GET", "/journal", **{name: value})


def test_since_zero_is_all(gateway, broker):
    broker(gateway).tickle()
    assert gateway.get("/requests", since=0) == gateway.get("/requests")
    assert gateway.get("/journal", since=0) == gateway.get("/journal", since=1)
    assert gateway.post("/requests/count", {"since": 0})["count"] == 1
    gateway.post("/verify", {"request": {"endpoint": "tickle"}, "times": 1, "since": 0})


@pytest.mark.parametrize("pattern", [{"endpont": "tickle"}, {"endpoint": 5}, [], {"headers": {"A": {"like": "b"}}}])
def test_bodies_that_mean_nothing(gateway, pattern):
    for path in ("/requests/find", "/requests/count"):
        assert gateway.problem(400, "POST", path, pattern)["errors"]


def test_secrets_are_not_in_it(gateway, broker):
    client = broker(gateway)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    client.ask("POST", "/v1/api/tickle?token=geheim1", b'{"password": "geheim2", "user": "u"}',
               {"Cookie": "x=geheim3", "Authorization": "Bearer geheim4", "Content-Type": "application/json"})
    client.ask("POST", "/sso/Dispatcher", b"user_name=u&password=geheim5", form)
    # curl says so of all that it sends.
    client.ask("POST", "/v1/api/tickle", b'{"password": "geheim6"}', form)
    part = b'--b\r\nContent-Disposition: form-data; name="password"\r\n\r\ngeheim7\r\n--b--\r\n'
    client.ask("POST", "/v1/api/tickle", part, {"Content-Type": "multipart/form-data; boundary=b"})
    client.ask("POST", "/v1/api/tickle", b"{'password': 'geheim8'}", {"Content-Type": "application/json"})
    client.ask("POST", "/v1/api/tickle", b'{"data": "{\\"password\\": \\"geheim9\\"}"}')
    client.ask("GET", "/tickle?a=1;pass=geheim10", None, {"Referer": "https://localhost/?session=geheim11"})
    client.ask("BREW", "/v1/api/logout?otp=geheim12", None, {"Proxy-Authorization": "Basic geheim13"})
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=30) as plain:
        plain.sendall(b"GET /?password=geheim14 HTTP/1.1\r\nCookie: geheim15\r\n\r\n")
        while plain.recv(1000):
            pass
    gateway.get("/journal/wait", kind="connection")
    seen = gateway.call("GET", "/journal").text + gateway.mock.log()
    for unmatched in ("/requests/unmatched", "/requests/unmatched/near-misses"):
        seen += gateway.call("GET", unmatched).text
    seen += gateway.call("POST", "/verify", {"request": {"endpoint": "logout", "body": "x"}}).text
    assert "geheim" not in seen
    assert "user_name=u" in seen


def test_it_is_emptied_and_nothing_else(gateway, broker):
    client = broker(gateway)
    client.tickle()
    client.ask("POST", "/v1/api/nowhere", b"")
    gateway.event("logout")
    state, following = gateway.get("/state"), gateway.get("/journal")["next"]
    assert gateway.call("DELETE", "/requests").status == 204
    assert gateway.get("/state") == state
    assert gateway.get("/journal") == {"records": [], "count": 0, "left_out": 0, "lost": 0, "next": following}
    assert gateway.get("/requests/count") == {"count": 0, "lost": 0}
    assert gateway.get("/requests/unmatched/near-misses") == {"near_misses": [], "lost": 0}
    gateway.problem(404, "GET", "/requests/1")
    client.tickle()
    (request,) = gateway.requests()
    assert request["id"] == following
    assert gateway.get("/journal", since=1)["lost"] == 0


def test_what_a_full_journal_lost_is_forgotten_too(gateway, broker):
    client = broker(gateway)
    for _ in range(1500):
        client.tickle()
    assert gateway.get("/requests/count")["lost"] > 0
    gateway.call("DELETE", "/requests")
    client.tickle()
    assert gateway.get("/requests/count") == {"count": 1, "lost": 0}
    for _ in range(1500):
        client.tickle()
    answer = gateway.get("/requests/count")
    assert answer["count"] + answer["lost"] == 1501


def test_a_wait_goes_on_over_an_emptied_journal(gateway, broker, process):
    client = broker(gateway)
    client.tickle()
    waiting = Waiting(gateway, "/requests/wait", endpoint="tickle", count=3, timeout="60s")
    eventually(lambda: "\ncpgw_control_waits 1\n" in process.call("GET", "/metrics").text)
    client.tickle()
    gateway.call("DELETE", "/requests")
    client.tickle()
    assert len(waiting.answer().json["requests"]) == 1, "three came; what is kept of them is shown"


# ---- everything else ----


def test_all_that_happens_is_in_it(gateway, broker):
    broker(gateway).tickle()
    gateway.event("logout")
    gateway.put("/settings", {"user_name": "x"})
    gateway.post("/actions", [{"enter": "sso_only"}, {"event": "login"}])
    gateway.advance("6m")
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=30) as plain:
        plain.sendall(b"GET / HTTP/1.1\r\n\r\n")
        while plain.recv(1000):
            pass
    records = gateway.get("/journal/wait", kind="connection") and gateway.get("/journal")["records"]
    assert {record["kind"] for record in records} >= {"request", "transition", "timer", "action", "clock", "connection"}
    assert [record["id"] for record in records] == list(range(1, len(records) + 1))
    times = [record["time"] for record in records]
    assert times == sorted(times)
    for kind in ("timer", "transition,action"):
        wanted = [record for record in records if record["kind"] in kind.split(",")]
        assert gateway.get("/journal", kind=kind)["records"] == wanted != []


def last_connection(gateway, since):
    (record,) = gateway.get("/journal/wait", kind="connection", since=since)["records"]
    return record


def test_a_client_that_does_not_trust_the_authority(gateway):
    """The most frequent mistake of all, in words."""
    with pytest.raises(ssl.SSLCertVerificationError):
        with socket.create_connection(("127.0.0.1", gateway.port), timeout=30) as plain:
            ssl.create_default_context().wrap_socket(plain, server_hostname="localhost")
    assert "does not trust the CA" in last_connection(gateway, 1)["text"]


def test_a_client_that_wants_another_name(gateway):
    with pytest.raises(ssl.SSLCertVerificationError):
        with socket.create_connection(("127.0.0.1", gateway.port), timeout=30) as plain:
            trusting(gateway.mock.ca_file).wrap_socket(plain, server_hostname="broker.example")
    assert "text" in last_connection(gateway, 1)


def test_plain_http_on_the_tls_port(gateway):
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=30) as plain:
        plain.sendall(b"POST /v1/api/tickle HTTP/1.1\r\nHost: x\r\n\r\n")
        while plain.recv(1000):
            pass
    record = last_connection(gateway, 1)
    assert record["text"] == "plain HTTP arrived on the TLS port"
    (miss,) = gateway.get("/requests/unmatched/near-misses")["near_misses"]
    assert miss["request"]["id"] == record["id"]
    assert miss["near_misses"][0]["message"] == "plain HTTP arrived on the TLS port"
    assert gateway.get("/requests/unmatched")["requests"] == []


# ---- what nothing was meant for ----


def test_unmatched_and_what_was_probably_meant(gateway, broker):
    client = broker(gateway)
    client.tickle()
    client.ask("POST", "/tickle", b"")
    client.ask("GET", "/v1/api/tikle")
    client.ask("DELETE", "/v1/api/logout")
    unmatched = gateway.get("/requests/unmatched")["requests"]
    assert [request["target"] for request in unmatched] == ["/tickle", "/v1/api/tikle", "/v1/api/logout"]
    assert gateway.requests(matched="false") == unmatched
    near = gateway.get("/requests/unmatched/near-misses")["near_misses"]
    assert [each["request"]["target"] for each in near] == [request["target"] for request in unmatched]
    first, second, third = (each["near_misses"][0] for each in near)
    assert first["message"].startswith("POST /tickle has no /v1/api prefix") and first["endpoint"] == "tickle"
    assert "/v1/api/tickle" in second["message"] and second["path"] == "/v1/api/tickle"
    assert "DELETE" in third["message"] and third["endpoint"] == "logout"


def test_what_a_terminal_would_obey_is_shown(gateway):
    """In what a client says over its websocket, as it is printed then."""
    client = Client(gateway.port)
    Websocket(client).say("a\x1b[2J\u009bm\nü session=geheim")
    (record,) = gateway.get("/journal/wait", kind="frame", frame="*")["records"]
    assert record["text"].startswith("a\\x1b[2J\\xc2\\x9bm\\x0aü session=***")
    client.close()


# ---- its end ----


def test_it_is_bounded_and_says_what_it_has_lost(serve, broker):
    process = serve("authenticated", "--journal-size", "256")
    client = broker(process)
    for _ in range(300):
        client.tickle()
    answer = process.get("/journal")
    records = answer["records"]
    assert len(records) <= 256
    assert answer["lost"] == records[0]["id"] - 1 > 0
    assert "from" in process.problem(404, "GET", "/requests/1")["detail"]
    said = process.problem(406, "POST", "/verify", {"request": {"endpoint": "logout"}, "times": 0})
    assert "no longer kept" in said["detail"]


def test_its_file_has_the_same(serve, tmp_path):
    process = serve("authenticated", "--journal", str(tmp_path / "journal.ndjson"))
    process.event("logout")
    process.advance("1h")
    wanted = process.get("/journal")["records"]

    def written():
        lines = (tmp_path / "journal.ndjson").read_text().splitlines()
        return lines if len(lines) >= len(wanted) else None

    lines = [json.loads(line) for line in eventually(written)]
    assert [(line["id"], line["kind"]) for line in lines] == [(record["id"], record["kind"]) for record in wanted]


def test_whatever_bytes_a_client_sends_the_journal_is_json(gateway, process):
    request = b"GET /v1/api/tickle HTTP/1.1\r\nHost: x\r\nUser-Agent: caf\xe9\r\nX-caf: \x80\r\n\r\n"
    with socket.create_connection(("127.0.0.1", gateway.port)) as plain, trusting(process.mock.ca_file).wrap_socket(
        plain, server_hostname="localhost"
    ) as client:
        client.sendall(request)
        assert client.recv(100)
    record = gateway.requests()[-1]
    assert record["headers"]["User-Agent"] == "caf\\xe9"
    assert record["headers"]["X-caf"] == "\\x80"


def test_what_the_ring_has_lost_is_said_where_it_is_counted(gateway, broker):
    client = broker(gateway)
    for _ in range(1500):
        client.tickle()
    assert gateway.get("/requests/count")["lost"] > 0
    assert gateway.get("/requests/unmatched/near-misses")["lost"] > 0


def test_timers_that_change_nothing_push_no_request_out(gateway, broker):
    """An idle gateway pings every few minutes. Whoever comes back after a month still finds what his client did."""
    broker(gateway).tickle()
    answer = gateway.advance("30d")
    assert answer["fired_lost"] > 0
    (request,) = gateway.requests(endpoint="tickle")
    assert gateway.get("/requests/count") == {"count": 1, "lost": 0}
    gateway.post("/verify", {"request": {"endpoint": "tickle"}, "times": 1})
    whole = gateway.get("/journal", limit=1000)
    ids = [record["id"] for record in whole["records"]]
    assert ids == sorted(set(ids)) and ids[0] == 1
    since, counted = 1, 0
    while True:
        page = gateway.get("/journal", since=since, limit=300)
        counted += page["count"] + page["lost"]
        assert page["next"] - since == page["count"] + page["lost"], "what is lost is counted where it was"
        since = page["next"]
        if not page["left_out"]:
            break
    assert counted == since - 1 == answer["fired"][-1]["id"]
    assert gateway.get(f"/requests/{request['id']}")["id"] == request["id"]


def test_a_gateway_of_a_test_keeps_what_one_test_does(process, broker):
    """Five hundred calls are all there; a thousand gateways with them stay small: script/bench measures it."""
    gateway = process.add(clock="manual")
    client = broker(gateway)
    for _ in range(500):
        client.tickle()
    assert gateway.get("/requests/count") == {"count": 500, "lost": 0}
    gateway.delete()
    gateway.close()


def test_a_gateway_keeps_as_many_records_as_are_asked_for(process, broker):
    large = process.add(clock="manual", journal_size=8192)
    small = process.add(clock="manual", journal_size=256)
    for gateway in (large, small):
        client = broker(gateway)
        for _ in range(2000):
            client.tickle()
    assert large.get("/requests/count") == {"count": 2000, "lost": 0}
    assert small.get("/requests/count")["count"] == 256
    small.post("/reset")
    client = broker(small)
    for _ in range(300):
        client.tickle()
    assert small.get("/requests/count")["count"] == 256, "after a reset too"
    for wrong in (255, 1048577, "many", 0.5):
        assert process.problem(400, "POST", "/gateways", {"journal_size": wrong})["errors"]
    for gateway in (large, small):
        gateway.delete()
        gateway.close()
