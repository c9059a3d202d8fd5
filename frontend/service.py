"""The explorer's client of the API, on a server and in a browser's Python."""

import asyncio
import concurrent.futures
import http.client
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar
from urllib.request import Request

import identity
from future_vision import Answer
from future_vision_batches import BatchClient

T = TypeVar("T")

THREADS = 64
"""Questions of all visitors that the API is asked at the same time; more wait for their turn."""


async def asked(question: Callable[[BatchClient], T]) -> T:
    """Return `question(client)`, and leave this thread free while the API works.

    A browser's Python has one thread, which also draws the page, and there only a coroutine can
    wait. So the question is asked of a client that knows no answers, and again with each answer
    that it turned out to need.
    """
    rehearsal = _Rehearsal()
    while True:
        try:
            return question(rehearsal)
        except _Wanted as wanted:
            request, timeout = wanted.args
        try:
            rehearsal.answers[request.full_url] = await _fetch(request, timeout)
        except (OSError, http.client.HTTPException) as error:
            rehearsal.answers[request.full_url] = error


def unwatched(future: asyncio.Future[T]) -> asyncio.Future[T]:
    """Keep asyncio from logging an error that comes when nobody waits for the future anymore."""
    future.add_done_callback(lambda done: done.cancelled() or done.exception())
    return future


class _Wanted(Exception):
    """The answer to this request is needed, within these seconds."""


class _Rehearsal(BatchClient):
    """Gives the answers that it knows, by address."""

    def __init__(self) -> None:
        super().__init__(retries=0)
        self.answers: dict[str, Answer | Exception] = {}

    def fetch(self, request: Request, timeout: float) -> Answer:
        answer = self.answers.get(request.full_url)
        if answer is None:
            raise _Wanted(request, timeout)
        if isinstance(answer, Exception):
            raise answer
        return answer


if sys.platform == "emscripten":
    from pyodide.ffi import JsException
    from pyodide.http import pyfetch

    async def _fetch(request: Request, timeout: float) -> Answer:
        options = {"body": request.data} if request.data is not None else {}
        method, headers = request.get_method(), dict(request.header_items())
        try:
            asking = {"method": method, "headers": headers, "redirect": "error", **options}
            async with asyncio.timeout(timeout):
                response = await pyfetch(request.full_url, **asking)
                body = await response.bytes()
        except JsException as error:
            raise OSError(str(error)) from error
        return Answer(response.status, {k.lower(): v for k, v in response.headers.items()}, body)

    def begun(question: Callable[[BatchClient], T]) -> asyncio.Future[T]:
        """Begin to ask: what comes of it, a later run of the page finds in the future."""
        return unwatched(asyncio.ensure_future(asked(question)))

else:
    # Not the loop's own threads: its end waits for them, though nobody wants their answers anymore.
    _THREADS = ThreadPoolExecutor(THREADS, thread_name_prefix="api")

    async def _fetch(request: Request, timeout: float) -> Answer:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(_THREADS, client().fetch, request, timeout)

    def begun(question: Callable[[BatchClient], T]) -> concurrent.futures.Future[T]:
        """Begin to ask: what comes of it, a later run of the page finds in the future."""
        return _THREADS.submit(question, client())


def client() -> BatchClient:
    """Return a client of the API that the environment names.

    It asks once: the page says what went wrong, and has a button to ask again.
    """
    return BatchClient(retries=0, token=identity.token if identity.audience() else None)


def keyed() -> bool:
    """Whether a key is needed: this explorer's calls would fail without one too."""
    return bool(os.environ.get("API_KEY", "").strip())
