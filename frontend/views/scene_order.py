"""Which scenes are shown in which order: read from the page's address, sorted and filtered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import parts
import scoring
import store
import streamlit as st
import tables
from future_vision import Category
from scoring import Key, Score
from store import SceneList
from texts import number, text

from views import model_list

PER_PAGE = 24
SCORED = 200
"""As many scenes are scored, where the order or a filter needs it: evenly spread over the list."""

PAIRED = ("differ", "better", "worse")
"""Orders by two models: where B differs most from A, is better, is worse."""

SORTS = ("name", "worst", *PAIRED)
LIMITS = ("", "0.9", "0.8", "0.7", "0.6", "0.5", "0.4", "0.3")


@dataclass(frozen=True)
class Wanted:
    """What the address says: order, filters, and the models that score (A, then B)."""

    sort: str = "name"
    category: str = ""
    """Whose IoU counts; "" for the mean of all."""
    present: str = ""
    below: str = ""
    folder: str = ""
    models: tuple[str, ...] = ()

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
    sample: Sequence[str] = ()
    """Ids of the scenes that the order or a filter wants to have scored."""
    unscored: int = 0
    """How many of the sample have no score yet; in a new session all."""
    by_name: bool = False
    """Whether the gallery's order lacks the scene around which this one is."""
    prefix: str = ""
    """How all ids begin, where the first scenes of its folder lack that scene."""


def counted(categories: Sequence[Category]) -> list[str]:
    """Return the names of the categories that the official protocol counts."""
    return [row.name for row in categories if row.name != "void"]


def read(published: model_list.Models, categories: Sequence[Category]) -> Wanted:
    """Read the address; what it does not say, or says wrongly, is as usual."""
    said = st.query_params
    names, known = list(published), counted(categories)
    a = said.get("model") if said.get("model") in names else next(iter(names), None)
    models = [] if a is None else [a]
    sort = said.get("sort", "")
    if sort not in sorts(published):
        sort = "name"
    if a is not None and sort in PAIRED:
        b = said.get("other")
        models.append(b if b in names and b != a else model_list.other_than(a, published))

    def one_of(options: Sequence[str], parameter: str) -> str:
        value = said.get(parameter, "")
        return value if value in options else ""

    return Wanted(
        sort=sort, category=one_of(known, "category"), present=one_of(known, "present"),
        below=one_of(LIMITS, "below"), folder=said.get("folder", ""), models=tuple(models),
    )  # fmt: skip


def sorts(published: model_list.Models) -> Sequence[str]:
    """Return the orders that there are with so many models."""
    return SORTS if len(published) > 1 else SORTS[: 1 + len(published)]


async def around(scene_id: str, categories: Sequence[Category]) -> Order:
    """Return the order in which scenes are stepped through from this one.

    It is the gallery's, as long as that has the scene; else that by name: of its folder where the
    first scenes of all do not have it, and of ids that begin like its own where those do not.
    """
    wanted = read(model_list.published(await store.models()), categories)
    gallery = await listed(wanted)
    if scene_id in gallery.ids:
        return gallery

    async def of(prefix: str) -> Order:
        found = await listed(Wanted(folder=prefix, models=wanted.models), scene_id)
        return replace(found, by_name=True, sample=gallery.sample, unscored=gallery.unscored)

    folder = scene_id[: scene_id.rfind("/") + 1]
    for prefix in dict.fromkeys((wanted.folder, folder)):
        order = await of(prefix)
        if scene_id in order.ids:
            return order
    if scene_id not in (await of(scene_id)).ids:
        return order  # there is no such scene
    short, long = len(folder), len(scene_id)
    while long - short > 1:  # the shortest beginning whose first scenes have it
        middle = (short + long) // 2
        if scene_id in (await of(scene_id[:middle])).ids:
            long = middle
        else:
            short = middle
    return replace(await of(scene_id[:long]), prefix=scene_id[:long])


async def listed(wanted: Wanted, around: str = "") -> Order:
    """Return the scenes that are wanted, as far as they are listed, or scored, yet.

    Args:
        wanted: order and filters.
        around: a scene after which another one is listed, if there is any.
    """
    # One more than the page's last, to know whether there is a next page.
    needed = max(store.FIRST_SCENES, 0 if wanted.scored else page() * PER_PAGE + 1)
    found = await _scenes(needed, wanted.folder)
    if not found.complete and found.scenes and found.scenes[-1].id == around:
        found = await _scenes(len(found.scenes) + 1, wanted.folder)
    truths = [scene.id for scene in found.scenes if scene.truth]
    kept = scoring.known()
    if not wanted.scored:
        ids = [scene.id for scene in found.scenes]
        return Order(ids, frozenset(truths), found.complete, _badges(ids, wanted, kept))
    sample = spread(truths, SCORED)
    ids = [id for id in sample if _passes(id, wanted, kept)]
    if wanted.sort != "name":
        ids.sort(key=lambda row: _rank(row, wanted, kept))
    unscored = len(scoring.unscored(sample, wanted.models))
    badges = _badges(ids, wanted, kept)
    return Order(ids, frozenset(truths), found.complete, badges, sample, unscored)


async def _scenes(most: int, prefix: str) -> SceneList:
    return await parts.waited(store.scenes(most, prefix), text("scenes.waiting"))


def page() -> int:
    """Return which page of the gallery the address names, from 1."""
    said = st.query_params.get("page", "1")
    last = store.LISTED // PER_PAGE
    return min(max(1, int(said)), last) if said.isdecimal() and len(said) < 9 else 1


def spread(ids: Sequence[str], most: int) -> list[str]:
    """Return at most so many of the ids, evenly spread: neighbours are often of one drive."""
    count = min(most, len(ids))
    return [ids[place * len(ids) // count] for place in range(count)]


def _values(id: str, wanted: Wanted, kept: Mapping[Key, Score]) -> list[float]:
    """Return the wanted score of a scene by each model; nothing where one has none, or not yet."""
    found = [kept.get((id, model)) for model in wanted.models]
    values = [score.of(wanted.category) if score else None for score in found]
    known = [value for value in values if value is not None]
    return known if len(known) == len(found) else []


def _rank(id: str, wanted: Wanted, kept: Mapping[Key, Score]) -> tuple[bool, float, str]:
    """Sort key of a scene; those that have no score are last."""
    values = _values(id, wanted, kept)
    value = values[-1] - values[0] if wanted.sort in PAIRED and values else sum(values)
    keys = {"worst": value, "worse": value, "better": -value, "differ": -abs(value)}
    return not values, keys[wanted.sort], id


def _passes(id: str, wanted: Wanted, kept: Mapping[Key, Score]) -> bool:
    """Whether no filter leaves a scene out; one that is not scored yet passes none."""
    score = kept.get((id, wanted.models[0])) if wanted.models else None
    if score is None:
        return not (wanted.present or wanted.below)
    value = score.of(wanted.category)
    if wanted.below and (value is None or value >= float(wanted.below)):
        return False
    return not wanted.present or wanted.present in score.present


def _badges(ids: Sequence[str], wanted: Wanted, kept: Mapping[Key, Score]) -> dict[str, str]:
    """Return what is written on the scenes' pictures: the score, or by how much B is better."""
    badges = {}
    for id in ids:
        if values := _values(id, wanted, kept):
            change = tables.difference(0.0, values[-1] - values[0], 3)
            by = f"\N{GREEK CAPITAL LETTER DELTA} {change}"
            badges[id] = by if wanted.sort in PAIRED else number(values[0], 3)
    return badges
