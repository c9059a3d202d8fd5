"""Small valid files of every format, mode and layout that a decoder may meet, made on the fly."""

import io
import itertools
import struct
import zlib
from collections.abc import Callable
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


def valid_files() -> dict[str, bytes]:
    """Return files by name; all are pictures, not all of a kind that the service accepts."""
    return {**_jpegs(), **_pngs(), **_others(), **_tiffs(), **_handmade()}


def png_chunk(kind: bytes, data: bytes) -> bytes:
    """One PNG chunk: length, kind, data, CRC."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _photo(mode: str = "RGB") -> Image.Image:
    """A gradient with noise and flat areas, so that every entropy coder has something to do."""
    width, height = SIZE
    rng = np.random.default_rng(7)
    rgb = np.zeros((height, width, 3), np.uint8)
    rgb[..., 0] = np.linspace(0, 255, width)
    rgb[..., 1] = np.linspace(255, 0, height)[:, None]
    rgb[:20, :, 2] = rng.integers(0, 256, (20, width))
    return Image.fromarray(rgb).convert(mode)


def _saved(image: Image.Image, format: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def _exif(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = "street"
    return exif


def _jpegs() -> dict[str, bytes]:
    rgb = _photo()
    return {
        "baseline.jpg": _saved(rgb, "JPEG"),
        "progressive.jpg": _saved(rgb, "JPEG", progressive=True, quality=60),
        "444.jpg": _saved(rgb, "JPEG", subsampling=0),
        "restarts.jpg": _saved(rgb, "JPEG", restart_marker_blocks=3),
        "cmyk.jpg": _saved(_photo("CMYK"), "JPEG"),
        "grey.jpg": _saved(_photo("L"), "JPEG", optimize=True),
        "exif.jpg": _saved(rgb, "JPEG", exif=_exif(6)),
        "icc.jpg": _saved(rgb, "JPEG", icc_profile=bytes(3000), comment=b"a comment"),
        "thumbnail.mpo": _saved(rgb, "MPO", save_all=True, append_images=[rgb.rotate(180)]),
    }


def _pngs() -> dict[str, bytes]:
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", "street " * 40, zip=True)
    text.add_itxt("Title", "Straße")
    rgb, grey = _photo(), _photo("L")
    wide = np.asarray(rgb).astype(">u2") * 257
    return {
        "rgb.png": _saved(rgb, "PNG"),
        "rgba.png": _saved(_photo("RGBA"), "PNG"),
        "grey.png": _saved(grey, "PNG"),
        "grey_alpha.png": _saved(_photo("LA"), "PNG"),
        "palette.png": _saved(rgb.quantize(16), "PNG", transparency=3),
        "one_bit.png": _saved(grey.convert("1"), "PNG"),
        "grey16.png": _saved(Image.fromarray(np.asarray(grey).astype(np.uint16) * 257), "PNG"),
        "text.png": _saved(rgb, "PNG", pnginfo=text, icc_profile=bytes(500), exif=_exif(3)),
        "animated.png": _saved(rgb, "PNG", save_all=True, append_images=[rgb.rotate(180)]),
        "rgb16.png": png(wide, depth=16),
        "interlaced.png": png(np.asarray(rgb), interlaced=True),
        "interlaced16.png": png(wide, depth=16, interlaced=True),
    }


def _others() -> dict[str, bytes]:
    rgb, turned = _photo(), _photo().rotate(180)
    return {
        "lossy.webp": _saved(rgb, "WEBP", exif=_exif(8)),
        "lossless.webp": _saved(rgb, "WEBP", lossless=True),
        "alpha.webp": _saved(_photo("RGBA"), "WEBP"),
        "animated.webp": _saved(rgb, "WEBP", save_all=True, append_images=[turned]),
        "rgb.bmp": _saved(rgb, "BMP"),
        "palette.bmp": _saved(rgb.quantize(64), "BMP"),
        "one_bit.bmp": _saved(_photo("1"), "BMP"),
        "alpha.bmp": _saved(_photo("RGBA"), "BMP"),
        "refused.gif": _saved(rgb.quantize(64), "GIF"),
        "refused.ico": _saved(rgb, "ICO", sizes=[(32, 32)]),
        "refused.ppm": _saved(rgb, "PPM"),
    }


def _tiffs() -> dict[str, bytes]:
    rgb, turned = _photo(), _photo().rotate(180)
    packed = {
        f"{kind.removeprefix('tiff_')}.tif": _saved(rgb, "TIFF", compression=kind)
        for kind in ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg")
    }
    return {
        **packed,
        "pages.tif": _saved(rgb, "TIFF", save_all=True, append_images=[turned, turned]),
        "cmyk.tif": _saved(_photo("CMYK"), "TIFF"),
        "fax.tif": _saved(_photo("1"), "TIFF", compression="group4"),
        "float.tif": _saved(_photo("F"), "TIFF"),
        "palette.tif": _saved(rgb.quantize(64), "TIFF", compression="tiff_lzw"),
        "grey16.tif": _saved(
            Image.fromarray(np.asarray(_photo("L")).astype(np.uint16) * 257), "TIFF"
        ),
        "exif.tif": _saved(rgb, "TIFF", exif=_exif(5)),
    }


def _handmade() -> dict[str, bytes]:
    """What Pillow reads and does not write."""
    grey = np.asarray(_photo("L"))
    return {
        "rle8.bmp": rle_bmp(grey & np.uint8(0xF0)),
        "tiled.tif": tiled_tiff(grey, "<"),
        "tiled_big_endian.tif": tiled_tiff(grey, ">"),
    }


def png(pixels: NDArray[Any], depth: int = 8, interlaced: bool = False) -> bytes:
    """Encode RGB samples (h, w, 3), big-endian if of 16 bits, with filter 0 throughout."""
    height, width = pixels.shape[:2]
    passes = ADAM7 if interlaced else ((0, 0, 1, 1),)
    raw = b"".join(
        b"\0" + row.tobytes()
        for top, left, down, across in passes
        for row in pixels[top::down, left::across]
    )
    header = struct.pack(">IIBBBBB", width, height, depth, 2, 0, 0, interlaced)
    return (
        PNG_SIGNATURE
        + png_chunk(b"IHDR", header)
        + png_chunk(b"IDAT", zlib.compress(raw))
        + png_chunk(b"IEND", b"")
    )


def rle_bmp(grey: NDArray[np.uint8]) -> bytes:
    """Encode (h, w) as an 8-bit BMP with RLE8 compression (BITMAPINFOHEADER, BI_RLE8)."""
    height, width = grey.shape
    rows = []
    for row in grey[::-1]:
        starts = [0, *(np.flatnonzero(np.diff(row)) + 1).tolist(), width]
        runs = itertools.pairwise(starts)
        rows.append(b"".join(bytes([end - start, row[start]]) for start, end in runs) + b"\0\0")
    data = b"".join(rows) + b"\0\1"
    palette = b"".join(bytes([i, i, i, 0]) for i in range(256))
    offset = 14 + 40 + len(palette)
    info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 8, 1, len(data), 0, 0, 256, 0)
    return struct.pack("<2sIHHI", b"BM", offset + len(data), 0, 0, offset) + info + palette + data


def tiled_tiff(grey: NDArray[np.uint8], order: str, tile: int = 32) -> bytes:
    """Encode (h, w) as an uncompressed tiled TIFF; `order` is "<" or ">"."""
    height, width = grey.shape
    down, across = -(-height // tile), -(-width // tile)
    padded = np.pad(grey, ((0, down * tile - height), (0, across * tile - width)))
    tiles = [padded[y * tile : (y + 1) * tile, x * tile : (x + 1) * tile].tobytes()
             for y in range(down) for x in range(across)]  # fmt: skip
    count, entries = len(tiles), 10
    lists = 8 + 2 + 12 * entries + 4
    first = lists + 8 * count
    tags: list[tuple[int, int, int, int]] = [
        (256, 3, 1, width), (257, 3, 1, height), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1),
        (277, 3, 1, 1), (322, 3, 1, tile), (323, 3, 1, tile),
        (324, 4, count, lists), (325, 4, count, lists + 4 * count),
    ]  # fmt: skip
    pack: Callable[..., bytes] = lambda kind, *values: struct.pack(order + kind, *values)  # noqa: E731
    directory = b"".join(
        pack("HHI", tag, kind, number) + (pack("HH", value, 0) if kind == 3 else pack("I", value))
        for tag, kind, number, value in tags
    )
    offsets = [first + i * tile * tile for i in range(count)]
    return (
        (b"II*\0" if order == "<" else b"MM\0*")
        + pack("I", 8)
        + pack("H", entries)
        + directory
        + pack("I", 0)
        + pack(f"{count}I", *offsets)
        + pack(f"{count}I", *[tile * tile] * count)
        + b"".join(tiles)
    )
