"""A model's scores on the stored scenes, computed while one watches, and its worst scenes."""

import asyncio
import time
from collections.abc import Sequence
from html import escape
from itertools import islice

import parts
import pictures
import scores
import store
import streamlit as st
import tables
import texts
from future_vision import ApiError, Category, Picture
from scores import Evaluation, SceneScore
from texts import number, text

MOST, USUAL = 1000, 24
"""Scenes that are evaluated at once: at most, and unless something else is said."""

AT_ONCE = 3
"""Scenes that the API is asked about at the same time."""

TICK_S = 1
"""Seconds after which progress is shown anew, and a click on something else is noticed."""

PER_PAGE = 10

MOST_REFUSED = 3
"""As many refusals are told in full; all of them often have the same reason."""


async def show(model: str, categories: Sequence[Category]) -> None:
    """Offer to evaluate stored scenes, do so, and show what came of it so far.

    What is wanted stays so when the visitor does something else meanwhile: the next run of the
    page goes on with what is left.
    """
    listed = await parts.waited(store.scenes(store.SCENES), text("scenes.waiting"))
    ids = [scene.id for scene in listed.scenes if scene.truth]
    if not ids:
        st.info(text("quality.no_truth"))
        return
    evaluation: Evaluation | None = st.session_state.get("evaluation")
    if evaluation and evaluation.model != model:
        evaluation = None
    _draw_controls(model, ids, evaluation)
    if evaluation is None:
        return
    if evaluation.running:
        try:
            await _run(evaluation, categories)
        except ApiError as error:
            parts.show_error(error, "evaluation")
        else:
            evaluation.running = False
            st.rerun()
    _draw_refused(evaluation)
    if evaluation.scored:
        await _draw_result(evaluation, categories)


def _draw_controls(model: str, ids: Sequence[str], evaluation: Evaluation | None) -> None:
    most = min(MOST, len(ids))
    running = bool(evaluation and evaluation.running)
    st.caption(text("quality.stored_how", count=number(len(ids))))
    # A look at another tab forgets the widget's number, the evaluation knows it.
    usual = len(evaluation.ids) if evaluation else USUAL
    st.session_state["how_many"] = min(st.session_state.get("how_many", usual), most)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = text("quality.how_many")
        many = st.number_input(label, 1, most, key="how_many", disabled=running, width=200)
        chosen = spread(ids, int(many))

        def start() -> None:
            if evaluation and list(evaluation.ids) == chosen and evaluation.left():
                evaluation.running = True
            else:
                st.session_state["evaluation"] = Evaluation(model, chosen)

        if evaluation and running:
            st.button(text("quality.stop"), key="stop", on_click=_stop, args=(evaluation,))
        else:
            st.button(text("quality.start"), type="primary", key="evaluate", on_click=start)


def _stop(evaluation: Evaluation) -> None:
    evaluation.running = False


def spread(ids: Sequence[str], many: int) -> list[str]:
    """Return `many` of the ids, evenly spread: neighbours are often frames of one drive."""
    return [ids[place * len(ids) // many] for place in range(many)]


async def _run(evaluation: Evaluation, categories: Sequence[Category]) -> None:
    """Ask for what is left, a few scenes at a time.

    Raises:
        ApiError: one that may pass. What was under way by then is finished, no more is asked for.
    """
    turns = asyncio.Semaphore(AT_ONCE)
    failures: list[ApiError] = []
    bar = st.progress(0.0, text("quality.first"))
    start, before = time.monotonic(), len(evaluation.scored)

    async def one(id: str) -> None:
        async with turns:
            if failures:
                return
            try:
                evaluation.add(id, await store.evaluation(id, evaluation.model))
            except ApiError as error:
                if error.may_pass:
                    failures.append(error)
                else:
                    evaluation.refused[id] = parts.explained(error)

    left = [asyncio.ensure_future(one(id)) for id in evaluation.left()]
    pending = set(left)
    try:
        while pending:
            done, pending = await asyncio.wait(
                pending, timeout=TICK_S, return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                task.result()
            if new := len(evaluation.scored) - before:
                seconds = (time.monotonic() - start) / new * len(pending)
                bar.progress(*_progress(evaluation, categories, seconds))
            else:
                bar.progress(0.0, text("quality.first"))
    finally:
        # A rerun in the midst of it leaves by an exception.
        for task in left:
            task.cancel()
    if failures:
        raise failures[0]


def _progress(
    evaluation: Evaluation, categories: Sequence[Category], seconds: float
) -> tuple[float, str]:
    done, total = len(evaluation.ids) - len(evaluation.left()), len(evaluation.ids)
    mean = tables.value(scores.mean(evaluation.iou(categories)), 3)
    said = text(
        "quality.progress", done=number(done), total=number(total), mean=mean,
        seconds=number(seconds),
    )  # fmt: skip
    return done / total, said


def _draw_refused(evaluation: Evaluation) -> None:
    """Say why scenes are missing, of the first few."""
    for id, reason in islice(evaluation.refused.items(), MOST_REFUSED):
        st.warning(parts.plain(f"{id}: {reason}"))
    if (more := len(evaluation.refused) - MOST_REFUSED) > 0:
        st.warning(text("quality.refused", count=number(more)))


async def _draw_result(evaluation: Evaluation, categories: Sequence[Category]) -> None:
    iou = evaluation.iou(categories)
    mean = scores.mean(iou)
    counts = {"done": number(len(evaluation.scored)), "total": number(len(evaluation.ids))}
    if mean is None:
        st.info(text("quality.nothing"))
        return
    caption = text("quality.result", model=evaluation.model, mean=number(mean, 3), **counts)
    parts.show_scores(caption, text("quality.added"), categories, iou, evaluation.confusion)
    await _draw_worst(evaluation.worst_first())


async def _draw_worst(rows: Sequence[SceneScore]) -> None:
    st.markdown(f"#### {text('quality.worst')}")
    before, shown = parts.page_of(rows, "worst_page", PER_PAGE)
    wanted = store.thumbnails([row.id for row in shown])
    small = await parts.waited(wanted, text("scenes.waiting"))
    for rank, (row, picture) in enumerate(zip(shown, small, strict=True), before + 1):
        with st.container(horizontal=True, vertical_alignment="center", key=f"worst_{rank}"):
            st.html(_scored(rank, row, picture), width=420)
            label, key = parts.plain(row.id), f"look_{row.id}"
            st.button(label, key=key, on_click=_look, args=(row.id,))


def _scored(rank: int, row: SceneScore, picture: Picture | None) -> str:
    mean = text("quality.scene", mean=tables.value(row.mean, 3))
    name, value = row.weakest or (tables.NONE, None)
    weakest = text("quality.weakest", category=texts.category(name), iou=tables.value(value, 3))
    return (
        f'<div class="fv-worst"><span class="fv-number">{rank}</span>{pictures.thumbnail(picture)}'
        f"<div><strong>{escape(mean)}</strong><br>{escape(weakest)}</div></div>"
    )


def _look(scene_id: str) -> None:
    """Open a scene in Explore, and have it predicted there."""
    st.query_params["view"] = "explore"
    st.query_params["id"] = scene_id
    st.session_state["wanted"] = scene_id
