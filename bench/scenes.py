"""What a stored scene costs beside few and beside very many others: memory, first answers, calls.

A service that has just started is asked for a page of scenes in the middle, for one photo and for
one true mask, with 100, 10,000 and 1,000,000 scenes in storage. Storage is a process that knows
names only (`bench.listing`), so that its own look-up takes the same time for all of them.
"""

import time
from collections.abc import Callable, Sequence
from io import BytesIO
from typing import Any

from PIL import Image

from bench.listing import Storage, storage_of_names
from bench.proc import peak_rss_mb, rss_mb
from bench.record import command, record
from bench.service import running_service

WHAT = "memory and first answers of a service that has just started, by the number of its scenes"
COUNTS = (100, 10_000, 1_000_000)
LIMIT = 100
MARKS = {"memory": 1.1, "calls": 0}
"""The peak with most scenes at most so many times that with fewest; more calls to storage."""


def measure(counts: Sequence[int] = COUNTS) -> dict[str, Any]:
    """Measure with each number of scenes."""
    rows = [_row(count) for count in counts]
    first, last = rows[0], rows[-1]
    memory = round(last["peak_mb"] / first["peak_mb"], 3)
    calls = max(last["answers"][name]["calls"] - first["answers"][name]["calls"]
                for name in first["answers"])  # fmt: skip
    return {
        "what": WHAT, "marks": MARKS, "rows": rows,
        "memory": memory, "more_calls": calls,
        "passed": memory <= MARKS["memory"] and calls <= MARKS["calls"],
    }  # fmt: skip


def _row(count: int) -> dict[str, Any]:
    ids = [f"val/{n // 1000:04}/frame_{n:07}" for n in range(count)]
    names = {
        "scenes": sorted(
            [f"photos/{id}_leftImg8bit.png" for id in ids]
            + [f"truth/{id}_gtFine_labelIds.png" for id in ids]
        ),
        "predictions": (),
        "models": (),
    }
    middle = ids[count // 2]
    with (
        storage_of_names(names, _mask()) as storage,
        running_service(storage.connection) as service,
    ):
        api = service.api
        started = rss_mb(service.pid)
        folder = middle.rpartition("/")[0]
        asked: dict[str, Callable[[], object]] = {
            "scenes": lambda: api.scene_page(f"{folder}/", limit=LIMIT),
            "photo": lambda: api.photo(middle),
            "truth": lambda: api.truth(middle),
        }
        answers = {name: _answer(storage, question) for name, question in asked.items()}
        return {
            "scenes": count,
            "answers": answers,
            "started_mb": started,
            "peak_mb": peak_rss_mb(service.pid),
        }


def _answer(storage: Storage, question: Callable[[], object]) -> dict[str, float]:
    before, start = storage.requests, time.perf_counter()
    question()
    seconds = time.perf_counter() - start
    return {"seconds": round(seconds, 3), "calls": storage.requests - before}


def _mask() -> bytes:
    """A picture that is good as a photo and as labels: of sky."""
    out = BytesIO()
    Image.new("L", (64, 32), 23).save(out, "PNG")
    return out.getvalue()


def main() -> None:
    """Measure, print and store."""
    record(command(__file__, __doc__).parse_args().out, measure())


if __name__ == "__main__":
    main()
