"""View of the stored scenes: photo, true mask, predicted mask."""

import parts
import pictures
import store
import streamlit as st
from future_vision import ApiError, Category, Scene
from service import asked

NAME = "explore"


async def show(categories: tuple[Category, ...]) -> None:
    """Show the scene that the page's address names, and the ways to the others."""
    try:
        scenes = _scenes()
        if not scenes:
            st.info("No scenes are stored yet. You can still segment a photo of your own.")
            return
        scene = _addressed(scenes)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            _draw_list(list(scenes), scene.id)
            wants_prediction = st.button("Predict", type="primary", key="predict")
        if wants_prediction:
            await _predict(scene)
        _show_scene(scene, categories)
    except ApiError as error:
        parts.show_error(error, NAME)


def _scenes() -> dict[str, Scene]:
    """Return the scenes to choose from, by id; among them the one in the address, if it exists."""
    listed = store.scenes()
    scenes = {scene.id: scene for scene in listed.scenes}
    if listed.complete:
        return scenes
    st.caption(f"The first {len(scenes):,} scenes are listed; a link with ?id= opens any other.")
    wanted = st.query_params.get("id")
    if wanted and wanted not in scenes and (found := store.find_scene(wanted)):
        return {found.id: found, **scenes}
    return scenes


def _addressed(scenes: dict[str, Scene]) -> Scene:
    """Return the scene that the page's address (?id=) names, else the first one.

    The address alone says what is shown, so that every view of the page is a link to itself.
    """
    wanted = st.query_params.get("id")
    if wanted and wanted not in scenes:
        st.warning("There is no scene with the id in this page's address. This is the first one.")
    return scenes.get(wanted or "") or next(iter(scenes.values()))


def _draw_list(ids: list[str], chosen: str) -> None:
    place = ids.index(chosen)
    st.session_state["scene"] = chosen
    st.selectbox(
        f"Scene {place + 1:,} of {len(ids):,}",
        ids,
        key="scene",
        filter_mode="contains",
        on_change=lambda: _go_to(st.session_state["scene"]),
    )
    _step("← Previous", ids[place - 1] if place > 0 else None)
    _step("Next →", ids[place + 1] if place + 1 < len(ids) else None)


def _step(label: str, target: str | None) -> None:
    st.button(label, key=label, disabled=target is None, on_click=_go_to, args=(target,))


def _go_to(scene_id: str) -> None:
    st.query_params["id"] = scene_id


async def _predict(scene: Scene) -> None:
    """Ask for a prediction; where it fails, the rest of the page stays."""
    try:
        with st.spinner("Predicting …"):
            prediction = await asked(lambda client: client.predict_scene(scene.id))
            store.keep_prediction(scene.id, prediction)
    except ApiError as error:
        parts.show_error(error, "predict")


def _show_scene(scene: Scene, categories: tuple[Category, ...]) -> None:
    photo = store.photo(scene.id)
    prediction = store.prediction(scene.id)
    figures = [pictures.figure("Photo", photo, f"Photo of scene {scene.id}"), _truth_figure(scene)]
    if prediction:
        st.html(pictures.grid([*figures, parts.mask_figure(prediction)]))
        parts.show_details(NAME, scene.id, prediction, photo, categories)
    else:
        waiting = pictures.placeholder("Predicted mask", "Press Predict to see it.")
        st.html(pictures.grid([*figures, waiting]))
        st.html(pictures.key(categories))


def _truth_figure(scene: Scene) -> str:
    if not scene.truth:
        return pictures.placeholder("True mask", "There is no true mask for this scene.")
    alt = f"True mask of scene {scene.id}"
    return pictures.figure("True mask", store.truth(scene.id), alt, mask=True)
