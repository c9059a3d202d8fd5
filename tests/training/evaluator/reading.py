"""A model that answers what is painted into the photo, so that every prediction is made by hand."""

from pathlib import Path

import numpy as np
from onnx import TensorProto, helper
from PIL import Image

from function_app.vision.model_package import ALLOW_VOID, CONFIDENCE, IMAGE, MASK
from tests.helpers.packages import write_package
from training.data import Scene
from training.data.readers import read_cityscapes

HEIGHT, WIDTH = 32, 64
STEP = 32
"""Red of a photo over this is the predicted category; green is the confidence."""


def reading_model() -> bytes:
    shape = [1, HEIGHT, WIDTH]
    constants = {"red": 0, "green": 1, "step": STEP, "zero": 0, "one": 1}
    nodes = [
        helper.make_node("Cast", [IMAGE], ["values"], to=TensorProto.INT32),
        helper.make_node("Gather", ["values", "red"], ["reds"], axis=3),
        helper.make_node("Gather", [IMAGE, "green"], [CONFIDENCE], axis=3),
        helper.make_node("Div", ["reds", "step"], ["ids"]),
        helper.make_node("Where", [ALLOW_VOID, "zero", "one"], ["lowest"]),
        helper.make_node("Max", ["ids", "lowest"], ["winners"]),
        helper.make_node("Cast", ["winners"], [MASK], to=TensorProto.UINT8),
    ]
    graph = helper.make_graph(
        nodes,
        "reading",
        [
            helper.make_tensor_value_info(IMAGE, TensorProto.UINT8, [*shape, 3]),
            helper.make_tensor_value_info(ALLOW_VOID, TensorProto.BOOL, []),
        ],
        [
            helper.make_tensor_value_info(name, TensorProto.UINT8, shape)
            for name in (MASK, CONFIDENCE)
        ],
        [helper.make_tensor(k, TensorProto.INT32, [], [v]) for k, v in constants.items()],
    )
    opset = [helper.make_opsetid("", 17)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=9)
    return bytes(model.SerializeToString())


def write_reading_package(root: Path, model: bytes) -> Path:
    """Write `root`/reading/0.0.1/, without metrics."""
    return write_package(root, "reading:0.0.1", data=model, size=(HEIGHT, WIDTH), metrics=())


def write_scene(
    root: Path, scene: str, labels: np.ndarray, prediction: np.ndarray, confidence: int = 204
) -> None:
    """Write labelIds and a photo that makes the model predict these category ids."""
    photo = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    photo[..., 0] = prediction * STEP + STEP // 2
    photo[..., 1] = confidence
    for folder, suffix, values in (
        ("leftImg8bit", "leftImg8bit", photo),
        ("gtFine", "gtFine_labelIds", labels.astype(np.uint8)),
    ):
        path = root / folder / "val" / "town" / f"{scene}_{suffix}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(values).save(path)


def scenes_of(root: Path) -> list[Scene]:
    return read_cityscapes(root, "val")
