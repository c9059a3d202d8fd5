"""The light of a scene: sun, sky, haze, wetness, and how surfaces answer to it."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from synthetic.perspective import Floats
from synthetic.street import Street

WEATHERS = ("clear", "clear", "clear", "warm", "warm", "hazy", "overcast", "fog", "rain", "dusk")


class Light(NamedTuple):
    """Colours are (3,) RGB with 1.0 as display white; `sun` is a unit vector towards the sun.

    The buildings' shadow ends at street x `shade_edge`.
    """

    weather: str
    sun: Floats
    sun_rgb: Floats
    ambient: Floats
    zenith: Floats
    horizon: Floats
    haze: float
    clouds: float
    shadow: float
    wet: float
    lamps: bool
    shade_edge: float

    def shade(self, albedo: ArrayLike, normal: ArrayLike, lit: float = 1.0) -> Floats:
        """The colour (3,) of a matt surface; `lit` 0..1 is how much of the sun reaches it."""
        n = np.asarray(normal, np.float64)
        facing = max(0.0, float(n @ self.sun)) * lit
        sky = 0.72 + 0.28 * float(n[1])
        return np.asarray(np.asarray(albedo) * (self.ambient * sky + self.sun_rgb * facing))

    def lit(self, x: float) -> float:
        """How much of the sun (0..1) reaches street level at `x`, past the buildings' shadow."""
        side = np.sign(self.sun[0])
        return 1.0 if (x - self.shade_edge) * side < 0 else 0.06


def _rgb(rng: np.random.Generator, *levels: float) -> Floats:
    return np.array(levels) * rng.uniform(0.96, 1.04, 3)


def _sun(rng: np.random.Generator, low: float, high: float) -> Floats:
    elevation = np.radians(rng.uniform(low, high))
    # Mostly from a side: a sun straight ahead or behind leaves the street without relief.
    azimuth = rng.choice([-1.0, 1.0]) * np.radians(rng.uniform(28, 140))
    flat = np.cos(elevation)
    return np.array([flat * np.sin(azimuth), np.sin(elevation), flat * np.cos(azimuth)])


# sun elevation range, sun, ambient, zenith, horizon, haze per metre, clouds, shadow, wet
_WEATHER: dict[str, tuple[tuple[float, float], tuple[float, ...], tuple[float, ...],
                        tuple[float, ...], tuple[float, ...], float, float, float, float]] = {
    "clear": ((32, 58), (0.90, 0.83, 0.70), (0.52, 0.58, 0.67), (0.24, 0.46, 0.78),
              (0.72, 0.83, 0.92), 0.0016, 0.55, 0.66, 0.0),
    "warm": ((14, 26), (1.02, 0.76, 0.50), (0.52, 0.52, 0.58), (0.36, 0.52, 0.74),
             (0.97, 0.85, 0.68), 0.0030, 0.40, 0.70, 0.0),
    "hazy": ((28, 50), (0.68, 0.64, 0.56), (0.62, 0.66, 0.70), (0.55, 0.67, 0.80),
             (0.86, 0.89, 0.90), 0.0060, 0.25, 0.45, 0.0),
    "overcast": ((40, 60), (0.06, 0.06, 0.06), (0.86, 0.89, 0.93), (0.66, 0.70, 0.75),
                 (0.86, 0.88, 0.90), 0.0034, 0.85, 0.08, 0.0),
    "fog": ((40, 60), (0.02, 0.02, 0.02), (0.84, 0.86, 0.88), (0.72, 0.75, 0.78),
            (0.80, 0.82, 0.84), 0.0180, 0.10, 0.04, 0.15),
    "rain": ((40, 60), (0.02, 0.02, 0.02), (0.66, 0.71, 0.78), (0.44, 0.49, 0.56),
             (0.68, 0.72, 0.77), 0.0065, 0.80, 0.04, 1.0),
    "dusk": ((3, 7), (0.30, 0.17, 0.10), (0.40, 0.42, 0.54), (0.20, 0.28, 0.48),
             (0.95, 0.62, 0.42), 0.0032, 0.55, 0.10, 0.0),
}  # fmt: skip


def sample_light(rng: np.random.Generator, street: Street) -> Light:
    """A weather and time of day, with the shadow that the street's houses throw."""
    weather = str(rng.choice(WEATHERS))
    elevation, sun, ambient, zenith, horizon, haze, clouds, shadow, wet = _WEATHER[weather]
    toward = _sun(rng, *elevation)
    side = float(np.sign(toward[0]))
    throw = 12.0 / max(float(toward[1]), 0.1) * float(abs(toward[0]))
    return Light(
        weather=weather,
        sun=toward,
        sun_rgb=_rgb(rng, *sun),
        ambient=_rgb(rng, *ambient),
        zenith=_rgb(rng, *zenith),
        horizon=_rgb(rng, *horizon),
        haze=haze * rng.uniform(0.7, 1.35),
        clouds=clouds * rng.uniform(0.5, 1.2),
        shadow=shadow,
        wet=wet if wet else float(rng.random() < 0.3) * (weather in ("overcast", "dusk")) * 0.7,
        lamps=weather == "dusk",
        shade_edge=side * street.front(int(side)) - side * throw,
    )
