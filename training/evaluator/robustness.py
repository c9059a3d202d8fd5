"""Scores under noise, blur, night and fog, in the manner of ImageNet-C.

Hendrycks and Dietterich: Benchmarking neural network robustness to common corruptions and
perturbations, ICLR 2019.
"""

import zlib
from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from function_app.vision.evaluation import OFFICIAL, confusion_matrix, score
from function_app.vision.photo import fit
from function_app.vision.segmenter import Segmenter
from training.data import Scene
from training.data.classes import SCORED_CATEGORY
from training.data.corruptions import KINDS, STRENGTHS, corrupt
from training.evaluator.results import Rows

CLEAN = ("clean", 0)


def evaluate_robustness(
    segmenter: Segmenter,
    scenes: Sequence[Scene],
    clean: NDArray[np.int64],
    data: str,
    split: str,
) -> Rows:
    """Score scenes under every kind and strength of corruption, by the official protocol.

    A scene is always corrupted with the same seed, so that two models meet the same photos.

    Args:
        segmenter: the model.
        scenes: all of a set, or a part of it: each takes as long as a dozen clean ones.
        clean: the official confusion matrix of the same scenes, (8, 8); the row of strength 0.
        data: name of the data set.
        split: its split.

    Returns:
        Rows of data, split, protocol, photos, kind, strength, mean_iou, iou by category; first
        ("clean", 0), then each of KINDS at each of STRENGTHS.
    """
    matrices = {CLEAN: clean}
    corruptions = [(kind, strength) for kind in KINDS for strength in STRENGTHS]
    title = f"{data} {split}, corrupted"
    with tqdm(total=len(scenes) * len(corruptions), desc=title, unit="photo") as bar:
        for scene in scenes:
            photo, labels = scene.load()
            truth = SCORED_CATEGORY[labels]
            seed = zlib.crc32(scene.id.encode())
            for kind, strength in corruptions:
                fitted = fit(corrupt(photo, kind, strength, seed), *segmenter.manifest.input)
                fitted = fitted._replace(size=labels.shape)
                matrix = confusion_matrix(truth, segmenter.segment_fitted(fitted, void=False).mask)
                matrices[kind, strength] = matrices.get((kind, strength), 0) + matrix
                bar.update()
    return [
        {
            "data": data,
            "split": split,
            "protocol": "official",
            "photos": len(scenes),
            "kind": kind,
            "strength": strength,
            **asdict(score(matrix, OFFICIAL)),
        }
        for (kind, strength), matrix in matrices.items()
    ]
