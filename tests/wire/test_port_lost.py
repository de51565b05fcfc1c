"""Why: while a fault has the port refuse, nobody listens there, and a program that is out for it can have it. The journal
must say so then, or nobody would know why the gateway does not come back; and it comes back once that program has gone."""

import socket

from client import Client, get
from mock import eventually
from test_faults import ONE_USER, advance, call

STORY = {"extends": "authenticated", "faults": {"gone": {"refuse": True, "between": "10s..20s"}}}


def taken(host, port):
    """As a server takes its port: those do not get it by chance who have it chosen for them."""
    other = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    other.bind((host, port))
    other.listen()
    return other


def connections(mock):
    records = call(mock, "GET", "/journal?kind=connection")["records"]
    return [record["name"] for record in records if record["name"].startswith("port")]


def is_served(mock, host="127.0.0.1"):
    client = Client(mock.port, host=host)
    answer = client.ask(get(ONE_USER))
    client.close()
    return answer.status == 200


def goes_to(mock, other):
    """Who connects reaches that other program."""
    with socket.create_connection(("127.0.0.1", mock.port)) as client:
        there, _ = other.accept()
        assert there.getpeername() == client.getsockname()
        there.close()


def test_a_port_that_another_program_takes(start):
    mock = start(STORY, "--clock", "manual")
    advance(mock, "10s")
    other = taken("127.0.0.1", mock.port)
    advance(mock, "10s")
    assert connections(mock) == ["port_lost"]
    eventually(lambda: "Address already in use" in mock.log())
    goes_to(mock, other)
    assert is_served(mock, "::1")  # the other address is another port
    mock.comes_to_rest()

    mock.happen("brokerage_reset")  # whatever happens, it is tried for again; and is told of once
    assert connections(mock) == ["port_lost"]
    goes_to(mock, other)

    other.close()
    mock.happen("reauthenticate")
    assert connections(mock) == ["port_lost", "port_back"]
    assert is_served(mock)
    mock.comes_to_rest()


def test_a_reset_brings_it_back(start):
    mock = start(STORY, "--clock", "manual")
    advance(mock, "10s")
    other = taken("127.0.0.1", mock.port)
    advance(mock, "10s")
    other.close()
    call(mock, "POST", "/reset")
    assert is_served(mock)


def test_a_port_that_refuses_again_while_it_is_lost(start):
    mock = start(STORY, "--clock", "manual")
    advance(mock, "10s")
    other = taken("127.0.0.1", mock.port)
    advance(mock, "10s")
    call(mock, "POST", "/faults", {"gone_again": {"refuse": True}})
    other.close()
    mock.happen("brokerage_reset")
    mock.comes_to_rest()
    assert connections(mock) == ["port_lost"]
    call(mock, "DELETE", "/faults/gone_again")
    assert connections(mock) == ["port_lost", "port_back"]
    assert is_served(mock) and is_served(mock, "::1")
