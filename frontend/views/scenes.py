"""View of the stored scenes: the gallery, and the one scene that the page's address names."""

from collections.abc import Sequence

import streamlit as st
from future_vision import Category

from views import gallery, scene


async def show(categories: Sequence[Category]) -> None:
    """Show the scene that the address names (`id`), else the gallery."""
    if "id" not in st.query_params:
        await gallery.show(categories)
        return
    await scene.show(categories)
