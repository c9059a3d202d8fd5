"""Street photo in, mask of categories out: a client of the Future Vision Segmentation API.

One file, Python 3.10 or later; only `Picture.image` and `.array` need Pillow and NumPy.

    from future_vision import Client
    client = Client("https://host", key="...")  # default: API_BASE_URL, API_KEY of the environment
    mask = client.predict("street.jpg").mask.array()  # (height, width) of category ids
"""

import base64
import http.client
import io
import json
import os
import random
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, TypeVar
from urllib.parse import quote, urlencode

if TYPE_CHECKING:
    import numpy.typing
    from PIL.Image import Image

_OPENER = urllib.request.OpenerDirector()  # of no redirects: they lose the photo, carry off the key
for _name in ("ProxyHandler", "HTTPHandler", "HTTPSHandler"):  # the last needs Python's ssl
    _OPENER.add_handler(getattr(urllib.request, _name, urllib.request.BaseHandler)())

T = TypeVar("T")
Photo = bytes | bytearray | memoryview | str | os.PathLike[str] | BinaryIO
"""A photo's bytes, its path, or a file opened for reading bytes: JPEG, PNG, WebP, BMP, TIFF."""


@dataclass(eq=False)
class ApiError(Exception):
    """The API refused, failed or could not be reached (status None); `detail` says it to people."""

    detail: str
    status: int | None = None
    type: str | None = None
    request_id: str | None = None
    retry_after: float | None = None

    def __str__(self) -> str:
        return self.detail

    @property
    def may_pass(self) -> bool:
        """Whether the same call can succeed later: no answer, too busy, or the API's own fault."""
        return self.status is None or self.status == 429 or self.status >= 500


class Category(NamedTuple):
    """One of the API's categories: value of its pixels, name, colour as #rrggbb."""

    id: int
    name: str
    color: str


class Scene(NamedTuple):
    """A stored photo, and whether its true mask is stored too."""

    id: str  # path of the photo without its suffix
    truth: bool


@dataclass(frozen=True)
class Picture:
    """Encoded picture bytes as the API sent them, with their media type, such as image/png."""

    media_type: str
    data: bytes = field(repr=False)

    def image(self) -> "Image":
        """Decode, upright as masks are; raises ImportError without Pillow."""
        try:
            from PIL import Image, ImageOps
        except ImportError as error:
            raise ImportError("Decoding a picture needs Pillow: pip install pillow") from error
        image = Image.open(io.BytesIO(self.data))
        ImageOps.exif_transpose(image, in_place=True)
        return image

    def array(self) -> "numpy.typing.NDArray[numpy.uint8]":
        """Decode to uint8: ids, greys (height, width), colours (height, width, 3); needs NumPy."""
        import numpy

        return numpy.asarray(self.image())


@dataclass(frozen=True)
class Prediction:
    """A predicted mask (palette PNG, the photo's size), what is in it and how it came about."""

    width: int
    height: int
    model: str  # name:version
    shares: Mapping[str, float]  # by category name, 0.0 to 1.0
    mean_confidence: float | None  # 0.0 to 1.0
    timings_ms: Mapping[str, float]
    mask: Picture


