"""The note compiles with any study, and the committed one is made from the committed results."""

from pathlib import Path

import pytest

from docs.build.facts import collect, stamp
from docs.build.figures import draw_pictures
from docs.build.note import NOTE, build_note

pytest.importorskip("typst")


def test_the_note_compiles_with_any_study(results: Path, tmp_path: Path) -> None:
    draw_pictures(results)
    facts = collect(results)
    pdf = build_note(facts, results, tmp_path / "note.pdf").read_bytes()
    assert pdf.startswith(b"%PDF-")
    assert stamp(facts, results).encode() in pdf


def test_a_changed_number_changes_the_stamp(results: Path) -> None:
    facts = collect(results)
    before = stamp(facts, results)
    facts["service"]["memory"] += "0"
    assert stamp(facts, results) != before


def test_the_committed_note_is_not_older_than_its_results() -> None:
    found = stamp(collect(Path("results")), Path("results"))
    assert found.encode() in NOTE.read_bytes(), "run: make docs"
