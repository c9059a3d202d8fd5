"""Samples of every kind: the right pixels, or a refusal that names the kind. Files made by hand."""

import struct
import zlib
from typing import Any

import numpy as np
import pytest
from PIL import Image

from function_app.vision import photo
from tests.function_app.vision.photo.files import (
    END,
    Entries,
    chunk,
    directory,
    encoded,
    packed,
    png,
    street,
)

WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE, YCBCR, LAB = 0, 1, 2, 3, 6, 8
SHORT, LONG = 3, 4
RAMP = np.arange(16 * 24).reshape(16, 24) * 255 // (16 * 24 - 1)


def tiff(
    samples: np.ndarray, space: int, bits: int = 8, *, order: str = "<", compression: int = 1,
    extra: Entries | None = None,
) -> bytes:  # fmt: skip
    """A TIFF of one strip; `extra` replaces and adds tags, () takes one away."""
    height, width = samples.shape[:2]
    channels = samples.shape[2] if samples.ndim == 3 else 1
    strip = packed(samples, bits, order)
    strip = zlib.compress(strip) if compression == 8 else strip
    entries: Entries = {
        256: (SHORT, (width,)), 257: (SHORT, (height,)), 258: (SHORT, (bits,) * channels),
        259: (SHORT, (compression,)), 262: (SHORT, (space,)), 273: (LONG, (8,)),
        277: (SHORT, (channels,)), 278: (SHORT, (height,)), 279: (LONG, (len(strip),)),
    }  # fmt: skip
    entries = {tag: entry for tag, entry in (entries | (extra or {})).items() if entry[1]}
    start = 8 + len(strip) + len(strip) % 2
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", start)
    return head + strip.ljust(start - 8, b"\0") + directory(entries, start, order)


BOTH = pytest.mark.parametrize(("order", "compression"), [("<", 1), (">", 1), ("<", 8), (">", 8)])


@BOTH
@pytest.mark.parametrize("bits", [1, 2, 4, 8, 16])
@pytest.mark.parametrize("space", [WHITE_IS_ZERO, BLACK_IS_ZERO])
def test_grey_of_all_depths(space: int, bits: int, order: str, compression: int) -> None:
    most = 2**bits - 1
    levels = RAMP * most // 255
    data = tiff(levels, space, bits, order=order, compression=compression)
    if bits == 16 and space == WHITE_IS_ZERO:
        with pytest.raises(photo.UnsupportedPhoto, match="White-is-zero"):
            photo.decode(data)
        return
    grey = levels if space == BLACK_IS_ZERO else most - levels
    expected = grey >> 8 if bits == 16 else grey * 255 // most
    assert np.array_equal(photo.decode(data), expected[..., None].repeat(3, 2))


@BOTH
@pytest.mark.parametrize("bits", [8, 16])
def test_colours_are_not_swapped(bits: int, order: str, compression: int) -> None:
    rgb = street(20, 30)
    samples = rgb.astype(int) * (257 if bits == 16 else 1)
    data = tiff(samples, RGB, bits, order=order, compression=compression)
    assert np.array_equal(photo.decode(data), rgb)
    opaque = np.dstack([samples, np.full((20, 30), 2**bits - 1)])
    alpha = tiff(opaque, RGB, bits, order=order, compression=compression,
                 extra={338: (SHORT, (2,))})  # fmt: skip
    assert np.array_equal(photo.decode(alpha), rgb)


@BOTH
@pytest.mark.parametrize("bits", [1, 2, 4, 8])
def test_palettes(bits: int, order: str, compression: int) -> None:
    colors = np.random.default_rng(0).integers(0, 256, (3, 1 << bits))
    indices = RAMP % (1 << bits)
    options: dict[str, Any] = {"order": order, "compression": compression}
    colormap = {320: (SHORT, tuple(int(c) * 257 for c in colors.ravel()))}
    data = tiff(indices, PALETTE, bits, extra=colormap, **options)
    assert np.array_equal(photo.decode(data), colors.T[indices])
    for missing in ({}, {320: (SHORT, colormap[320][1][:-1])}):
        with pytest.raises(photo.NotAPhoto, match="palette"):
            photo.open_photo(tiff(indices, PALETTE, bits, extra=missing, **options))
    eight_bits = {320: (SHORT, tuple(map(int, colors.ravel())))}
    with pytest.raises(photo.UnsupportedPhoto, match="16-bit colours"):
        photo.open_photo(tiff(indices, PALETTE, bits, extra=eight_bits, **options))


def test_a_png_palette_must_be_there_before_the_pixels() -> None:
    palette = chunk(b"PLTE", bytes(range(48)))
    whole = png(RAMP % 16, palette, bits=4, color=3)
    expected = np.arange(48).reshape(16, 3)[RAMP % 16]
    assert np.array_equal(photo.decode(whole), expected)
    for other in (b"", chunk(b"PLTE", b""), chunk(b"PLTE", bytes(47))):
        with pytest.raises(photo.NotAPhoto):
            photo.open_photo(whole.replace(palette, other))
    with pytest.raises(photo.NotAPhoto):
        photo.open_photo(whole.replace(palette, b"").replace(END, palette + END))


