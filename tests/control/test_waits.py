"""A wait is what a test has instead of a sleep: it must end when it should, for every reason there is, cost nothing
while it lasts, and leave nothing behind."""

import select

import pytest

from admin import Admin, Waiting
from mock import eventually

WAITS_MAX = 256


def waits(process):
    """How many calls wait now, and how many ever did."""
    numbers = dict(
        line.rsplit(" ", 1) for line in process.call("GET", "/metrics").text.splitlines() if not line.startswith("#")
    )
    return int(numbers["cpgw_control_waits"]), int(numbers["cpgw_control_waits_begun_total"])


@pytest.fixture
def wait(process):
    """Begins a wait and returns once it waits."""
    begun = []

    def one(admin, path, pairs=(), **query):
        before = waits(process)[1]
        begun.append(Waiting(admin, path, pairs, **query))
        eventually(lambda: waits(process)[1] > before)
        return begun[-1]

    yield one
    for waiting in begun:
        waiting.leave()
    eventually(lambda: waits(process)[0] == 0)


# ---- how waits end ----


def test_what_is_so_already_is_answered_at_once(process, gateway, broker):
    before = waits(process)[1]
    assert gateway.get("/state/wait", state="authenticated,logged_out")["state"] == "authenticated"
    broker(gateway).tickle()
    (request,) = gateway.get("/requests/wait", endpoint="tickle")["requests"]
    assert request["endpoint"] == "tickle"
    assert gateway.get("/journal/wait", kind="request")["records"] == [request]
    assert waits(process)[1] == before


def test_a_state_comes(gateway, wait):
    waiting = wait(gateway, "/state/wait", state="logged_out,brokerage_lost", timeout="60s")
    gateway.event("brokerage_reset")
    answer = waiting.answer()
    assert answer.status == 200
    assert answer.json["state"] == gateway.state


def test_a_state_given_twice_is_either(gateway, wait):
    query = [("state", "logged_out"), ("state", "brokerage_lost"), ("timeout", "60s")]
    waiting = wait(gateway, "/state/wait", query)
    gateway.event("brokerage_reset")
    assert waiting.answer().status == 200


def test_the_clock_brings_it(gateway, wait):
    """A timer's state, though nobody calls the gateway."""
    waiting = wait(gateway, "/state/wait", state="sso_expired", timeout="60s")
    gateway.advance("25h")
    assert waiting.answer().status == 200


def test_requests_come(gateway, wait, broker):
    client = broker(gateway)
    client.tickle()
    waiting = wait(gateway, "/requests/wait", endpoint="tickle", status=200, count=3, timeout="60s")
    client.ask("GET", "/v1/api/iserver/auth/status")
    client.tickle()
    assert not select.select([waiting.socket], [], [], 0)[0]
    client.tickle()
    answer = waiting.answer().json
    assert [request["endpoint"] for request in answer["requests"]] == ["tickle"] * 3


def test_only_what_comes_later_counts(gateway, wait, broker):
    client = broker(gateway)
    client.tickle()
    since = gateway.get("/requests")["next"]
    waiting = wait(gateway, "/requests/wait", endpoint="tickle", since=since, timeout="60s")
    client.tickle()
    (request,) = waiting.answer().json["requests"]
    assert request["id"] >= since


def test_a_record_of_a_kind_comes(gateway, wait):
    waiting = wait(gateway, "/journal/wait", kind="transition", timeout="60s")
    gateway.put("/settings", {"user_name": "somebody"})
    gateway.event("logout")
    (record,) = waiting.answer().json["records"]
    assert (record["kind"], record["name"]) == ("transition", "logout")


def test_time_runs_out_and_the_answer_says_what_came_instead(gateway, broker):
    broker(gateway).ask("GET", "/v1/api/tickle")
    said = gateway.problem(504, "GET", "/requests/wait", endpoint="tickle", method="POST", timeout="50ms")
    assert "Found 0" in said["detail"] and "GET /v1/api/tickle" in said["detail"]
    said = gateway.problem(504, "GET", "/state/wait", state="logged_out", timeout="0s")
    assert "logged_out" in said["detail"] and "found authenticated" in said["detail"]
    assert "record" in gateway.problem(504, "GET", "/journal/wait", kind="cue", timeout="1ms")["detail"]


def test_its_gateway_is_reset(gateway, wait):
    waiting = wait(gateway, "/requests/wait", endpoint="tickle", timeout="60s")
    gateway.post("/reset")
    assert waiting.answer().status == 409


def test_another_scenario_is_loaded(gateway, wait):
    waiting = wait(gateway, "/state/wait", state="logged_out", timeout="60s")
    gateway.put("/scenarios/current", {"scenario": "fresh"})
    assert waiting.answer().status == 409


def test_its_gateway_ends(process, wait):
    gateway = process.add()
    state = wait(gateway, "/state/wait", state="logged_out", timeout="60s")
    request = wait(gateway, "/requests/wait", endpoint="tickle", timeout="60s")
    gateway.delete()
    for waiting in (state, request):
        answer = waiting.answer()
        assert answer.status == 410
        assert "ended" in answer.json["detail"]
    gateway.close()


def test_its_client_leaves(process, gateway, wait):
    wait(gateway, "/requests/wait", endpoint="tickle", timeout="10m").leave()
    eventually(lambda: waits(process)[0] == 0)


