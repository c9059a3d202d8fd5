"""What batches bear: python -m bench.batches --help.

The real service (`python -m local host`), Azurite, and `python -m local worker` processes, on one
machine. Synthetic scenes are predicted and scored one by one over the API, then as a batch over 1,
2 and 4 workers, then over 2 of which some are killed (SIGKILL) and replaced. Every run stores its
masks in a container of its own. Workers, emulator and service share the cores, so photos per second
end where the cores do; what must stay flat is how many photos a CPU second of the workers does
(`of_one`: relative to a single worker). `others` is how many cores everything else on the machine
used meanwhile: if it is not near 0, the machine was not quiet.

Planning: a batch of so many stored names, which are no photos, is planned by a process of its own
through the bindings of the worker; nobody takes the groups' messages.
"""

import argparse
import json
from pathlib import Path
from typing import Any

from azure.storage.blob import BlobServiceClient
from tqdm import tqdm

from bench.batches_planning import plan
from bench.batches_runs import Setup, one_by_one, own_children, run, run_killed
from bench.batches_scenes import SIZE, draw
from bench.service import PROJECT, running_service, seeded_storage
from bench.stored import store
from local.seed import seed_scenes
from training.evaluator.machine import machine

WORKERS = (1, 2, 4)
KILLED = 2
SMALLER = 2
"""A plan of so many times fewer photos is measured too: both must take the same memory."""

WHAT = (
    "one batch of synthetic scenes over worker processes, which share the machine's cores with the "
    "emulator and the service: of_one is photos per worker's CPU second, relative to one worker; "
    "exact: all masks byte by byte and both total confusion matrices as of the scenes one by one"
)

MARKS = {"of_one": 0.85, "memory": 1.25}
"""Photos per worker's CPU second at least so much of a single worker's; peak memory of the large
plan at most so much of the small one's."""


def measure_runs(folder: Path, scenes: int) -> dict[str, Any]:
    """Run the batch of so many scenes, which are drawn into `folder` where they are missing."""
    draw(folder, scenes)
    with seeded_storage() as connection:
        storage = own_children()
        ids = _seed(connection, folder, scenes)
        with running_service(connection) as service:
            setup = Setup(connection, storage, service, tuple(ids))
            alone = one_by_one(setup)
            rows = [run(setup, workers, alone) for workers in WORKERS]
            for row in rows:
                done, unit = (r["photos_per_worker_cpu_second"] for r in (row, rows[0]))
                row["of_one"] = round(done / unit, 3)
            seconds = next(row["seconds"] for row in rows if row["workers"] == KILLED)
            killed = run_killed(setup, KILLED, alone, seconds)
    return {
        "scenes": scenes,
        "size": "{}x{}".format(*SIZE),
        "one_by_one_seconds": round(alone.seconds, 1),
        "rows": rows,
        "killed": killed,
        "passed": {
            "of_one": all(row["of_one"] >= MARKS["of_one"] for row in rows),
            "exact": all(row["exact"] for row in (*rows, killed)),
        },
    }


def measure_planning(photos: int) -> dict[str, Any]:
    """Plan batches of so many photos, and of half of them."""
    small, large = plan(max(1, photos // SMALLER)), plan(photos)
    growth = max(large[way]["peak_mb"] / small[way]["peak_mb"] for way in ("listed", "ids"))
    return {
        "rows": [small, large],
        "memory": round(growth, 2),
        "passed": growth <= MARKS["memory"],
    }


def _seed(connection: str, folder: Path, scenes: int) -> list[str]:
    with (
        BlobServiceClient.from_connection_string(connection) as account,
        tqdm(total=scenes, desc="uploading", unit="scene") as bar,
    ):
        container = account.get_container_client("scenes")
        return seed_scenes(folder, scenes, container, lambda *_: bar.update())


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.batches", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="example: python -m bench.batches --scenes 200 --plan 10000 --out /tmp/batches.json",
    )  # fmt: skip
    parser.add_argument(
        "--scenes", type=int, default=2000,
        help="scenes of the runs (default 2000); 0 leaves the runs as they are stored",
    )  # fmt: skip
    parser.add_argument(
        "--plan", type=int, default=100_000,
        help="photos that are planned (default 100000); 0 leaves planning as it is stored",
    )  # fmt: skip
    parser.add_argument(
        "--folder", type=Path, default=PROJECT / ".local" / "batches" / "scenes",
        help="where scenes are drawn once (default .local/batches/scenes)",
    )  # fmt: skip
    parser.add_argument("--out", type=Path, default=Path("results/batches.json"))
    args = parser.parse_args()
    result = json.loads(args.out.read_bytes()) if args.out.exists() else {}
    result |= {"what": WHAT, "machine": machine(), "marks": MARKS}
    for name, count, measure in (
        ("runs", args.scenes, lambda count: measure_runs(args.folder, count)),
        ("planning", args.plan, measure_planning),
    ):
        if count:
            result[name] = measure(count)
            # At once: what follows may be interrupted.
            store(args.out, result)
            print(json.dumps(result[name], indent=1))


if __name__ == "__main__":
    main()
