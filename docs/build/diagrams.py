"""The diagrams: boxes on a canvas and arrows between them, for both media.

Text is that of the slides, where shapes are 20 points high; paper shows the same, smaller.
"""

from dataclasses import dataclass

from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from docs.build.figures import INK, MUTED, Medium

FILLS = {
    "plain": "#ffffff", "blue": "#dbe9f6", "orange": "#fde7d3", "green": "#dcefe3",
    "grey": "#e9edf1",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Box:
    """A box; x, y (of its upper left corner), width, height in inches of the slide's canvas."""

    name: str
    text: str
    x: float
    y: float
    width: float
    height: float
    fill: str = "plain"

    def side(self, towards: "Box") -> tuple[str, float, float]:
        """Return the side from which an arrow leaves, and its middle."""
        if towards.x >= self.x + self.width:
            return "right", self.x + self.width, self.y + self.height / 2
        if towards.x + towards.width <= self.x:
            return "left", self.x, self.y + self.height / 2
        if towards.y >= self.y + self.height:
            return "bottom", self.x + self.width / 2, self.y + self.height
        return "top", self.x + self.width / 2, self.y


@dataclass(frozen=True, slots=True)
class Diagram:
    """Boxes and arrows (from, to) on a canvas of `width` by `height` inches."""

    name: str
    width: float
    height: float
    boxes: tuple[Box, ...]
    arrows: tuple[tuple[str, str], ...]

    def box(self, name: str) -> Box:
        """Return the box of that name."""
        return next(box for box in self.boxes if box.name == name)


ARCHITECTURE = Diagram(
    "architecture", 12.2, 5.0,
    (
        Box("image", "photo\nRVB, uint8", 0.0, 0.5, 1.65, 1.1, "grey"),
        Box("e2", "pas 2\n16 canaux", 2.1, 0.5, 1.65, 1.1, "blue"),
        Box("e4", "pas 4\n24", 4.2, 0.5, 1.65, 1.1, "blue"),
        Box("e8", "pas 8\n40", 6.3, 0.5, 1.65, 1.1, "blue"),
        Box("e16", "pas 16\n112", 8.4, 0.5, 1.65, 1.1, "blue"),
        Box("e32", "pas 32\n320", 10.5, 0.5, 1.65, 1.1, "blue"),
        Box("d32", "1×1\n96", 10.5, 2.5, 1.65, 1.1, "orange"),
        Box("d16", "×2 et +\n96", 8.4, 2.5, 1.65, 1.1, "orange"),
        Box("d8", "×2 et +\n96", 6.3, 2.5, 1.65, 1.1, "orange"),
        Box("d4", "×2 et +\n96", 4.2, 2.5, 1.65, 1.1, "orange"),
        Box("d2", "×2 et +\n32", 2.1, 2.5, 1.65, 1.1, "orange"),
        Box("logits", "8 logits\nbilinéaire", 0.0, 2.5, 1.65, 1.1, "green"),
        Box("mask", "argmax,\nconfiance", 0.0, 4.0, 1.65, 0.95, "green"),
    ),
    (
        ("image", "e2"), ("e2", "e4"), ("e4", "e8"), ("e8", "e16"), ("e16", "e32"),
        ("e32", "d32"), ("e16", "d16"), ("e8", "d8"), ("e4", "d4"), ("e2", "d2"),
        ("d32", "d16"), ("d16", "d8"), ("d8", "d4"), ("d4", "d2"), ("d2", "logits"),
        ("logits", "mask"),
    ),
)  # fmt: skip
"""EfficientNet-Lite0 (blue) and the feature pyramid (orange): training/models/heads/fpn.py."""

DEPLOYMENT = Diagram(
    "deployment", 12.2, 5.0,
    (
        Box("client", "système\nde décision", 0.0, 0.2, 2.3, 1.1, "grey"),
        Box("visitor", "navigateur", 0.0, 2.0, 2.3, 0.9, "grey"),
        Box("trainer", "entraînement", 0.0, 3.7, 2.3, 0.9, "grey"),
        Box("explorer", "explorateur\n(App Service)", 3.4, 1.95, 2.5, 1.0, "orange"),
        Box("api", "Azure Functions\nFlex Consumption\nONNX, 8 bits", 7.0, 0.1, 2.6, 1.5, "blue"),
        Box("models", "Blob : modèles,\nversions figées", 5.2, 3.6, 3.0, 1.1, "green"),
        Box("scenes", "Blob : scènes,\nmasques gardés", 9.0, 3.6, 3.2, 1.1, "green"),
        Box("logs", "journaux,\nalertes", 10.3, 0.1, 1.9, 1.1, "orange"),
        Box("queue", "file :\nlots", 10.3, 1.7, 1.9, 1.1, "green"),
    ),
    (
        ("client", "api"), ("visitor", "explorer"), ("explorer", "api"), ("trainer", "models"),
        ("api", "models"), ("api", "scenes"), ("api", "logs"),
        ("api", "queue"),
    ),
)  # fmt: skip
"""docs/deployment.md, what matters to a caller."""

LIFECYCLE = Diagram(
    "lifecycle", 12.2, 2.9,
    (
        Box("train", "Keras\nentraîner", 0.0, 0.0, 1.75, 1.1, "blue"),
        Box("export", "ONNX\nparité", 2.1, 0.0, 1.75, 1.1, "blue"),
        Box("evaluate", "évaluer\nofficiel", 4.2, 0.0, 1.75, 1.1, "blue"),
        Box("quantize", "8 bits\nperte bornée", 6.3, 0.0, 1.9, 1.1, "blue"),
        Box("publish", "publier\nsha256", 8.55, 0.0, 1.55, 1.1, "green"),
        Box("swap", "échange\nà chaud", 10.45, 0.0, 1.75, 1.1, "green"),
        Box("back", "retour arrière : déplacer le pointeur", 6.3, 1.9, 5.9, 0.8, "orange"),
    ),
    (
        ("train", "export"), ("export", "evaluate"), ("evaluate", "quantize"),
        ("quantize", "publish"), ("publish", "swap"), ("swap", "back"),
    ),
)  # fmt: skip
"""A model's way."""

DIAGRAMS = (ARCHITECTURE, DEPLOYMENT, LIFECYCLE)


def draw_diagrams(medium: Medium) -> None:
    """Draw every diagram for paper."""
    for diagram in DIAGRAMS:
        medium.save(draw(diagram, medium), diagram.name)


def draw(diagram: Diagram, medium: Medium) -> Figure:
    """Draw one at the medium's width."""
    scale = medium.width / diagram.width
    figure = Figure(figsize=(medium.width, diagram.height * scale))
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_xlim(-0.05, diagram.width + 0.05)
    axes.set_ylim(diagram.height + 0.05, -0.05)
    axes.axis("off")
    for box in diagram.boxes:
        axes.add_patch(FancyBboxPatch(
            (box.x, box.y), box.width, box.height, boxstyle="round,pad=0,rounding_size=0.1",
            facecolor=FILLS[box.fill], edgecolor=MUTED, linewidth=medium.line / 2,
        ))  # fmt: skip
        axes.text(box.x + box.width / 2, box.y + box.height / 2, box.text, ha="center",
                  va="center", fontsize=medium.font, color=INK)  # fmt: skip
    for start, end in diagram.arrows:
        one, other = diagram.box(start), diagram.box(end)
        axes.add_patch(FancyArrowPatch(
            one.side(other)[1:], other.side(one)[1:], arrowstyle="-|>", shrinkA=0, shrinkB=0,
            mutation_scale=medium.font, color=INK, linewidth=medium.line,
        ))  # fmt: skip
    return figure
