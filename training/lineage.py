"""What a result comes from: code, libraries, machine."""

import importlib.metadata
import os
import platform
import subprocess
from pathlib import Path
from typing import Any

LIBRARIES = ("keras", "tensorflow", "tf2onnx", "onnx", "onnxruntime", "numpy", "pillow")


def code_version() -> str | None:
    """Return the git commit of the code, with "-dirty" if files differ from it; None: no git."""
    try:
        done = subprocess.run(
            ["git", "describe", "--always", "--abbrev=40", "--exclude=*", "--dirty"],  # noqa: S607
            capture_output=True,
            text=True,
            check=True,
            cwd=Path(__file__).parent,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()


def libraries() -> dict[str, Any]:
    """Return the versions of Python and of what training and export build on."""
    return {
        "python": platform.python_version(),
        "libraries": {name: importlib.metadata.version(name) for name in LIBRARIES},
    }


def machine() -> dict[str, str | int]:
    """Return platform, processor (its model name where the system tells) and cores."""
    return {
        "platform": platform.platform(terse=True),
        "processor": _processor() or platform.processor() or platform.machine(),
        "cores": os.cpu_count() or 1,
    }


def _processor() -> str:
    """Linux names the model in /proc/cpuinfo only; elsewhere `platform` knows it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return ""
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, "")
