"""Time is the tester's: it goes on only when he says so, an answer comes only when all that was due has happened, and
how far he goes at once makes no difference."""

import datetime
import random

import pytest

from admin import Sending
from mock import eventually

START = "2026-03-02T14:30:00.000Z"


def fired(answer, *kinds):
    return [
        (each["time"], each["kind"], each["name"], each["from"], each["to"], each["why"])
        for each in answer["fired"]
        if each["kind"] in (kinds or ("timer", "transition", "cue", "expectation"))
    ]


def test_an_advance_says_when_what_from_to_and_why(gateway):
    answer = gateway.advance("5m30s")
    assert fired(answer) == [
        ("2026-03-02T14:35:00.000Z", "timer", "gateway_ping", "authenticated", "authenticated", "timer gateway_ping"),
        ("2026-03-02T14:35:30.000Z", "timer", "idle", "authenticated", "authenticated", "timer idle"),
        ("2026-03-02T14:35:30.000Z", "transition", "idle", "authenticated", "brokerage_lost", "timer idle"),
    ]
    assert answer["clock"] == {"mode": "manual", "scale": 1, "now": "2026-03-02T14:35:30.000Z"}
    assert answer["fired_left_out"] == 0
    ids = [each["id"] for each in answer["fired"]]
    assert ids == sorted(ids)
    assert gateway.get(f"/requests/{ids[-1]}")["kind"] == "transition"
    assert gateway.state == "brokerage_lost"


def test_a_broken_expectation_is_part_of_it(gateway, broker):
    broker(gateway).tickle()
    answer = gateway.advance("5m30s")
    (broken,) = fired(answer, "expectation")
    assert broken[2] == "tickles_in_time" and "5m30s" in broken[5]


def test_to_the_next_thing_and_the_next(gateway):
    seen = []
    for _ in range(6):
        due = gateway.get("/clock")["next"]
        answer = gateway.post("/clock/advance-to-next")
        assert answer["clock"]["now"] == due
        seen += [each["time"] for each in answer["fired"]]
        assert seen[-1] == due
    assert seen == sorted(seen)


def test_nothing_to_go_to(process):
    gateway = process.add(scenario="fresh", clock="manual")
    assert gateway.get("/clock")["next"] is None
    assert "no next" in gateway.problem(409, "POST", "/clock/advance-to-next")["detail"]
    gateway.delete()
    gateway.close()


def test_a_held_answer_is_something_to_go_to(process, broker):
    """What the gateway holds back leaves when its clock says so: the client has it once the advance is answered."""
    gateway = process.add(clock="manual", scenario="upstream_sick")
    client = broker(gateway)
    client.begin("GET", "/v1/api/tickle")
    (request,) = gateway.get("/requests/wait", endpoint="tickle")["requests"]
    assert request["delay_ms"] > 1
    gateway.advance(f"{request['delay_ms'] - 1}ms")
    due = gateway.get("/clock")["next"]
    answer = gateway.post("/clock/advance-to-next")
    assert answer["clock"]["now"] == due
    assert client.end().status == request["status"]
    (left,) = [each for each in answer["fired"] if each["kind"] == "answer"]
    assert (left["time"], left["name"]) == (due, "tickle")
    assert left["why"].startswith(f"to request {request['id']}, held for ")
    gateway.delete()
    gateway.close()


def test_an_answer_leaves_in_its_place_among_what_fires(process, broker):
    """However far one goes at once: at its own instant, between the timers before and after it."""
    gateway = process.add(clock="manual")
    gateway.post("/faults", {"slow": {"on": "tickle", "fixed": "7m"}})
    client = broker(gateway)
    client.begin("POST", "/v1/api/tickle", b"")
    (request,) = gateway.get("/requests/wait", endpoint="tickle")["requests"]
    answer = gateway.advance("1h")
    assert client.end().status == 200
    times = [each["time"] for each in answer["fired"]]
    assert times == sorted(times)
    (left,) = [each for each in answer["fired"] if each["kind"] == "answer"]
    assert left["time"] == "2026-03-02T14:37:00.000Z"
    assert left["why"] == f"to request {request['id']}, held for 7m"
    assert gateway.get("/journal", kind="answer")["records"][0]["id"] == left["id"]
    gateway.delete()
    gateway.close()


def test_an_answer_that_nobody_waits_for_any_more_does_not_leave(process, broker):
    gateway = process.add(clock="manual")
    gateway.post("/faults", {"slow": {"on": "tickle", "fixed": "7m"}})
    client = broker(gateway)
    client.begin("POST", "/v1/api/tickle", b"")
    gateway.get("/requests/wait", endpoint="tickle")
    client.close()
    gateway.get("/journal/wait", kind="connection")
    assert [each for each in gateway.advance("1h")["fired"] if each["kind"] == "answer"] == []
    gateway.delete()
    gateway.close()


