"""The one reader of mask files: true masks of the service, of seeding and of training."""

import struct
from pathlib import PurePath
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from function_app.vision.categories import (
    CATEGORIES,
    IGNORE,
    LABEL_SUFFIX,
    LABEL_TO_CATEGORY,
    LABEL_TO_EVALUATED,
    VOID,
)
from function_app.vision.photo import png
from function_app.vision.photo.decoding import read_ids
from function_app.vision.photo.errors import MAX_FULL_PIXELS, PhotoError

MAX_TRAIN_ID = 18
"""Cityscapes has 19 labelTrainIds, 0 to 18; 255 stands for everything else."""

_FIRST_SHOWN = 4
"""LabelIds 0 to 3: unlabeled, ego vehicle, rectification border, out of roi."""

_COLORS = {0: "grey", 2: "RGB", 3: "palette", 4: "grey with alpha", 6: "RGB with alpha"}


class LabelError(ValueError):
    """Labels that cannot be used; the message begins with the path of their file."""


class Truth(NamedTuple):
    """A true mask as category ids, (h, w) uint8, 255 where pixels are ignored.

    Attributes:
        path: of its file.
        with_void: all categories.
        official: what the official Cityscapes score ignores is ignored: void, and of a labelIds
            file the labels that it leaves out. A file of category ids no longer knows those.
    """

    path: str
    with_void: NDArray[np.uint8]
    official: NDArray[np.uint8]


def decode_truth(data: bytes, path: str) -> Truth:
    """Read a true mask: labelIds where the file's name says so, else category ids.

    Raises:
        LabelError: see `read_label_ids` and `read_mask`; or a value is no category.
    """
    if PurePath(path).stem.endswith(LABEL_SUFFIX):
        labels = read_label_ids(data, path)
        return Truth(path, LABEL_TO_CATEGORY[labels], LABEL_TO_EVALUATED[labels])
    mask = read_mask(data, path)
    if (mask[mask != IGNORE] >= len(CATEGORIES)).any():
        raise LabelError(
            f"{path}: the mask holds values that are no category, 0 to {len(CATEGORIES) - 1}; "
            f"a file of labelIds is named *{LABEL_SUFFIX}.png."
        )
    return Truth(path, mask, np.where(mask == VOID, np.uint8(IGNORE), mask))


def read_mask(data: bytes, path: object, max_pixels: int = MAX_FULL_PIXELS) -> NDArray[np.uint8]:
    """Read a mask file: a PNG whose one channel of 8 bits, or whose palette indices, are ids.

    Args:
        data: the file's bytes.
        path: what messages call it.
        max_pixels: most pixels; each takes several bytes while it is scored.

    Returns:
        The ids as they stand in the file, (h, w).

    Raises:
        LabelError: another format; damaged or truncated; 16 bits, fewer than 8 bits of grey, or
            several channels; too many pixels; a rotation in its EXIF data.
    """
    if not data.startswith(png.SIGNATURE):
        raise LabelError(f"{path}: the mask is damaged or no PNG.")
    try:
        stripped, orientation = png.strip(data, max_pixels, full=False)
        bits, color = struct.unpack_from("BB", stripped, 24)
        if (bits, color) != (8, 0) and not (color == 3 and bits <= 8):
            raise LabelError(
                f"{path}: the mask has {bits}-bit {_COLORS.get(color, 'unknown')} pixels, "
                "not one 8-bit channel of ids."
            )
        if orientation != 1:
            raise LabelError(f"{path}: the mask has an EXIF rotation; store it upright.")
        return read_ids(stripped)
    except PhotoError as error:
        message = str(error).replace("The photo", "the mask")
        raise LabelError(f"{path}: {message}") from error


def read_label_ids(data: bytes, path: object) -> NDArray[np.uint8]:
    """Read a mask file of Cityscapes labelIds; see `read_mask`.

    Raises:
        LabelError: as `read_mask`; or the file holds labelTrainIds.
    """
    labels = read_mask(data, path)
    if holds_train_ids(labels):
        raise LabelError(
            f"{path}: these look like labelTrainIds or category ids, nothing is above "
            f"{MAX_TRAIN_ID} but {IGNORE}; send labelIds (*_gtFine_labelIds.png, 0 to 33)."
        )
    return labels


def holds_train_ids(labels: NDArray[np.uint8]) -> bool:
    """Whether ids (h, w) that should be labelIds have the values of labelTrainIds.

    These are 0 to 18 and 255, which is no labelId. A street without sky, plants, people and
    vehicles has no labelId above 18 either, but then road (7) and building (11) are most of what
    it shows (4 and above); among labelTrainIds these are traffic sign and person. Of a file with
    one value nothing can be said.
    """
    counts = np.bincount(labels.ravel(), minlength=256)
    if counts[MAX_TRAIN_ID + 1 : IGNORE].any() or np.count_nonzero(counts) < 2:
        return False
    shown = counts[_FIRST_SHOWN:IGNORE].sum()
    return bool(counts[IGNORE] or not shown or 2 * (counts[7] + counts[11]) < shown)


def check_shape(labels: tuple[int, ...], photo: tuple[int, int], path: object) -> None:
    """Refuse labels of another shape than their photo; they may have another resolution.

    Args:
        labels: (height, width) of the labels.
        photo: (height, width) of the photo, upright as its EXIF data says.
        path: what the message calls the labels.

    Raises:
        LabelError: height to width differs, by more than rounding explains. Labels that fit the
            photo as it is stored, before its EXIF rotation, are named as such.
    """
    height, width = labels
    if _same_shape((height, width), photo):
        return
    sizes = f"{path}: the mask has {width} x {height} pixels, its photo {photo[1]} x {photo[0]}"
    if _same_shape((width, height), photo):
        raise LabelError(
            f"{sizes} once it is turned upright as its EXIF data says. The labels seem to be drawn "
            "on the unturned photo: turn them, or store photo and labels upright and without EXIF."
        )
    raise LabelError(f"{sizes}; both must show the same part of the scene.")


def _same_shape(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether one (height, width) may be the other, scaled and rounded to whole pixels."""
    small, large = sorted((one, other))
    scale = large[0] / small[0], large[1] / small[1]
    return any(
        abs(small[0] * s - large[0]) <= max(s, 1) and abs(small[1] * s - large[1]) <= max(s, 1)
        for s in scale
    )
