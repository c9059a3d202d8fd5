"""Predict and score many stored photos from the command line: `python score_batch.py --help`.

Goes beside future_vision.py and future_vision_batches.py, and like them needs no package.
"""

import argparse
import json
import os
import sys
import time
from dataclasses import asdict
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from future_vision import ApiError
from future_vision_batches import BatchClient, BatchStatus

PATIENCE = 300.0
"""Seconds that the service may be away while a batch is followed: the batch goes on without it."""

SHOWN_FAILURES = 5


def main() -> int:
    """Start or follow a batch, print its scores and store them."""
    given = _parser().parse_args()
    token = given.token or os.environ.get("API_TOKEN")
    try:
        chosen = _selection(given)
        client = BatchClient(given.api, given.key, token=(lambda: token) if token else None)
        if given.cancel:
            print(_summary(client.cancel_batch(given.batch)))
            return 0
        status = _follow(client, given.batch or client.start_batch(**chosen).id)
        if status.state != "done":
            sys.exit(_summary(status))
        out = given.out or Path("results/batches") / f"{status.id}.json"
        _store(out, status)
        _report(client, status)
        print(f"stored: {out}")
    except KeyboardInterrupt:
        return 130
    except (ApiError, OSError) as error:
        sys.exit(f"error: {error}")
    return 0


def _selection(given: argparse.Namespace) -> dict[str, Any]:
    """The arguments of `start_batch` that are given."""
    chosen = {name: getattr(given, name) for name in ("folder", "prefix", "model", "outputs")}
    if given.ids:
        lines = given.ids.read_text(errors="replace").splitlines()
        chosen["ids"] = [line.strip() for line in lines if line.strip()]
        if not chosen["ids"]:
            sys.exit(f"error: --ids {given.ids}: expected ids of scenes, one on each line")
    chosen = {name: value for name, value in chosen.items() if value is not None}
    if chosen and given.batch:
        sys.exit(f"error: --batch names a batch that exists: leave out --{' --'.join(chosen)}")
    if given.cancel and not given.batch:
        sys.exit("error: --cancel needs --batch ID")
    return chosen


def _follow(client: BatchClient, id: str) -> BatchStatus:
    """Print how far a batch is until it has ended; return its last status.

    Raises:
        ApiError: the service refuses, or has not answered for PATIENCE seconds.
    """
    print(f"batch {id}", flush=True)
    end = "\r" if sys.stderr.isatty() else "\n"
    answered = time.monotonic()
    try:
        while True:
            try:
                status = client.batch(id)
            except ApiError as error:
                if not error.may_pass or time.monotonic() - answered > PATIENCE:
                    raise
                time.sleep(2)
                continue
            answered = time.monotonic()
            print(f"{_progress(status):76}", end=end, file=sys.stderr, flush=True)
            if not status.running:
                print(end="\n" if end == "\r" else "", file=sys.stderr)
                return status
            time.sleep(status.pause)
    except (KeyboardInterrupt, ApiError):
        again = f"python {sys.argv[0]} --api {client.url} --batch {id}"
        print(
            f"\nThe batch goes on by itself. Follow it:  {again}\n"
            f"Cancel it:                               {again} --cancel",
            file=sys.stderr,
        )
        raise


def _progress(status: BatchStatus) -> str:
    shown = [f"{status.done + status.failed}/{status.planned} photos"]
    if status.state == "planning":
        shown.append("still listing")
    if status.rate:
        shown.append(f"{status.rate:.1f} photos/s")
    if status.seconds_left:
        shown.append(f"{status.seconds_left / 60:.0f} min left")
    if status.waiting_since:
        shown.append(f"no result since {status.waiting_since:%H:%M:%S} UTC")
    if status.failed:
        shown.append(f"{status.failed} failed")
    if status.waiting_until:
        shown.append(f"waiting for an instance that died, until {status.waiting_until:%H:%M} UTC")
    return ", ".join(shown)


def _summary(status: BatchStatus) -> str:
    because = f": {status.reason}" if status.state == "failed" else ""
    return (
        f"batch {status.id} is {status.state}{because}; "
        f"{status.done} of {status.planned} photos are done, {status.failed} failed"
    )


def _store(path: Path, status: BatchStatus) -> None:
    """Write beside `path`, then rename, so that nobody reads half a file."""
    document = json.dumps(asdict(status), indent=1, default=datetime.isoformat)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".new")
    beside.write_text(document + "\n")
    beside.replace(path)


def _report(client: BatchClient, status: BatchStatus) -> None:
    """Print the scores by protocol and category, and the first failures."""
    seconds = "" if status.seconds is None else f", {status.seconds:.0f} s"
    print(f"{_summary(status)}; {status.model}{seconds}")
    if scores := status.evaluation:
        for protocol in ("official", "with_void"):
            of = scores[protocol]
            if of["mean_iou"] is not None:
                known = [(name, iou) for name, iou in of["iou"].items() if iou is not None]
                by_category = "  ".join(f"{name} {iou:.3f}" for name, iou in known)
                print(f"{protocol:10}{of['mean_iou']:.4f}   {by_category}")
        print(f"scored: {scores['photos']} photos with true masks")
    elif "evaluation" in status.outputs:
        print("no scores: none of these photos has a true mask")
    if status.left_out:
        names = ", ".join(status.left_out_examples)
        print(f"left out, no photos by their suffix: {status.left_out} files, such as {names}")
    if status.left_out:
        names = ", ".join(status.left_out_examples)
        print(f"left out: {status.left_out} files without the suffix of a photo, like {names}")
    for failure in islice(client.batch_failures(status.id), SHOWN_FAILURES):
        print(f"failed: {failure.id}: {failure.reason}")
    if status.failed > SHOWN_FAILURES:
        more = status.failed - SHOWN_FAILURES
        print(f"and {more} more: {client.url}/api/batches/{status.id}/failures")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description="Have stored photos predicted and scored in the background, as a batch; follow "
        "it, print its scores and store them as JSON. Ctrl-C ends following, not the batch.",
        epilog="example: %(prog)s --api http://127.0.0.1:7071 --folder val",
    )
    parser.add_argument("--api", help="address of the service (default: API_BASE_URL)")
    parser.add_argument("--folder", help="photos below this folder (default: all)")
    parser.add_argument("--prefix", help="photos whose ids begin with this")
    parser.add_argument("--ids", type=Path, metavar="FILE", help="these photos: an id on each line")
    parser.add_argument("--model", metavar="NAME:VERSION", help="default: the active one")
    parser.add_argument(
        "--outputs", nargs="+", choices=("masks", "evaluation"), help="default: both"
    )
    parser.add_argument("--batch", metavar="ID", help="follow a batch that exists")
    parser.add_argument("--cancel", action="store_true", help="cancel the batch of --batch")
    parser.add_argument("--key", help="function key (better: the environment's API_KEY)")
    parser.add_argument("--token", help="Entra token (better: the environment's API_TOKEN)")
    parser.add_argument(
        "--out", type=Path, help="JSON file of the scores (default: results/batches/ID.json)"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
