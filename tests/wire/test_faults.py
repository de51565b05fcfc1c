"""Faults as they are on the wire: every byte, how the connection ends, and when, on a clock that the tests move."""

import http.client
import json
from urllib.parse import urlsplit

import pytest

from client import LOGOUT, REAUTHENTICATE, STATUS, TICKLE, Client, get, post
from mock import eventually

ONE_USER = "/v1/api/one/user"
ACCOUNTS = "/v1/api/iserver/accounts"


def call(mock, method, path, body=None):
    where = urlsplit(mock.admin_url)
    connection = http.client.HTTPConnection(where.hostname, where.port, timeout=60)
    connection.request(method, f"/__admin{path}", json.dumps(body) if body is not None else None)
    answer = connection.getresponse()
    said = answer.read()
    connection.close()
    assert answer.status < 300, said
    return json.loads(said) if said else None


def advance(mock, by):
    """Returns once all that became due has happened, and its bytes are on their way."""
    call(mock, "POST", "/clock/advance", {"by": by})


@pytest.fixture
def broken(start, connect):
    """Starts a mock on a clock that stands still, whose tickle has one fault, and connects to it."""

    def begin(fault, on="tickle", **more):
        mock = start(
            {"extends": "authenticated", "faults": {"the_fault": {"on": on, **fault, **more}}}, "--clock", "manual"
        )
        return mock, connect(mock)

    return begin


def goes_on(mock):
    """Its neighbours notice nothing."""
    client = Client(mock.port)
    assert client.ask(get(ONE_USER)).status == 200
    client.close()


def sound(mock):
    """What tickle answers where nothing is wrong with it; the session id and times do not change on a clock that stands."""
    client = Client(mock.port)
    answer = client.ask(post(TICKLE))
    client.close()
    return answer


def is_held(mock, client):
    """Nothing comes, the process is idle meanwhile, and the connection is still there."""
    mock.comes_to_rest()
    assert client.is_quiet()
    goes_on(mock)


# ---- the upstream ----


def test_ten_seconds_then_503(broken):
    mock, client = broken({"upstream_reply": {"reply": "service_unavailable", "after": "10s"}})
    client.send(post(TICKLE))
    is_held(mock, client)
    advance(mock, "9999ms")
    is_held(mock, client)
    advance(mock, "1ms")
    answer = client.answer()
    assert (answer.status, answer.body) == (503, b"")
    assert answer["x-response-time"] == "10000ms"
    assert client.ask(get(ONE_USER)).status == 200


def test_it_hangs_for_ever_while_the_gateway_answers(broken, connect):
    mock, client = broken({"upstream_hang": True}, on="*")
    client.send(post(TICKLE))
    advance(mock, "24h")
    mock.comes_to_rest()
    assert client.is_quiet()
    assert connect(mock).ask(post(REAUTHENTICATE)).status == 200


def test_a_relay_that_stops_half_way(broken):
    mock, client = broken({"upstream_truncated": 20}, calls=1)
    client.send(post(TICKLE))
    head = client.take_until(b"\r\n\r\n")
    assert b"Transfer-Encoding: chunked\r\n\r\n" in head
    assert client.take(26) == b"14\r\n" + sound(mock).body[:20] + b"\r\n"
    is_held(mock, client)
    advance(mock, "1h")
    assert client.is_quiet()


def test_a_relay_that_stops_before_its_first_byte(broken):
    mock, client = broken({"upstream_truncated": 0})
    client.send(post(TICKLE))
    assert client.take_until(b"\r\n\r\n").startswith(b"HTTP/1.1 200 OK\r\n")
    is_held(mock, client)


def test_a_relay_that_stops_for_an_old_client(broken):
    mock, client = broken({"upstream_truncated": 20}, calls=1)
    client.send(post(TICKLE, version="HTTP/1.0"))
    head = client.take_until(b"\r\n\r\n").decode()
    whole = sound(mock).body
    assert f"Content-Length: {len(whole)}\r\n" in head
    assert client.take(20) == whole[:20]
    is_held(mock, client)


# ---- the answer ----


def test_another_status_line(broken):
    _, client = broken({"status": {"status": 299, "reason": "Odd Indeed"}})
    assert client.ask(post(TICKLE)).status_line == "HTTP/1.1 299 Odd Indeed"


def test_other_headers(broken):
    mock, client = broken({"headers": {"Content-Type": None, "Vary": "Cookie", "X-New": "1"}}, calls=1)
    answer = client.ask(post(TICKLE))
    wanted = sound(mock)
    names = [name for name in wanted.names if name not in ("Content-Type", "Transfer-Encoding")]
    assert answer.names == [*names, "X-New", "Transfer-Encoding"]
    assert (answer["Vary"], answer["X-New"]) == ("Cookie", "1")
    assert answer.body == wanted.body


@pytest.mark.parametrize("value, wanted", [("text/plain", ["text/plain"]), ("", [])])
def test_another_content_type(broken, value, wanted):
    _, client = broken({"content_type": value})
    answer = client.ask(post(TICKLE))
    assert [value for name, value in answer.headers if name == "Content-Type"] == wanted


