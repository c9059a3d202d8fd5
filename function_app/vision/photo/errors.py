"""Why a photo cannot be used."""

import struct
import zlib

# What Pillow's readers were seen to raise on damaged files: a tag of another type than expected is
# a TypeError, a size of zero may be a ZeroDivisionError.
DAMAGE = (
    OSError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError, EOFError,
    struct.error, zlib.error,
)  # fmt: skip


MAX_FULL_PIXELS = 16_000_000
"""Most pixels of what is decoded in full: everything but the mask of a JPEG, whatever the setting
says. A few bytes may stand for that many, and each takes up to 17 bytes of memory meanwhile.
Phones' 12 megapixels (4032 x 3024) pass."""


class PhotoError(ValueError):
    """A photo that cannot be used; the message is fit for the caller's eyes."""


class NotAPhoto(PhotoError):
    """The bytes are no picture, or a damaged or truncated one."""


class UnsupportedPhoto(PhotoError):
    """A picture, but in a format or sample type that is not accepted."""


class TooManyPixels(PhotoError):
    """The picture declares more pixels than the limit; nothing was decoded."""


def damaged() -> NotAPhoto:
    """Return the error for a damaged or truncated file."""
    return NotAPhoto("The photo is damaged or truncated.")


def check_pixels(width: int, height: int, max_pixels: int, *, full: bool = True) -> None:
    """Raise TooManyPixels where width x height are more than `max_pixels`.

    What is decoded in full may not have more than MAX_FULL_PIXELS either.
    """
    limit = min(max_pixels, MAX_FULL_PIXELS) if full else max_pixels
    if width * height > limit:
        more = f"; a JPEG may have {max_pixels:,}, but no overlay" if limit < max_pixels else ""
        raise TooManyPixels(
            f"The photo has {width} x {height} pixels; at most {limit:,} in all are accepted{more}."
        )
