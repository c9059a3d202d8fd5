"""Augmentation of photo and labels together: named operations in groups a configuration switches.

To add an operation, write one function in its group's module and give it one line in the table
below; configuration, contact sheet and tests take it from there.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image

from function_app.vision.categories import IGNORE
from function_app.vision.photo import PAD_VALUE
from training.data.augment import geometry, photometric
from training.data.augment.geometry import Framing, frame, pad
from training.errors import ConfigError

__all__ = ["GROUPS", "Augmentation", "pad"]

Operation = Callable[..., Any]

GROUPS: dict[str, dict[str, tuple[Operation, float]]] = {
    # (framing, rng) -> framing
    "geometry": {
        "flip": (geometry.flip, 0.5),
        "scale": (geometry.scale, 1.0),
        "stretch": (geometry.stretch, 0.5),
        "crop": (geometry.crop, 1.0),
    },
    # (photo, rng) -> photo
    "light": {
        "gamma": (photometric.gamma, 0.4),
        "contrast": (photometric.contrast, 0.4),
        "brightness": (photometric.brightness, 0.4),
        "colour": (photometric.colour, 0.4),
    },
    # (photo, labels, rng) -> (photo, labels)
    "occlusion": {
        "occlusion": (photometric.occlusion, 0.25),
    },
    # (photo, rng) -> photo
    "camera": {
        "fog": (photometric.fog, 0.02),
        "night": (photometric.night, 0.02),
        "blur": (photometric.blur, 0.25),
        "noise": (photometric.noise, 0.15),
        "jpeg": (photometric.jpeg, 0.2),
    },
}
"""Group -> operation -> (function, probability), in the order of application: the view is cut
out, lit, covered, and seen through weather, lens, sensor and encoder."""

WEATHER = frozenset({"fog", "night"})
"""At most one of these a view: two at once leave nothing to see."""


@dataclass(frozen=True, slots=True)
class Augmentation:
    """The operations that are on; as made, none.

    Attributes:
        operations: names, each in one group of `GROUPS`.
    """

    operations: frozenset[str] = frozenset()

    @classmethod
    def from_config(cls, groups: Mapping[str, bool | Iterable[str]]) -> "Augmentation":
        """Read the `augmentation` mapping of a configuration.

        Args:
            groups: group -> true (all its operations), false (none) or a list of operation names;
                a group that is not named is off.

        Raises:
            ConfigError: there is no such group or operation.
        """
        chosen: set[str] = set()
        for group, value in groups.items():
            if group not in GROUPS:
                raise ConfigError(
                    f"augmentation: no group '{group}': choose from {', '.join(GROUPS)}"
                )
            known = GROUPS[group]
            names = set(known if value else ()) if isinstance(value, bool) else set(value)
            if unknown := sorted(names - known.keys()):
                raise ConfigError(
                    f"augmentation.{group}: no operation '{unknown[0]}': choose from "
                    f"{', '.join(known)}"
                )
            chosen |= names
        return cls(frozenset(chosen))

    def apply(
        self,
        photo: NDArray[np.uint8],
        labels: NDArray[np.uint8],
        input_size: tuple[int, int],
        view_size: tuple[int, int],
        rng: Generator,
        *,
        always: bool = False,
    ) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Make one view of a scene.

        Args:
            photo: (h, w, 3) uint8 RGB.
            labels: (H, W) uint8, finer than the photo or not.
            input_size: (height, width) that the service fits photos into; zoom is relative to it.
            view_size: (height, width) of the view.
            rng: the only source of randomness.
            always: apply what is on whatever its probability, to show it.

        Returns:
            View (height, width, 3) and labels (height, width), uint8, contiguous. Where the scene
            does not reach it is padded at the bottom and right as `vision.photo.fit` pads,
            after all other operations, as in the service, and labels are IGNORE.
        """
        framing = Framing()
        for operation in self._drawn("geometry", rng, always):
            framing = operation(framing, rng)
        photo, labels = frame(photo, labels, framing, input_size, view_size)
        image = Image.fromarray(photo)
        for operation in self._drawn("light", rng, always):
            image = operation(image, rng)
        for operation in self._drawn("occlusion", rng, always):
            image, labels = operation(image, labels, rng)
        for operation in self._drawn("camera", rng, always):
            image = operation(image, rng)
        height, width = view_size
        padded = pad(np.asarray(image), height, width, PAD_VALUE)
        return padded, pad(labels, height, width, IGNORE)

    def _drawn(self, group: str, rng: Generator, always: bool) -> Iterator[Operation]:
        """The functions of a group that this view gets."""
        weather = False
        for name, (function, probability) in GROUPS[group].items():
            if name not in self.operations or (weather and name in WEATHER):
                continue
            if always or rng.random() < probability:
                weather |= name in WEATHER
                yield function