@pytest.mark.parametrize(
    "fault, wanted",
    [
        ({"body": "hello"}, b"hello"),
        ({"body": {"body": {"a": [1]}}}, b'{"a":[1]}'),
        ({"empty_body": True}, b""),
        ({"html_body": "<p>no</p>"}, b"<p>no</p>"),
    ],
)
@pytest.mark.parametrize("on, target", [("tickle", TICKLE), ("reauthenticate", REAUTHENTICATE)])
def test_another_body_in_a_sound_answer(broken, fault, wanted, on, target):
    _, client = broken(fault, on=on)
    answer = client.ask(post(target))
    assert (answer.status, answer.body) == (200, wanted)
    assert client.ask(get(ONE_USER)).status == 200


def test_invalid_json(broken):
    mock, client = broken({"invalid_json": True}, calls=1)
    assert client.ask(post(TICKLE)).body + b"}" == sound(mock).body


def test_invalid_utf8(broken):
    mock, client = broken({"invalid_utf8": True}, calls=1)
    body = client.ask(post(TICKLE)).body
    assert body.startswith(b'{"\x99')
    assert body.replace(b"\x99", b"") == sound(mock).body


def test_content_length_too_long(broken):
    mock, client = broken({"content_length_too_long": 5}, calls=1)
    client.send(post(TICKLE))
    head = client.take_until(b"\r\n\r\n").decode()
    whole = sound(mock).body
    assert f"Content-Length: {len(whole) + 5}\r\n" in head
    assert "Transfer-Encoding" not in head
    assert client.take(len(whole)) == whole
    mock.comes_to_rest()
    assert client.is_quiet()


def test_content_length_too_long_and_then_the_end(broken):
    mock, client = broken({"content_length_too_long": {"bytes": 5, "close": True}}, calls=1)
    client.send(post(TICKLE))
    client.take_until(b"\r\n\r\n")
    assert client.rest() == sound(mock).body
    assert client.tls_ended and client.tcp_ended == "FIN"


def test_content_length_too_short(broken):
    _, client = broken({"content_length_too_short": 3}, calls=1)
    answer = client.ask(post(TICKLE))
    assert client.take(3) == b"}}}"
    assert answer.body.endswith(b'"')
    assert client.ask(get(ONE_USER)).status == 200


def test_two_content_lengths(broken):
    mock, client = broken({"content_length_twice": 4}, calls=1)
    client.send(post(TICKLE))
    head = client.take_until(b"\r\n\r\n").decode()
    whole = sound(mock).body
    assert f"Content-Length: {len(whole)}\r\n" in head
    assert f"Content-Length: {len(whole) + 4}\r\n" in head
    assert client.take(len(whole)) == whole


def test_a_malformed_chunk(broken):
    mock, client = broken({"malformed_response_chunk": 16})
    client.send(post(TICKLE))
    assert client.take_until(b"\r\n\r\n").endswith(b"Transfer-Encoding: chunked\r\n\r\n")
    garbage = client.rest()
    assert len(garbage) == 16 and all(byte >= 0x80 for byte in garbage)
    assert client.tls_ended and client.tcp_ended == "FIN"
    goes_on(mock)


def test_random_data_then_close(broken, connect):
    mock, client = broken({"random_data_then_close": 40})
    client.send(post(TICKLE))
    garbage = client.rest()
    assert len(garbage) == 40 and client.tls_ended and client.tcp_ended == "FIN"
    other = connect(mock)
    other.send(post(TICKLE))
    assert other.rest() != garbage  # another call, another draw
    goes_on(mock)


def test_an_empty_response(broken):
    mock, client = broken({"empty_response": True})
    client.send(post(TICKLE))
    assert client.ended_well()
    goes_on(mock)


def test_an_answer_that_is_lost_has_been_acted_on(broken, connect):
    mock, client = broken({"empty_response": True}, on="logout")
    client.send(post(LOGOUT))
    assert client.ended_well()
    assert connect(mock).ask(get(ONE_USER)).status == 401


# ---- time ----


def test_a_fixed_delay(broken):
    mock, client = broken({"fixed": "2s"}, calls=1)
    client.send(post(TICKLE))
    advance(mock, "1999ms")
    is_held(mock, client)
    advance(mock, "1ms")
    assert client.answer().status == 200


def test_a_pause_after_the_headers(broken):
    mock, client = broken({"fixed": {"delay": "2s", "before": "body"}}, calls=1)
    client.send(post(TICKLE))
    assert client.take_until(b"\r\n\r\n").startswith(b"HTTP/1.1 200 OK\r\n")
    advance(mock, "1999ms")
    is_held(mock, client)
    advance(mock, "1ms")
    wanted = sound(mock).raw
    assert client.take(10) == wanted[wanted.index(b"\r\n\r\n") + 4 :][:10]


