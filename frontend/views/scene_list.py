"""Ways between the stored scenes: a searchable list, and steps in the gallery's order.

The address alone says which scene is shown, so that every view of the page is a link to itself.
"""

from collections.abc import Sequence

import address
import parts
import store
import streamlit as st
from future_vision import Category, Scene
from texts import number, text

from views import scene_order
from views.scene_order import Order


async def choose(categories: Sequence[Category]) -> Scene | None:
    """Draw the list and return the scene that the address names, else the first one.

    Returns:
        None where no scenes are stored, which the page then says.
    """
    wanted = st.query_params.get("id", "")
    order = await scene_order.around(wanted, categories)
    found = None
    if wanted and wanted not in order.ids:
        found = await store.find_scene(wanted)
        if found is None:
            st.warning(text("scenes.unknown"))
            wanted = ""
    if found is None:
        if not order.ids:
            st.info(text("scenes.none"))
            return None
        wanted = wanted or order.ids[0]
        found = Scene(wanted, truth=wanted in order.truths)
    _draw_list(order, found.id)
    return found


def _go_to(scene_id: str, order: Order) -> None:
    """Show this scene from the next run on; the gallery's page follows."""
    if not order.by_name and scene_id in order.ids:
        page = 1 + order.ids.index(scene_id) // scene_order.PER_PAGE
        address.put(id=scene_id, page=str(page))
    else:
        address.put(id=scene_id)


def _draw_list(order: Order, chosen: str) -> None:
    ids = order.ids if chosen in order.ids else [chosen]
    place = ids.index(chosen)
    st.session_state["scene"] = chosen
    whole = order.complete or (order.sample and not order.by_name)
    count = number(len(ids)) if whole else text("scenes.over", count=number(len(ids)))
    label = text("scenes.place", place=number(place + 1), count=count)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            label,
            ids,
            key="scene",
            filter_mode="contains",
            on_change=lambda: _go_to(st.session_state["scene"], order),
        )
        _step("previous", ids[place - 1] if place > 0 else None, order)
        _step("next", ids[place + 1] if place + 1 < len(ids) else None, order)
    if order.prefix:
        st.caption(text("scenes.begin", prefix=parts.plain(order.prefix)))
    if order.unscored:
        total = len(order.sample)
        counts = {"done": number(total - order.unscored), "total": number(total)}
        st.caption(text("scenes.unscored", **counts))
    elif order.by_name and order.sample:
        st.caption(text("scenes.by_name"))


def _step(name: str, target: str | None, order: Order) -> None:
    label = text(f"scenes.{name}")
    st.button(
        label, key=name, shortcut=name[0], disabled=target is None,
        on_click=_go_to, args=(target, order),
    )  # fmt: skip
