"""The form that starts a batch, and says beforehand what that means."""

import asyncio
import os
import time
from collections.abc import Sequence
from typing import Any

import address
import identity
import parts
import store
import streamlit as st
from future_vision import ApiError
from future_vision_batches import BatchStatus
from service import begun, keyed
from texts import number, text

from views import model_list

OUTPUTS = ("masks", "evaluation")
STARTING, REFUSAL, PRESSED = "batch_starting", "batch_refused", "batch_pressed"
DOUBLE_CLICK_S = 1.0
TICK_S = 0.1


def offered() -> bool:
    """Whether visitors may start and cancel batches: EXPLORER_BATCHES is "start", not "view".

    By default they may where they could call the API themselves just as well, and may not where
    the explorer's own key or identity would have them work at its owner's expense.
    """
    given = os.environ.get("EXPLORER_BATCHES", "").strip().lower()
    return given == "start" if given else not (keyed() or identity.audience())


async def show(models: Sequence[str]) -> None:
    """Draw the form, and start the batch that is wanted: the page's address names it then.

    Args:
        models: the published ones, at least one, that which is offered first.
    """
    st.caption(text("batches.what"))
    chosen = _draw_photos()
    left, right = st.columns(2, vertical_alignment="bottom")
    with left:
        model = model_list.choose("model", text("batches.model"), models, models[0])
    with right, st.container(horizontal=True):
        outputs = [name for name in OUTPUTS if _toggle(name)]
    missing = _missing(chosen, outputs)
    if missing is None:
        missing = await _draw_consequences(chosen, model, outputs)
    if missing:
        st.info(missing)
    wanted = {**chosen, "model": model, "outputs": outputs}
    st.button(
        text("batches.start"), type="primary", key="batch_start", on_click=_want, args=(wanted,),
        disabled=bool(missing),
    )  # fmt: skip
    _draw_refusal()


def _draw_photos() -> dict[str, str]:
    """Draw the choice of photos; return what the API is to be told of it."""
    kind: str | None = st.segmented_control(
        text("batches.photos"),
        ["all", "folder", "prefix"],
        default="all",
        format_func=lambda name: text(f"batches.photos.{name}"),
        key="batch_photos",
        required=True,
        persist_state="session",
    )
    if kind is None or kind == "all":
        return {}
    label = text(f"batches.named.{kind}")
    return {kind: st.text_input(label, key=f"batch_{kind}", persist_state="session").strip()}


def _toggle(name: str) -> bool:
    label = text(f"batches.make.{name}")
    return st.toggle(label, value=True, key=f"batch_{name}", persist_state="session")


def _missing(chosen: dict[str, str], outputs: Sequence[str]) -> str | None:
    for kind, value in chosen.items():
        if not value:
            return text(f"batches.say.{kind}")
    return None if outputs else text("batches.say.outputs")


async def _draw_consequences(
    chosen: dict[str, str], model: str, outputs: Sequence[str]
) -> str | None:
    """Say what starting will do, as far as that is known; return why it cannot be done."""
    words = {name: parts.plain(value) for name, value in {**chosen, "model": model}.items()}
    kind = next(iter(chosen), "all")
    if kind != "folder":
        count, complete = await store.count(chosen.get("prefix", ""))
        if not count:
            return text("batches.no_photos")
        rounded = number(count)
        words["about"] = (
            text("batches.about", count=rounded)
            if complete
            else text("batches.more", count=rounded)
        )
    said = [text(f"batches.will.{kind}", **words)]
    said += [text(f"batches.will.{output}") for output in outputs]
    said.append(text("batches.will.paid"))
    listed = "\n".join(f"- {sentence}" for sentence in said)
    st.markdown(f"**{text('batches.will')}**\n\n{listed}")
    return None


def _want(wanted: dict[str, Any]) -> None:
    """Start a batch, once: a second try might start, and cost, a second one.

    The session keeps what is under way, so that a click meanwhile does not lose it.
    """
    now = time.monotonic()
    if STARTING in st.session_state:
        return
    if now - st.session_state.get(PRESSED, -DOUBLE_CLICK_S) >= DOUBLE_CLICK_S:
        st.session_state[STARTING] = begun(lambda client: client.start_batch(**wanted))
    st.session_state[PRESSED] = now


def _draw_refusal() -> None:
    error: ApiError | None = st.session_state.pop(REFUSAL, None)
    if error is None:
        return
    st.error(parts.plain(parts.explained(error)))
    if error.may_pass:
        st.warning(text("batches.perhaps"))


async def _answer(starting: Any) -> BatchStatus:
    while not starting.done():
        await asyncio.sleep(TICK_S)
    started: BatchStatus = starting.result()
    return started


async def finish() -> None:
    """Await the batch that is being started, if any, and have the address name it."""
    starting = st.session_state.get(STARTING)
    if starting is None:
        return
    try:
        started = await parts.waited(_answer(starting), text("batches.starting"))
        address.put(batch=started.id)
    except ApiError as error:
        st.session_state[REFUSAL] = error
    del st.session_state[STARTING]
