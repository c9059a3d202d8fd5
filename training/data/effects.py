"""What light, weather and cameras do to a photo; for augmentation and robustness tests alike.

Every effect takes a Pillow image in mode RGB and returns another of its size; the argument is left
alone. Work is done in 8-bit tables, by Pillow, or on small maps that are scaled up: arithmetic on
whole pictures of floats would cost more than a training step can wait for.
"""

import io
from statistics import NormalDist

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageEnhance, ImageFilter, ImageStat
from PIL.Image import Image as Photo

Floats = NDArray[np.float64]

MAP = (32, 48)
"""(rows, columns) of the small maps of fog and light, which have no finer detail."""

FAR = 45.0
"""Distance in metres that fog takes for all at and above the horizon: in a street, houses."""

HORIZON = 0.45
"""Its usual height in a street photo, as a part of the photo's height from the top."""

# Ground at y below the horizon lies camera height x focal length / y away: 1.2 m and 1.1 widths,
# about what the cameras of Cityscapes and KITTI have.
_GROUND = 1.2 * 1.1

# Mean brightness that `night` exposes for before it takes the light away, as a camera would: else
# a dark photo would turn black.
_EXPOSED = 100.0

# The middles of 256 equally likely parts of the normal distribution: a random byte becomes a normal
# number by lookup, several times faster than drawing one. The furthest is 2.9 standard deviations.
_QUANTILES = np.array([NormalDist().inv_cdf((i + 0.5) / 256) for i in range(256)])


def blur(photo: Photo, sigma: float) -> Photo:
    """Blur with a Gaussian of `sigma` pixels (Pillow's repeated box filter)."""
    return photo.filter(ImageFilter.GaussianBlur(sigma))


def noise(photo: Photo, sigma: float, rng: Generator, grain: float = 1.0) -> Photo:
    """Add Gaussian noise, independent in each channel.

    Args:
        photo: RGB.
        sigma: standard deviation, in steps of 255.
        rng: draws the noise.
        grain: width of a grain in pixels. Below 1 the noise is averaged over the grains in a pixel,
            and so weaker, as it is when a photo is reduced.
    """
    width, height = photo.size
    rows, columns = max(1, round(height / grain)), max(1, round(width / grain))
    table = np.round(np.clip(_QUANTILES * sigma, -127, 127)).astype(np.int16)
    drawn = np.frombuffer(rng.bytes(rows * columns * 3), np.uint8).reshape(rows, columns, 3)
    added = table[drawn]
    if (rows, columns) != (height, width):
        grains = Image.fromarray((added + 128).astype(np.uint8))
        scaled = grains.resize((width, height), Image.Resampling.BOX)
        added = np.asarray(scaled).astype(np.int16) - 128
    added += np.asarray(photo)
    return Image.fromarray(np.clip(added, 0, 255, out=added).astype(np.uint8))


def jpeg(photo: Photo, quality: int) -> Photo:
    """Compress with JPEG `quality` (1 to 95, as libjpeg counts) and decode again."""
    out = io.BytesIO()
    photo.save(out, "JPEG", quality=quality)
    return Image.open(out).convert("RGB")


def fog(photo: Photo, extinction: float, rng: Generator, horizon: float = HORIZON) -> Photo:
    """Lay fog over a street: Koschmieder's law, as Sakaridis et al. (2018) fogged Cityscapes.

    Seen brightness is `t * scene + (1 - t) * airlight` with `t = exp(-extinction * distance)`. The
    distance is that of flat ground below the horizon and `FAR` above it; patches of thicker and
    thinner fog (+-40 %) are laid over.

    Args:
        photo: RGB.
        extinction: per metre; one sees about 3 / extinction metres far.
        rng: draws patches and the shade of grey.
        horizon: its height in the photo, 0 (top) to 1.
    """
    below = np.maximum((np.arange(MAP[0]) + 0.5) / MAP[0] - horizon, 0)
    nearness = below / (_GROUND * photo.width / photo.height)
    distance = 1 / (nearness + 1 / FAR)  # levels off softly: a fog with an edge is no fog
    thickness = 1 + 0.8 * (_patches(rng) - 0.5)
    veil = 1 - np.exp(-extinction * distance[:, None] * thickness)
    grey = int(rng.integers(185, 226))
    airlight = Image.new("RGB", photo.size, (grey, grey, min(255, grey + 5)))
    return Image.composite(airlight, photo, _scaled(veil, photo.size))


