"""Measures cpgw-mock: beside nginx, alone (alone.py), and beside another mock server (peer.py). Called by script/bench,
which builds what this needs.

Everything is measured in pairs: a short slice of the one server, then the same of the other, the next pair the other way
round, so that what else the machine does meets both alike. Figures are medians over all slices; the ratio is the median of
the pairs' ratios, which a busy machine disturbs less than it does the figures.
"""

import argparse
import json
import os
import platform
import re
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import alone
import peer
from answers import Answer, compare
from load import run_wrk
from servers import TICKS, Mock, Nginx

CONNECTIONS = (1, 16, 64)
# A held connection gives back what it can after a quarter of a second; both servers get longer.
SETTLE_S = 1.0


class Size:
    """How much of everything. Whatever runs, runs for so long or so often, and no more."""

    def __init__(self, quick):
        self.rounds = 3 if quick else 5
        self.pairs = {"start": 5, "load": 2, "handshakes": 1, "memory": 1}
        if not quick:
            self.pairs = {"start": 10, "load": 4, "handshakes": 3, "memory": 1}
        self.load_s = 1
        self.handshakes = 300 if quick else 500
        self.held = 300 if quick else 1000


# ---- what is measured: each takes a server and gives figures by name ----


def measure_start(server, _size):
    return json.loads(server.measure_start())


def measure_load(server, size):
    figures = {}
    with server:
        for connections in CONNECTIONS:
            before = server.cpu_seconds()
            result = run_wrk(server.name, server.url(), connections, size.load_s)
            used = server.cpu_seconds() - before
            figures[f"requests_per_s_{connections}"] = result["requests"] / result["seconds"]
            figures[f"p50_us_{connections}"] = result["p50_us"]
            figures[f"p99_us_{connections}"] = result["p99_us"]
            figures[f"cpu_s_per_100k_{connections}"] = used / result["requests"] * 100_000
    return figures


def measure_handshakes(server, size):
    figures = {}
    with server:
        server.fetch()
        for kind in ("full", "resumed"):
            before = server.cpu_seconds()
            command = [server.client, "handshakes", str(server.port), kind, str(size.handshakes)]
            run = subprocess.run(command, capture_output=True, text=True, timeout=120)
            if run.returncode != 0:
                raise RuntimeError(f"{server.name}, {kind} handshakes: {run.stderr}")
            result = json.loads(run.stdout)
            used = server.cpu_seconds() - before
            figures[f"{kind}_per_s"] = result["count"] / result["seconds"]
            figures[f"{kind}_cpu_us"] = used / (result["count"] + 1) * 1e6
    return figures


