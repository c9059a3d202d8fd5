"""Scores of several scenes as one: confusion matrices are added, IoUs never averaged."""

from collections.abc import Iterable, Mapping, Sequence

Matrix = Sequence[Sequence[int]]
"""Pixels by true category (rows) and predicted one (columns), in order of the ids."""

IoU = Mapping[str, float | None]
"""By category name, 0.0 to 1.0; None where neither masks nor truths have the category."""


def added(matrices: Iterable[Matrix]) -> Matrix:
    """Add matrices of the same shape; no matrix at all gives an empty one."""
    return [[sum(cell) for cell in zip(*rows, strict=True)]
            for rows in zip(*matrices, strict=True)]  # fmt: skip


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
