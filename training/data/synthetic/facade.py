"""House fronts drawn flat, as an architect's elevation, to be hung in perspective."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw

from training.data.synthetic.canvas import ink
from training.data.synthetic.light import Light
from training.data.synthetic.noise import SIZE, Textures
from training.data.synthetic.perspective import Floats

_PLASTER = (
    (0.78, 0.72, 0.60), (0.80, 0.76, 0.70), (0.74, 0.62, 0.48), (0.72, 0.66, 0.62),
    (0.66, 0.70, 0.70), (0.80, 0.68, 0.56), (0.62, 0.64, 0.58), (0.70, 0.52, 0.42),
    (0.84, 0.82, 0.78), (0.58, 0.62, 0.68),
)  # fmt: skip
_BRICK = ((0.46, 0.30, 0.24), (0.41, 0.28, 0.23), (0.50, 0.38, 0.29), (0.38, 0.32, 0.29))
_CONCRETE = ((0.56, 0.56, 0.54), (0.64, 0.62, 0.58), (0.46, 0.48, 0.50))
_ACCENTS = (
    (0.55, 0.13, 0.11), (0.12, 0.28, 0.20), (0.14, 0.22, 0.40), (0.62, 0.46, 0.14),
    (0.16, 0.16, 0.17), (0.36, 0.16, 0.26), (0.72, 0.70, 0.66),
)  # fmt: skip


class Style(NamedTuple):
    """How one house looks; lengths in metres, colours (3,) as albedo."""

    kind: str
    wall: Floats
    trim: Floats
    accent: Floats
    floors: int
    storey: float
    base: float
    bay: float
    window: tuple[float, float]
    shop: bool
    shutters: bool
    balconies: bool
    mansard: bool

    @property
    def height(self) -> float:
        """From the pavement to the eaves."""
        return self.base + self.floors * self.storey


def sample_style(rng: np.random.Generator) -> Style:
    """A house style: plaster, brick or modern."""
    kind = str(rng.choice(["plaster", "plaster", "brick", "modern"]))
    walls = {"plaster": _PLASTER, "brick": _BRICK, "modern": _CONCRETE}[kind]
    wall = np.array(walls[int(rng.integers(len(walls)))]) * rng.uniform(0.92, 1.05)
    modern = kind == "modern"
    width = rng.uniform(1.9, 2.6) if modern else rng.uniform(1.0, 1.35)
    trim = np.array([0.24, 0.25, 0.27]) if modern else np.array([0.82, 0.80, 0.76])
    return Style(
        kind=kind,
        wall=wall,
        trim=trim * rng.uniform(0.85, 1.08),
        accent=np.array(_ACCENTS[int(rng.integers(len(_ACCENTS)))]),
        floors=int(rng.integers(2, 6)),
        storey=rng.uniform(2.9, 3.4),
        base=rng.uniform(3.5, 4.2),
        bay=width + rng.uniform(0.6, 1.0 if modern else 1.5),
        window=(width, rng.uniform(1.5, 2.0)),
        shop=bool(rng.random() < 0.5),
        shutters=bool(not modern and rng.random() < 0.25),
        balconies=bool(rng.random() < 0.35),
        mansard=bool(not modern and rng.random() < 0.6),
    )


def bays(style: Style, length: float) -> NDArray[np.float64]:
    """The centres of the window axes along a front of `length` metres."""
    count = max(1, int((length - 0.8) / style.bay))
    return (np.arange(count) + 0.5) * length / count


class _Sheet:
    """A drawing in metres, x from the left and y up from the pavement."""

    def __init__(self, size: tuple[float, float], scale: float, rgb: Floats) -> None:
        self.scale = scale
        self.height = size[1]
        pixels = (max(4, round(size[0] * scale)), max(4, round(size[1] * scale)))
        self.image = Image.new("RGB", pixels, ink(rgb))
        self.glow = Image.new("L", pixels)
        self.draw = ImageDraw.Draw(self.image)
        self._draw_glow = ImageDraw.Draw(self.glow)

    def rect(self, x0: float, y0: float, x1: float, y1: float, rgb: Floats, glow: int = -1,
             ) -> None:  # fmt: skip
        """Fill a rectangle; `glow` 0..255 is how much of it shines by itself."""
        box = (
            round(x0 * self.scale), round((self.height - y1) * self.scale),
            max(round(x0 * self.scale), round(x1 * self.scale) - 1),
            max(round((self.height - y1) * self.scale),
                round((self.height - y0) * self.scale) - 1),
        )  # fmt: skip
        self.draw.rectangle(box, fill=ink(rgb))
        if glow >= 0:
            self._draw_glow.rectangle(box, fill=glow)


def elevation(style: Style, length: float, scale: float, light: Light, tone: tuple[Floats, Floats],
              shade_top: float, dirt: Image.Image, rng: np.random.Generator,
              ) -> Image.Image:  # fmt: skip
    """A front `length` metres wide at `scale` pixels per metre, lit.

    `tone` holds the colours (3,) of white in the sun and in shadow; below `shade_top` metres the
    front lies in the shadow of the houses opposite.
    """
    sheet = _Sheet((length, style.height), scale, style.wall)
    if style.kind == "brick":
        _bricks(sheet, style, length)
    _trim(sheet, style, length)
    _windows(sheet, style, length, light, rng)
    if style.shop:
        _shop(sheet, style, length, light, rng)
    else:
        _ground_floor(sheet, style, length, light, rng)
    return _lit(sheet, style, tone, shade_top, dirt)


def blank(style: Style, size: tuple[float, float], scale: float, tone: Floats,
          dirt: Image.Image) -> Image.Image:  # fmt: skip
    """A bare side wall of `size` metres, stained."""
    sheet = _Sheet(size, scale, style.wall * 0.92)
    style = style._replace(base=size[1], floors=0)
    if style.kind == "brick":
        _bricks(sheet, style, size[0])
    return _lit(sheet, style, (tone, tone), 0.0, dirt)


def _bricks(sheet: _Sheet, style: Style, length: float) -> None:
    if sheet.scale < 16:
        return
    joint = ink(style.wall * 1.25)
    width, height = sheet.image.size
    rows = np.arange(0, style.height, 0.14)
    for index, row in enumerate(rows):
        y = round(row * sheet.scale)
        sheet.draw.line((0, y, width, y), fill=joint)
        if sheet.scale > 30:
            for x in np.arange(0.14 * (index % 2), length, 0.28) * sheet.scale:
                sheet.draw.line((x, y, x, min(height, y + 0.14 * sheet.scale)), fill=joint)


def _trim(sheet: _Sheet, style: Style, length: float) -> None:
    dark, pale = style.wall * 0.72, np.minimum(style.wall * 1.12, 0.9)
    plinth = style.wall * 0.62
    sheet.rect(0, 0, length, 0.55, plinth)
    ledges = [style.base] if style.kind == "modern" else [
        style.base + floor * style.storey for floor in range(style.floors)
    ]  # fmt: skip
    for y in ledges:
        sheet.rect(0, y - 0.06, length, y + 0.14, pale)
        sheet.rect(0, y - 0.20, length, y - 0.06, dark)
    sheet.rect(0, style.height - 0.45, length, style.height, pale)
    sheet.rect(0, style.height - 0.62, length, style.height - 0.45, dark)


def _glass(light: Light, rng: np.random.Generator) -> tuple[Floats, int]:
    """A pane's colour and glow: lit rooms at dusk, else sky or room."""
    if light.lamps and rng.random() < 0.42:
        return np.array([1.0, 0.78, 0.46]) * rng.uniform(0.6, 0.95), 255
    if light.weather in ("rain", "overcast", "fog") and rng.random() < 0.12:
        return np.array([0.80, 0.68, 0.48]), 150
    sky = (light.horizon * 0.55 + light.zenith * 0.45) * rng.uniform(0.10, 0.62)
    return np.array([0.05, 0.06, 0.07]) + sky * 0.55, 0


