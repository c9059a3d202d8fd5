"""Figures of note and slides: SVG for paper, PNG for the screen; and synthetic scenes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

from function_app.vision.categories import IGNORE, LABEL_TO_CATEGORY, VOID
from function_app.vision.photo import colorize
from function_app.vision.segmenter import Segmenter
from synthetic import render
from training.packages import read_package

INK = "#1d2733"
MUTED = "#5c6b7a"
GRID = "#d9dfe5"
ACCENT = "#0b5394"
SERIES = (("#0072B2", "o"), ("#D55E00", "s"), ("#009E73", "^"), ("#CC79A7", "D"), ("#8a6d00", "v"))
"""Colour and marker: Okabe and Ito's palette, which colour-blind people can tell apart
(https://jfly.uni-koeln.de/color/), yellow darkened for paper, and a second sign."""


@dataclass(frozen=True, slots=True)
class Medium:
    """Where a figure is shown.

    Attributes:
        folder: of the files.
        suffix: svg or png.
        width: of a full figure, inches.
        height: of one, where the figure does not say more; inches.
        most: how high a figure may be, inches.
        font: size of letters, points.
        line: width of lines, points.
    """

    folder: Path
    suffix: str
    width: float
    height: float
    most: float
    font: float
    line: float

    def figure(self, height: float = 1.0, width: float = 1.0) -> Figure:
        """Start a figure; height and width are shares of the medium's."""
        high = min(self.height * height, self.most)
        return Figure(figsize=(self.width * width, high), layout="constrained")

    def save(self, figure: Figure, name: str) -> Path:
        """Write `{folder}/{name}.{suffix}`, the same bytes for the same figure."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{name}.{self.suffix}"
        metadata = {"Date": None, "Creator": None} if self.suffix == "svg" else {"Software": None}
        figure.savefig(path, dpi=150, metadata=metadata)
        return path

    @contextmanager
    def style(self) -> Iterator[None]:
        """Draw in this medium's letters and lines."""
        with mpl.rc_context(self._parameters()):
            yield

    def _parameters(self) -> dict[Any, Any]:
        return {
            "font.size": self.font,
            "axes.titlesize": self.font,
            "axes.labelsize": self.font,
            "xtick.labelsize": self.font,
            "ytick.labelsize": self.font,
            "legend.fontsize": self.font,
            "legend.frameon": False,
            "axes.linewidth": self.line / 2,
            "lines.linewidth": self.line,
            "lines.markersize": self.font * 0.6,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.edgecolor": MUTED,
            "text.color": INK,
            "axes.labelcolor": INK,
            "xtick.color": INK,
            "ytick.color": INK,
            "grid.color": GRID,
            "axes.axisbelow": True,
            "figure.constrained_layout.h_pad": 0.08,
            "figure.constrained_layout.w_pad": 0.08,
            "svg.hashsalt": "future-vision",
        }


WORK = Path("dist/docs")
"""Where facts and figures are made; ignored by Git, as the note and the slides carry them."""

PAPER = Medium(WORK / "paper", "svg", 6.5, 2.2, 4.0, 7.5, 1.1)
SCREEN = Medium(WORK / "screen", "png", 12.2, 5.2, 5.5, 20, 3)


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
