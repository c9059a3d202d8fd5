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
            inside = shape.left >= 0 and shape.top >= 0
            if not (inside and shape.left + shape.width <= width
                    and shape.top + shape.height <= height):  # fmt: skip
                yield f"{where}: reaches over the edge of the slide"
            for frame, wide, high in _texts(shape):
                yield from _complaints_of(frame, wide, high, where)
        if not slide.has_notes_slide or not slide.notes_slide.notes_text_frame.text.strip():
            yield f"slide {number}: no speaker's notes"


def _texts(shape: Any) -> Iterator[tuple[Any, float, float]]:
    """Yield text frames with the inches that they have."""
    if shape.has_text_frame:
        small = shape.text_frame.margin_left < Emu(91440)
        side = 0.02 if small else MARGIN
        yield shape.text_frame, _inches(shape.width) - 2 * side, _inches(shape.height) - side
    elif shape.has_table:
        for row in shape.table.rows:
            for cell, column in zip(row.cells, shape.table.columns, strict=True):
                yield cell.text_frame, _inches(column.width) - 0.16, _inches(row.height) - 0.05


def _complaints_of(frame: Any, wide: float, high: float, where: str) -> Iterator[str]:
    needed = 0.0
    for place, paragraph in enumerate(frame.paragraphs):
        if not paragraph.runs:
            continue
        points = max(run.font.size.pt for run in paragraph.runs)
        if min(run.font.size.pt for run in paragraph.runs) < SMALLEST_POINTS:
            yield f"{where}: '{paragraph.text[:40]}' is smaller than {SMALLEST_POINTS} points"
        bold = any(run.font.bold for run in paragraph.runs)
        needed += _lines(paragraph.text, points, wide, bold=bold) * points * LEADING / 72
        if place + 1 < len(frame.paragraphs) and paragraph.space_after:
            needed += paragraph.space_after.pt / 72
    if needed > high + 0.02:
        yield f"{where}: needs {needed:.2f} of {high:.2f} inches: '{frame.text[:60]}'"


def _lines(text: str, points: float, wide: float, *, bold: bool) -> int:
    """Count the lines that a paragraph takes, broken at spaces."""
    lines, used = 1, 0.0
    space = _width(" ", points, bold=bold)
    for word in text.split(" "):
        width = _width(word, points, bold=bold)
        if width > wide:
            return 99  # a word that no line can take
        if used and used + space + width > wide:
            lines, used = lines + 1, width
        else:
            used += (space if used else 0.0) + width
    return lines


def _width(text: str, points: float, *, bold: bool) -> float:
    return _font(bold=bold).getlength(text) / 100 * points / 72 * ARIAL_TO_DEJAVU


@cache
def _font(*, bold: bool) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONTS / f"DejaVuSans{'-Bold' if bold else ''}.ttf"), 100)


def _inches(length: int) -> float:
    return float(Emu(length).inches)
