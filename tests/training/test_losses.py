"""The loss terms and their sum: a slow reference's value and gradient, and cases by hand."""

import numpy as np
import pytest
import tensorflow as tf

from function_app.vision.categories import NAMES
from tests.training.losses_reference import REFERENCES, meant
from training.errors import ConfigError
from training.losses import TERMS, WeightedSum

pytestmark = pytest.mark.training
every_term = pytest.mark.parametrize("term", TERMS)
WEIGHTS = {"object": 2.0, "human": 3.0, "void": 0.5, "vehicle": 0.0}
ALL = {"cross_entropy": 0.3, "focal": 2.0, "dice": 0.7, "lovasz": 0.25}
# lovasz sorts errors into steps, which costs next to nothing where few of them tie.
TOLERANCE = {"lovasz": 2e-5}
ROAD, SKY, PERSON = 7, 23, 24
ROAD_CHANNEL, PERSON_CHANNEL = 1, 12


@pytest.fixture
def labels() -> np.ndarray:
    """(2, 9, 12) label ids in patches of 3 x 4, some ignored; no sky."""
    known = [*(label for label in range(34) if label != SKY), 40, 40, 49, 51, 54]
    patches = np.random.default_rng(0).choice(known, (2, 3, 3)).astype(np.uint8)
    labels = patches.repeat(3, axis=1).repeat(4, axis=2)
    labels[0, :2] = 255
    labels[1, 3, 3] = 60  # no such label
    return labels


@pytest.fixture
def logits() -> np.ndarray:
    return np.random.default_rng(1).normal(0, 1, (2, 9, 12, 20)).astype(np.float32)


def value(term: str, labels: np.ndarray, logits: np.ndarray) -> float:
    return float(WeightedSum({term: 1.0}, {})(labels, logits))


def value_and_gradient(
    term: str, labels: np.ndarray, logits: np.ndarray
) -> tuple[float, np.ndarray]:
    variable = tf.Variable(logits)
    with tf.GradientTape() as tape:
        loss = WeightedSum({term: 1.0}, WEIGHTS)(labels, variable)
    return float(loss), tape.gradient(loss, variable).numpy()


def right(labels: np.ndarray, certainty: float) -> np.ndarray:
    logits = np.zeros((*labels.shape, 20), np.float32)
    for where in np.ndindex(labels.shape):
        logits[where][meant(int(labels[where]))[:1]] = certainty
    return logits


@every_term
@pytest.mark.parametrize("scale", [0.3, 1.0, 4.0])
def test_the_value_is_the_reference_s(
    term: str, scale: float, labels: np.ndarray, logits: np.ndarray
) -> None:
    loss = float(WeightedSum({term: 1.0}, WEIGHTS)(labels, logits * scale))
    expected = REFERENCES[term](labels, logits * scale, WEIGHTS)
    assert loss == pytest.approx(expected, rel=2e-6, abs=TOLERANCE.get(term))


@every_term
def test_the_gradient_is_the_reference_s_finite_difference(
    term: str, labels: np.ndarray, logits: np.ndarray
) -> None:
    _, gradient = value_and_gradient(term, labels, logits)
    step, logits = 1e-5, logits.astype(np.float64)
    rng = np.random.default_rng(2)
    chosen = [tuple(rng.integers(0, logits.shape)) for _ in range(12)]
    expected = []
    for where in chosen:
        moved = []
        for sign in (1, -1):
            shifted = logits.copy()
            shifted[where] += sign * step
            moved.append(REFERENCES[term](labels, shifted, WEIGHTS))
        expected.append((moved[0] - moved[1]) / (2 * step))
    assert np.abs(expected).max() > 1e-4
    ours = np.array([gradient[where] for where in chosen])
    np.testing.assert_allclose(ours, expected, rtol=2e-3, atol=2e-7)


@every_term
def test_logits_of_ignored_pixels_change_nothing(
    term: str, labels: np.ndarray, logits: np.ndarray
) -> None:
    ignored = np.vectorize(lambda label: not meant(int(label)))(labels)
    assert ignored.sum() > 20
    loss, gradient = value_and_gradient(term, labels, logits)
    assert (gradient[ignored] == 0).all()
    changed = logits.copy()
    changed[ignored] = np.random.default_rng(3).normal(0, 1e4, (ignored.sum(), 20))
    other_loss, other_gradient = value_and_gradient(term, labels, changed)
    assert other_loss == pytest.approx(loss, rel=1e-6)
    np.testing.assert_allclose(other_gradient, gradient, rtol=1e-5, atol=1e-9)
    nothing, gradient = value_and_gradient(term, np.full_like(labels, 255), logits)
    assert nothing == 0
    assert (gradient == 0).all()


