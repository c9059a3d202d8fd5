"""Session time of the bundled model."""

import json
from pathlib import Path

import pytest

from bench.session_time import main


def test_the_first_package_is_the_unit(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bench.session_time.ROUNDS", 2)
    out = tmp_path / "made" / "time.json"
    monkeypatch.setattr("sys.argv", ["bench", str(package), str(package), "--out", str(out)])
    main()
    stored = json.loads(out.read_text())
    first, again = stored["rows"]
    assert first["ratio"] == 1.0
    assert again["ratio"] > 0
    assert first["package"] == f"{package.parent.name}:{package.name}"
    assert stored["threads"] == 1
