"""Heads in odd forms: folded lines, thousands of lines, blanks, versions. However they arrive, the answer is the same, and
the next request is found."""

import pytest

from client import REAUTHENTICATE, STATUS, TICKLE, get, post, request

# docs/gateway.md#http
LINE_MAX = 4096
HEADERS_MAX = 8192
STATUS_LINE = f"GET {STATUS} HTTP/1.1\r\n".encode()
AGENT = b"User-Agent: wire\r\n"
DENIED = b"Error 403 - Access Denied"


@pytest.fixture(scope="module")
def mock(start_shared):
    return start_shared("authenticated", "--clock", "manual")


@pytest.fixture
def client(mock, connect):
    return connect(mock)


def in_pieces(data, size):
    return [data[at : at + size] for at in range(0, len(data), size)]


# All of it at once, in some pieces, byte by byte.
WAYS = pytest.mark.parametrize("size", [1 << 20, 700, 1], ids=["whole", "in_pieces", "by_bytes"])


def send(client, data, size):
    for piece in in_pieces(data, size):
        client.send(piece)


# ---- folded ----

FOLDS = {
    "agent": b"User-Agent: one\r\n two\r\n",
    "agent_of_the_second_line": b"User-Agent:\r\n wire\r\n",
    "tab": b"User-Agent: one\r\n\ttwo\r\n",
    "line_feeds": b"User-Agent: one\n two\n",
    "blank_line": b"User-Agent: one\r\n \r\n",
    "other_before": b"X-Folded: one\r\n two\r\n\tthree\r\n" + AGENT,
    "other_behind": AGENT + b"X-Folded: one\r\n two\r\n\tthree\r\n",
    "looks_like_a_name": AGENT + b"X: one\r\n User-Agent:\r\n",
    "first_line": b" User-Agent: wire\r\n",
    "host": AGENT + b"Host:\r\n localhost\r\n",
}


@WAYS
@pytest.mark.parametrize("name", FOLDS)
def test_a_folded_header_keeps_its_name(client, name, size):
    send(client, STATUS_LINE + FOLDS[name] + b"\r\n", size)
    assert client.answer().status == 200
    assert client.ask(get("/")).status == 302


def test_what_is_folded_is_one_value(client):
    answer = client.ask(STATUS_LINE + AGENT + b"Connection: foo,\r\n close\r\n\r\n")
    assert answer["Connection"] == "close"
    assert client.ended_well()


def test_a_folded_line_names_no_other_header(client):
    answer = client.ask(STATUS_LINE + b"X: one\r\n User-Agent: wire\r\n\r\n")
    assert (answer.status, answer.body) == (403, DENIED)


@pytest.mark.parametrize("length", [b"2", b"\r\n 2", b"\r\n\t2"], ids=repr)
def test_a_length_may_be_folded(client, length):
    head = f"POST {TICKLE} HTTP/1.1\r\n".encode() + AGENT + b"Content-Length: " + length + b"\r\n\r\n"
    client.send(head + b"{}" + get("/"))
    assert [client.answer().status for _ in range(2)] == [200, 302]
    assert client.is_quiet()


@pytest.mark.parametrize("behind", [20, 200, 2000])
@pytest.mark.parametrize("name", FOLDS)
def test_any_number_of_requests_may_follow_a_folded_one(client, name, behind):
    client.send(STATUS_LINE + FOLDS[name] + b"\r\n" + get("/behind") * behind)
    assert client.answer().status == 200
    assert {client.answer()["Location"] for _ in range(behind)} == {"https://api.ibkr.com/behind"}
    assert client.is_quiet()


def test_folded_ones_may_follow_one_another_and_any_body(client):
    folded = STATUS_LINE + FOLDS["agent"] + b"\r\n"
    in_chunks = request("POST", REAUTHENTICATE, "Transfer-Encoding: chunked") + b"2\r\n{}\r\n0\r\n\r\n"
    client.send((folded + in_chunks + folded + post(TICKLE, body=b"x" * 20000)) * 50)
    assert [client.answer().status for _ in range(200)] == [200] * 200
    assert client.is_quiet()


@WAYS
@pytest.mark.parametrize("head", [b" \r\n" + AGENT, b"\t \r\n\r\n"], ids=repr)
def test_there_must_be_something_to_go_on_with(client, head, size):
    send(client, STATUS_LINE + head + b"\r\n", size)
    assert client.ended_well()


# ---- many lines ----


