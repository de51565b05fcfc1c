"""Faults that say when an answer comes: to the millisecond of the gateway's clock, and with drawn times as `plan` foresees
them."""

import json
import subprocess

import pytest
from client import TICKLE, Client, post
from mock import BINARY, eventually
from test_faults import advance, call, is_held, sound


@pytest.fixture
def waiting(start, tmp_path):
    """A mock on a clock that stands still, whose tickle has one fault, and how long that will make the first calls wait."""

    def begin(fault, requests):
        scenario = {"name": "waiting", "title": "of a test", "extends": "authenticated"}
        file = tmp_path / "waiting.json"
        file.write_text(json.dumps({**scenario, "faults": {"late": {"on": "tickle", **fault}}}))
        command = [BINARY, "plan", "--scenario", file, "--seed", "5", "--requests", str(requests), "--format", "json"]
        foreseen = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        mock = start(str(file), "--clock", "manual", "--seed", "5")
        return mock, [milliseconds(row["delay"]) for row in json.loads(foreseen)]

    return begin


def milliseconds(duration):
    """"1m2s3ms" as 62003."""
    units = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000}
    total, number = 0, ""
    for part in duration.replace("ms", "M"):
        if part.isdigit():
            number += part
        else:
            total += int(number) * units["ms" if part == "M" else part]
            number = ""
    return total


def comes_after(mock, client, nth, wait_ms):
    """The nth answer: not a millisecond earlier, and then it is whole."""
    client.send(post(TICKLE))
    eventually(lambda: call(mock, "GET", "/faults")["faults"][0]["acted"] == nth)
    advance(mock, f"{wait_ms - 1}ms")
    is_held(mock, client)
    advance(mock, "1ms")
    answer = client.answer()
    assert answer.status == 200
    return answer


@pytest.mark.parametrize(
    "fault",
    [
        {"uniform": {"lower": "2s", "upper": "9s"}},
        {"lognormal": {"median": "3s", "sigma": 0.7}},
        {"upstream_creep": {"from": "1s", "step": "2500ms", "to": "5s"}},
    ],
    ids=lambda fault: next(iter(fault)),
)
def test_it_comes_when_it_was_foreseen(waiting, fault):
    mock, foreseen = waiting(fault, 3)
    if "upstream_creep" in fault:
        assert foreseen == [1000, 3500, 5000]
    else:
        assert len(set(foreseen)) == 3
    client = Client(mock.port)
    bodies = [comes_after(mock, client, nth, wait_ms).body for nth, wait_ms in enumerate(foreseen, 1)]
    assert all(b'"authenticated":true' in body for body in bodies)
    client.close()


def test_another_status_from_the_upstream(start, connect):
    fault = {"status": 530, "reason": "Out Of Order", "body": {"later": True}, "content_type": "text/x", "after": "2s"}
    faults = {"down": {"on": "tickle", "calls": 1, "upstream_status": fault}}
    mock = start({"extends": "authenticated", "faults": faults}, "--clock", "manual")
    client = connect(mock)
    client.send(post(TICKLE) + post(TICKLE))
    eventually(lambda: call(mock, "GET", "/faults")["faults"][0]["acted"] == 1)
    advance(mock, "1999ms")
    is_held(mock, client)
    advance(mock, "1ms")
    head = b"HTTP/1.1 530 Out Of Order\r\nContent-Type: text/x\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert client.answer().raw == head + b'e\r\n{"later":true}\r\n0\r\n\r\n'
    assert client.answer().body == sound(mock).body
