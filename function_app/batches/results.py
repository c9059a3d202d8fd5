"""Results of photos, and how they add up to the results of a batch."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from function_app.batches import batch_store
from function_app.vision.comparison import confusion_matrices, scores_of
from function_app.vision.evaluation import ALL, COUNT, OFFICIAL
from function_app.vision.labels import Truth


class Failure(NamedTuple):
    """A photo that could not be used: its scene's id, and why, fit for the caller's eyes."""

    id: str
    reason: str


def _no_pixels() -> NDArray[np.int64]:
    return np.zeros((COUNT, COUNT), np.int64)


@dataclass(slots=True)
class Totals:
    """What became of any number of photos, in numbers that add up.

    Attributes:
        done: photos with all that was asked for.
        failed: the others.
        truths: photos that were scored.
        official, with_void: confusion matrices (8, 8) of these, true by predicted category.
        started, finished: Unix time in seconds; None where nothing was done.
    """

    done: int = 0
    failed: int = 0
    truths: int = 0
    official: NDArray[np.int64] = field(default_factory=_no_pixels)
    with_void: NDArray[np.int64] = field(default_factory=_no_pixels)
    started: float | None = None
    finished: float | None = None

    @property
    def photos(self) -> int:
        """How many photos it is about."""
        return self.done + self.failed

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

    def add(self, other: "Totals") -> None:
        """Add the results of other photos."""
        self.done += other.done
        self.failed += other.failed
        self.truths += other.truths
        self.official += other.official
        self.with_void += other.with_void
        self.started = min((t for t in (self.started, other.started) if t), default=None)
        self.finished = max((t for t in (self.finished, other.finished) if t), default=None)

    def evaluation(self) -> dict[str, Any] | None:
        """Return the scores of all photos together; None where there is no truth."""
        if not self.truths:
            return None
        return {
            "photos": self.truths,
            "official": scores_of(self.official, OFFICIAL),
            "with_void": scores_of(self.with_void, ALL),
        }

    def to_dict(self) -> dict[str, Any]:
        """Return what JSON can hold."""
        matrices = {"official": self.official.tolist(), "with_void": self.with_void.tolist()}
        return asdict(self) | matrices

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Totals":
        """Read what `to_dict` returned."""
        names = ("official", "with_void")
        return cls(**values | {name: np.array(values[name], np.int64) for name in names})


class GroupResult(NamedTuple):
    """What became of the first photos of a group.

    Attributes:
        group: its name within its page.
        totals: of as many of its photos, from the first one, as were worked on.
        failures: of these.
        alone: whether each of the photos that are left is tried in a group of its own.
    """

    group: str
    totals: Totals
    failures: list[Failure]
    alone: bool = False


def total(results: Iterable[GroupResult]) -> Totals:
    """Add results up."""
    added = Totals()
    for result in results:
        added.add(result.totals)
    return added


def add_result(batch: str, page: int, result: GroupResult) -> int:
    """Store a group's result, and return how many results its page has at least.

    Raises:
        StorageError: it could not be stored.
    """
    line = result._asdict() | {"totals": result.totals.to_dict()}
    return batch_store.append(batch_store.results_log(batch, page), line)


def page_results(batch: str, page: int) -> dict[str, GroupResult]:
    """Return the results of a page's groups so far, in order of the groups' names.

    Of several results of one group the first counts: it was delivered more than once.

    Raises:
        StorageUnavailable: storage does not answer.
    """
    found: dict[str, GroupResult] = {}
    for line in batch_store.read_log(batch_store.results_log(batch, page)):
        if line["group"] not in found:
            failures = [Failure(*failure) for failure in line["failures"]]
            totals = Totals.from_dict(line["totals"])
            found[line["group"]] = GroupResult(**line | {"totals": totals, "failures": failures})
    return dict(sorted(found.items()))


def pages_with_results(batch: str) -> set[int]:
    """Return the pages of which a group has a result, by one listing.

    Raises:
        StorageError: storage does not answer.
    """
    prefix = batch_store.results_prefix(batch)
    names = batch_store.names(prefix)
    return {int(name.removeprefix(prefix).removesuffix(".log")) for name in names}


def add_page_up(batch: str, page: int, photos: int) -> Totals:
    """Return the totals of a page so far; of one that is complete, they are kept for all.

    Args:
        batch: its id.
        page: from 0.
        photos: how many it has.

    Raises:
        StorageError: storage does not answer.
    """
    totals = total(page_results(batch, page).values())
    if totals.photos == photos:
        batch_store.append(
            batch_store.totals_log(batch), {"page": page, "totals": totals.to_dict()}
        )
    return totals


def totals_by_page(batch: str) -> dict[int, Totals]:
    """Return the totals of the pages that are complete, as far as they are kept.

    Raises:
        StorageUnavailable: storage does not answer.
    """
    lines = batch_store.read_log(batch_store.totals_log(batch))
    return {line["page"]: Totals.from_dict(line["totals"]) for line in lines}
