"""View of the stored scenes: photo, true mask, predicted mask, and how right it is."""

import asyncio
from collections.abc import Sequence
from typing import Any

import parts
import pictures
import store
import streamlit as st
import tables
import viewer
from future_vision import ApiError, Category, Picture, Prediction, Scene
from pictures import Layer
from service import asked
from texts import text

from views import scene_list

NAME = "explore"


async def show(categories: Sequence[Category]) -> None:
    """Show the scene that the page's address names, and the ways to the others."""
    try:
        scene = await scene_list.choose()
        if scene is None:
            return
        with st.container(horizontal=True, vertical_alignment="center"):
            pressed = st.button(text("explore.predict"), type="primary", key="predict")
            always = st.toggle(text("explore.always"), key="always")
            sure = st.toggle(text("figure.confidence"), key="sure")
        refused = st.session_state.get("wanted_refused") == scene.id
        unseen = store.prediction(scene.id) is None and not refused
        if pressed or (always and unseen):
            st.session_state["wanted"] = scene.id
        prediction = await _draw_pictures(scene)
        try:
            await _draw_details(scene, prediction, categories, sure=sure)
        except ApiError as error:  # its model may have been withdrawn: the rest of the page stays
            parts.show_error(error, "details")
    except ApiError as error:
        parts.show_error(error, NAME)


async def _draw_pictures(scene: Scene) -> Prediction | None:
    """Draw what there is of a scene side by side; return its prediction, if it was wanted."""
    left, middle, right = st.columns(3)
    stored = [store.photo(scene.id)]
    if scene.truth:
        stored.append(store.truth(scene.id))
    with left:
        photo, *truth = await parts.waited(asyncio.gather(*stored), text("explore.waiting"))
        st.html(_layer("photo", scene, photo))
    with middle:
        if truth:
            st.html(_layer("truth", scene, truth[0]))
        else:
            st.html(pictures.placeholder(text("figure.truth"), text("explore.no_truth")))
    with right:
        prediction = await _predicted(scene)
        if prediction is None:
            st.html(pictures.placeholder(text("figure.prediction"), text("explore.press")))
        else:
            st.html(parts.mask_figure(NAME, scene.id, prediction))
    return prediction


def _layer(name: str, scene: Scene, picture: Picture) -> str:
    alt = text(f"alt.{name}", id=scene.id)
    return pictures.figure(picture, alt, Layer(NAME, name, scene.id))


async def _predicted(scene: Scene) -> Prediction | None:
    """Return the scene's prediction, made now if that is wanted; where it fails, the former one."""
    if st.session_state.get("wanted") == scene.id:
        answer = asked(lambda client: client.predict_scene(scene.id))
        answering = parts.waited(answer, text("waiting.prediction"))
        if prediction := await parts.granted("wanted", answering, "predict"):
            store.keep_prediction(scene.id, prediction)
    return store.prediction(scene.id)


async def _draw_details(
    scene: Scene, prediction: Prediction | None, categories: Sequence[Category], *, sure: bool
) -> None:
    left, right = st.columns([3, 2], gap="medium")
    with left:
        viewer.place(NAME, categories)
    if prediction is None:
        right.caption(text("explore.later"))
        return
    with right:
        parts.show_origin(prediction)
        if scene.truth:
            scoring = store.evaluation(scene.id, prediction.model)
            _draw_scores(await parts.waited(scoring, text("waiting.scores")), categories)
        if sure:
            asking = store.confidence(scene.id, prediction.model)
            st.html(_layer("confidence", scene, await parts.waited(asking, text("waiting.sure"))))


def _draw_scores(scores: dict[str, Any], categories: Sequence[Category]) -> None:
    official = scores["official"]
    caption = text("scores.scene", mean=tables.value(official["mean_iou"], 3))
    st.html(tables.iou_bars(caption, categories, official["iou"], official["mean_iou"]))
    with st.expander(text("scores.confusion")):
        matrix = scores["with_void"]["confusion"]
        st.html(tables.confusion(text("scores.confusion_caption"), categories, matrix))
