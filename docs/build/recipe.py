"""The longer study (training/configs/study/recipe.yaml) in French: augmentation and networks.

Its summary tells of the augmentation, for the chosen network; its rows of the first seed tell of
the networks. Networks without rows are named as not trained at this budget.
"""

import json
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from docs.build import french
from docs.build.french import NARROW, fr, gain, listed, points, points_spread, signed, size
from docs.build.study import (
    CHOSEN,
    FRUGAL,
    OFFICIAL_NAMES,
    Entry,
    StudyError,
    entries,
    entry_of,
    read_summary,
    score,
)
from training.study.plan import read_study
from training.study.summary import Summary, spread, summarise

CONFIG = Path("training/configs/study/recipe.yaml")
BASE = Path("training/configs/study_long.yaml")
MASKS = Path("study/masks")
"""Below results/: what the compared networks see in synthetic scenes; `figures.draw_masks`."""

NONE, SHOWN = "none", "light"
"""The form that gains are over, and the one in which networks are compared."""

SCRATCH = ("unet", "fast_scnn")
"""Networks without pretrained weights."""

FULL = "full"
"""All operations of the augmentation."""

SEED = 1
"""Of the comparison of the networks: the only one of most."""

SEEDS = (1, 2)
"""Of the choice between two networks."""

LEARNED, UNSEEN = ("cityscapes_sharp", "cityscapes_exact"), ("camvid", "kitti")
"""Data sets of the kind that was learned from, and of cameras and streets never seen."""


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
        "object": {form: _object(entry_of(summary, CHOSEN, form)) for form in forms},
        "between_seeds": _between_seeds(entry_of(summary, CHOSEN, SHOWN), LEARNED),
        "between_seeds_unseen": _between_seeds(entry_of(summary, CHOSEN, SHOWN), UNSEEN),
        "networks": networks(results),
    }


def read_networks(results: Path, seeds: tuple[int, ...] = (SEED,)) -> Summary:
    """Sum up the rows of these seeds that are there, network by network."""
    study = read_study(CONFIG)
    runs = tuple(run for run in study.runs if run.config.seed in seeds)
    paths = {run.name: results / f"study/runs/{run.name}.json" for run in runs}
    rows = {name: json.loads(path.read_bytes()) for name, path in paths.items() if path.exists()}
    return summarise(replace(study, runs=runs), rows)


def trained(summary: Summary) -> list[Entry]:
    """Return the networks trained without augmentation and in the form that is shown."""
    plain = {entry["variant"] for entry in entries(summary, NONE)}
    return [entry for entry in entries(summary, SHOWN) if entry["variant"] in plain]


def networks(results: Path) -> dict[str, Any]:
    """Return the trained networks' table, those missing, the frontier, and whose masks are kept."""
    summary = read_networks(results)
    found = {entry["variant"]: entry for entry in trained(summary)}
    full = {e["variant"]: e for e in entries(summary, FULL) if e["variant"] in found}
    missing = [name for key, name in french.ARCHITECTURES.items() if key not in found]
    curves = [row_of(results, entry)["curves"] for entry in found.values()]
    steps = [100 * abs(c[-1]["val_category_iou"] - c[-2]["val_category_iou"]) for c in curves]
    levels = {v: 100 * _mean(entry, LEARNED[1])["mean"] for v, entry in found.items()}
    scratch = [v for v in SCRATCH if v in found]
    return {
        "seed": fr(SEED, 0),
        "rows": [
            _network(found[key], full.get(key)) if key in found else [name, *["—"] * 10]
            for key, name in french.ARCHITECTURES.items()
        ],
        "missing": listed(missing) if missing else "",
        "told": f"Non entraînés à ce budget : {listed(missing)}" if missing else
                "Les cinq réseaux ont été entraînés à ce budget",
        "unit": found[CHOSEN]["unit"],
        "range": f"{fr(min(levels.values()))} à {fr(max(levels.values()))}",
        "scratch": listed(
            [f"{french.ARCHITECTURES[v]} perd {fr(levels[CHOSEN] - levels[v])}" for v in scratch]
        ) if scratch else "",
        "last_epoch": fr(max(steps)),
        "gains": {SHOWN: _unseen(found.values()), FULL: _unseen(full.values())},
        "masks": [
            {"network": french.ARCHITECTURES[variant], "run": run}
            for variant, run in ((v, entry["runs"][0]) for v, entry in found.items())
            if (results / MASKS / f"{run}-day.png").exists()
        ],
        "frontier": _frontier(results) if FRUGAL in found else {},
    }  # fmt: skip


