#!/usr/bin/env python3
"""Writes docs/catalogue.md from what the program says about its catalogue: tests/docs/catalogue_page.py > docs/catalogue.md

Takes build/release/cpgw-mock, or what CPGW_MOCK names.
"""

import json
import os
import pathlib
import re
import subprocess
import sys

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ.get("CPGW_MOCK", str(REPOSITORY / "build/release/cpgw-mock"))

HEAD = """# The real gateway's known failures

How the Client Portal Gateway has failed its users, each with an id that is kept for ever, what the client meets, where that
is known from ([gateway.md](gateway.md#failures)), and what the client should do. All {total} are scenarios:

```sh
cpgw-mock catalogue
cpgw-mock catalogue show GW-001
cpgw-mock exec --scenario GW-001 -- true
```

Instead of `true`, run your client's tests; `cpgw-mock gauntlet` runs them against all of these at once, as
[gauntlet.md](gauntlet.md) does with two real clients.

This page is generated: `tests/docs/catalogue_page.py > docs/catalogue.md`. The texts are in
[scenarios/catalogue](../scenarios/catalogue).

| layer | where the failure is made |
|---|---|
| session | in the login or the brokerage session |
| upstream | behind the gateway, at the brokerage |
| edge | in the network before the brokerage, which refuses calls |
| gateway | in the gateway itself |
| login | on the way from the login page to a session |
| websocket | on the session's websocket |
| connection | on the connection to the gateway |
"""


def call(*arguments):
    return subprocess.run([BINARY, *arguments], check=True, capture_output=True, text=True).stdout


def plain(text):
    """Text that is no markup, whatever is in it."""
    return re.sub(r"([*<>`|\\])", r"\\\1", text)


def anchor_of(entry):
    return entry["name"].lower()


def label_of(link):
    """ "ibeam#268" for an issue or a pull request, else "owner/name"."""
    issue = re.fullmatch(r"https://github\.com/[^/]+/([^/]+)/(?:issues|pull)/(\d+)", link)
    return f"{issue[1]}#{issue[2]}" if issue else "/".join(link.split("/")[3:5])


def show_evidence(evidence):
    mark, *others = evidence.split(", ")
    section, *links = others
    shown = [f"[{section.partition('#')[2]}]({section.removeprefix('docs/')})"]
    shown += [f"[{label_of(link)}]({link})" for link in links]
    return f"{mark}: {', '.join(shown)}"


def section_of(entry):
    return f"""
### {entry["name"]}

*{plain(entry["title"])}*

* Symptom: {plain(entry["symptom"])}
* Remedy: {plain(entry["remedy"])}
* Evidence, {show_evidence(entry["evidence"])}
* Files: [scenario](../scenarios/catalogue/{entry["name"]}.json), [transcript](../tests/transcripts/{entry["name"]}.txt)
"""


def render(entries):
    lines = [HEAD.format(total=len(entries)), "| id | layer | what happens |\n|---|---|---|\n"]
    for entry in entries:
        lines.append(f"| [{entry['id']}](#{anchor_of(entry)}) | {entry['layer']} | {plain(entry['title'])} |\n")
    return "\n".join(lines[:2]) + "".join(lines[2:]) + "\n## One by one\n" + "".join(map(section_of, entries))


def page():
    return render(json.loads(call("catalogue", "list", "--format", "json")))


if __name__ == "__main__":
    sys.stdout.write(page())
