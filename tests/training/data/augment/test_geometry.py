"""Photo and labels move together, and what is switched off does not move."""

import numpy as np
import pytest

from function_app.vision.categories import IGNORE
from function_app.vision.photo import PAD_VALUE, fit, resize_mask
from training.data.augment import GROUPS, Augmentation, geometry
from training.data.augment.geometry import Framing, frame

SIZE = (96, 160)
Scene = tuple[np.ndarray, np.ndarray]


@pytest.fixture
def scene() -> Scene:
    """Blocks of labels whose photo shows ten times the label id; no two sides are alike."""
    labels = np.arange(7, 23, dtype=np.uint8).reshape(2, 8).repeat(64, 0).repeat(32, 1)
    return np.repeat(labels[..., None] * 10, 3, 2), labels


def views(
    scene: Scene, config: object, count: int = 12, input_size: tuple[int, int] = SIZE
) -> list[Scene]:
    augmentation = Augmentation.from_config({"geometry": config})
    return [
        augmentation.apply(*scene, input_size, SIZE, np.random.default_rng(seed))
        for seed in range(count)
    ]  # fmt: skip


@pytest.mark.parametrize("config", [True, *([name] for name in GROUPS["geometry"])], ids=str)
def test_labels_move_exactly_with_the_photo(scene: Scene, config: object) -> None:
    for photo, labels in views(scene, config):
        assert (photo.shape, labels.shape) == ((*SIZE, 3), SIZE)
        assert photo.flags.c_contiguous
        assert labels.flags.c_contiguous
        known = labels != IGNORE
        difference = np.abs(photo[..., 0].astype(int) - labels.astype(int) * 10)
        # Interpolation mixes the borders of the blocks; everywhere else they must agree.
        assert (difference[known] > 1).mean() < 0.25
        assert set(np.unique(labels[known])) <= set(range(7, 23))


@pytest.mark.parametrize("config", [False, ["flip"]], ids=str)
def test_without_scale_and_crop_the_photo_is_fitted_as_the_service_does(
    scene: Scene, config: object
) -> None:
    photo, labels = scene
    expected = fit(photo, *SIZE)
    for view, known in views(scene, config):
        inner = view[: expected.height, : expected.width]
        fitted = expected.canvas[: expected.height, : expected.width]
        mirrored = config and np.array_equal(inner[:, ::-1], fitted)
        assert mirrored or np.array_equal(inner, fitted)
        small = resize_mask(labels, expected.height, expected.width)
        assert np.array_equal(
            known[: expected.height, : expected.width], small[:, ::-1] if mirrored else small
        )
        assert (view[expected.height :] == PAD_VALUE).all()
        assert (known[expected.height :] == IGNORE).all()


@pytest.mark.parametrize("axis", [0, 1])
def test_labels_finer_than_the_photo_meet_it_to_the_pixel(axis: int) -> None:
    """An edge in a coarse photo lies where the fine labels have it, to a tenth of a pixel."""
    rng = np.random.default_rng(5)
    offsets = []
    for _ in range(60):
        edge = int(rng.integers(40, 88)) * 4  # between pixels of the photo, 4 times coarser
        labels = np.full((512, 512), 7, np.uint8)
        photo = np.zeros((128, 128, 3), np.uint8)
        labels[(slice(None),) * axis + (slice(edge, None),)] = 11
        photo[(slice(None),) * axis + (slice(edge // 4, None),)] = 200
        framing = Framing(
            mirrored=bool(rng.random() < 0.5),
            zoom=float(np.exp(rng.uniform(np.log(0.4), np.log(1.6)))),
            stretch=float(np.exp(rng.uniform(-0.3, 0.3))),
            position=(float(rng.random()), float(rng.random())),
        )
        view, known = frame(photo, labels, framing, (256, 256), (192, 192))
        shown = known != IGNORE
        if (known == 7).any() and (known == 11).any():
            bright = (view[..., 0][shown] / 200).sum()
            offsets.append((bright - (known == 11).sum()) / known.shape[1 - axis])
    assert len(offsets) > 20
    assert abs(np.mean(offsets)) < 0.1
    assert np.abs(offsets).max() < 1.0


def test_only_what_a_view_shows_is_resized(monkeypatch: pytest.MonkeyPatch) -> None:
    """A view of a corner of a large photo does not pay for the rest of it."""
    seen = []
    resample = geometry.resample
    monkeypatch.setattr(
        geometry, "resample", lambda im, *args: (seen.append(im.size), resample(im, *args))[1]
    )
    photo, labels = np.zeros((256, 512, 3), np.uint8), np.full((1024, 2048), 7, np.uint8)
    frame(photo, labels, Framing(position=(0.0, 1.0)), (512, 1024), (128, 128))
    assert seen == [(64, 64)]


def test_half_of_the_views_are_mirrored(scene: Scene) -> None:
    mirrored = [labels[0, 0] > labels[0, -1] for _, labels in views(scene, ["flip"], 40)]
    assert 0.25 < np.mean(mirrored) < 0.75


def test_zoom_is_relative_to_the_fitted_photo(scene: Scene) -> None:
    # 10 fitted pixels a block across; the middle of the photo stays in view.
    shown = [len(np.unique(labels[labels != IGNORE])) for _, labels in views(scene, ["scale"], 40)]
    assert max(shown) == 16
    assert min(shown) <= 12
    widths = [(labels[0] != IGNORE).sum() for _, labels in views(scene, ["scale"], 40)]
    assert 0.4 * 160 - 1 <= min(widths) < 0.6 * 160


def test_stretch_widens_or_narrows_half_of_the_views(scene: Scene) -> None:
    widths = []
    for _, labels in views(scene, ["stretch", "crop"], 40, input_size=(192, 384)):
        widths.append(np.diff(np.flatnonzero(np.diff(labels[0].astype(int))))[0])
    assert 10 <= sum(abs(width - 48) <= 1 for width in widths) < 35, "384 / 8 pixels a block"
    assert min(widths) < 44
    assert max(widths) > 52


def test_crop_goes_everywhere_at_the_scale_of_the_service(scene: Scene) -> None:
    cut = views(scene, ["crop"], 40, input_size=(192, 384))
    first = [labels[0, 0] for _, labels in cut]
    assert len(set(first)) > 4
    for _, labels in cut:
        assert (labels != IGNORE).all(), "the fitted photo, 192 x 384, is larger than the view"
        blocks = np.diff(np.flatnonzero(np.diff(labels[0].astype(int))))
        assert abs(blocks - 48).max() <= 2, "384 / 8 pixels a block"


def test_beyond_the_scene_is_padding_that_no_light_touches(scene: Scene) -> None:
    everything = Augmentation.from_config(dict.fromkeys(GROUPS, True))
    for seed in range(10):
        photo, labels = everything.apply(*scene, (32, 64), SIZE, np.random.default_rng(seed))
        assert (labels[80:] == IGNORE).all()
        assert (photo[80:] == PAD_VALUE).all()
