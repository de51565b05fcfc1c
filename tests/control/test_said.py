"""Why: what a client says over its websocket, when it opens and closes it, and how it logs in are found, counted, waited for and
verified as its requests are. A tester who streams must not have to read the journal by hand."""

import urllib.parse

import pytest

from admin import Waiting
from client import Client
from frames import CLOSE, Websocket, close_payload, frame

OPENED = {"stream": "opened"}
TIC = {"frame": "tic"}


@pytest.fixture
def streaming(gateway):
    """A gateway, and a client that has tickled nothing, opened a websocket, and said tic twice."""
    client = Client(gateway.port)
    websocket = Websocket(client)
    gateway.advance("1s")
    for _ in range(2):
        websocket.say("tic")
        websocket.message_of("tic")
    gateway.websocket = websocket
    yield gateway
    client.close()


def verdict(gateway, body, path="/verify"):
    return gateway.call("POST", path, body)


def log_in(broker, **fields):
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    return broker.ask("POST", "/sso/Dispatcher", urllib.parse.urlencode(fields), form)


# ---- find, count, wait ----


def test_frames_are_found(streaming):
    found = streaming.post("/requests/find", TIC)
    assert [record["text"] for record in found["records"]] == ["tic", "tic"]
    assert {record["kind"] for record in found["records"]} == {"frame"} and "requests" not in found
    assert streaming.get("/requests", frame="tic", limit=1)["left_out"] == 1
    (status,) = streaming.post("/requests/find", {"frame": "sts", "direction": "out"})["records"]
    assert '"authenticated":true' in status["text"]
    (opened,) = streaming.get("/requests", stream="opened")["records"]
    assert (opened["text"], opened["stream"]) == ("/v1/api/ws", 1)
    listed = streaming.get("/journal", kind="frame,stream", frame="tic")["records"]
    assert [record["name"] for record in listed] == ["opened", "frame_in", "frame_in"]


@pytest.mark.parametrize(
    "pattern, count",
    [
        ({"frame": "tic"}, 2),
        ({"frame": "tic,smd"}, 2),
        ({"frame": "*", "direction": "in"}, 2),
        ({"frame": "tic", "direction": "out"}, 2),
        ({"frame": "tic", "direction": "in,out"}, 4),
        ({"frame": "tic", "number": 2}, 0),
        ({"frame": "tic", "text": "tic"}, 2),
        ({"frame": "tic", "direction": "out", "text_contains": '"alive":true'}, 2),
        ({"frame": "*", "direction": "out", "text_contains": "alive"}, 2),
        ({"stream": "*"}, 1),
        ({"stream": "closed"}, 0),
        ({"login": "*"}, 0),
        ({"frame": "tic", "state": "competing"}, 0),
        ({"frame": "tic", "to": "2026-03-02T14:30:01Z"}, 0),
        ({}, 1),
    ],
)
def test_they_are_counted(streaming, pattern, count):
    assert streaming.get("/requests/count", **pattern) == {"count": count, "lost": 0}


def test_a_part_of_what_a_frame_says(streaming):
    alive = {"frame": "*", "direction": "out", "text": {"has": {"topic": "tic", "alive": True}}}
    assert streaming.post("/requests/count", alive)["count"] == 2
    alive["text"]["has"]["alive"] = False
    assert streaming.post("/requests/count", alive)["count"] == 0


def test_a_message_is_waited_for(streaming):
    wait = Waiting(streaming, "/requests/wait", frame="smd", text_contains="265598", timeout="30s")
    streaming.websocket.say("smd+1+{}")
    streaming.websocket.say("smd+265598+{}")
    (record,) = wait.answer().json["records"]
    assert record["text"] == "smd+265598+{}"


def test_a_wait_in_vain_says_what_came(streaming):
    answer = streaming.call("GET", "/requests/wait", frame="smd", timeout="1ms")
    assert answer.status == 504
    assert answer.json["detail"].startswith('Wanted at least 1 time: {"frame":"smd"}\nFound 0.\nThe nearest that came:\n')
    assert "frame_in #1: tic\n     frame: wanted smd, was tic\n" in answer.json["detail"]


# ---- verify ----


@pytest.mark.parametrize(
    "body, passes",
    [
        ({"record": TIC}, True),
        ({"record": TIC, "times": 2}, True),
        ({"request": TIC, "times": 2}, True),
        ({"record": TIC, "times": {"at_most": 1}}, False),
        ({"record": {"frame": "smd"}, "times": 0}, True),
        ({"record": {"frame": "*", "direction": "out", "text": {"contains": '"competing":true'}}, "times": 0}, True),
        ({"record": OPENED, "times": 1}, True),
        ({"record": {"stream": "closed"}}, False),
    ],
)
def test_how_often(streaming, body, passes):
    assert verdict(streaming, body).status == (202 if passes else 406)


def test_in_an_order_with_requests(streaming, broker):
    broker(streaming).tickle()
    streaming.websocket.send(frame(CLOSE, close_payload(1000)))
    streaming.websocket.was_closed(1000)
    tickle, closed = {"endpoint": "tickle"}, {"stream": "closed", "text": {"contains": "code 1000"}}
    status = {"frame": "sts", "direction": "out"}
    streaming.get("/requests/wait", stream="closed")
    whole = {"records": [OPENED, status, TIC, TIC, tickle, closed]}
    assert verdict(streaming, whole, "/verifySequence").status == 202
    answer = verdict(streaming, {"records": [OPENED, tickle, TIC, closed]}, "/verifySequence")
    assert answer.status == 406
    assert answer.json["detail"].startswith("Wanted 4 records in this order, found the first 2:\n+ 1. ")
    assert "It came before that:\n" in answer.json["detail"] and "frame_in #1: tic" in answer.json["detail"]


def test_logins(process, broker):
    gateway = process.add(scenario="login_accounts", clock="manual")
    client = broker(gateway)
    log_in(client, username="trader", password="wrong")
    log_in(client, username="trader", password="open sesame")
    client.tickle()
    refused, passed = {"login": "login_refused"}, {"login": "login", "text": {"contains": "trader"}}
    assert verdict(gateway, {"record": refused, "times": {"at_most": 1}}).status == 202
    assert verdict(gateway, {"records": [refused, passed, {"endpoint": "tickle"}]}, "/verifySequence").status == 202
    answer = verdict(gateway, {"records": [passed, refused]}, "/verifySequence")
    assert answer.json["detail"].startswith("Wanted 2 logins in this order, found the first 1:\n")
    assert "wrong" not in answer.text and "sesame" not in answer.text
    gateway.delete()
    gateway.close()


@pytest.mark.parametrize(
    "path, body, message",
    [
        ("/verify", {"record": {"frame": "tci"}}, "tic"),
        ("/verify", {"record": {"frame": "sts"}, "times": 0}, '"direction": "out"'),
        ("/verify", {"record": {"stream": "close"}}, "closed"),
        ("/verify", {"record": {"login": "loggin"}}, "login"),
        ("/verify", {"record": {"frame": "tic", "status": 200}}, '"status" does not go with "frame"'),
        ("/verify", {"record": {}, "request": {}}, "in other words"),
        ("/verifySequence", {"records": [{"text": "x"}]}, "a request has none of these"),
        ("/requests/find", {"frame": "*", "direction": "up"}, 'found "up"'),
    ],
)
def test_what_makes_no_sense(gateway, path, body, message):
    said = gateway.problem(400, "POST", path, body)
    assert message in str(said), said
