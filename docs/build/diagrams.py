"""The diagrams: boxes on a canvas and arrows between them, in inches of the slides."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import yaml
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from docs.build.figures import INK, MUTED, Medium
from docs.build.served import read_manifest, served_package

FILLS = {
    "plain": "#ffffff", "blue": "#dbe9f6", "orange": "#fde7d3", "green": "#dcefe3",
    "grey": "#e9edf1",
}  # fmt: skip
CANVAS = 12.2
SOURCE = Path("docs/build/diagrams.yaml")
"""What matters to a caller of docs/deployment.md, and a model's way."""


class Box(NamedTuple):
    """A box; x, y (of its upper left corner), width, height in inches of the slide's canvas."""

    name: str
    text: str
    x: float
    y: float
    width: float
    height: float
    fill: str = "plain"

    def side(self, towards: "Box") -> tuple[float, float]:
        """Return the middle of the side from which an arrow leaves."""
        if towards.x >= self.x + self.width:
            return self.x + self.width, self.y + self.height / 2
        if towards.x + towards.width <= self.x:
            return self.x, self.y + self.height / 2
        if towards.y >= self.y + self.height:
            return self.x + self.width / 2, self.y + self.height
        return self.x + self.width / 2, self.y


class Diagram(NamedTuple):
    """Boxes and arrows (from, to) on a canvas of CANVAS by `height` inches."""

    height: float
    boxes: list[Box]
    arrows: Sequence[tuple[str, str]]


ENCODER = {2: 16, 4: 24, 8: 40, 16: 112, 32: 320}
"""Stride -> channels of EfficientNet-Lite0's taps: training/models/lite0.py."""

PYRAMID, FINEST = 96, 4
"""Channels and last stride of `fpn` in training/models/heads.py."""


def architecture(width: int, height: int) -> Diagram:
    """EfficientNet-Lite0 (blue) and the feature pyramid (orange), with sizes for an input."""

    def side(stride: int) -> str:
        return f"{width // stride}×{height // stride}"

    boxes = [Box("image", f"photo\n{width}×{height}", 0.0, 0.3, 1.75, 1.15, "grey")]
    arrows = []
    for place, (stride, channels) in enumerate(ENCODER.items(), 1):
        x = 2.09 * place
        boxes.append(Box(f"e{stride}", f"{side(stride)}\n× {channels}", x, 0.3, 1.75, 1.15, "blue"))
        arrows.append(("image" if place == 1 else f"e{stride // 2}", f"e{stride}"))
        if stride >= FINEST:
            text = f"{side(stride)}\n× {PYRAMID}"
            boxes.append(Box(f"d{stride}", text, x, 2.3, 1.75, 1.15, "orange"))
            arrows.append((f"e{stride}", f"d{stride}"))
            if stride > FINEST:
                arrows.append((f"d{stride}", f"d{stride // 2}"))
    boxes += [
        Box("logits", f"logits\n{width}×{height}", 0.0, 2.3, 1.75, 1.15, "green"),
        Box("mask", "8 catégories,\nconfiance", 0.0, 3.95, 1.75, 1.0, "green"),
    ]
    arrows += [(f"d{FINEST}", "logits"), ("logits", "mask")]
    return Diagram(5.0, boxes, arrows)


def draw_diagrams(medium: Medium) -> None:
    """Draw every diagram; the architecture as the served package has it."""
    size = read_manifest(served_package())["input"]
    medium.save(draw(architecture(size["width"], size["height"]), medium), "architecture")
    for name, stored in yaml.safe_load(SOURCE.read_text()).items():
        boxes = [Box(*box) for box in stored["boxes"]]
        medium.save(draw(Diagram(stored["height"], boxes, stored["arrows"]), medium), name)


def draw(diagram: Diagram, medium: Medium) -> Figure:
    """Draw one at the medium's width."""
    scale = medium.width / CANVAS
    figure = Figure(figsize=(medium.width, diagram.height * scale))
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_xlim(-0.05, CANVAS + 0.05)
    axes.set_ylim(diagram.height + 0.05, -0.05)
    axes.axis("off")
    for box in diagram.boxes:
        axes.add_patch(FancyBboxPatch(
            (box.x, box.y), box.width, box.height, boxstyle="round,pad=0,rounding_size=0.1",
            facecolor=FILLS[box.fill], edgecolor=MUTED, linewidth=medium.line / 2,
        ))  # fmt: skip
        axes.text(box.x + box.width / 2, box.y + box.height / 2, box.text, ha="center",
                  va="center", fontsize=medium.font, color=INK)  # fmt: skip
    named = {box.name: box for box in diagram.boxes}
    for one, other in ((named[start], named[end]) for start, end in diagram.arrows):
        axes.add_patch(FancyArrowPatch(
            one.side(other), other.side(one), arrowstyle="-|>", shrinkA=0, shrinkB=0,
            mutation_scale=medium.font, color=INK, linewidth=medium.line,
        ))  # fmt: skip
    return figure
