"""The exact files that are installed in Azure: python -m local lock, or make lock.

The requirements pin what we name; the locks, what that asks for in turn, by version and hash. A
version that still fits stays: to raise them all, delete the lock first.
"""

import subprocess
import sys
from pathlib import Path

from local.package.archive import BuildError
from local.package.interpreter import AZURE_PYTHON

FUNCTION_APP = "function_app"
EXPLORER = "explorer"
_INPUTS = {
    FUNCTION_APP: ("requirements.txt",),
    # Where both have a library it is of one version, as in `make demo`.
    EXPLORER: ("frontend/requirements.txt", "--constraint", "requirements.txt"),
}

GLIBC = range(17, 37)
"""manylinux_2_N wheels that run on the glibc 2.36 of Azure's Python images (Debian 12)."""


def lock_file(project: Path, name: str) -> Path:
    """Return the lock of the package of that name."""
    return project / "local" / "package" / f"{name}.lock"


def write_lock(project: Path, name: str, target: Path) -> None:
    """Lock the requirements of a package, keeping versions that `target` has and that still fit.

    Args:
        project: the repository; `make infra-tools` has put uv there.
        name: FUNCTION_APP or EXPLORER.
        target: the file to write.

    Raises:
        BuildError: uv is not there, or finds no solution.
    """
    uv = project / ".venv-tools" / "bin" / "uv"
    if not uv.exists():
        raise BuildError(f"{uv} is not there: make infra-tools")
    ended = subprocess.run(  # noqa: S603
        [
            str(uv), "pip", "compile", "--quiet", "--generate-hashes", "--no-annotate",
            "--only-binary=:all:", f"--python-version={AZURE_PYTHON}", f"--python={sys.executable}",
            f"--python-platform=x86_64-manylinux_2_{GLIBC[-1]}", "--no-python-downloads",
            "--custom-compile-command=make lock", f"--output-file={target}", *_INPUTS[name],
        ],
        cwd=project, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if ended.returncode:
        raise BuildError(ended.stderr.strip()[-2000:])


def renew_locks(project: Path) -> list[Path]:
    """Lock the requirements of both packages; see `write_lock`.

    Raises:
        BuildError: uv is not there, or finds no solution.
    """
    locks = {name: lock_file(project, name) for name in _INPUTS}
    for name, path in locks.items():
        write_lock(project, name, path)
    return list(locks.values())
