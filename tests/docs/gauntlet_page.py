#!/usr/bin/env python3
"""Writes docs/gauntlet.md: runs two real clients against all known failures, some minutes, and tells how they fared.

    CPGW_MOCK=build/release/cpgw-mock build/venv/bin/python tests/docs/gauntlet_page.py > docs/gauntlet.md

The Python is one that has tests/clients/requirements.txt. `--from FOLDER` takes what an earlier run left there, in ibind.json and
ibeam.json; `--keep FOLDER` leaves it.
"""

import argparse
import datetime
import importlib.metadata
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ.get("CPGW_MOCK", str(REPOSITORY / "build/release/cpgw-mock"))
MEANINGS = json.loads((REPOSITORY / "tests/clients/gauntlet_meanings.json").read_text(encoding="utf-8"))
CLIENTS = ("ibind", "ibeam")
# The clients move the clock by themselves; what the gateway has them wait for takes its time.
OPTIONS = ("--clock", "real", "--timeout", "240s")

HEAD = """# Two real clients against the known failures

Which of [the real gateway's known failures](catalogue.md) do clients survive that people use? PyPI `ibind` {ibind} and PyPI `ibeam`
{ibeam}, unmodified, were sent through `cpgw-mock gauntlet` on {date}, against all {count}:

```
cpgw-mock gauntlet {options} --jobs 4 -- python tests/clients/gauntlet_ibind.py
cpgw-mock gauntlet {options} --jobs 4 -- python tests/clients/gauntlet_ibeam.py
```

| client | for half an hour of the gateway's time, once a minute | so it fares |
|---|---|---|
| `ibind` | `check_health()`; if that is false, `initialize_brokerage_session()` and another look; `receive_brokerage_accounts()`, now and then `validate()` | {ibind_counts} |
| `ibeam` | what its maintenance does: `try_authenticating()` by strategy B, then `validate()`. Its browser is stood in for by the two requests that it makes in the end, and the process that it kills and starts by the states of one that has just started | {ibeam_counts} |

Their own waits move the gateway's clock; what the gateway has them wait for takes its time, 100 s in all before the half hour is cut
short. A client **survives** when the brokerage session works at the end, and the client says so. Else it **gives up**: it says that
there is no session, which is right, but has not brought one back; or **is fooled**: it says that all is well, and no account can be
had; or **is mistaken**: it says that nothing works, and it does; or it **crashes**: an exception that is no answer to its question
ends it. **Not met** means that it never asked for what fails; **not judged** is what its browser alone would meet. Giving up is
the best that anybody can do where only a person, or a restart, helps.

This page is generated (`tests/docs/gauntlet_page.py`), and the tests run some of it again.

"""

# What IBeam's browser would meet, and what stands in for it does not.
NOT_JUDGED = {"ibind": (), "ibeam": ("GW-039", "GW-040", "GW-041")}
VERDICTS = {1: "crashes", 3: "gives up", 4: "is fooled", 5: "is mistaken"}


def verdict_of(entry):
    """In a word or two what a run showed."""
    if entry["outcome"] == "failed":
        return VERDICTS.get(entry["exit_status"], f"ends with {entry['exit_status']}")
    if entry["outcome"] in ("not met", "not judged"):
        return entry["outcome"]
    return {"survived": "survives", "hung": "hangs", "broke": "breaks a duty"}[entry["outcome"]]


def tally_of(entry):
    """ "30 rounds, 2 unhealthy": what the client counted, in the line before its last; "" where it crashed."""
    lines = [line for line in entry["output"].splitlines() if re.match(r"\d+ rounds", line)]
    return lines[-1] if lines else ""


def run(client, folder, *options):
    """One gauntlet of one client, its JSON."""
    path = pathlib.Path(folder) / f"{client}.json"
    driver = REPOSITORY / f"tests/clients/gauntlet_{client}.py"
    command = [BINARY, "gauntlet", *OPTIONS, *options, "--json", str(path), "--", sys.executable, str(driver)]
    result = subprocess.run(command, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL, check=False)
    assert result.returncode in (0, 1), f"gauntlet ended with {result.returncode}"
    return read_run(client, folder)


