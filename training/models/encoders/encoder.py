"""What an encoder is to a head, and how a table of stages becomes one."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple, Protocol

import keras

from training.models.layers import inverted_residual


class Features(Protocol):
    """Builds an encoder on an image."""

    def __call__(
        self, image: Any, output_stride: int = 32, *, dilate: bool = False
    ) -> dict[int, Any]:
        """Build it on `image`, (batch, height, width, 3) uint8 RGB in 0..255.

        Args:
            image: the input.
            output_stride: of the deepest features, 16 or 32. With 16 the stages beyond are left
                out,
            dilate: or kept, at stride 16, with dilated kernels (Chen et al., DeepLabv3, 2017).

        Returns:
            The last feature map of every stride: 2, 4, 8, 16 and, if that deep, 32.
        """


@dataclass(frozen=True, slots=True)
class Encoder:
    """An encoder and where its weights come from.

    Attributes:
        features: builds it; the names of its layers are its own.
        load_imagenet_weights: finds its layers in a model by name and sets their weights; raises
            ConfigError where the weights cannot be had.
    """

    features: Features
    load_imagenet_weights: Callable[[keras.Model], None]


class Stage(NamedTuple):
    """A run of inverted residuals; the first has the stride."""

    repeats: int
    kernel: int
    stride: int
    expansion: int
    filters: int


def run_stages(
    x: Any,
    stages: tuple[Stage, ...],
    name: Callable[[int, str], str],
    output_stride: int,
    *,
    dilate: bool,
) -> dict[int, Any]:
    """Build `stages` on `x`, features of stride 2, and return what `Features` promises.

    Where a stride gives way to dilation, the block that had it keeps its kernel: dilation makes
    up for it from the next block on.

    Args:
        x: (batch, height / 2, width / 2, channels).
        stages: in order.
        name: (number of the block, part as in `inverted_residual`) -> name of the layer.
        output_stride: as in `Features`.
        dilate: as in `Features`.
    """
    taps: dict[int, Any] = {}
    stride, dilation, block = 2, 1, 0
    for repeats, kernel, stage_stride, expansion, filters in stages:
        first_stride, first_dilation = stage_stride, dilation
        if stage_stride == 2:
            taps[stride] = x
            if stride < output_stride:
                stride *= 2
            elif dilate:
                first_stride, dilation = 1, dilation * 2
            else:
                return taps
        for repeat in range(repeats):
            x = inverted_residual(
                x,
                filters,
                partial(name, block),
                kernel=kernel,
                stride=1 if repeat else first_stride,
                expansion=expansion,
                dilation=dilation if repeat else first_dilation,
            )
            block += 1
    taps[stride] = x
    return taps
