"""All stored scenes as small pictures that lead to them: sorted, filtered, a page at a time."""

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import address
import parts
import pictures
import scoring
import store
import streamlit as st
import texts
from future_vision import ApiError, Category
from scoring import Score
from store import SceneList
from texts import number, text

from views import model_list

NAME = "gallery"
PER_PAGE = 24
SCORED = 200
"""As many scenes of a folder are scored, where the order or a filter needs it: the first ones."""

SORTS = ("name", "worst", "differ")
LIMITS = ("", "0.9", "0.8", "0.7", "0.6", "0.5", "0.4", "0.3")
FOLDERS = 100
"""As many folders are offered; any other beginning of ids can be typed."""


@dataclass(frozen=True)
class Wanted:
    """What the address says: order, filters, and the models that score (A, then B)."""

    sort: str
    category: str
    """Whose IoU counts; "" for the mean of all."""
    present: str
    below: str
    folder: str
    models: tuple[str, ...]

    @property
    def scored(self) -> bool:
        """Whether the order or a filter needs scores."""
        return self.sort != "name" or bool(self.present or self.below)


@dataclass(frozen=True)
class Order:
    """Ids in the order that is wanted; not `complete` where the API may know more of them."""

    ids: list[str]
    truths: frozenset[str]
    """Those that have ground truth."""
    complete: bool
    badges: Mapping[str, str]
    whole: bool = True
    """Whether it is the gallery's, and not that of the folder of a scene which that lacks."""


async def show(categories: Sequence[Category]) -> None:
    """Show the gallery."""
    try:
        published = model_list.published(await store.models())
        everything = await parts.waited(store.scenes(store.FIRST_SCENES), text("scenes.waiting"))
        if not everything.scenes:
            st.info(text("scenes.none"))
            return
        wanted = _draw_choices(published, categories, everything)
        order = await ordered(wanted)
        said = st.empty()
        progress = st.container()
        await _draw_pictures(order, wanted)
        with said:
            st.caption(_said(order, wanted))
        if wanted.scored:
            with progress:
                ids = _with_truth(await _listed(wanted))
                await scoring.score(ids, wanted.models, categories, NAME)
    except ApiError as error:
        parts.show_error(error, NAME)


async def order_of(scene_id: str) -> Order:
    """Return the order in which scenes are stepped through from this one.

    It is the gallery's, as long as that has the scene; else that by name, of its folder where the
    first scenes of all do not have it.
    """
    published = model_list.published(await store.models())
    wanted = _wanted(published)
    order = await ordered(wanted)
    folder = scene_id.rpartition("/")[0]
    for prefix in (wanted.folder, f"{folder}/" if folder else ""):
        if scene_id in order.ids:
            return order
        found = await ordered(Wanted("name", "", "", "", prefix, wanted.models))
        order = replace(found, whole=False)
    return order


async def ordered(wanted: Wanted) -> Order:
    """Return the scenes that are wanted, as far as they are listed, or scored, yet."""
    listed = await parts.waited(_listed(wanted), text("scenes.waiting"))
    kept = scoring.known()
    ids = [scene.id for scene in listed.scenes]
    values = {id: _values(id, wanted, kept) for id in ids}
    if wanted.scored:
        ids = [id for id in _with_truth(listed) if _passes(id, wanted, kept)]
    if wanted.sort != "name":
        ids.sort(key=lambda row: (values[row] is None, values[row] or 0.0, row))
    badges = {id: _badge(value, wanted) for id, value in values.items() if value is not None}
    truths = frozenset(scene.id for scene in listed.scenes if scene.truth)
    return Order(ids, truths, wanted.scored or listed.complete, badges)


def _listed(wanted: Wanted) -> Awaitable[SceneList]:
    # One more than the page's last, to know whether there is a next page.
    needed = 0 if wanted.scored else _page() * PER_PAGE + 1
    return store.scenes(max(store.FIRST_SCENES, needed), wanted.folder)


def _with_truth(listed: SceneList) -> list[str]:
    return [scene.id for scene in listed.scenes if scene.truth][:SCORED]


def _values(id: str, wanted: Wanted, kept: Mapping[scoring.Key, Score]) -> float | None:
    """Return what a scene is sorted by, least first: its IoU by A, or minus the difference to B."""
    found = [kept.get((id, model)) for model in wanted.models]
    values = [score.of(wanted.category) if score else None for score in found]
    if wanted.sort != "differ":
        return values[0] if values else None
    if len(values) < 2 or values[0] is None or values[1] is None:
        return None
    return -abs(values[1] - values[0])


def _passes(id: str, wanted: Wanted, kept: Mapping[scoring.Key, Score]) -> bool:
    """Whether no filter leaves a scene out; one that is not scored yet passes none."""
    score = kept.get((id, wanted.models[0])) if wanted.models else None
    if score is None:
        return not (wanted.present or wanted.below)
    value = score.of(wanted.category)
    if wanted.below and (value is None or value >= float(wanted.below)):
        return False
    return not wanted.present or wanted.present in score.present


