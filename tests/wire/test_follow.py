"""Why: whoever writes a client watches it in `cpgw-mock journal --follow`: what is asked, what is said over a websocket both ways,
how it opened and why it ended, who tried to log in and what came of it. No secret may be on that screen. And a shell script
verifies the same in one line."""

import json
import os
import select
import subprocess
import urllib.parse

import pytest

from client import request
from frames import CLOSE, TEXT, Websocket, close_payload, frame
from mock import BINARY, WITHIN

pytestmark = pytest.mark.usefixtures("state_home")

START = "2026-03-02T14:30:00.000Z"


def call(mock, *arguments, status=0):
    result = subprocess.run(
        [BINARY, *arguments, "--admin-url", mock.admin_url], capture_output=True, text=True, timeout=2 * WITHIN
    )
    assert result.returncode == status, result
    return result.stdout if status != 2 else result.stderr


class Following:
    """`journal --follow`: its next line, less the instant, which is in `times`."""

    def __init__(self, mock, *options):
        self.times = []
        self.process = subprocess.Popen(
            [BINARY, "journal", "--follow", "--admin-url", mock.admin_url, *options],
            stdout=subprocess.PIPE,
            bufsize=0,  # nothing is kept where select() does not see it
        )

    def line(self):
        assert select.select([self.process.stdout], [], [], WITHIN)[0], "nothing came"
        time, line = self.process.stdout.readline().decode().rstrip("\n").split(" ", 1)
        self.times.append(time)
        return line

    def lines(self, *wanted):
        for each in wanted:
            assert self.line() == each

    def line_with(self, part):
        """The next one that has this; those before it are passed over."""
        while part not in (line := self.line()):
            pass
        return line

    def end(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


@pytest.fixture
def follow():
    opened = []

    def one(mock, *options):
        opened.append(Following(mock, *options))
        return opened[-1]

    yield one
    for each in opened:
        each.end()


def advance(mock, by):
    call(mock, "clock", "advance", by)


# ---- websockets ----


def test_a_stream_and_its_frames_both_ways(start, connect, follow):
    mock = start("authenticated", "--clock", "manual")
    shown = follow(mock)
    websocket = Websocket(connect(mock), "/v1/api/ws?session=0123456789abcdef0123456789abcdef")
    shown.lines(
        f"GET /v1/api/ws?session={'*' * 32} authenticated 101",
        f"stream opened #1: /v1/api/ws?session={'*' * 32}",
    )
    advance(mock, "1s")
    assert shown.line_with('"topic":"system"').startswith("frame_out #1: {")
    assert shown.line_with('"topic":"act"').endswith("…"), "what is long is cut, and says so"
    assert shown.line_with('"topic":"sts"').startswith("frame_out #1: {")
    websocket.say('{"session":"0123456789abcdef0123456789abcdef"}')
    assert shown.line_with("frame_in #1: ") == f'frame_in #1: {{"session":"{"*" * 32}"}}'
    websocket.say("tic")
    shown.lines("frame_in #1: tic")
    assert shown.line().startswith('frame_out #1: {"topic":"tic","alive":true,"id":"********')
    call(mock, "event", "brokerage_drop")
    shown.line_with("transition brokerage_drop")
    shown.line_with('frame_out #1: {"topic":"sts","args":{"authenticated":false}}')
    websocket.send(frame(TEXT, b"a\x1b[2Jb"))
    shown.line_with("frame_in #1: a\\x1b[2Jb")


@pytest.mark.parametrize(
    "leave, why",
    [
        (lambda websocket: websocket.send(frame(CLOSE, close_payload(1001, b"bye"))), "closed by the client, code 1001"),
        (lambda websocket: websocket.client.close(), "the client has gone, without a close frame"),
        (lambda websocket: websocket.send(frame(TEXT, b"\xff")), "a text is not UTF-8"),
        (lambda websocket: websocket.send(frame(TEXT, b"tic", masked=False)), "a frame is not masked"),
    ],
)
def test_why_a_stream_closed(start, connect, follow, leave, why):
    mock = start("authenticated", "--clock", "manual")
    websocket = Websocket(connect(mock))
    shown = follow(mock, "kind=stream")
    shown.lines("stream opened #1: /v1/api/ws")
    leave(websocket)
    assert shown.line() == f"stream closed #1: {why}"


def test_the_gateways_close_is_shown(start, connect, follow):
    mock = start("authenticated", "--clock", "manual")
    websocket = Websocket(connect(mock))
    shown = follow(mock, "kind=stream,frame")
    call(mock, "event", "sso_expire")
    shown.line_with("frame_out #1: close 1000")
    websocket.was_closed(1000)
    assert shown.line().startswith("stream closed #1: ")


# ---- logins ----


def test_logins_and_what_came_of_them(start, connect, follow):
    mock = start("login_accounts", "--clock", "manual")
    shown = follow(mock, "kind=login")
    visitor = connect(mock)

    def send(**fields):
        body = urllib.parse.urlencode(fields).encode()
        form = "Content-Type: application/x-www-form-urlencoded"
        return visitor.ask(request("POST", "/sso/Dispatcher", form, body=body))

    send(username="trader", password="my own secret")
    send(username="withcode", password="open sesame")
    send(**{"silver-response": "424242"})
    send(**{"silver-response": "123456"})
    send(username="withphone", password="open sesame")
    call(mock, "event", "second_factor_confirmed")
    send()
    send(username="paperuser", password="open sesame")
    shown.lines(
        "login login_refused: trader, live",
        "login login_asks_code: withcode, live",
        "login login_wrong_code: withcode",
        "login login: withcode",
        "login login_asks_notification: withphone, live",
        "login login: withphone",
        "login login_wants_paper: paperuser, live",
    )
    assert "action second_factor_confirmed" in call(mock, "journal")
    whole = call(mock, "journal", "--format", "json")
    for secret in ("my own", "own+secret", "open sesame", "424242", "123456"):
        assert secret not in whole
    assert "password=*" in whole


# ---- verify, from a shell ----


def test_frames_are_verified_from_a_shell(start, connect):
    mock = start("authenticated", "--clock", "manual")
    websocket = Websocket(connect(mock))
    websocket.say("tic")
    assert websocket.message_of("tic")["alive"] is True
    assert call(mock, "verify", json.dumps({"record": {"frame": "tic"}, "times": 1})) == ""
    sequence = {"records": [{"stream": "opened"}, {"frame": "tic"}, {"frame": "tic", "direction": "out"}]}
    assert call(mock, "verify", json.dumps(sequence)) == ""
    report = call(mock, "verify", json.dumps({"record": {"frame": "smd"}}), status=1)
    assert report == (
        'Wanted at least 1 time: {"frame":"smd"}\nFound 0.\nThe nearest that came:\n'
        f"  3  {START} frame_in #1: tic\n     frame: wanted smd, was tic\n"
    )
    report = call(mock, "verify", json.dumps({"records": [{"frame": "tic"}, {"stream": "closed"}]}), status=1)
    assert report.startswith("Wanted 2 records in this order, found the first 1:\n")
    assert 'no topic "tci"' in call(mock, "verify", json.dumps({"record": {"frame": "tci"}}), status=2)


def test_a_part_of_the_journal_is_shown(start, connect):
    mock = start("authenticated", "--clock", "manual")
    websocket = Websocket(connect(mock))
    websocket.say("tic")
    websocket.message_of("tic")
    assert call(mock, "journal", "kind=frame&frame=tic") == f"{START} frame_in #1: tic\n"
    assert call(mock, "journal", "kind=stream") == f"{START} stream opened #1: /v1/api/ws\n"
    assert 'found "kind=frame frame=tic"' in call(mock, "journal", "kind=frame frame=tic", status=2)
    assert "kind" in call(mock, "journal", "kidn=frame", status=2)
