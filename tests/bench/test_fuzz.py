"""The fuzzer itself: its files are valid, its damage repeats, and no crash escapes it."""

import io
import sys
from pathlib import Path

import pytest
from PIL import Image

from bench.fuzz import run
from bench.fuzz.cases import case
from bench.fuzz.corpus import SIZE, valid_files

FILES = valid_files()


def test_valid_files_are_valid() -> None:
    for name, data in FILES.items():
        with Image.open(io.BytesIO(data)) as image:
            image.load()
            assert name.endswith(".ico") or image.size in (SIZE, SIZE[::-1]), name


def test_a_case_is_always_the_same_and_no_two_are() -> None:
    assert case(1, 5) == case(1, 5)
    photos = {case(1, i).photo for i in range(50)} | {case(2, i).photo for i in range(50)}
    assert len(photos) > 90


CRASHING = """
import json, os, sys
seed, start, stop = map(int, sys.argv[1:])
print(json.dumps({"baseline_heap_mb": 10.0}))
for i in range(start, stop):
    if i in (3, 7):
        os.abort()
    bad = "status 500" if i == 5 else None
    print(json.dumps({"i": i, "outcome": "200", "ms": i, "bad": bad}), flush=True)
print(json.dumps({"final_heap_mb": 11.0}))
"""


def test_a_crash_is_kept_and_stepped_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "crashing.py"
    script.write_text(CRASHING)
    monkeypatch.setattr(run, "CHILD", (sys.executable, str(script)))
    report = run.fuzz(1, 10, "", tmp_path / "kept")
    assert report.outcomes == {"200": 8, "crash": 2}
    assert [row["i"] for row in report.bad] == [3, 5, 7]
    assert "status -6" in report.bad[0]["why"]
    for row in report.bad:
        assert (tmp_path / "kept" / row["photo"]).read_bytes() == case(1, row["i"]).photo
    assert report.memory == {"baseline_heap_mb": 10.0, "final_heap_mb": 11.0}
