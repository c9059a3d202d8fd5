"""The technical note: facts and figures in, PDF out."""

import json
from pathlib import Path

import typst

from docs.build.charts import draw_charts
from docs.build.diagrams import draw_diagrams
from docs.build.facts import Facts, stamp
from docs.build.figures import PAPER, WORK
from training.files import write_atomically

SOURCE = Path("docs/note/note.typ")
NOTE = Path("docs/note/note.pdf")


def build_note(facts: Facts, results: Path, target: Path = NOTE) -> Path:
    """Draw the figures for paper and compile the note.

    The fonts are those that Typst carries, so that the pages are the same everywhere.
    """
    with PAPER.style():
        draw_charts(results, PAPER)
        draw_diagrams(PAPER)
    write_atomically(WORK / "facts.json", json.dumps(facts, ensure_ascii=False, indent=1).encode())
    inputs = {"stamp": stamp(facts, results)}
    pdf = typst.compile(str(SOURCE), root=".", ignore_system_fonts=True, sys_inputs=inputs)
    write_atomically(target, pdf)
    return target
