"""Figures of note and slides: as SVG for paper, as PNG for the screen, from the same numbers.

`charts.py` and `study_charts.py` draw measured numbers, `diagrams.py` says what the drawn
diagrams are made of (the slides make shapes of them), `pictures.py` shows synthetic scenes.
"""
