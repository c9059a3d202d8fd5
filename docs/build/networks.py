"""The comparison of the networks in the longer study (training/configs/study/recipe.yaml).

Its table and curves are of the first seed; gains and the choice between two networks are of every
pair of runs with the same seed. Networks without rows are named as not trained at this budget.
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from docs.build import french
from docs.build.french import NARROW, fr, gain, listed, points, signed
from docs.build.study import CHOSEN, FRUGAL, Entry, entries, entry_of, score
from training.study.plan import read_study
from training.study.summary import Summary, spread, summarise

CONFIG = Path("training/configs/study/recipe.yaml")
MASKS = Path("study/masks")
"""Below results/: what the compared networks see in synthetic scenes; `figures.draw_masks`."""

NONE, SHOWN, FULL = "none", "light", "full"
"""The forms: that which gains are over, that in which networks are compared, all operations."""

SCRATCH = ("unet", "fast_scnn")
"""Networks without pretrained weights."""

SEED = 1
"""Of the table and the curves: the only one that every network and form has."""

LEARNED, UNSEEN = ("cityscapes_sharp", "cityscapes_exact"), ("camvid", "kitti")
"""Data sets of the kind that was learned from, and of cameras and streets never seen."""

Pair = tuple[Any, Any]
"""Rows of two runs with the same seed."""


def read_networks(results: Path, seed: int | None = SEED) -> Summary:
    """Sum up the rows of that seed, None for every seed, that are there, network by network."""
    study = read_study(CONFIG)
    runs = tuple(run for run in study.runs if seed in (None, run.config.seed))
    paths = {run.name: results / f"study/runs/{run.name}.json" for run in runs}
    rows = {name: json.loads(path.read_bytes()) for name, path in paths.items() if path.exists()}
    return summarise(replace(study, runs=runs), rows)


def trained(summary: Summary) -> list[Entry]:
    """Return the networks trained without augmentation and in the form that is shown."""
    plain = {entry["variant"] for entry in entries(summary, NONE)}
    return [entry for entry in entries(summary, SHOWN) if entry["variant"] in plain]


def networks(results: Path) -> dict[str, Any]:
    """Return the trained networks' table, those missing, the frontier, and whose masks are kept."""
    summary, every = read_networks(results), read_networks(results, seed=None)
    found = {entry["variant"]: entry for entry in trained(summary)}
    full = {e["variant"]: e for e in entries(summary, FULL) if e["variant"] in found}
    repeated = [e["variant"] for e in trained(every) if len(e["seeds"]) > 1]
    missing = [name for key, name in french.ARCHITECTURES.items() if key not in found]
    rows = [row_of(results, entry["runs"][0]) for entry in found.values()]
    curves = [row["curves"] for row in rows]
    steps = [100 * abs(c[-1]["val_category_iou"] - c[-2]["val_category_iou"]) for c in curves]
    processors = sorted({row["machine"]["processor"] for row in rows})
    levels = {v: 100 * score(entry, LEARNED[1])["mean_iou"]["mean"] for v, entry in found.items()}
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
        "repeated": listed([french.ARCHITECTURES[variant] for variant in repeated]),
        "unit": found[CHOSEN]["unit"],
        "processors": " ou ".join(processors),
        "range": f"{fr(min(levels.values()))} à {fr(max(levels.values()))}",
        "scratch": listed(
            [f"{french.ARCHITECTURES[v]} perd {fr(levels[CHOSEN] - levels[v])}" for v in scratch]
        ) if scratch else "",
        "last_epoch": fr(max(steps)),
        "gains": {form: _gained(results, every, NONE, form) for form in (SHOWN, FULL)},
        "full_over_light": _gained(results, every, SHOWN, FULL),
        "masks": [
            {"network": french.ARCHITECTURES[variant], "run": run}
            for variant, run in ((v, entry["runs"][0]) for v, entry in found.items())
            if (results / MASKS / f"{run}-day.png").exists()
        ],
        "frontier": _frontier(results, summary, every) if FRUGAL in found else {},
    }  # fmt: skip


def row_of(results: Path, run: str) -> Any:
    """Read the row of a run."""
    return json.loads((results / f"study/runs/{run}.json").read_bytes())


