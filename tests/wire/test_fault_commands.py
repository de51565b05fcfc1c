"""The commands about faults: what is foreseen happens, and what goes wrong can be changed from a shell."""

import json
import subprocess

import pytest

from client import TICKLE, Client, post
from mock import BINARY, eventually

FINE, USAGE = 0, 2
SEED = "42"
STORY = {
    "extends": "authenticated",
    "faults": {
        "chance": {"on": "tickle", "probability": 0.4, "status": 500},
        "slow": {"on": "tickle", "every": 5, "uniform": {"lower": "1s", "upper": "9s"}},
        "once": {"on": "accounts", "once": True, "calls": "2..", "empty_body": True},
    },
}


def run(*arguments):
    return subprocess.run([BINARY, *arguments], capture_output=True, text=True)


def plan(*arguments):
    result = run("plan", "--format", "json", *arguments)
    assert (result.returncode, result.stderr) == (FINE, "")
    return json.loads(result.stdout)


@pytest.fixture
def story(tmp_path):
    file = tmp_path / "story.json"
    file.write_text(json.dumps({"name": "story", "title": "of a test", **STORY}))
    return str(file)


def test_what_is_planned_happens(start, story):
    rows = plan("--scenario", story, "--seed", SEED, "--requests", "20", "--endpoint", "tickle")
    assert [row["call"] for row in rows] == [str(call) for call in range(1, 21)] * 2
    foreseen = [500 if row["outcome"] == "acts" else 200 for row in rows if row["fault"] == "chance"]
    mock = start(story, "--seed", SEED, "--clock", "scaled:100000")
    client = Client(mock.port)
    assert [client.ask(post(TICKLE)).status for _ in range(20)] == foreseen
    client.close()
    for row in rows:
        if row["fault"] == "chance":
            sign = "<" if row["outcome"] == "acts" else ">="
            said = f"draw {row['draw']} {sign} {row['threshold']}"
            eventually(lambda said=said: said in mock.log())
    delays = [row["delay"] for row in rows if row["fault"] == "slow"]
    assert [delay != "" for delay in delays] == [call % 5 == 0 for call in range(1, 21)]


def test_a_plan_has_all_faults_or_those_of_an_endpoint(story):
    assert {row["fault"] for row in plan("--scenario", story)} == {"chance", "slow", "once"}
    rows = plan("--scenario", story, "--endpoint", "accounts", "--requests", "5")
    assert [row["outcome"] for row in rows] == ["passes", "acts", "passes", "passes", "passes"]
    text = run("plan", "--scenario", story, "--endpoint", "accounts", "--requests", "2").stdout.splitlines()
    assert text[0].split() == ["FAULT", "KIND", "MOMENT", "CALL", "DRAW", "THRESHOLD", "DELAY", "OUTCOME"]
    assert text[1].split() == ["once", "empty_body", "call", "1", "passes"]


def test_a_plan_says_which_hides_which_and_so_it_happens(start, tmp_path):
    faults = {
        "first": {"on": "tickle", "every": 3, "status": 501},
        "second": {"on": "tickle", "calls": "2..", "once": True, "status": 502},
        "third": {"on": ["tickle", "accounts"], "probability": 0.6, "status": 503},
        "late": {"on": "tickle", "upstream_creep": {"from": "1s", "step": "2s", "to": "4s"}, "every": 2},
    }
    file = tmp_path / "story.json"
    file.write_text(json.dumps({"name": "story", "title": "of a test", "extends": "authenticated", "faults": faults}))
    rows = plan("--scenario", str(file), "--requests", "12", "--endpoint", "tickle")
    by_call = [[row for row in rows if row["call"] == str(call)] for call in range(1, 13)]
    mock = start(str(file), "--clock", "scaled:100000")
    client = Client(mock.port)
    for said in by_call:
        acting = {row["fault"] for row in said if row["outcome"] == "acts"}
        wanted = {"first": 501, "second": 502, "third": 503}
        assert client.ask(post(TICKLE)).status == next((wanted[name] for name in wanted if name in acting), 200)
    client.close()
    assert {row["outcome"] for row in rows} == {"acts", "passes", "hidden by first", "hidden by second"}
    for row in rows:
        if row["outcome"].startswith("hidden"):
            said = f"tickle status: {row['outcome']}"
            eventually(lambda said=said: said in mock.log())
    delays = [row["delay"] for row in rows if row["fault"] == "late"]
    assert delays == ["", "1s", "", "3s"] + ["", "4s"] * 4


def test_a_plan_hides_nothing_that_may_have_another_time(tmp_path):
    file = tmp_path / "story.json"
    faults = {"a": {"on": "*", "between": "0s..1m", "status": 501}, "b": {"on": "*", "between": "1m..", "status": 502}}
    file.write_text(json.dumps({"name": "story", "title": "of a test", "extends": "authenticated", "faults": faults}))
    assert {row["outcome"] for row in plan("--scenario", str(file))} == {"acts"}


def test_another_seed_is_another_plan(story):
    def draws(seed):
        return [row["draw"] for row in plan("--scenario", story, "--seed", seed) if row["fault"] == "chance"]

    assert draws("1") == draws("1") != draws("2")


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--endpoint", "tikle"], 'the scenario has no endpoint "tikle"; did you mean "tickle"?'),
        (["--requests", "0"], '--requests is "0"; wanted a whole number from 1 to 10000'),
    ],
)
def test_a_plan_that_is_not_good(story, arguments, message):
    result = run("plan", "--scenario", story, *arguments)
    assert (result.returncode, result.stdout) == (USAGE, "")
    assert result.stderr.splitlines()[0] == f"cpgw-mock: {message}"


def test_faults_are_shown_added_and_taken_away(start):
    mock = start("authenticated", "--clock", "manual")

    def fault(*arguments):
        result = run("fault", *arguments, "--admin-url", mock.admin_url)
        assert (result.returncode, result.stderr) == (FINE, "")
        return [line.split() for line in result.stdout.splitlines()]

    head = ["NAME", "KIND", "FROM", "IN", "FORCE", "CALLS", "ACTED"]
    assert fault() == fault("list") == [head]
    added = fault("add", json.dumps({"gone": {"on": "tickle", "status": 410}, "late": {"on": "accounts", "fixed": "1s"}}))
    rows = [["gone", "status", "control", "yes", "0", "0"], ["late", "fixed", "control", "yes", "0", "0"]]
    assert added == [head, *rows]
    client = Client(mock.port)
    assert client.ask(post(TICKLE)).status == 410
    assert fault("remove", "gone") == []
    assert client.ask(post(TICKLE)).status == 200
    assert [row[0] for row in fault("list")] == ["NAME", "late"]
    assert fault("clear") == []
    assert fault("list") == [head]
    client.close()


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["lst"], 'fault knows no "lst"; wanted list, add, remove or clear; did you mean "list"?'),
        (["add"], "fault add wants JSON, found nothing more"),
        (["clear", "all"], 'fault clear wants nothing more, found "all"'),
        (["remove", "nobody"], 'there is no fault "nobody"'),
        (["add", '{"a": {"on": "tickle", "fxied": "1s"}}'], 'a fault has no "fxied"; did you mean "fixed"?'),
    ],
)
def test_what_cannot_be_done_is_said(start_shared, arguments, message):
    mock = start_shared("authenticated", "--clock", "manual")
    result = run("fault", *arguments, "--admin-url", mock.admin_url)
    assert (result.returncode, result.stdout) == (USAGE, "")
    assert result.stderr.splitlines()[0] == f"cpgw-mock: {message}"
