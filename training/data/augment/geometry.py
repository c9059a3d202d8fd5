"""Where in a scene a view is taken: operations describe it, `frame` cuts it out in one go.

Each operation changes one part of a `Framing` and touches no pixel, so that a view is resampled
where it will be seen alone, and no operation pays for another.
"""

from dataclasses import dataclass, replace
from math import ceil, exp, floor, log, sqrt

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image

from function_app.vision.photo import fit_scales, resize_mask
from function_app.vision.photo import scale as resample

ZOOM_RANGE = (0.4, 1.6)
"""Relative to how the service would fit the photo; other lenses see nearer or farther."""

STRETCH_RANGE = (0.75, 1.33)
"""Width to height, relative to the fitted photo: photos come in every shape and are stretched to
the input's (`function_app.vision.photo.fit`)."""


@dataclass(frozen=True, slots=True)
class Framing:
    """Where a view is taken; as made, the whole photo as the service would fit it.

    Attributes:
        mirrored: left and right exchanged.
        zoom: relative to the fitted photo.
        stretch: width to height, relative to the fitted photo.
        position: (down, right) of the view in the zoomed photo, 0 to 1 each, for a view that is cut
            out of a photo fitted into the model's input; None for a photo fitted into the view.
    """

    mirrored: bool = False
    zoom: float = 1.0
    stretch: float = 1.0
    position: tuple[float, float] | None = None


def flip(framing: Framing, rng: Generator) -> Framing:  # noqa: ARG001
    """Exchange left and right."""
    return replace(framing, mirrored=True)


def scale(framing: Framing, rng: Generator) -> Framing:
    """Zoom within `ZOOM_RANGE`, all ratios alike (log-uniform)."""
    low, high = ZOOM_RANGE
    return replace(framing, zoom=exp(rng.uniform(log(low), log(high))))


def stretch(framing: Framing, rng: Generator) -> Framing:
    """Widen or heighten within `STRETCH_RANGE`, all ratios alike (log-uniform)."""
    low, high = STRETCH_RANGE
    return replace(framing, stretch=exp(rng.uniform(log(low), log(high))))


def crop(framing: Framing, rng: Generator) -> Framing:
    """Cut the view out anywhere; without it the whole photo, or its centre, is shown."""
    return replace(framing, position=(rng.random(), rng.random()))


def frame(
    photo: NDArray[np.uint8],
    labels: NDArray[np.uint8],
    framing: Framing,
    input_size: tuple[int, int],
    view_size: tuple[int, int],
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Cut a view out of a scene.

    Args:
        photo: (h, w, 3) uint8.
        labels: (H, W) uint8 of the same shape H : W, finer than the photo or not: they set the
            scene's resolution. Only what the view shows is resized.
        framing: what to show.
        input_size: (height, width) that the service fits photos into; with a `position`, zoom 1 is
            that scale, without one it is the scale that fits the photo into the view.
        view_size: (height, width).

    Returns:
        What of the view the scene fills, (at most height, at most width, 3), and its labels.
        `pad` adds the rest.
        A padded `Framing()` is exactly what `function_app.vision.photo.fit` makes of the photo.
    """
    height, width = view_size
    target = view_size if framing.position is None else input_size
    fit_down, fit_across = fit_scales(labels.shape, *target)
    down, right = framing.position or (0.5, 0.5)
    zoom, widened = framing.zoom, sqrt(framing.stretch)
    rows, inner_h = _window(labels.shape[0], fit_down * zoom / widened, height, down)
    columns, inner_w = _window(labels.shape[1], fit_across * zoom * widened, width, right)
    photo = _resampled(photo, rows, columns, labels.shape, (inner_h, inner_w))
    labels = resize_mask(labels[rows, columns], inner_h, inner_w)
    if framing.mirrored:
        photo, labels = photo[:, ::-1], labels[:, ::-1]
    return np.ascontiguousarray(photo), np.ascontiguousarray(labels)


def pad(array: NDArray[np.uint8], height: int, width: int, value: int) -> NDArray[np.uint8]:
    """Pad (h, w, ...) at the bottom and right to (height, width, ...)."""
    missing = (height - array.shape[0], width - array.shape[1])
    if missing == (0, 0):
        return np.ascontiguousarray(array)
    widths = [(0, missing[0]), (0, missing[1])] + [(0, 0)] * (array.ndim - 2)
    return np.pad(array, widths, constant_values=value)


def _window(available: int, ratio: float, wanted: int, position: float) -> tuple[slice, int]:
    """Which of the scene's rows or columns to show, and how many they become."""
    taken = min(available, max(1, round(wanted / ratio)))
    start = round(position * (available - taken))
    inner = wanted if taken < available else min(wanted, max(1, round(taken * ratio)))
    return slice(start, start + taken), inner


def _resampled(
    photo: NDArray[np.uint8],
    rows: slice,
    columns: slice,
    of: tuple[int, ...],
    size: tuple[int, int],
) -> NDArray[np.uint8]:
    """Resize the part of a photo that `rows` and `columns` of its labels show.

    Args:
        photo: (h, w, 3) uint8.
        rows: of the labels.
        columns: of the labels.
        of: (height, width) of the labels.
        size: (height, width) of the result.
    """
    down, across = photo.shape[0] / of[0], photo.shape[1] / of[1]
    top, bottom = rows.start * down, rows.stop * down
    left, right = columns.start * across, columns.stop * across
    y, x = floor(top), floor(left)
    part = np.ascontiguousarray(photo[y : ceil(bottom), x : ceil(right)])
    box = (left - x, top - y, min(right - x, part.shape[1]), min(bottom - y, part.shape[0]))
    return np.asarray(resample(Image.fromarray(part), (size[1], size[0]), box))
