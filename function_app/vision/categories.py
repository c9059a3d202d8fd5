"""The category table: names, ids, colours, and the Cityscapes labelId -> category lookup.

This is the only place in the project that knows them. The label table follows the Cityscapes
dataset document (https://www.cityscapes-dataset.com/dataset-overview/, "Class Definitions") and
the `labels` of the official cityscapesScripts, which a test compares it with.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

IGNORE = 255
"""Value of a mask pixel that counts nowhere: not in a loss, not in a metric."""


class Category(NamedTuple):
    """One of the 8 top-level Cityscapes categories; `color` is 8-bit sRGB."""

    id: int
    name: str
    color: tuple[int, int, int]


class Label(NamedTuple):
    """One Cityscapes label; `evaluated` is False for the labels the official score ignores."""

    id: int
    name: str
    category: str
    evaluated: bool


CATEGORIES = (
    Category(0, "void", (0, 0, 0)),
    Category(1, "flat", (128, 64, 128)),
    Category(2, "construction", (70, 70, 70)),
    Category(3, "object", (220, 220, 0)),
    Category(4, "nature", (107, 142, 35)),
    Category(5, "sky", (70, 130, 180)),
    Category(6, "human", (220, 20, 60)),
    Category(7, "vehicle", (0, 0, 142)),
)
VOID = 0

PHOTO_SUFFIX, LABEL_SUFFIX = "_leftImg8bit", "_gtFine_labelIds"
"""What Cityscapes file names end with, before the dot; what is left is the id of the scene."""

LABELS = (
    Label(0, "unlabeled", "void", False),
    Label(1, "ego vehicle", "void", False),
    Label(2, "rectification border", "void", False),
    Label(3, "out of roi", "void", False),
    Label(4, "static", "void", False),
    Label(5, "dynamic", "void", False),
    Label(6, "ground", "void", False),
    Label(7, "road", "flat", True),
    Label(8, "sidewalk", "flat", True),
    Label(9, "parking", "flat", False),
    Label(10, "rail track", "flat", False),
    Label(11, "building", "construction", True),
    Label(12, "wall", "construction", True),
    Label(13, "fence", "construction", True),
    Label(14, "guard rail", "construction", False),
    Label(15, "bridge", "construction", False),
    Label(16, "tunnel", "construction", False),
    Label(17, "pole", "object", True),
    Label(18, "polegroup", "object", False),
    Label(19, "traffic light", "object", True),
    Label(20, "traffic sign", "object", True),
    Label(21, "vegetation", "nature", True),
    Label(22, "terrain", "nature", True),
    Label(23, "sky", "sky", True),
    Label(24, "person", "human", True),
    Label(25, "rider", "human", True),
    Label(26, "car", "vehicle", True),
    Label(27, "truck", "vehicle", True),
    Label(28, "bus", "vehicle", True),
    Label(29, "caravan", "vehicle", False),
    Label(30, "trailer", "vehicle", False),
    Label(31, "train", "vehicle", True),
    Label(32, "motorcycle", "vehicle", True),
    Label(33, "bicycle", "vehicle", True),
)

NAMES = tuple(category.name for category in CATEGORIES)


def _lookup(evaluated_only: bool) -> NDArray[np.uint8]:
    table = np.full(256, IGNORE, np.uint8)
    for label in LABELS:
        if label.evaluated or not evaluated_only:
            table[label.id] = NAMES.index(label.category)
    table.setflags(write=False)
    return table


LABEL_TO_CATEGORY = _lookup(evaluated_only=False)
"""(256,) uint8: labelId -> category id 0..7; any other value (255, license plate) -> IGNORE."""

LABEL_TO_EVALUATED = _lookup(evaluated_only=True)
"""(256,) uint8: as above, but void and the labels the official evaluation ignores -> IGNORE."""

PALETTE = bytes(channel for category in CATEGORIES for channel in category.color)
"""RGB triples in category order, as PNG palettes store them."""
