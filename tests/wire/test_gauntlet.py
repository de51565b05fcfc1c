"""Why: what `gauntlet` says of a client is believed, and it starts dozens of processes to say it. So: is each outcome told
for what it is, is a client that never met the failure told from one that survived it, is the report the same however many
run at once, and is nobody left behind, however it ends? Clocks stand still where one would decide the outcome; nobody
sleeps."""

import json
import os
import re
import shlex
import signal
import subprocess
import xml.etree.ElementTree as ElementTree

import pytest

from mock import BINARY, REPOSITORY, WITHIN
from run_exec import Lifeline, ended

pytestmark = pytest.mark.usefixtures("state_home")

GAUNTLET = [str(BINARY), "gauntlet"]
# Files may have comments.
FILES = {
    file.stem[:6]: json.loads(re.sub(r"^ *//.*$", "", file.read_text(encoding="utf-8"), flags=re.MULTILINE))
    for file in (REPOSITORY / "scenarios/catalogue").glob("*.json")
}
TICKLE = 'curl -s -o /dev/null -m 10 -d "" "$CPGW_URL/v1/api/tickle"; true'
FINE, FAILED, USAGE, NO_GATEWAY, NOT_EXECUTABLE, NOT_FOUND = 0, 1, 2, 125, 126, 127


def call(*arguments, environment=None, **how):
    path = {"PATH": f"{BINARY.parent}:{os.environ['PATH']}"}
    return subprocess.run(
        [*GAUNTLET, *map(str, arguments)],
        **{"capture_output": True, "text": True, "stdin": subprocess.DEVNULL, "timeout": 10 * WITHIN, **how},
        env={**os.environ, **path, **(environment or {})},
    )


class Ran:
    """One gauntlet: what it printed and what it wrote."""

    def __init__(self, folder, only, script, *options, **how):
        files = [folder / "gauntlet.json", folder / "gauntlet.xml"]
        result = call("--only", only, *options, "--json", files[0], "--junit", files[1], "--", "sh", "-c", script, **how)
        self.status, self.text, self.errors = result.returncode, result.stdout, result.stderr
        self.json = json.loads(files[0].read_text()) if files[0].exists() else None
        self.junit = ElementTree.parse(files[1]).getroot() if files[1].exists() else None
        self.entries = {entry["id"]: entry for entry in self.json["entries"]} if self.json else {}

    def outcomes(self):
        return {name: entry["outcome"] for name, entry in self.entries.items()}

    def rows(self):
        """What the matrix says of each."""
        return dict(re.findall(r"^(GW-\d{3})  (.{10})", self.text, re.MULTILINE))


@pytest.fixture
def run(tmp_path):
    return lambda *arguments, **how: Ran(tmp_path, *arguments, **how)


# ---- outcomes ----


def test_a_command_that_does_nothing_survives_nothing(run):
    ran = run("GW-00*", "true")
    assert ran.status == FINE
    assert set(ran.outcomes().values()) == {"not met"}
    assert len(ran.entries) == 9 and "9 runs: 9 not met\n" in ran.text
    assert "never met: tickle, answered with tickle_no_session\n" in ran.text


def test_a_failure_is_told_with_what_helps(run):
    ran = run("GW-001,GW-002", 'echo "of $CPGW_CATALOGUE_ID"; echo "on standard error" >&2; exit 7')
    assert ran.status == FAILED
    assert ran.outcomes() == {"GW-001": "failed", "GW-002": "failed"}
    assert ran.entries["GW-001"]["exit_status"] == 7 and ran.entries["GW-001"]["signal"] is None
    facts = FILES["GW-001"]["catalogue"]
    words = " ".join(ran.text.split())
    for said in [facts["symptom"], facts["remedy"], "exit status 7", "| of GW-001 | on standard error", "2 runs: 2 failed"]:
        assert said in words


def test_a_signal_is_told(run):
    ran = run("GW-001", "kill -SEGV $$")
    assert ran.status == FAILED
    assert (ran.entries["GW-001"]["exit_status"], ran.entries["GW-001"]["signal"]) == (None, signal.SIGSEGV)
    assert f"ended by signal {signal.SIGSEGV:d} (" in ran.text