def measure_memory(server, size):
    with server:
        server.fetch()
        time.sleep(SETTLE_S)
        idle_kib, own_kib = server.pss_kib("Pss"), server.pss_kib("Pss_Anon")
        command = [server.client, "hold", str(server.port), str(size.held)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
            try:
                if holder.stdout.readline() != "held\n":
                    raise RuntimeError(f"{server.name} does not hold {size.held} connections")
                time.sleep(SETTLE_S)
                held_kib = server.pss_kib("Pss")
            finally:
                holder.kill()
    return {"idle_mib": idle_kib / 1024, "own_mib": own_kib / 1024, "held_kib": (held_kib - idle_kib) / size.held}


MEASURES = {"start": measure_start, "load": measure_load, "handshakes": measure_handshakes, "memory": measure_memory}
PEER = "peer"
NAMES = [*MEASURES, *alone.MEASURES, PEER]

# ---- how it is shown ----


class Row:
    def __init__(self, key, label, unit, decimals=1, more_is_better=False):
        self.key, self.label, self.unit, self.decimals, self.more_is_better = key, label, unit, decimals, more_is_better

    def ratio(self, ours, theirs):
        """Above 1: better than the other server."""
        better, worse = (ours, theirs) if self.more_is_better else (theirs, ours)
        return better / worse if worse > 0 else float("inf")


ROWS = [
    Row("start_ms", "exec to first HTTPS answer", "ms"),
    *(Row(f"requests_per_s_{n}", f"requests, {n} connection{'s'[: n > 1]}", "1/s", 0, True) for n in CONNECTIONS),
    *(
        Row(f"{p}_us_{n}", f"{p}, {n} connection{'s'[: n > 1]}", "µs", 0)
        for n in CONNECTIONS
        for p in ("p50", "p99")
    ),
    *(Row(f"cpu_s_per_100k_{n}", f"CPU per 100,000 requests, {n} connection{'s'[: n > 1]}", "s", 2) for n in CONNECTIONS),
    Row("full_per_s", "full handshakes, one after the other", "1/s", 0, True),
    Row("resumed_per_s", "resumed handshakes, the same", "1/s", 0, True),
    Row("full_cpu_us", "CPU per full handshake", "µs", 0),
    Row("resumed_cpu_us", "CPU per resumed handshake", "µs", 0),
    Row("idle_mib", "memory idle (Pss)", "MiB", 2),
    Row("own_mib", "of that not from files (Pss_Anon)", "MiB", 2),
    Row("held_kib", "memory per held connection", "KiB"),
    Row("stop_ms", "SIGTERM to exit", "ms"),
]

# What we want of ourselves. A machine that is busy with something else may well miss one.
GOALS = [
    ("at one connection at least as many requests", "requests_per_s_1", 1.0),
    ("at 16 connections at least 0.7 as many", "requests_per_s_16", 0.7),
    ("at 64 connections at least 0.7 as many", "requests_per_s_64", 0.7),
    *((f"no more CPU per request, {n} connection{'s'[: n > 1]}", f"cpu_s_per_100k_{n}", 1.0) for n in CONNECTIONS),
    ("no more CPU per full handshake", "full_cpu_us", 1.0),
    ("no more CPU per resumed handshake", "resumed_cpu_us", 1.0),
    ("first answer in half the time", "start_ms", 2.0),
    ("idle memory at least 3 times smaller", "idle_mib", 3.0),
    ("stops at least 5 times sooner", "stop_ms", 5.0),
]
HELD_KIB_MAX = 17.0


def summarise(samples, other):
    """Per row: both medians, the median of the pairs' ratios, and between which two the middle half of them lies."""
    summary = {}
    for row in ROWS:
        ours, theirs = ([figures[row.key] for figures in samples[name] if row.key in figures] for name in ("cpgw-mock", other))
        if not ours:
            continue
        ratios = [row.ratio(*pair) for pair in zip(ours, theirs)]
        low, ratio, high = statistics.quantiles(ratios, n=4, method="inclusive") if len(ratios) > 1 else ratios * 3
        summary[row.key] = {
            "cpgw-mock": statistics.median(ours),
            other: statistics.median(theirs),
            "ratio": ratio,
            "ratio_low": low,
            "ratio_high": high,
            "pairs": len(ratios),
        }
    return summary


def print_table(summary, other):
    form = "{:<46}{:>12}{:>12}  {:<4}{:>7}  {:<15}{:>5}"
    print(form.format("", "cpgw-mock", other, "", "ratio", "middle half", "pairs"))
    for row in ROWS:
        if row.key not in summary:
            continue
        found = summary[row.key]
        shown = [f"{found[name]:,.{row.decimals}f}" for name in ("cpgw-mock", other)]
        half = f"{found['ratio_low']:.2f} to {found['ratio_high']:.2f}"
        print(form.format(row.label, *shown, row.unit, f"{found['ratio']:.2f}", half, found["pairs"]))
    print(f"\nA ratio above 1 is better than {other}. Figures and ratios are medians; the middle half of the pairs lies where it says.\n")


def print_goals(summary):
    print("Goals")
    for label, key, wanted in GOALS:
        if key in summary:
            ratio = summary[key]["ratio"]
            print(f"  {'met' if ratio >= wanted else 'short':<6}{label} ({ratio:.2f})")
    if "held_kib" in summary:
        held = summary["held_kib"]["cpgw-mock"]
        print(f"  {'met' if held <= HELD_KIB_MAX else 'short':<6}a held connection takes at most {HELD_KIB_MAX:.0f} KiB ({held:.1f})")


def first_line(*command):
    run = subprocess.run(command, capture_output=True, text=True, timeout=10)
    return (run.stdout + run.stderr).splitlines()[0]


def describe_machine():
    model = re.search(r"^model name\s*:\s*(.*)", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    model = model[1] if model else platform.machine()
    return f"{os.cpu_count()} cores, {model}, Linux {platform.release()}"


def describe_versions(binary):
    wrk = first_line("wrk", "-v").split(" [")[0]
    nginx = first_line("nginx", "-v").removeprefix("nginx version: ")
    openssl = first_line(sys.executable, "-c", "import ssl; print(ssl.OPENSSL_VERSION)")
    return f"{first_line(binary, '--version')}, {nginx}, {wrk}, {openssl}"


# ---- the run ----


def read_arguments():
    parser = argparse.ArgumentParser(prog="script/bench", description="Measures cpgw-mock: beside nginx, alone, and beside another mock server.")
    parser.add_argument("--quick", action="store_true", help="about a minute, for CI: rougher figures")
    parser.add_argument("--rounds", type=int, help="5, or 3 with --quick; a round has several pairs")
    parser.add_argument("--only", action="append", choices=NAMES, metavar="NAME", help=f"one of {', '.join(NAMES)}; may be repeated")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there, every slice's too")
    arguments = parser.parse_args()
    if arguments.rounds is not None and not 1 <= arguments.rounds <= 100:
        parser.error("--rounds takes 1 to 100")
    return arguments


def prepare(folder, client, binary):
    """Both servers, answering the same, and the sentence that says so."""
    mock = Mock(client, folder / "cpgw-mock", binary)
    with mock:
        ours, again = Answer(mock.fetch()), Answer(mock.fetch())
    if not ours.status.startswith("HTTP/1.1 200") or len(ours.raw) != len(again.raw):
        raise RuntimeError(f"cpgw-mock does not answer as it should:\n{ours.raw!r}\n{again.raw!r}")
    nginx = Nginx(client, folder / "nginx", ours, mock.certificate())
    with nginx:
        sentence = compare(ours, Answer(nginx.fetch()))
    return mock, nginx, sentence


def show_progress(text):
    if sys.stderr.isatty():
        print(f"\r{text:<50}", end="", file=sys.stderr, flush=True)


def run_rounds(servers, measures, size):
    """Samples by server; those of one pair have the same place in both lists."""
    samples = {server.name: [] for server in servers}
    order = servers
    for number in range(size.rounds):
        for name in measures:
            for pair in range(size.pairs[name]):
                show_progress(f"round {number + 1} of {size.rounds}: {name} {pair + 1} of {size.pairs[name]}")
                for server in order:
                    samples[server.name].append(MEASURES[name](server, size))
                order = order[::-1]
    show_progress("")
    show_progress("\r")
    return samples


def beside_nginx(measures, folder, client, binary, size):
    mock, nginx, sentence = prepare(folder, client, binary)
    print(sentence + "\n", flush=True)
    samples = run_rounds([mock, nginx], measures, size)
    summary = summarise(samples, nginx.name)
    print_table(summary, nginx.name)
    print_goals(summary)
    return {"summary": summary, "samples": samples}


def alone_by_itself(names, folder, client, binary, size):
    mock = alone.ManualMock(client, folder / "alone", binary)
    samples = {}
    for number in range(size.rounds):
        for name in names:
            if number > 0 and name in alone.ONCE:
                continue
            show_progress(f"alone, round {number + 1} of {size.rounds}: {name}")
            for key, value in alone.MEASURES[name](mock, size).items():
                samples.setdefault(key, []).append(value)
    show_progress("")
    show_progress("\r")
    alone.print_table(samples)
    return {"alone": samples}


def beside_a_peer(folder, client, binary, size):
    mock = Mock(client, folder / "beside-peer", binary)
    with mock:
        answer = Answer(mock.fetch())
    other = peer.Mountebank(client, folder / "peer", answer, mock.certificate())
    # The two lie so far apart that rough figures say it.
    rough = Size(quick=True)
    rough.rounds = min(rough.rounds, size.rounds)
    samples = run_rounds([mock, other], ["start", "load", "memory"], rough)
    summary = summarise(samples, other.name)
    print(f"\nBeside {other.name} {peer.VERSION}, whose imposter gives the same status and body")
    print_table(summary, other.name)
    return {"peer": {"summary": summary, "samples": samples}}


def measure_all(names, folder, client, binary, size):
    results = {}
    if beside := [name for name in names if name in MEASURES]:
        results.update(beside_nginx(beside, folder, client, binary, size))
    why = {name: alone.MISSING[name]() for name in names if name in alone.MISSING}
    if PEER in names:
        why[PEER] = peer.is_missing()
    names = [name for name in names if not why.get(name)]
    if by_itself := [name for name in names if name in alone.MEASURES]:
        results.update(alone_by_itself(by_itself, folder, client, binary, size))
    if PEER in names:
        results.update(beside_a_peer(folder, client, binary, size))
    for name, reason in why.items():
        if reason:
            print(f"Not measured: {name}: {reason}")
    return results


class Bystanders:
    """What else the machine did meanwhile: the noise in our figures."""

    def __init__(self):
        self.begun = self._read()

    @staticmethod
    def _read():
        fields = [int(field) / TICKS for field in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
        user, nice, system, idle, waiting, interrupts, soft_interrupts, stolen = fields
        own = sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        busy = user + nice + system + interrupts + soft_interrupts
        return {"all": busy + idle + waiting + stolen, "others": busy - own, "stolen": stolen}

    def __str__(self):
        spent = {name: after - self.begun[name] for name, after in self._read().items()}
        share = {name: max(0, 100 * spent[name] / max(spent["all"], 1e-9)) for name in ("others", "stolen")}
        return f"Meanwhile other programs kept {share['others']:.0f} % of it busy, and {share['stolen']:.0f} % was not ours to have."


def end_in_order(signal_number, _frame):
    """Servers are stopped on the way out."""
    sys.exit(128 + signal_number)


def main():
    arguments = read_arguments()
    binary, client = Path(os.environ["CPGW_MOCK"]), Path(os.environ["CPGW_BENCH_CLIENT"])
    signal.signal(signal.SIGTERM, end_in_order)
    signal.signal(signal.SIGHUP, end_in_order)
    size = Size(arguments.quick)
    size.rounds = arguments.rounds or size.rounds
    machine = describe_machine()
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=client.parent))
    begun = time.monotonic()
    bystanders = Bystanders()
    try:
        results = measure_all(arguments.only or NAMES, folder, client, binary, size)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    noise = str(bystanders)
    versions = describe_versions(binary)
    print(f"\n{size.rounds} rounds, {time.monotonic() - begun:.0f} s in all.\n{machine}\n{noise}\n{versions}")
    if arguments.json:
        result = {"machine": machine, "noise": noise, "versions": versions, **results}
        arguments.json.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    try:
        main()
    except (RuntimeError, OSError, subprocess.TimeoutExpired) as problem:
        sys.exit(f"script/bench: {problem}")
    except KeyboardInterrupt:
        sys.exit(130)
