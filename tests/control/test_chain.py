"""What the gateway does by itself after a login or a reauthenticate: on its own clock, to the millisecond, and told step by
step to whoever looks: what was tried, what came of it, that it was given up."""

START = "2026-03-02T14:30:"
TRIED = "chain_validate"


def told(answer):
    """("03", "chain_failed") of each timer's record."""
    return [
        (each["time"].removeprefix(START).removesuffix(".000Z"), each["name"], each["why"])
        for each in answer["fired"]
        if each["kind"] == "timer"
    ]


def reauthenticate(client):
    return client.ask("POST", "/v1/api/iserver/reauthenticate", b"")


def test_the_first_try_needs_no_time_and_nobody(process, broker):
    """The clock stands still, and no other call comes: it is the loop that goes on."""
    gateway = process.add(clock="manual", scenario="brokerage_lost")
    assert reauthenticate(broker(gateway)).json == {"message": "triggered"}
    gateway.get("/state/wait", state="chain_initializing")
    journal = gateway.get("/journal", kind="timer,transition")["records"]
    assert [(each["kind"], each["name"], each.get("text")) for each in journal] == [
        ("transition", "reauthenticate", None),
        ("timer", TRIED, "chain_validated"),
        ("transition", "chain_validated", None),
    ]
    assert gateway.get("/clock")["next"] == "2026-03-02T14:30:04.000Z"
    answer = gateway.advance("4s")
    assert told(answer) == [("04", "chain_init", "chain_initialized")]
    assert gateway.state == "authenticated"
    gateway.delete()
    gateway.close()


def test_five_tries_and_giving_up(process, broker):
    gateway = process.add(clock="manual", scenario="sso_expired")
    reauthenticate(broker(gateway))
    gateway.advance("0s")
    assert told(gateway.advance("11s999ms")) == [(second, TRIED, "chain_failed") for second in ("03", "06", "09")]
    last = gateway.advance("1ms")
    assert told(last) == [("12", TRIED, "chain_failed"), ("12", TRIED, "chain_give_up")]
    given_up = [each for each in last["fired"] if each["kind"] == "transition"]
    assert [(each["name"], each["from"], each["to"]) for each in given_up] == [
        ("chain_give_up", "sso_expired+chain_validating", "sso_expired")
    ]
    assert gateway.get("/clock")["next"] == "2026-03-02T14:35:00.000Z", "the gateway's ping: nothing else is left"
    gateway.delete()
    gateway.close()


def test_how_far_apart_is_a_setting(process, broker):
    gateway = process.add(clock="manual", scenario="sso_expired")
    gateway.put("/settings", {"auth_delay": "1s"})
    reauthenticate(broker(gateway))
    gateway.advance("0s")
    assert [second for second, _, _ in told(gateway.advance("1m"))] == ["01", "02", "03", "04", "04"]
    assert "must be from 100 ms" in str(gateway.problem(400, "PUT", "/settings", {"auth_delay": "99ms"}))
    gateway.delete()
    gateway.close()
