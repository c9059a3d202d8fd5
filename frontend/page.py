"""The page: header, language, and a tab for each thing that people do here."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from html import escape
from pathlib import Path

import address
import parts
import store
import streamlit as st
import texts
import viewer
from future_vision import ApiError, Category
from texts import text
from views import batches, own_photo, quality, scenes, use_api

TITLE = "Future Vision Segmentation"
HERE = Path(__file__).parent

View = Callable[[Sequence[Category]], Awaitable[None]]
VIEWS: dict[str, View] = {
    "scenes": scenes.show,
    "photo": own_photo.show,
    "quality": quality.show,
    "batches": batches.show,
    "api": use_api.show,
}
"""What the address calls them (?view=), in the order of the tabs."""


async def show() -> None:
    """Draw the whole page."""
    address.settle()
    _follow_former_link()
    st.set_page_config(page_title=TITLE, layout="wide")
    st.html(HERE / "style.css")
    st.html(HERE / "viewer.css")
    viewer.start()
    address.draw_field()
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        header = st.empty()
        header.html(_header(None))
        _draw_languages()
    try:
        asked = asyncio.gather(store.categories(), store.models())
        categories, models = await parts.waited(asked, text("page.waiting"))
    except ApiError as error:
        parts.show_error(error, "page")
        return
    header.html(_header(models.get("active")))
    await _show_view(categories)


def _follow_former_link() -> None:
    """Turn a link to the former views Explore and Compare, of models `a` and `b`, into today's."""
    said = st.query_params
    if said.get("view") in ("explore", "compare"):
        model, other = said.get("a", said.get("model")), said.get("b", said.get("other"))
        address.correct(view="scenes", model=model, other=other, a=None, b=None)


async def _show_view(categories: Sequence[Category]) -> None:
    """Draw the tabs and run the one that is open; the address names it."""
    names = {text(f"tab.{view}"): view for view in VIEWS}
    key = f"view_{texts.language()}"
    wanted = st.query_params.get("view", "")
    label = text(f"tab.{wanted if wanted in VIEWS else next(iter(VIEWS))}")
    if st.session_state.get(key) != label:
        st.session_state[key] = label

    def remember() -> None:
        address.put(view=names[st.session_state[key]])

    tabs = st.tabs(list(names), key=key, on_change=remember)
    for tab, view in zip(tabs, names.values(), strict=True):
        if tab.open:
            with tab:
                await VIEWS[view](categories)


def _draw_languages() -> None:
    def remember() -> None:
        address.put(lang=st.session_state["language"])

    st.session_state["language"] = texts.language()
    st.segmented_control(
        "Language · Langue",
        list(texts.LANGUAGES),
        format_func=texts.LANGUAGES.__getitem__,
        key="language",
        on_change=remember,
        required=True,
        label_visibility="collapsed",
    )


def _header(model: str | None) -> str:
    active = f" {text('page.model')} <code>{escape(model)}</code>" if model else ""
    return (
        f'<header class="fv-header" data-fv-lang="{texts.language()}"><h1>{TITLE}</h1>'
        f"<p>{escape(text('page.what'))}{active}</p></header>"
    )
