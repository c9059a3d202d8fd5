"""The machine a number was measured on."""

import os
import platform
from pathlib import Path


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