def night(photo: Photo, darkness: float, rng: Generator, grain: float = 1.0) -> Photo:
    """Turn day into a lit street at night.

    Colours fade and turn blue, the sky grows darkest, headlights light the road and a few lamps
    glow; the little light that is left is noisy.

    Args:
        photo: RGB.
        darkness: 0 (dusk) to 1 (hardly any light).
        rng: draws lamps and noise.
        grain: of the noise, see `noise`.
    """
    mean = ImageStat.Stat(photo).mean
    exposure = float(np.clip(_EXPOSED / (1 + np.mean(mean)), 0.8, 2.0))
    image = ImageEnhance.Brightness(photo).enhance(exposure)
    image = ImageEnhance.Color(image).enhance(0.75 - 0.35 * darkness)
    rows, columns = (np.arange(MAP[0]) + 0.5) / MAP[0], (np.arange(MAP[1]) + 0.5) / MAP[1]
    ambient = (0.55 - 0.37 * darkness) * (0.55 + 0.45 * np.minimum(1, rows / HORIZON))
    beam = _spot(rows, columns, rng.uniform(0.75, 0.95), rng.uniform(0.4, 0.6), 0.2, 0.25)
    light = ambient[:, None, None] * (0.85, 0.95, 1.15)
    light = light + (0.4 - 0.15 * darkness) * beam[..., None] * (1.0, 0.93, 0.75)
    glow = np.zeros((*MAP, 3))
    for _ in range(rng.integers(2, 6)):
        y, x = rng.uniform(0.1, HORIZON), rng.uniform(0, 1)
        size = rng.uniform(0.012, 0.03)
        near = _spot(rows, columns, y, x, size * 6, size * 4)
        light = light + 0.25 * near[..., None] * (1.0, 0.85, 0.6)
        core = _spot(rows, columns, y, x, size, size * 0.67)
        glow = glow + core[..., None] * (0.9, 0.75, 0.5)
    image = ImageChops.multiply(image, _scaled(light, image.size))
    image = ImageChops.add(image, _scaled(glow, image.size))
    return noise(image, 2 + 9 * darkness, rng, grain)


def _patches(rng: Generator) -> Floats:
    """Smooth random values of `MAP`'s shape in 0..1: two octaves."""
    size = (MAP[1], MAP[0])
    coarse, fine = (
        np.asarray(
            Image.fromarray(rng.random(cells, np.float32)).resize(size, Image.Resampling.BICUBIC)
        )
        for cells in ((4, 6), (9, 13))
    )
    patches: Floats = np.clip((2.0 * coarse + fine) / 3, 0, 1)
    return patches


def _spot(rows: Floats, columns: Floats, y: float, x: float, high: float, wide: float) -> Floats:
    """A Gaussian spot of height 1 around (y, x); all in parts of the photo's sides."""
    exponent = ((rows[:, None] - y) / high) ** 2 + ((columns - x) / wide) ** 2
    spot: Floats = np.exp(-exponent / 2)
    return spot


def _scaled(values: Floats, size: tuple[int, int]) -> Image.Image:
    """A small map of 0..1, one or three channels, as a picture of `size` (width, height)."""
    small = np.round(np.clip(values, 0, 1) * 255).astype(np.uint8)
    return Image.fromarray(small).resize(size, Image.Resampling.BICUBIC)
