"""Every number that note and slides show, as French text, from results/ and beside it."""

import json
from pathlib import Path
from typing import Any

import yaml

from docs.build import french
from docs.build.french import NARROW, category_names, fr, percent
from docs.build.served import model
from docs.build.study import comparison
from function_app.vision.categories import CATEGORIES, LABELS

Facts = dict[str, Any]


def collect(results: Path) -> Facts:
    """Gather the facts: nested dictionaries of strings, and lists of lists for tables.

    Args:
        results: folder of measured results; everything else is read below the working folder,
            which is the repository's root.

    Raises:
        StudyError: the study is not there or not finished.
    """
    return {
        "reference": reference(),
        "model": model(results),
        "learning": learning(results),
        "study": comparison(results),
        "service": service(results),
    }


PUBLISHED = Path("docs/build/published.json")


def reference() -> dict[str, Any]:
    """Return categories, data sets and literature."""
    published = json.loads(PUBLISHED.read_text())
    city = published["cityscapes"]
    return {
        "categories": [
            {
                "id": str(category.id),
                "name": category.name,
                "fr": category_names()[category.name],
                "color": "#{:02x}{:02x}{:02x}".format(*category.color),
                "labels": ", ".join(_labels(category.name, evaluated=True)),
                "ignored": ", ".join(_labels(category.name, evaluated=False)),
            }
            for category in CATEGORIES
        ],
        "data": [
            [french.DATA[row["name"]],
             *(fr(row[split], 0) if row[split] else "—" for split in ("train", "val")),
             row["size"], row["terms"], row["what"]]
            for row in published["data"]
        ],
        "cityscapes": {
            "ambiguous": percent(city["ambiguous"], 0),
            "right": percent(city["right"], 1),
            "lost_thin": city["lost_thin"],
            "full_size": city["full_size"],
            **{split: fr(city[split], 0) for split in ("train", "val", "test", "labels")},
        },
        "networks": [
            {
                "name": row["name"],
                "key": row["key"],
                "brought": row["brought"],
                "class": _points(row["class"]),
                "category": _points(row["category"]),
            }
            for row in published["networks"]
        ],
        "low_resolution": _points(next(
            row["category"] for row in published["networks"] if "512×256" in row["name"]
        )),
    }  # fmt: skip


def _labels(category: str, *, evaluated: bool) -> list[str]:
    return [
        label.name
        for label in LABELS
        if label.category == category and label.evaluated == evaluated
    ]


def _points(value: float | None) -> str:
    return "—" if value is None else f"{fr(value, 1)}{NARROW}%"


