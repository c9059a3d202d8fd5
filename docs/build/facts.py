"""Every number of note and slides as French text, from results/, models/ and published.json.

Scores are in points (IoU times 100), times in milliseconds of the measuring machine.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

from docs.build import french
from docs.build.french import NARROW, category_names, fr, percent
from docs.build.learning import learning
from docs.build.recipe import recipe
from docs.build.served import model, packages
from docs.build.study import comparison
from function_app.vision.categories import CATEGORIES, LABELS

Facts = dict[str, Any]

PUBLISHED = Path("docs/build/published.json")
JPEG = "2048x1024 JPEG"
SOURCES = (Path("docs/build"), Path("docs/note"), Path("docs/slides"))
MADE = {"note.pdf", "slides.pptx"}
SCREENSHOT = Path("docs/images/explorer_fr.png")


def collect(results: Path) -> Facts:
    """Gather the facts: nested dictionaries of strings, and lists of lists for tables.

    Args:
        results: folder of measured results; everything else is read below the working folder,
            which is the repository's root.

    Raises:
        StudyError: the study is not there or not finished.
        FactsError: a bundled package is not evaluated.
    """
    return {
        "reference": reference(),
        "model": model(results),
        "learning": learning(results),
        "study": comparison(results),
        "recipe": recipe(results),
        "service": service(results),
    }


def stamp(facts: Facts, results: Path) -> str:
    """Digest what note and slides are made from; both carry it among their keywords."""
    digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode())
    files = [package / "manifest.json" for package in packages()]
    files += [SCREENSHOT, *(results / "evaluation").glob("*.json")]
    for folder in (results / "study", *SOURCES):
        files += [p for p in folder.rglob("*.*") if p.suffix != ".pyc" and p.name not in MADE]
    for path in sorted(files):
        digest.update(f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return "inputs-sha256-" + digest.hexdigest()


def reference() -> dict[str, Any]:
    """Return categories, data sets, literature and next steps."""
    published = json.loads(PUBLISHED.read_text())
    city, networks = published["cityscapes"], published["networks"]
    by_name = {row["name"]: row for row in networks}
    low, full = (by_name[name]["category"] for name in
                 ("Fast-SCNN, entrée 512×256", "Fast-SCNN"))  # fmt: skip
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
            "lost_thin": city["lost_thin"],
            "full_size": city["full_size"],
            **{key: fr(city[key], 0)
               for key in ("train", "val", "test", "labels", "copy_val", "kept_apart")},
        },
        "networks": [
            {"name": row["name"], "key": row["key"], "brought": row["brought"],
             "class": _score(row["class"]), "category": _score(row["category"])}
            for row in networks
        ],
        "recent": [
            {"name": row["name"], "key": row["key"], "why": row["why"],
             "brought": row["brought"], "class": _score(row["class"]),
             "parameters": f"{row['parameters']:g}{NARROW}M".replace(".", ",")
             if row["parameters"] else "—"}
            for row in published["recent"]
        ],
        "low_resolution": fr(low),
        "full_resolution": fr(full),
        "next": published["next"],
    }  # fmt: skip


def _labels(category: str, *, evaluated: bool) -> list[str]:
    return [
        label.name
        for label in LABELS
        if label.category == category and label.evaluated == evaluated
    ]


def _score(value: float | None) -> str:
    return "—" if value is None else fr(value)


def service(results: Path) -> dict[str, Any]:
    """Return the facts of the running service."""
    cold, load, cost, time, fuzz, stored = (
        json.loads((results / f"{name}.json").read_bytes())
        for name in ("cold_start", "load", "cost", "service_time", "fuzz", "batches")
    )
    batches, crowd = stored["runs"], load["throughput"][JPEG]
    return {
        "model": time["packages"]["served"],
        "times": [_time(row) for row in time["rows"]],
        "compute": next(_time(row)[1] for row in time["rows"] if row["photo"] == JPEG),
        "alone": fr(crowd["milliseconds"]["alone_p50"], 0),
        "clients": fr(load["clients"], 0),
        "crowd": fr(crowd["per_second"]["crowd"], 0),
        "p50": fr(crowd["milliseconds"]["p50"], 0),
        "p99": fr(crowd["milliseconds"]["p99"], 0),
        "memory": fr(load["memory"]["peak_mb"], 0),
        "cold": fr(cold["cpu_seconds"], 2),
        "cost": _cost(cost),
        "fuzz": {"count": fr(fuzz["count"], 0), "bad": fr(len(fuzz["bad"]), 0)},
        "batches": {
            "scenes": fr(batches["scenes"], 0),
            "workers": fr(max(row["workers"] for row in batches["rows"]), 0),
            "kills": fr(batches["killed"]["kills"], 0),
            "equal": fr(min(r["same_masks"] for r in (*batches["rows"], batches["killed"])), 0),
        },
        "cores": fr(load["machine"]["cores"], 0),
    }


def _time(row: dict[str, Any]) -> list[str]:
    own = row["milliseconds"]["served"]
    return [
        french.PHOTOS[row["photo"]],
        fr(sum(own.values()), 0),
        *(fr(own[stage]) for stage in ("decode", "infer", "encode")),
        fr(row["over_floor"], 2),
        fr(row["over_stock"], 2),
    ]


def _cost(cost: dict[str, Any]) -> dict[str, Any]:
    months = cost["months"]
    served = next(row for row in cost["rows"] if row["megabytes"] == months["megabytes"])
    as_of = cost["prices"]["as_of_all"]
    return {
        "months": [fr(count, 0) for count in months["predictions"]],
        "lines": [
            [french.BILL[line], *(_range(*values) for values in months["lines"][line])]
            for line in french.BILL
        ],
        "thousand": f"{fr(served['steady'], 4)} à {fr(served['sparse'], 4)}",
        "as_of": f"{french.date(as_of[0])} au {french.date(as_of[-1])}",
        "region": cost["prices"]["region"],
        "megabytes": fr(months["megabytes"], 0),
    }


def _range(low: float, high: float) -> str:
    digits = 0 if high >= 100 else 2
    text = fr(low, digits)
    return text if fr(high, digits) == text else f"{text} à {fr(high, digits)}"
