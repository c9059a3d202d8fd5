"""Robustness corruptions: the same photo, noisier, more blurred, at night, in fog; repeatable.

In the spirit of ImageNet-C (Hendrycks & Dietterich, "Benchmarking Neural Network Robustness to
Common Corruptions and Perturbations", ICLR 2019) and of its use on Cityscapes (Kamann & Rother,
"Benchmarking the Robustness of Semantic Segmentation Models", CVPR 2020), with three strengths.
Sizes are relative to the photo's width: a small copy of a photo is corrupted like the photo.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from training.data.effects import blur, fog, night, noise

KINDS = ("noise", "blur", "night", "fog")
STRENGTHS = (1, 2, 3)

REFERENCE_WIDTH = 512
"""Width in pixels of the photo that the values below are meant for."""

NOISE_SIGMA = (10.0, 22.0, 44.0)
"""Of 255, per channel, with grains of one pixel of the reference."""

BLUR_SIGMA = (1.0, 2.0, 4.0)
"""In pixels of the reference."""

DARKNESS = (0.3, 0.65, 1.0)
"""See `training.data.effects.night`."""

EXTINCTION = (0.012, 0.025, 0.045)
"""Per metre: one sees about 250, 120 and 65 metres far."""


def corrupt(photo: NDArray[np.uint8], kind: str, strength: int, seed: int) -> NDArray[np.uint8]:
    """Corrupt a photo.

    Args:
        photo: (h, w, 3) uint8 RGB; left alone.
        kind: one of `KINDS`.
        strength: one of `STRENGTHS`; 1 is mild, 3 is hard but recognisable.
        seed: the same seed gives the same bytes. Strengths of one seed share grain, lamps and
            patches of fog, so that they differ in strength alone.

    Returns:
        (h, w, 3) uint8, contiguous.

    Raises:
        ValueError: no such kind or strength.
    """
    if kind not in KINDS:
        raise ValueError(f"no corruption '{kind}': choose from {', '.join(KINDS)}")
    if strength not in STRENGTHS:
        raise ValueError(f"no strength {strength}: choose from 1, 2, 3")
    rng = np.random.default_rng((seed, KINDS.index(kind)))
    level = STRENGTHS.index(strength)
    grain = photo.shape[1] / REFERENCE_WIDTH
    image = Image.fromarray(photo)
    if kind == "noise":
        corrupted = noise(image, NOISE_SIGMA[level], rng, grain)
    elif kind == "blur":
        corrupted = blur(image, BLUR_SIGMA[level] * grain)
    elif kind == "night":
        corrupted = night(image, DARKNESS[level], rng, grain)
    else:
        corrupted = fog(image, EXTINCTION[level], rng)
    return np.asarray(corrupted)
