"""Overlap terms where there are many pixels, and categories that are rare or absent."""

import numpy as np
import pytest

from tests.training.losses.reference import REFERENCES
from training.losses import build_loss

pytestmark = pytest.mark.training
ROAD, SKY, PERSON = 7, 23, 24
ROAD_CHANNEL, PERSON_CHANNEL = 1, 12


@pytest.mark.parametrize("spread", [0.0, 0.01, 2.0, 10.0])
def test_lovasz_is_exact_but_for_its_steps_where_many_errors_tie(spread: float) -> None:
    rng = np.random.default_rng(4)
    labels = rng.choice([ROAD, ROAD, ROAD, SKY, PERSON, 255], (2, 40, 50)).astype(np.uint8)
    logits = rng.normal(0, spread, (2, 40, 50, 20)).astype(np.float32)
    loss = float(build_loss({"lovasz": 1.0}, {})(labels, logits))
    exact = REFERENCES["lovasz"](labels, logits, {})
    assert exact - 1 / 1024 - 1e-6 < loss < exact + 1e-6


@pytest.mark.parametrize("term", ["dice", "lovasz"])
def test_of_a_certain_prediction_it_is_the_overlap_s_own_measure(term: str) -> None:
    labels = np.full((1, 10, 10), ROAD, np.uint8)
    labels[0, :2] = PERSON
    predicted = np.full((1, 10, 10), ROAD_CHANNEL)
    predicted[0, 1:5] = PERSON_CHANNEL  # of 20 true pixels 10 are found, and 30 are none
    logits = 50 * np.eye(20, dtype=np.float32)[predicted]
    road, person = (50, 30, 10), (10, 30, 10)  # hit, too many of the other, missed
    measure = {
        "dice": lambda h, a, b: 2 * h / (2 * h + a + b),
        "lovasz": lambda h, a, b: h / (h + a + b),
    }[term]
    expected = 1 - (measure(*road) + measure(*person)) / 2
    assert float(build_loss({term: 1.0}, {})(labels, logits)) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("term", ["dice", "lovasz"])
def test_a_rare_category_counts_as_much_as_the_road(term: str) -> None:
    labels = np.full((1, 20, 20), ROAD, np.uint8)
    labels[0, 0, 0] = PERSON
    all_road = 50 * np.eye(20, dtype=np.float32)[np.full((1, 20, 20), ROAD_CHANNEL)]
    assert float(build_loss({term: 1.0}, {})(labels, all_road)) == pytest.approx(0.5, abs=2e-3)
