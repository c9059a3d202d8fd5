"""How fast training batches are drawn, and in how much memory: python -m bench.generator --help.

Views a second, and how much resident memory grows, with one loading thread and with two. Nothing is
cached, so that memory does not grow with the data set. Where the cores are shared with other
work the rates are lower; `load` says how many processes were waiting.
"""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from bench.proc import peak_rss_mb, reset_peak, rss_mb
from bench.record import command, record
from training.config import read_config
from training.data.generator import TrainingBatches, training_batches, training_sets

WORKERS = (1, 2)


def measure(batches: TrainingBatches, workers: int, count: int) -> dict[str, Any]:
    """Draw `count` batches with so many threads, as Keras does in `fit`, and drop them."""
    process = os.getpid()
    reset_peak(process)
    before, started = rss_mb(process), time.perf_counter()
    with ThreadPoolExecutor(workers) as pool:
        views = sum(len(photos) for photos, _ in pool.map(batches.__getitem__, range(count)))
    seconds = time.perf_counter() - started
    return {
        "workers": workers,
        "views_per_second": round(views / seconds, 1),
        "memory_mb": round(peak_rss_mb(process) - before, 1),
    }


def main() -> None:
    """Measure and store."""
    parser = command(__file__, __doc__, "training/configs/lite0_fpn.yaml --data-root DATA")
    parser.add_argument("config", type=Path, help="a training configuration")
    parser.add_argument("--data-root", type=Path, required=True, help="folder of the data sets")
    parser.add_argument("--batches", type=int, default=24, help="to draw (default 24)")
    args = parser.parse_args()
    config = read_config(args.config)
    batches = training_batches(config, args.data_root)
    measure(batches, 1, 2)  # files and imports
    record(args.out, {
        "what": "views a second that the data generator draws, and growth of resident memory",
        "load": round(os.getloadavg()[0], 1),
        "view": f"{config.crop_size[1]}x{config.crop_size[0]}",
        "batch": config.batch_size,
        "scenes": sum(len(scenes) for scenes, _ in training_sets(config, args.data_root)),
        "rows": [measure(batches, workers, args.batches) for workers in WORKERS],
    })  # fmt: skip


if __name__ == "__main__":
    main()
