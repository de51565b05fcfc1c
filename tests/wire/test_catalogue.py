"""The catalogue of the real gateway's failures: is each one listed, shown and served, by its name and by its id?

Ids are promises: what is asserted about them here is kept for ever.
"""

import json
import os
import pathlib
import re
import subprocess

import pytest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("CPGW_MOCK", REPOSITORY / "build/release/cpgw-mock"))
FILES = {file.stem: file for file in (REPOSITORY / "scenarios/catalogue").glob("*.json")}

FINE, USAGE, SCENARIO = 0, 2, 3
WITHIN = 60.0
COUNT = 45
# Some of each kind, to be found by these for ever.
PLAYED = {"GW-001": "GW-001-tickle-no-session", "GW-032": "GW-032-upstream-hang", "GW-045": "GW-045-bare-root-not-api"}


@pytest.fixture(scope="module", autouse=True)
def clean_environment(tmp_path_factory):
    """No variable of the developer's reaches the program, and no certificate authority of theirs is touched."""
    before = dict(os.environ)
    for name in list(os.environ):
        if name.startswith("CPGW_") or name.upper().endswith("_PROXY"):
            del os.environ[name]
    os.environ["XDG_STATE_HOME"] = str(tmp_path_factory.mktemp("state"))
    yield
    os.environ.clear()
    os.environ.update(before)


def call(*arguments):
    return subprocess.run([BINARY, *arguments], capture_output=True, text=True, timeout=WITHIN, stdin=subprocess.DEVNULL)


def entries():
    return json.loads(call("catalogue", "list", "--format", "json").stdout)


def refused(result, code, *lines):
    assert result.stderr == "".join(line + "\n" for line in lines)
    assert result.stdout == ""
    assert result.returncode == code


# ---- list ----


def test_every_id_is_there_once_and_in_order():
    assert [entry["id"] for entry in entries()] == [f"GW-{number:03}" for number in range(1, COUNT + 1)]
    assert all(entry["name"].startswith(entry["id"] + "-") for entry in entries())


def test_what_can_be_played_is_what_there_are_files_for():
    assert {entry["name"] for entry in entries()} == set(FILES)
    for entry in entries():
        assert all(entry[member] for member in ("symptom", "remedy", "evidence")), entry["id"]


def test_the_list_says_what_the_files_say():
    by_name = {entry["name"]: entry for entry in entries()}
    for name, path in FILES.items():
        file, entry = json.loads(path.read_text(encoding="utf-8")), by_name[name]
        # What a client has met is there in words.
        assert (entry["met"] is not None) == (file["catalogue"].pop("met", None) is not None)
        assert {member: entry[member] for member in file["catalogue"]} == file["catalogue"]
        assert (entry["title"], entry["evidence"]) == (file["title"], file["evidence"])


@pytest.mark.parametrize("arguments", [[], ["list"]])
def test_the_list_for_people(arguments):
    result = call("catalogue", *arguments)
    lines = result.stdout.splitlines()
    assert re.fullmatch(r"ID +LAYER +TITLE", lines[0])
    shown = [re.fullmatch(r"(GW-\d{3}) +([a-z]+) +(.+)", line).groups() for line in lines[1:]]
    assert shown == [(entry["id"], entry["layer"], entry["title"]) for entry in entries()]
    assert (result.stderr, result.returncode) == ("", FINE)


# ---- show ----


def test_show_tells_symptom_evidence_remedy_and_how_to_run_it():
    result = call("catalogue", "show", "GW-001")
    name, title, empty, *facts = result.stdout.splitlines()
    assert (name, empty) == ("GW-001-tickle-no-session", "")
    entry = entries()[0]
    assert title == entry["title"]
    said = " ".join(" ".join(facts).split())
    for word, member in (("Symptom", "symptom"), ("Evidence", "evidence"), ("Remedy", "remedy")):
        assert f"{word} {entry[member]}" in said
    assert "Run cpgw-mock serve --scenario GW-001-tickle-no-session" in said
    assert all(len(line) <= 80 for line in facts)
    assert result.stdout == call("catalogue", "show", "GW-001-tickle-no-session").stdout
    assert (result.stderr, result.returncode) == ("", FINE)


def test_show_as_json():
    for entry in entries():
        assert json.loads(call("catalogue", "show", entry["id"], "--format", "json").stdout) == entry


# ---- wrong ----

SEE = "Try 'cpgw-mock catalogue --help'."


@pytest.mark.parametrize(
    "wanted, nearest",
    [
        ("GW-046", '; did you mean "GW-006"?'),
        ("gw-01", '; did you mean "GW-001"?'),
        ("GW-001-tickle-no-sesion", '; did you mean "GW-001-tickle-no-session"?'),
        ("authenticated", ""),
        ("GW-001-", '; did you mean "GW-001"?'),
    ],
)
def test_what_is_not_in_it(wanted, nearest):
    said = f"cpgw-mock: the catalogue has no \"{wanted}\"; 'cpgw-mock catalogue' lists it{nearest}"
    refused(call("catalogue", "show", wanted), USAGE, said, SEE)


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["shwo", "GW-001"], 'catalogue wants list, or show and an id; found "shwo"'),
        (["show"], '"catalogue show" wants an id, such as GW-001; found nothing more'),
        (["list", "GW-001"], '"catalogue list" wants nothing after it, found "GW-001"'),
        (["show", "GW-001", "GW-002"], 'catalogue wants [list|show ID] and nothing after it, found "GW-002"'),
    ],
)
def test_it_is_called_wrongly(arguments, said):
    refused(call("catalogue", *arguments), USAGE, f"cpgw-mock: {said}", SEE)


# ---- as scenarios ----


@pytest.mark.parametrize("wanted", [*PLAYED, *PLAYED.values()])
def test_a_scenario_has_two_names(wanted):
    result = call("check", wanted)
    assert (result.stdout, result.returncode) == (f"{wanted}: fine\n", FINE)


def test_a_mistyped_one_is_told_the_nearest():
    result = call("serve", "--port", "0", "--no-admin", "--scenario", "GW-032-upstream-hnag")
    said, nearest = result.stderr.splitlines()
    assert said.startswith("GW-032-upstream-hnag: error: there is no such scenario")
    assert nearest == '  did you mean "GW-032-upstream-hang"?'
    assert (result.stdout, result.returncode) == ("", SCENARIO)


CLIENT = """
import json, os, ssl, urllib.request as web
context = ssl.create_default_context(cafile=os.environ["CPGW_CA_FILE"])
print(web.urlopen(web.Request(os.environ["CPGW_URL"] + "/v1/api/tickle", b""), context=context).read().decode())
def load(name):
    request = web.Request(os.environ["CPGW_ADMIN_URL"] + "/__admin/scenarios/current", method="PUT",
                          data=json.dumps({"scenario": name}).encode(), headers={"Content-Type": "application/json"})
    return json.load(web.urlopen(request))["name"]
print(load("GW-032"), load("GW-045-bare-root-not-api"))
"""


def test_it_is_served_and_loaded_by_its_id():
    python = os.environ.get("CPGW_PYTHON", "/usr/bin/python3")
    result = call("exec", "--scenario", "GW-001", "--", python, "-c", CLIENT)
    assert result.returncode == FINE, result.stderr
    assert result.stdout == '{"error":"no session"}\nGW-032-upstream-hang GW-045-bare-root-not-api\n'
