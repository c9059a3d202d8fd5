"""No measured number is typed by hand, neither in the note nor on the slides."""

import ast
import re
from pathlib import Path

import pytest

from tests.conftest import PROJECT

NOTE = PROJECT / "docs/note/note.typ"
SLIDES = sorted((PROJECT / "docs/build/slides").glob("*.py"))

MEASURED = re.compile(
    r"\d[.,]\d|\d\s*(?:%|ms\b|Mo\b|USD\b|points? d|vues\b|photos\b|époques\b|graines\b|×\d)"
)
"""A decimal, or a number with a unit of something measured."""

FIELD = re.compile(r"#\w+(?:\.\w+(?:\([\w\"]*\))?)*")
"""A number that Typst takes from the facts."""


def test_the_note_has_none() -> None:
    for number, line in enumerate(NOTE.read_text().splitlines(), 1):
        written = FIELD.sub("_", line)
        assert not MEASURED.search(written), f"note.typ:{number}: {line.strip()}"


@pytest.mark.parametrize("path", SLIDES, ids=lambda path: path.stem)
def test_the_slides_have_none(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            assert not MEASURED.search(node.value), f"{path.name}:{node.lineno}: {node.value}"


def test_every_reference_is_cited() -> None:
    keys = re.findall(r"^@\w+\{(\w+),", (PROJECT / "docs/note/references.bib").read_text(), re.M)
    cited = NOTE.read_text() + (PROJECT / "docs/build/published.json").read_text()
    assert len(keys) > 20
    assert not [key for key in keys if key not in cited]
