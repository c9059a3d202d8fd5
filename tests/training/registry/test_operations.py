"""Publishing, activating and rolling back, the same for Azurite and for a folder."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from function_app.vision.model_package import ModelRef, PackageError
from tests.helpers.packages import write_package
from tests.training.registry.conftest import Place
from training.registry import (
    ActivationConflict,
    Registry,
    VersionTaken,
    activate,
    publish,
    rollback,
)


def put(place: Place, tmp_path: Path, *models: str) -> list[ModelRef]:
    return [publish(write_package(tmp_path / "made", m), place.registry).ref for m in models]


def pointer(registry: Registry) -> dict[str, Any]:
    content = registry.read("active.json")
    assert content
    return dict(json.loads(content.data))


def history(registry: Registry) -> list[str]:
    return [f"{entry['name']}:{entry['version']}" for entry in pointer(registry)["history"]]


def test_publish_twice_is_publish_once(place: Place, tmp_path: Path) -> None:
    package = write_package(tmp_path, "a:1.0.0")
    assert publish(package, place.registry) == (ModelRef("a", "1.0.0"), True)
    traces = place.traces()
    assert set(traces) == {"a/1.0.0/manifest.json", "a/1.0.0/model.onnx"}
    assert publish(package, place.registry) == (ModelRef("a", "1.0.0"), False)
    assert place.traces() == traces


@pytest.mark.parametrize("file", ["model.onnx", "manifest.json"])
def test_versions_are_immutable(place: Place, tmp_path: Path, file: str) -> None:
    package = write_package(tmp_path, "a:1.0.0")
    publish(package, place.registry)
    traces = place.traces()
    if file == "model.onnx":
        write_package(tmp_path, "a:1.0.0", category=1)
    else:
        document = json.loads((package / file).read_text())
        (package / file).write_text(json.dumps({**document, "license": "other"}))
    where = re.escape(str(place.registry))
    message = rf"a:1\.0\.0 is published in {where} with another {re.escape(file)}"
    with pytest.raises(VersionTaken, match=message):
        publish(package, place.registry)
    assert place.traces() == traces


@pytest.mark.parametrize(
    ("file", "data", "message"),
    [
        ("model.onnx", None, r"a/1\.0\.0 is not a complete.*model\.onnx"),
        ("manifest.json", None, r"a/1\.0\.0 is not a complete.*manifest\.json"),
        ("model.onnx", b"other", r"a:1\.0\.0: model.onnx has sha256"),
        ("manifest.json", b"{}", r"a/1\.0\.0: manifest.json cannot be used"),
    ],
)
def test_half_or_altered_packages_are_refused_before_anything_is_sent(
    place: Place, tmp_path: Path, file: str, data: bytes | None, message: str
) -> None:
    path = write_package(tmp_path, "a:1.0.0") / file
    path.unlink() if data is None else path.write_bytes(data)
    with pytest.raises(PackageError, match=message):
        publish(path.parent, place.registry)
    assert place.traces() == {}


@pytest.mark.parametrize("file", ["model.onnx", "manifest.json"])
def test_an_interrupted_publication_goes_on(place: Place, tmp_path: Path, file: str) -> None:
    package = write_package(tmp_path, "a:1.0.0")
    place.overwrite(f"a/1.0.0/{file}", (package / file).read_bytes())
    with pytest.raises(PackageError, match=r"a:1\.0\.0 in .* is incomplete"):
        activate(ModelRef("a", "1.0.0"), place.registry)
    assert publish(package, place.registry).new
    assert activate(ModelRef("a", "1.0.0"), place.registry).after == ModelRef("a", "1.0.0")


def test_activate_and_roll_back(place: Place, tmp_path: Path) -> None:
    first, second, other = put(place, tmp_path, "a:1.0.0", "a:1.1.0", "b:1.0.0")
    with pytest.raises(PackageError, match="no package is active"):
        rollback(place.registry)
    assert activate(first, place.registry) == (None, first)
    traces = place.traces()
    assert activate(first, place.registry) == (first, first)
    assert place.traces() == traces
    assert activate(second, place.registry) == (first, second)
    assert activate(other, place.registry) == (second, other)
    document = pointer(place.registry)
    assert (document["name"], document["version"]) == ("b", "1.0.0")
    assert history(place.registry) == ["b:1.0.0", "a:1.1.0", "a:1.0.0"]
    assert all(re.fullmatch(r"20\d\d-.*\+00:00", e["since"]) for e in document["history"])

    assert rollback(place.registry) == (other, second)
    assert rollback(place.registry) == (second, first)
    assert pointer(place.registry) == {
        "name": "a", "version": "1.0.0", "history": document["history"][2:],
    }  # fmt: skip
    with pytest.raises(PackageError, match=r"nothing to roll back to.* before a:1\.0\.0"):
        rollback(place.registry)
    assert activate(other, place.registry) == (first, other)


def test_a_pointer_without_history_is_rolled_back_to(place: Place, tmp_path: Path) -> None:
    (ref,) = put(place, tmp_path, "a:1.0.0", "a:1.1.0")[1:]
    place.overwrite("active.json", b'{"name": "a", "version": "1.0.0"}')
    activate(ref, place.registry)
    assert rollback(place.registry).after == ModelRef("a", "1.0.0")


def test_history_is_bounded(place: Place, tmp_path: Path) -> None:
    refs = put(place, tmp_path, "a:1.0.0", "a:1.1.0")
    entries = [{"name": "old", "version": f"{i}.0.0", "since": None} for i in range(30, 11, -1)]
    active = {"name": "old", "version": "30.0.0", "history": entries}
    place.overwrite("active.json", json.dumps(active).encode())
    for ref in refs:
        activate(ref, place.registry)
    assert history(place.registry) == [
        "a:1.1.0", "a:1.0.0", *(f"old:{i}.0.0" for i in range(30, 12, -1)),
    ]  # fmt: skip
    assert len(history(place.registry)) == 20


@pytest.mark.parametrize(
    ("model", "manifest", "message"),
    [
        (None, None, r"b:1\.0\.0 is not published in"),
        (None, "b", r"b:1\.0\.0 in .* is incomplete, model.onnx is missing"),
        ("b", None, r"b:1\.0\.0 in .* is incomplete, manifest.json is missing"),
        ("a", "b", r"b:1\.0\.0: model.onnx has sha256"),
        ("b", "junk", r"b:1\.0\.0 in .*: manifest.json cannot be used"),
        ("b", "a", r"b/1\.0\.0/ holds the manifest of a:1\.0\.0"),
        ("junk", "of junk", r"b:1\.0\.0: model.onnx cannot be loaded"),
    ],
)
def test_a_bad_package_is_neither_activated_nor_rolled_back_to(
    place: Place, tmp_path: Path, model: str | None, manifest: str | None, message: str
) -> None:
    made = {name: write_package(tmp_path / name, f"{name}:1.0.0", category=name == "a")
            for name in ("a", "b")}  # fmt: skip
    refs = [publish(folder, place.registry).ref for folder in made.values()]
    for ref in reversed(refs):
        activate(ref, place.registry)
    junk = write_package(tmp_path / "junk", "b:1.0.0", data=b"{}")
    files = {"junk": b"{}", "of junk": (junk / "manifest.json").read_bytes()}
    for file, content in (("model.onnx", model), ("manifest.json", manifest)):
        if content is None:
            place.delete(f"b/1.0.0/{file}")
        else:
            data = files[content] if content in files else (made[content] / file).read_bytes()
            place.overwrite(f"b/1.0.0/{file}", data)
    before = pointer(place.registry)
    with pytest.raises(PackageError, match=message):
        activate(refs[1], place.registry)
    with pytest.raises(PackageError, match=message):
        rollback(place.registry)
    assert pointer(place.registry) == before


CORRUPT = {
    "no json": b"not json",
    "no name": b"{}",
    "no object": b"[]",
    "bad history": b'{"name": "a", "version": "1.0.0", "history": [{}]}',
    "history of another": b'{"name": "a", "version": "1.0.0", "history": '
    b'[{"name": "b", "version": "1.0.0", "since": null}]}',
}


@pytest.mark.parametrize("data", CORRUPT.values(), ids=CORRUPT)
def test_a_corrupt_pointer_stops_rollback_and_is_replaced_by_activation(
    place: Place, tmp_path: Path, data: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    (ref,) = put(place, tmp_path, "c:1.0.0")
    place.overwrite("active.json", data)
    message = rf"active.json in {re.escape(str(place.registry))} cannot be used"
    with pytest.raises(PackageError, match=message):
        rollback(place.registry)
    assert activate(ref, place.registry) == (None, ref)
    assert re.search(message, caplog.text)
    assert history(place.registry) == ["c:1.0.0"]


@pytest.mark.parametrize("first", [True, False], ids=["first pointer", "pointer moved"])
def test_activation_gives_way_to_another_one(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: bool
) -> None:
    mine, others, zeroth = put(place, tmp_path, "a:1.0.0", "b:1.0.0", "z:1.0.0")
    if not first:
        activate(zeroth, place.registry)
    read = place.registry.read

    def read_then_somebody_moves_it(path: str) -> Any:
        content = read(path)
        monkeypatch.undo()
        activate(others, place.registry)
        return content

    monkeypatch.setattr(place.registry, "read", read_then_somebody_moves_it)
    with pytest.raises(ActivationConflict, match="moved by somebody else"):
        activate(mine, place.registry)
    assert history(place.registry) == ["b:1.0.0", *([] if first else ["z:1.0.0"])]


def test_of_many_activations_at_once_none_is_lost(place: Place, tmp_path: Path) -> None:
    refs = put(place, tmp_path, *(f"a:1.{i}.0" for i in range(8)))

    def succeeds(ref: ModelRef) -> bool:
        try:
            return activate(ref, place.registry).after == ref
        except ActivationConflict:
            return False

    with ThreadPoolExecutor(len(refs)) as pool:
        done = {str(r) for r, ok in zip(refs, pool.map(succeeds, refs), strict=True) if ok}
    assert done
    remembered = history(place.registry)
    assert len(remembered) == len(done)
    assert set(remembered) == done


def test_of_two_packages_of_one_version_published_at_once_one_wins(
    place: Place, tmp_path: Path
) -> None:
    packages = [write_package(tmp_path / str(i), "a:1.0.0", category=i) for i in range(6)]

    def succeeds(package: Path) -> bool:
        try:
            return publish(package, place.registry).new
        except VersionTaken:
            return False

    with ThreadPoolExecutor(len(packages)) as pool:
        assert sum(pool.map(succeeds, packages)) == 1
    activate(ModelRef("a", "1.0.0"), place.registry)
