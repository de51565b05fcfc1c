"""Is the page about the known failures what the program says today, and does what it shows work?"""

import catalogue_page

from document import Document
from terminal import Terminal

NAME = "docs/catalogue.md"


def test_the_page_is_fresh():
    path = catalogue_page.REPOSITORY / NAME
    assert path.read_text(encoding="utf-8") == catalogue_page.page(), f"run: tests/docs/catalogue_page.py > {NAME}"


def test_examples(tmp_path):
    (tmp_path / "reader").mkdir()
    (tmp_path / "home").mkdir()
    blocks = Document(NAME).blocks
    assert blocks
    with Terminal(tmp_path / "reader", tmp_path / "home") as terminal:
        for block in blocks:
            terminal.run(block)
