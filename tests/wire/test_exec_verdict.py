"""Why: `exec` fails a CI run because of what it saw, so what it says must be right and be enough to mend the client: which
expectation, what led to it, what an unknown call was probably meant to be; for people, in its exit status, and as JUnit
XML. Time is moved, never waited for."""

import json
import xml.etree.ElementTree as ElementTree

import pytest

from run_exec import execute, shell

pytestmark = pytest.mark.usefixtures("state_home")

TICKLE = 'curl -sS -o /dev/null -d "" "$CPGW_URL/v1/api/tickle"\n'
LOST = TICKLE + "cpgw-mock clock advance 6m > /dev/null\n"
UNKNOWN = 'curl -sS -o /dev/null "$CPGW_URL/tickle"\n'
PATIENT = {"state": "authenticated", "because": "win it back <&> \"soon\" \u2028"}


@pytest.fixture
def judged(tmp_path):
    """Runs a script inside, on a clock that it moves: judged(script, option…). The scenario expects something."""

    def run(script, *options, expect=None, **how):
        scenario = {"name": "of_a_test", "title": "judged", "extends": "authenticated", "expect": expect or {}}
        (tmp_path / "scenario.json").write_text(json.dumps(scenario))
        return shell(script, "--clock", "manual", "--scenario", str(tmp_path / "scenario.json"), *options, **how)

    return run


# ---- its exit status ----


@pytest.mark.parametrize(
    "away",
    [
        "curl -sS -o /dev/null -d '' $CPGW_ADMIN_URL/__admin/reset",
        "curl -sS -o /dev/null -d '' $CPGW_ADMIN_URL/__admin/scenarios/reset",
        "curl -sS -o /dev/null -X PUT -d '{\"scenario\": \"fresh\"}' $CPGW_ADMIN_URL/__admin/scenarios/current",
    ],
    ids=["reset", "started anew", "another scenario"],
)
def test_what_was_broken_stays_so_whatever_the_test_does_then(judged, away):
    expect = {"never": {"call": "tickle", "at_most": 0}}
    result = judged(TICKLE + away, expect=expect)
    assert result.returncode == 1
    assert result.stderr.count("broken: never") == 1
    assert judged(away, expect=expect).returncode == 0, "nobody called"
    assert judged(UNKNOWN + away, "--strict", expect=expect).returncode == 5


def test_a_gateway_of_a_test_is_judged_when_it_is_removed(judged, tmp_path):
    result = judged(
        "curl -sS -o port.json -d '{\"name\": \"mine\"}' $CPGW_ADMIN_URL/__admin/gateways\n"
        "port=$(sed 's/.*\"port\":\\([0-9]*\\).*/\\1/' port.json)\n"
        "curl -sS -o /dev/null -d '' https://localhost:$port/v1/api/tickle\n"
        "curl -sS -X DELETE $CPGW_ADMIN_URL/__admin/gateways/mine\n",
        expect={"asks": {"call": "auth_status", "at_least": 1}},
        cwd=tmp_path,
    )
    assert result.returncode == 1
    assert "[mine] broken: asks" in result.stderr


def test_a_broken_expectation_fails_the_run(judged):
    result = judged(LOST, expect={"stays": {"state": "authenticated"}})
    assert result.returncode == 1
    assert "cpgw-mock: broken: stays\n  expected: " in result.stderr
    assert "2026-03-02T14:35:30.000Z transition idle authenticated -> brokerage_lost\n" in result.stderr


def test_one_that_is_kept_says_nothing(judged):
    result = judged(TICKLE, expect={"stays": {"state": "authenticated"}})
    assert (result.returncode, result.stderr) == (0, "")


def test_one_that_nobody_can_judge_yet_fails_nothing(judged):
    result = judged(TICKLE, expect={"lost": {"state": "brokerage_lost", "within": "10m"}})
    assert (result.returncode, result.stderr) == (0, "")


