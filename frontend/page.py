"""The page: header, then one tab for the stored scenes and one for a photo of one's own."""

from html import escape
from pathlib import Path

import explore
import own_photo
import parts
import store
import streamlit as st
from future_vision import ApiError
from service import client

TITLE = "Future Vision Segmentation"
STYLE = Path(__file__).with_name("style.css")


async def show() -> None:
    """Draw the whole page."""
    st.set_page_config(page_title=TITLE, layout="wide")
    st.html(STYLE)
    try:
        st.html(_header(store.active_model()))
        categories = store.categories()
    except ApiError as error:
        st.html(_header(None))
        parts.show_error(error, "page")
        return
    explore_tab, own_tab = st.tabs(["Explore", "Your own photo"])
    with explore_tab:
        await explore.show(categories)
    with own_tab:
        await own_photo.show(categories)


def _header(model: str | None) -> str:
    active = f"Active model <code>{escape(model)}</code>" if model else "No active model"
    return (
        f'<header class="fv-header"><h1>{TITLE}</h1>'
        "<p>Sorts every pixel of a street photo into one of the Cityscapes categories.</p>"
        f'<p class="fv-meta">{active} · {_models_link()}</p></header>'
    )


def _models_link() -> str:
    try:
        address = f"{client().url}/api/models"
    except ApiError:  # no address is configured: the page says so below its header
        return "scores and terms"
    return f'<a href="{escape(address)}" target="_blank" rel="noopener">scores and terms</a>'
