"""Trees, bushes and hedges, with crowns grown from noise."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from synthetic.canvas import Canvas
from synthetic.noise import SIZE
from synthetic.perspective import Floats

_SIZE = 320
_GREENS = (
    ((0.10, 0.15, 0.06), (0.27, 0.36, 0.13), (0.52, 0.58, 0.24)),
    ((0.09, 0.14, 0.08), (0.21, 0.33, 0.16), (0.42, 0.54, 0.27)),
    ((0.13, 0.16, 0.06), (0.35, 0.38, 0.13), (0.62, 0.60, 0.25)),
    ((0.22, 0.12, 0.05), (0.52, 0.30, 0.10), (0.80, 0.56, 0.20)),
)


class Crown(NamedTuple):
    """A crown's leaves (RGB) and its shape (L), both square."""

    leaves: Image.Image
    shape: Image.Image


class Foliage:
    """The crowns of one scene, made once and hung on every tree."""

    def __init__(self, canvas: Canvas, rng: np.random.Generator) -> None:
        tints = rng.choice(len(_GREENS), 3, p=[0.36, 0.32, 0.24, 0.08])
        outlines = ((0.86, 0.80), (0.66, 0.92), (0.95, 0.62))
        greens = np.array(_GREENS)[tints]
        self.crowns = [_crown(canvas, *look, rng) for look in zip(outlines, greens, strict=True)]

    def leafy(self, rng: np.random.Generator, width: int, height: int) -> Image.Image:
        """An RGB patch of leaves without gaps, for hedges."""
        low, high = _SIZE // 2 - int(_SIZE * 0.26), _SIZE // 2 + int(_SIZE * 0.26)
        leaves = self.crowns[int(rng.integers(3))][0].leaves
        patch = leaves.crop((low, low, high, high)).resize((height, height))
        texture = Image.new("RGB", (width, height))
        for left in range(0, width, height):
            texture.paste(patch, (left, 0))
        return texture


def _crown(
    canvas: Canvas, outline: tuple[float, float], greens: Floats, rng: np.random.Generator
) -> list[Crown]:
    """One crown, lit by the scene's sun, at _SIZE and ever halved for more distant trees."""
    light, textures = canvas.light, canvas.textures
    shade, inside = _clumps(canvas, outline, rng)
    skip = int(rng.integers(SIZE - _SIZE))
    leaves = textures.grit[skip : skip + _SIZE, :_SIZE]
    sprigs = textures.sprigs[skip : skip + _SIZE, -_SIZE:]
    rows, columns = np.indices((_SIZE, _SIZE))
    # Ragged edges: look the smooth clumps up where the leaves push them.
    rows = np.clip(rows + leaves * 9 + sprigs * 9, 0, _SIZE - 1).astype(np.int32)
    columns = np.clip(columns - leaves * 9 + sprigs[::-1] * 9, 0, _SIZE - 1).astype(np.int32)
    lift = np.clip(shade[rows, columns] + leaves * 0.30 + sprigs * 0.22, 0, 1)
    tint = light.ambient * 0.95 + light.sun_rgb * 0.62
    stops = np.linspace(0, 1, 3)
    rgb = np.stack([np.interp(lift, stops, greens[:, c]) * tint[c] for c in range(3)], axis=-1)
    picture = Image.fromarray((np.clip(rgb, 0, 1) * 255).astype(np.uint8))
    shape = Image.fromarray((inside[rows, columns] * 255).astype(np.uint8))
    return [Crown(picture, shape), *(Crown(picture.reduce(n), shape.reduce(n)) for n in (2, 4, 8))]


