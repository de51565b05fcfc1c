"""Old versions, HEAD, and requests in pieces: the same answer in another form."""

import random

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

# Not answered at all; and those behind which nothing is.
SILENT = {"garbage", "no_colon", "no_length_at_all", "broken_chunks", "never"}
LAST = SILENT | {
    "old", "odd_version", "old_close", "odd_version_body", "close", "close_in_caps", "another_encoding", "too_long",
    "too_large",
}  # fmt: skip

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
    "odd_version": get(STATUS, version="HTTP/9.9"),
    "old_close": get("/", "Connection: close", version="HTTP/1.0"),
    "old_stay": post(TICKLE, "Connection: keep-alive", version="HTTP/1.0", body=b"{}"),
    "odd_version_body": post(REAUTHENTICATE, body=b"{}", version="HTTP/0.9"),
    "folded": get(STATUS, "X-Folded: a", " b", "\tc"),
    "folded_agent": b"GET /v1/api/tickle HTTP/1.1\r\nUser-Agent:\r\n x\r\n\r\n",
    "folded_length": b"POST /v1/api/tickle HTTP/1.1\r\nUser-Agent: x\r\nContent-Length:\r\n 3\r\n\r\nabc",
    "line_feeds": get(STATUS).replace(b"\r\n", b"\n"),
    "line_ends_before": b"\r\n\r\n" + get(STATUS),
    "blanks_in_the_line": b" GET \t /nowhere  HTTP/1.1 \r\n\r\n",
    "tiny_headers": get(STATUS, *["a:"] * 3000),
    "tiny_headers_body": post(TICKLE, *["a:"] * 3000, body=b"{}"),
    "odd_name": get(STATUS, "X.Y!: b"),
    "blank_in_a_name": get(STATUS, "X Y: b"),
    "no_name": get(STATUS, ": b"),
    "no_colon": get(STATUS, "nothing"),
    "control": get(STATUS, "X: \x01"),
    "expect": post(TICKLE, "Expect: 100-continue", body=b"{}"),
    "two_lengths": request("POST", TICKLE, "Content-Length: 2", "Content-Length: 3") + b"{}",
    "no_length_at_all": request("POST", TICKLE, "Content-Length: two"),
    "chunks": request("POST", TICKLE, "Transfer-Encoding: chunked") + b"2\r\n{}\r\n0\r\n\r\n",
    "chunks_and_more": request("POST", REAUTHENTICATE, "Transfer-Encoding: Chunked", "Content-Length: 3")
    + b"0a;x=y\r\n0123456789\r\n00\r\nX-Trailer: a\r\n b\r\n\r\n",
    "chunks_of_line_feeds": request("POST", TICKLE, "Transfer-Encoding: chunked") + b"2\n{}\n0\n\n",
    "broken_chunks": request("POST", TICKLE, "Transfer-Encoding: chunked") + b"2\r\n{}{}\r\n0\r\n\r\n",
    "another_encoding": request("POST", TICKLE, "Transfer-Encoding: gzip") + b"who knows",
    "large_body": post(TICKLE, body=b"x" * 17000),
    "garbage": b"garbage\r\n\r\n",
    "too_long": get("/" + "x" * 4096),
    "too_large": get("/", "X: " + "x" * 8192),
    "never": get("/%zz"),
}


# Sent right behind, so that it shows where the request ended. Its answer is recognized by its target.
BEHIND = get("/behind")


def pieces_of(data, dice, sizes):
    while data:
        size = dice.choice(sizes)
        yield data[:size]
        data = data[size:]


def converse(client, pieces):
    """Sends them, says goodbye, and returns all that came."""
    try:
        for piece in pieces:
            client.send(piece)
        client.half_close()
    except OSError:
        pass  # it has gone, for a reason that must show in what it said
    return client.rest()


def all_ways(asked):
    """Where the requests are cut, by name of the way."""
    dice = random.Random(len(asked))
    yield "whole", [asked + BEHIND]
    yield "apart", [asked, BEHIND]
    yield "head", [*asked.partition(b"\r\n\r\n")[:2], asked.partition(b"\r\n\r\n")[2] + BEHIND]
    yield "line", [asked[: asked.index(b"\n") + 1], asked[asked.index(b"\n") + 1 :] + BEHIND]
    yield "middle", [asked[: len(asked) // 2], asked[len(asked) // 2 :] + BEHIND]
    yield "last", [asked[:-1], asked[-1:] + BEHIND]
    for number in range(4):
        yield f"random {number}", pieces_of(asked + BEHIND, dice, [1, 2, 3, 10, 50, 300, 5000])
    yield "bytes", pieces_of(asked + BEHIND, dice, [1 if len(asked) < 2000 else 97])


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_in_pieces_is_answered_like_a_whole_one(start, connect, name):
    """Whole requests take a short cut inside the server. Nobody may notice."""
    asked = REQUESTS[name]
    mock = start("authenticated", "--clock", "manual")
    answers = {}
    for way, pieces in all_ways(asked):
        if name == "form":  # a login draws new secrets each time
            mock = start("authenticated", "--clock", "manual")
        answers[way] = converse(connect(mock), filter(None, pieces))
    assert answers == dict.fromkeys(answers, answers["whole"])
    assert bool(answers["whole"]) != (name in SILENT)
    assert (b"Location: https://api.ibkr.com/behind\r\n" in answers["whole"]) == (name not in LAST)


@pytest.mark.parametrize("seed", range(6))
def test_any_of_them_may_follow_one_another(start, connect, seed):
    """Pipelined in one piece, and cut anywhere."""
    dice = random.Random(seed)
    mock = start("authenticated", "--clock", "manual")
    names = [name for name in REQUESTS if name not in LAST and name != "form"]
    asked = b"".join(REQUESTS[dice.choice(names)] for _ in range(60)) + BEHIND
    whole = converse(connect(mock), [asked])
    assert whole.count(b"Location: https://api.ibkr.com/behind\r\n") == 1
    for sizes in [[1, 2, 3, 20], [1, 100, 1000], [500, 5000, 50000], [16384]]:
        assert converse(connect(mock), pieces_of(asked, dice, sizes)) == whole
