"""Results of photos: what adds up to the results of a batch."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from function_app.vision.comparison import confusion_matrices, scores_of
from function_app.vision.evaluation import ALL, COUNT, OFFICIAL
from function_app.vision.labels import Truth


class Failure(NamedTuple):
    """A photo that came to nothing, and why; fit for the caller's eyes."""

    id: str
    reason: str


def _no_pixels() -> NDArray[np.int64]:
    return np.zeros((COUNT, COUNT), np.int64)


@dataclass(slots=True)
class Part:
    """What became of some photos.

    Attributes:
        done: photos with all that was asked for.
        failures: the others.
        truths: photos that were scored.
        official, with_void: confusion matrices (8, 8) of these, true by predicted category.
        started, finished: Unix time in seconds; None where nothing was done.
    """

    done: int = 0
    failures: list[Failure] = field(default_factory=list)
    truths: int = 0
    official: NDArray[np.int64] = field(default_factory=_no_pixels)
    with_void: NDArray[np.int64] = field(default_factory=_no_pixels)
    started: float | None = None
    finished: float | None = None

    @property
    def photos(self) -> int:
        """How many photos it is about."""
        return self.done + len(self.failures)

    def count(
        self, truth: Truth, mask: NDArray[np.uint8], mask_without_void: NDArray[np.uint8]
    ) -> None:
        """Add a photo's pixels, masks (h, w) of category ids, at the resolution of its truth.

        Raises:
            LabelError: the truth has another shape than the photo.
        """
        # Both first: a truth that cannot be scored must not leave half of its pixels behind.
        official, with_void = confusion_matrices(truth, mask, mask_without_void)
        self.official += official
        self.with_void += with_void
        self.truths += 1

    def evaluation(self) -> dict[str, Any] | None:
        """Return the scores of all photos together; None where there is no truth."""
        if not self.truths:
            return None
        return {
            "photos": self.truths,
            "official": scores_of(self.official, OFFICIAL),
            "with_void": scores_of(self.with_void, ALL),
        }

    def to_json(self) -> bytes:
        """Render as JSON."""
        return json.dumps(
            {
                "done": self.done,
                "failures": self.failures,
                "truths": self.truths,
                "official": self.official.tolist(),
                "with_void": self.with_void.tolist(),
                "started": self.started,
                "finished": self.finished,
            }
        ).encode()

    @classmethod
    def from_json(cls, data: bytes) -> "Part":
        """Read what `to_json` wrote."""
        values = json.loads(data)
        for name in ("official", "with_void"):
            values[name] = np.array(values[name], np.int64)
        return cls(**values | {"failures": [Failure(*pair) for pair in values["failures"]]})


def total(parts: Iterable[Part]) -> Part:
    """Add parts up, failures in their order."""
    added = Part()
    times: list[float] = []
    for part in parts:
        added.done += part.done
        added.failures += part.failures
        added.truths += part.truths
        added.official += part.official
        added.with_void += part.with_void
        times += [time for time in (part.started, part.finished) if time is not None]
    if times:
        added.started, added.finished = min(times), max(times)
    return added
