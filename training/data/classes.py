"""The classes that networks predict, and what each label id of a training label file may mean.

Networks tell the 19 evaluated Cityscapes labels apart, and void; the service's 8 categories are
sums over them (`training.models.contract.category_logits`). A label id may stand for several
classes at once: data sets that know less than Cityscapes are used for what they know.
"""

import numpy as np
from numpy.typing import NDArray

from function_app.vision.categories import (
    CATEGORIES,
    IGNORE,
    LABEL_TO_CATEGORY,
    LABELS,
    NAMES,
    VOID,
)

CLASSES = (NAMES[VOID], *(label.name for label in LABELS if label.evaluated))
"""Names of the network's output channels: void, then the evaluated labels in order of their ids."""

CLASS_CATEGORIES = (VOID, *(NAMES.index(label.category) for label in LABELS if label.evaluated))
"""Category id of each class."""

BICYCLIST = 40
"""Label id of a pixel that is rider or bicycle, as CamVid labels them together."""

CATEGORY_ONLY = 48
"""Label id 48 + c: a pixel of category c whose class is not known."""


def _meanings() -> NDArray[np.float32]:
    table = np.zeros((256, len(CLASSES)), np.float32)
    for label in LABELS:
        if label.evaluated:
            table[label.id, CLASSES.index(label.name)] = 1
        elif label.category == NAMES[VOID]:
            table[label.id, VOID] = 1
    table[BICYCLIST, [CLASSES.index("rider"), CLASSES.index("bicycle")]] = 1
    for category in CATEGORIES:
        table[CATEGORY_ONLY + category.id] = np.equal(CLASS_CATEGORIES, category.id)
    table.setflags(write=False)
    return table


MEANINGS = _meanings()
"""(256, classes) float32: 1.0 for each class that a label id may mean; all 0.0 where the id is
ignored: 255, unknown ids, and labels without a class of their own such as parking."""


def _categories() -> tuple[NDArray[np.uint8], ...]:
    in_category = MEANINGS @ np.eye(len(CATEGORIES), dtype=np.float32)[list(CLASS_CATEGORIES)] > 0
    learned = np.where(in_category.sum(1) == 1, in_category.argmax(1), IGNORE).astype(np.uint8)
    scored = np.where(learned == VOID, np.uint8(IGNORE), learned)
    shown = np.where(learned == IGNORE, LABEL_TO_CATEGORY, learned)
    for table in (learned, scored, shown):
        table.setflags(write=False)
    return learned, scored, shown


LEARNED_CATEGORY, SCORED_CATEGORY, SHOWN_CATEGORY = _categories()
"""Three (256,) uint8 tables, label id -> category id or IGNORE, where it is one of several.

What a network learns (void, but nothing of parking and other labels without a class); what the
official score counts (as `LABEL_TO_EVALUATED`: no void); and all that is known, to count and to
look at (as `LABEL_TO_CATEGORY`)."""
