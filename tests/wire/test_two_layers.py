"""The gateway is two programs: with a dead brokerage behind it, it answers what it can by itself and is silent for ever
about the rest. Clients must neither be answered nor be dropped, and cost nothing while they wait."""

import pytest

from client import LOGOUT, REAUTHENTICATE, STATUS, TICKLE, VALIDATE, get, post, request
from mock import AT_ONCE, allow_descriptors, eventually

RELAYED = {
    "status": get(STATUS),
    "status_posted": post(STATUS, body=b"{}"),
    "tickle": post(TICKLE),
    "validate": get(VALIDATE),
    "logout": post(LOGOUT),
    "init": post("/v1/api/iserver/auth/ssodh/init", body=b'{"publish":true,"compete":true}'),
    "old_base": post("/v1/portal/tickle"),
    "unknown": get("/v1/api/nosuch"),
    "slash_behind": get(REAUTHENTICATE + "/"),
    "login_page": get("/sso/Login"),
    "style": get("/css/any.css"),
    "head": request("HEAD", TICKLE),
    "no_agent": b"GET /v1/api/tickle HTTP/1.1\r\n\r\n",
    "no_length": request("POST", TICKLE),
    "old_version": get(STATUS, version="HTTP/1.0"),
    "wants_to_leave": get(STATUS, "Connection: close"),
}
OWN = [
    (get("/"), 302),
    (get("/nowhere"), 302),
    (post(REAUTHENTICATE), 200),
    (get("/demo/"), 200),
    (request("OPTIONS", TICKLE, "Origin: a", "Access-Control-Request-Method: POST"), 204),
]

WAITING = 1000
# A second lasts so many of the gateway's: more than five hours.
FAST = "scaled:20000"
HOURS = 0.6


def test_what_is_relayed_is_not_answered_for_hours_and_the_rest_is(start, connect):
    mock = start("upstream_dead", "--clock", FAST)
    waiting = {name: connect(mock) for name in RELAYED}
    for name, asked in RELAYED.items():
        waiting[name].send(asked)
    other = connect(mock)
    for asked, status in OWN:
        assert other.ask(asked).status == status
    assert waiting["tickle"].is_quiet(HOURS)
    for asked, status in OWN:
        assert other.ask(asked).status == status
    assert [name for name, client in waiting.items() if not client.is_quiet()] == []


def test_one_connection_is_answered_until_it_asks_the_wrong_thing(start, connect):
    mock = start("upstream_dead", "--clock", FAST)
    client = connect(mock)
    for asked, status in OWN:
        assert client.ask(asked).status == status
    client.send(post(TICKLE))
    assert client.is_quiet()
    for asked, status in OWN:
        client.send(asked)
    assert client.is_quiet(HOURS)


def test_the_dead_may_come_back(start, connect):
    """Those that were waiting then go on waiting: nobody asks again for them."""
    mock = start("upstream_dead", "--clock", "manual")
    client, other = connect(mock), connect(mock)
    client.send(get(VALIDATE))
    eventually(lambda: "validate" in mock.log())
    mock.happen("upstream_recover")
    assert other.ask(get(VALIDATE)).status == 200
    assert client.is_quiet()


def leave(client):
    client.close()


def say_goodbye(client):
    client.half_close()


def shut(client):
    client.socket.shutdown(1)


def reset(client):
    client.abort()


@pytest.mark.parametrize("going", [leave, say_goodbye, shut, reset])
@pytest.mark.parametrize(
    "behind", [b"", get("/"), get("/")[:9], get("/demo/") * 1000], ids=["", "more", "half", "much"]
)
def test_who_gives_up_waiting_is_forgotten(start, connect, going, behind):
    mock = start("upstream_dead")
    connect(mock).ask(get("/"))
    before = mock.descriptors()
    waiting = [connect(mock) for _ in range(10)]
    for client in waiting:
        client.send(post(TICKLE) + behind)
    eventually(lambda: mock.log().count("tickle") == len(waiting))
    for client in waiting:
        going(client)
    eventually(lambda: mock.descriptors() == before)
    assert connect(mock).ask(get("/")).status == 302


def test_who_leaves_before_a_late_answer_is_forgotten_too(start, connect):
    mock = start("upstream_sick", "--clock", "manual")
    connect(mock).ask(get("/"))
    before = mock.descriptors()
    waiting = [connect(mock) for _ in range(10)]
    for client in waiting:
        client.send(post(TICKLE))
    eventually(lambda: mock.log().count("tickle") == len(waiting))
    for client in waiting:
        client.close()
    eventually(lambda: mock.descriptors() == before)


def test_it_stops_at_once_however_many_wait(start, connect):
    most = allow_descriptors()
    assert most > WAITING + 100, f"this machine allows {most} descriptors"
    mock = start("upstream_dead")
    waiting = [connect(mock) for _ in range(WAITING)]
    for client in waiting:
        client.send(post(TICKLE))
    eventually(lambda: mock.log().count("tickle") == WAITING)
    took = mock.stop()
    for client in waiting[:: WAITING // 10]:
        assert client.rest() == b""
    assert took < AT_ONCE
