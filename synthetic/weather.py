"""The sky, and what air and lens add: haze, wet reflections, glow, rain, grading, noise."""

import io
import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from function_app.vision.categories import LABEL_TO_CATEGORY, NAMES
from synthetic.canvas import ID, SCALE, Canvas, Glow, to_rgb8
from synthetic.noise import SIZE

Photo = NDArray[np.float32]


def paint_sky(canvas: Canvas, rng: np.random.Generator) -> None:
    """Fill the whole photo with sky; everything else is painted over it."""
    camera, light = canvas.camera, canvas.light
    rows = min(camera.height, int(camera.horizon()) + 40) // SCALE
    columns = camera.width // SCALE
    focal = camera.focal / SCALE
    elevation = ((camera.horizon() / SCALE - np.arange(rows)) / focal).astype(np.float32)[:, None]
    azimuth = ((np.arange(columns) - columns / 2) / focal).astype(np.float32)[None, :]
    azimuth = azimuth + np.float32(np.arctan2(camera.rotation[2, 0], camera.rotation[2, 2]))
    rise = np.clip(elevation / 0.5, 0, 1) ** 0.62
    sky = (light.horizon + (light.zenith - light.horizon) * rise[..., None]).astype(np.float32)
    sky = np.broadcast_to(sky, (rows, columns, 3)).copy()
    _add_clouds(canvas, rng, sky, elevation, azimuth)
    _add_sun(canvas, sky, elevation, azimuth)
    full = Image.fromarray((np.clip(sky, 0, 1) * 255).astype(np.uint8))
    canvas.photo.paste(full.resize((camera.width, rows * SCALE), Image.Resampling.BILINEAR))


def _add_clouds(
    canvas: Canvas, rng: np.random.Generator, sky: Photo, elevation: Photo, azimuth: Photo
) -> None:
    """Lay clouds over `sky` (rows, columns, 3), whose directions are `elevation` and `azimuth`."""
    light = canvas.light
    pattern = canvas.textures.clouds
    # A flat cloud deck seen from below: the farther, the more foreshortened.
    far = np.float32(1) / (np.maximum(elevation, 0) + np.float32(0.16))
    down = (far * 70 + rng.integers(512)).astype(np.int32) & 511
    across = (azimuth * far * 60 + rng.integers(512)).astype(np.int32) & 511
    density = pattern[np.broadcast_to(down, across.shape), across]
    bright = pattern[np.broadcast_to((down + 9) & 511, across.shape), (across + 7) & 511]
    threshold = np.float32(0.36 - 0.75 * light.clouds)
    cover = np.clip((density - threshold) * 3.0, 0, 1)
    cover *= np.clip(elevation * 9 + 0.25, 0, 1) * np.float32(min(1.0, 0.35 + light.clouds))
    relief = np.clip(0.5 + (density - bright) * 1.6, 0, 1)[..., None]
    lit = np.minimum(light.ambient * 0.9 + light.sun_rgb * 0.42, 1.0)
    shaded = light.ambient * 0.62 + light.horizon * 0.30
    colour = (shaded + (lit - shaded) * relief).astype(np.float32)
    sky += (colour - sky) * cover[..., None]


def _add_sun(canvas: Canvas, sky: Photo, elevation: Photo, azimuth: Photo) -> None:
    light = canvas.light
    if light.sun[2] <= 0 or (light.shadow < 0.1 and not light.lamps):
        return
    sun_azimuth = np.arctan2(light.sun[0], light.sun[2])
    distance = np.hypot(azimuth - sun_azimuth, elevation - light.sun[1])
    glow = np.exp(-distance * 3.2) * 0.55 + np.exp(-((distance * 16) ** 2)) * 0.9
    sky += glow[..., None].astype(np.float32) * light.sun_rgb.astype(np.float32)


