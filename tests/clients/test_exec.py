"""Why: `exec` is the one line in a CI file. It must say nothing against a client that behaves, and tell who does not.

The clients are those of the other files, each as the command of an exec of its own, with --strict (flows.py).
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from cpgw_mock import AUTHENTICATED, BINARY, BROKERAGE_LOST, COMPETING, SSO_ONLY

FLOWS = Path(__file__).with_name("flows.py")
BROKEN, UNMATCHED, BAD_CERTIFICATE = 1, 5, 60


@pytest.fixture
def execute(state_home, tmp_path, request):
    """Runs a flow as exec's command: its exit status, and what exec wrote to standard error."""

    def run(flow, *options):
        environment = {**os.environ, "CPGW_MOCK": str(BINARY)}
        if flow.startswith("mcp"):
            environment["CPGW_TEST_MCP"] = str(request.getfixturevalue("mcp_package"))
        command = [BINARY, "exec", *options, "--", sys.executable, FLOWS, flow]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120)
        return done.returncode, done.stderr

    return run


@pytest.mark.parametrize(
    ("flow", "scenario", "clock"),
    [
        ("curl_looks_around", AUTHENTICATED, "real"),
        ("ibind_works", AUTHENTICATED, "real"),
        ("ibind_opens_a_session", SSO_ONLY, "real"),
        ("ibind_opens_a_session", BROKERAGE_LOST, "real"),
        ("ibind_opens_a_session", COMPETING, "real"),
        ("ibind_works_for_an_hour", AUTHENTICATED, "manual"),
        ("ibeam_finds_all_well", AUTHENTICATED, "real"),
        ("ibeam_wins_the_session_back", BROKERAGE_LOST, "scaled:4"),  # it looks once a second, by its own clock
        ("ibeam_maintains_for_an_hour", AUTHENTICATED, "manual"),
        ("mcp_works", AUTHENTICATED, "real"),
        ("mcp_wins_the_session_back", SSO_ONLY, "real"),
        ("mcp_wins_the_session_back", BROKERAGE_LOST, "real"),
        ("node_trusts_the_authority", AUTHENTICATED, "real"),
    ],
)
def test_a_client_that_behaves_is_not_accused(execute, flow, scenario, clock):
    status, said = execute(flow, "--strict", "--scenario", scenario, "--clock", clock)
    assert status == 0, said
    assert "broken" not in said
    assert "unmatched" not in said


@pytest.mark.parametrize(
    ("flow", "accusation"),
    [
        ("ibind_forgets_to_tickle", "the client let the session die: last tickle 5m30s before"),
        ("ibind_goes_on_after_its_logout", "the client goes on after its logout"),
    ],
)
def test_a_client_that_forgets_its_duty_is_told_so(execute, flow, accusation):
    status, said = execute(flow, "--strict", "--clock", "manual")
    assert accusation in said
    assert status == BROKEN, said

    status, said = execute(flow, "--clock", "manual")
    assert accusation in said
    assert status == 0, "without --strict it is a warning"


def test_a_client_that_forgets_the_base_path_is_told_what_it_meant(execute):
    status, said = execute("curl_forgets_the_base_path", "--strict")
    assert status == UNMATCHED
    assert "POST /tickle has no /v1/api prefix: did you mean /v1/api/tickle?" in said
    assert execute("curl_forgets_the_base_path")[0] == 0


def test_the_client_s_own_failure_comes_first(execute):
    status, said = execute("curl_trusts_nobody", "--strict")
    assert status == BAD_CERTIFICATE
    assert "the client does not trust the CA" in said


def test_the_examples_in_the_readme_are_tests():
    here = Path(__file__).parent
    tests = "\n".join(file.read_text() for file in here.glob("test_*.py"))
    examples = re.findall(r"^```python\n(.*?)^```", (here / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    assert examples
    for example in examples:
        assert example in tests, example
