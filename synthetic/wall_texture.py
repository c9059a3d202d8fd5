"""A house front as a flat drawing in metres, and the light that falls on it."""

import numpy as np
from PIL import Image, ImageChops, ImageDraw

from synthetic.canvas import to_rgb8
from synthetic.noise import SIZE, Textures
from synthetic.perspective import Floats


class WallTexture:
    """A drawing in metres, x from the left and y up from the pavement."""

    def __init__(self, size: tuple[float, float], scale: float, rgb: Floats) -> None:
        self.scale = scale
        self.height = size[1]
        pixels = (max(4, round(size[0] * scale)), max(4, round(size[1] * scale)))
        self.image = Image.new("RGB", pixels, to_rgb8(rgb))
        self.glow = Image.new("L", pixels)
        self.draw = ImageDraw.Draw(self.image)
        self._draw_glow = ImageDraw.Draw(self.glow)

    def rect(self, bounds: tuple[float, float, float, float], rgb: Floats, glow: int = -1) -> None:
        """Fill `bounds` (left, low, right, top); `glow` 0..255 is how much shines by itself."""
        x0, y0, x1, y1 = bounds
        box = (
            round(x0 * self.scale), round((self.height - y1) * self.scale),
            max(round(x0 * self.scale), round(x1 * self.scale) - 1),
            max(round((self.height - y1) * self.scale),
                round((self.height - y0) * self.scale) - 1),
        )  # fmt: skip
        self.draw.rectangle(box, fill=to_rgb8(rgb))
        if glow >= 0:
            self._draw_glow.rectangle(box, fill=glow)


def wall_dirt(textures: Textures) -> Image.Image:
    """Grain and rain streaks of every wall of a scene: L, 230 for a clean spot."""
    streaks = textures.stains[(np.arange(SIZE) // 5)]
    level = 226 + textures.grit * 10 + streaks * 24
    return Image.fromarray(np.clip(level, 0, 255).astype(np.uint8))


def lit_wall(
    texture: WallTexture, tone: tuple[Floats, Floats], shade_top: float, dirt: Image.Image
) -> Image.Image:
    """Multiply by the light that falls on the wall, with dirt and rain streaks."""
    width, height = texture.image.size
    up = texture.height - (np.arange(height) + 0.5) / texture.scale
    shaded = np.clip((shade_top - up) / 0.25 + 0.5, 0, 1)[:, None]
    light = tone[0] + (tone[1] - tone[0]) * shaded
    light *= (0.80 + 0.20 * np.clip(up / 3, 0, 1))[:, None]
    rows = Image.fromarray((np.clip(light[:, None] / 2, 0, 1) * 255).astype(np.uint8))
    lamp = rows.resize((width, height), Image.Resampling.NEAREST)
    lit = ImageChops.multiply(texture.image, lamp)
    grain = Image.new("L", (width, height))
    for left in range(0, width, dirt.width):
        for top in range(0, height, dirt.height):
            grain.paste(dirt, (left, top))
    lit = ImageChops.multiply(lit, Image.merge("RGB", (grain,) * 3))
    # Light was halved to fit a byte, and the dirt only darkens: both are made up for here.
    lit = ImageChops.add(lit, lit, scale=0.46)
    if texture.glow.getbbox():
        lit.paste(texture.image, (0, 0), texture.glow)
    return lit
