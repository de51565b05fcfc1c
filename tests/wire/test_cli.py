"""The command line, as those who call it see it: exit codes, messages, files, signals.

Exit codes and option names are promises to scripts: what is asserted here is kept for ever.
"""

import contextlib
import http.client
import json
import os
import random
import re
import select
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("CPGW_MOCK", REPOSITORY / "build/release/cpgw-mock"))

FINE, USAGE, SCENARIO, CANNOT_BIND, INTERNAL = 0, 2, 3, 4, 6
COMMANDS = ["serve", "fault", "check", "list", "plan", "catalogue", "ready", "help"]
START = "2026-03-02T14:30:00.000Z"
# Longer than anything takes on a slow machine that is busy with other tests: who waits so long has found a fault.
WITHIN = 60.0
# What is to happen without waiting for anybody, there. How fast it is, the benchmarks tell.
AT_ONCE = 5.0


# ---- how it is called ----


@pytest.fixture(scope="module", autouse=True)
def clean_environment(tmp_path_factory):
    """No variable of the developer's reaches the program, and no certificate authority of theirs is touched."""
    before = dict(os.environ)
    for name in list(os.environ):
        if name.startswith("CPGW_") or name.upper().endswith("_PROXY"):
            del os.environ[name]
    os.environ["XDG_STATE_HOME"] = str(tmp_path_factory.mktemp("state"))
    # As fast as the machine's clock, but from the morning on: what befalls a session every night befalls no test.
    os.environ["CPGW_CLOCK"] = "scaled:1"
    os.environ["CPGW_WAIT"] = "1m"
    yield
    os.environ.clear()
    os.environ.update(before)


def call(*arguments, **environment):
    return subprocess.run(
        [BINARY, *arguments],
        capture_output=True,
        text=True,
        timeout=WITHIN,
        stdin=subprocess.DEVNULL,
        env={**os.environ, **environment},
    )


def refused(result, code, *lines):
    """One message, nothing else, and the right exit code."""
    assert result.stderr == "".join(line + "\n" for line in lines)
    assert result.stdout == ""
    assert result.returncode == code


def eventually(ask, within=WITHIN):
    """Asks until the answer is true, or fails."""
    deadline = time.monotonic() + within
    while True:
        answer = ask()
        if answer:
            return answer
        assert time.monotonic() < deadline, f"still {answer!r} after {within} s"
        select.select([], [], [], 0.01)


