"""The slides: facts and figures in, an editable PPTX out."""

from pathlib import Path

from docs.build.charts import draw_charts, draw_study_charts
from docs.build.facts import Facts
from docs.build.figures import SCREEN
from docs.build.inputs import stamp
from docs.build.slides.fits import check
from docs.build.slides.models import add_models
from docs.build.slides.opening import add_opening
from docs.build.slides.production import add_production
from docs.build.slides.template import Deck

SLIDES = Path("docs/slides/slides.pptx")


def build_slides(facts: Facts, results: Path, target: Path = SLIDES) -> Path:
    """Draw the figures for the screen and put the deck together.

    Raises:
        SlideError: a text is too small or does not fit.
    """
    with SCREEN.style():
        draw_charts(results, SCREEN)
        draw_study_charts(results, SCREEN)
    deck = Deck("Segmenter la rue en huit catégories", stamp(results))
    add_opening(deck, facts)
    add_models(deck, facts)
    add_production(deck, facts)
    check(deck.file)
    deck.save(target)
    return target