MANIFEST = Path("models/lite0-fpn-int8/0.3.0/manifest.json")
STUDY = Path("results/study/study.yaml")
"""The configuration of the runs that results/study sums up; training/configs/study.yaml is that of
the next ones."""


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
            f"{french.DATA[row['path']]} {percent(row['share'], 0)}" for row in config["train"]
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
        [french.SHAPES[row["policy"]], ", ".join(row["inputs"]).replace("x", "×"),
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


JPEG = "2048x1024 JPEG"
PHOTOS = {"2048x1024 PNG": "PNG 2048×1024", JPEG: "JPEG 2048×1024", "480x360 PNG": "PNG 480×360",
          "480x360 JPEG": "JPEG 480×360"}  # fmt: skip


def service(results: Path) -> dict[str, Any]:
    """Return the facts of the running service; milliseconds are of the measuring machine."""
    cold, load, cost, time = (
        json.loads((results / f"{name}.json").read_bytes())
        for name in ("cold_start", "load", "cost", "service_time")
    )
    fuzz = json.loads((results / "fuzz.json").read_bytes())
    return {
        "times": [_time(row) for row in time["rows"]],
        "jpeg": next(_time(row) for row in time["rows"] if row["photo"] == JPEG)[1],
        "jpeg_of_stock": next(fr(r["over_stock"], 2) for r in time["rows"] if r["photo"] == JPEG),
        "load": [_load(photo, row) for photo, row in load["throughput"].items()],
        "clients": fr(load["clients"], 0),
        "crowd": fr(load["throughput"][JPEG]["per_second"]["crowd"], 0),
        "p50": fr(load["throughput"][JPEG]["milliseconds"]["p50"], 0),
        "p99": fr(load["throughput"][JPEG]["milliseconds"]["p99"], 0),
        "memory": fr(load["memory"]["peak_mb"], 0),
        "memory_clients": fr(load["memory"]["clients"], 0),
        "cold": {
            "seconds": fr(cold["cpu_seconds"], 2),
            "without": fr(cold["cpu_seconds_without_bytecode"], 2),
            "package": fr(cold["package"]["megabytes"], 0),
            "stages": ", ".join(
                f"{french.STAGES[stage]} {fr(value, 2)}" for stage, value in cold["stages"].items()
            ),
        },
        "cost": _cost(cost),
        "fuzz": {"count": fr(fuzz["count"], 0), "bad": fr(len(fuzz["bad"]), 0)},
        "batches": _batches(results),
        "cores": fr(load["machine"]["cores"], 0),
        "architectures": _architectures(results),
    }


def _architectures(results: Path) -> list[list[str]]:
    rows = json.loads((results / "session_time.json").read_bytes())["rows"]
    return [
        [french.ARCHITECTURES[row["architecture"]], f"{fr(row['parameters'] / 1e6, 2)}{NARROW}M",
         fr(row["gmacs"], 2), fr(row["ratio"], 2)]
        for row in rows if "architecture" in row
    ]  # fmt: skip


def _time(row: dict[str, Any]) -> list[str]:
    ms = row["milliseconds"]
    own = ms["served"]
    return [
        PHOTOS[row["photo"]],
        fr(sum(own.values()), 0),
        *(fr(own[stage], 1) for stage in ("decode", "infer", "encode")),
        fr(row["over_floor"], 2),
        fr(row["over_stock"], 2),
    ]


def _load(photo: str, row: dict[str, Any]) -> list[str]:
    per_second, ms = row["per_second"], row["milliseconds"]
    return [
        PHOTOS[photo], fr(per_second["alone"], 0), fr(per_second["crowd"], 0),
        fr(ms["p50"], 0), fr(ms["p99"], 0),
    ]  # fmt: skip


def _cost(cost: dict[str, Any]) -> dict[str, Any]:
    months = cost["months"]
    lines = [
        [french.BILL[line], *(_range(*values) for values in months["lines"][line])]
        for line in french.BILL
    ]
    served = next(row for row in cost["rows"] if row["megabytes"] == months["megabytes"])
    return {
        "months": [fr(count, 0) for count in months["predictions"]],
        "lines": lines,
        "sum": lines[-1][1:],
        "explorer": lines[-2][1],
        "thousand": f"{fr(served['steady'], 4)} à {fr(served['sparse'], 4)}",
        "ready": fr(cost["options"]["one instance always ready, idle"], 0),
        "as_of": f"{cost['prices']['as_of_all'][0]} au {cost['prices']['as_of_all'][-1]}",
        "region": cost["prices"]["region"],
        "megabytes": fr(months["megabytes"], 0),
    }


def _batches(results: Path) -> dict[str, str]:
    measured = json.loads((results / "batches.json").read_bytes())
    runs, plan = measured["runs"], measured["planning"]["rows"][-1]
    return {
        "scenes": fr(runs["scenes"], 0),
        "workers": fr(max(row["workers"] for row in runs["rows"]), 0),
        "kills": fr(runs["killed"]["kills"], 0),
        "equal": fr(min(row["same_masks"] for row in (*runs["rows"], runs["killed"])), 0),
        "planned": fr(plan["photos"], 0),
        "plan_seconds": fr(plan["listed"]["plan_seconds"], 0),
        "plan_mb": fr(plan["listed"]["peak_mb"], 0),
    }


def _range(low: float, high: float) -> str:
    digits = 0 if high >= 100 else 2
    text = fr(low, digits)
    return text if fr(high, digits) == text else f"{text} à {fr(high, digits)}"
