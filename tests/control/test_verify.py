"""A verification that passes when it should not is worse than none; and one that fails must be read by a person who
has to mend a client."""

import pytest

from admin import Broker, trusting


def verdict(gateway, body, path="/verify"):
    return gateway.call("POST", path, body)


@pytest.fixture
def three_tickles(gateway, broker):
    client = broker(gateway)
    for _ in range(3):
        client.tickle()
    client.ask("GET", "/v1/api/iserver/auth/status")
    return gateway


TICKLE = {"endpoint": "tickle"}


@pytest.mark.parametrize(
    "times,passes",
    [
        (None, True),
        (3, True),
        (2, False),
        (4, False),
        (0, False),
        ({"at_least": 3}, True),
        ({"at_least": 4}, False),
        ({"at_most": 3}, True),
        ({"at_most": 2}, False),
        ({"at_least": 1, "at_most": 5}, True),
        ({"atLeast": 4}, False),
        ({"atMost": 3}, True),
    ],
)
def test_how_often(three_tickles, times, passes):
    body = {"request": TICKLE} if times is None else {"request": TICKLE, "times": times}
    answer = verdict(three_tickles, body)
    assert answer.status == (202 if passes else 406)
    if passes:
        assert answer.json == {"passed": True}
    else:
        assert "Found 3" in answer.json["detail"]


def test_only_since(three_tickles):
    since = three_tickles.get("/requests")["next"]
    assert verdict(three_tickles, {"request": {**TICKLE, "since": since}, "times": 0}).status == 202


def test_the_words_of_other_tools(three_tickles):
    wanted = {"httpRequest": {"method": "POST", "urlPath": "/v1/api/tickle"}, "times": {"atLeast": 1}}
    assert verdict(three_tickles, wanted).status == 202
    wanted = {"httpRequest": {"method": "POST", "path": "/v1/api/tickle"}, "times": {"atLeast": 3, "atMost": 3}}
    assert verdict(three_tickles, wanted).status == 202
    both = {"httpRequest": {"urlPath": "/v1/api/tickle", "path": "/v1/api/tickle"}}
    assert "other words" in str(three_tickles.problem(400, "POST", "/verify", both))
    assert three_tickles.get("/requests/count", path="/v1/api/tickle")["count"] == 3
    assert verdict(three_tickles, {"httpRequests": [TICKLE, TICKLE]}, "/verifySequence").status == 202


def test_a_failure_says_what_came_instead(three_tickles):
    wanted = {"request": {"endpoint": "tickle", "method": "GET"}, "times": 2}
    answer = verdict(three_tickles, wanted)
    detail = answer.json["detail"]
    assert detail.startswith("Wanted exactly 2 times")
    assert "method: wanted GET, was POST" in detail
    assert "POST /v1/api/tickle authenticated 200" in detail
    text = three_tickles.call("POST", "/verify", wanted, {"Accept": "text/plain"})
    assert text.headers["Content-Type"].startswith("text/plain")
    assert text.text == detail


def test_sequences(three_tickles):
    status = {"endpoint": "auth_status"}
    assert verdict(three_tickles, {"requests": [TICKLE, TICKLE, status]}, "/verifySequence").status == 202
    answer = verdict(three_tickles, {"requests": [TICKLE, status, TICKLE]}, "/verifySequence")
    assert answer.status == 406
    assert "found the first 2" in answer.json["detail"]
    assert verdict(three_tickles, {"requests": [TICKLE] * 4}, "/verifySequence").status == 406


@pytest.mark.parametrize(
    "path,body,message",
    [
        ("/verify", {"requst": {}}, "request"),
        ("/verify", {"times": 1}, "request"),
        ("/verify", {"request": {}, "times": -1}, "times"),
        ("/verify", {"request": {}, "times": {}}, "at_least"),
        ("/verify", {"request": {}, "times": {"at_least": 2, "at_most": 1}}, "at_most"),
        ("/verify", {"request": {"endpoint": "tickel"}}, "tickle"),
        ("/verify", {"request": {"url": "/v1/api/tickle?token=1"}, "times": 0}, "no secrets"),
        ("/verify", {"request": {"headers": {"Cookie": {"contains": "a=b"}}}, "times": 0}, "no secrets"),
        ("/verify", [], "an object"),
        ("/verifySequence", {"requests": []}, "requests"),
        ("/verifySequence", {"requests": [5]}, "an object"),
        ("/verifySequence", {"requests": [{}] * 65}, "64"),
        ("/verifySequence", {}, "requests"),
    ],
)
def test_what_cannot_be_verified(gateway, path, body, message):
    said = gateway.problem(400, "POST", path, body)
    assert message in str(said), said


