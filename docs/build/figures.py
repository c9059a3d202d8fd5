"""Where figures are shown (SVG for paper, PNG for the screen), and pictures of synthetic scenes."""

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

from docs.build.networks import MASKS, read_networks, trained
from docs.build.served import packages, read_manifest, served_package
from function_app.vision.categories import IGNORE, LABEL_TO_CATEGORY, VOID
from function_app.vision.evaluation import OFFICIAL, confusion_matrix, score
from function_app.vision.photo import colorize, encode_mask
from function_app.vision.segmenter import Segmenter
from synthetic import render
from training.data.augment import Augmentation
from training.data.classes import SHOWN_CATEGORY
from training.files import write_atomically
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

PAPER = Medium(WORK / "paper", "svg", 6.5, 1.85, 4.0, 7.5, 1.1)
SCREEN = Medium(WORK / "screen", "png", 12.2, 5.2, 5.5, 20, 3)


SCENES_FOLDER = WORK / "scenes"

SCENES = {"day": 9019, "rain": 9014, "dusk": 9010}
"""Seeds of the scenes: people at a crossing, heavy rain, low light. None was learned from: the
training's scenes begin at 0 or at 10,000."""

CANDIDATES = range(9000, 9020, 4)
"""Seeds of the scenes of which the best predicted one is on the title slide."""

WIDTH, HEIGHT = 1024, 512

STRIP: dict[str, dict[str, Any]] = {
    "none": {},
    "geometry": {"geometry": True},
    "light": {"light": ["gamma", "contrast", "brightness", "colour"]},
    "occlusion": {"occlusion": True},
    "camera": {"camera": ["fog", "noise"]},
    "all": {"geometry": True, "light": True, "camera": ["blur", "noise", "jpeg"]},
}
"""Samples of the augmentation by group, every operation applied."""

Pixels = NDArray[np.uint8]


def draw_pictures(results: Path) -> None:
    """Write photo, truth, prediction and errors of the scenes, by the served package."""
    segmenter = _segmenter(served_package())
    for name, seed in SCENES.items():
        photo, truth = _scene(seed)
        mask = segmenter.segment(photo).mask
        views = {"photo": photo, "truth": colorize(truth), "mask": colorize(mask),
                 "errors": errors(photo, truth, mask)}  # fmt: skip
        for view, pixels in views.items():
            _write(pixels, f"{name}-{view}")
    _write(_best(segmenter), "best-overlay")
    _draw_packages()
    _draw_strip()
    for path in (results / MASKS).glob("*.png"):
        with Image.open(path) as stored:
            _write(np.asarray(stored.convert("RGB")), f"run-{path.stem}")


def draw_masks(runs: Path, results: Path) -> list[Path]:
    """Write what the compared networks see in the scenes, float form, as small palette PNG.

    Args:
        runs: folder of the runs, as `python -m training compare` leaves it; what is not there is
            left as it was.
        results: the masks go below it; its rows say which runs are compared.
    """
    written = []
    for run in (entry["runs"][0] for entry in trained(read_networks(results))):
        for model in (runs / run / "packages").glob("*/*/model.onnx"):
            segmenter = _segmenter(model.parent)
            for name, seed in SCENES.items():
                path = results / MASKS / f"{run}-{name}.png"
                write_atomically(path, encode_mask(segmenter.segment(_scene(seed)[0]).mask))
                written.append(path)
    return written


def _segmenter(package: Path) -> Segmenter:
    read = read_package(package)
    return Segmenter(read.model, read.manifest, threads=2)


def _scene(seed: int) -> tuple[Pixels, Pixels]:
    """A photo and its true categories; ignored labels are shown as void."""
    photo, labels = render(seed, WIDTH, HEIGHT)
    truth = LABEL_TO_CATEGORY[labels]
    return photo, np.where(truth == IGNORE, VOID, truth).astype(np.uint8)


def _best(segmenter: Segmenter) -> Pixels:
    """Photo on the left, passing into the mask on the right, of the best predicted candidate."""

    def judged(seed: int) -> tuple[float, int]:
        photo, truth = _scene(seed)
        found = confusion_matrix(truth, segmenter.segment(photo, void=False).mask)
        return score(found, OFFICIAL).mean_iou or 0.0, seed

    photo, _ = _scene(max(map(judged, CANDIDATES))[1])
    mask = colorize(segmenter.segment(photo).mask)
    alpha = np.clip(np.linspace(-1.2, 1.6, WIDTH), 0, 0.85)[None, :, None]
    return np.asarray(photo * (1 - alpha) + mask * alpha, np.uint8)


def _draw_packages() -> None:
    """The same part of a scene by the 8-bit packages, from the smallest input to the largest."""
    photo, truth = _scene(SCENES["day"])
    part = np.s_[HEIGHT // 4 : HEIGHT * 3 // 4, WIDTH // 3 : WIDTH * 2 // 3]
    _write(photo[part], "part-photo")
    _write(colorize(truth)[part], "part-truth")
    for package in packages():
        if "quantization" in read_manifest(package)["lineage"]:
            mask = colorize(_segmenter(package).segment(photo).mask)
            _write(mask[part], f"part-{package.parent.name}")


def _draw_strip() -> None:
    """The day scene as each group of the augmentation changes it, photo above labels."""
    photo, labels = render(SCENES["day"], WIDTH, HEIGHT)
    for number, (name, groups) in enumerate(STRIP.items()):
        view, kept = Augmentation.from_config(groups).apply(
            photo, labels, (HEIGHT, WIDTH), (288, 448), np.random.default_rng((11, number)),
            always=True,
        )  # fmt: skip
        known = SHOWN_CATEGORY[kept]
        colors = colorize(np.where(known == IGNORE, VOID, known).astype(np.uint8))
        colors[known == IGNORE] = 225
        _write(np.concatenate([view, colors]), f"augmented-{name}")


def errors(photo: Pixels, truth: Pixels, mask: Pixels) -> Pixels:
    """Show a dimmed photo with wrong pixels in red; void truth is left alone."""
    grey = (np.asarray(Image.fromarray(photo).convert("L"), np.float32) * 0.55).astype(np.uint8)
    shown = np.repeat(grey[..., None], 3, axis=2)
    shown[(truth != VOID) & (truth != mask)] = (255, 80, 60)
    return shown


def picture(name: str) -> Path:
    """Return where a picture is: masks as PNG, whose edges JPEG would blur; photos as JPEG."""
    photo = name.endswith(("photo", "errors", "overlay")) or name.startswith("augmented")
    return SCENES_FOLDER / f"{name}.{'jpg' if photo else 'png'}"


def _write(pixels: Pixels, name: str) -> None:
    SCENES_FOLDER.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(picture(name), quality=90, subsampling=0)
