"""The three ways from bytes to mask, on the bundled packages and small photos."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bench import service_time
from training.packages import read_package


@pytest.fixture
def plain(package: Path) -> Path:
    """The float package beside the bundled INT8 one."""
    folder = package.parent.parent / package.parent.name.removesuffix("-int8") / package.name
    assert folder != package
    return folder


def test_every_way_is_timed_by_stage(
    package: Path, plain: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service_time, "ROUNDS", 2)
    rgb = np.random.default_rng(0).integers(0, 256, (64, 128, 3), np.uint8)
    photos = [tmp_path / "small.png", tmp_path / "small.jpg"]
    for path in photos:
        Image.fromarray(rgb).save(path)
    out = tmp_path / "made" / "time.json"
    arguments = [package, plain, *photos, "--out", out]
    monkeypatch.setattr("sys.argv", ["bench", *map(str, arguments)])
    service_time.main()
    stored = json.loads(out.read_text())
    assert stored["packages"]["served"] != stored["packages"]["stock"]
    assert [row["photo"] for row in stored["rows"]] == ["small.png", "small.jpg"]
    for row in stored["rows"]:
        assert row["milliseconds"].keys() == {"served", "floor", "stock"}
        for way, stages in row["milliseconds"].items():
            assert list(stages)[:1] == ["decode"], way
            assert min(stages.values()) >= 0
        assert row["over_floor"] > 0
        assert row["over_stock"] > 0


def test_stock_computes_the_same_network(plain: Path) -> None:
    package = read_package(plain)
    network = service_time.to_logits(package.model)
    image, allow_void = network.session.get_inputs()
    rng = np.random.default_rng(0)
    canvas = rng.integers(0, 256, (package.manifest.height, package.manifest.width, 3), np.uint8)
    normal = canvas.astype(np.float32) * network.scale + network.offset
    assert np.abs(normal).max() <= 1
    (logits,) = network.session.run(
        None, {image.name: normal[None], allow_void.name: np.array(True)}
    )
    assert logits.shape == (1, package.manifest.height, package.manifest.width, 8)
    session = service_time.one_thread(package.model)
    (mask,) = session.run(["mask"], {"image": canvas[None], "allow_void": np.array(True)})
    assert (logits.argmax(-1) == mask).mean() > 0.999
