"""Scores of a data set, whole and photo by photo, at the resolution of its labels."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from statistics import fmean, median
from typing import Any, NamedTuple

import numpy as np
import onnxruntime as ort
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from tqdm import tqdm

from function_app.vision.categories import IGNORE
from function_app.vision.evaluation import ALL, OFFICIAL, confusion_matrix, score
from function_app.vision.model_package import Manifest
from function_app.vision.photo import fit
from function_app.vision.segmenter import Segmenter
from training.data import DataError, Scene
from training.data.classes import SCORED_CATEGORY, SHOWN_CATEGORY
from training.evaluator.calibration import count_by_confidence
from training.evaluator.results import Rows
from training.lineage import machine

CATEGORIES_OF = {"official": OFFICIAL, "with_void": ALL}
"""Protocol -> the categories it scores."""

WIDTHS = (3, 10)
"""Pixels of the labels to either side of an outline: near it masks differ most."""

RESAMPLES, INTERVAL = 1000, (2.5, 97.5)
"""Of the bootstrap over photos, and the percentiles it gives."""

PRESENT = 0.001
"""Share of a photo's evaluated pixels from which a category counts as present in it: below, the
list of the worst photos shows crumbs of labels, not failures of the model."""


class PhotoResult(NamedTuple):
    """What is kept of one photo: little enough to keep of every photo of a set.

    Attributes:
        id: of the scene.
        labels: size of its labels, as width x height.
        matrices: protocol, or "outlines_" and a width in pixels -> (8, 8) int64 confusion matrix.
        pixels: of its labels.
        confidence: mean over the pixels of the winner's softmax, 0.0 to 1.0.
        by_confidence: counts of `training.evaluator.calibration`.
        seconds: wall time from the decoded photo to a mask of its size and the confidence.
    """

    id: str
    labels: str
    matrices: dict[str, NDArray[np.int64]]
    pixels: int
    confidence: float
    by_confidence: NDArray[np.int64]
    seconds: float


def near_outlines(truth: NDArray[np.uint8], width: int) -> NDArray[np.bool_]:
    """Find the band around the outlines of categories.

    The trimap of Kohli et al. (IJCV 2009), which DeepLab (Chen et al., 2017) scores too.

    Args:
        truth: category ids (h, w); IGNORE has no outline of its own.
        width: of the band to either side, in rows and columns.

    Returns:
        (h, w): whether a pixel of another known category is at most so far away.
    """
    band = np.zeros(truth.shape, bool)
    for ids, marks in ((truth, band), (truth.T, band.T)):  # rows, then columns
        edge = (ids[:-1] != ids[1:]) & (ids[:-1] != IGNORE) & (ids[1:] != IGNORE)
        marks[:-1] |= edge
        marks[1:] |= edge
    reach = width - 1
    for _ in range(2):  # a square is widened by its rows and by its columns
        padded = np.pad(band.T, ((0, 0), (reach, reach)))
        band = sliding_window_view(padded, 2 * reach + 1, axis=1).max(axis=-1)
    return band


def measure(segmenter: Segmenter, scenes: Sequence[Scene], title: str) -> Iterator[PhotoResult]:
    """Run the model over the scenes, one in memory at a time, with a progress bar.

    Raises:
        DataError: a scene's photo and labels do not belong together.
    """
    manifest = segmenter.manifest
    for scene in tqdm(scenes, desc=title, unit="photo"):
        photo, labels = scene.load()
        started = time.perf_counter()
        fitted = fit(photo, *manifest.input)._replace(size=labels.shape)
        found = segmenter.segment_fitted(fitted, confidence=True)
        seconds = time.perf_counter() - started
        without_void = segmenter.segment_fitted(fitted, void=False).mask
        assert found.confidence is not None  # noqa: S101 - it was asked for
        evaluated, shown = SCORED_CATEGORY[labels], SHOWN_CATEGORY[labels]
        matrices = {
            "official": confusion_matrix(evaluated, without_void),
            "with_void": confusion_matrix(shown, found.mask),
        }
        for width in WIDTHS:
            near = near_outlines(shown, width)
            matrices[f"outlines_{width}"] = confusion_matrix(evaluated[near], without_void[near])
        size = f"{labels.shape[1]}x{labels.shape[0]}"
        yield PhotoResult(
            scene.id, size, matrices, labels.size,
            confidence=found.mean_confidence,
            by_confidence=count_by_confidence(evaluated, found.mask, found.confidence),
            seconds=seconds,
        )  # fmt: skip


def evaluate(segmenter: Segmenter, scenes: Iterable[Scene], data: str, split: str) -> Rows:
    """Score scenes; the rows of `score_rows`."""
    results = list(measure(segmenter, list(scenes), f"{data} {split}"))
    return score_rows(results, segmenter.manifest, data, split)


def score_rows(results: list[PhotoResult], manifest: Manifest, data: str, split: str) -> Rows:
    """Add the photos up, one confusion matrix for all.

    Returns:
        One row for each protocol, official first: data, split, protocol, photos, resolution
        of input and labels, counted (share of the pixels), mean_iou, iou by category, confusion
        matrix (true, predicted). The official row has two more: interval (of mean_iou, 95 %,
        by bootstrap over the photos) and outlines (width in pixels -> mean_iou and iou by
        category of the pixels that near an outline).

    Raises:
        DataError: no photo has an evaluated pixel.
    """
    if not total(results, "official").any():
        raise DataError(
            f"{data} {split}: the labels of {len(results)} photos hold nothing but void and "
            "ignored ones; is it the right reader?"
        )
    sizes = {result.labels for result in results}
    labels = next(iter(sizes)) if len(sizes) == 1 else f"{len(sizes)} sizes"
    rows = []
    for protocol, categories in CATEGORIES_OF.items():
        matrix = total(results, protocol)
        rows.append({
            "data": data,
            "split": split,
            "protocol": protocol,
            "photos": len(results),
            "input": f"{manifest.width}x{manifest.height}",
            "labels": labels,
            "counted": int(matrix.sum()) / sum(result.pixels for result in results),
            **asdict(score(matrix, categories)),
            "confusion_matrix": matrix.tolist(),
        })  # fmt: skip
    rows[0]["interval"] = _interval(results)
    rows[0]["outlines"] = {
        str(width): asdict(score(total(results, f"outlines_{width}"), OFFICIAL)) for width in WIDTHS
    }
    return rows


def _interval(results: list[PhotoResult]) -> list[float]:
    """How far the official mean IoU would be from another draw of as many photos.

    Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13: percentiles of the
    score over photos drawn with replacement.
    """
    matrices = np.stack([result.matrices["official"] for result in results])
    drawn = np.random.default_rng(0).integers(len(results), size=(RESAMPLES, len(results)))
    means = [score(matrices[photos].sum(0), OFFICIAL).mean_iou or 0.0 for photos in drawn]
    return [float(value) for value in np.percentile(means, INTERVAL)]


def run_row(results: list[PhotoResult], threads: int, data: str, split: str) -> dict[str, Any]:
    """Say how a set was measured.

    Returns:
        data, split, date (ISO 8601 UTC), machine, version of ONNX Runtime, threads,
        seconds_per_photo (median: fit, network, mask and confidence resized back; no file is
        read in it), confidence (mean over the set, 0.0 to 1.0).
    """
    return {
        "data": data,
        "split": split,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "onnxruntime": ort.__version__,
        "threads": threads,
        "seconds_per_photo": round(median(result.seconds for result in results), 5),
        "confidence": fmean(result.confidence for result in results),
    }


def total(results: Iterable[PhotoResult], protocol: str) -> NDArray[np.int64]:
    """Sum of the photos' confusion matrices, (8, 8) int64."""
    return sum((r.matrices[protocol] for r in results), np.zeros((8, 8), np.int64))


def worst_photos(results: Iterable[PhotoResult], data: str, split: str, count: int = 20) -> Rows:
    """List the photos with the lowest official scores, worst first.

    A photo's score is the mean over the categories present in its truth. A category that is only
    predicted has cost another one its pixels already; as a zero in the mean it would count twice.

    Returns:
        Rows of data, split, id, mean_iou, iou by category present, worst_category, confidence;
        photos without an evaluated pixel have no score and are not among them.
    """
    rows = []
    for result in results:
        matrix = result.matrices["official"]
        shares = matrix.sum(1) / max(1, matrix.sum())
        scores = score(matrix, tuple(c for c in OFFICIAL if shares[c] >= PRESENT))
        if scores.mean_iou is None:
            continue
        iou = {name: value for name, value in scores.iou.items() if value is not None}
        rows.append({
            "data": data,
            "split": split,
            "id": result.id,
            **asdict(scores),
            "worst_category": min(iou, key=lambda name: iou[name]),
            "confidence": result.confidence,
        })  # fmt: skip
    return sorted(rows, key=lambda row: (row["mean_iou"], row["id"]))[:count]
