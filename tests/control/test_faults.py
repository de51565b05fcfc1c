"""Faults that come and go while a gateway runs: the same objects as in a scenario, checked by the same reader."""

import pytest
from client import TICKLE, Client, get, post
from mock import eventually

SICK = {"sick": {"on": "tickle", "calls": "2..3", "upstream_status": 503}}
MANY = 64


def statuses(admin, count):
    client = Client(admin.port)
    try:
        return [client.ask(post(TICKLE)).status for _ in range(count)]
    finally:
        client.close()


def faults_of(admin):
    return admin.get("/faults")["faults"]


def test_what_is_added_acts(gateway):
    assert gateway.call("POST", "/faults", SICK).status == 201
    assert statuses(gateway, 4) == [200, 503, 503, 200]
    (fault,) = faults_of(gateway)
    assert fault == {
        "id": "sick",
        "kind": "upstream_status",
        "layer": "upstream",
        "from": "control",
        "in_force": True,
        "calls": 4,
        "acted": 2,
        "fault": SICK["sick"],
    }


def test_who_looks_is_in_force(gateway):
    gateway.call("POST", "/faults", {"now": {"on": "*", "status": 500}, "soon": {"on": "*", "status": 500, "for": "5s"}})
    more = {"lost": {"on": "*", "status": 500, "while": "competing"}, "then": {"refuse": True, "after": "logout"}}
    gateway.call("POST", "/faults", more)

    def in_force():
        return {fault["id"] for fault in faults_of(gateway) if fault["in_force"]}

    assert in_force() == {"now", "soon"}
    gateway.post("/clock/advance", {"by": "5s"})
    assert in_force() == {"now"}
    gateway.post("/actions", {"event": "competing_login"})
    assert in_force() == {"now", "lost"}
    gateway.post("/actions", {"event": "logout"})
    assert in_force() == {"now", "then"}


def test_one_of_the_same_name_takes_its_place_and_counts_anew(gateway):
    gateway.call("POST", "/faults", SICK)
    assert statuses(gateway, 2) == [200, 503]
    gateway.call("POST", "/faults", {"sick": {"on": "tickle", "calls": 1, "status": 418}})
    assert statuses(gateway, 2) == [418, 200]
    assert len(faults_of(gateway)) == 1


def test_one_is_taken_away(gateway):
    gateway.call("POST", "/faults", SICK | {"other": {"on": "*", "status": 500}})
    assert gateway.call("DELETE", "/faults/other").status == 204
    assert statuses(gateway, 2) == [200, 503]
    refused = gateway.call("DELETE", "/faults/sik")
    assert refused.status == 404
    assert refused.json["detail"] == 'there is no fault "sik"; the nearest is "sick"'


def test_all_are_taken_away_and_a_reset_brings_the_scenarios_back(serve):
    admin = serve({"extends": "authenticated", "faults": {"teapot": {"on": "tickle", "status": 418}}})
    admin.call("POST", "/faults", SICK)
    assert [fault["from"] for fault in faults_of(admin)] == ["scenario", "control"]
    assert admin.call("DELETE", "/faults").status == 204
    assert faults_of(admin) == []
    assert statuses(admin, 2) == [200, 200]
    admin.post("/reset")
    assert [fault["id"] for fault in faults_of(admin)] == ["teapot"]
    assert statuses(admin, 1) == [418]


def test_gateways_have_their_own(process, gateway):
    gateway.call("POST", "/faults", {"teapot": {"on": "*", "status": 418}})
    assert statuses(gateway, 1) == [418]
    assert statuses(process, 1) == [200]


