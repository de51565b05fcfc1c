"""When descriptors run out the server waits for some to come back: it neither ends, nor spins, nor forgets anybody."""

import os

import pytest

from client import STATUS, Client, get, post, request
from mock import eventually

DESCRIPTORS = 256
# server/wire/server.c: what is left besides sixty-four and two listeners, three a connection.
CONNECTIONS = (DESCRIPTORS - 64 - 2) // 3


def is_served(client):
    try:
        client.greet(within=0.05)
    except AssertionError:
        return False
    return client.ask(get("/")).status == 302


def test_so_many_connections_and_no_more(start, connect):
    mock = start("authenticated", descriptors=DESCRIPTORS)
    served = [connect(mock) for _ in range(CONNECTIONS)]
    assert {client.ask(get("/")).status for client in served} == {302}

    # The next ones are not refused. They wait, and cost nothing.
    waiting = [Client(mock.port, greet=False) for _ in range(5)]
    assert not any(is_served(client) for client in waiting)
    mock.comes_to_rest()
    assert {client.ask(get("/")).status for client in served} == {302}

    # For each that leaves, one comes in.
    for leaving, client in zip(served, waiting):
        leaving.close()
        eventually(lambda client=client: is_served(client))
    assert {client.ask(get("/")).status for client in served[len(waiting) :]} == {302}
    mock.comes_to_rest()
    for client in waiting:
        client.close()


def test_all_of_them_may_need_all_that_they_can_need(start, connect):
    """Half a body takes a connection the long way, with three descriptors instead of one."""
    mock = start("authenticated", descriptors=DESCRIPTORS)
    served = [connect(mock) for _ in range(CONNECTIONS)]
    for client in served:
        client.send(post(STATUS, body=b"{}")[:-1])
    eventually(lambda: mock.descriptors() > 3 * CONNECTIONS)
    for client in served:
        client.send(b"}")
    assert {client.answer().status for client in served} == {200}


@pytest.fixture
def crowded(start):
    """A server that was given so many descriptors by its parent that it runs out of them early."""
    files = [os.open("/dev/null", os.O_RDONLY) for _ in range(200)]
    highest = max(files)
    mock = start("authenticated", descriptors=max(DESCRIPTORS, highest + 24), pass_fds=files)
    for file in files:
        os.close(file)
    return mock


def those_served(clients):
    """The first two at least, and not all of them."""
    for client in clients[:2]:
        eventually(lambda client=client: is_served(client))
    served = [client for client in clients if is_served(client)]
    assert 2 <= len(served) < len(clients)
    return served


def test_running_out_sooner_is_survived(crowded):
    clients = [Client(crowded.port, greet=False) for _ in range(60)]
    served = those_served(clients)
    crowded.comes_to_rest()
    for client in served[:10]:
        client.close()
    rest = [client for client in clients if client not in served]
    eventually(lambda: is_served(rest[0]))
    for client in clients:
        client.close()


def test_a_request_for_which_none_is_left_ends_its_connection_alone(crowded):
    clients = [Client(crowded.port, greet=False) for _ in range(60)]
    served = those_served(clients)
    served[0].send(request("POST", STATUS, "Transfer-Encoding: chunked") + b"1\r\nx\r\n")
    served[0].rest()
    assert served[1].ask(post(STATUS)).status == 200
    for client in clients:
        client.close()
