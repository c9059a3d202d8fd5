"""Send damaged photos to the service's own route: no crash, no 500, memory back to where it was.

The route runs in this process, with the bundled models from a real storage emulator. The same seed
gives the same photos. Each is stored before it is sent, and removed if it does no harm: a crash of
native code ends this process, prints a stack and leaves the photo.
"""

import ctypes
import faulthandler
import gc
import io
import json
import os
import secrets
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import azure.functions as func
import numpy as np
from PIL import Image
from tqdm import tqdm

from bench.fuzz.corpus import valid_files
from bench.fuzz.mutations import mutate
from bench.proc import own_heap_mb, peak_rss_mb, rss_mb
from bench.record import PROJECT, command, record
from bench.service import seeded_storage

Predict = Callable[[func.HttpRequest], func.HttpResponse]

QUERIES: tuple[dict[str, str], ...] = (
    {}, {"format": "color"}, {"format": "overlay", "alpha": "0.3"}, {"format": "confidence"},
    {"format": "json", "void": "false"},
)  # fmt: skip
QUICK = {"model": "lite0-fpn-fast-int8:1.0.0"}
"""The bundled model with the smallest input, for most cases: it is decoding that may break."""

EXPECTED = {"200", "not-a-photo", "unsupported-photo", "too-many-pixels", "too-many-bytes",
            "missing-image"}  # fmt: skip
"""What may become of a damaged photo: a problem's type, or an answer."""

SIGNATURES = {"image/png": b"\x89PNG", "image/jpeg": b"\xff\xd8\xff", "application/json": b"{"}

LEAK_MARK = 1.05
"""Allocated memory at the end, at most so many times what it was after the valid files."""

HANG_SECONDS = 60
"""A case that takes longer ends the process, as a crash does."""


class Case(NamedTuple):
    """A request to /predict; `name` says which valid file the photo was made from."""

    name: str
    photo: bytes
    query: dict[str, str]


def case(seed: int, i: int) -> Case:
    """Return case `i` of `seed`."""
    rng = np.random.default_rng([seed, i])
    files = list(valid_files().items())
    (name, data), (_, other) = (files[int(rng.integers(len(files)))] for _ in range(2))
    query = QUERIES[int(rng.integers(len(QUERIES)))] | (QUICK if rng.random() < 0.9 else {})
    return Case(name, mutate(data, other, rng), query)


def undamaged() -> list[Case]:
    """The valid files, and large ones; the first goes to the default model."""
    cases = [Case(*file, QUICK if i else {}) for i, file in enumerate(valid_files().items())]
    # glibc keeps free blocks of up to 32 MB once it has met them (M_MMAP_THRESHOLD, mallopt(3)):
    # memory is where it will be after the first photos whose 31.6 MB are almost that large.
    large = io.BytesIO()
    Image.new("RGB", (3400, 3100)).save(large, "JPEG")
    return cases + [Case("large.jpg", large.getvalue(), query | QUICK) for query in QUERIES]


def fuzz(seed: int, count: int, predict: Predict, folder: Path) -> dict[str, Any]:
    """Send `count` cases of a seed to the handler of the route.

    Returns:
        `outcomes`: cases by problem type, "200" or "escaped" (an exception left the route); `bad`:
        each case that did what must not be, with the name of its photo in `folder`; `slowest_ms`;
        `memory` in 10^6 bytes: allocated ("heap") and resident ("rss") after the valid files
        ("baseline") and at the end ("final"), resident at most ("peak").
    """
    folder.mkdir(parents=True, exist_ok=True)
    for valid in undamaged() * 2:
        send(predict, valid)
    memory, outcomes, slowest = memory_now("baseline"), Counter[str](), 0.0
    bad: list[dict[str, Any]] = []
    for i in tqdm(range(count), desc="fuzz", unit="photo"):
        sent = case(seed, i)
        path = folder / f"{seed}-{i}-{sent.name}"
        path.write_bytes(sent.photo)
        faulthandler.dump_traceback_later(HANG_SECONDS, exit=True)
        started = time.perf_counter()
        outcome, why = send(predict, sent)
        slowest = max(slowest, round((time.perf_counter() - started) * 1000, 1))
        faulthandler.cancel_dump_traceback_later()
        outcomes[outcome] += 1
        if why is None:
            path.unlink()
        else:
            row = {"i": i, "made_from": sent.name, "query": sent.query, "why": why}
            bad.append(row | {"photo": path.name})
    memory |= memory_now("final") | {"peak_rss_mb": peak_rss_mb(os.getpid())}
    counts = dict(outcomes.most_common())
    return {"outcomes": counts, "bad": bad, "slowest_ms": slowest, "memory": memory}


def send(predict: Predict, sent: Case) -> tuple[str, str | None]:
    """Send a case; returns the outcome, and what is wrong with it, None if nothing is."""
    url = f"http://h/api/predict?{urlencode(sent.query)}"
    headers = {"Content-Type": "image/jpeg", "Content-Length": str(len(sent.photo))}
    request = func.HttpRequest(
        "POST", url, headers=headers, params=sent.query, route_params={}, body=sent.photo
    )
    try:
        response = predict(request)
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001 - native code panics with BaseExceptions
        return "escaped", traceback.format_exc(limit=-4)
    body, status = response.get_body(), response.status_code
    if status >= 400:
        outcome = json.loads(body)["type"].rpartition(":")[2]
        return outcome, None if outcome in EXPECTED else body.decode()
    if status != 200 or not body.startswith(SIGNATURES[response.mimetype]):
        return str(status), f"{response.mimetype} that begins with {body[:8]!r}"
    return "200", None


def memory_now(when: str) -> dict[str, float]:
    """Allocated and resident memory, once what is free has been given back as far as it can be."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    return {f"{when}_heap_mb": own_heap_mb(), f"{when}_rss_mb": rss_mb(os.getpid())}


def predict_route() -> Predict:
    """Return the handler of POST /predict, as Azure's worker finds it."""
    from function_app.http.routes import app

    routes = {getattr(f.get_trigger(), "route", None): f for f in app.get_functions()}
    handler: Predict = routes["predict"].get_user_function()
    return handler


def main() -> int:
    """Fuzz, print and store; 1 if anything happened that must not."""
    parser = command(__file__, __doc__, "--count 20000 --seed 1")
    failures = PROJECT / ".local" / "fuzz"
    parser.add_argument("--count", type=int, default=20_000, help="photos (default 20000)")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6), help="default: any")
    parser.add_argument("--failures", type=Path, default=failures, help="folder of bad photos")
    args = parser.parse_args()
    print(f"seed {args.seed}, photos of bad cases: {args.failures}", flush=True)
    faulthandler.enable()
    started = time.monotonic()
    with seeded_storage() as connection:
        os.environ |= {"BLOB_CONNECTION_STRING": connection, "API_AUTH_LEVEL": "anonymous"}
        found = fuzz(args.seed, args.count, predict_route(), args.failures)
    memory, seconds = found["memory"], round(time.monotonic() - started)
    ratios = {kind: round(memory[f"final_{kind}_mb"] / memory[f"baseline_{kind}_mb"], 3)
              for kind in ("heap", "rss")}  # fmt: skip
    passed = not found["bad"] and ratios["heap"] <= LEAK_MARK
    record(args.out, {"seed": args.seed, "count": args.count, "seconds": seconds, **found,
                      "final_to_baseline": ratios, "passed": passed})  # fmt: skip
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
