"""Send damaged photos to the service's own route: no crash, no 500, memory back to where it was.

The route runs in a child process, with the bundled model from a real storage emulator, so that a
crash of native code is seen, kept and stepped over. The same seed gives the same photos.
"""

import argparse
import secrets
import sys
import time
from pathlib import Path

from bench.fuzz.run import fuzz
from bench.record import PROJECT, RESULTS, record
from bench.service import seeded_storage

LEAK_MARK = 1.05
"""Allocated memory at the end, at most so many times what it was after the valid files."""


def main() -> int:
    """Fuzz, print and store; 1 if anything happened that must not."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.fuzz", description=__doc__,
        epilog="example: python -m bench.fuzz --count 20000 --seed 1",
    )  # fmt: skip
    parser.add_argument("--count", type=int, default=20_000, help="photos (default 20000)")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6), help="default: any")
    parser.add_argument("--failures", type=Path, default=PROJECT / ".local" / "fuzz")
    parser.add_argument("--out", type=Path, default=RESULTS / "fuzz.json")
    args = parser.parse_args()
    print(f"seed {args.seed}")
    started = time.monotonic()
    with seeded_storage() as connection:
        report = fuzz(args.seed, args.count, connection, args.failures)
    ratios = {
        kind: round(report.memory[final] / report.memory[f"baseline_{kind}_mb"], 3)
        for kind in ("heap", "rss")
        if (final := f"final_{kind}_mb") in report.memory  # not after a crash
    }
    result = {
        "seed": args.seed,
        "count": args.count,
        "seconds": round(time.monotonic() - started),
        "outcomes": dict(report.outcomes.most_common()),
        "bad": report.bad,
        "slowest_ms": report.slowest_ms,
        "memory": report.memory,
        "final_to_baseline": ratios,
        "passed": not report.bad and ratios.get("heap", float("inf")) <= LEAK_MARK,
    }
    record(args.out, result)
    print(f"photos of bad cases: {args.failures}")
    return 0 if result["passed"] else 1


if __name__ == "__main__":
    sys.exit(main())
