"""View of batches: start one, choose one, watch it, cancel it."""

from collections.abc import Sequence

import parts
import store
import streamlit as st
from future_vision import ApiError, Category
from future_vision_batches import Batch
from service import asked
from texts import number, text

from views import batch_form, batch_report, model_list

NAME = "batches"

LISTED = 50
"""As many of the latest batches can be chosen; a link opens any other."""


async def show(categories: Sequence[Category]) -> None:
    """Offer to start a batch, and show the one that the page's address names."""
    await batch_form.finish()
    listing = asked(lambda client: client.batches(LISTED))
    try:
        listed = await parts.waited(listing, text("batches.waiting"))
    except ApiError as error:
        if error.status == 404:
            st.info(text("batches.missing"))
        else:
            parts.show_error(error, NAME)
        return
    try:
        await _draw_form()
        st.markdown(f"### {text('batches.latest')}")
        await _draw_batches({batch.id: batch for batch in listed}, categories)
    except ApiError as error:
        parts.show_error(error, NAME)


async def _draw_form() -> None:
    """Draw the form, where it is offered."""
    models = list(model_list.published(await store.models()))
    if not batch_form.offered():
        st.caption(text("batches.hidden"))
    elif not models:
        st.info(text("quality.no_model"))
    else:
        # Whoever follows a batch is not in want of another one.
        with st.expander(text("batches.new"), expanded="batch" not in st.query_params):
            await batch_form.show(models)


async def _draw_batches(batches: dict[str, Batch], categories: Sequence[Category]) -> None:
    wanted = st.query_params.get("batch")
    if wanted and wanted not in batches and (found := await _find(wanted)):
        batches = {found.id: found, **batches}
    if not batches:
        st.info(text("batches.none"))
        return
    newest = next(iter(batches))
    names = {batch.id: said(batch) for batch in batches.values()}
    label = text("batches.choose")
    chosen = model_list.choose("batch", label, list(batches), newest, names.__getitem__)
    await batch_report.show(chosen, categories, may_cancel=batch_form.offered())


async def _find(id: str) -> Batch | None:
    try:
        return await asked(lambda client: client.batch(id))
    except ApiError as error:
        if error.status != 404:
            raise
        return None


def said(batch: Batch) -> str:
    """Return what a batch is called: when, which photos, by which model."""
    chosen = []
    if batch.ids is not None:
        chosen.append(text("batches.chose.ids", count=number(batch.ids)))
    if batch.folder:
        chosen.append(text("batches.chose.folder", folder=batch.folder.rstrip("/")))
    if batch.prefix:
        chosen.append(text("batches.chose.prefix", prefix=batch.prefix))
    photos = ", ".join(chosen) or text("batches.chose.all")
    return f"{batch.created:%Y-%m-%d %H:%M:%S} UTC · {photos} · {batch.model}"
