"""Where measured numbers go."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from training.files import write_atomically


def store(out: Path, result: Mapping[str, Any]) -> None:
    """Write a result as JSON, as a whole or not at all, and say where it is."""
    write_atomically(out, json.dumps(result, indent=1).encode() + b"\n")
    print(f"stored: {out}")
