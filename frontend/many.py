"""Asking the API about many things, a few at a time, while the visitor sees how far it is."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus
from typing import TypeVar

import parts
import streamlit as st
import texts
from future_vision import ApiError
from texts import text

T = TypeVar("T")

AT_ONCE = 3
"""As many questions the API is asked at the same time."""

TICK_S = 1
"""Seconds after which progress is shown anew, and a click on something else is noticed."""

NOT_THE_ITEM = ("unknown-model", "unusable-model")
"""Problems of the model, whatever it is asked about."""


async def ask_each(
    items: Sequence[T],
    ask: Callable[[T], Awaitable[None]],
    refused: Callable[[T, ApiError], None],
    before: int = 0,
) -> None:
    """Ask about each item, under a bar that says how many are done and how long the rest takes.

    A click on something else ends it; what is left is for the next run of the page to ask.

    Args:
        items: what is left.
        ask: asks about an item and keeps what comes.
        refused: is told what the API will never answer.
        before: how many were done earlier.

    Raises:
        ApiError: one that may pass, or is about the model or the visitor's rights. What was under
            way by then is finished, no more is asked for.
    """
    turns, failures = asyncio.Semaphore(AT_ONCE), list[ApiError]()

    async def one(item: T) -> None:
        async with turns:
            if failures:
                return
            try:
                await ask(item)
            except ApiError as error:
                if error.may_pass or _of_all(error):
                    failures.append(error)
                else:
                    refused(item, error)

    total, start = before + len(items), time.monotonic()
    bar = st.progress(before / total, text("many.first"))
    tasks = [asyncio.ensure_future(one(item)) for item in items]
    pending = set(tasks)
    try:
        while pending:
            done, pending = await asyncio.wait(
                pending, timeout=TICK_S, return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                task.result()
            ended = len(items) - len(pending)
            slow = not ended and time.monotonic() - start > parts.PATIENCE_S
            left = (time.monotonic() - start) / max(ended, 1) * len(pending)
            said = {"done": texts.number(before + ended), "total": texts.number(total)}
            words = text("many.progress", **said, time=texts.duration(left))
            first = text("waiting.cold" if slow else "many.first")
            bar.progress((before + ended) / total, words if ended else first)
    finally:
        # A rerun in the midst of it leaves by an exception.
        for task in tasks:
            task.cancel()
        bar.empty()
    if failures:
        raise failures[0]


def _of_all(error: ApiError) -> bool:
    """Whether an error has nothing to do with the item that was asked about."""
    rights = error.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
    return rights or str(error.type).rpartition(":")[2] in NOT_THE_ITEM
