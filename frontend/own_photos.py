"""Photos that a visitor brought along: kept in the session, predicted, packed into an archive."""

import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import pictures
import store
import streamlit as st
from future_vision import ApiError, Picture, Prediction
from service import asked
from store import MEGABYTE

MOST = 200 * MEGABYTE
"""Bytes of photos that are kept for a visitor; more are left out."""

TOO_LARGE = ApiError("The file is too large.", 413, "urn:future-vision:problem:too-many-bytes")
"""What the API would answer."""


@dataclass
class OwnPhoto:
    """A photo as it was given, and what the API made of it; models are name:version.

    Args:
        name: of the file.
        data: its bytes; none of a file that is larger than the API accepts.
        shown: the photo as browsers show it, upright; None before the first prediction.
        predictions: by model.
        confidences: the confidence maps by model.
        refusal: why the API does not take it, if it does not.
    """

    name: str
    data: bytes
    shown: Picture | None = None
    predictions: dict[str, Prediction] = field(default_factory=dict)
    confidences: dict[str, Picture] = field(default_factory=dict)
    refusal: ApiError | None = None

    async def predict(self, model: str) -> Prediction:
        """Return the model's mask of it; raises ApiError."""
        if model not in self.predictions:
            made = await asked(lambda client: client.predict(self.data, model=model))
            await self.picture()
            self.predictions[model] = made
        return self.predictions[model]

    async def picture(self) -> Picture:
        """Return it as browsers show it upright; raises ApiError."""
        if self.shown is None:
            self.shown = await store.upright(
                pictures.browser_picture(self.data),
                lambda client: client.render(self.data, "overlay", alpha=0),
            )
        return self.shown

    async def confidence(self, model: str) -> Picture:
        """Return the model's confidence map of it; raises ApiError."""
        if model not in self.confidences:
            asking = asked(lambda client: client.render(self.data, "confidence", model=model))
            self.confidences[model] = await asking
        return self.confidences[model]


def kept() -> dict[str, OwnPhoto]:
    """Return the visitor's photos by the digest of their bytes, in the order they were given."""
    photos: dict[str, OwnPhoto] = st.session_state.setdefault("own_photos", {})
    return photos


def take(files: Sequence[tuple[str, bytes]], limit: int) -> tuple[list[str], int]:
    """Keep photos, given by name and bytes; forget those that were refused before.

    Those of more than `limit` bytes are refused here: the API would not accept them.

    Returns:
        Their digests, and how many are left out as they are too much to keep.
    """
    photos = kept()
    for key in [key for key, photo in photos.items() if photo.refusal]:
        del photos[key]
    taken, left_out = list[str](), 0
    size = sum(len(photo.data) for photo in photos.values())
    for name, data in files:
        key = sha256(data).hexdigest()
        if len(data) > limit:
            photos[key] = OwnPhoto(name, b"", refusal=TOO_LARGE)
            continue
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
