"""Does every link between this repository's pages lead somewhere, and every reference to a fact to its heading?"""

import re

import pytest

from document import REPOSITORY, Document

PAGES = sorted(
    str(path.relative_to(REPOSITORY))
    for pattern in ("*.md", "*/*.md", "tests/*/*.md")
    for path in REPOSITORY.glob(pattern)
    if path.relative_to(REPOSITORY).parts[0] != "build"
)
FOREIGN = re.compile(r"^[a-z][a-z+.-]*:")
# How scenarios, fixtures, code and tests name a fact.
FACT = re.compile(r"\bdocs/gateway\.md#([\w-]+)")
SOURCES = ("scenarios", "fixtures", "server", "tests")


def find_problem(page, target):
    """What is wrong with a link on a page, or None."""
    path, _, anchor = target.partition("#")
    file = (page.path.parent / path).resolve() if path else page.path
    if not file.is_relative_to(REPOSITORY):
        return "leads out of the repository"
    if not file.exists():
        return "is not there"
    if anchor and file.suffix == ".md" and anchor not in Document(str(file.relative_to(REPOSITORY))).anchors:
        return "has no such heading"
    return None


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name):
    page = Document(name)
    found = [(place, target, find_problem(page, target)) for place, target in page.links() if not FOREIGN.match(target)]
    assert [each for each in found if each[2]] == []


def test_the_pages_that_matter_are_looked_at():
    assert {"README.md", "certs/README.md", "docs/gateway.md", "scenarios/README.md", "server/README.md"} <= set(PAGES)
    assert any(Document(name).links() for name in PAGES)


def test_facts_that_sources_point_to_are_there():
    anchors = Document("docs/gateway.md").anchors
    missing, seen = [], 0
    for folder in SOURCES:
        for path in sorted((REPOSITORY / folder).rglob("*")):
            if path.suffix not in (".c", ".h", ".json", ".py", ".txt", ".md"):
                continue
            for anchor in FACT.findall(path.read_text(encoding="utf-8")):
                seen += 1
                if anchor not in anchors:
                    missing.append(f"{path.relative_to(REPOSITORY)}: docs/gateway.md#{anchor}")
    assert missing == []
    assert seen > 0
