"""View of the published models: side by side and one by one."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import address
import charts
import parts
import store
import streamlit as st
import tables
import texts
from future_vision import ApiError, Category
from service import asked
from texts import known, number, text

from views import model_list

NAME = "quality"
SAMPLE = Path(__file__).parents[1] / "samples" / "day.jpg"

Metric = Mapping[str, Any]


async def show(categories: Sequence[Category]) -> None:
    """Show all published models side by side, and what is known of one."""
    try:
        models = model_list.published(await store.models())
        if not models:
            st.info(text("quality.no_model"))
            return
        st.markdown(f"### {text('models.all')}")
        await _draw_all(models)
        st.markdown(f"### {text('models.one')}")
        names = list(models)
        model = model_list.choose("model", text("quality.model"), names, names[0])
        _draw_published(models[model]["metrics"], categories)
        _draw_limits(models[model])
        st.markdown(f"### {text('models.pair')}")
        _draw_way_to_pair(model, models)
    except ApiError as error:
        parts.show_error(error, NAME)


def _draw_way_to_pair(a: str, models: model_list.Models) -> None:
    """Offer the gallery in the order of the differences between model A and another one."""
    if len(models) < 2:
        st.info(text("compare.one"))
        return
    st.caption(text("models.pair_how"))
    to: dict[str, str | None] = dict.fromkeys(
        ("id", "page", "folder", "present", "category", "below")
    )
    to |= {
        "view": "scenes",
        "sort": "differ",
        "model": a,
        "other": model_list.other_than(a, models),
    }
    st.button(text("models.pair_show"), key="pair", on_click=address.put, kwargs=to)


async def _draw_all(models: model_list.Models) -> None:
    """Tabulate all versions: mean IoU by data set, best and worst category, input, time."""
    sets = list(dict.fromkeys(name for row in models.values() for name in model_list.means(row)))
    times: dict[str, float | None] = st.session_state.get("model_times", {})
    columns = [
        text("quality.model"), *sets, text("models.worst"), text("models.best"),
        text("compare.input"), text("models.size"), text("models.time"),
    ]  # fmt: skip
    rows = []
    for name, model in models.items():
        found = model_list.means(model)
        named = text("models.active", model=name) if model["active"] else name
        means = [tables.value(found.get(data, {}).get("mean_iou"), 3) for data in sets]
        pixels = model_list.pixels(model["input"]) if "input" in model else tables.NONE
        size = number(model["bytes"] / store.MEGABYTE, 1) if model.get("bytes") else tables.NONE
        time = tables.value(times.get(name), 0)
        rows.append([named, *means, *_extremes(found, sets), pixels, size, time])
    st.html(tables.grid(text("models.caption"), columns, rows))
    first = sets[0] if sets else tables.NONE
    st.caption(text("models.how", data=parts.plain(first)))
    st.button(text("models.measure"), key="measure", on_click=_want_times)
    if st.session_state.get("times_wanted"):
        await _measure(models)


def _extremes(found: Mapping[str, Metric], sets: Sequence[str]) -> tuple[str, str]:
    """Return worst and best category on the first data set, each with its IoU."""
    scored = found[sets[0]]["iou"] if sets and sets[0] in found else {}
    known = sorted((value, name) for name, value in scored.items() if value is not None)
    if not known:
        return tables.NONE, tables.NONE
    worst, best = (
        f"{texts.category(name)} {number(value, 3)}" for value, name in (known[0], known[-1])
    )
    return worst, best


def _want_times() -> None:
    st.session_state["times_wanted"] = True
    st.session_state["model_times"] = {}


async def _measure(models: model_list.Models) -> None:
    """Have each model predict a sample twice; the quicker time counts, the first may load it.

    A click on something else ends it; the next run of the page goes on. A model that cannot be
    used has no time.
    """
    times: dict[str, float | None] = st.session_state["model_times"]
    photo = SAMPLE.read_bytes()

    async def predicted(model: str) -> float:
        tries = [await asked(lambda client: client.predict(photo, model=model)) for _ in range(2)]
        return min(found.timings_ms["total"] for found in tries)

    for name in models:
        if name not in times:
            note = text("compare.predicting", model=parts.plain(name))
            try:
                times[name] = await parts.waited(predicted(name), note)
            except ApiError as error:
                if error.may_pass:
                    parts.show_error(error, "times")
                    return
                times[name] = None
    st.session_state["times_wanted"] = False
    st.rerun()


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
        "labels": _size(metric.get("labels", tables.NONE)),
    }


def _size(said: str) -> str:
    """Write a resolution; where photos have several, the publisher says "3 sizes"."""
    several = re.fullmatch(r"(\d+) sizes", said)
    return text("quality.sizes", count=several[1]) if several else said


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
