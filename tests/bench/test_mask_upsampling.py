"""The bundled network, cut in two, gives the masks that it gives whole."""

from pathlib import Path

import numpy as np

from bench.mask_upsampling import Upsampling
from training.data import READERS
from training.evaluator import load_package


def test_at_the_size_of_the_input_it_is_the_served_mask(
    package: Path, synthetic_scenes: Path
) -> None:
    photo, _ = READERS["cityscapes"](synthetic_scenes, "val")[0].load()
    network = Upsampling(package)
    mask = network.mask(network.logits(photo), 1, photo.shape[:2])
    served = load_package(package).segment(photo, void=False).mask
    assert (mask == served).mean() > 0.9999
    assert not np.array_equal(network.mask(network.logits(photo), 0.5, photo.shape[:2]), mask)
