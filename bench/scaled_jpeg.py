"""What decoding JPEG photos at a part of their size does to masks: python -m bench.scaled_jpeg.

Each picture is decoded in full, and at the smallest scale of libjpeg (1/2, 1/4, 1/8) that leaves
once and twice the pixels of the model's input. As a yardstick it is also saved at quality 75
instead of 90 and decoded in full: what a harmless change of the file does to the mask. Photographs
come from ../shared/data/kitti where that is; drawings are screenshots, charts and diagrams.
"""

import argparse
import io
import json
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from tqdm import tqdm

from bench.service import PROJECT
from bench.stored import store
from function_app.vision.photo import Fitted
from function_app.vision.photo.fitting import inner_size, place, scale
from function_app.vision.segmenter import Segmenter
from synthetic import write_dataset
from training.evaluator.machine import machine
from training.packages import read_package

SIZES = ((2048, 1024), (1920, 1080), (4032, 3024), (1100, 550), (1025, 513))
FACTORS = (1, 2)
KITTI = PROJECT.parent / "shared" / "data" / "kitti" / "image_2"


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(prog="python -m bench.scaled_jpeg", description=__doc__)
    parser.add_argument("--package", type=Path, default=PROJECT / "models/lite0-fpn-int8/0.3.0")
    parser.add_argument("--scenes", type=Path, default=PROJECT / ".local" / "bench" / "streets")
    parser.add_argument("--out", type=Path, default=Path("results/scaled_jpeg.json"))
    args = parser.parse_args()
    manifest, _, model = read_package(args.package)
    segmenter = Segmenter(model, manifest)
    rows: dict[str, dict[str, list[tuple[float, float]]]] = {}
    for kind, picture in tqdm(list(_pictures(args.scenes)), unit="picture"):
        for size in SIZES:
            large = picture.resize(size, Image.Resampling.BICUBIC)
            for name, agreement, cost in _compare(segmenter, large):
                rows.setdefault(kind, {}).setdefault(name, []).append((agreement, cost))
    result = {
        "machine": machine(),
        "package": str(manifest.ref),
        "sizes": SIZES,
        "kinds": {kind: {name: _summary(row) for name, row in rows[kind].items()} for kind in rows},
    }
    store(args.out, result)
    print(json.dumps(result["kinds"], indent=1))


def _pictures(scenes: Path) -> Iterator[tuple[str, Image.Image]]:
    if not scenes.is_dir():
        write_dataset(scenes, 6)
    for path in sorted(scenes.glob("leftImg8bit/val/*/*.png"))[:6]:
        yield "drawn street", Image.open(path).convert("RGB")
    for path in sorted(KITTI.glob("*"))[::25]:
        yield "photograph", Image.open(path).convert("RGB")
    for path in sorted((PROJECT / "docs" / "images").rglob("*.png"))[:6]:
        yield "drawing", Image.open(path).convert("RGB")
    y, x = np.mgrid[:1024, :2048]
    for period in (1, 2, 3, 7):
        checks = ((x // period + y // period) % 2 * 255).astype(np.uint8)
        yield "checks", Image.fromarray(checks).convert("RGB")


def _compare(segmenter: Segmenter, picture: Image.Image) -> Iterator[tuple[str, float, float]]:
    """Yield what was done, how many pixels of the mask stay, and the seconds of decoding."""
    data = _jpeg(picture, 90)
    started = time.perf_counter()
    fitted = _fitted(segmenter, data, None)
    yield "full", 1.0, time.perf_counter() - started
    whole = segmenter.segment_fitted(fitted).mask
    for factor in FACTORS:
        started = time.perf_counter()
        fitted = _fitted(segmenter, data, factor)
        cost = time.perf_counter() - started
        yield f"scaled, {factor}x", _agreement(segmenter, fitted, whole), cost
    lower = _fitted(segmenter, _jpeg(picture, 75), None)
    yield "quality 75", _agreement(segmenter, lower, whole), 0.0


def _agreement(segmenter: Segmenter, fitted: Fitted, mask: NDArray[np.uint8]) -> float:
    return float((segmenter.segment_fitted(fitted).mask == mask).mean())


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return out.getvalue()


def _fitted(segmenter: Segmenter, data: bytes, factor: int | None) -> Fitted:
    height, width, max_stretch = segmenter.manifest.input
    image, box = Image.open(io.BytesIO(data)), None
    size = image.height, image.width
    rows, columns = inner_size(size, height, width, max_stretch)
    if factor and (drafted := image.draft("RGB", (columns * factor, rows * factor))):
        box = drafted[1]
    return place(np.asarray(scale(image.convert("RGB"), (columns, rows), box)), height, width, size)


def _summary(rows: list[tuple[float, float]]) -> dict[str, float]:
    agreement, seconds = np.array(rows).T
    return {
        "median": round(float(np.median(agreement)), 4),
        "5th_percentile": round(float(np.percentile(agreement, 5)), 4),
        "worst": round(float(agreement.min()), 4),
        "median_ms": round(float(np.median(seconds)) * 1000, 1),
    }


if __name__ == "__main__":
    main()
