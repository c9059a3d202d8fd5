"""View of one stored scene: the way to it and to its neighbours, models, protocol, the picture."""

from collections.abc import Sequence
from functools import partial

import address
import parts
import store
import streamlit as st
from future_vision import ApiError, Category, Scene
from texts import text

from views import model_list, one_photo, scene_list
from views.one_photo import Photo

PROTOCOLS = ("official", "with_void")


async def show(categories: Sequence[Category]) -> None:
    """Show the scene that the page's address names."""
    left, right = st.columns(one_photo.COLUMNS, gap="medium")
    try:
        with right:
            st.button(text("scenes.back"), key="back", type="tertiary",
                      on_click=address.put, kwargs={"id": None})  # fmt: skip
            scene = await scene_list.choose(categories)
            if scene is None:
                return
            chosen = await one_photo.choose_models()
            photo = _photo(scene)
        await one_photo.show(photo, chosen, left, right, categories)
    except ApiError as error:
        with left:
            parts.show_error(error, "scene")


def _photo(scene: Scene) -> Photo:
    """Return what the API knows of the scene, by the protocol that the visitor chooses."""
    picture = partial(store.photo, scene.id)
    if not scene.truth:
        predict = partial(store.prediction, scene.id, void=True)
        return Photo(scene.id, picture, predict, partial(store.confidence, scene.id, void=True))
    label = text("quality.protocol")
    protocol = model_list.choose("protocol", label, PROTOCOLS, PROTOCOLS[0], model_list.protocol)
    void = protocol == "with_void"
    return Photo(
        scene.id, picture,
        predict=partial(store.prediction, scene.id, void=void),
        confidence=partial(store.confidence, scene.id, void=void),
        truth=partial(store.truth, scene.id, void=void),
        evaluate=partial(store.evaluation, scene.id),
        protocol=protocol,
    )  # fmt: skip
