"""What every architecture must do: learn, export, run in mixed precision, refuse what is odd."""

from collections import Counter
from collections.abc import Iterator

import keras
import numpy as np
import onnxruntime
import pytest
import tensorflow as tf
import tf2onnx

from training.errors import ConfigError
from training.models import ARCHITECTURES, build

pytestmark = pytest.mark.training

SIZE = (32, 64)
every_architecture = pytest.mark.parametrize("name", ARCHITECTURES)


def batch() -> tuple[np.ndarray, np.ndarray]:
    photos = np.random.default_rng(0).integers(0, 256, (2, *SIZE, 3), np.uint8)
    targets = (photos[..., 0] > 127).astype(np.int32)
    targets[:, : SIZE[0] // 2] = 5
    return photos, targets


def compiled(model: keras.Model) -> keras.Model:
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    # Eagerly: tracing a training step costs more than the few steps taken here.
    model.compile(keras.optimizers.Adam(1e-2), loss, run_eagerly=True)
    return model


@pytest.fixture(scope="module", params=ARCHITECTURES)
def trained(request: pytest.FixtureRequest) -> Iterator[tuple[keras.Model, list[float]]]:
    """A model after a few steps on one batch, and its losses; one at a time."""
    keras.utils.set_random_seed(0)
    model = compiled(build(request.param, SIZE))
    losses = [float(np.ravel(model.train_on_batch(*batch()))[0]) for _ in range(4)]
    yield model, losses
    keras.backend.clear_session()


def test_a_few_steps_fit_one_batch(trained: tuple[keras.Model, list[float]]) -> None:
    _, losses = trained
    assert losses[-1] < 0.8 * losses[0]


def test_logits_have_input_size(trained: tuple[keras.Model, list[float]]) -> None:
    logits = trained[0](batch()[0])
    assert tuple(logits.shape) == (2, *SIZE, 20)
    assert logits.dtype == tf.float32
    assert np.isfinite(np.asarray(logits)).all()


def test_export_is_the_same_network(trained: tuple[keras.Model, list[float]]) -> None:
    model, _ = trained
    signature = [tf.TensorSpec((1, *SIZE, 3), tf.uint8, name="image")]
    function = tf.function(lambda image: model(image, training=False), input_signature=signature)
    proto, _ = tf2onnx.convert.from_function(function, input_signature=signature, opset=18)
    # In from NHWC and back: any more would break the blocked layout in the middle.
    assert Counter(node.op_type for node in proto.graph.node)["Transpose"] <= 2
    session = onnxruntime.InferenceSession(proto.SerializeToString())
    photo = batch()[0][:1]
    ours = np.asarray(model(photo, training=False))
    (theirs,) = session.run(None, {"image": photo})
    assert np.abs(ours - theirs).max() < 1e-3 * np.abs(ours).max()
    assert (ours.argmax(-1) == theirs.argmax(-1)).mean() >= 0.9995


@pytest.fixture
def mixed_bfloat16() -> Iterator[None]:
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    yield
    keras.config.set_dtype_policy(before)


@every_architecture
def test_mixed_precision(name: str, mixed_bfloat16: None) -> None:
    model = build(name, SIZE)
    assert model.output.shape == (None, *SIZE, 20)
    assert model.output.dtype == "float32"
    assert {layer.compute_dtype for layer in model.layers} == {"bfloat16", "float32"}


@pytest.mark.parametrize(
    ("name", "size", "weights", "message"),
    [
        *(("unet", size, None, f"{size[0]} x {size[1]}: both must be multiples of 32")
          for size in ((100, 64), (64, 100), (0, 64))),
        ("unet", SIZE, "imagenet", "unet has no weights 'imagenet': set .* to null"),
        ("fast_scnn", SIZE, "imagenet", "fast_scnn has no weights 'imagenet': set .* to null"),
        ("lite0_fpn", SIZE, "coco", "lite0_fpn has no weights 'coco': set .* to imagenet or null"),
        ("segnet", SIZE, None, "'segnet': choose from unet, .*lite0_fpn"),
    ],
)  # fmt: skip
def test_what_cannot_be_built_is_refused(
    name: str, size: tuple[int, int], weights: str | None, message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        build(name, size, weights)


def test_the_fast_one_is_small() -> None:
    assert build("lite0_lraspp", SIZE).count_params() < 1_200_000