def test_one_tickle_meets_what_fails_at_once_and_nothing_else(run):
    """The clock stands still. Those that show from a second call, to other calls, to other clients, or later, are not met."""
    met = {"GW-001", "GW-003", "GW-004", "GW-006", "GW-015", "GW-016", "GW-026", "GW-027", "GW-030", "GW-032"}
    known = {f"GW-{number:03}" for number in [*range(1, 12), *range(13, 19), *range(26, 39), 42, 44, 45]}
    ran = run("*", TICKLE, "--clock", "manual", "--jobs", 4)
    assert known <= set(ran.entries) == set(FILES)
    assert {name for name in known if ran.entries[name]["outcome"] == "survived"} == met
    assert {ran.entries[name]["outcome"] for name in known - met} == {"not met"}
    assert all(ran.entries[name]["met"] == (name in met) for name in known)
    assert all(ran.entries[name]["calls"] == 1 for name in known)


def test_every_entry_says_when_it_has_been_met():
    """Each one's transcript is held to it by the runner: the failure that the story tells of is met there."""
    assert [name for name, file in FILES.items() if "met" not in file["catalogue"]] == []


def test_what_shows_later_shows_on_a_faster_clock(run):
    """Unless it is told otherwise; and the command can move its own gateway's clock."""

    def scales(*options):
        ran = run("GW-001,GW-002,GW-005", "true", *options)
        return [ran.entries[name]["scale"] for name in ("GW-001", "GW-002", "GW-005")]

    assert scales() == [1, 60, 20]
    assert scales("--clock", "real") == [1, 1, 1]
    assert scales("--clock", "manual") == [0, 0, 0]
    script = f'cpgw-mock clock advance 70s && {TICKLE.replace("; true", "")} && cpgw-mock state'
    ran = run("GW-005", script, "--clock", "manual")
    assert ran.outcomes() == {"GW-005": "survived"}
    assert ran.entries["GW-005"]["output"].endswith("\ncompeting\n")


def test_a_command_that_hangs_is_ended_with_all_that_it_started(run):
    """Its children, who do not care; and a daemon, who left its group, its session and its parents."""
    daemon = "import os, signal, time; os.fork() and os._exit(0); os.setsid(); os.fork() and os._exit(0); [signal.signal(s, signal.SIG_IGN) for s in (1, 15)]; time.sleep(1000)"
    script = f"python3 -c {shlex.quote(daemon)}; sh -c 'trap \"\" TERM; echo started; sleep 1000' & sleep 1000"
    with Lifeline() as line:
        ran = run("GW-001,GW-015", script, "--timeout", "2s", "--jobs", 2, pass_fds=[line.theirs])
        assert line.all_are_gone()
    assert ran.status == FAILED
    assert ran.outcomes() == {"GW-001": "hung", "GW-015": "hung"}
    assert "still ran after 2s" in ran.text and "2 runs: 2 hung" in ran.text


def test_what_a_command_leaves_behind_is_ended(run):
    with Lifeline() as line:
        ran = run("GW-001", "(setsid sleep 1000 &) ; sleep 1000 & true", pass_fds=[line.theirs])
        assert line.all_are_gone()
    assert ran.outcomes() == {"GW-001": "not met"}


def test_a_broken_duty_is_a_warning_or_a_failure(run):
    storm = 'for i in 1 2 3 4 5 6 7; do curl -s -o /dev/null "$CPGW_URL/v1/api/iserver/reauthenticate"; done'
    script = f'{TICKLE}; {storm}; curl -s -o /dev/null "$CPGW_URL/v1/api/nonsense"'
    mild = run("GW-001", script, "--clock", "manual")
    assert (mild.status, mild.outcomes()) == (FINE, {"GW-001": "survived"})
    assert mild.entries["GW-001"]["warnings"] == ["reauthenticates_with_patience"] and mild.entries["GW-001"]["unmatched"] == 1
    assert "warned of reauthenticates_with_patience; 1 call that nothing was meant for\n" in mild.text
    strict = run("GW-001", script, "--clock", "manual", "--strict")
    assert (strict.status, strict.outcomes()) == (FAILED, {"GW-001": "broke"})
    assert strict.entries["GW-001"]["broken"] == ["reauthenticates_with_patience"]
    assert "broke reauthenticates_with_patience; 1 call that nothing was meant for\n" in strict.text


def test_what_may_fail_does_not_count_and_what_survives_is_named(run):
    script = f'{TICKLE}; test "$CPGW_CATALOGUE_ID" = GW-001 || test "$CPGW_CATALOGUE_ID" = GW-015'
    strict = run("GW-001,GW-004,GW-015,GW-016", script, "--allow", "GW-001")
    assert strict.status == FAILED
    ran = run("GW-001,GW-004,GW-015,GW-016", script, "--allow", "GW-001,GW-004-competing-empty-accounts, GW-016*")
    assert ran.status == FINE
    assert ran.outcomes() == {"GW-001": "survived", "GW-004": "failed", "GW-015": "survived", "GW-016": "failed"}
    assert ran.text.endswith(
        "4 runs: 2 survived, 2 failed\n2 of these may fail (--allow)\nGW-001 may fail (--allow) and survived: it can come off the list\n"
    )
    assert [name for name, entry in ran.entries.items() if entry["allowed"]] == ["GW-001", "GW-004", "GW-016"]


