"""Scores of several scenes as one: confusion matrices are added, IoUs never averaged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from future_vision import ApiError, Category

Matrix = Sequence[Sequence[int]]
"""Pixels by true category (rows) and predicted one (columns), in order of the ids."""

IoU = Mapping[str, float | None]
"""By category name, 0.0 to 1.0; None where neither masks nor truths have the category."""


class SceneScore(NamedTuple):
    """What a model scores on one scene, by the official protocol.

    `mean` (0.0 to 1.0) and `weakest`, the name and IoU of the worst category, are None where
    nothing of the scene is evaluated.
    """

    id: str
    mean: float | None
    weakest: tuple[str, float] | None


@dataclass
class Evaluation:
    """A model's official scores on some scenes, as far as they are known.

    Args:
        model: name:version.
        ids: of all scenes that it is about.
    """

    model: str
    ids: Sequence[str]
    confusion: list[list[int]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    scored: dict[str, SceneScore] = field(default_factory=dict)
    refused: dict[str, ApiError] = field(default_factory=dict)
    """Why the API will never score a scene, by its id."""

    def add(self, id: str, document: Mapping[str, Any]) -> None:
        """Take in what the API answered for a scene (`Client.evaluation`)."""
        official = document["official"]
        known = {name: value for name, value in official["iou"].items() if value is not None}
        weakest = min(known.items(), key=lambda row: row[1], default=None)
        self.scored[id] = SceneScore(id, official["mean_iou"], weakest)
        self.names |= set(official["iou"])
        self.confusion = added(self.confusion, official["confusion"])

    def left(self) -> list[str]:
        """Return the ids that are still to be asked for."""
        return [id for id in self.ids if id not in self.scored and id not in self.refused]

    def worst_first(self) -> list[SceneScore]:
        """Return the scored scenes by their mean; those without one are last."""
        return sorted(
            self.scored.values(), key=lambda row: (row.mean is None, row.mean or 0, row.id)
        )

    def iou(self, categories: Sequence[Category]) -> IoU:
        """Return the IoU of the categories that the protocol counts, over all scenes."""
        return iou(self.confusion, [row.name for row in categories], self.names)


def added(one: Matrix, other: Matrix) -> list[list[int]]:
    """Add two matrices of the same shape; an empty one counts as zeros."""
    if not one:
        return [list(row) for row in other]
    return [
        [a + b for a, b in zip(*rows, strict=True)] for rows in zip(one, other, strict=True)
    ]  # fmt: skip


def iou(matrix: Matrix, names: Sequence[str], wanted: set[str]) -> IoU:
    """Score a confusion matrix: TP / (TP + FP + FN) of each category in `wanted`.

    That is the formula of Cityscapes (evalPixelLevelSemanticLabeling.py of cityscapesScripts); the
    matrix of its official protocol already lacks the pixels that do not count.

    Args:
        matrix: of the categories in `names`, in that order; empty gives None for all.
        names: of rows and columns.
        wanted: those to score.
    """
    found: dict[str, float | None] = {}
    for place, name in enumerate(names):
        if name not in wanted:
            continue
        hits = matrix[place][place] if matrix else 0
        union = sum(matrix[place]) + sum(row[place] for row in matrix) - hits if matrix else 0
        found[name] = hits / union if union else None
    return found


def mean(iou: IoU) -> float | None:
    """Return the mean over the categories that have an IoU, None where none has."""
    known = [value for value in iou.values() if value is not None]
    return sum(known) / len(known) if known else None
