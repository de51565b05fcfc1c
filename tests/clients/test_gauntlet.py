"""Why: docs/gauntlet.md says what two real clients survive. It is written by a run that takes minutes; some of it is run again
here, what neither waits for held answers nor comes near a timeout, and must come out as the page says."""

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "docs"))

import gauntlet_page  # noqa: E402

AGAIN = {
    "ibind": ["GW-001", "GW-003", "GW-006", "GW-013", "GW-015", "GW-027", "GW-031"],
    "ibeam": ["GW-001", "GW-011", "GW-013", "GW-015", "GW-028"],
}


@pytest.mark.parametrize("client", AGAIN)
def test_the_page_is_what_happens(client, tmp_path):
    found = gauntlet_page.run(client, tmp_path, "--only", ",".join(AGAIN[client]), "--jobs", "2")
    page = gauntlet_page.read_page()
    now = {entry["id"]: gauntlet_page.verdict_of(entry) for entry in found["entries"]}
    shown = "\n".join(f"{entry['id']}: {entry['output']}" for entry in found["entries"])
    assert now == {name: page[name][client] for name in AGAIN[client]}, shown


def test_the_page_has_rows_and_reasons():
    """Each row is an entry of the catalogue, and whatever fails has a reason that somebody has written down."""
    page = gauntlet_page.read_page()
    folder = gauntlet_page.REPOSITORY / "scenarios/catalogue"
    names = {file.stem[:6]: file.stem for file in folder.glob("*.json")}
    text = (gauntlet_page.REPOSITORY / "docs/gauntlet.md").read_text(encoding="utf-8")
    assert len(page) >= 30 and set(page) <= set(names)
    for name, verdicts in page.items():
        assert f"catalogue.md#{names[name].lower()}" in text
        for client, verdict in verdicts.items():
            if verdict not in ("survives", "not met", "not judged"):
                assert f"* {name}, {verdict}: {gauntlet_page.MEANINGS[client][name]}" in text


def test_reasons_are_of_known_failures():
    assert all(json.dumps(reason).isascii() and reason == reason.strip() for texts in gauntlet_page.MEANINGS.values() for reason in texts.values())
    assert set(gauntlet_page.MEANINGS) == set(gauntlet_page.CLIENTS)
