#!/usr/bin/env python3
"""Writes the client matrix in docs/faults.md: build/venv/bin/python tests/docs/matrix_page.py

Runs the clients against build/release/cpgw-mock, or what CPGW_MOCK names. Their wording is that of the versions that were
used; test_matrix.py asks whether each still ends in the same way.
"""

import pathlib
import re
import tempfile

import matrix_run
from matrix_run import BINARY, CLIENTS, REPOSITORY, Run, examples

PAGE = REPOSITORY / "docs/faults.md"
BEGIN, END = "<!-- The client matrix: written by tests/docs/matrix_page.py -->", "<!-- End of the client matrix -->"

HEAD = """
Each asked for `tickle` with its own time limit of {seconds:g} s, used as most programs use it, and took the answer for JSON where
its standard library or itself knows JSON. Where a fault acts on calls the client had a connection already, as in a
program that runs for a while. The faults were
[these](../tests/support/fault_examples.py), on a clock that stood still, so that what comes later does not come at all.

{versions}.

* A number is the status that the program got. `timeout` is the client's own limit, `hangs` says that this limit did nothing
  in {hangs:g} s. What stands like `this` is the error.
* ×2 says that the client tried twice by itself: the fault acted each time.
* What comes after a semicolon is the next call, when the fault was gone, where that did not go well.

"""


def shown(client, outcome):
    if outcome.kind == "hangs":
        return "hangs"
    if outcome.kind == "timeout":
        # curl's has times and counts behind its number.
        return f"timeout: `{outcome.text.split(' ')[0] if client == 'curl' else outcome.text}`"
    if outcome.kind == "error":
        return f"`{outcome.text}`"
    if outcome.kind == "body":
        return re.sub(r"then (.*)", r"then `\1`", outcome.text)
    return outcome.text


def cell_text(client, cell):
    text = shown(client, cell.asked)
    if cell.tries > 1:
        text += f" ×{cell.tries}"
    if cell.afterwards.kind != "ok":
        text += f"; {shown(client, cell.afterwards)}"
    return text.replace("|", "\\|")


def class_of(text):
    """The class of each outcome in a cell: "ok", "body", "error", "timeout", "hangs"."""

    def one(part):
        if part.startswith(("timeout", "hangs")):
            return part.split(":")[0].split(" ")[0]
        if part.startswith("`"):
            return "error"
        return "body" if ", then " in part else "ok"

    classes = [one(part) for part in re.split(r"; (?=timeout|hangs|`|\d{3})", text)]
    return classes if len(classes) > 1 else [*classes, "ok"]


def header():
    return ["what they see", *(client.name for client in CLIENTS)]


def render(cells, versions):
    ran = {}
    for client, version in versions.items():
        ran.setdefault("Node" if client.startswith("Node") else client, version)
    text = HEAD.format(
        seconds=matrix_run.PATIENCE_MS / 1000,
        hangs=matrix_run.PATIENCE_MS * matrix_run.HANGS_AFTER / 1000,
        versions="They are " + ", ".join(f"{client} {version}" for client, version in ran.items()),
    )
    rows = [header(), ["---"] * (len(CLIENTS) + 1)]
    for example in examples(BINARY):
        texts = [cell_text(client.name, cells[example.kind, client.name]) for client in CLIENTS]
        rows.append([f"`{example.kind}`", *texts])
    return text + "".join(f"| {' | '.join(row)} |\n" for row in rows) + "\n"


def main():
    before, begin, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    assert begin and end, f"{PAGE} has no place for the matrix"
    with tempfile.TemporaryDirectory() as folder, Run(pathlib.Path(folder)) as run:
        text = render(run.all_cells(), run.versions())
    PAGE.write_text(f"{before}{begin}\n{text}{end}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