class Serving:
    def __init__(self, *arguments, command=("serve",), stderr=subprocess.PIPE, preexec_fn=None, **environment):
        self.process = subprocess.Popen(
            [BINARY, *command, *arguments],
            stdout=subprocess.PIPE,
            stderr=stderr,
            stdin=subprocess.DEVNULL,
            preexec_fn=preexec_fn,
            env={**os.environ, **environment},
        )

    def hello(self):
        """What it says about itself once it listens."""
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read() if self.process.stderr else "it said nothing"
        said = json.loads(line)
        self.url, self.port, self.ca_file = said["url"], said["port"], said["ca_file"]
        self.admin_url = said["admin_url"]
        return said

    def stop(self, number=signal.SIGTERM):
        """Ends it; what it wrote to standard error."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        out, err = self.process.communicate(timeout=WITHIN)
        assert self.process.returncode == FINE, err
        assert out == b"", "more than one line on standard output"
        return (err or b"").decode()


@contextlib.contextmanager
def serving(*arguments, **named):
    server = Serving("--port", "0", *arguments, **named)
    try:
        server.hello()
        yield server
    finally:
        if server.process.poll() is None:
            server.process.kill()
            server.process.communicate()
        for pipe in (server.process.stdout, server.process.stderr):
            if pipe:
                pipe.close()


def ask(server, target, method="GET", host="localhost", context=None):
    context = context or ssl.create_default_context(cafile=server.ca_file)
    connection = http.client.HTTPSConnection(host, server.port, context=context, timeout=WITHIN)
    with contextlib.closing(connection):
        connection.request(method, target, headers={"User-Agent": "test", "Content-Length": "0"})
        answer = connection.getresponse()
        return answer.status, answer.read()


def control(server, path, body=None, headers=None):
    """Asks the control API; the status and what the answer says."""
    where = urlsplit(server.admin_url)
    connection = http.client.HTTPConnection(where.hostname, where.port, timeout=WITHIN)
    with contextlib.closing(connection):
        text = None if body is None else json.dumps(body)
        connection.request("POST" if text else "GET", "/__admin" + path, text, headers or {})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())


def raw(server, request):
    """What no HTTP client would send."""
    context = ssl.create_default_context(cafile=server.ca_file)
    with socket.create_connection(("127.0.0.1", server.port), WITHIN) as plain:
        with context.wrap_socket(plain, server_hostname="localhost") as connection:
            connection.sendall(request)
            return connection.recv(65536)


def is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return True
    return False


@pytest.fixture
def free_port():
    """One that nobody is given who takes any: below those that the machine hands out."""
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    return next(port for port in iter(lambda: random.randrange(max(1024, lowest // 2), lowest), None) if is_free(port))


@pytest.fixture
def story(tmp_path):
    """Writes a scenario file."""

    def write(text, name="story.json"):
        file = tmp_path / name
        file.write_text(text)
        return str(file)

    return write


# ---- usage: exit code 2 ----

TRY = "Try 'cpgw-mock {}--help'.".format

USAGE_ERRORS = [
    (
        ["srve"],
        'there is no command "srve"; \'cpgw-mock help\' lists them; did you mean "serve"?',
        TRY(""),
    ),
    (
        ["help", "lst"],
        'there is no command "lst"; \'cpgw-mock help\' lists them; did you mean "list"?',
        TRY(""),
    ),
    (["serve", "--prot", "1"], 'serve has no option "--prot"; did you mean "--port"?', TRY("serve ")),
    (["--prot=1"], 'serve has no option "--prot"; did you mean "--port"?', TRY("serve ")),
    (["-h"], 'serve has no option "-h"; options are written "--name"', TRY("serve ")),
    (["--port", "70000"], '--port is "70000"; wanted a whole number from 0 to 65535', TRY("serve ")),
    (["--port"], "--port wants a value: a whole number from 0 to 65535", TRY("serve ")),
    (
        ["--tls", "autentic"],
        '--tls is "autentic"; wanted "modern" or "authentic"; did you mean "authentic"?',
        TRY("serve "),
    ),
    (
        ["--bind-address", "localhost"],
        '--bind-address is "localhost"; wanted a numeric address, such as 127.0.0.1 or ::1',
        TRY("serve "),
    ),
    (
        ["--clock", "scaled"],
        '--clock is "scaled"; wanted "real", "manual" or "scaled:N" with N from 1 to 100000',
        TRY("serve "),
    ),
    (["serve", "story.json"], 'serve wants nothing but options, found "story.json"', TRY("serve ")),
    (
        ["--cert", "a.pem"],
        "a certificate and its key go together: wanted --cert and --key, found --cert alone",
        TRY("serve "),
    ),
    (
        ["--key", "a.pem"],
        "a certificate and its key go together: wanted --cert and --key, found --key alone",
        TRY("serve "),
    ),
    (
        ["--no-admin", "--admin-port", "0"],
        "--no-admin does without what --admin-port is about; wanted one of them",
        TRY("serve "),
    ),
    (
        ["--admin-token", "a b"],
        '--admin-token is "a b"; wanted up to 256 printable ASCII characters without a blank',
        TRY("serve "),
    ),
    (
        ["--journal-size", "255"],
        '--journal-size is "255"; wanted a whole number from 256 to 1048576',
        TRY("serve "),
    ),
    (["check"], "check wants FILE..., found nothing more", TRY("check ")),
    (["list"], "list wants scenarios|endpoints|fixtures|faults, found nothing more", TRY("list ")),
    (
        ["list", "scenario"],
        'list knows no "scenario"; wanted scenarios, endpoints, fixtures or faults; did you mean "scenarios"?',
        TRY("list "),
    ),
    (
        ["list", "fixtures", "scenarios"],
        'list wants scenarios|endpoints|fixtures|faults and nothing after it, found "scenarios"',
        TRY("list "),
    ),
    (
        ["list", "fixtures", "--scenario", "fresh"],
        '--scenario is for "list endpoints", found "list fixtures"',
        TRY("list "),
    ),
    (
        ["ready", "--port", "1", "--port-file", "x"],
        "--port and --port-file both say where to look; wanted one of them",
        TRY("ready "),
    ),
    (
        ["ready", "--port", "0"],
        '--port is "0"; wanted a port from 1 to 65535, or a --port-file that says which',
        TRY("ready "),
    ),
    (["ready", "--wait", "5"], '--wait is "5"; wanted a duration, such as "250ms", "5s" or "1m30s"', TRY("ready ")),
]


@pytest.mark.parametrize("arguments, sentence, hint", USAGE_ERRORS, ids=[" ".join(row[0]) for row in USAGE_ERRORS])
def test_wrong_usage_gets_one_message_and_a_hint(arguments, sentence, hint):
    refused(call(*arguments), USAGE, f"cpgw-mock: {sentence}", hint)


def test_a_wrong_variable_is_named():
    refused(
        call("serve", CPGW_PORT="x"),
        USAGE,
        'cpgw-mock: CPGW_PORT is "x"; wanted a whole number from 0 to 65535',
        "Try 'cpgw-mock serve --help'.",
    )


# ---- help and version ----


@pytest.mark.parametrize("command", [None, *COMMANDS])
def test_help_fits_a_terminal_and_is_the_result(command):
    arguments = [command, "--help"] if command else ["--help"]
    result = call(*arguments, CPGW_PORT="nonsense")
    assert (result.returncode, result.stderr) == (FINE, "")
    assert result.stdout.startswith(f"Usage: cpgw-mock {command or '[COMMAND]'}")
    assert max(map(len, result.stdout.splitlines())) <= 80
    assert call("help", *([command] if command else [])).stdout == result.stdout


def test_options_without_a_command_are_those_of_serve():
    assert call("--port", "1", "--help").stdout == call("serve", "--help").stdout


@pytest.mark.parametrize("command", [[], *([command] for command in COMMANDS)])
def test_version(command):
    result = call(*command, "--version")
    assert re.fullmatch(r"cpgw-mock \d+\.\d+\.\d+\n", result.stdout)
    assert (result.returncode, result.stderr) == (FINE, "")


def test_a_result_that_cannot_be_written_is_a_failure():
    if not os.path.exists("/dev/full"):
        pytest.skip("there is no /dev/full here")
    with open("/dev/full", "w") as full:
        result = subprocess.run([BINARY, "--help"], stdout=full, stderr=subprocess.PIPE, text=True)
    assert result.stderr == "cpgw-mock: cannot write to standard output: No space left on device\n"
    assert result.returncode == INTERNAL


# ---- scenarios: exit code 3 ----

BAD_STORY = """{
  "title": "two mistakes",
  "extends": "gateway",
  "initial": ["authentcated"],
  "timeline": [{ "at": "soon", "event": "login" }]
}
"""


def test_a_bad_scenario_is_told_with_every_place_before_anything_listens(story, free_port, tmp_path):
    file, port_file = story(BAD_STORY), tmp_path / "port"
    result = call("serve", "--scenario", file, "--port", str(free_port), "--port-file", str(port_file))
    assert result.returncode == SCENARIO
    assert result.stdout == ""
    assert f"{file}:4:15: error: " in result.stderr
    assert '\n    "initial": ["authentcated"],\n                ^\n  did you mean "authenticated"?\n' in result.stderr
    assert f"{file}:5:24: error: " in result.stderr
    assert is_free(free_port)
    assert not port_file.exists()


def test_a_scenario_that_is_not_there_names_the_nearest_and_the_variable_it_came_from():
    why = 'there is no such scenario: wanted a built-in one\'s name, or a file\'s, such as "./mine.json"'
    expected = [f"athenticated: error: {why}", '  did you mean "authenticated"?']
    refused(call("serve", "--scenario", "athenticated"), SCENARIO, *expected)
    refused(
        call("serve", CPGW_SCENARIO="athenticated"), SCENARIO, *expected, 'cpgw-mock: CPGW_SCENARIO is "athenticated"'
    )


def test_a_scenario_that_is_no_file_is_told_from_one_that_is_not_there(tmp_path):
    folder, bare, pipe = tmp_path / "folder", tmp_path / "bare", tmp_path / "pipe.json"
    folder.mkdir()
    bare.write_text('{ "extends": "fresh" }')
    os.mkfifo(pipe)
    device = "a device or a pipe, not a file"
    for name, said in [
        ("nope", 'there is no such scenario: wanted a built-in one\'s name, or a file\'s, such as "./mine.json"'),
        (tmp_path / "gone.json", f"there is no file {tmp_path}/gone.json"),
        (folder, f"there is no file {folder}.json; {folder} is a folder"),
        (bare, f'there is no file {bare}.json; {bare} is there, but a scenario\'s name ends in ".json"'),
        ("/dev/zero", f"there is no file /dev/zero.json; /dev/zero is {device}"),
        (pipe, f"cannot read {pipe}: it is {device}"),  # and is not waited for
    ]:
        refused(call("serve", "--scenario", str(name)), SCENARIO, f"{name}: error: {said}")
        result = call("check", str(name))
        assert (result.returncode, result.stdout) == (SCENARIO, f"{name}: error: {said}\n")


def test_a_fixture_pack_that_is_not_there():
    expected = ["20266: error: there is no such fixture pack", '  did you mean "2026"?']
    refused(call("serve", "--fixtures", "20266"), SCENARIO, *expected)
    refused(call("serve", CPGW_FIXTURES="20266"), SCENARIO, *expected, 'cpgw-mock: CPGW_FIXTURES is "20266"')
    result = call("check", "fresh", "--fixtures", "20266")
    assert (result.returncode, result.stdout.splitlines()) == (SCENARIO, expected)


def test_check_reports_every_file_on_standard_output(story):
    good = story('{ "extends": "fresh", "title": "fine", "timeline": [{ "at": "1m", "event": "login" }] }', "good.json")
    bad = story(BAD_STORY, "bad.json")
    result = call("check", good, "fresh", bad, "nonesuch")
    assert result.returncode == SCENARIO
    assert result.stderr == ""
    assert result.stdout.startswith(f"{good}: fine\nfresh: fine\n{bad}:4:15: error: ")
    assert "nonesuch: error: there is no such scenario: wanted a built-in one's name, or a file's" in result.stdout
    assert call("check", good, "fresh").returncode == FINE


def test_check_as_json(story):
    bad = story(BAD_STORY)
    result = call("check", "fresh", bad, "--format", "json")
    fresh, wrong = json.loads(result.stdout)
    assert fresh == {"name": "fresh", "fine": True, "problem_count": 0, "problems": []}
    assert (wrong["name"], wrong["fine"]) == (bad, False)
    assert wrong["problem_count"] == len(wrong["problems"]) == 2
    first = wrong["problems"][0]
    assert (first["file"], first["line"], first["column"], first["nearest"]) == (bad, 4, 15, "authenticated")
    assert result.returncode == SCENARIO


def test_every_built_in_scenario_is_fine_with_every_pack():
    scenarios = [row["name"] for row in json.loads(call("list", "scenarios", "--format", "json").stdout)]
    packs = [row["name"] for row in json.loads(call("list", "fixtures", "--format", "json").stdout)]
    for pack in packs:
        result = call("check", *scenarios, "--fixtures", pack)
        assert result.stdout == "".join(f"{name}: fine\n" for name in scenarios)
        assert result.returncode == FINE


# ---- list ----


def read_json(file):
    """Ours may have lines of comments."""
    return json.loads(re.sub(r"^\s*//.*$", "", file.read_text(), flags=re.MULTILINE))


def test_list_scenarios_tells_what_the_files_say():
    files = {file.stem: read_json(file) for file in (REPOSITORY / "scenarios").rglob("*.json")}
    del files["scenario.schema"]
    known = {name: (file["title"], file.get("catalogue", {}).get("id", "")) for name, file in files.items()}
    rows = json.loads(call("list", "scenarios", "--format", "json").stdout)
    assert {row["name"]: (row["title"], row["catalogue"]) for row in rows} == known
    # For people the known failures come apart.
    ordinary, failures = (part.splitlines() for part in call("list", "scenarios").stdout.split("\n\n"))
    assert re.fullmatch(r"NAME +TITLE", ordinary[0]) and re.fullmatch(r"KNOWN FAILURE +TITLE", failures[0])
    assert [line.split()[0] for line in failures[1:]] == [row["name"] for row in rows if row["catalogue"]]
    assert [line.split()[0] for line in ordinary[1:]] == [row["name"] for row in rows if not row["catalogue"]]


def test_list_endpoints_says_who_answers():
    rows = json.loads(call("list", "endpoints", "--format", "json").stdout)
    assert {"methods": "GET,HEAD,POST", "path": "/v1/api/tickle", "answered_by": "upstream", "name": "tickle"} in rows
    assert any(row["name"] == "reauthenticate" and row["answered_by"] == "gateway" for row in rows)
    text = call("list", "endpoints").stdout.splitlines()
    assert len(text) == len(rows) + 1
    assert re.search(r"^GET,HEAD,POST +/v1/api/tickle +upstream +tickle$", "\n".join(text), re.MULTILINE)


def test_list_endpoints_of_a_scenario_of_ones_own(story):
    mine = '{ "mine": { "path": "/v1/api/mine", "answer": "tickle" } }'
    file = story(f'{{ "extends": "fresh", "title": "one more", "endpoints": {mine} }}')
    assert "/v1/api/mine" in call("list", "endpoints", "--scenario", file).stdout
    assert call("list", "endpoints", "--scenario", "nonesuch").returncode == SCENARIO
    assert call("list", "fixtures", CPGW_SCENARIO="nonesuch").returncode == FINE


def test_list_fixtures():
    rows = json.loads(call("list", "fixtures", "--format", "json").stdout)
    packs = {file.parent.name: read_json(file)["title"] for file in (REPOSITORY / "fixtures").glob("*/pack.json")}
    assert {row["name"]: row["title"] for row in rows} == packs


# ---- serving ----


def test_serve_is_the_default_and_says_in_one_line_where_it_is():
    with serving(command=()) as server:
        assert server.url == f"https://localhost:{server.port}"
        assert Path(server.ca_file).name == "ca.crt"
        assert Path(server.ca_file).is_relative_to(os.environ["XDG_STATE_HOME"])
        status, body = ask(server, "/v1/api/tickle")
        assert status == 200
        assert json.loads(body)["iserver"]["authStatus"]["authenticated"] is True
        server.stop()


def test_both_loopback_addresses_have_the_same_port():
    with serving() as server:
        assert ask(server, "/sso/ping", host="127.0.0.1")[0] == 200
        try:
            socket.create_connection(("::1", 1)).close()
        except ConnectionRefusedError:
            assert ask(server, "/sso/ping", host="::1")[0] == 200
        except OSError:
            pass  # this machine has no ::1
        server.stop()


def test_one_address_alone():
    with serving("--bind-address", "127.0.0.1") as server:
        assert server.url == f"https://127.0.0.1:{server.port}"
        assert ask(server, "/sso/ping", host="127.0.0.1")[0] == 200
        server.stop()


def test_everything_can_come_from_the_environment(tmp_path):
    port_file = tmp_path / "port"
    server = Serving(
        command=(),
        CPGW_PORT="0",
        CPGW_PORT_FILE=str(port_file),
        CPGW_SCENARIO="fresh",
        CPGW_LOG_FORMAT="json",
        CPGW_CLOCK="manual",
    )
    server.hello()
    assert call("ready", CPGW_PORT="0", CPGW_PORT_FILE=str(port_file)).returncode == FINE
    ask(server, "/sso/ping")
    line = json.loads(server.stop().splitlines()[0])
    assert (line["time"], line["before"]) == (START, "fresh")


def test_the_path_of_the_authority_is_escaped(tmp_path):
    folder = tmp_path / 'a "quoted\\ folder\n'
    with serving(XDG_STATE_HOME=str(folder)) as server:
        assert server.ca_file == str(folder / "cpgw-mock/ca.crt")
        server.stop()
    assert oct((folder / "cpgw-mock").stat().st_mode & 0o777) == "0o700"


@pytest.mark.parametrize("redirection", [">&-", "2>&-", ">&- 2>&- <&-"])
def test_closed_standard_descriptors_are_no_reason_to_stop(tmp_path, redirection):
    port_file = tmp_path / "port"
    script = f'exec "$0" serve --port 0 --port-file "$1" {redirection}'
    process = subprocess.Popen(
        ["bash", "-c", script, BINARY, port_file], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        assert call("ready", "--port-file", str(port_file)).returncode == FINE
        process.terminate()
        assert process.wait(WITHIN) == FINE
    finally:
        process.kill()
        process.wait()


def test_a_reader_of_standard_output_who_has_left_is_no_reason_either(tmp_path):
    port_file = tmp_path / "port"
    reading, writing = os.pipe()
    os.close(reading)
    process = subprocess.Popen(
        [BINARY, "--port", "0", "--port-file", port_file], stdout=writing, stderr=subprocess.DEVNULL
    )
    os.close(writing)
    try:
        assert call("ready", "--port-file", str(port_file)).returncode == FINE
        process.terminate()
        assert process.wait(WITHIN) == FINE
    finally:
        process.kill()
        process.wait()


def tickle_id(*arguments):
    with serving("--clock", "manual", *arguments) as server:
        session = json.loads(ask(server, "/v1/api/tickle")[1])["session"]
        server.stop()
        return session


def test_runs_are_repeatable_unless_the_seed_says_otherwise(story):
    seeded = story('{ "extends": "authenticated", "title": "seeded", "seed": 5 }')
    assert tickle_id() == tickle_id() == tickle_id("--seed", "1")
    assert tickle_id("--seed", "2") != tickle_id()
    assert tickle_id("--scenario", seeded) == tickle_id("--seed", "5")
    assert tickle_id("--scenario", seeded, "--seed", "1") == tickle_id()


def first_logged_time(*arguments):
    with serving("--log-format", "json", *arguments) as server:
        ask(server, "/sso/ping")
        return json.loads(server.stop().splitlines()[0])["time"]


def test_where_the_clock_begins(story, monkeypatch):
    monkeypatch.delenv("CPGW_CLOCK")
    clock = '{ "mode": "manual", "start": "2030-01-01T00:00:00Z" }'
    started = story(f'{{ "extends": "fresh", "title": "later", "clock": {clock} }}')
    assert first_logged_time("--clock", "manual") == START
    assert first_logged_time("--clock", "scaled:2").startswith("2026-03-02T14:3")
    assert first_logged_time("--scenario", started) == "2030-01-01T00:00:00.000Z"
    assert first_logged_time("--scenario", started, "--clock", "real").startswith("2030-01-01T00:0")
    before = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime())
    assert before <= first_logged_time() < "9999"


# ---- the end ----


def time_to_stop(number):
    with serving("--scenario", "upstream_dead") as server:
        context = ssl.create_default_context(cafile=server.ca_file)
        idle = context.wrap_socket(socket.create_connection(("127.0.0.1", server.port)), server_hostname="localhost")
        held = context.wrap_socket(socket.create_connection(("127.0.0.1", server.port)), server_hostname="localhost")
        half = socket.create_connection(("127.0.0.1", server.port))
        with idle, held, half:
            held.sendall(b"GET /v1/api/tickle HTTP/1.1\r\nHost: localhost\r\nUser-Agent: test\r\n\r\n")
            eventually(lambda: select.select([server.process.stderr], [], [], 0)[0])
            before = time.monotonic()
            server.process.send_signal(number)
            assert server.process.wait(WITHIN) == FINE
            return time.monotonic() - before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_at_once_whatever_its_clients_are_doing(number):
    assert time_to_stop(number) < AT_ONCE


def test_the_end_of_a_terminal_is_an_end_like_any_other(tmp_path):
    port_file = tmp_path / "port"
    with serving("--port-file", str(port_file)) as server:
        assert port_file.exists()
        server.stop(signal.SIGHUP)
        assert not port_file.exists()


def test_nohup_keeps_its_word():
    with serving(preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)) as server:
        server.process.send_signal(signal.SIGHUP)
        # A signal that were heeded would end it before the next connection is taken.
        assert ask(server, "/sso/ping")[0] == 200
        assert ask(server, "/sso/ping")[0] == 200
        server.stop()


def test_a_second_signal_does_not_spoil_the_end():
    with serving() as server:
        for _ in range(20):
            with contextlib.suppress(ProcessLookupError):
                server.process.send_signal(signal.SIGTERM)
                server.process.send_signal(signal.SIGINT)
        server.stop()


# ---- ports and addresses: exit code 4 ----


def test_a_port_that_is_taken_names_who_has_it():
    with serving() as first:
        refused(
            call("serve", "--port", str(first.port)),
            CANNOT_BIND,
            f"cpgw-mock: port {first.port} is in use by {BINARY.name[:15]} (pid {first.process.pid})",
        )
        assert ask(first, "/sso/ping")[0] == 200
        first.stop()


def test_an_address_that_is_not_this_machines():
    refused(
        call("serve", "--port", "0", "--bind-address", "192.0.2.1"),
        CANNOT_BIND,
        "cpgw-mock: cannot listen on 192.0.2.1: it is not a numeric address of this machine",
    )


# ---- the control API's port ----


def test_the_control_api_is_where_it_says():
    with serving() as server:
        assert re.fullmatch(r"http://localhost:\d+", server.admin_url)
        assert control(server, "/health")[0] == 200
        server.stop()


def test_on_one_address_alone():
    with serving("--admin-bind-address", "127.0.0.1") as server:
        assert server.admin_url.startswith("http://127.0.0.1:")
        assert control(server, "/health")[0] == 200
        server.stop()


def test_it_can_be_done_without(free_port):
    for server in (
        Serving("--port", "0", "--no-admin"),
        Serving("--port", "0", CPGW_NO_ADMIN="1", CPGW_ADMIN_PORT=str(free_port)),
    ):
        said = server.hello()
        assert said["admin_url"] is None
        assert "admin_token" not in said
        assert is_free(free_port)
        server.stop()


def test_a_second_one_on_its_port_is_told_what_to_do(tmp_path):
    with serving() as first:
        port = urlsplit(first.admin_url).port
        refused(
            call("serve", "--port", "0", "--admin-port", str(port), "--port-file", str(tmp_path / "port")),
            CANNOT_BIND,
            f"cpgw-mock: port {port} is in use by {BINARY.name[:15]} (pid {first.process.pid}); it was to be the "
            "control API's: --admin-port 0 takes a free one",
        )
        assert list(tmp_path.iterdir()) == []
        assert control(first, "/health")[0] == 200
        first.stop()


def test_an_address_of_the_control_api_that_is_not_this_machines():
    refused(
        call("serve", "--port", "0", "--admin-bind-address", "192.0.2.1", "--admin-token", "x"),
        CANNOT_BIND,
        "cpgw-mock: cannot listen on 192.0.2.1: it is not a numeric address of this machine; the control API was to be "
        "there: see --admin-bind-address",
    )


def test_a_token_is_made_and_printed_where_others_can_connect():
    server = Serving("--port", "0", "--admin-bind-address", "0.0.0.0")
    token = server.hello()["admin_token"]
    assert re.fullmatch(r"[0-9a-f]{32}", token)
    assert control(server, "/state")[0] == 401
    assert control(server, "/state", headers={"Authorization": f"Bearer {token}"})[0] == 200
    assert control(server, "/state", headers={"Authorization": f"Bearer {token[:-1]}"})[0] == 401
    server.stop()


def test_a_token_that_was_given_holds_everywhere_and_is_not_printed():
    for arguments, variables in (
        (("--admin-token", "s3cret"), {}),
        (("--admin-bind-address", "0.0.0.0"), {"CPGW_ADMIN_TOKEN": "s3cret"}),
    ):
        server = Serving("--port", "0", *arguments, **variables)
        assert "admin_token" not in server.hello()
        assert control(server, "/state")[0] == 401
        assert control(server, "/state", headers={"Authorization": "Bearer s3cret"})[0] == 200
        assert "s3cret" not in server.stop()


# ---- the port file ----


def test_the_port_file_is_there_while_it_serves(tmp_path):
    port_file = tmp_path / "port"
    port_file.write_text("1\n")  # a killed process has left it
    admin_file = tmp_path / "port.admin"
    with serving("--port-file", str(port_file)) as server:
        assert port_file.read_text() == f"{server.port}\n"
        assert admin_file.read_text() == f"{urlsplit(server.admin_url).port}\n"
        assert sorted(tmp_path.iterdir()) == [port_file, admin_file]
        server.stop()
    assert list(tmp_path.iterdir()) == []
    with serving("--port-file", str(port_file), "--no-admin") as server:
        assert list(tmp_path.iterdir()) == [port_file]
        server.stop()


def test_whoever_finds_the_port_file_finds_that_of_the_control_api_too(tmp_path):
    port_file = tmp_path / "port"
    server = Serving("--port", "0", "--port-file", str(port_file))
    eventually(port_file.exists)
    number = (tmp_path / "port.admin").read_text()
    server.hello()
    assert number == f"{urlsplit(server.admin_url).port}\n"
    server.stop()


def test_one_port_file_that_cannot_be_written_takes_the_other_along(tmp_path):
    (tmp_path / "port.admin").mkdir()
    result = call("serve", "--port", "0", "--port-file", str(tmp_path / "port"))
    refused(result, INTERNAL, f"cpgw-mock: cannot write the port file {tmp_path}/port.admin: it is a folder")
    assert list(tmp_path.iterdir()) == [tmp_path / "port.admin"]


def test_the_port_file_never_holds_half_a_number(tmp_path):
    port_file = tmp_path / "port"
    server = Serving("--port", "0", "--port-file", str(port_file))
    eventually(port_file.exists)
    number = port_file.read_text()
    assert int(number) == server.hello()["port"] and number.endswith("\n")
    server.stop()


def test_another_gateways_port_file_stays(tmp_path):
    port_file = tmp_path / "port"
    with serving("--port-file", str(port_file)) as first, serving("--port-file", str(port_file)) as second:
        first.stop()
        assert port_file.read_text() == f"{second.port}\n"
        second.stop()
        assert not port_file.exists()


def test_no_port_file_when_the_port_cannot_be_had(tmp_path):
    with serving() as first:
        assert call("serve", "--port", str(first.port), "--port-file", str(tmp_path / "port")).returncode == CANNOT_BIND
        assert list(tmp_path.iterdir()) == []
        first.stop()


@pytest.mark.parametrize(
    "path, why",
    [
        ("/nonexistent/port", "No such file or directory"),
        ("/dev/null", "it is there, and is not a file"),
        ("/tmp", "it is a folder"),
    ],
)
def test_a_port_file_that_cannot_be_written_is_told_before_anything_listens(free_port, path, why):
    result = call("serve", "--port", str(free_port), "--port-file", path)
    refused(result, INTERNAL, f"cpgw-mock: cannot write the port file {path}: {why}")
    assert is_free(free_port)


# ---- ready ----


def test_ready_waits_for_whoever_starts_later(tmp_path):
    port_file = tmp_path / "port"
    port_file.write_text("1\n")  # stale: nobody listens there
    waiting = subprocess.Popen(
        [BINARY, "ready", "--port-file", port_file, "--wait", "1m"], stderr=subprocess.PIPE, text=True
    )
    with serving("--port-file", str(port_file)) as server:
        assert waiting.communicate(timeout=WITHIN) == (None, "")
        assert waiting.returncode == FINE
        port = str(server.port)
        eventually(lambda: call("ready", "--port", port, "--wait", "0s").returncode == FINE)  # it looks but for a moment
        assert call("ready", "--port", port, CPGW_PORT_FILE="/nonexistent").returncode == FINE
        assert call("ready", "--port-file", str(port_file), CPGW_PORT="1").returncode == FINE
        server.stop()
    result = call("ready", "--port-file", str(port_file), "--wait", "50ms")
    refused(result, INTERNAL, f"cpgw-mock: not ready after 50ms: there is no port file {port_file}")


@pytest.mark.parametrize("profile", ["modern", "authentic"])
def test_ready_takes_either_kind_of_tls(profile):
    with serving("--tls", profile) as server:
        assert call("ready", "--port", str(server.port)).returncode == FINE
        server.stop()


def test_ready_finds_a_gateway_on_an_address_of_its_own():
    # On Linux all of 127.0.0.0/8 is this machine.
    with serving("--bind-address", "127.0.0.2") as server:
        port = str(server.port)
        assert call("ready", "--port", port, "--bind-address", "127.0.0.2").returncode == FINE
        assert call("ready", "--port", port, CPGW_BIND_ADDRESS="127.0.0.2").returncode == FINE
        server.stop()
    refused(
        call("ready", "--port", port, "--bind-address", "127.0.0.2", "--wait", "0s"),
        INTERNAL,
        f"cpgw-mock: not ready after 0s: nothing listens on port {port} of 127.0.0.2",
    )


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "::1"])
def test_ready_takes_the_address_that_serve_was_given(address):
    with serving("--bind-address", address) as server:
        assert call("ready", "--port", str(server.port), "--bind-address", address).returncode == FINE
        server.stop()


def test_ready_says_what_is_missing(tmp_path, free_port):
    port_file = tmp_path / "port"
    refused(
        call("ready", "--port", str(free_port), "--wait", "50ms"),
        INTERNAL,
        f"cpgw-mock: not ready after 50ms: nothing listens on port {free_port}",
    )
    port_file.write_text("here")
    refused(
        call("ready", "--port-file", str(port_file), "--wait", "50ms"),
        INTERNAL,
        f"cpgw-mock: not ready after 50ms: the port file {port_file} holds no port",
    )
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        refused(
            call("ready", "--port", str(port), "--wait", "200ms"),
            INTERNAL,
            f"cpgw-mock: not ready after 200ms: port {port} takes connections, but completes no TLS handshake",
        )


def test_ready_does_not_spin(free_port):
    before = os.times()
    call("ready", "--port", str(free_port), "--wait", "1s")
    after = os.times()
    assert after.children_user + after.children_system - before.children_user - before.children_system < 0.5


# ---- certificates: exit code 2 for those that are named, 6 for those that are made ----


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


@pytest.fixture(scope="module")
def pems(tmp_path_factory):
    """Two certificates for localhost with their keys, one key under a passphrase, and a text."""
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("pems")
    for name in ("a", "b"):
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                "-keyout", str(folder / f"{name}.key"), "-out", str(folder / f"{name}.crt"))  # fmt: skip
    openssl("req", "-x509", "-newkey", "rsa:512", "-nodes", "-days", "2", "-subj", "/CN=localhost",
            "-keyout", str(folder / "short.key"), "-out", str(folder / "short.crt"))  # fmt: skip
    # Signed by another's key: nobody looks at the hash of a signature of one's own.
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=another",
            "-keyout", str(folder / "another.key"), "-out", str(folder / "another.crt"))  # fmt: skip
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost",
            "-keyout", str(folder / "weak.key"), "-out", str(folder / "weak.csr"))  # fmt: skip
    openssl("x509", "-req", "-md5", "-days", "2", "-in", str(folder / "weak.csr"),
            "-CA", str(folder / "another.crt"), "-CAkey", str(folder / "another.key"), "-CAcreateserial",
            "-out", str(folder / "weak.crt"))  # fmt: skip
    openssl("pkey", "-in", str(folder / "a.key"), "-aes256", "-passout", "pass:x", "-out", str(folder / "secret.key"))
    (folder / "text").write_text("no PEM\n")
    return folder


def test_a_certificate_of_ones_own(pems):
    with serving("--cert", str(pems / "a.crt"), "--key", str(pems / "a.key")) as server:
        assert server.ca_file is None
        assert ask(server, "/sso/ping", context=ssl.create_default_context(cafile=pems / "a.crt"))[0] == 200
        server.stop()


def test_with_a_certificate_of_ones_own_no_state_folder_is_needed(pems):
    with serving(
        "--cert", str(pems / "a.crt"), "--key", str(pems / "a.key"), XDG_STATE_HOME="/dev/null/none"
    ) as server:
        server.stop()


@pytest.mark.parametrize(
    "certificate, key, why",
    [
        ("a.crt", "b.key", "the key in {key} does not belong to the certificate in {certificate}"),
        ("a.crt", "none", "cannot read {key}: No such file or directory"),
        ("none", "a.key", "cannot read {certificate}: No such file or directory"),
        ("text", "a.key", "{certificate} has no certificate in PEM form"),
        ("a.crt", "text", "{key} has no private key in PEM form"),
        ("a.crt", "secret.key", "{key} is encrypted: a key without a passphrase is wanted"),
        (
            "short.crt",
            "short.key",
            "{certificate}: cannot set up TLS: the certificate's key is too small; wanted RSA with 2048 bits or more, "
            "or P-256",
        ),
        (
            "weak.crt",
            "weak.key",
            "{certificate}: cannot set up TLS: the certificate is signed with too weak a hash; wanted SHA-256",
        ),
    ],
)
def test_a_certificate_that_cannot_be_used_is_wrong_usage(pems, free_port, certificate, key, why):
    certificate, key = pems / certificate, pems / key
    result = call("serve", "--port", str(free_port), "--cert", str(certificate), "--key", str(key))
    refused(
        result, USAGE, "cpgw-mock: " + why.format(certificate=certificate, key=key), "Try 'cpgw-mock serve --help'."
    )
    assert is_free(free_port)


def test_the_authentic_certificate_has_no_authority():
    with serving("--tls", "authentic") as server:
        assert server.ca_file is None
        server.stop()


# ---- the machine would not: exit code 6 ----


def test_a_state_folder_that_cannot_be_made(tmp_path):
    file = tmp_path / "file"
    file.touch()
    refused(
        call("serve", "--port", "0", XDG_STATE_HOME=str(file)),
        INTERNAL,
        f"cpgw-mock: cannot make {file}/cpgw-mock, which is to keep certificates: Not a directory; XDG_STATE_HOME can "
        "name another place",
    )


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_folders_without_the_right_to_write(tmp_path):
    tmp_path.chmod(0o500)
    assert "Permission denied" in call("serve", "--port", "0", XDG_STATE_HOME=str(tmp_path)).stderr
    result = call("serve", "--port", "0", "--port-file", str(tmp_path / "port"))
    refused(result, INTERNAL, f"cpgw-mock: cannot write the port file {tmp_path}/port: Permission denied")


@pytest.fixture
def full_disk(tmp_path):
    """A file system without room for one byte more."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", folder], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("mounting a file system takes a privilege")
    try:
        with contextlib.suppress(OSError), (folder / "filler").open("wb", buffering=0) as filler:
            while filler.write(b"x" * 4096):
                pass
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def test_a_full_disk(full_disk, free_port):
    result = call("serve", "--port", str(free_port), XDG_STATE_HOME=str(full_disk))
    assert result.returncode == INTERNAL
    assert re.fullmatch(r"cpgw-mock: cannot [^\n]*: No space left on device[^\n]*\n", result.stderr)
    port_file = full_disk / "port"
    refused(
        call("serve", "--port", str(free_port), "--port-file", str(port_file)),
        INTERNAL,
        f"cpgw-mock: cannot write the port file {port_file}: No space left on device",
    )
    assert not [file for file in full_disk.iterdir() if file.name.startswith("port")]
    assert is_free(free_port)


