"""Photos that a visitor brought along: kept in the session, predicted, packed into an archive."""

import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pictures
import streamlit as st
from future_vision import ApiError, Picture, Prediction
from service import asked

MEGABYTE = 1_000_000
MOST = 200 * MEGABYTE
"""Bytes of photos that are kept for a visitor; more are left out."""


@dataclass(frozen=True)
class Segmented:
    """A photo as browsers show it, upright, and what the API made of it."""

    shown: Picture
    prediction: Prediction


@dataclass
class OwnPhoto:
    """A photo as it was given, and what came of it; None while nothing has."""

    name: str
    data: bytes
    outcome: Segmented | ApiError | None = None
    confidence: Picture | None = None

    async def predict(self) -> None:
        """Have it predicted.

        Raises:
            ApiError: it was not.
        """
        prediction = await asked(lambda client: client.predict(self.data))
        shown = pictures.browser_picture(self.data)
        if shown is None or pictures.needs_drawing(shown):
            try:  # an overlay without its colours is the photo, upright, as JPEG
                shown = await asked(lambda client: client.render(self.data, "overlay", alpha=0))
            except ApiError as error:
                if shown is None or error.may_pass:
                    raise
        self.outcome = Segmented(shown, prediction)

    async def be_sure(self, model: str) -> Picture:
        """Return the model's confidence map of it; raises ApiError."""
        if self.confidence is None:
            asking = asked(lambda client: client.render(self.data, "confidence", model=model))
            self.confidence = await asking
        return self.confidence


def kept() -> dict[str, OwnPhoto]:
    """Return the visitor's photos by the digest of their bytes, in the order they were given."""
    photos: dict[str, OwnPhoto] = st.session_state.setdefault("own_photos", {})
    return photos


def take(files: Sequence[tuple[str, bytes]]) -> tuple[list[str], int]:
    """Keep photos, given by name and bytes; forget those that were refused before.

    Returns:
        Their digests, and how many are left out as they are too much to keep.
    """
    photos = kept()
    for key in [key for key, photo in photos.items() if isinstance(photo.outcome, ApiError)]:
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
    return taken, left_out


def archive(masks: Iterable[tuple[str, Picture]]) -> bytes:
    """Return masks as a zip file, by the names of their photos, which may have folders."""
    out, names = io.BytesIO(), set[str]()
    with zipfile.ZipFile(out, "w") as packed:
        for photo, mask in masks:
            stem = name = str(Path(photo).with_suffix(""))
            number = 1
            while name in names:
                number += 1
                name = f"{stem}_{number}"
            names.add(name)
            packed.writestr(f"{name}_mask.png", mask.data)
    return out.getvalue()
