"""Specifications of charts for `st.vega_lite_chart`.

Data stands inside the layers: at the top Streamlit would send it through Arrow, which the static
build lacks.
"""

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Any

import texts
from texts import text

LOOKS = (
    ("#2f86c9", [1, 0], "circle"),
    ("#d9691f", [8, 3], "square"),
    ("#9a6fd0", [2, 3], "triangle-up"),
    ("#2f9b6a", [8, 3, 2, 3], "diamond"),
    ("#8a7a2f", [12, 3], "triangle-down"),
    ("#c2527f", [4, 4], "cross"),
)
"""Colour, dashes and point of each curve: told apart without colour; 3:1 on white and on #11181f
(WCAG 2.2, 1.4.11)."""


def robustness(
    title: str, photos: str, clean: float, curves: Mapping[str, Sequence[float]]
) -> dict[str, Any]:
    """Draw how mean IoU falls with the strength of what disturbs a photo.

    Args:
        title: over the chart.
        photos: which ones, on a line of its own.
        clean: mean IoU of undisturbed photos, 0.0 to 1.0: where all curves start.
        curves: mean IoU at strengths 1, 2, ..., by the name of what disturbs.
    """
    strength, kind = text("quality.strength"), text("quality.disturbance")
    rows = [
        {"strength": str(level), "iou": value, "kind": name, "said": texts.number(value, 3)}
        for name, values in curves.items()
        for level, value in enumerate((clean, *values))
    ]
    top = math.ceil(10 * max([clean, *itertools.chain.from_iterable(curves.values())])) / 10
    looks = dict(zip(curves, LOOKS * len(curves), strict=False))
    encoding = {
        "x": {"field": "strength", "type": "ordinal", "axis": {"title": strength, "labelAngle": 0}},
        "y": {
            "field": "iou", "type": "quantitative", "scale": {"domain": [0, top]},
            "axis": {
                "title": text("table.mean_iou"), "labelExpr": _decimals(), "labelFlush": False,
            },
        },
        "tooltip": [
            {"field": "kind", "title": kind}, {"field": "strength", "title": strength},
            {"field": "said", "title": text("table.mean_iou")},
        ],
    }  # fmt: skip

    def look(place: int) -> dict[str, Any]:
        shown = [row[place] for row in looks.values()]
        legend = {"orient": "bottom", "columns": 2, "symbolSize": 90, "symbolStrokeWidth": 2}
        scale = {"domain": list(looks), "range": shown}
        return {"field": "kind", "type": "nominal", "title": None, "scale": scale, "legend": legend}

    lines = {**encoding, "color": look(0), "strokeDash": look(1)}
    points = {**encoding, "color": look(0), "shape": look(2)}
    return {
        "title": {"text": [title, photos], "anchor": "start"},
        "description": f"{title}: {photos}",
        "height": 400,
        "layer": [
            {"data": {"values": rows}, "mark": {"type": "line"}, "encoding": lines},
            {
                "data": {"values": rows},
                "mark": {"type": "point", "filled": True, "size": 70, "opacity": 1},
                "encoding": points,
            },
        ],
    }


def _decimals() -> str:
    label = "format(datum.value, '.1f')"
    return f"replace({label}, '.', ',')" if texts.language() == "fr" else label
