"""The client against the running service."""

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import future_vision
import numpy as np
import pytest
from future_vision import ApiError, Client
from PIL import Image


@pytest.fixture(scope="module")
def client(service_url: str) -> Client:
    return Client(service_url, "not asked for here")


@pytest.fixture(scope="module")
def photo(client: Client) -> bytes:
    return client.photo(next(client.scenes()).id).data


def png(width: int, height: int) -> bytes:
    out = io.BytesIO()
    Image.new("L", (width, height)).save(out, "PNG")
    return out.getvalue()


def test_mask_of_a_photo(client: Client, photo: bytes, tmp_path: Path) -> None:
    path = tmp_path / "street.jpg"
    path.write_bytes(photo)
    prediction = client.predict(photo)
    mask = prediction.mask.array()
    assert mask.shape == (prediction.height, prediction.width) == (512, 1024)
    assert mask.dtype == np.uint8
    names = [category.name for category in client.categories()]
    assert list(prediction.shares) == names
    for id, name in enumerate(names):
        assert prediction.shares[name] == pytest.approx((mask == id).mean(), abs=1e-5)
    assert prediction.model == client.models()["active"]
    assert prediction.timings_ms["total"] > 0
    assert client.predict(path).mask == client.predict(io.BytesIO(photo)).mask == prediction.mask


def test_mask_without_void(client: Client, photo: bytes) -> None:
    prediction = client.predict(photo, model=client.models()["active"], void=False)
    assert prediction.shares["void"] == 0
    assert sum(prediction.shares.values()) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    ("format", "media_type", "shape"),
    [
        ("mask", "image/png", (512, 1024)),
        ("color", "image/png", (512, 1024, 3)),
        ("overlay", "image/jpeg", (512, 1024, 3)),
        ("confidence", "image/png", (512, 1024)),
    ],
)
def test_drawings(
    client: Client, photo: bytes, format: str, media_type: str, shape: tuple[int, ...]
) -> None:
    drawn = client.render(photo, format)
    assert drawn.media_type == media_type
    assert drawn.array().shape == shape


def test_stored_scenes(client: Client) -> None:
    scenes = list(client.scenes())
    assert [scene.id for scene in scenes] == sorted(scene.id for scene in scenes)
    id = scenes[-1].id
    assert list(client.scenes(prefix=id)) == scenes[-1:]
    truth, errors = client.truth(id).array(), client.errors(id).array()
    predicted = client.predict_scene(id).mask.array()
    assert set(np.unique(truth)) <= {*range(8), 255}
    assert truth.shape == predicted.shape
    assert np.array_equal(errors == 1, (truth != predicted) & (truth != 255))
    official = client.errors(id, void=False).array()
    assert (official[truth == 0] == 255).all()


def test_evaluation(client: Client) -> None:
    id = next(client.scenes()).id
    evaluation = client.evaluation(id)
    assert json.dumps(evaluation)
    scores = evaluation["with_void"]
    confusion = np.array(scores["confusion"])
    wrong = int((client.errors(id).array() == 1).sum())
    assert confusion.shape == (8, 8)
    assert confusion.sum() == scores["pixels"]
    assert confusion.sum() - np.trace(confusion) == wrong
    assert len(evaluation["official"]["iou"]) == 7
    assert 0 <= evaluation["official"]["mean_iou"] <= 1


@pytest.mark.parametrize(
    ("data", "status", "type", "detail"),
    [
        (b"no photo at all", 400, "not-a-photo", "15 bytes"),
        (bytes(26_000_000), 413, "too-many-bytes", "25,"),
        (png(10_000, 5_001), 413, "too-many-pixels", "50"),
        (b"GIF89a" + bytes(100), 415, "unsupported-photo", "GIF"),
        (b"", 422, "missing-image", "empty"),
    ],
)
def test_photos_that_are_refused(
    client: Client, data: bytes, status: int, type: str, detail: str
) -> None:
    with pytest.raises(ApiError, match=detail) as caught:
        client.predict(data)
    error = caught.value
    assert (error.status, error.type) == (status, f"urn:future-vision:problem:{type}")
    assert error.request_id


def test_questions_that_are_refused(client: Client, photo: bytes) -> None:
    for ask, status, type in (
        (lambda: client.photo("no such scene"), 404, "unknown-scene"),
        (lambda: client.predict(photo, model="none:1.0.0"), 404, "unknown-model"),
        (lambda: client.predict(photo, model="none"), 422, "invalid-parameter"),
        (lambda: client.render(photo, "picture"), 422, "invalid-parameter"),
        (lambda: client.render(photo, "overlay", alpha=2), 422, "invalid-parameter"),
    ):
        with pytest.raises(ApiError) as caught:
            ask()
        error = caught.value
        assert (error.status, error.type) == (status, f"urn:future-vision:problem:{type}")
        assert error.request_id


def test_the_example_of_the_documentation(service_url: str, photo: bytes, tmp_path: Path) -> None:
    frontend = Path(future_vision.__file__).parent
    text = (frontend.parent / "docs" / "client.md").read_text()
    source, _batches, _with_entra = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert "http://127.0.0.1:7071" in source
    (tmp_path / "street.jpg").write_bytes(photo)
    ended = subprocess.run(
        [sys.executable, "-c", source.replace("http://127.0.0.1:7071", service_url)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(frontend)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert re.fullmatch(r"\S+:\d+\.\d+\.\d+ 0\.\d+ \d+\.\d+\n", ended.stdout)
