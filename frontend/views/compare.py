"""View of two published models on the same scene: their masks, scores and times."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import parts
import pictures
import store
import streamlit as st
import tables
import texts
import viewer
from future_vision import ApiError, Category, Prediction, Scene
from pictures import Layer
from service import asked
from texts import text

from views import model_list, scene_list

NAME = "compare"
LAYERS = ("prediction", "other")
"""What the viewer calls the masks of A and B."""

Models = Mapping[str, Mapping[str, Any]]
Pair = tuple[str, str]


@dataclass(frozen=True)
class Comparison:
    """A scene as models A and B (name:version) see it."""

    scene: str
    models: Pair
    predictions: tuple[Prediction, Prediction]


async def show(categories: Sequence[Category]) -> None:
    """Compare the models that the page's address names on the scene that it names."""
    try:
        models = model_list.published(await store.models())
        if len(models) < 2:
            st.info(text("compare.one"))
            return
        scene = await scene_list.choose()
        if scene is None:
            return
        pair = _choose(models, scene)
        await _draw(scene, pair, models, categories)
    except ApiError as error:
        parts.show_error(error, NAME)


def _choose(models: Models, scene: Scene) -> Pair:
    """Draw the two lists and the button that has them compared."""
    left, right, last = st.columns([3, 3, 1], vertical_alignment="bottom")
    names = list(models)
    first, second = model_list.choose_two(
        left, right, names, lambda a: next(name for name in names if name != a)
    )
    if last.button(text("compare.start"), type="primary", key="compare_start", width="stretch"):
        st.session_state["compared"] = (scene.id, (first, second))
    return first, second


async def _draw(scene: Scene, pair: Pair, models: Models, categories: Sequence[Category]) -> None:
    places = st.columns(4 if scene.truth else 3)
    stored = [store.photo(scene.id)]
    if scene.truth:
        stored.append(store.truth(scene.id))
    with places[0]:
        pictured = await parts.waited(asyncio.gather(*stored), text("explore.waiting"))
    for place, layer, picture in zip(places, ("photo", "truth"), pictured, strict=False):
        alt = text(f"alt.{layer}", id=scene.id)
        place.html(pictures.figure(picture, alt, Layer(NAME, layer, scene.id)))
    compared = await _compared(scene, pair, pictured[0].data)
    for place, layer, letter, model in zip(places[-2:], LAYERS, "AB", pair, strict=True):
        with place:
            if compared is None:
                words = text("compare.press")
                st.html(pictures.placeholder(text(f"figure.compare.{layer}"), words))
            else:
                prediction = compared.predictions[LAYERS.index(layer)]
                st.html(parts.mask_figure(NAME, scene.id, prediction, layer))
            st.caption(parts.plain(f"{letter}: {model}"))
    await _draw_details(scene, compared, models, categories)


async def _compared(scene: Scene, pair: Pair, photo: bytes) -> Comparison | None:
    """Return the comparison, made now if that is wanted, else the one that is at hand."""

    async def compare() -> Comparison:
        first, second = [await _predict(photo, model) for model in pair]
        return Comparison(scene.id, pair, (first, second))

    if st.session_state.get("compared") == (scene.id, pair):
        if compared := await parts.granted("compared", compare(), "models"):
            st.session_state[NAME] = compared
        return compared
    kept: Comparison | None = st.session_state.get(NAME)
    return kept if kept and (kept.scene, kept.models) == (scene.id, pair) else None


async def _predict(photo: bytes, model: str) -> Prediction:
    """Have a photo segmented twice, and return the quicker: the first may have loaded the model."""

    async def twice() -> list[Prediction]:
        return [await asked(lambda client: client.predict(photo, model=model)) for _ in range(2)]

    note = text("compare.predicting", model=parts.plain(model))
    tries = await parts.waited(twice(), note)
    return min(tries, key=lambda prediction: prediction.timings_ms["total"])


async def _draw_details(
    scene: Scene, compared: Comparison | None, models: Models, categories: Sequence[Category]
) -> None:
    left, right = st.columns([3, 2], gap="medium")
    with left:
        viewer.place(NAME, categories)
    if compared is None:
        right.caption(text("compare.later"))
        return
    a, b = (models[name] for name in compared.models)
    with right:
        if scene.truth:
            scoring = [store.evaluation(scene.id, name) for name in compared.models]
            scores = await parts.waited(asyncio.gather(*scoring), text("waiting.scores"))
            official = [score["official"] for score in scores]
            st.html(_grid(text("compare.scores"), _score_rows(official, categories)))
        st.html(_grid(text("compare.times"), [_input_row(a, b), *_time_rows(compared)]))
        st.caption(text("compare.quicker"))
    st.html(_grid(text("compare.published"), _published_rows(a["metrics"], b["metrics"])))
    st.caption(text("compare.validation"))


def _grid(caption: str, rows: Sequence[Sequence[str]]) -> str:
    return tables.grid(caption, ["", "A", "B", text("compare.difference")], rows)


def _row(name: str, a: float | None, b: float | None, digits: int) -> list[str]:
    values = (tables.value(a, digits), tables.value(b, digits), tables.difference(a, b, digits))
    return [name, *values]


def _score_rows(
    scores: Sequence[Mapping[str, Any]], categories: Sequence[Category]
) -> list[list[str]]:
    one, other = scores
    rows = [_row(text("table.mean_iou"), one["mean_iou"], other["mean_iou"], 3)]
    for row in categories:
        if row.name in one["iou"]:
            name = texts.category(row.name)
            rows.append(_row(name, one["iou"][row.name], other["iou"].get(row.name), 3))
    return rows


def _input_row(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[str]:
    sizes = (model_list.pixels(row["input"]) for row in (a, b))
    return [text("compare.input"), *sizes, ""]


def _time_rows(compared: Comparison) -> list[list[str]]:
    one, other = (row.timings_ms for row in compared.predictions)
    names = {"decode": text("compare.decode"), "infer": text("compare.infer"),
             "encode": text("compare.encode"), "total": text("compare.total")}  # fmt: skip
    return [_row(names.get(step, step), one[step], other.get(step), 1) for step in one]


def _published_rows(
    a: Sequence[Mapping[str, Any]], b: Sequence[Mapping[str, Any]]
) -> list[list[str]]:
    """Tabulate the published means of all that either was measured on."""
    one, other = ({(row["data"], row["split"], row["protocol"]): row for row in m} for m in (a, b))
    return [
        _row(
            f"{model_list.data_set(row)}, {model_list.protocol(row['protocol'])}",
            one.get(key, {}).get("mean_iou"),
            other.get(key, {}).get("mean_iou"),
            3,
        )
        for key, row in {**other, **one}.items()
    ]
