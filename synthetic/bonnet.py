"""The camera car's own bonnet, which says that the picture is synthetic."""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from synthetic.canvas import Canvas

WORD = "SYNTHETIC"


def paint_bonnet(canvas: Canvas, rng: np.random.Generator) -> None:
    """Paint the bonnet over the bottom of the picture, mirroring the street above it."""
    width, height = canvas.photo.size
    crest = height * rng.uniform(0.885, 0.925)
    shift = rng.uniform(-0.03, 0.03)
    across = np.linspace(0, 1, 60)
    bulge = np.abs((across - 0.5 - shift) / 0.55)
    edge = crest + height * (0.012 * bulge**2 + 0.12 * bulge**7)
    outline = np.concatenate(
        [np.stack([across * width, edge], 1), [[width, height + 4], [0, height + 4]]]
    )
    top = int(edge.min()) - 2
    strip = _paint(canvas, top, rng)
    shape = Image.new("L", canvas.photo.size)
    ImageDraw.Draw(shape).polygon(outline.ravel().tolist(), fill=255)
    before = canvas.photo.copy()
    canvas.fill(outline, (0, 0, 0), "ego vehicle", 0.0)
    before.paste(strip, (0, top), shape.crop((0, top, width, height)))
    canvas.photo.paste(before)
    _rim(canvas, np.stack([across * width, edge], 1))
    _sign(canvas, top)


def _paint(canvas: Canvas, top: int, rng: np.random.Generator) -> Image.Image:
    """The bonnet's lacquer: dark, with the street upside down in it."""
    width, height = canvas.photo.size
    rows = height - top
    tint = np.array([(0.10, 0.11, 0.13), (0.05, 0.07, 0.12), (0.13, 0.04, 0.04),
                     (0.16, 0.16, 0.17)][int(rng.integers(4))])  # fmt: skip
    street = canvas.photo.crop((0, 0, width, int(height * 0.55)))
    small = street.resize((width // 8, max(4, rows // 5)), Image.Resampling.BOX)
    small = small.transpose(Image.Transpose.FLIP_TOP_BOTTOM).filter(ImageFilter.GaussianBlur(4))
    mirrored = small.resize((width, rows), Image.Resampling.BICUBIC)
    down = (np.arange(rows, dtype=np.float32) / rows)[:, None, None]
    share = (0.52 * np.exp(-down * 2.4) + 0.10).astype(np.float32)
    light = (canvas.light.ambient * 0.8 + canvas.light.sun_rgb * 0.3).astype(np.float32)
    base = tint.astype(np.float32) * light * 255 * (1.1 - 0.5 * down)
    lacquer = base + np.asarray(mirrored, np.float32) * share
    return Image.fromarray(np.clip(lacquer, 0, 255).astype(np.uint8))


def _rim(canvas: Canvas, edge: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> None:
    draw = ImageDraw.Draw(canvas.photo)
    step = canvas.photo.height / 1024
    tone = canvas.light.ambient * 0.55 + canvas.light.sun_rgb * 0.2
    bright = tuple(int(v) for v in np.clip(tone * 255, 0, 255))
    draw.line(
        np.add(edge, (0, 3 * step)).ravel().tolist(), fill=bright, width=max(1, round(2 * step))
    )
    draw.line(edge.ravel().tolist(), fill=(12, 12, 13), width=max(1, round(3 * step)))


def _sign(canvas: Canvas, top: int) -> None:
    width, height = canvas.photo.size
    font = ImageFont.load_default(size=height * 0.030)
    spaced = " ".join(WORD)
    draw = ImageDraw.Draw(canvas.photo)
    left, up, right, down = draw.textbbox((0, 0), spaced, font=font)
    x = (width - (right - left)) / 2
    y = top + (height - top) * 0.60 - (down - up) / 2 - up
    draw.text((x, y), spaced, font=font, fill=(206, 210, 214))