def _windows(sheet: _Sheet, style: Style, length: float, light: Light, rng: np.random.Generator,
             ) -> None:  # fmt: skip
    """Fill the upper floors: a few windows are drawn, the others are copies of them."""
    drawn: dict[int, tuple[Image.Image, Image.Image]] = {}
    half, tall = style.window[0] / 2 + (0.6 if style.shutters else 0.22), style.window[1] + 0.4
    size = (round(half * 2 * sheet.scale), round(tall * sheet.scale))
    for floor in range(style.floors):
        sill = style.base + floor * style.storey + 0.75
        for axis in bays(style, length):
            left = round((axis - half) * sheet.scale)
            top = round((sheet.height - sill + 0.2 - tall) * sheet.scale)
            box = (left, top, left + size[0], top + size[1])
            kind = int(rng.integers(7))
            if kind in drawn:
                sheet.image.paste(drawn[kind][0], box)
                sheet.glow.paste(drawn[kind][1], box)
            else:
                _window(sheet, style, axis, sill, light, rng)
                drawn[kind] = (sheet.image.crop(box), sheet.glow.crop(box))


def _window(sheet: _Sheet, style: Style, axis: float, sill: float, light: Light,
            rng: np.random.Generator) -> None:  # fmt: skip
    half, tall = style.window[0] / 2, style.window[1]
    left, right, top = axis - half, axis + half, sill + tall
    if style.kind != "modern":
        sheet.rect(left - 0.13, sill - 0.02, right + 0.13, top + 0.16, style.trim)
        sheet.rect(left - 0.2, sill - 0.12, right + 0.2, sill, style.trim * 1.05)
        sheet.rect(left - 0.2, sill - 0.2, right + 0.2, sill - 0.12, style.wall * 0.6)
    if style.shutters:
        for x in (left - 0.55, right + 0.05):
            sheet.rect(x, sill, x + 0.5, top, style.accent)
            sheet.rect(x + 0.07, sill + 0.1, x + 0.43, top - 0.1, style.accent * 0.8)
    pane, glow = _glass(light, rng)
    sheet.rect(left, sill, right, top, pane, glow)
    if not glow:
        # The upper half mirrors more sky; the reveal above throws a shadow on the pane.
        sheet.rect(left, sill + tall * 0.45, right, top, pane * 1.25)
        sheet.rect(left, top - 0.16, right, top, pane * 0.45)
        sheet.rect(left, sill, left + 0.07, top, pane * 0.5)
    if rng.random() < 0.45:
        cloth = np.array([0.62, 0.60, 0.56]) * (1.0 if glow else 0.55)
        sheet.rect(left, sill, left + half * 0.45, top - 0.1, cloth)
        sheet.rect(right - half * 0.45, sill, right, top - 0.1, cloth)
    if rng.random() < 0.16:
        sheet.rect(left, top - tall * rng.uniform(0.3, 0.8), right, top, style.trim * 0.8, 0)
    bars = style.trim * (0.9 if style.kind != "modern" else 0.6)
    sheet.rect(axis - 0.04, sill, axis + 0.04, top, bars)
    if style.kind != "modern":
        sheet.rect(left, sill + tall * 0.66, right, sill + tall * 0.66 + 0.06, bars)
    for x in (left, right - 0.06):
        sheet.rect(x, sill, x + 0.06, top, bars * 0.9)