@pytest.mark.parametrize(
    "body, message, nearest",
    [
        ({"a": {"on": "tikle", "status": 500}}, 'there is no endpoint "tikle"', "tickle"),
        ({"a": {"on": "tickle", "stats": 500}}, 'a fault has no "stats"', "status"),
        (
            {"a": {"on": "reauthenticate", "upstream_hang": True}},
            '"upstream_hang" cannot act on "reauthenticate": the gateway answers it itself, without the upstream',
            None,
        ),
        (
            {"a": {"on": "tickle", "upstream_reply": "tickel"}},
            'the scenario uses no reply "tickel", and a gateway that runs can only be given these',
            "tickle",
        ),
        ({}, 'wanted at least one fault: {"name": {"on": …}}', None),
        ([], "faults by their names must be an object, found a list", None),
    ],
)
def test_one_that_is_not_good_changes_nothing(gateway, body, message, nearest):
    if isinstance(body, dict) and body:
        body = SICK | body
    refused = gateway.call("POST", "/faults", body)
    assert refused.status == 400
    assert any(message in error["message"] and error.get("nearest") == nearest for error in refused.json["errors"]), refused
    assert faults_of(gateway) == []


def test_there_can_be_too_many(gateway):
    one = {"on": "tickle", "status": 500}
    assert gateway.call("POST", "/faults", {f"f{i}": one for i in range(MANY)}).status == 201
    refused = gateway.call("POST", "/faults", {"f1": one, "one_more": one})
    assert refused.status == 507
    assert "1 of 2 faults were added before it" in refused.json["detail"]
    assert gateway.call("POST", "/faults", {f"g{i}": one for i in range(MANY + 1)}).status == 400


def test_names_are_bounded_too(gateway):
    one = {"on": "tickle", "status": 500}
    for i in range(0, 1024, MANY):
        assert gateway.call("POST", "/faults", {f"f{j}": one for j in range(i, i + MANY)}).status == 201
        assert gateway.call("DELETE", "/faults").status == 204
    assert gateway.call("POST", "/faults", {"f7": one}).status == 201
    assert gateway.call("POST", "/faults", {"another": one}).status == 507


@pytest.mark.parametrize(
    "fault",
    [{"fixed": "1h"}, {"timeout": "0s"}, {"upstream_hang": True}, {"upstream_truncated": 5}, {"slow_close": "1h"}],
    ids="-".join,
)
@pytest.mark.parametrize("how", ["removed", "cleared", "replaced"])
def test_what_it_holds_back_ends_with_it(gateway, fault, how):
    gateway.call("POST", "/faults", {"held": {"on": "tickle", **fault}, "late": {"on": "one_user", "fixed": "1h"}})
    client, neighbour = Client(gateway.port), Client(gateway.port)
    client.send(post(TICKLE))
    neighbour.send(get("/v1/api/one/user"))
    eventually(lambda: [one["acted"] for one in faults_of(gateway)] == [1, 1])
    if how == "removed":
        gateway.call("DELETE", "/faults/held")
    elif how == "cleared":
        gateway.call("DELETE", "/faults")
    else:
        gateway.call("POST", "/faults", {"held": {"on": "tickle", "status": 500}})
    client.rest()
    if how != "cleared":
        assert neighbour.is_quiet()
        gateway.mock.comes_to_rest()
    neighbour.close()
    client.close()


def test_the_journal_says_what_was_decided(gateway):
    gateway.call("POST", "/faults", {"chance": {"on": "tickle", "probability": 0.5, "status": 500}})
    said = statuses(gateway, 20)
    records = gateway.get("/journal")["records"]
    faults = [record for record in records if record["kind"] == "fault"]
    assert len(faults) == 20 and {record["name"] for record in faults} == {"chance"}
    for status, record in zip(said, faults):
        word, sign = ("acts", "<") if status == 500 else ("passes", ">=")
        assert record["text"].startswith(f"tickle status: {word}; draw 0.")
        assert record["text"].endswith(f" {sign} 0.500000")
    for before, record in zip(records, records[1:]):
        if before["kind"] == "fault":
            assert record["kind"] == "request"
    assert [record["text"] for record in records if record["kind"] == "action"] == ["fault added"]