# ---- the command ----


def test_the_command_finds_its_failure_and_its_own_gateway(run):
    script = 'printf "%s\\n" "$CPGW_CATALOGUE_ID" "$CPGW_CATALOGUE_NAME" "$CPGW_CATALOGUE_TITLE" "$CPGW_URL $CPGW_ADMIN_URL"; cat'
    ran = run("GW-001,GW-044", script, "--jobs", 2)
    wheres = set()
    for name, entry in ran.entries.items():
        lines = entry["output"].splitlines()
        assert lines[:3] == [name, FILES[name]["name"], FILES[name]["title"]]
        wheres |= set(lines[3].split())
    assert len(wheres) == 4 and all(re.fullmatch(r"https?://localhost:\d+", where) for where in wheres)


def test_a_flood_is_read_and_its_end_is_kept(run):
    script = "i=0; while [ $i -lt 300 ]; do echo line $i; i=$((i + 1)); done; yes | head -c 3000000; echo; echo the end; exit 1"
    ran = run("GW-001", script)
    kept = ran.entries["GW-001"]["output"]
    assert ran.entries["GW-001"]["written"] > 3000000
    assert kept.endswith("\ny\nthe end\n") and len(kept) < 65536
    assert ran.text.count("    | ") == 12 and "    | the end\n" in ran.text


def test_what_is_shown_has_no_control_bytes(run):
    written = r"'\033[1;31mred\033[0m \033]0;title\007 half\rwhole\tway \377 \302\205 \303\251\n'"
    ran = run("GW-001", f"printf {written}; printf %01000d 1; exit 1")
    assert "    | red \\x1B]0;title\\x07 half\n    | whole  way \\xFF \\xC2\\x85 \u00e9\n    | 0000" in ran.text
    assert "0 ...\n" in ran.text
    assert all(ord(letter) >= 0x20 or letter == "\n" for letter in ran.text)


def test_together_they_run_and_tell_the_same(run, tmp_path):
    """Four that wait for each other: they can only end together. One after the other they say just what these do."""
    only = "GW-001,GW-002,GW-006,GW-015"
    script = f'{TICKLE}; echo "$CPGW_CATALOGUE_TITLE"; test "$CPGW_CATALOGUE_ID" != GW-006'
    wait = 'touch "$MEET/$CPGW_CATALOGUE_ID"; while [ "$(ls "$MEET" | wc -l)" -lt 4 ]; do sleep 0.05; done; '
    (tmp_path / "meet").mkdir()
    meet = {"MEET": str(tmp_path / "meet")}
    many = run(only, wait + script, "--jobs", 4, "--clock", "manual", environment=meet)
    one = run(only, script, "--clock", "manual")
    assert many.status == one.status == FAILED
    assert many.text == one.text


# ---- wrong usage ----


@pytest.mark.parametrize(
    "arguments, said",
    [
        ([], "gauntlet wants -- COMMAND [ARGUMENT]..., found nothing more"),
        (["--only", "GW-1", "--", "true"], "--only: the catalogue has no \"GW-1\"; 'cpgw-mock catalogue' lists it; did you mean \"GW-001\"?"),
        (["--only", "GW-001,GW-9*", "--", "true"], '--only: the catalogue has no "GW-9*"'),
        (["--allow", "GW-001-tickle-no-sesion", "--", "true"], 'did you mean "GW-001-tickle-no-session"?'),
        (["--only", ",", "--", "true"], "--only names nothing that is in the catalogue"),
        (["--timeout", "soon", "--", "true"], '--timeout is "soon"; wanted a duration, such as "250ms", "5s" or "1m30s"'),
        (["--timeout", "0s", "--", "true"], '--timeout is "0s"'),
        (["--jobs", "0", "--", "true"], '--jobs is "0"; wanted a whole number from 1 to 64'),
        (["--jobs", "65", "--", "true"], '--jobs is "65"'),
        (["--clock", "slow", "--", "true"], '--clock is "slow"'),
        (["--scenario", "fresh", "--", "true"], 'gauntlet has no option "--scenario"'),
        (["--timeuot", "1s", "--", "true"], 'did you mean "--timeout"?'),
    ],
)
def test_wrong_usage_is_refused_before_anything_runs(arguments, said, tmp_path):
    ran = tmp_path / "ran"
    result = call(*[str(ran) if word == "true" else word for word in arguments[:-1]], *(["touch", ran] if arguments else []))
    assert said in result.stderr and "Try 'cpgw-mock gauntlet --help'." in result.stderr
    assert (result.returncode, result.stdout) == (USAGE, "")
    assert not ran.exists()


