"""The deck is short, timed, readable and made from the committed results."""

from pathlib import Path
from typing import Any

import pytest

from docs.build.facts import collect
from docs.build.figures import draw_pictures
from docs.build.inputs import stamp

pptx = pytest.importorskip("pptx")

from docs.build.slides import SLIDES, build_slides  # noqa: E402
from docs.build.slides.fits import SlideError, check, complaints  # noqa: E402
from docs.build.slides.template import Deck, Frame, points, table, text  # noqa: E402

MOST = 30


@pytest.fixture(scope="module")
def deck(results: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    draw_pictures()
    path = tmp_path_factory.mktemp("slides") / "slides.pptx"
    return pptx.Presentation(build_slides(collect(results), results, path))


def test_there_are_at_most_thirty(deck: Any) -> None:
    assert len(deck.slides) <= MOST


def test_titles_differ_and_pictures_are_described(deck: Any) -> None:
    titles = [slide.shapes.title.text for slide in deck.slides]
    assert len(set(titles)) == len(titles)
    for slide in deck.slides:
        for shape in slide.shapes:
            if shape.shape_type == pptx.enum.shapes.MSO_SHAPE_TYPE.PICTURE:
                assert shape._element.nvPicPr.cNvPr.get("descr")


def test_the_deck_says_what_it_was_made_from(deck: Any, results: Path) -> None:
    assert deck.core_properties.keywords == stamp(results)


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


def test_the_committed_slides_are_not_older_than_their_results() -> None:
    committed = pptx.Presentation(SLIDES)
    assert committed.core_properties.keywords == stamp(Path("results")), "run: make docs"
    check(committed)
