"""View of photos that the visitor brings along, takes, or borrows from us."""

import io
import json
import math
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from pathlib import Path

import many
import parts
import pictures
import store
import streamlit as st
import texts
import viewer
from future_vision import ApiError, Category, Picture, Prediction
from pictures import Layer
from service import asked
from texts import text

NAME = "photo"
SAMPLES = sorted((Path(__file__).parents[1] / "samples").glob("*.jpg"))
"""Synthetic street scenes, for those who have no photo at hand."""

SUFFIXES = ["jpg", "jpeg", "png", "webp", "bmp", "tif", "tiff"]
"""What is taken out of a folder. Single files are all sent: the API says best what it accepts."""

MEGABYTE = 1_000_000
MOST = 200 * MEGABYTE
"""Bytes of photos that are kept for a visitor; more are left out."""

PER_PAGE = 12


@dataclass
class OwnPhoto:
    """A photo as it was given, and what came of it; None while nothing has."""

    name: str
    data: bytes
    shown: Picture | None = None
    """The photo as browsers show it, upright."""
    prediction: Prediction | None = None
    refusal: ApiError | None = None


def kept() -> dict[str, OwnPhoto]:
    """Return the visitor's photos by the digest of their bytes, in the order they were given."""
    photos: dict[str, OwnPhoto] = st.session_state.setdefault("own_photos", {})
    return photos


async def show(categories: Sequence[Category]) -> None:
    """Take photos, have them predicted, and show one of them and the others as a strip."""
    try:
        limits = await parts.waited(store.limits(), text("page.waiting"))
        _draw_sources(limits)
        photos = kept()
        try:
            await _predict_new(photos)
        finally:
            _draw_refused(photos, limits)
        ready = {key: photo for key, photo in photos.items() if photo.prediction}
        if ready:
            key = _chosen(ready)
            await _draw(ready[key], categories)
            _draw_strip(ready, key)
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
        most = texts.number(MOST / MEGABYTE)
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
    """Keep photos by name and bytes for the page's next run; forget those that were refused."""
    photos = kept()
    for key in [key for key, photo in photos.items() if photo.refusal]:
        del photos[key]
    taken, left_out = list[str](), 0
    size = sum(len(photo.data) for photo in photos.values())
    for name, data in files:
        key = sha256(data).hexdigest()
        if key not in photos:
            if size + len(data) > MOST:
                left_out += 1
                continue
            photos[key] = OwnPhoto(name, data)
            size += len(data)
        taken.append(key)
    st.session_state["own_left_out"] = left_out
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
    new = [photo for photo in photos.values() if not (photo.prediction or photo.refusal)]

    def refused(photo: OwnPhoto, error: ApiError) -> None:
        photo.refusal = error

    if new:
        await many.ask_each(new, _predict, refused, len(photos) - len(new))


async def _predict(photo: OwnPhoto) -> None:
    data = photo.data
    prediction = await asked(lambda client: client.predict(data))
    shown = pictures.browser_picture(data)
    if shown is None or pictures.needs_drawing(shown):
        try:  # an overlay without its colours is the photo, upright, as JPEG
            shown = await asked(lambda client: client.render(data, "overlay", alpha=0))
        except ApiError as error:
            if shown is None or error.may_pass:
                raise
    photo.shown, photo.prediction = shown, prediction


def _draw_refused(photos: Mapping[str, OwnPhoto], limits: Mapping[str, int]) -> None:
    """Say which of the photos given last the API does not take, and why."""
    values = {
        "megabytes": texts.number(limits["bytes"] / MEGABYTE),
        "pixels": texts.number(limits["pixels"] / MEGABYTE),
        "jpeg_pixels": texts.number(limits["jpeg_pixels"] / MEGABYTE),
    }
    for photo in photos.values():
        if photo.refusal:
            key = f"photo.refused.{str(photo.refusal.type).rpartition(':')[2]}"
            known = texts.known(key)
            why = text(key, **values) if known else parts.explained(photo.refusal)
            st.error(parts.plain(text("photo.refusal", name=photo.name, why=why)))


def _chosen(photos: Mapping[str, OwnPhoto]) -> str:
    chosen: str = st.session_state.get("own_chosen", "")
    return chosen if chosen in photos else next(iter(photos))


async def _draw(photo: OwnPhoto, categories: Sequence[Category]) -> None:
    assert photo.shown  # noqa: S101 - as there is a prediction
    assert photo.prediction  # noqa: S101
    stem = Path(photo.name).stem
    left, right = st.columns(2)
    with left:
        alt = text("alt.own_photo", name=photo.name)
        st.html(pictures.figure(photo.shown, alt, Layer(NAME, "photo", stem)))
    with right:
        st.html(parts.mask_figure(NAME, stem, photo.prediction))
    viewer.place(NAME, categories)
    parts.show_origin(photo.prediction)


def _draw_strip(photos: Mapping[str, OwnPhoto], chosen: str) -> None:
    """Draw the masks as a strip, from which one is chosen, and all of them as a download."""
    _, page = parts.page_of(list(photos.items()), "own_page", PER_PAGE)
    if len(photos) > 1:
        for column, (key, photo) in zip(st.columns(PER_PAGE), page, strict=False):
            assert photo.prediction  # noqa: S101
            with column, st.container(key=f"thumbnail_{key}", gap=None):
                st.html(pictures.thumbnail(photo.prediction.mask))
                label = parts.plain(Path(photo.name).name)
                st.button(
                    f"**{label}**" if key == chosen else label,
                    key=f"own_{key}", on_click=_choose, args=(key,),
                )  # fmt: skip
    with st.container(horizontal=True):
        label = text("photo.zip", count=texts.number(len(photos)))
        st.download_button(
            label, lambda: archive(photos), "masks.zip", "application/zip", key="own_zip",
            on_click="ignore",
        )  # fmt: skip
        st.button(text("photo.forget"), key="own_forget", on_click=kept().clear)


def _choose(key: str) -> None:
    st.session_state["own_chosen"] = key


def archive(photos: Mapping[str, OwnPhoto]) -> bytes:
    """Return all masks in one archive, with the folders that the photos came with."""
    out, names = io.BytesIO(), set[str]()
    with zipfile.ZipFile(out, "w") as archive:
        for photo in photos.values():
            stem = name = str(Path(photo.name).with_suffix(""))
            number = 1
            while name in names:
                number += 1
                name = f"{stem}_{number}"
            names.add(name)
            assert photo.prediction  # noqa: S101
            archive.writestr(f"{name}_mask.png", photo.prediction.mask.data)
    return out.getvalue()
