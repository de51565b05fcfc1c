#!/usr/bin/env python3
"""tests/soak/abuse.py [--seconds 1200] [--seed N]: lets a crowd loose on one process of cpgw-mock, for so long.

Clients break off, stall, flood, lie and speak nonsense on every layer, while testers put faults of every kind on the very
gateways that these are at, take them away, move clocks, reset, make gateways and end them. Meanwhile one gateway that they
only speak to in good order, or not at all, answers as it should. At the end nothing is left: no descriptor, no memory that
grew, no finding of a sanitizer.

Meant for a tree with sanitizers: build/asan/cpgw-mock, or what CPGW_MOCK names. The dice are those of the seed; what
they lead to depends on the machine, too.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("CPGW_MOCK", str(Path(__file__).resolve().parents[2] / "build/asan/cpgw-mock"))

import ways  # noqa: E402

from client import STATUS, Client, get  # noqa: E402
from mock import SANITIZED, Mock, allow_descriptors, eventually  # noqa: E402
from test_faults import ONE_USER, call  # noqa: E402

# Gateways that stay, and are abused.
ABUSED = [f"abused-{number}" for number in range(4)]
CLIENT_PROCESSES = 3
# More than that from the third to the fourth quarter is growth, in KiB: the allocator's ups and downs are less. In a short run
# the sanitizer's own memory is still filling up.
GROWTH_KIB, SHORT_S, SHORT_GROWTH_KIB = 4096, 300, 65536
# Until the last who left has been noticed.
PATIENCE = 120.0


def sanitizer_options(folder):
    """Findings go to files. Freed memory is kept for a while, to find who still uses it, but not so much that it hides growth."""
    common = os.environ.get("ASAN_OPTIONS", f"log_path={folder}/finding")
    os.environ["ASAN_OPTIONS"] = f"{common}:quarantine_size_mb=16:allocator_release_to_os_interval_ms=1000"
    os.environ.setdefault("UBSAN_OPTIONS", f"log_path={folder}/finding:print_stacktrace=1")


def begin(role, seed, until, arguments):
    command = [sys.executable, ways.__file__, role, str(seed), str(until), json.dumps(arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def add_gateway(mock, name):
    body = {"name": name, "scenario": "authenticated", "clock": "scaled:1"}
    return call(mock, "POST", "/gateways", body)["port"]


def answers_of(client):
    return [client.ask(get(target)).raw for target in (ONE_USER, STATUS, "/nowhere")]


def statuses(port):
    """Those of a gateway whose clock goes on, and whose answers have times in them."""
    client = Client(port)
    answers = answers_of(client)
    client.close()
    return [answer.split(b"\r\n", 1)[0] for answer in answers]


# Where AddressSanitizer has what a program allocates, on x86-64.
HEAP = (0x600000000000, 0x640000000000)


def memory_kib(mock):
    """What the process itself holds. A sanitizer's notes of where memory was allocated grow for hours, outside of that."""
    heap, inside = 0, False
    for line in Path(f"/proc/{mock.pid}/smaps").read_text().splitlines():
        if line.startswith("Anonymous:"):
            heap += int(line.split()[1]) if inside else 0
        elif line[0] in "0123456789abcdef":
            inside = HEAP[0] <= int(line.split("-", 1)[0], 16) < HEAP[1]
    return heap or mock.memory_kib()


def look_at(mock, crowd, good, wanted, until):
    """Until it is over: memory once in a while, and whether the one gateway is as ever. Returns (when, KiB) of each look."""
    looks = []
    every = max(0.2, (until - time.time()) / 400)
    while time.time() < until or any(one.poll() is None for one in crowd):
        assert mock.process.poll() is None, f"cpgw-mock has ended:\n{mock.log()[-20000:]}"
        assert answers_of(good) == wanted
        newcomer = Client(mock.port)
        assert answers_of(newcomer) == wanted
        newcomer.close()
        if time.time() < until:
            looks.append((time.time(), memory_kib(mock)))
        time.sleep(every)
    return looks