def test_what_is_no_command_ends_all_at_once(tmp_path):
    unrunnable = tmp_path / "text"
    unrunnable.write_text("no program\n")
    for command, status, why in [("no-such-command", NOT_FOUND, "No such file"), (unrunnable, NOT_EXECUTABLE, "Permission denied")]:
        result = call("--jobs", 4, "--", command)
        assert result.returncode == status
        assert result.stderr.startswith(f'cpgw-mock: cannot run "{command}": {why}')
        assert "runs:" not in result.stdout


def test_without_a_gateway_there_is_nothing_to_tell(tmp_path):
    for options, said in [(["--bind-address", "192.0.2.1"], "192.0.2.1"), (["--cert", tmp_path / "none", "--key", "none"], "none")]:
        result = call("--only", "GW-001", *options, "--", "touch", tmp_path / "ran")
        assert result.returncode == NO_GATEWAY
        assert said in result.stderr and "there was no gateway, and the command did not run" in result.stderr
    assert not (tmp_path / "ran").exists()


def test_a_gateway_that_ends_before_its_time_is_one_row(run):
    ran = run("GW-001,GW-045", 'if [ $CPGW_CATALOGUE_ID = GW-001 ]; then echo now; kill -9 $PPID; sleep 60; fi; ' + TICKLE)
    assert ran.status == FAILED
    assert ran.outcomes() == {"GW-001": "failed", "GW-045": "not met"}
    assert ran.entries["GW-001"]["how"] == "its gateway ended before its time"
    assert (ran.entries["GW-001"]["exit_status"], ran.entries["GW-001"]["signal"]) == (None, None)
    assert ran.entries["GW-001"]["output"] == "now\n"
    (failure,) = ran.junit.iter("failure")
    assert failure.get("message") == "failed: its gateway ended before its time"


def test_files_that_cannot_be_written_are_found_first(tmp_path):
    for option in ("--json", "--junit"):
        result = call("--only", "GW-001", option, "/nonexistent/file", "--", "touch", tmp_path / "ran")
        assert result.returncode == 6 and "cannot write /nonexistent/file" in result.stderr
    assert not (tmp_path / "ran").exists()


# ---- for programs ----


def test_the_files_say_what_the_matrix_says(run):
    script = f'{TICKLE}; case $CPGW_CATALOGUE_ID in GW-004) echo "<&]]>"; exit 3;; GW-006) kill -9 $$;; GW-015) exit 1;; esac'
    ran = run("GW-00[1-6],GW-015", script, "--allow", "GW-015", "--clock", "manual")
    outcomes = {"GW-001": "survived", "GW-002": "not met", "GW-003": "survived", "GW-004": "failed", "GW-005": "not met"}
    outcomes |= {"GW-006": "failed", "GW-015": "failed"}
    assert ran.outcomes() == outcomes
    assert {name: outcome.strip() for name, outcome in ran.rows().items()} == outcomes
    assert ran.json["counts"] == {"survived": 2, "not met": 2, "broke": 0, "failed": 3, "hung": 0}
    assert ran.json["command"] == ["sh", "-c", script] and ran.json["run"] == 7 and not ran.json["stopped"]
    suite = ran.junit.find("testsuite")
    assert [suite.get(name) for name in ("tests", "failures", "skipped")] == ["7", "2", "3"]
    cases = {case.get("name")[:6]: case for case in suite.iter("testcase")}
    assert list(cases) == list(outcomes)
    assert [name for name, case in cases.items() if case.find("failure") is not None] == ["GW-004", "GW-006"]
    assert cases["GW-004"].find("failure").get("message") == "failed: exit status 3"
    assert "<&]]>" in cases["GW-004"].find("failure").text and "Remedy: Never look" in cases["GW-004"].find("failure").text
    assert cases["GW-015"].find("skipped").get("message") == "it failed, and may (--allow)"
    assert cases["GW-002"].find("skipped").get("message").startswith("never met: tickle")


# ---- signals ----

WAITS = 'echo started > "$1"; trap "" TERM INT; sleep 1000 & wait; sleep 1000'


