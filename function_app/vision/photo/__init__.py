"""Bytes to pixels and back: decoding photos, fitting them to a model, encoding answers."""

from function_app.vision.photo.decoding import (
    MAX_PIXELS,
    THUMBNAIL_SIDE,
    Photo,
    decode,
    open_photo,
)
from function_app.vision.photo.encoding import (
    colorize,
    encode_color,
    encode_grey,
    encode_mask,
    encode_overlay,
    encode_thumbnail,
)
from function_app.vision.photo.errors import (
    MAX_FULL_PIXELS,
    NotAPhoto,
    PhotoError,
    TooManyPixels,
    UnsupportedPhoto,
)
from function_app.vision.photo.fitting import (
    MAX_STRETCH,
    PAD_VALUE,
    Fitted,
    fit,
    fit_scales,
    resize,
    resize_mask,
    scale,
)
from function_app.vision.photo.formats import FORMATS

__all__ = [
    "FORMATS", "MAX_FULL_PIXELS", "MAX_PIXELS", "MAX_STRETCH", "PAD_VALUE", "THUMBNAIL_SIDE",
    "Fitted", "NotAPhoto", "Photo", "PhotoError", "TooManyPixels", "UnsupportedPhoto", "colorize",
    "decode", "encode_color", "encode_grey", "encode_mask", "encode_overlay", "encode_thumbnail",
    "fit", "fit_scales", "open_photo", "resize", "resize_mask", "scale",
]  # fmt: skip
