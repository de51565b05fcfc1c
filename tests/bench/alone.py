"""What nginx has nothing like: the control API, gateways by the hundred, the journal. Measured of cpgw-mock alone.

Each function takes a folder of its own and gives figures by name; `ROWS` says how they are shown.
"""

import http.client
import json
import re
import shutil
import statistics
import subprocess
import time

import websockets
from load import run_wrk
from servers import WITHIN, Mock, cpu_seconds

COUNTS = (10, 100, 1000)
# Gateways whose making is timed: others are there already, as in a run of many tests.
MADE = 500
# Gateways that have so many requests as a journal keeps, unless it is told otherwise.
FULL, JOURNAL_SIZE = 50, 4096
# A closed connection gives back what it can after a quarter of a second.
SETTLE_S = 1.0
CALLS = {
    "state": ("GET", "/__admin/state", ""),
    "advance": ("POST", "/__admin/clock/advance", '{"by":"1ms"}'),
}
# Answers that are delayed at once, and by how much.
DELAYED, DELAY_MS = 1000, 1000
# Requests under callgrind: the difference leaves out the start, the handshake and what only the first ones do.
FEW, MANY = 300, 1300
# What would go if no journal were kept, with what it calls.
JOURNAL = ("journal_next", "journal_add_request", "journal_add_text")


class ManualMock(Mock):
    """One whose clock stands still, and whose control API we know."""

    options = []

    def command(self):
        return [*super().command(), "--clock", "manual", *self.options]

    def __enter__(self):
        super().__enter__()
        deadline = time.monotonic() + WITHIN
        while not (said := re.search(r'"admin_url":"http://localhost:(\d+)"', self.log.read_text())):
            if time.monotonic() > deadline:
                raise RuntimeError(f"cpgw-mock does not say where its control API is: {self.log.read_text()[-2000:]}")
            time.sleep(0.01)
        self.admin_port = int(said[1])
        self.admin = http.client.HTTPConnection("localhost", self.admin_port, timeout=WITHIN)
        return self

    def call(self, method, path, body=None):
        self.admin.request(method, "/__admin" + path, None if body is None else json.dumps(body))
        answer = self.admin.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {text.decode()}")
        return json.loads(text) if text else None

    def __exit__(self, *arguments):
        self.admin.close()
        super().__exit__(*arguments)


# ---- the control API ----


def measure_control(mock, size):
    figures = {}
    with mock:
        for name, (method, path, body) in CALLS.items():
            url = f"http://localhost:{mock.admin_port}{path}"
            call = {"BENCH_METHOD": method, "BENCH_BODY": body}
            before = mock.cpu_seconds()
            result = run_wrk(f"{method} {path}", url, 1, size.load_s, "control.lua", call)
            used = mock.cpu_seconds() - before
            figures[f"{name}_per_s"] = result["requests"] / result["seconds"]
            figures[f"{name}_p99_us"] = result["p99_us"]
            figures[f"{name}_cpu_us"] = used / result["requests"] * 1e6
    return figures


# ---- many gateways ----


def measure_gateways(mock, _size):
    """Server time is what the process was seen to use from before the call to after its answer; nothing else goes on in it."""
    figures = {}
    server_us, round_trip_us = [], []
    with mock:
        mock.call("GET", "/version")
        for number in range(MADE):
            used, begun = cpu_seconds(mock.process.pid), time.perf_counter()
            mock.call("POST", "/gateways", {"name": f"timed-{number}", "scenario": "authenticated"})
            round_trip_us.append((time.perf_counter() - begun) * 1e6)
            server_us.append((cpu_seconds(mock.process.pid) - used) * 1e6)
    for name, samples in (("create", server_us), ("create_trip", round_trip_us)):
        figures[f"{name}_p50_us"] = statistics.median(samples)
        figures[f"{name}_p99_us"] = statistics.quantiles(samples, n=100)[98]
    for count in COUNTS:
        figures.update(measure_gateway_memory(mock, count))
    figures["full_gateway_kib"] = measure_full_gateway(mock)
    return figures