def _clumps(
    canvas: Canvas, outline: tuple[float, float], rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Overlapping balls of leaves: their shade 0..1, and where there are any; _SIZE square."""
    sun = canvas.light.sun
    toward = np.array([sun[0], sun[1], -sun[2]]) * (0.75 if canvas.light.shadow > 0.2 else 0.15)
    toward = np.add(toward, (0, 0.55, 0.1))
    shade = np.zeros((_SIZE, _SIZE), np.float32)
    front = np.full((_SIZE, _SIZE), -9.0, np.float32)
    axis = (np.arange(_SIZE, dtype=np.float32) + 0.5) / _SIZE * 2 - 1
    for _ in range(60):
        angle, reach = rng.uniform(0, 2 * np.pi), np.sqrt(rng.random())
        radius, lean = rng.uniform(0.12, 0.29), rng.uniform(-0.5, 0.6)
        cx = np.cos(angle) * reach * (outline[0] - radius)
        cy = np.sin(angle) * reach * (outline[1] - radius)
        columns = slice(*np.searchsorted(axis, (cx - radius, cx + radius)))
        rows = slice(*np.searchsorted(axis, (cy - radius, cy + radius)))
        u = (axis[columns] - np.float32(cx)) / np.float32(radius)
        v = (axis[rows] - np.float32(cy))[:, None] / np.float32(radius)
        bulge = 1 - u * u - v * v
        height = np.sqrt(np.maximum(bulge, 0))
        near = np.where(bulge > 0, height * radius + lean * (1 - reach), np.float32(-9))
        seen = near > front[rows, columns]
        facing = u * toward[0] - v * toward[1] + height * toward[2]
        tone = 0.26 + 0.34 * facing - 0.16 * cy + 0.10 * lean
        shade[rows, columns] = np.where(seen, tone, shade[rows, columns])
        front[rows, columns] = np.maximum(front[rows, columns], near)
    return shade, (front > -5).astype(np.uint8)


def paint_tree(
    canvas: Canvas,
    foliage: Foliage,
    at: tuple[float, float],
    height: float,
    rng: np.random.Generator,
) -> None:
    """A tree with its trunk at street (x, z), `height` metres tall."""
    x, z = at
    form = int(rng.integers(3))
    radius = height * rng.uniform(0.016, 0.024)
    fork = height * rng.uniform(0.34, 0.46)
    bark = np.array([0.27, 0.22, 0.18]) * rng.uniform(0.8, 1.25)
    lean = rng.uniform(-0.2, 0.2)
    top = (x + lean, fork + 0.5, z)
    for low, high, wide, narrow in ((0.0, 0.14, 1.55, 1.2), (0.13, 0.5, 1.2, 1.0)):
        ends, radii = [(x, low, z), (x, high, z)], (radius * wide, radius * narrow)
        canvas.tapered_bar(ends, radii, bark, "vegetation", blunt=True)
    canvas.tapered_bar([(x, 0.49, z), top], (radius, radius * 0.8), bark, "vegetation", blunt=True)
    wide = height * (0.62, 0.46, 0.72)[form] * rng.uniform(0.9, 1.1)
    # Far away the crown hides the branches.
    for reach in (-0.26, -0.08, 0.12, 0.28) if z < 50 else ():
        tip = (x + lean + reach * wide, fork + height * rng.uniform(0.14, 0.24), z)
        canvas.tapered_bar([top, tip], (radius * 0.6, radius * 0.2), bark, "vegetation")
    tall = height * (0.72, 0.86, 0.66)[form]
    crown = foliage.crowns[form]
    paint_crown(canvas, crown, (x + lean, height - tall / 2, z), (wide, tall))


def paint_crown(
    canvas: Canvas,
    crown: list[Crown],
    centre: tuple[float, float, float],
    size: tuple[float, float],
) -> None:
    """Hang a crown of `size` (width, height) metres at a street point (3,)."""
    (pixels,), (depth,) = canvas.camera.project([centre])
    half = np.array(size) * (canvas.camera.focal / float(depth) / 2)
    left, top, right, low = (round(edge) for edge in (*(pixels - half), *(pixels + half)))
    if depth > 2 and right > left + 1 and low > top + 1:
        fitting = sum(smaller.leaves.width >= right - left for smaller in crown[1:])
        leaves, shape = crown[fitting]
        canvas.sprite(leaves, shape, (left, top, right, low), ("vegetation", float(depth)))


def paint_bush(
    canvas: Canvas, foliage: Foliage, at: tuple[float, float], size: float, rng: np.random.Generator
) -> None:
    """A bush at street (x, z), `size` metres wide."""
    crown = foliage.crowns[int(rng.integers(3))]
    paint_crown(canvas, crown, (at[0], size * 0.32, at[1]), (size, size * 0.8))


def crown_shadow(at: tuple[float, float], height: float, rng: np.random.Generator) -> list[Floats]:
    """Points (N, 3) of leaf clusters whose shadows together make a tree's dappled shade."""
    clusters = []
    angles = np.linspace(0, 2 * np.pi, 9, endpoint=False)
    for _ in range(36):
        centre = np.array([at[0], height * 0.66, at[1]]) + rng.normal(0, height * 0.15, 3)
        size = rng.uniform(0.2, 0.7) * rng.uniform(0.55, 1.2, (9, 1))
        clusters.append(np.stack([np.cos(angles), 0 * angles, np.sin(angles)], 1) * size + centre)
    return clusters
