"""Charts of measured numbers: of what is served, and of the study. Scores are in points."""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, MultipleLocator, NullLocator

from docs.build import french
from docs.build.figures import INK, MUTED, SERIES, Medium
from docs.build.french import category_names, fr, points
from docs.build.learning import curves
from docs.build.networks import LEARNED, read_networks, row_of, trained
from docs.build.served import evaluation, rows_of, served_package
from docs.build.study import (
    FIRST,
    OFFICIAL_NAMES,
    Entry,
    data_sets,
    entries,
    read_study,
    score,
)
from function_app.vision.categories import CATEGORIES
from function_app.vision.evaluation import OFFICIAL

Rows = list[dict[str, Any]]

NETWORKS = dict(zip(french.ARCHITECTURES, SERIES, strict=True))
"""Colour and marker of each network, whichever of them are trained."""

JUDGED = LEARNED[1]
"""The data set that networks are compared on: the most photos of the kind that was learned."""


def draw_charts(results: Path, medium: Medium) -> None:
    """Draw every chart.

    Raises:
        StudyError: the study is not there or not finished.
        FactsError: the served package is not evaluated.
    """
    served, study = evaluation(results, served_package()), read_study(results)
    official, networks = rows_of(served["scores"]), trained(read_networks(results))
    charts = {
        "categories": categories(official, medium),
        "confusion": confusion(official[0], medium),
        "robustness": robustness(served["robustness"], medium),
        "confidence": confidence(served["calibration"], medium),
        "curves": learning_curves(curves(results)["curves"], medium),
        "networks": compared(networks, results, medium),
        "groups": differences(
            list(entries(study["augmentation"]))[1:], data_sets(study["augmentation"]), medium,
            "points gagnés par rapport à aucune augmentation, à graine égale",
        ),
    }  # fmt: skip
    for name, figure in charts.items():
        medium.save(figure, name)


