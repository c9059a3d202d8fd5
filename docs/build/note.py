"""The technical note: facts and figures in, PDF out."""

import json
from pathlib import Path
from typing import Any

import typst

from docs.build.charts import draw_charts, draw_study_charts
from docs.build.diagrams import draw_diagrams
from docs.build.figures import PAPER, WORK
from docs.build.inputs import stamp
from training.files import write_atomically

SOURCE = Path("docs/note/note.typ")
NOTE = Path("docs/note/note.pdf")


def build_note(facts: dict[str, Any], results: Path, target: Path = NOTE) -> Path:
    """Draw the figures for paper and compile the note.

    The fonts are those that Typst carries, so that the pages are the same everywhere.
    """
    with PAPER.style():
        draw_charts(results, PAPER)
        draw_study_charts(results, PAPER)
        draw_diagrams(PAPER)
    facts_file = WORK / "facts.json"
    write_atomically(facts_file, json.dumps(facts, ensure_ascii=False, indent=1).encode())
    pdf = typst.compile(
        str(SOURCE),
        root=".",
        ignore_system_fonts=True,
        sys_inputs={"stamp": stamp(results)},
    )
    write_atomically(target, pdf)
    return target
