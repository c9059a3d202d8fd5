"""The function app's package: what is in it, how large it is, and that it runs by itself."""

import hashlib
import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import pytest
from azure.storage.blob import BlobServiceClient
from PIL import Image

from bench.cold_start import STAGES, start_once
from local.docs_page import FILES, PAGE
from local.package import LIBRARIES, BuildError, Package, build_function_app
from tests.conftest import PROJECT

MOST_MEGABYTES = 60
LOCK = PROJECT / "local" / "package" / "function_app.lock"

BYTECODE = """
import importlib.util, json, marshal, pathlib, sys
wrong = []
for path in pathlib.Path().rglob("*.py"):
    compiled = pathlib.Path(importlib.util.cache_from_source(path))
    data = compiled.read_bytes() if compiled.exists() else b""
    # The second word tells: by hash, not to be checked (PEP 552).
    if data[:8] != importlib.util.MAGIC_NUMBER + (1).to_bytes(4, "little"):
        wrong.append(f"{path}: {data[:8].hex() or 'no bytecode'}")
    elif marshal.loads(data[16:]).co_filename != str(path):
        wrong.append(f"{path}: {marshal.loads(data[16:]).co_filename}")
print(json.dumps(wrong))
"""

WORKER = """
import json, pathlib, runpy, sys
worker = runpy.run_path(sys.argv[1])["Worker"](pathlib.Path.cwd())
photo = pathlib.Path(sys.argv[2]).read_bytes()
status, headers, mask = worker.invoke("predict_photo", "POST", "http://host/api/predict", photo)
worker.close()
files = [getattr(module, "__file__", None) for module in sys.modules.values()]
print(json.dumps({
    "functions": sorted(worker.functions), "status": status, "model": headers["X-Model"],
    "mask": mask[:4].hex(), "files": [file for file in files if file],
}))
"""


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def locked() -> set[str]:
    return set(re.findall(r"(?m)^([\w.-]+==[\w.]+) ", LOCK.read_text()))


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("photo") / "photo.png"
    Image.new("RGB", (64, 32), "skyblue").save(path)
    return path


def test_it_holds_what_serving_needs_and_nothing_else(
    packages: list[Package], function_app: Path
) -> None:
    package = packages[0]
    assert package.path.stat().st_size == package.size < MOST_MEGABYTES * 1e6
    assert digest(package.path) == package.sha256
    assert {path.name for path in function_app.iterdir()} == {
        ".python_packages", "__pycache__", "function_app", "host.json", "main.py",
        "requirements.txt",
    }  # fmt: skip
    assert json.loads((function_app / "host.json").read_text())["version"] == "2.0"
    docs = {path.name for path in (function_app / PAGE).iterdir()}
    assert docs == {"index.html", "page.js", *FILES}, "the page is complete"
    installed = {
        f"{library.name.lower().replace('_', '-')}=={library.version}"
        for library in importlib.metadata.distributions(path=[str(function_app / LIBRARIES)])
    }
    assert installed == locked()
    assert {"azure-functions==2.3.0", "numpy==2.4.6"} <= installed


def test_its_shared_libraries_are_for_azure_s_machines(function_app: Path) -> None:
    libraries = [path for path in function_app.rglob("*") if ".so" in path.suffixes]
    assert len(libraries) > 20
    for path in libraries:
        head = path.read_bytes()[:20]
        # https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html: 64 bits, x86-64
        assert (head[:5], head[18:20]) == (b"\x7fELF\x02", b"\x3e\x00"), path
        if tag := re.search(r"\.(cpython-\d+)", path.name):
            assert tag[1] == "cpython-313", path


