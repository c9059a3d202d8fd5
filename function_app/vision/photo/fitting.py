"""Photos into a model's input, masks back out of it."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

PAD_VALUE = 127
"""Grey that models normalise to about 0, what a convolution pads with anyway."""

MAX_STRETCH = 5 / 3
"""How far a photo is stretched to the shape of a model's input before the rest is padded; a model's
manifest may say otherwise. Padding shows nothing: 4:3 and 3.3:1 photos, stretched to 2:1, score
better than padded ones (results/input_shape.json). Upright phone photos are stretched so far and
padded, lest people become cubes."""


class Fitted(NamedTuple):
    """A photo inside a model's input.

    Attributes:
        canvas: the input, (h, w, 3) uint8, with the photo in its top left.
        height: rows of the canvas that the photo fills.
        width: columns of the canvas that the photo fills.
        size: (height, width) of the photo itself, upright.
    """

    canvas: NDArray[np.uint8]
    height: int
    width: int
    size: tuple[int, int]


def fit(
    rgb: NDArray[np.uint8], height: int, width: int, max_stretch: float = MAX_STRETCH
) -> Fitted:
    """Scale a (h, w, 3) photo into (height, width, 3), the rest padded grey.

    Photos of another shape than the input are stretched towards it, by at most `max_stretch`.
    Training without augmentation and evaluation call this on decoded photos. The service calls
    `Photo.fitted`: the same geometry and resize, but a JPEG is decoded small where that suffices.
    Exact reductions (2048x1024 to 512x256) are box averages, all others antialiased bilinear.
    """
    size = (rgb.shape[0], rgb.shape[1])
    return place(resize(rgb, *inner_size(size, height, width, max_stretch)), height, width, size)


def inner_size(
    size: tuple[int, int], height: int, width: int, max_stretch: float
) -> tuple[int, int]:
    """The (rows, columns) that a photo of `size` (height, width) fills in (height, width)."""
    down, across = fit_scales(size, height, width, max_stretch)
    inner_h = min(height, max(1, round(size[0] * down)))
    return inner_h, min(width, max(1, round(size[1] * across)))


def place(inner: NDArray[np.uint8], height: int, width: int, size: tuple[int, int]) -> Fitted:
    """Put a scaled photo into the top left of an input; `size` as in `Fitted`."""
    inner_h, inner_w = inner.shape[:2]
    if (inner_h, inner_w) == (height, width):
        return Fitted(inner, height, width, size)
    canvas = np.full((height, width, 3), PAD_VALUE, np.uint8)
    canvas[:inner_h, :inner_w] = inner
    return Fitted(canvas, inner_h, inner_w, size)


def fit_scales(
    size: tuple[int, ...], height: int, width: int, max_stretch: float = MAX_STRETCH
) -> tuple[float, float]:
    """The scales, of rows and of columns, at which a photo of `size` fits into (height, width)."""
    down, across = height / size[0], width / size[1]
    limit = min(down, across) * max_stretch
    return min(down, limit), min(across, limit)


def resize(rgb: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """The one photo resize: antialiased bilinear after whole-number box reduction."""
    return np.asarray(scale(Image.fromarray(rgb), (width, height)))


def scale(
    image: Image.Image,
    size: tuple[int, int],
    box: tuple[float, float, float, float] | None = None,
) -> Image.Image:
    """`resize` for Pillow's images: to (width, height), from the part of the image in `box`."""
    return image.resize(size, Image.Resampling.BILINEAR, box=box, reducing_gap=1.0)


def resize_mask(mask: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """The one mask resize, nearest neighbour: ids are names, there is nothing between two."""
    if mask.shape == (height, width):
        return mask
    rows, columns = (_nearest(n, m) for n, m in zip(mask.shape, (height, width), strict=True))
    return mask.take(columns, axis=1).take(rows, axis=0)


def _nearest(have: int, want: int) -> NDArray[np.int64]:
    """Which of `have` pixels lies under the centre of each of `want` pixels, in whole numbers."""
    return (2 * np.arange(want) + 1) * have // (2 * want)