def in_french(axis: Any, digits: int = 0) -> None:
    """Label an axis as French readers write numbers."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: fr(value, digits)))


def categories(rows: Rows, medium: Medium) -> Figure:
    """IoU by category, one marker for each data set, categories in their own colour."""
    figure = medium.figure(1.05)
    axes = figure.subplots()
    colors = {category.name: [c / 255 for c in category.color] for category in CATEGORIES}
    for place, name in enumerate(OFFICIAL_NAMES):
        values = [100 * row["iou"][name] for row in rows if row["iou"][name] is not None]
        axes.plot(values, [place] * len(values), color=colors[name], linewidth=medium.line * 4,
                  alpha=0.45, solid_capstyle="round")  # fmt: skip
    for (color, marker), row in zip(SERIES, rows, strict=False):
        axes.plot(
            [100 * (row["iou"][name] or 0) for name in OFFICIAL_NAMES],
            range(len(OFFICIAL_NAMES)), marker, color=color,
            label=f"{french.DATA[row['data']]} (moyenne {points(row['mean_iou'])})",
        )  # fmt: skip
    labels = category_names()
    axes.set_yticks(range(len(OFFICIAL_NAMES)), [labels[name] for name in OFFICIAL_NAMES])
    axes.invert_yaxis()
    axes.set_xlim(0, 100)
    axes.set_xlabel("IoU officielle, points")
    in_french(axes.xaxis)
    axes.grid(axis="x")
    figure.legend(loc="outside upper center", ncols=2)
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
    labels = [category_names()[name] for name in OFFICIAL_NAMES]
    axes.set_xticks(range(len(labels)), labels, rotation=40, ha="right")
    axes.set_yticks(range(len(labels)), labels)
    axes.set_xlabel("prédite, % de la vraie")
    axes.set_ylabel("vraie")
    return figure


def robustness(rows: Rows, medium: Medium) -> Figure:
    """Official IoU over the strength of each corruption, one panel for each data set."""
    names = list(dict.fromkeys(row["data"] for row in rows))
    figure = medium.figure()
    panels = figure.subplots(1, len(names), sharex=True, sharey=True, squeeze=False)[0]
    for axes, name in zip(panels, names, strict=True):
        own = [row for row in rows if row["data"] == name]
        clean = next(row["mean_iou"] for row in own if row["strength"] == 0)
        for (color, marker), kind in zip(SERIES, french.CORRUPTIONS, strict=False):
            values = [clean, *(row["mean_iou"] for row in own if row["kind"] == kind)]
            axes.plot([100 * value for value in values], color=color, marker=marker,
                      label=french.CORRUPTIONS[kind])  # fmt: skip
        axes.set_title(f"{french.DATA[name]}\n{own[0]['photos']} photos")
        axes.grid(axis="y")
    panels[0].set_ylim(0, 100)
    panels[0].set_ylabel("IoU officielle, points")
    in_french(panels[0].yaxis)
    panels[0].xaxis.set_major_locator(MultipleLocator(1))
    figure.supxlabel("force de la perturbation (0 : aucune)", fontsize=medium.font)
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper center", ncols=4)
    return figure


def confidence(rows: Rows, medium: Medium) -> Figure:
    """Share of right pixels by confidence: on the diagonal, confidence means what it says."""
    figure = medium.figure(1.45, 0.36 if medium.suffix == "svg" else 0.48)
    axes = figure.subplots()
    axes.plot([0, 100], [0, 100], color=MUTED, linewidth=medium.line / 2, linestyle="--")
    for (color, marker), row in zip(SERIES, rows, strict=False):
        bins = [b for b in row["bins"] if b["right"] is not None and b["share"] > 1e-4]
        axes.plot([100 * b["from"] + 5 for b in bins], [100 * b["right"] for b in bins],
                  marker=marker, color=color, label=french.DATA[row["data"]])  # fmt: skip
    axes.set_xlim(0, 100)
    axes.set_ylim(0, 100)
    axes.set_xlabel("confiance annoncée, %")
    axes.set_ylabel("pixels justes, %")
    axes.grid()
    axes.legend(loc="upper left", handlelength=1)
    return figure


def learning_curves(rows: Rows, medium: Medium) -> Figure:
    """Loss and official IoU by epoch, of the views seen and of each validation set."""
    figure = medium.figure(0.95)
    left, right = figure.subplots(1, 2)
    epochs = [1 + row["epoch"] for row in rows]
    left.plot(epochs, [row["loss"] for row in rows], color=SERIES[0][0], marker="o")
    left.set_title("perte")
    in_french(left.yaxis, 1)
    lines = {"category_iou": "vues apprises", "val_category_iou": "validation"}
    for (color, marker), (key, label) in zip(SERIES, lines.items(), strict=False):
        right.plot(epochs, [100 * row[key] for row in rows], color=color, marker=marker,
                   label=label)  # fmt: skip
    right.set_title("IoU officielle, points")
    right.set_ylim(0, 100)
    right.legend(loc="lower right")
    for axes in (left, right):
        _by_epoch(axes)
    return figure


def compared(networks: list[Entry], results: Path, medium: Medium) -> Figure:
    """Official IoU of the trained networks: by epoch, and against the session's time."""
    figure = medium.figure(1.15 if medium.suffix == "svg" else 0.8)
    left, right = figure.subplots(1, 2)
    for entry in networks:
        color, marker = NETWORKS[entry["variant"]]
        curve = row_of(results, entry["runs"][0])["curves"]
        left.plot([1 + step["epoch"] for step in curve],
                  [100 * step["val_category_iou"] for step in curve], color=color, marker=marker,
                  label=french.ARCHITECTURES[entry["variant"]])  # fmt: skip
        spots = [(entry[form]["time"], 100 * score(entry, JUDGED, form=form)["mean_iou"]["mean"])
                 for form in ("int8", "float")]  # fmt: skip
        right.plot(*zip(*spots, strict=True), color=color, linewidth=medium.line / 2)
        for spot, face in zip(spots, ("white", color), strict=True):
            right.plot(*spot, marker, color=color, markerfacecolor=face)
    left.plot([], [], "o", color=MUTED, markerfacecolor="white", label="creux : 8 bits")
    left.set_ylabel("IoU officielle, points")
    left.set_ylim(0, 80)
    right.set_ylim(40, 80)
    _by_epoch(left)
    right.set_xscale("log")
    right.set_xlim(0.05, 1.5)
    right.set_xlabel("temps de session")
    right.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    right.xaxis.set_minor_locator(NullLocator())
    in_french(right.xaxis, 2)
    right.grid()
    for axes in (left, right):
        in_french(axes.yaxis)
    figure.legend(loc="outside upper center", ncols=3)
    return figure


def _by_epoch(axes: Any) -> None:
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    axes.set_xlabel("époque")
    axes.grid(axis="y")


def differences(variants: list[Entry], sets: list[str], medium: Medium, title: str) -> Figure:
    """Paired gains of variants with their spread, one panel for each data set, one scale."""
    figure = medium.figure(0.45 + 0.12 * len(variants) if medium.suffix == "svg" else 1)
    panels = figure.subplots(1, len(sets), sharex=True, sharey=True)
    places = np.arange(len(variants))
    for axes, name in zip(panels, sets, strict=True):
        found = [score(entry, name)["gain"] for entry in variants]
        axes.axvline(0, color=INK, linewidth=medium.line / 2)
        axes.errorbar(
            [100 * g["mean"] for g in found], places, xerr=[100 * (g["sd"] or 0) for g in found],
            fmt="o", color=SERIES[0][0], capsize=medium.font / 3, linewidth=medium.line,
        )  # fmt: skip
        axes.set_title(french.DATA[name] + ("" if name == FIRST else "\n(jamais vu)"))
        axes.grid(axis="x")
    panels[0].set_yticks(places, [french.VARIANTS[e["variant"]] for e in variants])
    panels[0].set_ylim(len(variants) - 0.5, -0.5)
    panels[0].xaxis.set_major_locator(MaxNLocator(4, integer=True))
    in_french(panels[0].xaxis)
    figure.supxlabel(title, fontsize=medium.font)
    return figure
