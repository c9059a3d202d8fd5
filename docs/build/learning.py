"""How the served model and the study were trained, as French text."""

import ast
import json
import textwrap
from pathlib import Path
from typing import Any

import yaml

from docs.build import french
from docs.build.french import fr, percent, points, scientific, trimmed
from docs.build.served import read_manifest, served_package

STUDY = Path("results/study/study.yaml")
"""The configuration of the runs that results/study sums up; training/configs/study.yaml is that of
the next ones."""


def learning(results: Path) -> dict[str, Any]:
    """Return how the served model was trained and exported, and the study's budget."""
    lineage = read_manifest(served_package())["lineage"]
    config, run = lineage["config"], lineage["training"]
    before = run.get("started_from")
    views = run["epochs"] * config["photos_per_epoch"]
    total = sum(row["share"] for row in config["train"])
    return {
        **_schedule(config),
        "views": fr(views, 0),
        "epochs": fr(run["epochs"], 0),
        "minutes": fr(run["minutes"], 0),
        "per_second": fr(views / run["minutes"] / 60),
        "before": _before(before),
        "shares": ", ".join(
            f"{french.DATA[row['path']]} {percent(row['share'] / total, 0)}"
            for row in config["train"]
        ),
        "photos_parity": fr(lineage["parity"]["photos"], 0),
        "agreement": percent(lineage["parity"]["agreement"], 2),
        "calibration": fr(lineage.get("quantization", {}).get("calibration_photos", 0), 0),
        "shapes": _shapes(results),
        "curves_of": curves(results)["run"],
        "generator": _generator(results),
        "budget": _budget(yaml.safe_load(STUDY.read_text())),
    }


def _before(started_from: Any) -> str:
    if isinstance(started_from, dict):
        if "model" in started_from:
            return f"les poids d’une version précédente, retirée depuis ({started_from['model']})"
        epochs = fr(started_from["epochs"], 0)
        return f"{epochs} époques d’une première version"
    return "des poids appris sur ImageNet"


def curves(results: Path) -> dict[str, Any]:
    """Return the stored row of the served model's run, or of the newest run that has one."""
    run = read_manifest(served_package())["lineage"]["training"]["run"]
    path = results / "training" / f"{run}.json"
    if not path.exists():
        path = max((results / "training").glob("*.json"))
    row: dict[str, Any] = json.loads(path.read_bytes())
    return row


def _schedule(config: dict[str, Any]) -> dict[str, Any]:
    return {
        "crop": "×".join(str(side) for side in reversed(config["crop_size"])),
        "batch": fr(config["batch_size"], 0),
        "rate": scientific(config["learning_rate"]),
        "decay": scientific(config["weight_decay"]),
        "warmup": fr(config["warmup_steps"], 0),
        "decay_epochs": fr(config.get("decay_epochs") or config["epochs"], 0),
        "loss": {name: trimmed(weight) for name, weight in config["loss"].items()},
        "weights": {name: trimmed(weight) for name, weight in config["category_weights"].items()},
    }


def _budget(config: dict[str, Any]) -> dict[str, Any]:
    views = config["photos_per_epoch"] * config["epochs"]
    return {
        **_schedule(config),
        "input": "×".join(str(side) for side in reversed(config["input_size"])),
        "views": fr(views, 0),
        "steps": fr(views / config["batch_size"], 0),
        "every": fr(config["train"][0]["every"], 0),
    }


def _shapes(results: Path) -> dict[str, Any]:
    """How a photo meets the input: policy, inputs, time, official IoU by data set."""
    document = json.loads((results / "input_shape.json").read_bytes())
    rows = document["rows"]
    return {
        "run": document["run"],
        "sets": [french.DATA[name] for name in rows[0]["category_iou"]],
        "rows": [
            [french.SHAPES[row["policy"]], french.size(", ".join(row["inputs"])),
             fr(row["time"], 2), *(points(value) for value in row["category_iou"].values())]
            for row in rows
        ],
    }  # fmt: skip


def _generator(results: Path) -> dict[str, Any]:
    """What the data generator delivers, by number of loading threads."""
    measured = json.loads((results / "generator.json").read_bytes())
    return {
        "rows": [
            [fr(row["workers"], 0), fr(row["views_per_second"], 1), fr(row["memory_mb"], 0)]
            for row in measured["rows"]
        ],
        "best": fr(max(row["views_per_second"] for row in measured["rows"]), 0),
        "memory": fr(max(row["memory_mb"] for row in measured["rows"]), 0),
        "view": french.size(measured["view"]),
        "scenes": fr(measured["scenes"], 0),
        "load": fr(measured["load"], 0),
        "code": _source("__getitem__"),
    }


def _source(method: str) -> str:
    """Return the lines of a method of the data generator, as they are."""
    text = Path("training/data/generator.py").read_text()
    (found,) = (
        node for part in ast.parse(text).body
        if isinstance(part, ast.ClassDef) and part.name == "TrainingBatches"
        for node in part.body if isinstance(node, ast.FunctionDef) and node.name == method
    )  # fmt: skip
    lines = text.splitlines()[found.lineno - 1 : found.end_lineno]
    return textwrap.dedent("\n".join(lines)).replace("  # fmt: skip", "")
