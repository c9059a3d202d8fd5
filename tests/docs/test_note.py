"""The note compiles, and the committed one is made from the committed results."""

from pathlib import Path

import pytest

from docs.build.facts import collect
from docs.build.figures import draw_pictures
from docs.build.inputs import PREFIX, input_files, stamp
from docs.build.note import NOTE, build_note

pytest.importorskip("typst")


def test_the_note_compiles_with_any_study(results: Path, tmp_path: Path) -> None:
    draw_pictures()
    pdf = build_note(collect(results), results, tmp_path / "note.pdf").read_bytes()
    assert pdf.startswith(b"%PDF-")
    assert stamp(results).encode() in pdf


def test_a_changed_number_changes_the_stamp(results: Path, tmp_path: Path) -> None:
    copy = tmp_path / "results"
    copy.mkdir()
    for path in results.iterdir():
        (copy / path.name).symlink_to(path)
    assert stamp(copy) == stamp(results)
    (copy / "load.json").unlink()
    (copy / "load.json").write_text("{}")
    assert stamp(copy) != stamp(results)


def test_what_is_made_is_no_input(results: Path) -> None:
    files = input_files(results)
    assert Path("docs/note/note.typ") in files
    assert Path("docs/build/french.py") in files
    assert not {".pdf", ".pptx", ".pyc"} & {path.suffix for path in files}


def test_the_committed_note_is_not_older_than_its_results() -> None:
    found = stamp(Path("results"))
    assert found.startswith(PREFIX)
    assert found.encode() in NOTE.read_bytes(), "run: make docs"
