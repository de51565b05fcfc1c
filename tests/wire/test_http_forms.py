"""Old versions, HEAD, and requests in pieces: the same answer in another form."""

import pytest

from client import LOGOUT, REAUTHENTICATE, STATUS, TICKLE, VALIDATE, get, post, request


@pytest.fixture(scope="module")
def mock(start_shared):
    return start_shared("authenticated", "--clock", "manual")


@pytest.fixture
def client(mock, connect):
    return connect(mock)


TARGETS = ["/", "/nowhere", "/demo/", REAUTHENTICATE, STATUS, TICKLE, VALIDATE, "/v1/api/nosuch", "/sso/Login"]


# ---- HTTP/1.0 ----


@pytest.mark.parametrize("target", TARGETS)
def test_http_1_0_has_a_length_and_ends(client, target):
    client.send(get(target, version="HTTP/1.0"))
    answer = client.answer()
    assert answer.status_line.startswith("HTTP/1.0 ")
    assert "Transfer-Encoding" not in answer.names
    assert answer["Content-Length"] == str(len(answer.body))
    assert client.ended_well()


@pytest.mark.parametrize("target", TARGETS)
def test_http_1_0_may_ask_to_stay(client, target):
    for _ in range(3):
        answer = client.ask(get(target, "Connection: keep-alive", version="HTTP/1.0"))
        assert answer.status_line.startswith("HTTP/1.0 ")
        assert answer["Connection"] == "keep-alive"
        assert answer["Content-Length"] == str(len(answer.body))
    assert client.is_quiet()


@pytest.mark.parametrize("wish", ["close", "Close", "keep-alive, close", "close, keep-alive", "foo,close ,bar"])
def test_http_1_1_may_ask_to_leave(client, wish):
    answer = client.ask(get("/", f"Connection: {wish}"))
    assert answer["Connection"] == "close"
    assert client.ended_well()


@pytest.mark.parametrize(
    "wish", ["", "Connection: keep-alive", "Connection: foo", "Connection:", "Proxy-Connection: close"]
)
def test_http_1_1_stays_otherwise(client, wish):
    answer = client.ask(get("/", *([wish] if wish else [])))
    assert "Connection" not in answer.names
    assert client.is_quiet()


# ---- HEAD ----


@pytest.mark.parametrize("target", [*TARGETS, LOGOUT])
def test_head_has_the_head_and_no_more(mock, connect, target):
    get_client, head_client = connect(mock), connect(mock)
    whole = get_client.ask(get(target))
    head = head_client.ask(request("HEAD", target), is_head=True)
    assert head.status_line == whole.status_line
    assert head.headers == [header for header in whole.headers if header[0] != "Transfer-Encoding"]
    # Not a byte of a body: the next answer is right behind.
    assert head_client.ask(get(target)).raw == whole.raw
    assert head_client.is_quiet()


def test_head_may_be_of_an_old_version(client):
    answer = client.ask(request("HEAD", STATUS, version="HTTP/1.0"), is_head=True)
    assert answer.status_line == "HTTP/1.0 200 OK"
    assert client.ended_well()


# ---- in pieces ----

REQUESTS = {
    "root": get("/"),
    "get": get(STATUS),
    "post": post(TICKLE),
    "post_body": post(TICKLE, body=b"{}"),
    "head": request("HEAD", STATUS),
    "query": get(STATUS + "?a=b&c=%20d"),
    "elsewhere": get("/nowhere?x=%2F"),
    "encoded": get("/v1/api/iserver%2Fauth/status"),
    "percent": get("/v1/%61pi/tickle"),
    "dots": get("/v1/api/../api/tickle"),
    "double_slash": get("//v1/api/tickle"),
    "slash_behind": get(TICKLE + "/"),
    "reauthenticate": post(REAUTHENTICATE, body=b'{"force":true}'),
    "put": request("PUT", TICKLE, body=b"abc"),
    "unknown_method": request("BREW", "/v1/api/tickle"),
    "unknown_method_root": request("BREW", "/"),
    "lower_method": request("get", "/v1/api/tickle"),
    "preflight": request("OPTIONS", "/", "Origin: a", "Access-Control-Request-Method: PUT"),
    "blanks": get(STATUS, "X-A:  b ", "X-B:c"),
    "no_agent": b"GET /v1/api/tickle HTTP/1.1\r\n\r\n",
    "no_agent_value": b"GET /v1/api/tickle HTTP/1.1\r\nUser-Agent:\r\n\r\n",
    "two_agents": b"GET /v1/api/tickle HTTP/1.1\r\nUser-Agent:\r\nUser-Agent: x\r\n\r\n",
    "two_agents_turned": b"GET /v1/api/tickle HTTP/1.1\r\nUser-Agent: x\r\nUser-Agent:\r\n\r\n",
    "no_length": request("POST", TICKLE),
    "cookies": get(STATUS, "Cookie: a=b; c=d", "Cookie: e=f"),
    "upgrade": get(TICKLE, "Connection: Upgrade", "Upgrade: websocket"),
    "form": post("/sso/Dispatcher", "Content-Type: application/x-www-form-urlencoded", body=b"a=b&c=d"),
    "old": get(STATUS, version="HTTP/1.0"),
    "close": get(STATUS, "Connection: close"),
    "close_in_caps": get(STATUS, "CONNECTION: CLOSE"),
    "latin": get("/nowhere", "X-Name: \xe9\xff"),
    "latin_target": request("GET", "/nowhere\xe9"),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_in_pieces_is_answered_like_a_whole_one(start, connect, name):
    """Whole requests take a short cut inside the server. Nobody may notice."""
    asked = REQUESTS[name]
    answers = []
    for cut in [len(asked), len(asked) // 2, len(asked) - 1, asked.index(b"\r\n") + 2]:
        client = connect(start("authenticated", "--clock", "manual"))
        client.send(asked[:cut])
        client.is_quiet()
        client.send(asked[cut:])
        answers.append(client.answer(is_head=asked.startswith(b"HEAD")).raw)
    assert answers == [answers[0]] * len(answers)
