"""The scenes of `bench.batches`: drawn once, by all cores, and kept in a folder."""

import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tqdm import tqdm

from synthetic import write_dataset

SIZE = (512, 256)
"""Width and height: what the bundled network sees, so that a group's work is the network's."""

CHUNK = 20


def draw(folder: Path, count: int) -> None:
    """Draw the scenes that are missing of so many; those that are there stay as they are."""
    chunks = [(folder, min(CHUNK, count - first), first) for first in range(0, count, CHUNK)]
    with (
        ProcessPoolExecutor(os.cpu_count()) as pool,
        tqdm(total=count, desc="drawing", unit="scene") as bar,
    ):
        for drawn in pool.map(_draw, chunks):
            bar.update(drawn)


def _draw(chunk: tuple[Path, int, int]) -> int:
    folder, count, first = chunk
    return len(write_dataset(folder, count, seed=first, size=SIZE))
