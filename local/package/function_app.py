"""The function app's package: Azure unpacks it and runs it, with its libraries and bytecode.

Compiled bytecode more than halves what a cold start computes, and libraries that come along cannot
change between two deployments.
"""

import compileall
import shutil
import subprocess
import tempfile
from pathlib import Path

from local.docs_page import fetch_swagger_ui
from local.package.archive import BuildError, Package, write_zip
from local.package.locks import FUNCTION_APP, GLIBC, lock_file

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
    "*.dist-info/INSTALLER",
    "*.dist-info/RECORD",
    "*.dist-info/REQUESTED",
)
"""Parts of the libraries that serving never loads: test suites, tools that change models,
onnxruntime's C library, which its Python module contains a second time, and pip's notes for
uninstalling, which hash scripts that name the interpreter of this machine."""


def build_function_app(project: Path, target: Path, python: str) -> Package:
    """Install, prune, compile and zip.

    Args:
        project: the repository.
        target: the zip to write; replaced as a whole or not at all.
        python: what `find_python` returns; it installs and compiles.

    Raises:
        BuildError: a wheel cannot be had, or a file does not compile.
        NodeError: Swagger UI cannot be had.
    """
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "package"
        install_libraries(lock_file(project, FUNCTION_APP), root / LIBRARIES, python)
        fetch_swagger_ui(project)
        for name in APP:
            _copy(project / name, root / name)
        compile_bytecode(root, python)
        files = {
            path.relative_to(root).as_posix(): path.read_bytes()
            for path in root.rglob("*")
            if path.is_file()
        }
    return write_zip(target, files)


def install_libraries(lock: Path, folder: Path, python: str) -> None:
    """Install the locked Linux wheels into `folder`, and remove what is UNUSED."""
    platforms = [f"--platform=manylinux_2_{minor}_x86_64" for minor in GLIBC]
    _run(
        python, "-I", "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
        "--no-compile", "--only-binary=:all:", "--require-hashes", *platforms, "--target",
        str(folder), "-r", str(lock),
    )  # fmt: skip
    for pattern in UNUSED:
        for path in sorted(folder.glob(pattern)):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)


def compile_bytecode(root: Path, python: str) -> None:
    """Compile every module below `root`, not to be checked against dates, which zips lose."""
    # Paths in the bytecode, which tracebacks show, begin at the package. One process in order: what
    # of a module's constants is shared depends on the modules that were compiled before it.
    options = ("-q", "--invalidation-mode", "unchecked-hash", "-s", str(root))
    _run(python, "-I", "-m", compileall.__name__, *options, str(root))


def _run(*command: str) -> None:
    ended = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if ended.returncode:
        raise BuildError((ended.stderr or ended.stdout).strip()[-2000:])


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    else:
        shutil.copyfile(source, target)
