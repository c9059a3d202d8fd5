"""Diagrams as shapes and connectors that can be moved and rewritten."""

from typing import Any

from pptx.enum.shapes import MSO_CONNECTOR, MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Inches, Pt

from docs.build.figures.diagrams import FILLS, Box, Diagram
from docs.build.figures.medium import INK, MUTED
from docs.build.slides.template import FONT, FULL, SMALLEST_POINTS, Frame, color, flat

SITES = {"top": 0, "left": 1, "bottom": 2, "right": 3}
"""Connection sites of a rectangle."""


def add_diagram(slide: Any, diagram: Diagram, frame: Frame = FULL) -> None:
    """Add a diagram, in its own size, from the upper left corner of a frame."""
    shapes = {box.name: _box(slide, box, frame) for box in diagram.boxes}
    for start, end in diagram.arrows:
        one, other = diagram.box(start), diagram.box(end)
        connector = slide.shapes.add_connector(MSO_CONNECTOR.STRAIGHT, 0, 0, 0, 0)
        connector.begin_connect(shapes[start], SITES[one.side(other)[0]])
        connector.end_connect(shapes[end], SITES[other.side(one)[0]])
        connector.line.color.rgb, connector.line.width = color(INK), Pt(2)
        line = connector.line._get_or_add_ln()
        line.append(line.makeelement(qn("a:tailEnd"), {"type": "triangle"}))


def _box(slide: Any, box: Box, frame: Frame) -> Any:
    place = Frame(frame.x + box.x, frame.y + box.y, box.width, box.height)
    shape = slide.shapes.add_shape(MSO_SHAPE.ROUNDED_RECTANGLE, *place.emu())
    shape.adjustments[0] = 0.08
    flat(shape)
    shape.fill.solid()
    shape.fill.fore_color.rgb = color(FILLS[box.fill])
    shape.line.color.rgb, shape.line.width = color(MUTED), Pt(1)
    body = shape.text_frame
    body.margin_left = body.margin_right = body.margin_top = body.margin_bottom = Inches(0.02)
    body.vertical_anchor, body.word_wrap = MSO_ANCHOR.MIDDLE, True
    for index, words in enumerate(box.text.split("\n")):
        paragraph = body.paragraphs[0] if index == 0 else body.add_paragraph()
        paragraph.alignment = PP_ALIGN.CENTER
        run = paragraph.add_run()
        run.text, run.font.name, run.font.size = words, FONT, Pt(SMALLEST_POINTS)
        run.font.color.rgb = color(INK)
    return shape