def begin(tmp_path, line, *options):
    """Two runs that go on for ever, after one that has ended."""
    pipes = [tmp_path / "GW-002", tmp_path / "GW-003"]
    for pipe in pipes:
        os.mkfifo(pipe)
    script = f'case $CPGW_CATALOGUE_ID in GW-001) exit 0;; esac; set -- "$1/$CPGW_CATALOGUE_ID"; {WAITS}'
    command = [*GAUNTLET, *map(str, options), "--only", "GW-001,GW-002,GW-003,GW-004", "--jobs", "2", "--", "sh", "-c", script, "sh", str(tmp_path)]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, pass_fds=[line.theirs])
    for pipe in pipes:
        with open(pipe, encoding="ascii") as reader:
            assert "started" in reader.readline()
    return process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_all_and_what_is_known_is_told(number, tmp_path):
    with Lifeline() as line, begin(tmp_path, line, "--json", tmp_path / "json") as process:
        process.send_signal(number)
        assert ended(process) == 128 + number
        text = process.stdout.read()
        assert line.all_are_gone()
    assert "GW-001  not met" in text and "1 run: 1 not met\n" in text
    assert f"stopped by signal {number:d} (" in text and "): 3 did not run to their end\n" in text
    known = json.loads((tmp_path / "json").read_text())
    assert known["stopped"] and [entry["outcome"] for entry in known["entries"]] == ["not met", "not run", "not run", "not run"]


def test_nobody_outlives_it(tmp_path):
    with Lifeline() as line, begin(tmp_path, line) as process:
        process.kill()
        ended(process)
        assert line.all_are_gone()


# ---- at a terminal ----

AT_TERMINAL = ["env", "TERM=xterm", "LC_ALL=C.UTF-8"]
ALLOWED = re.compile(rb"\x1b\[[0-9;]*[mK]|\r")


def shown_by(terminal, *before):
    command = [*before, BINARY, "gauntlet", "--only", "GW-001,GW-015", "--", "sh", "-c", TICKLE.replace("true", "test $CPGW_CATALOGUE_ID = GW-015")]
    screen = terminal(*command)
    screen.expect(b"2 runs")
    text = screen.before
    screen.expect(b"\n")
    assert screen.ended() == FAILED
    return text


def test_a_terminal_shows_colours_and_who_runs(terminal):
    text = shown_by(terminal, *AT_TERMINAL, "NO_COLOR=")
    assert "\u2717 GW-001  failed".encode() in text and "\u2713 GW-015  survived".encode() in text
    assert b"\x1b[31m" in text and b"\x1b[32m" in text
    assert re.search(rb"0/2  GW-001 \d+s", text) and b"\r\x1b[K" in text
    assert not re.search(rb"[\x00-\x09\x0b-\x1f]", ALLOWED.sub(b"", text))


def test_who_wants_no_colour_gets_none(terminal):
    text = shown_by(terminal, *AT_TERMINAL, "NO_COLOR=1")
    assert set(re.findall(rb"\x1b\[[0-9;]*[A-Za-z]", text)) <= {b"\x1b[K"}


def test_a_narrow_terminal_loses_no_remark(terminal):
    narrow = ["sh", "-c", 'stty cols 60; exec "$@"', "sh", BINARY, "gauntlet", "--only", "GW-003,GW-009"]
    script = "test $CPGW_CATALOGUE_ID = GW-009 || sleep 60"
    screen = terminal(*AT_TERMINAL, "NO_COLOR=1", *narrow, "--timeout", "1s", "--", "sh", "-c", script)
    screen.expect(b"\r\n\r\nGW-003-force-compete-fail hung")
    lines = re.sub(rb".*\r\x1b\[K", b"", screen.before).decode().split("\r\n")
    rows = lines[lines.index("") + 1 :]
    assert all(len(line) <= 60 for line in rows), rows
    text = " ".join(" ".join(rows).split())
    assert "\u221e GW-003 hung" in text and "logged in, and the brokera\u2026" in text
    assert "still ran after 1s; never met: auth_status or tickle or ssodh_init or @iserver while brokerage_lost" in text
    assert "never met: tickle, answered with service_unavailable" in text


def test_a_dumb_terminal_is_a_log(terminal):
    text = shown_by(terminal, "env", "TERM=dumb", "LC_ALL=C.UTF-8")
    assert b"\x1b" not in text and text.replace(b"\r\n", b"").isascii()


def test_ctrl_c_at_a_terminal_ends_it(terminal, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with Lifeline() as line:
        os.set_inheritable(line.theirs, True)
        screen = terminal(*AT_TERMINAL, BINARY, "gauntlet", "--only", "GW-001", "--", "sh", "-c", WAITS, "sh", pipe)
        with open(pipe, encoding="ascii") as reader:
            assert "started" in reader.readline()
        screen.type(b"\x03")
        screen.expect(b"stopped by signal 2")
        assert screen.ended() == 128 + signal.SIGINT
        assert line.all_are_gone()