def _ground_floor(sheet: _Sheet, style: Style, length: float, light: Light,
                  rng: np.random.Generator) -> None:  # fmt: skip
    axes = bays(style, length)
    door = int(rng.integers(len(axes)))
    for index, axis in enumerate(axes):
        if index != door:
            _window(sheet, style, axis, 1.15, light, rng)
            continue
        sheet.rect(axis - 0.75, 0, axis + 0.75, 2.75, style.trim)
        sheet.rect(axis - 0.58, 0, axis + 0.58, 2.6, style.accent * 0.8)
        sheet.rect(axis - 0.58, 2.15, axis + 0.58, 2.6, np.array([0.2, 0.23, 0.26]))
        for x in (axis - 0.48, axis + 0.08):
            sheet.rect(x, 0.25, x + 0.4, 1.0, style.accent * 0.62)
            sheet.rect(x, 1.15, x + 0.4, 2.0, style.accent * 0.62)


def _shop(sheet: _Sheet, style: Style, length: float, light: Light, rng: np.random.Generator,
          ) -> None:  # fmt: skip
    top = style.base - 0.55
    sheet.rect(0.3, 0, length - 0.3, top, style.accent * 0.75)
    sheet.rect(0.3, top - 0.75, length - 0.3, top, style.accent)
    letters = np.minimum(style.accent + 0.5, 0.92)
    x = length * rng.uniform(0.08, 0.3)
    end = length * rng.uniform(0.6, 0.9)
    while x < end:
        step = rng.uniform(0.14, 0.34)
        sheet.rect(x, top - 0.54, x + step, top - 0.22, letters, 120 if light.lamps else -1)
        x += step + (0.09 if rng.random() < 0.8 else 0.4)
    count = max(1, int(length / 2.6))
    edges = np.linspace(0.5, length - 0.5, count + 1)
    door = int(rng.integers(count))
    lit = light.lamps or light.shadow < 0.2
    for index in range(count):
        x0, x1 = edges[index] + 0.08, edges[index + 1] - 0.08
        low = 0.1 if index == door else 0.6
        room = np.array([0.92, 0.76, 0.52]) * 0.9 if lit else light.horizon * 0.16 + 0.05
        sheet.rect(x0, low, x1, top - 0.9, room, (230 if light.lamps else 140) * lit)
        sheet.rect(x0, top - 1.5, x1, top - 0.9, room * 0.72, (160 if light.lamps else 90) * lit)
        for x in np.arange(x0 + 0.15, x1 - 0.3, 0.42):
            goods = (room * 0.6 if lit else room * 1.5 + 0.06) * rng.uniform(0.5, 1) * rng.uniform(0.8, 1.2, 3)
            tall = low + rng.uniform(0.3, 0.9)
            sheet.rect(x, low, x + rng.uniform(0.15, 0.34), tall, goods, 60 * lit)
        if index == door:
            sheet.rect((x0 + x1) / 2 - 0.05, low, (x0 + x1) / 2 + 0.05, top - 0.9, style.accent, 0)


