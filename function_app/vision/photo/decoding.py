"""From a file's bytes to a photo: limits first, then the pixels, in full or just for a model."""

import importlib
import io
import struct

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile

from function_app.vision.photo import depth, exif, jpeg, png, tiff, webp
from function_app.vision.photo.errors import DAMAGE, UnsupportedPhoto, check_pixels, damaged
from function_app.vision.photo.fitting import MAX_STRETCH, Fitted, inner_size, place, resize, scale
from function_app.vision.photo.formats import format_of

MAX_PIXELS = 50_000_000
"""Default limit on width x height: above every car and phone camera. Only a JPEG may come near it,
see MAX_FULL_PIXELS."""

THUMBNAIL_SIDE = 320
"""Pixels, at most, of a thumbnail's width and height."""

_READERS = {
    "JPEG": ("JpegImagePlugin", "JpegImageFile"),
    "PNG": ("PngImagePlugin", "PngImageFile"),
    "WEBP": ("WebPImagePlugin", "WebPImageFile"),
    "BMP": ("BmpImagePlugin", "BmpImageFile"),
    "TIFF": ("TiffImagePlugin", "TiffImageFile"),
}
"""Pillow's reader of each format. `Image.open` would import its readers of all formats for some."""

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""Pillow's name, which counts anticlockwise, of what makes a photo upright, by EXIF orientation."""


class Photo:
    """A photo whose header has been read and found acceptable, and whose pixels have not.

    Attributes:
        format: one of FORMATS.
        height: rows, upright (EXIF rotation applied).
        width: columns, upright.
    """

    def __init__(
        self, data: bytes, format: str, size: tuple[int, int], orientation: int, max_pixels: int
    ) -> None:
        """Take a file without metadata; size is (width, height) as stored, orientation EXIF's."""
        self.format = format
        self.width, self.height = size if orientation < 5 else size[::-1]
        self._data = data
        self._orientation = orientation
        self._max_pixels = max_pixels
        self._rgb: NDArray[np.uint8] | None = None

    def rgb(self) -> NDArray[np.uint8]:
        """Return the pixels, (height, width, 3), upright; decoded once.

        16-bit grey keeps its high byte, CMYK is converted, transparency is laid over white, of
        animated or multi-page files the first picture counts.

        Raises:
            NotAPhoto: damaged or truncated.
            UnsupportedPhoto: 32-bit samples, or 16-bit ones whose upper bits are not used.
            TooManyPixels: a JPEG of more than MAX_FULL_PIXELS.
        """
        if self._rgb is None:
            check_pixels(self.width, self.height, self._max_pixels)
            if self.format == "PNG" and png.is_plain(self._data):
                rgb = png.decode_plain(self._data)
            else:
                if self.format == "PNG":
                    png.check_complete(self._data)
                image = _reader(self._data, self.format)
                deep = depth.has_16_bits(image)
                _load(image)
                if deep:
                    depth.check_range(image, lambda: _reader(self._data, self.format))
                rgb = np.asarray(_to_rgb(image))
            self._rgb = upright(rgb, self._orientation)
        return self._rgb

    def fitted(self, height: int, width: int, max_stretch: float = MAX_STRETCH) -> Fitted:
        """Bring the photo into a model's input; see `fit`.

        A JPEG is decoded at 1/2, 1/4 or 1/8 of its size where that is not below what the model
        sees: libjpeg's scaled inverse DCT is nearly the average that `fit` takes, in a third of
        the time. It changes a mask less than saving the JPEG at quality 75 instead of 90 would:
        0.5 % of the pixels of street photos, 1.3 % at most, and up to 10 % of drawings and charts.
        (Of checkerboards of single pixels, where the model guesses, neither leaves much.) Decoding
        twice as large takes 1.6 times as long and leaves the worst cases as they are.

        Raises:
            NotAPhoto, UnsupportedPhoto: as `rgb`. A JPEG may have more pixels than there.
        """
        size = (self.height, self.width)
        inner = inner_size(size, height, width, max_stretch)
        return place(self._scaled(*inner), height, width, size)

    def thumbnail(self) -> NDArray[np.uint8]:
        """Return the photo at no more than THUMBNAIL_SIDE, (h, w, 3) uint8, upright.

        It keeps its shape, and where it is small enough its size. A JPEG is decoded as in `fitted`.

        Raises:
            NotAPhoto, UnsupportedPhoto: as `rgb`. A JPEG may have more pixels than there.
        """
        size = (self.height, self.width)
        side = min(THUMBNAIL_SIDE, max(size))
        return self._scaled(*inner_size(size, side, side, max_stretch=1))

    def _scaled(self, height: int, width: int) -> NDArray[np.uint8]:
        if self.format != "JPEG":
            return resize(self.rgb(), height, width)
        stored = (width, height) if self._orientation < 5 else (height, width)
        image = _reader(self._data, self.format)
        drafted = image.draft("RGB", stored)
        box = drafted[1] if drafted else None
        _load(image)
        small = scale(_to_rgb(image), stored, box)
        return upright(np.asarray(small), self._orientation)