@pytest.mark.parametrize("brightest", [65535, 1 << 14, (1 << 14) - 1, 1, 0])
@pytest.mark.parametrize(
    ("format", "channels"),
    [*((format, n) for format in ("PNG", "<", ">", "<deflate", ">deflate") for n in (1, 3, 4)),
     ("PNG", 2)],
)  # fmt: skip
def test_sixteen_bits_of_which_few_are_used(format: str, channels: int, brightest: int) -> None:
    grey = RAMP * brightest // 255
    samples = np.dstack([grey] * channels)
    if channels in (2, 4):
        samples[..., -1] = 65535
    if format == "PNG":
        data = png(samples, bits=16, color={1: 0, 2: 4, 3: 2, 4: 6}[channels])
    else:
        alpha: Entries = {338: (SHORT, (2,))} if channels == 4 else {}
        space = RGB if channels > 1 else BLACK_IS_ZERO
        compression = 8 if format.endswith("deflate") else 1
        data = tiff(samples if channels > 1 else grey, space, 16, order=format[0],
                    compression=compression, extra=alpha)  # fmt: skip
    # Of black grey with alpha Pillow does not give the low bytes.
    if 0 < brightest < 1 << 14 or (brightest, channels) == (0, 2):
        with pytest.raises(photo.UnsupportedPhoto, match="bits only"):
            photo.decode(data)
    else:
        assert np.array_equal(photo.decode(data), (grey >> 8)[..., None].repeat(3, 2))


@pytest.mark.parametrize(
    ("space", "bits", "channels", "extra", "message"),
    [
        (BLACK_IS_ZERO, 16, 1, {258: (SHORT, (12,))}, "12-bit"),
        (BLACK_IS_ZERO, 16, 1, {258: (SHORT, (10,))}, "10-bit"),
        (BLACK_IS_ZERO, 8, 1, {339: (SHORT, (2,))}, "signed"),
        (BLACK_IS_ZERO, 16, 1, {339: (SHORT, (2,))}, "signed"),
        (BLACK_IS_ZERO, 16, 1, {339: (SHORT, (3,))}, "floating-point"),
        (BLACK_IS_ZERO, 16, 2, {258: (SHORT, (32,)), 277: (SHORT, (1,))}, "32-bit"),
        (RGB, 8, 3, {258: (SHORT, (5, 6, 5))}, "different depths"),
        (YCBCR, 8, 3, {}, "colour space"),
        (LAB, 8, 3, {}, "colour space"),
        (BLACK_IS_ZERO, 8, 3, {}, "channels"),
        (RGB, 8, 2, {}, "channels"),
    ],
)
def test_samples_that_are_refused(
    space: int, bits: int, channels: int, extra: Entries, message: str
) -> None:
    samples = np.dstack([RAMP] * channels) if channels > 1 else RAMP
    with pytest.raises(photo.UnsupportedPhoto, match=message):
        photo.decode(tiff(samples, space, bits, extra=extra))


def test_a_colour_space_must_be_given() -> None:
    with pytest.raises(photo.NotAPhoto, match="colour space"):
        photo.decode(tiff(RAMP, BLACK_IS_ZERO, extra={262: (SHORT, ())}))


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", [1, 3, 4, 6, 8, 9])
@pytest.mark.parametrize("value", [1, 6, 9])
def test_tiff_orientations_of_every_whole_number_type(order: str, kind: int, value: int) -> None:
    rgb = street(20, 30)
    data = tiff(rgb, RGB, order=order, extra={274: (kind, (value,))})
    turns = {3: 2, 6: -1, 8: 1}.get(value, 0)
    assert np.array_equal(photo.decode(data), np.rot90(rgb, turns))
    assert photo.open_photo(data).width == (20 if turns in (-1, 1) else 30)


@pytest.mark.parametrize("entry", [(SHORT, (6, 6)), (LONG, (6, 1)), (7, (6,)), (11, (6,))])
def test_tiff_orientations_that_readers_disagree_about(entry: tuple[int, tuple[int, ...]]) -> None:
    with pytest.raises(photo.NotAPhoto, match="Orientation"):
        photo.open_photo(tiff(street(20, 30), RGB, extra={274: entry}))


def test_metadata_of_a_tiff_does_not_turn_it() -> None:
    rgb = street(20, 30)
    xmp = b'<x:xmpmeta><rdf:Description tiff:Orientation="6"/></x:xmpmeta>'
    data = tiff(rgb, RGB, extra={700: (1, tuple(xmp))})
    assert b"Orientation" in data
    assert np.array_equal(photo.decode(data), rgb)
    padded = encoded(Image.fromarray(rgb), "TIFF", tiffinfo={0xEA1C: bytes(8), 0xEA1D: bytes(8)})
    twice = padded.replace(b"\x1d\xea", b"\x1c\xea")
    assert twice != padded
    assert np.array_equal(photo.decode(twice), rgb)
