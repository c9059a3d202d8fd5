"""The command that scores a published model on photos in the cloud."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from tqdm import tqdm

from training.batch_api import ApiError, BatchApi, Status
from training.commands.evaluation import print_rows
from training.commands.parsing import add_command
from training.config import ConfigError
from training.files import write_atomically
from training.service_login import add_login, given_login

OUTPUTS = ("masks", "evaluation")
SHOWN_FAILURES = 5
COMMAND = "python -m training score"


def score(args: argparse.Namespace) -> None:
    """Predict and score stored photos, as a batch of a running service."""
    asked = _asked(args)
    if asked and args.batch:
        raise ConfigError(f"--batch names one that has begun: leave --{' --'.join(asked)} out")
    if args.cancel and not args.batch:
        raise ConfigError("--cancel needs --batch ID")
    api = BatchApi(args.api, given_login(args))
    if args.cancel:
        print(_summary(api.cancel(args.batch)))
        return
    status = _watch(api, args.batch or api.start(asked)["id"])
    if status["state"] != "done":
        raise ApiError(_summary(status))
    out = args.out or Path("results/batches") / f"{status['id']}.json"
    write_atomically(out, json.dumps(status, indent=1).encode() + b"\n")
    _report(api, status)
    print(f"stored: {out}")


def _asked(args: argparse.Namespace) -> dict[str, Any]:
    """What the service is asked for; what is not said is its default."""
    asked = {name: getattr(args, name) for name in ("folder", "prefix", "model", "outputs")}
    if args.ids:
        lines = args.ids.read_text(errors="replace").splitlines()
        asked["ids"] = [line.strip() for line in lines if line.strip()]
        if not asked["ids"]:
            raise ConfigError(f"--ids {args.ids}: expected ids of scenes, one on each line")
    return {name: value for name, value in asked.items() if value is not None}


def _watch(api: BatchApi, id: str) -> Status:
    """Show how far a batch is until it has ended; return its last status."""
    print(f"batch {id}", flush=True)
    bar = tqdm(unit="photo", bar_format="{l_bar}{bar}| {n_fmt}/{total_fmt} [{elapsed}{postfix}]")
    try:
        with bar:
            for status in api.follow(id):
                photos = status["photos"]
                bar.total, bar.n = photos["planned"], photos["done"] + photos["failed"]
                bar.set_postfix_str(_pace(status))
    except (KeyboardInterrupt, ApiError):
        again = f"{COMMAND} {api.address} --batch {id}"
        print(
            f"The batch goes on by itself. Follow it:  {again}\n"
            f"Cancel it:                               {again} --cancel",
            file=sys.stderr,
        )
        raise
    return status


def _pace(status: Status) -> str:
    shown = [f"{status['rate']:.1f} photos/s"] if status["rate"] else []
    if status["seconds_left"]:
        shown.append(f"{tqdm.format_interval(status['seconds_left'])} left")
    if failed := status["photos"]["failed"]:
        shown.append(f"{failed} failed")
    if status["state"] == "planning":
        shown.append("still listing")
    return ", ".join(shown)


def _summary(status: Status) -> str:
    photos, reason = status["photos"], status["reason"]
    because = f": {reason}" if status["state"] == "failed" else ""
    return (
        f"batch {status['id']} is {status['state']}{because}; "
        f"{photos['done']} of {photos['planned']} photos are done, {photos['failed']} failed"
    )


def _report(api: BatchApi, status: Status) -> None:
    """Print the scores as `evaluate` does, and what failed."""
    print(f"{_summary(status)}; {status['model']}, {status['seconds']:.0f} s")
    if scores := status["evaluation"]:
        chosen = status["selection"]
        name = chosen["folder"] + chosen["prefix"] or ("all" if chosen["ids"] is None else "ids")
        rows = [{"data": name, "protocol": p, **scores[p]} for p in ("official", "with_void")]
        print_rows([row for row in rows if row["mean_iou"] is not None], "protocol")
        print(f"scored: {scores['photos']} photos with true masks")
    elif "evaluation" in status["outputs"]:
        print("no scores: none of these photos has a true mask")
    if failed := status["photos"]["failed"]:
        for failure in api.failures(status["id"])[:SHOWN_FAILURES]:
            print(f"failed: {failure['id']}: {failure['reason']}")
        if failed > SHOWN_FAILURES:
            more = failed - SHOWN_FAILURES
            print(f"and {more} more: {api.failures_address(status['id'])}")


def add_commands(commands: Any) -> None:
    """Add this module's subcommands."""
    command = add_command(
        commands, "score", score,
        f"{COMMAND} https://func-1.azurewebsites.net --folder val",
    )  # fmt: skip
    command.add_argument("api", help="address of the service")
    command.add_argument("--folder", help="photos below this folder (default all)")
    command.add_argument("--prefix", help="photos whose ids begin so")
    command.add_argument("--ids", type=Path, metavar="FILE", help="these: one id on each line")
    command.add_argument("--model", metavar="NAME:VERSION", help="default the active one")
    command.add_argument(
        "--outputs", nargs="+", choices=OUTPUTS, help="what to make of each photo (default both)"
    )
    command.add_argument("--batch", metavar="ID", help="follow one that has begun")
    command.add_argument("--cancel", action="store_true", help="end the one of --batch early")
    add_login(command)
    command.add_argument(
        "--out", type=Path, help="JSON file of scores (default results/batches/ID.json)"
    )
