"""What the page keeps of the API's answers, so that a rerun asks only for what is new.

Failed calls raise, and what raises is not kept: the next run asks again.
"""

from dataclasses import dataclass
from itertools import islice

import streamlit as st
from future_vision import Category, Picture, Prediction, Scene
from service import client

SCENES = 10_000
PICTURES = 32
PREDICTIONS = 16


@dataclass(frozen=True)
class SceneList:
    """Scenes in order of their ids; not `complete` where the API knows more of them."""

    scenes: tuple[Scene, ...]
    complete: bool


@st.cache_data(ttl=600, show_spinner=False)
def categories() -> tuple[Category, ...]:
    """Return all categories."""
    return client().categories()


@st.cache_data(ttl=30, show_spinner=False)
def active_model() -> str | None:
    """Return the active model as name:version."""
    active = client().models().get("active")
    return None if active is None else str(active)


@st.cache_data(ttl=60, max_entries=1, show_spinner=False)
def scenes() -> SceneList:
    """Return the first SCENES scenes."""
    found = client().scenes()
    scenes = tuple(islice(found, SCENES))
    return SceneList(scenes, complete=next(found, None) is None)


@st.cache_data(ttl=60, max_entries=64, show_spinner=False)
def find_scene(scene_id: str) -> Scene | None:
    """Return the scene of that id, None where there is none."""
    # Ids come in order, so the id itself comes before all that only start with it.
    first = next(client().scenes(scene_id), None)
    return first if first and first.id == scene_id else None


@st.cache_data(ttl=3600, max_entries=PICTURES, show_spinner=False)
def photo(scene_id: str) -> Picture:
    """Return the photo of a scene."""
    return client().photo(scene_id)


@st.cache_data(ttl=3600, max_entries=PICTURES, show_spinner=False)
def truth(scene_id: str) -> Picture:
    """Return the true mask of a scene."""
    return client().truth(scene_id)


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
