"""One photo, stored or one's own, as one or two models see it: viewer, scores, downloads."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import address
import parts
import pictures
import store
import streamlit as st
import tables
import viewer
from future_vision import ApiError, Category, Picture, Prediction
from streamlit.delta_generator import DeltaGenerator
from texts import text

from views import model_list

COLUMNS = (3, 1)
"""Widths of the picture and of what is beside it; on a phone the picture comes first."""

LAYERS = ("prediction", "other")
"""What the viewer calls the masks of models A and B."""

Scores = Mapping[str, Any]


@dataclass(frozen=True)
class Photo:
    """A photo, and how to ask the API about it; a model is a name:version.

    Args:
        name: a scene's id or a file's name.
        picture: asks for it as a browser shows it upright.
        predict: asks for a model's mask.
        confidence: asks for a model's confidence map.
        truth: asks for its true mask, if it has one.
        evaluate: asks what a model scores on it, if it has a true mask.
        protocol: by which masks, errors and scores are made and counted.
    """

    name: str
    picture: Callable[[], Awaitable[Picture]]
    predict: Callable[[str], Awaitable[Prediction]]
    confidence: Callable[[str], Awaitable[Picture]]
    truth: Callable[[], Awaitable[Picture]] | None = None
    evaluate: Callable[[str], Awaitable[Scores]] | None = None
    protocol: str = "official"


async def choose_models() -> list[str]:
    """Draw the choice of model A and, if wanted, of B; the page's address keeps it.

    Returns:
        The models chosen, one or two; none where none is published, which the page then says.
    """
    models = model_list.published(await store.models())
    names = list(models)
    if not names:
        st.info(text("quality.no_model"))
        return []
    first = model_list.choose("model", text("compare.model", letter="A"), names, names[0])
    others = [name for name in names if name != first]
    if not others:
        return [first]
    other = model_list.other_than(first, models)
    if st.query_params.get("other") == first:
        address.correct(other=other)
    compares = st.session_state["compares"] = "other" in st.query_params

    def compare() -> None:
        address.put(other=other if st.session_state["compares"] else None)

    st.toggle(text("compare.with"), key="compares", on_change=compare)
    if not compares:
        return [first]
    label = text("compare.model", letter="B")
    return [first, model_list.choose("other", label, others, other)]


async def show(
    photo: Photo, chosen: Sequence[str], left: DeltaGenerator, right: DeltaGenerator,
    categories: Sequence[Category],
) -> None:  # fmt: skip
    """Show the photo in the viewer, and have it predicted by each of the chosen models.

    Args:
        photo: what is shown.
        chosen: one or two models.
        left: where the viewer is drawn.
        right: where scores are drawn, below what is there already.
        categories: all of them.

    Raises:
        ApiError: the photo itself cannot be had; what else fails is said on the page.
    """
    with left:
        viewer.place(categories, photo.protocol, two=len(chosen) > 1)
        layers = st.container(gap=None)
    asking = [photo.picture(), *([photo.truth()] if photo.truth else [])]
    with layers:
        stored = await parts.waited(asyncio.gather(*asking), text("photo.waiting"))
        for name, picture in zip(("photo", "truth"), stored, strict=False):
            st.html(pictures.layer(picture, name, photo.name, photo.protocol))
    with right:
        made = await _predicted(photo, chosen, layers)
        if made and await _draw_confidence(photo, made[0].model, layers):
            st.caption(text("figure.sure"))
        if photo.evaluate is None:
            st.caption(text("scores.no_truth"))
        elif made:
            await _draw_scores(photo, photo.evaluate, chosen[: len(made)], categories)


async def _predicted(
    photo: Photo, chosen: Sequence[str], layers: DeltaGenerator
) -> list[Prediction]:
    """Have the photo predicted, a model at a time; say what fails, and draw nothing after it."""
    made: list[Prediction] = []
    for letter, layer, model in zip("AB", LAYERS, chosen, strict=False):
        note = text("compare.predicting", model=parts.plain(model))
        try:
            prediction = await parts.waited(photo.predict(model), note)
        except ApiError as error:
            parts.show_error(error, f"predict_{layer}")
            break
        made.append(prediction)
        with layers:
            document = parts.document(prediction)
            html = pictures.layer(prediction.mask, layer, photo.name, photo.protocol, document)
            st.html(html)
        parts.show_origin(prediction, letter if len(chosen) > 1 else "")
    return made


async def _draw_confidence(photo: Photo, model: str, layers: DeltaGenerator) -> bool:
    """Offer the confidence map of model A as a layer; return whether it is there."""
    st.session_state["sure"] = "sure" in st.query_params

    def remember() -> None:
        address.put(sure="1" if st.session_state["sure"] else None)

    if not st.toggle(text("figure.confidence"), key="sure", on_change=remember):
        return False
    try:
        picture = await parts.waited(photo.confidence(model), text("waiting.sure"))
    except ApiError as error:
        parts.show_error(error, "sure")
        return False
    with layers:
        st.html(pictures.layer(picture, "confidence", photo.name, photo.protocol))
    return True


async def _draw_scores(
    photo: Photo, evaluate: Callable[[str], Awaitable[Scores]], chosen: Sequence[str],
    categories: Sequence[Category],
) -> None:  # fmt: skip
    """Show the scores of the photo's protocol, side by side for two models."""
    try:
        asking = asyncio.gather(*map(evaluate, chosen))
        documents = await parts.waited(asking, text("waiting.scores"))
    except ApiError as error:  # a model may have been withdrawn: the rest of the page stays
        parts.show_error(error, "scores")
        return
    scored = [document[photo.protocol] for document in documents]
    rows = [row for row in categories if row.name in scored[0]["iou"]]
    protocol = model_list.protocol(photo.protocol)
    if len(scored) == 1:
        mean = scored[0]["mean_iou"]
        caption = text("scores.scene", mean=tables.value(mean, 3), protocol=protocol)
        st.html(tables.iou_bars(caption, rows, scored[0]["iou"], mean))
    else:
        caption = text("scores.two", protocol=protocol)
        st.html(tables.pair_of_ious(caption, rows, *(score["iou"] for score in scored),
                                    *(score["mean_iou"] for score in scored)))  # fmt: skip
    st.html(pictures.overlap(text("viewer.view.prediction"), text("viewer.view.truth")))
    st.caption(text("scores.iou"))
    _save(text("scores.csv"), f"{photo.name}_iou.csv", _ious(chosen, scored, rows))
    with st.expander(text("scores.confusion")):
        for model, score in zip(chosen, scored, strict=True):
            places = [categories.index(row) for row in rows]
            matrix = [[score["confusion"][i][j] for j in places] for i in places]
            caption = f"{model}: {text('scores.confusion_caption')}"
            st.html(tables.confusion(caption, rows, matrix))
            names = [row.name for row in rows]
            table = [
                ["true \\ predicted", *names],
                *([n, *r] for n, r in zip(names, matrix, strict=True)),
            ]
            file = f"{photo.name}_{model.replace(':', '_')}_confusion.csv"
            _save(text("scores.confusion_csv"), file, table)


def _ious(
    chosen: Sequence[str], scored: Sequence[Scores], rows: Sequence[Category]
) -> list[list[Any]]:
    """Tabulate IoUs: a row for each category and for the mean, a column for each model."""
    return [
        ["category", *chosen],
        *([row.name, *(score["iou"][row.name] for score in scored)] for row in rows),
        ["mean", *(score["mean_iou"] for score in scored)],
    ]


def _save(label: str, file: str, rows: Sequence[Sequence[Any]]) -> None:
    st.html(pictures.saved(label, file.replace("/", "_"), "text/csv", tables.as_csv(rows)))
