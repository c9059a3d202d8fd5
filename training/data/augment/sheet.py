"""A contact sheet of the augmentation: what each operation does to photo and labels."""

from collections.abc import Sequence
from math import ceil

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from function_app.vision.categories import IGNORE
from function_app.vision.photo import colorize, fit, resize, resize_mask
from training.data.augment import GROUPS, Augmentation
from training.data.classes import SHOWN_CATEGORY
from training.data.scene import Scene

CELL_WIDTH, GAP, CAPTION = 192, 4, 14
"""Width of a picture, space between two, height of a caption; in pixels."""

PER_LINE = 7
"""Columns side by side before a new line begins: about 1,400 pixels, a screen."""

DRAWS = 6
"""How often an operation is drawn; the strongest outcome is shown."""

UNKNOWN = (225, 225, 225)
"""Colour of labels that count nowhere; void is black."""

View = tuple[NDArray[np.uint8], NDArray[np.uint8]]


def columns(configured: Augmentation) -> list[tuple[str, Augmentation, bool]]:
    """The sheet's columns: caption, what is on, and whether it is applied for certain.

    The photo itself, every operation alone, every group, all of them, and what is configured.
    """
    alone = [
        (f"{group}: {name}", Augmentation(frozenset({name})), True)
        for group, operations in GROUPS.items()
        for name in operations
    ]
    groups = [
        (f"all of {group}", Augmentation.from_config({group: True}), False) for group in GROUPS
    ]
    everything = Augmentation.from_config(dict.fromkeys(GROUPS, True))
    return [
        ("none", Augmentation(), False),
        *alone,
        *groups,
        ("everything", everything, False),
        ("as configured", configured, False),
    ]


def contact_sheet(
    scenes: Sequence[Scene],
    configured: Augmentation,
    input_size: tuple[int, int],
    view_size: tuple[int, int],
    seed: int,
) -> NDArray[np.uint8]:
    """Draw the sheet.

    Args:
        scenes: lines of pairs each, a photo above the colours of its labels.
        configured: what a training run has on, for the last column.
        input_size: (height, width) that the service fits photos into.
        view_size: (height, width) of the views, as in training.
        seed: the same seed gives the same sheet.

    Returns:
        (h, w, 3) uint8 RGB.
    """
    shown = columns(configured)
    height = round(CELL_WIDTH * view_size[0] / view_size[1])
    across, down = CELL_WIDTH + GAP, CAPTION + 2 * (height + GAP)
    lines = ceil(len(shown) / PER_LINE)
    size = across * min(PER_LINE, len(shown)), down * lines * len(scenes)
    sheet = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(sheet)
    for row, scene in enumerate(scenes):
        loaded = scene.load()
        plain = fit(loaded[0], *view_size).canvas
        for column, (caption, augmentation, always) in enumerate(shown):
            views = [
                augmentation.apply(
                    *loaded, input_size, view_size,
                    np.random.default_rng((seed, row, column, number)), always=always,
                )
                for number in range(DRAWS if always else 1)
            ]  # fmt: skip
            line, place = divmod(column, PER_LINE)
            left, top = place * across, (row * lines + line) * down
            draw.text((left + 3, top + 1), caption, fill="black")
            for picture in _pictures(_strongest(views, plain), height):
                sheet.paste(Image.fromarray(picture), (left, top + CAPTION))
                top += height + GAP
    return np.asarray(sheet)


def _strongest(views: Sequence[View], plain: NDArray[np.uint8]) -> View:
    """The view that is least like the plain photo: a mild outcome shows nothing."""
    return max(views, key=lambda view: float(np.abs(view[0].astype(np.int16) - plain).mean()))


def _pictures(view: View, height: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    photo, labels = view
    categories = resize_mask(SHOWN_CATEGORY[labels], height, CELL_WIDTH)
    colors = colorize(categories)
    colors[categories == IGNORE] = UNKNOWN
    return resize(photo, height, CELL_WIDTH), colors
