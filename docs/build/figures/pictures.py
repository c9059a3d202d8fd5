"""Synthetic scenes and what the served model makes of them; the only pictures shown anywhere."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from docs.build.figures.medium import WORK
from function_app.vision.categories import IGNORE, LABEL_TO_CATEGORY, VOID
from function_app.vision.photo import colorize
from function_app.vision.segmenter import Segmenter
from synthetic import render
from training.packages import read_package

FOLDER = WORK / "scenes"
SERVED = Path("models/lite0-fpn-int8/0.3.0")

SCENES = {"day": 9019, "rain": 9014, "dusk": 9010}
"""Seeds of the scenes: people at a crossing, heavy rain, low light. None was learned from: the
training's scenes begin at 0 or at 10,000."""

WIDTH, HEIGHT = 1024, 512

Pixels = NDArray[np.uint8]


def draw_pictures() -> None:
    """Write photo, truth, prediction and errors of each scene."""
    package = read_package(SERVED)
    segmenter = Segmenter(package.model, package.manifest, threads=2)
    for name, seed in SCENES.items():
        photo, labels = render(seed, WIDTH, HEIGHT)
        truth = LABEL_TO_CATEGORY[labels]
        mask = segmenter.segment(photo).mask
        truth = np.where(truth == IGNORE, VOID, truth).astype(np.uint8)
        views = {
            "photo": photo,
            "truth": colorize(truth),
            "mask": colorize(mask),
            "errors": errors(photo, truth, mask),
        }
        for view, pixels in views.items():
            suffix = "jpg" if view in ("photo", "errors") else "png"
            _write(pixels, f"{name}-{view}.{suffix}")


def errors(photo: Pixels, truth: Pixels, mask: Pixels) -> Pixels:
    """Show a dimmed photo with wrong pixels in red; void truth is left alone."""
    grey = (np.asarray(Image.fromarray(photo).convert("L"), np.float32) * 0.55).astype(np.uint8)
    shown = np.repeat(grey[..., None], 3, axis=2)
    shown[(truth != VOID) & (truth != mask)] = (255, 80, 60)
    return shown


def _write(pixels: Pixels, name: str) -> None:
    """Masks as they are; photos as JPEG, a fifth of the size."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(FOLDER / name, optimize=True, quality=90)
