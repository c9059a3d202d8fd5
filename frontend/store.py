"""What the page keeps of the API's answers, so that a rerun asks only for what is new.

Answers are kept for all visitors, within a budget of bytes. Failed calls raise, and what raises is
not kept: the next run asks again.
"""

import asyncio
import sys
import threading
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import wraps
from http import HTTPStatus
from typing import Any, ParamSpec, TypeVar

import pictures
from cachetools import TTLCache
from future_vision import ApiError, Category, Client, Picture, Prediction, Scene
from service import asked, client

P = ParamSpec("P")
T = TypeVar("T")

LISTED = 50_000
"""As many scenes can be paged through; a folder or a link leads to any other."""

FIRST_SCENES = 1_000
"""As many are enough for a first page: one answer of the API."""

MEGABYTE = 1_000_000
AT_ONCE = 4
"""Thumbnails that are asked for at the same time."""

_lock = threading.Lock()
_caches: list[TTLCache[Any, Any]] = []


@dataclass(frozen=True)
class SceneList:
    """Scenes in the API's order; not `complete` where the API knows more of them."""

    scenes: tuple[Scene, ...]
    complete: bool


def _bytes(value: object) -> int:
    if isinstance(value, Picture):
        return len(value.data) + 200
    inside: Iterable[object] = ()
    if isinstance(value, Prediction):
        inside = vars(value).values()
    elif isinstance(value, dict):
        inside = value.values()
    elif isinstance(value, (tuple, list)):
        inside = value
    return sys.getsizeof(value) + sum(map(_bytes, inside))


def _kept(
    seconds: float, megabytes: float
) -> Callable[[Callable[P, Awaitable[T]]], Callable[P, Awaitable[T]]]:
    """Keep a coroutine's results by their arguments, for so long and up to so much."""
    cache: TTLCache[Any, Any] = TTLCache(megabytes * MEGABYTE, seconds, getsizeof=_bytes)
    _caches.append(cache)

    def keeping(function: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
        @wraps(function)
        async def ask(*args: P.args, **kwargs: P.kwargs) -> T:
            key = (client().url, args, *kwargs.items())
            with _lock, suppress(KeyError):
                found: T = cache[key]
                return found
            result = await function(*args, **kwargs)
            # What alone is above the budget is not kept.
            with _lock, suppress(ValueError):
                cache[key] = result
            return result

        return ask

    return keeping


def forget() -> None:
    """Forget every answer."""
    with _lock:
        for cache in _caches:
            cache.clear()


@_kept(600, 1)
async def categories() -> tuple[Category, ...]:
    """Return all categories."""
    return await asked(lambda client: client.categories())


@_kept(600, 1)
async def limits() -> dict[str, int]:
    """Return how large a photo may be: "bytes", "pixels", and "jpeg_pixels" as JPEG."""
    return await asked(lambda client: client.limits())


@_kept(30, 1)
async def models() -> dict[str, Any]:
    """Return the published models and which one is active, as the API tells."""
    return await asked(lambda client: client.models())


async def scenes(most: int, prefix: str = "") -> SceneList:
    """Return the first `most` scenes whose ids begin so, a page of the API more or less."""
    found: list[Scene] = []
    after: str | None = ""
    while after is not None and len(found) < most:
        page, after = await _page(after, prefix)
        found += page
    return SceneList(tuple(found), complete=after is None)


@_kept(60, 8)
async def _page(after: str, prefix: str = "") -> tuple[list[Scene], str | None]:
    return await asked(lambda client: client.scene_page(prefix, after, FIRST_SCENES))


async def count(prefix: str) -> tuple[int, bool]:
    """Return how many scenes have ids that begin so, up to a page, and whether those are all."""
    page, after = await _page("", prefix)
    return len(page), after is None


@_kept(60, 1)
async def find_scene(scene_id: str) -> Scene | None:
    """Return the scene of that id, None where there is none."""
    if not await _exists(photo(scene_id)):
        return None
    return Scene(scene_id, truth=await _exists(truth(scene_id)))


async def _exists(picture: Awaitable[Picture]) -> bool:
    try:
        await picture
    except ApiError as error:
        if error.status == HTTPStatus.NOT_FOUND:
            return False
        raise
    return True


async def upright(picture: Picture | None, overlay: Callable[[Client], Picture]) -> Picture:
    """Return a photo as a browser shows it upright; see `pictures.needs_drawing`.

    Args:
        picture: the photo; None where no browser shows it.
        overlay: asks for the photo's overlay without colours: the photo, upright, as JPEG.
    """
    if picture and not pictures.needs_drawing(picture):
        return picture
    try:
        return await asked(overlay)
    except ApiError as error:
        if picture is None or error.may_pass:
            raise
        return picture


@_kept(3600, 64)
async def photo(scene_id: str) -> Picture:
    """Return the photo of a scene as a browser shows it upright."""
    stored = await asked(lambda client: client.photo(scene_id))
    return await upright(stored, lambda client: client.render_scene(scene_id, "overlay", alpha=0))


@_kept(3600, 16)
async def truth(scene_id: str, *, void: bool = True) -> Picture:
    """Return the true mask of a scene, with or without void."""
    return await asked(lambda client: client.truth(scene_id, void=void))


@_kept(3600, 32)
async def prediction(scene_id: str, model: str, *, void: bool) -> Prediction:
    """Return what a model makes of a scene, with or without void."""
    return await asked(lambda client: client.predict_scene(scene_id, model=model, void=void))


@_kept(3600, 16)
async def confidence(scene_id: str, model: str, *, void: bool) -> Picture:
    """Return a model's confidence map of a scene, with or without void."""
    return await asked(
        lambda client: client.render_scene(scene_id, "confidence", model=model, void=void)
    )


@_kept(3600, 12)
async def evaluation(scene_id: str, model: str) -> dict[str, Any]:
    """Return what a model scores on a scene."""
    return await asked(lambda client: client.evaluation(scene_id, model=model))


@_kept(3600, 16)
async def thumbnail(scene_id: str) -> Picture:
    """Return the small photo of a scene."""
    return await asked(lambda client: client.thumbnail(scene_id))


async def thumbnails(scene_ids: Sequence[str]) -> list[Picture | None]:
    """Return the small photos of these scenes, in their order; None where the API refuses one."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(scene_id: str) -> Picture | None:
        async with turns:
            try:
                return await thumbnail(scene_id)
            except ApiError as error:
                if error.may_pass:
                    raise
                return None  # one damaged photo must not hide the others

    return await asyncio.gather(*(one(scene_id) for scene_id in scene_ids))
