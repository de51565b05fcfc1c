"""What a Markdown file of this repository holds: its code blocks, tables, links and headings."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("CPGW_MOCK", REPOSITORY / "build/release/cpgw-mock"))

FENCE = re.compile(r"^(`{3,})(.*)$")
HEADING = re.compile(r"^(#{1,6}) +(.+?) *#*$")
LINK = re.compile(r"\[(?:[^\[\]]|\[[^\]]*\])*\]\(([^()\s]+)\)")
REFERENCE = re.compile(r"^\[[^\]]+\]:\s+(\S+)")
CODE_SPAN = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)")


@dataclass(frozen=True)
class Block:
    """A fenced block. Its info string is a language and words about it: "json file=rival.json", "sh background"."""

    place: str  # README.md:31
    heading: str
    language: str
    words: tuple
    text: str

    @property
    def file(self):
        """The name of the file that the block is the text of, or None."""
        return next((word.removeprefix("file=") for word in self.words if word.startswith("file=")), None)


class Document:
    def __init__(self, name):
        self.name = name
        self.path = REPOSITORY / name
        self.blocks = []
        self.prose = []  # (line number, line): all but the blocks
        self.anchors = set()
        self._read()
        self._find_anchors()

    def _read(self):
        heading = ""
        fence = words = start = None
        inside = []
        for number, line in enumerate(self.path.read_text(encoding="utf-8").splitlines(), 1):
            mark = FENCE.match(line)
            if fence is None and mark:
                fence, words, start, inside = mark[1], mark[2].split(), number, []
            elif fence is None:
                title = HEADING.match(line)
                heading = title[2] if title else heading
                self.prose.append((number, line))
            elif line == fence:
                text = "".join(f"{each}\n" for each in inside)
                place = f"{self.name}:{start}"
                self.blocks.append(Block(place, heading, words[0] if words else "", tuple(words[1:]), text))
                fence = None
            else:
                inside.append(line)
        assert fence is None, f"{self.name}:{start}: the block does not end"

    def _find_anchors(self):
        for _, line in self.prose:
            title = HEADING.match(line)
            if title:
                self._add_anchor(title[2])
            self.anchors.update(re.findall(r"<a (?:id|name)=\"([^\"]+)\"", line))

    def _add_anchor(self, title):
        """As the forges make them: lower case, no punctuation, blanks become hyphens, a number on the second."""
        text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title).lower()
        anchor = base = re.sub(r"[^\w\- ]", "", text).replace(" ", "-")
        count = 0
        while anchor in self.anchors:
            count += 1
            anchor = f"{base}-{count}"
        self.anchors.add(anchor)

    def links(self):
        """(place, target) of each."""
        for number, line in self.prose:
            line = CODE_SPAN.sub("", line)
            for target in LINK.findall(line) + REFERENCE.findall(line):
                yield f"{self.name}:{number}", target

    def table(self, *header):
        """The rows of the table whose first columns are headed so: lists of cells."""
        lines = [line for _, line in self.prose]
        for index, line in enumerate(lines):
            if line.startswith("|") and tuple(cells(line)[: len(header)]) == header:
                rows = []
                for row in lines[index + 2 :]:
                    if not row.startswith("|"):
                        break
                    rows.append(cells(row))
                return rows
        raise AssertionError(f"{self.name} has no table headed {header}")


def cells(row):
    """A table row's cells; "\\|" is a bar inside one."""
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", row.strip())[1:-1]]


def codes(cell):
    """The texts of a cell's code spans."""
    return re.findall(r"`([^`]+)`", cell)
