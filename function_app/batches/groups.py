"""The work: photos of a group to masks and scores, in a result that counts once."""

import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from functools import partial
from typing import NamedTuple

from function_app.batches import batch_store
from function_app.batches.messages import GroupTask
from function_app.batches.planning import GROUP, left_of
from function_app.batches.request import EVALUATION, MASKS, Batch
from function_app.batches.results import (
    Failure,
    GroupResult,
    Totals,
    add_page_up,
    add_result,
    page_results,
)
from function_app.settings import settings
from function_app.storage import prediction_store
from function_app.storage.account import container
from function_app.storage.blobs import BlobTooLarge, Stored, download
from function_app.storage.concurrency import start, storage_time, wait_for
from function_app.storage.errors import BlobMissing, StorageError, StorageUnavailable
from function_app.storage.model_store import MODELS
from function_app.storage.prediction_store import Origin
from function_app.storage.published_models import NoModel
from function_app.storage.scene_store import scene_id, truth_names
from function_app.vision.labels import LabelError, Truth, decode_truth
from function_app.vision.photo import PhotoError, encode_mask
from function_app.vision.prediction import predict, predict_with_and_without_void
from function_app.vision.segmenter import Segmenter

AHEAD = 2
"""Photos that are read while another is worked on: enough that nobody waits for storage."""

FINISH_SECONDS = 30.0
"""How long storage may keep waiting what was done: masks, and the group's result."""

GAVE_UP = "It failed again and again, alone; the log knows why."


class _Read(NamedTuple):
    photo: Stored
    truth: Truth | None


class _Worked(NamedTuple):
    """A photo that was worked on; its mask may still be being stored."""

    totals: Totals
    failures: Sequence[Failure] = ()
    storing: Future[None] | None = None


def work_on(
    batch: Batch, task: GroupTask, end: float
) -> tuple[GroupResult | None, list[GroupTask]]:
    """Do what a batch asks for with the photos of a group.

    What is wrong with a photo becomes a failure of that photo. What is wrong with storage ends the
    work, and so does the time: what is done by then counts, the rest is a group of its own.

    A group may be done already: its message is delivered again, or its page was split again while
    the message waited. Results are therefore looked up before every group, in one read.

    Args:
        batch: what is asked for.
        task: the group.
        end: `monotonic()` after which no other photo is begun.

    Returns:
        The result, None if nothing was done because nothing is left to do; and the groups that
        follow.

    Raises:
        StorageError: nothing was done, the group must be delivered again.
    """
    if batch_store.stopped(batch.id) is not None:
        return None, []
    left = left_of(task, page_results(batch.id, task.page))
    if left != [task]:
        return None, left
    model = _pinned_model(batch)
    if model is None:
        return None, []
    started, (worked, fault) = time.time(), _work(batch, task.photos, model, end)
    with storage_time(FINISH_SECONDS):
        result = _result(task.group, started, worked, fault)
        stored = add_result(batch.id, task.page, result)
        if result.totals.photos < len(task.photos):
            # Not necessarily behind this result: another delivery's may have come first.
            return result, left_of(task, page_results(batch.id, task.page))
        if stored * GROUP >= task.of:
            add_page_up(batch.id, task.page, task.of)
        return result, []


def give_up(batch: Batch, task: GroupTask) -> list[GroupTask]:
    """End a group that failed too often: its photos are tried alone, and one alone is a failure.

    Whoever still works on the group, and finishes after all, comes second.

    Returns:
        The groups that follow, the same if called again.

    Raises:
        StorageError: storage does not answer.
    """
    if left_of(task, page_results(batch.id, task.page)) == [task]:
        result = GroupResult(task.group, Totals(), [], alone=True)
        if len(task.photos) == 1:
            now, failure = time.time(), Failure(_id(task.photos[0]), GAVE_UP)
            result = GroupResult(task.group, Totals(failed=1, started=now, finished=now), [failure])
        add_result(batch.id, task.page, result)
    return left_of(task, page_results(batch.id, task.page))


