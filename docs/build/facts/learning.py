"""How the served weights were learned, and the budget of the study's runs."""

import json
from pathlib import Path
from typing import Any

import yaml

from docs.build import words
from docs.build.numbers import fr, percent

MANIFEST = Path("models/lite0-fpn-int8/0.3.0/manifest.json")
STUDY = Path("training/configs/study.yaml")


def learning(results: Path) -> dict[str, Any]:
    """Return the configuration of the served model and of the study, in words."""
    lineage = json.loads(MANIFEST.read_text())["lineage"]
    config, run = lineage["config"], lineage["training"]
    before = run["started_from"]
    views = run["epochs"] * config["photos_per_epoch"]
    return {
        **_schedule(config),
        "views": fr(views, 0),
        "epochs": fr(run["epochs"], 0),
        "best_epoch": fr(run["best_epoch"], 0),
        "minutes": fr(run["minutes"], 0),
        "epochs_before": fr(before["epochs"], 0),
        "minutes_before": fr(before["minutes"], 0),
        "shares": ", ".join(
            f"{words.DATA[row['path']]} {percent(row['share'], 0)}" for row in config["train"]
        ),
        "photos_parity": fr(lineage["parity"]["photos"], 0),
        "agreement": percent(lineage["parity"]["agreement"], 5),
        "calibration_photos": fr(lineage["quantization"]["calibration_photos"], 0),
        "shapes": _shapes(results),
        "budget": _budget(yaml.safe_load(STUDY.read_text())),
    }


def _schedule(config: dict[str, Any]) -> dict[str, Any]:
    return {
        "crop": "×".join(str(side) for side in reversed(config["crop_size"])),
        "batch": fr(config["batch_size"], 0),
        "rate": scientific(config["learning_rate"]),
        "decay": scientific(config["weight_decay"]),
        "warmup": fr(config["warmup_steps"], 0),
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


def _shapes(results: Path) -> list[list[str]]:
    """How a photo meets the input: policy, inputs, time, official IoU by data set."""
    rows = json.loads((results / "input_shape.json").read_bytes())["rows"]
    return [
        [words.SHAPES[row["policy"]], ", ".join(row["inputs"]).replace("x", "×"),
         fr(row["time"], 2), *(fr(value) for value in row["category_iou"].values())]
        for row in rows
    ]  # fmt: skip


def trimmed(value: float) -> str:
    """Write a setting as it was set: no digits beyond those it has."""
    return f"{value:g}".replace(".", ",")


def scientific(value: float) -> str:
    """Write a small setting as mantissa and power of ten."""
    mantissa, exponent = f"{value:e}".split("e")
    power = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{trimmed(float(mantissa))}·10{power}"
