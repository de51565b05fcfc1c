"""Requests that are too long, broken or doubtful: the real gateway has its own way with each; clients have met them."""

import pytest

from client import REAUTHENTICATE, STATUS, TICKLE, get, post, request

# docs/gateway.md#http
LINE_MAX = 4096
HEADERS_MAX = 8192
LINE_TOO_LONG = b"HTTP/1.0 414 Request-URI Too Long\r\n\r\n"
HEADERS_TOO_LARGE = b"HTTP/1.1 400 Bad Request\r\n\r\n"

STATUS_LINE = f"GET {STATUS} HTTP/1.1\r\n".encode()


@pytest.fixture(scope="module")
def mock(start_shared):
    return start_shared("authenticated", "--clock", "manual")


@pytest.fixture
def client(mock, connect):
    return connect(mock)


def pieces_of(data, size):
    return [data[at : at + size] for at in range(0, len(data), size)]


# Whole requests and those that come in pieces take different ways inside.
WAYS = pytest.mark.parametrize("size", [1 << 20, 1000], ids=["whole", "in_pieces"])


# ---- too long ----


def line_of(length):
    return get("/" + "x" * (length - len("GET / HTTP/1.1")))


def headers_of(length, *further):
    """Header lines of so many bytes. Their ends do not count."""
    lines = ["User-Agent: wire", *further]
    lines.append("X-Long: " + "x" * (length - len("".join(lines)) - len("X-Long: ")))
    assert len("".join(lines)) == length
    return "".join(line + "\r\n" for line in lines).encode() + b"\r\n"


@WAYS
def test_a_request_line_of_4_kb_will_do(client, size):
    for piece in pieces_of(line_of(LINE_MAX), size):
        client.send(piece)
    assert client.answer().status == 302


@WAYS
def test_a_longer_request_line_is_refused(client, size):
    for piece in pieces_of(line_of(LINE_MAX + 1), size):
        client.send(piece)
    assert client.take(len(LINE_TOO_LONG)) == LINE_TOO_LONG
    assert client.ended_well()


def test_a_longer_request_line_is_refused_before_it_ends(client):
    client.send(b"GET /" + b"x" * LINE_MAX)
    assert client.take(len(LINE_TOO_LONG)) == LINE_TOO_LONG
    assert client.ended_well()


@WAYS
def test_headers_of_8_kb_will_do(client, size):
    for piece in pieces_of(STATUS_LINE + headers_of(HEADERS_MAX), size):
        client.send(piece)
    assert client.answer().status == 200


@WAYS
def test_more_headers_are_refused(client, size):
    for piece in pieces_of(STATUS_LINE + headers_of(HEADERS_MAX + 1), size):
        client.send(piece)
    assert client.take(len(HEADERS_TOO_LARGE)) == HEADERS_TOO_LARGE
    assert client.ended_well()


def test_headers_without_end_are_refused(client):
    client.send(STATUS_LINE)
    with pytest.raises(OSError):
        for _ in range(1000):
            client.send(b"X-More: " + b"x" * 1000 + b"\r\n")
            if not client.is_quiet():
                break
        assert client.take(len(HEADERS_TOO_LARGE)) == HEADERS_TOO_LARGE
        client.rest()
        raise ConnectionError  # it was refused while we were still able to send


def test_both_limits_at_once_will_do(client):
    client.send(line_of(LINE_MAX).partition(b"\r\n")[0] + b"\r\n" + headers_of(HEADERS_MAX))
    assert client.answer().status == 302


@WAYS
def test_many_tiny_headers_will_do(client, size):
    for piece in pieces_of(STATUS_LINE + b"User-Agent: x\r\n" + b"a:b\r\n" * 400 + b"\r\n", size):
        client.send(piece)
    assert client.answer().status == 200


# ---- broken ----


