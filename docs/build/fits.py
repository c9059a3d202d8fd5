"""Whether every text of a deck is large enough and stays inside of its shape."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib
from PIL import ImageFont
from pptx.util import Emu

from docs.build.deck import SMALLEST_POINTS

FONTS = Path(matplotlib.get_data_path()) / "fonts/ttf"
ARIAL_TO_DEJAVU = 0.9
"""Arial's letters are narrower by a tenth than those of DejaVu Sans, which matplotlib carries."""

LEADING = 1.2
MARGIN = 0.1
"""Of a text box, left and right, inches; PowerPoint's default. Above and below half of it."""


class SlideError(Exception):
    """A slide that cannot be shown; the message names it."""


def check(presentation: Any) -> None:
    """Refuse what is too small or too long.

    Raises:
        SlideError: with every complaint.
    """
    if found := list(complaints(presentation)):
        raise SlideError("\n".join(found))


def complaints(presentation: Any) -> Iterator[str]:
    """Yield what is wrong, one line each, by slide."""
    width, height = presentation.slide_width, presentation.slide_height
    for number, slide in enumerate(presentation.slides, 1):
        for shape in slide.shapes:
            where = f"slide {number}, {shape.name}"
            right, bottom = shape.left + shape.width, shape.top + shape.height
            if min(shape.left, shape.top) < 0 or right > width or bottom > height:
                yield f"{where}: reaches over the edge of the slide"
            for frame, wide, high in _texts(shape):
                yield from (f"{where}: {text}" for text in _complaints_of(frame, wide, high))
        if not slide.has_notes_slide or not slide.notes_slide.notes_text_frame.text.strip():
            yield f"slide {number}: no speaker's notes"


def _texts(shape: Any) -> Iterator[tuple[Any, float, float]]:
    """Yield text frames with the inches that they have."""
    if shape.has_text_frame:
        side = 0.02 if shape.text_frame.margin_left < Emu(91440) else MARGIN
        yield shape.text_frame, shape.width.inches - 2 * side, shape.height.inches - side
    elif shape.has_table:
        for row in shape.table.rows:
            for cell, column in zip(row.cells, shape.table.columns, strict=True):
                yield cell.text_frame, column.width.inches - 0.16, row.height.inches - 0.05


def _complaints_of(frame: Any, wide: float, high: float) -> Iterator[str]:
    needed, paragraphs = 0.0, [p for p in frame.paragraphs if p.runs]
    for paragraph in paragraphs:
        sizes = [run.font.size.pt for run in paragraph.runs]
        if min(sizes) < SMALLEST_POINTS:
            yield f"'{paragraph.text[:40]}' is smaller than {SMALLEST_POINTS} points"
        font = _font("-Bold" if any(run.font.bold for run in paragraph.runs) else "")
        lines = _lines(paragraph.text, font, wide * 7200 / max(sizes) / ARIAL_TO_DEJAVU)
        needed += lines * max(sizes) * LEADING / 72
        if paragraph is not paragraphs[-1] and paragraph.space_after:
            needed += paragraph.space_after.pt / 72
    if needed > high + 0.02:
        yield f"needs {needed:.2f} of {high:.2f} inches: '{frame.text[:60]}'"


def _lines(text: str, font: ImageFont.FreeTypeFont, wide: float) -> int:
    """Count the lines that a paragraph takes, broken at spaces; `wide` in the font's own units."""
    lines, line = 1, ""
    for word in text.split(" "):
        if font.getlength(word) > wide:
            return 99  # a word that no line can take
        longer = f"{line} {word}".strip()
        if font.getlength(longer) > wide:
            lines, line = lines + 1, word
        else:
            line = longer
    return lines


@cache
def _font(weight: str) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONTS / f"DejaVuSans{weight}.ttf"), 100)
