"""What the site is made of: fetched as the lock files say, compiled, and kept for later builds."""

import hashlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from local import node
from local.progress import step
from local.site.errors import SiteError

HERE = Path(__file__).parent
SOURCES = ("package-lock.json", "wheels.txt")
PYTHON = "3.13"
"""Of Pyodide, whose version stlite names."""


class Inputs(NamedTuple):
    """Folders of stlite's build, of Pyodide, and of the compiled library and packages."""

    stlite: Path
    pyodide: Path
    python: Path


def fetch_inputs(source: Path, folder: Path) -> Inputs:
    """Fetch into `folder`, and compile, what is not there yet.

    Args:
        source: holds package.json, package-lock.json and wheels.txt.
        folder: what is fetched is kept here.

    Raises:
        NodeError: Node.js cannot be had, or npm fails.
        SiteError: a wheel cannot be had, or does not compile.
    """
    modules = folder / "node_modules"
    inputs = Inputs(modules / "@stlite/browser/build", modules / "pyodide", folder / "python")
    recipe = inputs_digest(source)
    made_of = inputs.python / "recipe"
    if made_of.exists() and made_of.read_text() == recipe:
        return inputs
    with step("Fetching stlite and Pyodide"):
        node.install_packages(source, folder)
    with tempfile.TemporaryDirectory(dir=folder) as given, step("Fetching and compiling Python"):
        made = Path(given) / "python"
        _collect(source / "wheels.txt", inputs, Path(given))
        _compile(inputs.pyodide, Path(given), made)
        (made / "recipe").write_text(recipe)
        shutil.rmtree(inputs.python, ignore_errors=True)
        made.replace(inputs.python)
    return inputs


def inputs_digest(source: Path) -> str:
    """Return a name for what is fetched, and for how it is compiled."""
    files = [source / name for name in SOURCES]
    files += [HERE / name for name in ("inputs.py", "bytecode.py", "bytecode.mjs", "ssl_stub.py")]
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()


def _collect(wheels: Path, inputs: Inputs, folder: Path) -> None:
    packages = folder / "packages"
    _run(
        sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
        "--no-deps", "--only-binary=:all:", "--require-hashes", f"--python-version={PYTHON}",
        "--implementation=py", "--abi=none", "--platform=any", f"--dest={packages}", "-r",
        str(wheels),
    )  # fmt: skip
    for wheel in (inputs.stlite / "wheels").glob("*.whl"):
        shutil.copyfile(wheel, packages / wheel.name)
    shutil.copyfile(HERE / "ssl_stub.py", packages / "ssl.py")
    shutil.copyfile(inputs.pyodide / "python_stdlib.zip", folder / "python_stdlib.zip")


def _compile(pyodide: Path, given: Path, made: Path) -> None:
    made.mkdir()
    program, _ = node.toolchain()
    script, file = HERE / "bytecode.mjs", HERE / "bytecode.py"
    _run(program, *(str(path) for path in (script, pyodide.resolve(), file, given, made)))


def _run(*command: str) -> None:
    ended = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if ended.returncode:
        raise SiteError((ended.stderr or ended.stdout).strip()[-2000:])
