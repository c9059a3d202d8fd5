"""The explorer's package: App Service unpacks it and installs its requirements."""

from collections.abc import Iterator
from pathlib import Path

from local.package.archive import Package, write_zip
from local.package.locks import EXPLORER, lock_file

NOT_SERVED = {"site", "segment.py", "score_batch.py", "requirements.txt"}
"""Of the frontend's folder: the static site's sources, the command lines, and the loose pins, in
whose place App Service is given the exact files."""


def build_explorer(project: Path, target: Path) -> Package:
    """Zip what a Streamlit server needs.

    Args:
        project: the repository.
        target: the zip to write; replaced as a whole or not at all.
    """
    frontend = project / "frontend"
    files = {
        path.relative_to(frontend).as_posix(): path.read_bytes() for path in app_files(frontend)
    }
    lock = lock_file(project, EXPLORER).read_bytes()
    return write_zip(target, {**files, "requirements.txt": lock})


def app_files(frontend: Path) -> Iterator[Path]:
    """Yield the files that the pages are made of."""
    for path in sorted(frontend.rglob("*")):
        parts = path.relative_to(frontend).parts
        hidden = any(part.startswith((".", "__pycache__")) for part in parts)
        config = parts == (".streamlit", "config.toml")
        if path.is_file() and parts[0] not in NOT_SERVED and (config or not hidden):
            yield path
