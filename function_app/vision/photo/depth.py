"""Photos of 16 bits a sample: are all of them used?"""

from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import ImageFile

from function_app.vision.photo.errors import DAMAGE, UnsupportedPhoto

DARKEST = 1 << 14
"""What the brightest sample of a photo must reach. Sensors have 10 to 14 bits, and programs often
store them in 16 without scaling: a nearly black photo whose mask would be wrong."""

_OTHER_BYTES = {";16B": ";16L", ";16L": ";16B", ";16N": ";16B"}
"""Pillow's raw modes keep the high bytes of colour samples; these keep the low ones instead, on a
machine that is little-endian as all of Azure Functions are."""


def has_16_bits(image: ImageFile.ImageFile) -> bool:
    """Whether the samples of an image that is not loaded yet have 16 bits."""
    return any(_is_deep(tile.args) for tile in image.tile)


def check_range(image: ImageFile.ImageFile, reopened: Callable[[], ImageFile.ImageFile]) -> None:
    """Refuse a loaded image of 16 bits whose samples only use the lower 14 or fewer.

    Args:
        image: loaded.
        reopened: gives the same image, not loaded.

    Raises:
        UnsupportedPhoto: the brightest sample is below DARKEST; all black is accepted.
    """
    if image.mode.startswith("I;16"):
        brightest = int(np.asarray(image).max())
    else:
        brightest = _brightest(image) << 8 or _brightest_low_byte(reopened())
    if 0 < brightest < DARKEST:
        raise UnsupportedPhoto(
            f"The 16-bit samples use the lower {max(8, brightest.bit_length())} bits only, so the "
            "photo would be nearly black: scale them to 16 bits, or send 8 bits a channel."
        )


def _is_deep(args: object) -> bool:
    return any(mode in str(args) for mode in ("I;16", *_OTHER_BYTES))


def _brightest(image: ImageFile.ImageFile) -> int:
    """The highest value of all bands but alpha."""
    bands = zip(image.getbands(), image.split(), strict=True)
    return max(int(np.asarray(band).max()) for name, band in bands if name != "A")


def _brightest_low_byte(image: ImageFile.ImageFile) -> int:
    """The highest low byte of an image whose high bytes are all 0; 1 if Pillow cannot tell."""
    image.tile = [tile._replace(args=_swapped(tile.args)) for tile in image.tile]
    try:
        image.load()
    except DAMAGE:
        return 1
    return _brightest(image)


def _swapped(args: Any) -> Any:
    if isinstance(args, str):
        return next((args.replace(*pair) for pair in _OTHER_BYTES.items() if pair[0] in args), args)
    return tuple(map(_swapped, args)) if isinstance(args, tuple) else args
