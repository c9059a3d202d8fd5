"""What a prediction leaves behind, in bytes: the mask that is sent, the line that is logged."""

import io
import logging
from pathlib import Path
from statistics import mean
from typing import NamedTuple

import azure.functions as func
from PIL import Image

from function_app.http.inference import mask_response, segment
from function_app.http.parameters import PredictionQuery
from function_app.observability import access_line, note_response
from function_app.storage.concurrency import WORKERS
from function_app.vision.model_package import Manifest
from function_app.vision.segmenter import Segmenter

SAMPLES = Path(__file__).parent.parent / "frontend" / "samples"
"""Drawn streets. At Cityscapes' size their masks have 17.3 kB; those of KITTI's photographs, made
as large, 18.9 kB, and those of CamVid's 16.8 kB."""

SIZE = (2048, 1024)
QUERY = PredictionQuery(format="mask", alpha=0.5, mask="png", void=True, model=None)


class Footprint(NamedTuple):
    """Bytes, means over the sample photos at SIZE."""

    mask: int
    line: int


def footprint(package: Path) -> Footprint:
    """Predict the sample photos with a model package, and weigh what comes of it."""
    manifest = Manifest.from_json((package / "manifest.json").read_bytes())
    model = Segmenter((package / "model.onnx").read_bytes(), manifest, 1)
    lines = _Lines()
    log = logging.getLogger("function_app.access")
    log.addHandler(lines)
    try:
        masks = [_predict(path, model) for path in sorted(SAMPLES.glob("*.jpg"))]
    finally:
        log.removeHandler(lines)
    return Footprint(round(mean(masks)), round(mean(lines.bytes)))


class _Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.bytes: list[int] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.bytes.append(len(record.getMessage().encode()))


def _predict(path: Path, model: Segmenter) -> int:
    """Answer a request as the service does; gives the bytes of the answer."""
    photo = io.BytesIO()
    with Image.open(path) as image:
        image.resize(SIZE).save(photo, "JPEG", quality=90)
    request = func.HttpRequest("POST", "https://host/api/predict", body=photo.getvalue())
    with access_line(request, "predict_photo"):
        response = WORKERS.run(
            lambda: mask_response(segment(photo.getvalue(), model, QUERY), QUERY)
        )
        note_response(response)
    return len(response.get_body())
