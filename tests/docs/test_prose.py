"""Numbers of note and slides come from the facts, and what is cited exists."""

import json
import re
from pathlib import Path

import pytest

from tests.conftest import PROJECT

NOTE = PROJECT / "docs/note/note.typ"
SLIDES = PROJECT / "docs/slides/slides.yaml"

MEASURED = re.compile(r"\d[.,]\d|\d\s*(?:%|ms\b|Mo\b|USD\b|vues\b|photos\b|époques\b|graines\b)")
"""A decimal, or a number with a unit of something measured."""

FACTS = {
    NOTE: r"#\w+(?:\.\w+)*|[\d.]+(?:fr|pt|em)\b|width: \d+%",
    SLIDES: r"\{[^{}]+\}|(?:frame|widths|crop): \[[^]]*\]|lead: [\d.]+",
}
"""What a fact, or a length of the layout, looks like."""


@pytest.mark.parametrize("path", FACTS, ids=lambda path: path.name)
def test_no_measured_number_is_typed_by_hand(path: Path) -> None:
    for number, line in enumerate(path.read_text().splitlines(), 1):
        written = re.sub(FACTS[path], "_", line)
        assert not MEASURED.search(written), f"{path.name}:{number}: {line.strip()}"


def test_every_reference_is_cited_and_every_score_has_a_source() -> None:
    entries = (PROJECT / "docs/note/references.bib").read_text()
    keys = set(re.findall(r"^@\w+\{(\w+),", entries, re.M))
    published = json.loads((PROJECT / "docs/build/published.json").read_text())
    networks = [*published["networks"], *published["recent"]]
    cited = set(re.findall(r"@(\w+)", NOTE.read_text())) | {row["key"] for row in networks}
    assert keys <= cited
    assert {row["key"] for row in networks} <= keys
    for row in networks:
        stated = row["class"] is not None or row.get("category") is not None
        assert bool(row["source"]) == stated, row["name"]