def object_of(entry: Entry, data: str = LEARNED[0]) -> str:
    """IoU of object, on the photos at full resolution unless `data` says otherwise."""
    return points(score(entry, data)["iou"]["object"]["mean"])


def _network(entry: Entry, full: Entry | None) -> list[str]:
    """Name, parameters, 8-bit time, IoU and object of what was learned, gains on what was not.

    The gains are those of the form that is shown, then those of all operations.
    """
    return [
        french.ARCHITECTURES[entry["variant"]],
        f"{fr(entry['parameters'] / 1e6, 2)}{NARROW}M",
        fr(entry["int8"]["time"], 2),
        *(value for name in LEARNED
          for value in (points(score(entry, name)["mean_iou"]["mean"]), object_of(entry, name))),
        *(gain(score(one, name)["gain"]) if one else "—"
          for name in UNSEEN for one in (entry, full)),
    ]  # fmt: skip


def _gained(results: Path, every: Summary, before: str, after: str) -> dict[str, str]:
    """What one form has over another, in every network and seed that was trained in both.

    Returns:
        of: networks; gaining: those of them that gain on both unseen cameras with every seed;
        runs: pairs of runs; and by data set the lowest to the highest difference in points.
    """
    found = [_paired(results, every, (v, after), (v, before)) for v in french.ARCHITECTURES]
    pairs = [pair for of_network in found for pair in of_network]
    over = {name: [_over(pair, name) for pair in pairs] for name in (*LEARNED, *UNSEEN)}
    gaining = [
        all(_over(pair, name) > 0 for pair in of_network for name in UNSEEN)
        for of_network in found if of_network
    ]  # fmt: skip
    return {
        "of": fr(len(gaining), 0),
        "gaining": fr(sum(gaining), 0),
        "runs": fr(len(pairs), 0),
        **{name: f"{signed(100 * min(row))} à {signed(100 * max(row))}"
           for name, row in over.items()},
    }  # fmt: skip


def _paired(
    results: Path, every: Summary, first: tuple[str, str], second: tuple[str, str]
) -> list[Pair]:
    """Read the rows of two variants and forms, seed by seed, where both are there."""
    runs = {
        (entry["variant"], entry["form"]): dict(zip(entry["seeds"], entry["runs"], strict=True))
        for entry in every["variants"]
    }
    ours, theirs = runs.get(first, {}), runs.get(second, {})
    return [
        (row_of(results, ours[seed]), row_of(results, theirs[seed]))
        for seed in sorted(ours.keys() & theirs.keys())
    ]


def _over(pair: Pair, data: str, category: str = "") -> float:
    """Official IoU of the first row less that of the second: of a category, or the mean."""
    first, second = (score(row, data) for row in pair)
    if category:
        return float(first["iou"][category] - second["iou"][category])
    return float(first["mean_iou"] - second["mean_iou"])


def _frontier(results: Path, summary: Summary, every: Summary) -> dict[str, str]:
    """The chosen network over the frugal one: points by seed, shares of time and parameters.

    Times and parameters are those of the table of the networks. `saved` is the time that the frugal
    one would save of a photo's, in milliseconds: its share of the session's time, applied to that
    of the served package.
    """
    chosen, frugal = (entry_of(summary, name, SHOWN) for name in (CHOSEN, FRUGAL))
    pairs = _paired(results, every, (CHOSEN, SHOWN), (FRUGAL, SHOWN))
    photo = json.loads((results / "service_time.json").read_bytes())["rows"][1]
    faster = frugal["int8"]["time"] / chosen["int8"]["time"]

    def over(name: str, category: str = "") -> str:
        return gain(spread([_over(pair, name, category) for pair in pairs]))

    return {
        **{name: over(name) for name in (*LEARNED, *UNSEEN)},
        **{category: " et ".join(over(name, category) for name in LEARNED)
           for category in ("object", "human", "vehicle")},
        "unseen_human": " et ".join(over(name, "human") for name in UNSEEN),
        "seeds": fr(len(pairs), 0),
        "time_int8": fr(faster, 2),
        "saved": fr((1 - faster) * photo["milliseconds"]["served"]["infer"], 0),
        "parameters": fr(frugal["parameters"] / chosen["parameters"], 2),
    }  # fmt: skip
