"""Two models on many stored scenes: their scores together, and the scenes where they differ."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, NamedTuple

import address
import many
import parts
import pictures
import scores
import store
import streamlit as st
import tables
from future_vision import ApiError, Category, Picture
from scores import Evaluation
from texts import number, text

from views import model_list

MOST, USUAL = 1000, 24
"""Scenes that are compared at once: at most, and unless something else is said."""

PER_PAGE = 10

ORDERS = ("differ", "better", "worse", "worst")
"""Where B differs most from A, is better, is worse; where A is worst."""


class Row(NamedTuple):
    """A scene's mean IoU by A and by B, official protocol; None where nothing is evaluated."""

    id: str
    a: float | None
    b: float | None

    @property
    def difference(self) -> float:
        """By how much B is better, 0.0 where either has no score."""
        return 0.0 if self.a is None or self.b is None else self.b - self.a


@dataclass
class Pair:
    """What two models score on the same scenes, as far as it is known.

    Args:
        models: A and B, name:version.
        ids: of all scenes that it is about.
        running: whether the rest is wanted.
    """

    models: tuple[str, str]
    ids: Sequence[str]
    running: bool = True

    def __post_init__(self) -> None:
        self.a, self.b = (Evaluation(model, self.ids) for model in self.models)

    async def ask(self, id: str) -> None:
        """Ask for a scene's scores by both models; take in both or none.

        So what `b` says is scored, refused or left is so of both.
        """
        a, b = [await store.evaluation(id, model) for model in self.models]
        self.a.add(id, a)
        self.b.add(id, b)

    def rows(self, order: str) -> list[Row]:
        """Return the scored scenes in one of ORDERS; those of no score by A are last in "worst"."""
        rows = [Row(a.id, a.mean, self.b.scored[a.id].mean) for a in self.a.worst_first()]
        keys: dict[str, Callable[[Row], float]] = {
            "differ": lambda row: -abs(row.difference),
            "better": lambda row: -row.difference,
            "worse": lambda row: row.difference,
        }
        if order not in keys:
            return rows
        return sorted(rows, key=lambda row: (keys[order](row), row.id))


async def show(models: Mapping[str, Mapping[str, Any]], categories: Sequence[Category]) -> None:
    """Offer to compare two models, do so, and show what came of it so far.

    What is wanted stays so when the visitor does something else meanwhile: the next run of the
    page goes on with what is left.

    Raises:
        ApiError: one that may pass.
    """
    if len(models) < 2:
        st.info(text("compare.one"))
        return
    listed = await parts.waited(store.scenes(store.SCENES), text("scenes.waiting"))
    ids = [scene.id for scene in listed.scenes if scene.truth]
    if not ids:
        st.info(text("quality.no_truth"))
        return
    left, right = st.columns(2)
    a, b = model_list.choose_two(
        left, right, list(models), lambda a: model_list.other_than(a, models)
    )
    pair: Pair | None = st.session_state.get("pair")
    if pair and pair.models != (a, b):
        pair = None
    _draw_controls((a, b), ids, pair)
    if pair is None:
        return
    if pair.running:
        await _run(pair)
    parts.show_refused(pair.b.refused)
    if pair.b.scored:
        _draw_scores(pair, categories)
        await _draw_scenes(pair)


def _draw_controls(models: tuple[str, str], ids: Sequence[str], pair: Pair | None) -> None:
    most = min(MOST, len(ids))
    running = bool(pair and pair.running)
    st.caption(text("pair.how", count=number(len(ids))))
    # A look at another tab forgets the widget's number, the comparison knows it.
    usual = len(pair.ids) if pair else USUAL
    st.session_state["pair_scenes"] = min(st.session_state.get("pair_scenes", usual), most)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = text("quality.how_many")
        wanted = st.number_input(label, 1, most, key="pair_scenes", disabled=running, width=200)
        chosen = spread(ids, int(wanted))

        def start() -> None:
            if pair and list(pair.ids) == chosen and pair.b.left():
                pair.running = True
            else:
                st.session_state["pair"] = Pair(models, chosen)

        if pair and running:
            st.button(text("quality.stop"), key="pair_stop", on_click=_stop, args=(pair,))
        else:
            st.button(text("compare.start"), type="primary", key="pair_start", on_click=start)


def _stop(pair: Pair) -> None:
    pair.running = False


def spread(ids: Sequence[str], many: int) -> list[str]:
    """Return `many` of the ids, evenly spread: neighbours are often frames of one drive."""
    return [ids[place * len(ids) // many] for place in range(many)]


async def _run(pair: Pair) -> None:
    def refused(id: str, error: ApiError) -> None:
        pair.b.refused[id] = error

    left = pair.b.left()
    try:
        if left:
            await many.ask_each(left, pair.ask, refused, len(pair.ids) - len(left))
    except ApiError as error:
        parts.show_error(error, "pair")
    else:
        pair.running = False
        st.rerun()


def _draw_scores(pair: Pair, categories: Sequence[Category]) -> None:
    one, other = (evaluation.iou(categories) for evaluation in (pair.a, pair.b))
    rows = [row for row in categories if row.name in one]
    counts = {"done": number(len(pair.b.scored)), "total": number(len(pair.ids))}
    means = scores.mean(one), scores.mean(other)
    st.html(tables.pair_of_ious(text("pair.scores", **counts), rows, one, other, *means))
    st.caption(text("quality.added"))


async def _draw_scenes(pair: Pair) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        order = st.segmented_control(
            text("pair.order"), ORDERS, default=ORDERS[0], key="pair_order", required=True,
            format_func=lambda name: text(f"pair.order.{name}"), label_visibility="collapsed",
            persist_state="session",
        )  # fmt: skip
        rows = pair.rows(order or ORDERS[0])
        data = table(pair)
        st.html(pictures.saved(text("pair.csv"), "scenes.csv", "text/csv", data), width="content")
        st.button(
            text("pair.gallery"), key="pair_gallery", on_click=_open_gallery, args=pair.models
        )
    _, page = parts.page_of(rows, "pair_page", PER_PAGE)
    small = await parts.waited(store.thumbnails([row.id for row in page]), text("scenes.waiting"))
    for row, picture in zip(page, small, strict=True):
        with st.container(horizontal=True, vertical_alignment="center", key=f"thumbnail_{row.id}"):
            st.html(_scene(row, picture), width=420)
            st.button(
                parts.plain(row.id), key=f"pair_{row.id}", type="tertiary",
                on_click=model_list.open_scene, args=(row.id, *pair.models),
            )  # fmt: skip


def _open_gallery(a: str, b: str) -> None:
    """Show the gallery from the next run on, in the order of the models' differences."""
    address.put(view="scenes", sort="differ", model=a, other=b, id=None, page=None)


def _scene(row: Row, picture: Picture | None) -> str:
    said = text("pair.scene", a=tables.value(row.a, 3), b=tables.value(row.b, 3))
    change = tables.difference(row.a, row.b, 3)
    return (
        f'<div class="fv-worst"><span></span>{pictures.thumbnail(picture)}'
        f"<div><strong>{escape(change)}</strong><br>{escape(said)}</div></div>"
    )


def table(pair: Pair) -> bytes:
    """Return the scenes' scores as CSV (RFC 4180): id, A, B, B - A, with points as decimals."""
    rows: list[list[object]] = [["scene", *pair.models, "difference"]]
    for row in pair.rows("differ"):
        known = row.a is not None and row.b is not None
        rows.append([row.id, row.a, row.b, row.difference if known else None])
    return tables.as_csv(rows)
