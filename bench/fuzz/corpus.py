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
    text, bomb = PngImagePlugin.PngInfo(), PngImagePlugin.PngInfo()
    text.add_text("Comment", "street " * 40, zip=True)
    text.add_itxt("Title", "Straße")
    bomb.add_text("Comment", "\0" * BOMB_BYTES, zip=True)
    pages, lzw = {"save_all": True}, {"compression": "tiff_lzw"}
    pictures: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("baseline.jpg", "RGB", {}),
        ("progressive.jpg", "RGB", {"progressive": True, "quality": 60}),
        ("444.jpg", "RGB", {"subsampling": 0}),
        ("restarts.jpg", "RGB", {"restart_marker_blocks": 3}),
        ("cmyk.jpg", "CMYK", {}), ("grey.jpg", "L", {"optimize": True}),
        ("exif.jpg", "RGB", {"exif": _exif(6)}),
        ("icc.jpg", "RGB", {"icc_profile": bytes(3000), "comment": b"a comment"}),
        ("thumbnail.mpo", "RGB", pages),
        ("rgb.png", "RGB", {}), ("rgba.png", "RGBA", {}), ("grey.png", "L", {}),
        ("grey_alpha.png", "LA", {}), ("palette.png", "P16", {"transparency": 3}),
        ("one_bit.png", "1", {}), ("grey16.png", "I;16", {}),
        ("text.png", "RGB", {"pnginfo": text, "icc_profile": bytes(500), "exif": _exif(3)}),
        ("bomb.png", "RGB", {"pnginfo": bomb}), ("animated.png", "RGB", pages),
        ("lossy.webp", "RGB", {"exif": _exif(8)}), ("lossless.webp", "RGB", {"lossless": True}),
        ("alpha.webp", "RGBA", {}), ("animated.webp", "RGB", pages),
        ("rgb.bmp", "RGB", {}), ("palette.bmp", "P64", {}), ("one_bit.bmp", "1", {}),
        ("alpha.bmp", "RGBA", {}),
        ("refused.gif", "P64", {}), ("refused.ico", "RGB", {"sizes": [(32, 32)]}),
        ("refused.ppm", "RGB", {}),
        ("raw.tif", "RGB", {"compression": "raw"}), ("lzw.tif", "RGB", lzw),
        ("adobe_deflate.tif", "RGB", {"compression": "tiff_adobe_deflate"}),
        ("packbits.tif", "RGB", {"compression": "packbits"}),
        ("jpeg.tif", "RGB", {"compression": "jpeg"}), ("pages.tif", "RGB", pages),
        ("cmyk.tif", "CMYK", {}), ("fax.tif", "1", {"compression": "group4"}),
        ("float.tif", "F", {}), ("palette.tif", "P64", lzw), ("grey16.tif", "I;16", {}),
        ("exif.tif", "RGB", {"exif": _exif(5)}),
    )  # fmt: skip
    rgb, grey = np.asarray(_photo("RGB")), np.asarray(_photo("L"))
    wide = rgb.astype(">u2") * 257
    return {name: _saved(name, _photo(mode), options) for name, mode, options in pictures} | {
        "rgb16.png": _png(wide, depth=16),
        "interlaced.png": _png(rgb, interlaced=True),
        "interlaced16.png": _png(wide, depth=16, interlaced=True),
        "rle8.bmp": _rle_bmp(grey),
        "tiled.tif": _tiled_tiff(grey, "<"),
        "tiled_big_endian.tif": _tiled_tiff(grey, ">"),
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
    image = Image.fromarray(rgb)
    if mode.startswith("P"):
        return image.quantize(int(mode[1:]))
    if mode == "I;16":
        return Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257)
    return image.convert(mode)


def _saved(name: str, image: Image.Image, options: dict[str, Any]) -> bytes:
    out = io.BytesIO()
    out.name = name  # its suffix says which format
    if "save_all" in options:
        options = options | {"append_images": [image.rotate(180)]}
    image.save(out, **options)
    return out.getvalue()


def _exif(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = orientation, "street"
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
