"""The gateway's own answers, byte for byte: clients have been written against these bytes, odd ones included."""

import pytest

from client import LOGOUT, REAUTHENTICATE, STATUS, TICKLE, VALIDATE, get, post, request

# What the clock of a mock shows that stands still.
THE_DATE = "Mon, 02 Mar 2026 14:30:00 GMT"

TO_LOGIN = (
    b"HTTP/1.1 302 Found\r\n"
    b"Location: /sso/Login?forwardTo=22&RL=1&ip2loc=US\r\n"
    b"Transfer-Encoding: chunked\r\n"
    b"\r\n"
    b"0\r\n"
    b"\r\n"
)
NOT_LOGGED_IN = (
    b"HTTP/1.1 200 OK\r\n"
    b"Content-Type: application/json; charset=utf-8\r\n"
    b"Content-Length: 25\r\n"
    b"\r\n"
    b'{"error":"not logged in"}'
)
TRIGGERED = (
    b"HTTP/1.1 200 OK\r\n"
    b"Content-Type: application/json; charset=utf-8\r\n"
    b"Content-Length: 23\r\n"
    b"\r\n"
    b'{"message":"triggered"}'
)
DENIED = b"HTTP/1.1 404 Not Found\r\nContent-Length: 13\r\n\r\nAccess Denied"
FILTER_BROKEN = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 21\r\n\r\nInternal Server Error"
PREFLIGHT = (
    b"HTTP/1.1 204 No Content\r\n"
    b"Access-Control-Allow-Origin: *\r\n"
    b"Access-Control-Allow-Methods: POST,GET,OPTIONS,DELETE,PUT\r\n"
    b"Access-Control-Allow-Headers: Content-Type,portal,Cookie\r\n"
    b"Content-Length: 0\r\n"
    b"\r\n"
)
ASKS_FIRST = ("Origin: https://localhost:3000", "Access-Control-Request-Method: POST")


@pytest.fixture
def says(start, connect):
    """One connection to a mock whose clock stands: what it says to one request after another, to the last byte."""

    def open_one(scenario):
        client = connect(start(scenario, "--clock", "manual"))

        def says_to(asked, answered):
            client.send(asked)
            assert client.take(len(answered)) == answered
            assert client.is_quiet()

        return says_to

    return open_one


