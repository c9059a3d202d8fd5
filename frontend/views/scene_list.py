"""Ways to a stored scene: a searchable list, steps, small pictures, the page's address.

The address alone says which scene is shown, so that every view of the page is a link to itself.
"""

import address
import parts
import pictures
import store
import streamlit as st
from future_vision import Scene
from texts import number, text

PER_PAGE = 12
"""Small pictures on a page."""

_COLUMNS = 6


async def choose() -> Scene | None:
    """Draw the list and return the scene that the address names, else the first one.

    Returns:
        None where no scenes are stored, which the page then says.
    """
    scenes = await _scenes()
    if not scenes:
        st.info(text("scenes.none"))
        return None
    wanted = st.query_params.get("id")
    if wanted and wanted not in scenes:
        st.warning(text("scenes.unknown"))
    scene = scenes.get(wanted or "") or next(iter(scenes.values()))
    _draw_list(list(scenes), scene.id)
    return scene


async def browse() -> None:
    """Show all scenes as small pictures, a page at a time."""
    if scenes := await _scenes():
        await _draw_pictures(list(scenes))
        await complete()
    else:
        st.info(text("scenes.none"))


async def complete() -> None:
    """List the rest of the scenes, now that the first page can be seen."""
    if "listed" not in st.session_state:
        whole = await store.scenes(store.SCENES)
        st.session_state["listed"] = store.SCENES
        if len(whole.scenes) > store.FIRST_SCENES:
            st.rerun()


async def _scenes() -> dict[str, Scene]:
    """Return the scenes to choose from, by id; among them the one in the address, if it exists."""
    most = st.session_state.get("listed", store.FIRST_SCENES)
    listed = await parts.waited(store.scenes(most), text("scenes.waiting"))
    scenes = {scene.id: scene for scene in listed.scenes}
    wanted = st.query_params.get("id")
    if listed.complete or not wanted or wanted in scenes:
        return scenes
    found = await store.find_scene(wanted)
    return {found.id: found, **scenes} if found else scenes


def go_to(scene_id: str) -> None:
    """Show this scene from the next run on."""
    address.put(id=scene_id)


def _draw_list(ids: list[str], chosen: str) -> None:
    place = ids.index(chosen)
    st.session_state["scene"] = chosen
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            text("scenes.place", place=number(place + 1), count=number(len(ids))),
            ids,
            key="scene",
            filter_mode="contains",
            on_change=lambda: go_to(st.session_state["scene"]),
        )
        _step("previous", ids[place - 1] if place > 0 else None)
        _step("next", ids[place + 1] if place + 1 < len(ids) else None)


def _step(name: str, target: str | None) -> None:
    label = text(f"scenes.{name}")
    st.button(label, key=name, disabled=target is None, on_click=go_to, args=(target,))


async def _draw_pictures(ids: list[str]) -> None:
    _, shown = parts.page_of(ids, "page", PER_PAGE)
    small = await parts.waited(store.thumbnails(shown), text("scenes.waiting"))
    for start in range(0, len(shown), _COLUMNS):
        columns = st.columns(_COLUMNS, gap="small")
        row = slice(start, start + _COLUMNS)
        for column, scene_id, picture in zip(columns, shown[row], small[row], strict=False):
            with column, st.container(key=f"thumbnail_{scene_id}", gap=None):
                st.html(pictures.thumbnail(picture))
                label, key = parts.plain(scene_id), f"open_{scene_id}"
                st.button(label, key=key, on_click=go_to, args=(scene_id,))
