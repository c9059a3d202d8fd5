"""What became of a batch so far, drawn anew by itself while it runs."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import address
import parts
import streamlit as st
import tables
import texts
from future_vision import ApiError, Category
from future_vision_batches import BatchClient, BatchStatus, Failure
from service import asked, begun
from texts import number, text

from views import batch_form, model_list

TICK_S = 1
"""Seconds after which the page looks whether an answer has come."""

WORKERLESS_S = 30
"""After as many seconds without a plan, no worker seems to run."""

PER_PAGE = 10


@dataclass(frozen=True)
class Report:
    """A batch's status, and the first of its failures."""

    status: BatchStatus
    failures: Sequence[Failure] = ()


class Watch:
    """A batch that is asked about again and again, in the background.

    Args:
        report: what is known of it.
    """

    def __init__(self, report: Report) -> None:
        self.report = report
        self._asking: Any = None
        self._due = time.monotonic() + report.status.pause

    def turn(self) -> None:
        """Take in an answer that has come, and ask again when it is time.

        Raises:
            ApiError: there was no answer.
        """
        if self._asking is not None and self._asking.done():
            asking, self._asking = self._asking, None
            self.report = asking.result()
            self._due = time.monotonic() + self.report.status.pause
        elif self._asking is None and time.monotonic() >= self._due:
            known = self.report
            self._asking = begun(lambda client: _ask(client, known.status.id, known))


async def show(id: str, categories: Sequence[Category], *, may_cancel: bool) -> None:
    """Show a batch; while it runs, what is shown follows it.

    Raises:
        ApiError: there is no answer.
    """
    if st.session_state.get("batch_cancel") == id:
        cancelling = asked(lambda client: client.cancel_batch(id))
        answer = parts.waited(cancelling, text("batches.cancelling"))
        await parts.granted("batch_cancel", answer, "batch_cancelled")
    asking = asked(lambda client: _ask(client, id, None))
    report = await parts.waited(asking, text("batches.waiting"))
    if not report.status.running:
        _draw(report, categories)
        return
    if may_cancel:
        _draw_cancel(id)
    watch = Watch(report)

    @st.fragment(run_every=TICK_S)
    def follow() -> None:
        # A click that comes while this is drawn may have Streamlit run its callback and then
        # nothing but this fragment: what it asked for is up to the page.
        if address.moved() or {"batch_cancel", batch_form.STARTING} & {*st.session_state}:
            st.rerun()
        try:
            watch.turn()
        except ApiError:
            st.rerun()  # the page asks once more, says what is wrong, and tries again by itself
        if not watch.report.status.running:
            st.rerun()
        _draw(watch.report, categories)

    follow()


def _ask(client: BatchClient, id: str, known: Report | None) -> Report:
    """Ask for the failures only if there are others than those that are known."""
    status = client.batch(id)
    if known and known.status.failed == status.failed:
        return Report(status, known.failures)
    return Report(status, client.failure_page(id)[0] if status.failed else ())


def _draw_cancel(id: str) -> None:
    """Draw the button that ends a batch, and the question whether that is meant."""
    if st.session_state.get("batch_sure") != id:
        st.button(text("batches.cancel"), key="batch_stop", on_click=_set, args=("batch_sure", id))
        return
    st.warning(text("batches.sure"))
    with st.container(horizontal=True):
        st.button(
            text("batches.yes"), type="primary", key="batch_yes", on_click=_cancel, args=(id,)
        )
        st.button(text("batches.no"), key="batch_no", on_click=_set, args=("batch_sure", None))


def _set(key: str, value: str | None) -> None:
    st.session_state[key] = value


def _cancel(id: str) -> None:
    _set("batch_sure", None)
    _set("batch_cancel", id)
    st.session_state.pop(batch_form.PRESSED, None)  # who starts another one now means it


