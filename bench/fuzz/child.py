"""The process that is fuzzed: sends cases to the service's route, one line of JSON for each."""

import argparse
import ctypes
import faulthandler
import gc
import json
import os
import sys
import time
import traceback
from typing import Any

from bench.fuzz.cases import Case, case, undamaged
from bench.proc import own_heap_mb, peak_rss_mb, rss_mb
from function_app.http.problems import Route

HANG_SECONDS = 60
"""A case that takes longer ends the process, with a stack on standard error."""

WARM_ROUNDS = 2

EXPECTED = {
    "200", "not-a-photo", "unsupported-photo", "too-many-pixels", "too-many-bytes", "missing-image",
}  # fmt: skip
"""What may become of a damaged photo."""

SIGNATURES = {"image/png": b"\x89PNG", "image/jpeg": b"\xff\xd8\xff", "application/json": b"{"}


def main() -> None:
    """Send the cases [start, stop) of a seed."""
    parser = argparse.ArgumentParser(prog="python -m bench.fuzz.child", description=__doc__)
    for name in ("seed", "start", "stop"):
        parser.add_argument(name, type=int)
    args = parser.parse_args()
    route = predict_route()
    for _ in range(WARM_ROUNDS):
        for valid in undamaged():
            send(route, valid)
    _say(**memory("baseline"))
    for i in range(args.start, args.stop):
        faulthandler.dump_traceback_later(HANG_SECONDS, exit=True)
        _say(i=i, **send(route, case(args.seed, i)))
    faulthandler.cancel_dump_traceback_later()
    _say(**memory("final"), peak_rss_mb=peak_rss_mb(os.getpid()))


def predict_route() -> Route:
    """Return the handler of POST /predict, as Azure's worker finds it."""
    from function_app.http.routes import app

    for function in app.get_functions():
        trigger: Any = function.get_trigger()
        if getattr(trigger, "route", None) == "predict":
            handler: Route = function.get_user_function()
            return handler
    raise LookupError("the app has no route 'predict'")


def send(route: Route, request: Case) -> dict[str, Any]:
    """Send a case; the result's "bad" says what must not have happened, None if nothing has."""
    started = time.perf_counter()
    try:
        response = route(request.request())
    except BaseException:  # noqa: BLE001 - native code panics with BaseExceptions
        return {"outcome": "escaped", "ms": 0, "bad": traceback.format_exc(limit=-4)}
    milliseconds = round((time.perf_counter() - started) * 1000, 1)
    body = response.get_body()
    outcome, bad = str(response.status_code), None
    if response.status_code >= 400:
        outcome = json.loads(body)["type"].rpartition(":")[2]
        bad = None if outcome in EXPECTED else body.decode()
    elif not body.startswith(SIGNATURES[response.mimetype]):
        bad = f"{response.mimetype} that begins with {body[:8]!r}"
    return {"outcome": outcome, "ms": milliseconds, "bad": bad}


def memory(when: str) -> dict[str, float]:
    """Allocated and resident memory, once what is free has been given back as far as it can be."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    return {f"{when}_heap_mb": own_heap_mb(), f"{when}_rss_mb": rss_mb(os.getpid())}


def _say(**fields: Any) -> None:
    sys.stdout.write(json.dumps(fields) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
