"""From the network's logits to a mask of the photo's size: python -m bench.mask_upsampling --help.

The argmax may be taken where the logits are and its ids repeated, or after the logits were brought
up bilinearly, by some steps or all the way. Each way is scored on validation scenes at the
resolution of their labels, and timed on one thread for a 2048x1024 photo with all it needs: the
Resize and ArgMax of the graph, then the nearest neighbours of `function_app.vision.photo`.
"""

import time
from pathlib import Path
from typing import Any

import numpy as np
import onnx.parser
import onnxruntime as ort
from numpy.typing import NDArray
from tqdm import tqdm

from bench.record import command, record
from bench.scoring import Pixels, add_scenes, category_iou, chosen_scenes
from function_app.vision.model_package import ALLOW_VOID, IMAGE
from function_app.vision.photo import fit, resize_mask
from training.data import Scene
from training.packages import read_package
from training.sessions import one_thread

FACTORS = (0.5, 1, 2, 4)
"""Size of the argmax over the size of the model's input."""

ROUNDS = 30
TIMED_PHOTO = (1024, 2048)

HEAD = """<ir_version: 9, opset_import: ["": 18]>
head (float[1, 8, h, w] logits, int64[4] sizes) => (uint8[1, height, width] ids)
<int64[1] first = {1}, int64[1] end = {8}, int64[1] axis = {1}>
{
    large = Resize <mode = "linear", coordinate_transformation_mode = "half_pixel">
        (logits, , , sizes)
    others = Slice (large, first, end, axis)
    winner = ArgMax <axis = 1, keepdims = 0> (others)
    shifted = Add (winner, first)
    ids = Cast <to = 2> (shifted)
}"""
"""Logits to the ids (uint8) of the winners among the 7 categories beside void, which is 0."""


def without_head(model: bytes) -> bytes:
    """Cut a package's graph before the logits of its categories are resized: photo to logits."""
    graph = onnx.load_from_string(model)
    nodes = graph.graph.node
    makers = {name: place for place, node in enumerate(nodes) for name in node.output}
    winner = next(node for node in nodes if node.op_type == "ArgMax")
    resize = makers[winner.input[0]]
    logits = nodes[resize].input[0]
    del nodes[resize:], graph.graph.output[:], graph.graph.value_info[:]
    kind = onnx.TensorProto.FLOAT
    graph.graph.output.append(onnx.helper.make_tensor_value_info(logits, kind, None))
    data: bytes = graph.SerializeToString()
    return data


class Upsampling:
    """One package's network, with the argmax at any size."""

    def __init__(self, package: Path) -> None:
        self.manifest, _, model = read_package(package)
        self.body = one_thread(without_head(model))
        self.head = one_thread(onnx.parser.parse_model(HEAD).SerializeToString())

    def logits(self, photo: NDArray[np.uint8]) -> tuple[NDArray[np.float32], float, float]:
        """Logits (1, 8, h, w) of a photo (h, w, 3), and the shares of rows and columns it fills."""
        height, width = self.manifest.height, self.manifest.width
        fitted = fit(photo, height, width, self.manifest.max_stretch)
        feed = {IMAGE: fitted.canvas[None], ALLOW_VOID: np.array(True)}
        (logits,) = self.body.run(None, feed)
        return logits, fitted.height / height, fitted.width / width

    def mask(
        self, found: tuple[NDArray[np.float32], float, float], factor: float, size: tuple[int, int]
    ) -> NDArray[np.uint8]:
        """Ids (h, w) without void, the argmax taken at `factor` times the input."""
        logits, down, across = found
        height, width = (
            round(side * factor) for side in (self.manifest.height, self.manifest.width)
        )
        sizes = np.array([1, 8, height, width], np.int64)
        (ids,) = self.head.run(None, {"logits": logits, "sizes": sizes})
        filled = ids[0, : round(height * down), : round(width * across)]
        return resize_mask(np.ascontiguousarray(filled), *size)

    def milliseconds(self) -> dict[float, float]:
        """Fastest of ROUNDS from logits to the mask, by factor; at 0 what comes before."""
        photo = np.random.default_rng(0).integers(0, 256, (*TIMED_PHOTO, 3), np.uint8)
        best = dict.fromkeys((0.0, *FACTORS), float("inf"))
        for _ in tqdm(range(ROUNDS), desc="time", unit="round"):
            started = time.perf_counter()
            found = self.logits(photo)
            best[0.0] = min(best[0.0], time.perf_counter() - started)
            for factor in FACTORS:
                started = time.perf_counter()
                self.mask(found, factor, TIMED_PHOTO)
                best[factor] = min(best[factor], time.perf_counter() - started)
        return {factor: 1000 * seconds for factor, seconds in best.items()}


def compare(package: Path, sets: dict[str, list[Scene]]) -> dict[str, Any]:
    """Score and time every factor."""
    network = Upsampling(package)

    def masks(photo: Pixels, size: tuple[int, int]) -> list[Pixels]:
        found = network.logits(photo)
        return [network.mask(found, factor, size) for factor in FACTORS]

    scores, times = category_iou(sets, len(FACTORS), masks), network.milliseconds()
    return {
        "what": "official category IoU on validation scenes at label resolution; time from logits "
        "to the mask of a 2048x1024 photo, relative to fitting it and running the network",
        "onnxruntime": ort.__version__,
        "package": str(network.manifest.ref),
        "photos": {name: len(scenes) for name, scenes in sets.items()},
        "rows": [
            {
                "argmax_over_input": factor,
                "time": round(times[factor] / times[0.0], 3),
                "category_iou": iou,
            }
            for factor, iou in zip(FACTORS, scores, strict=True)
        ],
    }


def main() -> None:
    """Compare, print and store."""
    parser = command(__file__, __doc__, "models/lite0-fpn-int8/1.0.0 --data-root ../shared/data")
    parser.add_argument("package", type=Path, help="folder of a package")
    add_scenes(parser)
    args = parser.parse_args()
    record(args.out, compare(args.package, chosen_scenes(args)))


if __name__ == "__main__":
    main()
