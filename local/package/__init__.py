"""What is deployed to Azure: the zips of the function app and of the explorer.

The same inputs give the same bytes, wherever and whenever they are built.
"""

from pathlib import Path

from local.package.archive import BuildError, Package
from local.package.explorer import build_explorer
from local.package.function_app import LIBRARIES, build_function_app
from local.package.interpreter import AZURE_PYTHON, find_python
from local.package.locks import renew_locks
from local.progress import step

__all__ = [
    "AZURE_PYTHON", "LIBRARIES", "BuildError", "Package", "build_explorer", "build_function_app",
    "build_packages", "find_python", "renew_locks",
]  # fmt: skip


def build_packages(project: Path, folder: Path, python: str | None = None) -> list[Package]:
    """Build function_app.zip and explorer.zip.

    Args:
        project: the repository.
        folder: where the zips are written, each replaced as a whole or not at all.
        python: see `find_python`.

    Raises:
        BuildError: there is no such Python, or a library cannot be had; the message says which.
    """
    interpreter = find_python(python)
    with step("Building the function app"):
        function_app = build_function_app(project, folder / "function_app.zip", interpreter)
    return [function_app, build_explorer(project, folder / "explorer.zip")]