def test_an_answer_in_steps_leaves_with_its_last_byte(process, broker):
    gateway = process.add(clock="manual")
    gateway.post("/faults", {"drip": {"on": "tickle", "chunked_dribble": {"total_duration": "3m", "number_of_chunks": 4}}})
    client = broker(gateway)
    client.begin("POST", "/v1/api/tickle", b"")
    gateway.get("/requests/wait", endpoint="tickle")
    assert [each for each in gateway.advance("2m59s")["fired"] if each["kind"] == "answer"] == []
    (left,) = [each for each in gateway.advance("1s")["fired"] if each["kind"] == "answer"]
    assert left["time"] == "2026-03-02T14:33:00.000Z"
    assert client.end().status == 200
    gateway.delete()
    gateway.close()


def test_set_goes_forward_only(gateway):
    assert gateway.post("/clock/set", {"to": "2026-03-03T06:00:00Z"})["clock"]["now"] == "2026-03-03T06:00:00.000Z"
    said = gateway.problem(409, "POST", "/clock/set", {"to": "2026-03-03T05:59:59.999Z"})
    assert "backwards" in said["detail"]
    assert gateway.post("/clock/set", {"to": "2026-03-03T06:00:00Z"})["fired"] == []
    gateway.problem(409, "POST", "/clock/set", {"to": "2046-03-03T06:00:00Z"})
    assert gateway.get("/clock")["clock"]["now"] == "2026-03-03T06:00:00.000Z"


def test_an_instant_as_python_writes_it(gateway):
    now = datetime.datetime(2028, 2, 29, 12, 0, 0, 123456, datetime.timezone.utc)
    assert gateway.post("/clock/set", {"to": now.isoformat()})["clock"]["now"] == "2028-02-29T12:00:00.123Z"


@pytest.mark.parametrize(
    "path,body",
    [
        ("/clock/set", {"to": "tomorrow"}),
        ("/clock/set", {"to": 5}),
        ("/clock/set", {}),
        ("/clock/advance", {"by": "11y"}),
        ("/clock/advance", {"by": "5"}),
        ("/clock/advance", {"by": ""}),
        ("/clock/advance", {"by": "99999d"}),
        ("/clock/advance", {"by": "30m1h"}),
        ("/clock/set", {"to": "2027-02-29T00:00:00Z"}),
        ("/clock/set", {"to": "2026-03-03T00:00:00"}),
        ("/clock/scale", {"scale": 0}),
        ("/clock/scale", {"scale": -1}),
        ("/clock/scale", {"scale": 0.5}),
        ("/clock/scale", {"scale": 100001}),
        ("/clock/scale", {"scale": "60"}),
    ],
)
def test_what_no_clock_does(gateway, path, body):
    assert gateway.problem(400, "POST", path, body)["errors"]
    assert gateway.get("/clock")["clock"] == {"mode": "manual", "scale": 1, "now": START}


def test_freeze_scale_resume(process):
    gateway = process.add(clock="scaled:1000")
    clock = gateway.post("/clock/freeze")["clock"]
    assert clock["mode"] == "manual"
    assert gateway.get("/clock")["clock"] == clock
    gateway.post("/clock/scale", {"scale": 100000})
    assert gateway.get("/clock")["clock"]["mode"] == "scaled"
    eventually(lambda: gateway.get("/clock")["clock"]["now"] > clock["now"])
    assert gateway.post("/clock/resume")["clock"]["scale"] == 1000
    gateway.put("/scenarios/current", {"clock": "manual"})
    assert gateway.post("/clock/resume")["clock"]["mode"] == "real"
    gateway.delete()
    gateway.close()


def test_every_move_is_in_the_journal(gateway):
    gateway.advance("1s")
    gateway.post("/clock/set", {"to": "2026-03-02T14:31:00Z"})
    gateway.post("/clock/scale", {"scale": 5})
    gateway.post("/clock/freeze")
    gateway.post("/clock/resume")
    records = gateway.get("/journal", kind="clock")["records"]
    assert [record["name"] for record in records] == ["advance", "set", "scale", "freeze", "resume"]
    assert records[0]["text"] == "by 1s, to 2026-03-02T14:30:01.000Z"


def test_a_long_way_at_once_says_what_it_leaves_out(process):
    gateway = process.add(clock="manual", journal_size=4096)
    answer = gateway.advance("30d")
    assert len(answer["fired"]) == 1000
    assert answer["fired_left_out"] > 1000
    assert answer["fired"][-1]["id"] > answer["fired"][0]["id"]
    assert answer["fired"][-1]["time"] > "2026-04-01T00:00", "the last, not the first"
    assert answer["fired_lost"] > 0, "more than the journal keeps"
    gateway.delete()
    gateway.close()


# ---- one jump is many steps ----

SCENARIOS = ["authenticated", "fresh", "sso_only", "brokerage_lost", "competing", "logged_out"]
EVENTS = ["login", "logout", "brokerage_reset", "competing_login", "competing_end", "nightly_reset", "sso_expire"]
CALLS = [
    ("POST", "/v1/api/tickle"),
    ("GET", "/v1/api/sso/validate"),
    ("POST", "/v1/api/iserver/reauthenticate"),
    ("POST", "/v1/api/iserver/auth/status"),
    ("POST", "/v1/api/logout"),
]
GAPS_MS = [1, 999, 1000, 7_000, 59_000, 60_000, 330_000, 600_000, 3_600_000, 40_000_000]


