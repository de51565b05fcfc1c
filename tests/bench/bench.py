"""Measures cpgw-mock and nginx side by side. Called by script/bench, which builds what this needs.

In every round each measure is taken of both servers, one right after the other, and the next round begins with the other
one: what else the machine does meets both. Figures are medians over the rounds.
"""

import argparse
import json
import os
import platform
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from answers import Answer, compare
from servers import Mock, Nginx

HERE = Path(__file__).resolve().parent
CONNECTIONS = (1, 16, 64)
# A held connection gives back what it can after a quarter of a second; both servers get longer.
SETTLE_S = 1.0


class Size:
    """How much of everything. Whatever runs, runs for so long or so often, and no more."""

    def __init__(self, quick):
        self.rounds = 3 if quick else 5
        self.starts = 3 if quick else 7
        self.load_s = 1 if quick else 3
        self.handshakes = 300 if quick else 1500
        self.held = 300 if quick else 1000


# ---- what is measured: each takes a server and gives figures by name ----


def measure_start(server, size):
    lives = [json.loads(server.measure_start()) for _ in range(size.starts)]
    return {name: statistics.median(life[name] for life in lives) for name in ("start_ms", "stop_ms")}


def run_wrk(server, connections, seconds):
    url = f"https://127.0.0.1:{server.port}/v1/api/tickle"
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", HERE / "tickle.lua", url]
    run = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 30)
    if run.returncode != 0:
        raise RuntimeError(f"wrk: {run.stderr}")
    result = json.loads(run.stdout.splitlines()[-1])
    if result["lost"]:
        raise RuntimeError(f"{server.name}: {result['lost']} requests went wrong at {connections} connections")
    return result


def measure_load(server, size):
    figures = {}
    with server:
        run_wrk(server, 16, 1)  # caches and branch predictors, not counted
        for connections in CONNECTIONS:
            before = server.cpu_seconds()
            result = run_wrk(server, connections, size.load_s)
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
        idle_kib = server.pss_kib()
        command = [server.client, "hold", str(server.port), str(size.held)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
            try:
                if holder.stdout.readline() != "held\n":
                    raise RuntimeError(f"{server.name} does not hold {size.held} connections")
                time.sleep(SETTLE_S)
                held_kib = server.pss_kib()
            finally:
                holder.kill()
    return {"idle_mib": idle_kib / 1024, "held_kib": (held_kib - idle_kib) / size.held}


MEASURES = {"start": measure_start, "load": measure_load, "handshakes": measure_handshakes, "memory": measure_memory}

# ---- how it is shown ----


class Row:
    def __init__(self, key, label, unit, decimals=1, more_is_better=False):
        self.key, self.label, self.unit, self.decimals, self.more_is_better = key, label, unit, decimals, more_is_better

    def ratio(self, ours, theirs):
        """Above 1: better than nginx."""
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
    ("first answer at least 3 times sooner", "start_ms", 3.0),
    ("idle memory at least 3 times smaller", "idle_mib", 3.0),
    ("stops at least 5 times sooner", "stop_ms", 5.0),
]
HELD_KIB_MAX = 17.0


def summarise(samples):
    """Per row: both medians, their ratio, and the ratios of the single rounds."""
    summary = {}
    for row in ROWS:
        ours, theirs = ([figures[row.key] for figures in samples[name] if row.key in figures] for name in ("cpgw-mock", "nginx"))
        if not ours:
            continue
        medians = statistics.median(ours), statistics.median(theirs)
        ratios = [row.ratio(*pair) for pair in zip(ours, theirs)]
        summary[row.key] = {
            "cpgw-mock": medians[0],
            "nginx": medians[1],
            "ratio": row.ratio(*medians),
            "ratio_min": min(ratios),
            "ratio_max": max(ratios),
        }
    return summary


def print_table(summary):
    form = "{:<46}{:>12}{:>12}  {:<4}{:>7}  {}"
    print(form.format("", "cpgw-mock", "nginx", "", "ratio", "rounds"))
    for row in ROWS:
        if row.key not in summary:
            continue
        found = summary[row.key]
        shown = [f"{found[name]:,.{row.decimals}f}" for name in ("cpgw-mock", "nginx")]
        rounds = f"{found['ratio_min']:.2f} to {found['ratio_max']:.2f}"
        print(form.format(row.label, *shown, row.unit, f"{found['ratio']:.2f}", rounds))
    print("\nA ratio above 1 is better than nginx; beside it the ratios of the single rounds.\n")


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
    return f"{os.cpu_count()} cores, {model}, Linux {platform.release()}, load {os.getloadavg()[0]:.1f} at the start"


def describe_versions(binary):
    wrk = first_line("wrk", "-v").split(" [")[0]
    nginx = first_line("nginx", "-v").removeprefix("nginx version: ")
    openssl = first_line(sys.executable, "-c", "import ssl; print(ssl.OPENSSL_VERSION)")
    return f"{first_line(binary, '--version')}, {nginx}, {wrk}, {openssl}"


# ---- the run ----


def read_arguments():
    parser = argparse.ArgumentParser(prog="script/bench", description="Measures cpgw-mock and nginx side by side.")
    parser.add_argument("--quick", action="store_true", help="about a minute, for CI: rougher figures")
    parser.add_argument("--rounds", type=int, help="how often everything is measured (5; 3 with --quick)")
    parser.add_argument("--only", action="append", choices=MEASURES, metavar="NAME", help=f"one of {', '.join(MEASURES)}; may be repeated")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there, every round's too")
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


def run_rounds(servers, measures, size):
    samples = {server.name: [] for server in servers}
    for number in range(size.rounds):
        order = servers if number % 2 == 0 else servers[::-1]
        for server in servers:
            samples[server.name].append({})
        for name in measures:
            print(f"\rround {number + 1} of {size.rounds}: {name:<12}", end="", file=sys.stderr, flush=True)
            for server in order:
                samples[server.name][-1].update(MEASURES[name](server, size))
    print("\r" + " " * 40 + "\r", end="", file=sys.stderr, flush=True)
    return samples


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
    try:
        mock, nginx, sentence = prepare(folder, client, binary)
        print(sentence + "\n", flush=True)
        samples = run_rounds([mock, nginx], arguments.only or list(MEASURES), size)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    summary = summarise(samples)
    versions = describe_versions(binary)
    print_table(summary)
    print_goals(summary)
    print(f"\nMedians of {size.rounds} interleaved rounds, {time.monotonic() - begun:.0f} s in all.\n{machine}\n{versions}")
    if arguments.json:
        result = {"machine": machine, "versions": versions, "summary": summary, "rounds": samples}
        arguments.json.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    try:
        main()
    except (RuntimeError, OSError, subprocess.TimeoutExpired) as problem:
        sys.exit(f"script/bench: {problem}")
    except KeyboardInterrupt:
        sys.exit(130)
