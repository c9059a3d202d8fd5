"""House fronts drawn flat, as an architect's elevation, to be hung in perspective."""

import numpy as np
from PIL import Image

from synthetic.canvas import to_rgb8
from synthetic.house_style import Style, bays
from synthetic.light import Light
from synthetic.perspective import Floats
from synthetic.wall_texture import WallTexture, lit_wall


def elevation(
    style: Style,
    length: float,
    scale: float,
    light: Light,
    *,
    tone: tuple[Floats, Floats],
    shade_top: float,
    dirt: Image.Image,
    rng: np.random.Generator,
) -> Image.Image:
    """A front `length` metres wide at `scale` pixels per metre, lit.

    `tone` holds the colours (3,) of white in the sun and in shadow; below `shade_top` metres the
    front lies in the shadow of the houses opposite.
    """
    texture = WallTexture((length, style.height), scale, style.wall)
    if style.material == "brick":
        _bricks(texture, style)
    _trim(texture, style, length)
    _windows(texture, style, length, light, rng)
    if style.shop:
        _shop(texture, style, length, light, rng)
    else:
        _ground_floor(texture, style, length, light, rng)
    return lit_wall(texture, tone, shade_top, dirt)


def blank(
    style: Style, size: tuple[float, float], scale: float, tone: Floats, dirt: Image.Image
) -> Image.Image:
    """A bare side wall of `size` metres, lit by `tone` (3,)."""
    texture = WallTexture(size, scale, style.wall * 0.92)
    if style.material == "brick":
        _bricks(texture, style)
    return lit_wall(texture, (tone, tone), 0.0, dirt)


def _bricks(texture: WallTexture, style: Style) -> None:
    if texture.scale < 16:
        return
    width, height = texture.image.size
    up = np.arange(height) / texture.scale
    along = np.arange(width) / texture.scale
    course = (up / 0.14).astype(int)
    joints = np.broadcast_to((up % 0.14 < 0.022)[:, None], (height, width))
    if texture.scale > 30:
        bonds = [(along + 0.14 * odd) % 0.28 < 0.024 for odd in (0, 1)]
        joints = joints | np.stack(bonds)[course & 1]
    mask = Image.fromarray(joints.astype(np.uint8) * 150)
    texture.image.paste(to_rgb8(style.wall * 1.3), (0, 0), mask)


def _trim(texture: WallTexture, style: Style, length: float) -> None:
    dark, pale = style.wall * 0.72, np.minimum(style.wall * 1.12, 0.9)
    plinth = style.wall * 0.62
    texture.rect((0, 0, length, 0.55), plinth)
    ledges = [style.base] if style.material == "modern" else [
        style.base + floor * style.storey for floor in range(style.floors)
    ]  # fmt: skip
    for y in ledges:
        texture.rect((0, y - 0.06, length, y + 0.14), pale)
        texture.rect((0, y - 0.20, length, y - 0.06), dark)
    texture.rect((0, style.height - 0.45, length, style.height), pale)
    texture.rect((0, style.height - 0.62, length, style.height - 0.45), dark)


def _glass(light: Light, rng: np.random.Generator) -> tuple[Floats, int]:
    """A pane's colour and glow: lit rooms at dusk, else sky or room."""
    if light.lamps and rng.random() < 0.42:
        return np.array([1.0, 0.78, 0.46]) * rng.uniform(0.6, 0.95), 255
    if light.weather in ("rain", "overcast", "fog") and rng.random() < 0.12:
        return np.array([0.80, 0.68, 0.48]), 150
    sky = (light.horizon * 0.55 + light.zenith * 0.45) * rng.uniform(0.10, 0.62)
    return np.array([0.05, 0.06, 0.07]) + sky * 0.55, 0


def _windows(
    texture: WallTexture,
    style: Style,
    length: float,
    light: Light,
    rng: np.random.Generator,
) -> None:
    """Fill the upper floors: a few windows are drawn, the others are copies of them."""
    drawn: dict[int, tuple[Image.Image, Image.Image]] = {}
    half, tall = style.window[0] / 2 + (0.6 if style.shutters else 0.22), style.window[1] + 0.4
    size = (round(half * 2 * texture.scale), round(tall * texture.scale))
    for floor in range(style.floors):
        sill = style.base + floor * style.storey + 0.75
        for axis in bays(style, length):
            left = round((axis - half) * texture.scale)
            top = round((texture.height - sill + 0.2 - tall) * texture.scale)
            box = (left, top, left + size[0], top + size[1])
            kind = int(rng.integers(7))
            if kind in drawn:
                texture.image.paste(drawn[kind][0], box)
                texture.glow.paste(drawn[kind][1], box)
            else:
                _window(texture, style, (axis, sill), light, rng)
                drawn[kind] = (texture.image.crop(box), texture.glow.crop(box))