def write_story(seed):
    """What happens, and how long nothing does before it."""
    chance = random.Random(seed)
    story = []
    for _ in range(8):
        what = chance.choice([("event", chance.choice(EVENTS)), ("call", chance.choice(CALLS)), ("nothing", None)])
        story.append((chance.choice(GAPS_MS), what))
    return story


def happen(gateway, broker, what):
    kind, which = what
    if kind == "event":
        gateway.event(which)
    elif kind == "call":
        broker.ask(*which, b"" if which[0] == "POST" else None)


def in_one(gateway, gap_ms, _):
    gateway.advance(f"{gap_ms}ms")


def in_pieces(gateway, gap_ms, chance):
    """Up to an instant, in steps of any size, some of them from one thing that happens to the next."""
    left = gap_ms
    while left > 0:
        step = min(left, chance.choice([1, 500, 30_000, 330_000, 5_000_000, left]))
        gateway.advance(f"{step}ms")
        left -= step


def outcome(gateway):
    """All that there is to see, but for the moves of the clock and the machine's own time."""
    records = []
    since = 1
    while True:
        answer = gateway.get("/journal", since=since)
        records += [
            {key: value for key, value in record.items() if key not in ("id", "wall_time", "headers")}
            for record in answer["records"]
            if record["kind"] != "clock"
        ]
        since = answer["next"]
        if not answer["left_out"]:
            return gateway.get("/state"), gateway.get("/settings"), gateway.get("/expectations"), records


@pytest.mark.parametrize("seed", range(12))
def test_one_jump_is_many_steps(process, broker, seed):
    scenario = SCENARIOS[seed % len(SCENARIOS)]
    outcomes = []
    for move in (in_one, in_pieces):
        chance = random.Random(seed)
        gateway = process.add(scenario=scenario, seed=seed, clock="manual")
        client = broker(gateway)
        for gap_ms, what in write_story(seed):
            move(gateway, gap_ms, chance)
            happen(gateway, client, what)
        outcomes.append(outcome(gateway))
        gateway.delete()
        gateway.close()
    for one, many in zip(*outcomes, strict=True):
        if isinstance(one, dict) and "expectations" in one:
            for expectation in one["expectations"] + many["expectations"]:
                for violation in expectation["violations"]:
                    del violation["record"]  # moves of the clock are numbered too
        assert one == many


# ---- a way on which much happens ----

BUSY = {
    "name": "busy",
    "title": "a timer as fast as one may be",
    "extends": "authenticated",
    "timers": {"fast": {"while": ["upstream_up"], "every": "100ms", "event": "gateway_ping"}},
}


def test_a_way_on_which_much_happens_is_gone_to_its_end(process):
    gateway = process.add(clock="manual", scenario=BUSY)
    answer = gateway.advance("3h")
    assert answer["clock"]["now"] == "2026-03-02T17:30:00.000Z"
    counted = len(answer["fired"]) + answer["fired_left_out"] + answer["fired_lost"]
    assert counted > 3 * 36000
    assert gateway.get("/journal", kind="clock")["count"] == 1
    gateway.delete()
    gateway.close()


def test_others_have_their_turn_while_a_clock_moves_far(process):
    """It would take minutes: nobody else waits for that, and it stops where it is when its client leaves."""
    gateway = process.add(clock="manual", scenario=BUSY)
    mover = Sending(gateway, "/clock/advance", {"by": "3000d"})
    eventually(lambda: gateway.get("/clock")["clock"]["now"] > START)
    assert process.get("/clock")["clock"]["now"]
    said = gateway.problem(409, "POST", "/clock/advance", {"by": "1s"})
    assert "on its way to 2034-" in said["detail"]
    for change in ("/clock/freeze", "/clock/resume", "/clock/advance-to-next"):
        assert gateway.problem(409, "POST", change)["detail"] == said["detail"]
    mover.leave()

    def stands():
        answer = gateway.call("POST", "/clock/advance", {"by": "1s"})
        return answer.json if answer.status == 200 else None

    now = eventually(stands)["clock"]["now"]
    assert START < now < "2034"
    assert gateway.get("/clock")["clock"]["now"] == now
    gateway.delete()
    gateway.close()


def test_a_reset_ends_a_move(process):
    gateway = process.add(clock="manual", scenario=BUSY)
    mover = Sending(gateway, "/clock/advance", {"by": "3000d"})
    eventually(lambda: gateway.get("/clock")["clock"]["now"] > START)
    gateway.post("/reset")
    assert mover.answer().status == 409
    assert gateway.advance("1s")["clock"]["now"] == "2026-03-02T14:30:01.000Z"
    gateway.delete()
    gateway.close()
