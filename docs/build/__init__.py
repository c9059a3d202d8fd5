"""The technical note and the slides, drawn from results/: `python -m docs.build --help`.

`facts.py`, `served.py` and `study.py` turn measured numbers into French text, `charts.py`,
`diagrams.py` and `figures.py` into pictures; the note (docs/note/note.typ) and the slides
(`slides/`) place both. No number is typed by hand.
"""
