"""From a photo's bytes to the answer's bytes: decode, infer, encode, each timed."""

import base64
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from function_app import photo
from function_app.categories import CATEGORIES
from function_app.model_package import ModelRef, category_table
from function_app.segmenter import Segmenter

FORMATS = ("mask", "color", "overlay", "confidence", "json")


class Answer(NamedTuple):
    """Bytes for the caller and their media type."""

    body: bytes
    mimetype: str


@dataclass(slots=True)
class Timings:
    """Milliseconds by stage, in order of measurement."""

    stages: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def measure(self, stage: str) -> Iterator[None]:
        """Add the time of the block to `stage`."""
        start = time.perf_counter()
        try:
            yield
        finally:
            elapsed = (time.perf_counter() - start) * 1000
            self.stages[stage] = self.stages.get(stage, 0.0) + elapsed

    def to_dict(self) -> dict[str, float]:
        """Stages and their total, rounded to 0.01 ms."""
        values = {**self.stages, "total": sum(self.stages.values())}
        return {stage: round(value, 2) for stage, value in values.items()}

    def header(self) -> str:
        """Render as Server-Timing (W3C)."""
        return ", ".join(f"{stage};dur={value}" for stage, value in self.to_dict().items())


@dataclass(slots=True)
class Prediction:
    """A mask and what an answer may need beside it.

    Attributes:
        model: who computed the mask.
        mask: category ids, (h, w).
        rgb: the photo, (h, w, 3), where it had to be decoded.
        confidence: 0..255, (h, w), where asked for.
        timings: of this request.
        png: the mask as palette PNG, where it has been encoded already; see `mask_png`.
    """

    model: ModelRef
    mask: NDArray[np.uint8]
    rgb: NDArray[np.uint8] | None
    confidence: NDArray[np.uint8] | None
    timings: Timings
    png: bytes | None = None

    def mask_png(self) -> bytes:
        """Return the mask as palette PNG, encoded at most once."""
        if self.png is None:
            self.png = photo.encode_mask(self.mask)
        return self.png


def predict(
    data: bytes,
    segmenter: Segmenter,
    *,
    max_pixels: int,
    void: bool = True,
    confidence: bool = False,
    timings: Timings | None = None,
) -> Prediction:
    """Decode and segment a photo; raises what `photo.decode` raises."""
    timings = timings or Timings()
    with timings.measure("decode"):
        rgb = photo.decode(data, max_pixels)
    with timings.measure("infer"):
        result = segmenter.segment(rgb, void=void, confidence=confidence)
    return Prediction(segmenter.manifest.ref, result.mask, rgb, result.confidence, timings)


def render(prediction: Prediction, format: str, alpha: float) -> Answer:
    """Encode a prediction in one of FORMATS.

    "overlay" needs `rgb` and "confidence" needs `confidence` in the prediction.
    """
    if format == "json":
        return Answer(_json(prediction), "application/json")
    with prediction.timings.measure("encode"):
        if format == "color":
            return Answer(photo.encode_color(prediction.mask), "image/png")
        if format == "overlay":
            assert prediction.rgb is not None  # noqa: S101
            body = photo.encode_overlay(prediction.rgb, prediction.mask, alpha)
            return Answer(body, "image/jpeg")
        if format == "confidence":
            assert prediction.confidence is not None  # noqa: S101
            return Answer(photo.encode_grey(prediction.confidence), "image/png")
        return Answer(prediction.mask_png(), "image/png")


def _json(prediction: Prediction) -> bytes:
    height, width = prediction.mask.shape
    with prediction.timings.measure("encode"):
        png = base64.b64encode(prediction.mask_png()).decode()
    pixels = np.bincount(prediction.mask.ravel(), minlength=len(CATEGORIES))
    categories = [
        {**row, "pixels": int(count), "share": round(float(count) / (height * width), 6)}
        for row, count in zip(category_table(), pixels, strict=True)
    ]
    document = {
        "width": width,
        "height": height,
        "model": str(prediction.model),
        "categories": categories,
        "timings_ms": prediction.timings.to_dict(),
        "mask": {"encoding": "png;base64", "data": png},
    }
    return json.dumps(document).encode()
