"""Scaled JPEG decoding on real photographs: the masks and their scores stay what they were."""

from pathlib import Path

import numpy as np
from PIL import Image

from function_app.vision import photo
from function_app.vision.categories import LABEL_TO_EVALUATED
from function_app.vision.evaluation import OFFICIAL, confusion_matrix, score
from function_app.vision.segmenter import Segmenter
from tests.function_app.vision.photo.files import encoded
from training.data.readers import read_camvid, read_kitti
from training.packages import read_package

SIZE = (1024, 2048)
NOISE = 2.0
"""Standard deviation of the sensor noise that enlarging takes away."""


def camera(rgb: np.ndarray) -> np.ndarray:
    """The photo as a larger camera might have taken it; none of the sets has photos so large."""
    large = Image.fromarray(rgb).resize(SIZE[::-1], Image.Resampling.BICUBIC)
    noise = np.random.default_rng(0).normal(0, NOISE, (*SIZE, 3))
    return (np.asarray(large) + noise).clip(0, 255).astype(np.uint8)


def test_masks_and_scores_agree_with_full_decoding(shared_data: Path, package: Path) -> None:
    manifest, _, model = read_package(package)
    segmenter = Segmenter(model, manifest)
    scenes = [
        *read_kitti(shared_data / "kitti", "val")[::2],
        *read_camvid(shared_data / "camvid", "val")[::8],
    ]
    matrices, agreement = np.zeros((2, 8, 8), np.int64), []
    for scene in scenes:
        rgb, labels = scene.load()
        opened = photo.open_photo(encoded(camera(rgb), "JPEG", quality=90))
        truth = LABEL_TO_EVALUATED[photo.resize_mask(labels, *SIZE)]
        shape = manifest.height, manifest.width, manifest.max_stretch
        full, fast = (
            segmenter.segment_fitted(fitted, void=False).mask
            for fitted in (photo.fit(opened.rgb(), *shape), opened.fitted(*shape))
        )
        agreement.append((full == fast).mean())
        matrices += [confusion_matrix(truth, mask) for mask in (full, fast)]
    assert np.mean(agreement) > 0.995
    assert min(agreement) > 0.99
    full_iou, fast_iou = (score(matrix, OFFICIAL).mean_iou or 0.0 for matrix in matrices)
    assert full_iou > 0.7
    assert abs(full_iou - fast_iou) < 0.001
