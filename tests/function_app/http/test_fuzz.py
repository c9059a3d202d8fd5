"""A seeded slice of damaged photos; `python -m bench.fuzz` sends tens of thousands."""

import os
from pathlib import Path

from azure.storage.blob import BlobServiceClient

from bench.fuzz.run import fuzz

COUNT = int(os.environ.get("FUZZ_COUNT", "800"))


def test_no_damaged_photo_hurts(
    seeded_account: BlobServiceClient, azurite_connection: str, tmp_path: Path
) -> None:
    report = fuzz(20261122, COUNT, azurite_connection, tmp_path)
    assert report.bad == []
    assert report.outcomes.total() == COUNT
    assert {"200", "not-a-photo", "unsupported-photo", "too-many-pixels"} <= report.outcomes.keys()
    assert report.memory["final_heap_mb"] < 1.05 * report.memory["baseline_heap_mb"]
