"""Plots are drawn, named and not blank."""

from pathlib import Path

import numpy as np
from PIL import Image

from function_app.vision.categories import CATEGORIES
from function_app.vision.segmenter import Segmenter
from tests.training.evaluator.reading import scenes_of
from training.evaluator import store
from training.evaluator.plots import LINES, draw_plots
from training.evaluator.robustness import evaluate_robustness
from training.evaluator.scoring import measure, score_rows, total


def shown(path: Path) -> set[tuple[int, ...]]:
    with Image.open(path) as image:
        pixels = np.asarray(image.convert("RGB")).reshape(-1, 3)
    return {tuple(int(v) for v in color) for color in np.unique(pixels, axis=0)}


def test_plots_of_what_was_measured(segmenter: Segmenter, data_root: Path, tmp_path: Path) -> None:
    manifest = segmenter.manifest
    for data in ("near", "far"):
        scenes = scenes_of(data_root / data)
        photos = list(measure(segmenter, scenes, data))
        scores = score_rows(photos, manifest, data, "val")
        results = store(tmp_path / "r.json", manifest, scores=scores)
    without = draw_plots(results, tmp_path / "without")
    assert "robustness.png" not in {path.name for path in without}
    curves = evaluate_robustness(segmenter, scenes, total(photos, "official"), "far", "val")
    results = store(tmp_path / "r.json", manifest, robustness=curves)
    paths = draw_plots(results, tmp_path / "plots")
    assert sorted(path.name for path in paths) == sorted([
        "categories.png", "robustness.png",
        *(f"confusion-{data}-val-{protocol}.png"
          for data in ("near", "far") for protocol in ("official", "with_void")),
    ])  # fmt: skip
    assert all(len(shown(path)) > 50 for path in paths), "blank"
    by_name = {path.name: shown(path) for path in paths}
    vehicle, sky = (next(c.color for c in CATEGORIES if c.name == n) for n in ("vehicle", "sky"))
    assert vehicle in by_name["categories.png"]
    assert sky not in by_name["categories.png"], "a category that is not in the set has no bar"
    for color, _ in LINES:
        assert tuple(bytes.fromhex(color[1:])) in by_name["robustness.png"]