# ---- the log ----


def test_a_line_a_request():
    with serving("--clock", "manual") as server:
        ask(server, "/v1/api/tickle", "POST")
        ask(server, "/v1/api/logout", "POST")
        raw(server, b"GET /v1/api/none?x=%20\xe9\x1b[2J HTTP/1.1\r\nHost: localhost\r\nUser-Agent: test\r\n\r\n")
        log = server.stop()
    assert log.splitlines() == [
        f"{START} POST /v1/api/tickle authenticated 200",
        f"{START} POST /v1/api/logout authenticated -> logged_out 200",
        f"{START} GET /v1/api/none?x=%20\\xe9\\x1b[2J logged_out 401",
    ]


def test_verbose_tells_transitions_too():
    with serving("--clock", "manual", "--verbose", "--log-format", "json") as server:
        ask(server, "/v1/api/logout", "POST")
        lines = [json.loads(line) for line in server.stop().splitlines()]
    assert [line["kind"] for line in lines] == ["transition", "request"]
    assert lines[0].pop("wall_time") is not None
    assert lines[0] == {
        "id": 1,
        "time": START,
        "kind": "transition",
        "name": "logout",
        "before": "authenticated",
        "after": "logged_out",
    }


def test_lines_of_another_gateway_say_whose_they_are():
    for arguments, expected in (
        ((), [f"{START} GET /sso/ping authenticated 200", f"{START} [other] GET /sso/ping fresh 401"]),
        (("--log-format", "json"), None),
    ):
        with serving("--clock", "manual", *arguments) as server:
            _, other = control(server, "/gateways", {"name": "other", "scenario": "fresh"})
            ask(server, "/sso/ping")
            server.port = other["port"]
            ask(server, "/sso/ping")
            lines = server.stop().splitlines()
        if expected:
            assert lines == expected
        else:
            assert [json.loads(line).get("gateway") for line in lines] == [None, "other"]


