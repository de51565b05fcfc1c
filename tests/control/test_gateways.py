"""A gateway per test: made and ended quickly, in any number up to a bound, and nothing of one is ever seen in
another."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from admin import Admin, Broker, trusting
from mock import SANITIZED, eventually

GATEWAYS_MAX = 1024


# ---- one ----


def test_it_is_as_it_was_asked_for(process, broker):
    setup = {"scenario": "sso_only", "seed": 7, "clock": "manual", "start": "2026-07-01T00:00:00Z"}
    with process.add(name="as-asked.1", **setup) as gateway:
        said = gateway.said
        assert said["name"] == "as-asked.1"
        assert said["url"] == f"https://localhost:{said['port']}"
        assert said["admin_path"] == "/__admin/gateways/as-asked.1"
        assert (said["scenario"], said["seed"]) == ("sso_only", 7)
        assert said["clock"] == {"mode": "manual", "scale": 1, "now": "2026-07-01T00:00:00.000Z"}
        assert gateway.get("") == said
        assert said in process.get("/gateways")["gateways"]
        assert gateway.state == "sso_only"
        assert broker(gateway).ask("GET", "/v1/api/sso/validate").status == 200
        assert gateway.delete() is None
        process.problem(404, "GET", "/gateways/as-asked.1")
        with pytest.raises(OSError):
            Broker(said["port"], trusting(process.mock.ca_file)).tickle()


def test_its_place_is_told(process):
    answer = process.call("POST", "/gateways", {"name": "placed"})
    assert (answer.status, answer.headers["Location"]) == (201, "/__admin/gateways/placed")
    process.call("DELETE", "/gateways/placed")


def test_without_a_body_it_is_as_the_first(process):
    said = process.post("/gateways")
    first = process.get("/gateways")["gateways"][0]
    assert first["name"] == "default"
    assert said["name"] not in ("", "default")
    for member in ("scenario", "seed", "clock"):
        assert said[member] == first[member]
    process.call("DELETE", f"/gateways/{said['name']}")


def test_the_first_has_two_names_and_no_end(process):
    assert process.get("/gateways/default") == process.get("/gateways")["gateways"][0]
    assert process.of("default").get("/clock") == process.get("/clock")
    assert "shutdown" in process.problem(409, "DELETE", "/gateways/default")["detail"]


def test_a_name_is_had_once(process):
    process.post("/gateways", {"name": "once"})
    assert "once" in process.problem(409, "POST", "/gateways", {"name": "once"})["detail"]
    process.call("DELETE", "/gateways/once")
    process.post("/gateways", {"name": "once"})
    process.call("DELETE", "/gateways/once")
    process.problem(404, "DELETE", "/gateways/once")


@pytest.mark.parametrize(
    "setup,status,message",
    [
        ({"scenario": "fersh"}, 404, "fresh"),
        ({"fixtures": "2027"}, 404, "fixture pack"),
        ({"scenario": 5}, 400, "scenario"),
        ({"seed": -1}, 400, "seed"),
        ({"seed": 1.5}, 400, "seed"),
        ({"seed": 1e300}, 400, "exponent"),
        ({"clock": "fast"}, 400, "fast"),
        ({"start": "yesterday"}, 400, "yesterday"),
        ({"nmae": "x"}, 400, "name"),
        ({"port": 5000}, 400, "port"),
        ({"name": 5}, 400, "name"),
    ],
)
def test_what_cannot_be(process, setup, status, message):
    before = len(process.get("/gateways")["gateways"])
    assert message in str(process.problem(status, "POST", "/gateways", setup))
    assert len(process.get("/gateways")["gateways"]) == before


def test_a_scenario_of_its_own_has_its_mistakes_at_their_place_in_the_body(process):
    body = (
        b'{ "seed": 7,\n'
        b'  "scenario": { "name": "x", // ] }\n'
        b'    "title": "}\\"", "extends": "gateway",\n'
        b'    "inital": [] } , "name": "own"}'
    )
    (error,) = process.problem(400, "POST", "/gateways", body)["errors"]
    assert (error["line"], error["column"], error["nearest"]) == (4, 5, "initial")
    said = process.post("/gateways", body.replace(b'"inital": []', b'"initial": ["logged_out"]'))
    with process.of("own") as gateway:
        assert (said["scenario"], said["seed"], gateway.state) == ("x", 7, "logged_out")
        gateway.event("login")
        assert gateway.post("/reset")["name"] == "x"
        assert gateway.state == "logged_out"
        gateway.delete()


# ---- their scenarios ----


def test_scenarios_are_listed_loaded_and_begun_again(gateway, broker):
    listed = gateway.get("/scenarios")
    assert {"fresh", "authenticated", "competing"} <= set(listed["scenarios"])
    assert "2026" in listed["fixtures"]
    assert listed["current"] == gateway.get("/scenarios/current")
    port = gateway.port
    broker(gateway).tickle()
    assert gateway.put("/scenarios/current", {"scenario": "competing", "seed": 9})["seed"] == 9
    assert gateway.state.startswith("competing")
    assert gateway.requests() == [] and gateway.get("")["port"] == port
    gateway.event("logout")
    assert gateway.post("/scenarios/reset")["name"] == "competing"
    assert gateway.state.startswith("competing")
    assert gateway.post("/reset")["name"] == "authenticated"
    assert gateway.state == "authenticated"
    assert broker(gateway).tickle().status == 200


def test_every_scenario_can_be_loaded(gateway):
    for name in gateway.get("/scenarios")["scenarios"]:
        assert gateway.put("/scenarios/current", {"scenario": name})["name"] == name


def test_what_cannot_be_loaded_changes_nothing(gateway, broker):
    broker(gateway).tickle()
    gateway.problem(404, "PUT", "/scenarios/current", {"scenario": "fersh"})
    gateway.problem(400, "PUT", "/scenarios/current", {"scenario": {"name": "x", "title": "x", "regions": 5}})
    gateway.problem(400, "PUT", "/scenarios/current", {"scenaro": "fresh"})
    gateway.problem(400, "PUT", "/scenarios/current", {"name": "x"})
    assert gateway.get("/scenarios/current")["name"] == "authenticated"
    assert len(gateway.requests()) == 1


def test_records_are_never_numbered_twice(gateway, broker):
    """Who asks on from an id never takes a record after a reset for one that he has seen."""
    broker(gateway).tickle()
    following = gateway.get("/journal")["next"]
    gateway.post("/reset")
    broker(gateway).tickle()
    assert all(record["id"] >= following for record in gateway.get("/journal")["records"])
    assert len(gateway.requests(since=following)) == 1


# ---- side by side ----


def test_nothing_of_one_is_seen_in_another(process, broker):
    one, other = process.add(clock="manual"), process.add(clock="manual")
    before = other.get("/state"), other.get("/settings"), other.get("/clock"), other.get("/journal")
    broker(one).tickle()
    one.put("/settings", {"user_name": "somebody else"})
    one.advance("3h")
    one.event("logout")
    one.put("/scenarios/current", {"scenario": "competing"})
    one.post("/reset")
    assert (other.get("/state"), other.get("/settings"), other.get("/clock"), other.get("/journal")) == before
    one.delete()
    assert other.state == before[0]["state"]
    other.delete()
    one.close()
    other.close()


SCENARIOS = ["authenticated", "fresh", "sso_only", "logged_out", "brokerage_lost", "competing"]


def story(process, context, number):
    """One test among many: its gateway must show what it alone has done to it."""
    scenario = SCENARIOS[number % len(SCENARIOS)]
    with Admin(process.url) as admin:
        gateway = admin.add(name=f"story-{number}", scenario=scenario, seed=number, clock="manual")
        client = Broker(gateway.port, context)
        tickles = 1 + number % 3
        for _ in range(tickles):
            client.tickle()
        gateway.put("/settings", {"user_name": f"user-{number}"})
        gateway.advance(f"{number + 1}s")
        assert gateway.get("/settings")["user_name"] == f"user-{number}"
        assert [request["endpoint"] for request in gateway.requests()] == ["tickle"] * tickles
        assert gateway.get("/scenarios/current")["name"] == scenario
        assert gateway.call("POST", "/verify", {"request": {"endpoint": "tickle"}, "times": tickles}).status == 202
        records = gateway.get("/journal")["records"]
        assert [record["id"] for record in records] == list(range(1, len(records) + 1))
        (clock,) = [record for record in records if record["kind"] == "clock"]
        assert clock["text"].startswith(f"by {(number + 1) // 60}m" if number + 1 >= 60 else f"by {number + 1}s")
        client.close()
        gateway.delete()
        gateway.close()
        return gateway.port


def test_two_hundred_tests_in_parallel(serve):
    process = serve()
    context = trusting(process.mock.ca_file)
    with ThreadPoolExecutor(50) as pool:
        list(pool.map(lambda number: story(process, context, number), range(200)))
    assert [gateway["name"] for gateway in process.get("/gateways")["gateways"]] == ["default"]
    assert process.get("/journal")["records"] == []


def test_whoever_has_an_answer_finds_its_record(process):
    """From many threads at once, on one gateway."""
    gateway = process.add(clock="manual")
    context = trusting(process.mock.ca_file)
    missing = []

    def client(number):
        with gateway.of(gateway.name) as admin:
            broker = Broker(gateway.port, context)
            for call in range(10):
                target = f"/v1/api/tickle?who={number}&call={call}"
                broker.ask("GET", target)
                if admin.get("/requests/count", url=target)["count"] != 1:
                    missing.append(target)
            broker.close()

    threads = [threading.Thread(target=client, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert missing == []
    assert gateway.get("/requests/count")["count"] == 200
    gateway.delete()
    gateway.close()


# ---- many ----


def test_no_more_than_fit(serve):
    """Up to the bound, one after the other; the next is told so; then each costs the server less than a millisecond."""
    process = serve()
    before = process.mock.cpu_seconds()
    names = [process.post("/gateways", {})["name"] for _ in range(GATEWAYS_MAX - 1)]
    used = process.mock.cpu_seconds() - before
    assert len(set(names)) == GATEWAYS_MAX - 1
    assert str(GATEWAYS_MAX) in process.problem(507, "POST", "/gateways", {})["detail"]
    assert process.get("/health")["gateways"] == GATEWAYS_MAX
    with process.of(names[500]) as one:
        one.event("logout")
        one.delete()
    process.post("/gateways", {})
    process.problem(507, "POST", "/gateways", {})
    if not SANITIZED:
        assert used / (GATEWAYS_MAX - 1) < 0.001


@pytest.mark.skipif(SANITIZED, reason="its memory is the sanitizer's")
def test_a_thousand_stay_small(serve):
    """Less than 64 KiB each, with a full journal too, as a tenth of them shows."""
    process = serve()
    process.post("/gateways", {})
    before = process.mock.memory_kib()
    names = [process.post("/gateways", {"clock": "manual"})["name"] for _ in range(1000)]
    idle = process.mock.memory_kib()
    assert (idle - before) / len(names) < 64
    full = names[::10]
    for name in full:
        with process.of(name) as gateway:
            assert gateway.advance("60d")["fired_lost"] > 0
    each = (idle - before) / len(names) + (process.mock.memory_kib() - idle) / len(full)
    assert each < 64


def test_they_come_and_go_without_a_trace(serve):
    process = serve()

    def once():
        with process.add() as gateway:
            gateway.delete()

    once()
    descriptors = process.mock.descriptors()
    for _ in range(200):
        once()
    eventually(lambda: process.mock.descriptors() <= descriptors)
