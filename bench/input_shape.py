"""How a photo of any shape should meet a graph of fixed size: python -m bench.input_shape --help.

Compares, with the same weights: the photo with its aspect kept and padded, stretched as far as
`vision.photo.fit` does (what the service does), stretched all the way, and met by the one of
several graphs that is nearest to its aspect; and the fitted photo on larger graphs. Every graph but
the larger ones has about 131,000 input pixels.
"""

from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bench.record import command, record
from bench.scoring import add_scenes, category_iou, chosen_scenes
from bench.session_time import ROUNDS
from function_app.vision.model_package import Manifest, ModelRef
from function_app.vision.photo import MAX_STRETCH
from function_app.vision.segmenter import Segmenter
from training.config import TrainingConfig, read_config
from training.data import Scene
from training.graph import to_onnx, without_logits
from training.packages import now
from training.runs import BEST, CONFIG
from training.sessions import time_sessions
from training.trainer import build_model

ASPECTS = ((256, 512), (320, 416), (192, 672))
"""(height, width) of about equal area: for 2:1 (Cityscapes), 4:3 (CamVid), 3.3:1 (KITTI)."""

LARGER = ((384, 768), (512, 1024))
SMALLER = (192, 384)
REFERENCE = (256, 512)

Graphs = dict[tuple[int, int], Segmenter]


class Policy(NamedTuple):
    """A way to choose a graph and to bring the photo into it.

    Attributes:
        name: as stored.
        sizes: (height, width) of the graphs to choose from, by the photo's aspect.
        max_stretch: as `function_app.vision.photo.MAX_STRETCH`.
    """

    name: str
    sizes: tuple[tuple[int, int], ...]
    max_stretch: float = MAX_STRETCH

    def segment(self, graphs: Graphs, photo: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Category ids without void, (h, w) uint8, of a photo (h, w, 3)."""
        aspect = photo.shape[1] / photo.shape[0]
        size = min(self.sizes, key=lambda s: abs(np.log(s[1] / s[0] / aspect)))
        graph = graphs[size]
        graph.manifest = replace(graph.manifest, max_stretch=self.max_stretch)
        return graph.segment(photo, void=False).mask


POLICIES = (
    Policy("aspect kept, padded", (REFERENCE,), max_stretch=1.0),
    Policy("as served", (REFERENCE,)),
    Policy("stretched all the way", (REFERENCE,), max_stretch=np.inf),
    Policy("graph by aspect, padded", ASPECTS, max_stretch=1.0),
    *(Policy("as served", (size,)) for size in (SMALLER, *LARGER)),
)


def graph(config: TrainingConfig, weights: Path, size: tuple[int, int]) -> tuple[Segmenter, bytes]:
    """Build the graph of that (height, width) from a run's weights."""
    model = build_model(config, size, pretrained=False)
    model.load_weights(weights)
    ref = ModelRef(config.name, "0.0.0")
    data = without_logits(to_onnx(model, ref))
    manifest = Manifest(ref, "", *size, created=now(), license="")
    return Segmenter(data, manifest, threads=2), data


def compare(run: Path, sets: dict[str, list[Scene]]) -> dict[str, object]:
    """Score every policy on every validation set that is there."""
    config = read_config(run / CONFIG)
    built = {size: graph(config, run / BEST, size) for size in (*ASPECTS, SMALLER, *LARGER)}
    graphs = {size: segmenter for size, (segmenter, _) in built.items()}
    scores = category_iou(
        sets, len(POLICIES), lambda photo, _: [each.segment(graphs, photo) for each in POLICIES]
    )
    times = time_sessions([data for _, data in built.values()], ROUNDS)
    seconds = dict(zip(built, times, strict=True))
    return {
        "what": "official category IoU (7 categories) on validation scenes, at label resolution; "
        "time relative to 512x256, one thread, onnxruntime session only",
        "date": now(),
        "run": str(run.name),
        "photos": {name: len(scenes) for name, scenes in sets.items()},
        "rows": [
            {
                "policy": policy.name,
                "inputs": [f"{width}x{height}" for height, width in policy.sizes],
                "time": round(
                    float(np.mean([seconds[size] for size in policy.sizes])) / seconds[REFERENCE], 3
                ),
                "category_iou": iou,
            }
            for policy, iou in zip(POLICIES, scores, strict=True)
        ],
    }


def main() -> None:
    """Compare, print and store."""
    parser = command(__file__, __doc__, "runs/lite0-fpn --data-root ../shared/data")
    parser.add_argument("run", type=Path, help="folder of a run")
    add_scenes(parser)
    args = parser.parse_args()
    record(args.out, compare(args.run, chosen_scenes(args)))


if __name__ == "__main__":
    main()
