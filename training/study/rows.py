"""Rows of finished runs, one JSON file each."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from training.config import DataConfig
from training.data import DataError

Row = dict[str, Any]

FORMATS = ("float", "int8")
"""What is scored of every run."""


def read_rows(folder: Path, runs: Iterable[str], sets: Iterable[DataConfig]) -> dict[str, Row]:
    """Read the rows there are of `runs`; one that does not score all of `sets` counts as missing.

    A run's name holds the hash of its configuration, so a row is of no other configuration.

    Raises:
        DataError: a file holds something else.
    """
    wanted = {(data.path, data.split) for data in sets}
    rows = {}
    for run in runs:
        path = folder / f"{run}.json"
        if not path.exists():
            continue
        try:
            row = json.loads(path.read_bytes())
            scored = [{(s["data"], s["split"]) for s in row[form]["scores"]} for form in FORMATS]
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(f"{path} holds no row of a run: move it away") from error
        if all(wanted <= names for names in scored):
            rows[run] = row
    return rows


def minutes(row: Row) -> float:
    """What a run took, all in all."""
    return float(row["minutes"] + row["minutes_measuring"])
