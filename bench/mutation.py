"""Count the small errors in the code that the tests notice: python -m bench.mutation --help.

Cosmic Ray changes one thing at a time (`<` to `<=`, 2 to 3, `and` to `or`) in a copy of the working
tree and runs the tests of that code. What they do not notice is a survivor: a test is missing, or
the change means nothing. Its own commands try every change or none; here a sample is tried.
"""

import json
import os
import random
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from contextlib import chdir
from pathlib import Path
from typing import Any, NamedTuple

from cosmic_ray.commands.init import _all_work_items
from cosmic_ray.mutating import mutate_and_test
from cosmic_ray.work_item import MutationSpec, TestOutcome, WorkerOutcome

from bench.record import PROJECT, command, store

SLOWEST_S = 900.0
"""Seconds after which a run of the tests counts as hanging, and the error as noticed."""

SLOW = ("tests/function_app/vision/test_cpus.py",
        "tests/function_app/batches/test_killed_workers.py")  # fmt: skip
"""Tests that take minutes and notice little that others do not. Those that need a browser or real
photographs are left out as well."""

UNFAIR = ("ReplaceBinaryOperator_BitOr", "RemoveDecorator", "NoOp", "VariableReplacer",
          "VariableInserter")  # fmt: skip
"""Beginnings of operators: type annotations and dataclasses would break while they are imported."""

SAME = ("_Eq_Is", "_Is_Eq", "_NotEq_IsNot", "_IsNot_NotEq")
"""Ends of operators that mostly change nothing."""


class Area(NamedTuple):
    """Code (files or folders), and the tests that should notice errors in it."""

    code: tuple[str, ...]
    tests: tuple[str, ...]


AREAS = {
    **{
        name: Area((f"function_app/{name}",), (f"tests/function_app/{name}",))
        for name in ("vision", "storage", "batches")
    },
    "trainer": Area(
        tuple(f"training/{name}.py"
              for name in ("trainer", "optimizer", "runs", "export", "graph")),
        tuple(f"tests/training/test_{name}.py" for name in ("trainer", "optimizer", "export")),
    ),
}  # fmt: skip


def sample(area: Area, count: int, seed: int) -> tuple[int, list[MutationSpec]]:
    """Return how many places of the code can be changed, and one change of each of `count`."""
    modules = [module for path in map(Path, area.code)
               for module in (path.rglob("*.py") if path.is_dir() else [path])]  # fmt: skip
    places: dict[Any, list[MutationSpec]] = defaultdict(list)
    for item in _all_work_items(sorted(modules), {}):
        (mutation,) = item.mutations
        name = mutation.operator_name.rpartition("/")[2]
        if not name.startswith(UNFAIR) and not name.endswith(SAME):
            places[mutation.module_path, mutation.start_pos].append(mutation)
    rng = random.Random(seed)  # noqa: S311
    chosen = rng.sample(sorted(places), min(count, len(places)))
    return len(places), [rng.choice(places[place]) for place in chosen]


def own_first(tests: tuple[str, ...], module: Path) -> list[str]:
    """Put the tests that are named after the module first: they find most errors in it."""
    name = f"test_{module.stem}.py"
    found = [path for test in map(Path, tests) for path in (test, *test.rglob(name))]
    return [*(str(path) for path in found if path.name == name), *tests]


def try_out(area: Area, count: int, seed: int) -> dict[str, Any]:
    """Run the tests once for each change, in the current folder; return what is stored."""
    pytest = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:xdist", "-p",
              "no:cacheprovider", "-m", "not browser and not data",
              *(f"--ignore={path}" for path in SLOW)]  # fmt: skip
    subprocess.run([*pytest, *area.tests], check=True, stdout=sys.stderr)  # noqa: S603 - as it is
    places, mutations = sample(area, count, seed)
    survivors = []
    for number, mutation in enumerate(mutations, 1):
        tests = own_first(area.tests, Path(mutation.module_path))
        result = mutate_and_test([mutation], shlex.join([*pytest, *tests]), SLOWEST_S)
        if result.worker_outcome is not WorkerOutcome.NORMAL:
            raise RuntimeError(f"{mutation}: {result.output}")
        where = f"{mutation.module_path}:{mutation.start_pos[0]}"
        print(f"{number}/{len(mutations)} {result.test_outcome} {where}", flush=True)
        if result.test_outcome is TestOutcome.SURVIVED:
            lines = (result.diff or "").splitlines()
            changed = [s for s in lines if s[:1] in "+-" and s[:3] not in ("+++", "---")]
            survivors.append({"where": where, "change": changed})
    killed = len(mutations) - len(survivors)
    return {
        "places": places, "tried": len(mutations), "killed": killed,
        "score": round(killed / len(mutations), 3), "seed": seed, "survivors": survivors,
    }  # fmt: skip


def main() -> None:
    """Measure, and store the scores of the areas that were measured."""
    parser = command(__file__, __doc__, "vision --count 10")
    parser.add_argument("areas", nargs="*", default=list(AREAS), help=f"of {', '.join(AREAS)}")
    parser.add_argument("--count", type=int, default=30, help="changes in each (default 30)")
    parser.add_argument("--seed", type=int, default=1, help="another one chooses other changes")
    args = parser.parse_args()
    if unknown := set(args.areas) - AREAS.keys():
        parser.error(f"no area {', '.join(unknown)}: choose from {', '.join(AREAS)}")
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        ignored = shutil.ignore_patterns(".git", ".venv*", ".local", "dist", "runs", "__pycache__")
        shutil.copytree(PROJECT, copy, ignore=ignored)
        for name in (".local", ".venv"):
            (copy / name).symlink_to(PROJECT / name)
        (Path(folder) / "shared").symlink_to(PROJECT.parent / "shared")
        os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
        for name in args.areas:
            with chdir(copy):
                measured = try_out(AREAS[name], args.count, args.seed)
            stored = json.loads(args.out.read_text()) if args.out.exists() else {}
            store(args.out, {**stored, name: measured})


if __name__ == "__main__":
    main()