def row_of(results: Path, entry: Entry) -> Any:
    """Read the row of a variant's first run."""
    return _row_of(results, entry["runs"][0])


def _row_of(results: Path, run: str) -> Any:
    return json.loads((results / f"study/runs/{run}.json").read_bytes())


def _network(entry: Entry, full: Entry | None) -> list[str]:
    """Name, parameters, 8-bit time, IoU and object of what was learned, gains on what was not.

    The gains are those of the form that is shown, then those of all operations.
    """
    return [
        french.ARCHITECTURES[entry["variant"]],
        f"{fr(entry['parameters'] / 1e6, 2)}{NARROW}M",
        fr(entry["int8"]["time"], 2),
        *(value for name in LEARNED
          for value in (points(_mean(entry, name)["mean"]), _object(entry, name))),
        *(gain(score(one, name)["gain"]) if one else "—"
          for name in UNSEEN for one in (entry, full)),
    ]  # fmt: skip


def _unseen(augmented: Collection[Entry]) -> dict[str, str]:
    """How many networks gain on every unseen camera, of how many; lowest to highest gains."""
    gains = {name: [100 * score(e, name)["gain"]["mean"] for e in augmented] for name in UNSEEN}
    both = list(zip(*gains.values(), strict=True))
    return {
        "gaining": fr(sum(min(pair) > 0 for pair in both), 0),
        "of": fr(len(both), 0),
        **{name: f"{signed(min(row))} à {signed(max(row))}" for name, row in gains.items()},
    }


def _frontier(results: Path) -> dict[str, str]:
    """The chosen network over the frugal one: points by seed, shares of time and parameters.

    `saved` is the time that the frugal one would save of a photo's, in milliseconds: its share of
    the session's time, applied to that of the served package.
    """
    summary = read_networks(results, SEEDS)
    pair = chosen, frugal = [entry_of(summary, name, SHOWN) for name in (CHOSEN, FRUGAL)]
    seeds = [seed for seed in chosen["seeds"] if seed in frugal["seeds"]]
    rows = [
        [_row_of(results, entry["runs"][entry["seeds"].index(seed)]) for entry in pair]
        for seed in seeds
    ]
    photo = json.loads((results / "service_time.json").read_bytes())["rows"][1]
    faster = frugal["int8"]["time"] / chosen["int8"]["time"]

    def over(name: str, category: str = "") -> str:
        found = [[score(row, name) for row in both] for both in rows]
        iou = [[s["iou"][category] if category else s["mean_iou"] for s in both] for both in found]
        return gain(spread([ours - theirs for ours, theirs in iou]))

    return {
        **{name: over(name) for name in (*LEARNED, *UNSEEN)},
        "object": " et ".join(over(name, "object") for name in LEARNED),
        "human": " et ".join(over(name, "human") for name in LEARNED),
        "seeds": fr(len(seeds), 0),
        "time_int8": fr(faster, 2),
        "saved": fr((1 - faster) * photo["milliseconds"]["served"]["infer"], 0),
        "parameters": fr(frugal["parameters"] / chosen["parameters"], 2),
    }


def _size(sides: list[int]) -> str:
    return size("x".join(str(side) for side in reversed(sides)))


def _mean(entry: Entry, name: str) -> Any:
    return score(entry, name)["mean_iou"]


def _row(entry: Entry) -> list[str]:
    iou = (_mean(entry, name) for name in (*LEARNED, *UNSEEN))
    return [french.FORMS[entry["form"]], *map(points_spread, iou), _object(entry)]


def _between_seeds(entry: Entry, sets: tuple[str, ...]) -> str:
    return points(max(_mean(entry, name)["sd"] or 0 for name in sets))


def _gains(entry: Entry) -> dict[str, str]:
    return {name: gain(score(entry, name)["gain"]) for name in (*LEARNED, *UNSEEN)}


def _object(entry: Entry, data: str = LEARNED[0]) -> str:
    """IoU of object, on the photos at full resolution unless `data` says otherwise."""
    return points(score(entry, data)["iou"]["object"]["mean"])


def _by_category(summary: Summary, form: str, data: str) -> list[str]:
    """What a form gains for the chosen network over no augmentation, mean of the seeds."""
    before, after = (score(entry_of(summary, CHOSEN, name), data)["iou"] for name in (NONE, form))
    return [
        french.DATA[data], french.FORMS[form],
        *(signed(100 * (after[name]["mean"] - before[name]["mean"])) for name in OFFICIAL_NAMES),
    ]  # fmt: skip
