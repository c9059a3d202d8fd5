"""The sky: gradient, clouds and the sun's glow."""

import numpy as np
from PIL import Image

from synthetic.canvas import SCALE, Canvas
from synthetic.noise import Texture


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
    canvas: Canvas, rng: np.random.Generator, sky: Texture, elevation: Texture, azimuth: Texture
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


def _add_sun(canvas: Canvas, sky: Texture, elevation: Texture, azimuth: Texture) -> None:
    light = canvas.light
    if light.sun[2] <= 0 or (light.shadow < 0.1 and not light.lamps):
        return
    sun_azimuth = np.arctan2(light.sun[0], light.sun[2])
    distance = np.hypot(azimuth - sun_azimuth, elevation - light.sun[1])
    glow = np.exp(-distance * 3.2) * 0.55 + np.exp(-((distance * 16) ** 2)) * 0.9
    sky += glow[..., None].astype(np.float32) * light.sun_rgb.astype(np.float32)