class Answer(NamedTuple):
    """What came back; the names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Client:
    """The API's questions as methods; each raises `ApiError` where there is no answer.

    Args:
        url, key: the service's address and function key; by default API_BASE_URL and API_KEY.
        timeout: seconds to wait for an answer; a sleeping service has to load its model first.
        retries: how often a busy service (429, 503) is asked again, all within `timeout`.
        token: gives an Entra token, afresh for every request: a token lives for about an hour.
    """

    def __init__(self, url: str | None = None, key: str | None = None, timeout: float = 120,
                 retries: int = 4, token: Callable[[], str] | None = None) -> None:  # fmt: skip
        url = (os.environ.get("API_BASE_URL", "") if url is None else url).rstrip("/")
        self.url = url if url.endswith("//api") else url.removesuffix("/api")
        if not self.url.startswith(("http://", "https://")):
            raise ApiError("The API's address (API_BASE_URL) must start with http:// or https://.")
        key = _secret("function key", os.environ.get("API_KEY", "") if key is None else key)
        self._key = {"x-functions-key": key} if key else {}
        self._timeout, self._retries, self._token = timeout, retries, token

    def predict(self, photo: Photo, *, model: str | None = None, void: bool = True) -> Prediction:
        """Segment a photo by the active model or `model` (name:version), with or without `void`."""
        path = _path("predict", format="json", model=model, void=void)
        return self._json(path, _prediction, photo)

    def predict_scene(self, id: str, *, model: str | None = None, void: bool = True) -> Prediction:
        """Segment a stored photo; otherwise as `predict`."""
        path = _path("predictions", id, format="json", model=model, void=void)
        return self._json(path, _prediction)

    def render(self, photo: Photo, format: str, *, alpha: float = 0.5,
               model: str | None = None, void: bool = True) -> Picture:  # fmt: skip
        """Segment a photo and draw its mask, color, overlay (colours weigh alpha) or confidence."""
        path = _path("predict", format=format, alpha=alpha, model=model, void=void)
        return self._picture(path, photo)

    def render_scene(self, id: str, format: str, *, alpha: float = 0.5,
                     model: str | None = None, void: bool = True) -> Picture:  # fmt: skip
        """Segment a stored photo; otherwise as `render`."""
        path = _path("predictions", id, format=format, alpha=alpha, model=model, void=void)
        return self._picture(path)

    def scenes(self, prefix: str = "") -> Iterator[Scene]:
        """Yield the scenes whose ids start so; a page is asked for when it is reached."""
        after: str | None = ""
        while after is not None:
            page, after = self.scene_page(prefix, after)
            yield from page

    def scene_page(self, prefix: str = "", after: str = "",
                   limit: int = 1000) -> tuple[list[Scene], str | None]:  # fmt: skip
        """Return up to `limit` scenes (1 to 1000), maybe none, and `after` of the next page."""
        page, last = self._json(_path("scenes", limit=limit, prefix=prefix, after=after), _scenes)
        return page, None if last == after else last  # the same again would never end

    def photo(self, id: str) -> Picture:
        """Return the stored photo of a scene."""
        return self._picture(_path("photos", id))

    def thumbnail(self, id: str) -> Picture:
        """Return the photo of a scene as JPEG of at most 320 pixels, upright."""
        return self._picture(_path("thumbnails", id))

    def truth(self, id: str, *, void: bool = True) -> Picture:
        """Return the true mask of a scene, a palette PNG of category ids; 255 does not count."""
        return self._picture(_path("truths", id, void=None if void else False))

    def errors(self, id: str, *, model: str | None = None, void: bool = True) -> Picture:
        """Return where a prediction is wrong (1) and right (0), as PNG; 255 does not count."""
        return self._picture(_path("errors", id, model=model, void=void))

    def evaluation(self, id: str, *, model: str | None = None) -> dict[str, Any]:
        """Return what a prediction scores by protocol, "official" and "with_void".

        Each has mean_iou, iou by category name (0.0 to 1.0, None where there is no such pixel),
        pixels, and confusion: pixels by true category (rows) and predicted one (columns).
        """
        return self._json(_path("evaluations", id, model=model), dict)

    def categories(self) -> tuple[Category, ...]:
        """Return all categories in the API's order."""
        return self._json("categories", _categories)

    def limits(self) -> dict[str, int]:
        """Return how large a photo may be: "bytes"; "pixels", and "jpeg_pixels" as JPEG."""
        return self._json("categories", lambda document: dict(document["limits"]))

    def models(self) -> dict[str, Any]:
        """Return "active", name:version or None, and "models": each one's scores, terms, input."""
        return self._json("models", dict)

    def health(self) -> dict[str, Any]:
        """Return "status" (ready or degraded), "model", "storage", "refused" and "uptime_s"."""
        return self._json("health/ready", dict)

    def fetch(self, request: urllib.request.Request, timeout: float) -> Answer:
        """Send it with a token; raises OSError or HTTPException. Override it to send otherwise."""
        if self._token is not None:
            request.add_header("Authorization", f"Bearer {_secret('token', self._token())}")
        with _OPENER.open(request, timeout=timeout) as response:
            headers = {name.lower(): value for name, value in response.headers.items()}
            return Answer(response.status, headers, response.read())

    def _picture(self, path: str, photo: Photo | None = None) -> Picture:
        answer = self._send(path, photo)
        return Picture(answer.headers.get("content-type", "image/png"), answer.body)

    def _json(self, path: str, parse: Callable[[Any], T], *sent: Any) -> T:
        answer = self._send(path, *sent)
        try:
            return parse(json.loads(answer.body))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            message = "The API answered, but not in the form this client expects."
            raise ApiError(message, 502, None, answer.headers.get("x-request-id")) from error

    def _send(self, path: str, photo: Photo | None = None, method: str | None = None) -> Answer:
        asking = urllib.request.Request(f"{self.url}/api/{path}", None, self._key, method=method)  # noqa: S310
        if photo is not None:
            data: Any = Path(photo).read_bytes() if isinstance(photo, (str, os.PathLike)) else photo
            if hasattr(data, "read") and not isinstance(data, io.TextIOBase):
                data = data.read()
            if not isinstance(data, (bytes, bytearray, memoryview)):
                raise TypeError("A photo is bytes, a path, or a file opened by open(path, 'rb').")
            asking.data = bytes(data)
            asking.add_header("Content-Type", f"application/{'json' if method else 'octet-stream'}")
        now, end, tries = time.monotonic, time.monotonic() + self._timeout, 0
        try:
            while (answer := self.fetch(asking, max(0.1, end - now()))).status not in (200, 202):
                error = _refusal(answer, f"/api/{path}")
                # Never earlier than told, and not together with everybody who was told the same.
                pause = (error.retry_after or 2**tries / 2) * random.uniform(1, 1.25)  # noqa: S311
                if error.status not in (429, 503) or tries == self._retries or now() + pause > end:
                    raise error
                time.sleep(pause)
                tries += 1
        except (OSError, http.client.HTTPException) as error:
            late = isinstance(getattr(error, "reason", error), TimeoutError)
            what = f"did not answer within {self._timeout:g} s" if late else "cannot be reached"
            raise ApiError(f"The API at {self.url} {what}.") from error
        return answer