def _draw(report: Report, categories: Sequence[Category]) -> None:
    status = report.status
    _draw_progress(status)
    st.html(parts.facts(_facts(status), well=status.state != "failed" and not status.failed))
    _draw_reason(status)
    if status.evaluation is not None:
        _draw_scores(status.evaluation, categories)
    if status.done and status.ids is None:
        button = text("batches.scenes")
        st.button(button, key="batch_scenes", on_click=_open_scenes, args=(status,))
    if report.failures:
        _draw_failures(report)


def _open_scenes(status: BatchStatus) -> None:
    """Show the batch's scenes in the gallery from the next run on, the worst first."""
    others = dict.fromkeys(("id", "page", "present", "category", "below"))
    sort = "name" if status.evaluation is None else "worst"
    begin = status.prefix or status.folder or None
    address.put(**others, view="scenes", sort=sort, model=status.model, folder=begin)


def _draw_progress(status: BatchStatus) -> None:
    ended = status.done + status.failed
    counts = {"ended": number(ended), "planned": number(status.planned)}
    phase = "running" if status.state != "planning" else "planning" if status.planned else "none"
    said = text(f"batches.progress.{phase}", **counts)
    st.progress(ended / status.planned if status.planned else 0.0, said)


def _facts(status: BatchStatus) -> dict[str, str]:
    made = ", ".join(text(f"batches.output.{output}") for output in status.outputs)
    time_left, took = status.seconds_left, status.seconds
    rows = {
        text("batches.state"): text(f"batches.state.{status.state}"),
        text("batches.done"): number(status.done),
        text("batches.failed"): number(status.failed),
        text("batches.left"): number(status.left),
        text("batches.rate"): tables.value(status.rate, 1),
        text("batches.took"): tables.NONE if took is None else texts.duration(took),
    }
    if status.running:
        left = tables.NONE if time_left is None else texts.duration(time_left)
        rows[text("batches.time_left")] = left
    return {**rows, text("batches.model"): status.model, text("batches.outputs"): made}


def _draw_reason(status: BatchStatus) -> None:
    """Say why nothing happens, or nothing more."""
    if status.state == "failed":
        st.warning(text("batches.ended_early", reason=parts.plain(str(status.reason))))
    elif status.state == "cancelled":
        st.caption(text("batches.stopped"))
    elif status.state == "planning" and not status.planned:
        age = (datetime.now(UTC) - status.created).total_seconds()
        if age > WORKERLESS_S:
            st.warning(text("batches.no_worker", time=texts.duration(age)))
    elif status.waiting_since is not None:
        until, since = status.waiting_until, f"{status.waiting_since:%H:%M:%S}"
        if until is None:
            st.warning(text("batches.waits", since=since))
        else:
            st.info(text("batches.waits_until", since=since, until=f"{until:%H:%M:%S}"))
    if status.left_out:
        examples = ", ".join(map(parts.plain, status.left_out_examples))
        st.caption(text("batches.left_out", count=number(status.left_out), examples=examples))


def _draw_scores(evaluation: Any, categories: Sequence[Category]) -> None:
    official = evaluation["official"]
    if official["mean_iou"] is None:
        st.info(text("quality.nothing"))
        return
    mean = number(official["mean_iou"], 3)
    caption = text("batches.scores", photos=number(evaluation["photos"]), mean=mean)
    matrix = official["confusion"]
    parts.show_scores(caption, text("batches.added"), categories, official["iou"], matrix)


def _draw_failures(report: Report) -> None:
    count = number(report.status.failed)
    st.markdown(f"**{text('batches.failures', count=count)}**")
    _, shown = parts.page_of(report.failures, "failure_page", PER_PAGE)
    for failure in shown:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                parts.plain(failure.id), key=f"failure_{failure.id}",
                on_click=model_list.open_scene, args=(failure.id, report.status.model),
            )  # fmt: skip
            st.markdown(parts.plain(failure.reason))
    if report.status.failed > len(report.failures):
        st.caption(text("batches.more_failures", count=number(len(report.failures))))
