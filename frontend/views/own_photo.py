"""View of photos that the visitor brings along, takes, or borrows from us."""

import json
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
from future_vision import ApiError, Category, Picture
from own_photos import OwnPhoto
from texts import text

from views import one_photo
from views.one_photo import Photo

NAME = "photo"
SAMPLES = sorted((Path(__file__).parents[1] / "samples").glob("*.jpg"))
"""Synthetic street scenes, for those who have no photo at hand."""

SUFFIXES = ["jpg", "jpeg", "png", "webp", "bmp", "tif", "tiff"]
"""What is taken out of a folder. Single files are all sent: the API says best what it accepts."""

PER_PAGE = 8


async def show(categories: Sequence[Category]) -> None:
    """Take photos, have them predicted, and show one of them and the others as a strip."""
    left, right = st.columns(one_photo.COLUMNS, gap="medium")
    photos = own_photos.kept()
    try:
        limits = await parts.waited(store.limits(), text("page.waiting"))
        with right if photos else left:
            source = _draw_sources(limits)
        with left:
            _draw_not_taken(source, limits)
        with right:
            chosen = await one_photo.choose_models()
        if not photos or not chosen:
            return
        with left:
            try:
                await _predict_new(photos, chosen[0])
            finally:
                _draw_refused(photos, limits)
        ready = {key: photo for key, photo in photos.items() if chosen[0] in photo.predictions}
        if ready:
            wanted = st.session_state.get("own_chosen")
            key = wanted if wanted in ready else next(iter(ready))
            try:
                await one_photo.show(_photo(ready[key]), chosen, left, right, categories)
            finally:
                with left:
                    _draw_strip(ready, chosen[0], key)
    except ApiError as error:
        with left:
            parts.show_error(error, NAME)


def _photo(photo: OwnPhoto) -> Photo:
    return Photo(
        str(Path(photo.name).with_suffix("")), photo.picture, photo.predict, photo.confidence
    )


def _draw_sources(limits: Mapping[str, int]) -> str:
    """Draw the ways to give photos and return the chosen one's name."""
    source = str(
        st.segmented_control(
            text("photo.source"),
            ["files", "folder", "camera", "samples"],
            default="files",
            format_func=lambda name: text(f"photo.{name}"),
            key="source",
            required=True,
            label_visibility="collapsed",
            persist_state="session",
        )
    )
    if source == "samples":
        _draw_samples(limits)
    else:
        _draw_uploader(source, limits)
    if left_out := st.session_state.get("own_left_out"):
        most = texts.number(own_photos.MOST / store.MEGABYTE)
        st.warning(text("photo.left_out", count=texts.number(left_out), megabytes=most))
    st.caption(text("photo.privacy"))
    return source


def _draw_not_taken(source: str, limits: Mapping[str, int]) -> None:
    """Draw the place where viewer/uploader.js names files that Streamlit's uploader does not take.

    What it names belongs to one source, until the photos are forgotten.
    """
    megabytes = texts.number(limits["bytes"] / store.MEGABYTE)
    words = escape(text("photo.not_taken", megabytes=megabytes, names="{names}"))
    owner = f"{source}_{st.session_state.get('own_forgotten', 0)}"
    st.html(
        f'<p class="fv-not-taken" role="status" data-fv-owner="{owner}" data-fv-text="{words}"></p>'
    )


def _draw_uploader(source: str, limits: Mapping[str, int]) -> None:
    """Draw an uploader; the camera is a script that puts its photos into one, see camera.js."""
    # A new widget for every choice of files: those that it lists would stay beside later ones.
    key = f"upload_{source}_{st.session_state.setdefault('uploads', 0)}"
    size = texts.number(limits["bytes"] / store.MEGABYTE)
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
            on_change=_take_files,
            args=(key, limits["bytes"]),
        )


def _uploader_words(source: str) -> str:
    """Return a style that replaces the words of Streamlit's uploader, which are English."""
    words = {"choose": text(f"photo.choose.{source}"), "drop": text("photo.drop")}
    listed = (
        f"--fv-{name}: {json.dumps(said, ensure_ascii=False)};" for name, said in words.items()
    )
    return f"<style>.st-key-photo_{source} {{ {' '.join(listed)} }}</style>"


