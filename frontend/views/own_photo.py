"""View of photos that the visitor brings along, takes, or borrows from us."""

import json
import math
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

import many
import own_photos
import parts
import pictures
import store
import streamlit as st
import texts
import viewer
from future_vision import ApiError, Category, Picture
from own_photos import MEGABYTE, OwnPhoto, Segmented
from pictures import Layer
from texts import text

NAME = "photo"
SAMPLES = sorted((Path(__file__).parents[1] / "samples").glob("*.jpg"))
"""Synthetic street scenes, for those who have no photo at hand."""

SUFFIXES = ["jpg", "jpeg", "png", "webp", "bmp", "tif", "tiff"]
"""What is taken out of a folder. Single files are all sent: the API says best what it accepts."""

PER_PAGE = 12


async def show(categories: Sequence[Category]) -> None:
    """Take photos, have them predicted, and show one of them and the others as a strip."""
    try:
        limits = await parts.waited(store.limits(), text("page.waiting"))
        _draw_sources(limits)
        photos = own_photos.kept()
        try:
            await _predict_new(photos)
        finally:
            _draw_refused(photos, limits)
        ready = {
            key: photo.outcome
            for key, photo in photos.items()
            if isinstance(photo.outcome, Segmented)
        }
        if ready:
            chosen = st.session_state.get("own_chosen")
            key = chosen if chosen in ready else next(iter(ready))
            try:
                await _draw(photos[key], ready[key], categories)
            finally:
                _draw_strip({key: photos[key].name for key in ready}, ready, key)
    except ApiError as error:
        parts.show_error(error, NAME)


def _draw_sources(limits: Mapping[str, int]) -> None:
    source = st.segmented_control(
        text("photo.source"),
        ["files", "folder", "camera", "samples"],
        default="files",
        format_func=lambda name: text(f"photo.{name}"),
        key="source",
        required=True,
        label_visibility="collapsed",
        persist_state="session",
    )
    if source == "samples":
        _draw_samples()
    else:
        _draw_uploader(str(source), limits)
    st.caption(text("photo.privacy"))


def _draw_uploader(source: str, limits: Mapping[str, int]) -> None:
    """Draw an uploader; the camera is a script that puts its photos into one, see camera.js."""
    # A new widget for every choice of files: those that it lists would stay beside later ones.
    key = f"upload_{source}_{st.session_state.setdefault('uploads', 0)}"
    size = texts.number(limits["bytes"] / MEGABYTE)
    if source == "camera":
        words = escape(json.dumps(texts.section("camera")))
        st.html(f'<div class="fv-camera" data-fv-texts="{words}"></div>')
    with st.container(key=f"photo_{source}"):
        st.html(_uploader_words(source))
        st.file_uploader(
            text(f"photo.upload.{source}", megabytes=size),
            type=SUFFIXES if source == "folder" else None,
            accept_multiple_files="directory" if source == "folder" else True,
            key=key,
            max_upload_size=math.ceil(limits["bytes"] / 2**20),
            on_change=_take_files,
            args=(key,),
        )
    if left_out := st.session_state.get("own_left_out"):
        most = texts.number(own_photos.MOST / MEGABYTE)
        st.warning(text("photo.left_out", count=texts.number(left_out), megabytes=most))


def _uploader_words(source: str) -> str:
    """Return a style that replaces the words of Streamlit's uploader, which are English."""
    button = json.dumps(text(f"photo.choose.{source}"), ensure_ascii=False)
    drop = json.dumps(text("photo.drop"), ensure_ascii=False)
    return f"<style>.st-key-photo_{source} {{ --fv-choose: {button}; --fv-drop: {drop}; }}</style>"


def _take_files(key: str) -> None:
    files = st.session_state[key]
    st.session_state["uploads"] += 1
    _take([(file.name, file.getvalue()) for file in files])


def _take(files: Sequence[tuple[str, bytes]]) -> None:
    taken, st.session_state["own_left_out"] = own_photos.take(files)
    if taken:
        st.session_state["own_chosen"] = taken[0]


