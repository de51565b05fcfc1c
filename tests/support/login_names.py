"""What login helpers look for on the login pages, in which step, in which year's pages: the table in docs/login.md, which
tests/wire looks up in the pages' text and tests/browser in a browser."""

import re
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs/login.md"
YEARS = ["2022", "2023-v1", "2023-v2", "2025", "2026"]
STEPS = ["form", "error", "promo", "method", "code", "phone", "success"]
HEAD = ["looked for", "step", *(f"`{year}`" for year in YEARS), "who looks"]
HAS_TEXT = re.compile(r":has-text\('([^']*)'\)$")


@dataclass(frozen=True)
class Name:
    selector: str  # CSS
    text: str  # what it must hold, in whatever case; "": anything
    step: str
    years: frozenset

    def __str__(self):
        return self.selector + (f":has-text('{self.text}')" if self.text else "")


def _read_row(cells):
    looked_for, step, *marks, _ = cells
    assert step in STEPS, f"no step is called {step}"
    assert set(marks) <= {"yes", ""}, f"{looked_for}: a year says yes or nothing"
    selector = looked_for.strip("`")
    text = HAS_TEXT.search(selector)
    years = frozenset(year for year, mark in zip(YEARS, marks, strict=True) if mark)
    return Name(HAS_TEXT.sub("", selector), text[1] if text else "", step, years)


def names():
    """The table's rows."""
    rows = [
        [cell.strip() for cell in line.strip("|\n").split("|")]
        for line in PAGE.read_text().splitlines()
        if line.startswith("|")
    ]
    begin = rows.index(HEAD) + 2
    end = next((at for at in range(begin, len(rows)) if len(rows[at]) != len(HEAD)), len(rows))
    found = [_read_row(row) for row in rows[begin:end]]
    assert {name.step for name in found} == set(STEPS) and all(name.years for name in found)
    return found


# One simple selector: a tag, then ids, classes, and attributes that are there, are this, or hold this.
PART = re.compile(r"""^[a-z]+|\#[\w-]+|\.[\w-]+|\[([\w-]+)(?:(\*?=)'?([^'\]]*)'?)?\]""")


def fits(selector, element):
    """Whether it selects an element that is its attributes, and its tag by the name "tag"."""
    at = 0
    while at < len(selector):
        part = PART.match(selector[at:])
        assert part, f"a selector that is too much for this: {selector}"
        text, (name, how, value) = part[0], part.groups()
        if text.startswith("#"):
            holds = element.get("id") == text[1:]
        elif text.startswith("."):
            holds = text[1:] in element.get("class", "").split()
        elif text.startswith("["):
            found = element.get(name)
            holds = found is not None and (not how or (value in found if how == "*=" else value == found))
        else:
            holds = element["tag"] == text
        if not holds:
            return False
        at += len(text)
    return True
