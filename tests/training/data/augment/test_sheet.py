"""The contact sheet: every column shows something, and show-augmentation as a user types it."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.helpers.commands import Ended, run_command
from training.__main__ import main
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


CONFIG = """
name: tiny
input_size: [64, 128]
crop_size: [64, 96]
augmentation: {light: true, camera: [blur]}
train:
  - {reader: camvid, path: camvid, split: train}
  - {reader: cityscapes, path: here, split: val}
validation: [{reader: camvid, path: camvid, split: val}]
"""


@pytest.fixture
def config(tmp_path: Path, synthetic_scenes: Path) -> Path:
    (tmp_path / "here").symlink_to(synthetic_scenes)
    path = tmp_path / "tiny.yaml"
    path.write_text(CONFIG)
    return path


def show(*arguments: object) -> Ended:
    return run_command(main, "show-augmentation", *arguments)


def test_sheet_of_the_data_sets_that_are_there(config: Path) -> None:
    out = config.parent / "made" / "sheet.png"
    options = ("--data-root", config.parent, "--out", out, "--scenes", 2)
    status, printed, _ = show(config, *options)
    assert status == 0
    assert "left out:" in printed
    assert str(config.parent / "camvid") in printed
    assert f"{out}: {len(columns(Augmentation()))} columns, 2 scenes" in printed
    assert [path.name for path in out.parent.iterdir()] == ["sheet.png"]
    with Image.open(out) as image:
        assert np.asarray(image).std() > 20


@pytest.mark.parametrize(
    ("line", "options", "named"),
    [
        ("augmentation: {camera: [bluur]}", (), "bluur"),
        ("", ("--scenes", 0), "--scenes is 0"),
        ("train: [{reader: none, path: here}]", (), "no reader 'none'"),
        ("train: [{reader: camvid, path: camvid}]", (), "none of the configuration's training"),
    ],
)
def test_mistakes_are_one_line_and_name_the_input(
    config: Path, line: str, options: tuple[object, ...], named: str
) -> None:
    config.write_text(f"{CONFIG}\n{line}\n")
    out = config.parent / "sheet.png"
    status, _, error = show(config, "--data-root", config.parent, "--out", out, *options)
    assert status == 1
    assert named in error
    assert error.count("\n") == 1
    assert not out.exists()
