"""Every score in README.md and models/README.md is the one stored under results/."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import PROJECT

SETS = ("cityscapes_256", "camvid", "kitti")
MANIFESTS = sorted((PROJECT / "models").glob("*/*/manifest.json"))


def row(manifest: dict[str, Any], results: dict[str, Any], time: dict[str, Any]) -> str:
    """The line of one package in models/README.md."""
    cells = [f"`{manifest['name']}:{manifest['version']}`", time["input"]]
    cells += [f"{time['megabytes']:.1f} MB", f"{time['ratio']:.2f}"]
    for data in SETS:
        scores = {r["protocol"]: r["mean_iou"] for r in results["scores"] if r["data"] == data}
        cells.append(f"{scores['official']:.3f} / {scores['with_void']:.3f}")
    return f"| {' | '.join(cells)} |"


def expected_row(path: Path) -> str:
    manifest = json.loads(path.read_text())
    name = f"{manifest['name']}-{manifest['version']}"
    results = json.loads((PROJECT / f"results/evaluation/{name}.json").read_text())
    assert results["sha256"] == manifest["sha256"]
    times = json.loads((PROJECT / "results/session_time.json").read_text())["rows"]
    ref = f"{manifest['name']}:{manifest['version']}"
    return row(manifest, results, next(r for r in times if r.get("package") == ref))


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.parent.parent.name)
def test_scores_and_times_are_the_stored_ones(path: Path) -> None:
    assert expected_row(path) in (PROJECT / "models/README.md").read_text()


def test_the_score_of_the_default_package_is_the_stored_one(package: Path) -> None:
    name = f"{package.parent.name}-{package.name}"
    scores = json.loads((PROJECT / f"results/evaluation/{name}.json").read_text())["scores"]
    (mean,) = [
        row["mean_iou"] for row in scores if (row["data"], row["protocol"]) == (SETS[0], "official")
    ]
    assert f"**{mean:.3f}**" in (PROJECT / "README.md").read_text()


def test_the_networks_costs_are_the_stored_ones() -> None:
    rows = json.loads((PROJECT / "results/session_time.json").read_text())["rows"]
    stored = {row["architecture"]: row for row in rows if "architecture" in row}
    text = (PROJECT / "training" / "README.md").read_text()
    listed = re.findall(r"^\| `(\w+)` \|.* ([\d.]+) M \| ([\d.]+) \| ([\d.]+) \|$", text, re.M)
    assert listed
    for name, parameters, gmacs, time in listed:
        row = stored[name]
        assert parameters == f"{row['parameters'] / 1e6:.2f}"
        assert (gmacs, time) == (f"{row['gmacs']:.2f}", f"{row['ratio']:.2f}")


def test_every_package_is_described() -> None:
    text = (PROJECT / "models" / "README.md").read_text()
    for path in MANIFESTS:
        package = path.parent.relative_to(PROJECT / "models")
        assert f"({package}/MODEL_CARD.md)" in text


def test_the_manifest_carries_the_stored_scores() -> None:
    for path in MANIFESTS:
        manifest = json.loads(path.read_text())
        name = f"{manifest['name']}-{manifest['version']}"
        results = json.loads((PROJECT / f"results/evaluation/{name}.json").read_text())
        carried = [(m["data"], m["protocol"], m["mean_iou"]) for m in manifest["metrics"]]
        assert carried == [(s["data"], s["protocol"], s["mean_iou"]) for s in results["scores"]]
