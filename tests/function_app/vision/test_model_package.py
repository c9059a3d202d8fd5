"""The manifest: what is accepted, and what is refused by name."""

import dataclasses
import json
from typing import Any

import pytest

from function_app.vision.model_package import Manifest, ModelRef, PackageError


@pytest.fixture
def manifest() -> Manifest:
    return Manifest(
        ref=ModelRef("lite0-fpn", "1.2.3"),
        sha256="0" * 64,
        height=256,
        width=512,
        created="2026-11-22T12:00:00+00:00",
        license="research",
        metrics=({"data": "camvid", "mean_iou": 0.5},),
        lineage={"git_commit": "abc"},
    )


def test_json_round_trip(manifest: Manifest) -> None:
    assert Manifest.from_json(manifest.to_json()) == manifest


def test_json_can_be_read_without_this_code(manifest: Manifest) -> None:
    document = json.loads(manifest.to_json())
    assert document["input"] == {
        "name": "image", "dtype": "uint8", "layout": "NHWC RGB", "height": 256, "width": 512,
        "max_stretch": 1.0,
    }  # fmt: skip
    assert [c["name"] for c in document["categories"]][6:] == ["human", "vehicle"]


@pytest.mark.parametrize(
    "change",
    [
        {"schema": 1}, {"schema": 3}, {"categories": []}, {"name": "../up"}, {"version": "1"},
        {"input": {}}, {"metrics": None}, {"metrics": [1, 2]},
        {"metrics": [{"mean_iou": float("nan")}]},
        {"input": {"height": float("inf"), "width": 512}},
    ],
)  # fmt: skip
def test_manifests_that_are_refused(manifest: Manifest, change: dict[str, Any]) -> None:
    document = {**json.loads(manifest.to_json()), **change}
    with pytest.raises(PackageError):
        Manifest.from_json(json.dumps(document).encode())


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_manifest(data: bytes) -> None:
    with pytest.raises(PackageError):
        Manifest.from_json(data)


def test_model_refs_are_ordered_and_written_in_one_way() -> None:
    ref = ModelRef.parse("unet-16:0.10.0")
    assert (str(ref), ref.prefix) == ("unet-16:0.10.0", "unet-16/0.10.0/")
    assert dataclasses.replace(ref, name="a") < ref


@pytest.mark.parametrize(
    "text", ["", "a", "a:", "A:1.0.0", "a:1.0", "a/b:1.0.0", "a:1.0.0\n", ".:1.0.0"]
)
def test_what_is_no_model_ref(text: str) -> None:
    with pytest.raises(PackageError):
        ModelRef.parse(text)
