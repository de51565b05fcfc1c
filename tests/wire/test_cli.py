"""The command line, as those who call it see it: exit codes, messages, results.

Exit codes and option names are promises to scripts: what is asserted here is kept for ever.
"""

import json
import os
import re
import subprocess

import pytest

from run_cli import BINARY, COMMANDS, FINE, INTERNAL, REPOSITORY, SCENARIO, USAGE, call, is_free, refused

pytestmark = pytest.mark.usefixtures("clean_environment")


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
