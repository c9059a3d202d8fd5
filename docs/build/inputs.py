"""What note and slides are made from, as one digest that both carry."""

import hashlib
import json
from pathlib import Path

from docs.build.facts import MANIFEST, STUDY
from docs.build.french import category_names
from docs.build.study import QUESTIONS

SOURCES = (Path("docs/build"), Path("docs/note"), Path("function_app/vision/categories.py"),
           Path("docs/images/explorer.png"))  # fmt: skip
MADE = {".pdf", ".pptx", ".pyc"}
MEASURED = ("cold_start", "cost", "fuzz", "input_shape", "load", "service_time", "session_time")
PREFIX = "inputs-sha256-"
"""Before the digest, among the keywords of the PDF and of the PPTX."""


def input_files(results: Path) -> list[Path]:
    """List every file that note and slides depend on, sorted."""
    files = [
        *(results / f"{name}.json" for name in MEASURED),
        *(results / "study" / f"{name}.json" for name in QUESTIONS),
        *(results / "evaluation").glob("*-0.3.0.json"),
        MANIFEST, STUDY,
    ]  # fmt: skip
    for source in SOURCES:
        found = [source] if source.is_file() else source.rglob("*")
        files += [path for path in found if path.is_file() and path.suffix not in MADE]
    return sorted(files)


def stamp(results: Path) -> str:
    """Return the keyword that names these inputs.

    Raises:
        FileNotFoundError: one of them is missing.
    """
    # Of the explorer's texts the names of categories alone are shown.
    digest = hashlib.sha256(json.dumps(category_names(), sort_keys=True).encode())
    for path in input_files(results):
        data = hashlib.sha256(path.read_bytes()).hexdigest()
        name = path.relative_to(results).as_posix() if path.is_relative_to(results) else path
        digest.update(f"{name} {data}\n".encode())
    return PREFIX + digest.hexdigest()
