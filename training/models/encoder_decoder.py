"""Architectures that join an encoder of `encoders/` to a head of `heads/`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras

from function_app.vision.categories import CATEGORIES
from training.config import ConfigError
from training.models.contract import image_input
from training.models.encoders.encoder import Encoder, Features

Head = Callable[[Features, Any, int], Any]
"""(features of the encoder, image, categories) -> logits at input size."""

IMAGENET = "imagenet"


@dataclass(frozen=True, slots=True)
class EncoderDecoder:
    """A `contract.Constructor`."""

    name: str
    encoder: Encoder
    head: Head

    def __call__(
        self,
        input_size: tuple[int, int],
        categories: int = len(CATEGORIES),
        encoder_weights: str | None = None,
    ) -> keras.Model:
        """Build it as `contract.Constructor` says."""
        if encoder_weights not in (None, IMAGENET):
            raise ConfigError(f"encoder_weights '{encoder_weights}': choose {IMAGENET} or null")
        image = image_input(input_size)
        outputs = self.head(self.encoder.features, image, categories)
        model = keras.Model(image, outputs, name=self.name)
        if encoder_weights == IMAGENET:
            self.encoder.load_imagenet_weights(model)
        return model