def _take_files(key: str, limit: int) -> None:
    files = st.session_state[key]
    st.session_state["uploads"] += 1
    _take([(file.name, file.getvalue()) for file in files], limit)


def _take(files: Sequence[tuple[str, bytes]], limit: int) -> None:
    taken, st.session_state["own_left_out"] = own_photos.take(files, limit)
    if taken:
        st.session_state["own_chosen"] = taken[0]


def _draw_samples(limits: Mapping[str, int]) -> None:
    for place, (column, path) in enumerate(zip(st.columns(len(SAMPLES)), SAMPLES, strict=True), 1):
        with column, st.container(key=f"thumbnail_{path.stem}", gap=None):
            st.html(pictures.thumbnail(Picture("image/jpeg", path.read_bytes())))
            label = text("photo.sample_number", number=place)
            args = (path, limits["bytes"])
            st.button(label, key=path.stem, on_click=_take_sample, args=args)


def _take_sample(path: Path, limit: int) -> None:
    _take([(path.name, path.read_bytes())], limit)


async def _predict_new(photos: Mapping[str, OwnPhoto], model: str) -> None:
    """Have the photos predicted that the model has not seen.

    Raises:
        ApiError: one that may pass.
    """
    left = [row for row in photos.values() if not row.refusal and model not in row.predictions]

    async def ask(photo: OwnPhoto) -> None:
        await photo.predict(model)

    def refused(photo: OwnPhoto, error: ApiError) -> None:
        photo.refusal = error

    if left:
        await many.ask_each(left, ask, refused, len(photos) - len(left))


def _draw_refused(photos: Mapping[str, OwnPhoto], limits: Mapping[str, int]) -> None:
    """Say which of the photos given last the API does not take, and why."""
    values = {
        "megabytes": texts.number(limits["bytes"] / store.MEGABYTE),
        "pixels": texts.number(limits["pixels"] / store.MEGABYTE),
        "jpeg_pixels": texts.number(limits["jpeg_pixels"] / store.MEGABYTE),
    }
    for photo in photos.values():
        if photo.refusal:
            # The API's own words are for developers: they speak of bodies and fields.
            kind = str(photo.refusal.type).rpartition(":")[2]
            keys = filter(texts.known, (f"photo.refused.{kind}", f"problem.{kind}"))
            key = next(keys, None)
            why = text(key, **values) if key else parts.explained(photo.refusal)
            st.error(parts.plain(text("photo.refusal", name=photo.name, why=why)))


def _draw_strip(photos: Mapping[str, OwnPhoto], model: str, chosen: str) -> None:
    """Draw the masks as a strip, from which one is chosen, and all of them as a download."""
    _, page = parts.page_of(list(photos.items()), "own_page", PER_PAGE)
    if len(photos) > 1:
        for column, (key, photo) in zip(st.columns(PER_PAGE), page, strict=False):
            with column, st.container(key=f"thumbnail_{key}", gap=None):
                st.html(pictures.thumbnail(photo.predictions[model].mask))
                label = parts.plain(Path(photo.name).name)
                st.button(
                    f"**{label}**" if key == chosen else label,
                    key=f"own_{key}", on_click=_choose, args=(key,),
                )  # fmt: skip
    masks = [(photo.name, photo.predictions[model].mask) for photo in photos.values()]
    with st.container(horizontal=True):
        label = text("photo.zip", count=texts.number(len(masks)))
        packed = own_photos.archive(masks)
        st.html(pictures.saved(label, "masks.zip", "application/zip", packed), width="content")
        st.button(text("photo.forget"), key="own_forget", on_click=_forget)


def _forget() -> None:
    own_photos.kept().clear()
    st.session_state["own_left_out"] = 0
    st.session_state["own_forgotten"] = st.session_state.get("own_forgotten", 0) + 1


def _choose(key: str) -> None:
    st.session_state["own_chosen"] = key