# ---- the journal's file ----


def read_journal(file):
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_the_journal_appends_what_happens_to_every_gateway(tmp_path):
    file = tmp_path / "journal"
    for _ in range(2):
        with serving("--clock", "manual", "--journal", str(file)) as server:
            _, other = control(server, "/gateways", {"name": "other"})
            ask(server, "/v1/api/logout", "POST")
            server.port = other["port"]
            raw(server, b"GET /sso/ping?password=hunter2 HTTP/1.1\r\nHost: localhost\r\nCookie: a=hunter2\r\n\r\n")
            server.stop()
    lines = read_journal(file)
    assert [(line["gateway"], line["id"], line["kind"]) for line in lines] == 2 * [
        ("default", 1, "transition"),
        ("default", 2, "request"),
        ("other", 1, "request"),
    ]
    assert lines[1]["headers"]["User-Agent"] == "test"
    assert "hunter2" not in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full here")
def test_a_journal_for_which_the_disk_is_full_is_told_once_and_stops_nobody():
    with serving("--clock", "manual", "--journal", "/dev/full") as server:
        for _ in range(3):
            assert ask(server, "/sso/ping")[0] == 200
        log = server.stop()
    assert log.count("GET /sso/ping") == 3
    assert re.findall(r"cpgw-mock: .*", log) == [
        "cpgw-mock: cannot write the journal /dev/full: No space left on device; it goes on when it can be, and says "
        "what it lacks"
    ]