def read_run(client, folder):
    found = json.loads((pathlib.Path(folder) / f"{client}.json").read_text(encoding="utf-8"))
    for entry in found["entries"]:
        if entry["id"] in NOT_JUDGED[client]:
            entry["outcome"] = "not judged"
    return found


def plain(text):
    return re.sub(r"([*<>`|\\])", r"\\\1", text)


def counts_of(found):
    verdicts = [verdict_of(entry) for entry in found["entries"]]
    return ", ".join(f"{verdict} {verdicts.count(verdict)}" for verdict in sorted(set(verdicts), key=lambda one: -verdicts.count(one)))


def row_of(entries):
    first = entries[0]
    link = f"[{first['id']}](catalogue.md#{first['name'].lower()})"
    return f"| {link} | {plain(first['title'])} | " + " | ".join(map(verdict_of, entries)) + " |\n"


def meaning_of(client, entry):
    """Why it fared so: written by hand, as nothing here can know."""
    meaning = MEANINGS[client].get(entry["id"])
    assert meaning, f"tests/clients/gauntlet_meanings.json does not say why {client} {verdict_of(entry)} in {entry['id']}"
    tally = tally_of(entry)
    return f"* {entry['id']}, {verdict_of(entry)}: {meaning}{f' ({tally})' if tally else ''}\n"


def is_success(entry):
    return entry["outcome"] in ("survived", "not met", "not judged")


def warnings_of(found):
    named = sorted({(name, entry["id"]) for entry in found["entries"] for name in entry["warnings"]})
    return "".join(f"* {entry}: a duty is broken, `{name}`\n" for name, entry in named)


def section_of(client, found):
    lines = [f"\n## Where {client} fails\n\n"]
    lines += [meaning_of(client, entry) for entry in found["entries"] if not is_success(entry)]
    warned = warnings_of(found)
    if warned:
        lines += ["\nWhat every client should do, and it did not:\n\n", warned]
    told = [entry for entry in found["entries"] if entry["outcome"] == "survived" and entry["id"] in MEANINGS[client]]
    if told:
        lines += ["\nIt survives these, at a price:\n\n"]
        lines += [f"* {entry['id']}: {MEANINGS[client][entry['id']]} ({tally_of(entry)})\n" for entry in told]
    return "".join(lines)


def render(found, date):
    ibind, ibeam = (found[client] for client in CLIENTS)
    head = HEAD.format(
        ibind=importlib.metadata.version("ibind"),
        ibeam=importlib.metadata.version("ibeam"),
        date=date,
        count=len(ibind["entries"]),
        options=" ".join(OPTIONS),
        ibind_counts=counts_of(ibind),
        ibeam_counts=counts_of(ibeam),
    )
    rows = "".join(row_of(pair) for pair in zip(ibind["entries"], ibeam["entries"], strict=True))
    table = "| id | what happens | ibind | ibeam |\n|---|---|---|---|\n" + rows
    return head + table + "".join(section_of(client, found[client]) for client in CLIENTS)


def read_page():
    """What docs/gauntlet.md says: id -> (ibind, ibeam)."""
    text = (REPOSITORY / "docs/gauntlet.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \[(GW-\d{3})\]\([^)]*\) \| .* \| ([^|]+) \| ([^|]+) \|$", text, re.MULTILINE)
    return {name: dict(zip(CLIENTS, verdicts, strict=True)) for name, *verdicts in rows}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--from", dest="folder", metavar="FOLDER")
    parser.add_argument("--keep", metavar="FOLDER")
    parser.add_argument("--date", default=datetime.date.today().isoformat())
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(asked.folder or asked.keep or temporary)
        if asked.folder:
            found = {client: read_run(client, folder) for client in CLIENTS}
        else:
            found = {client: run(client, folder, "--jobs", "4") for client in CLIENTS}
        sys.stdout.write(render(found, asked.date))


if __name__ == "__main__":
    main()
