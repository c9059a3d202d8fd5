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

import json
from pathlib import Path
from typing import Any

from bench.batches_planning import plan
from bench.batches_runs import SIZE, Setup, one_by_one, own_children, run, run_killed
from bench.record import PROJECT, command, record
from bench.service import running_service, seed_drawn, seeded_storage

WORKERS = (1, 2, 4)
KILLED = 2

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
    with seeded_storage() as connection:
        storage = own_children()
        ids = seed_drawn(connection, folder, scenes, SIZE)
        with running_service(connection) as service:
            setup = Setup(connection, storage, service, ids)
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
    """Plan batches of so many photos, and of half of them: both must take the same memory."""
    small, large = plan(max(1, photos // 2)), plan(photos)
    growth = max(large[way]["peak_mb"] / small[way]["peak_mb"] for way in ("listed", "ids"))
    return {
        "rows": [small, large],
        "memory": round(growth, 2),
        "passed": growth <= MARKS["memory"],
    }


def main() -> None:
    """Measure, print and store."""
    parser = command(__file__, __doc__, "--scenes 200 --plan 10000 --out /tmp/batches.json")
    parser.add_argument(
        "--scenes", type=int, default=2000, help="of the runs (2000); 0 keeps the runs as stored"
    )
    parser.add_argument(
        "--plan", type=int, default=100_000, help="photos (100000); 0 keeps planning as stored"
    )
    folder = PROJECT / ".local" / "batches" / "scenes"
    parser.add_argument("--folder", type=Path, default=folder, help="where scenes are drawn once")
    args = parser.parse_args()
    result = json.loads(args.out.read_bytes()) if args.out.exists() else {}
    result |= {"what": WHAT, "marks": MARKS}
    result.pop("machine", None)  # of what was stored
    if args.scenes:
        # Stored at once: what follows may be interrupted.
        record(args.out, result := result | {"runs": measure_runs(args.folder, args.scenes)})
    if args.plan:
        record(args.out, result | {"planning": measure_planning(args.plan)})


if __name__ == "__main__":
    main()
