"""The technical note and the slides, drawn from results/: `python -m docs.build`.

`facts.py` (with `served.py`, `learning.py`, `study.py`, `recipe.py`) turns measured numbers into
French text, `figures.py` (with `charts.py`, `diagrams.py`) draws; `note.py` and `slides.py` place
both as docs/note/note.typ and docs/slides/slides.yaml say. No number is typed by hand.
"""
