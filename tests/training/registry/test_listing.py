"""What a registry says it holds."""

from pathlib import Path

import pytest

from tests.helpers.packages import write_package
from tests.training.registry.conftest import Place
from training.registry import list_packages, publish


def test_versions_are_listed_in_order_and_other_files_are_not(place: Place, tmp_path: Path) -> None:
    assert list_packages(place.registry) == []
    for model in ("b:1.0.0", "a:1.10.0", "a:1.9.0"):
        package = write_package(tmp_path / "made", model)
        publish(package, place.registry)
    for path in ("a/MODEL_CARD.md", "a/1.9.0/notes.txt", "Not a name/1.0.0/model.onnx", "x/y/z/w"):
        place.overwrite(path, b"")
    listed = list_packages(place.registry)
    assert [str(entry.ref) for entry in listed] == ["a:1.9.0", "a:1.10.0", "b:1.0.0"]
    assert {entry.state for entry in listed} == {"published"}
    assert listed[0].size == (package / "model.onnx").stat().st_size
    assert listed[0].official_iou() == {"camvid val": 0.8125}


@pytest.mark.parametrize(
    ("path", "data", "state", "problem"),
    [
        ("a/2.0.0/model.onnx", b"", "incomplete", "manifest.json is missing"),
        ("a/2.0.0/manifest.json", b"", "incomplete", "model.onnx is missing"),
        ("a/1.0.0/manifest.json", b"{}", "altered", "manifest.json cannot be used"),
    ],
)
def test_what_is_wrong_is_said_without_reading_models(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    path: str, data: bytes, state: str, problem: str,
) -> None:  # fmt: skip
    publish(write_package(tmp_path / "made", "a:1.0.0"), place.registry)
    place.overwrite(path, data)
    read = place.registry.read
    asked: list[str] = []
    monkeypatch.setattr(place.registry, "read", lambda name: (asked.append(name), read(name))[1])
    (entry,) = [e for e in list_packages(place.registry) if path.startswith(e.ref.prefix)]
    assert entry.state == state
    assert problem in str(entry.problem)
    assert not [name for name in asked if name.endswith("model.onnx")]


def test_a_package_in_anothers_place_is_altered(place: Place, tmp_path: Path) -> None:
    package = write_package(tmp_path, "a:1.0.0")
    for file in ("model.onnx", "manifest.json"):
        place.overwrite(f"b/1.0.0/{file}", (package / file).read_bytes())
    for verify in (False, True):
        (entry,) = list_packages(place.registry, verify=verify)
        assert (entry.state, str(entry.ref)) == ("altered", "b:1.0.0")
        assert "holds the manifest of a:1.0.0" in str(entry.problem)


def test_verify_finds_altered_models(place: Place, tmp_path: Path) -> None:
    publish(write_package(tmp_path / "made", "a:1.0.0"), place.registry)
    assert list_packages(place.registry, verify=True)[0].state == "published"
    place.overwrite("a/1.0.0/model.onnx", b"other")
    assert list_packages(place.registry)[0].state == "published"
    (entry,) = list_packages(place.registry, verify=True)
    assert entry.state == "altered"
    assert "a:1.0.0: model.onnx has sha256" in str(entry.problem)
