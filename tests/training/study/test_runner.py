"""Going through runs: what is done, skipped, told, and left when stopped. Training is stood in for
by `work`, in real processes."""

import dataclasses
import os
import signal
import threading
import time
from pathlib import Path

import pytest

from tests.training.study.work import row_of, started, work, write_row
from tests.training.tiny import tiny_config
from training.config import DataConfig
from training.data import DataError
from training.study.estimate import minutes_left
from training.study.plan import Cell, Places, run_name
from training.study.rows import read_rows
from training.study.runner import run_all

pytestmark = pytest.mark.training


@pytest.fixture
def places(tmp_path: Path) -> Places:
    sets = (DataConfig("cityscapes", "city", "val"),)
    return Places(tmp_path, tmp_path / "runs", tmp_path / "rows", sets, tmp_path / "unit")


def cells(*seeds: int) -> list[Cell]:
    configs = [dataclasses.replace(tiny_config(), seed=seed) for seed in seeds]
    return [Cell("study", "tiny", "", dataclasses.replace(c, name=run_name(c))) for c in configs]


def test_a_bad_run_does_not_end_the_others(
    places: Places, capsys: pytest.CaptureFixture[str]
) -> None:
    finished: list[int] = []
    failed = run_all(cells(1, 2, 3, 5), places, lambda: finished.append(1), work)
    assert started(places.runs) == [1, 2, 3, 5]
    assert failed == {
        "study/tiny/2": "ValueError: seed 2 is unlucky",
        "study/tiny/3": "it said nothing",
    }
    assert len(finished) == len(list(places.rows.iterdir())) == 2
    said = capsys.readouterr().out
    assert "2/4 study/tiny/2: after epoch 0 of 2, about 0.1 h left" in said
    assert "study/tiny/2 failed: ValueError: seed 2 is unlucky" in said

    assert run_all(cells(1, 5), places, finished.clear, work) == {}
    assert started(places.runs) == [1, 2, 3, 5]
    assert len(finished) == 2


def test_a_row_that_lacks_a_set_is_made_again(places: Places) -> None:
    (cell,) = cells(1)
    write_row(cell.config, places, village=0.5)
    run_all([cell], places, lambda: None, work)
    assert started(places.runs) == [1]
    assert read_rows(places.rows, [cell.run], places.sets)


def test_a_file_that_is_no_row_is_named(places: Places) -> None:
    places.rows.mkdir()
    (cell,) = cells(1)
    (places.rows / f"{cell.run}.json").write_text("{}")
    with pytest.raises(DataError, match=cell.run):
        run_all([cell], places, lambda: None, work)


def test_sigterm_stops_the_run_under_way_and_keeps_what_is_done(places: Places) -> None:
    def stop() -> None:
        while started(places.runs)[-1:] != [4]:
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGTERM)

    before = signal.getsignal(signal.SIGTERM)
    threading.Thread(target=stop).start()
    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run_all(cells(1, 4, 5), places, lambda: None, work)
    assert time.monotonic() - begun < 55
    assert started(places.runs) == [1, 4]
    assert len(list(places.rows.iterdir())) == 1
    assert signal.getsignal(signal.SIGTERM) == before


def test_time_left_is_estimated_from_like_runs() -> None:
    config = tiny_config()
    other = dataclasses.replace(config, architecture="fast_scnn")
    longer = dataclasses.replace(config, epochs=7)
    assert minutes_left([config], []) is None
    rows = [
        row_of(config, {}, minutes=2.0),
        row_of(dataclasses.replace(config, seed=8), {}, minutes=4.0),
        row_of(other, {}, minutes=9.0),
    ]
    assert minutes_left([config, other], rows) == pytest.approx(3.0 + 9.0)
    # Of a kind not seen yet: the median of the kinds.
    assert minutes_left([longer], rows) == pytest.approx(6.0)
