"""Why: what a person does who has read little and is in a hurry, on a machine that is set up oddly. It is said what is
wrong and what to do about it, and nothing else goes wrong because of it."""

import os
import subprocess

import pytest

from run_cli import BINARY, FINE, SCENARIO, USAGE, WITHIN


def run(*arguments, **how):
    """The exit code and all that was said, bytes that are no text included."""
    done = subprocess.run(
        [BINARY, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        timeout=WITHIN,
        **how,
    )
    return done.returncode, done.stdout.decode()


# ---- files ----


def test_a_file_that_is_named_as_if_it_were_built_in(tmp_path):
    for name, extends in [("mine.json", "fresh"), ("bare", "fresh"), ("top.json", "mine")]:
        (tmp_path / name).write_text(f'{{ "extends": "{extends}" }}')
    (tmp_path / "tickle").mkdir()
    why = "there is no built-in scenario of this name"
    is_there = f'{why}; "./mine" means the file mine.json'
    no_json = f'{why}; bare is a file, but a scenario\'s name ends in ".json"'
    assert run("check", "mine", cwd=tmp_path) == (SCENARIO, f"mine: error: {is_there}\n")
    assert run("check", "bare", cwd=tmp_path) == (SCENARIO, f"bare: error: {no_json}\n")
    assert "there is no such scenario" in run("check", "tickle", cwd=tmp_path)[1]  # a folder
    said = run("check", "top.json", cwd=tmp_path)[1]
    assert said.startswith(f'top.json:1:14: error: cannot read scenario "mine": {is_there}\n')


@pytest.mark.parametrize(
    "start, said",
    [
        (b"\xef\xbb\xbf", "a byte order mark stands before the value: save it as UTF-8 without one"),
        (b"\xff\xfe", "this looks like UTF-16 or UTF-32: save it as UTF-8"),
        (b"\xe9\x1b[31m\0", 'wanted a value: { [ " a number, true, false or null'),
    ],
    ids=["byte_order_mark", "utf_16", "no_text"],
)
def test_a_file_from_another_editor(tmp_path, start, said):
    """The line is shown as far as it is text, and nothing in it is obeyed by a terminal."""
    file = tmp_path / "mine.json"
    file.write_bytes(start + b'{ "extends": "fresh" }')
    code, report = run("check", file)
    assert code == SCENARIO
    assert report.startswith(f"{file}:1:1: error: {said}\n")
    assert "\x1b" not in report


# ---- arguments ----


@pytest.mark.parametrize(
    "text, said",
    [
        ("{late:1}", "wanted a name in double quotes, at letter 2"),  # as a shell leaves it that was told nothing
        ("late", 'wanted a value: { [ " a number, true, false or null, at letter 1'),
        ("", "the file ends where a value was wanted, at letter 1"),
    ],
)
def test_a_fault_that_lost_its_quotes(text, said):
    complaint = f'cpgw-mock: fault add wants JSON, found "{text}": {said}\n'
    assert run("fault", "add", text) == (USAGE, complaint + "Try 'cpgw-mock fault --help'.\n")


# ---- where it writes to ----


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full here")
def test_a_gateway_that_cannot_say_where_it_is_says_so_and_serves(tmp_path):
    port_file = tmp_path / "port"
    command = [BINARY, "serve", "--port", "0", "--port-file", port_file]
    with open("/dev/full", "w") as full:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=full, stderr=subprocess.PIPE, text=True)
    try:
        assert run("ready", "--port-file", port_file) == (FINE, "")
    finally:
        process.terminate()
        _, said = process.communicate(timeout=WITHIN)
    assert (process.returncode, said) == (
        FINE,
        "cpgw-mock: cannot write to standard output: No space left on device\n",
    )