@every_term
def test_the_better_the_prediction_the_less_loss(
    term: str, labels: np.ndarray, logits: np.ndarray
) -> None:
    losses = [
        value_and_gradient(term, labels, logits + right(labels, certainty))[0]
        for certainty in (-20, -2, 0, 1, 2, 4, 8, 16)
    ]
    assert (np.diff(losses) < 0).all()
    assert losses[-1] < 1e-4


@every_term
def test_certain_predictions_stay_finite_and_diverged_ones_are_nan(
    term: str, labels: np.ndarray, logits: np.ndarray
) -> None:
    for wrong in (-1e4, 1e4):
        loss, gradient = value_and_gradient(term, labels, right(labels, wrong))
        assert np.isfinite(loss)
        assert np.isfinite(gradient).all()
    assert np.isnan(value_and_gradient(term, labels, np.full_like(logits, np.nan))[0])


@pytest.mark.parametrize("spread", [0.0, 0.01, 2.0, 10.0])
def test_lovasz_is_exact_but_for_its_steps_where_many_errors_tie(spread: float) -> None:
    rng = np.random.default_rng(4)
    labels = rng.choice([ROAD, ROAD, ROAD, SKY, PERSON, 255], (2, 40, 50)).astype(np.uint8)
    logits = rng.normal(0, spread, (2, 40, 50, 20)).astype(np.float32)
    exact = REFERENCES["lovasz"](labels, logits, {})
    assert exact - 1 / 1024 - 1e-6 < value("lovasz", labels, logits) < exact + 1e-6


@pytest.mark.parametrize("term", ["dice", "lovasz"])
def test_an_overlap_term_by_hand(term: str) -> None:
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
    assert value(term, labels, logits) == pytest.approx(expected, abs=1e-5)
    # A rare category counts as much as the road.
    labels[:] = ROAD
    labels[0, 0, 0] = PERSON
    all_road = 50 * np.eye(20, dtype=np.float32)[np.full((1, 10, 10), ROAD_CHANNEL)]
    assert value(term, labels, all_road) == pytest.approx(0.5, abs=6e-3)


@pytest.mark.parametrize(
    "terms",
    [
        {"cross_entropy": 1.0, "dice": 0.5},
        {"focal": 2.0, "lovasz": 0.5},
        {"dice": 3.0, "lovasz": 0.0},
    ],
)
def test_a_sum_is_the_sum_of_the_references(
    terms: dict[str, float], labels: np.ndarray, logits: np.ndarray
) -> None:
    expected = sum(w * REFERENCES[name](labels, logits, WEIGHTS) for name, w in terms.items())
    assert float(WeightedSum(terms, WEIGHTS)(labels, logits)) == pytest.approx(expected, rel=2e-5)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_logits_are_judged_in_float32(
    dtype: str, labels: np.ndarray, logits: np.ndarray
) -> None:
    assert ALL.keys() == TERMS.keys()
    loss = WeightedSum(ALL, WEIGHTS)
    rounded = tf.Variable(tf.cast(logits, dtype))
    with tf.GradientTape() as tape:
        value = loss(labels, rounded)
    assert value.dtype == tf.float32
    assert float(value) == float(loss(labels, tf.cast(rounded, tf.float32)))
    gradient = tape.gradient(value, rounded)
    assert gradient.dtype == dtype
    assert np.isfinite(tf.cast(gradient, tf.float32).numpy()).all()


def test_a_graph_of_unknown_batch_and_size_gives_the_same(
    labels: np.ndarray, logits: np.ndarray
) -> None:
    loss = WeightedSum(ALL, WEIGHTS)
    graph = tf.function(
        loss,
        input_signature=[
            tf.TensorSpec((None, None, None), tf.uint8),
            tf.TensorSpec((None, None, None, 20), tf.float32),
        ],
    )
    assert float(graph(labels, logits)) == pytest.approx(float(loss(labels, logits)), rel=1e-6)


@pytest.mark.parametrize(
    ("terms", "category_weights", "message"),
    [
        ({"lovas": 1.0}, {}, "no loss term 'lovas': choose from cross_entropy, .*, lovasz"),
        ({"dice": 1.0}, {"cat": 1.0}, "no category 'cat': choose from void, flat, .*, vehicle"),
        ({"dice": 0.0, "focal": 0}, {}, "no loss term has a weight above 0"),
        ({}, {}, "no loss term has a weight above 0"),
        ({"dice": 1.0}, dict.fromkeys(NAMES, 0), "every category has weight 0"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(
    terms: dict[str, float], category_weights: dict[str, float], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        WeightedSum(terms, category_weights)