def measure_full_gateway(mock):
    """What one takes whose journal is full, as it stays from then on."""
    with mock:
        mock.fetch()
        time.sleep(SETTLE_S)
        before = mock.pss_kib("Pss_Anon")
        for number in range(FULL):
            port = mock.call("POST", "/gateways", {"name": f"full-{number}"})["port"]
            subprocess.run([mock.client, "ask", str(port), str(JOURNAL_SIZE)], timeout=120, check=True)
        time.sleep(SETTLE_S)
        return (mock.pss_kib("Pss_Anon") - before) / FULL


def measure_gateway_memory(mock, count):
    """Each listens on both loopback addresses. First idle, then after one request each, over a connection that is closed again."""
    with mock:
        mock.fetch()
        time.sleep(SETTLE_S)
        before = mock.pss_kib("Pss_Anon")
        ports = [mock.call("POST", "/gateways", {"name": f"held-{number}"})["port"] for number in range(count)]
        time.sleep(SETTLE_S)
        idle = mock.pss_kib("Pss_Anon")
        for port in ports:
            subprocess.run([mock.client, "fetch", str(port)], stdout=subprocess.DEVNULL, timeout=WITHIN, check=True)
        time.sleep(SETTLE_S)
        used = mock.pss_kib("Pss_Anon")
    return {f"gateway_kib_{count}": (idle - before) / count, f"used_gateway_kib_{count}": (used - before) / count}


# ---- delayed answers ----


def measure_late(mock, _size):
    """So many answers that are all to be late by the same, from one thread."""
    with mock:
        mock.call("POST", "/clock/resume")
        mock.call("POST", "/faults", {"late": {"on": "tickle", "fixed": f"{DELAY_MS}ms"}})
        command = [mock.client, "late", str(mock.port), str(DELAYED), str(DELAY_MS)]
        run = subprocess.run(command, capture_output=True, text=True, timeout=120)
        if run.returncode != 0:
            raise RuntimeError(f"delayed answers: {run.stderr}")
    result = json.loads(run.stdout)
    return {f"late_{name}": result[name] for name in ("early", "p50_ms", "p99_ms", "max_ms")}


# ---- the journal ----


def count_instructions(mock, requests):
    """All instructions of a life with so many requests, and those in the journal, as callgrind counts them: no system calls."""
    out = mock.folder / f"callgrind.{requests}"
    command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", *mock.command()]
    with mock.log.open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=mock.environment())
    try:
        deadline = time.monotonic() + 60
        while '"url"' not in mock.log.read_text():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"cpgw-mock does not come up under valgrind: {mock.log.read_text()[-2000:]}")
            time.sleep(0.05)
        subprocess.run([mock.client, "ask", str(mock.port), str(requests)], timeout=120, check=True)
    finally:
        process.terminate()
        process.wait(60)
    listing = subprocess.run(
        ["callgrind_annotate", "--inclusive=yes", "--threshold=100", out], capture_output=True, text=True, check=True
    ).stdout
    return {
        name: sum(int(match[1].replace(",", "")) for match in re.finditer(pattern, listing, re.MULTILINE))
        for name, pattern in (
            ("all", r"^ *([\d,]+) .*PROGRAM TOTALS"),
            ("journal", rf"^ *([\d,]+) .*:(?:{'|'.join(JOURNAL)})(?:'\d+)?(?: \[.*)?$"),
        )
    }


def measure_journal_file(mock, size):
    """The same load with `--journal FILE` and without, one right after the other."""
    journal = mock.folder / "journal.ndjson"
    figures = {}
    for key, server_options in (("plain", []), ("filed", ["--journal", journal])):
        mock.options = server_options
        with mock:
            before = mock.cpu_seconds()
            result = run_wrk(mock.name, mock.url(), 16, size.load_s)
            used = mock.cpu_seconds() - before
        figures[f"{key}_per_s"] = result["requests"] / result["seconds"]
        figures[f"{key}_cpu_us"] = used / result["requests"] * 1e6
    mock.options = []
    figures["filed_bytes"] = journal.stat().st_size / result["requests"]
    journal.unlink()
    figures["filed_ratio"] = figures["filed_per_s"] / figures["plain_per_s"]
    figures["filed_cpu_ratio"] = figures["filed_cpu_us"] / figures["plain_cpu_us"]
    return figures