def test_a_dribble(broken):
    mock, client = broken({"chunked_dribble": {"numberOfChunks": 4, "totalDuration": "3s"}}, calls=1)
    raw = sound_of(mock, client)
    head = raw.index(b"\r\n\r\n") + 4
    body = raw[head:]
    assert client.take(head) == raw[:head]
    came = 0
    for piece in range(4):
        if piece > 0:
            is_held(mock, client)
            advance(mock, "1s")
        until = len(body) * (piece + 1) // 4
        assert client.take(until - came) == body[came:until]
        came = until
    assert client.ask(get(ONE_USER)).status == 200


def sound_of(mock, client):
    """Asks for the answer that dribbles, then for the same without the fault."""
    client.send(post(TICKLE))
    eventually(lambda: "the_fault" in mock.log())
    return sound(mock).raw


def test_the_headers_dribble_too(broken):
    mock, client = broken(
        {"chunked_dribble": {"number_of_chunks": 10, "total_duration": "9s", "headers": True}}, calls=1
    )
    raw = sound_of(mock, client)
    assert client.take(len(raw) // 10) == raw[: len(raw) // 10]
    is_held(mock, client)
    advance(mock, "9s")  # in one jump
    assert client.take(len(raw) - len(raw) // 10) == raw[len(raw) // 10 :]


def test_bandwidth(broken):
    mock, client = broken({"bandwidth": 1}, calls=1)
    raw = sound_of(mock, client)
    came = 100
    assert client.take(100) == raw[:100]
    while came < len(raw):
        mock.comes_to_rest()
        assert client.is_quiet()
        advance(mock, "300ms")
        now = min(came + 300, len(raw))
        assert client.take(now - came) == raw[came:now]
        came = now
    assert client.ask(get(ONE_USER)).status == 200


def test_a_slow_close(broken):
    mock, client = broken({"slow_close": "5s"}, calls=1)
    answer = client.ask(post(TICKLE))
    assert answer["Connection"] == "close"
    advance(mock, "4999ms")
    is_held(mock, client)
    advance(mock, "1ms")
    assert client.ended_well()


def test_a_timeout(broken):
    mock, client = broken({"timeout": "5s"})
    client.send(post(TICKLE))
    advance(mock, "4999ms")
    is_held(mock, client)
    advance(mock, "1ms")
    assert client.ended_well()


def test_who_waits_has_not_left(broken):
    mock, client = broken({"fixed": "1s"})
    client.send(post(TICKLE, "Connection: close"))
    is_held(mock, client)
    advance(mock, "1s")
    assert client.answer()["Connection"] == "close"
    assert client.ended_well()
    assert " connection " not in mock.log()


def test_never(broken):
    mock, client = broken({"timeout": "0s"})
    client.send(post(TICKLE))
    advance(mock, "24h")
    mock.comes_to_rest()
    assert client.is_quiet()


# ---- neighbours, and the end ----

HELD = [
    {"fixed": "1h"},
    {"fixed": {"delay": "1h", "before": "body"}},
    {"chunked_dribble": "1h"},
    {"bandwidth": 0.01},
    {"slow_close": "1h"},
    {"timeout": "1h"},
    {"timeout": "0s"},
    {"upstream_truncated": 5},
    {"upstream_hang": True},
]


def name_of(fault):
    return "-".join(fault) + ("-body" if "body" in str(fault) else "")


@pytest.mark.parametrize("fault", HELD, ids=name_of)
def test_it_ends_when_its_client_leaves(broken, fault):
    mock, client = broken(fault)
    before = mock.descriptors()
    client.send(post(TICKLE))
    eventually(lambda: "the_fault" in mock.log())
    client.close()
    eventually(lambda: mock.descriptors() == before - 1)
    mock.comes_to_rest()


@pytest.mark.parametrize("fault", HELD, ids=name_of)
def test_the_request_before_it_is_answered_and_the_one_behind_it_waits(broken, fault):
    mock, client = broken(fault)
    client.send(get(ONE_USER) + post(TICKLE) + get(STATUS))
    assert client.answer().status == 200
    eventually(lambda: "the_fault" in mock.log())
    mock.comes_to_rest()
    assert STATUS not in mock.log()


@pytest.mark.parametrize("fault", HELD, ids=name_of)
def test_it_ends_when_the_gateway_is_reset(broken, fault):
    mock, client = broken(fault)
    client.send(post(TICKLE))
    eventually(lambda: "the_fault" in mock.log())
    call(mock, "POST", "/reset")
    client.rest()
    goes_on(mock)


def test_pipelined_answers_each_have_their_own(start, connect):
    mock = start(
        {
            "extends": "authenticated",
            "faults": {
                "short": {"on": "one_user", "body": "1"},
                "late": {"on": "tickle", "fixed": {"delay": "1s", "before": "body"}},
            },
        },
        "--clock",
        "manual",
    )
    client = connect(mock)
    client.send(get(ONE_USER) + post(TICKLE) + get(ACCOUNTS) + get(ONE_USER))
    assert client.answer().body == b"1"
    assert client.take_until(b"\r\n\r\n")
    mock.comes_to_rest()
    advance(mock, "1s")
    client.take_until(b"0\r\n\r\n")
    assert client.answer().status == 200
    assert client.answer().body == b"1"
