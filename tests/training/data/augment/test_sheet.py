"""The contact sheet: one column an operation, and every one shows something."""

from pathlib import Path

import numpy as np

from training.data import READERS
from training.data.augment import GROUPS, Augmentation
from training.data.augment.sheet import (
    CAPTION,
    CELL_WIDTH,
    GAP,
    PER_LINE,
    columns,
    contact_sheet,
)


def test_every_column_shows_photo_and_labels(synthetic_scenes: Path) -> None:
    scenes = READERS["cityscapes"](synthetic_scenes, "val")[:1]
    configured = Augmentation.from_config({"geometry": ["flip"]})
    captions = [caption for caption, _, _ in columns(configured)]
    operations = sum(len(operations) for operations in GROUPS.values())
    assert len(set(captions)) == len(captions) == 1 + operations + len(GROUPS) + 2

    sheet = contact_sheet(scenes, configured, (64, 128), (64, 96), seed=2)
    height = CELL_WIDTH * 64 // 96
    assert sheet.dtype == np.uint8
    across, down = CELL_WIDTH + GAP, CAPTION + 2 * (height + GAP)
    lines = -(-len(captions) // PER_LINE)
    assert sheet.shape == (lines * down, PER_LINE * across, 3)
    places = [divmod(n, PER_LINE) for n in range(len(captions))]
    cells = [
        sheet[line * down : (line + 1) * down, n * across : n * across + CELL_WIDTH]
        for line, n in places
    ]
    photos = [cell[CAPTION : CAPTION + height] for cell in cells]
    labels = [cell[CAPTION + height + GAP : -GAP] for cell in cells]
    for caption, cell, photo, colors in zip(captions, cells, photos, labels, strict=True):
        assert (cell[:CAPTION] < 128).any(), f"caption of {caption}"
        assert photo.std() > 3, caption
        assert len(np.unique(colors.reshape(-1, 3), axis=0)) > 2, caption
    for caption, photo in zip(captions[1 : 1 + operations], photos[1:], strict=False):
        assert not np.array_equal(photo, photos[0]), caption