def measure_journal(mock, _size):
    few, many = count_instructions(mock, FEW), count_instructions(mock, MANY)
    per_request = {name: (many[name] - few[name]) / (MANY - FEW) for name in few}
    return {
        "instructions": per_request["all"],
        "journal_instructions": per_request["journal"],
        "journal_share": 100 * per_request["journal"] / (per_request["all"] - per_request["journal"]),
    }


def journal_is_missing():
    """Why the journal cannot be measured here, or nothing."""
    return "" if shutil.which("valgrind") and shutil.which("callgrind_annotate") else "valgrind is not installed"


# ---- how it is shown ----

ROWS = [
    ("state_per_s", "GET /__admin/state, 1 connection", "1/s", 0),
    ("state_p99_us", "p99 of it", "µs", 0),
    ("state_cpu_us", "CPU of each", "µs", 1),
    ("advance_per_s", "POST /__admin/clock/advance, 1 connection", "1/s", 0),
    ("advance_p99_us", "p99 of it", "µs", 0),
    ("advance_cpu_us", "CPU of each", "µs", 1),
    ("create_p50_us", "a gateway created, server time, median", "µs", 0),
    ("create_p99_us", "p99 of it", "µs", 0),
    ("create_trip_p50_us", "from the call to the answer, median", "µs", 0),
    ("create_trip_p99_us", "p99 of it", "µs", 0),
    *((f"gateway_kib_{count}", f"memory a gateway (Pss_Anon), of {count:,}", "KiB", 1) for count in COUNTS),
    *((f"used_gateway_kib_{count}", f"after a request each, of {count:,}", "KiB", 1) for count in COUNTS),
    ("full_gateway_kib", f"after {JOURNAL_SIZE:,} requests each: a full journal", "KiB", 0),
    ("late_early", f"{DELAYED:,} answers delayed at once: early", "", 0),
    ("late_p50_ms", "how late the others were, median", "ms", 2),
    ("late_p99_ms", "p99 of it", "ms", 2),
    ("late_max_ms", "the latest", "ms", 2),
    *websockets.ROWS,
    ("plain_per_s", "requests, 16 connections", "1/s", 0),
    ("filed_per_s", "the same with --journal FILE", "1/s", 0),
    ("filed_ratio", "ratio", "", 2),
    ("filed_cpu_ratio", "ratio of the CPU per request", "", 2),
    ("filed_bytes", "a record in the file", "bytes", 0),
    ("instructions", "a request, without system calls", "instr.", 0),
    ("journal_instructions", "of them for the journal", "instr.", 0),
    ("journal_share", "which adds to a request without one", "%", 1),
]
MEASURES = {
    "control": measure_control,
    "gateways": measure_gateways,
    "late": measure_late,
    "websockets": websockets.measure_websockets,
    "journal-file": measure_journal_file,
    "journal": measure_journal,
}
# These come out the same each time, or are medians of many already.
ONCE = ("gateways", "journal")
# Why one of them cannot be measured on this machine; "" where it can.
MISSING = {"journal": journal_is_missing}
# What is not to happen in any round.
NEVER = ("late_early",)
GOALS = [
    ("a gateway is created within a millisecond of server time, median", "create_p50_us", 1000),
    ("no delayed answer comes early", "late_early", 0),
    (f"of {DELAYED:,} delayed at once 99 % are late by at most 20 ms", "late_p99_ms", 20),
    ("a gateway of 1,000 takes at most 64 KiB after a request", "used_gateway_kib_1000", 64),
    ("a websocket of 1,000 takes at most 48 KiB, TLS included", "websocket_kib", 48),
]


def print_table(samples):
    """Medians over the rounds, where one bad round is not one too many."""
    figures = {key: max(values) if key in NEVER else statistics.median(values) for key, values in samples.items()}
    print("\ncpgw-mock alone")
    for key, label, unit, decimals in ROWS:
        if key in figures:
            print(f"  {label:<46}{figures[key]:>12,.{decimals}f}  {unit}")
    for label, key, most in GOALS:
        if key in figures:
            print(f"  {'met' if figures[key] <= most else 'short':<6}{label} ({figures[key]:,.0f})")
