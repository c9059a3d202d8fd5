"""The measurement of batches with small numbers, against the real service and workers."""

import json
from pathlib import Path
from typing import Any

import pytest

from bench import batches, batches_runs

SCENES, PLANNED = 40, 300


@pytest.fixture(scope="module")
def measured(installed_azurite: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What the command stores."""
    folder = tmp_path_factory.mktemp("batches")
    out = folder / "made" / "batches.json"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batches, "WORKERS", (1, 2))
        patch.setattr(batches_runs, "KILLS", 2)
        arguments = ("--scenes", SCENES, "--plan", PLANNED, "--folder", folder, "--out", out)
        patch.setattr("sys.argv", ["bench", *map(str, arguments)])
        batches.main()
    return json.loads(out.read_text())


def test_batches_come_to_the_same_as_photos_one_by_one(measured: Any) -> None:
    runs = measured["runs"]
    assert [row["workers"] for row in runs["rows"]] == [1, 2]
    assert runs["rows"][0]["of_one"] == 1
    for row in runs["rows"]:
        assert (row["same_masks"], row["same_confusion"], row["exact"]) == (SCENES, True, True)
        assert row["photos"] == {"done": SCENES, "failed": 0}
        cpu = SCENES / row["worker_cpu_seconds"]
        assert row["photos_per_worker_cpu_second"] == pytest.approx(cpu, rel=0.1)
        assert row["cores"]["workers"] > row["cores"]["storage"] > 0
    assert runs["passed"]["exact"]


def test_killing_workers_changes_nothing(measured: Any) -> None:
    killed = measured["runs"]["killed"]
    assert killed["kills"] == 2
    assert killed["messages"] == 1 + -(-SCENES // 16)
    assert 0 <= killed["repeated"] <= killed["messages"] + killed["kills"]
    assert (killed["same_masks"], killed["same_confusion"]) == (SCENES, True)
    assert killed["exact"]


def test_all_that_is_planned_is_queued(measured: Any) -> None:
    for row, photos in zip(measured["planning"]["rows"], (PLANNED // 2, PLANNED), strict=True):
        assert row["photos"] == photos
        for way in ("listed", "ids"):
            planned = row[way]
            # The page's own message, and those of its groups.
            assert (planned["pages"], planned["messages"]) == (1, 1 + -(-photos // 16))
            assert planned["peak_mb"] >= planned["before_mb"] > 30
            assert 0 < planned["list_seconds"] <= planned["plan_seconds"]
        assert row["status_seconds"].keys() == {"first", "again", "another_instance"}
