"""The cloud on one machine: storage emulator, function host, demo data."""

import sys
from pathlib import Path

# The project's own client is two files of the explorer's folder, which is no package.
sys.path.append(str(Path(__file__).parents[1] / "frontend"))