def test_a_duty_is_a_warning_and_a_failure_when_strict(judged):
    result = judged(LOST)
    assert result.returncode == 0
    (line,) = result.stderr.splitlines()
    assert line == "cpgw-mock: warning: tickles_in_time: the client let the session die: last tickle 5m30s before (at 14:30:00)"
    result = judged(LOST, "--strict")
    assert result.returncode == 1
    assert result.stderr.startswith("cpgw-mock: broken: tickles_in_time\n  expected: ")
    assert "to do: call tickle about once a minute" in result.stderr


def test_an_unknown_call_is_a_warning_and_a_failure_when_strict(judged):
    hint = "\n  GET /tickle has no /v1/api prefix: did you mean /v1/api/tickle?\n"
    result = judged(UNKNOWN)
    assert result.returncode == 0
    assert result.stderr == f"cpgw-mock: warning: unmatched: 2026-03-02T14:30:00.000Z GET /tickle authenticated 302{hint}"
    result = judged(UNKNOWN, "--strict")
    assert result.returncode == 5
    assert result.stderr == f"cpgw-mock: unmatched: 2026-03-02T14:30:00.000Z GET /tickle authenticated 302{hint}"


def test_broken_expectations_go_before_unknown_calls(judged):
    result = judged(LOST + UNKNOWN, "--strict")
    assert result.returncode == 1
    assert result.stderr.endswith("cpgw-mock: in all 1 broken expectation, 1 call that nothing was meant for\n")


def test_the_commands_own_failure_goes_before_all(judged):
    result = judged(LOST + UNKNOWN + "exit 77\n", "--strict")
    assert result.returncode == 77
    assert "broken: tickles_in_time" in result.stderr and "unmatched" in result.stderr


def test_calls_that_the_journal_has_forgotten_count(judged):
    """The last of many are named, and all are counted."""
    script = 'curl -sS -o /dev/null "$CPGW_URL/tickle?[1-60]"\n' + TICKLE.replace("/tickle", "/tickle?[1-400]")
    result = judged(script, "--strict", "--journal-size", "256")
    assert result.returncode == 5
    assert "cpgw-mock: unmatched: and 60 more calls that nothing was meant for\n" in result.stderr
    result = judged(script, "--strict")
    assert result.stderr.count("unmatched: 2026") == 20
    assert "cpgw-mock: unmatched: and 40 more calls that nothing was meant for\n" in result.stderr


def test_connections_without_a_call_are_told(judged):
    """They are often why a client did nothing. They fail nothing: many a port is only looked at."""
    result = judged('curl -sS -o /dev/null "http://$CPGW_HOST:$CPGW_PORT/" 2> /dev/null\n:', "--strict")
    assert result.returncode == 0
    assert "warning: 2026-03-02T14:30:00.000Z connection plain_http: plain HTTP arrived on the TLS port\n" in result.stderr


ADD = """
curl -sS --fail -d '{"name": "second", "scenario": "brokerage_lost"}' -H 'Content-Type: application/json' \\
    -o /dev/null "$CPGW_ADMIN_URL/__admin/gateways"
curl -sS --fail -o "$answer" "$CPGW_ADMIN_URL/__admin/gateways/second"
port=$(sed 's/.*"port":\\([0-9]*\\).*/\\1/' "$answer")
curl -sS -o /dev/null "https://localhost:$port/tickle"
"""


def test_all_gateways_that_are_there_are_judged(judged, tmp_path):
    where = {"answer": str(tmp_path / "answer")}
    result = judged(ADD, "--strict", "--junit", str(tmp_path / "report.xml"), environment=where)
    assert result.returncode == 5
    assert "cpgw-mock: [second] unmatched: " in result.stderr
    suites = ElementTree.parse(tmp_path / "report.xml").getroot().findall("testsuite")
    assert [suite.get("name") for suite in suites] == ["default", "second"]
    assert [suite.get("failures") for suite in suites] == ["0", "1"]
    removed = ADD + 'curl -sS --fail -o /dev/null -X DELETE "$CPGW_ADMIN_URL/__admin/gateways/second"\n'
    assert judged(removed, "--strict", environment=where).returncode == 5