# ---- expectations ----

EXPECTING = {
    "name": "expecting",
    "title": "A client that is to tickle and to log out",
    "extends": "authenticated",
    "expect": {
        "tickles": {"call": "tickle", "at_least": 2},
        "ends_logged_out": {"state": "logged_out"},
    },
}


def outcomes(answer):
    return {each["id"]: each["outcome"] for each in answer["expectations"]}


def test_duties_are_warnings(gateway, broker):
    broker(gateway).tickle()
    gateway.advance("5m30s")
    answer = gateway.get("/expectations")
    assert answer["failed"] == 0
    assert outcomes(answer)["tickles_in_time"] == "broken"
    (broken,) = [each for each in answer["expectations"] if each["outcome"] == "broken"]
    assert (broken["severity"], broken["failed"], broken["count"]) == ("warning", False, 1)
    assert broken["first_time"] == "2026-03-02T14:35:30.000Z"
    record = gateway.get(f"/requests/{broken['violations'][0]['record']}")
    assert (record["kind"], record["name"]) == ("expectation", "tickles_in_time")
    passed = gateway.call("POST", "/verify")
    assert passed.status == 202
    assert passed.json["expectations"] == gateway.get("/expectations")["expectations"]


def test_strict_has_them_fail(serve):
    process = serve("authenticated", "--strict")
    assert process.call("POST", "/verify").status == 202
    client = Broker(process.port, trusting(process.mock.ca_file))
    client.tickle()
    client.close()
    process.advance("6m")
    answer = process.call("POST", "/verify")
    assert answer.status == 406
    assert "the client let the session die" in answer.json["detail"]
    assert outcomes(answer.json)["tickles_in_time"] == "broken"
    text = process.call("POST", "/verify", None, {"Accept": "text/plain"}).text
    assert text.startswith("broken: tickles_in_time\n") and text == answer.json["detail"]
    process.post("/reset")
    assert process.call("POST", "/verify").status == 202


def test_verify_judges_as_if_the_test_were_over(process, broker):
    """To look changes nothing; to verify does."""
    gateway = process.add(scenario=EXPECTING, clock="manual")
    client = broker(gateway)
    client.tickle()
    for _ in range(2):
        answer = gateway.get("/expectations")
        assert answer["failed"] == 0
        assert outcomes(answer)["tickles"] == outcomes(answer)["ends_logged_out"] == "pending"
    answer = gateway.call("POST", "/verify", b"{}")
    assert answer.status == 406
    assert outcomes(answer.json)["tickles"] == outcomes(answer.json)["ends_logged_out"] == "broken"
    assert "broken: tickles\n" in answer.json["detail"] and "broken: ends_logged_out\n" in answer.json["detail"]
    assert gateway.get("/expectations")["failed"] == 2
    records = gateway.get("/journal", kind="expectation")["records"]
    assert [record["name"] for record in records] == ["tickles", "ends_logged_out"]
    gateway.post("/reset")
    client = broker(gateway)
    client.tickle()
    client.tickle()
    client.ask("POST", "/v1/api/logout", b"")
    answer = gateway.call("POST", "/verify")
    assert answer.status == 202, answer
    assert set(outcomes(answer.json).values()) == {"met"}
    gateway.delete()
    gateway.close()


def test_nothing_is_expected(process):
    """A machine may expect nothing of its clients."""
    expected = process.get("/expectations")["expectations"]
    own = {"name": "free", "title": "No duties", "extends": "authenticated"}
    own["expect"] = {each["id"]: None for each in expected}
    gateway = process.add(scenario=own, clock="manual")
    assert gateway.get("/expectations") == {"failed": 0, "expectations": []}
    assert gateway.call("POST", "/verify").json == {"passed": True, "expectations": []}
    gateway.delete()
    gateway.close()
