"""A seeded slice of damaged photos; `python -m bench.fuzz` sends tens of thousands."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import PROJECT

COUNT = int(os.environ.get("FUZZ_COUNT", "800"))


def test_no_damaged_photo_hurts(installed_azurite: Path, tmp_path: Path) -> None:
    out, kept = tmp_path / "fuzz.json", tmp_path / "kept"
    command = [sys.executable, "-m", "bench.fuzz", "--seed", "20261122", "--count", str(COUNT)]
    ended = subprocess.run(
        [*command, "--failures", kept, "--out", out],
        cwd=PROJECT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert out.exists(), ended.stderr[-3000:]
    report = json.loads(out.read_text())
    assert report["bad"] == []
    assert list(kept.iterdir()) == []
    assert sum(report["outcomes"].values()) == report["count"] == COUNT
    assert {"200", "not-a-photo", "unsupported-photo", "too-many-pixels"} <= report[
        "outcomes"
    ].keys()
    assert report["final_to_baseline"]["heap"] < 1.05
    assert report["passed"]
    assert ended.returncode == 0
