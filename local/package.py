"""The deployment package: the zip that Azure unpacks and runs, with its libraries and bytecode.

Compiled bytecode more than halves what a cold start computes, and libraries that come along cannot
change between two deployments. The same inputs give the same bytes.
"""

import compileall
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

LIBRARIES = Path(".python_packages/lib/site-packages")
"""Where Azure Functions looks for the libraries of a package that was built elsewhere."""

APP = ("function_app", "main.py", "host.json", "requirements.txt")

UNUSED = (
    "bin",
    "**/tests",
    "**/*.pyi",
    "onnxruntime/transformers",
    "onnxruntime/quantization",
    "onnxruntime/tools",
    "onnxruntime/capi/libonnxruntime.so*",
)
"""Parts of the libraries that serving never loads: test suites, tools that change models, and
onnxruntime's C library, which its Python module contains a second time."""

GLIBC = range(17, 37)
"""manylinux_2_N wheels that run on the glibc 2.36 of Azure's Python images (Debian 12)."""

EPOCH = (1980, 1, 1, 0, 0, 0)
"""What zip files call no date."""


class BuildError(RuntimeError):
    """The package cannot be built; the message is the builder's own."""


class Package(NamedTuple):
    """What was built: the zip and the bytes that its files take when unpacked."""

    path: Path
    unpacked: int


def build_package(project: Path, target: Path, python: str = sys.executable) -> Package:
    """Install, prune, compile and zip.

    Args:
        project: the repository.
        target: the zip to write; replaced as a whole or not at all.
        python: interpreter of the version that Azure is to run; it compiles.

    Raises:
        BuildError: a wheel cannot be had, or a file does not compile.
    """
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "package"
        install_libraries(project / "requirements.txt", root / LIBRARIES, python)
        for name in APP:
            _copy(project / name, root / name)
        compile_bytecode(root, python)
        beside = target.with_name(target.name + ".new")
        target.parent.mkdir(parents=True, exist_ok=True)
        unpacked = _zip(root, beside)
        beside.replace(target)
    return Package(target, unpacked)


def install_libraries(requirements: Path, folder: Path, python: str) -> None:
    """Install Linux wheels for the Python of `python` into `folder`, and remove what is UNUSED."""
    platforms = [f"--platform=manylinux_2_{minor}_x86_64" for minor in GLIBC]
    _run(
        python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile",
        "--only-binary=:all:", *platforms, "--target", str(folder), "-r", str(requirements),
    )  # fmt: skip
    for pattern in UNUSED:
        for path in sorted(folder.glob(pattern)):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)


def compile_bytecode(root: Path, python: str) -> None:
    """Compile every module below `root`, not to be checked against dates, which zips lose."""
    # Paths in the bytecode, which tracebacks show, begin at the package.
    options = ("-q", "-j", "0", "--invalidation-mode", "unchecked-hash", "-s", str(root))
    _run(python, "-m", compileall.__name__, *options, str(root))


def _run(*command: str) -> None:
    ended = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if ended.returncode:
        raise BuildError((ended.stderr or ended.stdout).strip()[-2000:])


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy2(source, target)


def _zip(root: Path, target: Path) -> int:
    total = 0
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in _files(root):
            data = path.read_bytes()
            total += len(data)
            info = zipfile.ZipInfo(path.relative_to(root).as_posix(), EPOCH)
            info.external_attr = 0o644 << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return total


def _files(root: Path) -> Iterator[Path]:
    yield from sorted(path for path in root.rglob("*") if path.is_file())
