"""A clean deck: one layout, one typeface, large letters; everything stays editable."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from PIL import Image
from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Emu, Inches, Pt

from docs.build.figures import ACCENT, INK, MUTED
from docs.build.french import typeset

WIDTH, HEIGHT, MARGIN = 13.333, 7.5, 0.55
"""Of a slide, inches."""

TITLE_POINTS, TEXT_POINTS, SMALLEST_POINTS = 26, 24, 20
"""Letters below the last cannot be read from the back of a room."""

TOP = 1.35
"""Where the content begins, below the title; inches."""

FONT = "Arial"
PALE = "eaf1f8"
TEMPLATE = Path("docs/slides/template.pptx")


@dataclass(frozen=True, slots=True)
class Frame:
    """Where something goes, inches."""

    x: float = MARGIN
    y: float = TOP
    width: float = WIDTH - 2 * MARGIN
    height: float = HEIGHT - TOP - 0.6

    def emu(self) -> tuple[Emu, Emu, Emu, Emu]:
        """Return left, top, width and height as python-pptx takes them."""
        return Inches(self.x), Inches(self.y), Inches(self.width), Inches(self.height)


FULL = Frame()


def color(text: str) -> RGBColor:
    """Read `#rrggbb` or `rrggbb`."""
    return RGBColor.from_string(text.lstrip("#").upper())


def flat(shape: Any) -> None:
    """Take the theme's shadow away."""
    for reference in shape._element.iter(qn("a:effectRef")):
        reference.set("idx", "0")


class Deck:
    """A presentation under construction."""

    def __init__(self, title: str, keywords: str) -> None:
        """Start from the template: python-pptx's own, of which one layout is left, restyled."""
        self.file = Presentation(str(TEMPLATE))
        properties = self.file.core_properties
        properties.title, properties.keywords = title, keywords
        properties.language, properties.author = "fr", ""

    def slide(self, title: str, notes: str, seconds: int = 0) -> Any:
        """Add a slide with its title, its number, what to say and how long; 0 for a backup."""
        slide = self.file.slides.add_slide(self.file.slide_layouts[0])
        frame = slide.shapes.title.text_frame
        frame.text, frame.word_wrap = typeset(title), True
        frame.vertical_anchor = MSO_ANCHOR.MIDDLE
        frame.paragraphs[0].alignment = PP_ALIGN.LEFT
        _style(frame.paragraphs[0].runs[0], TITLE_POINTS, ACCENT, bold=True)
        told = f"{notes} ({seconds} s)" if seconds else notes
        slide.notes_slide.notes_text_frame.text = typeset(told)
        number = Frame(x=WIDTH - 1.4, y=HEIGHT - 0.6, width=0.9, height=0.45)
        text(slide, [str(len(self.file.slides))], number, SMALLEST_POINTS, MUTED, PP_ALIGN.RIGHT)
        return slide

    def save(self, path: Path) -> None:
        """Write the file; the same bytes for the same slides, so that git sees only changes."""
        path.parent.mkdir(parents=True, exist_ok=True)
        dated = BytesIO()
        self.file.save(dated)
        with ZipFile(dated) as members, ZipFile(path, "w", ZIP_DEFLATED) as file:
            for member in members.infolist():
                data = members.read(member)
                member.date_time = (1980, 1, 1, 0, 0, 0)
                file.writestr(member, data)


def _style(run: Any, points: float, ink: str = INK, *, bold: bool = False) -> None:
    run.font.name, run.font.size, run.font.bold = FONT, Pt(points), bold
    run.font.color.rgb = color(ink)


def text(
    slide: Any,
    lines: Sequence[str],
    frame: Frame,
    points: float = TEXT_POINTS,
    ink: str = INK,
    align: Any = PP_ALIGN.LEFT,
) -> Any:
    """Add paragraphs."""
    box = slide.shapes.add_textbox(*frame.emu())
    body = box.text_frame
    body.word_wrap = True
    for index, line in enumerate(lines):
        paragraph = body.paragraphs[0] if index == 0 else body.add_paragraph()
        paragraph.alignment, paragraph.space_after = align, Pt(points * 0.45)
        _style(_run(paragraph, line), points, ink)
    return box


