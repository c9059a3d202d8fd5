"""Charts of what is served: categories, confusions, robustness, confidence."""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MultipleLocator

from docs.build import words
from docs.build.facts.model import evaluation
from docs.build.facts.reference import category_names
from docs.build.figures.medium import MUTED, SERIES, Medium
from docs.build.numbers import fr
from function_app.vision.categories import CATEGORIES, NAMES
from function_app.vision.evaluation import OFFICIAL

Rows = list[dict[str, Any]]

OFFICIAL_NAMES = [NAMES[category] for category in OFFICIAL]


def draw_charts(results: Path, medium: Medium) -> None:
    """Draw every chart that needs no study."""
    served = evaluation(results)
    charts = {
        "categories": categories(served["scores"], medium),
        "confusion": confusion(served["scores"][0], medium),
        "robustness": robustness(served["robustness"], medium),
        "confidence": confidence(served["calibration"], medium),
    }
    for name, figure in charts.items():
        medium.save(figure, name)


def decimal_comma(axis: Any, digits: int = 1) -> None:
    """Label an axis as French readers write numbers."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: fr(value, digits)))


def categories(scores: Rows, medium: Medium) -> Figure:
    """IoU by category, one marker for each data set, categories in their own colour."""
    figure = medium.figure(1.05)
    axes = figure.subplots()
    rows = [row for row in scores if row["protocol"] == "official"]
    colors = {category.name: [c / 255 for c in category.color] for category in CATEGORIES}
    for place, name in enumerate(OFFICIAL_NAMES):
        values = [row["iou"][name] for row in rows]
        axes.plot(values, [place] * len(values), color=colors[name], linewidth=medium.line * 4,
                  alpha=0.45, solid_capstyle="round")  # fmt: skip
    for (color, marker), row in zip(SERIES, rows, strict=False):
        axes.plot(
            [row["iou"][name] for name in OFFICIAL_NAMES], range(len(OFFICIAL_NAMES)), marker,
            color=color, label=f"{words.DATA[row['data']]} ({fr(row['mean_iou'])})",
        )  # fmt: skip
    french = category_names()
    axes.set_yticks(range(len(OFFICIAL_NAMES)), [french[name] for name in OFFICIAL_NAMES])
    axes.invert_yaxis()
    axes.set_xlim(0, 1)
    axes.set_xlabel("IoU officielle (entre parenthèses : moyenne)")
    decimal_comma(axes.xaxis)
    axes.grid(axis="x")
    figure.legend(loc="outside right center")
    return figure


def confusion(row: dict[str, Any], medium: Medium) -> Figure:
    """Share of each true category's pixels by predicted category."""
    counts = np.array(row["confusion_matrix"], np.float64)[np.ix_(OFFICIAL, OFFICIAL)]
    share = 100 * counts / counts.sum(1, keepdims=True)
    figure = medium.figure(1.45, 0.62)
    axes = figure.subplots()
    axes.imshow(share, cmap="Blues", vmin=0, vmax=100, aspect="auto")
    for true, predicted in np.ndindex(share.shape):
        value = share[true, predicted]
        axes.text(predicted, true, f"{value:.0f}" if value >= 0.5 else "·", ha="center",
                  va="center", color="white" if value > 55 else "#222222")  # fmt: skip
    french = [category_names()[name] for name in OFFICIAL_NAMES]
    axes.set_xticks(range(len(french)), french, rotation=40, ha="right")
    axes.set_yticks(range(len(french)), french)
    axes.set_xlabel("prédite, % des pixels de la vraie")
    axes.set_ylabel("vraie")
    return figure


def robustness(rows: Rows, medium: Medium) -> Figure:
    """Official IoU over the strength of each corruption, one panel for each data set."""
    names = list(dict.fromkeys(row["data"] for row in rows))
    figure = medium.figure()
    panels = figure.subplots(1, len(names), sharex=True, sharey=True)
    for axes, name in zip(panels, names, strict=True):
        own = [row for row in rows if row["data"] == name]
        clean = next(row["mean_iou"] for row in own if row["strength"] == 0)
        for (color, marker), kind in zip(SERIES, words.CORRUPTIONS, strict=False):
            values = [clean, *(row["mean_iou"] for row in own if row["kind"] == kind)]
            axes.plot(values, color=color, marker=marker, label=words.CORRUPTIONS[kind])
        axes.set_title(f"{words.DATA[name]}\n{own[0]['photos']} photos")
        axes.grid(axis="y")
    panels[0].set_ylim(0, 1)
    panels[0].set_ylabel("IoU officielle")
    decimal_comma(panels[0].yaxis)
    panels[0].xaxis.set_major_locator(MultipleLocator(1))
    figure.supxlabel("force de la perturbation (0 : aucune)", fontsize=medium.font)
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside right center")
    return figure


def confidence(rows: Rows, medium: Medium) -> Figure:
    """Share of right pixels by confidence: on the diagonal, confidence means what it says."""
    figure = medium.figure(1.45, 0.36 if medium.suffix == "svg" else 0.48)
    axes: Axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=medium.line / 2, linestyle="--")
    for (color, marker), row in zip(SERIES, rows, strict=False):
        bins = [b for b in row["bins"] if b["right"] is not None and b["share"] > 1e-4]
        axes.plot([b["from"] + 0.05 for b in bins], [b["right"] for b in bins], marker=marker,
                  color=color, label=words.DATA[row["data"]])  # fmt: skip
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.set_xlabel("confiance annoncée")
    axes.set_ylabel("part de pixels justes")
    for axis in (axes.xaxis, axes.yaxis):
        decimal_comma(axis)
    axes.grid()
    axes.legend(loc="upper left", handlelength=1)
    return figure
