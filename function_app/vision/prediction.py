"""From a photo's bytes to the answer's bytes: decode, infer, encode, each timed."""

import base64
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from function_app.vision import photo
from function_app.vision.categories import NAMES
from function_app.vision.model_package import ModelRef, category_table
from function_app.vision.rle import encode_rle
from function_app.vision.segmenter import Segmenter

FORMATS = ("mask", "color", "overlay", "confidence", "json")
"""What a prediction can be asked for as; the first is the default."""

MASK_ENCODINGS = ("png", "rle")
"""How JSON can carry the mask; the first is the default."""

SAMPLE = 4
"""Every how many rows and columns are looked at for a log line's shares."""


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
        source: the photo, where it had to be opened.
        confidence: 0..255, (h, w), where asked for.
        timings: of this request.
        mean_confidence: over all pixels, 0.0 to 1.0; None for a mask that was kept.
        png: the mask as palette PNG, where it has been encoded already; see `mask_png`.
    """

    model: ModelRef
    mask: NDArray[np.uint8]
    source: photo.Photo | None
    confidence: NDArray[np.uint8] | None
    timings: Timings
    mean_confidence: float | None = None
    png: bytes | None = None

    def mask_png(self) -> bytes:
        """Return the mask as palette PNG, encoded at most once."""
        if self.png is None:
            self.png = photo.encode_mask(self.mask)
        return self.png

    def shares(self) -> dict[str, float]:
        """Return the share of each category by name, from a sample of the pixels."""
        sample = self.mask[::SAMPLE, ::SAMPLE]
        counts = np.bincount(sample.ravel(), minlength=len(NAMES)) / sample.size
        return {name: round(float(share), 4) for name, share in zip(NAMES, counts, strict=True)}


def predict(
    data: bytes,
    segmenter: Segmenter,
    *,
    max_pixels: int,
    void: bool = True,
    confidence: bool = False,
    timings: Timings | None = None,
) -> Prediction:
    """Decode and segment a photo; raises what `photo.open_photo` and `Photo.rgb` raise."""
    timings, model = timings or Timings(), segmenter.manifest
    with timings.measure("decode"):
        source = photo.open_photo(data, max_pixels)
        fitted = source.fitted(*model.input)
    with timings.measure("infer"):
        result = segmenter.segment_fitted(fitted, void=void, confidence=confidence)
    return Prediction(
        model.ref, result.mask, source, result.confidence, timings, result.mean_confidence
    )


def predict_with_and_without_void(
    data: bytes, segmenter: Segmenter, *, max_pixels: int, timings: Timings | None = None
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Segment a photo twice: void may win, and it may not, which the official score asks for.

    Returns:
        Two masks of category ids, (h, w).

    Raises:
        PhotoError: see `photo.open_photo`.
    """
    timings = timings or Timings()
    with timings.measure("decode"):
        fitted = photo.open_photo(data, max_pixels).fitted(*segmenter.manifest.input)
    with timings.measure("infer"):
        with_void, without = (segmenter.segment_fitted(fitted, void=v).mask for v in (True, False))
    return with_void, without


def render(prediction: Prediction, format: str, alpha: float, mask_encoding: str) -> Answer:
    """Encode a prediction in one of FORMATS.

    "overlay" needs `source` and "confidence" needs `confidence` in the prediction.
    """
    if format == "json":
        return Answer(_json(prediction, mask_encoding), "application/json")
    with prediction.timings.measure("encode"):
        if format == "color":
            return Answer(photo.encode_color(prediction.mask), "image/png")
        if format == "overlay":
            assert prediction.source is not None  # noqa: S101
            body = photo.encode_overlay(prediction.source.rgb(), prediction.mask, alpha)
            return Answer(body, "image/jpeg")
        if format == "confidence":
            assert prediction.confidence is not None  # noqa: S101
            return Answer(photo.encode_grey(prediction.confidence), "image/png")
        return Answer(prediction.mask_png(), "image/png")


def _json(prediction: Prediction, mask_encoding: str) -> bytes:
    height, width = prediction.mask.shape
    with prediction.timings.measure("encode"):
        if mask_encoding == "rle":
            mask = _rle(prediction.mask)
        else:
            png = base64.b64encode(prediction.mask_png()).decode()
            mask = {"encoding": "png;base64", "data": png}
        pixels = Image.fromarray(prediction.mask).histogram()
        confidence = prediction.mean_confidence
    document = {
        "width": width,
        "height": height,
        "model": str(prediction.model),
        "mean_confidence": None if confidence is None else round(confidence, 4),
        "categories": [
            {**row, "pixels": count, "share": round(count / (height * width), 6)}
            for row, count in zip(category_table(), pixels, strict=False)
        ],
        "timings_ms": prediction.timings.to_dict(),
        "mask": mask,
    }
    return json.dumps(document).encode()


def _rle(mask: NDArray[np.uint8]) -> dict[str, Any]:
    segments = [{"id": id, "counts": counts} for id, counts in encode_rle(mask).items()]
    return {"encoding": "coco-rle", "size": list(mask.shape), "segments": segments}