def open_photo(data: bytes, max_pixels: int = MAX_PIXELS) -> Photo:
    """Read a photo's header, and decode nothing.

    Raises:
        NotAPhoto: no picture, or the header is damaged, or no encoder would have written it.
        UnsupportedPhoto: a picture, but not one of FORMATS, or a rare compression of one.
        TooManyPixels: width x height are more than `max_pixels`, or in any format but JPEG more
            than MAX_FULL_PIXELS.
    """
    format, orientation = format_of(data), 1
    if format == "JPEG":
        data, orientation = jpeg.strip(data)
    elif format == "PNG":
        data, orientation = png.strip(data, max_pixels)
    elif format == "TIFF":
        data, orientation = tiff.strip(data, max_pixels)
    elif format == "WEBP":
        webp.check(data, max_pixels)
    elif format == "BMP":
        _check_bmp(data)
    image = _reader(data, format)
    check_pixels(*image.size, max_pixels, full=format != "JPEG")
    if format == "WEBP":
        orientation = exif.orientation(image.info.get("exif", b"").removeprefix(b"Exif\0\0")) or 1
    elif format == "BMP" and image.tile[0].codec_name == "bmp_rle":
        # Pillow's decoder of these is Python code: seconds where others take milliseconds.
        raise UnsupportedPhoto("Run-length coded BMP is not accepted; send it uncompressed.")
    return Photo(data, format, image.size, orientation, max_pixels)


def decode(data: bytes, max_pixels: int = MAX_PIXELS) -> NDArray[np.uint8]:
    """Decode a photo to upright 8-bit RGB, (height, width, 3); see `open_photo`, `Photo.rgb`."""
    return open_photo(data, max_pixels).rgb()


def read_ids(stripped: bytes) -> NDArray[np.uint8]:
    """Decode a PNG of 8-bit grey or of a palette, (h, w): grey values, or indices of the palette.

    Raises:
        NotAPhoto: damaged or truncated.
    """
    png.check_complete(stripped)
    image = _reader(stripped, "PNG")
    _load(image)
    return np.asarray(image)


def upright(pixels: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """Turn and mirror (h, w, 3) pixels as EXIF orientation 1 to 8 says (EXIF 2.32, 4.6.4.A)."""
    if orientation == 1:
        return pixels
    return np.asarray(Image.fromarray(pixels).transpose(_TURNS[orientation]))


def _check_bmp(data: bytes) -> None:
    """Refuse what Pillow cannot read of BMP (Windows SDK, BITMAPINFOHEADER; OS/2 has others)."""
    header, bits, compression = struct.unpack_from("<I10xHI", data.ljust(34, b"\0"), 14)
    if header not in (40, 52, 56, 108, 124):
        return
    if inside := {4: "JPEG", 5: "PNG"}.get(compression):
        raise UnsupportedPhoto(f"BMP with a {inside} inside is not accepted; send the {inside}.")
    if bits == 64:
        raise UnsupportedPhoto("BMP of 64 bits a pixel is not accepted; send 24 or 32.")


def _reader(data: bytes, format: str) -> ImageFile.ImageFile:
    module, name = _READERS[format]
    reader = getattr(importlib.import_module(f"PIL.{module}"), name)
    try:
        image: ImageFile.ImageFile = reader(io.BytesIO(data))
    except SyntaxError as error:
        if format != "TIFF":
            raise damaged() from error
        # Its directory has been found good, so it is Pillow that knows no such samples.
        raise UnsupportedPhoto(
            "These channels are not accepted in TIFF; send grey, RGB or CMYK, one alpha at most."
        ) from error
    except DAMAGE as error:
        raise damaged() from error
    return image


def _load(image: ImageFile.ImageFile) -> None:
    try:
        image.load()
    except DAMAGE as error:
        raise damaged() from error


def _to_rgb(image: ImageFile.ImageFile) -> Image.Image:
    """Convert a decoded image to mode RGB."""
    if image.mode in ("I", "F"):
        raise UnsupportedPhoto("32-bit samples are not accepted; send 8 or 16 bits a channel.")
    try:
        return _converted(image)
    except DAMAGE as error:
        raise damaged() from error


def _converted(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I;16"):
        high = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
        return high.convert("RGB")
    if "A" in image.getbands() or "transparency" in image.info:
        clear = image if image.mode in ("LA", "RGBA") else image.convert("RGBA")
        if image.format == "BMP" and not np.asarray(image.getchannel("A")).any():
            return image.convert("RGB")  # Windows' screenshots leave alpha at 0
        white = Image.new("RGB", clear.size, "white")
        white.paste(clear, mask=clear)
        return white
    return image if image.mode == "RGB" else image.convert("RGB")