# ---- JUnit ----


@pytest.fixture
def report(judged, tmp_path):
    """The report of a run, its counts checked: report(script, option…)."""
    file = tmp_path / "report.xml"

    def run(*arguments, **how):
        result = judged(*arguments, "--junit", str(file), **how)
        assert file.exists(), result.stderr
        root = ElementTree.parse(file).getroot()
        cases = root.findall("testsuite/testcase")
        for element in (root, *root.findall("testsuite")):
            assert int(element.get("tests")) == len(element.findall(".//testcase"))
            assert int(element.get("failures")) == len(element.findall(".//failure"))
            assert int(element.get("skipped")) == len(element.findall(".//skipped"))
            assert element.get("errors") == "0"
        return result, root, {case.get("name"): case for case in cases}

    return run


def test_the_report_has_a_case_an_expectation(report):
    expect = {"stays": PATIENT, "later": {"state": "sso_expired", "within": "10d"}, "called": {"call": "tickle", "at_least": 1}}
    result, root, cases = report(LOST + UNKNOWN, "--seed", "77", expect=expect)
    assert result.returncode == 1
    (suite,) = root.findall("testsuite")
    properties = {each.get("name"): each.get("value") for each in suite.findall("properties/property")}
    assert properties == {"scenario": "of_a_test", "seed": "77"}
    assert suite.get("name") == "default"
    assert {case.get("classname") for case in cases.values()} == {"cpgw-mock.default"}
    assert list(cases["called"]) == []
    assert cases["later"].find("skipped") is not None
    failure = cases["stays"].find("failure")
    assert failure.get("type") == "expectation" and failure.get("message") in failure.text
    assert "2026-03-02T14:35:30.000Z transition idle authenticated -> brokerage_lost\n" in failure.text
    # All that XML can have is there.
    assert 'win it back <&> "soon" \u2028' in failure.text
    # Warnings fail nothing, and are there.
    assert cases["tickles_in_time"].find("failure") is None
    assert "the client let the session die" in cases["tickles_in_time"].find("system-out").text
    assert "did you mean /v1/api/tickle?" in cases["unmatched_calls"].find("system-out").text


def test_the_report_of_a_strict_run(report):
    result, _, cases = report(LOST + UNKNOWN, "--strict")
    assert result.returncode == 1
    assert cases["tickles_in_time"].find("failure") is not None
    failure = cases["unmatched_calls"].find("failure")
    assert failure.get("type") == "unmatched" and "GET /tickle" in failure.text


def test_the_report_is_there_whatever_the_command_does(report):
    result, _, cases = report("exit 5")
    assert result.returncode == 5 and list(cases["unmatched_calls"]) == []


def test_the_report_appears_whole(tmp_path):
    """While the command runs the old one stands; without a command it stays."""
    file = tmp_path / "report.xml"
    file.write_text("old")
    result = execute("--junit", str(file), "--", "cat", str(file))
    assert (result.returncode, result.stdout) == (0, "old")
    assert ElementTree.parse(file).getroot().tag == "testsuites"
    assert list(tmp_path.iterdir()) == [file]
    written = file.read_text()
    assert execute("--junit", str(file), "--", "no-such-command").returncode == 127
    assert (file.read_text(), list(tmp_path.iterdir())) == (written, [file])
    assert execute("--junit", str(tmp_path), "--", "true").returncode == 125


def test_a_report_that_cannot_be_written_fails_the_run(tmp_path):
    file = tmp_path / "folder/report.xml"
    file.parent.mkdir()
    for status, own in [(6, 0), (9, 9)]:
        result = execute("--junit", str(file), "--", "sh", "-c", f"rm -r {file.parent} && exit {own}")
        assert result.returncode == status
        assert f"cpgw-mock: cannot write {file}: No such file or directory\n" == result.stderr
        file.parent.mkdir()
