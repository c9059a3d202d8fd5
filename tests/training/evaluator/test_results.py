"""The file of results, and what of it goes into the manifest."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from function_app.vision.model_package import Manifest, ModelRef
from tests.training.evaluator.reading import reading_model, write_reading_package
from training.data import DataError
from training.evaluator import load_package, record, store
from training.evaluator.results import SECTIONS, read_results, results_path

MANIFEST = Manifest(ModelRef("reading", "0.0.1"), "ab" * 32, 32, 64, "now", "none")


def row(data: str, value: float, split: str = "val", **more: object) -> dict[str, object]:
    return {"data": data, "split": split, "mean_iou": value, **more}


def test_scored_sets_are_replaced_and_others_kept(tmp_path: Path) -> None:
    path = tmp_path / "results" / "r.json"
    store(path, MANIFEST, scores=[row("a", 0.1), row("a", 0.2)], worst=[row("a", 0.3)])
    store(path, MANIFEST, scores=[row("b", 0.4), row("b", 0.5)])
    store(path, MANIFEST, scores=[row("a", 0.6, split="test")])
    results = store(path, MANIFEST, scores=[row("a", 0.7), row("a", 0.8)], robustness=[row("b", 1)])
    assert [r["mean_iou"] for r in results["scores"]] == [0.7, 0.8, 0.4, 0.5, 0.6]
    assert [r["mean_iou"] for r in results["worst"]] == [0.3]
    assert [r["mean_iou"] for r in results["robustness"]] == [1]
    assert json.loads(path.read_text()) == results == read_results(path, MANIFEST)
    assert results.keys() == {"model", "sha256", "protocols", *SECTIONS}
    assert results["model"] == "reading:0.0.1"


def test_scores_of_another_model_file_do_not_stay(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    store(path, MANIFEST, scores=[row("a", 0.1)])
    rebuilt = replace(MANIFEST, sha256="cd" * 32)
    results = store(path, rebuilt, scores=[row("b", 0.2)])
    assert [r["data"] for r in results["scores"]] == ["b"]
    assert results["sha256"] == rebuilt.sha256


@pytest.mark.parametrize("text", ["[]", "{}", "no JSON", '{"sha256": "' + "ab" * 32 + '"}'])
def test_a_file_that_is_none_is_not_overwritten(tmp_path: Path, text: str) -> None:
    path = tmp_path / "r.json"
    path.write_text(text)
    with pytest.raises(DataError, match=r"r\.json holds no results"):
        store(path, MANIFEST, scores=[row("a", 0.1)])
    assert path.read_text() == text


def test_the_manifest_gets_scores_and_curves_but_no_matrix(tmp_path: Path) -> None:
    folder = write_reading_package(tmp_path, reading_model())
    manifest = load_package(folder).manifest
    scores = [
        row("a", 0.8, protocol="official", confusion_matrix=[[1]]),
        row("a", 0.7, protocol="with_void", confusion_matrix=[[1]]),
        row("b", 0.6, protocol="official", confusion_matrix=[[1]]),
    ]
    curves = [
        row("a", value, kind=kind, strength=strength, photos=4)
        for kind, strength, value in (("fog", 2, 0.4), ("clean", 0, 0.9), ("fog", 1, 0.5))
    ]
    worst = [row("a", 0.1, id="street-7")]
    path = results_path(tmp_path, manifest)
    results = store(path, manifest, scores=scores, robustness=curves, worst=worst)
    text = record(folder, results).read_text()
    assert load_package(folder).manifest.metrics == (
        row("a", 0.8, protocol="official",
            robustness={"photos": 4, "clean": 0.9, "fog": [0.5, 0.4]}),
        row("a", 0.7, protocol="with_void"),
        row("b", 0.6, protocol="official"),
    )  # fmt: skip
    assert "confusion_matrix" not in text
    assert "street-7" not in text
    assert path == tmp_path / "reading-0.0.1.json"
