"""What only a folder does: renaming."""

from pathlib import Path

import pytest

from tests.helpers.packages import write_package
from training.registry import (
    FolderRegistry,
    RegistryError,
    list_packages,
    publish,
    rollback,
)


def test_an_interrupted_publication_leaves_no_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package, root = write_package(tmp_path / "made", "a:1.0.0"), tmp_path / "models"
    write = Path.write_bytes

    def interrupted(path: Path, data: bytes) -> int:
        write(path, data[: len(data) // 2])
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "write_bytes", interrupted)
    with pytest.raises(KeyboardInterrupt):
        publish(package, FolderRegistry(root))
    monkeypatch.undo()
    (half,) = (root / "a/1.0.0").iterdir()
    assert half.name == "model.onnx.new", "the manifest goes last"
    assert list_packages(FolderRegistry(root)) == []
    assert publish(package, FolderRegistry(root)).new
    assert list_packages(FolderRegistry(root), verify=True)[0].state == "published"
    assert sorted(path.name for path in (root / "a/1.0.0").iterdir()) == [
        "manifest.json", "model.onnx",
    ]  # fmt: skip


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    for operation in (list_packages, rollback):
        with pytest.raises(RegistryError, match=f"{tmp_path}/none is not a folder"):
            operation(FolderRegistry(tmp_path / "none"))
