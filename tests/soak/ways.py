"""How clients and testers of tests/soak misbehave. Each way is a function of its dice and of what it is let loose on."""

import http.client
import json
import random
import socket
import ssl
import struct
import sys
import threading
import time
from pathlib import Path
from urllib.parse import quote

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "wire"), str(TESTS / "support")]

import client  # noqa: E402
import test_abuse  # noqa: E402
from client import get  # noqa: E402
from fault_examples import EXAMPLES  # noqa: E402
from frames import frame, upgrade  # noqa: E402
from test_abuse import ASKED, WAYS, leave, some_of  # noqa: E402

# What a way may take at the most, about (s).
A_WHILE = 1.0


class Client(client.Client):
    """One that does not wait long for a server with so many faults."""

    def greet(self, within=A_WHILE):
        super().greet(within)


test_abuse.Client = Client


# ---- clients: WAYS are short; these hold on ----


def held_back(dice, port):
    """Waits for what may never come, and then does something else."""
    client = Client(port)
    client.send(some_of(dice))
    client.is_quiet(dice.uniform(0, A_WHILE))
    if dice.random() < 0.5:
        client.send(some_of(dice))
        client.is_quiet(dice.uniform(0, 0.1))
    leave(dice, client)


def reads_slowly(dice, port):
    client = Client(port)
    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    client.send(get("/demo/") * dice.randint(1, 40))
    until = time.monotonic() + dice.uniform(0, A_WHILE)
    while time.monotonic() < until:
        client.socket.recv(dice.choice([1, 10, 500]))
    leave(dice, client)


def many_at_once(dice, port):
    clients = []
    try:
        for _ in range(dice.randint(2, 12)):
            clients.append(Client(port, greet=dice.random() < 0.7))
        for _ in range(30):
            client = dice.choice(clients)
            stream = some_of(dice)
            if dice.random() < 0.5:
                client.send(stream[: dice.randint(1, len(stream))])
            else:
                client.is_quiet(0.005)
                client.seen = b""
    finally:
        for client in clients:
            leave(dice, client)


def websocket(dice, port):
    client = Client(port)
    client.send(upgrade() + (some_of(dice) if dice.random() < 0.1 else b""))
    for _ in range(dice.randint(0, 30)):
        payload = dice.choice([b"tic", b"smd+265598+{}", b"", dice.randbytes(dice.choice([5, 125, 126, 70000]))])
        said = frame(
            dice.choice([0, 1, 1, 1, 2, 8, 9, 10, 11]),
            payload,
            fin=dice.random() < 0.8,
            rsv=dice.choice([0, 0, 0, 1]),
            masked=dice.random() < 0.95,
        )
        client.send(said if dice.random() < 0.9 else said[: dice.randint(1, len(said))])
        client.is_quiet(dice.choice([0.0, 0.02]))
        client.seen = b""
    leave(dice, client)


