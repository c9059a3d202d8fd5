"""How policies choose a graph and what of the input a photo fills."""

import numpy as np
import pytest

from bench.input_shape import ASPECTS, Policy
from function_app.vision.model_package import Manifest, ModelRef
from function_app.vision.segmenter import Segmentation


class Recorder:
    """Stands in for a session: notes how it was asked."""

    def __init__(self, size: tuple[int, int]) -> None:
        self.manifest = Manifest(ModelRef("a", "0.0.0"), "", *size, created="", license="")
        self.asked: list[float] = []

    def segment(self, photo: np.ndarray, *, void: bool) -> Segmentation:
        assert not void, "scores are official ones"
        self.asked.append(self.manifest.max_stretch)
        return Segmentation(np.zeros(photo.shape[:2], np.uint8), 1.0, None)


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((1024, 2048), (256, 512)), ((360, 480), (320, 416)), ((375, 1242), (192, 672))],
)
def test_the_graph_of_the_nearest_aspect_is_taken(
    shape: tuple[int, int], expected: tuple[int, int]
) -> None:
    graphs = {size: Recorder(size) for size in ASPECTS}
    policy = Policy("by aspect", ASPECTS, max_stretch=1.0)
    mask = policy.segment(graphs, np.zeros((*shape, 3), np.uint8))  # type: ignore[arg-type]
    assert mask.shape == shape
    assert {size: graph.asked for size, graph in graphs.items() if graph.asked} == {expected: [1.0]}
