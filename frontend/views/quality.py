"""View of how good a model is: as its publisher measured, and on the scenes stored here."""

from collections.abc import Mapping, Sequence
from typing import Any

import charts
import parts
import store
import streamlit as st
import tables
from future_vision import ApiError, Category
from texts import known, number, text

from views import model_list, stored_scores

NAME = "quality"

Metric = Mapping[str, Any]


async def show(categories: Sequence[Category]) -> None:
    """Show the scores of the model that the page's address names."""
    try:
        models = model_list.published(await store.models())
        if not models:
            st.info(text("quality.no_model"))
            return
        names = list(models)
        model = model_list.choose("model", text("quality.model"), names, names[0])
        st.markdown(f"### {text('quality.published')}")
        _draw_published(models[model]["metrics"], categories)
        _draw_limits(models[model])
        st.markdown(f"### {text('quality.stored')}")
        await stored_scores.show(model, categories)
    except ApiError as error:
        parts.show_error(error, NAME)


def _draw_published(metrics: Sequence[Metric], categories: Sequence[Category]) -> None:
    if not metrics:
        st.info(text("quality.no_scores"))
        return
    names = list(dict.fromkeys(map(model_list.data_set, metrics)))
    left, right = st.columns(2)
    with left:
        name = model_list.choose("data", text("quality.data"), names, names[0])
    rows = {row["protocol"]: row for row in metrics if model_list.data_set(row) == name}
    with right:
        protocol = model_list.choose(
            "protocol", text("quality.protocol"), list(rows), next(iter(rows)), model_list.protocol
        )
    left, right = st.columns(2, gap="large")
    with left:
        st.html(_bars(rows[protocol], categories))
    with right:
        st.html(_overview(metrics))
        st.caption(text("quality.protocols"))
    if curves := next((row["robustness"] for row in rows.values() if "robustness" in row), None):
        _draw_robustness(name, curves)


def _bars(metric: Metric, categories: Sequence[Category]) -> str:
    caption = text(
        "quality.bars",
        data=model_list.data_set(metric),
        protocol=model_list.protocol(metric["protocol"]),
        **_facts(metric),
    )
    return tables.iou_bars(caption, categories, metric["iou"], metric["mean_iou"])


def _facts(metric: Metric) -> dict[str, str]:
    """Return what a publisher may have left out, as text."""
    photos = number(metric["photos"]) if "photos" in metric else tables.NONE
    return {
        "photos": photos,
        "input": str(metric.get("input", tables.NONE)),
        "labels": str(metric.get("labels", tables.NONE)),
    }


def _overview(metrics: Sequence[Metric]) -> str:
    """Tabulate all data sets, with a column for each protocol."""
    protocols = list(dict.fromkeys(row["protocol"] for row in metrics))
    sets: dict[str, dict[str, Metric]] = {}
    for row in metrics:
        sets.setdefault(model_list.data_set(row), {})[row["protocol"]] = row
    columns = [
        text("quality.data"), *map(model_list.protocol, protocols), text("quality.photos"),
        text("quality.labels"),
    ]  # fmt: skip
    rows = []
    for name, found in sets.items():
        facts = _facts(next(iter(found.values())))
        means = [tables.value(found.get(p, {}).get("mean_iou"), 3) for p in protocols]
        rows.append([name, *means, facts["photos"], facts["labels"]])
    return tables.grid(text("quality.overview"), columns, rows)


def _draw_robustness(data: str, given: Mapping[str, Any]) -> None:
    curves = {
        text(f"quality.kind.{kind}") if known(f"quality.kind.{kind}") else kind: values
        for kind, values in given.items()
        if isinstance(values, list)
    }
    photos = text("quality.disturbed", data=data, photos=number(given["photos"]))
    left, right = st.columns(2, gap="large")
    with left:
        chart = charts.robustness(text("quality.robustness"), photos, given["clean"], curves)
        st.vega_lite_chart(chart, key="robustness")
    with right:
        levels = range(1, 1 + max(map(len, curves.values()), default=0))
        columns = [text("quality.disturbance"), text("quality.clean"), *map(str, levels)]
        rows = [
            [name, number(given["clean"], 3), *(number(value, 3) for value in values)]
            for name, values in curves.items()
        ]
        st.html(tables.grid(text("quality.numbers"), columns, rows))
        st.caption(text("quality.strengths"))


def _draw_limits(model: Mapping[str, Any]) -> None:
    with st.expander(text("quality.limits")):
        for limit in ("validation", "pixels", "disturbed", "driving"):
            st.markdown(f"- {text(f'quality.limit.{limit}')}")
        st.caption(parts.plain(model["license"]))
