"""Many stored photos predicted and scored in the background, from Python.

Goes beside future_vision.py, and like it needs no package.

    from future_vision_batches import BatchClient
    client = BatchClient("https://host", key="...")
    batch = client.wait_for_batch(client.start_batch(folder="val").id)
    print(batch.done, batch.evaluation["official"]["mean_iou"])
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from future_vision import Client, _path


@dataclass(frozen=True)
class Batch:
    """A batch as it was asked for; never changes."""

    id: str
    created: datetime
    model: str  # name:version
    folder: str  # below photos/, with a slash at its end; "" is all
    prefix: str  # of the ids; "" is all
    ids: int | None  # how many were named, None where folder and prefix choose
    outputs: tuple[str, ...]  # of "masks" and "evaluation"


@dataclass(frozen=True)
class BatchStatus(Batch):
    """How far a batch is.

    Its `state` is planning (photos are still being listed), running, done, cancelled or failed,
    the last two with a `reason`. `evaluation` has "photos" (with a true mask) and the scores of
    all of them together, as `Client.evaluation`; None while there is none.
    """

    state: str
    reason: str | None
    planned: int
    done: int
    failed: int
    left: int
    seconds: float | None  # of work so far, None before the first result; as the next two
    rate: float | None  # photos per second
    seconds_left: float | None
    waiting_since: datetime | None  # no result has come since, though one should have
    waiting_until: datetime | None  # then the work of an instance that died is done by another
    left_out: int  # files that are no photos by their suffix
    left_out_examples: tuple[str, ...]
    evaluation: Mapping[str, Any] | None

    @property
    def running(self) -> bool:
        """Whether more is to come."""
        return self.state in ("planning", "running")

    @property
    def pause(self) -> float:
        """Seconds until another look is worth it: a hundredth of what is left, 2 to 60."""
        return min(max(2.0, (self.seconds_left or 0) / 100), 60.0)


class Failure(NamedTuple):
    """A photo that came to nothing, and why."""

    id: str
    reason: str


class BatchClient(Client):
    """A client that can also start batches and follow them."""

    def start_batch(self, *, folder: str | None = None, prefix: str | None = None,
                    ids: Sequence[str] | None = None, model: str | None = None,
                    outputs: Sequence[str] | None = None) -> BatchStatus:  # fmt: skip
        """Have stored photos predicted in the background: all of them, unless something is chosen.

        Args:
            folder: below `photos/`, such as "val".
            prefix: the ids begin so.
            ids: of scenes, instead of the two; 1 to 100,000.
            model: name:version; the active one, also if another is activated meanwhile.
            outputs: of "masks" and "evaluation"; both.
        """
        given = {
            "folder": folder, "prefix": prefix, "model": model,
            "ids": None if ids is None else list(ids),
            "outputs": None if outputs is None else list(outputs),
        }  # fmt: skip
        asked = {name: value for name, value in given.items() if value is not None}
        return self._json("batches", _status, json.dumps(asked).encode(), "POST")

    def batches(self, limit: int = 20) -> list[Batch]:
        """Return the batches that were started last, newest first; 1 to 100."""
        return self._json(_path("batches", limit=limit), _batches)

    def batch(self, id: str) -> BatchStatus:
        """Return how far a batch is."""
        return self._json(_path("batches", id), _status)

    def batch_failures(self, id: str) -> Iterator[Failure]:
        """Yield the photos that came to nothing; a page is asked for when it is reached."""
        after: str | None = "0"
        while after is not None:
            page, after = self.failure_page(id, after)
            yield from page

    def failure_page(self, id: str, after: str = "0") -> tuple[list[Failure], str | None]:
        """Return some failures, and what is `after` for the next ones, if there may be any."""
        return self._json(_path("batches", id, "failures", after=after), _failures)

    def cancel_batch(self, id: str) -> BatchStatus:
        """Let nothing new of a batch begin; what is under way ends. One that has ended stays."""
        return self._json(_path("batches", id), _status, None, "DELETE")

    def wait_for_batch(
        self, id: str, on_progress: Callable[[BatchStatus], object] | None = None
    ) -> BatchStatus:
        """Return a batch's status when it has ended, well or not.

        Args:
            id: of the batch.
            on_progress: is told the status now and then; what it raises ends the wait.
        """
        while True:
            status = self.batch(id)
            if on_progress is not None:
                on_progress(status)
            if not status.running:
                return status
            time.sleep(status.pause)


def _batch(document: dict[str, Any]) -> dict[str, Any]:
    selection = document["selection"]
    return {
        "id": str(document["id"]),
        "created": datetime.fromisoformat(document["created"]),
        "model": str(document["model"]),
        "folder": str(selection["folder"]),
        "prefix": str(selection["prefix"]),
        "ids": None if selection["ids"] is None else int(selection["ids"]),
        "outputs": tuple(document["outputs"]),
    }


def _batches(document: dict[str, Any]) -> list[Batch]:
    return [Batch(**_batch(row)) for row in document["batches"]]


def _status(document: dict[str, Any]) -> BatchStatus:
    counts = ("planned", "done", "failed", "left")
    others = ("state", "reason", "seconds", "rate", "seconds_left", "evaluation")
    values: dict[str, Any] = {name: int(document["photos"][name]) for name in counts}
    values |= {name: document[name] for name in others}
    waiting, left_out = document["waiting"] or {}, document["left_out"]
    return BatchStatus(
        **_batch(document), **values,
        waiting_since=_time(waiting.get("since")), waiting_until=_time(waiting.get("until")),
        left_out=int(left_out["files"]), left_out_examples=tuple(left_out["examples"]),
    )  # fmt: skip


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _failures(document: dict[str, Any]) -> tuple[list[Failure], str | None]:
    failures = [Failure(str(row["id"]), str(row["reason"])) for row in document["failures"]]
    return failures, document["next"]