@pytest.mark.parametrize(
    "path, why", [("/nonexistent/journal", "No such file or directory"), ("/tmp", "Is a directory")]
)
def test_a_journal_that_cannot_be_written_is_told_before_anything_listens(free_port, path, why):
    result = call("serve", "--port", str(free_port), "--journal", path)
    refused(result, INTERNAL, f"cpgw-mock: cannot write the journal {path}: {why}")
    assert is_free(free_port)


def test_a_journal_that_nobody_reads_is_not_waited_for(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    refused(
        call("serve", "--port", "0", "--journal", str(pipe)),
        INTERNAL,
        f"cpgw-mock: cannot write the journal {pipe}: No such device or address",
    )
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        with serving("--journal", str(pipe)) as server:
            context = ssl.create_default_context(cafile=server.ca_file)
            connection = http.client.HTTPSConnection("localhost", server.port, context=context, timeout=WITHIN)
            with contextlib.closing(connection):
                for _ in range(1000):
                    connection.request("GET", "/sso/ping", headers={"User-Agent": "test"})
                    assert connection.getresponse().read() is not None
            server.stop()
    finally:
        os.close(reader)


def test_lines_come_while_it_serves():
    with serving("--clock", "manual") as server:
        ask(server, "/sso/ping")
        assert server.process.stderr.readline() == f"{START} GET /sso/ping authenticated 200\n".encode()
        server.stop()


def test_nobody_who_forgets_to_read_the_log_stops_the_gateway():
    with serving() as server:
        context = ssl.create_default_context(cafile=server.ca_file)
        connection = http.client.HTTPSConnection("localhost", server.port, context=context, timeout=WITHIN)
        with contextlib.closing(connection):
            for _ in range(6000):
                connection.request("GET", "/sso/ping", headers={"User-Agent": "test"})
                assert connection.getresponse().read() is not None
        server.process.terminate()
        assert server.process.wait(WITHIN) == FINE
        log = server.process.stderr.read().decode()
        assert 500 < log.count("GET /sso/ping") < 6000


if __name__ == "__main__":
    sys.exit(pytest.main([__file__, *sys.argv[1:]]))
