"""The synthetic street scenes: repeatable, complete, and masks that fit their photos."""

import functools
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from function_app.vision.categories import CATEGORIES, LABEL_TO_CATEGORY, LABELS, NAMES
from synthetic import render, write_dataset
from synthetic.__main__ import main

ROOT = Path(__file__).parents[2]
SEEDS = range(6)
ID = {label.name: label.id for label in LABELS}


@functools.cache
def scene(
    seed: int, width: int = 512, height: int = 256
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    photo, labels = render(seed, width, height)
    photo.setflags(write=False)
    labels.setflags(write=False)
    return photo, labels


def share(labels: NDArray[np.uint8], category: str) -> float:
    return float((LABEL_TO_CATEGORY[labels] == NAMES.index(category)).mean())


GOLDEN = {
    0: (
        "14d11d94c36d74e2b5a50452b4ea08fa34b6d3b4f5ba61e05ab5e1f52c4c1c54",
        (144.53, 136.64, 134.71, 148.10, 143.16, 124.65, 72.05, 65.44, 68.20, 82.74, 76.33, 69.16),
    ),
    3: (
        "a8503958e360d5c9a22e73f2b94ce48d76f5f57a8c35e18b140bce6abc00d65b",
        (134.17, 134.49, 124.35, 138.74, 123.86, 112.73, 92.03, 91.02, 96.24, 92.97, 74.51, 78.05),
    ),
}  # fmt: skip
"""Sha256 of the mask, and mean colours of the photo's quarters, by seed."""


@pytest.mark.parametrize("seed", GOLDEN)
def test_scenes_stay_as_they_were_drawn(seed: int) -> None:
    # Samples, figures and other tests show these scenes. Colours may differ by the last digit of
    # another processor's arithmetic, shapes may not.
    photo, labels = scene(seed)
    mask, colours = GOLDEN[seed]
    assert sha256(labels.tobytes()).hexdigest() == mask
    quarters = photo.reshape(2, 128, 2, 256, 3).mean(axis=(1, 3))
    assert quarters.ravel() == pytest.approx(colours, abs=0.02)


def test_another_process_gives_the_same_bytes() -> None:
    code = (
        "from hashlib import sha256; from synthetic import render;"
        "print(*(sha256(part.tobytes()).hexdigest() for part in render(3, 512, 256)))"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert told.stdout.split() == [sha256(part.tobytes()).hexdigest() for part in scene(3)]


def test_the_size_changes_the_sampling_but_not_the_scene() -> None:
    small, large = scene(0)[1], scene(0, 1024, 512)[1][1::2, 1::2]
    assert (LABEL_TO_CATEGORY[small] == LABEL_TO_CATEGORY[large]).mean() > 0.95


@pytest.mark.parametrize("seed", SEEDS)
def test_every_scene_shows_all_eight_categories(seed: int) -> None:
    shown = {category.name: share(scene(seed)[1], category.name) for category in CATEGORIES}
    assert min(shown.values()) > 0.0004, shown


@pytest.mark.parametrize("seed", SEEDS)
def test_the_bonnet_is_void_and_the_sky_is_above_the_ground(seed: int) -> None:
    labels = scene(seed)[1]
    rows = np.arange(labels.shape[0])[:, None] * np.ones_like(labels, float)
    categories = LABEL_TO_CATEGORY[labels]
    middle = labels.shape[1] // 2
    assert labels[-1, middle] == ID["ego vehicle"]
    assert (rows[labels == ID["ego vehicle"]] > 0.85 * labels.shape[0]).all()
    sky, flat = (rows[categories == NAMES.index(name)] for name in ("sky", "flat"))
    assert np.percentile(sky, 99) < np.percentile(flat, 1)


def edge_gain(photo: NDArray[np.uint8], labels: NDArray[np.uint8], shift: int) -> float:
    """How much stronger the photo's horizontal steps are at the mask's borders than elsewhere."""
    step = np.abs(np.diff(photo.astype(float), axis=1)).sum(axis=2)
    border = np.diff(np.roll(labels, shift, axis=1).astype(int), axis=1) != 0
    inside = np.s_[: int(labels.shape[0] * 0.85), 40:-40]
    return float(step[inside][border[inside]].mean() / step[inside].mean())


@pytest.mark.parametrize("seed", SEEDS[:3])
def test_mask_borders_lie_on_photo_edges_and_nowhere_near(seed: int) -> None:
    photo, labels = scene(seed, 1024, 512)
    fit = edge_gain(photo, labels, 0)
    assert fit > 2
    assert all(edge_gain(photo, labels, shift) < fit * 0.8 for shift in (-4, -3, 3, 4))


def test_the_bonnet_says_synthetic_in_the_photo_alone() -> None:
    photo, labels = scene(0, 1024, 512)
    word, beside = np.s_[470:508, 440:584], np.s_[470:508, 660:804]
    assert (labels[word] == ID["ego vehicle"]).all()
    strokes, lacquer = (
        np.abs(np.diff(photo[part].astype(float).mean(axis=2), axis=1)) for part in (word, beside)
    )
    assert (strokes > 40).sum() > 100
    assert (lacquer > 40).sum() == 0


def test_write_dataset_lays_out_cityscapes_files(tmp_path: Path) -> None:
    steps: list[tuple[int, int]] = []
    ids = write_dataset(
        tmp_path,
        2,
        "train",
        seed=4,
        size=(256, 128),
        progress=lambda done, count: steps.append((done, count)),
    )
    assert ids == ["synthetic_000004_000019", "synthetic_000005_000019"]
    assert steps == [(1, 2), (2, 2)]
    written = sorted(str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.is_file())
    assert written == [
        *(f"gtFine/train/synthetic/{scene_id}_gtFine_labelIds.png" for scene_id in ids),
        *(f"leftImg8bit/train/synthetic/{scene_id}_leftImg8bit.png" for scene_id in ids),
    ]
    photo, labels = render(5, 256, 128)
    assert np.array_equal(np.asarray(Image.open(tmp_path / written[3])), photo)
    assert np.array_equal(np.asarray(Image.open(tmp_path / written[1])), labels)


def test_write_dataset_skips_finished_scenes_and_completes_half_ones(tmp_path: Path) -> None:
    write_dataset(tmp_path, 2, size=(256, 128))
    photos = sorted((tmp_path / "leftImg8bit/val/synthetic").iterdir())
    masks = sorted((tmp_path / "gtFine/val/synthetic").iterdir())
    photos[0].write_bytes(b"left alone")
    masks[1].unlink()
    write_dataset(tmp_path, 2, size=(256, 128))
    assert photos[0].read_bytes() == b"left alone"
    assert masks[1].exists()


def test_the_command_draws_what_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path / "made"), "--count", "2", "--split", "val", "--seed", "8"]) == 0
    assert f"2 scenes in {tmp_path / 'made'}" in capsys.readouterr().out
    drawn = sorted((tmp_path / "made/leftImg8bit/val/synthetic").iterdir())
    assert [path.name[:16] for path in drawn] == ["synthetic_000008", "synthetic_000009"]
    with Image.open(drawn[0]) as image:
        assert image.size == (1024, 512)


@pytest.mark.parametrize(
    ("arguments", "named"), [(["f", "--count", "0"], "--count 0"), ([], "folder")]
)
def test_the_command_names_mistakes(
    arguments: list[str], named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert named in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    assert main([str(tmp_path / "file"), "--count", "1"]) == 1
    assert f"error: [Errno 20] Not a directory: '{tmp_path}/file" in capsys.readouterr().err
