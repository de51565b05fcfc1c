"""Clients crash, lie, stall and flood. Whatever a crowd of them does, the one that behaves is served, and once the crowd has
gone nothing of it is left."""

import json
import random
import socket
import ssl
import struct
import subprocess
import sys
import threading
from pathlib import Path

from client import CONTEXT, LOGOUT, REAUTHENTICATE, STATUS, TICKLE, Client, get, post, request
from mock import SANITIZED, allow_descriptors, eventually

SEED = 20261124
CROWD = 10
# How often each of them misbehaves.
TIMES = 100
# Freed memory that the allocator keeps, in KiB; a leak of so much abuse would be many times as much.
KEPT = 8192

ASKED = [
    get("/"),
    get("/nowhere"),
    get("/demo/"),
    get(STATUS),
    post(TICKLE),
    post(TICKLE, body=b"x" * 5000),
    post(REAUTHENTICATE, body=b"{}"),
    post(LOGOUT),
    get("/%zz"),
    get(STATUS, version="HTTP/1.0"),
    get(STATUS, version="HTTP/7.7"),
    get(STATUS, "Connection: close"),
    request("HEAD", STATUS),
    request("POST", TICKLE),
    request("POST", TICKLE, "Transfer-Encoding: chunked") + b"3\r\nabc\r\n0\r\n\r\n",
    request("POST", TICKLE, "Transfer-Encoding: chunked") + b"zz\r\n",
    request("POST", TICKLE, "Transfer-Encoding: gzip") + b"...",
    request("POST", TICKLE, "Content-Length: 1000000") + b"short",
    request("POST", TICKLE, "Content-Length: minus one"),
    request("POST", TICKLE, "Expect: 100-continue", "Content-Length: 3") + b"abc",
    b"garbage\r\n\r\n",
    b"GET /" + b"x" * 6000,
    get("/", *["X-Filler: " + "f" * 900] * 10),
    get("/", "X-Folded: a\r\n b"),
    b"\x00\x01\x02\r\n\r\n",
]


# ---- one of the crowd: each way to misbehave is a function of its dice ----


def random_bytes(dice, port):
    with socket.create_connection(("127.0.0.1", port), timeout=1) as plain:
        plain.sendall(dice.choice([b"", b"\x16\x03\x01"]) + dice.randbytes(dice.randint(1, 400)))
        if dice.random() < 0.5:
            plain.recv(100)


def half_a_handshake(dice, port):
    client = Client(port, greet=False)
    try:
        client.tls.do_handshake()
    except ssl.SSLWantReadError:
        hello = client.outgoing.read()
    client.socket.sendall(hello[: dice.randint(1, len(hello))])
    leave(dice, client)


def quick_connects(dice, port):
    for _ in range(dice.randint(1, 60)):
        plain = socket.create_connection(("127.0.0.1", port), timeout=1)
        if dice.random() < 0.3:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        plain.close()


def some_of(dice):
    return b"".join(dice.choice(ASKED) for _ in range(dice.choice([1, 1, 2, 5, 30])))


def leave(dice, client):
    way = dice.random()
    if way < 0.3:
        client.abort()
    elif way < 0.5:
        client.half_close()
    elif way < 0.6:
        client.socket.shutdown(socket.SHUT_WR)
    client.close()


def requests(dice, port):
    client = Client(port)
    for _ in range(dice.randint(1, 4)):
        stream = some_of(dice)
        if dice.random() < 0.3:
            stream = stream[: dice.randint(1, len(stream))]
        size = dice.choice([1 << 20, 1 << 20, 1000, 50])
        for at in range(0, len(stream), size):
            client.send(stream[at : at + size])
        if dice.random() < 0.7:
            client.is_quiet(dice.choice([0.0, 0.01]))
            client.seen = b""
    leave(dice, client)


def never_reads(dice, port):
    client = Client(port)
    client.socket.settimeout(0.1)
    try:
        for _ in range(dice.randint(1, 300)):
            client.send(get("/demo/") * 50)
    finally:
        leave(dice, client)


def broken_records(dice, port):
    client = Client(port)
    client.send(get("/"))
    client.socket.sendall(dice.choice([dice.randbytes(30), b"\x17\x03\x03\x00\x20" + dice.randbytes(dice.randint(1, 40))]))
    leave(dice, client)


WAYS = [random_bytes, half_a_handshake, quick_connects, requests, requests, requests, never_reads, broken_records]


def misbehave(port, seed, times):
    """How often each way was gone."""
    dice = random.Random(seed)
    gone = dict.fromkeys((way.__name__ for way in WAYS), 0)
    for _ in range(times):
        way = dice.choice(WAYS)
        gone[way.__name__] += 1
        try:
            way(dice, port)
        except (OSError, AssertionError):
            pass  # refused, reset, too slow: it asked for it
    return gone


def crowd(port):
    """All of them, in a process of their own, so that they do not slow down the one that behaves."""
    gone = []
    threads = [
        threading.Thread(target=lambda seed=SEED + number: gone.append(misbehave(port, seed, TIMES)))
        for number in range(CROWD)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps({way.__name__: sum(one[way.__name__] for one in gone) for way in WAYS}))


# ---- the test ----


def test_a_crowd_that_misbehaves_neither_disturbs_nor_stays(start, connect):
    allow_descriptors()
    mock = start("authenticated")
    bare = mock.descriptors()
    # The same once, shortly, so that what comes after is compared with a server that has seen everything.
    misbehave(mock.port, SEED - 1, TIMES // 10)
    good = connect(mock)
    good.ask(get("/"))
    eventually(lambda: mock.descriptors() <= bare + 1)
    descriptors, memory = mock.descriptors(), mock.memory_kib()

    mob = subprocess.Popen([sys.executable, Path(__file__), str(mock.port)], stdout=subprocess.PIPE, text=True)
    rounds = 0
    while mob.poll() is None:
        assert good.ask(post(REAUTHENTICATE)).status == 200
        assert good.ask(get("/nowhere")).status == 302
        newcomer = Client(mock.port)
        assert newcomer.ask(get("/")).status == 302
        newcomer.close()
        rounds += 1
    gone = json.loads(mob.communicate()[0])

    assert mob.returncode == 0
    assert min(gone.values()) > 10, gone
    assert rounds > 0
    eventually(lambda: mock.descriptors() <= descriptors)
    assert SANITIZED or mock.memory_kib() < memory + KEPT
    mock.comes_to_rest()
    assert good.is_quiet()
    assert good.ask(post(REAUTHENTICATE)).status == 200
    mock.stop()


def test_thousands_of_quick_connects(start, connect):
    mock = start("authenticated")
    good = connect(mock)
    good.ask(get("/"))
    before = mock.descriptors()
    for number in range(3000):
        socket.create_connection(("127.0.0.1", mock.port)).close()
        if number % 100 == 0:
            assert good.ask(get("/")).status == 302
    eventually(lambda: mock.descriptors() == before)


def test_hundreds_of_handshakes_at_once(start, connect):
    """All are begun before any goes on, and none is lost."""
    mock = start("authenticated")
    clients = [Client(mock.port, context=CONTEXT, greet=False) for _ in range(300)]
    for client in clients:
        try:
            client.tls.do_handshake()
        except ssl.SSLWantReadError:
            client.socket.sendall(client.outgoing.read())
    for client in clients:
        client.greet()
        client.send(get("/"))
    assert {client.answer().status for client in clients} == {302}
    for client in clients:
        client.close()


if __name__ == "__main__":
    crowd(int(sys.argv[1]))
