"""Parts that several views of the page show: waiting, failures, a prediction's details."""

import asyncio
import json
import re
import time
from collections.abc import Awaitable, Mapping, Sequence
from html import escape
from itertools import islice
from typing import TypeVar

import scores
import streamlit as st
import tables
import texts
from future_vision import ApiError, Category, Prediction
from service import unwatched
from texts import text

T = TypeVar("T")

MOST_REFUSED = 3
"""As many refusals are told in full."""

PATIENCE_S = 4
"""After as many seconds a visitor is told why an answer may take its time."""

TICK_S = 1
"""Seconds after which a click on something else is noticed."""

AGAIN_S = 5
"""Seconds after which the page tries again by itself, unless the API asks for more."""

SELDOM_S = 60
"""Seconds between two tries when a failure lasts: many pages may be open."""


async def waited(answer: Awaitable[T], note: str) -> T:
    """Await an answer of the API, show that something is going on, and say why if it takes long."""
    asking = asyncio.ensure_future(answer)
    place = st.empty()
    try:
        done, _ = await asyncio.wait({asking}, timeout=0.2)
        if not done:  # what comes at once needs no note, which would only flicker
            with place.container(), st.spinner(note):
                await _watched(asking)
        return asking.result()
    finally:
        # A rerun in the midst of it leaves by an exception.
        unwatched(asking).cancel()
        place.empty()


async def _watched(asking: asyncio.Future[T]) -> None:
    """Wait, and draw something now and then: only by that Streamlit notices a wish for a rerun."""
    place, start = st.empty(), time.monotonic()
    while not (await asyncio.wait({asking}, timeout=TICK_S))[0]:
        if time.monotonic() - start < PATIENCE_S:
            place.empty()
        else:
            with place:
                st.caption(text("waiting.cold"))


async def granted(wish: str, answering: Awaitable[T], name: str) -> T | None:
    """Await what the visitor wished for; what it is, the session has under `wish`.

    A wish that a failure may only delay is kept, so that the page's next try fulfils it; one that
    was refused is remembered as such, under {wish}_refused. Failures are shown, under `name`.

    Returns:
        The answer; None where there is none.
    """
    try:
        answer = await answering
    except ApiError as error:
        if not error.may_pass:
            st.session_state[f"{wish}_refused"] = st.session_state.pop(wish)
        show_error(error, name)
        return None
    del st.session_state[wish]
    return answer


def show_error(error: ApiError, name: str) -> None:
    """Say what went wrong; where another try can help, offer it, and make one after a while.

    The button does nothing but rerun the page: failed answers are kept nowhere.
    """
    st.error(plain(explained(error)))
    if error.request_id:
        st.caption(text("error.request_id", id=plain(error.request_id)))
    if error.may_pass:
        st.button(text("error.retry"), key=f"{name}_retry")
        seconds = _pause(error)
        st.caption(text("error.again", seconds=seconds))
        _rerun_later(seconds)


def _pause(error: ApiError) -> int:
    """Return the seconds until the next try: half of what the failure has lasted, within bounds."""
    now = time.monotonic()
    first, last = st.session_state.get("failing", (now, now))
    if now - last > 2 * SELDOM_S:  # that was another failure
        first = now
    st.session_state["failing"] = (first, now)
    return max(AGAIN_S, int(min((now - first) / 2, SELDOM_S)), int(error.retry_after or 0))


def explained(error: ApiError) -> str:
    """Say in the visitor's language what went wrong.

    The API speaks English and goes into details; other languages know the kinds of problems.
    """
    if texts.language() == "en":
        return error.detail
    kind = f"problem.{str(error.type).rpartition(':')[2]}"
    if texts.known(kind):
        return text(kind)
    if error.status is None:
        return text("problem.unreachable")
    return text("problem.other", detail=error.detail)


def show_refused(refused: Mapping[str, ApiError]) -> None:
    """Say why scenes, given by their ids with the errors, are missing: in full of the first few.

    All of them often have the same reason.
    """
    for id, error in islice(refused.items(), MOST_REFUSED):
        st.warning(plain(f"{id}: {explained(error)}"))
    if (more := len(refused) - MOST_REFUSED) > 0:
        st.warning(text("quality.refused", count=texts.number(more)))


def _rerun_later(seconds: int) -> None:
    drawn = False

    @st.fragment(run_every=seconds)
    def again() -> None:
        nonlocal drawn
        if drawn:
            st.rerun()
        drawn = True

    again()


def plain(words: str) -> str:
    """Escape text for Streamlit's Markdown, so that nothing in it is taken for markup."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", words)


def facts(rows: Mapping[str, str], *, well: bool) -> str:
    """Return a list of names and values, marked by whether all is well."""
    listed = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>"
        for name, value in rows.items()
    )
    return f'<dl class="fv-status fv-{"well" if well else "unwell"}">{listed}</dl>'


def show_scores(
    caption: str, note: str, categories: Sequence[Category], iou: scores.IoU, matrix: scores.Matrix
) -> None:
    """Show the official scores of several scenes as one: IoUs, and where the pixels went.

    Args:
        caption: of the IoUs.
        note: below them.
        categories: all of them.
        iou: of those that the protocol counts.
        matrix: pixels by true category (rows) and predicted one, of all categories.
    """
    left, right = st.columns(2, gap="large")
    with left:
        st.html(tables.iou_bars(caption, categories, iou, scores.mean(iou)))
        st.caption(note)
    with right:
        places = [place for place, row in enumerate(categories) if row.name in iou]
        counted = [[matrix[i][j] for j in places] for i in places]
        rows = [categories[place] for place in places]
        st.html(tables.confusion(text("scores.confusion_caption"), rows, counted))


def page_of(rows: Sequence[T], key: str, size: int) -> tuple[int, Sequence[T]]:
    """Draw the choice of a page where there are several.

    Returns:
        How many rows are before the page, and the page's rows, at most `size` of them.
    """
    pages = max(1, -(-len(rows) // size))
    page = st.session_state[key] = min(st.session_state.get(key, 1), pages)
    if pages > 1:
        page = int(st.pagination(pages, key=key))
    before = (page - 1) * size
    return before, rows[before : before + size]


def show_origin(prediction: Prediction, letter: str = "") -> None:
    """Say which model made it (A or B, if there are two), how sure it was, what each step took."""
    said = [prediction.model, text("origin.size", width=prediction.width, height=prediction.height)]
    if letter:
        said.insert(0, letter)
    if prediction.mean_confidence is None:
        said.append(text("origin.no_confidence"))
    else:
        said.append(text("origin.confidence", share=texts.percent(prediction.mean_confidence)))
    said.append(_timing(prediction.timings_ms))
    st.caption(plain(" · ".join(said)))


def _timing(timings_ms: Mapping[str, float]) -> str:
    steps = dict(timings_ms)
    total = steps.pop("total", sum(steps.values()))
    listed = ", ".join(f"{_step(step)} {texts.number(ms)}" for step, ms in steps.items())
    return text("origin.timing", total=texts.number(total), steps=listed)


def _step(name: str) -> str:
    key = f"step.{name}"
    return text(key) if texts.known(key) else name


def document(prediction: Prediction) -> str:
    """Return all that is known of a predicted mask, as JSON for download."""
    known = {
        "model": prediction.model,
        "width": prediction.width,
        "height": prediction.height,
        "shares": dict(prediction.shares),
        "mean_confidence": prediction.mean_confidence,
        "timings_ms": dict(prediction.timings_ms),
    }
    return json.dumps(known, indent=2, ensure_ascii=False)
