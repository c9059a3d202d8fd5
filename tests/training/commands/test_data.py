"""show-augmentation as a user types it."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.helpers.commands import Ended, run_command
from training.__main__ import main
from training.data.augment import Augmentation
from training.data.augment.sheet import columns

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
