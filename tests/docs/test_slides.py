"""The deck is short, timed, readable and made from the committed results."""

from pathlib import Path
from typing import Any

import pytest

from docs.build.facts import collect, stamp
from docs.build.figures import draw_pictures

pptx = pytest.importorskip("pptx")

from docs.build.deck import Deck, Frame, points, table, text  # noqa: E402
from docs.build.fits import SlideError, check, complaints  # noqa: E402
from docs.build.slides import SLIDES, build_slides, filled  # noqa: E402

MOST = 30


def test_the_committed_slides_are_few_described_and_from_the_results() -> None:
    deck = pptx.Presentation(SLIDES)
    assert len(deck.slides) <= MOST
    for slide in deck.slides:
        for shape in slide.shapes:
            if shape.shape_type == pptx.enum.shapes.MSO_SHAPE_TYPE.PICTURE:
                assert shape._element.nvPicPr.cNvPr.get("descr")
    found = stamp(collect(Path("results")), Path("results"))
    assert deck.core_properties.keywords == found, "run: make docs"
    check(deck)


def test_the_slides_can_be_built_with_any_study(results: Path, tmp_path: Path) -> None:
    draw_pictures(results)
    assert build_slides(collect(results), results, tmp_path / "slides.pptx").exists()


def test_facts_stand_in_the_place_of_their_names() -> None:
    facts = {"study": {"gains": [["+1,0"], ["+2,0"]]}}
    assert filled({"a": ["gagne {study.gains.1.0}"]}, facts) == {"a": ["gagne +2,0"]}
    with pytest.raises(KeyError):
        filled("{study.losses}", facts)


def blank() -> tuple[Deck, Any]:
    deck = Deck("Essai", "")
    return deck, deck.slide("Titre", "à dire")


def test_what_fits_passes() -> None:
    deck, slide = blank()
    text(slide, ["court"], Frame())
    table(slide, ["a", "b"], [["c", "1"]], [2, 2])
    points(slide, ["Mot | ce qu’il y a à en dire"])
    check(deck.file)


@pytest.mark.parametrize(
    ("add", "complaint"),
    [
        (lambda slide: text(slide, ["mot " * 90], Frame(height=1.0)), "needs"),
        (lambda slide: text(slide, ["petit"], Frame(), 18), "smaller than 20 points"),
        (lambda slide: table(slide, ["a"], [["un mot"] * 1], [0.5]), "needs"),
        (lambda slide: text(slide, ["x"], Frame(x=12.0, width=3.0)), "over the edge"),
    ],
)
def test_what_does_not_fit_is_named(add: Any, complaint: str) -> None:
    deck, slide = blank()
    add(slide)
    (found,) = complaints(deck.file)
    assert found.startswith("slide 1, ")
    assert complaint in found
    with pytest.raises(SlideError, match=complaint):
        check(deck.file)
