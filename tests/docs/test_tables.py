"""Do README.md's tables say what the program says about itself, and what it does?"""

import json
import re
import ssl
import subprocess
import urllib.error
import urllib.request

import pytest

from document import BINARY, Block, Document, codes
from terminal import Terminal

README = Document("README.md")
# The machine that the other scenarios extend has a sentence, not a row.
BASE_SCENARIO = "gateway"
# How long an answer may take on a busy machine, and how long none is awaited.
ANSWER_SECONDS = 60.0
NO_ANSWER_SECONDS = 1.0


def output_of(*arguments):
    return subprocess.run([BINARY, *arguments], check=True, capture_output=True, text=True).stdout


def listed(subject):
    return json.loads(output_of("list", subject, "--format", "json"))


# ---- options, exit codes ----


def part_of_help(text, title):
    """The lines below a title of the help that begins so."""
    return re.search(rf"^{title}.*\n((?:  .*\n)+)", text, re.MULTILINE)[1]


def test_options_are_those_of_the_help():
    options = part_of_help(output_of("serve", "--help"), "Options")
    known = set(re.findall(r"^  --([a-z-]+)", options, re.MULTILINE)) - {"help", "version"}
    shown = {re.match(r"--([a-z-]+)", option)[1] for row in README.table("option", "variable") for option in codes(row[0])}
    assert shown == known


def test_variables_are_those_of_the_help_and_named_after_their_options():
    known = set(re.findall(r"CPGW_\w+", part_of_help(output_of("serve", "--help"), "Options that are not given")))
    shown = {}
    for option, variable, _ in README.table("option", "variable"):
        shown |= dict(zip(codes(variable), codes(option), strict=True))
    assert set(shown) == known
    for variable, option in shown.items():
        name = re.match(r"--([a-z-]+)", option)[1]
        assert variable == "CPGW_" + name.upper().replace("-", "_")


def test_fixture_packs_are_those_that_are_built_in():
    (row,) = [row for row in README.table("option", "variable") if row[0].startswith("`--fixtures")]
    assert set(codes(row[2])) == {pack["name"] for pack in listed("fixtures")}


def test_exit_codes_are_those_of_the_help():
    known = re.findall(r"^  (\d+)  ", part_of_help(output_of("--help"), "Exit status"), re.MULTILINE)
    assert [row[0] for row in README.table("exit code")] == known


# ---- endpoints ----


def endpoint_rows():
    """(path, methods, who answers) of each path in the table. Some rows have none: what no path tells apart."""
    for paths, methods, who in README.table("path", "methods", "answered by"):
        for path in codes(paths):
            yield path, set(methods.split(", ")), "upstream" if who.startswith("upstream") else "gateway"


def test_endpoints_answer_the_methods_and_from_where_the_table_says():
    known = {row["path"]: row for row in listed("endpoints")}
    for path, methods, who in endpoint_rows():
        row = known.get(path) or known.get(path + "*")
        assert row, f"{path} is not an endpoint"
        # "HEAD goes wherever GET does."
        assert set(row["methods"].split(",")) - {"HEAD"} == methods, path
        assert row["answered_by"] == who, path


def test_every_endpoint_with_a_path_of_its_own_is_in_the_table():
    shown = {path for path, _, _ in endpoint_rows()}
    names = {}
    for row in listed("endpoints"):
        if row["path"].startswith("/"):
            names.setdefault(row["name"], set()).add(row["path"].rstrip("*"))
    assert [name for name, paths in names.items() if not paths & shown] == []


def test_the_older_base_has_what_the_newer_one_has():
    def below(base):
        return {row["path"].removeprefix(base) for row in listed("endpoints") if row["path"].startswith(base)}

    assert below("/v1/portal/") == below("/v1/api/") != set()


# ---- scenarios ----


def scenario_rows():
    return {codes(row[0])[0]: row for row in README.table("scenario", "`auth/status`", "`tickle`")}


def test_scenarios_are_those_that_are_built_in():
    # The known failures have a page of their own.
    ordinary = {row["name"] for row in listed("scenarios") if not row["catalogue"]}
    assert set(scenario_rows()) == ordinary - {BASE_SCENARIO}
    assert re.search(rf"^`{BASE_SCENARIO}`, which the list has too", README.path.read_text(), re.MULTILINE)


def ask(url, ca_file, body, seconds):
    """The status and the text of an answer. TimeoutError when none comes."""
    context = ssl.create_default_context(cafile=ca_file)
    try:
        with urllib.request.urlopen(url, body, seconds, context=context) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read().decode()
    except urllib.error.URLError as failure:
        raise failure.reason  # a TimeoutError, too, when the handshake alone took so long


def assert_as_shown(cell, url, ca_file, body=None):
    """A cell says "no answer" or begins with the status; a code span in it is the body."""
    if cell.startswith("no answer"):
        with pytest.raises(TimeoutError):
            ask(url, ca_file, body, NO_ANSWER_SECONDS)
        return
    status, text = ask(url, ca_file, body, ANSWER_SECONDS)
    assert cell.startswith(str(status)), f"{status}, but the table says: {cell}"
    assert all(text == shown for shown in codes(cell))
    assert "empty" not in cell or text == ""


@pytest.mark.parametrize("name", scenario_rows())
def test_scenario_answers_as_the_table_shows(name, tmp_path):
    _, auth_status, tickle, _ = scenario_rows()[name]
    for folder in ("home", "reader"):
        (tmp_path / folder).mkdir()
    with Terminal(tmp_path / "reader", tmp_path / "home") as terminal:
        # Fast, where "after 10 s" is to be soon; elsewhere nothing changes by itself, however long we take.
        clock = "scaled:20" if "after" in tickle else "manual"
        text = f"exec cpgw-mock serve --port 0 --clock {clock} --scenario {name}\n"
        said = terminal.start(Block("the test", "", "sh", ("background",), text)).said
        base = f"{said['url']}/v1/api"
        assert_as_shown(auth_status, f"{base}/iserver/auth/status", said["ca_file"])
        assert_as_shown(tickle, f"{base}/tickle", said["ca_file"], b"")
