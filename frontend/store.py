"""What the page keeps of the API's answers, so that a rerun asks only for what is new.

Failed calls raise, and what raises is not kept: the next run asks again.
"""

import api_client
import streamlit as st
from api_client import Category, Picture, Prediction, Scene, SceneList

PICTURES = 32
PREDICTIONS = 16


@st.cache_data(ttl=600, show_spinner=False)
def categories() -> tuple[Category, ...]:
    """Return all categories."""
    return api_client.categories()


@st.cache_data(ttl=30, show_spinner=False)
def active_model() -> str | None:
    """Return the active model as name:version."""
    return api_client.active_model()


@st.cache_data(ttl=60, max_entries=1, show_spinner=False)
def scenes() -> SceneList:
    """Return the first scenes."""
    return api_client.scenes()


@st.cache_data(ttl=60, max_entries=64, show_spinner=False)
def find_scene(scene_id: str) -> Scene | None:
    """Return the scene of that id, None where there is none."""
    return api_client.find_scene(scene_id)


@st.cache_data(ttl=3600, max_entries=PICTURES, show_spinner=False)
def photo(scene_id: str) -> Picture:
    """Return the photo of a scene."""
    return api_client.photo(scene_id)


@st.cache_data(ttl=3600, max_entries=PICTURES, show_spinner=False)
def truth(scene_id: str) -> Picture:
    """Return the true mask of a scene."""
    return api_client.truth(scene_id)


def prediction(scene_id: str) -> Prediction | None:
    """Return what this visitor had predicted for a scene."""
    kept: dict[str, Prediction] = st.session_state.get("predictions", {})
    return kept.get(scene_id)


def keep_prediction(scene_id: str, result: Prediction) -> None:
    """Keep a prediction for this visitor, the latest few of them."""
    kept: dict[str, Prediction] = st.session_state.setdefault("predictions", {})
    kept.pop(scene_id, None)
    kept[scene_id] = result
    while len(kept) > PREDICTIONS:
        del kept[next(iter(kept))]
