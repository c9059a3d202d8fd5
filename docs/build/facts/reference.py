"""Categories, data sets and what others published."""

import json
from pathlib import Path
from typing import Any

from docs.build import words
from docs.build.numbers import NARROW, fr, percent
from function_app.vision.categories import CATEGORIES, LABELS

PUBLISHED = Path("docs/build/published.json")
TEXTS = Path("frontend/texts.json")


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
            [words.DATA[row["name"]], *(fr(row[k], 0) if row[k] else "—" for k in ("train", "val")),
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


def category_names() -> dict[str, str]:
    """Name -> French name, as the explorer shows it."""
    texts = json.loads(TEXTS.read_text())
    return {category.name: texts[f"category.{category.name}"]["fr"] for category in CATEGORIES}


def _labels(category: str, *, evaluated: bool) -> list[str]:
    return [
        label.name
        for label in LABELS
        if label.category == category and label.evaluated == evaluated
    ]


def _points(value: float | None) -> str:
    return "—" if value is None else f"{fr(value, 1)}{NARROW}%"
