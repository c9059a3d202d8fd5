"""How often each category occurs, and the loss weights that make up for it."""

from collections.abc import Sequence

import numpy as np
from tqdm import tqdm

from function_app.vision.categories import IGNORE, NAMES
from training.data.classes import SHOWN_CATEGORY
from training.data.scene import Scene
from training.errors import DataError


def median_frequency_weights(scenes: Sequence[Scene], *, progress: bool = True) -> dict[str, float]:
    """Weigh categories by median frequency balancing.

    Eigen and Fergus (ICCV 2015), as SegNet and ENet use it: a category's frequency
    is its share of the pixels of the scenes it occurs in; its weight is the median frequency over
    its own. The median category weighs 1, rarer ones more. Ignored pixels count nowhere; scenes
    count by the pixels they have when loaded, before anything is resized to a model's input.

    Args:
        scenes: the scenes to learn from; each is loaded once, in order.
        progress: show a progress bar.

    Returns:
        Category name -> weight above 0, in the order of ids; categories that never occur are
        left out.

    Raises:
        DataError: no scene has a pixel that counts, or a scene cannot be read.
    """
    pixels = np.zeros(len(NAMES), np.int64)
    of_scenes_with_it = np.zeros(len(NAMES), np.int64)
    for scene in tqdm(scenes, desc="category frequencies", unit="scene", disable=not progress):
        _, labels = scene.load()
        categories = SHOWN_CATEGORY[labels]
        counts = np.bincount(categories[categories != IGNORE], minlength=len(NAMES))
        pixels += counts
        of_scenes_with_it += np.where(counts > 0, counts.sum(), 0)
    occurs = pixels > 0
    if not occurs.any():
        raise DataError(f"no pixel of {len(scenes)} scenes has a category: nothing to weigh")
    frequency = pixels[occurs] / of_scenes_with_it[occurs]
    weights = np.median(frequency) / frequency
    names = (name for name, known in zip(NAMES, occurs, strict=True) if known)
    return dict(zip(names, weights.tolist(), strict=True))