def resumes(dice, port):
    """One session for several connections, some of which break off in the handshake."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    first = Client(port, context=context)
    first.ask(get("/"), within=A_WHILE)
    session = first.tls.session
    leave(dice, first)
    for _ in range(dice.randint(1, 5)):
        again = Client(port, context=context, session=session, greet=False)
        if dice.random() < 0.7:
            again.greet(A_WHILE)
            again.send(some_of(dice))
        leave(dice, again)


CLIENT_WAYS = [*WAYS, held_back, held_back, reads_slowly, many_at_once, many_at_once, websocket, websocket, resumes]


# ---- testers ----

EVENTS = ["login", "brokerage_drop", "competing_login", "sso_expire", "upstream_die", "upstream_recover", "no_such_event"]
SCENARIOS = ["authenticated", "competing", "upstream_sick", "upstream_dead", "sso_only", "paced", "GW-008", "no_such_scenario"]
CONDITIONS = [
    {},
    {},
    {"once": True},
    {"probability": 0.5},
    {"every": 2},
    {"calls": "2..3"},
    {"for": "200ms"},
    {"between": "0s..2h"},
    {"succeed_first": 1, "fail_count": 2},
]
DURATIONS = ["1ms", "90s", "1h", "26h"]


class Tester:
    """Who calls the control API, about one of the gateways that are there to be abused."""

    def __init__(self, port, fixed, dice):
        self.port, self.fixed, self.dice = port, fixed, dice
        self.made = []
        self.count = 0

    def call(self, method, path, body=None, within=60.0):
        """The status. What is refused in words was asked for; what the process gets wrong is not."""
        connection = http.client.HTTPConnection("localhost", self.port, timeout=within)
        try:
            connection.request(method, f"/__admin{path}", None if body is None else json.dumps(body))
            answer = connection.getresponse()
            said = answer.read()
        finally:
            connection.close()
        assert answer.status != 500, f"{method} {path} {body}: {said!r}"
        return json.loads(said) if said.startswith(b"{") else None

    def somewhere(self):
        return f"/gateways/{self.dice.choice(self.fixed + self.made)}"

    def rule(self):
        example = self.dice.choice(EXAMPLES)
        rule = {**example.rule, **self.dice.choice(CONDITIONS)}
        if "on" in rule:
            rule["on"] = self.dice.choice(["tickle", "*", "@iserver", "one_user"])
        return example.kind, rule

    def adds_faults(self):
        rules = dict(self.rule() for _ in range(self.dice.randint(1, 4)))
        self.call("POST", f"{self.somewhere()}/faults", rules)

    def takes_one_away(self):
        self.call("DELETE", f"{self.somewhere()}/faults/{self.rule()[0]}")

    def clears(self):
        self.call("DELETE", f"{self.somewhere()}/faults")

    def forgets(self):
        self.call("DELETE", f"{self.somewhere()}/requests")

    def makes_a_gateway(self):
        self.count += 1
        name = f"made-{self.port}-{self.dice.getrandbits(32)}"
        body = {"name": name, "scenario": self.dice.choice(SCENARIOS), "clock": self.dice.choice(["manual", "scaled:100"])}
        made = self.call("POST", "/gateways", body)
        if made and "port" in made:
            self.made.append(name)
        if len(self.made) > 12:
            self.ends_a_gateway()

    def ends_a_gateway(self):
        if self.made:
            self.call("DELETE", f"/gateways/{self.made.pop(self.dice.randrange(len(self.made)))}")

    def moves_the_clock(self):
        way = self.dice.choice(["advance", "scale", "freeze", "resume", "advance-to-next"])
        body = {"advance": {"by": self.dice.choice(DURATIONS)}, "scale": {"scale": self.dice.choice([0.5, 60, 3600])}}.get(way)
        self.call("POST", f"{self.somewhere()}/clock/{way}", body)

    def resets(self):
        self.call("POST", f"{self.somewhere()}/reset")

    def has_something_happen(self):
        self.call("PUT", f"{self.somewhere()}/state", {"event": self.dice.choice(EVENTS)})

    def changes_the_scenario(self):
        self.call("PUT", f"{self.somewhere()}/scenarios/current", {"scenario": self.dice.choice(SCENARIOS)})

    def reads(self):
        path = self.dice.choice(["requests", "journal?limit=20", "expectations", "faults", "state", "clock", "requests/unmatched/near-misses"])
        self.call("GET", f"{self.somewhere()}/{path}")

    def waits_and_leaves(self):
        """Some do not wait for the answer."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as plain:
            where = f"/__admin{self.somewhere()}/state/wait?state={quote('logged_out')}&timeout=2s"
            plain.sendall(f"GET {where} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            if self.dice.random() < 0.3:
                plain.recv(1000)

    def says_nonsense(self):
        """And resets the connection: half a request that is ended in good order would be waited for, for two minutes."""
        half = b"POST /__admin/faults HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n{"
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as plain:
            plain.sendall(self.dice.choice([b"\0" * 100, b"GET / HTTP/1.1\r\n", half, self.dice.choice(ASKED)]))
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def act(self):
        way = self.dice.choice(
            [self.adds_faults] * 6
            + [self.takes_one_away, self.clears, self.clears, self.forgets]
            + [self.makes_a_gateway, self.ends_a_gateway, self.moves_the_clock, self.moves_the_clock, self.resets]
            + [self.has_something_happen, self.changes_the_scenario, self.reads, self.waits_and_leaves, self.says_nonsense]
        )
        way()
        return way.__name__


# ---- one process of each ----


def note(counts, name):
    counts[name] = counts.get(name, 0) + 1


def be_clients(ports, seed, until):
    """Several at once; how often each way was gone."""
    counts = {}

    def one(dice):
        while time.time() < until:
            way = dice.choice(CLIENT_WAYS)
            try:
                way(dice, dice.choice(ports))
            except (OSError, AssertionError, ValueError):
                note(counts, "refused, reset or too slow")
            note(counts, way.__name__)

    threads = [threading.Thread(target=one, args=(random.Random(seed * 100 + number),)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return counts


def be_tester(admin_port, names, seed, until):
    counts = {}
    tester = Tester(admin_port, names, random.Random(seed))
    while time.time() < until:
        try:
            note(counts, tester.act())
        except (ConnectionError, TimeoutError, http.client.HTTPException):
            note(counts, "control API: cut off or too slow")
        time.sleep(tester.dice.choice([0, 0, 0.02]))
    return counts


if __name__ == "__main__":
    client.WITHIN = A_WHILE
    role, seed, until, arguments = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), json.loads(sys.argv[4])
    print(json.dumps(be_clients(arguments, seed, until) if role == "clients" else be_tester(*arguments, seed, until)))
