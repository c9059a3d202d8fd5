"""Compile Python's library and the site's packages: half of what a visitor would wait for.

Pyodide's library comes as sources, and a browser keeps no __pycache__, so every visit would compile
anew all that it imports. This file runs in Node.js, in the very Python that the site runs.
"""

import py_compile
import tempfile
import zipfile
from pathlib import Path

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest date that a zip file can hold: the same bytes whenever it is written."""

WITHOUT_DOCS = 2
"""Optimization that drops docstrings and asserts, a quarter of the library's size."""


def compile_library(source: Path, target: Path) -> None:
    """Compile python_stdlib.zip into `target`."""
    with zipfile.ZipFile(target, "w") as out:
        _compile_into(out, source, "/lib/python313.zip/", WITHOUT_DOCS)


def compile_packages(folder: Path, target: Path) -> None:
    """Put all wheels and modules of `folder` into one archive of a site-packages folder."""
    site = "/lib/python3.13/site-packages/"
    with zipfile.ZipFile(target, "w") as out:
        for wheel in sorted(folder.glob("*.whl")):
            _compile_into(out, wheel, site, 0)
        for module in sorted(folder.glob("*.py")):
            _write(out, module.name, module.read_bytes())


def _compile_into(out: zipfile.ZipFile, source: Path, prefix: str, optimize: int) -> None:
    with zipfile.ZipFile(source) as archive:
        for name in sorted(archive.namelist()):
            data = archive.read(name)
            # anyio reads the source of its __init__.py; none of a package is large.
            if name.endswith(".py") and (optimize or not name.endswith("__init__.py")):
                _write(out, f"{name}c", _compiled(data, prefix + name, optimize))
            elif not name.endswith("/"):
                _write(out, name, data)


def _compiled(source: bytes, name: str, optimize: int) -> bytes:
    """Return the bytecode of a module, not to be checked against its source, which stays here."""
    unchecked = py_compile.PycInvalidationMode.UNCHECKED_HASH
    with tempfile.TemporaryDirectory() as folder:
        given, made = Path(folder) / "module.py", Path(folder) / "module.pyc"
        given.write_bytes(source)
        py_compile.compile(
            str(given),
            str(made),
            name,
            doraise=True,
            optimize=optimize,
            invalidation_mode=unchecked,
        )
        return made.read_bytes()


def _write(out: zipfile.ZipFile, name: str, data: bytes) -> None:
    out.writestr(zipfile.ZipInfo(name, EPOCH), data, zipfile.ZIP_DEFLATED, 9)


if __name__ == "__main__":
    given, made = Path("/in"), Path("/out")
    compile_library(given / "python_stdlib.zip", made / "python_stdlib.zip")
    compile_packages(given / "packages", made / "packages.zip")
