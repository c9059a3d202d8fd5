"""Paper or screen: how large a figure is, how large its letters are, and its file."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

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
