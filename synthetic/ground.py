"""The ground, pixel by pixel: asphalt, kerb, pavement, parking strip, verge."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops

from synthetic.canvas import ID, Canvas, tags_of, to_rgb8
from synthetic.markings import draw_markings
from synthetic.noise import SIZE, Textures
from synthetic.street import KERB, Street

_PER_METRE = 50
_REACH = 40  # metres of cross-section to each side
_BRIGHTEST = 2.0  # the strongest light on the ground that the painting keeps

Pixels = NDArray[np.float32]


def paint_ground(
    canvas: Canvas, street: Street, shade: NDArray[np.float32], rng: np.random.Generator
) -> None:
    """Paint the ground below the horizon; `shade` (height, width) 0..1 at the delivered size."""
    light = canvas.light
    top, x, z = canvas.camera.ground()
    colours, labels, rough = _profile(street, rng)
    column = np.clip((x + _REACH) * _PER_METRE, 0, 2 * _REACH * _PER_METRE - 1).astype(np.int16)
    flat = Image.fromarray(np.take(colours, column, axis=0))
    draw_markings(canvas, street, flat, top, rng)
    grain = Image.fromarray(_grain(canvas.textures, x, z, np.take(rough, column), rng))
    flat = ImageChops.multiply(flat, Image.merge("RGB", (grain,) * 3))
    sunny = light.shade((1, 1, 1), (0, 1, 0))
    shaded = light.shade((1, 1, 1), (0, 1, 0), 0.0) * 0.82
    cover = Image.fromarray((np.minimum(shade, 1) * 255).astype(np.uint8))
    cover = cover.resize(canvas.photo.size, Image.Resampling.BILINEAR)
    cover = cover.crop((0, top, *canvas.photo.size))
    sun = Image.new("RGB", flat.size, to_rgb8(sunny / _BRIGHTEST))
    lit = ImageChops.multiply(flat, Image.composite(
        Image.new("RGB", flat.size, to_rgb8(shaded / _BRIGHTEST)), sun, cover))  # fmt: skip
    # Grain is stored halved, so that it can brighten too.
    lit = ImageChops.add(lit, lit, scale=1 / _BRIGHTEST)
    canvas.replace_rows(top, lit, tags_of(np.take(labels, column), z))


def _grain(
    textures: Textures,
    x: Pixels,
    z: Pixels,
    rough: Pixels,
    rng: np.random.Generator,
) -> NDArray[np.uint8]:
    """Fine grit that fades with distance, and stains; (rows, width), 128 leaves as it is."""
    wrap = SIZE - 1
    fine = textures.grit[(z * 44).astype(np.int32) & wrap, (x * 60).astype(np.int32) & wrap]
    # Traffic smears stains along the road; they are soft enough for half the resolution.
    u, v = x[::2, ::2] * 22 + rng.integers(SIZE), z[::2, ::2] * 8
    broad = textures.stains[v.astype(np.int32) & wrap, u.astype(np.int32) & wrap]
    broad = np.asarray(Image.fromarray(broad).resize(x.shape[::-1], Image.Resampling.BILINEAR))
    near = np.float32(40) / (1 + (z[:, :1] / 14) ** 2)
    grain = (fine * near + broad * np.float32(20)) * rough
    return np.asarray(np.clip(grain, -120, 120) + 128, np.uint8)


def _profile(
    street: Street, rng: np.random.Generator
) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.float32]]:
    """The cross-section from -_REACH to _REACH: albedo (N, 3), label (N,), roughness (N,)."""
    across = (np.arange(2 * _REACH * _PER_METRE) + 0.5) / _PER_METRE - _REACH
    colours = np.tile(street.asphalt, (len(across), 1))
    labels = np.full(len(across), ID["road"], np.uint8)
    rough = np.ones(len(across), np.float32)
    lanes = (-street.half_road / 2, street.half_road / 2) if street.two_way else (0.0,)
    for lane in lanes:
        for track in (lane - 0.75, lane + 0.75):
            colours *= 1 - 0.10 * np.exp(-(((across - track) / 0.35) ** 2))[:, None]
    grass = np.array([0.30, 0.36, 0.15]) * rng.uniform(0.85, 1.1)
    for side in (-1, 1):
        edge = street.half_road
        kerb = street.kerb(side)
        verge = street.verge[side > 0]
        bands = (
            (edge, kerb - KERB, street.asphalt * 0.86, "parking", 1.0),
            (kerb - KERB - 0.35, kerb - KERB, street.asphalt * 0.72, "", 1.2),
            (kerb - KERB, kerb - KERB + 0.12, street.slabs * 0.72, "sidewalk", 0.6),
            (kerb - KERB + 0.12, kerb, street.slabs * 1.28, "sidewalk", 0.6),
            (kerb, kerb + verge, grass, "terrain", 2.2),
            (kerb + verge, street.front(side), street.slabs, "sidewalk", 0.8),
            (street.front(side) - 0.5, street.front(side), street.slabs * 0.86, "sidewalk", 0.8),
            (street.front(side), _REACH, grass * 0.85, "terrain", 2.2),
        )
        for start, end, rgb, label, roughness in bands:
            inside = (across * side >= start) & (across * side < end)
            colours[inside], rough[inside] = rgb, roughness
            if label:
                labels[inside] = ID[label]
    return (np.clip(colours, 0, 1) * 255).astype(np.uint8), labels, rough
