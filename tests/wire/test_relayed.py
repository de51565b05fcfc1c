"""Answers that come from the brokerage, as the gateway hands them on: header order, case and framing are its doing."""

import pytest

from client import LOGOUT, STATUS, TICKLE, get, post, request

THE_DATE = "Mon, 02 Mar 2026 14:30:00 GMT"
THE_INSTANT = "1772461800000"

TIMING = f'desc="{THE_INSTANT}_388397449_2946583489_3362_9278_9_0_-";dur=1'
NEVER_STORE = "max-age=0, no-cache, no-store"
JSON = "application/json; charset=utf-8"


@pytest.fixture
def ask(start, connect):
    """Asks a mock whose clock stands."""

    def open_one(scenario="authenticated"):
        return connect(start(scenario, "--clock", "manual")).ask

    return open_one


def relayed(before, content_type, took, connection="keep-alive", between=(), origin=14, edge=18, vary="Origin"):
    """The headers that answers of the brokerage share, in their order; `before` and `between` are what some have
    besides."""
    headers = [("Referrer-Policy", "Origin-when-cross-origin")]
    if content_type:
        headers.append(("Content-Type", content_type))
    return headers + [
        ("x-response-time", f"{took}ms"),
        ("X-Content-Type-Options", "nosniff"),
        *before,
        ("Expires", THE_DATE),
        ("Cache-Control", NEVER_STORE),
        ("Pragma", "no-cache"),
        ("Date", THE_DATE),
        ("Connection", connection),
        *between,
        ("Server-Timing", f"cdn-cache; desc=MISS, edge; dur={edge}, origin; dur={origin}, ak_p; {TIMING}"),
        ("Strict-Transport-Security", "max-age=600 ; includeSubDomains"),
        ("Vary", vary),
        ("Transfer-Encoding", "chunked"),
    ]


def test_status_has_the_recorded_headers(ask):
    answer = ask()(get(STATUS))
    assert answer.headers == relayed((), JSON, 0, vary="Accept-Encoding,Origin")
    assert answer.raw.endswith(b"\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(answer.body), answer.body))


def test_tickle_brings_a_cookie_and_its_framing_last(ask):
    answer = ask()(post(TICKLE))
    cookie = ("Set-Cookie", f"x-sess-uuid=0.89792617.{THE_INSTANT[:-3]}.afa14bc1; secure; HttpOnly")
    assert answer.headers == relayed((), JSON, 0, between=[cookie], vary="Accept-Encoding,Origin")
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(answer.body), answer.body)
    assert answer.raw.endswith(b"\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks)
    assert answer.body.startswith(b'{"session":"')


def test_logout_has_no_type(ask):
    answer = ask()(post(LOGOUT))
    assert answer.headers == relayed((), None, 1, origin=17, edge=25)
    assert answer.raw.endswith(b'\r\n\r\nf\r\n{"status":true}\r\n0\r\n\r\n')


def test_a_refusal_before_login_is_empty_and_has_no_type(ask):
    answer = ask("fresh")(post(TICKLE))
    assert answer.status_line == "HTTP/1.1 401 Unauthorized"
    assert answer.headers == relayed((), None, 0)
    assert answer.raw.endswith(b"\r\n\r\n0\r\n\r\n")


def test_close_of_the_brokerage_is_handed_on_and_not_obeyed(ask):
    say = ask()
    answer = say(get("/v1/api/nosuch"))
    assert answer.status_line == "HTTP/1.1 404 Not Found"
    assert answer.headers == relayed((), "text/html; charset=utf-8", 0, connection="close", origin=13, edge=17)
    assert answer.body == b"<html><body><h1>Resource not found</h1></body></html>"
    assert say(get("/v1/api/nosuch")).raw == answer.raw
    assert say(get(STATUS)).status == 200


def test_a_refusal_at_the_edge_closes_nothing_either(ask):
    say = ask()
    refused = say(request("POST", TICKLE))
    assert refused.names == [
        "Server", "Mime-Version", "Content-Type", "Expires", "Date", "Connection", "Transfer-Encoding",
    ]  # fmt: skip
    assert (refused.status, refused["Connection"]) == (411, "close")
    assert say(b"GET /v1/api/tickle HTTP/1.1\r\nHost: localhost\r\n\r\n").body == b"Error 403 - Access Denied"
    assert say(get(STATUS)).status == 200


def test_what_takes_ten_seconds_to_fail_says_so(start, connect):
    client = connect(start("upstream_sick", "--clock", "scaled:1000"))
    answer = client.ask(post(TICKLE))
    assert answer.status_line == "HTTP/1.1 503 Service Unavailable"
    assert answer.names == [name for name, _ in relayed([("X-Cnection", "close")], None, 10000)]
    assert answer["x-response-time"] == "10000ms"
    assert answer["X-Cnection"] == answer["Connection"] == "close"
    assert "origin; dur=10000," in answer["Server-Timing"]
    assert answer.raw.endswith(b"\r\n\r\n0\r\n\r\n")
    assert client.ask(post(TICKLE)).status == 503


def test_a_login_succeeds_in_21_bytes_of_no_type(ask):
    form = "Content-Type: application/x-www-form-urlencoded"
    answer = ask("fresh")(post("/sso/Dispatcher", form, body=b"loginType=2"))
    assert answer.status_line == "HTTP/1.1 200 OK"
    assert "Content-Type" not in answer.names
    assert answer["Location"]
    assert [value.partition("=")[0] for name, value in answer.headers if name == "Set-Cookie"] == [
        "USERID", "web", "cp", "api",
    ]  # fmt: skip
    assert answer.names[-1] == "Transfer-Encoding"
    assert answer.raw.endswith(b"\r\n\r\n15\r\nClient login succeeds\r\n0\r\n\r\n")


def test_older_paths_lead_to_the_same(ask):
    say = ask()
    assert say(get("/v1/portal/iserver/auth/status")).raw == say(get(STATUS)).raw


def test_a_wish_to_stay_changes_nothing(ask):
    say = ask()
    assert say(get(STATUS, "Connection: keep-alive")).raw == say(get(STATUS)).raw


def test_a_wish_to_leave_replaces_what_the_brokerage_said(start, connect):
    client = connect(start("authenticated", "--clock", "manual"))
    answer = client.ask(get(STATUS, "Connection: close"))
    *ordinary, framing = relayed((), JSON, 0, vary="Accept-Encoding,Origin")
    ordinary = [header for header in ordinary if header[0] != "Connection"]
    assert answer.headers == [*ordinary, ("Connection", "close"), framing]
    assert client.ended_well()


def test_an_old_client_that_stays_is_told_so_behind_the_length(ask):
    """docs/gateway.md#http"""
    answer = ask()(get(STATUS, "Connection: keep-alive", version="HTTP/1.0"))
    *ordinary, _ = relayed((), JSON, 0, vary="Accept-Encoding,Origin")
    ordinary = [header for header in ordinary if header[0] != "Connection"]
    length = ("Content-Length", str(len(answer.body)))
    assert answer.headers == [*ordinary, length, ("Connection", "keep-alive")]


def test_an_old_client_that_leaves_is_told_what_the_brokerage_said(ask):
    answer = ask()(get(STATUS, version="HTTP/1.0"))
    *ordinary, _ = relayed((), JSON, 0, vary="Accept-Encoding,Origin")
    assert answer.headers == [*ordinary, ("Content-Length", str(len(answer.body)))]
