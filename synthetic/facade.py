"""House fronts drawn flat, as an architect's elevation, to be hung in perspective."""

import numpy as np
from PIL import Image, ImageChops, ImageDraw

from synthetic.canvas import to_rgb8
from synthetic.light import Light
from synthetic.noise import SIZE, Textures
from synthetic.perspective import Floats
from synthetic.street import Style


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
    front = _Front(style, light, rng, (length, style.height), scale)
    front.bricks()
    front.trim()
    front.windows()
    if style.shop:
        front.shop()
    else:
        front.ground_floor()
    return front.lit(tone, shade_top, dirt)


def blank(
    style: Style, size: tuple[float, float], scale: float, tone: Floats, dirt: Image.Image
) -> Image.Image:
    """A bare side wall of `size` metres, lit by `tone` (3,)."""
    wall = _Wall(style, size, scale, style.wall * 0.92)
    wall.bricks()
    return wall.lit((tone, tone), 0.0, dirt)


def wall_dirt(textures: Textures) -> Image.Image:
    """Grain and rain streaks of every wall of a scene: L, 230 for a clean spot."""
    streaks = textures.stains[(np.arange(SIZE) // 5)]
    level = 226 + textures.grit * 10 + streaks * 24
    return Image.fromarray(np.clip(level, 0, 255).astype(np.uint8))


class _Wall:
    """A drawing in metres, x from the left and y up from the pavement."""

    def __init__(self, style: Style, size: tuple[float, float], scale: float, rgb: Floats) -> None:
        self.style, self.scale = style, scale
        self.length, self.height = size
        pixels = (max(4, round(size[0] * scale)), max(4, round(size[1] * scale)))
        self.image = Image.new("RGB", pixels, to_rgb8(rgb))
        self.glow = Image.new("L", pixels)
        self._draw, self._draw_glow = ImageDraw.Draw(self.image), ImageDraw.Draw(self.glow)

    def rect(self, x0: float, y0: float, x1: float, y1: float, rgb: Floats, glow: int = -1) -> None:
        """Fill a rectangle; `glow` 0..255 is how much shines by itself."""
        left, top = round(x0 * self.scale), round((self.height - y1) * self.scale)
        right, low = round(x1 * self.scale) - 1, round((self.height - y0) * self.scale) - 1
        box = (left, top, max(left, right), max(top, low))
        self._draw.rectangle(box, fill=to_rgb8(rgb))
        if glow >= 0:
            self._draw_glow.rectangle(box, fill=glow)

    def bricks(self) -> None:
        """Draw the joints of a brick wall, unless they are too fine to be seen."""
        if self.style.material != "brick" or self.scale < 16:
            return
        width, height = self.image.size
        up, along = np.arange(height) / self.scale, np.arange(width) / self.scale
        joints = np.broadcast_to((up % 0.14 < 0.022)[:, None], (height, width))
        if self.scale > 30:
            bonds = [(along + 0.14 * odd) % 0.28 < 0.024 for odd in (0, 1)]
            joints = joints | np.stack(bonds)[(up / 0.14).astype(int) & 1]
        mask = Image.fromarray(joints.astype(np.uint8) * 150)
        self.image.paste(to_rgb8(self.style.wall * 1.3), (0, 0), mask)

    def lit(self, tone: tuple[Floats, Floats], shade_top: float, dirt: Image.Image) -> Image.Image:
        """Multiply by the light that falls on the wall, with dirt and rain streaks."""
        width, height = self.image.size
        up = self.height - (np.arange(height) + 0.5) / self.scale
        shaded = np.clip((shade_top - up) / 0.25 + 0.5, 0, 1)[:, None]
        light = tone[0] + (tone[1] - tone[0]) * shaded
        light *= (0.80 + 0.20 * np.clip(up / 3, 0, 1))[:, None]
        rows = Image.fromarray((np.clip(light[:, None] / 2, 0, 1) * 255).astype(np.uint8))
        lamp = rows.resize((width, height), Image.Resampling.NEAREST)
        lit = ImageChops.multiply(self.image, lamp)
        grain = Image.new("L", (width, height))
        for left in range(0, width, dirt.width):
            for top in range(0, height, dirt.height):
                grain.paste(dirt, (left, top))
        lit = ImageChops.multiply(lit, Image.merge("RGB", (grain,) * 3))
        # Light was halved to fit a byte, and the dirt only darkens: both are made up for here.
        lit = ImageChops.add(lit, lit, scale=0.46)
        if self.glow.getbbox():
            lit.paste(self.image, (0, 0), self.glow)
        return lit


class _Front(_Wall):
    """The street front of a house: windows, shop or door."""

    def __init__(
        self,
        style: Style,
        light: Light,
        rng: np.random.Generator,
        size: tuple[float, float],
        scale: float,
    ) -> None:
        super().__init__(style, size, scale, style.wall)
        self.light, self.rng, self.modern = light, rng, style.material == "modern"

    def trim(self) -> None:
        style, length, top = self.style, self.length, self.height
        dark, pale = style.wall * 0.72, np.minimum(style.wall * 1.12, 0.9)
        self.rect(0, 0, length, 0.55, style.wall * 0.62)
        for floor in range(1 if self.modern else style.floors):
            y = style.base + floor * style.storey
            self.rect(0, y - 0.06, length, y + 0.14, pale)
            self.rect(0, y - 0.20, length, y - 0.06, dark)
        self.rect(0, top - 0.45, length, top, pale)
        self.rect(0, top - 0.62, length, top - 0.45, dark)

    def windows(self) -> None:
        """Fill the upper floors: a few windows are drawn, the others are copies of them."""
        style, scale = self.style, self.scale
        drawn: dict[int, tuple[Image.Image, Image.Image]] = {}
        half, tall = style.window[0] / 2 + (0.6 if style.shutters else 0.22), style.window[1] + 0.4
        size = (round(half * 2 * scale), round(tall * scale))
        for floor in range(style.floors):
            sill = style.base + floor * style.storey + 0.75
            for axis in style.bays(self.length):
                left = round((axis - half) * scale)
                top = round((self.height - sill + 0.2 - tall) * scale)
                box = (left, top, left + size[0], top + size[1])
                kind = int(self.rng.integers(7))
                if kind in drawn:
                    self.image.paste(drawn[kind][0], box)
                    self.glow.paste(drawn[kind][1], box)
                else:
                    self._window(axis, sill)
                    drawn[kind] = (self.image.crop(box), self.glow.crop(box))

    def _glass(self) -> tuple[Floats, int]:
        """A pane's colour and glow: lit rooms at dusk, else sky or room."""
        light, rng = self.light, self.rng
        if light.lamps and rng.random() < 0.42:
            return np.array([1.0, 0.78, 0.46]) * rng.uniform(0.6, 0.95), 255
        if light.weather in ("rain", "overcast", "fog") and rng.random() < 0.12:
            return np.array([0.80, 0.68, 0.48]), 150
        sky = (light.horizon * 0.55 + light.zenith * 0.45) * rng.uniform(0.10, 0.62)
        return np.array([0.05, 0.06, 0.07]) + sky * 0.55, 0

    def _window(self, axis: float, sill: float) -> None:
        """One window; (axis, sill) is the middle of its sill."""
        style, rng, rect = self.style, self.rng, self.rect
        half, tall = style.window[0] / 2, style.window[1]
        left, right, top = axis - half, axis + half, sill + tall
        if not self.modern:
            rect(left - 0.13, sill - 0.02, right + 0.13, top + 0.16, style.trim)
            rect(left - 0.2, sill - 0.12, right + 0.2, sill, style.trim * 1.05)
            rect(left - 0.2, sill - 0.2, right + 0.2, sill - 0.12, style.wall * 0.6)
        for x in (left - 0.55, right + 0.05) if style.shutters else ():
            rect(x, sill, x + 0.5, top, style.accent)
            rect(x + 0.07, sill + 0.1, x + 0.43, top - 0.1, style.accent * 0.8)
        pane, glow = self._glass()
        rect(left, sill, right, top, pane, glow)
        if not glow:
            # The upper half mirrors more sky; the reveal above throws a shadow on the pane.
            rect(left, sill + tall * 0.45, right, top, pane * 1.25)
            rect(left, top - 0.16, right, top, pane * 0.45)
            rect(left, sill, left + 0.07, top, pane * 0.5)
        if rng.random() < 0.45:
            cloth = np.array([0.62, 0.60, 0.56]) * (1.0 if glow else 0.55)
            rect(left, sill, left + half * 0.45, top - 0.1, cloth)
            rect(right - half * 0.45, sill, right, top - 0.1, cloth)
        if rng.random() < 0.16:
            rect(left, top - tall * rng.uniform(0.3, 0.8), right, top, style.trim * 0.8, 0)
        bars = style.trim * (0.6 if self.modern else 0.9)
        rect(axis - 0.04, sill, axis + 0.04, top, bars)
        if not self.modern:
            rect(left, sill + tall * 0.66, right, sill + tall * 0.66 + 0.06, bars)
        for x in (left, right - 0.06):
            rect(x, sill, x + 0.06, top, bars * 0.9)

    def ground_floor(self) -> None:
        axes, accent = self.style.bays(self.length), self.style.accent
        door = int(self.rng.integers(len(axes)))
        for index, axis in enumerate(axes):
            if index != door:
                self._window(axis, 1.15)
                continue
            self.rect(axis - 0.75, 0, axis + 0.75, 2.75, self.style.trim)
            self.rect(axis - 0.58, 0, axis + 0.58, 2.6, accent * 0.8)
            self.rect(axis - 0.58, 2.15, axis + 0.58, 2.6, np.array([0.2, 0.23, 0.26]))
            for x in (axis - 0.48, axis + 0.08):
                self.rect(x, 0.25, x + 0.4, 1.0, accent * 0.62)
                self.rect(x, 1.15, x + 0.4, 2.0, accent * 0.62)

    def shop(self) -> None:
        length, light, rng, rect = self.length, self.light, self.rng, self.rect
        top, accent = self.style.base - 0.55, self.style.accent
        rect(0.3, 0, length - 0.3, top, accent * 0.75)
        rect(0.3, top - 0.75, length - 0.3, top, accent)
        letters = np.minimum(accent + 0.5, 0.92)
        x, end = length * rng.uniform(0.08, 0.3), length * rng.uniform(0.6, 0.9)
        while x < end:
            step = rng.uniform(0.14, 0.34)
            rect(x, top - 0.54, x + step, top - 0.22, letters, 120 if light.lamps else -1)
            x += step + (0.09 if rng.random() < 0.8 else 0.4)
        count = max(1, int(length / 2.6))
        edges = np.linspace(0.5, length - 0.5, count + 1)
        door = int(rng.integers(count))
        lit = light.lamps or light.shadow < 0.2
        room = np.array([0.92, 0.76, 0.52]) * 0.9 if lit else light.horizon * 0.16 + 0.05
        wares = room * 0.6 if lit else room * 1.5 + 0.06
        for index in range(count):
            x0, x1 = edges[index] + 0.08, edges[index + 1] - 0.08
            low = 0.1 if index == door else 0.6
            rect(x0, low, x1, top - 0.9, room, (230 if light.lamps else 140) * lit)
            rect(x0, top - 1.5, x1, top - 0.9, room * 0.72, 90 * lit)
            for x in np.arange(x0 + 0.15, x1 - 0.3, 0.42):
                goods = wares * rng.uniform(0.5, 1) * rng.uniform(0.8, 1.2, 3)
                tall = low + rng.uniform(0.3, 0.9)
                rect(x, low, x + rng.uniform(0.15, 0.34), tall, goods, 60 * lit)
            if index == door:
                middle = (x0 + x1) / 2
                rect(middle - 0.05, low, middle + 0.05, top - 0.9, accent, 0)
