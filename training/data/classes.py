"""The classes that networks predict, and what each label id of a training label file may mean.

Networks tell the 19 evaluated Cityscapes labels apart, and void; the service's 8 categories are
sums over them (`training.models.contract.category_logits`). A label id may stand for several
classes at once: data sets that know less than Cityscapes are used for what they know.
"""

import numpy as np
from numpy.typing import NDArray

from function_app.vision.categories import CATEGORIES, IGNORE, LABELS, NAMES, VOID

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


def _categories() -> NDArray[np.uint8]:
    in_category = MEANINGS @ np.eye(len(CATEGORIES), dtype=np.float32)[list(CLASS_CATEGORIES)] > 0
    table = np.where(in_category.sum(1) == 1, in_category.argmax(1), IGNORE).astype(np.uint8)
    table.setflags(write=False)
    return table


CATEGORY_OF = _categories()
"""(256,) uint8: category of a label id; IGNORE where ignored or where it may be one of several."""