def test_every_module_has_bytecode_of_azure_s_python(function_app: Path, azure_python: str) -> None:
    ended = subprocess.run(
        [azure_python, "-I", "-S", "-c", BYTECODE],
        cwd=function_app, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert json.loads(ended.stdout) == []


def test_it_tells_nothing_about_the_machine_that_built_it(
    function_app: Path, azure_python: str
) -> None:
    temporary = f"{tempfile.gettempdir()}/{tempfile.gettempprefix()}"
    places = (str(PROJECT), temporary, str(Path(azure_python).parent))
    for path in function_app.rglob("*"):
        data = path.read_bytes() if path.is_file() else b""
        assert not [place for place in places if place.encode() in data], path


def test_the_same_bytes_wherever_it_is_built(
    packages: list[Package], azure_python: str, tmp_path: Path
) -> None:
    elsewhere, temporary = tmp_path / "élsewhere", tmp_path / "temporary"
    temporary.mkdir()
    for name in "function_app", "frontend", "local", "training":
        shutil.copytree(PROJECT / name, elsewhere / name)
    for name in "main.py", "host.json", "requirements.txt":
        shutil.copyfile(PROJECT / name, elsewhere / name)
    for name in "function_app", "frontend":
        (elsewhere / name / ".DS_Store").touch()
        (elsewhere / name / "__pycache__").mkdir(exist_ok=True)
        (elsewhere / name / "__pycache__" / "old.pyc").touch()
    (elsewhere / "python").symlink_to(azure_python)
    strange = {"TMPDIR": str(temporary), "TZ": "Asia/Tokyo", "LC_ALL": "C", "PYTHONOPTIMIZE": "1"}
    subprocess.run(
        [sys.executable, "-m", "local", "package", "--out", "out", "--python", "./python"],
        cwd=elsewhere, env={**os.environ, **strange}, umask=0o077, check=True, capture_output=True,
    )  # fmt: skip
    for package in packages:
        assert digest(elsewhere / "out" / package.path.name) == package.sha256
        with zipfile.ZipFile(package.path) as archive:
            assert archive.namelist() == sorted(archive.namelist()), "not as folders list them"
    assert len(list((elsewhere / "out").iterdir())) == len(packages)


def test_it_answers_by_itself(
    function_app: Path, package: Path, photo: Path, azure_python: str
) -> None:
    seconds = start_once(function_app, azure_python, package, photo)
    assert len(seconds) == len(STAGES)
    assert min(seconds) > 0


def test_azure_s_worker_runs_it(
    function_app: Path,
    photo: Path,
    azure_python: str,
    azurite_connection: str,
    seeded_account: BlobServiceClient,
    tmp_path: Path,
) -> None:
    del seeded_account
    worker = f"azure-functions-runtime=={importlib.metadata.version('azure-functions-runtime')}"
    subprocess.run(
        [azure_python, "-m", "pip", "install", "-q", "--no-deps", "--target", tmp_path, worker],
        check=True,
    )
    paths = [function_app / LIBRARIES, function_app, tmp_path]
    driver = PROJECT / "tests" / "function_app" / "azure_worker.py"
    ended = subprocess.run(
        [azure_python, "-S", "-c", WORKER, driver, photo],
        cwd=function_app, capture_output=True, text=True, check=True,
        env={
            "PYTHONPATH": os.pathsep.join(map(str, paths)), "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHON_SCRIPT_FILE_NAME": "main.py", "BLOB_CONNECTION_STRING": azurite_connection,
        },
    )  # fmt: skip
    said = json.loads(ended.stdout.splitlines()[-1])
    assert {"predict_photo", "scenes", "ready"} <= set(said["functions"])
    assert said["status"] == 200
    assert said["model"].startswith("lite0-fpn")
    assert bytes.fromhex(said["mask"]) == b"\x89PNG"
    standard = Path(subprocess.check_output(
        [azure_python, "-c", "import os; print(os.__file__)"], text=True
    )).parent  # fmt: skip
    known = (str(function_app), str(tmp_path), str(standard))
    assert not [file for file in said["files"] if not file.startswith(known)]


@pytest.mark.parametrize("pin", ["no-such-library-by-this-name==9.9.9", "idna==3.20"])
def test_a_library_that_is_not_the_one_locked_leaves_no_package(pin: str, tmp_path: Path) -> None:
    lock = tmp_path / "local" / "package" / "function_app.lock"
    lock.parent.mkdir(parents=True)
    lock.write_text(f"{pin} --hash=sha256:{'0' * 64}\n")
    with pytest.raises(BuildError, match=pin.partition("==")[0]):
        build_function_app(tmp_path, tmp_path / "app.zip", sys.executable)
    assert not (tmp_path / "app.zip").exists()
