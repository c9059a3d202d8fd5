"""From a photo's bytes to its mask's bytes, stage by stage: python -m bench.service_time --help.

Three ways in one process, one thread, interleaved, in CPU time, the fastest of each stage:

- served: what the service does, `function_app` from `open_photo` to `encode_mask`;
- floor: nothing but the fastest decoder there is, the network, and the fastest mask encoder;
- stock: Pillow decodes and resizes, NumPy normalises, the float network returns logits, NumPy's
  argmax, Pillow enlarges the mask and saves it as it does by default.

Scenes are synthetic with sensor noise, without which a PNG decodes faster than a photo's; name
photos of your own to measure those instead. Only the ratios mean anything on another machine.
"""

import io
import struct
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import onnx
import onnxruntime as ort
from isal import isal_zlib
from PIL import Image
from tqdm import tqdm

from bench.record import command, record
from function_app.vision import photo
from function_app.vision.categories import PALETTE
from function_app.vision.model_package import ALLOW_VOID, CONFIDENCE, IMAGE, MASK
from function_app.vision.segmenter import Segmenter
from synthetic import render
from training.packages import PackageFiles, read_package
from training.sessions import one_thread

ROUNDS = 25
NOISE = 0.7
"""Standard deviation of the sensor noise. A 2048x1024 PNG has 2.6 MB then; Cityscapes' 2.4."""

SIZES = {"2048x1024": (2048, 1024), "480x360": (480, 360)}
MARKS = {
    "2048x1024 PNG": {"floor": 1.15, "stock": 0.45},
    "2048x1024 JPEG": {"floor": 1.15, "stock": 0.35},
    "480x360 PNG": {"floor": 1.15, "stock": 0.5},
}
"""What served may take at most, relative to the other two."""

Way = Callable[[bytes], Iterator[str]]
"""Works through a photo and names each stage when it is done."""


class Stock(NamedTuple):
    """The float network without what packages carry inside: normalised photo to logits."""

    session: ort.InferenceSession
    scale: float
    offset: float


def inputs() -> dict[str, bytes]:
    """Draw the photos of MARKS."""
    files = {}
    for name, (width, height) in tqdm(SIZES.items(), desc="draw", unit="scene"):
        rgb, _ = render(3, width, height)
        noise = np.random.default_rng(0).normal(0, NOISE, rgb.shape)
        image = Image.fromarray((rgb + noise).round().clip(0, 255).astype(np.uint8))
        for format in ("PNG", "JPEG"):
            out = io.BytesIO()
            image.save(out, format, quality=90)
            files[f"{name} {format}"] = out.getvalue()
    return {name: files[name] for name in MARKS}


def served(segmenter: Segmenter) -> Way:
    """What `function_app.vision.prediction` does."""
    shape = segmenter.manifest.height, segmenter.manifest.width, segmenter.manifest.max_stretch

    def way(data: bytes) -> Iterator[str]:
        fitted = photo.open_photo(data).fitted(*shape)
        yield "decode"
        mask = segmenter.segment_fitted(fitted).mask
        yield "infer"
        photo.encode_mask(mask)
        yield "encode"

    return way


def floor(package: PackageFiles, data: bytes) -> Way:
    """The least a photo can take: decoder, network and encoder, each fed with what it needs."""
    from kornia_rs.io import decode_image_png_u8
    from simplejpeg import decode_jpeg  # type: ignore[import-untyped]

    segmenter = Segmenter(package.model, package.manifest)
    height, width = package.manifest.height, package.manifest.width
    opened = photo.open_photo(data)
    fitted = opened.fitted(height, width, package.manifest.max_stretch)
    feed = {IMAGE: fitted.canvas[None], ALLOW_VOID: np.array(True)}
    mask = segmenter.segment_fitted(fitted).mask
    session = one_thread(package.model)

    def way(data: bytes) -> Iterator[str]:
        if opened.format == "PNG":
            decode_image_png_u8(data, (opened.height, opened.width), "rgb")
        else:
            decode_jpeg(data, min_height=fitted.height, min_width=fitted.width)
        yield "decode"
        session.run([MASK, CONFIDENCE], feed)
        yield "infer"
        rows = np.zeros((mask.shape[0], mask.shape[1] + 1), np.uint8)
        rows[:, 1:] = mask
        body = isal_zlib.compress(rows, 1)
        struct.pack(">I", isal_zlib.crc32(body))
        yield "encode"

    return way