def _refusal(answer: Answer, path: str) -> ApiError:
    """Read a problem; a proxy in between may answer with something else entirely."""
    try:
        problem = dict(json.loads(answer.body))
    except (TypeError, ValueError):
        problem = {}
    detail = problem.get("detail") or problem.get("title")
    if answer.status == 401:
        detail = "The API wants a valid function key (key= or API_KEY) or Entra token (token=)."
    elif 300 <= answer.status < 400 and (place := answer.headers.get("location")):
        detail = f"The service is at {place.removesuffix(path)}: use that address."
    detail = str(detail or f"The API answered with status {answer.status}.")
    wait, request_id = answer.headers.get("retry-after", ""), answer.headers.get("x-request-id")
    seconds = float(wait) if wait.isdecimal() else None
    return ApiError(detail, answer.status, problem.get("type"), request_id, seconds)


def _secret(name: str, given: str) -> str:
    if not ((secret := given.strip()).isascii() and secret.isprintable()):
        raise ApiError(f"The {name} holds characters that no {name} has.")
    return secret


def _path(*segments: str, **query: str | float | None) -> str:
    given = {name: value for name, value in query.items() if value is not None}
    asked = urlencode({k: str(v).lower() if isinstance(v, bool) else v for k, v in given.items()})
    return "/".join(map(quote, segments)) + (asked and f"?{asked}")


def _categories(document: dict[str, Any]) -> tuple[Category, ...]:
    rows = document["categories"]
    return tuple(Category(int(row["id"]), str(row["name"]), str(row["color"])) for row in rows)


def _scenes(document: dict[str, Any]) -> tuple[list[Scene], str | None]:
    return [Scene(str(r["id"]), bool(r["truth"])) for r in document["scenes"]], document["next"]


def _prediction(document: dict[str, Any]) -> Prediction:
    mask = document["mask"]
    if mask["encoding"] != "png;base64":
        raise ValueError(mask["encoding"])
    return Prediction(
        width=int(document["width"]), height=int(document["height"]), model=str(document["model"]),
        shares={str(row["name"]): float(row["share"]) for row in document["categories"]},
        mean_confidence=document.get("mean_confidence"),
        timings_ms={str(step): float(ms) for step, ms in document["timings_ms"].items()},
        mask=Picture("image/png", base64.b64decode(mask["data"])),
    )  # fmt: skip