def _badge(value: float, wanted: Wanted) -> str:
    return f"Δ {number(-value, 3)}" if wanted.sort == "differ" else number(value, 3)


def _page() -> int:
    page = st.query_params.get("page", "1")
    last = store.LISTED // PER_PAGE
    return min(max(1, int(page)), last) if page.isdecimal() and len(page) < 9 else 1


def _wanted(published: model_list.Models) -> Wanted:
    """Read the address; what it does not say, or says wrongly, is as usual."""
    said = st.query_params
    names = list(published)
    a = said.get("model") if said.get("model") in names else next(iter(names), None)
    models = [] if a is None else [a]
    sort = said.get("sort", "")
    if sort not in SORTS or (sort == "differ" and len(names) < 2) or not models:
        sort = "name"
    if a is not None and sort == "differ":
        b = said.get("other")
        models.append(b if b in names and b != a else model_list.other_than(a, published))
    below = said.get("below", "")
    return Wanted(
        sort=sort, category=said.get("category", ""), present=said.get("present", ""),
        below=below if below in LIMITS else "", folder=said.get("folder", ""),
        models=tuple(models),
    )  # fmt: skip


def _draw_choices(
    published: model_list.Models, categories: Sequence[Category], everything: SceneList
) -> Wanted:
    """Draw order and filters; return what is wanted."""
    choose = partial(model_list.choose, resets=("page",))
    names = list(published)
    sorts = SORTS[: 1 + len(names[:2])]
    counted = ["", *(row.name for row in categories if row.name != "void")]

    def called(name: str) -> str:
        return texts.category(name) if name else text("gallery.all")

    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(width=200):
            choose("sort", text("gallery.sort"), sorts, "name", lambda n: text(f"gallery.sort.{n}"))
        wanted = _wanted(published)
        active = sum(map(bool, (wanted.category, wanted.present, wanted.below)))
        filters = text("gallery.filter") + (f" ({active})" if active else "")
        with st.popover(filters, key="filters", width=140):
            choose("present", text("gallery.present"), counted, "", called)
            choose("category", text("gallery.category"), counted, "", called)
            choose("below", text("gallery.below"), LIMITS, "", lambda n: n or text("gallery.all"))
            if names:
                choose("model", text("compare.model", letter="A"), names, names[0])
            if wanted.sort == "differ":
                a, b = wanted.models
                if st.query_params.get("other") == a:
                    address.put(other=b)
                others = [name for name in names if name != a]
                choose("other", text("compare.model", letter="B"), others, b)
        with st.container(width=280):
            _draw_folder(everything)
    return wanted


def _draw_folder(everything: SceneList) -> None:
    """Draw the choice of a folder; any beginning of ids can be typed instead."""
    folders = {id[: at + 1] for id, _ in everything.scenes for at, c in enumerate(id) if c == "/"}
    chosen = st.query_params.get("folder")
    options = sorted(folders)[:FOLDERS]
    if chosen and chosen not in options:
        options.insert(0, chosen)
    st.session_state["folder"] = chosen or None

    def remember() -> None:
        address.put(folder=st.session_state["folder"] or None, page=None)

    st.selectbox(
        text("gallery.folder"), options, index=None, key="folder", accept_new_options=True,
        placeholder=text("gallery.all"), filter_mode="contains", on_change=remember,
    )  # fmt: skip


def _said(order: Order, wanted: Wanted) -> str:
    """Say how many scenes there are, and which of them are scored."""
    count = number(len(order.ids))
    words = text("gallery.count", count=count)
    if not order.complete:
        words = text("gallery.more", count=count)
    if wanted.scored:
        models = " / ".join(map(parts.plain, wanted.models))
        words += " " + text("gallery.scored", most=number(SCORED), models=models)
    return words


async def _draw_pictures(order: Order, wanted: Wanted) -> None:
    pair = {"other": wanted.models[1]} if wanted.sort == "differ" else {}
    pages = max(1, -(-len(order.ids) // PER_PAGE))
    page = min(_page(), pages)
    shown = order.ids[(page - 1) * PER_PAGE : page * PER_PAGE]
    small = await parts.waited(store.thumbnails(shown), text("scenes.waiting"))
    with st.container(key="gallery"):
        for id, picture in zip(shown, small, strict=True):
            with st.container(key=f"thumbnail_{id}", gap=None):
                st.html(pictures.thumbnail(picture, order.badges.get(id, "")))
                label, key = parts.plain(id), f"open_{id}"
                st.button(label, key=key, on_click=address.put, kwargs={"id": id, **pair})
    if pages > 1:
        st.session_state["page"] = page

        def turn() -> None:
            address.put(page=str(st.session_state["page"]))

        st.pagination(pages, key="page", on_change=turn)