def stock(network: Stock, height: int, width: int) -> Way:
    """What one writes first."""
    (name, *others) = [tensor.name for tensor in network.session.get_inputs()]
    feed = {other: np.array(True) for other in others}

    def way(data: bytes) -> Iterator[str]:
        image = Image.open(io.BytesIO(data)).convert("RGB")
        yield "decode"
        small = np.asarray(image.resize((width, height), Image.Resampling.BILINEAR))
        normal = small.astype(np.float32) * network.scale + network.offset
        yield "prepare"
        (logits,) = network.session.run(None, {name: normal[None], **feed})
        yield "infer"
        ids = logits[0].argmax(-1).astype(np.uint8)
        mask = Image.fromarray(ids).resize(image.size, Image.Resampling.NEAREST)
        yield "enlarge"
        mask.putpalette(PALETTE)
        mask.save(io.BytesIO(), "PNG")
        yield "encode"

    return way


def to_logits(model: bytes) -> Stock:
    """Cut a package's graph between its normalisation and its argmax.

    The logits come with channels last, as every export of a Keras model gives them.
    """
    graph = onnx.load_from_string(model)
    first = graph.graph.node[:3]
    if [node.op_type for node in first] != ["Cast", "Mul", "Add"]:
        raise ValueError("the graph does not begin with Cast, Mul, Add: no float package of ours")
    constants = {tensor.name: tensor for tensor in graph.graph.initializer}
    scale, offset = (
        float(onnx.numpy_helper.to_array(constants[name]))
        for node in first[1:]
        for name in node.input
        if name in constants
    )
    (logits,) = [node.input[0] for node in graph.graph.node if node.op_type == "ArgMax"]
    last = onnx.helper.make_node("Transpose", [logits], ["channels_last"], perm=[0, 2, 3, 1])
    graph.graph.node.append(last)
    kind = onnx.TensorProto.FLOAT
    graph.graph.output.append(onnx.helper.make_tensor_value_info("channels_last", kind, None))
    inferred = onnx.shape_inference.infer_shapes(graph)
    extractor = onnx.utils.Extractor(inferred)
    cut = extractor.extract_model([first[2].output[0], ALLOW_VOID], ["channels_last"])
    return Stock(one_thread(cut.SerializeToString()), scale, offset)


def measure(ways: dict[str, Way], data: bytes) -> dict[str, dict[str, float]]:
    """Milliseconds of every stage of every way: the fastest of ROUNDS."""
    best: dict[str, dict[str, float]] = {name: {} for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            started = time.thread_time()
            for stage in way(data):
                now = time.thread_time()
                best[name][stage] = min(best[name].get(stage, np.inf), 1000 * (now - started))
                started = now
    return best


def compare(
    package: PackageFiles, plain: PackageFiles, files: dict[str, bytes]
) -> list[dict[str, Any]]:
    """Measure the three ways for every file."""
    segmenter, network = Segmenter(package.model, package.manifest), to_logits(plain.model)
    rows = []
    for name, data in tqdm(files.items(), desc="time", unit="photo"):
        ways = {
            "served": served(segmenter),
            "floor": floor(package, data),
            "stock": stock(network, plain.manifest.height, plain.manifest.width),
        }
        stages = measure(ways, data)
        totals = {way: sum(stages[way].values()) for way in ways}
        rows.append({
            "photo": name,
            "megabytes": round(len(data) / 1e6, 2),
            "over_floor": round(totals["served"] / totals["floor"], 3),
            "over_stock": round(totals["served"] / totals["stock"], 3),
            "at_most": MARKS.get(name),
            "milliseconds": {
                way: {stage: round(ms, 2) for stage, ms in stages[way].items()} for way in ways
            },
        })  # fmt: skip
    return rows


def main() -> None:
    """Measure, print and store."""
    parser = command(__file__, __doc__, "models/lite0-fpn-int8/1.0.0 models/lite0-fpn/1.0.0")
    parser.add_argument("package", type=Path, help="folder of the package that is served")
    parser.add_argument("plain", type=Path, help="folder of its float package, for stock")
    parser.add_argument("photos", type=Path, nargs="*", help="PNG and JPEG files; default: drawn")
    args = parser.parse_args()
    if args.photos and args.out == parser.get_default("out"):
        parser.error("photos of your own have no marks: name another file with --out")
    package, plain = read_package(args.package), read_package(args.plain)
    files = {path.name: path.read_bytes() for path in args.photos} or inputs()
    record(args.out, {
        "what": "CPU milliseconds of one thread from a photo's bytes to its mask's bytes",
        "onnxruntime": ort.__version__,
        "packages": {"served": str(package.manifest.ref), "stock": str(plain.manifest.ref)},
        "rows": compare(package, plain, files),
    })  # fmt: skip


if __name__ == "__main__":
    main()
