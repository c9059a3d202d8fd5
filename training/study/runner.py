"""Go through runs, each in a process of its own: a crash, or its memory, ends with it."""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path

from training.config import TrainingConfig
from training.study.estimate import minutes_left
from training.study.plan import Cell, Places
from training.study.rows import Row, read_rows

LOG = "log.txt"
POLL_SECONDS = 1.0
STOP_SECONDS = 20.0
"""How long a run that is to stop may take before it is killed."""

Work = Callable[[TrainingConfig, Places], None]


def carry_out(config: TrainingConfig, places: Places) -> None:
    """Do `training.study.experiment.carry_out`, importing TensorFlow where it is done only."""
    from training.study import experiment

    experiment.carry_out(config, places)


def run_all(
    cells: Sequence[Cell],
    places: Places,
    after_each: Callable[[], object],
    work: Work = carry_out,
) -> dict[str, str]:
    """Carry out the runs that have no row yet, one after the other.

    What a run prints goes to `log.txt` in its folder. Ctrl-C or SIGTERM stop the run under way,
    which goes on after its last complete epoch the next time.

    Args:
        cells: runs, in order.
        places: what they share.
        after_each: called when a run has got its row.
        work: what is done for a run.

    Returns:
        Label -> last line of its log, of the runs that failed.

    Raises:
        KeyboardInterrupt: on Ctrl-C and SIGTERM.
    """
    rows = read_rows(places.rows, (cell.run for cell in cells), places.sets)
    failed: dict[str, str] = {}
    with _sigterm_interrupts():
        for index, cell in enumerate(cells):
            if cell.run in rows:
                continue
            left = [c.config for c in cells[index:] if c.run not in rows]
            progress = _Progress(f"{index + 1}/{len(cells)} {cell.label}", left, rows.values())
            _carry_out(cell.config, places, progress, work)
            if row := read_rows(places.rows, [cell.run], places.sets):
                rows |= row
                after_each()
            else:
                failed[cell.label] = _last_line(places.runs / cell.run / LOG)
                print(f"{cell.label} failed: {failed[cell.label]}", flush=True)
    return failed


class _Progress:
    """One line when a run starts and after each of its epochs."""

    def __init__(self, title: str, left: Sequence[TrainingConfig], rows: Iterable[Row]) -> None:
        self.title, self.minutes = title, minutes_left(left, rows)
        self.epochs = left[0].epochs
        self.started, self.shown = time.monotonic(), -1

    def show(self, epoch: int) -> None:
        """Print, if `epoch` is news."""
        if epoch == self.shown:
            return
        self.shown = epoch
        what = f"after epoch {epoch} of {self.epochs}"
        if self.minutes is not None:
            spent = (time.monotonic() - self.started) / 60
            what += f", about {max(0.0, self.minutes - spent) / 60:.1f} h left"
        print(f"{time.strftime('%H:%M')} {self.title}: {what}", flush=True)


def _carry_out(config: TrainingConfig, places: Places, progress: _Progress, work: Work) -> None:
    """Run `work` in a new process, and show its epochs."""
    from training.callbacks import read_state

    folder = places.runs / config.name
    folder.mkdir(parents=True, exist_ok=True)
    # A fresh interpreter: TensorFlow does not survive a fork.
    process = multiprocessing.get_context("spawn").Process(
        target=_logged, args=(work, config, places, folder / LOG), daemon=True
    )
    process.start()
    try:
        while process.is_alive():
            progress.show(read_state(folder)["epoch"])
            process.join(POLL_SECONDS)
    finally:
        _stop(process)


def _logged(work: Work, config: TrainingConfig, places: Places, log: Path) -> None:
    with log.open("ab") as file:
        for stream in (1, 2):
            os.dup2(file.fileno(), stream)
    work(config, places)


def _stop(process: BaseProcess) -> None:
    for end in (process.terminate, process.kill):
        if process.is_alive():
            end()
            process.join(STOP_SECONDS)


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")


@contextmanager
def _sigterm_interrupts() -> Iterator[None]:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
