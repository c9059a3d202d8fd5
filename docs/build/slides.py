"""The slides: docs/slides/slides.yaml and the facts in, an editable PPTX out.

In the YAML `{model.main.official}` stands for a fact, and `rows: study.models` for the rows of a
table; `frame` is [x, y, width, height] in inches of a slide of 13.33 by 7.5; a slide that `needs` a
fact is left out where that is empty.
"""

import re
from pathlib import Path
from typing import Any

import yaml

from docs.build.charts import draw_charts
from docs.build.deck import TEXT_POINTS, WIDTH, Deck, Frame, colors, picture, points, table, text
from docs.build.diagrams import draw_diagrams
from docs.build.facts import Facts, stamp
from docs.build.figures import ACCENT, INK, SCREEN
from docs.build.figures import picture as scene
from docs.build.fits import check

SOURCE = Path("docs/slides/slides.yaml")
SLIDES = Path("docs/slides/slides.pptx")

FACT = re.compile(r"\{([^{}]+)\}")

WORDS_A_SECOND = 2.6
"""How fast notes may be spoken: 156 words a minute."""


class TimingError(Exception):
    """Notes that take longer than their slide; the message names it."""


def build_slides(facts: Facts, results: Path, target: Path = SLIDES) -> Path:
    """Draw the figures for the screen and put the deck together.

    Raises:
        SlideError: a text is too small or does not fit.
        TimingError: what is to be said takes longer than the slide has.
        KeyError: a fact that is not there.
    """
    with SCREEN.style():
        draw_charts(results, SCREEN)
        draw_diagrams(SCREEN)
    content = yaml.safe_load(SOURCE.read_text())
    deck = Deck(content["title"], stamp(facts, results))
    told = [e for e in content["slides"] if "needs" not in e or fact(facts, e["needs"])]
    for entry in filled(told, facts):
        seconds = entry.get("seconds", 0)
        words = len(entry["notes"].split())
        if seconds and words > seconds * WORDS_A_SECOND:
            raise TimingError(f"'{entry['title']}': {words} words in {seconds} s")
        slide = deck.slide(entry["title"], entry["notes"], seconds)
        for block in entry.get("content", ()):
            _add(slide, block, facts)
    check(deck.file)
    deck.save(target)
    return target


def fact(facts: Facts, path: str) -> Any:
    """Return the fact at a path such as `model.sets.0.title`."""
    found: Any = facts
    for part in path.split("."):
        found = found[int(part)] if isinstance(found, list) else found[part]
    return found


def filled(value: Any, facts: Facts) -> Any:
    """Put facts in the place of `{path}`, in every text of a structure."""
    if isinstance(value, dict):
        return {key: filled(part, facts) for key, part in value.items()}
    if isinstance(value, list):
        return [filled(part, facts) for part in value]
    if isinstance(value, str):
        return FACT.sub(lambda match: str(fact(facts, match[1])), value)
    return value


def _rows(block: dict[str, Any], facts: Facts) -> list[list[str]]:
    """Return a table's rows: written out, or those of a fact, by name and by column."""
    rows = block["rows"] if isinstance(block["rows"], list) else fact(facts, block["rows"])
    if "names" in block:
        rows = [row for row in rows if row["name"] in block["names"]]
    if "columns" in block:
        rows = [["" if c is None else row[c] for c in block["columns"]] for row in rows]
    return rows


def _add(slide: Any, block: dict[str, Any], facts: Facts) -> None:
    """Add a block: points, table, text, chart, scene or image."""
    frame = Frame(*block["frame"]) if "frame" in block else Frame()
    if "points" in block:
        points(slide, block["points"], frame, block.get("lead", 2.9), block.get("size", 24))
    elif "table" in block:
        rows = _rows(block, facts)
        table(slide, block["table"], rows, block["widths"], frame, block.get("left", (0,)))
        if "swatches" in block:
            colors(slide, [row["color"] for row in fact(facts, block["rows"])], frame)
    elif "gallery" in block:
        _gallery(slide, block, fact(facts, block["gallery"]))
    elif "text" in block:
        ink = ACCENT if block.get("accent") else INK
        text(slide, block["text"], frame, block.get("size", TEXT_POINTS), ink)
    else:
        kind = next(name for name in ("chart", "scene", "image") if name in block)
        name = block[kind]
        path = {"chart": SCREEN.folder / f"{name}.png", "scene": scene(name)}.get(kind, Path(name))
        picture(slide, path, frame, block["says"], tuple(block.get("crop", (0.0, 1.0))))


def _gallery(slide: Any, block: dict[str, Any], masks: list[dict[str, str]]) -> None:
    """Add a scene's photo, its truth and the masks of networks, named below, in two rows."""
    name = block["scene"]
    views = [("photo", f"{name}-photo"), ("vérité", f"{name}-truth")]
    views += [(one["network"], f"run-{one['run']}-{name}") for one in masks]
    columns = -(-len(views) // 2)
    high = min(12.2 / columns / 2, 2.1)
    wide = 2 * high
    for place, (label, view) in enumerate(views):
        x, y = (
            (WIDTH - wide * columns) / 2 + wide * (place % columns),
            1.3 + (high + 0.6) * (place // columns),
        )
        picture(slide, scene(view), Frame(x, y, wide - 0.1, high), f"{label}, scène de synthèse")
        text(slide, [label], Frame(x, y + high, wide - 0.1, 0.5), block["size"])
