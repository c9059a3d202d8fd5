"""The longer study (training/configs/study/recipe.yaml) in French: augmentation and networks.

Its summary tells of the augmentation, for the chosen network; `docs.build.networks` of the others.
"""

from pathlib import Path
from typing import Any

import yaml

from docs.build import french
from docs.build.french import fr, gain, points, points_spread, signed, size
from docs.build.networks import LEARNED, NONE, SHOWN, UNSEEN, networks, object_of
from docs.build.study import (
    CHOSEN,
    OFFICIAL_NAMES,
    Entry,
    StudyError,
    entry_of,
    read_summary,
    score,
)
from training.study.summary import Summary

BASE = Path("training/configs/study_long.yaml")


def recipe(results: Path) -> dict[str, Any]:
    """Return its budget, what every form of the augmentation gains, and the networks.

    Raises:
        StudyError: it is not there, or the chosen network is not finished.
    """
    summary = read_summary(results, "recipe")
    config = yaml.safe_load(BASE.read_text())
    views = config["photos_per_epoch"] * config["epochs"]
    own: list[Entry] = [e for e in summary["variants"] if e["variant"] == CHOSEN]
    forms = [entry["form"] for entry in own]
    if forms != list(french.FORMS):
        raise StudyError(f"{CHOSEN} has rows of {forms} only: run python -m training compare")
    return {
        "views": fr(views, 0),
        "steps": fr(views / config["batch_size"], 0),
        "batch": fr(config["batch_size"], 0),
        "input": _size(config["input_size"]),
        "window": _size(config["crop_size"]),
        "seeds": fr(len(own[0]["seeds"]), 0),
        "sets": [french.DATA[name] for name in (*LEARNED, *UNSEEN)],
        "rows": [_row(entry) for entry in own],
        "gains": {form: _gains(entry_of(summary, CHOSEN, form)) for form in forms[1:]},
        "categories": [_by_category(summary, form, data) for data in UNSEEN for form in forms[1:]],
        "object": {form: object_of(entry_of(summary, CHOSEN, form)) for form in forms},
        "between_seeds": _between_seeds(entry_of(summary, CHOSEN, SHOWN), LEARNED),
        "between_seeds_unseen": _between_seeds(entry_of(summary, CHOSEN, SHOWN), UNSEEN),
        "between_gains": points(max(
            score(entry_of(summary, CHOSEN, form), name)["gain"]["sd"] or 0
            for form in forms[1:] for name in UNSEEN
        )),
        "networks": networks(results),
    }  # fmt: skip


def _size(sides: list[int]) -> str:
    return size("x".join(str(side) for side in reversed(sides)))


def _mean(entry: Entry, name: str) -> Any:
    return score(entry, name)["mean_iou"]


def _row(entry: Entry) -> list[str]:
    iou = (_mean(entry, name) for name in (*LEARNED, *UNSEEN))
    return [french.FORMS[entry["form"]], *map(points_spread, iou), object_of(entry)]


def _between_seeds(entry: Entry, sets: tuple[str, ...]) -> str:
    return points(max(_mean(entry, name)["sd"] or 0 for name in sets))


def _gains(entry: Entry) -> dict[str, str]:
    return {name: gain(score(entry, name)["gain"]) for name in (*LEARNED, *UNSEEN)}


def _by_category(summary: Summary, form: str, data: str) -> list[str]:
    """What a form gains for the chosen network over no augmentation, mean of the seeds."""
    before, after = (score(entry_of(summary, CHOSEN, name), data)["iou"] for name in (NONE, form))
    return [
        french.DATA[data], french.FORMS[form],
        *(signed(100 * (after[name]["mean"] - before[name]["mean"])) for name in OFFICIAL_NAMES),
    ]  # fmt: skip
