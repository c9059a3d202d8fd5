"""The deployment package: what is in it, how large it is, and that it runs by itself."""

import json
import sys
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from bench.cold_start import STAGES, start_once
from local.package import LIBRARIES, BuildError, build_package
from tests.conftest import PROJECT

MOST_MEGABYTES = 60


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_package(PROJECT, tmp_path_factory.mktemp("dist") / "app.zip").path


def test_it_holds_what_serving_needs_and_nothing_else(archive: Path) -> None:
    assert archive.stat().st_size < MOST_MEGABYTES * 1e6
    with zipfile.ZipFile(archive) as content:
        names = content.namelist()
        host = json.loads(content.read("host.json"))
    assert host["version"] == "2.0"
    top = {name.split("/")[0] for name in names}
    assert top == {
        ".python_packages", "__pycache__", "function_app", "host.json", "main.py",
        "requirements.txt",
    }  # fmt: skip
    libraries = {name.removeprefix(f"{LIBRARIES}/").split("/")[0] for name in names}
    assert {"azure", "numpy", "onnxruntime", "PIL"} <= libraries
    assert not libraries & {
        "tensorflow",
        "keras",
        "streamlit",
        "pytest",
        "pip",
        "azure_functions_worker",
    }
    modules = [name for name in names if name.endswith(".py")]
    compiled = [name for name in names if name.endswith(".pyc")]
    assert len(compiled) > 0.98 * len(modules), "every module has its bytecode"


def test_it_answers_by_itself(archive: Path, package: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(archive) as content:
        content.extractall(tmp_path / "app")
    photo = tmp_path / "photo.png"
    Image.new("RGB", (64, 32), "skyblue").save(photo)
    seconds = start_once(tmp_path / "app", sys.executable, package, photo)
    assert len(seconds) == len(STAGES)
    assert min(seconds) > 0


def test_a_library_that_does_not_exist_leaves_no_package(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "requirements.txt").write_text("no-such-library-by-this-name==9.9.9\n")
    with pytest.raises(BuildError, match="no-such-library-by-this-name"):
        build_package(project, tmp_path / "app.zip")
    assert not (tmp_path / "app.zip").exists()