def quarters(looks):
    """The median of each quarter of the time."""
    first, last = looks[0][0], looks[-1][0]
    parts = [[], [], [], []]
    for when, kib in looks:
        parts[min(3, int(4 * (when - first) / (last - first + 1e-9)))].append(kib)
    return [int(statistics.median(part)) for part in parts]


def add_up(crowd):
    counts = {}
    for one in crowd:
        said = one.communicate()[0]
        assert one.returncode == 0, f"{one.args} ended with {one.returncode}"
        for name, count in json.loads(said).items():
            counts[name] = counts.get(name, 0) + count
    return counts


def clean_up(mock):
    for gateway in call(mock, "GET", "/gateways")["gateways"]:
        if gateway["name"] in ABUSED:
            call(mock, "POST", f"/gateways/{gateway['name']}/reset")
        elif gateway["name"].startswith("made-"):
            call(mock, "DELETE", f"/gateways/{gateway['name']}")


def run(folder, seconds, seed):
    mock = Mock(folder, "authenticated", "--clock", "manual", "--journal-size", "256")
    crowd = []
    try:
        ports = [add_gateway(mock, name) for name in ABUSED]
        good = Client(mock.port)
        wanted = answers_of(good)
        sound = [statuses(port) for port in ports]
        admin_port = int(mock.admin_url.rsplit(":", 1)[1])
        bare = settled_descriptors(mock)
        until = time.time() + seconds
        crowd = [begin("clients", seed + number, until, ports) for number in range(CLIENT_PROCESSES)]
        crowd.append(begin("tester", seed + CLIENT_PROCESSES, until, [admin_port, ABUSED]))
        looks = look_at(mock, crowd, good, wanted, until)
        counts = add_up(crowd)
        clean_up(mock)
        eventually(lambda: mock.descriptors() <= bare, PATIENCE)
        left = mock.descriptors()
        mock.comes_to_rest()
        assert answers_of(good) == wanted
        assert [statuses(port) for port in ports] == sound
        good.close()
        took = mock.stop()
    except BaseException:
        for one in crowd:
            one.kill()
        if mock.process.poll() is None:
            mock.kill()
        raise
    return {"counts": counts, "quarters": quarters(looks), "descriptors": (bare, left), "stopped_in": took}


def settled_descriptors(mock):
    """Once those who left have been noticed."""
    seen = []

    def is_settled():
        seen.append(mock.descriptors())
        return len(seen) > 20 and len(set(seen[-20:])) == 1

    eventually(is_settled)
    return seen[-1]


def report(found):
    for name, count in sorted(found["counts"].items()):
        print(f"  {count:>8,}  {name}")
    print(f"memory, by quarters: {', '.join(f'{kib:,}' for kib in found['quarters'])} KiB")
    print("descriptors before and after: {} and {}".format(*found["descriptors"]))
    print(f"ended in {found['stopped_in']:.2f} s", flush=True)


def main():
    parser = argparse.ArgumentParser(prog="tests/soak/abuse.py", description="Abuses cpgw-mock for a while.")
    parser.add_argument("--seconds", type=float, default=1200)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 31))
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}, {arguments.seconds:g} s, {'with' if SANITIZED else 'without'} sanitizers", flush=True)
    allow_descriptors()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["XDG_STATE_HOME"] = str(folder / "state")
        sanitizer_options(folder)
        found = run(folder, arguments.seconds, arguments.seed)
        report(found)
        findings = [path.read_text(errors="replace") for path in sorted(folder.glob("finding*"))]
    assert not findings, "\n".join(findings)
    third, fourth = found["quarters"][2:]
    allowed = GROWTH_KIB if arguments.seconds >= SHORT_S else SHORT_GROWTH_KIB
    assert fourth - third <= allowed, "memory grew from the third quarter to the fourth"


if __name__ == "__main__":
    main()
