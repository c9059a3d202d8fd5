"""The prediction API in types: one function per question, `ApiError` where there is no answer."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from transport import Answer, ApiError, base_url, send, send_async

T = TypeVar("T")

PAGE = 1000
"""Scenes a page: the most the API gives."""


@dataclass(frozen=True)
class Category:
    """One of the API's categories."""

    id: int
    name: str
    color: str


@dataclass(frozen=True)
class Share:
    """A category and the part of a picture's pixels that it holds, 0.0 to 1.0."""

    category: Category
    share: float


@dataclass(frozen=True)
class Scene:
    """A stored photo, and whether its true mask is stored too."""

    id: str
    truth: bool


@dataclass(frozen=True)
class SceneList:
    """Scenes in order of their ids; not `complete` where the API knows more of them."""

    scenes: tuple[Scene, ...]
    complete: bool


@dataclass(frozen=True)
class Picture:
    """Encoded picture bytes as the API sent them."""

    media_type: str
    data: bytes


@dataclass(frozen=True)
class Prediction:
    """A predicted mask (palette PNG, the photo's size), what is in it and how it came about."""

    width: int
    height: int
    model: str
    shares: tuple[Share, ...]
    timings_ms: dict[str, float]
    mask: Picture


def models_url() -> str:
    """Return the address at which the API tells about its models: scores, terms, versions."""
    return f"{base_url()}/api/models"


def categories() -> tuple[Category, ...]:
    """Return all categories in the API's order."""
    answer = send("/api/categories")
    return _parsed(answer, lambda document: tuple(map(_category, document["categories"])))


def active_model() -> str | None:
    """Return the active model as name:version, None where there is none."""
    return _parsed(send("/api/models"), _active)


def scenes(limit: int = 10 * PAGE) -> SceneList:
    """Return the first scenes, collected page by page.

    Args:
        limit: how many scenes at most, rounded up to whole pages.
    """
    found: list[Scene] = []
    after: str | None = ""
    while after is not None and len(found) < limit:
        query = urlencode({"limit": PAGE, "after": after})
        page, after = _parsed(send(f"/api/scenes?{query}"), _scene_page)
        found += page
    return SceneList(tuple(found), complete=after is None)


def find_scene(scene_id: str) -> Scene | None:
    """Return the scene of that id, None where there is none."""
    query = urlencode({"prefix": scene_id, "limit": 1})
    page, _ = _parsed(send(f"/api/scenes?{query}"), _scene_page)
    # Ids come in order, so the id itself comes before all that only start with it.
    return page[0] if page and page[0].id == scene_id else None


def photo(scene_id: str) -> Picture:
    """Return the stored photo of a scene."""
    return _picture(send(f"{_scene(scene_id)}/photo"))


def truth(scene_id: str) -> Picture:
    """Return the true mask of a scene."""
    return _picture(send(f"{_scene(scene_id)}/truth"))


async def predict_scene(scene_id: str) -> Prediction:
    """Have the API segment a stored photo."""
    return _parsed(await send_async(f"{_scene(scene_id)}/prediction?format=json"), _prediction)


async def predict_photo(data: bytes) -> Prediction:
    """Have the API segment these bytes, whatever they are; it tells what it cannot read."""
    return _parsed(await send_async("/api/predict?format=json", data), _prediction)


async def render_photo(data: bytes) -> Picture:
    """Have the API turn these bytes into a picture that every browser shows."""
    return _picture(await send_async("/api/predict?format=overlay&alpha=0", data))


def _parsed(answer: Answer, parse: Callable[[Any], T]) -> T:
    try:
        return parse(json.loads(answer.body))
    except (KeyError, TypeError, ValueError) as error:
        message = "The API answered, but not in the form this page expects."
        raise ApiError(message, 502, answer.headers.get("x-request-id")) from error


def _scene(scene_id: str) -> str:
    return f"/api/scenes/{quote(scene_id, safe='')}"


def _picture(answer: Answer) -> Picture:
    return Picture(answer.headers.get("content-type", "image/png"), answer.body)


def _active(document: dict[str, Any]) -> str | None:
    active = document["active"]
    return None if active is None else str(active)


def _category(row: dict[str, Any]) -> Category:
    return Category(int(row["id"]), str(row["name"]), str(row["color"]))


def _scene_page(document: dict[str, Any]) -> tuple[list[Scene], str | None]:
    page = [Scene(str(row["id"]), bool(row["truth"])) for row in document["scenes"]]
    # A page that is empty ends the list, whatever it says of a next one.
    return page, document["next"] if page else None


def _prediction(document: dict[str, Any]) -> Prediction:
    if document["mask"]["encoding"] != "png;base64":
        raise ValueError(document["mask"]["encoding"])
    return Prediction(
        width=int(document["width"]),
        height=int(document["height"]),
        model=str(document["model"]),
        shares=tuple(Share(_category(row), float(row["share"])) for row in document["categories"]),
        timings_ms={str(step): float(ms) for step, ms in document["timings_ms"].items()},
        mask=Picture("image/png", base64.b64decode(document["mask"]["data"])),
    )
