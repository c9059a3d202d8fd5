"""Pictures of what was measured, as PNG; needs matplotlib, which draws without a display here."""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator
from numpy.typing import NDArray

from function_app.vision.categories import CATEGORIES, NAMES
from function_app.vision.evaluation import OFFICIAL
from training.evaluator.results import Results, Rows
from training.evaluator.scoring import CATEGORIES_OF

COLORS = {c.name: tuple(channel / 255 for channel in c.color) for c in CATEGORIES}

LINES = (("#0072B2", "o"), ("#D55E00", "s"), ("#009E73", "^"), ("#CC79A7", "D"))
"""Colour and marker by kind of corruption: Okabe and Ito's palette, which colour-blind people can
tell apart (https://jfly.uni-koeln.de/color/), and a second sign where there is no colour."""

WIDTH, HEIGHT = 3.4, 3.2
"""Of one panel, in inches: at 160 dots an inch it reads at half the size too."""


def draw_plots(results: Results, folder: Path) -> list[Path]:
    """Draw what `training.evaluator.store` returned.

    Returns:
        Paths of the PNG files in `folder`: categories (IoU by data set), one confusion matrix for
        each row of scores, and robustness where it was measured.
    """
    folder.mkdir(parents=True, exist_ok=True)
    figures = {"categories": _categories(results)}
    for row in results["scores"]:
        name = "-".join(("confusion", row["data"].replace("/", "-"), row["split"], row["protocol"]))
        figures[name] = _confusion(results["model"], row)
    if results["robustness"]:
        figures["robustness"] = _robustness(results)
    paths = []
    for name, figure in figures.items():
        path = folder / f"{name}.png"
        figure.savefig(path, dpi=160)
        paths.append(path)
    return paths


def _panels(count: int, title: str) -> tuple[Figure, list[Axes]]:
    figure = Figure(figsize=(max(WIDTH * count, 4.4), HEIGHT), layout="constrained")
    axes = figure.subplots(1, count, sharex=True, sharey=True, squeeze=False)[0]
    figure.suptitle(title, fontsize=10)
    return figure, list(axes)


def _set_title(row: dict[str, Any]) -> str:
    return f"{row['data']} {row['split']}, {row['photos']} photos"


def _tidy(axes: Axes) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=8)


def _categories(results: Results) -> Figure:
    """Bars of the official IoU by category, one panel for each data set."""
    rows = [row for row in results["scores"] if row["protocol"] == "official"]
    names = [NAMES[c] for c in OFFICIAL]
    figure, panels = _panels(
        len(rows), f"{results['model']}, official category IoU, input {rows[0]['input']}"
    )
    for axes, row in zip(panels, rows, strict=True):
        values = [row["iou"][name] or 0.0 for name in names]
        axes.barh(
            names, values, height=0.72, linewidth=0.5, edgecolor="#333333",
            color=[COLORS[name] for name in names],
        )  # fmt: skip
        for place, name in enumerate(names):
            iou = row["iou"][name]
            text = "not in the set" if iou is None else f"{iou:.2f}"
            axes.text(
                values[place] + 0.02, place, text, va="center", fontsize=8,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
            )  # fmt: skip
        axes.axvline(row["mean_iou"], color="#333333", linewidth=1, linestyle="--")
        axes.set_title(f"{_set_title(row)}\nlabels {row['labels']}", fontsize=8)
        axes.set_xlabel(f"IoU (dashed: mean {row['mean_iou']:.3f})", fontsize=8)
        _tidy(axes)
    panels[0].set_xlim(0, 1.15)
    panels[0].xaxis.set_major_locator(MultipleLocator(0.25))
    panels[0].invert_yaxis()
    return figure


def _confusion(model: str, row: dict[str, Any]) -> Figure:
    """Confusion matrix of one data set and protocol, in percent of each true category."""
    categories = list(CATEGORIES_OF[row["protocol"]])
    counts: NDArray[np.int64] = np.array(row["confusion_matrix"])[np.ix_(categories, categories)]
    percent = 100 * counts / np.maximum(1, counts.sum(1, keepdims=True))
    figure = Figure(figsize=(4.8, 4.6), layout="constrained")
    axes = figure.subplots()
    axes.imshow(percent, cmap="Blues", vmin=0, vmax=100)
    for true, predicted in np.ndindex(percent.shape):
        value = percent[true, predicted]
        axes.text(
            predicted, true, f"{value:.0f}" if value >= 0.5 else "·",
            ha="center", va="center", fontsize=9, color="white" if value > 55 else "#222222",
        )  # fmt: skip
    names = [NAMES[c] for c in categories]
    axes.set_xticks(range(len(names)), names, rotation=40, ha="right", fontsize=8)
    axes.set_yticks(range(len(names)), names, fontsize=8)
    axes.set_xlabel("predicted, % of the true category's pixels", fontsize=8)
    axes.set_ylabel("true", fontsize=8)
    axes.set_title(
        f"{model}, {_set_title(row)}\nprotocol {row['protocol']}, "
        f"input {row['input']}, labels {row['labels']}",
        fontsize=8,
    )
    return figure


def _robustness(results: Results) -> Figure:
    """Curves of the official mean IoU over the strength of corruption, one panel a data set."""
    sets: dict[tuple[str, str], Rows] = {}
    for row in results["robustness"]:
        sets.setdefault((row["data"], row["split"]), []).append(row)
    size = results["scores"][0]["input"]
    figure, panels = _panels(
        len(sets), f"{results['model']}, official mean category IoU, input {size}"
    )
    for axes, rows in zip(panels, sets.values(), strict=True):
        clean = next(row["mean_iou"] for row in rows if row["strength"] == 0)
        kinds = list(dict.fromkeys(row["kind"] for row in rows if row["strength"] > 0))
        for kind, (color, marker) in zip(kinds, LINES, strict=True):
            values = [clean, *(row["mean_iou"] for row in rows if row["kind"] == kind)]
            axes.plot(values, color=color, marker=marker, markersize=4, label=kind)
        axes.set_title(_set_title(rows[0]), fontsize=8)
        axes.set_xlabel("strength of corruption (0: none)", fontsize=8)
        axes.grid(axis="y", color="#dddddd", linewidth=0.6)
        _tidy(axes)
    panels[0].set_ylim(0, 1)
    panels[0].xaxis.set_major_locator(MultipleLocator(1))
    panels[0].set_ylabel("mean IoU", fontsize=8)
    panels[0].legend(fontsize=8, loc="lower left", frameon=False)
    return figure
