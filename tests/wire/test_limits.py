"""When descriptors run out the server waits for some to come back: it neither ends, nor spins, nor forgets anybody."""

import os
import select

import pytest

from client import STATUS, Client, get, post, request
from mock import eventually

DESCRIPTORS = 256
# server/wire/server.c: what is left besides sixty-four, three a connection.
CONNECTIONS = (DESCRIPTORS - 64) // 3


def rests(mock):
    before = mock.cpu_seconds()
    select.select([], [], [], 0.4)
    return mock.cpu_seconds() - before < 0.01


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
    assert rests(mock)
    assert {client.ask(get("/")).status for client in served} == {302}

    # For each that leaves, one comes in.
    for leaving, client in zip(served, waiting):
        leaving.close()
        eventually(lambda client=client: is_served(client))
    assert {client.ask(get("/")).status for client in served[len(waiting) :]} == {302}
    assert rests(mock)
    for client in waiting:
        client.close()


def test_all_of_them_may_need_all_that_they_can_need(start, connect):
    """Half a request takes a connection the long way, with three descriptors instead of one."""
    mock = start("authenticated", descriptors=DESCRIPTORS)
    served = [connect(mock) for _ in range(CONNECTIONS)]
    for client in served:
        client.send(get(STATUS)[:-4])
    eventually(lambda: mock.descriptors() > 3 * CONNECTIONS)
    for client in served:
        client.send(get(STATUS)[-4:])
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


def test_running_out_sooner_is_survived(crowded, connect):
    clients = [Client(crowded.port, greet=False) for _ in range(60)]
    served = [client for client in clients if is_served(client)]
    assert 0 < len(served) < len(clients)
    assert rests(crowded)
    for client in served[:10]:
        client.close()
    rest = [client for client in clients if client not in served]
    eventually(lambda: is_served(rest[0]))
    for client in clients:
        client.close()


def test_a_request_for_which_none_is_left_ends_its_connection_alone(crowded, connect):
    clients = [Client(crowded.port, greet=False) for _ in range(60)]
    served = [client for client in clients if is_served(client)]
    served[0].send(request("POST", STATUS, "Transfer-Encoding: chunked") + b"1\r\nx\r\n")
    served[0].rest()
    assert served[1].ask(post(STATUS)).status == 200
    for client in clients:
        client.close()