def post_process(
    canvas: Canvas, rng: np.random.Generator
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """The finished photo (H, W, 3) uint8 and its label ids (H, W) uint8."""
    photo, labels, depth = canvas.downsampled()
    flat = LABEL_TO_CATEGORY[labels] == NAMES.index("flat")
    if canvas.light.wet > 0:
        _reflect(canvas, photo, flat, depth, rng)
    _haze(canvas, photo, labels, depth)
    _bloom(canvas, photo, depth, flat)
    if canvas.light.weather == "rain":
        _rain(photo, rng)
    return _expose(canvas, photo, rng), labels


def _blurred(photo: Photo, shrink: int, blur: tuple[float, float]) -> Photo:
    """A cheap wide blur: shrink, blur, enlarge."""
    eight = Image.fromarray((np.clip(photo, 0, 1) * 255).astype(np.uint8))
    small = eight.reduce(shrink).filter(ImageFilter.GaussianBlur(blur))
    full = small.resize(eight.size, Image.Resampling.BILINEAR)
    return np.asarray(full, np.float32) / np.float32(255)


def _reflect(
    canvas: Canvas, photo: Photo, flat: NDArray[np.bool_], depth: Photo, rng: np.random.Generator
) -> None:
    """Mirror the street on the wet ground, more the flatter the view and the deeper the puddle."""
    light = canvas.light
    rows = len(flat)
    horizon = int(canvas.camera.horizon() / SCALE)
    if horizon < 4 or horizon >= rows:
        return
    below = np.arange(rows - horizon)
    mirror = np.clip(horizon - (below * 0.9).astype(int), 0, rows - 1)
    image = _blurred(photo, 4, (0.6, 4.0))[mirror]
    top, x, z = canvas.camera.ground()
    pattern = canvas.textures.stains
    skip = int(rng.integers(SIZE))
    seen = slice(max(0, horizon * SCALE - top), None, SCALE)
    u = (x[seen, ::SCALE] * 16 + skip).astype(np.int32) & (SIZE - 1)
    v = (z[seen, ::SCALE] * 8).astype(np.int32) & (SIZE - 1)
    count = min(len(u), rows - horizon)
    puddle = np.clip(0.45 + pattern[v, u] * 1.2, 0.12, 1)[:count]
    graze = np.clip(depth[horizon : horizon + count] / 42, 0.22, 0.85)
    share = puddle * graze * flat[horizon : horizon + count] * np.float32(light.wet * 0.8)
    target = photo[horizon : horizon + count]
    target *= (1 - 0.30 * light.wet * flat[horizon : horizon + count])[..., None]
    target += (image[:count] - target) * share[..., None]


def _haze(canvas: Canvas, photo: Photo, labels: NDArray[np.uint8], depth: Photo) -> None:
    light = canvas.light
    clear = np.exp(-np.float32(light.haze) * depth)
    clear[labels == ID["sky"]] = 1
    clear[labels == ID["ego vehicle"]] = 1
    colour = (light.horizon * 0.94).astype(np.float32)
    photo += (colour - photo) * (1 - clear)[..., None]


def _bloom(canvas: Canvas, photo: Photo, depth: Photo, flat: NDArray[np.bool_]) -> None:
    """Let lamps and bright spots bleed into their surroundings."""
    rows, columns = depth.shape
    halos, smears = (Image.new("RGB", (columns // 2, rows // 2)) for _ in range(2))
    for glow in canvas.glows:
        x, y = glow.x / SCALE, glow.y / SCALE
        if not (0 <= x < columns and 0 <= y < rows) or depth[int(y), int(x)] < glow.depth - 1.5:
            continue  # outside the picture, or something stands before it
        _draw_halo(ImageDraw.Draw(halos), glow, canvas)
        if canvas.light.wet > 0:
            _draw_smear(ImageDraw.Draw(smears), glow, canvas)
    for layer, where in ((halos, None), (smears, flat)):
        if layer.getbbox():
            soft = layer.filter(ImageFilter.GaussianBlur(columns / 560))
            soft = soft.resize((columns, rows), Image.Resampling.BILINEAR)
            shine = np.asarray(soft, np.float32) / np.float32(255)
            photo += shine if where is None else shine * where[..., None]
    bright = np.maximum(photo - np.float32(0.82), 0)
    photo += _blurred(bright, 4, (5.0, 5.0)) * np.float32(0.5)


def _size(glow: Glow, canvas: Canvas) -> tuple[float, float, float, float]:
    """A light's column, row and radius at half the delivered size, and how much haze leaves."""
    half = 2 * SCALE
    fade = (1.0 if canvas.light.lamps else 0.6) * math.exp(-canvas.light.haze * glow.depth)
    return glow.x / half, glow.y / half, min(max(glow.radius / half, 0.6), 13.0), fade


def _draw_halo(draw: ImageDraw.ImageDraw, glow: Glow, canvas: Canvas) -> None:
    x, y, radius, fade = _size(glow, canvas)
    for grow, level in ((1.0, 0.14), (0.55, 0.40), (0.25, 0.9)):
        r = radius * grow
        draw.ellipse((x - r, y - r, x + r, y + r), fill=to_rgb8(glow.rgb * level * fade))


def _draw_smear(draw: ImageDraw.ImageDraw, glow: Glow, canvas: Canvas) -> None:
    """The long reflection of a lamp in wet asphalt."""
    x, y, radius, fade = _size(glow, canvas)
    drop = 2.0 * canvas.camera.y * canvas.camera.focal / (2 * SCALE) / glow.depth
    for step in range(8):
        share = step / 8
        top, wide = y + drop * (0.35 + 0.65 * share), radius * (0.45 + 0.3 * share)
        rgb = glow.rgb * fade * 0.26 * (1 - share)
        draw.rectangle((x - wide, top, x + wide, top + drop * 0.09), fill=to_rgb8(rgb))


def _rain(photo: Photo, rng: np.random.Generator) -> None:
    rows, columns = photo.shape[:2]
    layer = Image.new("L", (columns, rows))
    draw = ImageDraw.Draw(layer)
    slant = rng.uniform(-0.16, 0.16)
    for x, y, near in rng.random((900, 3)).tolist():
        length = rows * (0.012 + 0.05 * near**2)
        left, top = x * columns, y * rows
        draw.line((left, top, left + slant * length, top + length), fill=int(28 + 44 * near))
    soft = layer.filter(ImageFilter.GaussianBlur(0.6))
    photo += (np.asarray(soft, np.float32) / np.float32(255) * np.float32(0.75))[..., None]


def _expose(canvas: Canvas, photo: Photo, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Tone curve, vignette, sensor noise and the softness of a camera's JPEG."""
    rows, columns = photo.shape[:2]
    seen = float(photo[: int(rows * 0.88) : 4, ::4].mean())
    wanted = (0.30 if canvas.light.lamps else 0.46) * rng.uniform(0.94, 1.06)
    photo *= np.float32(np.clip(wanted / seen, 0.75, 1.5))
    y = (np.arange(rows, dtype=np.float32) / rows * 2 - 1)[:, None]
    x = (np.arange(columns, dtype=np.float32) / columns * 2 - 1)[None, :]
    photo *= (1 - np.float32(rng.uniform(0.06, 0.14)) * (x * x + y * y))[..., None]
    # A filmic shoulder keeps the sunlit walls from clipping to plain white.
    np.clip(photo, 0, 4, out=photo)
    photo *= (1.42 + photo * np.float32(0.22)) / (1 + photo * np.float32(0.86))
    level = np.float32(0.007 + 0.008 * canvas.light.lamps)
    photo += (rng.standard_normal((rows, columns), np.float32) * level)[..., None]
    eight = Image.fromarray((np.clip(photo, 0, 1) * 255 + 0.5).astype(np.uint8))
    soft = eight.filter(ImageFilter.BoxBlur(float(rng.uniform(0.1, 0.35))))
    shot = io.BytesIO()
    soft.save(shot, "JPEG", quality=int(rng.integers(86, 95)))
    return np.array(Image.open(shot).convert("RGB"))
