"""All stored scenes as small pictures that lead to them: sorted, filtered, a page at a time."""

from collections.abc import Callable, Sequence
from functools import partial

import address
import parts
import pictures
import scoring
import store
import streamlit as st
import texts
from future_vision import ApiError, Category
from store import SceneList
from texts import number, text

from views import gallery_scores, model_list, scene_order
from views.scene_order import LIMITS, PAIRED, PER_PAGE, Order, Wanted

NAME = "gallery"
FOLDERS = 100
"""As many folders are offered; any other beginning of ids can be typed."""


async def show(categories: Sequence[Category]) -> None:
    """Show the gallery."""
    try:
        published = model_list.published(await store.models())
        first = await parts.waited(store.scenes(store.FIRST_SCENES), text("scenes.waiting"))
        if not first.scenes:
            st.info(text("scenes.none"))
            return
        wanted = _draw_choices(published, categories, first)
        order = await scene_order.listed(wanted)
        said = st.empty()
        progress = st.container()
        await _draw_pictures(order, wanted)
        with said:
            st.caption(_said(order, wanted))
        if wanted.scored:
            with progress:
                gallery_scores.show(order.sample, wanted.models, categories)
                await scoring.score(order.sample, wanted.models, categories)
    except ApiError as error:
        parts.show_error(error, NAME)


def _draw_choices(
    published: model_list.Models, categories: Sequence[Category], first: SceneList
) -> Wanted:
    """Draw order and filters; return what is wanted."""
    names = list(published)
    counted = ["", *scene_order.counted(categories)]
    # In the popover nobody would see what is wrong with a link.
    choose = partial(model_list.choose, resets=("page",), warn=st.container())

    def called(none: str) -> Callable[[str], str]:
        return lambda name: texts.category(name) if name else none

    def limit(value: str) -> str:
        return number(float(value), 1) if value else text("gallery.any")

    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(width=200):
            sorts = scene_order.sorts(published)
            choose("sort", text("gallery.sort"), sorts, "name", lambda n: text(f"gallery.sort.{n}"))
        wanted = scene_order.read(published, categories)
        active = sum(map(bool, (wanted.category, wanted.present, wanted.below)))
        filters = text("gallery.filter") + (f" ({active})" if active else "")
        with st.popover(filters, key="filters", width=140):
            choose("present", text("gallery.present"), counted, "", called(text("gallery.any")))
            choose("category", text("gallery.category"), counted, "", called(text("gallery.mean")))
            choose("below", text("gallery.below"), LIMITS, "", limit)
            if names:
                choose("model", text("compare.model", letter="A"), names, names[0])
            if wanted.sort in PAIRED:
                a, b = wanted.models
                if st.query_params.get("other") == a:
                    address.correct(other=b)
                others = [name for name in names if name != a]
                choose("other", text("compare.model", letter="B"), others, b)
        with st.container(width=280):
            _draw_folder(first)
    return wanted


def _draw_folder(first: SceneList) -> None:
    """Draw the choice of a folder; any beginning of ids can be typed instead."""
    folders = {id[: at + 1] for id, _ in first.scenes for at, c in enumerate(id) if c == "/"}
    chosen = st.query_params.get("folder")
    options = sorted(folders)[:FOLDERS]
    if chosen and chosen not in options:
        options.insert(0, chosen)
    st.session_state["folder"] = chosen or None
    some = not first.complete or len(folders) > FOLDERS
    help = text("gallery.folders", count=number(len(first.scenes))) if some else None

    def remember() -> None:
        address.put(folder=st.session_state["folder"] or None, page=None)

    st.selectbox(
        text("gallery.folder"), options, index=None, key="folder", accept_new_options=True,
        placeholder=text("gallery.all"), filter_mode="contains", on_change=remember, help=help,
    )  # fmt: skip


def _said(order: Order, wanted: Wanted) -> str:
    """Say how many scenes there are, and which of them are scored."""
    count = number(len(order.ids))
    if not wanted.scored:
        said = text("gallery.count", count=count)
        return said if order.complete else text("gallery.more", count=count)
    total = len(order.sample)
    counts = {"done": number(total - order.unscored), "total": number(total)}
    models = " / ".join(map(parts.plain, wanted.models))
    words = [text("gallery.count", count=count), text("gallery.scored", **counts, models=models)]
    if total < len(order.truths):
        words.append(text("gallery.sampled", all=number(len(order.truths))))
    if not order.complete:
        words.append(text("gallery.first", count=number(store.FIRST_SCENES)))
    return " ".join(words)


async def _draw_pictures(order: Order, wanted: Wanted) -> None:
    # What opens is by the models of the score that is written on it.
    models = dict(zip(("model", "other"), wanted.models, strict=False)) if wanted.scored else {}
    pages = max(1, -(-len(order.ids) // PER_PAGE))
    page = min(scene_order.page(), pages)
    # Scenes that are not scored yet may still pass the filter, and fill more pages.
    if not order.unscored and st.query_params.get("page", "1") != str(page):
        address.correct(page=str(page))
    shown = order.ids[(page - 1) * PER_PAGE : page * PER_PAGE]
    small = await parts.waited(store.thumbnails(shown), text("scenes.waiting"))
    with st.container(key="gallery"):
        for id, picture in zip(shown, small, strict=True):
            with st.container(key=f"thumbnail_{id}", gap=None):
                st.html(pictures.thumbnail(picture, order.badges.get(id, "")))
                label, key = parts.plain(id), f"open_{id}"
                st.button(label, key=key, on_click=address.put, kwargs={"id": id, **models})
    if pages > 1:
        st.session_state["page"] = page

        def turn() -> None:
            address.put(page=str(st.session_state["page"]))

        st.pagination(pages, key="page", on_change=turn)