def wall_dirt(textures: Textures) -> Image.Image:
    """Grain and rain streaks of every wall of a scene: L, 230 for a clean spot."""
    streaks = textures.stains[(np.arange(SIZE) // 5)]
    level = 226 + textures.grit * 10 + streaks * 24
    return Image.fromarray(np.clip(level, 0, 255).astype(np.uint8))


def _lit(sheet: _Sheet, style: Style, tone: tuple[Floats, Floats], shade_top: float,
         dirt: Image.Image) -> Image.Image:  # fmt: skip
    """Multiply by the light that falls on the wall, with dirt and rain streaks."""
    width, height = sheet.image.size
    up = style.height - (np.arange(height) + 0.5) / sheet.scale
    shaded = np.clip((shade_top - up) / 0.25 + 0.5, 0, 1)[:, None]
    light = tone[0] + (tone[1] - tone[0]) * shaded
    light *= (0.80 + 0.20 * np.clip(up / 3, 0, 1))[:, None]
    rows = Image.fromarray((np.clip(light[:, None] / 2, 0, 1) * 255).astype(np.uint8))
    lamp = rows.resize((width, height), Image.Resampling.NEAREST)
    lit = ImageChops.multiply(sheet.image, lamp)
    grain = Image.new("L", (width, height))
    for left in range(0, width, dirt.width):
        for top in range(0, height, dirt.height):
            grain.paste(dirt, (left, top))
    lit = ImageChops.multiply(lit, Image.merge("RGB", (grain,) * 3))
    # Light was halved to fit a byte, and the dirt only darkens: both are made up for here.
    lit = ImageChops.add(lit, lit, scale=0.46)
    if sheet.glow.getbbox():
        lit.paste(sheet.image, (0, 0), sheet.glow)
    return lit
