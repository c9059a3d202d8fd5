"""The longer study of the augmentation (results/study/recipe.json) in French: tables and gains."""

from pathlib import Path
from typing import Any

import yaml

from docs.build import french
from docs.build.french import fr, gain, points, points_spread, signed
from docs.build.study import CHOSEN, OFFICIAL_NAMES, Entry, entry_of, read_summary, score

BASE = Path("training/configs/study_long.yaml")
NONE = "none"
LEARNED, UNSEEN = ("cityscapes_sharp", "cityscapes_exact"), ("camvid", "kitti")
"""Data sets of the kind that was learned from, and of cameras and streets never seen."""


def recipe(results: Path) -> dict[str, Any]:
    """Return its budget, the IoU of every form and what it gains, by data set and category.

    Raises:
        StudyError: it is not there or not finished.
    """
    summary = read_summary(results, "recipe")
    config = yaml.safe_load(BASE.read_text())
    views = config["photos_per_epoch"] * config["epochs"]
    entries: list[Entry] = summary["variants"]  # the chosen network, form by form
    forms = [entry["form"] for entry in entries]
    return {
        "views": fr(views, 0),
        "steps": fr(views / config["batch_size"], 0),
        "batch": fr(config["batch_size"], 0),
        "input": _size(config["input_size"]),
        "window": _size(config["crop_size"]),
        "seeds": fr(len(entries[0]["seeds"]), 0),
        "runs": fr(sum(len(entry["seeds"]) for entry in entries), 0),
        "minutes": fr(max(entry["minutes"] for entry in entries), 0),
        "sets": [french.DATA[name] for name in (*LEARNED, *UNSEEN)],
        "rows": [_row(entry) for entry in entries],
        "gains": {form: _gains(entry_of(summary, CHOSEN, form)) for form in forms[1:]},
        "categories": [_by_category(summary, form, data) for data in UNSEEN for form in forms[1:]],
        "object": {form: _object(entry_of(summary, CHOSEN, form)) for form in forms},
    }


def _size(sides: list[int]) -> str:
    return "×".join(str(side) for side in reversed(sides))


def _row(entry: Entry) -> list[str]:
    iou = (score(entry, name)["mean_iou"] for name in (*LEARNED, *UNSEEN))
    return [french.FORMS[entry["form"]], *map(points_spread, iou), _object(entry)]


def _gains(entry: Entry) -> dict[str, str]:
    return {name: gain(score(entry, name)["gain"]) for name in (*LEARNED, *UNSEEN)}


def _object(entry: Entry) -> str:
    """IoU of object on the photos at full resolution."""
    return points(score(entry, LEARNED[0])["iou"]["object"]["mean"])


def _by_category(summary: dict[str, Any], form: str, data: str) -> list[str]:
    """What a form gains for the chosen network over no augmentation, mean of the seeds."""
    before, after = (score(entry_of(summary, CHOSEN, name), data)["iou"] for name in (NONE, form))
    return [
        french.DATA[data], french.FORMS[form],
        *(signed(100 * (after[name]["mean"] - before[name]["mean"])) for name in OFFICIAL_NAMES),
    ]  # fmt: skip
