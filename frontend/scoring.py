"""Scores of single scenes, which the visitor's session keeps."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import many
import parts
import scores
import store
import streamlit as st
from future_vision import ApiError, Category
from texts import number, text


class Score(NamedTuple):
    """What a model scores on a scene, by the official protocol.

    `iou` is by category name, 0.0 to 1.0; a mean or an IoU is None where nothing is evaluated.
    `present` are the categories in the ground truth; `confusion` counts the pixels.
    """

    mean: float | None
    iou: Mapping[str, float | None]
    present: frozenset[str]
    confusion: scores.Matrix

    def of(self, category: str) -> float | None:
        """Return the IoU of a category, the mean of all where it is named ""."""
        return self.iou.get(category) if category else self.mean


Key = tuple[str, str]
"""A scene and a model (name:version)."""


def known() -> dict[Key, Score]:
    """Return all scores that the session has."""
    kept: dict[Key, Score] = st.session_state.setdefault("scores", {})
    return kept


def _refused(models: Sequence[str]) -> dict[str, ApiError]:
    """Return why scenes, by id, will never be scored by these models."""
    every: dict[tuple[str, ...], dict[str, ApiError]]
    every = st.session_state.setdefault("scores_refused", {})
    return every.setdefault(tuple(models), {})


def unscored(ids: Sequence[str], models: Sequence[str]) -> list[str]:
    """Return the scenes that one of the models has not scored yet, and still may."""
    kept, refused = known(), _refused(models)
    return [
        id for id in ids
        if id not in refused and not all((id, model) in kept for model in models)
    ]  # fmt: skip


def read(document: Mapping[str, Any], categories: Sequence[Category]) -> Score:
    """Read an answer of `Client.evaluation`."""
    official = document["official"]
    rows = zip(categories, official["confusion"], strict=True)
    present = frozenset(row.name for row, pixels in rows if any(pixels))
    return Score(official["mean_iou"], official["iou"], present, official["confusion"])


def added(ids: Sequence[str], model: str) -> scores.Matrix:
    """Return the sum of the confusion matrices of scenes that the model has scored."""
    return scores.added(known()[id, model].confusion for id in ids)


async def score(ids: Sequence[str], models: Sequence[str], categories: Sequence[Category]) -> None:
    """Ask for the scores that are not known yet, until the visitor stops it; then draw anew.

    What the API refuses is said above, and is not asked for again.

    Args:
        ids: of scenes with ground truth.
        models: all of them score each scene.
        categories: all of them, in the API's order.
    """
    kept, refused = known(), _refused(models)
    parts.show_refused({id: refused[id] for id in ids if id in refused})
    left = unscored(ids, models)
    if not left:
        return
    wish = (tuple(ids), tuple(models))
    done = len(ids) - len(left)
    if st.session_state.get("scoring_stopped") == wish:  # until other scores are wanted
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(text("scoring.stopped", done=number(done), total=number(len(ids))))
            st.button(text("scoring.go_on"), key="scoring_go_on", on_click=_stop, args=(None,))
        return

    async def ask(id: str) -> None:
        for model in models:
            if (id, model) not in kept:
                kept[id, model] = read(await store.evaluation(id, model), categories)

    def refuse(id: str, error: ApiError) -> None:
        refused[id] = error

    st.button(text("quality.stop"), key="scoring_stop", on_click=_stop, args=(wish,))
    await many.ask_each(left, ask, refuse, done)
    st.rerun()


def _stop(wish: object) -> None:
    st.session_state["scoring_stopped"] = wish
