"""The work: photos of a group to masks and scores, in a part that is created once."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from function_app.batches import records
from function_app.batches.pages import sum_if_complete
from function_app.batches.part import Failure, Part
from function_app.batches.planning import GroupTask
from function_app.batches.request import EVALUATION, MASKS, Batch
from function_app.settings import settings
from function_app.storage.blobs import BlobTooLarge, Stored, container, download, read_blob
from function_app.storage.deadline import BlobMissing
from function_app.storage.model_store import MODELS
from function_app.storage.prediction_store import PREDICTIONS
from function_app.storage.scene_store import (
    Blob,
    SceneEntry,
    scene_id,
    truths_beside,
)
from function_app.vision.labels import LabelError, Truth, decode_truth
from function_app.vision.photo import PhotoError, encode_mask
from function_app.vision.prediction import predict, predict_both
from function_app.vision.segmenter import Segmenter

AHEAD = 2
"""Photos that are read while another is worked on: enough that nobody waits for storage."""

GAVE_UP = "It failed again and again, alone; the log knows why."

A = TypeVar("A")
R = TypeVar("R")

_io = ThreadPoolExecutor(2 * AHEAD, "batch")


class _Read(NamedTuple):
    photo: Stored
    truth: Truth | None


def work(batch: Batch, task: GroupTask) -> Part | None:
    """Do what a batch asks for with the photos of a group, unless that is done.

    What is wrong with a photo becomes a failure of that photo. What is wrong with storage is
    raised, and the group may be tried again: masks are overwritten by the same masks.

    Returns:
        The part; None if there was one already, or the batch is stopped.

    Raises:
        NoModel, StorageError: see there.
    """
    name = records.part_name(batch.id, task.page, task.group)
    if records.read(name) is not None or records.stopped(batch.id) is not None:
        return None
    started = time.time()
    segmenter = MODELS.get(batch.model)
    part, writes = Part(started=started), list[Future[None]]()
    scored = EVALUATION in batch.outputs
    for photo, reading in _ahead(partial(_read, scored=scored), task.photos):
        try:
            read = reading()
            mask = _predict(segmenter, read, part)
            if MASKS in batch.outputs:
                scene = SceneEntry(scene_id(photo), Blob(photo, read.photo.etag), None)
                stored = batch.model, scene, encode_mask(mask), batch.sha256
                writes.append(_io.submit(PREDICTIONS.store, *stored))
            part.done += 1
        except BlobMissing:
            part.failures.append(Failure(scene_id(photo), "The photo is no longer stored."))
        except (BlobTooLarge, PhotoError, LabelError) as error:
            part.failures.append(Failure(scene_id(photo), str(error)))
    for write in writes:
        write.result()
    part.finished = time.time()
    if not records.create(name, part.to_json()):
        return None
    sum_if_complete(batch.id, task.page)
    return part


def give_up(batch: Batch, task: GroupTask) -> list[GroupTask]:
    """End a group that failed too often: its photos are tried alone, and one alone is a failure.

    Whoever still works on the group, and finishes after all, finds its part taken.

    Returns:
        The tasks of single photos, the same if called again.

    Raises:
        StorageError: see there.
    """
    name = records.part_name(batch.id, task.page, task.group)
    if len(task.photos) == 1:
        now, failure = time.time(), Failure(scene_id(task.photos[0]), GAVE_UP)
        records.create(name, Part(failures=[failure], started=now, finished=now).to_json())
        return []
    if not records.create(name, Part().to_json()) and _is_done(name):
        return []
    return [
        GroupTask(batch.id, task.page, f"{task.group}.{n:02}", [photo])
        for n, photo in enumerate(task.photos)
    ]


def _is_done(name: str) -> bool:
    part = records.read_part(name)
    return part is not None and part.photos > 0


def _predict(segmenter: Segmenter, read: _Read, part: Part) -> NDArray[np.uint8]:
    """Return the mask of a photo, its pixels counted where there is a truth."""
    limit = settings().max_pixels
    if read.truth is None:
        return predict(read.photo.data, segmenter, max_pixels=limit).mask
    mask, without_void = predict_both(read.photo.data, segmenter, max_pixels=limit)
    part.count(read.truth, mask, without_void)
    return mask


def _read(photo: str, *, scored: bool) -> _Read:
    scenes = container(settings().scenes_container)
    stored = download(scenes, photo, settings().max_body_bytes)
    return _Read(stored, _truth(photo) if scored else None)


def _truth(photo: str) -> Truth | None:
    scenes = container(settings().scenes_container)
    for name in truths_beside(photo):
        try:
            return decode_truth(read_blob(scenes, name), name)
        except BlobMissing:
            continue
    return None


def _ahead(function: Callable[[A], R], items: Iterable[A]) -> Iterator[tuple[A, Callable[[], R]]]:
    """Call a function in threads, a little ahead; gives items with what awaits their results."""
    waiting: deque[tuple[A, Future[R]]] = deque()
    for item in items:
        waiting.append((item, _io.submit(function, item)))
        if len(waiting) > AHEAD:
            done, future = waiting.popleft()
            yield done, future.result
    while waiting:
        done, future = waiting.popleft()
        yield done, future.result
