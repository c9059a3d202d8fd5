"""The category table against the official one."""

from cityscapesscripts.helpers.labels import labels as official_labels

from function_app.vision.categories import (
    CATEGORIES,
    IGNORE,
    LABEL_TO_CATEGORY,
    LABEL_TO_EVALUATED,
    LABELS,
)


def test_labels_are_the_official_ones() -> None:
    ours = [(lab.id, lab.name, lab.category, lab.evaluated) for lab in LABELS]
    theirs = [(x.id, x.name, x.category, not x.ignoreInEval) for x in official_labels if x.id >= 0]
    assert ours == theirs


def test_category_ids_are_the_official_ones() -> None:
    theirs = {label.category: label.categoryId for label in official_labels}
    assert {c.name: c.id for c in CATEGORIES} == theirs


def test_lookups() -> None:
    for label in official_labels:
        value = label.id % 256
        category = label.categoryId if label.id >= 0 else IGNORE
        assert LABEL_TO_CATEGORY[value] == category
        assert LABEL_TO_EVALUATED[value] == (IGNORE if label.ignoreInEval else category)
    assert (LABEL_TO_CATEGORY[34:] == IGNORE).all()
