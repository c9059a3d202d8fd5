"""What all architectures have in common: constructor, input and output."""

from typing import Any, Protocol

import keras

from training.config import ConfigError

MULTIPLE = 32
"""Sides are multiples of it, so that features of every stride up to 32 meet without cropping."""


class Constructor(Protocol):
    """Builds a network of one architecture."""

    def __call__(
        self, input_size: tuple[int, int], categories: int = ..., encoder_weights: str | None = None
    ) -> keras.Model:
        """Build it.

        Args:
            input_size: (height, width) of the input, multiples of 32.
            categories: channels of the output; the project's 8 where not given.
            encoder_weights: "imagenet", or None to start from scratch.

        Returns:
            A model from (batch, height, width, 3) uint8 RGB to (batch, height, width, categories)
            float32 logits, whatever the dtype policy.

        Raises:
            ConfigError: a side that is no multiple of 32; weights that are unknown, that the
                architecture does not have, or that cannot be had here.
        """


def image_input(input_size: tuple[int, int]) -> Any:
    """Return the input (batch, height, width, 3) uint8.

    Raises:
        ConfigError: a side is no positive multiple of 32.
    """
    height, width = input_size
    if height % MULTIPLE or width % MULTIPLE or min(input_size) < MULTIPLE:
        raise ConfigError(f"input {height} x {width}: both must be multiples of {MULTIPLE}")
    return keras.Input((height, width, 3), dtype="uint8", name="image")


def logits(x: Any, categories: int, stride: int) -> Any:
    """Classify features of `stride`: logits (batch, height, width, categories) at input size.

    Float32 under mixed precision too: bfloat16 keeps 8 bits, too few to tell close logits apart.
    """
    x = keras.layers.Conv2D(categories, 1, name="logits", dtype="float32")(x)
    if stride == 1:
        return x
    return keras.layers.UpSampling2D(
        stride, interpolation="bilinear", name="logits_full", dtype="float32"
    )(x)


def refuse_encoder_weights(architecture: str, encoder_weights: str | None) -> None:
    """Say that an architecture starts from scratch only.

    Raises:
        ConfigError: weights are asked for.
    """
    if encoder_weights is not None:
        raise ConfigError(
            f"{architecture} has no weights '{encoder_weights}': set encoder_weights to null, "
            "or choose a lite0_* architecture"
        )
