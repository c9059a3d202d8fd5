"""The technical note and the slides, drawn from results/: `python -m docs.build --help`.

`facts/` turns measured numbers into French text, `figures/` into pictures; the note
(docs/note/note.typ) and the slides (`slides/`) place both. No number is typed by hand.
"""