def elsewhere(path):
    return (
        f"HTTP/1.1 302 Found\r\nLocation: https://api.ibkr.com{path}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    ).encode()


def test_the_root_leads_to_the_login_page(says):
    root = says("authenticated")
    root(get("/"), TO_LOGIN)
    root(get("//"), TO_LOGIN)
    root(get("/?x=1"), TO_LOGIN)
    root(post("/", body=b"{}"), TO_LOGIN)
    root(request("DELETE", "/"), TO_LOGIN)
    root(b"GET / HTTP/1.1\r\n\r\n", TO_LOGIN)


def test_what_it_does_not_know_leads_to_the_brokerage(says):
    unknown = says("authenticated")
    for path in ["/tickle", "/favicon.ico", "/v1/api", "/sso", "/demo/nosuch.js"]:
        unknown(get(path), elsewhere(path))


@pytest.mark.parametrize("scenario, answer", [("fresh", NOT_LOGGED_IN), ("authenticated", TRIGGERED)])
def test_reauthenticate_takes_any_form(says, scenario, answer):
    reauthenticate = says(scenario)
    reauthenticate(post(REAUTHENTICATE), answer)
    reauthenticate(post(REAUTHENTICATE, body=b'{"force":true}'), answer)
    reauthenticate(get(REAUTHENTICATE + "?force=true"), answer)
    reauthenticate(request("DELETE", REAUTHENTICATE), answer)
    reauthenticate(request("OPTIONS", REAUTHENTICATE), answer)
    reauthenticate(post("/v1/portal/iserver/reauthenticate"), answer)
    # What the gateway answers itself needs neither a User-Agent nor a Content-Length.
    reauthenticate(b"POST /v1/api/iserver/reauthenticate HTTP/1.1\r\n\r\n", answer)



def test_an_address_that_is_not_allowed_gets_thirteen_bytes(says):
    denied = says("ip_denied")
    denied(get("/"), DENIED)
    denied(get("/demo/"), DENIED)
    denied(post(REAUTHENTICATE), DENIED)
    denied(post(TICKLE), DENIED)
    denied(request("OPTIONS", TICKLE, *ASKS_FIRST), DENIED)
    # Even where no body is to follow, and where no target could be read.
    denied(request("HEAD", TICKLE), DENIED)
    denied(get("/%zz"), DENIED)


def test_an_address_that_is_not_allowed_may_speak_an_old_version(start, connect):
    client = connect(start("ip_denied"))
    client.send(get(TICKLE, version="HTTP/1.0"))
    assert client.rest() == DENIED.replace(b"HTTP/1.1", b"HTTP/1.0")


def test_an_allow_list_that_cannot_be_read_breaks_everything(says):
    broken = says({"extends": "authenticated", "settings": {"ips_allow": "*"}})
    for asked in [get("/"), post(REAUTHENTICATE), get("/demo/"), get("/nowhere"), post(TICKLE)]:
        broken(asked, FILTER_BROKEN)


def test_a_browser_that_asks_first_is_told_what_it_may(says):
    for scenario in ["fresh", "upstream_dead"]:
        preflight = says(scenario)
        preflight(request("OPTIONS", TICKLE, *ASKS_FIRST), PREFLIGHT)
        preflight(request("OPTIONS", "/anything", *ASKS_FIRST), PREFLIGHT)


def test_only_both_headers_make_it_a_preflight(start, connect):
    client = connect(start("authenticated"))
    for header in ASKS_FIRST:
        answer = client.ask(request("OPTIONS", STATUS, header))
        assert answer.status != 204
        assert not [name for name in answer.names if name.startswith("Access-Control")]


def test_the_demo_page_has_the_length_of_the_real_one(start, connect):
    client = connect(start("authenticated", "--clock", "manual"))
    for path in ["/demo", "/demo/", "/demo/index.html"]:
        answer = client.ask(get(path))
        assert answer.status_line == "HTTP/1.1 200 OK"
        assert answer.headers == [
            ("Accept-Ranges", "bytes"),
            ("Content-Length", "654"),
            ("cache-control", "public, max-age=86400"),
            ("last-modified", "Mon, 24 Apr 2023 19:41:53 GMT"),
            ("date", THE_DATE),
            ("Content-Type", "text/html;charset=UTF-8"),
        ]
        assert len(answer.body) == 654


@pytest.mark.parametrize(
    "asked",
    [get("/"), post(REAUTHENTICATE), get("/nowhere"), request("OPTIONS", "/", *ASKS_FIRST)],
    ids=["root", "reauthenticate", "elsewhere", "preflight"],
)
def test_its_own_answers_name_neither_date_nor_server(start, connect, asked):
    names = {name.lower() for name in connect(start("authenticated")).ask(asked).names}
    assert not names & {"date", "server", "connection"}


@pytest.mark.parametrize(
    "scenario, asked, status_line",
    [
        ("authenticated", get("/"), "HTTP/1.1 302 Found"),
        ("authenticated", get(STATUS), "HTTP/1.1 200 OK"),
        ("authenticated", request("OPTIONS", "/", *ASKS_FIRST), "HTTP/1.1 204 No Content"),
        ("authenticated", request("PUT", TICKLE, body=b"{}"), "HTTP/1.1 400 Bad Request"),
        ("fresh", get(VALIDATE), "HTTP/1.1 401 Unauthorized"),
        ("authenticated", b"GET /v1/api/tickle HTTP/1.1\r\n\r\n", "HTTP/1.1 403 Forbidden"),
        ("authenticated", get("/v1/api/nosuch"), "HTTP/1.1 404 Not Found"),
        ("logged_out", post("/v1/api/iserver/auth/ssodh/init"), "HTTP/1.1 410 Gone"),
        ("authenticated", request("POST", LOGOUT), "HTTP/1.1 411 Length Required"),
        ("paced", get(STATUS), "HTTP/1.1 429 Too Many Requests"),
        ("upstream_sick", get(STATUS), "HTTP/1.1 500 Internal Server Error"),
        ("upstream_sick", post(TICKLE), "HTTP/1.1 503 Service Unavailable"),
    ],
    ids=lambda value: value.split(" ")[1] if isinstance(value, str) and value.startswith("HTTP") else "",
)
def test_reasons_are_spelt_as_clients_compare_them(start, connect, scenario, asked, status_line):
    # A sick upstream takes ten seconds to say so; everywhere else time must not change anything.
    clock = "scaled:100" if scenario == "upstream_sick" else "manual"
    assert connect(start(scenario, "--clock", clock)).ask(asked).status_line == status_line