def _draw_samples() -> None:
    for place, (column, path) in enumerate(zip(st.columns(len(SAMPLES)), SAMPLES, strict=True), 1):
        with column, st.container(key=f"thumbnail_{path.stem}", gap=None):
            st.html(pictures.thumbnail(Picture("image/jpeg", path.read_bytes())))
            label = text("photo.sample_number", number=place)
            st.button(label, key=path.stem, on_click=_take_sample, args=(path,))


def _take_sample(path: Path) -> None:
    _take([(path.name, path.read_bytes())])


async def _predict_new(photos: Mapping[str, OwnPhoto]) -> None:
    """Have the photos predicted of which nothing has come yet.

    Raises:
        ApiError: one that may pass.
    """
    new = [photo for photo in photos.values() if photo.outcome is None]

    def refused(photo: OwnPhoto, error: ApiError) -> None:
        photo.outcome = error

    if new:
        await many.ask_each(new, OwnPhoto.predict, refused, len(photos) - len(new))


def _draw_refused(photos: Mapping[str, OwnPhoto], limits: Mapping[str, int]) -> None:
    """Say which of the photos given last the API does not take, and why."""
    values = {
        "megabytes": texts.number(limits["bytes"] / MEGABYTE),
        "pixels": texts.number(limits["pixels"] / MEGABYTE),
        "jpeg_pixels": texts.number(limits["jpeg_pixels"] / MEGABYTE),
    }
    for photo in photos.values():
        if isinstance(photo.outcome, ApiError):
            key = f"photo.refused.{str(photo.outcome.type).rpartition(':')[2]}"
            known = texts.known(key)
            why = text(key, **values) if known else parts.explained(photo.outcome)
            st.error(parts.plain(text("photo.refusal", name=photo.name, why=why)))


async def _draw(photo: OwnPhoto, result: Segmented, categories: Sequence[Category]) -> None:
    stem = Path(photo.name).stem
    left, right = st.columns(2)
    with left:
        alt = text("alt.own_photo", name=photo.name)
        st.html(pictures.figure(result.shown, alt, Layer(NAME, "photo", stem)))
    with right:
        st.html(parts.mask_figure(NAME, stem, result.prediction))
    left, right = st.columns([3, 2], gap="medium")
    with left:
        viewer.place(NAME, categories)
    with right:
        parts.show_origin(result.prediction)
        if st.toggle(text("figure.confidence"), key="photo_sure", persist_state="session"):
            asking = photo.be_sure(result.prediction.model)
            picture = await parts.waited(asking, text("waiting.sure"))
            alt = text("alt.confidence", id=photo.name)
            st.html(pictures.figure(picture, alt, Layer(NAME, "confidence", stem)))


def _draw_strip(names: Mapping[str, str], results: Mapping[str, Segmented], chosen: str) -> None:
    """Draw the masks as a strip, from which one is chosen, and all of them as a download."""
    _, page = parts.page_of(list(results.items()), "own_page", PER_PAGE)
    if len(results) > 1:
        for column, (key, result) in zip(st.columns(PER_PAGE), page, strict=False):
            with column, st.container(key=f"thumbnail_{key}", gap=None):
                st.html(pictures.thumbnail(result.prediction.mask))
                label = parts.plain(Path(names[key]).name)
                st.button(
                    f"**{label}**" if key == chosen else label,
                    key=f"own_{key}", on_click=_choose, args=(key,),
                )  # fmt: skip
    masks = [(names[key], result.prediction.mask) for key, result in results.items()]
    with st.container(horizontal=True):
        label = text("photo.zip", count=texts.number(len(masks)))
        packed = own_photos.archive(masks)
        st.html(pictures.saved(label, "masks.zip", "application/zip", packed), width="content")
        st.button(text("photo.forget"), key="own_forget", on_click=own_photos.kept().clear)


def _choose(key: str) -> None:
    st.session_state["own_chosen"] = key