def _window(
    texture: WallTexture,
    style: Style,
    at: tuple[float, float],
    light: Light,
    rng: np.random.Generator,
) -> None:
    """One window; `at` is the middle of its sill."""
    axis, sill = at
    half, tall = style.window[0] / 2, style.window[1]
    left, right, top = axis - half, axis + half, sill + tall
    if style.material != "modern":
        texture.rect((left - 0.13, sill - 0.02, right + 0.13, top + 0.16), style.trim)
        texture.rect((left - 0.2, sill - 0.12, right + 0.2, sill), style.trim * 1.05)
        texture.rect((left - 0.2, sill - 0.2, right + 0.2, sill - 0.12), style.wall * 0.6)
    if style.shutters:
        for x in (left - 0.55, right + 0.05):
            texture.rect((x, sill, x + 0.5, top), style.accent)
            texture.rect((x + 0.07, sill + 0.1, x + 0.43, top - 0.1), style.accent * 0.8)
    pane, glow = _glass(light, rng)
    texture.rect((left, sill, right, top), pane, glow=glow)
    if not glow:
        # The upper half mirrors more sky; the reveal above throws a shadow on the pane.
        texture.rect((left, sill + tall * 0.45, right, top), pane * 1.25)
        texture.rect((left, top - 0.16, right, top), pane * 0.45)
        texture.rect((left, sill, left + 0.07, top), pane * 0.5)
    if rng.random() < 0.45:
        cloth = np.array([0.62, 0.60, 0.56]) * (1.0 if glow else 0.55)
        texture.rect((left, sill, left + half * 0.45, top - 0.1), cloth)
        texture.rect((right - half * 0.45, sill, right, top - 0.1), cloth)
    if rng.random() < 0.16:
        texture.rect(
            (left, top - tall * rng.uniform(0.3, 0.8), right, top), style.trim * 0.8, glow=0
        )
    bars = style.trim * (0.9 if style.material != "modern" else 0.6)
    texture.rect((axis - 0.04, sill, axis + 0.04, top), bars)
    if style.material != "modern":
        texture.rect((left, sill + tall * 0.66, right, sill + tall * 0.66 + 0.06), bars)
    for x in (left, right - 0.06):
        texture.rect((x, sill, x + 0.06, top), bars * 0.9)


def _ground_floor(
    texture: WallTexture, style: Style, length: float, light: Light, rng: np.random.Generator
) -> None:
    axes = bays(style, length)
    door = int(rng.integers(len(axes)))
    for index, axis in enumerate(axes):
        if index != door:
            _window(texture, style, (axis, 1.15), light, rng)
            continue
        texture.rect((axis - 0.75, 0, axis + 0.75, 2.75), style.trim)
        texture.rect((axis - 0.58, 0, axis + 0.58, 2.6), style.accent * 0.8)
        texture.rect((axis - 0.58, 2.15, axis + 0.58, 2.6), np.array([0.2, 0.23, 0.26]))
        for x in (axis - 0.48, axis + 0.08):
            texture.rect((x, 0.25, x + 0.4, 1.0), style.accent * 0.62)
            texture.rect((x, 1.15, x + 0.4, 2.0), style.accent * 0.62)


def _shop(
    texture: WallTexture,
    style: Style,
    length: float,
    light: Light,
    rng: np.random.Generator,
) -> None:
    top = style.base - 0.55
    texture.rect((0.3, 0, length - 0.3, top), style.accent * 0.75)
    texture.rect((0.3, top - 0.75, length - 0.3, top), style.accent)
    letters = np.minimum(style.accent + 0.5, 0.92)
    x = length * rng.uniform(0.08, 0.3)
    end = length * rng.uniform(0.6, 0.9)
    while x < end:
        step = rng.uniform(0.14, 0.34)
        texture.rect(
            (x, top - 0.54, x + step, top - 0.22), letters, glow=120 if light.lamps else -1
        )
        x += step + (0.09 if rng.random() < 0.8 else 0.4)
    count = max(1, int(length / 2.6))
    edges = np.linspace(0.5, length - 0.5, count + 1)
    door = int(rng.integers(count))
    lit = light.lamps or light.shadow < 0.2
    for index in range(count):
        x0, x1 = edges[index] + 0.08, edges[index + 1] - 0.08
        low = 0.1 if index == door else 0.6
        room = np.array([0.92, 0.76, 0.52]) * 0.9 if lit else light.horizon * 0.16 + 0.05
        texture.rect((x0, low, x1, top - 0.9), room, glow=(230 if light.lamps else 140) * lit)
        texture.rect((x0, top - 1.5, x1, top - 0.9), room * 0.72, glow=90 * lit)
        for x in np.arange(x0 + 0.15, x1 - 0.3, 0.42):
            goods = (
                (room * 0.6 if lit else room * 1.5 + 0.06)
                * rng.uniform(0.5, 1)
                * rng.uniform(0.8, 1.2, 3)
            )
            tall = low + rng.uniform(0.3, 0.9)
            texture.rect((x, low, x + rng.uniform(0.15, 0.34), tall), goods, glow=60 * lit)
        if index == door:
            texture.rect(
                ((x0 + x1) / 2 - 0.05, low, (x0 + x1) / 2 + 0.05, top - 0.9), style.accent, glow=0
            )