def _pinned_model(batch: Batch) -> Segmenter | None:
    """Return the model of a batch; if it cannot be used, end the batch and return None."""
    try:
        model = MODELS.get(batch.model)
    except NoModel as error:
        batch_store.stop(batch.id, f"its model cannot be used: {error}")
        return None
    if model.manifest.sha256 != batch.sha256:
        batch_store.stop(batch.id, f"another file was published as model {batch.model} since")
        return None
    return model


def _work(
    batch: Batch, photos: list[str], model: Segmenter, end: float
) -> tuple[list[_Worked], StorageError]:
    """Work on photos, from the first one on, until time is over or storage fails.

    Returns:
        What became of them, and why there are no more of them if there are not.
    """
    worked: list[_Worked] = []
    fault: StorageError = StorageUnavailable("no photo could be read in time", "no answer")
    for photo, reading in _ahead(photos, scored=EVALUATION in batch.outputs):
        left = end - time.monotonic()
        if left <= 0:
            break
        try:
            with storage_time(left):
                worked.append(_predict(batch, photo, wait_for(reading), model))
        except BlobMissing:
            worked.append(_failed(photo, "The photo is no longer stored."))
        except (BlobTooLarge, PhotoError, LabelError) as error:
            worked.append(_failed(photo, str(error)))
        except StorageError as error:
            return worked, error
    return worked, fault


def _result(
    group: str, started: float, worked: Sequence[_Worked], fault: StorageError
) -> GroupResult:
    """Return what counts of a group: its photos up to the first whose mask could not be stored.

    Raises:
        StorageError: none counts; the fault, or that of storing the first mask.
    """
    result = GroupResult(group, Totals(), [])
    for photo in worked:
        try:
            if photo.storing is not None:
                wait_for(photo.storing)
        except StorageError as error:
            fault = error
            break
        result.totals.add(photo.totals)
        result.failures.extend(photo.failures)
    if not result.totals.photos:
        raise fault
    result.totals.started, result.totals.finished = started, time.time()
    return result


def _predict(batch: Batch, photo: str, read: _Read, model: Segmenter) -> _Worked:
    """Make what a batch asks for of a photo; storing its mask is begun."""
    limit, totals = settings().max_pixels, Totals(done=1)
    if read.truth is None:
        mask = predict(read.photo.data, model, max_pixels=limit).mask
    else:
        mask, without_void = predict_with_and_without_void(read.photo.data, model, max_pixels=limit)
        totals.count(read.truth, mask, without_void)
    if MASKS not in batch.outputs:
        return _Worked(totals)
    origin = Origin(_id(photo), read.photo.etag, batch.model, model.manifest.sha256)
    storing = start(partial(prediction_store.store, origin, encode_mask(mask)))
    return _Worked(totals, storing=storing)


def _failed(photo: str, reason: str) -> _Worked:
    return _Worked(Totals(failed=1), [Failure(_id(photo), reason)])


def _ahead(photos: list[str], *, scored: bool) -> Iterator[tuple[str, Future[_Read]]]:
    """Read photos a little ahead; gives each with what awaits its bytes."""
    waiting: deque[tuple[str, Future[_Read]]] = deque()
    for photo in photos:
        waiting.append((photo, start(partial(_read, photo, scored))))
        if len(waiting) > AHEAD:
            yield waiting.popleft()
    yield from waiting


def _read(photo: str, scored: bool) -> _Read:
    scenes = container(settings().scenes_container)
    stored = download(scenes, photo, settings().max_body_bytes)
    return _Read(stored, _truth(photo) if scored else None)


def _truth(photo: str) -> Truth | None:
    scenes = container(settings().scenes_container)
    for name in truth_names(_id(photo)):
        try:
            return decode_truth(download(scenes, name, settings().max_body_bytes).data, name)
        except BlobMissing:
            continue
        except BlobTooLarge as error:
            raise LabelError(f"{name}: {error}") from error
    return None


def _id(photo: str) -> str:
    return scene_id(photo) or ""  # the plan has photos alone
