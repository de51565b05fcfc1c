#!/usr/bin/env python3
"""Every scenario has a story, and every piece of the base machine says where we know it from. The catalogue has all
failures of docs/gateway.md#failures, by their numbers, and no others.

Without this, a scenario could rot unseen, and a guess could creep into gateway.json looking like a fact.
"""

import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
MARK = re.compile(r"(observed|recorded|documented|inferred), docs/gateway\.md#[a-z0-9-]+$|assumed$")
ANCHOR = re.compile(r"docs/gateway\.md#([A-Za-z0-9_-]+)")
# A text, which is kept, or a comment, which is not.
COMMENT = re.compile(r'("(?:[^"\\]|\\.)*")|//[^\n]*')

problems = []


def name_of(path):
    return str(path.relative_to(ROOT))


def read_json(path):
    return json.loads(COMMENT.sub(lambda match: match.group(1) or "", path.read_text(encoding="utf-8")))


def want_evidence(piece, where):
    evidence = piece.get("evidence") if isinstance(piece, dict) else None
    if evidence is None:
        problems.append(f"{where}: no evidence")
    elif not MARK.match(evidence):
        problems.append(f'{where}: evidence is "{evidence}"; wanted a mark and a section of the page, or "assumed"')


def want_evidence_in_list(pieces, where):
    for piece in pieces if isinstance(pieces, list) else [pieces]:
        want_evidence(piece, where)


def check_machine(machine):
    for name, state in machine["states"].items():
        want_evidence(state, f"state {name}")
        for target, answer in state.get("answers", {}).items():
            want_evidence_in_list(answer, f"state {name}, answer to {target}")
        for event, transition in state.get("on", {}).items():
            want_evidence_in_list(transition, f"state {name}, on {event}")
    for name, endpoint in machine["endpoints"].items():
        want_evidence(endpoint, f"endpoint {name}")
        # An answer that is only a reply's name is what the endpoint's own evidence is about.
        if not isinstance(endpoint.get("answer", ""), str):
            want_evidence_in_list(endpoint["answer"], f"endpoint {name}, answer")
    for kind in ("modes", "topics"):
        for name, piece in machine["websocket"][kind].items():
            want_evidence(piece, f"websocket, {kind} {name}")
    for kind in ("timers", "rate_limits", "expect"):
        for name, piece in machine[kind].items():
            want_evidence(piece, f"{kind} {name}")


def headings_of(page):
    """The anchors that GitHub makes of a page's headings."""
    lines = [line.lstrip("#").strip() for line in page.splitlines() if re.match(r"#+ ", line)]
    return {re.sub(r"[^\w\- ]", "", line).lower().replace(" ", "-") for line in lines}


def check_anchors(path, known):
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        for anchor in ANCHOR.findall(line):
            if anchor not in known:
                problems.append(f"{name_of(path)}:{number}: docs/gateway.md has no section #{anchor}")


def check_story(scenario):
    story = ROOT / "tests" / "transcripts" / f"{scenario.stem}.txt"
    if not story.exists():
        problems.append(f"{name_of(scenario)}: has no story {name_of(story)}")
    elif f"scenario {scenario.stem}" not in story.read_text(encoding="utf-8").splitlines():
        problems.append(f"{name_of(story)}: is not about scenario {scenario.stem}")


def check_entry(path, page):
    """An entry of the catalogue: a mark, a section of the page, and links that the page has."""
    entry = read_json(path)
    mark, *links = entry["evidence"].split(", http")
    if entry["name"] != path.stem:
        problems.append(f'{name_of(path)}: its name is "{entry["name"]}"')
    if not MARK.match(mark) or mark == "assumed":
        problems.append(f'{name_of(path)}: evidence is "{mark}"; wanted a mark, a section of the page, and links')
    for link in links:
        if f": http{link}\n" not in page:
            problems.append(f"{name_of(path)}: docs/gateway.md has no link http{link}")
    # A story that shows nothing would be in its place, too.
    story = ROOT / "tests" / "transcripts" / f"{path.stem}.txt"
    if story.exists() and not re.search(r"^< ", story.read_text(encoding="utf-8"), re.MULTILINE):
        problems.append(f"{name_of(story)}: shows no answer")


def check_catalogue(entries, page):
    """Each row of the page's table is a scenario; and each number is there once."""
    rows = re.findall(r"^\| (GW-\d{3}-[\w-]+) \|", page, re.MULTILINE)
    played = [path.stem for path in entries]

    if [row[3:6] for row in rows] != [f"{number:03}" for number in range(1, len(rows) + 1)] or not rows:
        problems.append("docs/gateway.md#failures: the numbers do not go from 001 on")
    for name in sorted(set(rows) ^ set(played)):
        problems.append(f"{name}: is in docs/gateway.md#failures or in the catalogue, but not in both")
    for path in entries:
        check_entry(path, page)


def main():
    page = (ROOT / "docs" / "gateway.md").read_text(encoding="utf-8")
    entries = sorted((ROOT / "scenarios" / "catalogue").glob("*.json"))
    scenarios = sorted(path for path in (ROOT / "scenarios").glob("*.json") if not path.name.endswith(".schema.json"))
    scenarios += entries
    fixtures = sorted((ROOT / "fixtures").rglob("*.json"))
    stories = sorted((ROOT / "tests" / "transcripts").glob("*.txt"))
    known = headings_of(page)

    if not scenarios or not fixtures or not stories:
        problems.append("no scenarios, no fixtures, or no stories: this script looks in the wrong place")
    check_machine(read_json(ROOT / "scenarios" / "gateway.json"))
    check_catalogue(entries, page)
    for scenario in scenarios:
        check_story(scenario)
    for path in scenarios + fixtures + stories:
        check_anchors(path, known)
    for fixture in fixtures:
        if not read_json(fixture).get("evidence"):
            problems.append(f"{name_of(fixture)}: no evidence")
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