def points(slide: Any, lines: Sequence[str], frame: Frame = FULL,
           lead: float = 2.9, size: float = TEXT_POINTS) -> Any:  # fmt: skip
    """Add lines `word | what there is to say about it`, spread over the frame."""
    shape = slide.shapes.add_table(len(lines), 2, *frame.emu())
    _plain(shape)
    for column, width in zip(shape.table.columns, (lead, frame.width - lead), strict=True):
        column.width = Inches(width)
    for row, line in zip(shape.table.rows, lines, strict=True):
        row.height = Inches(frame.height / len(lines))
        for cell, words, ink in zip(row.cells, line.split(" | "), (ACCENT, INK), strict=True):
            _fill(cell, words, size, ink, bold=ink == ACCENT)
    return shape


def _plain(shape: Any) -> None:
    """Take the default style's bands and head away."""
    shape.table.first_row = shape.table.horz_banding = False


def _run(paragraph: Any, words: str) -> Any:
    run = paragraph.add_run()
    run.text = typeset(words)
    return run


def table(
    slide: Any,
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    widths: Sequence[float],
    frame: Frame = FULL,
    left: Sequence[int] = (0,),
) -> Any:
    """Add an editable table; the columns `left` are text, the others stand to the right."""
    high = SMALLEST_POINTS / 72 * 1.9
    place = Frame(frame.x, frame.y, sum(widths), high * (len(rows) + 1))
    shape = slide.shapes.add_table(len(rows) + 1, len(head), *place.emu())
    _plain(shape)
    for column, width in zip(shape.table.columns, widths, strict=True):
        column.width = Inches(width)
    for row, values in zip(shape.table.rows, [head, *rows], strict=True):
        row.height = Inches(high)
        for index, (cell, value) in enumerate(zip(row.cells, values, strict=True)):
            side = PP_ALIGN.LEFT if index in left else PP_ALIGN.RIGHT
            _fill(cell, value, SMALLEST_POINTS, align=side, bold=values is head)
            if values is head:
                cell.fill.solid()
                cell.fill.fore_color.rgb = color(PALE)
    return shape


def _fill(cell: Any, value: str, size: float, ink: str = INK, align: Any = PP_ALIGN.LEFT,
          *, bold: bool = False) -> None:  # fmt: skip
    cell.margin_left = cell.margin_right = Inches(0.08)
    cell.margin_top = cell.margin_bottom = Inches(0.03)
    cell.vertical_anchor = MSO_ANCHOR.MIDDLE
    cell.fill.background()
    paragraph = cell.text_frame.paragraphs[0]
    paragraph.alignment = align
    _style(_run(paragraph, value), size, ink, bold=bold)


def picture(slide: Any, path: Path, frame: Frame, description: str,
            rows: tuple[float, float] = (0.0, 1.0)) -> Any:  # fmt: skip
    """Add a picture as large as its frame allows, in its middle, with a text alternative.

    `rows` are the shares of its height between which it is shown.
    """
    with Image.open(path) as image:
        width, height = image.width, image.height * (rows[1] - rows[0])
    scale = min(frame.width / width, frame.height / height)
    shown = Frame(
        frame.x + (frame.width - width * scale) / 2,
        frame.y + (frame.height - height * scale) / 2,
        width * scale,
        height * scale,
    )
    shape = slide.shapes.add_picture(str(path), *shown.emu())
    shape.crop_top, shape.crop_bottom = rows[0], 1 - rows[1]
    shape.left, shape.top, shape.width, shape.height = shown.emu()
    shape._element.nvPicPr.cNvPr.set("descr", description)
    return shape


def colors(slide: Any, inks: Sequence[str], frame: Frame) -> None:
    """Put a square of colour before each row of a table in `frame`."""
    high = SMALLEST_POINTS / 72 * 1.9
    for place, ink in enumerate(inks, 1):
        square = Frame(frame.x + 0.1, frame.y + place * high + 0.12, 0.4, 0.28)
        shape = slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, *square.emu())
        shape.fill.solid()
        shape.fill.fore_color.rgb = color(ink)
        shape.line.fill.background()
        flat(shape)
