"""View of a photo that the visitor brings along, takes, or borrows from us."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

import parts
import pictures
import streamlit as st
import viewer
from future_vision import ApiError, Category, Picture, Prediction
from pictures import Layer
from service import asked
from texts import text

NAME = "photo"
SAMPLES = sorted((Path(__file__).parents[1] / "samples").glob("*.jpg"))
"""Synthetic street scenes, for those who have no photo at hand."""


@dataclass(frozen=True)
class Given:
    """A photo as it was given, and what its files are called after."""

    name: str
    data: bytes

    @cached_property
    def digest(self) -> str:
        """What tells it from others; every run of the page asks."""
        return sha256(self.data).hexdigest()


@dataclass(frozen=True)
class Segmented:
    """A photo, fit for a browser, with what the API made of it."""

    photo: Picture
    prediction: Prediction


async def show(categories: Sequence[Category]) -> None:
    """Take a photo and show its prediction."""
    _draw_sources()
    given: Given | None = st.session_state.get("given")
    if given is None:
        return
    try:
        result = await _segmented(given)
        if isinstance(result, ApiError):
            parts.show_error(result, NAME)
        else:
            await _draw(given, result, categories)
    except ApiError as error:  # of the confidence map
        parts.show_error(error, NAME)


def _draw_sources() -> None:
    st.session_state.setdefault("source", "file")
    source = st.segmented_control(
        text("photo.source"),
        ["file", "camera", "sample"],
        format_func=lambda name: text(f"photo.{name}"),
        key="source",
        required=True,
        label_visibility="collapsed",
    )
    if source == "sample":
        _draw_samples()
    elif source == "camera":
        label = text("photo.take")
        st.camera_input(label, key="camera", on_change=_take, args=("camera",), width=480)
    else:
        # No list of types: the API knows what it accepts and says so better than a greyed-out file.
        st.file_uploader(text("photo.upload"), key="upload", on_change=_take, args=("upload",))
    st.caption(text("photo.privacy"))


def _take(key: str) -> None:
    # The widget forgets its file while another tab is open, the session does not.
    taken = st.session_state[key]
    st.session_state["given"] = Given(taken.name, taken.getvalue()) if taken else None


def _draw_samples() -> None:
    for place, (column, path) in enumerate(zip(st.columns(len(SAMPLES)), SAMPLES, strict=True), 1):
        with column, st.container(key=f"thumbnail_{path.stem}", gap=None):
            st.html(pictures.thumbnail(Picture("image/jpeg", path.read_bytes())))
            label = text("photo.sample_number", number=place)
            st.button(label, key=path.stem, on_click=_take_sample, args=(path,))


def _take_sample(path: Path) -> None:
    st.session_state["given"] = Given(path.name, path.read_bytes())


async def _segmented(given: Given) -> Segmented | ApiError:
    """Have a photo segmented, once: reruns find the outcome in the session.

    A refusal is final for that photo; a failure that may pass is not kept, so a rerun tries anew.
    """
    kept: tuple[str, Segmented | ApiError] | None = st.session_state.get(NAME)
    if kept and kept[0] == given.digest:
        return kept[1]
    outcome: Segmented | ApiError
    try:
        outcome = await parts.waited(_segment(given.data), text("waiting.prediction"))
    except ApiError as error:
        outcome = error
    if isinstance(outcome, ApiError) and outcome.may_pass:
        return outcome
    st.session_state[NAME] = (given.digest, outcome)
    return outcome


async def _segment(data: bytes) -> Segmented:
    prediction = await asked(lambda client: client.predict(data))
    shown = pictures.browser_picture(data)
    if shown is None or pictures.needs_drawing(shown):
        try:  # an overlay without its colours is the photo, upright, as JPEG
            shown = await asked(lambda client: client.render(data, "overlay", alpha=0))
        except ApiError as error:
            if shown is None or error.may_pass:
                raise
    return Segmented(shown, prediction)


async def _draw(given: Given, result: Segmented, categories: Sequence[Category]) -> None:
    stem = Path(given.name).stem
    left, right = st.columns(2)
    with left:
        alt = text("alt.own_photo", name=given.name)
        st.html(pictures.figure(result.photo, alt, Layer(NAME, "photo", stem)))
    with right:
        st.html(parts.mask_figure(NAME, stem, result.prediction))
    left, right = st.columns([3, 2], gap="medium")
    with left:
        viewer.place(NAME, categories)
    with right:
        parts.show_origin(result.prediction)
        if st.toggle(text("figure.confidence"), key="photo_sure"):
            st.html(await _confidence(given, stem, result.prediction.model))


async def _confidence(given: Given, stem: str, model: str) -> str:
    kept: tuple[tuple[str, str], Picture] | None = st.session_state.get("photo_confidence")
    wanted = (given.digest, model)
    if kept is None or kept[0] != wanted:
        answer = asked(lambda client: client.render(given.data, "confidence", model=model))
        picture = await parts.waited(answer, text("waiting.sure"))
        kept = st.session_state["photo_confidence"] = (wanted, picture)
    alt = text("alt.confidence", id=given.name)
    return pictures.figure(kept[1], alt, Layer(NAME, "confidence", stem))