def test_one_leaves_in_the_turn_in_which_it_would_be_answered(process, gateway, wait):
    """Both ends of a wait at once: nothing may be touched after it has gone."""
    for _ in range(20):
        waiting = [wait(gateway, "/state/wait", state="logged_out", timeout="60s") for _ in range(4)]
        for each in waiting[::2]:
            each.leave()
        gateway.event("logout")
        assert [each.answer().status for each in waiting[1::2]] == [200, 200]
        gateway.post("/reset")


def test_the_process_stops(serve):
    admin = serve()
    waiting = Waiting(admin, "/state/wait", state="logged_out", timeout="10m")
    eventually(lambda: waits(admin)[0] == 1)
    assert admin.call("POST", "/shutdown").status == 202
    assert waiting.answer().status == 503
    admin.mock.process.wait(10)
    assert admin.mock.process.returncode == 0


# ---- what they cost ----


def test_waiting_costs_no_time(serve):
    admin = serve(clock="real")
    waiting = [Waiting(admin, "/requests/wait", endpoint="tickle", timeout="10m") for _ in range(20)]
    eventually(lambda: waits(admin)[0] == 20)
    admin.close()
    used = admin.mock.cpu_seconds()
    assert not select.select([each.socket for each in waiting], [], [], 0.5)[0]
    assert admin.mock.cpu_seconds() - used < 0.1
    for each in waiting:
        each.leave()
    eventually(lambda: waits(admin)[0] == 0)


def test_too_many_are_refused_and_the_others_go_on(serve):
    admin = serve()
    waiting = [Waiting(admin, "/state/wait", state="logged_out", timeout="10m") for _ in range(WAITS_MAX)]
    eventually(lambda: waits(admin)[0] == WAITS_MAX)
    said = admin.problem(429, "GET", "/state/wait", state="logged_out", timeout="10m")
    assert str(WAITS_MAX) in said["detail"]
    waiting.pop().leave()
    eventually(lambda: waits(admin)[0] == WAITS_MAX - 1)
    waiting.append(Waiting(admin, "/state/wait", state="logged_out", timeout="10m"))
    eventually(lambda: waits(admin)[0] == WAITS_MAX)
    admin.event("logout")
    assert {each.answer().status for each in waiting} == {200}
    assert waits(admin)[0] == 0


def test_one_connection_waits_again_and_again(process, gateway):
    """Suspended and resumed on a connection that is kept."""
    with Admin(process.url, gateway.name) as waiter:
        for _ in range(50):
            waiter.problem(504, "GET", "/state/wait", state="logged_out", timeout="1ms")
            assert waiter.get("/state/wait", state="authenticated")["state"] == "authenticated"


# ---- what is no wait ----


@pytest.mark.parametrize(
    "path,query,place",
    [
        ("/state/wait", {}, "?state="),
        ("/state/wait", {"state": ","}, "?state="),
        ("/state/wait", {"state": "authentcated"}, 'nearest is "authenticated"'),
        ("/state/wait", {"state": "authenticated", "timeot": "1s"}, 'nearest is "timeout"'),
        ("/state/wait", {"state": "logged_out", "timeout": "soon"}, "soon"),
        ("/state/wait", {"state": "logged_out", "timeout": "11m"}, "600 s"),
        ("/state/wait", {"state": "logged_out", "timeout": "-1s"}, "-1s"),
        ("/requests/wait", {"endpoint": "tickle", "count": "0"}, "from 1"),
        ("/requests/wait", {"endpoint": "tickle", "count": "many"}, "many"),
        ("/requests/wait", {"endpoint": "tickel"}, "tickel"),
        ("/requests/wait", {"colour": "red"}, "colour"),
        ("/requests/wait", {"method": b"\xff"}, "UTF-8"),
        ("/journal/wait", {"kind": "tmer"}, 'nearest is "timer"'),
        ("/journal/wait", {"kind": ""}, "kind of record"),
        ("/state/wait", {"state": "logged_out", "timeout": "1ms,5m"}, '"1ms,5m"'),
        ("/requests/wait", {"endpoint": "tickle", "count": "+2"}, '"+2"'),
    ],
)
def test_a_query_that_means_nothing(gateway, path, query, place):
    answer = gateway.problem(400, "GET", path, **query)
    assert place in answer["detail"] + str(answer.get("errors"))


def test_a_state_that_is_passed_through_is_not_missed(process):
    """So much comes after it, in one jump, that the journal has forgotten it when the jump is over."""
    gateway = process.add(
        clock="manual",
        journal_size=256,
        scenario={
            "name": "passing",
            "title": "through one state, then round and round",
            "extends": "authenticated",
            "timeline": [{"at": "1s", "enter": "competing"}, {"at": "2s", "enter": "logged_out"}],
            "timers": {
                "in": {"while": ["logged_out"], "after": "1s", "event": "login"},
                "out": {"while": ["sso_only", "authenticated"], "after": "1s", "event": "logout"},
            },
        },
    )
    waiting = Waiting(gateway, "/state/wait", state="competing", timeout="20s")
    eventually(lambda: "\ncpgw_control_waits 1\n" in process.call("GET", "/metrics").text)
    assert gateway.advance("2h")["fired_lost"] > 1000
    assert waiting.answer().status == 200
    assert all("competing" not in record["after"] for record in gateway.get("/journal")["records"])
    gateway.delete()
    gateway.close()