@pytest.mark.parametrize(
    "garbage",
    [
        b"garbage\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET /\r\n\r\n",
        b"GET / HTTP/1.1 more\r\n\r\n",
        b"GET / HTCPCP/1.0\r\n\r\n",
        b"\xff\xfe\xfd / \xff\r\n\r\n",
        b'{"json": "and no HTTP"}\r\n\r\n',
    ],
    ids=repr,
)
def test_garbage_ends_the_connection_without_a_byte(client, garbage):
    client.send(garbage)
    assert client.ended_well()


def test_garbage_behind_a_request_leaves_its_answer_alone(client):
    client.send(get("/") + b"garbage\r\n\r\n")
    assert client.answer().status == 302
    assert client.ended_well()


@pytest.mark.parametrize(
    "target",
    ["/v1/api/%zz", "/%", "/%4", "http://localhost:5000/v1/api/tickle", "http://localhost/"],
)
def test_what_is_no_path_is_never_answered(mock, client, connect, target):
    client.send(get(target))
    for _ in range(3):
        assert connect(mock).ask(post(REAUTHENTICATE)).status == 200
    # Neither is what is asked behind it.
    client.send(get("/"))
    assert connect(mock).ask(get("/")).status == 302
    assert client.is_quiet()


# ---- doubtful ----


@pytest.mark.parametrize("version", ["HTTP/9.9", "HTTP/2.0", "HTTP/1.2", "HTTP/0.9"])
def test_an_unknown_version_is_echoed(client, version):
    client.send(f"GET / {version}\r\nHost: localhost\r\n\r\n".encode())
    assert client.answer().status_line == f"{version} 302 Found"
    assert client.ended_well()


@pytest.mark.parametrize("hosts", [[], ["localhost", "elsewhere"], ["not a host"], [""]], ids=str)
def test_any_number_of_hosts_will_do(client, hosts):
    lines = "".join(f"Host: {host}\r\n" for host in hosts).encode()
    assert client.ask(STATUS_LINE + b"User-Agent: x\r\n" + lines + b"\r\n").status == 200


def test_line_ends_without_cr_will_do(client):
    assert client.ask(STATUS_LINE.replace(b"\r", b"") + b"User-Agent: x\n\n").status == 200


def test_empty_lines_before_a_request_are_skipped(client):
    assert client.ask(b"\r\n\r\n" + get("/")).status == 302


def test_a_folded_header_spoils_no_other(client):
    folded = b"X-Folded: one\r\n two\r\n\tthree\r\n"
    assert client.ask(STATUS_LINE + folded + b"User-Agent: wire\r\n\r\n").status == 200
    assert client.ask(STATUS_LINE + b"User-Agent: wire\r\n" + folded + b"\r\n").status == 200
    assert client.ask(get("/")).status == 302


@pytest.mark.parametrize("line", ["", "User-Agent:\r\n", "User-Agent: \r\n", "User-Agents: wire\r\n"], ids=repr)
def test_nobody_is_refused(client, line):
    answer = client.ask(STATUS_LINE + line.encode() + b"\r\n")
    assert (answer.status, answer.body) == (403, b"Error 403 - Access Denied")
    # What the gateway answers itself does not mind.
    assert client.ask(b"GET / HTTP/1.1\r\n" + line.encode() + b"\r\n").status == 302


def test_a_post_of_unknown_length_is_refused(client):
    assert client.ask(request("POST", TICKLE)).status == 411
    assert client.ask(request("POST", REAUTHENTICATE)).status == 200
    assert client.ask(post(TICKLE)).status == 200


def test_a_setting_has_all_of_it_accepted(start, connect):
    client = connect(start({"extends": "authenticated", "settings": {"strict_http": False}}))
    assert client.ask(STATUS_LINE + b"\r\n").status == 200
    assert client.ask(request("POST", TICKLE)).status == 200
    assert client.ask(request("POST", TICKLE, "Transfer-Encoding: chunked") + b"2\r\n{}\r\n0\r\n\r\n").status == 200
    assert client.ask(get("/")).status == 302
