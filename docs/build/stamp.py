"""What note and slides were made from, as one digest that both carry among their keywords."""

import hashlib
import json
from pathlib import Path

from docs.build.facts import Facts
from docs.build.served import packages

SOURCES = (Path("docs/build"), Path("docs/note"), Path("docs/slides"))
SCREENSHOT = Path("docs/images/explorer_fr.png")
MADE = {".pdf", ".pptx", ".pyc"}
PREFIX = "inputs-sha256-"


def stamp(facts: Facts, results: Path) -> str:
    """Digest the facts, the measurements and models behind the figures, and the sources."""
    digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode())
    files = [*(results / "study").rglob("*.json"), *(results / "study").rglob("*.png"),
             *(results / "evaluation").glob("*.json")]  # fmt: skip
    files += [package / "manifest.json" for package in packages()]
    files.append(SCREENSHOT)
    for folder in SOURCES:
        files += [p for p in folder.rglob("*") if p.is_file() and p.suffix not in MADE]
    for path in sorted(files):
        digest.update(f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return PREFIX + digest.hexdigest()