@WAYS
@pytest.mark.parametrize("line", [b"a:\r\n", b"a:b\n", b"a:b\r\n", b"a: b\r\n b\r\n"], ids=repr)
def test_as_many_headers_as_their_bytes_allow(mock, connect, line, size):
    """The line ends do not count."""
    counted = len(line.replace(b"\r", b"").replace(b"\n", b""))
    fits = AGENT + line * ((HEADERS_MAX - len(AGENT.rstrip())) // counted)
    client = connect(mock)
    send(client, STATUS_LINE + fits + b"\r\n", size)
    assert client.answer().status == 200
    assert client.ask(get("/")).status == 302

    client = connect(mock)
    send(client, STATUS_LINE + fits + line + b"\r\n", size)
    assert client.take(len(b"HTTP/1.1 400 Bad Request\r\n\r\n")) == b"HTTP/1.1 400 Bad Request\r\n\r\n"
    assert client.ended_well()


@pytest.mark.parametrize("count", [400, 500, 600, 2000, 4000])
@WAYS
def test_thousands_of_headers_before_a_body(client, count, size):
    """The body comes later: libmicrohttpd has to take all of them."""
    head = f"POST {TICKLE} HTTP/1.1\r\n".encode() + AGENT + b"Content-Length: 2\r\n" + b"a:\r\n" * count + b"\r\n"
    send(client, head, size)
    assert client.is_quiet()
    assert client.ask(b"{}").status == 200
    assert client.ask(get("/")).status == 302


def test_thousands_of_cookies_before_a_body(client):
    cookies = b"Cookie: " + b"a;" * 4000 + b"\r\n"
    client.send(f"POST {TICKLE} HTTP/1.1\r\n".encode() + AGENT + cookies + b"Content-Length: 2\r\n\r\n{")
    assert client.ask(b"}").status == 200
    cookies = b"Cookie: " + b"a=;" * 2600 + b"\r\n"
    client.send(f"POST {TICKLE} HTTP/1.1\r\n".encode() + AGENT + cookies + b"Content-Length: 2\r\n\r\n{")
    assert client.ask(b"}").status == 200


@WAYS
@pytest.mark.parametrize("version", ["HTTP/1.0", "HTTP/1.1", "HTTP/9.9"])
def test_too_many_headers_are_refused_in_the_version_that_was_asked_in(client, version, size):
    """Before the head has ended, so that there is no end of what may be sent."""
    send(client, f"GET / {version}\r\n".encode() + b"a:" * (HEADERS_MAX // 2) + b"a", size)
    expected = f"{version} 400 Bad Request\r\n\r\n".encode()
    assert client.take(len(expected)) == expected
    assert client.ended_well()


def test_lines_that_end_for_nothing_end_too(client):
    """A line's end does not count, but every line counts at least one byte."""
    with pytest.raises(OSError):
        client.send(STATUS_LINE)
        for _ in range(10000):
            client.send(b"\n\n" + b"a:\n" * 1000 + b"x\n" * 1000)
            if not client.is_quiet():
                client.rest()
                raise ConnectionError


# ---- the request line ----

LINES = {
    "two_blanks": b"GET  /there  HTTP/1.1\r\n",
    "tabs": b"GET\t/there\tHTTP/1.1\r\n",
    "blank_before": b" GET /there HTTP/1.1\r\n",
    "blank_behind": b"GET /there HTTP/1.1 \r\n",
    "line_ends_before": b"\r\n\n\r\n\r\nGET /there HTTP/1.1\r\n",
    "many_before": b"\r\n" * 20000 + b"GET /there HTTP/1.1\r\n",
    "line_feed": b"GET /there HTTP/1.1\n",
}


@pytest.mark.parametrize("name", LINES)
@pytest.mark.parametrize("size", [1 << 20, 5000, 7], ids=["whole", "in_pieces", "in_crumbs"])
def test_blanks_in_a_request_line_do_not_matter(client, name, size):
    if size == 7 and name == "many_before":
        size = 701
    send(client, LINES[name] + AGENT + b"\r\n" + get("/"), size)
    assert client.answer()["Location"] == "https://api.ibkr.com/there"
    assert client.answer()["Location"].startswith("/sso/Login")
    assert client.is_quiet()


@WAYS
@pytest.mark.parametrize(
    "line",
    [
        b"GET /a b HTTP/1.1\r\n",
        b"GET /\r\n",
        b"GET  HTTP/1.1\r\n",
        b"GET / http/1.1\r\n",
        b"GET / HTTP/1.1\rX: y\r\n",
        b"GET / HTTP/11\r\n",
        b"GET / HTTP/1.10\r\n",
        b"garbage\r\n",
        b"\xff\n",
    ],
    ids=repr,
)
def test_what_is_no_request_line_ends_the_connection_at_once(client, line, size):
    """Nobody waits for the headers of what is no request."""
    send(client, line, size)
    assert client.ended_well()


@WAYS
@pytest.mark.parametrize("version", ["HTTP/9.9", "HTTP/2.0", "HTTP/0.9", "HTTP/1.9", "HTTP/0.0"])
def test_an_unknown_version_is_echoed_however_it_comes(client, version, size):
    send(client, f"GET / {version}\r\nHost: localhost\r\n\r\n".encode(), size)
    assert client.answer().status_line == f"{version} 302 Found"
    assert client.ended_well()


def test_an_unknown_version_is_echoed_wherever_it_is_cut(mock, connect):
    asked = b"POST / HTTP/9.9\r\nContent-Length: 2\r\n\r\n{}"
    for cut in range(1, len(asked)):
        client = connect(mock)
        client.send(asked[:cut])
        client.send(asked[cut:])
        assert client.answer().status_line == "HTTP/9.9 302 Found", cut
        client.close()


def test_an_unknown_version_is_echoed_behind_other_requests(client):
    in_chunks = request("POST", REAUTHENTICATE, "Transfer-Encoding: chunked") + b"2\r\n{}\r\n0\r\n\r\n"
    client.send(get("/") + in_chunks + b"GET / HTTP/9.9\r\n\r\n" + get("/never"))
    assert [client.answer().status_line for _ in range(3)] == [
        "HTTP/1.1 302 Found", "HTTP/1.1 200 OK", "HTTP/9.9 302 Found",
    ]  # fmt: skip
    assert client.ended_well()


@pytest.mark.parametrize("length", [LINE_MAX, LINE_MAX + 1])
def test_a_long_line_is_found_behind_any_request(client, length):
    in_chunks = request("POST", REAUTHENTICATE, "Transfer-Encoding: chunked") + b"2\r\n{}\r\n0\r\n\r\n"
    line = b"GET /" + b"x" * (length - len(b"GET / HTTP/1.1")) + b" HTTP/1.1\r\n"
    client.send(in_chunks + line + AGENT + b"\r\n")
    assert client.answer().status == 200
    if length <= LINE_MAX:
        assert client.answer().status == 302
    else:
        assert client.take(len(b"HTTP/1.0 414 ")) == b"HTTP/1.0 414 "
