"""Small valid files of every format, mode and layout that a decoder may meet, made on the fly."""

import io
import struct
import zlib
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, PngImagePlugin

SIZE = (93, 61)
"""(width, height): no multiple of a JPEG or TIFF block, a few rows of blocks."""

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
ADAM7 = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2),
         (1, 0, 2, 1))  # fmt: skip
"""First row and column, row and column step of each pass (PNG specification, section 8.2)."""

BOMB_BYTES = 30_000_000
"""What the compressed text of "bomb.png" grows to when it is unpacked."""


@cache
def valid_files() -> dict[str, bytes]:
    """Return files by name; all are pictures, not all of a kind that the service accepts."""
    rgb, grey, cmyk, rgba, bilevel = map(_photo, ("RGB", "L", "CMYK", "RGBA", "1"))
    deep = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    wide, levels = np.asarray(rgb).astype(">u2") * 257, np.asarray(grey)
    pages = {"save_all": True}
    text, bomb = PngImagePlugin.PngInfo(), PngImagePlugin.PngInfo()
    text.add_text("Comment", "street " * 40, zip=True)
    text.add_itxt("Title", "Straße")
    bomb.add_text("Comment", "\0" * BOMB_BYTES, zip=True)
    pictures: dict[str, tuple[Image.Image, dict[str, Any]]] = {
        "baseline.jpg": (rgb, {}),
        "progressive.jpg": (rgb, {"progressive": True, "quality": 60}),
        "444.jpg": (rgb, {"subsampling": 0}),
        "restarts.jpg": (rgb, {"restart_marker_blocks": 3}),
        "cmyk.jpg": (cmyk, {}),
        "grey.jpg": (grey, {"optimize": True}),
        "exif.jpg": (rgb, {"exif": _exif(6)}),
        "icc.jpg": (rgb, {"icc_profile": bytes(3000), "comment": b"a comment"}),
        "thumbnail.mpo": (rgb, pages),
        "rgb.png": (rgb, {}),
        "rgba.png": (rgba, {}),
        "grey.png": (grey, {}),
        "grey_alpha.png": (_photo("LA"), {}),
        "palette.png": (rgb.quantize(16), {"transparency": 3}),
        "one_bit.png": (bilevel, {}),
        "grey16.png": (deep, {}),
        "text.png": (rgb, {"pnginfo": text, "icc_profile": bytes(500), "exif": _exif(3)}),
        "bomb.png": (rgb, {"pnginfo": bomb}),
        "animated.png": (rgb, pages),
        "lossy.webp": (rgb, {"exif": _exif(8)}),
        "lossless.webp": (rgb, {"lossless": True}),
        "alpha.webp": (rgba, {}),
        "animated.webp": (rgb, pages),
        "rgb.bmp": (rgb, {}),
        "palette.bmp": (rgb.quantize(64), {}),
        "one_bit.bmp": (bilevel, {}),
        "alpha.bmp": (rgba, {}),
        "refused.gif": (rgb.quantize(64), {}),
        "refused.ico": (rgb, {"sizes": [(32, 32)]}),
        "refused.ppm": (rgb, {}),
        **{
            f"{kind.removeprefix('tiff_')}.tif": (rgb, {"compression": kind})
            for kind in ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg")
        },
        "pages.tif": (rgb, pages),
        "cmyk.tif": (cmyk, {}),
        "fax.tif": (bilevel, {"compression": "group4"}),
        "float.tif": (_photo("F"), {}),
        "palette.tif": (rgb.quantize(64), {"compression": "tiff_lzw"}),
        "grey16.tif": (deep, {}),
        "exif.tif": (rgb, {"exif": _exif(5)}),
    }
    return {name: _saved(name, *picture) for name, picture in pictures.items()} | {
        "rgb16.png": _png(wide, depth=16),
        "interlaced.png": _png(np.asarray(rgb), interlaced=True),
        "interlaced16.png": _png(wide, depth=16, interlaced=True),
        "rle8.bmp": _rle_bmp(levels),
        "tiled.tif": _tiled_tiff(levels, "<"),
        "tiled_big_endian.tif": _tiled_tiff(levels, ">"),
    }


def png_chunk(kind: bytes, data: bytes) -> bytes:
    """One PNG chunk: length, kind, data, CRC."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _photo(mode: str) -> Image.Image:
    """A gradient with noise and flat areas, so that every entropy coder has something to do."""
    width, height = SIZE
    rgb = np.zeros((height, width, 3), np.uint8)
    rgb[..., 0] = np.linspace(0, 255, width)
    rgb[..., 1] = np.linspace(255, 0, height)[:, None]
    rgb[:20, :, 2] = np.random.default_rng(7).integers(0, 256, (20, width))
    return Image.fromarray(rgb).convert(mode)


def _saved(name: str, image: Image.Image, options: dict[str, Any]) -> bytes:
    out = io.BytesIO()
    out.name = name  # its suffix says which format
    if "save_all" in options:
        options = options | {"append_images": [image.rotate(180)]}
    image.save(out, **options)
    return out.getvalue()


def _exif(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = "street"
    return exif


# What follows is read by Pillow, which does not write it.


def _png(pixels: NDArray[Any], depth: int = 8, interlaced: bool = False) -> bytes:
    """Encode RGB samples (h, w, 3), big-endian if of 16 bits, with filter 0 throughout."""
    height, width = pixels.shape[:2]
    raw = b"".join(
        b"\0" + row.tobytes()
        for top, left, down, across in (ADAM7 if interlaced else ((0, 0, 1, 1),))
        for row in pixels[top::down, left::across]
    )
    header = struct.pack(">IIBBBBB", width, height, depth, 2, 0, 0, interlaced)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(raw)), (b"IEND", b""))
    return PNG_SIGNATURE + b"".join(png_chunk(*part) for part in parts)


def _rle_bmp(grey: NDArray[np.uint8]) -> bytes:
    """Encode (h, w) as an 8-bit BMP with RLE8 compression (BI_RLE8), in runs of one pixel."""
    runs = np.stack([np.ones_like(grey), grey], -1)[::-1]
    data = b"".join(row.tobytes() + b"\0\0" for row in runs) + b"\0\1"
    plain = _saved("plain.bmp", Image.fromarray(grey), {})
    pixels = int.from_bytes(plain[10:14], "little")
    return plain[:30] + struct.pack("<II", 1, len(data)) + plain[38:pixels] + data


def _tiled_tiff(grey: NDArray[np.uint8], order: str, tile: int = 32) -> bytes:
    """Encode (h, w) as an uncompressed tiled TIFF; `order` is "<" or ">"."""
    height, width = grey.shape
    down, across = -(-height // tile), -(-width // tile)
    padded = np.pad(grey, ((0, down * tile - height), (0, across * tile - width)))
    pixels = padded.reshape(down, tile, across, tile).swapaxes(1, 2).tobytes()
    count = down * across
    lists = 8 + 2 + 10 * 12 + 4
    values = {256: width, 257: height, 258: 8, 259: 1, 262: 1, 277: 1, 322: tile, 323: tile,
              324: lists, 325: lists + 4 * count}  # fmt: skip
    directory = b"".join(
        struct.pack(f"{order}HHII", tag, 4, count if tag >= 324 else 1, value)
        for tag, value in values.items()
    )
    offsets = range(lists + 8 * count, lists + 8 * count + len(pixels), tile * tile)
    numbers = struct.pack(f"{order}I{2 * count}I", 0, *offsets, *[tile * tile] * count)
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}IH", 8, len(values))
    return head + directory + numbers + pixels
