"""The Python that Azure runs, on this machine."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from local.package.archive import BuildError

AZURE_PYTHON = "3.13"
"""What the service and the explorer run on in Azure; infra/bicep/main.bicep says the same."""

HOW_TO_GET_ONE = (
    f"Install it (`pyenv install {AZURE_PYTHON}`, `uv python install {AZURE_PYTHON}`), "
    f"or name it: make package PYTHON=/path/to/python{AZURE_PYTHON}"
)


def find_python(named: str | None = None) -> str:
    """Return an interpreter of AZURE_PYTHON: its wheels and its bytecode fit no other version.

    Args:
        named: it, and no other; None for this process's own, one on the path, or pyenv's.

    Raises:
        BuildError: the one named is of another version, or there is none.
    """
    if named is not None:
        version = _version(named)
        if version != AZURE_PYTHON:
            is_this = f"is Python {version}" if version else "is no Python that runs"
            raise BuildError(f"{named} {is_this}; Azure runs {AZURE_PYTHON}. {HOW_TO_GET_ONE}")
        return named
    for python in _candidates():
        if _version(python) == AZURE_PYTHON:
            return python
    raise BuildError(f"There is no Python {AZURE_PYTHON}, which Azure runs. {HOW_TO_GET_ONE}")


def _candidates() -> Iterator[str]:
    yield sys.executable
    # May be a shim of pyenv's, which fails where another version is chosen.
    if on_path := shutil.which(f"python{AZURE_PYTHON}"):
        yield on_path
    versions = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    # Not of release candidates, nor of the build without a lock ("3.13.0t").
    releases = [path for path in versions.glob(f"{AZURE_PYTHON}.*") if path.suffix[1:].isdecimal()]
    for release in sorted(releases, key=lambda path: int(path.suffix[1:]), reverse=True):
        yield str(release / "bin" / f"python{AZURE_PYTHON}")


def _version(python: str) -> str | None:
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        ended = subprocess.run(  # noqa: S603
            [python, "-I", "-c", code], capture_output=True, text=True, check=False
        )
    except OSError:
        return None
    return ended.stdout.strip() if ended.returncode == 0 else None
